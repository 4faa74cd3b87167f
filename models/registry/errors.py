"""What can go wrong with a registry, in words that do not need MLflow's."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from monitoring.credentials import redacted
from monitoring.errors import UserError

# Answers of a server that is there but can't: its own errors and a gateway's.
_DOWN = {"INTERNAL_ERROR", "TEMPORARILY_UNAVAILABLE", "REQUEST_LIMIT_EXCEEDED", "DEADLINE_EXCEEDED"}


class RegistryError(UserError, RuntimeError):
    """The registry refused a call; the message carries its reason."""


class RegistryUnavailable(RegistryError):  # noqa: N818 - it is a state of the world
    """The registry does not answer, or answers that it can't just now. What is served is not affected."""


class NotRegistered(RegistryError):  # noqa: N818
    """The registry has no such ranker, version or alias."""


@contextmanager
def translated(uri: str) -> Iterator[None]:
    """Turn MLflow's and its transport's errors into the three above.

    MLflow reports a dead server as an MlflowException whose code is INTERNAL_ERROR, and a refused request as
    its subclass RestException with the server's own code.
    """
    from mlflow.exceptions import MlflowException
    from requests.exceptions import RequestException

    try:
        yield
    except MlflowException as error:
        if error.error_code == "RESOURCE_DOES_NOT_EXIST":
            raise NotRegistered(redacted(str(error))) from error
        if error.error_code in _DOWN:
            raise RegistryUnavailable(f"MLflow at {uri} does not answer: {_cause(error)}") from error
        raise RegistryError(f"{uri}: {_first_line(error)}") from error
    except (RequestException, ConnectionError, TimeoutError) as error:
        raise RegistryUnavailable(f"MLflow at {uri} does not answer: {_cause(error)}") from error


def _cause(error: BaseException) -> str:
    """The innermost reason, which is the one that says what to do: "[Errno 111] Connection refused"."""
    seen: BaseException = error
    while (inner := seen.__cause__ or seen.__context__) is not None:
        seen = inner
    return _first_line(seen)


def _first_line(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return redacted(lines[0][:300]) if lines else type(error).__name__

"""The registry's failures have names."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from mlflow.exceptions import MlflowException
from requests.exceptions import ConnectTimeout

from models.registry import NotRegistered, Registry, RegistryError, RegistryUnavailable
from models.registry.errors import translated

pytestmark = pytest.mark.shares("mlflow")


@pytest.mark.parametrize(
    "call",
    [
        lambda registry, _: registry.aliases("registered"),
        lambda registry, folder: registry.download("registered", "1", folder),
        lambda registry, folder: registry.log_version(folder),
        lambda registry, _: registry.set_tags("registered", "1", {"a": "b"}),
    ],
)
def test_a_dead_server_fails_fast(call: Callable[[Registry, Path], object], package: Path) -> None:
    """Nothing listens: an error of its own within a second, not minutes of retries."""
    started = time.monotonic()
    with pytest.raises(RegistryUnavailable, match=r"MLflow at .* does not answer: .*refused"):
        call(Registry("http://127.0.0.1:1"), package)
    assert time.monotonic() - started < 2


def test_unknown_things_are_named(registry: Registry, number: str, tmp_path: Path) -> None:
    """No such ranker is no aliases; no such version is an error, also where MLflow would take it."""
    assert registry.aliases("nobody") == {}
    assert registry.versions("nobody") == []
    with pytest.raises(NotRegistered, match="version=99"):
        registry.set_alias("registered", "champion", "99")
    with pytest.raises(NotRegistered, match="nobody"):
        registry.download("nobody", "1", tmp_path / "1")
    assert list(tmp_path.iterdir()) == []


def mlflow_error(message: str, code: str) -> MlflowException:
    error = MlflowException(message)
    error.error_code = code
    return error


@pytest.mark.parametrize(
    ("raised", "kind", "sentence"),
    [
        (mlflow_error("no such version", "RESOURCE_DOES_NOT_EXIST"), NotRegistered, "no such version"),
        (
            mlflow_error("too many", "REQUEST_LIMIT_EXCEEDED"),
            RegistryUnavailable,
            "MLflow at http://here does not answer: too many",
        ),
        (
            mlflow_error("bad name\nat line 3", "INVALID_PARAMETER_VALUE"),
            RegistryError,
            "http://here: bad name",
        ),
        (ConnectTimeout("slow"), RegistryUnavailable, "MLflow at http://here does not answer: slow"),
        (TimeoutError(), RegistryUnavailable, "MLflow at http://here does not answer: TimeoutError"),
    ],
)
def test_errors_of_mlflow_get_our_names(raised: Exception, kind: type[Exception], sentence: str) -> None:
    """One line each; of a chain the innermost reason, which says what to do."""
    with pytest.raises(RegistryError) as found, translated("http://here"):
        raise raised
    assert type(found.value) is kind
    assert str(found.value) == sentence
    assert found.value.__cause__ is raised


def test_the_innermost_reason_is_told() -> None:
    """A refused connection, not the retries that gave up on it."""
    error = mlflow_error("Max retries exceeded", "INTERNAL_ERROR")
    error.__cause__ = ConnectionError("refused")
    with pytest.raises(RegistryUnavailable, match="does not answer: refused"), translated("http://here"):
        raise error


def test_other_errors_pass_through() -> None:
    """A mistake of our own is no failure of the registry."""
    with pytest.raises(KeyError), translated("http://here"):
        raise KeyError("x")

"""`PUT /experiments`: the same change as `ballast experiment apply`, over HTTP, with a bearer token."""

from __future__ import annotations

import asyncio
import hmac
import json
import subprocess
import sys
import tempfile
from dataclasses import asdict
from typing import Any
from urllib.parse import parse_qs

import orjson
import yaml

from bentos.control.experiments import changes
from bentos.control.experiments.changes import Change
from bentos.control.experiments.compare_and_swap import (
    Base,
    ChangeError,
    Conflict,
    base_of,
    refuse_moved,
    refuse_unsettled,
)
from bentos.environment import ROOT
from bentos.home.rollouts import as_served
from bentos.home.state import Home
from bentos.http.asgi import Answer, Request
from bentos.settings import Settings
from bentos.wire.problems import Problem, invalid, shown
from experiments.config.check import parse
from experiments.config.declared_file import LIMIT
from experiments.config.live import Live
from experiments.config.problems import ConfigError

DIFF_SECONDS = 60.0
_DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)  # libyaml's takes a tenth: a megabyte in .3 s
_KEYS = ("dry_run", "epoch", "reason", "by")
_LONGEST = 1000  # characters of a reason or a name


class ExperimentsEndpoint:
    """Answers `PUT /experiments`. The diff reads the log, in a process of its own: a worker has no DuckDB."""

    def __init__(self, settings: Settings) -> None:
        self._home = Home(settings.ranker_home)
        self._file = settings.experiments
        self._token = None if settings.token is None else settings.token.get_secret_value().encode()

    async def put(self, request: Request) -> Answer:
        """Check, diff, swap, wait. 202 where the file is written and not every worker has taken it up yet.

        Raises:
            Problem: 400 for a body that is no text, 401 and 403 without the token, 405 where none is set,
                412 where somebody else changed the experiments, 422 for what doesn't hold, 428 without epoch.
        """
        self._authorise(request)
        return await asyncio.to_thread(self._put, _query(request.query), _text(request))

    def _authorise(self, request: Request) -> None:
        if self._token is None:
            detail = (
                "PUT /experiments is off: set BALLAST_TOKEN for the service, and send it as a bearer token"
            )
            raise Problem(405, detail, headers=((b"allow", b"GET"),))
        given = request.header(b"authorization")
        scheme, _, token = given.partition(b" ")
        if scheme.lower() != b"bearer":
            detail = "authorization: it needs the bearer token of BALLAST_TOKEN"
            raise Problem(401, detail, headers=((b"www-authenticate", b'Bearer realm="ballast"'),))
        if not hmac.compare_digest(token.strip(), self._token):
            raise Problem(403, "authorization: this is not the token that BALLAST_TOKEN has")

    def _put(self, query: dict[str, str], text: str) -> Answer:
        try:
            return self._changed(query, text)
        except ConfigError as error:
            problems = [{**each._asdict(), "value": shown(each.value)} for each in error.problems]
            raise Problem(422, str(error), more={"problems": problems}) from error
        except Conflict as error:
            now = {"epoch": error.epoch, "experiments": error.digest}
            raise Problem(412, str(error), more=now) from error
        except ChangeError as error:
            raise Problem(503, str(error)) from error

    def _changed(self, query: dict[str, str], text: str) -> Answer:
        new = parse(text, self._file.name)
        dry_run = _flag(query)
        epoch = _epoch(query)
        base = base_of(self._home, self._file)
        refuse_moved(self._home, base, epoch)
        refuse_unsettled(self._home, self._file, base)
        if dry_run:
            return self._tried(new, base)
        if epoch is None:
            raise Problem(
                428,
                "epoch: missing: it must be the epoch that the change was made for, from GET /experiments",
            )
        change = Change(text, _said(query, "by"), _said(query, "reason"))
        return self._committed(new, change, base, epoch)

    def _tried(self, new: Live, base: Base) -> Answer:
        """What the change would do; nothing is written."""
        after = as_served(self._home, new).digest
        found = {"dry_run": True, "epoch": base.epoch, "before": base.digest, "after": after}
        return Answer(orjson.dumps(found | self._difference(new, base)))

    def _committed(self, new: Live, change: Change, base: Base, epoch: int) -> Answer:
        """The change made: 202 where a worker has still to take it up."""
        difference = self._difference(new, base)
        done = changes.commit(self._home, self._file, base, change, epoch)
        return Answer(orjson.dumps(asdict(done) | difference), 202 if done.seconds is None else 200)

    def _difference(self, new: Live, base: Base) -> dict[str, Any]:
        """What `ballast experiment diff` says of the change: units that move, and sentences."""
        with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as file:
            file.write(new.to_json())
            file.flush()
            command = [sys.executable, "-m", "bentos", "experiment", "diff", file.name, "--json"]
            try:
                done = subprocess.run(  # noqa: S603 - our own command on a file of ours
                    command, cwd=ROOT, capture_output=True, text=True, timeout=DIFF_SECONDS, check=False
                )
            except subprocess.TimeoutExpired as error:
                raise ChangeError(f"the diff took more than {DIFF_SECONDS:.0f} s") from error
        if done.returncode:
            raise ChangeError(f"the diff can't be made: {done.stderr.strip()[-500:]}")
        told = json.loads(done.stdout)
        if told["old"] != base.digest:
            refuse_moved(self._home, base)
        return {"units": told["units"], "sentences": [*told["sentences"], *told["warnings"]]}


def _query(query: bytes) -> dict[str, str]:
    given = parse_qs(query.decode("latin-1"), keep_blank_values=True)
    for name, values in given.items():
        if name not in _KEYS:
            raise invalid(name, values[0], f"is not one of {', '.join(_KEYS)}")
    return {name: values[-1] for name, values in given.items()}


def _flag(query: dict[str, str]) -> bool:
    value = query.get("dry_run", "0")
    if value not in {"0", "1"}:
        raise invalid("dry_run", value, "must be 0 or 1")
    return value == "1"


def _epoch(query: dict[str, str]) -> int | None:
    value = query.get("epoch")
    if value is not None and not (value.isascii() and value.isdigit() and len(value) < 16):
        raise invalid("epoch", value, "must be the number of an epoch")
    return None if value is None else int(value)


def _said(query: dict[str, str], name: str) -> str:
    """What the change goes on record with: in whose name, and why."""
    value = query.get(name, "").strip()
    if not value or len(value) > _LONGEST:
        raise invalid(name, value, f"is needed, for the record: 1 to {_LONGEST} characters")
    return value


def _text(request: Request) -> str:
    """The file's text; a JSON document as the YAML that says the same."""
    if len(request.body) > LIMIT:
        raise Problem(413, f"body: {len(request.body)} bytes: at most {LIMIT} for a live.yaml")
    try:
        text = request.body.decode()
    except UnicodeDecodeError as error:
        raise Problem(400, f"body: is not UTF-8: {error.reason} at byte {error.start}") from error
    if not request.header(b"content-type").startswith(b"application/json"):
        return text
    try:
        document = orjson.loads(request.body)
        written: str = yaml.dump(document, Dumper=_DUMPER, sort_keys=False, allow_unicode=True, width=110)
    except orjson.JSONDecodeError as error:
        raise Problem(400, f"body: is not JSON: {error}") from error
    except RecursionError as error:
        raise Problem(422, "body: is nested too deeply") from error
    return written

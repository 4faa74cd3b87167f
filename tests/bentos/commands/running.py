"""Runs a command as a person or a pipeline does."""

from __future__ import annotations

import json
from typing import Any

from typer.testing import CliRunner, Result

from bentos.cli import app


def run(*arguments: object) -> Result:
    """`ballast …` in this process: its exit code, and both streams."""
    return CliRunner().invoke(app, [*map(str, arguments)])


def said(*arguments: object) -> Any:
    """What `ballast … --json` says; it must succeed."""
    done = run(*arguments, "--json")
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def told(done: Result) -> str:
    """What stands on standard error, on one line and without a frame."""
    return " ".join(done.stderr.replace("│", " ").split())


def mistake(*arguments: object) -> BaseException:
    """The error that `ballast …` refuses with: shown as one sentence, with status 2."""
    done = run(*arguments)
    assert done.exit_code == 2, done.output
    assert done.exception is not None
    exit_ = done.exception.__context__
    assert exit_ is not None
    error = exit_.__cause__
    assert error is not None
    assert told(done) == " ".join(f"error: {error}".split())
    return error

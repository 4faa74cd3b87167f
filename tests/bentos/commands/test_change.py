"""What `ballast experiment apply`, `stop` and `resume` share."""

from __future__ import annotations

import getpass
import json

import pytest
import typer

from bentos.commands.change import person_and_reason, refusals, tell
from bentos.control.experiments.changes import Applied
from bentos.control.experiments.compare_and_swap import ChangeError, Conflict
from experiments.config.check import parse


def test_a_change_needs_a_reason_and_has_a_name() -> None:
    """The name is the system's where none is given."""
    assert person_and_reason("ana", " b harms ") == ("ana", "b harms")
    assert person_and_reason("", "w") == (getpass.getuser(), "w")
    with pytest.raises(typer.BadParameter, match="--why: a change of what runs needs a reason"):
        person_and_reason("ana", "  ")


def test_what_every_worker_serves_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    done = Applied("before", "after", 3, 0.4, ())
    tell(done, {"units": 5}, as_json=False)
    assert "after is live: every worker serves epoch 3 after 0.4 s" in capsys.readouterr().out
    tell(done, {"units": 5}, as_json=True)
    said = json.loads(capsys.readouterr().out)
    assert (said["units"], said["after"], said["epoch"], said["seconds"]) == (5, "after", 3, 0.4)


def test_what_not_every_worker_serves_is_status_3(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit) as exit_:
        tell(Applied("before", "after", 3, None, ("worker 7: no such version",)), {}, as_json=False)
    told = " ".join(capsys.readouterr().err.split())
    assert exit_.value.exit_code == 3
    assert "! worker 7: no such version" in told
    assert "the file is written, but not every worker serves it after" in told


def test_a_file_that_does_not_hold_is_status_1(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit) as exit_, refusals(as_json=True):
        parse("version: 7\n", "live.yaml")
    said = json.loads(capsys.readouterr().out)
    assert exit_.value.exit_code == 1
    assert (said["ok"], said["problems"][0]["path"]) == (False, "version")


def test_a_conflict_is_status_4_and_says_what_is_live(capsys: pytest.CaptureFixture[str]) -> None:
    for as_json in (True, False):
        with pytest.raises(typer.Exit) as exit_, refusals(as_json):
            raise Conflict("somebody was faster", 9, "abc")
        assert exit_.value.exit_code == 4
    written = capsys.readouterr()
    said = json.loads(written.out)
    assert (said["epoch"], said["experiments"], said["error"]) == (9, "abc", "somebody was faster")
    assert written.err == "somebody was faster\n"


def test_other_mistakes_are_the_command_line_s() -> None:
    with pytest.raises(ChangeError), refusals(as_json=False):
        raise ChangeError("no")

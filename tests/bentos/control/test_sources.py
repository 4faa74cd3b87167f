"""What the Steward follows: the registry's aliases, live.yaml, the current catalogue; on real files."""

from __future__ import annotations

from pathlib import Path

from bentos.control.sources import Aliases, LiveFile
from bentos.home.state import Home
from experiments.config.live import Live
from models.registry import Registry
from tests.bentos.files import LIVE
from tests.bentos.home.clock import Clock

GOOD = LIVE % "7"


def test_a_good_edit_is_compiled_and_a_bad_one_is_told_by_line(tmp_path: Path) -> None:
    """The last good live.yaml stays; what is wrong has line, path and rule; a good edit clears it."""
    home, path = Home(tmp_path / "home"), tmp_path / "live.yaml"
    path.write_text(GOOD)
    followed = LiveFile(path, home)
    assert followed.poll()
    assert not followed.poll()
    digest = followed.digest
    assert Live.from_json(home.compiled(digest).read_bytes()).models == ("@champion", "7")
    path.write_text(GOOD.replace("weight: 0.5}\n          - {name: b", "weight: 1.5}\n          - {name: b"))
    assert followed.poll()
    assert followed.digest == digest
    assert followed.error is not None
    assert "live.yaml:14: layers[0].experiments[0].variants[0].weight: 1.5" in followed.error
    assert followed.problems[0].line == 14
    path.write_text(GOOD.replace('"7"', '"8"'))
    assert followed.poll()
    assert followed.error is None
    assert followed.digest != digest


def test_the_last_good_one_survives_a_restart(tmp_path: Path) -> None:
    """A Steward that starts on a broken live.yaml goes on with the one that the state names."""
    home, path = Home(tmp_path / "home"), tmp_path / "live.yaml"
    path.write_text(GOOD)
    first = LiveFile(path, home)
    first.poll()
    path.write_text("version: 2\n")
    second = LiveFile(path, home)
    second.restore(first.digest)
    assert second.poll()
    assert second.digest == first.digest
    assert second.error is not None


def test_a_registry_that_is_down_keeps_what_was_seen() -> None:
    """Aliases stay as they were; the error and the time it began are reported."""
    clock = Clock()
    aliases = Aliases("flights", Registry("http://127.0.0.1:1"), clock)
    aliases.seen, aliases.since = {"champion": "3"}, 50.0
    for moment in (100.0, 101.0):
        clock.now = moment
        aliases.poll()
    report = aliases.report()
    assert aliases.seen == {"champion": "3"}
    assert (report.reachable, report.since) == (False, 100.0)
    assert "does not answer" in str(report.error)

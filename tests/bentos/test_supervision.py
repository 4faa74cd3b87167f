"""The supervisor is reached by its own user alone, and listens where somebody said that it should."""

from __future__ import annotations

import stat
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from bentoml._internal.utils import circus

from bentos import supervision
from bentos.settings import Settings
from bentos.supervision import PrivateArbiter, check_addresses, keep_private, private_folder


def socket(host: str) -> Any:
    return SimpleNamespace(host=host, is_unix=False)


def test_nobody_else_enters_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where the folder of temporary files has a name too long for sockets."""
    long = tmp_path / ("x" * 90)
    long.mkdir()
    for where in (str(tmp_path), str(long)):
        monkeypatch.setattr("tempfile.tempdir", where)
        made = private_folder()
        assert stat.S_IMODE(made.stat().st_mode) == 0o700
        assert len(str(made)) <= supervision.LONGEST
        made.rmdir()


def test_bentoml_s_supervisor_is_the_private_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its ports are no ports; workers are told where they listen."""
    monkeypatch.setattr(circus, "Arbiter", circus.Arbiter)
    keep_private()
    watcher = SimpleNamespace(env=None, name="w", on_demand=False, graceful_timeout=30.0)
    made: dict[str, Any] = {}
    monkeypatch.setattr(
        PrivateArbiter.__mro__[1], "__init__", lambda self, watchers, **kwargs: made.update(kwargs)
    )
    monkeypatch.setattr(
        PrivateArbiter, "exit_stack", SimpleNamespace(callback=lambda *_, **__: None), raising=False
    )
    circus.create_standalone_arbiter([watcher], sockets=[socket("127.0.0.1")])
    for name in ("endpoint", "pubsub_endpoint"):
        assert made[name].startswith("ipc:///")
        folder = Path(made[name].removeprefix("ipc://")).parent
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    folder.rmdir()
    assert watcher.env == {"BALLAST_HOST": "127.0.0.1", "BALLAST_SUPERVISOR": str(folder)}
    assert watcher.graceful_timeout == supervision.GRACE


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.7"])
def test_other_hosts_get_in_where_somebody_said_so(host: str) -> None:
    """By the setting, or with a token; otherwise it does not start, and says why."""
    with pytest.raises(SystemExit, match=f"BALLAST_HOST={host}"):
        check_addresses([socket(host)], Settings())
    check_addresses([socket(host)], Settings(host=host))
    check_addresses([socket(host)], Settings(token="secret"))
    check_addresses([socket("127.0.0.1"), SimpleNamespace(is_unix=True)], Settings())

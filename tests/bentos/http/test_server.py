"""BentoML's workers are servers that share."""

from __future__ import annotations

from pathlib import Path

import pytest
import uvicorn

from bentos.http.server import SharingServer, share


def test_bentoml_s_worker_finds_the_server_by_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (("Server", uvicorn.Server),):
        monkeypatch.setattr(uvicorn, name, value)
    monkeypatch.setattr(SharingServer, "folder", None)
    monkeypatch.setattr(SharingServer, "workers", 1)
    share(tmp_path, 2)
    assert uvicorn.Server is SharingServer
    assert (SharingServer.folder, SharingServer.workers) == (tmp_path, 2)

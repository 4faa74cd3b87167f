"""What clients are told of a fault is short, and says nothing of the server."""

from __future__ import annotations

import pytest

from bentos.decisions.fallback_reason import LONGEST, for_clients

DIGEST = "ab" * 32


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        ("scores not finite: 1 of 3", "scores not finite: 1 of 3"),
        ("stopped by the guard: upside down", "stopped by the guard: upside down"),
        (
            f"stopped by the guard: files: /srv/ballast/versions/1/model.cb: has content of digest {DIGEST}",
            "stopped by the guard: files",
        ),
        (f"stopped by the guard: files: model.cb has sha256 {DIGEST}", "stopped by the guard: files"),
        ("catalogue unavailable: redis://10.0.0.3:6379 does not answer", "catalogue unavailable"),
        (
            "scorer unavailable: [Errno 2] No such file: '/srv/x'",
            "scorer unavailable: [Errno 2] No such file",
        ),
        (f"stopped by the guard: {'very ' * 80}slow", "stopped by the guard"),
        ("/srv/x is gone", "unavailable"),
        (
            "stopped by the guard: slow answers: 3/4 of them",
            "stopped by the guard: slow answers: 3/4 of them",
        ),
    ],
)
def test_what_clients_are_told(reason: str, told: str) -> None:
    """The kind stays, by which answers are counted."""
    assert for_clients(reason) == told
    assert len(told) <= LONGEST

"""No password is left in what is said, and none is lost on the way to who needs it."""

from __future__ import annotations

import os
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring.credentials import for_mlflow, redacted, without_credentials

WORDS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)


@given(WORDS, WORDS)
def test_user_and_password_are_split_off_whole(user: str, password: str) -> None:
    """Whatever their characters; what is left is the address."""
    address = f"https://{quote(user, safe='')}:{quote(password, safe='')}@mlflow.example:5000/a?b=c"
    assert without_credentials(address) == ("https://mlflow.example:5000/a?b=c", user, password)
    assert redacted(f"at {address}: no") == "at https://***@mlflow.example:5000/a?b=c: no"


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:5000", "redis+cluster://a:1", "unix:///tmp/r.sock?db=1", "", "x@y"]
)
def test_an_address_without_them_stays(address: str) -> None:
    assert without_credentials(address) == (address, "", "")
    assert redacted(address) == address


def test_mlflow_s_client_finds_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """An address without any leaves what somebody set."""
    monkeypatch.setenv("MLFLOW_TRACKING_USERNAME", "before")
    monkeypatch.setenv("MLFLOW_TRACKING_PASSWORD", "before")
    assert for_mlflow("http://127.0.0.1:1") == "http://127.0.0.1:1"
    assert os.environ["MLFLOW_TRACKING_USERNAME"] == "before"
    assert for_mlflow("http://ana:s3%20cret@127.0.0.1:1") == "http://127.0.0.1:1"
    assert os.environ["MLFLOW_TRACKING_USERNAME"] == "ana"
    assert os.environ["MLFLOW_TRACKING_PASSWORD"] == "s3 cret"

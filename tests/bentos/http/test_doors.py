"""Whose requests are answered: the right names and origins, in every spelling."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bentos.http.doors import MOST, Doors, is_loopback

LOCAL = Doors.of("127.0.0.1")


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST:3000", "127.0.0.1", "127.0.0.1:3000", "[::1]:30", "[::1]"]
)
def test_loopback_s_own_names_are_answered(host: str) -> None:
    assert LOCAL.admits(host.encode())
    assert LOCAL.refusal("1.1", [(b"host", host.encode())]) is None
    assert LOCAL.refusal("1.1", [(b"host", host.encode()), (b"origin", b"http://" + host.encode())]) is None


@pytest.mark.parametrize(
    "host",
    [
        *(
            "evil.example",
            "evil.example:3000",
            "localhost.evil.example",
            "127.0.0.1.evil.example",
            "127.0.0.2",
        ),
        *(
            "",
            ":3000",
            "localhost:",
            "localhost:x",
            "me@localhost",
            "localhost/",
            "local host",
            "[::1",
            "localhost\0",
        ),
    ],
)
def test_other_names_are_not(host: str) -> None:
    """DNS rebinding brings a page's own name."""
    assert not LOCAL.admits(host.encode())
    found = LOCAL.refusal("1.1", [(b"host", host.encode())])
    assert found is not None
    assert (found.status, found.field) == (421, "host")
    assert "BALLAST_HOSTS names others" in found.detail


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://localhost:4000", "", "localhost"])
def test_pages_of_other_origins_are_not(origin: str) -> None:
    headers = [(b"host", b"localhost:3000"), (b"origin", origin.encode())]
    found = LOCAL.refusal("1.1", headers)
    assert found is not None
    assert (found.status, found.field) == (403, "origin")
    assert Doors.of("0.0.0.0").refusal("1.1", headers) is None


def test_a_request_has_one_host() -> None:
    """HTTP/1.0 knew none."""
    for headers in ([], [(b"host", b"localhost")] * 2):
        for doors in (LOCAL, Doors()):
            found = doors.refusal("1.1", headers)
            assert found is not None
            assert (found.status, found.field) == (400, "host")
    assert LOCAL.refusal("1.0", []) is None


def test_names_that_people_set_are_answered() -> None:
    assert Doors.of("127.0.0.1", ["ranker.example"]).admits(b"Ranker.Example:443")
    assert Doors.of("127.0.0.1", ["*"]).admits(b"anything")
    assert not Doors.of("10.0.0.2", ["ranker.example"]).admits(b"other.example")
    assert Doors.of("10.0.0.2").admits(b"other.example")


@given(st.lists(st.binary(max_size=30), max_size=50))
def test_what_is_remembered_is_bounded_and_does_not_change_the_answer(hosts: list[bytes]) -> None:
    doors = Doors.of("127.0.0.1")
    for place in range(MOST - 10):
        doors.admits(b"%d.example" % place)
    assert [doors.admits(each) for each in hosts] == [Doors.of("127.0.0.1").admits(each) for each in hosts]
    assert len(doors._known) <= MOST


def test_loopback_is_known() -> None:
    assert [is_loopback(each) for each in ("127.0.0.1", "127.9.9.9", "::1", "localhost")] == [True] * 4
    assert [is_loopback(each) for each in ("0.0.0.0", "::", "10.0.0.1", "example", "")] == [False] * 5

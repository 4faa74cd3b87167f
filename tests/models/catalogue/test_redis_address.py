"""URLs of a Redis: where it is, what is sent first, and what is no such URL."""

from __future__ import annotations

import ssl

import pytest

from models.catalogue.redis_address import Address


@pytest.mark.parametrize(
    ("url", "address", "name"),
    [
        ("redis://", Address(), "127.0.0.1:6379"),
        ("redis://far:7000", Address("far", 7000), "far:7000"),
        ("redis://far/0", Address("far"), "far:6379"),
        ("redis://far/3", Address("far", greeting=(("SELECT", "3"),)), "far:6379"),
        ("redis://:a%20b@far/3", Address("far", greeting=(("AUTH", "a b"), ("SELECT", "3"))), "far:6379"),
        ("redis://me:pw@far", Address("far", greeting=(("AUTH", "me", "pw"),)), "far:6379"),
        ("unix:///run/redis.sock", Address(path="/run/redis.sock"), "/run/redis.sock"),
        (
            "unix://:pw@/run/redis.sock?db=2",
            Address(path="/run/redis.sock", greeting=(("AUTH", "pw"), ("SELECT", "2"))),
            "/run/redis.sock",
        ),
    ],
)
def test_a_url_says_where_it_is_and_how_to_enter(url: str, address: Address, name: str) -> None:
    assert Address.of(url) == address
    assert str(Address.of(url)) == name


def test_a_name_shows_no_password() -> None:
    assert "secret" not in str(Address.of("redis://me:secret@far:7000/3"))


@pytest.mark.parametrize("url", ["far:6379", "http://far", "", "redis+cluster://far"])
def test_anything_else_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="URL"):
        Address.of(url)


def test_tls_verifies_certificate_and_name_until_told_otherwise() -> None:
    found = Address.of("rediss://far").tls
    assert found is not None
    assert (found.verify_mode, found.check_hostname) == (ssl.CERT_REQUIRED, True)
    named = Address.of("rediss://far?ssl_check_hostname=false").tls
    assert named is not None
    assert (named.verify_mode, named.check_hostname) == (ssl.CERT_REQUIRED, False)
    trusting = Address.of("rediss://far?ssl_cert_reqs=none").tls
    assert trusting is not None
    assert (trusting.verify_mode, trusting.check_hostname) == (ssl.CERT_NONE, False)
    assert Address.of("redis://far").tls is None

"""Passwords stay out of what is said: an address is split where it is read, and shown without them.

What a process says (status, journal, state files, logs, errors, traces) is made of addresses that have no
password to say. Whoever needs one to enter gets it beside the address.
"""

from __future__ import annotations

import os
import re
from urllib.parse import unquote, urlsplit, urlunsplit

# What stands between "://" and the last "@": who enters, and how. A password may have a bare "/".
_ENTRY = re.compile(r"(?<=://)[^\s'\"]*@")


def without_credentials(address: str) -> tuple[str, str, str]:
    """An address without user and password, and these two, "" where there is none.

    >>> without_credentials("https://ana:s3%40cret@mlflow.example:5000/x")
    ('https://mlflow.example:5000/x', 'ana', 's3@cret')
    >>> without_credentials("http://127.0.0.1:5000")
    ('http://127.0.0.1:5000', '', '')
    """
    parts = urlsplit(address)
    entry, at, place = parts.netloc.rpartition("@")
    if not at:
        return address, "", ""
    user, _, password = entry.partition(":")
    return urlunsplit(parts._replace(netloc=place)), unquote(user), unquote(password)


def redacted(text: str) -> str:
    """A text whose addresses have no users and passwords any more.

    >>> redacted("redis://:s3cret@host:6379/0 is none, nor is http://a:b@c/d")
    'redis://***@host:6379/0 is none, nor is http://***@c/d'
    """
    return _ENTRY.sub("***@", text)


def for_mlflow(address: str) -> str:
    """MLflow's address without credentials, which its client finds in this process's environment."""
    plain, user, password = without_credentials(address)
    if user or password:
        os.environ["MLFLOW_TRACKING_USERNAME"] = user
        os.environ["MLFLOW_TRACKING_PASSWORD"] = password
    return plain

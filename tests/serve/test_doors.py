"""What other users of the host, and pages in a browser, find at a running system."""

from __future__ import annotations

import http.client
import os
import stat
import subprocess
import sys
from pathlib import Path

import httpx
import psutil
import pytest

from tests.serve.stack import Stack

pytestmark = pytest.mark.shares("serve")


def service(stack: Stack) -> list[psutil.Process]:
    """The processes of the service: those that `bentoml serve` started, and itself."""
    assert stack.process is not None
    own = psutil.Process(stack.process.pid).children(recursive=True)
    return [each for each in own if "bentoml" in " ".join(each.cmdline())]


def listening(process: psutil.Process) -> set[tuple[str, int]]:
    return {
        (each.laddr.ip, each.laddr.port)
        for each in process.net_connections("inet")
        if each.status == psutil.CONN_LISTEN or each.type.name == "SOCK_DGRAM"
    }


def test_nothing_listens_that_need_not(stack: Stack) -> None:
    """One address on loopback; the supervisor's control is a socket in a folder of the user's own."""
    found = service(stack)
    assert found
    for process in found:
        assert listening(process) <= {("127.0.0.1", stack.port)}, process.cmdline()
    paths = {each.laddr for process in found for each in process.net_connections("unix") if each.laddr}
    files = [Path(each) for each in paths if Path(each).exists() and not Path(each).is_relative_to("/run")]
    assert any(each.name == "control" for each in files)
    for file in files:
        folder = file.parent.stat()
        assert (stat.S_IMODE(folder.st_mode), folder.st_uid) == (0o700, os.getuid()), file


def test_a_command_for_the_supervisor_has_nowhere_to_go(stack: Stack) -> None:
    """circusctl, at every port on which one of its processes listens: no answer, and nothing runs."""
    sprung = stack.home / "sprung"
    for process in service(stack):
        for _, port in listening(process):
            endpoint = f"tcp://127.0.0.1:{port}"
            program = str(Path(sys.executable).with_name("circusctl"))
            told = [program, "--timeout", "1", "--endpoint", endpoint, "add", "--start", "x"]
            subprocess.run([*told, f"/bin/touch {sprung}"], capture_output=True, timeout=30, check=False)
    assert not sprung.exists()


def test_a_page_of_another_site_gets_nothing(stack: Stack, client: httpx.Client) -> None:
    """Neither by a plain POST, nor by calling the port by its own name."""
    body = stack.example()
    page = {"Origin": "http://evil.example", "Content-Type": "text/plain"}
    assert client.post("/rank", json=body, headers=page).status_code == 403
    assert client.get("/status", headers={"Host": "evil.example"}).status_code == 421
    assert client.get("/metrics", headers={"Host": "evil.example"}).status_code == 421
    assert client.post("/rank", json=body).status_code == 200


def test_an_upgrade_is_answered_as_what_it_is(stack: Stack) -> None:
    """At once, by a server that speaks HTTP/1.1 alone."""
    asked = http.client.HTTPConnection("127.0.0.1", stack.port, timeout=10)
    asked.request("GET", "/rank", headers={"Connection": "Upgrade", "Upgrade": "websocket"})
    assert asked.getresponse().status == 405
    asked.close()

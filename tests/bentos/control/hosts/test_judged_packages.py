"""A follower serves the files that the leading host judged: others are refused, damaged ones had again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bentos.control.guard.quantities import FILES
from bentos.control.hosts import judged_packages
from bentos.control.hosts.judged_packages import AGAIN, JudgedPackages
from bentos.home.state import Home
from bentos.home.stops import Kind, Stop, Stops
from models.package import PackageError
from models.registry import RegistryError
from tests.bentos.home.clock import Clock


class Host:
    """One host and a registry, whose packages are a manifest of some text each."""

    def __init__(self, folder: Path) -> None:
        self.home, self.clock = Home(folder), Clock()
        self.registry: dict[str, str] = {"1": "one", "2": "two"}
        self.downloaded: list[str] = []
        self.packages = JudgedPackages(self.home, self.get, self.clock)

    def get(self, version: str) -> None:
        self.downloaded.append(version)
        if version not in self.registry:
            raise RegistryError(f"version {version}: gone")
        self.put(version, self.registry[version])

    def put(self, version: str, manifest: str) -> None:
        self.home.version(version).mkdir(parents=True, exist_ok=True)
        (self.home.version(version) / "manifest.json").write_text(manifest)

    def stop(self, kind: Kind, version: str) -> None:
        Stops.of(self.home).put(Stop(kind, version, FILES, "model.cb differs", "said", 5.0))


@pytest.fixture
def host(tmp_path: Path) -> Host:
    return Host(tmp_path)


def judged(folder: Path, **packages: str) -> dict[str, str]:
    """What the leading host tells of its packages."""
    leader = Host(folder / "leader")
    for version, manifest in packages.items():
        leader.put(version[1:], manifest)
    return leader.packages.digests(version[1:] for version in packages)


def test_each_is_had_once_and_compared(host: Host, tmp_path: Path) -> None:
    told = judged(tmp_path, v1="one", v2="two")
    for _ in range(3):
        host.packages.have(["2", "1", "1"], told)
    assert host.downloaded == ["1", "2"]
    assert host.packages.digests(["1", "2"]) == told


def test_other_files_than_were_judged_do_not_serve(host: Host, tmp_path: Path) -> None:
    """Nor stay here; they are asked for again after a while. One that nobody told of is taken as it is."""
    told = judged(tmp_path, v1="another")
    for _ in range(2):
        with pytest.raises(RegistryError, match="version 1: "):
            host.packages.have(["1"], told)
    assert host.downloaded == ["1"]
    assert not host.home.version("1").exists()
    host.clock.now += AGAIN
    host.registry["1"] = "another"
    host.packages.have(["1"], told)
    assert host.packages.digests(["1"]) == told
    host.packages.have(["2"], {})
    assert host.downloaded == ["1", "1", "2"]


def test_what_is_another_here_is_replaced(host: Host, tmp_path: Path) -> None:
    host.put("1", "an older one")
    host.packages.have(["1"], judged(tmp_path, v1="one"))
    assert (host.home.version("1") / "manifest.json").read_text() == "one"


def test_a_leader_whose_manifest_is_damaged_tells_no_digest(host: Host, tmp_path: Path) -> None:
    """Training logged another; and where the registry has what served here, it stays."""
    host.put("1", "one")
    (host.home.version("1") / ".logged_digest").write_text("another")
    assert host.packages.digests(["1"]) == {}
    with pytest.raises(RegistryError, match="other files than the leading host judged"):
        host.packages.have(["1"], judged(tmp_path, v1="damaged there"))
    assert (host.home.version("1") / "manifest.json").read_text() == "one"


@pytest.mark.parametrize("kind", ["files", "version"])
def test_damaged_files_are_had_again(
    host: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: Kind
) -> None:
    """The stop goes once every file is whole; without the registry, what workers have in memory serves on."""
    told, whole = judged(tmp_path, v1="one"), False

    def verify(folder: Path) -> Any:
        if not whole:
            raise PackageError("model.cb: sha256 differs")

    monkeypatch.setattr(judged_packages, "verify_files", verify)
    host.put("1", "one")
    host.stop(kind, "1")
    assert host.packages.digests(["1"]) == {}  # nobody is told to serve them
    del host.registry["1"]
    host.packages.have(["1"], told)
    assert Stops.of(host.home).active(kind)
    host.registry["1"] = "one"
    host.clock.now += AGAIN
    host.packages.have(["1"], told)
    assert Stops.of(host.home).active(kind)
    whole = True
    host.packages.have(["1"], told)
    assert host.downloaded == ["1", "1"]  # not at every look
    host.clock.now += AGAIN
    host.packages.have(["1"], told)
    assert not Stops.of(host.home).active(kind)
    assert host.downloaded == ["1", "1", "1"]

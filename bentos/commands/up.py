"""`ballast up`: everything, from nothing to a ranker that serves."""

from __future__ import annotations

import contextlib
import json
import signal
import subprocess
import sys
import time
import urllib.request
from types import FrameType

import typer

from bentos.commands.awaited import Awaited, Problems, say
from bentos.commands.console import err, out
from bentos.environment import ROOT
from bentos.home.saved_status import saved_status
from bentos.home.state import CHALLENGER as CHALLENGER_ALIAS
from bentos.home.state import CHAMPION, Home, read_state
from bentos.local import leftovers
from bentos.local.example import Example
from bentos.local.mlflow_server import MLFLOW_SECONDS, start_mlflow
from bentos.local.processes import Child, Children, StartError, check_port
from bentos.settings import Settings, settings

SERVE_SECONDS = 180.0  # of a service that does nothing; a first gate and a load take 20 on an idle machine
CHALLENGER_SECONDS = 60.0  # that the banner waits for the gate to have looked at the challenger too
STOP_SECONDS = 7.0
RESTART_SECONDS = 3.0
LOOK_SECONDS = 2.0  # between two looks for problems

# A first challenger that differs from the champion in what people try first.
CHALLENGER = ("--set", "ranker.depth=8", "--set", "ranker.seed=1")


class _Stopped(BaseException):
    """Ctrl-C or SIGTERM: end everything that was started."""


def up() -> None:
    """Train what is missing, start MLflow and the service, and run until Ctrl-C."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _stop)
    children = Children()
    try:
        _run(settings(), children)
    except _Stopped:
        err.print("\nstopping…")
    except StartError as error:
        err.print(f"error: {error}", style="red", highlight=False, markup=False)
        raise typer.Exit(1) from error
    finally:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)  # a second Ctrl-C must not leave anything behind
        children.stop(STOP_SECONDS)


def _run(config: Settings, children: Children) -> None:
    for left in leftovers.clear(config.home):
        err.print(f"ended what an earlier `ballast up` left: {left}", style="yellow", highlight=False)
    check_port(config.port, "BALLAST_PORT", "the service", config.home)
    if config.mlflow_uri is None:
        check_port(config.mlflow_port, "BALLAST_MLFLOW_PORT", "MLflow", config.home)
    started = time.monotonic()
    mlflow = _start_mlflow(config, children) if config.mlflow_uri is None else None
    trained = read_state(Home(config.ranker_home).state)
    first = trained is None or CHAMPION not in trained.versions
    if first:
        _first_champion(children, mlflow)
    service = _start_service(config, children)
    if first:
        _train("challenger", *CHALLENGER)  # while the service starts, and the gate looks at the champion
    example = Example()  # read while the two start
    with err.status("starting MLflow and the service…"):
        if mlflow is not None:
            children.wait_ready(mlflow, MLFLOW_SECONDS)
        try:
            children.wait_ready(service, SERVE_SECONDS, Awaited(Home(config.ranker_home), say).look)
        except StartError as error:
            raise StartError(f"{error}\n{_not_ready(config)}") from error
        if first:
            _wait_for_challenger(config, service)
    _welcome(config, _body(example), time.monotonic() - started)
    _watch(config, children, service)


def _body(example: Example) -> str | None:
    """A request to try; None where there is none to be had, which is said: the service is up all the same."""
    try:
        return example.body()
    except StartError as error:
        err.print(str(error), style="yellow", highlight=False, markup=False)
        return None


def _not_ready(config: Settings) -> str:
    """What the service itself says about why it serves nothing."""
    with contextlib.suppress(OSError, ValueError):
        with urllib.request.urlopen(f"http://127.0.0.1:{config.port}/status", timeout=5) as answer:
            found = json.load(answer)
        return "\n".join([found.get("not_ready") or "", *found["problems"]])
    return ""


def _watch(config: Settings, children: Children, service: Child) -> None:
    """Until Ctrl-C. Serving does not need MLflow, which is started again; without the service all ends."""
    problems, looked = Problems(config), 0.0
    while True:
        if time.monotonic() - looked >= LOOK_SECONDS:
            problems.look()
            looked = time.monotonic()
        time.sleep(0.5)
        dead = children.dead()
        if dead is service:
            raise StartError(f"{dead.name} ended by itself; its log, {dead.log}, says:\n{dead.last_words()}")
        if dead is not None:
            err.print(
                f"{dead.name} ended by itself; serving goes on, and it is started again", style="yellow"
            )
            children.clear(dead)
            time.sleep(RESTART_SECONDS)
            _start_mlflow(config, children)


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise _Stopped


def _start_mlflow(config: Settings, children: Children) -> Child:
    log = config.home / "logs" / "mlflow.log"
    return start_mlflow(children, config.home / "mlflow", config.mlflow_port, log, _marks(config))


def _marks(config: Settings) -> dict[str, str]:
    """By which what is started is known later, should it be left behind."""
    return {"BALLAST_HOME": str(config.home), **leftovers.mark()}


def _start_service(config: Settings, children: Children) -> Child:
    command = [
        *(sys.executable, "-m", "bentoml", "serve", "--host", config.host, "--port", str(config.port)),
        *("--timeout-graceful-shutdown", "5", str(ROOT)),
    ]
    return children.start(
        "the service",
        command,
        env={"BENTOML_HOME": str(config.home / "bentoml"), **_marks(config)},
        log=config.home / "logs" / "serve.log",
        cwd=ROOT,
        ready_url=f"http://127.0.0.1:{config.port}/readyz",
    )


def _first_champion(children: Children, mlflow: Child | None) -> None:
    """Train and register one, where the registry has none."""
    if mlflow is not None:
        with err.status("starting MLflow…"):
            children.wait_ready(mlflow, MLFLOW_SECONDS)
    _train("champion")


def _train(alias: str, *extra: str) -> None:
    """A first version for an alias, where it has none, in a process of its own, whose memory ends with it."""
    command = [sys.executable, "-m", "bentos", "train", "--alias", alias, "--if-absent", *extra]
    status = subprocess.run(command, cwd=ROOT, check=False).returncode  # noqa: S603 - our own command
    if status != 0:
        raise StartError(f"training a first {alias} failed; the lines above say why")


def _wait_for_challenger(config: Settings, service: Child) -> None:
    """Until it serves as well or is kept out, for a while: the first answers are to be those of a split."""
    deadline = time.monotonic() + CHALLENGER_SECONDS
    while time.monotonic() < deadline and service.process.poll() is None:
        found = saved_status(config)
        steward, state = found["steward"] or {}, found["state"] or {}
        ruling = steward.get("rulings", {}).get(steward.get("aliases", {}).get("challenger", ""))
        kept_out = ruling is not None and ruling["outcome"] != "pass"
        if kept_out or (CHALLENGER_ALIAS in state.get("versions", {}) and found["acknowledged"]):
            return
        time.sleep(0.3)


def _welcome(config: Settings, body: str | None, seconds: float) -> None:
    out.print(
        f"\n[bold green]Ballast serves {config.ranker_name}[/] (ready after {seconds:.0f} s)", highlight=False
    )
    out.print(
        f"  API      http://127.0.0.1:{config.port}        (docs at /docs, state at /status)\n"
        f"  Console  http://127.0.0.1:{config.port}/console",
        highlight=False,
    )
    out.print(f"  MLflow   {config.registry_uri}", highlight=False)
    if body is not None:
        out.print("\nTry it:\n", highlight=False)
        print(f"  curl -s http://127.0.0.1:{config.port}/rank -d '{body}'")
    out.print("\nStop with Ctrl-C. State is kept in", str(config.home), highlight=False)

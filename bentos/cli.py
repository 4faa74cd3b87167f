"""The command line: the table of its commands. A command's module is imported when the command runs."""

from __future__ import annotations

from errno import EACCES, EDQUOT, ENOSPC, EPERM, EROFS
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from bentos.commands.console import err
from bentos.commands.lazy_command import Later
from monitoring.credentials import redacted
from monitoring.errors import UserError

# By name: `module:function` in bentos/commands, and the line of help, which the docstring begins with.
COMMANDS = {
    "up": ("up:up", "Train what is missing, start MLflow and the service, and run until Ctrl-C."),
    "train": (
        "train:train",
        "Train a ranker, evaluate it on the time after its training, and register it in MLflow.",
    ),
    "register": ("register:register", "Register a trained package in MLflow, where training could not."),
    "publish": ("publish:publish", "Publish the current catalogue snapshot to the Redis of BALLAST_REDIS."),
    "gate": (
        "gate:gate",
        "Judge a version now and tell MLflow. Exits 0 for pass, 1 for hold, 2 for reject, 3 for no verdict.",
    ),
    "override": (
        "override:override",
        "Let a version serve that did not pass: in your name, for a reason, until a time, on record.",
    ),
    "promote": (
        "versions:promote",
        "Move an alias to a version, and wait until every worker serves it. Exits 1 for hold, 2 for reject.",
    ),
    "rollback": (
        "versions:rollback",
        "Go back to the champion that served before, and wait until every worker serves it.",
    ),
    "status": (
        "status:status",
        "Does anybody answer, what is wrong, what serves. Exits 0: all is well; 1: problems; 2: no answer.",
    ),
    "request": (
        "request:request",
        "Print a real request body: `ballast request | curl -s localhost:3000/rank -d @-`.",
    ),
    "replay": ("replay:replay", "Replay real requests in time order, each outcome when it would be known."),
    "explain": (
        "explain:explain",
        "Why one unit got one order: arms, version and its verdict, scores computed again, "
        "what features add.",
    ),
    "drift": (
        "drift:drift",
        "Compare a window of the decision log with the training reference; write Evidently's report.",
    ),
    "bench": (
        "bench:bench",
        "Measure Ballast, its floors and its peers in one run (about 8 minutes; best on an idle machine).",
    ),
    "evidence": (
        "evidence:app",
        "Show windows of the log that are no evidence; `evidence strike` and `unstrike` change them.",
    ),
    "log": ("log:app", "The log's files: whether they hold what was written."),
    "evaluate": (
        "evaluate:evaluate",
        "Diagnostics first, then IPS, SNIPS and DR with intervals. Exits 1 where it is refused.",
    ),
    "export": (
        "export:export",
        "Write one row per explored request and item shown: features as served, outcome, propensity, weight.",
    ),
    "experiment": ("", "The live experiments: check, change, and what came of them."),  # EXPERIMENT
    "correction": ("correction:app", "The corrections of served probabilities; taking one back."),
    "guard": ("guard:app", "What the guard watches and has stopped."),
}
EXPERIMENT = {  # the commands of `ballast experiment`
    "check": ("check:check", "Check a live.yaml: every problem with its line. Exits 1 where there is one."),
    "apply": (
        "apply:apply",
        "Make a changed file live: check, diff on real units, swap if nobody else did, "
        "wait for every worker.",
    ),
    "stop": (
        "stop_resume:stop",
        "Throw an experiment's kill switch, in the live file itself: everybody gets the default model again.",
    ),
    "start": (
        "stop_resume:start",
        "Take an experiment's kill switch back, in the live file itself: its arms are served again.",
    ),
    "resume": (
        "stop_resume:resume",
        "Let a rollout that stopped itself go on from where it was, judged by what happens from now on.",
    ),
    "analyze": (
        "analyze:analyze",
        "A recommendation, mismatch, and effects whose intervals survive peeking: of the log, or any table.",
    ),
    "reweight": (
        "reweight:reweight",
        "Ranges for new weights that move the least possible share of units, to paste into the file.",
    ),
    "power": (
        "power:power",
        "How many units an experiment needs and how long it takes, from a table of the past or from the log.",
    ),
    "diff": (
        "history:diff",
        "What a changed live.yaml would do to the units that the log has seen, against what is live.",
    ),
    "history": (
        "history:history",
        "Every version of the experiments that was ever live: when, by whom and why, for how many decisions.",
    ),
}


OF_THE_MACHINE = {EACCES, EPERM, EROFS, ENOSPC, EDQUOT}  # what a person mends there, whichever file it is


class _Commands(TyperGroup):
    """The commands of the table; what they refuse is one sentence and status 2, never a stack trace."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.commands = _later(COMMANDS)
        self.commands["experiment"] = TyperGroup(
            name="experiment",
            help=COMMANDS["experiment"][1],
            commands=_later(EXPERIMENT),
            no_args_is_help=True,
        )

    def invoke(self, ctx: Any) -> Any:
        """Run a command."""
        try:
            return super().invoke(ctx)
        except UserError as error:
            raise _refused(str(error)) from error
        except OSError as error:
            if error.errno not in OF_THE_MACHINE:
                raise
            raise _refused(f"{error.filename}: {error.strerror}") from error


def _refused(sentence: str) -> typer.Exit:
    err.print(redacted(f"error: {sentence}"), style="red", highlight=False, markup=False)
    return typer.Exit(2)


def _later(table: dict[str, tuple[str, str]]) -> dict[str, Any]:
    return {name: Later(name, place, line) for name, (place, line) in table.items()}


app = typer.Typer(
    name="ballast",
    cls=_Commands,
    help="Serves a CatBoost ranker with experiment controls, and keeps it the right way up.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version  # it imports the library of e-mails, for its headers

        print(f"ballast {version('ballast')}")
        raise typer.Exit


@app.callback()
def _options(
    _shown: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """What stands before a command."""


def main() -> None:
    """Run the command that the arguments name."""
    app()

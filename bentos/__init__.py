"""What `bentoml serve` runs, and the command line.

Imports run one way, `bentos → models → experiments → monitoring`: a folder imports those to its right.
Three services and their processes meet in the files of a home folder: the Ranker answers requests, the Scorer
scores for it where it is asked to, and the Steward alone writes what is to be served.

    ranker       the front service: HTTP in, decision out; keeps Prometheus's gauges current
    scorer       the service that scores requests in batches, for `BALLAST_RUNNER=remote`
    steward      the service that follows the registry and the live file, and decides what serves
    cli          the command line: the table of its commands
    commands/    a module for each command
    settings     the settings, from `BALLAST_…` variables
    parentage    a process ends with the one that started it
    environment  the project's folder, and variables that libraries read when they are imported
    supervision  BentoML's supervisor, kept private, and listening where somebody said
    import_guard nothing below the home can be imported
    wire/        request bodies, problem documents, the Scorer's jobs
    http/        the HTTP interface: routes, ASGI, the fast protocol, OpenAPI
    decisions/   one decision, from a request to an order and its record
    worker/      what one worker serves, and how it follows the state
    home/        the files where the processes meet
    control/     what the Steward does
    console/     the process that explains what is served, beside those that serve
    offline/     computed from the log with packages and snapshots, for commands and the Steward's refits
    local/       the processes of `ballast up`, and the client of `ballast replay`
"""

from bentos.environment import prepare_libraries

__all__ = ["cli", "ranker"]

prepare_libraries()  # before anything of this folder imports a library

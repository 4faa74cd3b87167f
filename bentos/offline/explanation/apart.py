"""An explanation worked out in a process of its own: what scores takes a second to import.

`python -m bentos.offline.explanation.apart HOME DECLARATION REQUEST ITEM…` prints it as JSON.
"""

from __future__ import annotations

import sys
from pathlib import Path

import msgspec

from bentos.home.state import Home
from bentos.offline.explanation.explained_decision import explain
from bentos.parentage import signalled_with_parent
from monitoring.errors import UserError


def main() -> None:
    """One explanation on stdout; what can't be explained is a sentence on stderr, and status 2."""
    signalled_with_parent()
    home, request_id, items = Home(Path(sys.argv[1]), Path(sys.argv[2])), sys.argv[3], sys.argv[4:]
    try:
        told = msgspec.json.encode(explain(home, request_id, items))
    except UserError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    sys.stdout.buffer.write(told)


if __name__ == "__main__":
    main()

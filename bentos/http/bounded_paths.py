"""One name for all paths that are no route, before BentoML counts requests by path.

Its metrics have a label with the path as it was asked for, and keep each for ever: whoever asks for many
paths makes `/metrics` grow without bound.
"""

from __future__ import annotations

from collections.abc import Collection

from bentos.http.asgi import ASKED, AsgiApp, Receive, Scope, Send

OTHER = "/(other)"
OF_BENTOML = frozenset({"/livez", "/readyz", "/healthz", "/metrics", "/schema.json"})


class BoundedPaths:
    """An application that sees `OTHER` for a path that is not `known`, and what was asked for beside it."""

    def __init__(self, app: AsgiApp, known: Collection[str]) -> None:
        self._app = app
        self._known = known

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path")
        if path is not None and path not in self._known and path not in OF_BENTOML:
            scope = {**scope, "path": OTHER, "raw_path": OTHER.encode(), ASKED: path}
        await self._app(scope, receive, send)

"""The floor: a POST that reads its body and answers `{}`, mounted as the Ranker mounts its application."""

from __future__ import annotations

import bentoml

from bentos.http.asgi import Receive, Scope, Send

START = {
    "type": "http.response.start",
    "status": 200,
    "headers": [(b"content-type", b"application/json"), (b"content-length", b"2")],
}
BODY = {"type": "http.response.body", "body": b"{}"}


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Nothing but ASGI."""
    if scope["type"] != "http":
        return
    while (await receive()).get("more_body", False):
        pass
    await send(START)
    await send(BODY)


@bentoml.service(
    name="empty", workers=1, tracing={"excluded_urls": ".*"}, logging={"access": {"enabled": False}}
)
@bentoml.asgi_app(app, path="/")
class Empty:
    """The Ranker's settings, without the Ranker."""

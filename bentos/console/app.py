"""The console's routes. What is asked for is HTML or JSON, as `Accept` says; a program gets JSON."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import logging
import time
from urllib.parse import quote

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bentos.console.explained_page import explained_page, refusal_page
from bentos.console.overview_page import Overview, form_page, overview_page
from bentos.home.drift_alarms import read_look
from bentos.home.journal import latest_decisions
from bentos.home.live_experiments import live_experiments
from bentos.home.saved_status import saved_status
from bentos.home.state import Home
from bentos.offline.explanation.explained_decision import explain
from bentos.offline.explanation.parts import Explanation, NoSuchItemError
from bentos.settings import settings
from bentos.wire.problems import MEDIA_TYPE, Problem
from monitoring.errors import UserError
from monitoring.log.request import NoSuchRequestError
from monitoring.pages.sheet import STYLE

logger = logging.getLogger(__name__)

LONGEST = 200  # characters of a request id or an item
FRESH = 2.0  # seconds for which the overview is kept, however many ask
EVENTS = 50  # lines of the journal
MOST = 50  # items asked for beside the first
_SHEET = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
HEADERS = {
    "content-security-policy": f"default-src 'none'; style-src 'sha256-{_SHEET}'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
    "vary": "accept",
}


def application(home: Home) -> Starlette:
    """What answers for one home."""
    console = Console(home)
    routes = {
        "/console": console.overview,
        "/console/explain": console.led,
        "/explain/{request_id:path}": console.explained,
    }
    return Starlette(routes=[Route(path, answer, methods=["GET"]) for path, answer in routes.items()])


class Console:
    """One question at a time is worked out, in a thread."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._turn = asyncio.Semaphore(1)
        self._looking = asyncio.Lock()
        self._looked, self._page = -FRESH, ""

    async def overview(self, _: Request) -> Response:
        """What is served and what is wrong, as the home's files have it."""
        async with self._looking:
            if not self._page or time.monotonic() - self._looked > FRESH:
                self._page = await asyncio.to_thread(_overview, self._home)
                self._looked = time.monotonic()
        return Response(self._page, media_type="text/html", headers=HEADERS)

    async def led(self, request: Request) -> Response:
        """The form, and from it to the explanation."""
        if "request_id" not in request.query_params:
            return Response(form_page(), media_type="text/html", headers=HEADERS)
        request_id = request.query_params["request_id"].strip()
        try:
            _bounded("request_id", [request_id])
        except Problem as problem:
            return _refused(problem, "text/html" in request.headers.get("accept", ""))
        return RedirectResponse(f"/explain/{quote(request_id, safe='')}", 303, headers=HEADERS)

    async def explained(self, request: Request) -> Response:
        """Why one answer was as it was."""
        people = "text/html" in request.headers.get("accept", "")
        try:
            found = await self._explain(
                request.path_params["request_id"], request.query_params.getlist("item")
            )
        except Problem as problem:
            return _refused(problem, people)
        if people:
            return Response(explained_page(found), media_type="text/html", headers=HEADERS)
        return Response(msgspec.json.encode(found), media_type="application/json", headers=HEADERS)

    async def _explain(self, request_id: str, items: list[str]) -> Explanation:
        _bounded("request_id", [request_id])
        _bounded("item", items)
        try:
            async with self._turn:
                return await asyncio.to_thread(explain, self._home, request_id, items)
        except NoSuchRequestError as error:
            raise Problem(404, str(error)) from error
        except NoSuchItemError as error:
            raise Problem(422, str(error)) from error
        except UserError as error:
            raise Problem(409, str(error)) from error
        except Exception as error:
            logger.exception("request %r can't be explained", request_id)
            raise Problem(500, "internal error: the server's log has the details") from error


def _overview(home: Home) -> str:
    report = saved_status(settings())
    live = live_experiments(home, (report["state"] or {}).get("experiments", ""))
    alarms = [each.sentence for each in read_look(home).alarms]
    return overview_page(Overview(report, live, alarms, latest_decisions(home, EVENTS)))


def _bounded(name: str, values: list[str]) -> None:
    if len(values) > MOST:
        raise Problem(422, f"{name}: {len(values)} of them: at most {MOST}")
    for value in values:
        if not value or len(value) > LONGEST:
            raise Problem(422, f"{name}: {value[:80]!r}: must have 1 to {LONGEST} characters")


def _refused(problem: Problem, people: bool) -> Response:
    if people:
        page = refusal_page(problem.detail)
        return Response(page, problem.status, media_type="text/html", headers=HEADERS)
    return Response(problem.body(), problem.status, media_type=MEDIA_TYPE.decode(), headers=HEADERS)

"""FastAPI on uvicorn with stock CatBoost, as one who knows both writes it: no response model, orjson."""

from __future__ import annotations

import orjson
from fastapi import FastAPI, Response
from pydantic import BaseModel

from tests.bench.peers.stock import Stock, best_first

stock = Stock()
app = FastAPI()


class RankRequest(BaseModel):
    """As `/rank` takes it."""

    unit: str
    candidates: list[int]
    context: dict[str, float]
    attributes: dict[str, str] = {}


@app.post("/rank")
async def rank(request: RankRequest) -> Response:
    """Rank the candidates."""
    [scores] = stock.scores([(request.candidates, request.context)])
    return Response(orjson.dumps(best_first(request.candidates, scores)), media_type="application/json")

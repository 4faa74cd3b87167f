"""Whatever comes in over HTTP is answered, with a sentence where it is refused; no 5xx, no hang."""

from __future__ import annotations

import random
import re
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import httpx
import pytest

from tests.serve.hostile import answer, request, unfinished
from tests.serve.stack import Stack

pytestmark = [pytest.mark.slow, pytest.mark.shares("serve")]

REQUESTS = 20_000
PATIENCE, LONGEST = 1.0, 45.0  # seconds: until an unfinished request is ended; until its end is noticed
STATUS = re.compile(rb"HTTP/1\.[01] (\d\d\d)")


class Said(NamedTuple):
    """What a drawn request was answered: the status, 0 for none, and the whole answer."""

    seed: str
    status: int
    whole: bytes
    asked: bytes

    @property
    def fine(self) -> bool:
        """Whether it is an answer, or the end of a request that was no whole one."""
        if not self.status:  # its client gave it up
            return unfinished(self.asked)
        refused = 400 <= self.status < 500
        return self.status < 400 or (
            refused and (self.asked.startswith(b"HEAD") or b'"detail"' in self.whole)
        )


def _said(stack: Stack, examples: list[object], seed: str) -> Said:
    draw = random.Random(seed)
    asked = request(draw.choice(examples), draw)
    whole = answer(("127.0.0.1", stack.port), asked, PATIENCE, LONGEST)
    found = [int(each) for each in STATUS.findall(whole) if int(each) >= 200]  # "100 Continue" is no answer
    return Said(seed, found[-1] if found else 0, whole[:1000], asked)


@pytest.mark.timeout(3600)
def test_drawn_requests_are_answered(stack: Stack) -> None:
    example = stack.example()
    told = {"request_id": "hostile-1", "outcomes": [{"item": example["candidates"][0], "value": 1}]}
    with ThreadPoolExecutor(6) as pool:
        seeds = [f"{number}" for number in range(REQUESTS)]
        found = list(pool.map(lambda seed: _said(stack, [example, example, told], seed), seeds))
    print(sorted(Counter(each.status for each in found).items()))
    assert [each for each in found if not each.fine][:3] == []
    assert sum(each.status in range(200, 300) for each in found) > REQUESTS / 200
    assert sum(not each.status for each in found) < REQUESTS / 5
    assert httpx.post(f"{stack.url}/rank", json=example).status_code == 200

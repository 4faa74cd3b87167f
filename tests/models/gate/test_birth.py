"""The birth certificate, reproduced bit for bit or not."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from models.engine import Job
from models.gate import birth
from models.gate.verdict import Check, Result
from models.package import Certificate, RawRequest, read_certificate, write_certificate
from tests.faults.shop import Shop
from tests.models.gate.subjects import copied, named, subject

Change = Callable[[Certificate], Certificate]


def changed(shop: Shop, version: Path, folder: Path, change: Change) -> list[Check]:
    """The findings on a version whose certificate was changed."""
    package = copied(version, folder)
    write_certificate(package, change(read_certificate(package)))
    return list(birth.certificate(subject(shop, version, package=package)))


def with_feature(name: str, row: int, value: object) -> Change:
    def change(found: Certificate) -> Certificate:
        column = found.features[name].copy()
        column[row] = value
        return dataclasses.replace(found, features={**found.features, name: column})

    return change


def first_request(found: Certificate, **changes: object) -> Certificate:
    one = dataclasses.replace(found.requests[0], **changes)  # type: ignore[arg-type]
    return dataclasses.replace(found, requests=[one, *found.requests[1:]])


def test_what_training_wrote_is_reproduced(shop: Shop, version: Path) -> None:
    """Every feature value and every score, counted."""
    features, scores = birth.certificate(subject(shop, version))
    rows = len(read_certificate(version).scores)
    assert (features.result, scores.result) == (Result.PASS, Result.PASS)
    assert features.sentence.startswith(f"all {6 * rows:,} feature values of 300 requests are served as")
    assert scores.sentence.startswith(f"all {rows:,} scores are served bit for bit")


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [("price", 1e9, "1e+09 in training, "), ("colour", "mauve", "mauve in training, ")],
)
def test_one_value_that_is_served_otherwise_rejects(
    shop: Shop, version: Path, tmp_path: Path, name: str, value: object, words: str
) -> None:
    """The sentence has the feature, how often, both values, and the item."""
    checks = changed(shop, version, tmp_path, with_feature(name, 0, value))
    found = named(checks, "certified features")
    item = read_certificate(version).requests[0].items[0]
    assert (found.result, found.figure) == (Result.REJECT, 1)
    assert found.sentence.startswith("1 feature is served otherwise than training saw them: ")
    assert f"{name} (1 values: {words}" in found.sentence
    assert found.sentence.endswith(f"served, for {item})")
    assert named(checks, "certified scores").result is Result.PASS


def test_the_last_bit_of_a_score_counts(shop: Shop, version: Path, tmp_path: Path) -> None:
    """A neighbouring float is another score."""

    def nudged(found: Certificate) -> Certificate:
        scores = found.scores.copy()
        scores[3] = np.nextafter(scores[3], np.inf)
        return dataclasses.replace(found, scores=scores)

    found = named(changed(shop, version, tmp_path, nudged), "certified scores")
    assert found.result is Result.REJECT
    assert found.sentence.startswith("1 of ")
    assert "scores differ from training's, by up to " in found.sentence


def test_items_that_the_catalogue_lacks_reject(shop: Shop, version: Path, tmp_path: Path) -> None:
    """The proof can't be made; nothing is compared."""
    (found,) = changed(
        shop,
        version,
        tmp_path,
        lambda found: first_request(found, items=("nowhere", *found.requests[0].items[1:])),
    )
    assert found.result is Result.REJECT
    assert found.sentence == "items of 1 requests are not in the catalogue, such as nowhere"


def test_a_certificate_that_lacks_a_feature_or_requests(shop: Shop, version: Path, tmp_path: Path) -> None:
    """Without a feature it proves nothing of it; a handful of requests prove little."""

    def short(found: Certificate) -> Certificate:
        features = {name: column[: found.starts[5]] for name, column in found.features.items()}
        del features["age"]
        rows = int(found.starts[5])
        return Certificate(found.requests[:5], found.starts[:6], features, found.scores[:rows])

    checks = changed(shop, version, tmp_path, short)
    assert checks[0].sentence == "the certificate lacks the features age"
    assert checks[0].result is Result.REJECT
    assert (checks[1].result, checks[1].sentence) == (
        Result.HOLD,
        "5 requests prove little: 20 are needed",
    )


@pytest.mark.parametrize("context", [{"hour": "late"}, {"day": 1}])
def test_a_context_that_serving_refuses_rejects(
    shop: Shop, version: Path, tmp_path: Path, context: dict[str, object]
) -> None:
    """What training took, every request must be allowed to send."""
    (found,) = changed(shop, version, tmp_path, lambda found: first_request(found, context=context))
    assert (found.name, found.result) == ("birth certificate", Result.REJECT)
    assert next(iter(context)) in found.sentence


def test_a_certificate_that_is_none_rejects(shop: Shop, version: Path, tmp_path: Path) -> None:
    """The file is named."""
    package = copied(version, tmp_path)
    (package / "certificate.npz").write_bytes(b"PK")
    (found,) = birth.certificate(subject(shop, version, package=package))
    assert found.result is Result.REJECT
    assert "certificate.npz" in found.sentence


def test_jobs_are_what_a_worker_would_score(shop: Shop, version: Path) -> None:
    """Rows and parsed context; the id of the first unknown item in place of a request."""
    judged = subject(shop, version)
    known = RawRequest(("item-3", "item-1"), {"hour": 5})
    unknown = RawRequest(("item-3", "x", "y"), {})
    none = np.empty(0)
    asked = Certificate([known, unknown], np.array([0, 2, 5]), {}, none)
    job, missing = birth.serving_jobs(judged, asked)
    assert isinstance(job, Job)
    assert judged.catalogue.ids(job.rows) == ["item-3", "item-1"]
    assert job.context.numeric.tolist() == [5]
    assert missing == "x"


def test_equal_is_bit_for_bit() -> None:
    """Signs of zero count, which NaN it is does not; texts are compared as texts."""
    one = np.array([0.0, np.nan, 1.0, np.nan], np.float32)
    other = np.array([-0.0, -np.nan, 1.0, 2.0], np.float32)
    assert birth.unequal(one, other).tolist() == [True, False, False, True]
    words = np.array(["a", "1"], object)
    assert birth.unequal(words, np.array(["a", 1], object)).tolist() == [False, False]
    assert birth.unequal(words, np.array(["b", "1"], object)).tolist() == [True, False]

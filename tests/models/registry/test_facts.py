"""Parameters and metrics as MLflow takes them."""

from __future__ import annotations

import math

from models.registry import facts


def test_metric_names_are_ones_that_mlflow_takes() -> None:
    """Paths become names, "@" is spelt, lists go by their label, what is not finite is left out."""
    found = facts.metrics(
        {
            "ndcg@10": {"value": 0.5, "low": math.nan},
            "slices": [{"name": "EWR/UA (x)", "rows": 3, "ok": True}, {"rows": 4}],
        }
    )
    assert found == {"ndcg_at_10/value": 0.5, "slices/EWR_UA _x_/rows": 3.0, "slices/1/rows": 4.0}


def test_parameters_leave_out_what_is_empty_and_fit_mlflow() -> None:
    """Lists are JSON, long ones are cut at MLflow's limit, missing keys are no parameters."""
    found = facts.params({"ranker": {"name": "f", "params": {}}, "features": {"numeric": ["x" * 7000]}})
    assert found["ranker/name"] == "f"
    assert "ranker/params" not in found
    assert len(found["features/numeric"]) == 6000


def test_a_name_has_no_more_than_mlflow_takes() -> None:
    """At most 250 characters, and never an empty part."""
    found = facts.metrics({"x" * 300: 1, "..": {"": 2}})
    assert list(found) == ["x" * 250, "_/_"]


def test_parameters_keep_text_as_it_is() -> None:
    """Anything else is JSON; a section that is no table is a parameter of its own."""
    found = facts.params({"data": {"source": "é.csv", "slices": ["a", "b"], "seed": 0}, "order": ["x"]})
    assert found == {"data/source": "é.csv", "data/slices": '["a", "b"]', "data/seed": "0", "order": '["x"]'}


def test_names_in_mlflow_stay() -> None:
    """Versions that are registered already have them."""
    assert (facts.DIGEST_TAG, facts.LOGGED_DIGEST) == ("ballast.manifest", ".logged_digest")

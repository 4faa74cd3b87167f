"""A package into MLflow: run, dataset, logged model, and last the version."""

from __future__ import annotations

import hashlib
import json
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.registry import facts
from models.registry.errors import NotRegistered, RegistryError, translated

if TYPE_CHECKING:
    import pandas as pd

_BATCH = 90  # parameters and metrics per call; MLflow takes 100 and 1,000
_EXAMPLE_ROWS = 5


def log_package(client: Any, package: Path, on_step: Callable[[str], None]) -> str:
    """Log the package in this folder; the new version's number. See Registry.log_version."""
    documents = {
        name: _document(package / f"{name}.json") for name in ("declaration", "manifest", "evaluation")
    }
    manifest = documents["manifest"]
    experiment = _experiment(client, manifest["ranker"])
    run = client.create_run(experiment, run_name=_run_name(documents), tags=_run_tags(manifest)).info.run_id
    try:
        on_step("logging parameters and metrics")
        _log_facts(client, run, documents)
        on_step("logging the model and its package")
        model = _log_model(client, experiment, run, package, documents)
        on_step("registering the version")
        number = _register(client, run, model, package, manifest)
    except BaseException:
        client.set_terminated(run, "FAILED")
        raise
    client.set_terminated(run, "FINISHED")
    return number


def _document(path: Path) -> dict[str, Any]:
    try:
        document = json.loads(path.read_bytes())
    except FileNotFoundError as error:
        raise RegistryError(f"{path}: is missing: `ballast train` writes it into every package") from error
    except ValueError as error:
        raise RegistryError(f"{path}: is not JSON: {error}") from error
    if not isinstance(document, dict):
        raise RegistryError(f"{path}: must be a JSON object")
    return document


def _experiment(client: Any, ranker: str) -> str:
    """The MLflow experiment of the same name as the ranker, made when there is none."""
    found = client.get_experiment_by_name(ranker)
    return str(found.experiment_id if found is not None else client.create_experiment(ranker))


def _run_name(documents: Mapping[str, Any]) -> str:
    ranker = documents["declaration"].get("ranker", {})
    return " ".join(str(ranker[key]) for key in ("objective", "trees", "depth") if key in ranker) or "train"


def _run_tags(manifest: Mapping[str, Any]) -> dict[str, str]:
    code = str(manifest.get("version_of_code", ""))
    return {"mlflow.source.name": "ballast train", "mlflow.source.git.commit": code, "ballast.code": code}


def _log_facts(client: Any, run: str, documents: Mapping[str, Any]) -> None:
    from mlflow.entities import Param

    kept = {
        key: str(documents["manifest"].get(key, "")) for key in ("data_digest", "snapshot", "version_of_code")
    }
    entries = [Param(name, value) for name, value in (facts.params(documents["declaration"]) | kept).items()]
    for start in range(0, len(entries), _BATCH):
        client.log_batch(run, params=entries[start : start + _BATCH])


def _log_model(client: Any, experiment: str, run: str, package: Path, documents: Mapping[str, Any]) -> str:
    """The logged model, ready, with all files, and the evaluation on it and on the run."""
    from mlflow.entities import LoggedModelOutput

    manifest = documents["manifest"]
    model = client.create_logged_model(
        experiment,
        name=manifest["ranker"],
        source_run_id=run,
        params=facts.params({"ranker": documents["declaration"].get("ranker", {})}),
        tags={"ballast.data_digest": str(manifest.get("data_digest", ""))},
        model_type="ranker",
    )
    client.log_outputs(run_id=run, models=[LoggedModelOutput(model.model_id, step=0)])
    with tempfile.TemporaryDirectory() as scratch:
        example = _example(package, documents["declaration"])
        client.log_model_artifacts(model.model_id, str(_flavour(model, run, package, example, Path(scratch))))
        _log_metrics(client, run, model.model_id, documents, example)
    # After the flavour, so that model.cb is the package's own; and only what training noted, since engines
    # keep files of their own beside a package.
    for name in (*manifest["files"], "manifest.json"):
        folder = str(Path(name).parent) if "/" in name else None
        client.log_model_artifact(model.model_id, str(package / name), folder)
        if name.endswith(".png"):
            client.log_artifact(run, str(package / name), "pictures")
    client.finalize_logged_model(model.model_id, "READY")
    return str(model.model_id)


def _example(package: Path, declaration: Mapping[str, Any]) -> pd.DataFrame:
    """Some rows of the reference window as the model takes them: its features, in its order."""
    import pandas as pd

    own = declaration["features"]
    categorical = own.get("categorical", [])
    names = [*own.get("numeric", []), *categorical, *own.get("cross_names", [])]
    frame = pd.read_parquet(package / "reference.parquet", columns=names)[:_EXAMPLE_ROWS]
    return frame.astype({name: "object" if name in categorical else "float32" for name in names})


def _flavour(model: Any, run: str, package: Path, example: pd.DataFrame, scratch: Path) -> Path:
    """MLflow's own files for the model (MLmodel with its signature, requirements, input example)."""
    import catboost
    import mlflow.catboost
    from mlflow.models import Model, infer_signature

    loaded = catboost.CatBoost().load_model(str(package / "model.cb"))
    mlflow.catboost.save_model(
        loaded,
        str(scratch / "model"),
        mlflow_model=Model(
            artifact_path=model.artifact_location,
            model_uuid=model.model_id,
            run_id=run,
            model_id=model.model_id,
        ),
        signature=infer_signature(example, loaded.predict(example)),
        input_example=example,
        pip_requirements=[f"catboost=={catboost.__version__}"],
    )
    return scratch / "model"


def _log_metrics(
    client: Any, run: str, model: str, documents: Mapping[str, Any], example: pd.DataFrame
) -> None:
    """The evaluation's figures, tied to the run, the model and the dataset."""
    from mlflow.entities import Dataset, DatasetInput, InputTag, Metric

    declaration, manifest = documents["declaration"], documents["manifest"]
    digest = str(manifest.get("data_digest", ""))[:36]  # MLflow's limit
    source = json.dumps({"declared": declaration["data"]["source"]})
    dataset = Dataset(manifest["ranker"], digest, "declared", source, schema=_schema(example))
    client.log_inputs(
        run, datasets=[DatasetInput(dataset, tags=[InputTag("mlflow.data.context", "training")])]
    )
    now = int(time.time() * 1000)
    entries = [
        Metric(
            name,
            value,
            now,
            0,
            model_id=model,
            dataset_name=manifest["ranker"],
            dataset_digest=digest,
            run_id=run,
        )
        for name, value in facts.metrics(documents["evaluation"]).items()
    ]
    for start in range(0, len(entries), _BATCH):
        client.log_batch(run, metrics=entries[start : start + _BATCH])


def _schema(example: pd.DataFrame) -> str:
    from mlflow.models import infer_signature

    return json.dumps({"mlflow_colspec": infer_signature(example).inputs.to_dict()})


def _register(client: Any, run: str, model: str, package: Path, manifest: Mapping[str, Any]) -> str:
    ranker = manifest["ranker"]
    try:
        with translated(""):
            client.get_registered_model(ranker)
    except NotRegistered:
        client.create_registered_model(ranker)
    tags = {
        facts.DIGEST_TAG: hashlib.sha256((package / "manifest.json").read_bytes()).hexdigest(),
        facts.SNAPSHOT_TAG: str(manifest.get("snapshot", "")),
        "ballast.data_digest": str(manifest.get("data_digest", "")),
        "ballast.code": str(manifest.get("version_of_code", "")),
    }
    version = client.create_model_version(ranker, f"models:/{model}", run, tags=tags, model_id=model)
    return str(version.version)

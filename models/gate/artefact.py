"""Is this the file that training made, for this ranker, and does it load as what it says it is?"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from models.catalogue.catalogue import CatalogueError
from models.declaration.refusal import DeclarationError
from models.engine import parameters
from models.features import foreign
from models.gate.subject import EvidenceError, Subject
from models.gate.verdict import Check, Result
from models.package import PackageError, read_manifest
from models.package_files import kind_of, odd_files
from models.registry import LOGGED_DIGEST

REQUIRED = (
    "model.cb",
    "declaration.json",
    "certificate.npz",
    "reference.parquet",
    "evaluation.json",
)
HOW = (
    "train and register with `ballast train`, which logs the whole package with the model; a model that was "
    "trained elsewhere comes in with `ballast train --model FILE`"
)
FUNCTIONS = "functions"  # the check without which nothing of a version may be loaded
SHOWN = 5  # odd files that a sentence names


def files(subject: Subject) -> Iterator[Check]:
    """Every file is there, with the digest that training noted, and none that is not a package's."""
    name = "files"
    odd = _first([*odd_files(subject.package)])
    lacking = [file for file in (*REQUIRED, "manifest.json") if not (subject.package / file).is_file()]
    if lacking:
        sentence = "; ".join([f"{_list(lacking)} missing: {HOW}", *odd])
        yield Check(name, Result.REJECT, sentence, len(lacking), 0, unit="files")
        return
    try:
        noted = dict(subject.manifest["files"])
    except (EvidenceError, KeyError, TypeError, ValueError) as error:
        yield Check(name, Result.REJECT, f"manifest.json names no files: {error}: {HOW}")
        return
    wrong = [*odd, *_unnoted(noted), *_changed(subject.package, noted), *_manifest_changed(subject.package)]
    wrong = wrong or [*_unreadable(subject.package)]
    result = Result.REJECT if wrong else Result.PASS
    sentence = "; ".join(wrong) or f"all {len(noted)} files are those that training wrote"
    yield Check(name, result, sentence, len(wrong), 0, "manifest.json", "files")


def _first(odd: list[str]) -> list[str]:
    more = len(odd) - SHOWN
    return [*odd[:SHOWN], f"{more} more of the kind"] if more > 0 else odd


def _unreadable(package: Path) -> Iterator[str]:
    """A manifest that is none, or whose names would lead elsewhere."""
    try:
        read_manifest(package)
    except PackageError as error:
        yield str(error).replace(f"{package}/", "")


def _unnoted(noted: dict[str, str]) -> list[str]:
    missing = [file for file in REQUIRED if file not in noted]
    return [f"manifest.json has no digest of {_list(missing)}"] if missing else []


def _changed(package: Path, noted: dict[str, str]) -> Iterator[str]:
    for file, digest in noted.items():
        path = package / file
        if kind_of(file) is None:
            yield f"manifest.json names {file!r:.200}, which is no file of a package"
        elif not path.is_file():
            yield f"{file} is missing"
        elif (found := _sha256(path)) != digest:
            digests = f"its digest is {found[:12]}…, not {digest[:12]}…"
            yield f"{file} is not the one that training wrote: {digests}"


def _manifest_changed(package: Path) -> Iterator[str]:
    """Training also logs the manifest's own digest, as a tag of the version."""
    try:
        logged = (package / LOGGED_DIGEST).read_text().strip()
    except FileNotFoundError:
        return
    if logged and logged != _sha256(package / "manifest.json"):
        yield "manifest.json is not the one whose digest training logged with the version"


def declaration(subject: Subject) -> Iterator[Check]:
    """The declaration of training is valid."""
    try:
        names = subject.declared.feature_names
    except DeclarationError as error:
        yield Check("declaration", Result.REJECT, str(error))
        return
    yield Check("declaration", Result.PASS, f"{len(names)} features, all of them known at the decision")


def functions(subject: Subject) -> Iterator[Check]:
    """What the version would have imported is named by the ranker.toml that people keep."""
    named = foreign_function(subject)
    if named is not None:
        sentence = f"features.cross: {named!r:.200} {foreign(subject.functions)}"
        yield Check(FUNCTIONS, Result.HOLD, sentence, source="ranker.toml")


def foreign_function(subject: Subject) -> str | None:
    """The function that the version names and the served ranker.toml does not; None where there is none."""
    try:
        own = subject.declared.features.cross
    except (DeclarationError, OSError):
        return None
    return None if own is None or own in subject.functions else own


def ranker(subject: Subject) -> Iterator[Check]:
    """The package is this ranker's."""
    names = {"manifest.json": subject.manifest.get("ranker")}
    with suppress(DeclarationError):  # `declaration` says what is wrong with it
        names["declaration.json"] = subject.declared.name
    wrong = [f"{file} is of {name!r}" for file, name in names.items() if name != subject.ranker]
    sentence = f"{' and '.join(wrong)}: this is {subject.ranker!r}" if wrong else f"made for {subject.ranker}"
    yield Check("ranker", Result.REJECT if wrong else Result.PASS, sentence)


def catalogue(subject: Subject) -> Iterator[Check]:
    """The snapshot that training wrote is here, whole, and has the item features."""
    name = "catalogue"
    try:
        spec, found = subject.declared.spec, subject.catalogue
    except DeclarationError:
        return
    except (CatalogueError, KeyError) as error:
        yield Check(name, Result.REJECT, f"the snapshot of training can't be opened: {error}")
        return
    lacking = [each for each in spec.item_numeric if each not in found.numeric_names]
    lacking += [each for each in spec.item_categorical if each not in found.categorical_names]
    result = Result.REJECT if lacking else Result.PASS
    sentence = f"snapshot {found.snapshot} has {found.size:,} items"
    if lacking:
        sentence = f"snapshot {found.snapshot} lacks {', '.join(lacking)}"
    yield Check(name, result, sentence, len(lacking), 0, "declaration.json", "features")


def model(subject: Subject) -> Iterator[Check]:
    """CatBoost reads the model, and its features, loss and trees are the declaration's."""
    name = "model"
    try:
        found = subject.model
    except Exception as error:  # CatBoost raises its own CatBoostError, and others for broken files
        yield Check(name, Result.REJECT, f"model.cb does not load: {_first_line(error)}")
        return
    wrong = [*_features(subject, found), *_training(subject, found)]
    result = Result.REJECT if wrong else Result.PASS
    sentence = "; ".join(wrong) or f"{found.tree_count_} trees of the declared features in their order"
    yield Check(name, result, sentence, len(wrong), 0, "declaration.json", "differences")


def _features(subject: Subject, found: Any) -> Iterator[str]:
    own, declared = list(found.feature_names_), list(subject.declared.spec.names)
    if own != declared:
        place, one, other = _first_difference(own, declared)
        yield f"feature {place} of the model is {one}, of the declaration {other}"
    own_categorical = [own[index] for index in found.get_cat_feature_indices()]
    if own_categorical != list(subject.declared.spec.categorical):
        yield f"the model's categorical features are {own_categorical}: the declaration's are others"


def _training(subject: Subject, found: Any) -> Iterator[str]:
    """What training was told against what the model says it was trained with."""
    own, params = subject.declared.ranker, parameters(found)
    loss = str(params.get("loss_function", own.objective))
    if loss.partition(":")[0] != own.loss:
        yield f"the model was trained with {loss}: the declaration says {own.objective}"
    if int(params.get("iterations", own.trees)) != own.trees:
        yield f"the model was trained for {params['iterations']} trees: the declaration says {own.trees}"
    stops_early = {"od_type", "od_wait", "early_stopping_rounds", "use_best_model"} & set(own.params)
    if found.tree_count_ != own.trees and not stops_early:
        yield f"the model has {found.tree_count_} trees: the declaration says {own.trees}"


def engine(subject: Subject) -> Iterator[Check]:
    """The version loads as it would serve."""
    try:
        found = subject.engine
    except Exception as error:  # whatever keeps a worker from loading it
        yield Check("engine", Result.REJECT, f"does not load for serving: {_first_line(error)}")
        return
    yield Check("engine", Result.PASS, f"serves by {found.kind}: {found.reason}")


def _first_difference(one: Sequence[str], other: Sequence[str]) -> tuple[int, str, str]:
    for place, (a, b) in enumerate(zip(one, other, strict=False)):
        if a != b:
            return place, repr(a), repr(b)
    place = min(len(one), len(other))
    a, b = (repr(each[place]) if place < len(each) else "missing" for each in (one, other))
    return place, a, b


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _list(names: Sequence[str]) -> str:
    verb = "is" if len(names) == 1 else "are"
    return f"{', '.join(names)} {verb}"


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0][:400] if lines else type(error).__name__

"""What a ranker is: ranker.toml, read, checked and frozen.

Nothing here reads the table. Globs among the features become names of its columns by `Declaration.resolve`;
a version's package always carries a resolved declaration.
"""

from __future__ import annotations

import difflib
import hashlib
import tomllib
from pathlib import Path
from typing import Any, Self, TypeVar, get_args

from pydantic import Field, ValidationError

from models.declaration import availability
from models.declaration.refusal import DataError, DeclarationError, listing
from models.declaration.rules import check
from models.declaration.sections import Sections
from models.features import FeatureSpec

__all__ = ["DataError", "Declaration", "DeclarationError", "read"]

D = TypeVar("D", bound="Declaration")


class Declaration(Sections):
    """One ranker. `origin` is the file it was read from; it is no part of the declaration's identity."""

    origin: Path | None = Field(None, exclude=True)

    @property
    def file(self) -> str:
        """The file's name, for messages."""
        return self.origin.name if self.origin else "declaration"

    @property
    def folder(self) -> Path:
        """What relative paths of the declaration are relative to."""
        return self.origin.parent if self.origin else Path()

    @property
    def name(self) -> str:
        """The ranker's name."""
        return self.ranker.name

    @property
    def numeric(self) -> tuple[str, ...]:
        """Numeric features, item and context, as declared."""
        return self.features.numeric

    @property
    def categorical(self) -> tuple[str, ...]:
        """Categorical features, item and context, as declared."""
        return self.features.categorical

    @property
    def context(self) -> tuple[str, ...]:
        """The features that arrive with the request."""
        return self.features.context

    @property
    def ranks(self) -> bool:
        """Whether the objective orders groups (else it separates two classes).

        Without an objective and without groups to order, it is a model's own, of two classes.
        """
        return self.ranker.ranks and self.data.group is not None

    @property
    def feature_names(self) -> tuple[str, ...]:
        """The model's order: as declared, or numeric, categorical, cross."""
        return self.features.names

    @property
    def spec(self) -> FeatureSpec:
        """Which feature comes from where."""
        return self.features.spec

    @property
    def digest(self) -> str:
        """16 hex digits that follow from the declaration's content alone."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()[:16]

    def to_json(self) -> str:
        """The declaration without its origin; `from_json` gives an equal one back."""
        return self.model_dump_json(by_alias=True)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """The declaration that `to_json` wrote.

        Raises:
            DeclarationError: the text is no declaration.
        """
        try:
            return cls.model_validate_json(text).checked()
        except ValidationError as error:
            raise _sentence("declaration.json", error) from error

    def with_ranker(self, **overrides: Any) -> Self:
        """The same declaration with keys of [ranker] replaced, checked as if read from a file."""
        return self._with("ranker", overrides)

    def with_data(self, **overrides: Any) -> Self:
        """The same declaration with keys of [data] replaced, checked as if read from a file."""
        return self._with("data", overrides)

    def with_features(self, **overrides: Any) -> Self:
        """The same declaration with keys of [features] replaced, checked as if read from a file."""
        return self._with("features", overrides)

    def _with(self, section: str, overrides: dict[str, Any]) -> Self:
        raw = self.model_dump(by_alias=True, exclude_unset=True)
        raw.setdefault(section, {})
        raw[section] |= {"from" if key == "from_" else key: value for key, value in overrides.items()}
        return _validated(type(self), raw, self.origin)

    def resolve(self, columns: list[str]) -> Self:
        """Globs replaced by the columns they match.

        Raises:
            DeclarationError: a glob that matches nothing, a column that does not exist, and all of `checked`.
        """
        own = self.features
        numeric, categorical = (
            self._expanded(f"features.{key}", names, columns)
            for key, names in (("numeric", own.numeric), ("categorical", own.categorical))
        )
        context = availability.expand(own.context, [*numeric, *categorical])
        update = {"numeric": numeric, "categorical": categorical, "context": context}
        return self.model_copy(update={"features": own.model_copy(update=update)}).checked(resolved=True)

    def _expanded(self, key: str, patterns: tuple[str, ...], columns: list[str]) -> tuple[str, ...]:
        # A glob never takes a column that [data] names (the label, the time …); a label that is named as a
        # feature outright is refused in `checked`.
        own = self.data
        taken = {own.label, own.label_time, own.weight, own.item, own.group, own.unit, own.time}
        offered = [column for column in columns if column not in taken]
        for pattern in patterns:
            if not availability.expand((pattern,), offered) or (
                not availability.is_glob(pattern) and pattern not in columns
            ):
                rule = f"matches no column of {self.data.source}; it has {listing(columns)}"
                raise DeclarationError(self.file, key, pattern, rule)
        return availability.expand(patterns, offered)

    def checked(self, resolved: bool = False) -> Self:
        """Itself, where every rule between keys holds; DeclarationError names the first that does not.

        `resolved`: its names are columns, none of them a glob.
        """
        check(self, self.file, resolved)
        return self


def read(path: Path | str) -> Declaration:
    """The declaration in a TOML file.

    Raises:
        DeclarationError: no such file, not TOML (with the line), an unknown key, a broken rule.

    >>> _ = Path("shop.toml").write_text('''
    ... [ranker]
    ... name = "shop"
    ... [data]
    ... source = "shop.csv"
    ... group = "query"
    ... label = "stars"
    ... [features]
    ... numeric = ["price", "age"]
    ... available_at = { "*" = "0h" }
    ... ''')
    >>> shop = read("shop.toml")
    >>> shop.name, shop.feature_names, shop.ranks
    ('shop', ('price', 'age'), True)
    >>> shop.with_ranker(depth=17)
    Traceback (most recent call last):
    ...
    models.declaration.refusal.DeclarationError: shop.toml: ranker.depth: 17 breaks the rule: input ...
    """
    file = Path(path)
    try:
        raw = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise DeclarationError(file.name, "file", str(path), f"cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DeclarationError(file.name, "file", file.name, f"is not TOML: {error}") from error
    return _validated(Declaration, raw, file.resolve())


def _validated(cls: type[D], raw: dict[str, Any], origin: Path | None) -> D:
    try:
        return cls.model_validate(raw | {"origin": origin}).checked()
    except ValidationError as error:
        raise _sentence(origin.name if origin else "declaration", error) from error


def _sentence(file: str, error: ValidationError) -> DeclarationError:
    first = error.errors()[0]
    key = ".".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        return DeclarationError(file, key, first["loc"][-1], f"is not a key here{_meant(first['loc'])}")
    if first["type"] == "missing":
        return DeclarationError(file, key, None, "is missing: this key is required")
    return DeclarationError(file, key, first["input"], f"breaks the rule: {first['msg'].lower()}")


def _meant(loc: tuple[int | str, ...]) -> str:
    section: Any = Declaration
    for part in loc[:-1]:
        section = getattr(section.model_fields.get(part), "annotation", None)
        section = next(iter(get_args(section)), section)  # of "Section | None"
        if not hasattr(section, "model_fields"):
            return ""
    known = [field.alias or name for name, field in section.model_fields.items() if name != "origin"]
    close = difflib.get_close_matches(str(loc[-1]), known, n=1)
    return f"; did you mean {close[0]!r}?" if close else f"; known keys: {listing(known, 20)}"

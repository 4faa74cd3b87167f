"""Settings: the one place where the environment is read, once per process."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from functools import cached_property, lru_cache
from ipaddress import ip_address
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator
from pydantic_core import PydanticCustomError

from bentos.environment import ROOT
from monitoring.credentials import for_mlflow, redacted, without_credentials
from monitoring.errors import UserError

PREFIX = "ballast_"  # of the variables


class SettingsError(UserError):
    """A setting that can't be used: the message names the variable, the value and the rule."""


class Settings(BaseModel):
    """Every setting is a variable `BALLAST_<NAME>` of the environment; the defaults serve on one machine."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)

    home: Path = Field(ROOT / "var", description="folder of all state")
    ranker: Path = Field(ROOT / "models" / "ranker.toml", description="declaration of the ranker to serve")
    experiments: Path = Field(ROOT / "experiments" / "live.yaml", description="the live experiments")
    port: int = Field(3000, ge=1, le=65535, description="port of the HTTP API")
    mlflow_port: int = Field(5000, ge=1, le=65535, description="port of the MLflow that `ballast up` starts")
    mlflow_uri: str | None = Field(None, description="an MLflow of your own; none is started then")
    runner: Literal["embedded", "remote"] = Field(
        "embedded", description="score in the Ranker's process, or in the adaptive-batching Scorer"
    )
    redis: str | None = Field(
        None,
        pattern=r"^((redis|rediss)(\+cluster)?|unix)://",
        description="redis://… or redis+cluster://…: look items up there, for tables that outgrow a host",
    )
    host: str = Field(
        "127.0.0.1", description="address that the HTTP API listens on; beyond loopback for other hosts"
    )
    hosts: str = Field(
        "",
        description="names that requests may have in `Host`, with commas; * for all",
    )
    idle_seconds: float = Field(
        120.0, gt=0, le=86_400, description="how long a connection without a request is kept open"
    )
    workers: int = Field(
        default_factory=lambda: os.cpu_count() or 1, ge=1, le=256, description="Ranker processes"
    )

    hang_seconds: float = Field(
        10.0, ge=5, le=3600, description="seconds without a sign of life after which a worker is replaced"
    )
    snapshots: int = Field(
        5,
        ge=0,
        le=1000,
        description="catalogue snapshots that MLflow keeps for other hosts; 0: none are sent",
    )
    snapshot_mb: int = Field(
        1024,
        ge=1,
        description="size in MB up to which a catalogue snapshot is sent to MLflow, and taken from it",
    )

    token: SecretStr | None = Field(None, description="bearer token of requests that change experiments")

    @field_validator("mlflow_uri")
    @classmethod
    def _encoded(cls, value: str | None) -> str | None:
        """A password that can't be told from the rest of an address would be said with it."""
        if value is not None and "@" in urlsplit(without_credentials(value)[0]).path:
            raise PydanticCustomError("encoded", "characters of a password must be percent-encoded")
        return value

    @field_validator("host")
    @classmethod
    def _address(cls, value: str) -> str:
        try:
            return str(ip_address("127.0.0.1" if value == "localhost" else value))
        except ValueError as error:
            raise PydanticCustomError("no_address", "must be an IP address") from error

    @cached_property
    def host_names(self) -> tuple[str, ...]:
        """The names of `hosts`."""
        return tuple(each.strip() for each in self.hosts.split(",") if each.strip())

    @field_validator("home", "ranker", "experiments")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value.expanduser().absolute()

    @field_validator("home")
    @classmethod
    def _folder(cls, value: Path) -> Path:
        there = next(path for path in (value, *value.parents) if path.exists())
        if not there.is_dir():
            raise PydanticCustomError("no_folder", "must be a folder; {there} is none", {"there": str(there)})
        return value

    @cached_property
    def registry_uri(self) -> str:
        """Address of the MLflow server; who enters, and how, is in the environment of MLflow's client."""
        return for_mlflow(self.mlflow_uri or f"http://127.0.0.1:{self.mlflow_port}")

    @cached_property
    def ranker_name(self) -> str:
        """Name of the ranker that this deployment serves, from its declaration."""
        try:
            name = tomllib.loads(self.ranker.read_text())["ranker"]["name"]
        except FileNotFoundError as error:
            raise SettingsError(f"BALLAST_RANKER: {self.ranker} does not exist") from error
        except OSError as error:
            raise SettingsError(f"BALLAST_RANKER: {self.ranker} can't be read: {error.strerror}") from error
        except (tomllib.TOMLDecodeError, UnicodeDecodeError, KeyError, TypeError) as error:
            raise SettingsError(f"{self.ranker}: ranker.name can't be read: {error}") from error
        return str(name)

    @property
    def snapshot_bytes(self) -> int:
        """Size up to which a catalogue snapshot goes through MLflow."""
        return self.snapshot_mb * 1_000_000

    @cached_property
    def ranker_home(self) -> Path:
        """Folder of all state of the served ranker."""
        return self.home / self.ranker_name


@lru_cache(maxsize=1)
def settings() -> Settings:
    """The settings of this process."""
    try:
        return Settings.model_validate(_given(os.environ))
    except ValidationError as error:
        lines = [_sentence(problem["loc"], problem["input"], problem["msg"]) for problem in error.errors()]
        raise SettingsError("; ".join(lines)) from error


def _given(environment: Mapping[str, str]) -> dict[str, str]:
    """What the environment says, by the settings' own names; small letters do as well."""
    said = {name.lower(): value for name, value in environment.items()}
    names = (name for name in Settings.model_fields if f"{PREFIX}{name}" in said)
    return {name: said[f"{PREFIX}{name}"] for name in names}


def _sentence(location: tuple[int | str, ...], value: object, rule: str) -> str:
    return redacted(f"BALLAST_{'.'.join(map(str, location)).upper()}: {value!r}: {rule}")

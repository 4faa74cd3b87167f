"""The layers and experiments of a plan: salts absorbed, every split a table of positions."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from experiments.assignment.arms import PlannedArm
from experiments.assignment.position_tables import open_part, table, variant_ranges
from experiments.config.fields import NOBODY
from experiments.config.live import Experiment, Layer, Live
from experiments.hashing import RESOLUTION, position_of

_NEVER = float("inf")


@dataclass(frozen=True, eq=False, slots=True)
class PlannedExperiment:
    """One experiment: `table` maps the hashed position of a unit to the number of its arm."""

    name: str
    arms: tuple[PlannedArm, ...]
    overrides: Mapping[str, int]
    start: float
    end: float
    position: Callable[[str], int]
    algorithm: str
    salt: str
    table: bytes
    opens: tuple[tuple[float, bytes], ...]  # from when on, which positions of the layer are open

    def is_open(self, position: int, now: float) -> bool:
        """Whether the ramp has reached this position of the layer; without a ramp, always."""
        if not self.opens:
            return True
        begun = [positions for at, positions in self.opens if at <= now]
        return bool(begun) and begun[-1][position] != NOBODY


@dataclass(frozen=True, eq=False, slots=True)
class PlannedLayer:
    """One layer: `table` maps the hashed position of a unit to the index of its experiment."""

    attribute: str | None  # None: the request's own unit
    position: Callable[[str], int]
    algorithm: str
    salt: str
    table: bytes
    experiments: tuple[PlannedExperiment, ...]
    undivided: bool  # one experiment has the whole layer, so that its hash need not be worked out


def planned_layer(layer: Layer, live: Live, arms: list[PlannedArm]) -> PlannedLayer:
    """Plan a layer; the arms of its experiments are added to `arms`."""
    size = RESOLUTION[layer.hash]
    kind = layer.experiments[0].unit
    owners = table([experiment.traffic for experiment in layer.experiments], size)
    return PlannedLayer(
        attribute=None if kind == live.unit else kind,
        position=position_of(layer.salt, layer.hash),
        algorithm=layer.hash,
        salt=layer.salt,
        table=owners,
        experiments=tuple(_experiment(each, size, live.default, arms) for each in layer.experiments),
        undivided=owners == bytes(size) and not layer.experiments[0].opening,
    )


def _experiment(
    experiment: Experiment, layer_size: int, default: str, arms: list[PlannedArm]
) -> PlannedExperiment:
    size = RESOLUTION[experiment.hash]
    names = [variant.name for variant in experiment.variants]
    own = _arms(experiment, default, len(arms))
    arms += own
    start = -_NEVER if experiment.start is None else experiment.start
    interleaved = experiment.mode == "interleave"
    return PlannedExperiment(
        name=experiment.name,
        arms=own,
        overrides={unit: names.index(name) for unit, name in experiment.overrides.items()},
        start=start if experiment.enabled else _NEVER,
        end=_NEVER if experiment.end is None else experiment.end,
        position=position_of(experiment.salt, experiment.hash),
        algorithm=experiment.hash,
        salt=experiment.salt,
        table=bytes(size) if interleaved else table(variant_ranges(experiment.variants), size),
        opens=tuple(
            (at, table([open_part(experiment.traffic, share)], layer_size))
            for at, share in experiment.opening
        ),
    )


def _arms(experiment: Experiment, default: str, first: int) -> tuple[PlannedArm, ...]:
    models = tuple(variant.model or default for variant in experiment.variants)
    interleaved, compared = experiment.mode == "interleave", experiment.exposure == "differing"
    named = [(variant.name, variant.model) for variant in experiment.variants]
    return tuple(
        PlannedArm(
            number,
            experiment.name,
            name,
            model,
            experiment.salt,
            RESOLUTION[experiment.hash],
            models if interleaved else (),
            models if compared else (),
            model is not None or interleaved or compared,
        )
        for number, (name, model) in enumerate([("interleaved", None)] if interleaved else named, first)
    )

"""A wrong live.yaml is answered with everything that is wrong, by line, path, value and rule."""
# ruff: noqa: E501 - a sentence is easier to compare in one piece

from pathlib import Path

import pytest

from experiments.config import schema
from experiments.config.check import load, parse
from experiments.config.declared_file import MOST
from experiments.config.live import Live
from experiments.config.problems import ConfigError
from tests.experiments.files import FILE, HEAD, edited

WEIGHTS = '          - {name: challenger, model: "@challenger", weight: 0.5}\n'


def problems(text: str) -> list[str]:
    """The error's lines, or nothing for a sound file."""
    try:
        parse(text)
    except ConfigError as error:
        return str(error).splitlines()
    return []


def test_the_file_that_runs_is_sound() -> None:
    """The repository's own live.yaml."""
    live = load(Path("experiments/live.yaml"))
    assert live.models == ("@champion", "@challenger")
    assert live.exploration is not None
    assert live.exploration.share == 0.01


def test_the_small_file_is_sound() -> None:
    """Otherwise every other test here proves nothing."""
    assert problems(FILE) == []


SECOND = """\
      - name: other
        unit: viewer
        hash: growthbook-v2
        salt: other-1
        traffic: [[0.2, 0.4]]
        variants:
          - {name: a, weight: 0.5}
          - {name: b, weight: 0.5}
"""

CASES = {
    "weights that don't sum": (
        edited((WEIGHTS, WEIGHTS.replace("0.5", "0.4"))),
        "live.yaml:16: layers[0].experiments[0].variants: [0.5, 0.4] has weights that sum to 0.9; they must sum to 1",
    ),
    "overlapping ranges": (
        FILE + SECOND,
        "live.yaml:25: layers[0].experiments[1].traffic[0]: [0.2, 0.4] overlaps [0.0, 1.0] of 'challenger'; "
        "in a layer a unit is in one experiment at most",
    ),
    "a record too short for a metric": (
        edited(("layers:", "record: {depth: 5}\nlayers:")),
        "live.yaml:7: record.depth: 5 is too few: the metric 'ndcg_10' looks at 10 positions",
    ),
    "a salt used twice": (
        edited(("salt: layer-1", "salt: challenger-1")),
        "live.yaml:14: layers[0].experiments[0].salt: 'challenger-1' is layers[0].salt too; "
        "splits that share a salt are not independent",
    ),
    "unknown key": (
        edited(("traffic:", "trafic:")),
        "live.yaml:15: layers[0].experiments[0].trafic: [[0.0, 1.0]] is not a key here; did you mean 'traffic'?",
    ),
    "unknown key at the top": (
        FILE + "layer: []\n",
        "live.yaml:21: layer: [] is not a key here; did you mean 'layers'?",
    ),
    "a model that isn't a reference": (
        edited(('"@challenger", weight', "challenger, weight")),
        "live.yaml:18: layers[0].experiments[0].variants[1].model: 'challenger' "
        "must name a model by alias ('@champion') or by version number ('7')",
    ),
    "wrong type": (
        edited(("[[0.0, 1.0]]", "all")),
        "live.yaml:15: layers[0].experiments[0].traffic: 'all' must be a list",
    ),
    "a share that is text": (
        FILE + 'exploration: {share: "1%", salt: e-1}\n',
        "live.yaml:21: exploration.share: '1%' must be a share, a number from 0 to 1",
    ),
    "missing key": (
        edited(("        hash: growthbook-v2\n", "")),
        "live.yaml:11: layers[0].experiments[0].hash: is required",
    ),
    "unknown hash": (
        edited(("growthbook-v2", "murmur3")),
        "live.yaml:13: layers[0].experiments[0].hash: 'murmur3' must be 'growthbook-v1' or 'growthbook-v2'",
    ),
    "dates reversed": (
        FILE + "        start: 2026-02-01\n        end: 2026-01-01\n",
        "live.yaml:22: layers[0].experiments[0].end: 'challenger' ends before it starts; end must be after start",
    ),
    "a time without its zone": (
        FILE + "        start: 2026-02-01T10:00:00\n",
        "live.yaml:21: layers[0].experiments[0].start: '2026-02-01T10:00:00' must be a date (2026-01-31) or a time "
        "with its zone (2026-01-31T08:00:00Z); its zone is missing",
    ),
    "invalid YAML": (
        FILE + "holdout: {share: 0.1\n",
        "live.yaml:22: (file): '' is not YAML: expected ',' or '}', but got '<stream end>'",
    ),
    "a key twice": (
        FILE + "unit: viewer\n",
        "live.yaml:21: unit: 'unit' is written twice (first in line 2)",
    ),
    "empty": ("# nothing\n", "live.yaml:1: (file): '# nothing\\n' is empty: there is nothing to run"),
    "not a mapping": ("- 1\n", "live.yaml:1: (file): [1] must be a mapping"),
    "an alias": (
        FILE + "holdout: &h {share: 0.1, salt: h-1}\nexploration: *h\n",
        "live.yaml:22: exploration: '*' is an alias; write the value out where it is used",
    ),
    "a tag": (
        FILE + "default: !!python/name:os.system x\n",
        "live.yaml:21: default: 'python/name:os.system' is a tag; only plain values are read",
    ),
    "an override to nobody": (
        FILE + "        overrides: {viewer-1: challanger}\n",
        "live.yaml:21: layers[0].experiments[0].overrides.viewer-1: 'challanger' is not a variant; "
        "did you mean 'challenger'?",
    ),
    "an undeclared attribute": (
        FILE + "        targeting: {airprt: {in: [JFK]}}\n",
        "live.yaml:21: layers[0].experiments[0].targeting.airprt: 'airprt' is not declared in 'attributes'; "
        "did you mean 'airport'?",
    ),
    "an operator of another type": (
        FILE + "        targeting: {airport: {gte: 3}}\n",
        "live.yaml:21: layers[0].experiments[0].targeting.airport.gte: 3.0 orders numbers, "
        "and 'airport' is declared a string",
    ),
    "an unknown operator": (
        FILE + "        targeting: {airport: {regex: J.*}}\n",
        "live.yaml:21: layers[0].experiments[0].targeting.airport.regex: 'J.*' is not a key here; "
        "the keys are eq, ne, in, not_in, gt, gte, lt, lte, exists",
    ),
    "an unknown metric": (
        edited(("primary: ndcg_10", "primary: ndcg_5")),
        "live.yaml:19: layers[0].experiments[0].primary: 'ndcg_5' is not a metric of this file; "
        "did you mean 'ndcg_10'?",
    ),
    "an unknown unit": (
        edited(("        unit: viewer", "        unit: viewers")),
        "live.yaml:12: layers[0].experiments[0].unit: 'viewers' is neither the file's unit nor a declared attribute; "
        "did you mean 'viewer'?",
    ),
    "a range finer than the hash": (
        edited(("[[0.0, 1.0]]", "[[0.0, 0.00005]]")),
        "live.yaml:15: layers[0].experiments[0].traffic[0]: [0.0, 5e-05] is finer than 1/10000, "
        "the steps of growthbook-v2",
    ),
    "a range backwards": (
        edited(("[[0.0, 1.0]]", "[[0.5, 0.2]]")),
        "live.yaml:15: layers[0].experiments[0].traffic[0]: [0.5, 0.2] must be a half-open range [low, high) "
        "with 0 <= low < high <= 1",
    ),
    "a ramp that falls": (
        FILE + "        ramp:\n          - {at: 2026-01-01, share: 0.5}\n          - {at: 2026-01-02, share: 0.1}\n",
        "live.yaml:23: layers[0].experiments[0].ramp[1]: {'at': '2026-01-02T00:00:00Z', 'share': 0.1} opens less than "
        "the step before it; a ramp only grows, so that nobody loses their arm",
    ),
    "a policy without what it needs": (
        FILE + "exploration: {share: 0.01, salt: e-1, policy: plackett-luce}\n",
        "live.yaml:21: exploration.policy: 'plackett-luce' needs 'temperature' beside it",
    ),
    "one variant": (
        edited((WEIGHTS, "")),
        "live.yaml:16: layers[0].experiments[0].variants: [{'name': 'champion', 'model': '@champion', 'weight': 0.5}] "
        "needs at least 2 entries",
    ),
    "NaN": (
        FILE + "holdout: {share: .nan, salt: h-1}\n",
        "live.yaml:21: holdout.share: nan must be a share, a number from 0 to 1",
    ),
    "marks without models": (
        edited(
            ('model: "@champion", ', ""), ('model: "@challenger", ', ""),
            ("        traffic: ", "        exposure: differing\n        traffic: "),
        ),
        "live.yaml:15: layers[0].experiments[0].exposure: 'differing' needs variants that name models: without "
        "them every arm serves the default model's slate",
    ),
    "marks of interleaved slates": (
        FILE.replace(", weight: 0.5", "")
        .replace("        traffic: ", "        mode: interleave\n        exposure: differing\n        traffic: "),
        "live.yaml:16: layers[0].experiments[0].exposure: 'differing' means nothing where both rankers are "
        "interleaved: there are no arms whose slates could differ",
    ),
    "two layers that rank": (
        FILE + FILE[len(HEAD) :].replace("layers:\n", "").replace("ranking", "second").replace("-1", "-2")
        .replace("name: challenger\n", "name: third\n"),
        "live.yaml:21: layers[1]: 'second' names models, and so does layer 'ranking'; "
        "one model ranks an answer, so only one layer may",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("text", "sentence"), CASES.values(), ids=CASES.keys())
def test_one_mistake_gives_one_sentence(text: str, sentence: str) -> None:
    """Line, path, value and rule; and nothing beside it that only follows from it."""
    assert problems(text) == [sentence]


def test_all_mistakes_are_reported_at_once() -> None:
    """Wrong shapes don't hide wrong sums, references or ranges elsewhere in the file."""
    text = edited(
        ("version: 1", "version: 2"),
        ("{of: ndcg, at: 10}", "{of: ndgc}"),
        (WEIGHTS, WEIGHTS.replace("0.5", "0.6").replace("}", ", colour: red}")),
        tail=SECOND.replace("0.4]]", "2.0]]")
        + "        overrides: {u: c}\nholdout: {share: 0.1, salt: other-1}\n",
    )
    lines = [problem.split(":")[1] + problem.split(":")[2] for problem in problems(text)]
    assert lines == [
        "1 version",
        "5 metrics.ndcg_10.of",
        "16 layers[0].experiments[0].variants",
        "18 layers[0].experiments[0].variants[1].colour",
        "24 layers[0].experiments[1].salt",
        "25 layers[0].experiments[1].traffic[0]",
        "29 layers[0].experiments[1].overrides.u",
    ]


def test_problems_carry_their_parts() -> None:
    """For --json and editors."""
    with pytest.raises(ConfigError) as caught:
        parse(edited(("traffic:", "trafic:")))
    (problem,) = caught.value.problems
    assert (problem.line, problem.path) == (15, "layers[0].experiments[0].trafic")
    assert problem.value == [[0.0, 1.0]]


def test_unreadable_files_are_problems_too(tmp_path: Path) -> None:
    """Absent, not UTF-8, or absurdly large."""
    with pytest.raises(ConfigError, match=r"absent\.yaml:1: \(file\): .* can't be read: No such file"):
        load(tmp_path / "absent.yaml")
    (tmp_path / "live.yaml").write_bytes(b"version: 1\n\xff\n")
    with pytest.raises(ConfigError, match=r"live\.yaml:2: \(file\): b'\\xff' is not UTF-8"):
        load(tmp_path / "live.yaml")
    (tmp_path / "live.yaml").write_bytes(b"#" * (1 << 20) + b"#")
    with pytest.raises(ConfigError, match="1048577 bytes are more than the 1048576"):
        load(tmp_path / "live.yaml")


@pytest.mark.parametrize(
    "junk", ["\x00", "{" * 500, "a: [", "? [1]\n: 2\n", "1", "'", "%", "a: &a [*a]", "\t- x"]
)
def test_junk_is_refused_and_nothing_else(junk: str) -> None:
    """Whatever the text, the answer is a ConfigError with a line."""
    with pytest.raises(ConfigError) as caught:
        parse(junk)
    assert all(problem.line >= 1 for problem in caught.value.problems)


def test_the_documented_file_is_sound() -> None:
    """What docs/experiments.md shows is what the check takes."""
    page = (schema.FILE.parents[1] / "docs/experiments.md").read_text()
    shown = page.split("```yaml\n")[1].split("```")[0]
    assert [experiment.name for experiment in parse(shown).experiments] == ["challenger"]


@pytest.mark.parametrize(
    "text",
    [
        "version: 1\nlayers:\n" + "".join(f"  - {{name{at}: x, experiments: 5}}\n" for at in range(300)),
        "version: 1\nlayers: [" + ",".join(["5"] * 1000) + "]\n",
        "version: 1\n" + "".join(f"k{at}: 1\n" for at in range(500)),
        "version: 1\nlayers: [&a x" + ", *a" * 500 + "]\n",
    ],
)
def test_a_file_of_nothing_but_mistakes_is_read_once(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A hundred problems are told; each look takes as long as the file is, and there is one."""
    looks = []
    validate = Live.model_validate
    monkeypatch.setattr(Live, "model_validate", lambda *given: looks.append(1) or validate(*given))
    with pytest.raises(ConfigError) as caught:
        parse(text)
    assert len(caught.value.problems) == MOST
    assert len(looks) <= 1


FORMS = {
    "brackets": "layers: " + "[" * 500_000,
    "mappings": "layers: " + "[{a: " * 100_000,
    "dashes": "- " * 300_000,
    "questions": "? " * 300_000,
    "indents": "\n".join(" " * column + "a:" for column in range(1400)),
    "lists of mappings": "".join(f"{' ' * column}a:\n{' ' * column}- \n" for column in range(0, 600, 2)),
}


@pytest.mark.parametrize("form", FORMS)
def test_what_nests_too_deeply_is_refused_before_it_ends_the_process(form: str) -> None:
    """Libyaml's composer recurses on the stack of C: half a million brackets end the process that reads them."""
    with pytest.raises(ConfigError, match="is nested too deeply"):
        parse(FORMS[form])


def test_brackets_in_text_are_no_levels() -> None:
    assert parse(f"version: 1 # {'[' * 500}\nunit: {'a' * 20}\n").unit == "a" * 20


def test_a_thousand_ranges_that_overlap_are_a_hundred_problems() -> None:
    """Pairs of a thousand ranges are half a million; those that are told are the first ones in file order."""
    traffic = ", ".join(["[0.0, 0.1]"] * 1000)
    text = FILE.replace("traffic: [[0.0, 1.0]]", f"traffic: [{traffic}]")
    with pytest.raises(ConfigError) as said:
        parse(text)
    assert len(said.value.problems) == 100
    assert {each.rule[:8] for each in said.value.problems} == {"overlaps"}


def test_the_compiled_form_is_read_as_the_file_is_and_a_wrong_one_has_its_lines() -> None:
    """What `to_json` wrote is read without lines where it is sound; an edited one is told as any file."""
    live = parse(FILE)
    assert parse(live.to_json()) == live
    assert problems(live.to_json().replace('"weight":0.5', '"weight":1.5', 1)) != []
    assert "twice" in problems('{"unit":"viewer",' + live.to_json()[1:])[0]

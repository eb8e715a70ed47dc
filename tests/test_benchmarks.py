"""The benchmark itself: what it calls the same, what it stops, and the picture it draws. Nothing is timed here."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from xml.etree import ElementTree

import pytest

FOLDER = Path(__file__).parent.parent / "benchmarks"
MODULES = ("measure", "peers", "data", "curve", "run")
XSD = "http://www.w3.org/2001/XMLSchema#"
PERSON, SHAPE = "https://example.org/id/aman-tolek", "https://example.org/shapes#person"


@pytest.fixture(scope="module")
def bench() -> Iterator[dict[str, ModuleType]]:
    """Give the scripts as modules, and forget them again: their names are anybody's."""
    sys.path.insert(0, str(FOLDER))
    before = {name: sys.modules.pop(name, None) for name in MODULES}
    yield {name: importlib.import_module(name) for name in MODULES}
    sys.path.remove(str(FOLDER))
    for name, module in before.items():
        del sys.modules[name]
        if module is not None:
            sys.modules[name] = module


def answer(*rows: dict[str, dict[str, str]]) -> str:
    return json.dumps({"head": {"vars": []}, "results": {"bindings": list(rows)}})


def number(text: str, datatype: str) -> dict[str, str]:
    return {"type": "literal", "value": text, "datatype": XSD + datatype}


def text(value: str, **more: str) -> dict[str, str]:
    return {"type": "literal", "value": value, **more}


@pytest.mark.parametrize(
    ("ours", "theirs", "said"),
    [
        ([{"n": number("2", "integer")}], [{"n": number("2.0", "decimal")}], "same: 1 rows"),
        ([{"n": text("a")}], [{"n": text("a", datatype=XSD + "string")}], "same: 1 rows"),
        ([{"n": text("b; a")}], [{"n": text("a; b")}], "same: 1 rows, joined texts in another order"),
        ([], [{}], "same: 0 rows"),
        ([{"n": text("a")}], [{"n": text("a")}] * 2, "DIFFERENT: 1, 2"),
        ([{"n": text("a")}], [{"n": {"type": "uri", "value": "a"}}], "DIFFERENT: 1, 1"),
        ([{"n": text("a")}], [{"n": text("a", **{"xml:lang": "en"})}], "DIFFERENT: 1, 1"),
        ([{"n": text("a")}], [{"m": text("a")}], "DIFFERENT: 1, 1"),
    ],
)
def test_answers_are_compared_row_by_row(
    bench: dict[str, ModuleType],
    tmp_path: Path,
    ours: list[dict[str, dict[str, str]]],
    theirs: list[dict[str, dict[str, str]]],
    said: str,
) -> None:
    file = tmp_path / "rdflib.json"
    file.write_text(answer(*theirs))
    found = bench["run"].same_rows(bench["measure"].Run(1, 1, answer(*ours)), file)
    assert found == said or (said.startswith("DIFFERENT") and found.startswith(said))


def result(value: str = "", shape: str = SHAPE) -> list[str]:
    return [PERSON, "", "MinCount", value, "Violation", shape]


@pytest.mark.parametrize(
    ("ours", "theirs", "said"),
    [
        ([result()], [result()], "same: 1 results"),
        ([result(), result("x")], [result("x"), result(shape="")], "same: 2 results"),
        ([result()], [result(), result()], "DIFFERENT: 1 of pyshacl's 2"),
        (
            [result(shape="urn:other")],
            [result()],
            "DIFFERENT: 1 of pyshacl's 1 are not among ours, 1 of our 1",
        ),
        (
            [result("x")],
            [result("y", shape="")],
            "DIFFERENT: 1 of pyshacl's 1 are not among ours, 1 of our 1",
        ),
    ],
)
def test_results_of_validation_are_compared_one_by_one(
    bench: dict[str, ModuleType], tmp_path: Path, ours: list[list[str]], theirs: list[list[str]], said: str
) -> None:
    files = tmp_path / "ours.json", tmp_path / "theirs.json"
    for file, rows in zip(files, (ours, theirs), strict=True):
        file.write_text(json.dumps(rows))
    assert bench["run"].same_results(*files).startswith(said)


def test_what_stands_below_a_result_is_none(bench: dict[str, ModuleType]) -> None:
    import rdflib

    report = rdflib.Graph().parse(
        data=f"""\
        @prefix sh: <http://www.w3.org/ns/shacl#> .
        [] a sh:ValidationReport ; sh:result [
            a sh:ValidationResult ; sh:focusNode <{PERSON}> ; sh:sourceShape <{SHAPE}> ; sh:value "c. 2015" ;
            sh:sourceConstraintComponent sh:NodeConstraintComponent ; sh:resultSeverity sh:Violation ;
            sh:detail [ a sh:ValidationResult ; sh:focusNode "c. 2015" ] ] .
        """,
        format="turtle",
    )
    assert [row[:1] + row[3:4] for row in bench["peers"].results(report)] == [[PERSON, '"c. 2015"@']]


def test_a_peer_that_does_not_end_is_stopped_and_its_time_is_a_lower_bound(
    bench: dict[str, ModuleType], capsys: pytest.CaptureFixture[str]
) -> None:
    measure, run = bench["measure"], bench["run"]
    endless = [sys.executable, "-c", "print('loaded: 0.1', flush=True)\nimport time\ntime.sleep(60)"]
    stopped = measure.run(endless, limit=0.6)
    assert not stopped.ended
    assert 0.5 < stopped.phase < stopped.seconds < 30
    assert "for at most 1 s" in capsys.readouterr().err
    ours, theirs = (measure.Series((each,)) for each in (measure.Run(0.001, 10, "answer: 1"), stopped))
    row = run.faster("step", "peer", 30, ours, theirs)
    assert (row.reached, row.is_bound, row.agree) == (True, True, run.NOT_COMPARED)
    assert row.theirs.startswith("> ")
    assert "| > " in run.table([row]).splitlines()[-1]
    too_soon = run.faster("step", "peer", 1e9, ours, theirs)
    assert too_soon.reached is None


def test_a_command_that_fails_says_so(bench: dict[str, ModuleType]) -> None:
    measure = bench["measure"]
    with pytest.raises(measure.FailedError, match="unlucky"):
        measure.run([sys.executable, "-c", "raise SystemExit('unlucky')"])


def test_the_curve_names_every_line_and_says_where_a_peer_was_not_run(bench: dict[str, ModuleType]) -> None:
    curve = bench["curve"]

    def points(*seconds: float) -> tuple[object, ...]:
        return tuple(curve.Point(1000 * 10**n, each, each, 50.0) for n, each in enumerate(seconds))

    lines = [curve.Line(step, "kg", points(0.5, 1, 5, 40)) for step in curve.STEPS]
    lines += [curve.Line("validate", "pyshacl", points(144.0), "not run beyond 1,000: over 5 minutes")]
    drawn = curve.svg(lines).decode()
    ElementTree.fromstring(drawn)  # noqa: S314  (our own picture)
    assert all(f">{step}, kg: 40 s<" in drawn for step in curve.STEPS)
    assert ">validate, pyshacl: 144 s<" in drawn
    assert drawn.count("not run beyond 1,000") == 2  # in the description, and on hovering
    assert "It stops where a run would take over 5 minutes." in drawn
    assert curve.svg([]).startswith(b"<?xml")


def test_a_peer_is_not_run_where_its_cost_grows_too_high(bench: dict[str, ModuleType]) -> None:
    curve = bench["curve"]
    assert curve._expected([curve.Point(1000, 2.0, 2.0, 1)], 10_000) == pytest.approx(20)
    grown = [curve.Point(1000, 2.0, 2.0, 1), curve.Point(10_000, 200.0, 200.0, 1)]
    assert curve._expected(grown, 100_000) == pytest.approx(20_000)


def test_steps_that_are_measured_again_take_the_place_of_the_old_ones(
    bench: dict[str, ModuleType], tmp_path: Path
) -> None:
    run = bench["run"]
    rows = [
        run.Row(step, "peer", "", ratio, None, "", "", "", "") for step, ratio in (("a", 1.0), ("b", 2.0))
    ]
    run.keep(rows, 1.0, tmp_path)
    run.keep([run.Row("b", "peer", "", 3.0, None, "", "", "", "")], 1.0, tmp_path)
    kept = json.loads((tmp_path / "all.json").read_text(encoding="utf-8"))
    assert [(row["step"], row["ratio"]) for row in kept["rows"]] == [("a", 1.0), ("b", 3.0)]
    assert "| b | peer |  | 3.0× |" in (tmp_path / "table.md").read_text(encoding="utf-8")
    run.keep([run.Row("c", "peer", "", 4.0, None, "", "", "", "")], 0.5, tmp_path)
    kept = json.loads((tmp_path / "all.json").read_text(encoding="utf-8"))
    assert [row["step"] for row in kept["rows"]] == ["c"]

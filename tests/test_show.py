"""The commands that answer in words, figures and pictures, on the shipped export."""

from __future__ import annotations

import csv
import importlib.util
import io
import json
import shutil
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result

import kg
from conftest import ROOT
from kg.cli import cli
from kg.graph import AmbiguousNameError, KnowledgeGraph
from kg.problems import Exit, KgError


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("project")
    shutil.copytree(ROOT / "exports", place / "exports")
    shutil.copy(ROOT / "kg.toml", place)
    return place


@pytest.fixture(scope="module")
def graph(folder: Path) -> KnowledgeGraph:
    return kg.load(folder / "exports")


def run(folder: Path, *arguments: str) -> Result:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        return CliRunner().invoke(cli, arguments)


@pytest.mark.parametrize("name", ["Serek Yelsik", "serek-yelsik", "id:serek-yelsik", "serek yelsik", "SEREK"])
def test_a_person_is_found_by_name_and_key(folder: Path, name: str) -> None:
    shown = run(folder, "show", name)
    assert shown.exit_code == Exit.OK
    assert "Sentenced to: 5 years" in shown.stdout
    assert "Qorghas County People's Court" in shown.stdout


def test_a_name_that_fits_several_lists_them(folder: Path) -> None:
    shown = run(folder, "show", "Kazakhs")
    assert isinstance(shown.exception, AmbiguousNameError)
    assert shown.exception.exit_code == Exit.FOUND
    assert "_kazakhs-of-china" in str(shown.exception)


def test_a_name_that_fits_nothing_names_the_nearest(folder: Path) -> None:
    shown = run(folder, "show", "Serek Yelzik")
    assert isinstance(shown.exception, KgError)
    assert "did you mean 'Serek Yelsik'" in str(shown.exception)


@pytest.mark.parametrize("format_", ["text", "json", "md", "html"])
def test_a_dossier_comes_in_each_format(folder: Path, format_: str) -> None:
    shown = run(folder, "show", "nurdalit-ebrey", "-f", format_)
    assert shown.exit_code == Exit.OK
    assert "Nurdalit Ebrey" in shown.stdout
    if format_ == "json":
        assert json.loads(shown.stdout)
    if format_ == "html":
        assert "<script" not in shown.stdout


def test_a_source_says_what_rests_on_it(folder: Path) -> None:
    shown = run(folder, "show", "source_rfa-2017-08-01_taiersezi-friend")
    assert "Taiersezi Dawutihan" in shown.stdout
    assert "discredited" in shown.stdout or "without" in shown.stdout


def test_a_shared_origin_counts_once_through_two_reports(graph: KnowledgeGraph) -> None:
    by = graph.base + "eswatini-police"
    (support,) = (
        s
        for s in graph.corroboration.supports()
        if s.said.subject == graph.base + "wandile-dludlu"
        and s.said.predicate.endswith("detainedBy")
        and s.said.object == f"<{by}>"
    )
    assert support.reports == 2
    assert (support.origins.least, support.origins.most) == (1, 1)


@pytest.mark.parametrize("format_", ["text", "json", "svg"])
def test_a_timeline_comes_in_each_format(folder: Path, format_: str) -> None:
    shown = run(folder, "show", "sanat-arun-haj", "--timeline", "-f", format_)
    assert shown.exit_code == Exit.OK
    assert "2017-07" in shown.stdout
    if format_ == "svg":
        assert ElementTree.fromstring(shown.stdout).tag.endswith("svg")  # noqa: S314


def test_each_person_has_a_row(folder: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(run(folder, "show", "--people", "-f", "csv").stdout)))
    keys = [row["key"] for row in json.loads(run(folder, "show", "--people", "-f", "json").stdout)]
    assert len(rows) == len(keys) == len(set(keys)) >= 8
    assert any("5 years" in " ".join(map(str, row.values())) for row in rows)


@pytest.mark.parametrize(
    "what",
    ["overview", "places", "countries", "months", "reports", "sources", "connections", "components", "communities", "centrality"],
)  # fmt: skip
def test_each_count_can_be_had_as_table_csv_and_json(folder: Path, what: str) -> None:
    table = run(folder, "stats", what)
    assert table.exit_code == Exit.OK
    rows = json.loads(run(folder, "stats", what, "-f", "json").stdout)["rows"]
    assert (
        len(list(csv.DictReader(io.StringIO(run(folder, "stats", what, "-f", "csv").stdout))))
        == len(rows)
        > 0
    )


@pytest.mark.parametrize("arguments", [["months"], ["places", "--predicate", "detained-at"], ["countries"], ["overview", "--focus", "serek-yelsik"]])  # fmt: skip
def test_counts_and_ties_can_be_drawn(folder: Path, tmp_path: Path, arguments: list[str]) -> None:
    picture = tmp_path / "picture.svg"
    assert run(folder, "stats", *arguments, "-o", str(picture)).exit_code == Exit.OK
    assert ElementTree.fromstring(picture.read_bytes()).tag.endswith("svg")  # noqa: S314


def test_each_hop_of_a_path_says_who_says_so(folder: Path) -> None:
    shown = run(folder, "path", "nurdalit-ebrey", "sanat-arun-haj")
    assert shown.exit_code == Exit.OK
    assert shown.stdout.count("told by") >= 2
    assert "characters" in shown.stdout


def test_where_there_is_no_path_it_says_so(folder: Path) -> None:
    shown = run(folder, "path", "serek-yelsik", "wandile-dludlu")
    assert shown.exit_code == Exit.FOUND
    assert shown.stdout


def test_conflicts_show_both_sides(folder: Path) -> None:
    shown = run(folder, "conflicts")
    assert shown.exit_code == Exit.FOUND
    assert "denied" in shown.stdout
    found = json.loads(run(folder, "conflicts", "-f", "json").stdout)
    assert all(len(each["sides"]) == 2 for each in found)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["show"], "give a NAME"),
        (["show", "x", "--people"], "give a NAME"),
        (["show", "serek-yelsik", "-f", "svg"], "no format 'svg' here"),
        (["show", "serek-yelsik", "-o", "x.pdf"], "no format 'pdf' here"),
        (["show", "serek-yelsik", "--timeline", "--until", "tomorrow"], "tomorrow"),
        (["stats", "months", "--predicate", "detaind-at"], "did you mean 'detained-at'?"),
        (["stats", "weather"], "weather"),
        (["path", "serek-yelsik"], "END"),
        (["path", "serek-yelsik", "xinjiang", "-k", "0"], "1<=x<=50"),
    ],
)
def test_wrong_usage_is_named(folder: Path, arguments: list[str], said: str) -> None:
    shown = run(folder, *arguments)
    assert shown.exit_code == Exit.CANNOT
    assert said in shown.stderr


def test_without_an_export_it_says_what_to_do(tmp_path: Path) -> None:
    for arguments in (["show", "x"], ["stats"], ["path", "a", "b"], ["conflicts"]):
        shown = run(tmp_path, *arguments)
        assert isinstance(shown.exception, KgError)
        assert "run kg build" in str(shown.exception)


def test_in_a_notebook_it_shows_its_numbers(graph: KnowledgeGraph) -> None:
    html = graph._repr_html_()
    assert "<table>" in html
    assert f"{len(graph.index.corpus.assertions):,}" in html


def test_a_data_frame_comes_from_the_library_that_is_there(graph: KnowledgeGraph) -> None:
    if not any(importlib.util.find_spec(name) for name in ("polars", "pandas")):
        pytest.skip("neither polars nor pandas is installed")
    frame = graph.frame("sentenced")
    assert "term" in frame.columns
    assert len(frame) == len(graph.query("sentenced"))


def test_without_a_library_for_data_frames_it_says_what_to_install(
    graph: KnowledgeGraph, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(KgError, match="polars or pandas"):
        graph.frame("sentenced")


def test_an_empty_graph_answers(tmp_path: Path) -> None:
    (tmp_path / "seeds").mkdir()
    (tmp_path / "seeds" / "a.yaml").write_text("country:\n  norland: Norland\n", encoding="utf-8")
    assert run(tmp_path, "build").exit_code == Exit.OK
    assert run(tmp_path, "conflicts").exit_code == Exit.OK
    for arguments in (["stats"], ["stats", "months"], ["stats", "months", "-f", "svg"], ["show", "--people"]):
        assert run(tmp_path, *arguments).exit_code == Exit.OK, arguments

"""The graph for scripts: read from any file of an export, it is the same graph."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import kg
from conftest import EVIDENCE, HEAD, ROOT
from kg import exports, graph, network
from kg.build import Vocabulary, encode
from kg.exports import Content
from kg.namespaces import DEFAULT_BASE, KG_NAMESPACE, expand
from kg.problems import KgError
from kg.project import Project, find
from kg.seeds import Reading

Read = Callable[..., Reading]

SEED = f"""\
{HEAD}assertions:
  - about: aman-tolek
    told-by: friend
    {EVIDENCE}
    citizen-of: norland
    occupation: herder
  - about: aman-tolek
    {EVIDENCE}
    certainty: alleged
    travelled-to: norland
"""


@pytest.fixture
def export(read: Read, vocabulary: Vocabulary, project: Project) -> Path:
    """Give the folder of an export, with each format in it."""
    reading = read(SEED)
    assert reading.problems == ()
    quads = encode(project, vocabulary, reading.corpus)
    content = Content(quads, project, vocabulary.ontology, vocabulary.ontology_files, vocabulary.shapes_files)
    folder = project.root / "exports"
    folder.mkdir()
    for name, data in exports.files(content):
        (folder / name).write_bytes(data)
    for name in ("trig", "nt"):
        (folder / f"kg.{name}").write_bytes(exports.FORMATS[name](content))
    return folder


def test_a_folder_stands_for_its_n_quads(export: Path) -> None:
    assert graph.load(export) == graph.load(export / "kg.nq")
    assert kg.load(str(export)) == graph.load(export)
    assert kg.load([export]) == graph.load(export)


@pytest.mark.parametrize("name", ["kg.nq", "kg.ttl", "kg.jsonld", "kg.trig", "kg.nt"])
def test_each_file_of_an_export_gives_the_same_triples_and_the_same_network(export: Path, name: str) -> None:
    whole, found = graph.load(export), graph.load(export / name)
    assert found.triples == whole.triples
    one, two = whole.to_networkx(), found.to_networkx()
    assert list(one.nodes(data=True)) == list(two.nodes(data=True))
    assert list(one.edges(keys=True, data=True)) == list(two.edges(keys=True, data=True))
    assert one.number_of_edges() == 2


def test_files_that_repeat_each_other_change_nothing(export: Path) -> None:
    both = graph.load([export / "kg.nq", export / "kg.ttl", export / "ontology.ttl", export / "void.ttl"])
    whole = graph.load(export)
    assert list(both.to_networkx().nodes(data=True)) == list(whole.to_networkx().nodes(data=True))


def test_triples_are_what_kg_ttl_holds_without_the_alleged_view(export: Path) -> None:
    found = graph.load(export)
    plain = (f"<{DEFAULT_BASE}aman-tolek>", f"<{KG_NAMESPACE}%s>", f"<{DEFAULT_BASE}norland>")
    stated, alleged = (
        (plain[0], plain[1] % "citizenOf", plain[2]),
        (plain[0], plain[1] % "travelledTo", plain[2]),
    )
    assert stated in found.triples
    assert alleged not in found.triples
    assert alleged in {quad[:3] for quad in found.quads}
    assert list(found.triples) == sorted(set(found.triples))
    assert len(found.to_rdflib()) == len(found.triples)


def test_an_rdflib_graph_knows_the_prefixes(export: Path) -> None:
    text = graph.load(export).to_rdflib().serialize(format="turtle")
    assert "id:aman-tolek a kg:Person" in text


def test_a_query_gives_rows_of_plain_texts(export: Path) -> None:
    found = graph.load(export)
    rows = found.query("SELECT ?what { id:aman-tolek kg:occupation ?what }")
    assert rows == [{"what": "herder"}]
    said = found.query("person", person="aman-tolek")
    assert {row["object"] for row in said} == {"herder", DEFAULT_BASE + "norland"}


def test_a_base_of_the_projects_own_is_found_in_the_data(
    read: Read, vocabulary: Vocabulary, tmp_path: Path
) -> None:
    (tmp_path / "kg.toml").write_text('base = "https://example.org/reports/"\n')
    own = find(tmp_path)
    from kg import seeds

    reading = seeds.read({"a.yaml": SEED.encode()}, vocabulary.ontology, vocabulary.choices, own)
    content = Content(encode(own, vocabulary, reading.corpus), own, vocabulary.ontology, (), ())
    for name in ("nq", "ttl"):
        path = tmp_path / f"kg.{name}"
        path.write_bytes(exports.FORMATS[name](content))
        found = kg.load(path)
        assert found.base == "https://example.org/reports/"
        assert found.triples == content.triples
        assert found.query("person", person="aman-tolek") != []


def test_exports_of_several_projects_load_together(export: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.nq"
    text = (export / "kg.nq").read_text(encoding="utf-8")
    other.write_text(text.replace(DEFAULT_BASE, "https://example.org/"), encoding="utf-8")
    both = graph.load([export, other])
    assert both.base == DEFAULT_BASE
    assert both.to_networkx().number_of_edges() == 4
    assert not [t for t in both.triples if t[1] == f"<{KG_NAMESPACE}travelledTo>"]
    assert graph.load([export, other], base="https://example.org/").base == "https://example.org/"


def test_what_is_missing_cannot_be_parsed_or_holds_no_assertion_is_told_in_one_line(tmp_path: Path) -> None:
    empty, broken = tmp_path / "empty.ttl", tmp_path / "broken.ttl"
    empty.write_text("<https://example.org/a> <https://example.org/b> 1 .")
    broken.write_text("<https://example.org/a> <https://example.org/b> ;;")
    for path, words in (
        (tmp_path / "none", r"none.*: "),
        (tmp_path, r"kg\.nq"),
        (empty, r"empty\.ttl: no assertion in it; kg\.load reads what kg build writes"),
        (broken, r"broken\.ttl:1:"),
    ):
        with pytest.raises(KgError, match=words) as caught:
            kg.load(path)
        assert "\n" not in str(caught.value)


def test_the_shipped_export_can_be_loaded() -> None:
    found = kg.load(ROOT / "exports")
    network = found.to_networkx()
    assert found.base == DEFAULT_BASE
    assert network.nodes[DEFAULT_BASE + "serek-yelsik"]["label"] == "Serek Yelsik"
    assert all(isinstance(value, str | bool) for _, a in network.nodes(data=True) for value in a.values())


def test_nothing_is_cut_up_that_a_network_does_not_need(
    export: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = graph.load(export)
    edges = {key for _, _, key in whole.to_networkx().edges(keys=True)}
    assert "quads" not in vars(whole)
    assert whole.quads == tuple(sorted(whole.quads))
    monkeypatch.setattr(network, "of_lines", None)
    assert {key for _, _, key in whole.to_networkx().edges(keys=True)} == edges


def test_a_graph_equals_one_of_the_same_quads(export: Path) -> None:
    whole = graph.load(export)
    same = graph.KnowledgeGraph(whole.quads)
    assert (same, hash(same), same.base) == (whole, hash(whole), whole.base)
    assert whole != graph.KnowledgeGraph(whole.quads, "https://example.org/")
    assert whole != graph.KnowledgeGraph(whole.quads[1:])
    assert whole != "kg.nq"


def test_a_text_that_looks_like_an_assertion_is_none(tmp_path: Path) -> None:
    said = f" <{expand('rdf:type')}> <{KG_NAMESPACE}Assertion> "
    path = tmp_path / "kg.nq"
    path.write_text(f'<urn:a> <urn:p> "<urn:b>{said}<urn:g> ." <urn:g> .\n')
    with pytest.raises(KgError, match="no assertion in it"):
        kg.load(path)
    with path.open("a") as file:
        file.write(f"<urn:b>{said}<urn:g> .\n")
    assert kg.load(path).base == DEFAULT_BASE


def test_a_file_that_changes_behind_it_changes_nothing(export: Path) -> None:
    whole = graph.load(export)
    (export / "kg.nq").write_bytes(b"")
    assert whole.to_networkx().number_of_edges() == 2
    assert whole.quads

"""A predicate that is added to the ontology, and nowhere else, works everywhere."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from conftest import EVIDENCE, HEAD
from kg import build, exports, nt, resources, schema
from kg.build import Graph, Vocabulary
from kg.graph import KnowledgeGraph
from kg.namespaces import DEFAULT_BASE, KG_NAMESPACE, expand
from kg.project import Project, find
from kg.rdf import graph_iri

TERM = """
kg:transferredTo a owl:ObjectProperty ;
    rdfs:label "transferred to"@en ;
    skos:definition "Where somebody was moved to in custody."@en ;
    rdfs:domain kg:PersonOrGroup ;
    rdfs:range kg:Place .
"""
PREFIXES = """\
@prefix kg: <https://w3id.org/reportedly/ontology#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
"""
SEED = f"""\
{HEAD}assertions:
  - about: aman-tolek
    told-by: friend
    {EVIDENCE}
    transferred-to: {{value: upper-valley, date: 2021-03}}
"""
AMAN, VALLEY = DEFAULT_BASE + "aman-tolek", DEFAULT_BASE + "upper-valley"
TRANSFERRED = KG_NAMESPACE + "transferredTo"


@pytest.fixture(params=["in a file of the project's own", "in the file that comes with kg"])
def project(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """Give a project whose vocabulary has the one term more."""
    if request.param == "in a file of the project's own":
        (tmp_path / "more.ttl").write_text(PREFIXES + TERM)
        (tmp_path / "kg.toml").write_text('ontology = ["more.ttl"]\n')
        return find(tmp_path)
    for name in ("ontology", "shapes"):
        shutil.copytree(resources.folder(name), tmp_path / "installed" / name)
    with (tmp_path / "installed" / "ontology" / "kg.ttl").open("a") as file:
        file.write(TERM)
    original = resources.folder
    monkeypatch.setattr(
        resources,
        "folder",
        lambda name: original(name) if name == "queries" else tmp_path / "installed" / name,
    )
    return find(tmp_path)


@pytest.fixture
def vocabulary(project: Project) -> Vocabulary:
    return Vocabulary.of(project)


def built(project: Project, vocabulary: Vocabulary, text: str) -> Graph:
    reading = build.read(project, vocabulary, {"a.yaml": text.encode()})
    assert reading.problems == ()
    return build.graph(project, vocabulary, reading.corpus)


def test_without_the_term_there_is_no_such_predicate(tmp_path: Path) -> None:
    project = find(tmp_path)
    problems = build.read(project, Vocabulary.of(project), {"a.yaml": SEED.encode()}).problems
    assert {problem.code for problem in problems} == {"unknown-predicate"}


def test_it_is_used_in_a_seed_checked_and_exported(project: Project, vocabulary: Vocabulary) -> None:
    made = built(project, vocabulary, SEED)
    assert (made.conforms, made.findings) == (True, ())
    plain = (nt.iri(AMAN), nt.iri(TRANSFERRED), nt.iri(VALLEY))
    assert (*plain, nt.iri(graph_iri("view", DEFAULT_BASE))) in made.quads
    files = dict(exports.files(made.content))
    assert " ".join((*plain, nt.iri(graph_iri("view", DEFAULT_BASE)), ".\n")).encode() in files["kg.nq"]
    assert b"kg:transferredTo id:upper-valley" in files["kg.ttl"]
    assert b"rdf:predicate kg:transferredTo ;" in files["kg.ttl"]
    assert b'"transferredTo": {"@id": "kg:transferredTo", "@type": "@id"}' in files["kg.jsonld"]
    assert b"kg:transferredTo a owl:ObjectProperty" in files["ontology.ttl"]
    axiom = (nt.iri(TRANSFERRED), nt.iri(expand("rdfs:range")), nt.iri(KG_NAMESPACE + "Place"))
    assert axiom in made.content.triples


def test_an_object_of_the_wrong_class_is_a_violation_where_it_was_typed(
    project: Project, vocabulary: Vocabulary
) -> None:
    text = SEED.replace("value: upper-valley", "value: valley-police")
    made = built(project, vocabulary, text)
    (finding,) = made.findings
    lines = text.splitlines()
    (line,) = [number for number, line in enumerate(lines, 1) if "transferred-to" in line]
    assert finding.location is not None
    assert (finding.location.path, finding.location.line) == ("a.yaml", line)
    assert finding.location.column == lines[line - 1].index("valley-police") + 1
    assert (finding.severity, finding.shape, made.conforms) == ("violation", "assertion-fits", False)
    assert "transferred-to takes as its object: place" in finding.message


def test_a_subject_of_the_wrong_class_is_a_violation(project: Project, vocabulary: Vocabulary) -> None:
    made = built(project, vocabulary, SEED.replace("about: aman-tolek", "about: valley-police"))
    assert [finding.shape for finding in made.findings] == ["assertion-fits"]


def test_it_is_offered_by_editors(vocabulary: Vocabulary) -> None:
    document = json.loads(schema.schema(vocabulary.ontology, vocabulary.choices))
    block = document["properties"]["assertions"]["items"]["properties"]
    assert block["transferred-to"]["description"] == "Where somebody was moved to in custody."


def test_it_is_an_edge_of_the_network(project: Project, vocabulary: Vocabulary) -> None:
    made = built(project, vocabulary, SEED)
    ((start, end, attributes),) = made.content.graph.edges(data=True)
    assert (start, end) == (AMAN, VALLEY)
    assert (attributes["predicate"], attributes["label"]) == ("transferred-to", "transferred to")
    assert (attributes["date"], attributes["latest"]) == ("2021-03", "2021-03-31")


def test_the_query_for_one_persons_file_finds_it(project: Project, vocabulary: Vocabulary) -> None:
    made = built(project, vocabulary, SEED)
    (row,) = KnowledgeGraph(made.quads).query("person", person="aman-tolek")
    assert (row["predicate"], row["object"], row["date"]) == (TRANSFERRED, VALLEY, "2021-03")
    behind = KnowledgeGraph(made.quads).query("behind", predicate="transferred-to")
    assert [row["subject"] for row in behind] == [AMAN]

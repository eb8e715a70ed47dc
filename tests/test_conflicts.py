"""Each rule beside the smallest pair that conflicts and the nearest that does not; pyshacl agrees."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from conftest import DIGEST, HEAD, ROOT
from kg import build, conflicts, rdf
from kg.build import Vocabulary
from kg.conflicts import Conflict
from kg.exports import Content
from kg.nt import Triple
from kg.problems import KgError, RefusedError
from kg.project import Project, find
from kg.seeds import Reading
from kg.validate import validate

Read = Callable[..., Reading]
FILES = [path for path in Vocabulary.of(find(ROOT)).shapes_files if conflicts.is_conflicts_file(path)]


def seed(*blocks: str) -> str:
    """Give a seed with one block for each text, each with words of its own as evidence."""
    written = [
        f"  - about: aman-tolek\n    evidence: {{start: {n}, end: {n + 1}, digest: {str(n) * 64}}}\n"
        + "".join(f"    {line.strip()}\n" for line in block.split(";"))
        for n, block in enumerate(blocks)
    ]
    more = HEAD.replace(
        "place:\n", "place:\n  town: Town\n  valley: Valley\n  somewhere: {unnamed: a place}\n"
    )
    more = more.replace("episodes:\n", "episodes:\n  second-case: another arrest\n")
    return more + "assertions:\n" + "".join(written)


def triples_of(reading: Reading, vocabulary: Vocabulary, project: Project) -> tuple[Triple, ...]:
    assert reading.problems == ()
    quads = build.encode(project, vocabulary, reading.corpus)
    files = (vocabulary.ontology_files, vocabulary.shapes_files)
    return Content(quads, project, vocabulary.ontology, *files).triples


CASE = "episode: herder-case"
PAIRS = {
    "conflict-term": [
        (f"sentenced-to: 5 years; {CASE}", f"sentenced-to: 7 years; {CASE}", True),
        (f"sentenced-to: 5 years; {CASE}", f"sentenced-to: life; {CASE}", True),
        (f"sentenced-to: death; {CASE}", f"sentenced-to: life; {CASE}", True),
        (f"sentenced-to: 5 years; {CASE}", f"sentenced-to: 60 months; {CASE}", False),
        (f"sentenced-to: 5 years; {CASE}", f"sentenced-to: 4-6 years; {CASE}", False),
        (f"sentenced-to: 5 years; {CASE}", f"sentenced-to: more than 3 years; {CASE}", False),
        (f"sentenced-to: life; {CASE}", f"sentenced-to: life imprisonment; {CASE}", False),
        (f"sentenced-to: 5 years; {CASE}", "sentenced-to: 7 years; episode: second-case", False),
        (f"sentenced-to: 5 years; {CASE}", f"sentenced-to: refused; {CASE}", False),
        (f"sentenced-to: 5 years; {CASE}", f"sentenced-to: 7 years; {CASE}; withdrawn: 2026-01-02", False),
        (f"sentenced-to: 5 years; {CASE}", f"sentenced-to: 7 years; {CASE}; polarity: denied", False),
    ],
    "conflict-date": [
        (f"detained-at: town; {CASE}; date: 2021-02-03", f"detained-at: town; {CASE}; date: 2021-02-05", True),
        (f"detained-at: town; {CASE}; date: 2021-02", f"detained-at: valley; {CASE}; date: 2021-03", True),
        (f"detained-at: town; {CASE}; date: 2021-02", f"detained-at: town; {CASE}; date: 2021-02-05", False),
        (f"detained-at: town; {CASE}; date: 2021-02~", f"detained-at: town; {CASE}; date: 2021-03", False),
        (f"detained-at: town; {CASE}; date: 2021-02/..", f"detained-at: town; {CASE}; date: 2021-03", False),
        (f"travelled-to: norland; {CASE}; date: 2020", f"travelled-to: norland; {CASE}; date: 2021", False),
    ],
    "conflict-denial": [
        ("detained-by: valley-police", "detained-by: valley-police; polarity: denied", True),
        ("detained-by: valley-police", "detained-by: valley-court; polarity: denied", False),
        ("accused-of: none-given", "accused-of: none-given; polarity: denied", False),
        ("detained-at: town; date: 2019", "detained-at: town; date: 2020; polarity: denied", False),
    ],
    "conflict-release": [
        (f"released-from: town; {CASE}; date: 2021-02", f"held-at: town; {CASE}; date: 2021-03", True),
        (f"released-from: town; {CASE}; date: 2021-02", f"held-at: town; {CASE}; date: 2021-01/2021-03", True),
        (f"released-from: town; {CASE}; date: 2021-02", f"held-at: town; {CASE}; date: 2021-01", False),
        (f"released-from: town; {CASE}; date: 2021-02", f"held-at: town; {CASE}; date: 2021-03?", False),
        (f"released-from: town; {CASE}; date: 2021-02", "held-at: town; episode: second-case; date: 2021-03", False),
    ],
    "conflict-once": [
        ("died-at: town", "died-at: upper-valley", True),
        ("died-at: town", "died-at: valley", False),
        ("died-at: town", "died-at: somewhere", False),
        ("died-at: town", "died-at: refused", False),
        ("resident-in: town", "resident-in: upper-valley", False),
    ],
}  # fmt: skip
CASES = [(rule, *pair) for rule, pairs in PAIRS.items() for pair in pairs]


@pytest.mark.parametrize(("rule", "one", "other", "conflict"), CASES)
def test_a_pair_conflicts_or_not_and_pyshacl_agrees(
    read: Read, vocabulary: Vocabulary, project: Project, rule: str, one: str, other: str, conflict: bool
) -> None:
    located = (
        f"  - about: town\n    evidence: {{start: 90, end: 91, digest: {DIGEST}}}\n    located-in: valley\n"
    )
    triples = triples_of(read(seed(one, other) + located), vocabulary, project)
    found = conflicts.conflicts(triples, FILES)
    assert [each.rule for each in found] == [rule] * conflict
    outcome = validate(rdf.to_rdflib(triples), build.shapes_of(FILES), engine="pyshacl")
    by_pyshacl = {
        Conflict(r.shape.rpartition("#")[2], r.focus, (r.value or "")[1:-1], r.message)
        for r in outcome.results
    }
    assert by_pyshacl == set(found)
    assert outcome.conforms


def test_each_rule_is_tried_both_ways() -> None:
    rules = {rule.name for path in FILES for rule in conflicts._rules(path)}
    assert rules == set(PAIRS)
    assert all({conflict for *_, conflict in pairs} == {True, False} for pairs in PAIRS.values())


def test_a_conflict_is_a_warning_at_its_line_and_names_the_other_place(
    read: Read, vocabulary: Vocabulary, project: Project
) -> None:
    reading = read(seed(f"sentenced-to: 5 years; {CASE}", f"sentenced-to: 7 years; {CASE}"))
    built = build.graph(project, vocabulary, reading.corpus)
    (finding,) = (f for f in built.findings if f.shape == "conflict-term")
    assert finding.severity == "warning"
    assert built.conforms
    lines = {a.where.line for a in reading.corpus.assertions}
    assert finding.location is not None
    (other,) = lines - {finding.location.line}
    assert f"a.yaml:{other}:" in finding.message


RULE = """
@prefix kg: <https://w3id.org/reportedly/ontology#> . @prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix x: <https://example.org/shapes#> .
x:two-homes sh:targetSubjectsOf kg:toldBy ; sh:severity sh:Warning ; sh:message "two homes" ; sh:sparql x:query .
x:query sh:select "SELECT"
"""


def test_a_project_may_add_a_rule(
    read: Read, vocabulary: Vocabulary, project: Project, tmp_path: Path
) -> None:
    text = RULE.replace(
        '"SELECT"',
        '"""SELECT $this ?value { $this rdf:predicate kg:residentIn ; rdf:subject ?who ; rdf:object ?a .'
        " ?value rdf:predicate kg:residentIn ; rdf:subject ?who ; rdf:object ?b ."
        ' FILTER(STR(?a) < STR(?b)) }""" .',
    )
    (tmp_path / "conflicts-ours.ttl").write_text(text, encoding="utf-8")
    triples = triples_of(read(seed("resident-in: town", "resident-in: upper-valley")), vocabulary, project)
    found = conflicts.conflicts(triples, [*FILES, tmp_path / "conflicts-ours.ttl"])
    assert [(each.rule, each.message) for each in found] == [("two-homes", "two homes")]


@pytest.mark.parametrize(
    ("select", "error", "said"),
    [
        ("SELECT $this { $this ?p ?o }", KgError, r"selects \$this and \?value"),
        ("ASK { $this ?p ?value }", KgError, "no SELECT"),
        ("SELECT $this ?value {", KgError, "two-homes"),
        (
            "SELECT $this ?value { SERVICE <http://127.0.0.1:1/> { $this ?p ?value } }",
            RefusedError,
            "SERVICE",
        ),
    ],
)
def test_a_rule_that_cannot_be_used_is_refused(
    tmp_path: Path, select: str, error: type[KgError], said: str
) -> None:
    (tmp_path / "conflicts-ours.ttl").write_text(
        RULE.replace('"SELECT"', f'"""{select}""" .'), encoding="utf-8"
    )
    with pytest.raises(error, match=said):
        conflicts.conflicts([], [tmp_path / "conflicts-ours.ttl"])


def test_an_empty_graph_has_no_conflicts() -> None:
    assert conflicts.conflicts([], FILES) == ()

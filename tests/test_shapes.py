from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import quote

import pytest
import rdflib

from kg import dates, quantities
from kg.ontology import closed_values
from kg.terms import KG
from kg.validate import Outcome, Severity, validate

ROOT = Path(__file__).parents[1]
# Rules that compare assertions are tried in test_conflicts.py.
FILES = sorted(path for path in (ROOT / "shapes").glob("*.ttl") if not path.name.startswith("conflicts"))
KGS = "https://w3id.org/reportedly/shapes#"
SH = rdflib.Namespace("http://www.w3.org/ns/shacl#")
TARGETS = (SH.targetClass, SH.targetNode, SH.targetSubjectsOf, SH.targetObjectsOf)
DIGEST = "ab" * 32

PREFIXES = """
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix edtf: <http://id.loc.gov/datatypes/edtf/> .
@prefix id: <https://w3id.org/reportedly/id/> .
@prefix kg: <https://w3id.org/reportedly/ontology#> .
@prefix oa: <http://www.w3.org/ns/oa#> .
@prefix pav: <http://purl.org/pav/> .
@prefix prov: <http://www.w3.org/ns/prov#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix schema: <https://schema.org/> .
@prefix sem: <http://semanticweb.cs.vu.nl/2009/11/sem/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""


def turtle(text: str) -> rdflib.Graph:
    rdflib.NORMALIZE_LITERALS = False
    return rdflib.Graph().parse(data=PREFIXES + text, format="turtle")


@cache
def axioms() -> rdflib.Graph:
    """What of the ontology travels in the data."""
    ontology = rdflib.Graph().parse(ROOT / "ontology" / "kg.ttl")
    found = rdflib.Graph()
    for predicate in ("subClassOf", "subPropertyOf", "domain", "range", "label"):
        for triple in ontology.triples((None, rdflib.RDFS[predicate], None)):
            found.add(triple)
    return found


@cache
def shapes(*files: Path) -> rdflib.Graph:
    rdflib.NORMALIZE_LITERALS = False
    found = rdflib.Graph()
    for file in files or FILES:
        found.parse(file)
    return found


def only(name: str) -> rdflib.Graph:
    """The shapes, of which only one has a target; the others are there for it to refer to."""
    found = rdflib.Graph()
    for subject, predicate, object_ in shapes():
        if predicate not in TARGETS or str(subject) == KGS + name:
            found.add((subject, predicate, object_))
    return found


def check(text: str, with_shapes: rdflib.Graph | None = None) -> Outcome:
    return validate(turtle(text) + axioms(), with_shapes or shapes())


def fired(outcome: Outcome) -> set[tuple[str, str, str]]:
    return {
        (result.shape.removeprefix(KGS), result.severity, result.focus.rpartition("/")[2])
        for result in outcome.results
    }


# ---------------------------------------------------------------- each shape by itself


@dataclass(frozen=True)
class Pair:
    """The smallest graph that a shape looks at and accepts, and the smallest that it refuses."""

    accepted: str
    refused: str
    focus: str = "a"
    severity: Severity = "violation"


PAIRS = {
    # -------- assertions.ttl
    "assertion-subject": Pair(
        "id:a a kg:Assertion ; rdf:subject id:aman .",
        "id:a a kg:Assertion .",
    ),
    "assertion-predicate": Pair(
        "id:a a kg:Assertion ; rdf:predicate kg:heldAt .",
        "id:a a kg:Assertion ; rdf:predicate kg:heldAt , kg:detainedAt .",
    ),
    "assertion-object": Pair(
        "id:a a kg:Assertion ; rdf:object kg:noneGiven .",
        "id:a a kg:Assertion ; rdf:object [] .",
    ),
    "assertion-predicate-known": Pair(
        "id:a rdf:predicate kg:heldAt .",
        "id:a rdf:predicate kg:beatenAt .",
    ),
    "assertion-fits": Pair(
        "id:a a kg:Assertion ; rdf:subject id:aman ; rdf:predicate kg:heldAt ; rdf:object id:camp ."
        " id:aman a kg:Person . id:camp a kg:Facility .",
        "id:a a kg:Assertion ; rdf:subject id:aman ; rdf:predicate kg:heldAt ; rdf:object id:camp ."
        " id:aman a kg:Person . id:camp a kg:Court .",
    ),
    "assertion-polarity": Pair(
        'id:a a kg:Assertion ; kg:polarity "denied" .',
        'id:a a kg:Assertion ; kg:polarity "doubted" .',
    ),
    "assertion-certainty": Pair(
        'id:a a kg:Assertion ; kg:certainty "alleged" .',
        'id:a a kg:Assertion ; kg:certainty "alleged" , "stated" .',
    ),
    "assertion-method": Pair(
        'id:a a kg:Assertion ; kg:method "imported" .',
        "id:a a kg:Assertion .",
    ),
    "assertion-report": Pair(
        "id:a a kg:Assertion ; prov:wasDerivedFrom id:r . id:r a kg:Report .",
        "id:a a kg:Assertion ; prov:wasDerivedFrom id:r .",
    ),
    "assertion-source": Pair(
        "id:a a kg:Assertion ; kg:toldBy id:s . id:s a kg:Source .",
        "id:a a kg:Assertion ; kg:toldBy id:s .",
    ),
    "assertion-evidence": Pair(
        "id:a a kg:Assertion ; kg:evidence id:e . id:e a oa:SpecificResource .",
        "id:a a kg:Assertion .",
    ),
    "assertion-episode": Pair(
        "id:a kg:episode id:case . id:case a sem:Event .",
        "id:a kg:episode id:aman . id:aman a kg:Person .",
    ),
    "assertion-withdrawn": Pair(
        'id:a prov:invalidatedAtTime "2026-01-02T00:00:00Z"^^xsd:dateTime .',
        'id:a prov:invalidatedAtTime "2026-01-02"^^xsd:date .',
    ),
    "withdrawal-dated": Pair(
        'id:a kg:withdrawalReason "legal" ; prov:invalidatedAtTime "2026-01-02T00:00:00Z"^^xsd:dateTime .',
        'id:a kg:withdrawalReason "legal" .',
    ),
    "assertion-withdrawal-reason": Pair(
        'id:a kg:withdrawalReason "legal" .',
        'id:a kg:withdrawalReason "because" .',
    ),
    "relative-role": Pair(
        'id:a a kg:Assertion ; rdf:predicate kg:relativeOf ; kg:role "wife" .',
        "id:a a kg:Assertion ; rdf:predicate kg:relativeOf .",
        severity="warning",
    ),
    "sentence-court": Pair(
        "id:a a kg:Assertion ; rdf:predicate kg:sentencedTo ; kg:episode id:case ."
        " id:b rdf:predicate kg:sentencedBy ; kg:episode id:case .",
        "id:a a kg:Assertion ; rdf:predicate kg:sentencedTo ; kg:episode id:case ."
        " id:b rdf:predicate kg:sentencedBy ; kg:episode id:other .",
        severity="info",
    ),
    # -------- entities.ttl
    "entity-label": Pair(
        'id:aman a kg:Person ; rdfs:label "Aman Tolek" .',
        "id:aman a kg:Person .",
        focus="aman",
    ),
    "entity-class": Pair(
        "id:camp a kg:Facility , schema:CivicStructure .",
        "id:camp a kg:Facility , kg:Organization .",
        focus="camp",
        severity="warning",
    ),
    "entity-unnamed": Pair(
        "id:friend kg:unnamed true .",
        'id:friend kg:unnamed "yes" .',
        focus="friend",
    ),
    "place-loop": Pair(
        "id:village kg:locatedIn id:county . id:county kg:locatedIn id:norland .",
        "id:village kg:locatedIn id:county . id:county kg:locatedIn id:village .",
        focus="county village",
    ),
    # -------- evidence.ttl
    "evidence-source": Pair(
        "id:e a oa:SpecificResource ; oa:hasSource id:r .",
        "id:e a oa:SpecificResource ; oa:hasSource id:r , id:other .",
        focus="e",
    ),
    "evidence-place": Pair(
        "id:e a oa:SpecificResource ; oa:hasSource id:r ; oa:hasSelector id:span ;"
        f' schema:sha256 "{DIGEST}" . id:r a kg:Report .',
        "id:e a oa:SpecificResource ; oa:hasSource id:r . id:r a kg:Report .",
        focus="e",
    ),
    "evidence-digest": Pair(
        f'id:e schema:sha256 "{DIGEST}" .',
        f'id:e schema:sha256 "{DIGEST.upper()}" .',
        focus="e",
    ),
    "span-start": Pair(
        'id:span a oa:TextPositionSelector ; oa:start "7"^^xsd:nonNegativeInteger ;'
        ' oa:end "8"^^xsd:nonNegativeInteger .',
        'id:span a oa:TextPositionSelector ; oa:start "8"^^xsd:nonNegativeInteger ;'
        ' oa:end "8"^^xsd:nonNegativeInteger .',
        focus="span",
    ),
    "span-end": Pair(
        'id:span a oa:TextPositionSelector ; oa:end "8"^^xsd:nonNegativeInteger .',
        'id:span a oa:TextPositionSelector ; oa:end "8"^^xsd:integer .',
        focus="span",
    ),
    "table-file": Pair(
        'id:s a oa:FragmentSelector ; dcterms:identifier "list.csv" .',
        "id:s a oa:FragmentSelector .",
        focus="s",
    ),
    "table-row": Pair(
        'id:s a oa:FragmentSelector ; rdf:value "row=17" .',
        'id:s a oa:FragmentSelector ; rdf:value "row=0" .',
        focus="s",
    ),
    "evidence-in-report": Pair(
        "id:a a kg:Assertion ; prov:wasDerivedFrom id:r ; kg:evidence id:e ."
        " id:e oa:hasSource id:r ; oa:hasSelector id:span .",
        "id:a a kg:Assertion ; prov:wasDerivedFrom id:r ; kg:evidence id:e ."
        " id:e oa:hasSource id:other ; oa:hasSelector id:span .",
    ),
    "report-text": Pair(
        "id:r a kg:Report ; kg:evidence id:whole . id:whole oa:hasSource id:r ; oa:hasSelector id:text ."
        " id:text oa:start 0 ; oa:end 500 ."
        " id:e oa:hasSource id:r ; oa:hasSelector id:span . id:span oa:end 500 .",
        "id:r a kg:Report ; kg:evidence id:whole . id:whole oa:hasSource id:r ; oa:hasSelector id:text ."
        " id:text oa:start 0 ; oa:end 500 ."
        " id:e oa:hasSource id:r ; oa:hasSelector id:span . id:span oa:end 501 .",
        focus="r",
    ),
    # -------- sources.ttl
    "report-title": Pair(
        'id:r a kg:Report ; dcterms:title "Herder taken"@en .',
        "id:r a kg:Report .",
        focus="r",
    ),
    "report-publisher": Pair(
        "id:r dcterms:publisher id:post . id:post a kg:Organization .",
        "id:r dcterms:publisher id:norland . id:norland a kg:Country .",
        focus="r",
    ),
    "report-published-by": Pair(
        'id:r a kg:Report ; dcterms:type "gazetteer" .',
        'id:r a kg:Report ; dcterms:type "article" .',
        focus="r",
    ),
    "report-issued": Pair(
        'id:r a kg:Report ; dcterms:issued "2021-03-04"^^xsd:date .',
        "id:r a kg:Report .",
        focus="r",
    ),
    "source-basis": Pair(
        'id:s a kg:Source ; kg:basis "official-statement" .',
        'id:s a kg:Source ; kg:basis "rumour" .',
        focus="s",
    ),
    "source-speaker": Pair(
        "id:s kg:speaker id:friend . id:friend a kg:Person .",
        "id:s kg:speaker id:friend , id:post . id:friend a kg:Person . id:post a kg:Organization .",
        focus="s",
    ),
    "source-speaks": Pair(
        'id:s a kg:Source ; kg:basis "unknown" .',
        'id:s a kg:Source ; kg:basis "hearsay" .',
        focus="s",
    ),
    "source-learned-from": Pair(
        "id:s kg:learnedFrom id:inner . id:inner a kg:Source .",
        "id:s kg:learnedFrom id:friend . id:friend a kg:Person .",
        focus="s",
    ),
    "source-loop": Pair(
        "id:s kg:learnedFrom id:inner .",
        "id:s kg:learnedFrom id:s .",
        focus="s",
    ),
    # -------- values.ttl
    "date-form": Pair(
        'id:a kg:date "2017-05~"^^edtf:EDTF .',
        'id:a kg:date "May 2017"^^edtf:EDTF .',
    ),
    "report-date-form": Pair(
        'id:r dcterms:issued "2021-03"^^edtf:EDTF ; pav:retrievedOn "2021-03-05"^^xsd:date .',
        'id:r dcterms:issued "2021-03"^^edtf:EDTF ; pav:retrievedOn "5 March"^^xsd:date .',
        focus="r",
    ),
    "date-earliest": Pair(
        'id:a sem:hasEarliestBeginTimeStamp "2017-05-01"^^xsd:date ;'
        ' sem:hasLatestEndTimeStamp "2017-05-01"^^xsd:date .',
        'id:a sem:hasEarliestBeginTimeStamp "2017-05-02"^^xsd:date ;'
        ' sem:hasLatestEndTimeStamp "2017-05-01"^^xsd:date .',
    ),
    "date-latest": Pair(
        'id:a sem:hasLatestEndTimeStamp "2017-05-31"^^xsd:date .',
        'id:a sem:hasLatestEndTimeStamp "2017-05-32"^^xsd:date .',
    ),
    "date-missing": Pair(
        'id:a kg:date "2017-05/.."^^edtf:EDTF ; sem:hasEarliestBeginTimeStamp "2017-05-01"^^xsd:date .',
        'id:a sem:hasEarliestBeginTimeStamp "2017-05-01"^^xsd:date .',
    ),
    "date-agrees": Pair(
        'id:a kg:date "2017-05/.."^^edtf:EDTF ; sem:hasEarliestBeginTimeStamp "2017-05-01"^^xsd:date .',
        'id:a kg:date "2017-05/.."^^edtf:EDTF ; sem:hasEarliestBeginTimeStamp "2017-06-01"^^xsd:date .',
    ),
    "term-least": Pair(
        "id:a kg:minMonths 60 ; kg:maxMonths 60 .",
        "id:a kg:minMonths 61 ; kg:maxMonths 60 .",
    ),
    "term-most": Pair(
        "id:a kg:maxMonths 60 .",
        "id:a kg:maxMonths -1 .",
    ),
    "term-missing": Pair(
        'id:a rdf:object "5 years"^^kg:Term ; kg:minMonths 60 .',
        'id:a rdf:object "life"^^kg:Term ; kg:minMonths 60 .',
    ),
    "term-counted": Pair(
        'id:a a kg:Assertion ; rdf:object "Death sentence"^^kg:Term .',
        'id:a a kg:Assertion ; rdf:object "5 years"^^kg:Term .',
    ),
    "number-least": Pair(
        "id:a schema:minValue 30 ; schema:maxValue 40 .",
        "id:a schema:minValue 41 ; schema:maxValue 40 .",
    ),
    "number-most": Pair(
        "id:a schema:maxValue 40 .",
        "id:a schema:maxValue 40.5 .",
    ),
    "number-missing": Pair(
        'id:a kg:count "more than 30"^^kg:Quantity ; schema:minValue 31 .',
        'id:a rdf:object "more than 30" ; schema:minValue 31 .',
    ),
    # -------- view.ttl
    "view-backed": Pair(
        "id:aman a kg:Person ; kg:relatedToCountry id:norland ."
        " id:a rdf:subject id:aman ; rdf:predicate kg:citizenOf ; rdf:object id:norland ;"
        ' kg:polarity "affirmed" ; kg:certainty "stated" .',
        "id:aman a kg:Person ; kg:relatedToCountry id:norland .",
        focus="aman",
    ),
}


@pytest.mark.parametrize("name", PAIRS)
def test_a_shape_accepts_the_one_and_refuses_the_other(name: str) -> None:
    pair = PAIRS[name]
    accepted = check(pair.accepted, only(name))
    assert accepted.touched[KGS + name] > 0, "what is accepted was looked at"
    assert fired(accepted) == set()
    refused = check(pair.refused, only(name))
    assert fired(refused) == {(name, pair.severity, focus) for focus in pair.focus.split()}
    assert refused.conforms == (pair.severity != "violation")


def test_every_shape_with_a_target_has_such_a_pair() -> None:
    targeting = {str(shape) for target in TARGETS for shape in shapes().subjects(target, None)}
    assert targeting == {KGS + name for name in PAIRS}


# ---------------------------------------------------------------- all shapes on a whole graph

WHOLE = f"""
id:aman a kg:Person ; rdfs:label "Aman Tolek" ; kg:heldAt id:camp ; kg:sentencedTo "5 years"^^kg:Term .
id:r_friend a kg:Person ; rdfs:label "a friend" ; kg:unnamed true .
id:camp a kg:Facility ; rdfs:label "Camp" ; kg:locatedIn id:norland .
id:norland a kg:Country ; rdfs:label "Norland" .
id:court a kg:Court ; rdfs:label "Valley court" .
id:post a kg:Organization ; rdfs:label "Valley Post" .

id:report_r a kg:Report ; dcterms:title "Herder taken"@en ; dcterms:type "article" ;
    dcterms:publisher id:post ; dcterms:issued "2021-03-04"^^xsd:date ; kg:evidence id:whole .
id:whole a oa:SpecificResource ; oa:hasSource id:report_r ; oa:hasSelector id:text ;
    schema:sha256 "{DIGEST}" .
id:text a oa:TextPositionSelector ;
    oa:start "0"^^xsd:nonNegativeInteger ; oa:end "500"^^xsd:nonNegativeInteger .

id:source_post a kg:Source ; kg:speaker id:post ; kg:basis "unknown" ; kg:learnedFrom id:source_friend .
id:source_friend a kg:Source ; kg:speaker id:r_friend ; kg:basis "first-hand" .
id:source_withheld a kg:Source ; rdfs:label "source withheld" ; kg:basis "unknown" .

id:e a oa:SpecificResource ; oa:hasSource id:report_r ; oa:hasSelector id:span ; schema:sha256 "{DIGEST}" .
id:span a oa:TextPositionSelector ;
    oa:start "10"^^xsd:nonNegativeInteger ; oa:end "40"^^xsd:nonNegativeInteger .
id:record a oa:SpecificResource ; oa:hasSource <https://example.org/camp> .
id:case a sem:Event ; rdfs:label "the case" .

id:a a kg:Assertion ; rdf:subject id:aman ; rdf:predicate kg:heldAt ; rdf:object id:camp ;
    kg:polarity "affirmed" ; kg:certainty "stated" ; kg:method "curated" ;
    prov:wasDerivedFrom id:report_r ; kg:toldBy id:source_post ; kg:evidence id:e ; kg:secretTrial true ;
    kg:date "2017-05"^^edtf:EDTF ; sem:hasEarliestBeginTimeStamp "2017-05-01"^^xsd:date ;
    sem:hasLatestEndTimeStamp "2017-05-31"^^xsd:date ; kg:count "about 30"^^kg:Quantity ;
    schema:minValue "30"^^xsd:integer ; schema:maxValue "30"^^xsd:integer .
id:b a kg:Assertion ; rdf:subject id:aman ; rdf:predicate kg:sentencedTo ; rdf:object "5 years"^^kg:Term ;
    kg:polarity "affirmed" ; kg:certainty "stated" ; kg:method "curated" ; kg:episode id:case ;
    prov:wasDerivedFrom id:report_r ; kg:toldBy id:source_friend ; kg:evidence id:e ;
    kg:minMonths "60"^^xsd:integer ; kg:maxMonths "60"^^xsd:integer .
id:c a kg:Assertion ; rdf:subject id:aman ; rdf:predicate kg:sentencedBy ; rdf:object kg:refused ;
    kg:polarity "affirmed" ; kg:certainty "stated" ; kg:method "extracted" ; kg:episode id:case ;
    prov:wasDerivedFrom id:report_r ; kg:toldBy id:source_withheld ; kg:evidence id:e .
id:d a kg:Assertion ; rdf:subject id:camp ; rdf:predicate kg:locatedIn ; rdf:object id:norland ;
    kg:polarity "affirmed" ; kg:certainty "stated" ; kg:method "imported" ;
    prov:wasDerivedFrom id:report_r ; kg:toldBy id:source_post ; kg:evidence id:record .
"""


def test_a_whole_graph_is_accepted_by_all_shapes_together() -> None:
    outcome = check(WHOLE)
    assert fired(outcome) == set()
    assert {name.removeprefix(KGS) for name, count in outcome.touched.items() if not count} == {
        "assertion-withdrawn",
        "assertion-withdrawal-reason",
        "table-file",
        "table-row",
        "withdrawal-dated",
    }


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_each_file_can_be_used_without_the_others(file: Path) -> None:
    assert fired(check(WHOLE, shapes(file))) == set()


@pytest.mark.parametrize(
    ("there", "instead", "fires"),
    [
        ('kg:method "imported"', 'kg:method "guessed"', "assertion-method d"),
        ("kg:toldBy id:source_withheld", "kg:toldBy id:aman", "assertion-source c"),
        ("prov:wasDerivedFrom id:report_r ; kg:toldBy id:source_f", "kg:toldBy id:source_f",
         "assertion-report b"),
        ("kg:evidence id:record", "kg:note 1", "assertion-evidence d"),
        ("kg:heldAt ; rdf:object", "kg:beatenAt ; rdf:object",
         "assertion-predicate-known a, view-backed aman"),
        ("rdf:predicate kg:heldAt ; rdf:object id:camp", "rdf:predicate kg:unnamed ; rdf:object true",
         "assertion-predicate-known a, view-backed aman"),
        ("rdf:subject id:camp", "rdf:subject id:court", "assertion-fits d, view-backed camp"),
        ("rdf:object id:norland", 'rdf:object "Norland"', "assertion-fits d, view-backed camp"),
        ("rdf:object id:norland", "rdf:object id:nowhere", "assertion-fits d, view-backed camp"),
        ("kg:secretTrial true", 'kg:secretTrial "yes"', "assertion-fits a"),
        ("kg:secretTrial true", 'kg:secretTrial "no"^^xsd:boolean', "assertion-fits a"),
        ("kg:secretTrial true", "kg:inferred 1", "assertion-fits a"),
        ('kg:minMonths "60"^^xsd:integer', 'kg:minMonths "60"^^xsd:decimal', "assertion-fits b"),
        ('"2017-05"^^edtf', '"2017-5"^^edtf', "date-form a, date-agrees a"),
        ('"2017-05"^^edtf', '"2017-06"^^edtf', "date-agrees a"),
        ('"2017-05"^^edtf:EDTF', '"2017-05"^^xsd:gYearMonth', "date-form a"),
        ('"2017-05-31"', '"2017-04-30"', "date-earliest a, date-agrees a"),
        ('"5 years"^^kg:Term ;\n', '"life"^^kg:Term ;\n', "term-missing b, view-backed aman"),
        ('kg:count "about 30"^^kg:Quantity ;', "", "number-missing a"),
        ('schema:minValue "30"', 'schema:minValue "31"', "number-least a"),
        ('kg:method "extracted" ; kg:episode id:case', 'kg:method "extracted"', "sentence-court b"),
        ('oa:end "40"', 'oa:end "501"', "report-text report_r"),
        ('oa:start "0"', 'oa:start "1"', "report-text report_r"),
        ("id:e a oa:SpecificResource ; oa:hasSource id:report_r",
         "id:e a oa:SpecificResource ; oa:hasSource id:q",
         "evidence-in-report a, evidence-in-report b, evidence-in-report c"),
        ("<https://example.org/camp>", "id:report_r", "evidence-place record"),
        ('"first-hand"', '"family" ; kg:learnedFrom id:source_post',
         "source-loop source_post, source-loop source_friend"),
        ("kg:speaker id:r_friend", "kg:speaker id:camp", "source-speaker source_friend"),
        ("kg:speaker id:r_friend ;", "", "source-speaks source_friend"),
        ('"2021-03-04"^^xsd:date', '"2021"^^edtf:EDTF', ""),
        ('"2021-03-04"^^xsd:date', '"last week"', "report-date-form report_r"),
        ("id:camp a kg:Facility", "id:camp a kg:Facility , kg:Organization", "entity-class camp"),
        ("kg:heldAt id:camp ;", "kg:heldAt id:camp ; kg:diedAt id:camp ;", "view-backed aman"),
        ("kg:heldAt id:camp ;", "kg:heldAt id:camp ; kg:sentencedBy kg:refused ;", "view-backed aman"),
        ('"stated" ; kg:method "imported"', '"alleged" ; kg:method "imported"', "view-backed camp"),
        ('kg:polarity "affirmed" ; kg:certainty "stated" ; kg:method "imported"',
         'kg:polarity "denied" ; kg:certainty "stated" ; kg:method "imported"', "view-backed camp"),
        ('kg:method "imported" ;', 'kg:method "imported" ;'
         ' prov:invalidatedAtTime "2026-01-02T00:00:00Z"^^xsd:dateTime ;', "view-backed camp"),
    ],
)  # fmt: skip
def test_one_fault_in_a_whole_graph_is_told_and_nothing_else(there: str, instead: str, fires: str) -> None:
    assert WHOLE.count(there) == 1, "the fault is planted at one place"
    expected = {tuple(one.split()) for one in fires.split(", ") if one}
    assert fired(check(WHOLE.replace(there, instead))) == {(s, PAIRS[s].severity, f) for s, f in expected}


def test_a_predicate_that_a_project_adds_is_checked_without_a_change_to_the_shapes() -> None:
    added = "kg:transferredTo rdfs:domain kg:PersonOrGroup ; rdfs:range kg:Facility ."
    said = WHOLE.replace("kg:heldAt", "kg:transferredTo")
    assert fired(check(said)) == {("assertion-predicate-known", "violation", "a")}
    assert fired(check(said + added)) == set()
    assert fired(check(said.replace("id:camp a kg:Facility", "id:camp a kg:Place") + added)) == {
        ("assertion-fits", "violation", "a")
    }


def test_a_misfit_is_told_in_the_words_of_seeds() -> None:
    misfit = WHOLE.replace("rdf:subject id:camp", "rdf:subject id:court")
    (result,) = check(misfit, only("assertion-fits")).results
    assert result.message == (
        "https://w3id.org/reportedly/id/court does not fit here: located-in takes as its subject: place. "
        "Use another value or predicate, or mend what the entity is."
    )
    assert result.path == str(rdflib.RDF.subject)
    assert result.value == "<https://w3id.org/reportedly/id/court>"


# ---------------------------------------------------------------- dates, terms: what kg computes is accepted

REPORTED = """
    2017 2017-05 2017-05-14 2017-05~ 2017? 2017-05-14% 201X 20XX 2017-XX 2017-XX-XX 2017-05-XX
    2017-21 2017-22 2017-23 2017-24 2017-24~ 2017-05-21 2021-22 2017/2018 2017-05/2017-07
    2017-05-14/2017-05 2017-05/.. 2017-05/ ../2017-05 /2017-05 201X/2020 2017-21/2017-22
    2016-XX/2017-05-21~ [2017-05..2017-07] [2017..2018] [..2016-02] [2016-02..]
    [2016-02-28..2016-02-29] 2017-05-14T10:30:00Z 2017-05-14T10:30:00+06:00 2016-02 2017-02
"""


def dated(text: str, earliest: object, latest: object) -> str:
    name = f"<https://w3id.org/reportedly/id/{quote(text, safe='')}>"
    bounds = {"sem:hasEarliestBeginTimeStamp": earliest, "sem:hasLatestEndTimeStamp": latest}
    said = "".join(f'; {name} "{day}"^^xsd:date ' for name, day in bounds.items() if day)
    return f'{name} kg:date "{text}"^^edtf:EDTF {said}.\n'


def dates_refused(lines: list[str]) -> set[str]:
    graph = rdflib.Graph()
    for name in ("date-form", "date-agrees"):
        graph += only(name)
    return {result.value or "" for result in validate(turtle("".join(lines)), graph).results}


def test_the_bounds_of_every_form_of_date_are_accepted_as_computed() -> None:
    parsed = [dates.parse(text) for text in REPORTED.split()]
    assert dates_refused([dated(d.text, d.earliest, d.latest) for d in parsed]) == set()


@pytest.mark.parametrize("end", ["earliest", "latest"])
def test_a_bound_that_is_missing_or_of_another_year_is_refused_for_every_form_of_date(end: str) -> None:
    for replace in (lambda day: None, lambda day: day.replace(year=day.year + 100)):
        lines, expected = [], set()
        for date in map(dates.parse, REPORTED.split()):
            bounds = {"earliest": date.earliest, "latest": date.latest}
            if bounds[end] is not None:
                bounds[end] = replace(bounds[end])
                lines.append(dated(date.text, **bounds))
                expected.add(f'"{date.text}"^^<http://id.loc.gov/datatypes/edtf/EDTF>')
        assert dates_refused(lines) == expected


def test_a_day_where_the_end_is_open_is_refused() -> None:
    assert len(dates_refused([dated("2017/..", "2017-01-01", "2017-12-31")])) == 1
    assert len(dates_refused([dated("[..2017]", "2017-01-01", "2017-12-31")])) == 1


def test_the_pattern_of_dates_is_the_one_of_the_parser() -> None:
    (pattern,) = shapes().objects(rdflib.URIRef(KGS + "edtf"), SH.pattern)
    assert str(pattern) == dates.EDTF_PATTERN


@pytest.mark.parametrize(
    "text", ["life", "Life imprisonment", "death", "Death sentence", "5 years", "up to 3 years", "2 weeks"]
)
def test_months_stand_beside_the_terms_that_the_parser_counts(text: str) -> None:
    term = quantities.parse_term(text)
    months = {"kg:minMonths": term.min_months, "kg:maxMonths": term.max_months}
    said = "".join(f"; {name} {number} " for name, number in months.items() if number is not None)
    both = only("term-missing") + only("term-counted")
    assert fired(check(f'id:a a kg:Assertion ; rdf:object "{text}"^^kg:Term {said}.', both)) == set()


# ---------------------------------------------------------------- the shapes as data


def test_every_shape_says_in_english_what_is_wrong() -> None:
    for name in PAIRS:
        shape = rdflib.URIRef(KGS + name)
        said = [*shapes().objects(shape, SH.message)]
        for query in shapes().objects(shape, SH.sparql):
            said += shapes().objects(query, SH.message)
        (message,) = said
        assert isinstance(message, rdflib.Literal)
        assert message.language == "en", name
        assert len(message) > 40, name
        jargon = ("Count", "sh:", "IRI of the class", "literal", "node", "triple store", "property")
        assert not [word for word in jargon if word in message], name


def test_every_severity_is_one_that_kg_knows() -> None:
    assert set(shapes().objects(None, SH.severity)) == {SH.Warning, SH.Info}
    expected = {KGS + name: pair.severity for name, pair in PAIRS.items() if pair.severity != "violation"}
    found = {str(s): str(o).rpartition("#")[2].lower() for s, o in shapes().subject_objects(SH.severity)}
    assert found == expected


def test_every_name_that_the_shapes_refer_to_is_defined_in_them() -> None:
    ours = {node for triple in shapes() for node in triple if str(node).startswith(KGS)}
    assert ours == {node for node in shapes().subjects() if str(node).startswith(KGS)}


def test_the_seed_reader_finds_the_closed_vocabularies() -> None:
    closed = closed_values(FILES)
    assert closed[KG.polarity] == ("affirmed", "denied")
    assert closed[KG.certainty] == ("stated", "alleged")
    assert closed[KG.method] == ("curated", "extracted", "imported")
    assert closed[KG.basis] == (
        "first-hand",
        "family",
        "hearsay",
        "document",
        "official-statement",
        "unknown",
    )


def test_the_shapes_are_shapes_by_shacls_own_shapes() -> None:
    assert validate(rdflib.Graph(), shapes(), check_shapes=True).conforms


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        (WHOLE, 0, "Conforms: True"),
        (
            WHOLE.replace("rdf:subject id:camp", "rdf:subject id:court"),
            1,
            "located-in takes as its subject: place",
        ),
    ],
    ids=["good", "bad"],
)
def test_pyshacls_own_command_takes_the_shapes_as_they_are(
    tmp_path: Path, text: str, code: int, said: str
) -> None:
    (turtle(text) + axioms()).serialize(tmp_path / "data.ttl")
    joined = b"\n".join(file.read_bytes() for file in FILES)
    (tmp_path / "shapes.ttl").write_bytes(joined)
    command = [sys.executable, "-m", "pyshacl", "-s", "shapes.ttl", "data.ttl"]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert ran.returncode == code, ran.stderr
    assert said in ran.stdout

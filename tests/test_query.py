"""Answers: shipped queries on a small graph, values, formats, tables, messages."""

import csv
import io
import json
import pickle
import re
import subprocess
import sys
from collections import Counter
from functools import partial
from pathlib import Path

import pyoxigraph as ox
import pytest

from kg import nt, query, store
from kg.limits import run_limited
from kg.namespaces import DEFAULT_BASE, KG_NAMESPACE, prefixes
from kg.problems import Exit, KgError, LimitError, RefusedError

ONTOLOGY = Path(__file__).parents[1] / "ontology" / "kg.ttl"
PREFIXES = prefixes(DEFAULT_BASE)
XSD = PREFIXES["xsd"]

# Invented people. Ana was taken at Millford and sentenced; Bo, her brother, was taken to an unknown place.
# Two outlets: the Morning Post (report r1) and the Evening Star (report r2), which copies the Post.
GRAPH = """
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix edtf: <http://id.loc.gov/datatypes/edtf/> .
@prefix id: <https://w3id.org/reportedly/id/> .
@prefix kg: <https://w3id.org/reportedly/ontology#> .
@prefix oa: <http://www.w3.org/ns/oa#> .
@prefix prov: <http://www.w3.org/ns/prov#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix schema: <https://schema.org/> .
@prefix sem: <http://semanticweb.cs.vu.nl/2009/11/sem/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .

id:ana a kg:Person ; rdfs:label "Ana Kells" .
id:bo a kg:Person ; rdfs:label "Bo Kells" .
id:r1_student a kg:Person ; rdfs:label "a student" ; kg:unnamed true .
id:r1_friend a kg:Person ; rdfs:label "a friend" ; kg:unnamed true .
id:r1_relatives a kg:Group ; rdfs:label "her relatives" ; kg:unnamed true .
id:r1_farmers a kg:Group ; rdfs:label "farmers" ; kg:unnamed true .
id:norland a kg:Country ; rdfs:label "Norland" .
id:westland a kg:Country ; rdfs:label "Westland" .
id:east a kg:Place ; rdfs:label "East Norland" .
id:millford a kg:Place ; rdfs:label "Millford" .
id:old-mill a kg:Facility ; rdfs:label "Old Mill Prison" .
id:r1_unknown a kg:Place ; rdfs:label "an unknown place" ; kg:unnamed true .
id:guard a kg:Organization ; rdfs:label "Border Guard" .
id:court a kg:Court ; rdfs:label "Millford Court" .
id:post a kg:Organization ; rdfs:label "Morning Post" .
id:star a kg:Organization ; rdfs:label "Evening Star" .

id:report_r1 a kg:Report ; rdfs:label "Taken at Millford" ; dcterms:title "Taken at Millford"@en ;
    dcterms:publisher id:post ; dcterms:issued "2017-08-01"^^xsd:date .
id:report_r2 a kg:Report ; rdfs:label "Five years" ; dcterms:title "Five years"@en ;
    dcterms:publisher id:star ; dcterms:issued "2017-08-05"^^xsd:date .
id:source_r1_post a kg:Source ; rdfs:label "Morning Post" ; kg:speaker id:post ; kg:basis "first-hand" .
id:source_r1_friend a kg:Source ; rdfs:label "a friend" ; kg:speaker id:r1_friend ; kg:basis "hearsay" ;
    schema:roleName "friend" ; kg:learnedFrom id:source_r1_relatives .
id:source_r1_relatives a kg:Source ; rdfs:label "her relatives" ; kg:speaker id:r1_relatives ;
    kg:basis "family" .
id:source_r2_star a kg:Source ; rdfs:label "Evening Star" ; kg:speaker id:star ;
    kg:learnedFrom id:source_r2_post .
id:source_r2_post a kg:Source ; rdfs:label "Morning Post" ; kg:speaker id:post .

id:assertion_01 a kg:Assertion ; rdf:subject id:ana ; rdf:predicate kg:detainedAt ;
    rdf:object id:millford ;
    kg:polarity "affirmed" ; kg:certainty "stated" ; kg:toldBy id:source_r1_friend ;
    prov:wasDerivedFrom id:report_r1 ; kg:episode id:episode_ana ; kg:placeDetail "at home" ;
    kg:circumstance "without papers" ; kg:date "2017-05-14"^^edtf:EDTF ; kg:evidence id:evidence_01 ;
    sem:hasEarliestBeginTimeStamp "2017-05-14"^^xsd:date ;
    sem:hasLatestEndTimeStamp "2017-05-14"^^xsd:date .
id:evidence_01 a oa:SpecificResource ; oa:hasSource id:report_r1 ; oa:hasSelector id:selector_01 .
id:selector_01 a oa:TextPositionSelector ; oa:start 10 ; oa:end 42 .
id:assertion_02 a kg:Assertion ; rdf:subject id:ana ; rdf:predicate kg:detainedBy ; rdf:object id:guard ;
    kg:polarity "affirmed" ; kg:certainty "stated" ; kg:toldBy id:source_r1_friend ;
    prov:wasDerivedFrom id:report_r1 ; kg:episode id:episode_ana .
id:assertion_03 a kg:Assertion ; rdf:subject id:ana ; rdf:predicate kg:sentencedTo ;
    rdf:object "5 years"^^kg:Term ;
    kg:polarity "affirmed" ; kg:certainty "stated" ; kg:toldBy id:source_r1_friend ;
    prov:wasDerivedFrom id:report_r1 ; kg:episode id:episode_ana ; kg:minMonths 60 ; kg:maxMonths 60 .
id:assertion_04 a kg:Assertion ; rdf:subject id:ana ; rdf:predicate kg:sentencedTo ;
    rdf:object "5 years"^^kg:Term ;
    kg:polarity "affirmed" ; kg:certainty "stated" ; kg:toldBy id:source_r2_star ;
    prov:wasDerivedFrom id:report_r2 ; kg:episode id:episode_ana ; kg:minMonths 60 ; kg:maxMonths 60 .
id:assertion_05 a kg:Assertion ; rdf:subject id:ana ; rdf:predicate kg:sentencedBy ;
    rdf:object id:court ;
    kg:polarity "affirmed" ; kg:certainty "stated" ; kg:toldBy id:source_r1_post ;
    prov:wasDerivedFrom id:report_r1 ; kg:episode id:episode_ana ; kg:secretTrial true .
id:assertion_06 a kg:Assertion ; rdf:subject id:ana ; rdf:predicate kg:chargedWith ;
    rdf:object kg:refused ;
    kg:polarity "affirmed" ; kg:certainty "stated" ; kg:toldBy id:source_r1_relatives ;
    prov:wasDerivedFrom id:report_r1 ; kg:episode id:episode_ana .
id:assertion_07 a kg:Assertion ; rdf:subject id:ana ; rdf:predicate kg:accusedOf ;
    rdf:object "planning to leave" ;
    kg:polarity "affirmed" ; kg:certainty "alleged" ; kg:toldBy id:source_r1_friend ;
    prov:wasDerivedFrom id:report_r1 ; kg:episode id:episode_ana .
id:assertion_08 a kg:Assertion ; rdf:subject id:ana ; rdf:predicate kg:citizenOf ;
    rdf:object id:norland ;
    kg:polarity "affirmed" ; kg:certainty "stated" ; kg:toldBy id:source_r1_post ;
    prov:wasDerivedFrom id:report_r1 .
id:assertion_09 a kg:Assertion ; rdf:subject id:ana ; rdf:predicate kg:triedToEmigrateTo ;
    rdf:object id:westland ;
    kg:polarity "affirmed" ; kg:certainty "alleged" ; kg:toldBy id:source_r2_star ;
    prov:wasDerivedFrom id:report_r2 ; kg:circumstance "twice" .
id:assertion_10 a kg:Assertion ; rdf:subject id:bo ; rdf:predicate kg:detainedAt ;
    rdf:object id:r1_unknown ;
    kg:polarity "affirmed" ; kg:certainty "stated" ; kg:toldBy id:source_r1_post ;
    prov:wasDerivedFrom id:report_r1 ; kg:episode id:episode_bo ; kg:date "2017-05~"^^edtf:EDTF ;
    sem:hasEarliestBeginTimeStamp "2017-05-01"^^xsd:date ;
    sem:hasLatestEndTimeStamp "2017-05-31"^^xsd:date .
id:assertion_11 a kg:Assertion ; rdf:subject id:bo ; rdf:predicate kg:detainedAt ;
    rdf:object id:millford ;
    kg:polarity "denied" ; kg:certainty "stated" ; kg:toldBy id:source_r2_star ;
    prov:wasDerivedFrom id:report_r2 .
id:assertion_12 a kg:Assertion ; rdf:subject id:bo ; rdf:predicate kg:sentencedBy ; rdf:object id:court ;
    kg:polarity "affirmed" ; kg:certainty "stated" ; kg:toldBy id:source_r2_star ;
    prov:wasDerivedFrom id:report_r2 ; kg:episode id:episode_bo .
id:assertion_13 a kg:Assertion ; rdf:subject id:bo ; rdf:predicate kg:relativeOf ; rdf:object id:ana ;
    kg:polarity "affirmed" ; kg:certainty "stated" ; kg:toldBy id:source_r1_friend ;
    prov:wasDerivedFrom id:report_r1 ; kg:role "brother" .
id:assertion_14 a kg:Assertion ; rdf:subject id:r1_farmers ; rdf:predicate kg:size ;
    rdf:object "more than 30"^^kg:Quantity ; schema:minValue 31 ;
    kg:polarity "affirmed" ; kg:certainty "stated" ; kg:toldBy id:source_r1_post ;
    prov:wasDerivedFrom id:report_r1 .
id:assertion_15 a kg:Assertion ; rdf:subject id:r1_farmers ; rdf:predicate kg:detainedAt ;
    rdf:object id:east ;
    kg:polarity "affirmed" ; kg:certainty "stated" ; kg:toldBy id:source_r1_post ;
    prov:wasDerivedFrom id:report_r1 ; kg:count "dozens"^^kg:Quantity ; schema:minValue 24 ;
    kg:date "2017-01/2017-07"^^edtf:EDTF ;
    sem:hasEarliestBeginTimeStamp "2017-01-01"^^xsd:date ;
    sem:hasLatestEndTimeStamp "2017-07-31"^^xsd:date .
id:assertion_16 a kg:Assertion ; rdf:subject id:r1_student ; rdf:predicate kg:detainedBy ;
    rdf:object id:guard ;
    kg:polarity "affirmed" ; kg:certainty "stated" ; kg:toldBy id:source_r1_post ;
    prov:wasDerivedFrom id:report_r1 ; kg:date "2017-05-20"^^edtf:EDTF ; kg:inferred true ;
    sem:hasEarliestBeginTimeStamp "2017-05-20"^^xsd:date ;
    sem:hasLatestEndTimeStamp "2017-05-20"^^xsd:date .
id:assertion_17 a kg:Assertion ; rdf:subject id:bo ; rdf:predicate kg:heldAt ; rdf:object id:old-mill ;
    kg:polarity "affirmed" ; kg:certainty "stated" ; kg:toldBy id:source_r2_star ;
    prov:wasDerivedFrom id:report_r2 ; kg:placeDetail "east wing" ; kg:date "2017-06"^^edtf:EDTF ;
    sem:hasEarliestBeginTimeStamp "2017-06-01"^^xsd:date ;
    sem:hasLatestEndTimeStamp "2017-06-30"^^xsd:date .
id:assertion_18 a kg:Assertion ; rdf:subject id:bo ; rdf:predicate kg:sentencedTo ;
    rdf:object "life"^^kg:Term ;
    kg:polarity "affirmed" ; kg:certainty "stated" ; kg:toldBy id:source_r1_post ;
    prov:wasDerivedFrom id:report_r1 ; kg:episode id:episode_bo ;
    prov:invalidatedAtTime "2018-01-01T00:00:00Z"^^xsd:dateTime .
id:assertion_19 a kg:Assertion ; rdf:subject id:r1_farmers ; rdf:predicate kg:orderedTo ;
    rdf:object "hand in their passports" ;
    kg:polarity "affirmed" ; kg:certainty "stated" ; kg:toldBy id:source_r1_post ;
    prov:wasDerivedFrom id:report_r1 ; kg:episode id:episode_order ; kg:date "2017-07"^^edtf:EDTF ;
    sem:hasEarliestBeginTimeStamp "2017-07-01"^^xsd:date ;
    sem:hasLatestEndTimeStamp "2017-07-31"^^xsd:date .
id:assertion_20 a kg:Assertion ; rdf:subject id:r1_farmers ; rdf:predicate kg:orderedBy ;
    rdf:object id:guard ;
    kg:polarity "affirmed" ; kg:certainty "stated" ; kg:toldBy id:source_r1_friend ;
    prov:wasDerivedFrom id:report_r1 ; kg:episode id:episode_order .
id:assertion_21 a kg:Assertion ; rdf:subject id:ana ; rdf:predicate kg:detainedAt ;
    rdf:object id:millford ;
    kg:polarity "affirmed" ; kg:certainty "stated" ; kg:toldBy id:source_r2_star ;
    prov:wasDerivedFrom id:report_r2 ; kg:date "2017-05"^^edtf:EDTF ;
    sem:hasEarliestBeginTimeStamp "2017-05-01"^^xsd:date ;
    sem:hasLatestEndTimeStamp "2017-05-31"^^xsd:date .

id:old-mill kg:locatedIn id:millford .
id:millford kg:locatedIn id:east .
id:east kg:locatedIn id:norland .
id:r1_unknown kg:locatedIn id:norland .
id:westland kg:locatedIn id:far-away .
"""


def _short(text):
    return text.replace(DEFAULT_BASE, "").replace(KG_NAMESPACE, "kg:").replace("source_", "")


@pytest.fixture(scope="module")
def graph():
    return store.load([GRAPH.encode(), ONTOLOGY])


@pytest.fixture(scope="module")
def ask(graph):
    """Ask a shipped query: rows of texts, with ``ana`` for id:ana and ``r1_post`` for id:source_r1_post."""

    def rows(name, *given):
        shipped = query.find_shipped(name)
        bindings = query.bind(shipped, given, base=DEFAULT_BASE, prefixes=PREFIXES)
        content = query.answer(graph, shipped.text, bindings, PREFIXES, "csv").content.decode()
        header, *found = csv.reader(io.StringIO(_short(content), newline=""))
        assert header == list(dict.fromkeys(header))
        return [tuple(row) for row in found]

    return rows


# ---------------------------------------------------------------- shipped queries


def test_sentenced_joins_term_court_and_secrecy_through_the_episode(ask):
    assert ask("sentenced") == [
        ("ana", "5 years", "60", "court", "true", "stated", "r1_friend", "report_r1"),
        ("ana", "5 years", "60", "court", "true", "stated", "r2_star", "report_r2"),
        ("bo", "", "", "court", "", "stated", "r2_star", "report_r2"),
    ]
    assert ask("sentenced", "person=bo") == [("bo", "", "", "court", "", "stated", "r2_star", "report_r2")]


def test_detained_says_where_when_by_whom_and_shows_denials_as_denied(ask):
    assert ask("detained") == [
        ("r1_farmers", "east", "", "2017-01/2017-07", "", "stated", "r1_post", "report_r1"),
        ("ana", "millford", "", "2017-05", "", "stated", "r2_star", "report_r2"),
        ("bo", "r1_unknown", "", "2017-05~", "", "stated", "r1_post", "report_r1"),
        ("ana", "millford", "at home", "2017-05-14", "guard", "stated", "r1_friend", "report_r1"),
        ("r1_student", "", "", "2017-05-20", "guard", "stated", "r1_post", "report_r1"),
        ("bo", "millford", "", "", "", "denied", "r2_star", "report_r2"),
    ]
    assert [row[0] for row in ask("detained", "place=millford")] == ["ana", "ana", "bo"]


def test_custody_follows_the_detention(ask):
    assert ask("custody") == [
        ("bo", "kg:heldAt", "old-mill", "2017-06", "east wing", "stated", "r2_star", "report_r2")
    ]


def test_country_ties_come_with_every_narrower_predicate(ask):
    assert ask("country-ties") == [
        ("ana", "kg:citizenOf", "norland", "", "stated", "r1_post", "report_r1"),
        ("ana", "kg:triedToEmigrateTo", "westland", "twice", "alleged", "r2_star", "report_r2"),
    ]
    assert [row[1] for row in ask("country-ties", "country=westland")] == ["kg:triedToEmigrateTo"]


def test_anonymous_only_leaves_out_what_a_named_source_says_too(ask):
    assert ask("anonymous-only") == [
        ("ana", "kg:accusedOf", "planning to leave", "1", "1"),
        ("ana", "kg:detainedBy", "guard", "1", "1"),
        ("bo", "kg:relativeOf", "ana", "1", "1"),
        ("r1_farmers", "kg:orderedBy", "guard", "1", "1"),
    ]


def test_one_origin_sees_that_the_star_copies_the_post(ask):
    found = {row[:3]: row[3:] for row in ask("one-origin")}
    assert found["ana", "kg:citizenOf", "norland"] == ("post", "1", "1")
    assert found["bo", "kg:sentencedBy", "court"] == ("post", "1", "1")
    assert found["bo", "kg:relativeOf", "ana"] == ("r1_relatives", "1", "1")
    # The friend's relatives and the Post: two origins.
    assert ("ana", "kg:sentencedTo", "5 years") not in found
    assert ("ana", "kg:detainedAt", "millford") not in found
    # An unnamed place is never the same in two reports.
    assert ("bo", "kg:detainedAt", "r1_unknown") not in found
    assert len(found) == 13


def test_places_below_counts_people_once_and_leaves_out_unnamed_places_and_denials(ask):
    assert ask("places-below", "region=norland") == [
        ("east", "0", "1", "0", "0"),
        ("millford", "1", "0", "0", "0"),
        ("old-mill", "0", "0", "1", "0"),
        ("norland", "0", "0", "0", "0"),
    ]
    assert [row[0] for row in ask("places-below", "region=millford")] == ["millford", "old-mill"]


def test_person_gives_the_whole_file_with_spans_and_qualifiers(ask):
    rows = ask("person", "person=ana")
    assert len(rows) == 11
    assert rows[0] == (
        "ana", "kg:accusedOf", "planning to leave", "", "", "alleged", "r1_friend", "report_r1", "", "",
    )  # fmt: skip
    taken = next(row for row in rows if row[3] == "2017-05-14")
    assert taken[:4] == ("ana", "kg:detainedAt", "millford", "2017-05-14")
    assert sorted(taken[4].split("; ")) == ["circumstance: without papers", "place detail: at home"]
    assert taken[5:] == ("stated", "r1_friend", "report_r1", "10", "42")
    assert (
        "bo",
        "kg:relativeOf",
        "ana",
        "",
        "role: brother",
        "stated",
        "r1_friend",
        "report_r1",
        "",
        "",
    ) in rows


def test_report_gives_what_one_report_says(ask):
    rows = ask("report", "report=r2")
    assert [row[2:5] for row in rows] == [
        ("ana", "kg:detainedAt", "millford"),
        ("ana", "kg:sentencedTo", "5 years"),
        ("ana", "kg:triedToEmigrateTo", "westland"),
        ("bo", "kg:detainedAt", "millford"),
        ("bo", "kg:heldAt", "old-mill"),
        ("bo", "kg:sentencedBy", "court"),
    ]
    assert ask("report", "report=report_r2") == rows
    assert ask("report", "report=r1")[-1][:5] == ("10", "42", "ana", "kg:detainedAt", "millford")


def test_sources_follow_the_chain(ask):
    assert ask("sources") == [
        ("report_r1", "r1_friend", "a friend", "r1_friend", "hearsay", "friend", "r1_relatives", "6"),
        ("report_r1", "r1_post", "Morning Post", "post", "first-hand", "", "", "7"),
        ("report_r1", "r1_relatives", "her relatives", "r1_relatives", "family", "", "", "1"),
        ("report_r2", "r2_post", "Morning Post", "post", "", "", "", "0"),
        ("report_r2", "r2_star", "Evening Star", "star", "", "", "r2_post", "6"),
    ]
    assert [row[1] for row in ask("sources", "report=r2")] == ["r2_post", "r2_star"]
    assert [row[1] for row in ask("sources", "speaker=post")] == ["r1_post", "r2_post"]


def test_accusations_show_what_was_refused(ask):
    assert ask("accusations") == [
        ("ana", "kg:accusedOf", "planning to leave", "alleged", "r1_friend", "report_r1"),
        ("ana", "kg:chargedWith", "kg:refused", "stated", "r1_relatives", "report_r1"),
    ]


def test_denials_and_refusals_are_kept_apart(ask):
    assert ask("denials-and-refusals") == [
        ("ana", "kg:chargedWith", "kg:refused", "refused", "r1_relatives", "report_r1"),
        ("bo", "kg:detainedAt", "millford", "denied", "r2_star", "report_r2"),
    ]


def test_relatives_name_the_role(ask):
    row = ("bo", "brother", "ana", "stated", "r1_friend", "report_r1")
    assert ask("relatives") == ask("relatives", "person=bo") == ask("relatives", "relative=ana") == [row]
    assert ask("relatives", "person=ana") == []


def test_unnamed_people_are_listed_with_what_they_say_and_what_is_said_of_them(ask):
    assert ask("unnamed-people") == [
        ("r1_farmers", "kg:Group", "more than 30", "4", "0"),
        ("r1_friend", "kg:Person", "", "0", "1"),
        ("r1_relatives", "kg:Group", "", "0", "1"),
        ("r1_student", "kg:Person", "", "1", "0"),
    ]
    assert [row[0] for row in ask("unnamed-people", "kind=kg:Person")] == ["r1_friend", "r1_student"]


def test_orders_come_with_who_issued_them(ask):
    assert ask("orders") == [
        ("r1_farmers", "hand in their passports", "guard", "2017-07", "stated", "r1_post", "report_r1")
    ]


def test_numbers_have_their_bounds(ask):
    assert ask("numbers") == [
        ("r1_farmers", "kg:detainedAt", "east", "dozens", "24", "", "2017-01/2017-07", "stated", "r1_post",
         "report_r1"),
        ("r1_farmers", "kg:size", "", "more than 30", "31", "", "", "stated", "r1_post", "report_r1"),
    ]  # fmt: skip


def test_by_month_marks_what_is_not_known_to_the_month(ask):
    assert ask("by-month") == [
        ("2017-01 to 2017-07", "true", "0", "1"),
        ("2017-05", "false", "1", "0"),  # Ana, once, though two reports say so
        ("2017-05", "true", "2", "0"),  # Bo, about then; the student, inferred
    ]


def test_uncertain_gives_the_reason(ask):
    assert ask("uncertain") == [
        ("ana", "kg:accusedOf", "planning to leave", "alleged", "", "r1_friend", "report_r1"),
        ("ana", "kg:triedToEmigrateTo", "westland", "alleged", "", "r2_star", "report_r2"),
        ("bo", "kg:detainedAt", "r1_unknown", "approximate date", "2017-05~", "r1_post", "report_r1"),
        (
            "r1_farmers",
            "kg:detainedAt",
            "east",
            "approximate number",
            "2017-01/2017-07",
            "r1_post",
            "report_r1",
        ),
        ("r1_student", "kg:detainedBy", "guard", "inferred date", "2017-05-20", "r1_post", "report_r1"),
    ]


def test_behind_finds_the_narrower_predicate_that_was_asserted(ask):
    rows = ask("behind", "subject=ana", "predicate=related-to-country", "object=norland")
    assert rows == [
        ("ana", "kg:relatedToCountry", "norland", "kg:citizenOf", "", "r1_post", "report_r1", "", "",
         "assertion_08"),
    ]  # fmt: skip
    assert [row[-1] for row in ask("behind", "subject=ana", "predicate=detained-at")] == [
        "assertion_01",
        "assertion_21",
    ]
    # Alleged, denied and withdrawn ones make no plain triple.
    assert ask("behind", "subject=ana", "predicate=tried-to-emigrate-to") == []
    assert ask("behind", "subject=bo", "object=millford") == []
    assert ask("behind", "subject=bo", "predicate=sentenced-to") == []
    assert [row[0] for row in ask("behind", 'object="5 years"^^kg:Term', "predicate=sentenced-to")] == [
        "ana"
    ] * 2


def test_coverage_counts_by_report(ask):
    assert ask("coverage") == [
        ("report_r1", "Taken at Millford", "post", "2017-08-01", "14", "1", "0", "4"),
        ("report_r2", "Five years", "star", "2017-08-05", "6", "1", "1", "2"),
    ]


def test_every_query_leaves_out_what_was_withdrawn_and_says_so(graph, ask):
    given = {"region": "norland", "person": "bo", "report": "r1"}
    for name, shipped in query.shipped().items():
        needed = [f"{p.name}={given[p.name]}" for p in shipped.params if p.required]
        bindings = query.bind(shipped, needed, base=DEFAULT_BASE, prefixes=PREFIXES)
        answered = query.answer(graph, shipped.text, bindings, PREFIXES, "tsv")
        assert b'"life"' not in answered.content, name
        assert b"assertion_18" not in answered.content, name
        assert "1 withdrawn assertion is left out" in answered.notes, name


@pytest.mark.parametrize(
    "name", [n for n, q in query.shipped().items() if not all(p.required for p in q.params)]
)
def test_a_value_only_ever_narrows_an_answer(graph, ask, name):
    """A value that stands in a column though nobody said so would be a lie."""
    typed = graph.quads_for_pattern(None, ox.NamedNode(PREFIXES["rdf"] + "type"), None)
    keys = {f"<{quad.subject.value}>" for quad in typed if quad.subject.value.startswith(DEFAULT_BASE)}
    everything = Counter(ask(name))
    for parameter in (p.name for p in query.shipped()[name].params if not p.required):
        found = 0
        for key in ("kg:Person", "kg:citizenOf", *sorted(keys)):
            narrowed = Counter(ask(name, f"{parameter}={key}"))
            assert narrowed <= everything, (parameter, key)
            found += len(narrowed)
        assert found, f"no value of {parameter} finds anything"


@pytest.mark.parametrize("name", sorted(query.shipped()))
def test_shipped_queries_are_documented_sparql_1_1(name):
    from rdflib.plugins.sparql import prepareQuery

    shipped = query.shipped()[name]
    prepareQuery(shipped.text)
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", shipped.name)
    assert shipped.title
    assert not shipped.title.endswith(".")
    assert shipped.description.endswith(".")
    assert "ORDER BY" in shipped.text
    for parameter in shipped.params:
        assert parameter.description
        assert f"?{parameter.name}" in shipped.text
    query.guard(shipped.text)


@pytest.mark.filterwarnings(
    "ignore:Dataset.default_context is deprecated:DeprecationWarning"
)  # rdflib's own use
@pytest.mark.parametrize(
    "name", ["sentenced", "country-ties", "anonymous-only", "by-month", "detained", "coverage"]
)
def test_rdflib_gives_the_same_rows(graph, ask, name):
    import rdflib

    dataset = rdflib.Dataset(default_union=True)
    for number, data in enumerate((GRAPH, ONTOLOGY.read_text(encoding="utf-8"))):
        dataset.graph(rdflib.URIRef(f"urn:graph:{number}")).parse(data=data, format="turtle")
    rows = dataset.query(query.shipped()[name].text)
    found = Counter(tuple("" if cell is None else _short(str(cell)) for cell in row) for row in rows)
    assert found == Counter(ask(name))


def test_shipped_queries_need_no_rdflib():
    program = """
import sys
from kg import query
for shipped in query.shipped().values():
    query.guard(shipped.text)
print(sorted({"rdflib", "pyshacl", "networkx"} & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_a_wrong_name_of_a_shipped_query_gets_the_nearest():
    with pytest.raises(KgError, match=r"no shipped query is called 'sentencd'; did you mean 'sentenced'\?"):
        query.find_shipped("sentencd")
    with pytest.raises(KgError, match="the shipped ones are accusations, anonymous-only, behind"):
        query.find_shipped("xyz")


# ---------------------------------------------------------------- values


def _bind(*values, text="SELECT * { ?s ?p ?o . ?a ?b ?c }"):
    return query.bind(text, values, base=DEFAULT_BASE, prefixes=PREFIXES)


@pytest.mark.parametrize(
    ("value", "term"),
    [
        ("<https://example.org/a>", "<https://example.org/a>"),
        ("id:ana", f"<{DEFAULT_BASE}ana>"),
        ("kg:detainedAt", f"<{KG_NAMESPACE}detainedAt>"),
        ("ana", '"ana"'),
        ("", '""'),
        ("two words", '"two words"'),
        ("taken at 10:30", '"taken at 10:30"'),
        ('"Ana"', '"Ana"'),
        ("'Ana'", '"Ana"'),
        ('"Ana"@en-GB', '"Ana"@en-gb'),
        ('"5 years"^^kg:Term', f'"5 years"^^<{KG_NAMESPACE}Term>'),
        (f'"x"^^<{XSD}anyURI>', f'"x"^^<{XSD}anyURI>'),
        (r'"a\"b\n\u00e9"', r'"a\"b\né"'),
        ('"say "so""', r'"say \"so\""'),
        ("36", f'"36"^^<{XSD}integer>'),
        ("-07", f'"-7"^^<{XSD}integer>'),
        ("1.50", f'"1.50"^^<{XSD}decimal>'),
        ("true", f'"true"^^<{XSD}boolean>'),
        ('a" . } # x', r'"a\" . } # x"'),
    ],
)
def test_a_value_is_read_as_typed(value, term):
    assert _bind(f"o={value}") == {"o": term}
    assert store.to_term(term)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("o", "-p o: a value is given as name=value, such as -p person=serek-yelsik"),
        ("=x", "-p =x: a value is given as name=value"),
        ("q=x", "-p q=x: the query has no parameter 'q'; it has s, p, o, a, b, c"),
        ("o=foof:x", "-p o=foof:x: unknown prefix 'foof:'; did you mean 'foaf:'?"),
        ("o=zzzzzz:x", "-p o=zzzzzz:x: unknown prefix 'zzzzzz:'; known are dcat:, dcterms:"),
        ("o=https://example.org/", "-p o=https://example.org/: an IRI is written in angle brackets, <…>"),
        (
            "o=<https://example.org/a b>",
            "-p o=<https://example.org/a b>: 'https://example.org/a b' is not an abs",
        ),
        (
            "o=id:a> . ?x ?y ?z",
            "-p o=id:a> . ?x ?y ?z: 'https://w3id.org/reportedly/id/a> . ?x ?y ?z' is not an",
        ),
        ('o="x"^^foo', "-p o=\"x\"^^foo: 'foo' is not an absolute IRI"),
        ('o="x"@1', "-p o=\"x\"@1: '1' is not a language tag"),
        ("o=\ud800", "-p o="),
    ],
)
def test_a_value_that_cannot_be_read_is_explained(value, message):
    with pytest.raises(KgError) as caught:
        _bind(value)
    assert str(caught.value).startswith(message)
    assert caught.value.exit_code == Exit.CANNOT


def test_a_value_given_twice_is_refused_and_a_question_mark_is_fine():
    assert _bind("?o=1", "$s=2").keys() == {"o", "s"}
    with pytest.raises(KgError, match="'o' is given twice"):
        _bind("o=1", "?o=2")


def test_declared_parameters_take_keys():
    def bind(name, *values):
        return query.bind(query.shipped()[name], values, base=DEFAULT_BASE, prefixes=PREFIXES)

    assert bind("person", "person=serek-yelsik") == {"person": f"<{DEFAULT_BASE}serek-yelsik>"}
    report = {"report": f"<{DEFAULT_BASE}report_rfa>"}
    assert bind("report", "report=rfa") == bind("report", "report=report_rfa") == report
    assert bind("behind", "predicate=detained-at") == bind("behind", "predicate=kg:detainedAt")
    assert bind("behind", "object=millford") == {"object": f"<{DEFAULT_BASE}millford>"}
    assert bind("behind", 'object="a text"') == {"object": '"a text"'}
    for pair, message in (
        ('person="Ana"', "it takes the key of an entity, a prefixed name or <IRI>, not a text in quotes"),
        ("person=", "it takes the key of an entity"),
        ("person=two words", r"U\+0020 SPACE at character"),
        ("persn=ana", "query 'person' has no parameter 'persn'; did you mean 'person'"),
    ):
        with pytest.raises(KgError, match=message):
            bind("person", pair)
    with pytest.raises(KgError, match="query 'person' needs -p person=…: whose file"):
        bind("person")
    with pytest.raises(KgError, match="query 'by-month' has no parameter 'person'; it has none"):
        bind("by-month", "person=ana")


def test_kinds_of_parameters_are_checked():
    params = (
        query.Parameter("day", "date", ""),
        query.Parameter("least", "integer", ""),
        query.Parameter("word", "text", ""),
    )
    shipped = query.Shipped("x", "x", "x.", params, "")

    def bind(*values):
        return query.bind(shipped, values, base=DEFAULT_BASE, prefixes=PREFIXES)

    assert bind("day=2017-05-14", "least=5", "word=12:30") == {
        "day": f'"2017-05-14"^^<{XSD}date>',
        "least": f'"5"^^<{XSD}integer>',
        "word": '"12:30"',
    }
    with pytest.raises(KgError, match="'2017-02-30' is not a day, such as 2017-05-14"):
        bind("day=2017-02-30")
    with pytest.raises(KgError, match="'five' is not a whole number"):
        bind("least=five")


@pytest.fixture(scope="module")
def small():
    return store.load([b"@prefix : <urn:x:> . :a :n 1 . :b :n 2 ; :knows :a . :c :n 3 ; :knows :b ."])


@pytest.mark.parametrize(
    ("text", "subjects"),
    [
        ("SELECT ?s { ?s :n ?v }", "b"),
        ("SELECT ?s { ?s :n ?n FILTER(?n > ?v) }", "c"),
        ("SELECT ?s WHERE { ?s :n ?n BIND(?n - ?v AS ?d) FILTER(?d = -1) } ORDER BY ?s", "a"),
        ("SELECT ?s { ?s :n ?n MINUS { ?s :n ?v } }", "ac"),
        ("SELECT ?s { ?s :n ?n FILTER NOT EXISTS { ?s :n ?v } }", "ac"),
        ("SELECT ?s { { ?s :n ?v } UNION { ?s :n ?n FILTER(?n > ?v) } }", "bc"),
        ("SELECT ?s { ?s :n ?n OPTIONAL { ?s :n ?v BIND(1 AS ?hit) } FILTER(BOUND(?hit)) }", "b"),
        ("SELECT ?s { { SELECT ?s ?v { ?s :n ?v } } }", "b"),
        ("SELECT (EXISTS { ?x :n ?v } AS ?there) ?s { ?s :n 1 }", "a"),
        ("SELECT ?s { ?s :n ?n } GROUP BY ?s ?v HAVING(MAX(?n) > ?v)", "c"),
        ("SELECT ?s # }{ ?v\n{ ?s :n ?v # }\n}", "b"),
        ("SELECT ?s { ?s :n ?v FILTER('}' != \"{\") }", "b"),
        ("BASE <urn:x:> PREFIX q: <urn:x:> SELECT ?s { ?s q:n ?v }", "b"),
        ("DESCRIBE ?s { ?s :n ?v }", "b"),
        ("CONSTRUCT { ?s :m ?v } WHERE { ?s :n ?v }", "b"),
        ("CONSTRUCT WHERE { ?s :n ?v }", "b"),
    ],
)
def test_a_value_binds_its_variable_wherever_it_stands(small, text, subjects):
    form = "nt" if re.search("CONSTRUCT|DESCRIBE", text) else "csv"
    found = query.answer(small, text, {"v": f'"2"^^<{XSD}integer>'}, {"": "urn:x:"}, form).content.decode()
    assert "".join(sorted(set(re.findall(r"(?:^<?|,)urn:x:([abc])\b", found, re.MULTILINE)))) == subjects


def test_a_value_that_the_query_sets_itself_is_explained(small):
    with pytest.raises(KgError, match="a variable that is given with -p is set in the query too"):
        query.answer(small, "SELECT * { ?s :n ?n BIND(3 AS ?v) }", {"v": '"2"'}, {"": "urn:x:"})


@pytest.mark.parametrize(
    "value",
    ['" } #', "} UNION { ?s ?p ?o }", "\\", "'''", '"""', "?s", "a\nb", "\u202e", "日本", "<urn:x:a>"],
)
def test_a_value_is_a_value_whatever_it_holds(small, value):
    found = query.answer(small, "SELECT (STR(?v) AS ?w) { }", {"v": nt.literal(value)}, {}, "json")
    assert json.loads(found.content)["results"]["bindings"][0]["w"]["value"] == value
    none = query.answer(small, "SELECT ?s { ?s :n ?v }", {"v": nt.literal(value)}, {"": "urn:x:"}, "csv")
    assert none.rows == 0


# ---------------------------------------------------------------- answers


def _answer(graph, text, format="table", **more):
    return query.answer(graph, text, {}, PREFIXES, format, **more)


def test_a_table_shows_labels_and_keys_aligned(graph):
    text = "SELECT ?who ?n ?gap { VALUES (?who ?n) { (id:ana 5) (id:r1_student 120) (kg:refused UNDEF) } }"
    assert _answer(graph, text).content.decode().splitlines() == [
        "who                          n  gap",
        "-------------------------  ---  ---",
        "Ana Kells (id:ana)           5",
        "a student (id:r1_student)  120",
        "kg:refused",
    ]
    assert b"Ana" not in _answer(graph, text, labels=False).content


def test_reports_and_sources_are_shown_by_their_keys_alone(graph):
    text = "SELECT ?r ?t { VALUES ?r { id:report_r1 id:source_r1_post } ?r rdfs:label ?t }"
    assert _answer(graph, text).content.decode().splitlines()[2:] == [
        "id:report_r1       Taken at Millford",
        "id:source_r1_post  Morning Post",
    ]


def test_wide_letters_and_joined_marks_keep_columns_straight():
    data = store.load(['<urn:a> <urn:p> "青年", "e\u0301t", "abcde" .'.encode()])
    content = query.answer(data, "SELECT ?o ?p { ?s ?p ?o } ORDER BY ?o", prefixes={}).content
    assert content.decode().splitlines() == [
        "o      p",
        "-----  -------",
        "abcde  <urn:p>",
        "e\u0301t     <urn:p>",
        "青年   <urn:p>",
    ]


def test_a_table_commands_no_terminal():
    data = store.load([nt.nquads([("<urn:a>", "<urn:p>", nt.literal("x\x1b[2J\n\u202ey"), "")])])
    content = query.answer(data, "SELECT ?o { ?s ?p ?o }").content.decode()
    assert content.splitlines()[2] == r"x\x1b[2J\n\u202ey"


def test_languages_other_than_english_are_named(graph):
    text = "SELECT ?t { VALUES ?t { 'one'@en 'eins'@de 'uno' } }"
    assert _answer(graph, text).content.decode().splitlines()[2:] == ["one", "eins @de", "uno"]


@pytest.mark.parametrize("format", ["csv", "tsv", "json", "xml"])
def test_result_formats_are_those_of_w3c_and_count_their_rows(graph, format):
    text = (
        r"""SELECT ?a ?b { VALUES (?a ?b) { ("x,\"y\n<result>" 1) (id:ana UNDEF) ("}" "é"@fr) ("" 007) } }"""
    )
    of_oxigraph = {
        name: getattr(ox.QueryResultsFormat, name.upper()) for name in ("csv", "tsv", "json", "xml")
    }
    whole = _answer(graph, text, format)
    assert (whole.rows, whole.notes) == (4, ())
    assert whole.content == graph.query(text, prefixes=PREFIXES).serialize(format=of_oxigraph[format])
    cut = _answer(graph, text, format, limit=3)
    assert (cut.rows, cut.notes) == (4, ("showing 3 of 4 rows; --limit 0 shows all",))
    assert cut.content == graph.query(f"{text} LIMIT 3", prefixes=PREFIXES).serialize(
        format=of_oxigraph[format]
    )
    empty = _answer(graph, "SELECT ?a { ?a kg:never ?b }", format)
    assert (empty.rows, empty.notes) == (0, ("0 rows",))
    assert empty.content


def test_csv_is_exact():
    data = store.load([b'<urn:a> <urn:p> "x,1" .'])
    assert query.answer(data, "SELECT ?s ?o { ?s ?p ?o }", format="csv").content == b's,o\r\nurn:a,"x,1"\r\n'


def test_a_table_stops_at_a_thousand_rows_and_says_so():
    data = store.load(["".join(f"<urn:a> <urn:p> {n} .\n" for n in range(1500)).encode()])
    text = "SELECT ?o { ?s ?p ?o } ORDER BY ?o"
    answered = query.answer(data, text)
    assert answered.notes == ("showing 1,000 of 1,500 rows; --limit 0 shows all",)
    assert (answered.rows, answered.content.count(b"\n")) == (1500, 1002)
    whole = query.answer(data, text, limit=0)
    assert (whole.notes, whole.content.count(b"\n")) == ((), 1502)
    assert query.answer(data, text, format="csv").content.count(b"\n") == 1501


@pytest.mark.parametrize(
    ("format", "content"),
    [("table", b"yes\n"), ("csv", b"true"), ("tsv", b"true"), ("json", b'{"head":{},"boolean":true}')],
)
def test_ask_is_answered_in_result_formats(graph, format, content):
    assert _answer(graph, "ASK { id:ana ?p ?o }", format).content == content


def test_construct_gives_sorted_graphs(graph):
    text = "CONSTRUCT { ?s kg:n ?l } { ?s kg:locatedIn ?o ; rdfs:label ?l }"
    assert _answer(graph, text, "turtle").content.decode() == (
        "@prefix id: <https://w3id.org/reportedly/id/> .\n"
        "@prefix kg: <https://w3id.org/reportedly/ontology#> .\n\n"
        'id:east kg:n "East Norland" .\n\n'
        'id:millford kg:n "Millford" .\n\n'
        'id:old-mill kg:n "Old Mill Prison" .\n\n'
        'id:r1_unknown kg:n "an unknown place" .\n\n'
        'id:westland kg:n "Westland" .\n'
    )
    lines = _answer(graph, text, "nt").content.decode().splitlines()
    assert lines == sorted(lines)
    assert len(lines) == 5
    nodes = json.loads(_answer(graph, text, "jsonld").content)["@graph"]
    assert [node["@id"] for node in nodes] == [
        "id:east",
        "id:millford",
        "id:old-mill",
        "id:r1_unknown",
        "id:westland",
    ]
    assert _answer(graph, text).content.decode().splitlines()[2].split("  ")[0] == "East Norland (id:east)"
    cut = _answer(graph, text, "nt", limit=2)
    assert cut.content.decode().splitlines() == lines[:2]
    assert cut.notes == ("showing 2 of 5 rows; --limit 0 shows all",)


def test_describe_gives_what_has_the_thing_as_subject(graph):
    assert _answer(graph, "DESCRIBE id:court", "nt").content.decode().splitlines() == [
        f"<{DEFAULT_BASE}court> <{PREFIXES['rdf']}type> <{KG_NAMESPACE}Court> .",
        f'<{DEFAULT_BASE}court> <{PREFIXES["rdfs"]}label> "Millford Court" .',
    ]


def _in_another_process(*arguments):
    program = f"import sys; from kg import query; sys.stdout.buffer.write(query.run(*{arguments!r}).content)"
    return subprocess.run([sys.executable, "-c", program], capture_output=True, check=True).stdout


@pytest.mark.parametrize("format", ["turtle", "nt", "jsonld", "table"])
def test_blank_nodes_in_an_answer_have_the_same_names_each_time(format):
    data = [b"<urn:a> <urn:p> [ <urn:q> 1 ] , [ <urn:q> 2 ] , [ <urn:q> <urn:b> ] ."]
    text = "CONSTRUCT { ?s ?p ?o . ?s kg:seen [ schema:x ?s ] } { ?s ?p ?o }"
    here = query.run(data, text, {}, query.PREFIXES, format)
    assert here.content == _in_another_process(data, text, {}, query.PREFIXES, format)
    assert here.rows == 6 + 6 + 6
    if format != "table":
        assert len(set(store.parse(here.content, format=format))) == 18


def test_the_same_query_gives_the_same_bytes_in_another_process():
    text, given = query.shipped()["person"].text, {"person": f"<{DEFAULT_BASE}ana>"}
    here = query.run([GRAPH.encode()], text, given)
    assert b"planning to leave" in here.content
    assert here.content == _in_another_process([GRAPH.encode()], text, given)


@pytest.mark.parametrize(
    ("text", "format", "message"),
    [
        (
            "SELECT * {}",
            "turtle",
            "format 'turtle' does not fit SELECT; what fits is table, csv, tsv, json, xml",
        ),
        ("ASK {}", "jsonld", "format 'jsonld' does not fit ASK; what fits is table, csv, tsv, json, xml"),
        (
            "DESCRIBE <urn:a>",
            "csv",
            "format 'csv' does not fit CONSTRUCT and DESCRIBE; what fits is table, turtle,",
        ),
        ("SELECT * {}", "tabel", "unknown format 'tabel'; did you mean 'table'?"),
        (
            "SELECT * {}",
            "q",
            "unknown format 'q'; the formats are table, csv, tsv, json, xml, turtle, nt, jsonld",
        ),
    ],
)
def test_a_format_that_does_not_fit_is_a_usage_error(graph, text, format, message):
    with pytest.raises(KgError) as caught:
        _answer(graph, text, format)
    assert str(caught.value).startswith(message)
    assert caught.value.exit_code == Exit.CANNOT


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "query: there is no query in it"),
        ("# SELECT", "query: there is no query in it"),
        ("SELCT * {}", "query: a query begins with SELECT, ASK, CONSTRUCT or DESCRIBE; this one with SELCT"),
        ("SELECT *\n{ ?s kgg:a ?o }", "query:2:6: unknown prefix 'kgg:'; did you mean 'kg:'?"),
        ("SELECT * { ?s zzzzzz:a ?o }", "query:1:15: unknown prefix 'zzzzzz:'; known are dcat:"),
        ("SELECT * { ?s ?p 'abc }", "query:1:24: this is not SPARQL: something is missing here"),
        ("SELECT * {\n ?s ?p !! }", "query:2:10: this is not SPARQL: cannot go on at '}'"),
        (
            "SELECT * { ?s ?p <a> }",
            "query:1:21: this is not SPARQL: an IRI is written in full, without spaces",
        ),
        (
            "SELECT ?x (COUNT(*) AS ?n) { ?s ?p ?o }",
            "query:1:40: this is not SPARQL: a variable beside COUNT and the like",
        ),
        (
            "SELECT * { ?s ?p ?o } GROUP BY ?s",
            "query:1:34: this is not SPARQL: with GROUP BY, SELECT names its variables",
        ),
        ("SELECT * { FILTER(<urn:f>(1)) }", "query: the custom function <urn:f> is not supported"),
        ("SELECT * { ?s ?p '\ud800' }", "query: character 19 is half of a character"),
    ],
)
def test_a_query_that_cannot_be_read_says_where(graph, text, message):
    with pytest.raises(KgError) as caught:
        _answer(graph, text)
    assert str(caught.value).startswith(message)
    assert caught.value.exit_code == Exit.CANNOT
    assert "\n" not in str(caught.value)


def test_a_byte_order_mark_before_a_query_is_no_part_of_it(graph):
    assert _answer(graph, "\ufeffASK {}").content == b"yes\n"


def test_the_name_of_the_query_begins_its_messages(graph):
    with pytest.raises(KgError, match=r"^mine\.rq:1:12: unknown prefix 'x:'"):
        _answer(graph, "SELECT * { x:y ?p ?o }", name="mine.rq")


def test_a_very_long_query_is_stopped(graph):
    with pytest.raises(LimitError, match="at most 100,000 characters") as caught:
        _answer(graph, "#" * 100_001)
    assert caught.value.exit_code == Exit.LIMIT


@pytest.mark.parametrize("given", [{"a b": "urn:x:"}, {"a": "not an iri"}])
def test_a_prefix_that_is_none_is_explained(graph, given):
    with pytest.raises(KgError, match=r"^prefixes: "):
        query.answer(graph, "ASK {}", {}, given)


def test_queries_see_all_graphs_once_and_graph_chooses(tmp_path):
    (tmp_path / "a.nq").write_text(
        "<urn:a> <urn:p> <urn:b> <urn:g1> .\n<urn:a> <urn:p> <urn:b> <urn:g2> .\n"
        "<urn:a> <urn:p> <urn:c> <urn:g2> .\n<urn:a> <urn:p> <urn:d> <urn:g2> .\n"
    )
    (tmp_path / "b.ttl").write_text("<urn:a> <urn:p> <urn:b> , <urn:e> .")

    def rows(text):
        data = [tmp_path / "a.nq", tmp_path / "b.ttl"]
        return query.run(data, text, format="csv").content.decode().split()[1:]

    assert rows("SELECT ?o { ?s ?p ?o } ORDER BY ?o") == ["urn:b", "urn:c", "urn:d", "urn:e"]
    assert rows("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }") == ["4"]
    assert rows("SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }") == ["4"]
    assert rows("SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } } ORDER BY ?g") == ["urn:g1", "urn:g2"]
    assert rows("SELECT ?o { GRAPH <urn:g1> { ?s ?p ?o } }") == ["urn:b"]


def test_an_answer_comes_out_of_a_child_process_with_limits(tmp_path):
    path = tmp_path / "a.ttl"
    path.write_text(GRAPH, encoding="utf-8")
    relatives = query.shipped()["relatives"]
    given = query.bind(relatives, ["person=bo"], base=DEFAULT_BASE, prefixes=PREFIXES)
    work = partial(query.run, [path], relatives.text, given, PREFIXES)
    assert pickle.dumps(work)
    answered = run_limited(work, seconds=60, memory=2_000_000_000, what="the query")
    assert answered.rows == 1
    assert (
        answered.content.decode().splitlines()[2].startswith("Bo Kells (id:bo)  brother  Ana Kells (id:ana)")
    )
    with pytest.raises(RefusedError, match="SERVICE"):
        run_limited(
            query.run,
            [path],
            "ASK { SERVICE <http://127.0.0.1/> {} }",
            seconds=60,
            memory=None,
            what="the query",
        )
    endless = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
    with pytest.raises(LimitError, match="the query: stopped after 1 s"):
        run_limited(query.run, [path], endless, seconds=1, memory=None, what="the query")


def test_files_can_be_opened_again_after_a_query(graph, tmp_path):
    with pytest.raises(KgError):
        _answer(graph, "SELECT * { FILTER(<urn:f>(1)) }")
    (tmp_path / "x").write_text("x")
    _answer(graph, "ASK {}")
    (tmp_path / "x").write_text("x")


def test_rows_are_plain_texts():
    quads = list(store.parse(GRAPH.encode()))
    assert query.rows(quads, "relatives", {"person": "bo"}) == [
        {
            "person": f"{DEFAULT_BASE}bo",
            "role": "brother",
            "relative": f"{DEFAULT_BASE}ana",
            "said": "stated",
            "toldBy": f"{DEFAULT_BASE}source_r1_friend",
            "report": f"{DEFAULT_BASE}report_r1",
        }
    ]
    assert query.rows(quads, "SELECT ?n ?m { id:assertion_03 kg:minMonths ?n }") == [{"n": 60}]
    with pytest.raises(KgError, match="write a SELECT"):
        query.rows(quads, "ASK {}")
    with pytest.raises(KgError, match="no shipped query is called 'relativs'; did you mean 'relatives'"):
        query.rows(quads, "relativs")

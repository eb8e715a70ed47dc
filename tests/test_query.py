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
id:source_r1_relatives a kg:Source ; rdfs:label "her relatives" ; kg:speaker id:r1_relatives ; kg:basis "family" .
id:source_r2_star a kg:Source ; rdfs:label "Evening Star" ; kg:speaker id:star ; kg:learnedFrom id:source_r2_post .
id:source_r2_post a kg:Source ; rdfs:label "Morning Post" ; kg:speaker id:post .

id:assertion_01 a kg:Assertion ; rdf:subject id:ana ; rdf:predicate kg:detainedAt ; rdf:object id:millford ;
    kg:polarity "affirmed" ; kg:certainty "stated" ; kg:toldBy id:source_r1_friend ;
    prov:wasDerivedFrom id:report_r1 ; kg:episode id:episode_ana ; kg:placeDetail "at home" ;
    kg:circumstance "without papers" ; kg:date "2017-05-14"^^edtf:EDTF ; kg:evidence id:evidence_01 ;
    sem:hasEarliestBeginTimeStamp "2017-05-14"^^xsd:date ; sem:hasLatestEndTimeStamp "2017-05-14"^^xsd:date .
id:evidence_01 a oa:SpecificResource ; oa:hasSource id:report_r1 ; oa:hasSelector id:selector_01 .
id:selector_01 a oa:TextPositionSelector ; oa:start 10 ; oa:end 42 .
id:assertion_02 a kg:Assertion ; rdf:subject id:ana ; rdf:predicate kg:detainedBy ; rdf:object id:guard ;
    kg:polarity "affirmed" ; kg:certainty "stated" ; kg:toldBy id:source_r1_friend ;
    prov:wasDerivedFrom id:report_r1 ; kg:episode id:episode_ana .
id:assertion_03 a kg:Assertion ; rdf:subject id:ana ; rdf:predicate kg:sentencedTo ; rdf:object "5 years"^^kg:Term ;
    kg:polarity "affirmed" ; kg:certainty "stated" ; kg:toldBy id:source_r1_friend ;
    prov:wasDerivedFrom id:report_r1 ; kg:episode id:episode_ana ; kg:minMonths 60 ; kg:maxMonths 60 .
id:assertion_04 a kg:Assertion ; rdf:subject id:ana ; rdf:predicate kg:sentencedTo ; rdf:object "5 years"^^kg:Term ;
    kg:polarity "affirmed" ; kg:certainty "stated" ; kg:toldBy id:source_r2_star ;
    prov:wasDerivedFrom id:report_r2 ; kg:episode id:episode_ana ; kg:minMonths 60 ; kg:maxMonths 60 .
id:assertion_05 a kg:Assertion ; rdf:subject id:ana ; rdf:predicate kg:sentencedBy ; rdf:object id:court ;
    kg:polarity "affirmed" ; kg:certainty "stated" ; kg:toldBy id:source_r1_post ;
    prov:wasDerivedFrom id:report_r1 ; kg:episode id:episode_ana ; kg:secretTrial true .
id:assertion_06 a kg:Assertion ; rdf:subject id:ana ; rdf:predicate kg:chargedWith ; rdf:object kg:refused ;
    kg:polarity "affirmed" ; kg:certainty "stated" ; kg:toldBy id:source_r1_relatives ;
    prov:wasDerivedFrom id:report_r1 ; kg:episode id:episode_ana .
id:assertion_07 a kg:Assertion ; rdf:subject id:ana ; rdf:predicate kg:accusedOf ; rdf:object "planning to leave" ;
    kg:polarity "affirmed" ; kg:certainty "alleged" ; kg:toldBy id:source_r1_friend ;
    prov:wasDerivedFrom id:report_r1 ; kg:episode id:episode_ana .
id:assertion_08 a kg:Assertion ; rdf:subject id:ana ; rdf:predicate kg:citizenOf ; rdf:object id:norland ;
    kg:polarity "affirmed" ; kg:certainty "stated" ; kg:toldBy id:source_r1_post ;
    prov:wasDerivedFrom id:report_r1 .
id:assertion_09 a kg:Assertion ; rdf:subject id:ana ; rdf:predicate kg:triedToEmigrateTo ; rdf:object id:westland ;
    kg:polarity "affirmed" ; kg:certainty "alleged" ; kg:toldBy id:source_r2_star ;
    prov:wasDerivedFrom id:report_r2 ; kg:circumstance "twice" .
id:assertion_10 a kg:Assertion ; rdf:subject id:bo ; rdf:predicate kg:detainedAt ; rdf:object id:r1_unknown ;
    kg:polarity "affirmed" ; kg:certainty "stated" ; kg:toldBy id:source_r1_post ;
    prov:wasDerivedFrom id:report_r1 ; kg:episode id:episode_bo ; kg:date "2017-05~"^^edtf:EDTF ;
    sem:hasEarliestBeginTimeStamp "2017-05-01"^^xsd:date ; sem:hasLatestEndTimeStamp "2017-05-31"^^xsd:date .
id:assertion_11 a kg:Assertion ; rdf:subject id:bo ; rdf:predicate kg:detainedAt ; rdf:object id:millford ;
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
id:assertion_15 a kg:Assertion ; rdf:subject id:r1_farmers ; rdf:predicate kg:detainedAt ; rdf:object id:east ;
    kg:polarity "affirmed" ; kg:certainty "stated" ; kg:toldBy id:source_r1_post ;
    prov:wasDerivedFrom id:report_r1 ; kg:count "dozens"^^kg:Quantity ; schema:minValue 24 ;
    kg:date "2017-01/2017-07"^^edtf:EDTF ;
    sem:hasEarliestBeginTimeStamp "2017-01-01"^^xsd:date ; sem:hasLatestEndTimeStamp "2017-07-31"^^xsd:date .
id:assertion_16 a kg:Assertion ; rdf:subject id:r1_student ; rdf:predicate kg:detainedBy ; rdf:object id:guard ;
    kg:polarity "affirmed" ; kg:certainty "stated" ; kg:toldBy id:source_r1_post ;
    prov:wasDerivedFrom id:report_r1 ; kg:date "2017-05-20"^^edtf:EDTF ; kg:inferred true ;
    sem:hasEarliestBeginTimeStamp "2017-05-20"^^xsd:date ; sem:hasLatestEndTimeStamp "2017-05-20"^^xsd:date .
id:assertion_17 a kg:Assertion ; rdf:subject id:bo ; rdf:predicate kg:heldAt ; rdf:object id:old-mill ;
    kg:polarity "affirmed" ; kg:certainty "stated" ; kg:toldBy id:source_r2_star ;
    prov:wasDerivedFrom id:report_r2 ; kg:placeDetail "east wing" ; kg:date "2017-06"^^edtf:EDTF ;
    sem:hasEarliestBeginTimeStamp "2017-06-01"^^xsd:date ; sem:hasLatestEndTimeStamp "2017-06-30"^^xsd:date .
id:assertion_18 a kg:Assertion ; rdf:subject id:bo ; rdf:predicate kg:sentencedTo ; rdf:object "life"^^kg:Term ;
    kg:polarity "affirmed" ; kg:certainty "stated" ; kg:toldBy id:source_r1_post ;
    prov:wasDerivedFrom id:report_r1 ; kg:episode id:episode_bo ;
    prov:invalidatedAtTime "2018-01-01T00:00:00Z"^^xsd:dateTime .
id:assertion_19 a kg:Assertion ; rdf:subject id:r1_farmers ; rdf:predicate kg:orderedTo ;
    rdf:object "hand in their passports" ;
    kg:polarity "affirmed" ; kg:certainty "stated" ; kg:toldBy id:source_r1_post ;
    prov:wasDerivedFrom id:report_r1 ; kg:episode id:episode_order ; kg:date "2017-07"^^edtf:EDTF ;
    sem:hasEarliestBeginTimeStamp "2017-07-01"^^xsd:date ; sem:hasLatestEndTimeStamp "2017-07-31"^^xsd:date .
id:assertion_20 a kg:Assertion ; rdf:subject id:r1_farmers ; rdf:predicate kg:orderedBy ; rdf:object id:guard ;
    kg:polarity "affirmed" ; kg:certainty "stated" ; kg:toldBy id:source_r1_friend ;
    prov:wasDerivedFrom id:report_r1 ; kg:episode id:episode_order .
id:assertion_21 a kg:Assertion ; rdf:subject id:ana ; rdf:predicate kg:detainedAt ; rdf:object id:millford ;
    kg:polarity "affirmed" ; kg:certainty "stated" ; kg:toldBy id:source_r2_star ;
    prov:wasDerivedFrom id:report_r2 ; kg:date "2017-05"^^edtf:EDTF ;
    sem:hasEarliestBeginTimeStamp "2017-05-01"^^xsd:date ; sem:hasLatestEndTimeStamp "2017-05-31"^^xsd:date .

id:old-mill kg:locatedIn id:millford .
id:millford kg:locatedIn id:east .
id:east kg:locatedIn id:norland .
id:r1_unknown kg:locatedIn id:norland .
id:westland kg:locatedIn id:far-away .
"""


@pytest.fixture(scope="module")
def graph():
    return store.load([GRAPH.encode(), ONTOLOGY])


@pytest.fixture(scope="module")
def ask(graph):
    """Give rows of a shipped query as tuples of texts, IRIs shortened: id:ana -> ana, kg:Person -> kg:Person."""

    def rows(name, *given):
        shipped = query.find_shipped(name)
        bindings = query.bind(shipped, given, base=DEFAULT_BASE, prefixes=PREFIXES)
        content = query.answer(graph, shipped.text, bindings, PREFIXES, "csv").content.decode()
        short = content.replace(DEFAULT_BASE, "").replace(KG_NAMESPACE, "kg:").replace("source_", "")
        header, *found = csv.reader(io.StringIO(short, newline=""))
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
        ("bo", "millford", "", "", "", "denied", "r2_star", "report_r2"),
        ("r1_farmers", "east", "", "2017-01/2017-07", "", "stated", "r1_post", "report_r1"),
        ("ana", "millford", "", "2017-05", "", "stated", "r2_star", "report_r2"),
        ("bo", "r1_unknown", "", "2017-05~", "", "stated", "r1_post", "report_r1"),
        ("ana", "millford", "at home", "2017-05-14", "guard", "stated", "r1_friend", "report_r1"),
        ("r1_student", "", "", "2017-05-20", "guard", "stated", "r1_post", "report_r1"),
    ]
    assert [row[0] for row in ask("detained", "place=millford")] == ["bo", "ana", "ana"]


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
        ("report_r1", "r1_friend", "r1_friend", "hearsay", "friend", "r1_relatives", "6"),
        ("report_r1", "r1_post", "post", "first-hand", "", "", "7"),
        ("report_r1", "r1_relatives", "r1_relatives", "family", "", "", "1"),
        ("report_r2", "r2_post", "post", "", "", "", "0"),
        ("report_r2", "r2_star", "star", "", "", "r2_post", "6"),
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


def _without_order(rows):
    return Counter(rows)


@pytest.mark.parametrize("name", sorted(query.shipped()))
def test_a_value_only_ever_narrows_an_answer(graph, ask, name):
    """A value that stands in a column though nobody said so would be a lie."""
    shipped = query.shipped()[name]
    keys = [
        quad.subject.value
        for quad in graph.quads_for_pattern(None, ox.NamedNode(PREFIXES["rdf"] + "type"), None)
    ]
    keys = ["kg:Person", *sorted({f"<{key}>" for key in keys if key.startswith(DEFAULT_BASE)})]
    optional = [p.name for p in shipped.params if not p.required]
    if not optional:
        return
    everything = _without_order(ask(name))
    found = 0
    for parameter in optional:
        for key in keys:
            narrowed = _without_order(ask(name, f"{parameter}={key}"))
            assert narrowed <= everything, (parameter, key)
            found += len(narrowed)
    assert found, "no value of any parameter finds anything"


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
    found = Counter(
        tuple(
            "" if cell is None else str(cell).replace(DEFAULT_BASE, "").replace(KG_NAMESPACE, "kg:")
            for cell in row
        )
        for row in dataset.query(query.shipped()[name].text)
    )
    assert found == Counter(
        tuple(f"source_{cell}" if cell in SOURCES else cell for cell in row) for row in ask(name)
    )


SOURCES = {"r1_post", "r1_friend", "r1_relatives", "r2_star", "r2_post"}

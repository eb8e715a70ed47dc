from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import pyoxigraph as ox
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import EVIDENCE, HEAD
from kg import nt, rdf
from kg.build import Vocabulary, encode
from kg.model import Access, Assertion, Corpus, Entity, Evidence, Report, Source, Withdrawal
from kg.namespaces import DEFAULT_BASE, KG_NAMESPACE, expand
from kg.ontology import Ontology
from kg.project import Project
from kg.seeds import Reading
from kg.terms import KG

Read = Callable[..., Reading]
BASE = DEFAULT_BASE

ASSERTION = Assertion(
    subject=BASE + "aman",
    predicate=KG_NAMESPACE + "citizenOf",
    object=nt.iri(BASE + "norland"),
    report=BASE + "report_r",
    source=BASE + "source_r_publisher",
    evidence=Evidence(BASE + "report_r", 1, 2, "0" * 64),
)


def graph(corpus: Corpus, ontology: Ontology, name: str) -> set[tuple[str, str, str]]:
    wanted = nt.iri(rdf.graph_iri(name, BASE))
    return {quad[:3] for quad in rdf.quads(corpus, ontology, BASE) if quad[3] == wanted}


def test_the_view_holds_the_plain_triple_and_those_above_it(vocabulary: Vocabulary) -> None:
    view = graph(Corpus(assertions=(ASSERTION,)), vocabulary.ontology, "view")
    subject, object_ = nt.iri(ASSERTION.subject), ASSERTION.object
    assert view == {
        (subject, nt.iri(KG_NAMESPACE + "citizenOf"), object_),
        (subject, nt.iri(KG_NAMESPACE + "relatedToCountry"), object_),
    }


def test_alleged_denied_withdrawn_and_absent_things_are_not_in_the_view(vocabulary: Vocabulary) -> None:
    others = (
        replace(ASSERTION, certainty="alleged"),
        replace(ASSERTION, polarity="denied"),
        replace(ASSERTION, object=nt.iri(KG.noneGiven)),
        replace(ASSERTION, object=nt.iri(KG.refused)),
    )
    for assertion in (*others, replace(ASSERTION, withdrawn=Withdrawal("2026-01-01"))):
        assert graph(Corpus(assertions=(assertion,)), vocabulary.ontology, "view") == set()
    assert len(graph(Corpus(assertions=others), vocabulary.ontology, "alleged")) == 2


def test_a_withdrawn_twin_does_not_take_a_living_one_out_of_the_view(vocabulary: Vocabulary) -> None:
    corpus = Corpus(assertions=(replace(ASSERTION, withdrawn=Withdrawal("2026-01-01")), ASSERTION))
    assert len(graph(corpus, vocabulary.ontology, "view")) == 2


def test_what_is_said_decides_the_name_and_what_surrounds_it_does_not() -> None:
    name = ASSERTION.digest()
    same = (
        replace(ASSERTION, method="extracted", note="x", access=Access.RESTRICTED),
        replace(ASSERTION, episodes=("e",), withdrawn=Withdrawal("2026-01-01")),
        replace(ASSERTION, evidence=replace(ASSERTION.evidence, start=5, end=6)),
    )
    other = (
        replace(ASSERTION, subject=BASE + "aigul"),
        replace(ASSERTION, object=nt.literal(BASE + "norland")),
        replace(ASSERTION, polarity="denied"),
        replace(ASSERTION, certainty="alleged"),
        replace(ASSERTION, qualifiers=((KG.date, '"2017"'),)),
        replace(ASSERTION, report=BASE + "report_s"),
        replace(ASSERTION, source=BASE + "source_r_friend"),
        replace(ASSERTION, evidence=replace(ASSERTION.evidence, digest="1" * 64)),
    )
    assert {a.digest() for a in same} == {name}
    assert len({name, *(a.digest() for a in other)}) == 9


def test_parts_that_run_together_do_not_make_one_name_of_two() -> None:
    one = replace(ASSERTION, subject="ab", predicate="c")
    two = replace(ASSERTION, subject="a", predicate="bc")
    assert one.digest() != two.digest()


def test_of_twins_the_curated_stays_whatever_the_order() -> None:
    curated = replace(ASSERTION, evidence=replace(ASSERTION.evidence, start=7), episodes=("b",))
    extracted = replace(ASSERTION, method="extracted", episodes=("a",))
    for order in ((curated, extracted), (extracted, curated)):
        (merged,) = rdf.merge(Corpus(assertions=order)).assertions
        assert (merged.method, merged.episodes, merged.evidence.start) == ("curated", ("a", "b"), 7)


def test_bounds_stand_beside_dates_terms_and_quantities(
    read: Read, vocabulary: Vocabulary, project: Project
) -> None:
    block = f"""\
assertions:
  - about: aman-tolek
    {EVIDENCE}
    sentenced-to: [5 years, life]
    date: 2021-02~
    count: more than 3
"""
    reading = read(HEAD + block)
    assert reading.problems == ()
    triples = {quad[:3] for quad in encode(project, vocabulary, reading.corpus)}
    by_subject: dict[str, dict[str, str]] = {}
    for subject, predicate, object_ in triples:
        by_subject.setdefault(subject, {})[predicate] = object_
    said = {found["<http://www.w3.org/1999/02/22-rdf-syntax-ns#object>"]: found for found in by_subject.values() if "<http://www.w3.org/1999/02/22-rdf-syntax-ns#object>" in found}  # fmt: skip
    five, life = said[nt.literal("5 years", KG.Term)], said[nt.literal("life", KG.Term)]
    sixty = nt.integer(60)
    assert (five[nt.iri(KG.minMonths)], five[nt.iri(KG.maxMonths)]) == (sixty, sixty)
    assert nt.iri(KG.minMonths) not in life
    date = expand("xsd:date")
    assert five[nt.iri(expand("sem:hasEarliestBeginTimeStamp"))] == nt.literal("2021-02-01", date)
    assert five[nt.iri(expand("sem:hasLatestEndTimeStamp"))] == nt.literal("2021-02-28", date)
    assert five[nt.iri(expand("schema:minValue"))] == nt.integer(4)
    assert nt.iri(expand("schema:maxValue")) not in five


def test_a_copied_report_is_derived_from_its_original(vocabulary: Vocabulary) -> None:
    copy = Report(BASE + "report_s", "Copy", "article", copied_from=BASE + "report_r")
    corpus = Corpus(reports=(Report(BASE + "report_r", "Original", "article"), copy))
    derived = nt.iri(expand("prov:wasDerivedFrom"))
    found = {t for t in graph(corpus, vocabulary.ontology, "assertions") if t[1] == derived}
    assert found == {(nt.iri(BASE + "report_s"), derived, nt.iri(BASE + "report_r"))}


TEXT = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=40)


@settings(deadline=None, max_examples=60)
@given(TEXT, TEXT, st.lists(TEXT, max_size=3))
def test_any_text_survives_both_engines(
    vocabulary: Vocabulary, label: str, said: str, names: Sequence[str]
) -> None:
    corpus = Corpus(
        (Entity(BASE + "aman", KG_NAMESPACE + "Person", label, also=tuple(names)),),
        (Report(BASE + "report_r", label, "article"),),
        (Source(BASE + "source_r_publisher", said, None),),
        (),
        (replace(ASSERTION, predicate=KG_NAMESPACE + "occupation", object=nt.literal(said), note=label),),
    )
    quads = sorted(set(rdf.quads(corpus, vocabulary.ontology, BASE)))
    parsed = list(ox.parse(nt.nquads(quads), ox.RdfFormat.N_QUADS))
    assert len(parsed) == len(quads)
    found = rdf.to_rdflib({quad[:3] for quad in quads})
    assert len(found) == len({quad[:3] for quad in quads})
    values = {str(o) for o in found.objects()}
    assert {label, said, *names} <= values
    assert {label, said, *names} <= {getattr(q.object, "value", "") for q in parsed}


def test_there_are_no_blank_nodes_and_every_iri_is_flat(
    read: Read, vocabulary: Vocabulary, project: Project
) -> None:
    reading = read(HEAD + f"assertions:\n  - about: aman-tolek\n    {EVIDENCE}\n    age: 36\n")
    for quad in encode(project, vocabulary, reading.corpus):
        for term in quad:
            assert not term.startswith("_:")
            if term.startswith(f"<{BASE}"):
                assert "/" not in term.removeprefix(f"<{BASE}")

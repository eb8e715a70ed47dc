"""A corpus as RDF: which quads it is, and under which IRIs (design: RDF shape)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from kg import columns, dates, nt, quantities
from kg.model import Access, Assertion, Corpus, Entity, Episode, Evidence, Report, Source, Withdrawal
from kg.namespaces import EDTF, XSD_BOOLEAN, XSD_DATE, XSD_DATETIME, XSD_NON_NEGATIVE, expand
from kg.nt import Quad, Triple
from kg.ontology import Ontology
from kg.terms import KG

if TYPE_CHECKING:
    import rdflib

GRAPHS = ("assertions", "view", "alleged", "ontology")
"""The named graphs of every dataset; each IRI is the project's base followed by ``graph_`` and the name."""


ALLEGED = "graph_alleged"
"""How the name of the graph ends whose plain triples are only alleged: nothing stands behind them."""


def _term(curie: str) -> str:
    return nt.iri(expand(curie))


_A = _term("rdf:type")
_LABEL, _ALT_LABEL, _NOTE = _term("rdfs:label"), _term("skos:altLabel"), _term("skos:note")
_RIGHTS, _RESTRICTED = _term("dcterms:accessRights"), nt.literal("restricted")
_SUBJECT, _PREDICATE, _OBJECT = _term("rdf:subject"), _term("rdf:predicate"), _term("rdf:object")
_POLARITY, _CERTAINTY, _METHOD = nt.iri(KG.polarity), nt.iri(KG.certainty), nt.iri(KG.method)
_DERIVED, _TOLD_BY = _term("prov:wasDerivedFrom"), nt.iri(KG.toldBy)
_EVIDENCE, _EPISODE = nt.iri(KG.evidence), nt.iri(KG.episode)
_EARLIEST = _term("sem:hasEarliestBeginTimeStamp")
_LATEST = _term("sem:hasLatestEndTimeStamp")
_MIN_VALUE, _MAX_VALUE = _term("schema:minValue"), _term("schema:maxValue")
_SHA256 = _term("schema:sha256")
_TRUE = nt.literal("true", XSD_BOOLEAN)
FRAGMENT_SYNTAX = nt.iri("https://www.rfc-editor.org/rfc/rfc7111")
"""What says how a fragment names a row or a cell of a table."""
ABSENT = frozenset({nt.iri(KG.noneGiven), nt.iri(KG.refused)})
"""Objects that yield no view triple: none was given, or it was refused."""


def assertion_iri(assertion: Assertion, base: str) -> str:
    """Give the IRI that names an assertion by what it says."""
    return f"{base}assertion_{assertion.digest()}"


def evidence_iri(evidence: Evidence, base: str) -> str:
    """Give the IRI of a place in a report; the same place has the same IRI."""
    parts = f"{evidence.report}\n{evidence.start}\n{evidence.end}\n{evidence.digest}\n{evidence.record}"
    if evidence.row:
        parts += f"\n{evidence.file}\n{evidence.sheet}\n{evidence.row}\n{evidence.column}"
    return f"{base}evidence_{hashlib.sha256(parts.encode()).hexdigest()[:32]}"


def graph_iri(name: str, base: str) -> str:
    """Give the IRI of one of `GRAPHS`."""
    return f"{base}graph_{name}"


def quads(corpus: Corpus, ontology: Ontology, base: str) -> Iterator[Quad]:
    """Give every quad of `corpus` and the ontology's axioms, in no particular order, some twice."""
    graphs = {name: nt.iri(graph_iri(name, base)) for name in GRAPHS}
    corpus = merge(corpus)
    for subject, predicate, object_ in _described(corpus, base):
        yield subject, predicate, object_, graphs["assertions"]
    supers = {p.iri: p.supers for p in ontology.predicates.values()}
    for assertion in corpus.assertions:
        if name := view_of(assertion):
            for triple in view_triples(assertion, supers):
                yield (*triple, graphs[name])
    for triple in axioms(ontology):
        yield (*triple, graphs["ontology"])


def view_of(assertion: Assertion) -> str | None:
    """Give the graph in which what an assertion says stands as a plain triple: view, alleged or none."""
    if assertion.polarity != "affirmed" or assertion.withdrawn or assertion.object in ABSENT:
        return None
    return "view" if assertion.certainty == "stated" else "alleged"


def view_triples(assertion: Assertion, supers: Mapping[str, Iterable[str]]) -> Iterator[Triple]:
    """Give the plain triple that an assertion says, and the same with each predicate above its own."""
    for predicate in (assertion.predicate, *supers.get(assertion.predicate, ())):
        yield nt.iri(assertion.subject), nt.iri(predicate), assertion.object


def axioms(ontology: Ontology) -> Iterator[Triple]:
    """Give the ontology's axioms and labels, so that plain SPARQL and plain SHACL find them in the data."""
    for subject, predicate, object_ in ontology.axioms:
        yield nt.iri(subject), nt.iri(predicate), nt.iri(object_)
    for iri, label in ontology.labels.items():
        yield nt.iri(iri), _LABEL, nt.literal(label, language="en")


def merge(corpus: Corpus) -> Corpus:
    """Make equal assertions one: the same for any order of the input.

    It is as open as the most open of them, and what it says of itself is what these say; of a curated
    and an extracted one the curated stays, and the place is the first in the text. It belongs to all
    their episodes, and lives if one of them does, unless one was withdrawn for a reason that is to leave
    no trace. Where less open ones add to that, it is no more open than they are.
    """
    twins: dict[str, list[Assertion]] = {}
    for assertion in corpus.assertions:
        twins.setdefault(assertion.digest(), []).append(assertion)
    return Corpus(
        corpus.entities,
        corpus.reports,
        corpus.sources,
        corpus.episodes,
        tuple(found[0] if len(found) == 1 else _one(found) for found in twins.values()),
    )


def _one(found: list[Assertion]) -> Assertion:
    most_open = max(a.access for a in found)
    open_ = [a for a in found if a.access is most_open]
    first = min(open_, key=_rank)
    merged = _together(first, found)
    if any(a.withdrawn and a.withdrawn.is_silent for a in found):
        return replace(merged, access=Access.RESTRICTED)
    adds = merged != _together(first, open_)
    return replace(merged, access=min(a.access for a in found)) if adds else merged


def _together(first: Assertion, found: list[Assertion]) -> Assertion:
    withdrawals = [a.withdrawn for a in found if a.withdrawn]
    silent = [withdrawal for withdrawal in withdrawals if withdrawal.is_silent]
    return replace(
        first,
        episodes=tuple(sorted({e for a in found for e in a.episodes})),
        withdrawn=max(silent or withdrawals) if silent or len(withdrawals) == len(found) else None,
        corrects=min((a.corrects for a in found if a.corrects), default=None),
    )


def _rank(assertion: Assertion) -> tuple[object, ...]:
    """Give by what the first of equal assertions is found: last by where it was typed, which nobody sees."""
    place = assertion.evidence
    return (
        assertion.method,
        (place.start, place.row, place.file, place.sheet, place.column),
        (assertion.note or "", assertion.engine or "", assertion.reviewer or ""),
        assertion.where,
    )


def _described(corpus: Corpus, base: str) -> Iterator[Triple]:
    for entity in corpus.entities:
        yield from _entity(entity)
    for report in corpus.reports:
        yield from _report(report, base)
    for source in corpus.sources:
        yield from _source(source)
    for episode in corpus.episodes:
        yield from _episode(episode)
    for assertion in corpus.assertions:
        yield from _assertion(assertion, base)


def _mark(subject: str, access: Access) -> Iterator[Triple]:
    if access is Access.RESTRICTED:
        yield subject, _RIGHTS, _RESTRICTED
    elif access is Access.WITHHELD:
        yield subject, _RIGHTS, nt.literal("withheld")


def _entity(entity: Entity) -> Iterator[Triple]:
    subject = nt.iri(entity.iri)
    yield subject, _A, nt.iri(entity.class_iri)
    yield subject, _LABEL, nt.literal(entity.label)
    if entity.unnamed:
        yield subject, nt.iri(KG.unnamed), _TRUE
    for name in entity.also:
        yield subject, _ALT_LABEL, nt.literal(name)
    for language, name in entity.names:
        yield subject, _ALT_LABEL, nt.literal(name, language=language)
    for same in entity.same_as:
        yield subject, _term("skos:exactMatch"), nt.iri(same)
    if entity.note:
        yield subject, _NOTE, nt.literal(entity.note)
    yield from _mark(subject, entity.access)


def _report(report: Report, base: str) -> Iterator[Triple]:
    subject = nt.iri(report.iri)
    yield subject, _A, nt.iri(KG.Report)
    yield subject, _term("dcterms:title"), nt.literal(report.title, language=report.language)
    yield subject, _LABEL, nt.literal(report.title)
    yield subject, _term("dcterms:type"), nt.literal(report.kind)
    if report.publisher:
        yield subject, _term("dcterms:publisher"), nt.iri(report.publisher)
    for curie, date in (("dcterms:issued", report.published), ("pav:retrievedOn", report.retrieved)):
        if date:
            yield subject, _term(curie), date_literal(date)
    if report.language:
        yield subject, _term("dcterms:language"), nt.literal(report.language)
    for curie, url in (("schema:url", report.url), ("schema:archivedAt", report.archive_url)):
        if url:
            yield subject, _term(curie), nt.iri(url)
    if report.copied_from:
        yield subject, _DERIVED, nt.iri(report.copied_from)
    if report.text:
        yield subject, _EVIDENCE, nt.iri(evidence_iri(report.text, base))
        yield from _place(report.text, base)
    if report.note:
        yield subject, _NOTE, nt.literal(report.note)
    yield from _mark(subject, report.access)


def date_literal(text: str) -> str:
    """Give an ``xsd:date`` for a plain day, and EDTF for anything less exact."""
    date = dates.parse(text)
    exact = date.earliest is not None and text == date.earliest.isoformat()
    return nt.literal(text, XSD_DATE if exact else EDTF)


def _source(source: Source) -> Iterator[Triple]:
    subject = nt.iri(source.iri)
    yield subject, _A, nt.iri(KG.Source)
    yield subject, _LABEL, nt.literal(source.label)
    yield subject, nt.iri(KG.basis), nt.literal(source.basis)
    if source.speaker:
        yield subject, nt.iri(KG.speaker), nt.iri(source.speaker)
    if source.relation:
        yield subject, _term("schema:roleName"), nt.literal(source.relation)
    if source.learned_from:
        yield subject, nt.iri(KG.learnedFrom), nt.iri(source.learned_from)
    yield from _mark(subject, source.access)


def _episode(episode: Episode) -> Iterator[Triple]:
    subject = nt.iri(episode.iri)
    yield subject, _A, _term("sem:Event")
    yield subject, _LABEL, nt.literal(episode.label)
    yield from _mark(subject, episode.access)


def _place(evidence: Evidence, base: str) -> Iterator[Triple]:
    iri = evidence_iri(evidence, base)
    subject = nt.iri(iri)
    yield subject, _A, _term("oa:SpecificResource")
    if evidence.record:
        yield subject, _term("oa:hasSource"), nt.iri(evidence.record)
        return
    selector = nt.iri(iri.replace("evidence_", "selector_"))
    yield subject, _term("oa:hasSource"), nt.iri(evidence.report)
    yield subject, _SHA256, nt.literal(evidence.digest)
    yield subject, _term("oa:hasSelector"), selector
    if evidence.row:
        yield from _row(selector, evidence)
        return
    yield selector, _A, _term("oa:TextPositionSelector")
    yield selector, _term("oa:start"), nt.literal(str(evidence.start), XSD_NON_NEGATIVE)
    yield selector, _term("oa:end"), nt.literal(str(evidence.end), XSD_NON_NEGATIVE)


def _row(selector: str, evidence: Evidence) -> Iterator[Triple]:
    """Give a row of a table (RFC 7111, section 2), or one cell of it."""
    column = f",{columns.number(evidence.column)}" if evidence.column else ""
    yield selector, _A, _term("oa:FragmentSelector")
    yield selector, _term("dcterms:conformsTo"), FRAGMENT_SYNTAX
    yield selector, _term("rdf:value"), nt.literal(f"{'cell' if column else 'row'}={evidence.row}{column}")
    yield selector, _term("dcterms:identifier"), nt.literal(evidence.file)
    if evidence.sheet:
        yield selector, _LABEL, nt.literal(evidence.sheet)


def _assertion(assertion: Assertion, base: str) -> Iterator[Triple]:
    subject = nt.iri(assertion_iri(assertion, base))
    yield subject, _A, nt.iri(KG.Assertion)
    yield subject, _SUBJECT, nt.iri(assertion.subject)
    yield subject, _PREDICATE, nt.iri(assertion.predicate)
    yield subject, _OBJECT, assertion.object
    yield subject, _POLARITY, nt.literal(assertion.polarity)
    yield subject, _CERTAINTY, nt.literal(assertion.certainty)
    yield subject, _METHOD, nt.literal(assertion.method)
    yield subject, _DERIVED, nt.iri(assertion.report)
    yield subject, _TOLD_BY, nt.iri(assertion.source)
    yield subject, _EVIDENCE, nt.iri(evidence_iri(assertion.evidence, base))
    yield from _place(assertion.evidence, base)
    for episode in assertion.episodes:
        yield subject, _EPISODE, nt.iri(episode)
    for predicate, value in assertion.qualifiers:
        yield subject, nt.iri(predicate), value
    for value in (assertion.object, *(value for _, value in assertion.qualifiers)):
        for predicate, bound in bounds(value):
            yield subject, predicate, bound
    if assertion.withdrawn:
        yield from _withdrawal(subject, assertion.withdrawn)
    if assertion.corrects:
        yield subject, _term("prov:wasRevisionOf"), nt.iri(f"{base}assertion_{assertion.corrects}")
    if assertion.engine:
        yield subject, nt.iri(KG.engine), nt.literal(assertion.engine)
    if assertion.reviewer:
        yield subject, nt.iri(KG.reviewer), nt.literal(assertion.reviewer)
    if assertion.note:
        yield subject, _NOTE, nt.literal(assertion.note)
    yield from _mark(subject, assertion.access)


def _withdrawal(subject: str, withdrawal: Withdrawal) -> Iterator[Triple]:
    midnight = f"{withdrawal.date}T00:00:00Z"
    yield subject, _term("prov:invalidatedAtTime"), nt.literal(midnight, XSD_DATETIME)
    if withdrawal.reason:
        yield subject, nt.iri(KG.withdrawalReason), nt.literal(withdrawal.reason)
    if withdrawal.by:
        yield subject, nt.iri(KG.withdrawnBy), nt.literal(withdrawal.by)


@lru_cache(maxsize=65536)
def bounds(value: str) -> tuple[tuple[str, str], ...]:
    """Give what can be computed from a date, a term or a quantity: predicates and literals.

    An end that is open, and the length of a life sentence, have no bound.
    """
    if not value.endswith(_BOUNDED):
        return ()
    term = nt.parse_term(value)
    found: tuple[tuple[str, str | None], ...] = ()
    if term.datatype == EDTF:
        date = dates.parse(term.value)
        found = ((_EARLIEST, _day(date.earliest)), (_LATEST, _day(date.latest)))
    elif term.datatype == KG.Term:
        length = quantities.parse_term(term.value)
        found = (
            (nt.iri(KG.minMonths), _integer(length.min_months)),
            (nt.iri(KG.maxMonths), _integer(length.max_months)),
        )
    elif term.datatype == KG.Quantity:
        quantity = quantities.parse_quantity(term.value)
        found = ((_MIN_VALUE, _integer(quantity.minimum)), (_MAX_VALUE, _integer(quantity.maximum)))
    return tuple((predicate, bound) for predicate, bound in found if bound is not None)


_BOUNDED = tuple(nt.iri(datatype) for datatype in (EDTF, KG.Term, KG.Quantity))


def _day(day: object) -> str | None:
    return None if day is None else nt.literal(str(day), XSD_DATE)


def _integer(number: int | None) -> str | None:
    return None if number is None else nt.integer(number)


def to_rdflib(triples: Iterable[Triple]) -> rdflib.Graph:
    """Give the same triples as an rdflib graph, every literal's letters as they are."""
    import rdflib

    rdflib.NORMALIZE_LITERALS = False
    graph = rdflib.Graph()
    memory: dict[str, rdflib.term.Identifier] = {}

    def term(text: str) -> rdflib.term.Identifier:
        if text not in memory:
            memory[text] = _rdflib_term(text)
        return memory[text]

    for subject, predicate, object_ in triples:
        graph.add((term(subject), term(predicate), term(object_)))
    return graph


def _rdflib_term(text: str) -> rdflib.term.Identifier:
    import rdflib

    if text.startswith("_:"):
        return rdflib.BNode(text[2:])
    if text.startswith("<"):
        return rdflib.URIRef(text[1:-1])
    term = nt.parse_term(text)
    datatype = rdflib.URIRef(term.datatype) if term.datatype else None
    return rdflib.Literal(term.value, lang=term.language, datatype=datatype)

"""RDF back as a corpus: the inverse of `kg.rdf`, for whatever reads an export."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from kg import columns, nt
from kg.model import Access, Assertion, Corpus, Entity, Episode, Evidence, Report, Source, Withdrawal
from kg.namespaces import KG_NAMESPACE, expand
from kg.nt import Triple
from kg.terms import KG

Described = Mapping[str, Sequence[str]]
"""One subject: predicate IRI to object terms, sorted."""

_TYPE, _LABEL, _ALT_LABEL = expand("rdf:type"), expand("rdfs:label"), expand("skos:altLabel")
_NOTE, _RIGHTS = expand("skos:note"), expand("dcterms:accessRights")
_SUBJECT, _PREDICATE, _OBJECT = expand("rdf:subject"), expand("rdf:predicate"), expand("rdf:object")
_STRUCTURAL = {
    KG.polarity, KG.certainty, KG.method, KG.toldBy, KG.evidence, KG.episode, KG.minMonths, KG.maxMonths,
    KG.withdrawalReason, KG.withdrawnBy, KG.engine, KG.reviewer,
}  # fmt: skip
_OF_ASSERTIONS = {
    _TYPE, _SUBJECT, _PREDICATE, _OBJECT, _NOTE, _RIGHTS, *_STRUCTURAL,
    *map(expand, (
        "prov:wasDerivedFrom", "prov:invalidatedAtTime", "prov:wasRevisionOf", "schema:minValue", "schema:maxValue",
        "sem:hasEarliestBeginTimeStamp", "sem:hasLatestEndTimeStamp",
    )),
}  # fmt: skip
_OWL = expand("owl:")
_NOT_ENTITIES = {
    KG.Assertion,
    KG.Report,
    KG.Source,
    *map(
        expand,
        (
            "sem:Event",
            "oa:SpecificResource",
            "oa:TextPositionSelector",
            "oa:FragmentSelector",
            "owl:FunctionalProperty",
        ),
    ),
}

_TITLE = expand("dcterms:title")
_KIND = expand("dcterms:type")
_ISSUED = expand("dcterms:issued")
_PUBLISHER = expand("dcterms:publisher")
_LANGUAGE = expand("dcterms:language")
_URL = expand("schema:url")
_ARCHIVED = expand("schema:archivedAt")
_RETRIEVED = expand("pav:retrievedOn")
_DERIVED = expand("prov:wasDerivedFrom")
_ROLE = expand("schema:roleName")
_REVISION = expand("prov:wasRevisionOf")
_INVALIDATED = expand("prov:invalidatedAtTime")
_SELECTOR = expand("oa:hasSelector")
_HAS_SOURCE = expand("oa:hasSource")
_START = expand("oa:start")
_END = expand("oa:end")
_SHA256 = expand("schema:sha256")
_VALUE = expand("rdf:value")
_IDENTIFIER = expand("dcterms:identifier")
_SAME = expand("skos:exactMatch")
_EVENT = expand("sem:Event")


def described(triples: Iterable[Triple]) -> dict[str, Described]:
    """Give what is said of each IRI, by IRI; blank nodes are left out."""
    found: dict[str, Described] = {}
    names: dict[str, str] = {}
    said: dict[str, list[str]] = {}
    last = ""
    # Not a set: what comes sorted, as an export does, stays so and is sorted in no time.
    for subject, predicate, object_ in sorted(dict.fromkeys(triples)):
        if subject != last:
            last, said = subject, {}
            if subject.startswith("<"):
                found[subject[1:-1]] = said
        name = names.get(predicate) or names.setdefault(predicate, predicate[1:-1])
        if name in said:
            said[name].append(object_)
        else:
            said[name] = [object_]
    return found


def corpus(triples: Iterable[Triple]) -> Corpus:
    """Give the corpus that `kg.rdf.quads` made `triples` of, each tuple sorted by IRI.

    What was typed where is lost, and so is the order of what was typed. A resource that lacks
    what it needs (an assertion without an object, a foreign graph's own things) is left out:
    whether data is as it should be is for `kg validate` to say.
    """
    all_ = described(triples)
    of: dict[str, list[str]] = {kind: [] for kind in _NOT_ENTITIES}
    entities = []
    for iri in sorted(all_):
        types = {term[1:-1] for term in all_[iri].get(_TYPE, ())}
        if _is_entity(types):
            entities.append(_entity(iri, all_[iri]))
        for kind in types & _NOT_ENTITIES:
            of[kind].append(iri)
    return Corpus(
        tuple(entities),
        tuple(_report(iri, all_) for iri in of[KG.Report]),
        tuple(_source(iri, all_[iri]) for iri in of[KG.Source]),
        tuple(Episode(iri, _text(all_[iri], _LABEL) or "", _access(all_[iri])) for iri in of[_EVENT]),
        tuple(a for iri in of[KG.Assertion] if (a := _assertion(all_[iri], all_))),
    )


def _is_entity(types: set[str]) -> bool:
    """Whatever has a type is an entity, unless the type is one of ours that is none, or of the ontology."""
    return bool(types) and not types & _NOT_ENTITIES and not any(t.startswith(_OWL) for t in types)


def _entity(iri: str, said: Described) -> Entity:
    names = [nt.parse_term(term) for term in said.get(_ALT_LABEL, ())]
    return Entity(
        iri,
        _iri(said, _TYPE) or KG.Entity,
        _text(said, _LABEL) or "",
        _text(said, KG.unnamed) == "true",
        tuple(name.value for name in names if not name.language),
        tuple((name.language, name.value) for name in names if name.language),
        tuple(term[1:-1] for term in said.get(_SAME, ())),
        _text(said, _NOTE),
        _access(said),
    )


def _report(iri: str, all_: Mapping[str, Described]) -> Report:
    said = all_[iri]
    places = list(_evidence(said, iri, all_))
    return Report(
        iri,
        _text(said, _TITLE) or "",
        _text(said, _KIND) or "article",
        _text(said, _ISSUED),
        _iri(said, _PUBLISHER),
        _text(said, _LANGUAGE),
        _iri(said, _URL),
        _iri(said, _ARCHIVED),
        _text(said, _RETRIEVED),
        places[0] if places else None,
        _text(said, _NOTE),
        _access(said),
        _iri(said, _DERIVED),
    )


def _source(iri: str, said: Described) -> Source:
    return Source(
        iri,
        _text(said, _LABEL) or "",
        _iri(said, KG.speaker),
        _text(said, KG.basis) or "unknown",
        _text(said, _ROLE),
        _iri(said, KG.learnedFrom),
        _access(said),
    )


def _assertion(said: Described, all_: Mapping[str, Described]) -> Assertion | None:
    subject, predicate, objects = _iri(said, _SUBJECT), _iri(said, _PREDICATE), said.get(_OBJECT)
    report, source = _iri(said, _DERIVED), _iri(said, KG.toldBy)
    if not (subject and predicate and objects and report and source):
        return None
    qualifiers = sorted(said.keys() - _OF_ASSERTIONS)
    return Assertion(
        subject,
        predicate,
        objects[0],
        report,
        source,
        next(_evidence(said, report, all_), Evidence(report)),
        _text(said, KG.polarity) or "affirmed",
        _text(said, KG.certainty) or "stated",
        _text(said, KG.method) or "curated",
        # A qualifier is whatever else is said of an assertion, ours or a project's own.
        tuple((name, term) for name in qualifiers for term in said[name]),
        tuple(term[1:-1] for term in said.get(KG.episode, ())),
        _withdrawal(said),
        _text(said, _NOTE),
        _access(said),
        (_iri(said, _REVISION) or "").rpartition("assertion_")[2] or None,
        _text(said, KG.engine),
        _text(said, KG.reviewer),
    )


def _withdrawal(said: Described) -> Withdrawal | None:
    moment = _text(said, _INVALIDATED)
    if moment is None:
        return None
    return Withdrawal(
        moment.partition("T")[0], _text(said, KG.withdrawalReason) or "", _text(said, KG.withdrawnBy) or ""
    )


def _evidence(said: Described, report: str, all_: Mapping[str, Described]) -> Iterator[Evidence]:
    for term in said.get(KG.evidence, ()):
        place = all_.get(term[1:-1], {})
        selector = all_.get(_iri(place, _SELECTOR) or "")
        if selector is None:
            yield Evidence(report, record=_iri(place, _HAS_SOURCE) or "")
            continue
        if (row := _row(report, place, selector)) is not None:
            yield row
            continue
        start, end = _text(selector, _START) or "", _text(selector, _END) or ""
        if _is_number(start) and _is_number(end):
            yield Evidence(report, int(start), int(end), _text(place, _SHA256) or "")


_is_number = re.compile("[0-9]{1,30}").fullmatch  # longer ones int() refuses, and no text has such places
_match_fragment = re.compile(r"(?:row|cell)=([1-9][0-9]{0,29})(?:,([1-9][0-9]{0,29}))?").fullmatch


def _row(report: str, place: Described, selector: Described) -> Evidence | None:
    fragment = _match_fragment(_text(selector, _VALUE) or "")
    if fragment is None:
        return None
    return Evidence(
        report,
        digest=_text(place, _SHA256) or "",
        file=_text(selector, _IDENTIFIER) or "",
        sheet=_text(selector, _LABEL) or "",
        row=int(fragment[1]),
        column=columns.letters(int(fragment[2])) if fragment[2] else "",
    )


def _access(said: Described) -> Access:
    mark = (_text(said, _RIGHTS) or "public").upper()
    return Access[mark] if mark in Access.__members__ else Access.RESTRICTED


def _iri(said: Described, property_: str) -> str | None:
    found = [term for term in said.get(property_, ()) if term.startswith("<")]
    if len(found) > 1:
        # Of several types the one of our own ontology tells what it is.
        found = [term for term in found if term.startswith(f"<{KG_NAMESPACE}")] or found
    return found[0][1:-1] if found else None


def _text(said: Described, property_: str) -> str | None:
    for term in said.get(property_, ()):
        if term.startswith('"'):
            value = term[1 : term.rindex('"')]
            return nt.parse_term(term).value if "\\" in value else value
    return None

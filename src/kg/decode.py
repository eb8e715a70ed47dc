"""RDF back as a corpus: the inverse of `kg.rdf`, for whatever reads an export."""

from __future__ import annotations

import re
from collections import defaultdict
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


def described(triples: Iterable[Triple]) -> dict[str, Described]:
    """Give what is said of each IRI, by IRI; blank nodes are left out."""
    found: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for subject, predicate, object_ in sorted(set(triples)):
        if subject.startswith("<"):
            found[subject[1:-1]][predicate[1:-1]].append(object_)
    return {iri: dict(said) for iri, said in found.items()}


def corpus(triples: Iterable[Triple]) -> Corpus:
    """Give the corpus that `kg.rdf.quads` made `triples` of, each tuple sorted by IRI.

    What was typed where is lost, and so is the order of what was typed. A resource that lacks
    what it needs (an assertion without an object, a foreign graph's own things) is left out:
    whether data is as it should be is for `kg validate` to say.
    """
    all_ = described(triples)
    kinds = {iri: {term[1:-1] for term in said.get(_TYPE, ())} for iri, said in sorted(all_.items())}
    of = {kind: [iri for iri, types in kinds.items() if kind in types] for kind in _NOT_ENTITIES}
    return Corpus(
        tuple(_entity(iri, all_[iri]) for iri, types in kinds.items() if _is_entity(types)),
        tuple(_report(iri, all_) for iri in of[KG.Report]),
        tuple(_source(iri, all_[iri]) for iri in of[KG.Source]),
        tuple(
            Episode(iri, _text(all_[iri], _LABEL) or "", _access(all_[iri]))
            for iri in of[expand("sem:Event")]
        ),
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
        tuple(term[1:-1] for term in said.get(expand("skos:exactMatch"), ())),
        _text(said, _NOTE),
        _access(said),
    )


def _report(iri: str, all_: Mapping[str, Described]) -> Report:
    said = all_[iri]
    places = list(_evidence(said, iri, all_))
    return Report(
        iri,
        _text(said, expand("dcterms:title")) or "",
        _text(said, expand("dcterms:type")) or "article",
        _text(said, expand("dcterms:issued")),
        _iri(said, expand("dcterms:publisher")),
        _text(said, expand("dcterms:language")),
        _iri(said, expand("schema:url")),
        _iri(said, expand("schema:archivedAt")),
        _text(said, expand("pav:retrievedOn")),
        places[0] if places else None,
        _text(said, _NOTE),
        _access(said),
        _iri(said, expand("prov:wasDerivedFrom")),
    )


def _source(iri: str, said: Described) -> Source:
    return Source(
        iri,
        _text(said, _LABEL) or "",
        _iri(said, KG.speaker),
        _text(said, KG.basis) or "unknown",
        _text(said, expand("schema:roleName")),
        _iri(said, KG.learnedFrom),
        _access(said),
    )


def _assertion(said: Described, all_: Mapping[str, Described]) -> Assertion | None:
    subject, predicate, objects = _iri(said, _SUBJECT), _iri(said, _PREDICATE), said.get(_OBJECT)
    report, source = _iri(said, expand("prov:wasDerivedFrom")), _iri(said, KG.toldBy)
    if not (subject and predicate and objects and report and source):
        return None
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
        tuple((name, term) for name in sorted(said) if _is_qualifier(name) for term in said[name]),
        tuple(term[1:-1] for term in said.get(KG.episode, ())),
        _withdrawal(said),
        _text(said, _NOTE),
        _access(said),
        (_iri(said, expand("prov:wasRevisionOf")) or "").rpartition("assertion_")[2] or None,
        _text(said, KG.engine),
        _text(said, KG.reviewer),
    )


def _withdrawal(said: Described) -> Withdrawal | None:
    moment = _text(said, expand("prov:invalidatedAtTime"))
    if moment is None:
        return None
    return Withdrawal(
        moment.partition("T")[0], _text(said, KG.withdrawalReason) or "", _text(said, KG.withdrawnBy) or ""
    )


def _is_qualifier(property_: str) -> bool:
    """A qualifier is whatever else is said of an assertion, ours or a project's own."""
    return property_ not in _OF_ASSERTIONS


def _evidence(said: Described, report: str, all_: Mapping[str, Described]) -> Iterator[Evidence]:
    for term in said.get(KG.evidence, ()):
        place = all_.get(term[1:-1], {})
        selector = all_.get(_iri(place, expand("oa:hasSelector")) or "")
        if selector is None:
            yield Evidence(report, record=_iri(place, expand("oa:hasSource")) or "")
            continue
        if (row := _row(report, place, selector)) is not None:
            yield row
            continue
        start, end = _text(selector, expand("oa:start")) or "", _text(selector, expand("oa:end")) or ""
        if _is_number(start) and _is_number(end):
            yield Evidence(report, int(start), int(end), _text(place, expand("schema:sha256")) or "")


_is_number = re.compile("[0-9]{1,30}").fullmatch  # longer ones int() refuses, and no text has such places
_match_fragment = re.compile(r"(?:row|cell)=([1-9][0-9]{0,29})(?:,([1-9][0-9]{0,29}))?").fullmatch


def _row(report: str, place: Described, selector: Described) -> Evidence | None:
    fragment = _match_fragment(_text(selector, expand("rdf:value")) or "")
    if fragment is None:
        return None
    return Evidence(
        report,
        digest=_text(place, expand("schema:sha256")) or "",
        file=_text(selector, expand("dcterms:identifier")) or "",
        sheet=_text(selector, _LABEL) or "",
        row=int(fragment[1]),
        column=columns.letters(int(fragment[2])) if fragment[2] else "",
    )


def _access(said: Described) -> Access:
    mark = (_text(said, _RIGHTS) or "public").upper()
    return Access[mark] if mark in Access.__members__ else Access.RESTRICTED


def _iri(said: Described, property_: str) -> str | None:
    found = [term for term in said.get(property_, ()) if term.startswith("<")]
    # Of several types the one of our own ontology tells what it is.
    ours = [term for term in found if term.startswith(f"<{KG_NAMESPACE}")]
    return (ours or found)[0][1:-1] if found else None


def _text(said: Described, property_: str) -> str | None:
    found = [term for term in said.get(property_, ()) if term.startswith('"')]
    return nt.parse_term(found[0]).value if found else None

"""A corpus as tables in our own form: read back, they say the same."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from kg import nt, rdf
from kg.access import withheld_source
from kg.model import Access, Assertion, Corpus, Entity, Evidence, Report, Source
from kg.nodes import unfit
from kg.ontology import Ontology
from kg.problems import KgError
from kg.table_form import ASSERTIONS, SHEETS, Sheet, columns, core_columns, join, quote
from kg.terms import KG
from kg.unknowns import unknown_entity

_ABSENT = {nt.iri(KG.noneGiven): "none-given", nt.iri(KG.refused): "refused"}


def to_tables(corpus: Corpus, ontology: Ontology, base: str) -> tuple[Sheet, ...]:
    """Give everything that a corpus says as sheets of our form, a row each, in the order of their IRIs.

    Every row has its access mark, so that it means the same in any project. Of a public corpus the one link
    that stands for all withheld ones becomes a withheld source of each report that it serves, without a
    speaker: what is published of it is that one link again.

    Raises:
        KgError: something in it cannot be said in the form; nothing that was read from seeds is.
    """
    return _Export(rdf.merge(corpus), ontology, base).sheets()


class _Export:
    def __init__(self, corpus: Corpus, ontology: Ontology, base: str) -> None:
        self._corpus = corpus
        self._ontology = ontology
        self._base = base
        self._classes = {class_.iri: class_.key for class_ in ontology.classes.values()}
        self._predicates = {p.iri: p for p in ontology.predicates.values()}
        self._qualifiers = {p.iri: p for p in ontology.qualifiers.values()}
        self._withheld = withheld_source(base).iri
        self._reports = {report.iri for report in corpus.reports}
        self._taken = {source.iri for source in corpus.sources}
        self._entities = {entity.iri: entity for entity in corpus.entities}
        self._unknown = self._unknowns()

    def sheets(self) -> tuple[Sheet, ...]:
        corpus = self._corpus
        records: dict[str, Iterable[Mapping[str, str]]] = {
            ASSERTIONS: (self._assertion(a) for a in sorted(corpus.assertions, key=self._place)),
            "entities": (
                self._entity(entity)
                for entity in sorted(corpus.entities, key=lambda e: e.iri)
                if entity.iri not in self._unknown
            ),
            "sources": self._sources(),
            "reports": (self._report(report) for report in sorted(corpus.reports, key=lambda r: r.iri)),
            "episodes": (
                {
                    "key": self._local(episode.iri, "episode_"),
                    "label": quote(episode.label),
                    "access": _mark(episode.access),
                }
                for episode in sorted(corpus.episodes, key=lambda e: e.iri)
            ),
        }
        return tuple(self._sheet(name, list(records[name])) for name in SHEETS)

    def _sheet(self, name: str, records: list[Mapping[str, str]]) -> Sheet:
        used = {key for record in records for key, text in record.items() if text}
        used.update(core_columns(name, self._ontology))
        header = tuple(column for column in columns(name, self._ontology) if column in used)
        rows = tuple(tuple(record.get(column, "") for column in header) for record in records)
        for row in rows:
            for column, text in zip(header, row, strict=True):
                if fault := unfit(text):
                    raise KgError(f"{name}: {column} of {row[0]!r}: {fault[1]}")
        return Sheet(name, header, rows)

    # ------------------------------------------------------------ names

    def _local(self, iri: str, prefix: str = "") -> str:
        """Give the key of an IRI."""
        start = self._base + prefix
        if not iri.startswith(start) or not iri[len(start) :]:
            raise KgError(f"<{iri}> does not begin with {start}, so it has no key in a table")
        return iri[len(start) :]

    def _link(self, iri: str, report: str) -> str:
        """Give the key of a source within its report."""
        if iri == self._withheld:
            return self._withheld_key(report)
        key = self._local(report, "report_")
        return self._local(iri, f"source_{key}_")

    def _withheld_key(self, report: str) -> str:
        """Give a key for the withheld source of a report that none of its sources has."""
        number, key = 1, "withheld"
        while f"{self._base}source_{self._local(report, 'report_')}_{key}" in self._taken:
            number += 1
            key = f"withheld-{number}"
        return key

    def _unknowns(self) -> set[str]:
        """Give the entities that the word unknown will stand for again, wherever they are spoken of."""
        found: set[str] = set()
        others: set[str | None] = {a.subject for a in self._corpus.assertions}
        others |= {source.speaker for source in self._corpus.sources}
        others |= {report.publisher for report in self._corpus.reports}
        for assertion in self._corpus.assertions:
            entity = self._entities.get(assertion.object[1:-1])
            if entity is not None and entity.unnamed:
                (found if entity == self._made(assertion) else others).add(entity.iri)
        return found - others

    def _made(self, assertion: Assertion) -> Entity | None:
        """Give the entity that unknown would stand for as the object of an assertion."""
        subject = self._entities.get(assertion.subject)
        predicate = self._predicates.get(assertion.predicate)
        if subject is None or predicate is None:
            return None
        report = self._local(assertion.report, "report_")
        return unknown_entity(
            subject,
            predicate,
            report,
            assertion.evidence,
            assertion.access,
            self._base,
            self._ontology,
        )

    # ------------------------------------------------------------ descriptions

    def _entity(self, entity: Entity) -> dict[str, str]:
        key = self._local(entity.iri)
        report = ""
        if entity.unnamed:
            report, _, key = key.partition("_")
            if not key or f"{self._base}report_{report}" not in self._reports:
                raise KgError(f"<{entity.iri}> has no name, and the report that it belongs to is not there")
        class_ = self._classes.get(entity.class_iri)
        if class_ is None:
            raise KgError(f"<{entity.iri}> is a <{entity.class_iri}>, which is no class of the ontology")
        return {
            "class": class_,
            "key": key,
            "unnamed" if entity.unnamed else "label": quote(entity.label),
            "report": report,
            "also": join(entity.also),
            "names": join(f"{language}: {name}" for language, name in entity.names),
            "same-as": join(entity.same_as),
            "note": _text(entity.note),
            "access": _mark(entity.access),
        }

    def _sources(self) -> Iterator[dict[str, str]]:
        reports = {source.iri: self._report_of(source) for source in self._corpus.sources}
        for source in sorted(self._corpus.sources, key=lambda s: s.iri):
            if source.iri != self._withheld:
                yield self._source(source, reports[source.iri])
        cut = {a.report for a in self._corpus.assertions if a.source == self._withheld}
        cut |= {reports[s.iri] for s in self._corpus.sources if s.learned_from == self._withheld}
        for report in sorted(cut):
            label = withheld_source(self._base).label
            key = self._withheld_key(report)
            name = self._local(report, "report_")
            yield {"report": name, "key": key, "label": quote(label), "access": "withheld"}

    def _report_of(self, source: Source) -> str:
        if source.iri == self._withheld:
            return ""
        key = self._local(source.iri, "source_").partition("_")[0]
        return f"{self._base}report_{key}"

    def _source(self, source: Source, report: str) -> dict[str, str]:
        return {
            "report": self._local(report, "report_"),
            "key": self._link(source.iri, report),
            "label": quote(source.label),
            "speaker": self._local(source.speaker) if source.speaker else "",
            "basis": source.basis,
            "relation": _text(source.relation),
            "learned-from": self._link(source.learned_from, report) if source.learned_from else "",
            "access": _mark(source.access),
        }

    def _report(self, report: Report) -> dict[str, str]:
        return {
            "key": self._local(report.iri, "report_"),
            "title": quote(report.title),
            "type": quote(report.kind),
            "publisher": self._local(report.publisher) if report.publisher else "",
            "published": report.published or "",
            "language": report.language or "",
            "url": report.url or "",
            "archive-url": report.archive_url or "",
            "retrieved": report.retrieved or "",
            "copied-from": self._local(report.copied_from, "report_") if report.copied_from else "",
            "length": str(report.text.end) if report.text else "",
            "digest": report.text.digest if report.text else "",
            "access": _mark(report.access),
            "note": _text(report.note),
        }

    # ------------------------------------------------------------ assertions

    @staticmethod
    def _place(assertion: Assertion) -> tuple[str, str, int, int, str, str]:
        """Order assertions as they stand in their reports."""
        evidence = assertion.evidence
        place = (evidence.sheet, evidence.row, evidence.start)
        return assertion.report, *place, assertion.subject, assertion.digest()

    def _assertion(self, assertion: Assertion) -> dict[str, str]:
        predicate = self._predicates.get(assertion.predicate)
        if predicate is None:
            raise KgError(f"<{assertion.predicate}> is no predicate of the ontology")
        withdrawn = assertion.withdrawn
        return {
            "subject": self._local(assertion.subject),
            "predicate": predicate.key,
            "object": self._object(assertion.object, predicate.takes_entity),
            **dict(self._qualifier(iri, term) for iri, term in assertion.qualifiers),
            "told-by": self._link(assertion.source, assertion.report),
            "report": self._local(assertion.report, "report_"),
            **_evidence(assertion.evidence),
            "certainty": assertion.certainty,
            "polarity": assertion.polarity,
            "episode": join(self._local(iri, "episode_") for iri in assertion.episodes),
            "method": assertion.method if assertion.method != "curated" else "",
            "engine": _text(assertion.engine),
            "reviewer": _text(assertion.reviewer),
            "access": _mark(assertion.access),
            "withdrawn": withdrawn.date if withdrawn else "",
            "withdrawal-reason": withdrawn.reason if withdrawn else "",
            "withdrawn-by": _text(withdrawn.by) if withdrawn else "",
            "corrects": assertion.corrects or "",
            "note": _text(assertion.note),
        }

    def _object(self, term: str, takes_entity: bool) -> str:
        if term in _ABSENT:
            return _ABSENT[term]
        if term[1:-1] in self._unknown:
            return "unknown"
        if term.startswith("<") == takes_entity:
            return self._local(term[1:-1]) if takes_entity else quote(nt.parse_term(term).value)
        raise KgError(f"the object {term} does not fit its predicate, so it cannot stand in a table")

    def _qualifier(self, iri: str, term: str) -> tuple[str, str]:
        qualifier = self._qualifiers.get(iri)
        if qualifier is None:
            raise KgError(f"<{iri}> is no qualifier of the ontology")
        return qualifier.key, quote(nt.parse_term(term).value)


def _evidence(evidence: Evidence) -> dict[str, str]:
    if evidence.record:
        return {"record": evidence.record}
    if evidence.row:
        return {
            "digest": evidence.digest,
            "file": quote(evidence.file),
            "sheet": _text(evidence.sheet),
            "row": str(evidence.row),
            "column": evidence.column,
        }
    return {"start": str(evidence.start), "end": str(evidence.end), "digest": evidence.digest}


def _text(text: str | None) -> str:
    """Give a text as it stands in a cell; none is an empty cell."""
    return quote(text) if text else ""


def _mark(access: Access) -> str:
    return access.name.lower()

"""A corpus by its parts: what is said of whom, who told whom, which place lies where."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from kg import dates, nt, wording
from kg.model import Assertion, Corpus, Entity, Episode, Report, Source
from kg.namespaces import KG_NAMESPACE
from kg.ontology import kebab, local_name
from kg.terms import KG

LOCATED_IN = KG_NAMESPACE + "locatedIn"
ABSENT = {KG.noneGiven: "none given", KG.refused: "refused"}


@dataclass(frozen=True)
class Index:
    """Look-ups in one corpus; IRIs in, values out; nothing here changes the corpus.

    `living` are the assertions that are not withdrawn. Cycles, among places and among sources,
    end where they would begin again.
    """

    corpus: Corpus

    @cached_property
    def entities(self) -> Mapping[str, Entity]:
        """Entities by IRI."""
        return {entity.iri: entity for entity in self.corpus.entities}

    @cached_property
    def reports(self) -> Mapping[str, Report]:
        """Reports by IRI."""
        return {report.iri: report for report in self.corpus.reports}

    @cached_property
    def sources(self) -> Mapping[str, Source]:
        """Sources by IRI."""
        return {source.iri: source for source in self.corpus.sources}

    @cached_property
    def episodes(self) -> Mapping[str, Episode]:
        """Episodes by IRI."""
        return {episode.iri: episode for episode in self.corpus.episodes}

    @cached_property
    def living(self) -> tuple[Assertion, ...]:
        """Assertions that are not withdrawn."""
        return tuple(a for a in self.corpus.assertions if not a.withdrawn)

    @cached_property
    def by_digest(self) -> Mapping[str, Assertion]:
        """Assertions, withdrawn ones too, by the digits that end their IRI."""
        return {assertion.digest(): assertion for assertion in self.corpus.assertions}

    @cached_property
    def about(self) -> Mapping[str, tuple[Assertion, ...]]:
        """Living assertions by subject."""
        return _by((a.subject, a) for a in self.living)

    @cached_property
    def naming(self) -> Mapping[str, tuple[Assertion, ...]]:
        """Living assertions by object, where that is an IRI."""
        return _by((a.object[1:-1], a) for a in self.living if a.object.startswith("<"))

    @cached_property
    def told(self) -> Mapping[str, tuple[Assertion, ...]]:
        """Living assertions by source: the outermost link."""
        return _by((a.source, a) for a in self.living)

    @cached_property
    def in_episode(self) -> Mapping[str, tuple[Assertion, ...]]:
        """Living assertions by episode."""
        return _by((episode, a) for a in self.living for episode in a.episodes)

    def label(self, iri: str) -> str:
        """Give what to call an entity, report, source or episode; its key where it has no label."""
        for table in (self.entities, self.sources, self.episodes):
            if (found := table.get(iri)) is not None and found.label:
                return found.label
        report = self.reports.get(iri)
        return report.title if report else local_name(iri)

    def value(self, term: str) -> str:
        """Give an object or a qualifier's value in words: a label, or the text of a literal."""
        if not term.startswith("<"):
            return nt.parse_term(term).value
        return ABSENT.get(term[1:-1]) or self.label(term[1:-1])

    def words(self, assertion: Assertion) -> str:
        """Give what an assertion says, and how sure, in one line."""
        said = f"{self.label(assertion.subject)} {kebab(local_name(assertion.predicate)).replace('-', ' ')}"
        marks = [assertion.polarity if assertion.polarity == "denied" else assertion.certainty]
        marks += [
            text for property_, term in assertion.qualifiers if (text := self._narrowed(property_, term))
        ]
        return f"{said} {self.value(assertion.object)} ({'; '.join(marks)})"

    def _narrowed(self, property_: str, term: str) -> str:
        name, value = kebab(local_name(property_)).replace("-", " "), self.value(term)
        if value == "false":
            return ""
        return name if value == "true" else f"{name} {value}"

    def whereabouts(self, assertion: Assertion) -> str:
        """Give who told it, through whom, in which report and where in it, in one line."""
        chain = [self.label(link.iri) for link in self.chain(assertion.source)]
        told = ", who had it from ".join(chain) or "an unknown source"
        report = self.reports.get(assertion.report)
        date = f", {report.published}" if report and report.published else ""
        where = wording.place(assertion.evidence)
        return f"told by {told}; in {self.label(assertion.report)!r}{date}{f', {where}' if where else ''}"

    def chain(self, source: str) -> tuple[Source, ...]:
        """Give the links of a chain, the outermost first."""
        found: dict[str, Source] = {}
        link = self.sources.get(source)
        while link is not None and link.iri not in found:
            found[link.iri] = link
            link = self.sources.get(link.learned_from or "")
        return tuple(found.values())

    def origin(self, source: str) -> str | None:
        """Give the speaker of the innermost link, or None where that link does not say who speaks."""
        chain = self.chain(source)
        return chain[-1].speaker if chain else None

    @cached_property
    def _containers(self) -> Mapping[str, tuple[str, ...]]:
        located = [a for a in self.living if a.predicate == LOCATED_IN and a.polarity == "affirmed"]
        return {
            place: tuple(dict.fromkeys(a.object[1:-1] for a in said))
            for place, said in _by((a.subject, a) for a in located).items()
        }

    def places_above(self, place: str) -> tuple[str, ...]:
        """Give the places that a place lies in, itself first, the nearest before those further out."""
        found, waiting = {place: None}, [place]
        for each in waiting:
            for container in self._containers.get(each, ()):
                if container not in found:
                    found[container] = None
                    waiting.append(container)
        return tuple(found)


def date_of(assertion: Assertion) -> dates.ReportedDate | None:
    """Give the date that qualifies an assertion."""
    text = qualifier(assertion, "date")
    try:
        return dates.parse(text) if text else None
    except ValueError:  # a foreign graph may hold anything
        return None


def qualifier(assertion: Assertion, key: str) -> str | None:
    """Give the text of a qualifier, by the key that files write."""
    for property_, term in assertion.qualifiers:
        if kebab(local_name(property_)) == key:
            return nt.parse_term(term).value if term.startswith('"') else term[1:-1]
    return None


def _by(pairs: Iterable[tuple[str, Assertion]]) -> dict[str, tuple[Assertion, ...]]:
    found: dict[str, list[Assertion]] = defaultdict(list)
    for key, assertion in pairs:
        found[key].append(assertion)
    return {key: tuple(assertions) for key, assertions in found.items()}

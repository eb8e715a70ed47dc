"""The public part of a corpus, built up from its public assertions and never cut out of the whole."""

from __future__ import annotations

from dataclasses import replace

from kg.model import Access, Assertion, Corpus, Entity, Episode, Report, Source

WITHHELD_LABEL = "source withheld"


def withheld_source(base: str) -> Source:
    """Give the one link that stands for every withheld one, so that none can be counted or told apart."""
    return Source(f"{base}source_withheld", WITHHELD_LABEL, None)


def public(corpus: Corpus, base: str) -> Corpus:
    """Give what may be published: public assertions, and only what they reach.

    An assertion is public if it and its report (with the publisher), its subject and object,
    and every link of its chain (with the speaker) are. A withheld link, and whatever lies
    beyond it, is replaced by `withheld_source`; the assertion's name is then that of the
    public form, so it says nothing of the link. A restricted episode is left off, and so is
    that a report is copied from a restricted one, or that an assertion corrects one that is not
    published. What was withdrawn for safety or by law is not published, nor is its equal. In a
    foreign graph a report, link or episode that is spoken of and not described is not public.
    """
    return _Projection(corpus, base).corpus()


def reached(
    corpus: Corpus, base: str, *, sources: set[str], reports: set[str], entities: set[str], episodes: set[str]
) -> Corpus:
    """Give what is published of what `corpus` describes, without assertions.

    The IRIs are those that published assertions name: their links are public forms already.
    """
    return _Projection(replace(corpus, assertions=()), base).described(
        sources=sources, reports=reports, entities=entities, episodes=episodes
    )


class _Projection:
    def __init__(self, corpus: Corpus, base: str) -> None:
        self._all = corpus
        self._entities = {entity.iri: entity for entity in corpus.entities}
        self._reports = {report.iri: report for report in corpus.reports}
        self._sources = {source.iri: source for source in corpus.sources}
        self._episodes = {episode.iri: episode for episode in corpus.episodes}
        self._withheld = withheld_source(base)
        self._open: dict[str, Source | None] = {self._withheld.iri: self._withheld}
        withdrawn = [a for a in corpus.assertions if a.withdrawn]
        self._silent = {a.digest() for a in withdrawn if a.withdrawn and a.withdrawn.is_silent}

    def corpus(self) -> Corpus:
        assertions = self._assertions()
        described = self.described(
            sources={a.source for a in assertions},
            reports={a.report for a in assertions},
            entities={a.subject for a in assertions} | {a.object[1:-1] for a in assertions},
            episodes={episode for a in assertions for episode in a.episodes},
        )
        return replace(described, assertions=tuple(assertions))

    def described(
        self, *, sources: set[str], reports: set[str], entities: set[str], episodes: set[str]
    ) -> Corpus:
        links = self._chains(sources)
        shown = self._with_originals(reports)
        speakers = {link.speaker for link in links.values()}
        publishers = {report.publisher for report in shown.values()}
        return Corpus(
            tuple(
                entity
                for entity in self._all.entities
                if entity.iri in entities or entity.iri in speakers or entity.iri in publishers
            ),
            tuple(shown[report.iri] for report in self._all.reports if report.iri in shown),
            tuple(links.values()),
            tuple(episode for episode in self._all.episodes if episode.iri in episodes),
        )

    def _assertions(self) -> list[Assertion]:
        published = [(a, shown) for a in self._all.assertions if (shown := self._assertion(a))]
        if not any(shown.corrects for _, shown in published):
            return [shown for _, shown in published]
        names = {a.digest(): shown.digest() for a, shown in published}
        return [
            replace(shown, corrects=names.get(shown.corrects)) if shown.corrects else shown
            for _, shown in published
        ]

    def _assertion(self, assertion: Assertion) -> Assertion | None:
        parties = (assertion.subject, assertion.object[1:-1])
        if assertion.access is not Access.PUBLIC or not all(map(self._is_public_entity, parties)):
            return None
        report = self._reports.get(assertion.report)
        if report is None or not self._is_public_report(report):
            return None
        source = self._source(assertion.source)
        if source is None or (self._silent and assertion.digest() in self._silent):
            return None
        episodes = tuple(e for e in assertion.episodes if self._is_public_episode(e))
        return replace(assertion, source=source.iri, episodes=episodes)

    def _source(self, iri: str) -> Source | None:
        """Give the public form of a link, or None if an assertion that rests on it stays unpublished."""
        chain: list[Source] = []
        link: str | None = iri
        while link is not None and link not in self._open:
            self._open[link] = None  # a chain that loops, or leads nowhere, is never published
            if (source := self._sources.get(link)) is None:
                break
            chain.append(source)
            link = source.learned_from
        for source in reversed(chain):
            self._open[source.iri] = self._published(source)
        return self._open[iri]

    def _published(self, source: Source) -> Source | None:
        if source.access is Access.WITHHELD:
            return self._withheld
        if not self._is_public(source) or not self._is_public_entity(source.speaker):
            return None
        if source.learned_from is None:
            return source
        inward = self._open[source.learned_from]
        return inward and replace(source, learned_from=inward.iri)

    def _chains(self, outermost: set[str]) -> dict[str, Source]:
        found: dict[str, Source] = {}
        for iri in sorted(outermost):
            link = self._source(iri)
            while link is not None and link.iri not in found:
                found[link.iri] = link
                link = self._source(link.learned_from) if link.learned_from else None
        return found

    def _with_originals(self, reached: set[str]) -> dict[str, Report]:
        """Give reports, and those that they are copied from as far as these are public."""
        found: dict[str, Report] = {}
        waiting = sorted(reached)
        for iri in waiting:
            original = self._reports.get(self._reports[iri].copied_from or "")
            if original is None or not self._is_public_report(original):
                found[iri] = replace(self._reports[iri], copied_from=None)
                continue
            found[iri] = self._reports[iri]
            if original.iri not in reached:
                reached.add(original.iri)
                waiting.append(original.iri)
        return found

    def _is_public_entity(self, iri: str | None) -> bool:
        """A term that is no entity of the corpus (a literal, kg:refused) hides nothing."""
        return iri is None or iri not in self._entities or self._is_public(self._entities[iri])

    def _is_public_episode(self, iri: str) -> bool:
        return iri in self._episodes and self._is_public(self._episodes[iri])

    def _is_public_report(self, report: Report) -> bool:
        return self._is_public(report) and self._is_public_entity(report.publisher)

    @staticmethod
    def _is_public(item: Entity | Report | Source | Episode) -> bool:
        return item.access is Access.PUBLIC

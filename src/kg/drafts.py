"""A proposal on its way to a record: who is meant, what it would say, and what the graph says already."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from kg import evidence, proposals
from kg.decisions import Decision, Kind, Ledger, Status, declared_name
from kg.extracted import Either, Maker, corpus
from kg.index import Index
from kg.linking import Candidate, Link, Linker, key_for
from kg.model import Assertion, Corpus, Entity, Source
from kg.ontology import Ontology
from kg.problems import Exit, KgError
from kg.project import RESTRICTED_FOLDER
from kg.proposal_files import Reported
from kg.proposals import Absent, Filed, Mention, Object, Proposal, Setting, Teller
from kg.standing import Standing, standing

PUBLISHER: Final = "publisher"
NEW: Final = "new"
"""What to choose for a mention that is none of those who are known."""

Identity = tuple[str, str, str]


class UndecidedError(KgError):
    """A proposal cannot be accepted before somebody has said more."""

    exit_code = Exit.FOUND


@dataclass(frozen=True, slots=True)
class Question:
    """A proposal that waits for a decision, by whichever engines made it, the surest first."""

    reported: Reported
    filed: tuple[Filed, ...]
    status: Status = Status.OPEN

    @property
    def best(self) -> Filed:
        """The proposal of the surest engine."""
        return self.filed[0]

    @property
    def id(self) -> str:
        """What the log calls it."""
        return self.filed[0].id

    @property
    def report(self) -> str:
        """The key of its report."""
        return self.reported.report


@dataclass(slots=True)
class Draft:
    """A proposal as a reviewer has changed it so far."""

    question: Question
    proposal: Proposal
    chosen: dict[Identity, str] = field(default_factory=dict)
    """The key of the entity that a mention means, or `NEW`."""
    episode: str | None = None
    """The key of an episode; None where the proposal's event makes one, empty for none."""

    access: str = ""
    """public or restricted; empty where the report decides."""

    @classmethod
    def of(cls, question: Question) -> Draft:
        """Begin with what the surest engine proposed."""
        return cls(question, question.best.proposal)

    @property
    def changed(self) -> bool:
        """Whether it says something else than what was proposed."""
        return self.proposal != self.question.best.proposal or bool(self.episode or self.access)

    @property
    def restricted(self) -> bool:
        """Whether what is accepted goes where git does not look."""
        return self.question.reported.about.restricted or self.access == RESTRICTED_FOLDER


@dataclass(frozen=True, slots=True)
class Resolution:
    """What a mention is taken for: the key of an entity, or nothing while somebody has to be asked."""

    mention: Mention
    key: str = ""
    new: Mapping[str, Any] | None = None
    """The description of an entity that is new."""
    why: str = ""
    candidates: tuple[Candidate, ...] = ()

    @property
    def asks(self) -> bool:
        """Whether a person has to say who is meant."""
        return not self.key


@dataclass(frozen=True, slots=True)
class Composed:
    """What accepting a draft would put into the seeds and the log."""

    record: Mapping[str, Any]
    declares: tuple[Mapping[str, Any], ...]
    links: tuple[tuple[str, str, str, str], ...]
    new: tuple[str, ...]
    """What entities are called that nothing described before."""


class Composer:
    """Makes records of drafts, knowing what the project's other seeds say and what was accepted so far."""

    def __init__(self, setting: Setting, base: str, ledger: Ledger) -> None:
        """Take what the other seeds say (`setting.corpus`), and what was decided."""
        self.setting = setting
        self.ontology: Ontology = setting.ontology
        self.ledger = ledger
        self.elsewhere = elsewhere(setting.corpus, base)
        self._base = base
        self._index = Index(setting.corpus)
        self.begin_anew()

    def begin_anew(self) -> None:
        """Take in that something is accepted no more."""
        self._contexts: dict[str, frozenset[str]] = {}
        accepted = corpus(self.ledger, Maker(self.ontology, self._base, self._index.entities))
        self._entities = {entity.iri: entity for entity in accepted.entities}
        self._reports = list(accepted.reports)
        self._tellers = {source.iri: source for source in accepted.sources}
        self._said: dict[str, list[Assertion]] = defaultdict(list)
        for assertion in accepted.assertions:
            self._said[assertion.subject].append(assertion)
        self._forget_views()
        self.linker = Linker(self._index, self.ontology, self._base)
        self.linker.learn(accepted.entities, accepted.assertions, accepted.sources)

    def learn(self, decision: Decision) -> None:
        """Take in what was accepted or described just now."""
        entities = {
            entity.iri: entity
            for record in decision.declares
            if (entity := self._maker.entity(record)) and entity.iri not in self._entities
        }
        self._entities |= entities
        self._forget_views()
        maker = self._maker
        sources = [maker.source(each) for each in decision.declares if each.get("class") == "source"]
        self._tellers |= {source.iri: source for source in sources}
        said = []
        if decision.decision is Kind.REPORT:
            self._reports.append(maker.report(decision.record))
        else:
            said.append(maker.assertion(decision.record))
            self._said[said[0].subject] += said
        self.linker.learn(entities.values(), said, sources)

    def _forget_views(self) -> None:
        for name in ("_now", "_maker"):
            self.__dict__.pop(name, None)

    @cached_property
    def _now(self) -> Index:
        """Whatever has a name, in the other seeds or accepted."""
        theirs = self.setting.corpus
        return Index(
            Corpus(
                (*self._entities.values(), *theirs.entities),
                (*self._reports, *theirs.reports),
                (*self._publishers(), *self._tellers.values(), *theirs.sources),
                theirs.episodes,
            )
        )

    def _publishers(self) -> Iterator[Source]:
        """Give the links that stand for the publishers' own voices, which nobody has to describe."""
        for report in self._reports:
            key = report.iri.removeprefix(f"{self._base}report_")
            publisher = (report.publisher or "").removeprefix(self._base)
            label = self.label(publisher, key)
            yield Source(f"{self._base}source_{key}_{PUBLISHER}", label, report.publisher)

    @cached_property
    def _maker(self) -> Maker:
        return Maker(self.ontology, self._base, Either(self._entities, self._index.entities))

    # ------------------------------------------------------------ who is meant

    def resolve(self, draft: Draft) -> tuple[Resolution, ...]:
        """Give what each mention of a draft is taken for, each once."""
        report = draft.question.report
        context = self._context_of(draft.question.reported)
        decided = self.ledger.links(report)
        taken = Taken(self, report)
        found: dict[Identity, Resolution] = {}
        for mention in draft.proposal.mentions:
            identity = mention.identity
            if identity in found:
                continue
            link = self.linker.link(mention, report, context)
            chosen = draft.chosen.get(identity)
            resolution = self._resolution(mention, link, chosen, decided.get(identity, ""), report, taken)
            found[identity] = resolution
            if resolution.new is not None:
                taken.also.add(resolution.key)
        return tuple(found.values())

    def _context_of(self, reported: Reported) -> frozenset[str]:
        if reported.report not in self._contexts:
            mentions = (mention for each in reported.filed for mention in each.proposal.mentions)
            self._contexts[reported.report] = self.linker.context(mentions, reported.report)
        return self._contexts[reported.report]

    def _resolution(
        self,
        mention: Mention,
        link: Link,
        chosen: str | None,
        decided: str,
        report: str,
        taken: Container[str],
    ) -> Resolution:
        if chosen is not None and chosen != NEW:
            return Resolution(mention, chosen, why="chosen by you", candidates=link.candidates)
        if chosen is None and decided:
            why = "as decided before for this report"
            return Resolution(mention, decided, why=why, candidates=link.candidates)
        if chosen is None and link.certain is not None:
            return Resolution(mention, link.certain.key, why=link.certain.why, candidates=link.candidates)
        if chosen is None and link.candidates:
            return Resolution(mention, candidates=link.candidates)
        new = self.description(mention, report, taken)
        return Resolution(mention, str(new["key"]), new, candidates=link.candidates)

    def description(self, mention: Mention, report: str, taken: Container[str]) -> dict[str, Any]:
        """Describe an entity that is new, under a key that is not taken."""
        key = key_for(mention.key or mention.words, taken) or key_for(mention.class_key, taken)
        described: dict[str, Any] = {"class": mention.class_key, "key": key}
        if mention.unnamed:
            return {**described, "unnamed": mention.words, "report": report}
        if mention.also:
            return {**described, "label": mention.words, "also": list(mention.also)}
        return {**described, "label": mention.words}

    def entity(self, key: str, report: str) -> Entity | None:
        """Give the entity that a key means in a report."""
        for iri in (f"{self._base}{report}_{key}", self._base + key):
            if found := self._index.entities.get(iri) or self._entities.get(iri):
                return found
        return None

    # ------------------------------------------------------------ what it would become

    def fault(self, draft: Draft) -> str | None:
        """Say why a draft cannot be used as it stands; None where it can."""
        return proposals.fault(draft.proposal, draft.question.reported.text, self.setting)

    def compose(self, draft: Draft) -> Composed:
        """Give what accepting a draft would write.

        Raises:
            UndecidedError: it is not said who is meant, or the report is not described yet.
            KgError: it cannot be used as it stands.
        """
        if problem := self.fault(draft):
            raise KgError(problem)
        resolutions = self.resolve(draft)
        asking = [each.mention.words for each in resolutions if each.asks]
        if asking:
            raise UndecidedError(f"several may be meant by {', '.join(map(repr, asking))}; say who it is")
        keys = {each.mention.identity: each.key for each in resolutions}
        report = draft.question.report
        sources = list(self._sources(draft, keys))
        record = self._record(draft, keys, sources)
        if draft.access:
            record["access"] = draft.access
        episode = self._episode(draft)
        if episode:
            record["episode"] = episode["key"]
        new = [dict(each.new) for each in resolutions if each.new is not None]
        declares = [*new, *sources, *([episode] if episode else [])]
        known = [self._known(each.key, report) for each in resolutions if each.new is None]
        needed = [each for each in (*declares, *filter(None, known)) if self._is_ours(each)]
        links = tuple((*each.mention.identity, each.key) for each in resolutions)
        return Composed(record, tuple(needed), links, tuple(map(declared_name, new)))

    def _record(
        self, draft: Draft, keys: Mapping[Identity, str], sources: Sequence[Mapping[str, Any]] | None = None
    ) -> dict[str, Any]:
        """Give the record of a draft; a mention of whom nobody knows who is meant stands by its words."""
        proposal, text = draft.proposal, draft.question.reported.text
        sources = list(self._sources(draft, keys)) if sources is None else sources
        span = evidence.Span.of(text, proposal.start, proposal.end)
        record: dict[str, Any] = {
            "subject": keys[proposal.subject.identity],
            "predicate": proposal.predicate,
            "object": _object(proposal.object, keys),
            "report": draft.question.report,
            "told-by": sources[0]["key"] if sources else PUBLISHER,
            **dict(proposal.qualifiers),
        }
        if proposal.certainty != "stated":
            record["certainty"] = proposal.certainty
        if proposal.polarity != "affirmed":
            record["polarity"] = proposal.polarity
        return record | {"start": span.start, "end": span.end, "digest": span.digest}

    def _is_ours(self, declared: Mapping[str, Any]) -> bool:
        return declared_name(declared) not in self.elsewhere

    def _known(self, key: str, report: str) -> Mapping[str, Any] | None:
        """Give how an earlier acceptance describes an entity, so that this one stands without it."""
        declared = self.ledger.declared
        return declared.get(f"{report}_{key}") or declared.get(key)

    def _sources(self, draft: Draft, keys: Mapping[Identity, str]) -> Iterator[dict[str, Any]]:
        """Give the links of the chain, the outermost first, under the keys that they have or get."""
        known = self._sources_of(draft.question.report)
        made: list[dict[str, Any]] = []
        for link in reversed(draft.proposal.told_by):
            inward = made[-1]["key"] if made else ""
            source = self._source(link, keys[link.who.identity], inward, draft.question.report, known)
            known[source["key"]] = source
            made.append(source)
        yield from reversed(made)

    def _sources_of(self, report: str) -> dict[str, dict[str, Any]]:
        start = f"{self._base}source_{report}_"
        found = {
            source.iri.removeprefix(start): self._as_record(source, report)
            for source in self._index.corpus.sources
            if source.iri.startswith(start)
        }
        for name, declared in self.ledger.declared.items():
            if name.startswith(f"source_{report}_"):
                found[declared["key"]] = dict(declared)
        return found

    def _as_record(self, source: Source, report: str) -> dict[str, Any]:
        key = source.iri.removeprefix(f"{self._base}source_{report}_")
        speaker = (source.speaker or "").removeprefix(self._base).removeprefix(f"{report}_")
        inward = (source.learned_from or "").removeprefix(f"{self._base}source_{report}_")
        record = {"class": "source", "report": report, "key": key, "speaker": speaker, "basis": source.basis}
        record |= {"relation": source.relation or "", "learned-from": inward}
        return {name: value for name, value in record.items() if value}

    @staticmethod
    def _source(
        link: Teller, speaker: str, inward: str, report: str, known: Mapping[str, dict[str, Any]]
    ) -> dict[str, Any]:
        for source in known.values():
            told = (source.get("speaker", ""), source.get("learned-from", ""))
            # A program that does not see how somebody knows says nothing against who did.
            basis = link.basis in ("unknown", source.get("basis", "unknown"))
            relation = source.get("relation", "") in ("", link.relation) or not link.relation
            if source["key"] != PUBLISHER and told == (speaker, inward) and basis and relation:
                return source
        made = {"class": "source", "report": report, "key": key_for(speaker, (*known, PUBLISHER))}
        made["speaker"] = speaker
        if link.basis != "unknown":
            made["basis"] = link.basis
        if link.relation:
            made["relation"] = link.relation
        if inward:
            made["learned-from"] = inward
        return made

    def _episode(self, draft: Draft) -> dict[str, Any] | None:
        if draft.episode is None:
            if not draft.proposal.event:
                return None
            key = key_for(f"{draft.question.report} {draft.proposal.event}")
            return {"class": "episode", "key": key, "label": draft.proposal.event}
        if not draft.episode:
            return None
        known = self.ledger.declared.get(f"episode_{draft.episode}")
        return dict(known or {"class": "episode", "key": draft.episode, "label": draft.episode})

    def episodes(self) -> tuple[str, ...]:
        """Give the keys of every episode that is known, sorted."""
        start = f"{self._base}episode_"
        known = {iri.removeprefix(start) for iri in self._index.episodes}
        known |= {str(d["key"]) for d in self.ledger.declared.values() if d.get("class") == "episode"}
        return tuple(sorted(known))

    # ------------------------------------------------------------ what the graph says

    def standing(self, draft: Draft) -> Standing | None:
        """Give how a draft stands to the graph; None while it is not clear of whom it speaks."""
        if self.fault(draft) is not None:
            return None
        keys = {each.mention.identity: each.key for each in self.resolve(draft)}
        if not keys[draft.proposal.subject.identity]:
            return None
        proposed = self._maker.assertion(self._record(draft, keys))
        said = [
            *self._index.about.get(proposed.subject, ()),
            *self._said.get(proposed.subject, ()),
        ]
        return standing(proposed, said, self._index.places_above)

    def words(self, assertion: Assertion) -> tuple[str, str]:
        """Give what an assertion says and who told it, in a line each."""
        return self._now.words(assertion), self._now.whereabouts(assertion)

    def label(self, key: str, report: str) -> str:
        """Give what to call an entity; its key where it is new."""
        entity = self.entity(key, report)
        return entity.label if entity else key


def elsewhere(said: Corpus, base: str) -> frozenset[str]:
    """Give what a corpus describes, by `kg.decisions.declared_name`."""
    described = (said.entities, said.reports, said.sources, said.episodes)
    return frozenset(item.iri.removeprefix(base) for items in described for item in items)


def _object(object_: Object, keys: Mapping[Identity, str]) -> object:
    match object_:
        case Mention() as mention:
            return keys[mention.identity] or key_for(mention.words) or mention.class_key
        case Absent() as absent:
            return absent.value
        case text:
            return {"text": text}


@dataclass(frozen=True, slots=True)
class Taken:
    """The keys that a new entity of a report may not have."""

    composer: Composer
    report: str
    also: set[str] = field(default_factory=set)

    def __contains__(self, key: object) -> bool:
        """Tell whether a key is taken."""
        return key in self.also or self.composer.entity(str(key), self.report) is not None

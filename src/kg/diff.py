"""What changed between two corpora: which assertions belong together, and what is said otherwise of each."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Literal, TypeAlias

from kg import rdf, wording
from kg.index import Index
from kg.model import Access, Assertion, Corpus, Entity, Episode, Evidence, Report, Source
from kg.ontology import kebab, local_name

Kind: TypeAlias = Literal["added", "removed", "changed", "withdrawn", "living again", "renamed"]
Described: TypeAlias = Entity | Report | Source | Episode

_NOUNS = {Entity: "entity", Report: "report", Source: "source", Episode: "episode"}
_NOT_COMPARED = {"iri", "where", "positions"}
_LABELS = {"label", "title"}


@dataclass(frozen=True, slots=True)
class Detail:
    """One property that differs: what it was and what it is, in words; empty where there was or is none."""

    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that differs.

    `of` is assertion, entity, report, source or episode; `subject` says which in words, as it is now or,
    if it is gone, as it was. `report` is the title of the report that says it, with its key if several have
    that title; empty for what is of none.
    """

    kind: Kind
    of: str
    subject: str
    report: str
    details: tuple[Detail, ...]
    before: str | None
    """The IRI on the first side; None if it was not there."""
    after: str | None
    """The IRI on the second side; None if it is no longer there."""


@dataclass(frozen=True, slots=True)
class Difference:
    """All changes, those of assertions first, by report; and how many of each kind."""

    changes: tuple[Change, ...]

    @property
    def counts(self) -> dict[str, int]:
        """How many changes there are of each kind and of what, such as ``assertions added``."""
        found: dict[str, int] = {}
        for change in self.changes:
            noun = "entities" if change.of == "entity" else f"{change.of}s"
            name = f"{noun} {change.kind}"
            found[name] = found.get(name, 0) + 1
        return found


def compare(before: Corpus, after: Corpus, base: str) -> Difference:
    """Give what differs between two corpora.

    Assertions of the same name are one; of the others those belong together that agree in report,
    predicate and most of: span, subject, object. Which file or line said it makes no difference.
    """
    comparison = _Comparison(Index(rdf.merge(before)), Index(rdf.merge(after)), base)
    changes = sorted(comparison.assertions(), key=_order)
    for name in ("entities", "reports", "sources", "episodes"):
        changes += sorted(comparison.described(name), key=_order)
    return Difference(tuple(changes))


def _order(change: Change) -> tuple[str, str, str, str]:
    return change.report, change.subject, change.kind, change.after or change.before or ""


class _Comparison:
    def __init__(self, before: Index, after: Index, base: str) -> None:
        self._before = before
        self._after = after
        self._base = base
        self._reports: Mapping[str, Report] = {**before.reports, **after.reports}
        self._titles = Counter(report.title for report in self._reports.values())

    # ------------------------------------------------------------ assertions

    def assertions(self) -> Iterator[Change]:
        old, new = self._before.by_digest, self._after.by_digest
        for digest in old.keys() & new.keys():
            yield from self._pair(old[digest], new[digest])
        gone = [old[digest] for digest in sorted(old.keys() - new.keys())]
        come = [new[digest] for digest in sorted(new.keys() - old.keys())]
        for alike in _ALIKE:
            pairs, gone, come = _matched(gone, come, alike)
            for one, other in pairs:
                yield from self._pair(one, other)
        yield from (self._single("removed", one, self._before) for one in gone)
        yield from (self._single("added", other, self._after) for other in come)

    def _single(self, kind: Kind, assertion: Assertion, index: Index) -> Change:
        iri = self._iri(assertion)
        before, after = (iri, None) if kind == "removed" else (None, iri)
        details = tuple(_in_words(assertion, index))
        report = self._report(assertion)
        return Change(kind, "assertion", index.words(assertion), report, details, before, after)

    def _pair(self, one: Assertion, other: Assertion) -> Iterator[Change]:
        details = tuple(self._details(one, other))
        if not details:
            return
        kind: Kind = "changed"
        if bool(one.withdrawn) != bool(other.withdrawn):
            kind = "withdrawn" if other.withdrawn else "living again"
        words, report = self._after.words(other), self._report(other)
        yield Change(kind, "assertion", words, report, details, self._iri(one), self._iri(other))

    def _details(self, one: Assertion, other: Assertion) -> Iterator[Detail]:
        old, new = _properties(one, self._before), _properties(other, self._after)
        for name in dict.fromkeys((*old, *new)):
            (was, was_words), (is_, is_words) = old.get(name, _NOTHING), new.get(name, _NOTHING)
            if was != is_:
                yield _detail(name, (was, was_words), (is_, is_words))

    def _report(self, assertion: Assertion) -> str:
        report = self._reports.get(assertion.report)
        if report is None or not report.title:
            return local_name(assertion.report)
        key = f" ({self._key(report.iri)})" if self._titles[report.title] > 1 else ""
        return f"{report.title}{key}"

    def _iri(self, assertion: Assertion) -> str:
        """Give its IRI in the namespace of its own report: each side may have its own."""
        base, mark, _ = assertion.report.rpartition("report_")
        return rdf.assertion_iri(assertion, base if mark else self._base)

    def _key(self, iri: str) -> str:
        return iri.removeprefix(self._base)

    # ------------------------------------------------------------ what is described

    def described(self, name: str) -> Iterator[Change]:
        old: dict[str, Described] = {item.iri: item for item in getattr(self._before.corpus, name)}
        new: dict[str, Described] = {item.iri: item for item in getattr(self._after.corpus, name)}
        for iri in sorted(old.keys() | new.keys()):
            one, other = old.get(iri), new.get(iri)
            if one is None or other is None:
                yield self._lone(one, other)
            elif details := tuple(self._described_details(one, other)):
                kind: Kind = "renamed" if details[0].name in _LABELS else "changed"
                yield Change(kind, _NOUNS[type(other)], self._called(other), "", details, iri, iri)

    def _lone(self, one: Described | None, other: Described | None) -> Change:
        item = one or other
        assert item is not None  # noqa: S101  (the IRI is of one of the two)
        kind: Kind = "removed" if one else "added"
        details = () if item.access is Access.PUBLIC else (Detail("access", "", item.access.name.lower()),)
        before, after = one.iri if one else None, other.iri if other else None
        return Change(kind, _NOUNS[type(item)], self._called(item), "", details, before, after)

    def _called(self, item: Described) -> str:
        label = item.title if isinstance(item, Report) else item.label
        return f"{label} ({self._key(item.iri)})"

    def _described_details(self, one: Described, other: Described) -> Iterator[Detail]:
        # What it is called comes first: a change of that is what a reader looks for.
        names = [each.name for each in fields(one) if each.name not in _NOT_COMPARED]
        for name in sorted(names, key=lambda name: name not in _LABELS):
            old, new = getattr(one, name), getattr(other, name)
            if old != new:
                shown = "class" if name == "class_iri" else name.replace("_", " ")
                yield _detail(shown, (old, _value(old, self._before)), (new, _value(new, self._after)))


# ---------------------------------------------------------------- which belong together

_ALIKE: tuple[Callable[[Assertion], Hashable], ...] = (
    lambda a: (a.report, _span(a), a.predicate, a.subject, a.object),
    lambda a: (a.report, _span(a), a.predicate, a.subject),
    lambda a: (a.report, _span(a), a.predicate, a.object),
    lambda a: (a.report, a.predicate, a.subject, a.object),
    lambda a: (a.report, replace(a.evidence, digest="", end=0), a.predicate, a.subject),
    lambda a: (a.report, _span(a), a.predicate),
)
"""In what two assertions agree that belong together, the closest agreement first."""


def _span(assertion: Assertion) -> str:
    return assertion.evidence.digest or assertion.evidence.record


def _matched(
    gone: Sequence[Assertion], come: Sequence[Assertion], alike: Callable[[Assertion], Hashable]
) -> tuple[list[tuple[Assertion, Assertion]], list[Assertion], list[Assertion]]:
    """Give pairs that agree, and what is left on either side; several that agree are paired in order."""
    waiting: dict[Hashable, list[Assertion]] = defaultdict(list)
    for assertion in reversed(gone):
        waiting[alike(assertion)].append(assertion)
    pairs, left = [], []
    for assertion in come:
        if fitting := waiting.get(alike(assertion)):
            pairs.append((fitting.pop(), assertion))
        else:
            left.append(assertion)
    taken = {id(one) for one, _ in pairs}
    return pairs, [assertion for assertion in gone if id(assertion) not in taken], left


# ---------------------------------------------------------------- in words


_NOTHING: tuple[object, str] = (None, "")


def _properties(assertion: Assertion, index: Index) -> dict[str, tuple[object, str]]:
    """Give all that is said in and of an assertion: what is compared, and the same in words.

    An entity that is called otherwise is the same entity, and a source that learned it from another one
    is the same source: that is told once, of the source.
    """
    chain = index.chain(assertion.source)
    withdrawn, corrected = assertion.withdrawn, index.by_digest.get(assertion.corrects or "")
    plain = {
        "certainty": assertion.certainty,
        "polarity": assertion.polarity,
        "method": assertion.method,
        "engine": assertion.engine or "",
        "reviewer": assertion.reviewer or "",
        "note": assertion.note or "",
        "access": assertion.access.name.lower(),
    }
    found: dict[str, tuple[object, str]] = {
        "subject": (assertion.subject, index.label(assertion.subject)),
        "object": (assertion.object, index.value(assertion.object)),
        "evidence": (assertion.evidence, _place(assertion.evidence)),
        "told by": (
            assertion.source,
            " from ".join(index.label(link.iri) for link in chain) or index.label(assertion.source),
        ),
        "episodes": (assertion.episodes, ", ".join(sorted(map(index.label, assertion.episodes)))),
        "withdrawn": (withdrawn, wording.withdrawal(withdrawn) if withdrawn else ""),
        "corrects": (assertion.corrects, index.words(corrected) if corrected else assertion.corrects or ""),
    }
    qualifiers: dict[str, list[str]] = defaultdict(list)
    for property_, term in assertion.qualifiers:
        qualifiers[kebab(local_name(property_)).replace("-", " ")].append(term)
    for name, terms in qualifiers.items():
        found[name] = (tuple(terms), ", ".join(map(index.value, terms)))
    return found | {name: (text or None, text) for name, text in plain.items()}


def _detail(name: str, before: tuple[object, str], after: tuple[object, str]) -> Detail:
    """Give what differs in words; where these are the same, such as two people's names, with the keys."""
    (was, was_words), (is_, is_words) = before, after
    if was_words == is_words:
        was_words, is_words = f"{was_words} ({_exact(was)})", f"{is_words} ({_exact(is_)})"
    return Detail(name, was_words, is_words)


def _exact(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(_exact, value))
    text = str(value)
    if text.startswith('"'):
        return text
    return local_name(text.removeprefix("<").removesuffix(">"))


def _place(evidence: Evidence) -> str:
    digest = f" (digest {evidence.digest[:8]}…)" if evidence.digest else ""
    return f"{wording.place(evidence)}{digest}"


def _in_words(assertion: Assertion, index: Index) -> Iterator[Detail]:
    """Give what a reader needs of an assertion that stands on one side only."""
    properties = _properties(assertion, index)
    for name in ("told by", "evidence", "withdrawn", "corrects"):
        if text := properties[name][1]:
            yield Detail(name, "", text)
    if assertion.access is not Access.PUBLIC:
        yield Detail("access", "", assertion.access.name.lower())


def _value(value: object, index: Index) -> str:
    if value is None:
        return ""
    if isinstance(value, Access):
        return value.name.lower()
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Evidence):
        return f"{value.end} characters, digest {value.digest}"
    if isinstance(value, tuple):
        return ", ".join(_value(each, index) for each in _flat(value))
    text = str(value)
    return index.label(text) if _is_known(text, index) else _short(text)


def _flat(values: Iterable[object]) -> Iterator[object]:
    for value in values:
        yield f"{value[1]} ({value[0]})" if isinstance(value, tuple) and len(value) == 2 else value


def _is_known(iri: str, index: Index) -> bool:
    return any(iri in table for table in (index.entities, index.reports, index.sources, index.episodes))


def _short(text: str) -> str:
    return kebab(local_name(text)) if text.startswith("https://w3id.org/reportedly/ontology#") else text

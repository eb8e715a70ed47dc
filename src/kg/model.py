"""What seeds say, as frozen values: entities, reports, sources, episodes and assertions.

Where a value was typed is for messages only and takes no part in equality. IRIs are plain
strings; an object or a qualifier's value is an N-Triples term (`kg.nt`), so that a literal
and an IRI of the same letters differ.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from enum import IntEnum

from kg.problems import Location

NOWHERE = Location("", 0, 0)


class Access(IntEnum):
    """Who may see an item; the order says which of two marks counts (the smaller)."""

    RESTRICTED = 0
    WITHHELD = 1
    """Of a source only: what it told is published, and who it was is not."""
    PUBLIC = 2


@dataclass(frozen=True, slots=True)
class Entity:
    """Something that reports speak of; `label` of an unnamed one is a description."""

    iri: str
    class_iri: str
    label: str
    unnamed: bool = False
    also: tuple[str, ...] = ()
    names: tuple[tuple[str, str], ...] = ()
    """Language tag and name."""
    same_as: tuple[str, ...] = ()
    note: str | None = None
    access: Access = Access.PUBLIC
    where: Location = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Evidence:
    """A span of a report's text (code points, `end` excluded), or the IRI of a record.

    Either `start`, `end` and `digest` are given, or `record`.
    """

    report: str
    start: int = 0
    end: int = 0
    digest: str = ""
    record: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """A document; `text` locates the whole of it, `published` is EDTF as typed."""

    iri: str
    title: str
    kind: str
    published: str | None = None
    publisher: str | None = None
    language: str | None = None
    url: str | None = None
    archive_url: str | None = None
    retrieved: str | None = None
    text: Evidence | None = None
    note: str | None = None
    access: Access = Access.PUBLIC
    copied_from: str | None = None
    """The report that this one repeats: it adds no voice of its own to what that one says."""
    where: Location = field(default=NOWHERE, compare=False, repr=False)
    positions: tuple[tuple[str, Location], ...] = field(default=(), compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Source:
    """One link of one chain; `learned_from` is the next link inward."""

    iri: str
    label: str
    speaker: str | None
    basis: str = "unknown"
    relation: str | None = None
    learned_from: str | None = None
    access: Access = Access.PUBLIC
    where: Location = field(default=NOWHERE, compare=False, repr=False)
    positions: tuple[tuple[str, Location], ...] = field(default=(), compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Episode:
    """An arrest or a case, to which a curator ties assertions."""

    iri: str
    label: str
    access: Access = Access.PUBLIC
    where: Location = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Assertion:
    """One thing said by one source at one place in one report."""

    subject: str
    predicate: str
    object: str
    report: str
    source: str
    evidence: Evidence
    polarity: str = "affirmed"
    certainty: str = "stated"
    method: str = "curated"
    qualifiers: tuple[tuple[str, str], ...] = ()
    """Property IRI and N-Triples term, sorted."""
    episodes: tuple[str, ...] = ()
    withdrawn: str | None = None
    """The day (ISO 8601) since which it no longer counts; None while it lives."""
    note: str | None = None
    access: Access = Access.PUBLIC
    where: Location = field(default=NOWHERE, compare=False, repr=False)
    positions: tuple[tuple[str, Location], ...] = field(default=(), compare=False, repr=False)
    """Where single properties of it were typed, for messages."""

    def digest(self) -> str:
        """Give the 32 hexadecimal digits that name it (design: identity).

        Hashed: subject, predicate, object, polarity, certainty, qualifiers, report, source and
        the span's digest. Not hashed: offsets, method, note, access, episodes, withdrawal.
        """
        said = [
            self.subject,
            self.predicate,
            self.object,
            self.polarity,
            self.certainty,
            sorted(map(list, self.qualifiers)),
            self.report,
            self.source,
            self.evidence.digest or self.evidence.record,
        ]
        canonical = json.dumps(said, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Corpus:
    """Everything that a set of seeds says, each tuple in the order it was typed."""

    entities: tuple[Entity, ...] = ()
    reports: tuple[Report, ...] = ()
    sources: tuple[Source, ...] = ()
    episodes: tuple[Episode, ...] = ()
    assertions: tuple[Assertion, ...] = ()

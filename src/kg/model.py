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
SILENT_REASONS = frozenset({"safety", "legal"})
"""Reasons for withdrawing that leave nothing in what is published: no count, and no notice of it."""


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
    """A span of a report's text (code points, `end` excluded), a row of a table, or the IRI of a record.

    Either `start`, `end` and `digest` are given, or `file`, `row` and `digest`, or `record`.
    """

    report: str
    start: int = 0
    end: int = 0
    digest: str = ""
    """SHA-256 of the span's UTF-8 bytes; of a row, of the JSON array of the texts of its cells."""
    record: str = ""
    file: str = ""
    """The name of the table's file, without folders."""
    sheet: str = ""
    row: int = 0
    """As spreadsheets count: from 1, headers included."""
    column: str = ""
    """The letters of one column; empty for the whole row."""


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


@dataclass(frozen=True, slots=True, order=True)
class Withdrawal:
    """That an assertion no longer counts: since which day (ISO 8601), why, and by whose decision."""

    date: str
    reason: str = ""
    """One of the ontology's reasons, or empty."""
    by: str = ""

    @property
    def is_silent(self) -> bool:
        """Whether nobody is to learn that it was ever said."""
        return self.reason in SILENT_REASONS


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
    withdrawn: Withdrawal | None = None
    """None while it lives."""
    note: str | None = None
    access: Access = Access.PUBLIC
    corrects: str | None = None
    """The digest of the assertion in whose place this one stands."""
    engine: str | None = None
    """The program that proposed it, with its version."""
    reviewer: str | None = None
    """Who accepted what the program proposed."""
    where: Location = field(default=NOWHERE, compare=False, repr=False)
    positions: tuple[tuple[str, Location], ...] = field(default=(), compare=False, repr=False)
    """Where single properties of it were typed, for messages."""

    def digest(self) -> str:
        """Give the 32 hexadecimal digits that name it (design: identity).

        Hashed: subject, predicate, object, polarity, certainty, qualifiers, report, source and
        the span's digest. Not hashed: offsets, method, note, access, episodes, withdrawal, what it
        corrects, engine and reviewer.
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

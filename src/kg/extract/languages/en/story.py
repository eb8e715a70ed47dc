"""What the rules hand on to one another: the sentences of a document with all that was found in them."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field

from kg.extract.languages.en.chunks import Chunk, Line
from kg.extract.languages.en.clauses import Clause
from kg.extract.languages.en.person import Person
from kg.extract.languages.en.persons import People
from kg.extract.languages.en.speech import Scope
from kg.extract.languages.en.times import Date
from kg.extract.text import Document
from kg.extract.values import Context


@dataclass(slots=True, eq=False)
class Draft:
    """A fact before names are final."""

    persons: list[Person]
    predicate: str
    object: str
    object_kind: str
    line: Line
    tokens: tuple[int, int]
    rule: str
    score: float
    date: Date | None = None
    certainty: str = "stated"
    polarity: str = "affirmed"
    qualifiers: dict[str, str] = field(default_factory=dict)
    object_person: Person | None = None
    ranged: bool = False
    """Whether it happened again and again since the date."""
    subject_name: str = ""
    """For places, which are no persons."""
    subject_kind: str = ""


@dataclass(slots=True, eq=False)
class Story:
    """A document on its way."""

    document: Document
    context: Context
    lines: list[Line]
    clauses: dict[int, list[Clause]]
    scopes: dict[int, list[Scope]]
    people: People
    main_country: str = ""
    lead_date: Date | None = None
    """When the arrests were that the first sentences tell, of a group."""
    event_day: datetime.date | None = None
    """The day of the last event that was read."""
    drafts: list[Draft] = field(default_factory=list)

    def text(self, line: Line, i: int, j: int) -> str:
        """Give the words of tokens `i` to `j` (excluded) in one line, as the text has them."""
        return " ".join(line.text(self.document, i, j).split())

    def chunk_text(self, line: Line, chunk: Chunk) -> str:
        """Give the words of a chunk."""
        return self.text(line, chunk.i, chunk.j)

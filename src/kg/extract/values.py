"""What the engine gives: facts as a report tells them, each with its span."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from kg.extract.gazetteer import Gazetteer

UNKNOWN: Final = "[unknown]"
"""The object of a fact about a place that the report says nobody knows."""

NONE_GIVEN: Final = "[any charge]"
"""The object of a fact that says that no charge was brought, or no reason given."""


@dataclass(frozen=True, slots=True)
class Context:
    """What an extraction is given beside the text."""

    published: str | None
    gazetteer: Gazetteer


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom or what a fact is about."""

    name: str
    """The name, in the longest form of the report; or a description in square brackets."""
    kind: str
    """A class of the ontology: `person`, `group`, `place`, `facility`, `country`, `organization`, `court`."""
    also: tuple[str, ...] = ()
    """Other names that the report gives."""

    @property
    def unnamed(self) -> bool:
        """Whether the report gives no name."""
        return self.name.startswith("[")


@dataclass(frozen=True, slots=True)
class When:
    """A date, and how it was found."""

    edtf: str
    text: str
    """The words of the report."""
    how: str
    """`written` in full, `year` worked out, `relative` to the day of publication, or to the `story`."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that a report says of somebody or something, at one place in its text."""

    subject: Subject
    predicate: str
    """A predicate of the ontology, in its kebab form."""
    object: str
    object_kind: str
    """A class of the ontology as for `Subject`, or `text`, `term`, `number`."""
    start: int
    end: int
    quote: str
    """The words from `start` to `end` (excluded)."""
    rule: str
    score: float
    """Between 0 and 1: how far such facts of this rule have been right."""
    date: When | None = None
    qualifiers: Mapping[str, str] = field(default_factory=dict)
    attribution: tuple[str, ...] = ()
    """Who tells it, the last one innermost; the publisher itself is left out."""
    certainty: str = "stated"
    """`stated` or `alleged`."""
    polarity: str = "affirmed"
    """`affirmed` or `denied`."""

    @property
    def digest(self) -> str:
        """SHA-256 of the quote in UTF-8, as hex digits."""
        return hashlib.sha256(self.quote.encode("utf-8", "surrogatepass")).hexdigest()

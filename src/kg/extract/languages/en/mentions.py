"""What a phrase tells of the people that it speaks of."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from kg.extract.languages.en.chunks import Chunk, Line
from kg.extract.languages.en.lexicon import Noun


@dataclass(slots=True, eq=False)
class Role:
    """What a phrase says that somebody is: the noun, its words, and where they stand (tokens)."""

    noun: Noun
    text: str
    i: int
    j: int
    at: int = 0
    """The noun's own token."""


@dataclass(slots=True, eq=False)
class Mention:
    """People as one phrase of one sentence speaks of them."""

    line: Line
    i: int
    j: int
    name: str = ""
    name_at: tuple[int, int] | None = None
    also: list[str] = field(default_factory=list)
    roles: list[Role] = field(default_factory=list)
    age: tuple[int, int, int] | None = None
    """The number, and the tokens that tell it."""
    nations: list[tuple[str, int, int]] = field(default_factory=list)
    ethnic: bool = False
    count: str = ""
    plural: bool = False
    article: str = ""
    """`a`, `the`, `his` (a possessive) or nothing."""
    owner: Chunk | str | None = None
    """Whose: a chunk before ``'s`` or after ``of``, or a possessive pronoun."""
    homes: list[tuple[str, int, int]] = field(default_factory=list)
    members: list[Mention] = field(default_factory=list)
    """The people of a list, or the names that stand beside "two students"."""
    listed: bool = False
    """Whether it is nothing but its members."""
    people: list[Any] = field(default_factory=list)
    """The persons that it means, once that is known."""
    start: int = 0
    """Where the phrase without what stands in apposition starts; tokens."""
    stop: int = 0

    @property
    def head(self) -> Noun | None:
        """The noun that says most."""
        return self.roles[0].noun if self.roles else None

    @property
    def gender(self) -> str:
        """`m`, `f` or `-`."""
        return next((role.noun.gender for role in self.roles if role.noun.gender != "-"), "-")

    def is_kind(self, *kinds: str) -> bool:
        """Whether a noun of it is of one of the kinds."""
        return any(role.noun.kind in kinds for role in self.roles)

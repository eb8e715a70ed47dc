"""A person of a report: names, what is said of them, and when two names or words can mean the same one."""

from __future__ import annotations

from dataclasses import dataclass, field

from kg.extract.languages.en.clauses import Clause
from kg.extract.languages.en.frames import is_suffered
from kg.extract.languages.en.heads import number_of
from kg.extract.languages.en.lexicon import alike_groups, listed

_ALIKE = alike_groups()


_PARENT = listed("persons", "parent")


_CHILD = frozenset(["son", "daughter", "child"])


_SPOUSE = listed("persons", "spouse")


_SIBLING = frozenset(["brother", "sister", "sibling", "twin"])


@dataclass(slots=True, eq=False)
class Person:
    """A person or a group of the report."""

    number: int
    names: list[str] = field(default_factory=list)
    also: list[str] = field(default_factory=list)
    gender: str = "-"
    group: bool = False
    count: str = ""
    nouns: set[str] = field(default_factory=set)
    label: str = ""
    first: int = 0
    last: int = 0
    last_at: int = 0
    mentions: int = 0
    weight: float = 0
    """How much the report is about this person: as the one who is arrested, tried or released."""
    kin: list[tuple[str, Person]] = field(default_factory=list)
    """What this person is to whom."""
    members: list[Person] = field(default_factory=list)
    same: Person | None = None
    speaker: bool = False
    age: int = 0
    indefinite: bool = False

    def self(self) -> Person:
        """Give the person that this one turned out to be."""
        person = self
        while person.same is not None:
            person = person.same
        return person

    @property
    def name(self) -> str:
        """The longest name, or a description in brackets."""
        if self.names:
            return max(self.names, key=lambda name: (len(name.split()), len(name)))
        return f"[{self.label}]"


def is_patient(clause: Clause | None) -> bool:
    """Whether the clause tells of an arrest, a trial or a release that its subject suffers."""
    return clause is not None and clause.passive and is_suffered(clause)


def words_of(name: str) -> list[str]:
    """Give the words of a name in lower case."""
    return [word.strip("\"“”'‘’") for word in name.replace("’", "'").lower().split() if word.strip("\"“”'‘’")]


def fits(words: list[str], person: Person) -> bool:
    """Whether a name can be this person's: a short form of the longest one, or a longer form of it."""
    return same_name(words, words_of(person.name)) or any(
        same_name(words, words_of(name)) for name in person.also
    )


def same_name(one: list[str], other: list[str]) -> bool:
    """Whether one name is part of the other."""
    short, long = (one, other) if len(one) <= len(other) else (other, one)
    if short == long:
        return True
    if not set(short) <= set(long):
        return False
    return len(short) > 1 or (
        len(short[0].rstrip(".")) > 1 and (long[0] == short[0] or long[-1] == short[0] or len(long) > 2)
    )


def alike(one: str, other: str) -> bool:
    """Whether two words can mean the same person."""
    if one == other or one.split()[-1] == other.split()[-1]:
        return True
    return any(one in group and other in group for group in _ALIKE)


def inverse(term: str, lemma: str) -> bool:
    """Whether somebody who is `term` to another calls the other `lemma`."""
    pairs = ((_CHILD, _PARENT), (_PARENT, _CHILD), (_SPOUSE, _SPOUSE), (_SIBLING, _SIBLING))
    return any(term in one and lemma in other for one, other in pairs) or (
        term in ("lawyer", "attorney") and lemma == "client"
    )


def size_of(count: str) -> int | None:
    """Give the number that a count begins with, if it is a small one."""
    for word in count.split():
        number = 2 if word == "both" else number_of(word)
        if number is not None:
            return number
    return None

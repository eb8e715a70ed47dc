"""Names that the graph knows, to be found in a text: places, courts, organizations, people."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Name:
    """One name of one entity."""

    text: str
    kind: str
    """A class of the ontology: `place`, `country`, `facility`, `court`, `organization`, `person`."""
    key: str = ""
    """The entity's key in the graph, if it has one."""


@dataclass(frozen=True, slots=True)
class Gazetteer:
    """Names to look for; of several that begin at one word the longest is found.

    >>> names = Gazetteer.of([("Arishan county", "place"), ("Arishan", "place")])
    >>> names.longest(["arishan", "county", "of"], 0)
    (2, Name(text='Arishan county', kind='place', key=''))
    """

    _names: dict[tuple[str, ...], Name] = field(default_factory=dict)
    _longest: dict[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, names: Iterable[Name | tuple[str, str] | tuple[str, str, str]]) -> Gazetteer:
        """Make one from names or from (text, kind) or (text, kind, key); the first of equal names counts."""
        found: dict[tuple[str, ...], Name] = {}
        longest: dict[str, int] = {}
        for each in names:
            name = each if isinstance(each, Name) else Name(*each)
            words = tuple(name.text.lower().replace("’", "'").replace("'s", " 's").split())
            if not words:
                continue
            found.setdefault(words, name)
            longest[words[0]] = max(longest.get(words[0], 0), len(words))
        return cls(found, longest)

    def longest(self, words: Sequence[str], index: int) -> tuple[int, Name] | None:
        """Give how many of `words` (in lower case) from `index` on are a name, and the name."""
        for count in range(min(self._longest.get(words[index], 0), len(words) - index), 0, -1):
            name = self._names.get(tuple(words[index : index + count]))
            if name:
                return count, name
        return None

    def __len__(self) -> int:
        """Give the number of names."""
        return len(self._names)

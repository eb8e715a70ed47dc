"""Entities, reports, sources and episodes as the rows of a table describe them, each once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from kg.importing.rules import short
from kg.importing.texts import fold

Record: TypeAlias = dict[str, Any]
Identity: TypeAlias = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell for messages: the table it is in, as `Table.location` and `Table.short` call it."""

    place: str
    short: str
    table: int
    row: int

    def seen_from(self, other: Cell) -> str:
        """Give the place for a message about `other`: in short, if it is in the same table."""
        return self.short if self.table == other.table else self.place


@dataclass(slots=True)
class Described:
    """An entity as known so far, with the cell that first named it."""

    key: str
    label: str
    identity: Identity
    space: str
    at: Cell
    record: Record
    rows: set[tuple[int, int]] = field(default_factory=set)
    notes: list[str] = field(default_factory=list)
    agreed: dict[int, tuple[str, str, Cell]] = field(default_factory=dict)
    """By column: the folded text, the text, and where it stands."""


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Two cells that should say the same, and do not."""

    what: str
    here: str
    there: str
    at: Cell


class Registry:
    """All that is described, by key; in it nothing is described twice."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._entities: dict[tuple[str, Identity], Described] = {}
        self._by_key: dict[str, Described] = {}
        self._unnamed: dict[tuple[str, str], Record] = {}
        self._others: dict[tuple[str, str, str], tuple[Record, Cell]] = {}

    def entity(self, space: str, identity: Identity) -> Described | None:
        """Give an entity by what tells it apart."""
        return self._entities.get((space, identity))

    def entities(self) -> Iterator[Described]:
        """Give the entities in the order in which they were met."""
        yield from self._entities.values()

    def owner(self, key: str) -> Described | None:
        """Give the entity that has a key."""
        return self._by_key.get(key)

    def add(self, described: Described) -> None:
        """Take a new entity, whose key is free."""
        self._entities[described.space, described.identity] = described
        self._by_key[described.key] = described

    def unnamed(self, report: str, key: str, record: Record) -> Record:
        """Give what is known of an entity without a name, which is `record` if nothing is."""
        return self._unnamed.setdefault((report, key), record)

    def knows(self, kind: str, report: str, record: Record) -> bool:
        """Tell whether a report, source or episode is described already, and in the same way."""
        known = self._others.get((kind, report, record["key"]))
        return known is not None and known[0] == record

    def other(self, kind: str, report: str, key: str, record: Record, at: Cell) -> Disagreement | None:
        """Take the description of a report, source or episode; give where an earlier one says otherwise."""
        known = self._others.setdefault((kind, report, key), (record, at))
        for name in dict.fromkeys([*known[0], *record]):
            here, there = str(record.get(name, "")), str(known[0].get(name, ""))
            if fold(here) != fold(there):
                return Disagreement(name, here, there, known[1])
        return None

    def records(self) -> Iterator[Record]:
        """Give all descriptions: reports, then entities by class and key, then episodes and sources."""
        others = sorted(self._others.items(), key=lambda item: item[0])
        for kind in ("report", "", "episode", "source"):
            if kind:
                yield from (record for (of, _, _), (record, _) in others if of == kind)
                continue
            found = [d.record for d in self._entities.values()]
            found += self._unnamed.values()
            yield from sorted(found, key=lambda r: (r["class"], r["key"], r.get("report", "")))

    # ------------------------------------------------------------ what is known about the whole table only

    def homonyms(self) -> Iterator[tuple[Described, int]]:
        """Give those that several rows name, with the number of rows."""
        for described in self._entities.values():
            if len(described.rows) > 1:
                yield described, len(described.rows)

    def incomplete(self) -> Iterator[tuple[Described, Described]]:
        """Give each entity of which something identifying is not known, with another that it may be."""
        for space, found in self._by_space().items():
            partial = [d for d in found if "" in d.identity and any(d.identity)]
            masks: dict[tuple[bool, ...], dict[Identity, Described]] = {}
            for described in partial:
                mask = tuple(part != "" for part in described.identity)
                if mask not in masks:
                    masks[mask] = _projected(found, mask)
                twin = masks[mask].get(_project(described.identity, mask))
                if twin is not None and space:
                    yield described, twin

    def _by_space(self) -> dict[str, list[Described]]:
        spaces: dict[str, list[Described]] = defaultdict(list)
        for described in self._entities.values():
            spaces[described.space].append(described)
        return spaces


def _project(identity: Identity, mask: Sequence[bool]) -> Identity:
    return tuple(part for part, known in zip(identity, mask, strict=True) if known)


def _projected(found: Sequence[Described], mask: tuple[bool, ...]) -> dict[Identity, Described]:
    """Give the first entity, of those that know more, by what they know in the places of `mask`."""
    projected: dict[Identity, Described] = {}
    for described in found:
        more = any(part and not known for part, known in zip(described.identity, mask, strict=True))
        if more and all(part for part, known in zip(described.identity, mask, strict=True) if known):
            projected.setdefault(_project(described.identity, mask), described)
    return projected


def agree(described: Described, column: int, name: str, text: str, at: Cell) -> Disagreement | None:
    """Note what an entity has in a column; give the cell that says otherwise. An empty cell says nothing."""
    if not text:
        return None
    known = described.agreed.setdefault(column, (fold(text), text, at))
    return None if known[0] == fold(text) else Disagreement(name, short(text), short(known[1]), known[2])

"""Where a plan looks things up: what it asks of data, and data in memory."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Protocol, TypeAlias

from kg.nt import Triple
from kg.shacl.terms import SUBCLASS, TYPE

Table: TypeAlias = tuple[Mapping[str, str], Mapping[str, Sequence[str]]]
"""The values of one predicate: one value of each subject, and all values of those that have several."""


class Data(Protocol):
    """The triples that are checked, each once, subjects and objects as canonical text."""

    memory: dict[object, dict[tuple[str | None, ...], object]]
    """What queries have worked out of them before; emptied now and then."""

    def table(self, predicate: str, nodes: Collection[str]) -> Table:
        """Give the values of `nodes`; there may be more in it, and none for a node without."""

    def objects(self, subject: str, predicate: str) -> Sequence[str]:
        """Give the values of one predicate of one node, each once."""

    def subjects(self, predicate: str, object_: str) -> Sequence[str]:
        """Give the nodes that have a value, each once."""

    def about(self, subject: str) -> Iterator[tuple[str, str]]:
        """Give predicate and value of everything that is said of a node."""

    def predicates(self, nodes: Collection[str]) -> Collection[str]:
        """Give the predicates that are said of any of `nodes`, and maybe others."""

    def subjects_of(self, predicate: str) -> Collection[str]:
        """Give the nodes that have a value; where data is checked in parts, those of this part."""

    def objects_of(self, predicate: str) -> Collection[str]:
        """Give all values, each once; where data is checked in parts, those that this part answers for."""

    def instances(self, class_: str) -> Collection[str]:
        """Give the instances of a class and those below it; in parts, those of this part."""

    def without_class(self, nodes: set[str], class_: str) -> set[str]:
        """Give those of `nodes` that are nowhere said to be of a class or one below it."""


class Memory:
    """Data in memory, a table for each predicate."""

    def __init__(self, predicates: Collection[str] | None = None) -> None:
        """Start empty; with `predicates`, triples of others are passed over."""
        self.first: dict[str, dict[str, str]] = {}
        self.more: dict[str, dict[str, list[str]]] = {}
        self.described: set[str] = set()
        """The subjects, if the triples came as lines of a file."""
        self.only = predicates
        self.memory: dict[object, dict[tuple[str | None, ...], object]] = {}
        self._inverse: dict[str, dict[str, list[str]]] = {}
        self._below: dict[str, set[str]] = {}
        self._instances: dict[str, set[str]] = {}
        if predicates is not None:
            for predicate in predicates:
                self.new(predicate)

    @classmethod
    def of(cls, triples: Iterable[Triple], predicates: Collection[str] | None = None) -> Memory:
        """Take triples in any order; one that comes twice counts once."""
        memory = cls(predicates)
        memory.add(triples)
        return memory

    def new(self, predicate: str) -> dict[str, str]:
        """Give a new table of the first value of each subject."""
        self.more[predicate] = {}
        table = self.first[predicate] = {}
        return table

    def add(self, triples: Iterable[Triple]) -> None:
        """Take more triples; what was asked before is not brought up to date."""
        first, more, only = self.first, self.more, self.only
        for subject, predicate, object_ in triples:
            table = first.get(predicate)
            if table is None:
                if only is not None:
                    continue
                table = self.new(predicate)
            there = table.setdefault(subject, object_)
            # The first triple of a subject comes back as it went in.
            if there is object_ or there == object_:
                continue
            several = more[predicate].get(subject)
            if several is None:
                more[predicate][subject] = [there, object_]
            elif object_ not in several:
                several.append(object_)

    def table(self, predicate: str, nodes: Collection[str]) -> Table:
        """Give the whole table of a predicate."""
        table = self.first.get(predicate)
        return ({}, {}) if table is None else (table, self.more[predicate])

    def objects(self, subject: str, predicate: str) -> Sequence[str]:
        """Give the values of one predicate of one node, each once."""
        table = self.first.get(predicate)
        if table is None:
            return ()
        value = table.get(subject)
        return () if value is None else self.more[predicate].get(subject) or (value,)

    def subjects(self, predicate: str, object_: str) -> Sequence[str]:
        """Give the nodes that have a value, each once."""
        return self._inverted(predicate).get(object_, ())

    def _inverted(self, predicate: str) -> dict[str, list[str]]:
        inverse = self._inverse.get(predicate)
        if inverse is None:
            inverse = self._inverse[predicate] = {}
            more = self.more.get(predicate, {})
            for subject, value in self.first.get(predicate, {}).items():
                for each in more.get(subject) or (value,):
                    inverse.setdefault(each, []).append(subject)
        return inverse

    def triples(self) -> Iterator[Triple]:
        """Give all triples that were kept."""
        for predicate, table in self.first.items():
            for subject in table:
                for value in self.objects(subject, predicate):
                    yield subject, predicate, value

    def about(self, subject: str) -> Iterator[tuple[str, str]]:
        """Give predicate and value of everything that is said of a node."""
        for predicate in self.first:
            for value in self.objects(subject, predicate):
                yield predicate, value

    def predicates(self, nodes: Collection[str]) -> Collection[str]:
        """Give all predicates."""
        return self.first.keys()

    def subjects_of(self, predicate: str) -> Collection[str]:
        """Give the nodes that have a value."""
        return self.first.get(predicate, {}).keys()

    def objects_of(self, predicate: str) -> Collection[str]:
        """Give all values, each once."""
        found = set(self.first.get(predicate, {}).values())
        for several in self.more.get(predicate, {}).values():
            found.update(several)
        return found

    def below(self, class_: str) -> set[str]:
        """Give a class and all below it."""
        found = self._below.get(class_)
        if found is None:
            found = {class_}
            waiting = [class_]
            for each in waiting:
                new = [sub for sub in self.subjects(SUBCLASS, each) if sub not in found]
                found.update(new)
                waiting.extend(new)
            self._below[class_] = found
        return found

    def instances(self, class_: str) -> Collection[str]:
        """Give the instances of a class and those below it."""
        found = self._instances.get(class_)
        if found is None:
            by_class = self._inverted(TYPE)
            found = self._instances[class_] = set()
            for each in self.below(class_):
                found.update(by_class.get(each, ()))
        return found

    def without_class(self, nodes: set[str], class_: str) -> set[str]:
        """Give those of `nodes` that are no instance of a class or one below it."""
        return nodes.difference(self.instances(class_))

"""The value nodes of many focus nodes at once."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from kg.shacl.data import Table


class Column(Protocol):
    """Focus nodes with their value nodes."""

    nodes: set[str]

    def distinct(self) -> set[str]:
        """Give all value nodes, each once."""

    def of(self, node: str) -> Collection[str]:
        """Give the value nodes of one focus node."""

    def only(self, node: str) -> str | None:
        """Give the value node of a focus node that has one and no more."""

    def having(self, values: set[str]) -> set[str]:
        """Give the focus nodes that have any of `values`."""

    def fewer(self, count: int) -> set[str]:
        """Give the focus nodes that have fewer values."""

    def over(self, count: int) -> set[str]:
        """Give the focus nodes that have more values."""

    def lacking(self, value: str) -> set[str]:
        """Give the focus nodes that do not have a value."""


class Own:
    """Of a node shape: each focus node is its own value."""

    def __init__(self, nodes: set[str]) -> None:
        """Take the focus nodes."""
        self.nodes = nodes

    def distinct(self) -> set[str]:
        """Give the focus nodes."""
        return self.nodes

    def of(self, node: str) -> Collection[str]:
        """Give the node."""
        return (node,)

    def only(self, node: str) -> str | None:
        """Give the node."""
        return node

    def having(self, values: set[str]) -> set[str]:
        """Give those that are among `values`."""
        return self.nodes & values

    def fewer(self, count: int) -> set[str]:
        """Give all if more than one is wanted."""
        return self.nodes if count > 1 else set()

    def over(self, count: int) -> set[str]:
        """Give all if none is wanted."""
        return self.nodes if count < 1 else set()

    def lacking(self, value: str) -> set[str]:
        """Give all but one."""
        return self.nodes - {value}


class Values:
    """Of a property shape: the values at the end of its path."""

    def __init__(self, nodes: set[str], table: Table) -> None:
        """Take the focus nodes and a table that holds their values."""
        self.nodes = nodes
        self._first: Mapping[str, str]
        self._more: Mapping[str, Sequence[str]]
        self._first, self._more = table
        self._distinct: set[str] | None = None
        self._several: list[str] | None = None

    def several(self) -> list[str]:
        """Give the focus nodes that have more than one value."""
        if self._several is None:
            more = self._more
            # Not an intersection: the table may be far larger than the set.
            self._several = [node for node in self.nodes if node in more] if more else []
        return self._several

    def distinct(self) -> set[str]:
        """Give all value nodes, each once."""
        if self._distinct is None:
            found: set[str | None] = set(map(self._first.get, self.nodes))
            found.discard(None)
            for node in self.several():
                found.update(self._more[node])
            self._distinct = found  # type: ignore[assignment]  # without None
        return self._distinct  # type: ignore[return-value]

    def of(self, node: str) -> Collection[str]:
        """Give the value nodes of one focus node."""
        value = self._first.get(node)
        return () if value is None else self._more.get(node) or (value,)

    def only(self, node: str) -> str | None:
        """Give the value node of a focus node that has one and no more."""
        return None if node in self._more else self._first.get(node)

    def having(self, values: set[str]) -> set[str]:
        """Give the focus nodes that have any of `values`."""
        if not values:
            return set()
        get = self._first.get
        found = {node for node in self.nodes if get(node) in values}
        found.update(node for node in self.several() if not values.isdisjoint(self._more[node]))
        return found

    def fewer(self, count: int) -> set[str]:
        """Give the focus nodes that have fewer values."""
        if count <= 0:
            return set()
        found = self.nodes.difference(self._first)
        if count > 1:
            found = {node for node in self.nodes if len(self.of(node)) < count}
        return found

    def over(self, count: int) -> set[str]:
        """Give the focus nodes that have more values."""
        if count == 0:
            return {node for node in self.nodes if node in self._first}
        return {node for node in self.several() if len(self._more[node]) > count}

    def lacking(self, value: str) -> set[str]:
        """Give the focus nodes that do not have a value."""
        get, more = self._first.get, self._more
        return {node for node in self.nodes if get(node) != value and value not in more.get(node, ())}

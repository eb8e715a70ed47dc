"""Property paths (SHACL 2.3.1), made into functions once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from functools import partial
from typing import Protocol

from kg.shacl.data import Data, Table
from kg.shacl.graph import NotCompiled, ShapesGraph, sh
from kg.shacl.reads import Reads
from kg.shacl.terms import FIRST, NIL, REST


class Path(Protocol):
    """A way from a node to its values."""

    def values(self, data: Data, node: str) -> Collection[str]:
        """Give the value nodes of one node, each once."""

    def table(self, data: Data, nodes: Collection[str]) -> Table:
        """Give the value nodes of many."""

    def predicates(self, inverse: bool) -> Iterable[str]:
        """Give the predicates that the path follows backwards, or those that it follows forwards."""

    def reads(self, reads: Reads, start: int) -> int:
        """Add the steps of the path; give where they lead."""


class Predicate:
    """One predicate, forwards."""

    def __init__(self, predicate: str) -> None:
        """Take the text of its IRI."""
        self.predicate = predicate

    def values(self, data: Data, node: str) -> Collection[str]:
        """Give the objects."""
        return data.objects(node, self.predicate)

    def table(self, data: Data, nodes: Collection[str]) -> Table:
        """Give the objects of many."""
        return data.table(self.predicate, nodes)

    def predicates(self, inverse: bool) -> Iterable[str]:
        """Give the one predicate."""
        return () if inverse else (self.predicate,)

    def reads(self, reads: Reads, start: int) -> int:
        """Add the one step."""
        return reads.step(start, self.predicate)


class _Walked:
    """A path without a table of its own: each node is walked from."""

    parts: Sequence[Path] = ()

    def values(self, data: Data, node: str) -> Collection[str]:
        raise NotImplementedError

    def table(self, data: Data, nodes: Collection[str]) -> Table:
        """Give the value nodes of many."""
        first: dict[str, str] = {}
        more: dict[str, Sequence[str]] = {}
        for node in nodes:
            values = tuple(self.values(data, node))
            if values:
                first[node] = values[0]
                if len(values) > 1:
                    more[node] = values
        return first, more

    def predicates(self, inverse: bool) -> Iterable[str]:
        """Give the predicates of all parts."""
        return {predicate for part in self.parts for predicate in part.predicates(inverse)}

    def reads(self, reads: Reads, start: int) -> int:
        raise NotImplementedError


class _Inverse(_Walked):
    def __init__(self, predicate: str) -> None:
        self.predicate = predicate

    def values(self, data: Data, node: str) -> Collection[str]:
        return data.subjects(self.predicate, node)

    def predicates(self, inverse: bool) -> Iterable[str]:
        return (self.predicate,) if inverse else ()

    def reads(self, reads: Reads, start: int) -> int:
        return reads.step(start, self.predicate, inverse=True)


class _Sequence(_Walked):
    def __init__(self, parts: Sequence[Path]) -> None:
        self.parts = parts

    def values(self, data: Data, node: str) -> Collection[str]:
        found: Collection[str] = (node,)
        for part in self.parts:
            if len(found) == 1:
                (only,) = found
                found = part.values(data, only)
            else:
                found = {value for each in found for value in part.values(data, each)}
        return found

    def reads(self, reads: Reads, start: int) -> int:
        for part in self.parts:
            start = part.reads(reads, start)
        return start


class _Alternative(_Walked):
    def __init__(self, parts: Sequence[Path]) -> None:
        self.parts = parts

    def values(self, data: Data, node: str) -> Collection[str]:
        return {value for part in self.parts for value in part.values(data, node)}

    def reads(self, reads: Reads, start: int) -> int:
        return reads.either(*(part.reads(reads, start) for part in self.parts))


class _Repeated(_Walked):
    """Any number of times, the node itself included or only where the way comes back to it."""

    def __init__(self, part: Path, with_node: bool) -> None:
        self.parts = (part,)
        self._with_node = with_node

    def values(self, data: Data, node: str) -> Collection[str]:
        (part,) = self.parts
        found = {node} if self._with_node else set()
        waiting = list(part.values(data, node))
        while waiting:
            each = waiting.pop()
            if each not in found:
                found.add(each)
                waiting.extend(part.values(data, each))
        return found

    def reads(self, reads: Reads, start: int) -> int:
        return reads.repeated(start, partial(self.parts[0].reads, reads), self._with_node)


class _Optional(_Walked):
    def __init__(self, part: Path) -> None:
        self.parts = (part,)

    def values(self, data: Data, node: str) -> Collection[str]:
        return {node, *self.parts[0].values(data, node)}

    def reads(self, reads: Reads, start: int) -> int:
        return reads.either(start, self.parts[0].reads(reads, start))


_DEEPEST = 10


def compile_path(graph: ShapesGraph, node: str, inverse: bool = False, depth: int = 0) -> Path:
    """Give the path that a node of a shapes graph stands for.

    As in pyshacl, the inverse of a sequence has its parts turned round, but not their order.

    Raises:
        NotCompiled: it is no path, or pyshacl would give up on it.
    """
    if node[0] == "<":
        return _Inverse(node) if inverse else Predicate(node)
    if node[0] == '"' or depth >= _DEEPEST:
        raise NotCompiled("a path is no path, or is nested too deeply")
    if graph.objects(node, FIRST):
        return _compile_sequence(graph, node, inverse, depth)
    if (inner := graph.one(node, "inversePath")) is not None:
        return compile_path(graph, inner, not inverse, depth + 1)
    if (members := graph.one(node, "alternativePath")) is not None:
        parts = [compile_path(graph, part, inverse, depth + 1) for part in graph.items(members)]
        if len(parts) < 2:
            raise NotCompiled("an alternative path needs two members")
        return _Alternative(parts)
    for name in ("zeroOrMorePath", "oneOrMorePath"):
        if (inner := graph.one(node, name)) is not None:
            return _Repeated(compile_path(graph, inner, inverse, depth + 1), name == "zeroOrMorePath")
    if (inner := graph.one(node, "zeroOrOnePath")) is not None:
        return _Optional(compile_path(graph, inner, inverse, depth + 1))
    raise NotCompiled(f"{node} is no path that SHACL knows")


def _compile_sequence(graph: ShapesGraph, node: str, inverse: bool, depth: int) -> Path:
    members = graph.items(node)
    # Each further member lies one level deeper for pyshacl.
    if depth + len(members) > _DEEPEST or (depth == 0 and len(members) < 2):
        raise NotCompiled("a sequence path has too few members, or too many")
    parts = [compile_path(graph, part, inverse, depth + n + 1) for n, part in enumerate(members)]
    return parts[0] if len(parts) == 1 else _Sequence(parts)


def written(graph: ShapesGraph, node: str) -> str:
    """Give a path as SPARQL writes it.

    Raises:
        NotCompiled: it is no path.
    """
    if node[0] == "<":
        return node
    if graph.objects(node, FIRST) and graph.objects(node, REST) and node != NIL:
        return "(" + "/".join(written(graph, part) for part in graph.items(node)) + ")"
    if (inner := graph.one(node, "inversePath")) is not None:
        return f"^({written(graph, inner)})"
    if (members := graph.one(node, "alternativePath")) is not None:
        return "(" + "|".join(written(graph, part) for part in graph.items(members)) + ")"
    for name, sign in (("zeroOrMorePath", "*"), ("zeroOrOnePath", "?"), ("oneOrMorePath", "+")):
        if repeated := graph.objects(node, sh(name)):
            return f"({written(graph, repeated[0])}){sign}"
    raise NotCompiled(f"{node} is no path")

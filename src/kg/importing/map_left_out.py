"""The sections ``skip`` and ``leave-out`` of a map: rows and columns that are left out, and why."""

from __future__ import annotations

from collections.abc import Iterator

from kg.importing.map_values import Values
from kg.importing.plan import LeaveOut, Skip
from kg.importing.texts import tidy
from kg.nodes import List, Map, Scalar


def skips_of(tree: Map, values: Values) -> Iterator[Skip]:
    """Give the rows that the section ``skip`` leaves out; faults are noted in the fields of `values`."""
    node = tree.get("skip")
    items = node.items if isinstance(node, List) else () if node is None else (node,)
    for item in items:
        if not isinstance(item, Map):
            values.fields.problem(item, "wrong-kind", "write {when: {Column: value}, because: why}")
            continue
        values.fields.known_keys(item, ("when", "because"), "key of rows that are left out")
        because = values.fields.text(item, "because", needed="why these rows are left out")
        when = values.condition(item.get("when"))
        if "when" not in item:
            values.fields.problem(item, "missing-key", "when is missing; write when: {Column: value}")
        if because and when:
            yield Skip(when, tidy(because.text))


def left_out_of(tree: Map, values: Values) -> Iterator[LeaveOut]:
    """Give the columns that the section ``leave-out`` names; faults are noted in the fields of `values`."""
    node = tree.get("leave-out")
    if isinstance(node, Map):
        for name, because in node.entries:
            reason = values.fields.scalar(because, "why it is left out")
            if reason is not None and not values.fields.is_empty(reason, "why it is left out"):
                number = values.column(name)
                yield LeaveOut(frozenset([number]) - {0}, tidy(reason.text))
        return
    for item in node.items if isinstance(node, List) else () if node is None else (node,):
        if isinstance(item, Scalar):
            yield LeaveOut(frozenset([values.column(item)]) - {0}, "the map leaves them out")
        elif isinstance(item, Map):
            yield _left_out(item, values)
        else:
            values.fields.problem(item, "wrong-kind", "write a column, or {column: …, when: …, because: …}")


def _left_out(node: Map, values: Values) -> LeaveOut:
    values.fields.known_keys(node, ("column", "columns", "when", "because"), "key of columns left out")
    columns = [*values.columns(node.get("column")), *values.columns(node.get("columns"))]
    because = values.fields.text(node, "because", needed="why they are left out")
    if "column" not in node and "columns" not in node:
        values.fields.problem(node, "missing-key", "column is missing; write column: and its name")
    return LeaveOut(
        frozenset(columns),
        tidy(because.text if because else ""),
        values.condition(node.get("when")),
    )

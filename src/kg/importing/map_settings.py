"""The section ``table`` of a map: how the table is to be read."""

from __future__ import annotations

from typing import Final

from kg.fields import Fields
from kg.importing.reading import Settings
from kg.importing.texts import fold
from kg.nodes import Map, describe

TABLE_KEYS: Final = (
    "sheet", "sheets", "header", "path", "encoding", "separator", "empty", "clean", "repeated-rows",
)  # fmt: skip


def settings_of(tree: Map, fields: Fields) -> Settings:
    """Give what the section ``table`` says; faults are noted in `fields`."""
    node = tree.get("table")
    if node is None:
        return Settings()
    if not isinstance(node, Map):
        fields.problem(
            node, "wrong-kind", f"found {describe(node)}; table is a mapping of {', '.join(TABLE_KEYS)}"
        )
        return Settings()
    fields.known_keys(node, TABLE_KEYS, "key of table")
    path = fields.words(node, "path") or ""
    empty = fields.texts(node.get("empty"))
    repeats = fields.text(node, "repeated-rows")
    if repeats is not None and repeats.text not in ("once", "apart"):
        message = (
            f"{repeats.text!r} is not known; write repeated-rows: once (they are one), or apart (each counts)"
        )
        fields.problem(repeats, "bad-value", message)
    clean = fields.text(node, "clean")
    return Settings(
        _sheets(node, fields),
        _header(node, fields),
        path,
        fields.words(node, "encoding"),
        _separator(node, fields),
        frozenset(fold(scalar.text) for scalar in empty),
        clean is not None and clean.text.lower() in ("yes", "true"),
        repeats.text if repeats else "",
    )


def _separator(node: Map, fields: Fields) -> str | None:
    scalar = fields.scalar(node.get("separator"), "separator")
    if scalar is not None and len(scalar.text) != 1:
        fields.problem(scalar, "bad-value", 'a separator is one character, such as ";" or "\\t"')
        return None
    return scalar.text if scalar else None


def _sheets(node: Map, fields: Fields) -> tuple[str, ...] | None:
    found = [*fields.texts(node.get("sheet")), *fields.texts(node.get("sheets"))]
    if not found:
        return None
    if [scalar.text for scalar in found] == ["all"] and not found[0].quoted:
        return ()
    return tuple(dict.fromkeys(scalar.text for scalar in found))


def _header(node: Map, fields: Fields) -> int | None:
    scalar = fields.text(node, "header")
    if scalar is not None and scalar.text == "none":
        return 0
    number = fields.number(scalar)
    if number == 0 and scalar is not None:
        fields.problem(scalar, "bad-number", "rows count from 1; write header: none if there is no header")
    return number or None

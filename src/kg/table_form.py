"""Our own table form: which sheets there are, which columns they have, and how a value stands in a cell.

A sheet holds what its name says: assertions, entities, sources, reports or episodes. A row is a record
(`kg.records`), a column one of its keys.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from kg.csv_cells import ERRORS
from kg.escape import for_csv
from kg.fields import NO_LABELS, SPECIAL
from kg.ontology import Ontology

ASSERTIONS: Final = "assertions"
SHEETS: Final = (ASSERTIONS, "entities", "sources", "reports", "episodes")
CLASSES: Final = {"sources": "source", "reports": "report", "episodes": "episode"}
"""What the rows of a sheet are, where it has no column that says it."""
DITTO: Final = ('"', "”", "“", "〃", "″", "〞")
"""What stands alone in a cell to repeat the one above."""
LISTS: Final = frozenset(("subject", "episode", "also", "same-as", "names"))
"""Columns whose cells may hold several values; so may object, where the predicate takes an entity."""

_ENTITIES = ("class", "key", "label", "unnamed", "report", "also", "names", "same-as", "note", "access")
_SOURCES = ("report", "key", "label", "speaker", "basis", "relation", "learned-from", "access")
_REPORTS = (
    "key", "title", "type", "publisher", "published", "language", "url", "archive-url", "retrieved",
    "copied-from", "length", "digest", "access", "note",
)  # fmt: skip
_EPISODES = ("key", "label", "access")
_SAID = ("subject", "predicate", "object")
_TOLD = ("told-by", "report", "start", "end", "digest", "certainty", "polarity", "episode")
RARE: Final = (
    "record", "file", "sheet", "row", "column", "method", "engine", "reviewer", "withdrawn",
    "withdrawal-reason", "withdrawn-by", "corrects",
)  # fmt: skip
"""Columns of assertions that few tables need."""
_CORE: Final = frozenset((*_SAID, "date", *_TOLD, "access", "note"))
NESTED: Final = {
    "length": ("text", "length"),
    "withdrawn": ("withdrawn", "date"),
    "withdrawal-reason": ("withdrawn", "reason"),
    "withdrawn-by": ("withdrawn", "by"),
}
"""Columns whose value stands in a mapping of the record, with the keys of both."""


def columns(sheet: str, ontology: Ontology) -> tuple[str, ...]:
    """Give the columns of a sheet in the order in which they are written."""
    if sheet == "entities":
        return _ENTITIES
    if sheet == "sources":
        return _SOURCES
    if sheet == "reports":
        return _REPORTS
    if sheet == "episodes":
        return _EPISODES
    structural = (*_SAID, *_TOLD, *RARE, "access", "note")
    others = [key for key in ontology.qualifiers if key not in structural]
    dates = [key for key in ("date",) if key in others]
    rest = [key for key in others if key not in dates]
    return (*_SAID, *dates, *rest, *_TOLD, "access", "note", *RARE)


def core_columns(sheet: str, ontology: Ontology) -> tuple[str, ...]:
    """Give the columns that are written even if they are empty."""
    found = columns(sheet, ontology)
    return found if sheet != ASSERTIONS else tuple(key for key in found if key in _CORE)


def nested(sheet: str, column: str) -> tuple[str, str] | None:
    """Give the keys of a mapping and of the value in it, for a column whose value stands in one."""
    if sheet == "reports" and column == "digest":
        return "text", "digest"
    return NESTED.get(column) if sheet in (ASSERTIONS, "reports") else None


def heading(text: str) -> str:
    """Give a heading as it is compared: ``Told by`` is ``told-by``."""
    return re.sub(r"[\s_-]+", "-", text.strip().casefold())


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table of our form: what each row holds stands in cells, and is read as it stands."""

    name: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


# ---------------------------------------------------------------- one value in a cell

_WORDS: Final = frozenset((*SPECIAL, *NO_LABELS, *DITTO, *map(str.lower, ERRORS)))
"""What means something else than itself when it stands alone in a cell."""


def quote(text: str) -> str:
    """Give a text as it stands in a cell: in quotes if it would mean something else, or lose its spaces.

    >>> quote("Aman"), quote("refused"), quote(" a "), quote('"a"'), quote('"refused"')
    ('Aman', '"refused"', '" a "', '"a"', '""refused""')
    """
    return f'"{text}"' if _needs_quotes(text) else text


def unquote(text: str) -> tuple[str, bool]:
    """Give the text that a cell stands for, without spaces around it, and whether it was in quotes.

    Quotes are taken off only where `quote` puts them, so that a title in quotes keeps its own.

    >>> unquote(" Aman "), unquote('"refused"'), unquote('"Herder taken"')
    (('Aman', False), ('refused', True), ('"Herder taken"', False))
    """
    text = text.strip()
    if _is_quoted(text) and _needs_quotes(text[1:-1]):
        return text[1:-1], True
    return text, False


def _is_quoted(text: str) -> bool:
    return len(text) >= 2 and text[0] == text[-1] == '"'


def _needs_quotes(text: str) -> bool:
    while True:
        if not text or text != text.strip() or text.lower() in _WORDS:
            return True
        if not _is_quoted(text):
            return False
        text = text[1:-1]


# ---------------------------------------------------------------- several values in a cell

_ITEM = re.compile(r'\s*(?:"((?:[^"]|"")*)"\s*(?:[;\n]|$)|([^;\n]*)(?:[;\n]|$))')


def join(items: Iterable[str]) -> str:
    """Give several values as they stand in one cell.

    >>> join(["Aman", "Tolek; A."]), join([' "x" '])
    ('Aman; "Tolek; A."', '" ""x"" "')
    """
    return "; ".join(_item(item) for item in items)


def split(text: str) -> list[tuple[str, bool]]:
    """Give the values of a cell, separated by semicolons or line breaks, and whether each was in quotes.

    >>> split('Aman; "Tolek; A.";'), split('"a" b; c')
    ([('Aman', False), ('Tolek; A.', True)], [('"a" b', False), ('c', False)])
    """
    found: list[tuple[str, bool]] = []
    end = 0
    text = text.strip()
    while end < len(text):
        match = _ITEM.match(text, end)
        assert match is not None  # noqa: S101  (both branches can be empty)
        quoted, plain = match[1], match[2]
        if quoted is not None:
            found.append((quoted.replace('""', '"'), True))
        elif plain.strip():
            found.append((plain.strip(), False))
        end = match.end()
    return found


def _item(text: str) -> str:
    plain = text == text.strip() and text[:1] not in ("", '"') and not set(text) & set(";\n")
    if plain and text not in DITTO and text not in ERRORS:
        return text
    doubled = text.replace('"', '""')
    return f'"{doubled}"'


# ---------------------------------------------------------------- what looks like a formula


def guard(text: str, *, workbook: bool = False) -> str:
    """Give a cell of a CSV that no spreadsheet takes for a formula; `unguard` gives the cell back.

    In a workbook a text is no formula, so there only what looks guarded already needs it.

    >>> guard("=1+1"), guard("'=1+1"), guard("'a"), guard("-5")
    ("'=1+1", "''=1+1", "'a", '-5')
    """
    return f"'{text}" if _is_guarded(text if workbook else f"'{text}") else text


def unguard(text: str) -> str:
    """Give what stood in the cell before `guard`.

    >>> unguard("'=1+1"), unguard("''=1+1"), unguard("'a")
    ('=1+1', "'=1+1", "'a")
    """
    return text[1:] if _is_guarded(text) else text


def _is_guarded(text: str) -> bool:
    """Tell whether it is a formula behind one apostrophe or more."""
    if not text.startswith("'"):
        return False
    bare = text.lstrip("'")
    return for_csv(bare) != bare

"""What stands in the columns of a table, as far as it can be counted: the ground of a first map."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from kg import quantities
from kg.cells import Kind
from kg.importing.dateforms import EDTF, Form, read_date
from kg.importing.reading import SEVERAL, Table
from kg.importing.texts import fold, slug, tidy

MAX_DIFFERENT: Final = 100_000
"""Different texts of a column that are counted."""
FORMS: Final = (
    "edtf", "Y", "D/M/Y", "M/D/Y", "D.M.Y", "D-M-Y", "M-D-Y", "Y/M/D", "Y.M.D", "YYYYMMDD", "M/Y", "Y-M",
    "Y/M",
    "Month D, Y", "D Month Y", "Month Y", "D-Month-Y", "Y年M月D日", "Y年M月", "Y年",
)  # fmt: skip
"""Forms of dates that are tried, in the order in which a map lists them."""
_BLANKS: Final = ("-", "--", "–", "—", ".", "n/a", "na", "n.a.", "nil", "null", "#n/a")
_MIRRORED: Final = (("D/M/Y", "M/D/Y"), ("D-M-Y", "M-D-Y"))
_ALL: Final = tuple(Form.of(form) for form in FORMS if form not in ("M/D/Y", "M-D-Y"))
_SAMPLE: Final = 200
"""Texts of a column of which one at least is a date, if any are."""
_MOST: Final = 2_000
"""Texts of a column, the most frequent, whose form is looked at; the rest is of the same kind."""


@dataclass(slots=True)
class Column:
    """One column; `texts` are its different texts with how often each stands there, empty ones left out."""

    number: int
    name: str
    texts: Counter[str] = field(default_factory=Counter)
    filled: int = 0
    dates: int = 0
    """Cells that a spreadsheet holds as dates."""
    rows: list[int] = field(default_factory=list)
    """Indices of the rows that are filled."""
    _forms: DateForms | None = None

    @property
    def is_unique(self) -> bool:
        """Tell whether no text stands twice."""
        return self.filled == len(self.texts)

    def sample(self, most: int = _MOST) -> list[str]:
        """Give the most frequent texts, in a fixed order."""
        return sorted(self.texts, key=lambda text: (-self.texts[text], text))[:most]

    def share(self, fits: Sequence[str]) -> float:
        """Give which part of the cells of the sample has one of the texts."""
        of = sum(self.texts[text] for text in self.sample())
        return sum(self.texts[text] for text in fits) / of if of else 0.0

    def examples(self, most: int = 3) -> str:
        """Give the most frequent texts, for a comment."""
        return ", ".join(repr(text[:40]) for text in self.sample(most))

    def matching(self, pattern: str) -> list[str]:
        """Give the texts that a regular expression fits as a whole."""
        return [
            text for text in self.sample() if len(text) < 200 and re.fullmatch(pattern, text, re.IGNORECASE)
        ]

    @property
    def blanks(self) -> list[str]:
        """Give the texts that stand where nothing is known: dashes, ``N/A``."""
        return sorted(text for text in self.texts if text.casefold() in _BLANKS)

    def variants(self) -> dict[str, str]:
        """Give the rarer of texts that differ in case, width or marks only, with the most frequent one."""
        groups: dict[str, list[str]] = {}
        for text in self.texts:
            groups.setdefault(slug(fold(text)) or text, []).append(text)
        found = {}
        for texts in groups.values():
            best = min(texts, key=lambda text: (-self.texts[text], text))
            found.update({text: best for text in sorted(texts) if text != best})
        return found

    def script(self) -> str:
        """Give ``Han`` or ``Arab`` if most letters are of that script, else ''."""
        letters = [c for text in list(self.texts)[:200] for c in text if c.isalpha()]
        for word, name in (("CJK", "Han"), ("ARABIC", "Arab")):
            if letters and sum(word in unicodedata.name(c, "") for c in letters) > len(letters) / 2:
                return name
        return ""


def columns(table: Table) -> list[Column]:
    """Give all columns of a table."""
    found = [Column(number, name) for number, name in enumerate(table.columns, 1)]
    for index, row in enumerate(table.rows):
        for column, raw, kind in zip(found, row.texts, row.kinds, strict=False):
            text = tidy(raw.replace(SEVERAL, "; "))
            if text:
                column.filled += 1
                column.rows.append(index)
                column.dates += kind == Kind.DATE.value
                if len(column.texts) < MAX_DIFFERENT or text in column.texts:
                    column.texts[text] += 1
    return found


def separator(column: Column) -> str | None:
    """Give what stands between several values of one cell, if their parts stand alone elsewhere."""
    for mark in (";", "|", "/", ",", "、"):
        joined = [text for text in column.texts if mark in text.strip(mark)]
        alone = {fold(text) for text in column.texts if mark not in text}
        parts = {fold(part) for text in joined for part in text.split(mark) if part.strip()}
        if joined and (mark in ";|" or len(parts & alone) >= max(2, len(parts) / 2)):
            return mark
    return None


def terms(column: Column) -> list[str]:
    """Give the texts that can be read as terms."""
    return [text for text in column.sample() if _reads(quantities.parse_term, text)]


@dataclass(frozen=True, slots=True)
class DateForms:
    """The forms that a column's dates have; `either` are two of which nobody can tell which is meant."""

    forms: tuple[str, ...]
    read: tuple[str, ...]
    either: tuple[str, str] | None = None


def date_forms(column: Column) -> DateForms:
    """Give the forms of dates that a column needs, and the texts that they read."""
    if column._forms is None:
        column._forms = _date_forms(column)
    return column._forms


def _date_forms(column: Column) -> DateForms:
    if not any(_reads(lambda t: read_date(t, _ALL), text) for text in list(column.texts)[:_SAMPLE]):
        return DateForms((), ())
    by_form = {form: _readable(column, form) for form in FORMS}
    either = None
    for first, second in _MIRRORED:
        only_first, only_second = by_form[first] - by_form[second], by_form[second] - by_form[first]
        both = by_form[first] & by_form[second]
        if only_second and not only_first:
            by_form[first] = set()
        elif only_first and not only_second:
            by_form[second] = set()
        elif both:
            either = (first, second)
            by_form[second] = set()
    chosen: list[str] = []
    covered: set[str] = set()
    for form in sorted(by_form, key=lambda name: (-len(by_form[name]), FORMS.index(name))):
        if by_form[form] - covered:
            chosen.append(form)
            covered |= by_form[form]
    chosen.sort(key=FORMS.index)
    return DateForms(tuple(chosen), tuple(sorted(covered)), either)


def _readable(column: Column, form: str) -> set[str]:
    known = Form.of(form)
    return {
        text
        for text in column.sample()
        if _reads(lambda t: read_date(t, [known]), text) and (form != EDTF or not text.isdigit())
    }


def _reads(read: object, text: str) -> bool:
    assert callable(read)  # noqa: S101
    try:
        read(text)
    except ValueError:
        return False
    return True

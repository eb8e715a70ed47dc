"""Empty tables in our own form, for people to fill: headers with notes, and lists to choose from."""

from __future__ import annotations

import datetime
import io
import json
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any, Final

from kg import columns as letters
from kg.cells import MAX_ROW
from kg.namespaces import (
    XSD_ANY_URI,
    XSD_BOOLEAN,
    XSD_DATE,
    XSD_DECIMAL,
    XSD_INTEGER,
    XSD_NON_NEGATIVE,
    XSD_STRING,
)
from kg.ontology import Ontology, Property
from kg.schema import schema
from kg.table_files import WIDTHS, csv_bytes
from kg.table_form import ASSERTIONS, RARE, SHEETS, Sheet, columns
from kg.terms import KG

GUIDE: Final = "#how to"
"""The sheet that says how the others are filled; reading leaves it out, as every name that begins with #."""
PREDICATES: Final = "#predicates"
CLASSES: Final = "#classes"

RULES: Final = (
    "A row of assertions says one thing: of whom (subject), which statement (predicate), and what (object).",
    "Everything has a key, such as aman-tolek: letters and digits joined by hyphens. The sheet entities says "
    "whom or what each key stands for; sources, who told it; reports, where it was published.",
    "Whoever has no name in a report is described in the column unnamed, not in label, "
    "and belongs to that report.",
    "object: a key, or a value such as 5 years. The words unknown, none-given and refused "
    "say what they mean.",
    "date: as it was said: 2017, 2017-05, 2017-05-14, 2017-05~ (about), 2017-05-01/2017-06-30 (from, to).",
    "start, end, digest: where in the report it is said; kg cite FILE WORDS prints them.",
    "told-by: the key of a source of that report; empty for the publisher itself.",
    "Several keys stand in one cell with ; between them: aman-tolek; bek-tolek "
    "(subject, episode, also, names, same-as, and object if it is a key).",
    'A cell that holds nothing but " repeats the cell above. An empty cell is empty. '
    "Merged cells hold for every row that they span.",
    "A word that would mean something else stands in quotes: "
    'a person called "Unknown", the answer "refused".',
    "If a workbook has one report, the column report can be left out.",
    "Columns whose heading begins with #, and sheets whose name does, are yours: they are left out.",
    "access: public or restricted; what has no mark is as the report is, or as kg.toml says. A source can be "
    "withheld: what it told is published, and who it was is not.",
)
"""How to fill the form."""

_OWN_NOTES: Final[Mapping[str, str]] = {
    "subject": "the key of who or what the row speaks of, or several with ; between them",
    "predicate": "the statement; the sheet #predicates says what each means",
    "object": "a key or a value, as the predicate wants it; or unknown, none-given, refused",
    "report": "the key of the report that says it; of entities: only for those without a name",
    "class": "what it is; the sheet #classes says what each means",
    "key": "the short name by which other rows call it: letters and digits joined by hyphens",
    "names": "names in other languages, such as kk: Аман; ru: Аман",
    "length": "characters of the whole text, as kg cite FILE prints them",
    "note": "published as it stands; a private remark goes into a column whose heading begins with #",
    "withdrawn": "the day since which it no longer counts",
    "withdrawal-reason": "why it no longer counts",
    "withdrawn-by": "initials of who decided that",
}


def xlsx(ontology: Ontology, choices: Mapping[str, tuple[str, ...]], filled: Sequence[Sheet] = ()) -> bytes:
    """Give the form as an Excel workbook; `filled` are sheets of it that have rows already.

    `choices` are the closed vocabularies, by property IRI (`kg.ontology.closed_values`).
    """
    written = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book: Any = import_module("xlsxwriter").Workbook(written, options)
    # Without it, the workbook would say when it was written.
    book.set_properties({"title": "Reported facts", "created": datetime.datetime(2000, 1, 1)})
    form = _Form(book, ontology, choices)
    rows = {sheet.name: sheet for sheet in filled}
    for name in SHEETS:
        form.add(name, rows.get(name))
    form.add_guides()
    book.close()
    return written.getvalue()


def csv_files(ontology: Ontology, name: str) -> dict[str, bytes]:
    """Give the form as CSV files by name, headers alone: ``NAME.csv`` holds assertions."""
    found = {}
    for sheet in SHEETS:
        end = "" if sheet == ASSERTIONS else f".{sheet}"
        found[f"{name}{end}.csv"] = csv_bytes(Sheet(sheet, columns(sheet, ontology), ()))
    return found


class _Form:
    """A workbook that is being filled with the sheets of the form."""

    def __init__(self, book: Any, ontology: Ontology, choices: Mapping[str, tuple[str, ...]]) -> None:
        self._book = book
        self._ontology = ontology
        self._choices = choices
        self._notes = _notes(ontology, choices)
        self._head = book.add_format({"bold": True, "bottom": 1, "num_format": "@"})
        self._text = book.add_format({"num_format": "@"})
        self._wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        self._bold = book.add_format({"bold": True, "bottom": 1, "valign": "top"})

    def add(self, name: str, filled: Sheet | None) -> None:
        """Add a sheet with header, notes, lists to choose from, and rows."""
        page = self._book.add_worksheet(name)
        header = columns(name, self._ontology)
        for column, key in enumerate(header):
            # Folded away, and read nevertheless.
            rare = {"level": 1, "hidden": True} if name == ASSERTIONS and key in RARE else {}
            page.set_column(column, column, WIDTHS.get(key, 15), self._text, rare)
            page.write_string(0, column, key, self._head)
            if note := self._notes.get((name, key)):
                page.write_comment(0, column, note, {"x_scale": 2, "y_scale": 1.2})
            if rule := self._rule(name, key):
                page.data_validation(1, column, MAX_ROW - 1, column, rule)
        place = {key: column for column, key in enumerate(header)}
        for number, row in enumerate(filled.rows if filled else (), 1):
            for key, text in zip(filled.header if filled else (), row, strict=True):
                if text:
                    page.write_string(number, place[key], text, self._text)
        page.freeze_panes(1, 1 if name == ASSERTIONS else 2)

    def _rule(self, sheet: str, key: str) -> dict[str, Any] | None:
        """Give what a spreadsheet offers; whoever types something else is asked, not stopped."""
        source, closed = self._list(sheet, key)
        if not source:
            return None
        return {
            "validate": "list",
            "source": source,
            "show_error": closed,
            "error_type": "warning",
            "error_title": key,
            "error_message": f'{key} is none of these; a cell with nothing but " repeats the one above.',
        }

    def _list(self, sheet: str, key: str) -> tuple[list[str] | str, bool]:
        """Give a list, or where one stands, and whether there is no other value."""
        if key == "access":
            return ["public", "restricted", *(["withheld"] if sheet == "sources" else [])], True
        if key == "predicate":
            return f"='{PREDICATES}'!$A$2:$A${len(self._ontology.predicates) + 1}", True
        if key == "class":
            return f"='{CLASSES}'!$A$2:$A${len(self._ontology.classes) + 1}", True
        if key in _CLOSED:
            return list(self._choices.get(_CLOSED[key], ())), True
        if key in _REFERS and not (sheet == "reports" and key == "key"):
            other = _REFERS[key]
            column = letters.letters(columns(other, self._ontology).index("key") + 1)
            return f"={other}!${column}$2:${column}$5000", False
        return [], False

    # ------------------------------------------------------------ guides

    def add_guides(self) -> None:
        """Add the sheets that explain the others."""
        predicates = [
            (p.key, p.definition, self._of(p.domain), self._takes(p))
            for p in self._ontology.predicates.values()
        ]
        self._guide(
            PREDICATES, ("predicate", "what it says", "subject", "object"), predicates, (22, 90, 24, 38)
        )
        classes = [(c.key, c.definition) for c in self._ontology.classes.values()]
        self._guide(CLASSES, ("class", "what it is"), classes, (22, 100))
        self._guide(GUIDE, ("How to fill the sheets",), [(rule,) for rule in RULES], (120,))

    def _guide(
        self, name: str, header: Sequence[str], rows: Sequence[Sequence[str]], widths: Sequence[int]
    ) -> None:
        page = self._book.add_worksheet(name)
        page.set_tab_color("#9AA5B1")
        page.freeze_panes(1, 0)
        for column, (text, width) in enumerate(zip(header, widths, strict=True)):
            page.set_column(column, column, width, self._wrapped)
            page.write_string(0, column, text, self._bold)
        for number, row in enumerate(rows, 1):
            lines = max(-(-len(text) // width) for text, width in zip(row, widths, strict=True))
            page.set_row(number, 15 * max(lines, 1))  # not every program makes room for wrapped text
            for column, text in enumerate(row):
                page.write_string(number, column, text, self._wrapped)

    def _of(self, class_iri: str) -> str:
        return self._ontology.labels.get(class_iri, class_iri.rpartition("#")[2])

    def _takes(self, predicate: Property) -> str:
        if predicate.takes_entity:
            return f"the key of: {self._of(predicate.range)}"
        examples = self._ontology.examples.get(predicate.range, ())
        if examples:
            return f"a value, such as {examples[0]}"
        return _VALUES.get(predicate.range, f"a value: {self._of(predicate.range)}")


_VALUES: Final[Mapping[str, str]] = {
    XSD_STRING: "a text",
    XSD_INTEGER: "a whole number",
    XSD_NON_NEGATIVE: "a whole number from 0 up",
    XSD_DECIMAL: "a number",
    XSD_BOOLEAN: "yes or no",
    XSD_DATE: "a day, such as 2017-05-14",
    XSD_ANY_URI: "an IRI",
}
_CLOSED: Final[Mapping[str, str]] = {
    "polarity": KG.polarity,
    "certainty": KG.certainty,
    "method": KG.method,
    "basis": KG.basis,
    "withdrawal-reason": KG.withdrawalReason,
}
_REFERS: Final[Mapping[str, str]] = {
    "subject": "entities",
    "speaker": "entities",
    "publisher": "entities",
    "told-by": "sources",
    "learned-from": "sources",
    "report": "reports",
    "copied-from": "reports",
    "episode": "episodes",
}
"""Columns that hold keys, and the sheet that describes them."""


def _notes(ontology: Ontology, choices: Mapping[str, tuple[str, ...]]) -> dict[tuple[str, str], str]:
    """Give what each column is for, by sheet and column, as the editor schema says it."""
    document = json.loads(schema(ontology, choices))
    sections = document["properties"]
    block = sections["assertions"]["items"]["properties"]
    found: dict[tuple[str, str], str] = {}
    for sheet, properties in (
        (ASSERTIONS, {**block["evidence"]["properties"], **block}),
        ("entities", document["definitions"]["entity"]["properties"]),
        ("sources", sections["sources"]["additionalProperties"]["properties"]),
        (
            "reports",
            {**sections["report"]["properties"]["text"]["properties"], **sections["report"]["properties"]},
        ),
        ("episodes", sections["episodes"]["additionalProperties"]["properties"]),
    ):
        for key in columns(sheet, ontology):
            said = properties.get(key, {})
            reference = str(said.get("$ref", "")).rpartition("/")[2]
            said = document["definitions"].get(reference, said)
            found[sheet, key] = _OWN_NOTES.get(key) or str(said.get("description", ""))
    return found

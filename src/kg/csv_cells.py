"""CSV and TSV as spreadsheets write them: which encoding, which separator, and the cells."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from kg.cells import MAX_AREA, MAX_COLUMN, Row, row_of
from kg.problems import KgError, LimitError

MAX_CELL: Final = 1_000_000
"""Characters of one cell."""
SEPARATORS: Final = (",", ";", "\t", "|")

_BOMS: Final = (  # UTF-32 first: its little-endian mark begins with that of UTF-16
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
ERRORS: Final = frozenset(
    ("#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!", "#SPILL!", "#CALC!", "#FIELD!")
)
"""What spreadsheets write in place of a result."""
_HINT = re.compile(r"sep=([^\r\n])\r?\n?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Text:
    """The text of a CSV; `guessed` names the encoding if nothing in the file says it."""

    text: str
    guessed: str = ""


class FaultyCsvError(KgError):
    """A place in the file at which it is no CSV; `row` and `column` count from 1."""

    def __init__(self, row: int, column: int, code: str, message: str) -> None:
        """Say where, and what is wrong."""
        super().__init__(row, column, code, message)
        self.row, self.column, self.code, self.message = row, column, code, message

    def __str__(self) -> str:
        """Give the message."""
        return self.message


def decode(data: bytes, encoding: str | None = None) -> Text:
    """Give the text of a file: by its mark, by `encoding`, as UTF-8, or as what it can only be.

    Without a mark and a name, what is not UTF-8 is read as Windows-1252 where all Latin code pages of
    Windows read it alike, as with ``Jürgen``; else nobody but its author knows.

    Raises:
        FaultyCsvError: it is not text in that encoding, or in none that can be told.
        KgError: there is no such encoding.
    """
    for mark, name in _BOMS:
        if data.startswith(mark):
            return Text(_decoded(data, name))
    if encoding is not None:
        return Text(_decoded(data, _known(encoding)))
    if wide := _wide(data):
        return Text(_decoded(data, wide), wide)
    try:
        return Text(data.decode("utf-8"))
    except UnicodeDecodeError as error:
        text = _western(data)
        if text is None:
            raise _not_utf8(data, error.start) from error
        return Text(text, "Windows-1252")


def separator(text: str, name: str) -> str:
    """Give what separates the cells, by the first row that holds something; a TSV is one by its name."""
    hint = _HINT.match(text)
    if hint:
        return hint[1]
    if name.lower().endswith((".tsv", ".tab")):
        return "\t"
    counts = [_outside_quotes(text, mark) for mark in SEPARATORS]
    return SEPARATORS[counts.index(max(counts))]


def rows(text: str, mark: str) -> Iterator[Row]:
    """Give the rows that hold something, numbered as a spreadsheet would.

    Raises:
        FaultyCsvError: a quote is not closed, or text follows a closed one.
        LimitError: there are more cells than are read, or longer ones.
    """
    hint = _HINT.match(text)
    stream = io.StringIO(text[hint.end() :] if hint else text, newline="")
    if csv.field_size_limit() < MAX_CELL:
        csv.field_size_limit(MAX_CELL)
    reader = csv.reader(stream, delimiter=mark, strict=True)
    number = area = 0
    try:
        for number, texts in enumerate(reader, 1):
            area += len(texts) or 1
            if area > MAX_AREA:
                raise LimitError(f"the table holds more than {MAX_AREA:,} cells, the limit; divide it")
            if len(texts) > MAX_COLUMN:
                raise LimitError(f"row {number} has {len(texts):,} cells, and {MAX_COLUMN:,} is the limit")
            if (row := row_of(number, texts, "".join([_kind(cell) for cell in texts]))) is not None:
                yield row
    except csv.Error as error:
        raise _faulty(error, number + 1) from error


def _kind(text: str) -> str:
    if not text:
        return " "
    return "e" if text[0] == "#" and text in ERRORS else "t"


def _faulty(error: csv.Error, row: int) -> FaultyCsvError:
    said = str(error)
    if "field larger" in said:
        message = (
            f"a cell of this row has more than {MAX_CELL:,} characters; a quote that is not closed does that"
        )
    elif "unexpected end" in said:
        message = 'a quote that opens in this row is never closed; close it, or write it twice: ""'
    elif "expected after" in said:
        message = 'text follows a quote that closes; a quote inside a text in quotes is written twice: ""'
    else:
        message = f"this row is no CSV: {said}"
    return FaultyCsvError(row, 1, "csv-syntax", message)


# ---------------------------------------------------------------- encodings


def _known(encoding: str) -> str:
    try:
        name = codecs.lookup(encoding).name
        "".encode(name)
    except (LookupError, ValueError) as error:
        raise KgError(f"no encoding is called {encoding!r}; try utf-8, cp1252 or cp1251") from error
    return "utf-8-sig" if name == "utf-8" else name


def _decoded(data: bytes, name: str) -> str:
    try:
        return data.decode(name)
    except UnicodeDecodeError as error:
        raise FaultyCsvError(
            *_place(data[: error.start]),
            "encoding",
            f"the bytes {data[error.start : error.end][:4].hex(' ')} are no {name.upper()}; "
            "save the file again as CSV UTF-8",
        ) from error


def _wide(data: bytes) -> str | None:
    """Give UTF-16 without a mark, by the NULs that stand beside its ASCII letters."""
    sample = data[:4096]
    if b"\0" not in sample:
        return None
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if max(even, odd) * 4 < len(sample):
        return None
    return "utf-16-le" if odd > even else "utf-16-be"


_LATIN: Final = ("cp1250", "cp1254", "cp1257")
_LETTER = r"[^\W\d_]"
_ODD = re.compile(
    rf"{_LETTER}(?=[^\x00-\x7f])[^\w’]{_LETTER}"  # a sign within a word
    r"|[\u0080-\u009f]"
    r"|[^\x00-\x7f\W\d_]{3}"  # no ASCII letter among three: another alphabet
)


def _western(data: bytes) -> str | None:
    """Give the text if every Latin code page of Windows reads the same, and the result looks like words."""
    try:
        text = data.decode("cp1252")
        if any(data.decode(page) != text for page in _LATIN):
            return None
    except UnicodeDecodeError:
        return None
    return None if _ODD.search(text) else text


def _not_utf8(data: bytes, index: int) -> FaultyCsvError:
    word = re.search(rb"[^\s,;|]{0,20}$", data[:index])
    rest = re.match(rb"[^\s,;|]{1,20}", data[index:])
    found = (word[0] if word else b"") + (rest[0] if rest else b"")
    said = ", ".join(
        f"{found.decode(page)!r} as {page}"
        for page in ("cp1252", "cp1250", "cp1251", "mac_roman")
        if _reads(found, page)
    )
    perhaps = f" It would be {said}." if said else ""
    return FaultyCsvError(
        *_place(data[:index]),
        "encoding",
        f"the byte 0x{data[index]:02X} is not UTF-8, and nothing tells what it is.{perhaps} "
        "Save the file again as CSV UTF-8",
    )


def _reads(data: bytes, page: str) -> bool:
    try:
        return data.decode(page).isprintable()
    except UnicodeDecodeError:
        return False


def _place(before: bytes) -> tuple[int, int]:
    """Give row and cell, near enough for a file that cannot be read."""
    line = before.rpartition(b"\n")[2]
    return before.count(b"\n") + 1, len(re.findall(rb"[,;\t|]", line)) + 1


# ---------------------------------------------------------------- separators


def _outside_quotes(text: str, mark: str) -> int:
    """Count `mark` in the first row that holds something, quotes and what is in them left out."""
    for match in re.finditer(r'(?:"(?:[^"]|"")*"|[^"\r\n])+', text[:1_000_000]):
        line = re.sub(r'"(?:[^"]|"")*"', "", match[0])
        if match[0].strip():
            return line.count(mark)
    return 0

"""The first look at all lines: how many there are, and which of them the others hang on."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from kg import nodes, records
from kg.bulk.plain import Plain, plain
from kg.bulk.ranges import Input, Range, read
from kg.fields import Fields
from kg.model import SILENT_REASONS
from kg.problems import Location

_MARKS: Final = (b'"class"', b'"corrects"', *(f'"{reason}"'.encode() for reason in sorted(SILENT_REASONS)))
_ESCAPED: Final = (b"\\u006", b"\\u007")
"""How the letters a to z begin where they are escaped."""
_decode = msgspec.json.Decoder().decode


@dataclass(frozen=True, slots=True)
class Scan:
    """What a range holds; numbers of lines count from 0 at the beginning of the range."""

    count: int
    described: tuple[tuple[int, bytes | Plain], ...]
    """Lines that describe something, by number."""
    hanging: tuple[tuple[int, int], ...]
    """Number and first byte of lines that withdraw without a trace, or correct another assertion."""


def scan(inputs: list[Input], of: Range) -> Scan:
    """Look at the lines of a range."""
    lines = read(inputs[of.input], of)
    described, hanging = [], []
    number = position = 0
    for start, end in _marked(lines.data):
        number += lines.data.count(b"\n", position, start)
        position = start
        line = lines.data[start:end]
        found = decoded(line)
        if found.get("class") is not None:
            simple = None if _search_odd(line) else plain(line, found)
            described.append((number, simple or line))
        elif "corrects" in found or "withdrawn" in found:
            hanging.append((number, lines.offset + start))
    return Scan(lines.count, tuple(described), tuple(hanging))


def decoded(line: bytes) -> Mapping[str, Any]:
    """Give the top of the object on a line; nothing if there is none that could be used."""
    try:
        found = _decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        # What this decoder refuses the exact one may take, such as a number of any size.
        record = records.from_json_line(line, Location("", 0, 0), Fields())
        return {} if record is None else {key.text: value for key, value in record.entries}
    return found if isinstance(found, dict) else {}


def _marked(data: bytes) -> Iterator[tuple[int, int]]:
    """Give start and end of each line that holds one of the marks, in order."""
    lines: set[tuple[int, int]] = set()
    for mark in (*_MARKS, *_ESCAPED) if b"\\" in data else _MARKS:
        position = data.find(mark)
        while position >= 0:
            start = data.rfind(b"\n", 0, position) + 1
            end = data.find(b"\n", position)
            if end < 0:
                end = len(data)
            lines.add((start, end))
            position = data.find(mark, end)
    return iter(sorted(lines))


# ---------------------------------------------------------------- what the fast decoder takes and no seed holds

_ESCAPES: Final = (b"\\u", b"\\b", b"\\f")
# With blanks before colons, keys cannot be counted by these.
_SINGLE: Final = (b"\x7f", b"\t", b"\r")
# Each begins with one certain byte, for which the search is fast.
_searches_everywhere: Final = tuple(re.compile(pattern).search for pattern in (rb"-0[,} \t\r\n]", rb" [ :]"))
_UNFIT: Final = (
    rb"\xc2[\x80-\x9f]",
    rb"\xe2(?:\x80[\xaa-\xae]|\x81[\xa6-\xa9])",
    rb"\xef(?:\xbb\xbf|\xbf[\xbe\xbf])",
)
_searches: Final = tuple(re.compile(pattern).search for pattern in _UNFIT)
_search_odd: Final = re.compile(rb"\x7f|-0[,} \t\r\n]|" + b"|".join(_UNFIT)).search

_search_apart: Final = re.compile(rb'"[ \t\r]+:').search


def is_suspect(data: bytes) -> bool:
    """Tell whether the lines of `data` have to be looked at one by one: for controls, and for zeros with a sign."""
    if any(byte in data for byte in _SINGLE) or any(search(data) for search in _searches_everywhere):
        return True
    if b"\\" in data and any(escape in data for escape in _ESCAPES):
        return True
    return not data.isascii() and any(search(data) for search in _searches)


def is_odd(line: bytes, values: Mapping[str, Any]) -> bool:
    """Tell whether a line holds what no seed may hold, or a number that is not written as it was decoded."""
    if _search_odd(line) or (_search_apart(line) and not stand_once(line)):
        return True
    return b"\\" in line and nodes.unfit("\n".join(_texts(values.values()))) is not None


def _texts(values: Iterable[Any]) -> Iterator[str]:
    for value in values:
        if value.__class__ is str:
            yield value
        elif value.__class__ is list:
            yield from _texts(value)


def stand_once(line: bytes) -> bool:
    """Tell whether each key of an object stands in it once."""
    try:
        json.loads(line, object_pairs_hook=_count)
    except (ValueError, RecursionError):
        return False
    return True


def _count(pairs: list[tuple[str, Any]]) -> None:
    if len(dict(pairs)) < len(pairs):
        raise ValueError("a key stands twice")

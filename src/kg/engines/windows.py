"""A long text in pieces that overlap, so that nothing said across a border is missed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

SIZE = 8_000
"""Characters of a window: with instructions and answer, a small model reads it at once."""
OVERLAP = 1_000
"""Characters at most that a window shares with the one before it: a long paragraph."""
SMALLEST = 1_500
"""Characters of the smallest half that a window is cut into."""

_PARAGRAPH = re.compile(r"\n[ \t]*\n\s*")
_SENTENCE = re.compile(r"[.!?…؟۔]['\"’”»)\]]*\s+|[。！？][」』”]?\s*")
_LINE = re.compile(r"\n")
_WORD = re.compile(r"\s+")
_BORDERS = (_PARAGRAPH, _SENTENCE, _LINE, _WORD)
"""Where to cut, the best first."""


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """Characters of a text from `start` up to `end` (excluded)."""

    start: int
    end: int


def windows(text: str, size: int = SIZE, overlap: int = OVERLAP) -> Iterator[Window]:
    """Give the windows of `text`, in order, each overlapping the one before it.

    They begin and end at the end of a paragraph, else of a sentence, else of a line, else of a word; where
    there is none within reach, as in ten megabytes without a space, the cut is made anyway. White space alone
    has no window.

    Raises:
        ValueError: the overlap is negative or more than a third of the size.
    """
    if size < 1 or not 0 <= overlap * 3 <= size:
        raise ValueError(f"windows of {size} characters cannot overlap by {overlap}")
    start = 0
    while start < len(text):
        end = len(text) if len(text) - start <= size else _last(text, start + size - size // 4, start + size)
        if text[start:end].strip():
            yield Window(start, end)
        if end == len(text):
            return
        start = _first(text, end - overlap, end - overlap // 2)


def halves(text: str, window: Window) -> tuple[Window, ...]:
    """Give the two halves of a window, which overlap; none if it is small already."""
    length = window.end - window.start
    if length < 2 * SMALLEST:
        return ()
    middle = window.start + length // 2
    reach = min(OVERLAP, length // 4) // 2
    end = _last(text, middle + reach // 2, middle + reach)
    start = _first(text, middle - reach, middle - reach // 2)
    both = (Window(window.start, end), Window(start, window.end))
    return tuple(half for half in both if text[half.start : half.end].strip())


def _last(text: str, low: int, high: int) -> int:
    """Give the last border of the best kind after `low`, up to `high`; without one, `high`."""
    piece = text[low:high]
    for kind in _BORDERS:
        at = max((match.end() for match in kind.finditer(piece)), default=0)
        if at:
            return low + at
    return high


def _first(text: str, low: int, high: int) -> int:
    """Give the first border of the best kind after `low`, up to `high`; without one, `low`."""
    for kind in _BORDERS:
        if found := kind.search(text, low, high):
            return found.end()
    return low

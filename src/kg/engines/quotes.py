"""Where a quote stands in a text: exactly, at one place, or not at all; never by likeness."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

MOST_PLACES = 1_000
"""How many places of the same words are compared; more are ambiguous whatever is said of them."""


class QuoteError(ValueError):
    """The words do not stand in the text as claimed."""


class InventedError(QuoteError):
    """The words stand nowhere in the text."""


class ElsewhereError(QuoteError):
    """The words stand in the text, and not where they were said to."""


class AmbiguousError(QuoteError):
    """The words stand at several places, and nothing says which is meant."""


def place(text: str, quote: str, *, start: int | None = None, before: str = "", near: str = "") -> int:
    """Give where `quote` begins in `text`.

    `start` is where it was said to begin, and `before` what was said to stand directly before it; either has
    to be true. Of several places, the one nearest to the only mention of `near` counts.

    >>> place("Aman was taken. Bolat was taken.", "was taken", near="Bolat")
    22

    Raises:
        InventedError: it stands nowhere, or is empty.
        ElsewhereError: it stands elsewhere than claimed.
        AmbiguousError: it stands at several places.
    """
    places = list(islice(_places(text, quote), MOST_PLACES)) if quote else []
    if start is not None and start >= 0 and quote and text.startswith(quote, start):
        places = [start]
    elif not places:
        raise InventedError
    elif start is not None:
        raise ElsewhereError
    if before:
        places = [at for at in places if text.endswith(before, 0, at)]
        if not places:
            raise ElsewhereError
    return places[0] if len(places) == 1 else _nearest(text, len(quote), places, near)


def mentions(text: str, name: re.Pattern[str], start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield where a name begins and ends in a part of `text`: as words of its own, no ``Aman`` in ``Amanda``.

    Only letters that have capitals, and digits, can make one word of two; Chinese has no space to show it.
    """
    for found in name.finditer(text, start, end):
        first, last = found.span()
        before, after = text[max(first - 1, 0) : first], text[last : last + 1]
        if not (_joins(before, text[first : first + 1]) or _joins(text[last - 1 : last], after)):
            yield first, last


def _joins(one: str, other: str) -> bool:
    return (_is_cased(one) and _is_cased(other)) or (one.isdigit() and other.isdigit())


def _is_cased(letter: str) -> bool:
    return letter.lower() != letter.upper()


def _nearest(text: str, length: int, places: list[int], near: str) -> int:
    where = list(islice(mentions(text, re.compile(re.escape(near)), 0, len(text)), 2)) if near else []
    if len(where) != 1 or len(places) == MOST_PLACES:
        raise AmbiguousError
    first, last = where[0]
    distances = sorted((max(at - last, first - at - length, 0), at) for at in places)
    if distances[0][0] == distances[1][0]:
        raise AmbiguousError
    return distances[0][1]


def _places(text: str, words: str) -> Iterator[int]:
    """Yield where `words` begin, overlapping ones included."""
    at = text.find(words)
    while at >= 0:
        yield at
        at = text.find(words, at + 1)

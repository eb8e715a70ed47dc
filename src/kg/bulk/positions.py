"""Where something is said, as one number: across all inputs, and behind them the assertions of curated files."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from typing import NamedTuple

from kg.bulk.ranges import Input


class Place(NamedTuple):
    """The first byte of a line in an input; or, without an input, the number of a curated assertion."""

    input: int | None
    offset: int


class Positions:
    """Counts places: the bytes of each input follow those of the one before."""

    def __init__(self, inputs: Sequence[Input]) -> None:
        """Take the inputs in the order of their paths."""
        self._starts = [0, *accumulate(file.size for file in inputs)]

    def start(self, input_: int) -> int:
        """Give the position of the first byte of an input."""
        return self._starts[input_]

    def curated(self, number: int) -> int:
        """Give the position of a curated assertion."""
        return self._starts[-1] + number

    def place(self, position: int) -> Place:
        """Give what a position stands for."""
        if position >= self._starts[-1]:
            return Place(None, position - self._starts[-1])
        number = bisect_right(self._starts, position) - 1
        return Place(number, position - self._starts[number])

"""Faults as values: where they are, what was found, and what would be right."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum


class Exit(IntEnum):
    """Exit codes of every command."""

    OK = 0
    FOUND = 1
    """It ran, and found problems, violations or differences."""
    CANNOT = 2
    """It could not run: usage, unreadable input, engine failure."""
    LIMIT = 3
    """A limit of time or memory stopped it."""
    REFUSED = 4
    """Refused by policy: network access, restricted output into a public folder."""


class KgError(Exception):
    """This command cannot go on; `exit_code` says why in one number."""

    exit_code: Exit = Exit.CANNOT


class LimitError(KgError):
    """A limit of time, memory or size was reached."""

    exit_code = Exit.LIMIT


class RefusedError(KgError):
    """What was asked for is against a rule of the project, whatever the data."""

    exit_code = Exit.REFUSED


@dataclass(frozen=True, slots=True, order=True)
class Location:
    """A place in an input file; line and column count from 1, as editors do."""

    path: str
    line: int
    column: int
    cell: str = ""
    """Of a workbook: sheet and cell as people call it, such as ``Sheet1!D17``."""

    def __str__(self) -> str:
        """Give the form that editors and terminals make clickable; of a workbook, the cell."""
        return f"{self.path}!{self.cell}" if self.cell else f"{self.path}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing that somebody has to mend; prints as ``location: code: message``."""

    location: Location
    code: str
    message: str

    def __str__(self) -> str:
        """Give one line."""
        return f"{self.location}: {self.code}: {self.message}"


def nearest(found: str, names: Iterable[str]) -> str | None:
    """Give the one of `names` that `found` was probably meant to be, if any is near.

    >>> nearest("detaind-at", ["detained-at", "held-at"])
    'detained-at'
    >>> nearest("zebra", ["detained-at", "held-at"]) is None
    True
    """
    near = difflib.get_close_matches(found, sorted(names), n=1, cutoff=0.7)
    return near[0] if near else None

"""What an import made and left out, and its problems: equal ones once, with their number and first places."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from kg.problems import Location, Problem

PLACES: Final = 5
"""How many places of equal problems are told."""
MAX_GROUPS: Final = 5_000
"""How many different problems are kept; of more, only the number."""


@dataclass(slots=True)
class Group:
    """Problems that say the same, of one column; `places` are the first of them, in file order."""

    code: str
    column: str
    message: str
    count: int = 0
    places: list[Location] = field(default_factory=list)

    @property
    def location(self) -> Location:
        """The first place."""
        return self.places[0]

    def __str__(self) -> str:
        """Give one line."""
        line = str(Problem(self.location, self.code, self.message))
        if self.count == 1:
            return line
        others = ", ".join(_cell(place) for place in self.places[1:])
        more = " …" if self.count > len(self.places) else ""
        return f"{line} ({self.count:,} times: also {others}{more})"


def _cell(place: Location) -> str:
    return place.cell or f"{place.line}:{place.column}"


@dataclass(frozen=True, slots=True)
class Kind:
    """All problems of one code and column."""

    code: str
    column: str
    count: int
    places: tuple[Location, ...]

    def __str__(self) -> str:
        """Give one line."""
        where = f" in {self.column}" if self.column else ""
        more = " …" if self.count > len(self.places) else ""
        return f"{self.count:>7,} {self.code}{where}: {', '.join(map(_cell, self.places))}{more}"


class Problems:
    """Problems as they come, of which equal ones are counted."""

    def __init__(self) -> None:
        """Begin with none."""
        self._groups: dict[tuple[str, str, str], Group] = {}
        self._kinds: dict[tuple[str, str], tuple[int, list[Location]]] = {}
        self.count = 0

    def __bool__(self) -> bool:
        """Tell whether there are any."""
        return self.count > 0

    def __iter__(self) -> Iterator[Group]:
        """Give the groups in the order of their first places."""
        return iter(
            sorted(self._groups.values(), key=lambda group: (group.location, group.code, group.message))
        )

    def add(self, problem: Problem, column: str = "") -> None:
        """Take one more; `column` is the name of the column it is about."""
        self.count += 1
        number, places = self._kinds.get((problem.code, column), (0, []))
        if len(places) < PLACES:
            places.append(problem.location)
        self._kinds[problem.code, column] = (number + 1, places)
        key = (problem.code, column, problem.message)
        group = self._groups.get(key)
        if group is None:
            if len(self._groups) >= MAX_GROUPS:
                return
            group = self._groups[key] = Group(problem.code, column, problem.message)
        group.count += 1
        if len(group.places) < PLACES:
            group.places.append(problem.location)

    def extend(self, problems: Iterable[Problem]) -> None:
        """Take several."""
        for problem in problems:
            self.add(problem)

    def kinds(self) -> list[Kind]:
        """Give all of them by code and column, the most frequent first."""
        found = [
            Kind(code, column, count, tuple(places))
            for (code, column), (count, places) in self._kinds.items()
        ]
        return sorted(found, key=lambda kind: (-kind.count, kind.code, kind.column))


@dataclass(slots=True)
class Counts:
    """What was read, made and left out."""

    rows: int = 0
    rows_left_out: Counter[str] = field(default_factory=Counter)
    """By reason."""
    values_left_out: Counter[tuple[str, str]] = field(default_factory=Counter)
    """By column and reason."""
    made: Counter[str] = field(default_factory=Counter)
    """Records by class; assertions under ``assertion``."""

    def lines(self) -> Iterator[str]:
        """Give the summary in plain words."""
        left = sum(self.rows_left_out.values())
        yield f"read      {self.rows:,} rows" + (f", {left:,} of them left out:" if left else "")
        yield from (f"{count:>11,} {because}" for because, count in _most(self.rows_left_out))
        described = ", ".join(
            f"{count:,} {name}" for name, count in sorted(self.made.items()) if name != "assertion"
        )
        yield f"made      {self.made['assertion']:,} assertions" + (
            f"; described: {described}" if described else ""
        )
        if self.values_left_out:
            yield f"left out  {sum(self.values_left_out.values()):,} values, by rules of the map:"
            for (column, because), count in _most(self.values_left_out):
                yield f"{count:>11,} {f'{column}: ' if column else ''}{because}"


def _most(counted: Counter) -> list[tuple]:  # type: ignore[type-arg]
    return sorted(counted.items(), key=lambda item: (-item[1], str(item[0])))

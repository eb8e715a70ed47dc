"""Rules for cells: what becomes of each text, and why a text that no rule covers is refused."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, TypeAlias

from kg.cells import Kind
from kg.fields import Fields
from kg.importing.patterns import Pattern, fill
from kg.importing.readers import Reader
from kg.importing.reading import SEVERAL
from kg.importing.texts import cleaned, fold, tidy, unfit

MAX_MEMO: Final = 200_000
"""Texts of one rule whose reading is kept."""
_LONGEST: Final = 400
"""Characters of a message that quotes a text of the table."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a cell says; `special` is one of the words with a meaning of their own, such as ``none-given``.

    With `is_key`, `text` is the key of something that is described elsewhere. `narrowed` are qualifiers.
    """

    text: str
    special: bool = False
    is_key: bool = False
    narrowed: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A rule leaves the value out, and says why."""

    because: str


@dataclass(frozen=True, slots=True)
class Empty:
    """The cell counts as an empty one."""


@dataclass(frozen=True, slots=True)
class Fault:
    """No rule covers it; what is wrong and how to mend it."""

    code: str
    message: str


Result: TypeAlias = Said | LeftOut | Empty
Outcome: TypeAlias = Said | LeftOut | Fault
EMPTY: Final = Empty()


class Lookup:
    """Texts with what they mean, found as written, or else whatever their case, width and blanks."""

    def __init__(self, entries: Mapping[str, tuple[Result, ...]]) -> None:
        """Take the entries; two that differ in case only are found as written only."""
        self.exact = {tidy(text): results for text, results in entries.items()}
        folded: dict[str, set[tuple[Result, ...]]] = {}
        for text, results in self.exact.items():
            folded.setdefault(fold(text), set()).add(results)
        self._folded = {text: found.copy().pop() for text, found in folded.items() if len(found) == 1}

    def __bool__(self) -> bool:
        """Tell whether there are any."""
        return bool(self.exact)

    def get(self, text: str) -> tuple[Result, ...] | None:
        """Give what `text` means, or None."""
        found = self.exact.get(text)
        return self._folded.get(fold(text)) if found is None and self._folded else found


NO_LOOKUP: Final = Lookup({})


@dataclass(frozen=True, slots=True)
class Rule:
    """What becomes of the texts of a column.

    In this order: an empty cell is `empty`; a text in `values` is what stands there; else it is taken apart
    at `split`, and each part is what stands in `values` or beside the first pattern that fits, or is read by
    `reader`. Where that takes any text and a list of values is given, the list is to be complete, unless
    `keep`. What is left is `otherwise`, or a fault.
    """

    reader: Reader
    where: str
    """The place in the map at which a value is to be added, for messages."""
    names: Fields = field(compare=False, repr=False)
    """Finds what a mistyped text may be; shared, so that it takes seconds at most."""
    split: tuple[str, ...] = ()
    values: Lookup = NO_LOOKUP
    patterns: tuple[tuple[Pattern, tuple[Result, ...]], ...] = ()
    otherwise: tuple[Result, ...] | None = None
    keep: bool = False
    empty: tuple[Result, ...] = ()
    empties: frozenset[str] = frozenset()
    """Folded texts that count as an empty cell."""
    clean: bool = False
    _memo: dict[tuple[str, Kind], tuple[Outcome, ...]] = field(
        default_factory=dict, compare=False, repr=False
    )

    def read(self, raw: str, kind: Kind = Kind.TEXT) -> tuple[Outcome, ...]:
        """Give what a cell says: nothing, one thing or several; a fault for what no rule covers."""
        key = (raw, kind)
        found = self._memo.get(key)
        if found is None:
            found = self._read(raw, kind)
            if len(self._memo) < MAX_MEMO:
                self._memo[key] = found
        return found

    def _read(self, raw: str, kind: Kind) -> tuple[Outcome, ...]:
        pieces = raw.split(SEVERAL) if SEVERAL in raw else [raw]
        if self.clean:
            pieces = [cleaned(piece) for piece in pieces]
        elif faults := [fault for piece in pieces if (fault := _unseen(piece))]:
            return (faults[0],)
        found: list[Result | Fault] = []
        for piece in pieces:
            whole = tidy(piece)
            if not whole or (self.empties and fold(whole) in self.empties):
                found.append(EMPTY)
            elif (results := self.values.get(whole)) is not None:
                found += results
            else:
                for part in self._parts(piece):
                    found += self._part(part, kind)
        said = tuple(dict.fromkeys(each for each in found if not isinstance(each, Empty)))
        return said or tuple(each for each in self.empty if not isinstance(each, Empty))

    def covers(self, text: str) -> bool:
        """Tell whether the map speaks of this very text: as a value, by a pattern or as an empty cell."""
        text = tidy(text)
        if self.values.get(text) is not None or fold(text) in self.empties:
            return True
        return any(pattern.match(text) for pattern, _ in self.patterns)

    def _parts(self, text: str) -> list[str]:
        parts = [text]
        for separator in self.split:
            parts = [piece for part in parts for piece in part.split(separator)]
        return [part for part in map(tidy, parts) if part]

    def _part(self, text: str, kind: Kind) -> Sequence[Result | Fault]:
        if (results := self.values.get(text)) is not None:
            return results
        for pattern, results in self.patterns:
            if (found := pattern.match(text)) is not None:
                return [self._filled(result, found) for result in results]
        if self.reader.is_open and (self.values or self.patterns or self.otherwise) and not self.keep:
            return (self._uncovered(text),) if self.otherwise is None else self.otherwise
        try:
            return (Said(self.reader.of_cell(text, kind)),)
        except ValueError as error:
            return (self._unread(text, str(error)),) if self.otherwise is None else self.otherwise

    def _filled(self, result: Result, found: tuple[str, ...]) -> Result | Fault:
        if not isinstance(result, Said):
            return result
        text = fill(result.text, found)
        narrowed = tuple((key, fill(value, found)) for key, value in result.narrowed)
        try:
            checked = text if result.special or result.is_key else self.reader.of_map(text)
        except ValueError as error:
            return self._unread(found[0], f"the pattern makes {text!r} of it: {error}")
        return replace(result, text=checked, narrowed=narrowed)

    def _uncovered(self, text: str) -> Fault:
        near = self.names.nearest(text, self.values.exact)
        meant = f" (did you mean {near!r}?)" if near else ""
        known = self.values.exact.get(near or "", ())
        value = known[0].text if len(known) == 1 and isinstance(known[0], Said) else None
        return Fault("no-rule", f"no rule covers {short(text)}{meant}{self._advice(text, value)}")

    def _unread(self, text: str, why: str) -> Fault:
        if len(why) > _LONGEST:
            why = f"{why[: _LONGEST // 2]} … {why[-_LONGEST // 3 :]}"
        return Fault(self.reader.code, f"{why}{self._advice(text, self.reader.propose(text))}")

    def _advice(self, text: str, value: str | None) -> str:
        right = json.dumps(value, ensure_ascii=False) if value else "…"
        shown = text if len(text) <= _LONGEST // 4 else text[: _LONGEST // 4] + "…"
        entry = f"{json.dumps(shown, ensure_ascii=False)}: {right}"
        if self.values:
            return f"; mend the cell, or add to values at {self.where}: {entry} (or {{skip: why}})"
        return f"; mend the cell, or add at {self.where} values: {{{entry}}} (or {{skip: why}})"


def _unseen(text: str) -> Fault | None:
    code = unfit(text)
    if code is None:
        return None
    what = "changes the direction of reading" if code[2:] in _TURNS else "cannot be seen"
    message = f"the cell holds {code}, a character that {what}; delete it, or write table: {{clean: yes}}"
    return Fault("control-character", message)


_TURNS: Final = tuple(f"{point:04X}" for point in (*range(0x202A, 0x202F), *range(0x2066, 0x206A)))


def short(text: str, most: int = 60) -> str:
    """Give a text in quotes for a message, cut if it is long.

    >>> short("a" * 99)[-5:]
    "aaa…'"
    """
    return repr(text if len(text) <= most else text[: most - 1] + "…")

"""The parts of a map that speak of cells: columns, texts with holes, values, patterns, conditions."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from kg.fields import SPECIAL, Fields
from kg.importing.dateforms import Form
from kg.importing.expressions import (
    OTHER_HOLES,
    Condition,
    Expression,
    FromCells,
    FromText,
    FromTwoDates,
    Hole,
    Template,
    Test,
)
from kg.importing.patterns import Pattern, highest_hole
from kg.importing.readers import UNITS, Reader, days
from kg.importing.reading import Settings, Table, near_columns
from kg.importing.rules import EMPTY, NO_LOOKUP, LeftOut, Lookup, Result, Rule, Said, short
from kg.importing.texts import fold, tidy
from kg.nodes import List, Map, Node, Scalar, describe
from kg.problems import Location

PLACE_KEYS: Final = ("column", "columns", "first-of", "text")
SPAN_KEYS: Final = ("from", "to", "earliest", "latest")
VALUE_KEYS: Final = (
    *PLACE_KEYS, "join", "split", "values", "patterns", "otherwise", "empty", "dates", "lasting", "within",
    "two-digit-years", "unit", *SPAN_KEYS,
)  # fmt: skip
"""The keys of a value that a map takes from a table."""
_TEST_KEYS: Final = ("is", "not", "like", "unlike", "empty")
_HOLE = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")


@dataclass(frozen=True, slots=True)
class Options:
    """What a map says of the form of dates and terms."""

    dates: tuple[Form, ...] = ()
    century: range | None = None
    lasting: tuple[str, ...] = ()
    within: tuple[str, ...] = ()
    unit: str | None = None

    def days(self) -> Reader:
        """Give the reader of dates in these forms."""
        return days(self.dates, self.century, self.lasting, self.within)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a value is for: `reader` for what it is to be, and the special words that can stand for it."""

    what: str
    """For messages: ``held-at``."""
    reader: Callable[[Options], Reader]
    special: tuple[str, ...] = ()
    is_date: bool = False
    is_term: bool = False
    is_entity: bool = False
    qualifiers: Mapping[str, Reader] | None = None
    """Those that a result can carry, by key; None if none can."""


class Values:
    """Reads such parts; faults are noted in `fields`."""

    def __init__(
        self, fields: Fields, table: Table, settings: Settings, vocabularies: Mapping[str, Node]
    ) -> None:
        """Take the table that the columns are of, and the lists of values that have a name."""
        self.fields = fields
        self._table = table
        self._settings = settings
        self._vocabularies = vocabularies
        self._columns = {name: number for number, name in enumerate(table.columns, 1)}
        self._missing: set[str] = set()
        self.entity_names: frozenset[str] = frozenset()

    # ------------------------------------------------------------ columns and texts with holes

    def column(self, scalar: Scalar) -> int:
        """Give the number of a column; 0, and a problem, if there is none of that name."""
        name = tidy(scalar.text)
        if name in self._columns:
            return self._columns[name]
        if name in self._table.repeated:
            choices = ", ".join(repr(known) for known in self._columns if known.startswith(f"{name} ("))
            message = f"the header has {name!r} several times; write which is meant: {choices}"
            self.fields.problem(scalar, "repeated-column", message)
            return 0
        near = near_columns(name, self._table.columns)
        if len(near) == 1:
            return near[0]
        if name not in self._missing:
            self._missing.add(name)
            self.fields.problem(scalar, "no-column", self._no_column(name))
        return 0

    def _no_column(self, name: str) -> str:
        meant = self.fields.nearest(name, self._columns)
        listed = ", ".join(map(repr, self._table.columns[:12]))
        more = f" and {len(self._table.columns) - 12:,} more" if len(self._table.columns) > 12 else ""
        right = f"did you mean {meant!r}?" if meant else f"there are {listed}{more}"
        where = "" if self._table.is_objects or not self._table.header else f" (row {self._table.header})"
        sheet = f" of {self._table.grid.sheet!r}" if self._table.grid.sheet else ""
        return f"the header{sheet}{where} has no column {short(name)}; {right}"

    def columns(self, node: Node | None) -> tuple[int, ...]:
        """Give the numbers of one column or a list of them."""
        return tuple(number for scalar in self.fields.texts(node) if (number := self.column(scalar)))

    def template(self, scalar: Scalar, *, with_value: bool = False) -> Template:
        """Read a text with holes: ``{Column}``, ``{#row}``, ``{@entity}``; ``{{`` is a brace."""
        parts: list[str | Hole] = []
        end = 0
        for found in _HOLE.finditer(scalar.text):
            parts.append(scalar.text[end : found.start()])
            end = found.end()
            if found[0] in ("{{", "}}"):
                parts.append(found[0][0])
            elif found[1] is None:
                message = (
                    f"{found[0]!r} stands alone; a column is written {{Name}}, a brace itself {found[0] * 2}"
                )
                self.fields.problem(scalar, "bad-hole", message)
            elif hole := self._hole(scalar, tidy(found[1]), with_value=with_value):
                parts.append(hole)
        parts.append(scalar.text[end:])
        return Template(tuple(part for part in parts if part != ""))

    def _hole(self, scalar: Scalar, name: str, *, with_value: bool) -> Hole | None:
        if name.startswith("@"):
            if name[1:] in self.entity_names:
                return Hole(name)
            near = self.fields.nearest(name[1:], self.entity_names)
            right = f"did you mean {{@{near}}}?" if near else "write one that stands under entities"
            self.fields.problem(scalar, "bad-hole", f"no entity of this map is called {name[1:]!r}; {right}")
            return None
        if name in OTHER_HOLES and (name or with_value):
            return Hole(name)
        if not name:
            self.fields.problem(
                scalar, "bad-hole", "{} is the value at hand, and here is none; name a column"
            )
            return None
        number = self.column(Scalar(name, True, scalar.location))
        return Hole(name, number) if number else None

    # ------------------------------------------------------------ values

    def expression(self, node: Node | None, wanted: Wanted) -> Expression | None:
        """Read what gives a value: a text, or a mapping with ``column`` and rules."""
        if node is None:
            return None
        if isinstance(node, Scalar):
            return None if self.fields.is_empty(node, wanted.what) else self._text(node, node, wanted, None)
        if not isinstance(node, Map):
            message = f"found {describe(node)}; {wanted.what} is one text, or {{column: …}} with rules"
            self.fields.problem(node, "wrong-kind", message)
            return None
        if any(key in node for key in SPAN_KEYS):
            return self._two_dates(node, wanted)
        places = [key for key in PLACE_KEYS if key in node]
        if len(places) != 1:
            self._misplaced(node, wanted, places)
            return None
        place = places[0]
        if place == "text":
            scalar = self.fields.text(node, "text")
            return self._text(scalar, node, wanted, node) if scalar else None
        numbers = self.columns(node.get(place))
        rule = self._rule(node, wanted)
        join = self.fields.scalar(node.get("join"), "join")
        if join is not None and place != "columns":
            self.fields.problem(
                join, "bad-key", "join goes with columns: what stands in them is made one text"
            )
        joined = join.text if join else None
        return FromCells(numbers, rule, place == "first-of", joined) if numbers and rule else None

    def _misplaced(self, node: Map, wanted: Wanted, places: Sequence[str]) -> None:
        first = node.entries[0] if node.entries else None
        if first and len(node.entries) == 1 and describe(first[1]) == "nothing":
            message = f'put text with a column in it in quotes: "{{{first[0].text}}}"'
        elif places:
            message = f"{' and '.join(places)} stand side by side; keep one of them"
        else:
            message = f"{wanted.what} says not where it stands; write column: and the name of a column"
        self.fields.problem(node, "no-place", message)

    def _text(self, scalar: Scalar, at: Node, wanted: Wanted, owner: Map | None) -> Expression | None:
        template = self.template(scalar)
        rule = self._rule(owner, wanted, at)
        if rule is None:
            return None
        if len(template.parts) == 1 and isinstance(template.parts[0], Hole) and template.parts[0].column:
            return FromCells((template.parts[0].column,), rule)
        if template.holes:
            return FromText(template, rule)
        if scalar.text != "".join(part for part in template.parts if isinstance(part, str)):
            scalar = Scalar("".join(map(str, template.parts)), True, scalar.location)
        results = self._results(scalar, rule.reader, wanted)
        fixed = tuple(result for result in results if isinstance(result, (Said, LeftOut)))
        return FromText(template, rule, fixed) if results else None

    def _two_dates(self, node: Map, wanted: Wanted) -> Expression | None:
        lasting, within = ("from" in node or "to" in node), ("earliest" in node or "latest" in node)
        other = [key.text for key, _ in node.entries if key.text in (*PLACE_KEYS, "values", "dates")]
        if not wanted.is_date or (lasting and within) or other:
            message = (
                "from and to (it lasted), or earliest and latest (one day between), make a date together"
            )
            self.fields.problem(node, "bad-span", f"{message}; nothing else stands beside them")
            return None
        plain = Wanted(wanted.what, lambda options: options.days(), is_date=True)
        first, last = ("from", "to") if lasting else ("earliest", "latest")
        start, end = (self.expression(node.get(key), plain) for key in (first, last))
        return FromTwoDates(start, end, within, str(node.location)) if start or end else None

    def _rule(self, node: Map | None, wanted: Wanted, at: Node | None = None) -> Rule | None:
        if node is None:
            place = at.location if at else Location("", 0, 0)
            reader = wanted.reader(Options())
            return self._new_rule(reader, str(place))
        reader = wanted.reader(self._options(node, wanted))
        values, place = self._lookup(node.get("values"), reader, wanted, node)
        otherwise, keep = self._otherwise(node.get("otherwise"), reader, wanted)
        empty = node.get("empty")
        return self._new_rule(
            reader,
            str(place),
            split=self._separators(node.get("split")),
            values=values,
            patterns=tuple(self._patterns(node.get("patterns"), reader, wanted)),
            otherwise=otherwise,
            keep=keep,
            empty=self._results(empty, reader, wanted) if empty else (),
        )

    def _new_rule(
        self,
        reader: Reader,
        where: str,
        *,
        split: tuple[str, ...] = (),
        values: Lookup = NO_LOOKUP,
        patterns: tuple[tuple[Pattern, tuple[Result, ...]], ...] = (),
        otherwise: tuple[Result, ...] | None = None,
        keep: bool = False,
        empty: tuple[Result, ...] = (),
    ) -> Rule:
        empties, clean = self._settings.empty, self._settings.clean
        return Rule(
            reader, where, self.fields, split, values, patterns, otherwise, keep, empty, empties, clean
        )

    # ------------------------------------------------------------ the forms of dates and terms

    def _options(self, node: Map, wanted: Wanted) -> Options:
        for key in ("dates", "lasting", "within", "two-digit-years"):
            if key in node and not wanted.is_date:
                self.fields.problem(node, "bad-key", f"{key} is for dates, and {wanted.what} is none")
        if "unit" in node and not wanted.is_term:
            self.fields.problem(node, "bad-key", f"unit is for terms, and {wanted.what} is none")
        forms = tuple(self._forms(node.get("dates")))
        century = self._century(self.fields.text(node, "two-digit-years"))
        if century is None and any(form.has_short_year for form in forms):
            message = "a year of two digits can be of any century; write two-digit-years: 1930-2029"
            self.fields.problem(node, "bad-date-form", message)
        unit = self.fields.text(node, "unit")
        if unit is not None and unit.text not in UNITS:
            self.fields.problem(unit, "bad-unit", f"{unit.text!r} is no unit; write {', '.join(UNITS)}")
            unit = None
        return Options(
            forms,
            century,
            self._separators(node.get("lasting")),
            self._separators(node.get("within")),
            unit.text if unit else None,
        )

    def _forms(self, node: Node | None) -> Iterator[Form]:
        for item in node.items if isinstance(node, List) else () if node is None else (node,):
            pairs: Sequence[tuple[Scalar, Node | None]] = (
                item.entries if isinstance(item, Map) else [(item, None)] if isinstance(item, Scalar) else []
            )
            if not pairs:
                self.fields.problem(item, "bad-date-form", "write forms such as D/M/Y, or {about Y: $~}")
            for form, result in pairs:
                try:
                    yield Form.of(tidy(form.text), result.text if isinstance(result, Scalar) else "$")
                except ValueError as error:
                    self.fields.problem(form, "bad-date-form", str(error))

    def _century(self, scalar: Scalar | None) -> range | None:
        if scalar is None:
            return None
        found = re.fullmatch("([0-9]{4}) ?[-/] ?([0-9]{4})", scalar.text)
        if not found or int(found[2]) - int(found[1]) != 99:
            message = f"{scalar.text!r} is no hundred years; write them as 1930-2029"
            self.fields.problem(scalar, "bad-date-form", message)
            return None
        return range(int(found[1]), int(found[2]) + 1)

    def _separators(self, node: Node | None) -> tuple[str, ...]:
        items = node.items if isinstance(node, List) else () if node is None else (node,)
        found = [item.text for item in items if isinstance(item, Scalar) and item.text]
        if len(found) != len(items):
            assert node is not None  # noqa: S101  (nothing has no items)
            self.fields.problem(node, "wrong-kind", 'write what stands between the parts, such as ";"')
        return tuple(found)

    # ------------------------------------------------------------ values, patterns and what they give

    def _lookup(
        self, node: Node | None, reader: Reader, wanted: Wanted, owner: Map
    ) -> tuple[Lookup, Location]:
        if isinstance(node, Scalar) and node.text:
            named = self.fields.lookup(node, self._vocabularies, "no-vocabulary", "vocabulary of this map")
            if named is None:
                return NO_LOOKUP, node.location
            node = named
        entries: dict[str, tuple[Result, ...]] = {}
        for text, result in self.fields.entries(
            node, "a mapping of what stands in the table to what it means"
        ):
            entries[text.text] = self._results(result, reader, wanted)
        self._tell_twins(node)
        return Lookup(entries), node.location if node is not None else owner.location

    def _tell_twins(self, node: Node | None) -> None:
        seen: dict[str, Scalar] = {}
        for text, _ in node.entries if isinstance(node, Map) else ():
            first = seen.setdefault(tidy(text.text), text)
            if first is not text:
                message = f"{text.text!r} stands already at {first.location}, with other blanks; keep one"
                self.fields.problem(text, "repeated-key", message)

    def _patterns(
        self, node: Node | None, reader: Reader, wanted: Wanted
    ) -> Iterator[tuple[Pattern, tuple[Result, ...]]]:
        for text, result in self.fields.entries(node, "a mapping of patterns to what they mean"):
            try:
                pattern = Pattern.of(tidy(text.text))
            except ValueError as error:
                self.fields.problem(text, "bad-pattern", str(error))
                continue
            yield pattern, self._results(result, reader, wanted, holes=pattern.holes)

    def _otherwise(
        self, node: Node | None, reader: Reader, wanted: Wanted
    ) -> tuple[tuple[Result, ...] | None, bool]:
        if isinstance(node, Scalar) and node.text == "keep" and not node.quoted:
            if not reader.is_open:
                message = f"{wanted.what} cannot keep any text; write what else it is, or {{skip: why}}"
                self.fields.problem(node, "bad-value", message)
            return None, True
        return (None if node is None else self._results(node, reader, wanted)), False

    def _results(
        self, node: Node | None, reader: Reader, wanted: Wanted, holes: int | None = None
    ) -> tuple[Result, ...]:
        """Read what stands beside a value or a pattern; `holes` of a pattern, None elsewhere."""
        items = node.items if isinstance(node, List) else (node,)
        found = [self._result(item, reader, wanted, holes) for item in items if item is not None]
        return tuple(result for result in found if result is not None)

    def _result(self, node: Node, reader: Reader, wanted: Wanted, holes: int | None) -> Result | None:
        if isinstance(node, Map):
            return self._marked(node, reader, wanted, holes)
        scalar = self.fields.scalar(node, wanted.what)
        if scalar is None or self.fields.is_empty(scalar, "what it means"):
            return None
        if not scalar.quoted:
            if scalar.text == "empty":
                return EMPTY
            if scalar.text in ("skip", "keep"):
                right = (
                    "{skip: why}" if scalar.text == "skip" else f"{scalar.text!r} in quotes, if that is meant"
                )
                self.fields.problem(scalar, "bad-value", f"{scalar.text} alone does not do; write {right}")
                return None
            if scalar.text in SPECIAL and wanted.special:
                return self._special(scalar, wanted)
        return self._said(scalar, reader, holes)

    def _special(self, scalar: Scalar, wanted: Wanted) -> Said | None:
        if scalar.text in wanted.special:
            return Said(scalar.text, special=True)
        message = f"{wanted.what} takes a value, not an entity; write none-given, refused or {{skip: why}}"
        self.fields.problem(scalar, "bad-value", message)
        return None

    def _said(self, scalar: Scalar, reader: Reader, holes: int | None) -> Said | None:
        text = tidy(scalar.text)
        if holes is not None and "$" in text:
            if highest_hole(text) > holes:
                message = f"{text!r} names a hole that the pattern does not have; it has {holes}"
                self.fields.problem(scalar, "bad-pattern", message)
                return None
            return Said(text)
        try:
            return Said(reader.of_map(text))
        except ValueError as error:
            self.fields.problem(scalar, reader.code, str(error))
            return None

    def _marked(self, node: Map, reader: Reader, wanted: Wanted, holes: int | None) -> Result | None:
        if "skip" in node:
            self.fields.known_keys(node, ("skip",), "key of a result that is left out")
            because = self.fields.text(node, "skip")
            return LeftOut(tidy(because.text)) if because else None
        known = ("value", "key", "with") if wanted.is_entity else ("value", "with")
        self.fields.known_keys(node, known, "key of a result")
        if "key" in node:
            key = self.fields.text(node, "key")
            if key is None or not (self.fields.is_key(key)):
                return None
            said: Result | None = Said(key.text, is_key=True)
        else:
            value = self.fields.text(node, "value", needed="what it means, or skip: and why it is left out")
            said = self._result(value, reader, wanted, holes) if value else None
        if not isinstance(said, Said) or "with" not in node:
            return said
        narrowed = tuple(self._narrowed(node.get("with"), wanted, holes))
        return Said(said.text, said.special, said.is_key, narrowed)

    def _narrowed(self, node: Node | None, wanted: Wanted, holes: int | None) -> Iterator[tuple[str, str]]:
        for key, value in self.fields.entries(node, "a mapping of qualifiers"):
            if wanted.qualifiers is None or key.text not in wanted.qualifiers:
                near = self.fields.nearest(key.text, wanted.qualifiers or ())
                right = (
                    f"did you mean {near!r}?" if near else f"there are {', '.join(wanted.qualifiers or ())}"
                )
                self.fields.problem(key, "unknown-key", f"no qualifier is called {key.text!r}; {right}")
                continue
            scalar = self.fields.scalar(value, key.text)
            if scalar and (said := self._said(scalar, wanted.qualifiers[key.text], holes)):
                yield key.text, said.text

    # ------------------------------------------------------------ conditions

    def condition(self, node: Node | None) -> Condition | None:
        """Read ``when``: a mapping of columns to what they have to be, or a list of which one will do."""
        if node is None:
            return None
        items = node.items if isinstance(node, List) else (node,)
        found = [tests for item in items if (tests := tuple(self._tests(item)))]
        return Condition(tuple(found)) if found else None

    def _tests(self, node: Node) -> Iterator[Test]:
        if not isinstance(node, Map) or not node.entries:
            message = (
                f"found {describe(node)}; write columns with what they have to be: {{Status: [held, free]}}"
            )
            self.fields.problem(node, "wrong-kind", message)
            return
        for name, value in node.entries:
            number = self.column(name)
            for test in self._test(number, value):
                if number:
                    yield test

    def _test(self, number: int, node: Node) -> Iterator[Test]:
        if not isinstance(node, Map):
            yield Test(number, texts=self._folded(node))
            return
        self.fields.known_keys(node, _TEST_KEYS, "test of a column")
        for key, value in node.entries:
            match key.text:
                case "is" | "not":
                    yield Test(number, texts=self._folded(value), unlike=key.text == "not")
                case "like" | "unlike":
                    patterns = tuple(self._patterns_of(value))
                    yield Test(number, patterns=patterns, unlike=key.text == "unlike")
                case "empty":
                    yield Test(number, empty=self.yes(value, "empty"))

    def _folded(self, node: Node) -> frozenset[str]:
        return frozenset(fold(scalar.text) for scalar in self.fields.texts(node))

    def _patterns_of(self, node: Node) -> Iterator[Pattern]:
        for scalar in self.fields.texts(node):
            try:
                yield Pattern.of(tidy(scalar.text))
            except ValueError as error:
                self.fields.problem(scalar, "bad-pattern", str(error))

    def yes(self, node: Node | None, what: str) -> bool:
        """Read yes or no; nothing is no."""
        if node is None:
            return False
        scalar = self.fields.scalar(node, what)
        if scalar is not None and scalar.text.lower() not in ("yes", "no", "true", "false"):
            message = f"{scalar.text!r} is neither yes nor no; write {what}: yes or {what}: no"
            self.fields.problem(scalar, "bad-value", message)
        return scalar is not None and scalar.text.lower() in ("yes", "true")

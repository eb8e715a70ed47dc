"""A first map of a table: what its headers and values suggest, each guess marked as one."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Final

from kg.cells import Grid
from kg.importing.mapping import Vocabulary
from kg.importing.profile import Column, columns, date_forms, separator, terms
from kg.importing.reading import Settings, Table, is_json
from kg.importing.run import import_tables, open_tables
from kg.importing.texts import fold, slug
from kg.namespaces import EDTF, XSD_STRING
from kg.ontology import Property
from kg.problems import KgError
from kg.terms import KG

MAX_LISTED: Final = 40
"""The most different values of a column that are listed one by one."""
MAX_DECISIONS: Final = 40

# Words of headers, and what they mostly mean. What the ontology does not have is passed over, and a header
# that is called like a predicate needs no line here.
_PREDICATES: Final = (
    (r"ethnic|minority", "ethnicity"),
    (r"occupation|profession|\bjob\b|vocation", "occupation"),
    (r"^age\b|\bage (at|when)\b", "age"),
    (r"citizen|nationality", "citizen-of"),
    (
        r"(place|location) of (arrest|detention)|(arrested|detained) (at|in)\b|where (arrested|detained)",
        "detained-at",
    ),
    (r"(arrested|detained|taken) by|agency|police", "detained-by"),
    (r"court|tribunal|sentenced by", "sentenced-by"),
    (r"prison|camp\b|facility|jail|held|detention cent|current location", "held-at"),
    (r"sentence|\bterm\b|punishment|penalty", "sentenced-to"),
    (r"charge|crime|offen[cs]e|convict", "charged-with"),
    (r"accus|reason|issue|alleg", "accused-of"),
    (r"residence|home ?town|\blives\b|\bhome\b|native place|county|village|\bcity\b|province", "resident-in"),
    (r"county|village|\bcity\b|province|country|region|district", "located-in"),
)
_DATES: Final = (
    (r"birth|born|\bdob\b", ""),
    (r"sentence|verdict|trial|convict", "sentenced-to"),
    (r"release|freed", "released-from"),
    (r"death|died", "died-at"),
    (r"arrest|detain|detention|imprison|jailed|taken|^date$", "detained-at"),
)
_NAME: Final = (
    r"((full|main|person'?s?|prisoner'?s?|victim'?s?|detainee'?s?) )?name( in english)?"
    r"|prisoner|victim|detainee|person"
)
_OTHER_NAMES: Final = r"other name|alias|also known|\baka\b|alternat\w* name|former name|nickname|second name"
_NUMBER: Final = (
    r"(record |case |list |serial |id )?(no\.?|nr\.?|number|#|id)|.*\b(id|record number|case number)"
)


@dataclass(frozen=True, slots=True)
class _Item:
    """A value of a predicate; `is_named` tells that the header says which predicate it is."""

    lines: list[str]
    is_named: bool

    @property
    def comment(self) -> str:
        return "" if self.is_named else "  # guess"


def suggest(files: Mapping[str, bytes], vocabulary: Vocabulary, name: str = "map.yml") -> tuple[str, int]:
    """Give a map as text, and how much a person has to decide before it can be used.

    `name` is what it will be called, for the places that its comments tell.

    Raises:
        KgError: a file cannot be read as a table.
    """
    settings, comments = _settings(files)
    table = open_tables(files, settings).tables[0]
    if not table.rows:
        raise KgError(f"{table.grid.file} has no rows below its header; there is nothing to learn from")
    text, decisions = _Suggestion(table, settings, comments, vocabulary).text()
    imported, _ = import_tables(files, (name, text.encode()), vocabulary)
    groups = list(imported.problems)
    if not groups:
        return text, decisions
    lines = ["", "# decide: what the rules above do not cover, each with what would cover it:"]
    for group in groups[:MAX_DECISIONS]:
        lines.append(f"#   {_comment(str(group))}")
    if len(groups) > MAX_DECISIONS:
        lines.append(f"#   … and {len(groups) - MAX_DECISIONS:,} more; kg import … --dry-run tells them all")
    return text + "\n".join(lines) + "\n", decisions + len(groups)


def _settings(files: Mapping[str, bytes]) -> tuple[Settings, dict[str, str]]:
    """Guess which sheet and which header row are meant; give the comments to write beside them."""
    path, data = next(iter(files.items()))
    if is_json(path):
        return _json_settings(path, data)
    from kg import grids

    book = grids.read(data, path)
    filled = [grid for grid in book.grids if any(not row.is_blank for row in grid.rows)]
    if not filled:
        raise KgError(f"{path} holds nothing: there is no row with anything in it")
    comments: dict[str, str] = {}
    sheets: tuple[str, ...] | None = None
    grid = max(filled, key=lambda each: len(each.rows))
    if len(filled) > 1:
        same = len({_header(each)[1] for each in filled}) == 1
        sheets = () if same else (grid.sheet,)
        names = ", ".join(each.sheet for each in filled)
        comments["sheets"] = (
            f"guess: the sheets {names} have {'the same header' if same else 'other headers'}"
        )
    number, _ = _header(grid)
    first = next(row.number for row in grid.rows if not row.is_blank)
    if number != first:
        comments["header"] = "guess: the row of the headers"
    return Settings(sheets, number if number != first else None), comments


def _header(grid: Grid) -> tuple[int, tuple[str, ...]]:
    """Give the number and texts of the row that looks most like a header: the widest of the first ten."""
    rows = [row for row in grid.rows if not row.is_blank][:10]
    best = max(
        rows, key=lambda row: (sum(bool(text.strip()) for text in row.texts) > grid.width * 0.6, -row.number)
    )
    return best.number, tuple(fold(text) for text in best.texts)


def _json_settings(path: str, data: bytes) -> tuple[Settings, dict[str, str]]:
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        return Settings(), {}
    if isinstance(value, dict):
        lists = [
            key
            for key, item in value.items()
            if isinstance(item, list) and item and isinstance(item[0], dict)
        ]
        if lists:
            longest = max(lists, key=lambda key: len(value[key]))
            return Settings(path=longest), {"path": "guess: the longest list of objects"}
    return Settings(), {}


class _Suggestion:
    def __init__(
        self, table: Table, settings: Settings, comments: dict[str, str], vocabulary: Vocabulary
    ) -> None:
        self._table = table
        self._settings = settings
        self._comments = comments
        self._predicates = dict(vocabulary.ontology.predicates)
        self._classes = vocabulary.ontology.classes
        self._columns = [column for column in columns(table) if column.filled]
        self._used: set[int] = set()
        self._decisions = 0
        self._subject = "person"
        self._names_a_person = True
        """Whether one column holds the whole name."""

    def text(self) -> tuple[str, int]:
        """Give the map, and how many things in it are marked to be decided."""
        label = self._label()
        self._used.add(label.number)
        entity = list(self._entity(label))
        fits = self._classes[self._subject].supers
        self._predicates = {key: p for key, p in self._predicates.items() if p.domain in fits}
        blocks = list(self._assertions())
        name = _comment(PurePath(self._table.grid.file).name)
        lines = [
            f"# A first map of {name}, made of its header and values.",
            "# Look at all that is marked '# guess'; what is marked '# decide' only a person can say.",
            *self._table_lines(),
            *self._report_lines(),
            "entities:",
            *entity,
            *self._episode_lines(label),
            *self._assertion_lines(label, blocks),
            *self._leave_out_lines(),
        ]
        return "\n".join(lines) + "\n", self._decisions

    # ------------------------------------------------------------ head

    def _table_lines(self) -> Iterator[str]:
        entries: list[str] = []
        if self._settings.sheets is not None:
            names = [_yaml(name) for name in self._settings.sheets]
            value = f"[{', '.join(names)}]" if names else "all"
            entries.append(f"  sheets: {value}  # {self._comments['sheets']}")
        if self._settings.header is not None:
            entries.append(f"  header: {self._settings.header}  # {self._comments['header']}")
        if self._settings.path:
            entries.append(f"  path: {_yaml(self._settings.path)}  # {self._comments['path']}")
        blanks = sorted({blank for column in self._columns for blank in column.blanks})
        if blanks:
            listed = ", ".join(json.dumps(blank, ensure_ascii=False) for blank in blanks)
            entries.append(f"  empty: [{listed}]  # guess: these mean that the cell is empty")
        if entries:
            yield "table:"
            yield from entries

    def _report_lines(self) -> Iterator[str]:
        stem = PurePath(self._table.grid.file).stem
        title = re.sub(r"[_\s]+", " ", stem).strip() or "table"
        key = slug(stem) or "table"
        year = self._newest_year(stem)
        why = "the newest year in it" if year else "no year was found"
        by_year = self._year_column()
        yield "report:"
        if by_year is not None:
            self._used.add(by_year.number)
            hole = f"{{{by_year.name}}}"
            yield f"  key: {_yaml(f'{key}-{hole}')}  # guess: one list a year, by this column"
            yield f"  title: {_yaml(f'{title}, {hole}')}  # guess: the name of the file"
            yield f"  published: {_yaml(hole)}  # guess: write the day of publication, if it is known"
        else:
            yield f"  key: {_yaml(key)}  # guess: the name of the file"
            yield f"  title: {_yaml(title)}  # guess: the name of the file; write the title of the list"
            yield f"  published: {year or '20XX'}  # guess: {why}; write the day of publication"
        yield "  type: table"
        yield "  # publisher: the name of an entity, described below, if somebody has published the list"

    def _newest_year(self, stem: str) -> str:
        texts = [text for column in self._columns for text in column.texts]
        return max(_years([stem]), default="") or max(_years(texts), default="")

    def _year_column(self) -> Column | None:
        for column in self._free():
            named = re.fullmatch(r"(list |census |report )?year", column.name.lower())
            years = column.matching("(19|20)[0-9]{2}")
            if named and column.filled == len(self._table.rows) and len(years) == len(column.texts):
                return column
        return None

    # ------------------------------------------------------------ the entity of a row

    def _label(self) -> Column:
        for pattern in (_NAME, r".*\bname\b.*"):
            for column in self._columns:
                if re.fullmatch(pattern, column.name.lower()) and not re.search(
                    _OTHER_NAMES, column.name.lower()
                ):
                    return column
        texts = [column for column in self._columns if not column.matching("[0-9.,/-]+") and not column.dates]
        return max(texts or self._columns, key=lambda column: (len(column.texts), -column.number))

    def _entity(self, label: Column) -> Iterator[str]:
        named = re.fullmatch(_NAME, label.name.lower())
        place = re.search(r"prison|camp\b|facility|jail|colony", label.name.lower())
        class_ = "facility" if place and not re.search("prisoner", label.name.lower()) else "person"
        self._subject = class_
        yield f"  {self._subject}:"
        yield f"    class: {class_}" + ("" if named else "  # guess")
        family = self._family_name(label)
        if family is not None:
            names = f"[{_yaml(label.name)}, {_yaml(family.name)}]"
            yield f'    label: {{columns: {names}, join: " "}}  # guess: the two make a name'
        else:
            guess = "" if named else "  # guess: the names stand here"
            yield f"    label: {{column: {_yaml(label.name)}}}{guess}"
        number = self._find(_NUMBER, unique=True)
        born = self._find(r"birth|born|\bdob\b", search=True)
        if number is not None:
            self._used.add(number.number)
            yield f"    identified-by: [{_yaml(number.name)}]  # guess: each number is one {class_}"
        elif not label.is_unique and born is not None:
            self._used.add(born.number)
            repeats = f"{label.filled - len(label.texts):,} rows repeat a name"
            by = f"[{_yaml(label.name)}, {_yaml(born.name)}]"
            yield f"    identified-by: {by}  # guess: name and birth make one {class_}; {repeats}"
        also = self._find(_OTHER_NAMES, search=True)
        if also is not None:
            self._used.add(also.number)
            mark = separator(also)
            split = f", split: {_yaml(mark)}" if mark else ""
            yield f"    also: {{column: {_yaml(also.name)}{split}}}" + (
                f"  # guess: {mark} parts them" if mark else ""
            )
        for column in self._free():
            if column.script() == "Han" and re.search(r"name|chinese|char", column.name.lower()):
                self._used.add(column.number)
                yield "    names:"
                yield f"      zh: {{column: {_yaml(column.name)}}}  # guess: names in Chinese"
                break

    def _family_name(self, label: Column) -> Column | None:
        if re.fullmatch("(first|given) names?", label.name.lower()):
            family = self._find("(last|family) name|surname")
            if family is not None:
                self._used.add(family.number)
                self._names_a_person = False
            return family
        return None

    def _free(self) -> list[Column]:
        return [column for column in self._columns if column.number not in self._used]

    def _find(self, pattern: str, *, unique: bool = False, search: bool = False) -> Column | None:
        match = re.search if search else re.fullmatch
        for column in self._free():
            whole = column.filled == len(self._table.rows) and column.is_unique
            if match(pattern, column.name.lower()) and (whole or not unique):
                return column
        return None

    def _episode_lines(self, label: Column) -> Iterator[str]:
        if self._is_named_everywhere(label):
            yield "episodes:"
            case = _yaml(f"case of {{{label.name}}}")
            yield f"  case: {case}  # guess: all that is said of one {self._subject} is one case"

    def _is_named_everywhere(self, label: Column) -> bool:
        whole = label.filled == len(self._table.rows) and self._names_a_person
        return whole and not set(label.name) & set("{}")

    # ------------------------------------------------------------ what is said

    def _assertions(self) -> Iterator[str]:
        dated = self._date_columns()
        items: dict[str, list[_Item]] = {}
        for column in self._free():
            predicate = self._predicate(column)
            if predicate is not None:
                self._used.add(column.number)
                found = items.setdefault(predicate.key, [])
                found += self._said(predicate, column, dated.pop(predicate.key, None))
        for key, when in dated.items():
            if self._predicates[key].takes_entity:
                items[key] = [self._date_alone(when)]
            else:
                self._used.discard(when.number)
        for key, found in items.items():
            yield from _written(key, found)

    def _date_columns(self) -> dict[str, Column]:
        """Give the columns that hold dates, by the predicate that they narrow."""
        found: dict[str, Column] = {}
        for column in self._free():
            read = date_forms(column).read
            if column.share(read) + column.dates / max(1, column.filled) < 0.5:
                continue
            header = column.name.lower()
            key = next((key for pattern, key in _DATES if re.search(pattern, header)), "")
            if key in self._predicates and key not in found:
                found[key] = column
                self._used.add(column.number)
        return found

    def _predicate(self, column: Column) -> Property | None:
        header = column.name.lower()
        by_name = {name: p for p in self._predicates.values() for name in (p.key, p.label.lower())}
        if header in by_name:
            return by_name[header]
        if date_forms(column).read and re.search(r"date|\bday\b|year|birth|born|\bon$", header):
            return None
        keys = [key for pattern, key in _PREDICATES if re.search(pattern, header)]
        predicate = next((self._predicates[key] for key in keys if key in self._predicates), None)
        if predicate is not None and predicate.range == KG.Term and not self._has_terms(column):
            return None
        if predicate is not None and column.share(date_forms(column).read) > 0.5:
            return None
        return predicate

    def _has_terms(self, column: Column) -> bool:
        numbers = column.matching("[0-9]+([.][0-9]+)?") if "year" in column.name.lower() else []
        return column.share(terms(column)) + column.share(numbers) > 0.3

    def _said(self, predicate: Property, column: Column, when: Column | None) -> Iterator[_Item]:
        named = column.name.lower() in (predicate.key, predicate.label.lower())
        lines = [f"column: {_yaml(column.name)}", *self._rules(predicate, column)]
        if predicate.range == KG.PersonOrGroup:
            lines.insert(1, "class: person  # guess")
        if when is None:
            yield _Item(lines, named)
            return
        dated, comment = self._with_date(when)
        yield _Item([*lines, f"{dated}  # {comment}"], named)
        if predicate.takes_entity and set(when.rows) - set(column.rows):
            test = f"{{{_yaml(column.name)}: {{empty: yes}}, {_yaml(when.name)}: {{empty: no}}}}"
            yield _Item(["text: unknown  # guess: a date without a place", f"when: {test}", dated], False)

    def _date_alone(self, when: Column) -> _Item:
        dated, comment = self._with_date(when)
        test = f"when: {{{_yaml(when.name)}: {{empty: no}}}}"
        return _Item(
            [
                "text: unknown  # guess: the date is known, and the place is not",
                test,
                f"{dated}  # {comment}",
            ],
            False,
        )

    def _with_date(self, when: Column) -> tuple[str, str]:
        dates, _, comment = self._dates(when).partition("  # ")
        return f"with: {{date: {{column: {_yaml(when.name)}, {dates}}}}}", comment

    def _rules(self, predicate: Property, column: Column) -> Iterator[str]:
        if predicate.takes_entity or predicate.range == XSD_STRING:
            mark = separator(column)
            if mark:
                yield f"split: {_yaml(mark)}  # guess: several values stand in a cell"
            yield from self._listed(predicate, column, mark)
        elif predicate.range == KG.Term and column.matching("[0-9]+"):
            unit = "months" if "month" in column.name.lower() else "years"
            yield f"unit: {unit}  # guess: of numbers alone"
        elif predicate.range == EDTF:
            yield self._dates(column)

    def _listed(self, predicate: Property, column: Column, mark: str | None) -> Iterator[str]:
        """List the values of a small vocabulary, so that whatever else comes one day is told."""
        parts = Column(column.number, column.name)
        for text, times in column.texts.items():
            for part in text.split(mark) if mark else [text]:
                if part.strip() and part.strip() not in column.blanks:
                    parts.texts[part.strip()] += times
        variants = parts.variants()
        small = len(parts.texts) <= MAX_LISTED and column.filled > 2 * len(parts.texts)
        if predicate.takes_entity or not small:
            if variants:
                lines = [f"  {_yaml(text)}: {_yaml(best)}" for text, best in sorted(variants.items())]
                yield "\n".join(["values:  # guess: these are spellings of one", *lines])
                yield "otherwise: keep"
            return
        lines = [
            f"  {_yaml(text)}: {_yaml(variants.get(text, text))}" + ("  # guess" if text in variants else "")
            for text in sorted(parts.texts)
        ]
        yield "\n".join(["values:  # as they stand in the table; write what each means", *lines])

    def _dates(self, column: Column) -> str:
        found = date_forms(column)
        forms = ", ".join(_yaml(form) for form in found.forms or ("edtf",))
        line = f"dates: [{forms}]"
        if found.either:
            self._decisions += 1
            return f"{line}  # decide: {found.either[0]} or {found.either[1]}? nothing in the table tells"
        return f"{line}  # guess: the forms that stand there"

    def _assertion_lines(self, label: Column, blocks: Sequence[str]) -> Iterator[str]:
        yield "assertions:"
        yield f"  - about: {self._subject}"
        if self._is_named_everywhere(label):
            yield "    episode: case"
        name = self._predicates.get("name")
        if not blocks and name is not None:
            yield f"    {name.key}: {{column: {_yaml(label.name)}}}  # guess: nothing else was recognised"
        yield from blocks

    # ------------------------------------------------------------ what is left

    def _leave_out_lines(self) -> Iterator[str]:
        free = self._free()
        if not free:
            return
        yield "leave-out:"
        for column in free:
            told = f"{len(column.texts):,} different values, such as {column.examples()}"
            yield f"  {_yaml(column.name)}: not used yet  # guess: {_comment(told)}"


def _written(key: str, items: Sequence[_Item]) -> Iterator[str]:
    """Give the lines of one predicate: one value, or a list of several."""
    if len(items) == 1 and len(items[0].lines) == 1:
        yield f"    {key}: {{{items[0].lines[0]}}}{items[0].comment}"
        return
    yield f"    {key}:" + (items[0].comment if len(items) == 1 else "")
    for item in items:
        lines = [line for entry in item.lines for line in entry.split("\n")]
        if len(items) > 1:
            lines[0] = f"- {lines[0]}" + ("" if "#" in lines[0] else item.comment)
            lines[1:] = [f"  {line}" for line in lines[1:]]
        yield from (f"      {line}" for line in lines)


def _years(texts: Sequence[str]) -> list[str]:
    pattern = re.compile(r"(?<![0-9])(?:19|20)[0-9]{2}(?![0-9])")
    return [year for text in texts for year in pattern.findall(text[:200])]


def _yaml(text: str) -> str:
    """Give a text for a map, in quotes unless it is plain words."""
    plain = re.fullmatch(r"[^\W\d_][\w /年月日-]*", text) and text == text.strip()
    special = text.lower() in (
        "unknown",
        "none-given",
        "refused",
        "empty",
        "skip",
        "keep",
        "yes",
        "no",
        "true",
        "false",
    )
    return text if plain and not special and " #" not in text else json.dumps(text, ensure_ascii=False)


def _comment(text: str) -> str:
    """Give a text that stays within one comment."""
    return re.sub(
        r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff]", "�", text
    )[:600]

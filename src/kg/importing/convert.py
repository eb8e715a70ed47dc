"""Rows and a map become records: nothing is guessed, and nothing is left out unless a rule says so."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import PurePath
from typing import Final, TypeAlias

from kg.cells import Row
from kg.columns import letters
from kg.fields import SPECIAL
from kg.importing.entities import Entities, Found
from kg.importing.expressions import Expression, RowView, Template, place_of
from kg.importing.mapping import DEFAULT_TYPE
from kg.importing.plan import Block, EntityRule, Narrowing, Plan, SourceRule, Statement
from kg.importing.reading import Settings, Table
from kg.importing.registry import Cell, Record, Registry
from kg.importing.rules import Fault, LeftOut, Outcome, Said, short
from kg.importing.summary import Counts, Problems
from kg.importing.texts import slug
from kg.ontology import Ontology
from kg.problems import Location, Problem
from kg.seeds import PUBLISHER

Progress: TypeAlias = Callable[[int, int], None]
"""Told now and then how many rows of how many are done."""

Told: TypeAlias = dict[tuple[str, str, str], list[Record]]
"""The assertions of one row by subject, predicate and object: a cell that says a thing twice says it once."""

_OFTEN: Final = 200
_letters = lru_cache(maxsize=None)(letters)


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import makes: descriptions first, then assertions in the order of the rows."""

    records: tuple[Record, ...]
    problems: Problems
    counts: Counts


class Importer:
    """Takes tables, each with its plan, and makes records of them all."""

    def __init__(self, ontology: Ontology, settings: Settings, progress: Progress | None = None) -> None:
        """Begin with nothing."""
        self.problems = Problems()
        self._counts = Counts()
        self._settings = settings
        self._ontology = ontology
        self._progress = progress
        self._registry = Registry()
        self._entities = Entities(self._registry, ontology, self._tell, self._note)
        self._assertions: list[Record] = []
        self._added: list[tuple[Table, Plan]] = []
        self._plan: Plan
        self._table: Table
        self._report = ""
        self._found: dict[int, Found] = {}
        self._tellers: dict[str, str | None] = {}
        self._cases: dict[tuple[str, str], str | None] = {}
        self._narrowings: dict[int, Record | None] = {}
        self._nameless: list[tuple[Block, frozenset[int], list[Found]]] = []
        """Blocks of this row whose subject has no name."""
        self._place: Record = {}
        self._digest = ""
        self._told: set[tuple[int, str, str]] = set()

    def add(self, table: Table, plan: Plan) -> None:
        """Take one table."""
        self._added.append((table, plan))

    def finish(self) -> Imported:
        """Give what comes of all tables."""
        rows = []
        for table, plan in self._added:
            self._begin(table, plan)
            self._check_columns()
            rows.append(self._rows())
            for rule in plan.entities.values():
                for row in rows[-1]:
                    self._entities.scan(rule, RowView(table, row, self._settings))
        done, of = 0, sum(map(len, rows))
        for (table, plan), kept in zip(self._added, rows, strict=True):
            self._begin(table, plan)
            for row in kept:
                if self._progress and done % _OFTEN == 0:
                    self._progress(done, of)
                self._row(RowView(table, row, self._settings))
                done += 1
        self.problems.extend(self._entities.finish())
        described = [
            record for record in self._registry.records() if record["key"] not in self._elsewhere(record)
        ]
        records = (*described, *self._assertions)
        for record in described:
            self._counts.made[record["class"]] += 1
        self._counts.made["assertion"] = len(self._assertions)
        return Imported(records, self.problems, self._counts)

    def _elsewhere(self, record: Record) -> frozenset[str]:
        return self._plan.elsewhere if "report" not in record else frozenset()

    # ------------------------------------------------------------ the table

    def _begin(self, table: Table, plan: Plan) -> None:
        self._plan, self._table = plan, table
        self._entities.begin(plan.access)

    def _check_columns(self) -> None:
        """Tell of columns that hold something and of which the map says nothing."""
        if not self._table.rows:
            message = "the table has a header, and no row below it; is it the right sheet and header row?"
            self.problems.add(Problem(self._table.location(self._table.header or 1), "no-rows", message))
        open_columns = set(range(1, len(self._table.columns) + 1)) - self._plan.mentioned
        first: dict[int, str] = {}
        for row in self._table.rows:
            if not open_columns:
                break
            filled = [c for c in open_columns if c <= len(row.kinds) and row.kinds[c - 1] != " "]
            for column in filled:
                if text := row.texts[column - 1].strip() or row.kinds[column - 1].strip():
                    first[column] = text
                    open_columns.discard(column)
        if not first:
            return
        columns = sorted(first)
        shown = ", ".join(f"{place_of(c, self._table)} with {short(first[c], 30)}" for c in columns[:10])
        more = f" and {len(columns) - 10:,} more" if len(columns) > 10 else ""
        names = ", ".join(_yaml(self._table.columns[c - 1]) for c in columns[:10])
        what = "one column" if len(columns) == 1 else f"{len(columns):,} columns"
        message = (
            f"the map says nothing of {what}: {shown}{more}; use what they hold, or add to the map: "
            f"leave-out: [{names}{' …' if more else ''}]"
        )
        location = self._table.location(self._table.header or self._table.rows[0].number, columns[0])
        self.problems.add(Problem(location, "unmapped-column", message))

    def _rows(self) -> list[Row]:
        """Give the rows to import: neither those that the map skips nor, if it says so, those that repeat."""
        kept: list[Row] = []
        first: dict[str, int] = {}
        self._counts.rows += len(self._table.rows)
        for row in self._table.rows:
            because = self._skipped(row)
            if because is not None:
                self._counts.rows_left_out[because] += 1
                continue
            before = first.setdefault(self._table.digest(row), row.number)
            if before != row.number:
                if self._settings.repeats == "once":
                    self._counts.rows_left_out["they repeat another row, cell by cell"] += 1
                    continue
                if not self._settings.repeats:
                    self._repeated(row, before)
            kept.append(row)
        return kept

    def _skipped(self, row: Row) -> str | None:
        if not self._plan.skips:
            return None
        view = RowView(self._table, row, self._settings)
        return next((skip.because for skip in self._plan.skips if skip.when.holds(view)), None)

    def _repeated(self, row: Row, before: int) -> None:
        message = (
            f"this row repeats {self._table.short(before)}, cell by cell; delete one of them, or write "
            "table: {repeated-rows: once} (they are one) or {repeated-rows: apart} (each counts)"
        )
        self.problems.add(Problem(self._table.location(row.number), "repeated-row", message))

    # ------------------------------------------------------------ one row

    def _row(self, view: RowView) -> None:
        self._found, self._tellers, self._cases, self._narrowings, self._place = {}, {}, {}, {}, {}
        self._nameless = []
        self._told = set()
        view.key_of = lambda name: self._key_of(name, view)
        plan = self._plan
        for skip in plan.skips:
            skip.when.holds(view)  # What a row was tested for, and passed, has been taken account of.
        for rule in plan.leave_out:
            if rule.when is None or rule.when.holds(view):
                view.seen |= rule.columns
        report = self._report_of(view)
        if report is None:
            return
        self._report = report
        said: Told = {}
        for block, reach in zip(plan.blocks, plan.reach, strict=True):
            if block.when is None or block.when.holds(view):
                self._block(block, reach, view, said)
        for block, reach, subjects in self._nameless:
            self._without_subject(block, reach, subjects, view)
        self._check_seen(view)

    def _check_seen(self, view: RowView) -> None:
        for column in sorted(self._plan.mentioned - view.seen):
            text = view.text(column)
            fault = view.fault(column)
            if fault:
                self._tell(view, column, fault)
            elif text:
                self._tell(view, column, self._not_covered(column, text))

    def _not_covered(self, column: int, text: str) -> Fault:
        why = "is taken by no rule in this row: the conditions (when) of those that use it do not hold"
        if narrowed := self._plan.narrowed.get(column):
            why = f"narrows nothing in this row, for there is no value of {', '.join(narrowed[:5])}"
        name = _yaml(self._table.columns[column - 1])
        right = f"leave-out: {{column: {name}, when: …, because: …}}"
        return Fault("not-covered", f"{short(text)} {why}; add a rule, or {right}")

    def _tell(self, view: RowView, column: int, fault: Fault) -> None:
        """Note a fault of a cell, once a row."""
        key = (column, fault.code, fault.message)
        if key in self._told:
            return
        self._told.add(key)
        name = view.table.columns[column - 1] if column else ""
        message = f"{short(name, 40)}: {fault.message}" if name else fault.message
        self.problems.add(
            Problem(view.table.location(view.row.number, column or None), fault.code, message), name
        )

    def _note(self, view: RowView, found: Sequence[tuple[int, Outcome]]) -> None:
        """Count what rules leave out, once a row for each column and reason."""
        for column, outcome in found:
            if isinstance(outcome, LeftOut):
                key = (column, "left out", outcome.because)
                if key not in self._told:
                    self._told.add(key)
                    name = view.table.columns[column - 1] if column else ""
                    self._counts.values_left_out[name, outcome.because] += 1

    def _one(self, expression: Expression, view: RowView, what: str) -> tuple[bool, str | None]:
        """Give whether all is well, and the one value there is, if there is one."""
        found = expression.read(view)
        self._note(view, found)
        for column, outcome in found:
            if isinstance(outcome, Fault):
                self._tell(view, column, outcome)
        said = [outcome for _, outcome in found if isinstance(outcome, Said)]
        if len(said) > 1:
            listed = ", ".join(short(outcome.text) for outcome in said[:4])
            message = f"{listed} stand where one {what} is wanted; choose one by a rule, such as values"
            self._tell(view, found[0][0], Fault("several-values", message))
        well = len(said) <= 1 and not any(isinstance(outcome, Fault) for _, outcome in found)
        return well, said[0].text if said else None

    def _key_of(self, name: str, view: RowView) -> str:
        found = self._resolve(self._plan.entities[name], view)
        return found.keys[0].rpartition("_")[2] if found.keys else ""

    def _resolve(self, rule: EntityRule, view: RowView) -> Found:
        known = self._found.get(id(rule))
        if known is None:
            self._found[id(rule)] = Found("faulty")  # A key that is made of itself.
            known = self._found[id(rule)] = self._entities.of_rule(rule, view, self._report)
        return known

    # ------------------------------------------------------------ report, sources, episodes

    def _at(self, view: RowView, column: int = 0) -> Cell:
        number = view.row.number
        place = str(self._table.location(number, column or None))
        return Cell(place, self._table.short(number, column or None), self._entities.table, number)

    def _key(self, template: Template, view: RowView, what: str, where: Location) -> str | None:
        """Give a key that the map describes; None, with a fault told, if the row has nothing for it."""
        view.seen |= template.columns
        text, missing = template.fill(view)
        key = slug(text)
        if not missing and key:
            return key
        names = ", ".join(f"{{{hole.name}}}" for hole in missing) or "a letter or digit"
        message = f"the key of the {what} at {where} needs {names}; fill it in, or skip the row"
        self._tell(view, missing[0].column if missing else 0, Fault("empty-hole", message))
        return None

    def _report_of(self, view: RowView) -> str | None:
        rule = self._plan.report
        view.seen |= rule.columns
        key = self._key(rule.key, view, "report", rule.where)
        if key is None or not rule.fields:
            return key
        self._report = key
        record: Record = {"class": "report", "key": key}
        well = True
        for name, expression in rule.fields:
            fine, value = self._one(expression, view, name)
            well = well and fine
            if value is not None:
                record[name] = value
        if not well:
            return None
        record.setdefault("type", DEFAULT_TYPE)
        if rule.publisher is not None:
            found = self._resolve(rule.publisher, view)
            if found.keys:
                record["publisher"] = found.keys[0]
        self._restrict(record)
        return key if self._describe("report", "", record, view, rule.where) else None

    def _restrict(self, record: Record) -> None:
        if self._plan.access:
            record.setdefault("access", self._plan.access)

    def _describe(self, kind: str, report: str, record: Record, view: RowView, where: Location) -> bool:
        if self._registry.knows(kind, report, record):
            return True
        at = self._at(view)
        found = self._registry.other(kind, report, record["key"], record, at)
        if found is None:
            return True
        message = (
            f"the {found.what} of the {kind} {record['key']!r} is {short(found.here)} here and "
            f"{short(found.there)} in {found.at.seen_from(at)}; mend one of them, or give each a "
            f"key of its own at {where}"
        )
        self._tell(view, 0, Fault("disagrees", message))
        return False

    def _source(self, name: str, view: RowView) -> str | None:
        """Give the key of a source; None, with a fault told, if it cannot be made."""
        if name not in self._tellers:
            self._tellers[name] = None  # A chain that comes back to itself ends here.
            self._tellers[name] = self._new_source(name, view)
        return self._tellers[name]

    def _new_source(self, name: str, view: RowView) -> str | None:
        rule = self._plan.sources.get(name)
        if rule is None:
            return PUBLISHER
        speaker = self._resolve(rule.speaker, view) if rule.speaker else None
        if speaker is not None and not speaker.keys:
            if speaker.state == "empty" and rule.otherwise:
                return self._source(rule.otherwise, view)
            if speaker.state == "empty":
                message = (
                    f"nobody stands here who speaks as {name!r}; fill it in, or write at {rule.where} "
                    "without-speaker: publisher"
                )
                self._tell(view, speaker.column, Fault("no-speaker", message))
            return None
        record: Record = {"class": "source", "report": self._report, "key": ""}
        if speaker is not None:
            record["speaker"] = speaker.keys[0]
        for field, expression in rule.fields:
            well, value = self._one(expression, view, field)
            if not well:
                return None
            if value is not None:
                record[field] = value
        key = self._source_key(rule, speaker, view)
        inward = self._source(rule.learned_from, view) if rule.learned_from else None
        if key is None or (rule.learned_from and inward is None):
            return None
        record["key"] = key
        if inward:
            record["learned-from"] = inward
        self._restrict(record)
        return key if self._describe("source", self._report, record, view, rule.where) else None

    def _source_key(self, rule: SourceRule, speaker: Found | None, view: RowView) -> str | None:
        if rule.key is not None:
            return self._key(rule.key, view, "source", rule.where)
        if speaker is None or rule.speaker is None or rule.speaker.is_constant:
            return rule.name
        key = speaker.keys[0].rpartition("_")[2]
        return key if key.startswith(f"{rule.name}-") else slug(f"{rule.name} {key}")

    def _episode(self, name: str, subject: str, view: RowView) -> str | None:
        if (name, subject) not in self._cases:
            self._cases[name, subject] = self._new_episode(name, subject, view)
        return self._cases[name, subject]

    def _new_episode(self, name: str, subject: str, view: RowView) -> str | None:
        rule = self._plan.episodes[name]
        if rule.key is None:
            key: str | None = slug(f"{subject.rpartition('_')[2]} {name}")
        else:
            key = self._key(rule.key, view, "episode", rule.where)
        well, label = self._one(rule.label, view, "label")
        if key is None or not well:
            return None
        if label is None:
            message = (
                f"the label of the episode {name!r} is empty in this row; fill it in, or change the label"
            )
            self._tell(view, min(rule.label.columns, default=0), Fault("empty-hole", message))
            return None
        record: Record = {"class": "episode", "key": key, "label": label}
        if rule.access is not None and (access := self._one(rule.access, view, "access")[1]):
            record["access"] = access
        self._restrict(record)
        return key if self._describe("episode", "", record, view, rule.where) else None

    # ------------------------------------------------------------ assertions

    def _block(self, block: Block, reach: frozenset[int], view: RowView, said: Told) -> None:
        subjects = [self._resolve(rule, view) for rule in block.about]
        if any(found.state in ("left out", "faulty") for found in subjects):
            view.seen |= reach
            return
        keys = [key for found in subjects for key in found.keys]
        if not keys:
            self._nameless.append((block, reach, subjects))
            return
        speaks = False
        for statement in block.statements:
            if statement.when is None or statement.when.holds(view):
                speaks = self._statement(statement, block, keys, view, said) or speaks
        if speaks:
            view.seen |= block.narrowing.columns

    def _without_subject(
        self, block: Block, reach: frozenset[int], subjects: Sequence[Found], view: RowView
    ) -> None:
        """Tell that a name is missing, if the row says something that only it could be said of."""
        if not any(view.text(column) or view.fault(column) for column in reach - view.seen):
            return
        view.seen |= reach
        for rule, found in zip(block.about, subjects, strict=True):
            if found.state == "empty":
                message = (
                    f"no name stands here, and the row says something of {rule.name!r}; fill it "
                    f"in, or write at {rule.where} without-name: {{unnamed: a few words}} or "
                    f"without-name: {{skip: why}}"
                )
                self._tell(view, found.column, Fault("no-name", message))

    def _statement(
        self,
        statement: Statement,
        block: Block,
        subjects: Sequence[str],
        view: RowView,
        said: Told,
    ) -> bool:
        """Make assertions of one predicate; tell whether the row says anything of it."""
        objects: list[tuple[int, object, tuple[tuple[str, str], ...]]] = []
        if statement.value is None:
            assert statement.entity is not None  # noqa: S101  (a statement has one of the two)
            found = self._resolve(statement.entity, view)
            if found.state == "empty":
                return False
            objects = [(found.column, key, ()) for key in found.keys]
        else:
            outcomes = statement.value.read(view)
            if not outcomes:
                return False
            self._note(view, outcomes)
            for column, outcome in outcomes:
                if isinstance(outcome, Fault):
                    self._tell(view, column, outcome)
                elif isinstance(outcome, Said):
                    value = self._object(statement, outcome, view, column)
                    if value is not None:
                        objects.append((column, value, outcome.narrowed))
        if objects:
            self._assert(statement, block, subjects, objects, view, said)
        view.seen |= statement.narrowing.columns
        return True

    def _object(self, statement: Statement, outcome: Said, view: RowView, column: int) -> object | None:
        if outcome.special:
            return outcome.text
        if statement.entity is not None:
            return self._entities.named(statement.entity, outcome, view, column)
        return {"text": outcome.text} if _needs_quotes(outcome.text) else outcome.text

    def _assert(
        self,
        statement: Statement,
        block: Block,
        subjects: Sequence[str],
        objects: Sequence[tuple[int, object, tuple[tuple[str, str], ...]]],
        view: RowView,
        said: Told,
    ) -> None:
        narrowed = self._narrowed((block.narrowing, statement.narrowing), view)
        if narrowed is None:
            return
        for subject in subjects:
            episodes = self._episodes_of((block.narrowing, statement.narrowing), subject, view)
            if episodes is None:
                return
            for column, value, more in objects:
                record: Record = {
                    "subject": subject,
                    "predicate": statement.predicate.key,
                    "object": value,
                    "report": self._report,
                    **narrowed,
                    **dict(more),
                }
                if episodes:
                    record["episode"] = list(episodes)
                twins = said.setdefault((subject, statement.predicate.key, str(value)), [])
                if record not in twins:
                    twins.append(record)
                    self._assertions.append(record | self._evidence(view, column))

    def _narrowed(self, narrowings: Sequence[Narrowing], view: RowView) -> Record | None:
        """Give what narrows an assertion; the later of `narrowings` win. None, with a fault told."""
        record: Record = {}
        for narrowing in narrowings:
            if id(narrowing) not in self._narrowings:
                self._narrowings[id(narrowing)] = self._new_narrowing(narrowing, view)
            found = self._narrowings[id(narrowing)]
            if found is None:
                return None
            record |= found
        self._restrict(record)
        return record

    def _new_narrowing(self, narrowing: Narrowing, view: RowView) -> Record | None:
        record: Record = {}
        well = True
        for name, expression in (*narrowing.marks, *narrowing.qualifiers):
            fine, value = self._one(expression, view, name)
            if name == "told-by" and value is not None:
                value = self._source(value, view)
                fine = value is not None
            well = well and fine
            if value is not None:
                record[name] = value
        return record if well else None

    def _episodes_of(
        self, narrowings: Sequence[Narrowing], subject: str, view: RowView
    ) -> tuple[str, ...] | None:
        names = [name for narrowing in narrowings for name in narrowing.episodes]
        if not names:
            return ()
        keys = [self._episode(name, subject, view) for name in dict.fromkeys(names)]
        return None if None in keys else tuple(key for key in keys if key is not None)

    def _evidence(self, view: RowView, column: int) -> Record:
        if not self._place:
            grid = self._table.grid
            sheet = {"sheet": grid.sheet} if grid.sheet else {}
            self._place = {"file": PurePath(grid.file).name, **sheet, "row": view.row.number}
            self._digest = self._table.digest(view.row)
        one = {"column": _letters(column)} if column and not self._table.is_objects else {}
        return {**self._place, **one, "digest": self._digest, "method": "imported"}


def _needs_quotes(text: str) -> bool:
    return text in SPECIAL or text.startswith('"')


def _yaml(name: str) -> str:
    """Give a column's name as it stands in a YAML list, in quotes where that is safer."""
    import json

    return (
        name
        if name.replace(" ", "").isalnum() and not name.isdigit()
        else json.dumps(name, ensure_ascii=False)
    )

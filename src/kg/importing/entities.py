"""Who and what the rows of a table speak of: one entity for each, and none for two."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from kg.fields import NO_LABELS, SPECIAL
from kg.importing.expressions import Expression, RowView, Template, left_out, only
from kg.importing.plan import EntityRule
from kg.importing.registry import Cell, Described, Identity, Record, Registry, agree
from kg.importing.rules import Fault, LeftOut, Outcome, Said, short
from kg.importing.texts import cut, fold, slug, tidy
from kg.ontology import Class, Ontology
from kg.problems import Location, Problem
from kg.terms import KG

State: TypeAlias = Literal["found", "empty", "left out", "faulty"]
Tell: TypeAlias = Callable[[RowView, int, Fault], None]
"""Takes a fault of a row and the column it is in; 0 is the row itself."""
Note: TypeAlias = Callable[[RowView, Sequence[tuple[int, Outcome]]], None]
"""Takes what a rule made of a row, to count what it leaves out."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a rule finds in a row: the keys by which records call entities, or why there are none."""

    state: State
    keys: tuple[str, ...] = ()
    column: int = 0
    """Where the name stands, or should stand."""


@dataclass(slots=True)
class _Unfinished:
    """What only the whole table can tell: the rule of an entity, and the place of its latest row."""

    rule: EntityRule
    at: Location


class Entities:
    """Makes entities of rows."""

    def __init__(self, registry: Registry, ontology: Ontology, tell: Tell, note: Note) -> None:
        """Write into `registry`; faults go to `tell`, and what rules leave out to `note`."""
        self._registry = registry
        self._ontology = ontology
        self._access: str | None = None
        self._tell = tell
        self._note = note
        self._labels: dict[tuple[str, Identity], str] = {}
        """Of entities that are told apart by something else than their label: the first label there is."""
        self._later: dict[int, _Unfinished] = {}
        self._numbers: dict[tuple[str, str], dict[tuple[int, int], int]] = {}
        self.table = 0

    # ------------------------------------------------------------ the doors

    def begin(self, access: str | None) -> None:
        """Go on to another table; `access` marks what no rule marks."""
        self._access = access
        self.table += 1

    def scan(self, rule: EntityRule, view: RowView) -> None:
        """Look at a row before all are read: a row without a name may be of somebody named in a later one."""
        if rule.label is None or rule.identified_by is None or rule.label_at >= 0:
            return
        label = only(rule.label.read(view))
        identity = self._identity(rule, view, "", quiet=True)
        if label and identity and all(identity):
            self._labels.setdefault((_space(rule), identity), label[1].text)

    def of_rule(self, rule: EntityRule, view: RowView, report: str) -> Found:
        """Give the entities that a rule finds in a row."""
        if rule.is_elsewhere:
            return Found("found", (rule.name,))
        if rule.unnamed is not None:
            return self._described(rule, rule.unnamed, rule.key, view, report)
        assert rule.label is not None  # noqa: S101  (a rule has the one or the other)
        found = rule.label.read(view)
        column = found[0][0] if found else min(rule.label.columns, default=0)
        said = [outcome for _, outcome in found if isinstance(outcome, Said)]
        for place, outcome in found:
            if isinstance(outcome, Fault):
                self._tell(view, place, outcome)
        self._note(view, found)
        if len(said) + len(left_out(found)) < len(found):
            return Found("faulty", column=column)
        if not said and found:
            return Found("left out", column=column)
        if not said:
            return self._nameless(rule, view, report, column)
        keys = [self.named(rule, outcome, view, column) for outcome in said]
        if None in keys:
            return Found("faulty", column=column)
        return Found("found", tuple(dict.fromkeys(key for key in keys if key)), column)

    def named(self, rule: EntityRule, said: Said, view: RowView, column: int) -> str | None:
        """Give the key of the entity with a label, or None with a fault told."""
        if said.is_key:
            return said.text
        class_ = self._class(rule, view)
        identity = self._identity(rule, view, said.text)
        if class_ is None or identity is None:
            return None
        space = _space(rule) if _is_apart(rule, class_) else class_.key
        at = self._cell(view, column)
        described = self._registry.entity(space, identity)
        if described is None:
            described = self._new(rule, class_, said.text, identity, space, view, at)
            if described is None:
                return None
        elif not self._same_label(rule, described, said.text, view, column):
            return None
        described.rows.add((at.table, at.row))
        if rule.columns and len(described.rows) <= 2:
            self._later[id(described)] = _Unfinished(
                rule, view.table.location(view.row.number, column or None)
            )
        self._add_to(described, rule, view, said.text)
        return described.key

    # ------------------------------------------------------------ with a name

    def _class(self, rule: EntityRule, view: RowView) -> Class | None:
        if isinstance(rule.class_, Class):
            return rule.class_
        text = self._one(rule.class_, view, "class")
        if text is None:
            column = min(rule.class_.columns, default=0)
            self._tell(view, column, Fault("no-class", f"no class of entity stands here ({rule.where})"))
        return self._ontology.classes.get(text or "")

    def _identity(
        self, rule: EntityRule, view: RowView, label: str, *, quiet: bool = False
    ) -> Identity | None:
        if rule.identified_by is None:
            return (fold(label),)
        parts = []
        for number, (_, expression) in enumerate(rule.identified_by):
            if number == rule.label_at:
                parts.append(fold(label))
                continue
            found = expression.read(view)
            texts = [outcome.text for _, outcome in found if isinstance(outcome, Said)]
            if len(texts) < len(found):
                for place, outcome in found:
                    if isinstance(outcome, Fault) and not quiet:
                        self._tell(view, place, outcome)
                return None
            parts.append(" ".join(map(fold, texts)))
        return tuple(parts)

    def _new(
        self,
        rule: EntityRule,
        class_: Class,
        label: str,
        identity: Identity,
        space: str,
        view: RowView,
        at: Cell,
    ) -> Described | None:
        column = min(rule.label.columns, default=0) if rule.label else 0
        label = self._labels.get((space, identity), label)
        key = self._key(rule, label, identity, view, column)
        if key is None:
            return None
        owner = self._registry.owner(key)
        if owner is not None:
            self._tell(view, column, _same_key(rule, owner, label, key, at))
            return None
        record: Record = {"class": class_.key, "key": key, "label": label}
        described = Described(key, label, identity, space, at, record)
        self._registry.add(described)
        return described

    def _key(
        self, rule: EntityRule, label: str, identity: Identity, view: RowView, column: int
    ) -> str | None:
        if rule.is_constant:
            return rule.name
        if rule.key is not None:
            return self._filled(rule.key, view, label, rule.where)
        others = [part for number, part in enumerate(identity) if number != rule.label_at]
        parts = [label, *(others if rule.identified_by else ())]
        key = cut("-".join(filter(None, map(slug, parts))))
        if key in SPECIAL or key in NO_LABELS or not key:
            self._tell(
                view, column, Fault("no-name", f"{short(label)} is no name, so no key can be made of it")
            )
            return None
        return key

    def _filled(self, template: Template, view: RowView, label: str, where: Location) -> str | None:
        text, missing = template.fill(view, label)
        view.seen.update(template.columns)
        key = slug(text)
        if missing or not key:
            names = ", ".join(f"{{{hole.name}}}" for hole in missing) or "a letter or digit"
            message = (
                f"the key needs {names}, which has nothing in this row; fill it in, or change it at {where}"
            )
            self._tell(view, missing[0].column if missing else 0, Fault("empty-hole", message))
            return None
        return key

    def _same_label(
        self, rule: EntityRule, described: Described, label: str, view: RowView, column: int
    ) -> bool:
        if fold(described.label) == fold(label):
            return True
        if rule.other_labels:
            _append(described.record, "also", label)
            return True
        at = described.at.seen_from(self._cell(view, column))
        by = ", ".join(title for title, _ in rule.identified_by or ())
        message = (
            f"{short(label)} here and {short(described.label)} in {at} are one by {by}; mend one "
            f"of them, or write other-labels: also at {rule.where} to make the second another name"
        )
        self._tell(view, column, Fault("disagrees", message))
        return False

    def _add_to(self, described: Described, rule: EntityRule, view: RowView, label: str) -> None:
        if rule.is_constant and len(described.rows) > 1:
            return
        for column in rule.agree:
            view.seen.add(column)
            name, at = view.table.columns[column - 1], self._cell(view, column)
            if found := agree(described, column, name, view.text(column), at):
                told = found.at.seen_from(at)
                message = (
                    f"{found.here} here and {found.there} in {told}, and both rows are "
                    f"{short(described.label)}; mend one of them, add {name!r} to identified-by at "
                    f"{rule.where} if these are two, or take it out of agree"
                )
                self._tell(view, column, Fault("disagrees", message))
        for expression in rule.also:
            for text in self._all(expression, view):
                if fold(text) != fold(described.label):
                    _append(described.record, "also", text)
        for tag, expression in rule.names:
            for text in self._all(expression, view):
                _append(described.record.setdefault("names", {}), tag, text)
        if rule.same_as is not None:
            for text in self._all(rule.same_as, view):
                _append(described.record, "same-as", text)
        if rule.note is not None and (note := self._one(rule.note, view, "note")):
            described.notes += [note] if note not in described.notes else []
            described.record["note"] = "; ".join(described.notes)
        access = self._mark(rule.access, view)
        if access and described.record.get("access") != "restricted":
            described.record["access"] = access

    def _mark(self, expression: Expression | None, view: RowView) -> str | None:
        return (self._one(expression, view, "access") if expression else None) or self._access

    # ------------------------------------------------------------ without a name

    def _nameless(self, rule: EntityRule, view: RowView, report: str, column: int) -> Found:
        before = set(view.seen)
        identity = self._identity(rule, view, "", quiet=True)
        label = self._labels.get((_space(rule), identity)) if identity else None
        if label is not None:
            key = self.named(rule, Said(label), view, column)
            return Found("found", (key,), column) if key else Found("faulty", column=column)
        view.seen &= before  # What tells nobody apart has said nothing yet.
        without = rule.without_name
        if without is None:
            return Found("empty", column=column)
        if without.unnamed is None:
            self._note(view, [(column, LeftOut(without.because))])
            return Found("left out", column=column)
        return self._described(rule, without.unnamed, without.key, view, report)

    def _described(
        self, rule: EntityRule, text: Expression, template: Template | None, view: RowView, report: str
    ) -> Found:
        label, class_ = self._one(text, view, "unnamed"), self._class(rule, view)
        column = min(text.columns, default=0)
        if label is None or class_ is None:
            return Found("empty", column=column)
        key = self._unnamed_key(rule, template, view)
        if key is None:
            return Found("faulty", column=column)
        record: Record = {"class": class_.key, "key": key, "unnamed": label, "report": report}
        known = self._registry.unnamed(report, key, record)
        if access := self._mark(rule.access, view):
            known["access"] = access
        if rule.note is not None and (note := self._one(rule.note, view, "note")):
            known["note"] = note
        for expression in (*rule.also, *(e for _, e in rule.names), *filter(None, [rule.same_as])):
            expression.read(view)
        view.seen.update(rule.agree)
        return Found("found", (f"{report}_{key}",), column)

    def _unnamed_key(self, rule: EntityRule, template: Template | None, view: RowView) -> str | None:
        if template is not None:
            return self._filled(template, view, "", rule.where)
        begin = rule.name or (rule.class_.key if isinstance(rule.class_, Class) else "somebody")
        identity = self._identity(rule, view, "") if rule.identified_by else None
        others = [part for number, part in enumerate(identity or ()) if number != rule.label_at]
        if others and all(others):
            return cut("-".join([begin, *map(slug, others)]))
        digest = view.table.digest(view.row)
        place = (self.table, view.row.number)
        rows = self._numbers.setdefault((rule.name, digest), {})
        number = rows.setdefault(place, len(rows) + 1)
        return f"{begin}-{digest[:8]}" + (f"-{number}" if number > 1 else "")

    # ------------------------------------------------------------ the whole table

    def finish(self) -> Iterator[Problem]:
        """Give what only the whole table shows: names that may be of several people."""
        for described, number in self._registry.homonyms():
            if (later := self._later.get(id(described))) is None:
                continue
            if later.rule.identified_by is None and _is_person(described, self._ontology):
                message = (
                    f"{short(described.label)} stands in {number:,} rows, first in "
                    f"{described.at.short}, and the map does not say what makes one person of "
                    f"them; write identified-by: [the name, a birth date, a number …] at "
                    f"{later.rule.where} (the name alone, if it is one person wherever it stands)"
                )
                yield Problem(later.at, "same-name", message)
        for described, twin in self._registry.incomplete():
            later = self._later.get(id(described))
            if later is not None and not later.rule.blank_apart and later.rule.identified_by is not None:
                empty = ", ".join(
                    title
                    for (title, _), part in zip(later.rule.identified_by, described.identity, strict=True)
                    if not part
                )
                message = (
                    f"{short(described.label)} may be the one of {twin.at.short}, since {empty} is "
                    f"empty here; fill it in, or write if-blank: apart at {later.rule.where} to "
                    "make another person of it"
                )
                yield Problem(later.at, "may-be-same", message)

    # ------------------------------------------------------------ single values

    def _cell(self, view: RowView, column: int) -> Cell:
        number = view.row.number
        place = str(view.table.location(number, column or None))
        return Cell(place, view.table.short(number, column or None), self.table, number)

    def _all(self, expression: Expression, view: RowView) -> list[str]:
        found = expression.read(view)
        self._note(view, found)
        for place, outcome in found:
            if isinstance(outcome, Fault):
                self._tell(view, place, outcome)
        return [tidy(outcome.text) for _, outcome in found if isinstance(outcome, Said)]

    def _one(self, expression: Expression, view: RowView, what: str) -> str | None:
        texts = self._all(expression, view)
        if len(texts) > 1:
            listed = ", ".join(map(short, texts[:4]))
            message = f"{listed} stand where one {what} is wanted"
            self._tell(view, min(expression.columns, default=0), Fault("several-values", message))
        return texts[0] if texts else None


def _space(rule: EntityRule) -> str:
    return f"{rule.name}@{rule.where.line}:{rule.where.column}"


def _is_apart(rule: EntityRule, class_: Class) -> bool:
    """Tell whether what a rule finds is nothing that another rule finds, too: not so with mere places."""
    return rule.identified_by is not None or KG.PersonOrGroup in class_.supers


def _is_person(described: Described, ontology: Ontology) -> bool:
    class_ = ontology.classes.get(described.record["class"])
    return class_ is not None and KG.PersonOrGroup in class_.supers


def _same_key(rule: EntityRule, owner: Described, label: str, key: str, at: Cell) -> Fault:
    there = f"{short(owner.label)} in {owner.at.seen_from(at)}"
    message = (
        f"{short(label)} here and {there} would both have the key {key!r}; if they are one, give "
        f"both the same name and the same class and rule, else write a key of its own at "
        f"{rule.where}, such as key: {key}-{{…}}"
    )
    return Fault("same-key", message)


def _append(record: Record, name: str, text: str) -> None:
    known = record.setdefault(name, [])
    if text not in known:
        known.append(text)

"""One row per person: the list that newsrooms and organizations keep, with what is not known left visible.

A cell says who says what where they differ: ``5 years (a friend) / 7 years (the court)``.
``unknown`` is what nobody reports; ``alleged:`` and ``denied:`` stand before what is no more than that.
"""

from __future__ import annotations

import csv
import datetime
import io
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

from kg import wording
from kg.chronology import stage_of
from kg.dossier import Cases, Labels, is_unknown, key_of, predicate_key
from kg.dossier_text import for_markdown
from kg.escape import for_csv, legal_xml
from kg.index import ABSENT, LOCATED_IN, Index, date_of, qualifier
from kg.model import Assertion, Entity
from kg.namespaces import DEFAULT_BASE, KG_NAMESPACE
from kg.ontology import local_name
from kg.problems import KgError
from kg.terms import KG

if TYPE_CHECKING:
    from kg.corroboration import Corroboration

UNKNOWN = "unknown"
SHEETS = "pip install 'reportedly[sheets]'"
"""How to install what `xlsx` needs."""
MAX_ROWS = 1_048_575
"""Rows of a sheet, its heading left out."""
MAX_CELL = 32_767
"""Characters of a cell of a sheet."""

NOTES = (
    "Each row says what reports say of one person: not what is true.",
    f"{UNKNOWN}: no report in this graph says it.",
    "none given, refused: somebody says that nothing was given, or that an answer was refused.",
    "inferred: a date that the curator worked out, from last month and the day of publication, say.",
    "alleged: the report itself carries it as an allegation. denied: somebody says that it is not so.",
    "A (teller) / B (other teller): they say different things. A; B: the same tellers say both.",
    "[case]: which arrest or case is meant, where reports tell of several.",
    "status: the last step reported; status as of: when the latest report that says so was published.",
    "origins: how many distinct people or bodies all of it comes from, at least and at most.",
)
"""How to read the table."""


# ---------------------------------------------------------------- values


@dataclass(frozen=True, slots=True)
class Answer:
    """One value of a cell, with who says it and who denies it (the origins, in words)."""

    value: str
    certainty: str
    """stated, alleged, or denied where nobody affirms it; none given or refused where there is no value."""
    tellers: tuple[str, ...]
    deniers: tuple[str, ...] = ()
    case: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands in a cell, and the answers that it sums up; `disputed` where tellers differ."""

    text: str = UNKNOWN
    answers: tuple[Answer, ...] = ()
    disputed: bool = False


@dataclass(frozen=True, slots=True)
class PersonRow:
    """What reports say of one person, or of one group."""

    iri: str
    key: str
    name: str
    other_names: tuple[str, ...]
    group: bool
    unnamed: bool
    who: Cell
    taken: Cell
    """When, as reported."""
    taken_earliest: str | None
    """The first day that any of it can mean (ISO 8601); None where there is no date or no such bound."""
    taken_latest: str | None
    taken_at: Cell
    taken_by: Cell
    held_at: Cell
    accused_of: Cell
    charge: Cell
    court: Cell
    term: Cell
    status: Cell
    status_as_of: str | None
    """When the latest report of the status was published (EDTF)."""
    ties: Cell
    origins_least: int
    origins_most: int
    reports: tuple[str, ...]
    """Keys of the reports."""


# ---------------------------------------------------------------- from assertions to rows


def people(
    index: Index,
    *,
    base: str = DEFAULT_BASE,
    corroboration: Corroboration | None = None,
    groups: bool = False,
    everyone: bool = False,
    labels: Labels | None = None,
) -> tuple[PersonRow, ...]:
    """Give a row for each person of whom a step of a case is told: taken, held, charged, sentenced …

    Named ones come first, each sort by name. With `groups`, groups of persons have rows too;
    with `everyone`, so has whoever else is spoken of: tellers, relatives, who is only accused. With
    `corroboration`, entities tied by same-as share a row, and origins are counted by its rules;
    without it, each speaker counts as one and a speaker who is not known as perhaps another.
    """
    return _People(index, base, corroboration, labels or {}).rows(groups=groups, everyone=everyone)


_PERSON = KG_NAMESPACE + "Person"
_TIES = ("citizen-of", "has-relatives-in", "travelled-to", "tried-to-emigrate-to", "related-to-country")
_STEPS = {
    "accused": "accused",
    "detained": "taken",
    "held": "held",
    "transferred": "held",
    "charged": "charged",
    "tried": "tried",
    "sentenced": "sentenced",
    "released": "released",
    "died": "died",
}
"""Status by stage, in the order of law."""
_CERTAINTIES = ("stated", *sorted(ABSENT.values()), "alleged", "denied")
_ORDER = tuple(dict.fromkeys(_STEPS.values()))


class _CasesOfOne:
    """The cases of one person, and their order in time."""

    def __init__(self, cases: Cases, said: Sequence[Assertion]) -> None:
        self._of = cases.of(said)
        self._rank = cases.in_time(said, self._of)

    def __getitem__(self, episodes: tuple[str, ...]) -> str:
        return self._of[episodes]

    def rank(self, case: str) -> int:
        return self._rank[case]


class _People:
    def __init__(self, index: Index, base: str, corroboration: Corroboration | None, labels: Labels) -> None:
        self._index = index
        self._base = base
        self._corroboration = corroboration
        self._labels = labels
        self._cases = Cases(index)
        self._names: dict[str, str] = {}

    def rows(self, *, groups: bool, everyone: bool) -> tuple[PersonRow, ...]:
        members: dict[str, list[str]] = defaultdict(list)
        for iri in dict.fromkeys((*self._index.entities, *self._index.about)):
            members[self._one(iri)].append(iri)
        rows = []
        for one, tied in members.items():
            group = self._class_of(one) == KG.Group
            said = self._in_order(_unique(a for iri in tied for a in self._index.about.get(iri, ())))
            befallen = any(stage_of(a.predicate) not in (None, "accused") for a in said)
            if (befallen or (everyone and self._class_of(one) in (_PERSON, KG.Group))) and (
                groups or not group
            ):
                rows.append(self._row(one, tied, said))
        return tuple(sorted(rows, key=lambda row: (row.unnamed, row.group, row.name.casefold(), row.iri)))

    def _one(self, iri: str) -> str:
        return self._corroboration.one(iri) if self._corroboration else iri

    def _class_of(self, iri: str) -> str:
        entity = self._index.entities.get(iri)
        return entity.class_iri if entity else ""

    def _row(self, iri: str, tied: Sequence[str], said: Sequence[Assertion]) -> PersonRow:
        index = self._index
        by_key: dict[str, list[Assertion]] = defaultdict(list)
        by_stage: dict[str, list[Assertion]] = defaultdict(list)
        for assertion in said:
            by_key[predicate_key(assertion)].append(assertion)
            by_stage[stage_of(assertion.predicate) or ""].append(assertion)
        cases = _CasesOfOne(self._cases, said)
        entities = [index.entities[each] for each in (iri, *tied) if each in index.entities]
        name = index.label(iri)
        others = dict.fromkeys(text for entity in entities for text in _names(entity))
        others |= dict.fromkeys(index.value(a.object) for a in by_key["name"] if a.polarity == "affirmed")
        dated = _narrowest([a for a in by_stage["detained"] if qualifier(a, "date")])
        days = [date for a in dated if a.polarity == "affirmed" and (date := date_of(a))]
        status, as_of = self._status(by_stage, cases)

        def cell(*keys: str) -> Cell:
            # That it is unknown is said by leaving it out: another teller may know.
            known = [a for key in keys for a in by_key[key] if not is_unknown(index, a.object)]
            return self._cell(known, cases, self._value)

        reports = dict.fromkeys(a.report for a in said)
        least, most = self._origins(said)
        return PersonRow(
            iri,
            key_of(iri, self._base),
            name,
            tuple(text for text in others if text != name),
            self._class_of(iri) == KG.Group,
            all(entity.unnamed for entity in entities) if entities else False,
            self._who(cell),
            self._cell(dated, cases, self._date),
            _bound(min, [date.earliest for date in days]),
            _bound(max, [date.latest for date in days]),
            cell("detained-at"),
            cell("detained-by"),
            cell("held-at", "transferred-to"),
            cell("accused-of"),
            cell("charged-with"),
            cell("sentenced-by"),
            cell("sentenced-to"),
            status,
            as_of,
            self._ties(by_key, tied),
            least,
            most,
            tuple(local_name(report).removeprefix("report_") for report in reports),
        )

    # ------------------------------------------------------------ cells

    def _cell(
        self,
        said: Sequence[Assertion],
        cases: _CasesOfOne,
        value: Callable[[Assertion], str],
    ) -> Cell:
        """Sum up what is said, in the order of reports, in answer to one question."""
        by_case: dict[str, list[Assertion]] = defaultdict(list)
        for assertion in said:
            by_case[cases[assertion.episodes]].append(assertion)
        several = len([case for case in by_case if case]) > 1
        answers: list[Answer] = []
        texts: list[str] = []
        disputed = False
        for case in sorted(by_case, key=cases.rank):
            about = by_case[case]
            label = self._index.label(case) if several and case else ""
            found = self._answers(about, value, label)
            if not found:
                continue
            differ = _differ(found)
            disputed |= differ
            texts.append(_cell_text(found, differ) + (f" [{label}]" if label else ""))
            answers += found
        return Cell("; ".join(texts), tuple(answers), disputed) if answers else Cell()

    def _answers(
        self, said: Sequence[Assertion], value: Callable[[Assertion], str], case: str
    ) -> list[Answer]:
        groups: dict[str, list[Assertion]] = defaultdict(list)
        for assertion in said:
            groups[value(assertion)].append(assertion)
        broader = self._broader(said) if len(groups) > 1 else set()
        found = []
        for text, same in groups.items():
            if all(a.object in broader for a in same):
                continue
            affirmed = [a for a in same if a.polarity == "affirmed"]
            stated = any(a.certainty == "stated" for a in affirmed)
            certainty = "stated" if stated else "alleged" if affirmed else "denied"
            if same[0].object[1:-1] in ABSENT:
                certainty = ABSENT[same[0].object[1:-1]]
            tellers = tuple(dict.fromkeys(self._teller(a) for a in affirmed))
            deniers = tuple(dict.fromkeys(self._teller(a) for a in same if a.polarity != "affirmed"))
            found.append(Answer(text, certainty, tellers, deniers, case))
        return sorted(found, key=lambda answer: _CERTAINTIES.index(answer.certainty))

    def _broader(self, said: Sequence[Assertion]) -> set[str]:
        """Give the places that another place among them lies in: the nearer one says it too."""
        places = {a.object for a in said if a.object.startswith("<") and a.polarity == "affirmed"}
        above = {f"<{outer}>" for place in places for outer in self._index.places_above(place[1:-1])[1:]}
        return above & places if not any(a.polarity != "affirmed" for a in said) else set()

    def _value(self, assertion: Assertion) -> str:
        object_ = assertion.object
        words = self._index.value(object_)
        entity = self._index.entities.get(object_[1:-1]) if object_.startswith("<") else None
        if entity is not None and entity.unnamed:
            around = [
                a.object[1:-1]
                for a in self._index.about.get(entity.iri, ())
                if a.predicate == LOCATED_IN and (a.polarity, a.certainty) == ("affirmed", "stated")
            ]
            if len(set(around)) == 1:
                return f"{words}, {self._index.label(around[0])}"
        return words

    def _date(self, assertion: Assertion) -> str:
        inferred = " (inferred)" if qualifier(assertion, "inferred") == "true" else ""
        return wording.date(qualifier(assertion, "date") or "") + inferred

    def _who(self, cell: Callable[..., Cell]) -> Cell:
        parts = [cell("ethnicity"), cell("occupation"), cell("age"), cell("size"), cell("resident-in")]
        words = ("{}", "{}", "aged {}", "{} people", "from {}")
        known = [
            (word.format(part.text), part) for word, part in zip(words, parts, strict=True) if part.answers
        ]
        if not known:
            return Cell()
        answers = tuple(answer for _, part in known for answer in part.answers)
        return Cell("; ".join(text for text, _ in known), answers, any(part.disputed for _, part in known))

    def _ties(self, by_key: Mapping[str, Sequence[Assertion]], tied: Sequence[str]) -> Cell:
        """Give ties to countries, with how, and relatives and friends, with what they are."""
        texts: dict[str, dict[str, None]] = defaultdict(dict)
        answers = []
        for key in _TIES:
            for assertion in by_key.get(key, ()):
                word = self._labels.get(assertion.predicate) or key.replace("-", " ")
                answers.append(self._tie(assertion, texts, assertion.object[1:-1], word))
        for assertion in by_key.get("relative-of", ()):
            role = qualifier(assertion, "role")
            answers.append(
                self._tie(assertion, texts, assertion.object[1:-1], f"as {role}" if role else "relative")
            )
        naming = _unique(a for iri in tied for a in self._index.naming.get(iri, ()))
        for assertion in self._in_order(a for a in naming if predicate_key(a) == "relative-of"):
            answers.append(
                self._tie(assertion, texts, assertion.subject, qualifier(assertion, "role") or "relative")
            )
        if not answers:
            return Cell()
        words = (f"{self._index.label(iri)} ({', '.join(how)})" for iri, how in texts.items())
        return Cell("; ".join(words), tuple(answers))

    def _tie(self, assertion: Assertion, texts: dict[str, dict[str, None]], other: str, word: str) -> Answer:
        denied = assertion.polarity != "affirmed"
        certainty = "denied" if denied else assertion.certainty
        texts[other][word if certainty == "stated" else f"{certainty}: {word}"] = None
        teller = (self._teller(assertion),)
        said = f"{self._index.label(other)} ({word})"
        return Answer(said, certainty, () if denied else teller, teller if denied else ())

    # ------------------------------------------------------------ status

    def _status(
        self, by_stage: Mapping[str, Sequence[Assertion]], cases: _CasesOfOne
    ) -> tuple[Cell, str | None]:
        """Give the last step that is reported in each case, and when a report last said so."""
        by_case: dict[str, list[Assertion]] = defaultdict(list)
        for stage, said in by_stage.items():
            for assertion in said if stage in _STEPS else ():
                if assertion.object[1:-1] not in ABSENT:
                    by_case[cases[assertion.episodes]].append(assertion)
        last = [a for said in by_case.values() for a in self._last(said)]
        cell = self._cell(last, cases, _step)
        newest = [
            report.published
            for a in last
            if (report := self._index.reports.get(a.report)) and report.published and a.polarity == "affirmed"
        ]
        return cell, max(newest, default=None)

    def _last(self, said: Sequence[Assertion]) -> list[Assertion]:
        """Give what says the last step stated, what alleges a later one, and what denies either."""
        stated = [a for a in said if (a.polarity, a.certainty) == ("affirmed", "stated")]
        alleged = [a for a in said if a.polarity == "affirmed" and a.certainty != "stated"]
        steps = []
        if stated:
            steps.append(_last_step(stated))
        if alleged and (not stated or _ORDER.index(_last_step(alleged)) > _ORDER.index(steps[0])):
            steps.append(_last_step(alleged))
        if not steps:
            return list(said)
        return [a for a in said if _step(a) in steps]

    # ------------------------------------------------------------ tellers and reports

    def _teller(self, assertion: Assertion) -> str:
        if assertion.source not in self._names:
            chain = self._index.chain(assertion.source)
            origin = chain[-1] if chain else None
            name = self._index.label(origin.speaker) if origin and origin.speaker else None
            self._names[assertion.source] = name or (origin.label if origin else "") or "teller not known"
        return self._names[assertion.source]

    def _origins(self, said: Sequence[Assertion]) -> tuple[int, int]:
        affirmed = [a for a in said if a.polarity == "affirmed"]
        if self._corroboration:
            counted = self._corroboration.count(affirmed)
            return counted.least, counted.most
        speakers = {(self._index.origin(a.source), a.source) for a in affirmed}
        known = {speaker for speaker, _ in speakers if speaker}
        unknown = len({source for speaker, source in speakers if not speaker})
        return max(len(known), min(1, unknown)), len(known) + unknown

    def _in_order(self, said: Iterable[Assertion]) -> list[Assertion]:
        def place(assertion: Assertion) -> tuple[str, str, int, str, str]:
            report = self._index.reports.get(assertion.report)
            published = (report.published if report else None) or "9999"
            return published, assertion.report, assertion.evidence.start, assertion.source, assertion.digest()

        return sorted(said, key=place)


def _bound(
    outermost: Callable[[list[datetime.date]], datetime.date], days: Sequence[datetime.date | None]
) -> str | None:
    known = [day for day in days if day is not None]
    return outermost(known).isoformat() if known and len(known) == len(days) else None


def _unique(said: Iterable[Assertion]) -> list[Assertion]:
    return list({a.digest(): a for a in said}.values())


def _names(entity: Entity) -> Iterator[str]:
    if not entity.unnamed:
        yield entity.label
    yield from entity.also
    yield from (text for _, text in entity.names)


def _step(assertion: Assertion) -> str:
    return _STEPS[stage_of(assertion.predicate) or ""]


def _last_step(said: Sequence[Assertion]) -> str:
    """Give the last step in the order of law, unless exact dates show that another one came after it."""
    begins: dict[str, datetime.date] = {}
    ends: dict[str, datetime.date | None] = {}
    for assertion in said:
        step, date = _step(assertion), date_of(assertion)
        ends.setdefault(step, datetime.date.min)
        if date is None:
            continue
        latest = None if date.approximate else date.latest
        before = ends[step]
        ends[step] = max(before, latest) if before and latest else None
        if date.earliest and not date.approximate:
            begins[step] = max(begins.get(step, date.earliest), date.earliest)
    last = max(ends, key=_ORDER.index)
    over = ends[last]
    # A step without any date proves nothing.
    later = [s for s in begins if over and over > datetime.date.min and begins[s] > over]
    return max(later, key=lambda step: (begins[step], step)) if later else last


def _narrowest(dated: Sequence[Assertion]) -> list[Assertion]:
    """Leave out dates that another one lies within: the exact one says it too."""
    spans = {span for a in dated if a.polarity == "affirmed" and (span := _span(a))}
    wide = set()
    nearest_end = datetime.date.max
    # From the last to start; of those that start together, the shortest first.
    for start, end in sorted(spans, key=lambda span: (-span[0].toordinal(), span[1])):
        if nearest_end <= end and nearest_end < datetime.date.max:
            wide.add((start, end))
        nearest_end = min(nearest_end, end)
    return [a for a in dated if _span(a) not in wide]


def _span(assertion: Assertion) -> tuple[datetime.date, datetime.date] | None:
    """Give the first and last day of a date that is not approximate; an open side has no end."""
    date = date_of(assertion)
    if date is None or date.approximate:
        return None
    return date.earliest or datetime.date.min, date.latest or datetime.date.max


def _differ(answers: Sequence[Answer]) -> bool:
    """Tell whether tellers differ: one denies what another says, or they give different values."""
    if any(answer.tellers and answer.deniers for answer in answers):
        return True
    return len(answers) > 1 and len({(*answer.tellers, *answer.deniers) for answer in answers}) > 1


def _cell_text(answers: Sequence[Answer], differ: bool) -> str:
    texts = []
    for answer in answers:
        mark = f"{answer.certainty}: " if answer.certainty in ("alleged", "denied") else ""
        if not differ:
            texts.append(mark + answer.value)
            continue
        who = answer.tellers or answer.deniers
        texts.append(f"{mark}{answer.value} ({_several(who)})")
        if answer.tellers and answer.deniers:
            texts.append(f"denied ({_several(answer.deniers)})")
    return (" / " if differ else "; ").join(texts)


def _several(names: Sequence[str], most: int = 3) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


# ---------------------------------------------------------------- tables

COLUMNS: tuple[tuple[str, Callable[[PersonRow], str]], ...] = (
    ("name", lambda row: row.name),
    ("other names", lambda row: "; ".join(row.other_names)),
    ("who", lambda row: row.who.text),
    ("taken", lambda row: row.taken.text),
    ("taken, earliest", lambda row: row.taken_earliest or ""),
    ("taken, latest", lambda row: row.taken_latest or ""),
    ("taken at", lambda row: row.taken_at.text),
    ("taken by", lambda row: row.taken_by.text),
    ("held at", lambda row: row.held_at.text),
    ("accused of", lambda row: row.accused_of.text),
    ("charge", lambda row: row.charge.text),
    ("court", lambda row: row.court.text),
    ("term", lambda row: row.term.text),
    ("status", lambda row: row.status.text),
    ("status as of", lambda row: row.status_as_of or ""),
    ("ties", lambda row: row.ties.text),
    ("origins", lambda row: origins(row)),
    ("reports", lambda row: str(len(row.reports))),
    ("in reports", lambda row: "; ".join(row.reports)),
    ("id", lambda row: row.key),
)
"""Heading and text of each column of the table, for CSV and sheets."""


def origins(row: PersonRow) -> str:
    """Give the number of distinct origins: ``2``, or ``1 to 3``."""
    least, most = row.origins_least, row.origins_most
    return str(least) if least == most else f"{least} to {most}"


def as_csv(rows: Iterable[PersonRow]) -> bytes:
    """Give the table as CSV for spreadsheets: with a byte order mark, and no formula runs.

    ``'`` stands before what a spreadsheet would calculate. Lines end in CR LF (RFC 4180).
    """
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\r\n")
    writer.writerow(heading for heading, _ in COLUMNS)
    for row in rows:
        writer.writerow([for_csv(text(row)) for _, text in COLUMNS])
    return written.getvalue().encode("utf-8-sig")


def as_json(rows: Iterable[PersonRow]) -> bytes:
    """Give the rows as a JSON array of objects.

    A cell is an object: ``text`` as in the table, ``disputed``, and ``answers``, each with ``value``,
    ``certainty``, ``tellers``, ``deniers`` and ``case``.
    """
    content = [_plain(row) for row in rows]
    try:
        return json.dumps(content, ensure_ascii=False, indent=1).encode() + b"\n"
    except UnicodeEncodeError:  # a lone surrogate, which no UTF-8 can hold
        return json.dumps(content, indent=1).encode() + b"\n"


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    return [_plain(each) for each in value] if isinstance(value, tuple) else value


def markdown(rows: Iterable[PersonRow]) -> str:
    """Give the table in Markdown, with fewer and fuller columns than CSV has, and how to read it."""
    heads = ("name", "taken", "held at", "accusation and charge", "sentence", "status", "ties", "origins")
    written = [f"| {' | '.join(heads)} |", "|" + " --- |" * len(heads)]
    for row in rows:
        written.append(f"| {' | '.join(for_markdown(text) for text in _columns(row))} |")
    return "\n".join((*written, "", *(f"- {note}" for note in NOTES))) + "\n"


def _columns(row: PersonRow) -> tuple[str, ...]:
    others = f" ({'; '.join(row.other_names)})" if row.other_names else ""
    who = f": {row.who.text}" if row.who.answers else ""
    charge = (("accused of", row.accused_of), ("charge", row.charge))
    sentence = (("term", row.term), ("court", row.court))
    reports = f"{len(row.reports)} report{'' if len(row.reports) == 1 else 's'}"
    return (
        f"{row.name}{others}{who}",
        f"{row.taken.text}; at: {row.taken_at.text}; by: {row.taken_by.text}",
        row.held_at.text,
        _labelled(charge),
        _labelled(sentence),
        f"{row.status.text}, as of {row.status_as_of}" if row.status_as_of else row.status.text,
        row.ties.text,
        f"{origins(row)} in {reports}: {'; '.join(row.reports)}",
    )


def _labelled(parts: Sequence[tuple[str, Cell]]) -> str:
    known = [f"{label}: {cell.text}" for label, cell in parts if cell.answers]
    return "; ".join(known) or UNKNOWN


def xlsx(rows: Iterable[PersonRow]) -> bytes:
    """Give the table as an Excel workbook: the people, and a second sheet that says how to read it.

    Every cell is text or a number: nothing is ever a formula or a link. The same rows give the same bytes.

    Raises:
        KgError: XlsxWriter is not installed, or there are more people than a sheet has rows.
    """
    try:
        xlsxwriter: Any = import_module("xlsxwriter")
    except ImportError as error:
        raise KgError(f"a sheet needs XlsxWriter; install it with: {SHEETS}; or write .csv") from error
    rows = tuple(rows)
    if len(rows) > MAX_ROWS:
        raise KgError(f"a sheet holds {MAX_ROWS:,} people and these are {len(rows):,}; write .csv instead")
    written = io.BytesIO()
    book = xlsxwriter.Workbook(written, {"in_memory": True})
    # Without it, the workbook would say when it was written.
    book.set_properties({"title": "People", "created": datetime.datetime(2000, 1, 1)})
    head = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    sheet = book.add_worksheet("People")
    for column, (heading, text) in enumerate(COLUMNS):
        sheet.set_column(column, column, _WIDTHS.get(heading, 24))
        sheet.write_string(0, column, heading, head)
        for line, row in enumerate(rows, 1):
            _write(sheet, line, column, text(row), heading, wrapped)
    sheet.freeze_panes(1, 1)
    sheet.autofilter(0, 0, max(len(rows), 1), len(COLUMNS) - 1)
    sheet.set_landscape()
    sheet.repeat_rows(0)
    sheet.fit_to_pages(1, 0)
    notes = book.add_worksheet("How to read it")
    notes.set_column(0, 0, 110)
    for line, note in enumerate(NOTES):
        notes.write_string(line, 0, note, wrapped)
    book.close()
    return written.getvalue()


_WIDTHS = {
    "taken, earliest": 12,
    "taken, latest": 12,
    "status as of": 12,
    "origins": 9,
    "reports": 9,
    "term": 14,
}


def _write(sheet: Any, line: int, column: int, text: str, heading: str, format_: Any) -> None:
    if heading == "reports" or (heading == "origins" and text.isdecimal()):
        sheet.write_number(line, column, int(text), format_)
        return
    text = legal_xml(text)
    if len(text) > MAX_CELL:
        end = " … (cut: a cell holds no more; the CSV has all of it)"
        text = text[: MAX_CELL - len(end)] + end
    sheet.write_string(line, column, text, format_)

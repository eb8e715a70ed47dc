"""To whom it happened, who did it, when and where: what every reader of a verb asks of its clause."""

from __future__ import annotations

import bisect
import datetime
import re
from dataclasses import replace

from kg.extract.languages.en.chunks import Chunk, Line
from kg.extract.languages.en.clauses import Clause
from kg.extract.languages.en.lexicon import lexicon, listed
from kg.extract.languages.en.person import Person
from kg.extract.languages.en.status import DENIED, Status
from kg.extract.languages.en.story import Draft, Story
from kg.extract.languages.en.times import Date

_ITSELF = listed("events", "itself")


PLACE_PREPOSITIONS = (
    "in",
    "at",
    "from",
    "near",
    "outside",
    "inside",
    "on",
    "across",
    "around",
    "throughout",
    "within",
)


def patients(story: Story, clause: Clause) -> tuple[list[Person], Chunk | None]:
    """Give to whom it happened, and the chunk that says so."""
    chunk = clause.object
    if clause.verb.bare and clause.line.word(clause.chunk.i - 1) == "those":
        return _those(story, clause)
    if clause.passive or (
        clause.verb.lemma in _ITSELF
        and (clause.object is None or clause.object.kind not in ("person", "pronoun"))
    ):
        chunk = clause.subject
    if chunk is None or chunk.kind not in ("person", "pronoun"):
        return [], None
    meant = story.people.meant(clause.line, chunk)
    for other in (*_together(clause), *_included(clause, chunk)):
        meant.extend(person for person in story.people.meant(clause.line, other) if person not in meant)
    return meant, chunk


def _those(story: Story, clause: Clause) -> tuple[list[Person], Chunk | None]:
    """Give the people of "Among those arrested were Ali Tolek and Bo Sen"."""
    for other in story.clauses[clause.line.index]:
        if other.at > clause.at and other.verb.lemma in ("be", "include", "includes", "included"):
            chunk = other.object
            if chunk is not None and chunk.kind == "person" and other.chunk.i - clause.chunk.j < 12:
                return [person for person in story.people.meant(clause.line, chunk) if person.names], chunk
            return [], None
    return [], None


def _included(clause: Clause, chunk: Chunk) -> list[Chunk]:
    """Give those of "Three people, including a pastor, were charged"."""
    line = clause.line
    at = chunk.j + (line.word(chunk.j) == ",")
    if line.word(at) != "including" or at + 1 >= len(line):
        return []
    owner = line.owner[at + 1]
    return (
        [owner]
        if owner is not None
        and owner.kind == "person"
        and not owner.data.is_kind("kin")
        and all(not each.plural for each in (owner.data.members or [owner.data]))
        else []
    )


def _together(clause: Clause) -> list[Chunk]:
    """Give those of "along with Ali, police arrested …" and "… together with nine others"."""
    line = clause.line
    found = []
    for at in range(len(line) - 2):
        if line.low[at] in ("along", "together") and line.low[at + 1] == "with":
            chunk = next(
                (line.owner[k] for k in range(at + 2, min(len(line), at + 5)) if line.owner[k] is not None),
                None,
            )
            between = line.low[min(at, clause.verb.at) : max(at, clause.verb.at)]
            if chunk is not None and chunk.kind == "person" and not {";", "who", "which"} & set(between):
                found.append(chunk)
    return found


def agents_of(clause: Clause) -> list[Chunk]:
    """Give who did it."""
    if clause.passive:
        return [
            chunk
            for chunk in clause.agents
            if chunk.kind in ("agency", "org") or _members(clause.line, chunk)
        ]
    if clause.verb.lemma in _ITSELF or (
        clause.verb.ing and not clause.verb.finite and clause.governor is None
    ):
        return []
    if clause.subject is not None and clause.subject.kind in ("agency", "org"):
        return [clause.subject]
    return []


_FORCES = listed("events", "forces")


def _members(line: Line, chunk: Chunk) -> bool:
    """Whether the phrase is "members of the border force"."""
    if chunk.kind != "person" or chunk.data.name or not chunk.data.plural:
        return False
    words = set(line.low[chunk.i : chunk.j])
    return bool(words & {"members", "personnel", "elements"}) and bool(words & _FORCES)


def date_of(story: Story, clause: Clause) -> tuple[Date | None, Chunk | None]:
    """Give when: a date after the verb, or one that opens the clause."""
    for chunk in (*clause.dates, *clause.initial_dates):
        if not chunk.data.future:
            date: Date = chunk.data
            if (
                date.shift is not None
                and story.event_day is not None
                and not _dated_before(story, clause, date)
            ):
                date = replace(date, edtf=(story.event_day + datetime.timedelta(date.shift)).isoformat())
            return date, chunk
    following = _following(story, clause)
    if following is not None:
        return next(((chunk.data, chunk) for chunk in following.dates if not chunk.data.future), (None, None))
    return None, None


_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def _dated_before(story: Story, clause: Clause, date: Date) -> bool:
    """Whether the sentence before names a day, which "two days later" then counts from."""
    at = bisect.bisect_left(story.lines, clause.line.index, key=lambda line: line.index)
    dates = [each for each in clause.line.dates if each.end <= date.start]
    dates += story.lines[at - 1].dates if at else []
    return any(_DAY.fullmatch(each.edtf) and not each.future for each in dates)


def _following(story: Story, clause: Clause) -> Clause | None:
    """Give the clause of "was arrested when police stormed the office on Tuesday"."""
    for other in story.clauses[clause.line.index]:
        if other.at > clause.at and other.verb.finite and not other.verb.relative:
            between = clause.line.low[clause.verb.at + 1 : other.chunk.i]
            near = other.chunk.i - clause.verb.at < 9 and "," not in between
            return other if near and {"when", "as"} & set(between) else None
    return None


def remember_day(story: Story, date: Date | None) -> None:
    """Remember the day of an event, for "the same day" and "a day later" after it."""
    if date is not None and re.fullmatch(r"\d{4}-\d\d-\d\d~?", date.edtf):
        story.event_day = datetime.date.fromisoformat(date.edtf.rstrip("~"))


def add_fact(
    story: Story,
    clause: Clause,
    found: Status,
    persons: list[Person],
    predicate: str,
    text: str,
    kind: str,
    chunks: list[Chunk | None],
    rule: str,
    score: float = 0.8,
    **more: str,
) -> Draft | None:
    """Add one fact; its span holds the verb and the given chunks of the sentence."""
    if not persons or not text:
        return None
    line = clause.line
    known = [
        chunk
        for chunk in chunks
        if (chunk is not None and line.owner[min(chunk.i, len(line) - 1)] is not None)
        or (chunk is not None and chunk.kind == "word")
    ]
    i = min([clause.chunk.i, *(chunk.i for chunk in known)])
    j = max([clause.chunk.j, *(chunk.j for chunk in known)])
    draft = Draft(
        persons,
        predicate,
        text,
        kind,
        line,
        (i, j),
        rule,
        score,
        certainty="alleged" if found.alleged else "stated",
        polarity="denied" if found.kind == DENIED else "affirmed",
        qualifiers=dict(more),
    )
    story.drafts.append(draft)
    return draft


def is_habit(clause: Clause, persons: list[Person], found: Status) -> bool:
    """Whether it tells a habit rather than an event: "Nigerians are detained for weeks"."""
    verb = clause.verb
    habit = verb.present and not verb.continuous and not verb.perfect
    return habit and not any(person.names for person in persons)


def spots_of(story: Story, clause: Clause) -> list[tuple[str, Chunk, str]]:
    """Give the places beside the verb, each with its preposition and its words."""
    found = []
    for preposition, chunk in clause.places:
        if chunk.kind == "org" and preposition in ("to", "at") and set(line_words(clause, chunk)) & _HOLDING:
            found.append((preposition, chunk, _with_place(story, clause.line, chunk)))
            continue
        if chunk.kind not in ("place", "facility") or preposition not in (*PLACE_PREPOSITIONS, "to", "into"):
            continue
        if chunk.kind == "place" and any(
            preposition == other for other, chosen, _ in found if chosen.kind == "facility"
        ):
            continue
        found.append((preposition, chunk, story.chunk_text(clause.line, chunk)))
    return found


_HOLDING = listed("events", "holding")


def line_words(clause: Clause, chunk: Chunk) -> list[str]:
    """Give the words of a chunk in lower case."""
    return clause.line.low[chunk.i : chunk.j]


def _with_place(story: Story, line: Line, chunk: Chunk) -> str:
    following = line.owner[chunk.j + 1] if line.word(chunk.j) == "in" and chunk.j + 1 < len(line) else None
    end = following.j if following is not None and following.kind == "place" else chunk.j
    return story.text(line, chunk.i, end)


def is_custody(line: Line, chunk: Chunk) -> bool:
    """Whether people are kept in custody at a place."""
    words = set(line.low[chunk.i : chunk.j])
    if chunk.kind == "org":
        return True
    return (
        chunk.kind == "facility"
        and (
            bool(words & lexicon().words["place_custody"])
            or bool(chunk.data and chunk.data.get("custody"))
            or any(re.match(r"(?:sizo|ik|sk|tp)-", word) for word in words)
        )
        and not words & {"airport"}
    )

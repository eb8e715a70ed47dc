"""Releases and deaths, told by verbs."""

from __future__ import annotations

from kg.extract.languages.en.clauses import Clause
from kg.extract.languages.en.justice import read_acquittal
from kg.extract.languages.en.roles import (
    PLACE_PREPOSITIONS,
    add_fact,
    date_of,
    is_custody,
    is_habit,
    patients,
    spots_of,
)
from kg.extract.languages.en.status import DENIED, Status
from kg.extract.languages.en.story import Story
from kg.extract.values import UNKNOWN


def read_release(story: Story, clause: Clause, found: Status) -> None:
    """Add a release, its day and the place that was left."""
    if clause.verb.lemma in ("acquit", "exonerate", "clear") and found.kind != DENIED:
        read_acquittal(story, clause)
    if found.kind == DENIED or clause.verb.lemma in ("acquit", "exonerate", "clear", "discharge", "allow"):
        return
    persons, patient = patients(story, clause)
    if not persons:
        return
    if clause.verb.lemma in ("release", "free") and not clause.passive and clause.object is None:
        return
    if is_habit(clause, persons, found):
        return
    date, date_chunk = date_of(story, clause)
    place = next(
        (
            (chunk, text)
            for preposition, chunk, text in spots_of(story, clause)
            if preposition in ("from", "of")
        ),
        None,
    )
    if place is None and clause.verb.lemma in ("walk", "leave"):
        line = clause.line
        chunk = next(
            (
                line.owner[k]
                for k in range(clause.verb.at + 1, min(len(line), clause.verb.at + 9))
                if line.kind(k) == "facility"
            ),
            None,
        )
        place = (chunk, story.chunk_text(line, chunk)) if chunk is not None else None
    line = clause.line
    for preposition, chunk, text in spots_of(story, clause):
        term = line.owner[chunk.i - 2] if chunk.i > 1 else None
        if (
            preposition in ("in", "at")
            and term is not None
            and term.kind == "term"
            and is_custody(line, chunk)
        ):
            add_fact(
                story,
                clause,
                found,
                persons,
                "held-at",
                text,
                "facility",
                [patient, chunk],
                "released-after",
                0.7,
            )  # "after five days in Kara Police Station"
    bail = "bail" in clause.word_after(8)
    if place is not None:
        add_fact(
            story,
            clause,
            found,
            persons,
            "held-at",
            place[1],
            "facility",
            [patient, place[0]],
            "released-from",
            0.75,
        )
    if date is not None or place is not None:
        draft = add_fact(
            story,
            clause,
            found,
            persons,
            "released-from",
            place[1] if place else UNKNOWN,
            "facility",
            [patient, date_chunk],
            "release",
            0.85,
        )
        if draft is not None:
            draft.date = date
            if bail:
                draft.qualifiers["circumstance"] = "on bail"
    else:
        draft = add_fact(
            story, clause, found, persons, "released-from", UNKNOWN, "facility", [patient], "release", 0.8
        )
        if draft is not None and bail:
            draft.qualifiers["circumstance"] = "on bail"


def read_die(story: Story, clause: Clause, found: Status) -> None:
    """Add a death, its day and place."""
    if found.kind == DENIED:
        return
    persons, patient = patients(story, clause)
    if not persons or is_habit(clause, persons, found):
        return
    date, date_chunk = date_of(story, clause)
    spots = [spot for spot in spots_of(story, clause) if spot[0] in PLACE_PREPOSITIONS]
    if date is not None or spots:
        text = spots[0][2] if spots else UNKNOWN
        draft = add_fact(
            story,
            clause,
            found,
            persons,
            "died-at",
            text,
            "place",
            [patient, date_chunk, spots[0][1] if spots else None],
            "death",
            0.8,
        )
        if draft is not None:
            draft.date = date
    for _, chunk, text in spots:
        if is_custody(clause.line, chunk):
            add_fact(
                story,
                clause,
                found,
                persons,
                "held-at",
                text,
                chunk.kind,
                [patient, chunk],
                "died-in-custody",
                0.75,
            )

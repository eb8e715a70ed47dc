"""What happened to whom: arrests, custody, charges, sentences, releases, deaths, told by their verbs."""

from __future__ import annotations

from kg.extract.languages.en.clauses import Clause
from kg.extract.languages.en.custody import read_custody_of, read_detain, read_hold, read_state, read_unseen
from kg.extract.languages.en.endings import read_die, read_release
from kg.extract.languages.en.frames import opens_frame
from kg.extract.languages.en.justice import (
    read_charge,
    read_face,
    read_found_guilty,
    read_prepositional_charges,
    read_sentence,
)
from kg.extract.languages.en.status import DROPPED, status
from kg.extract.languages.en.story import Story


def read(story: Story, clause: Clause) -> None:
    """Add the facts of one clause to the story."""
    found = status(clause)
    if clause.subject_denied and opens_frame(clause, "charge"):
        return
    if found.kind == DROPPED:
        return
    read_custody_of(story, clause, found)
    read_unseen(story, clause, found)
    _denial(story, clause)
    alone = "solitary" in clause.word_after(8)
    if clause.verb.copula or clause.verb.lemma in ("remain", "languish", "spend", "keep") or alone:
        read_state(story, clause, found)
    frames = [
        frame
        for frame in ("die", "release", "sentence", "detain", "hold", "charge")
        if opens_frame(clause, frame)
    ]
    for frame in frames:
        _READERS[frame](story, clause, found)
        if frame in ("die", "release"):
            break
    read_face(story, clause, found)
    read_found_guilty(story, clause, found)
    read_prepositional_charges(story, clause, found, frames)


def _denial(story: Story, clause: Clause) -> None:
    """Nothing to add: a denied arrest is read with its own verb, whose governor denies it."""


_READERS = {
    "detain": read_detain,
    "hold": read_hold,
    "charge": read_charge,
    "sentence": read_sentence,
    "release": read_release,
    "die": read_die,
}

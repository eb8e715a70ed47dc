"""Arrest and custody, told by verbs."""

from __future__ import annotations

from kg.extract.languages.en.chunks import Chunk
from kg.extract.languages.en.clauses import Clause
from kg.extract.languages.en.frames import opens_frame
from kg.extract.languages.en.lexicon import lexicon, listed
from kg.extract.languages.en.person import Person
from kg.extract.languages.en.roles import (
    PLACE_PREPOSITIONS,
    add_fact,
    agents_of,
    date_of,
    is_custody,
    is_habit,
    patients,
    remember_day,
    spots_of,
)
from kg.extract.languages.en.status import DENIED, Status
from kg.extract.languages.en.story import Story
from kg.extract.languages.en.times import Date
from kg.extract.values import UNKNOWN

_HOLD_WORDS = listed("events", "hold_words")


_UNKNOWN = listed("events", "unknown")


_SPOT = listed("events", "spot")


_MOVING = listed("events", "moving")


def read_detain(story: Story, clause: Clause, found: Status) -> None:
    """Add who was arrested, by whom, where and when."""
    persons, patient = patients(story, clause)
    if not persons or is_habit(clause, persons, found):
        return
    if clause.verb.lemma == "stop" and not clause.places:
        return
    date, date_chunk = date_of(story, clause)
    remember_day(story, date)
    for agent in agents_of(clause) or _who_denies(clause, found) or _who_came(story, clause):
        if (
            draft := add_fact(
                story,
                clause,
                found,
                persons,
                "detained-by",
                agent.text if agent.kind == "agency" else story.chunk_text(clause.line, agent),
                "organization",
                [patient, agent],
                "detain-agent",
                0.85,
            )
        ) is not None:
            draft.date = date
    spots = spots_of(story, clause) or _where_they_came(story, clause)
    placed = False
    for preposition, chunk, text in spots:
        predicate = (
            "held-at"
            if preposition in ("to", "into")
            or (is_custody(clause.line, chunk) and preposition in ("in", "at"))
            else "detained-at"
        )
        if preposition in ("to", "into") and chunk.kind == "place" and clause.verb.lemma not in _MOVING:
            continue
        draft = add_fact(
            story, clause, found, persons, predicate, text, chunk.kind, [patient, chunk], "detain-place", 0.8
        )
        if draft is not None:
            draft.date = date
            draft.ranged = date is not None and date.since and clause.verb.perfect
            placed = placed or predicate == "detained-at"
    _unknown_place(story, clause, found, persons, patient)
    if not spots and not clause.passive and clause.subject is not None and clause.subject.kind == "agency":
        for text, i, j in clause.subject.data.homes[:1]:
            draft = add_fact(
                story,
                clause,
                found,
                persons,
                "detained-at",
                text,
                "place",
                [patient, Chunk("word", i, j)],
                "agent-place",
                0.65,
            )
            if draft is not None:
                draft.date = date
                placed = True
    if date is None and found.kind != DENIED:
        date, date_chunk = _lead_date(story, clause, persons), None
    elif (
        clause.line.index <= 4
        and any(person.group for person in persons)
        and date is not None
        and date.shift is None
        and not date.since
    ):
        story.lead_date = story.lead_date or date
    if date is not None and not placed:
        draft = add_fact(
            story,
            clause,
            found,
            persons,
            "detained-at",
            UNKNOWN,
            "place",
            [patient, date_chunk],
            "detain-date",
            0.85,
        )
        if draft is not None:
            draft.date = date
            draft.ranged = date.since and clause.verb.perfect
    elif date is not None:
        for draft in story.drafts[-len(spots) - 2 :]:
            if draft.predicate == "detained-at" and draft.date is date and date_chunk is not None:
                draft.tokens = (min(draft.tokens[0], date_chunk.i), max(draft.tokens[1], date_chunk.j))


def _who_came(story: Story, clause: Clause) -> list[Chunk]:
    """Give who did it in "was taken away when some 20 soldiers raided the house"."""
    for other in story.clauses[clause.line.index]:
        if other.at <= clause.at or other.verb.lemma not in _COMING or other.passive or other.verb.negated:
            continue
        before = clause.line.word(other.subject.i - 1) if other.subject is not None else ""
        if other.subject is not None and other.subject.kind == "agency" and before in ("when", "after", "as"):
            return [other.subject] if clause.passive else []
    return []


def _who_denies(clause: Clause, found: Status) -> list[Chunk]:
    """Give the authority that says of itself, "Ali was not detained in any of our prisons"."""
    above = clause.governor
    if found.kind != DENIED or not clause.passive or above is None or not above.verb.opens("say"):
        return []
    teller = above.subject
    return [teller] if teller is not None and teller.kind in ("agency", "org") else []


_COMING = listed("events", "coming")


def _where_they_came(story: Story, clause: Clause) -> list[tuple[str, Chunk, str]]:
    """Give where "came to his home and arrested him" has it that the arrest was."""
    other = clause.joined
    if other is None or other.verb.lemma not in _COMING or clause.passive:
        return []
    for _, chunk in other.places:
        if chunk.kind == "facility":
            return [("at", chunk, story.chunk_text(clause.line, chunk))]
    line = clause.line
    for at in range(other.verb.at + 1, clause.verb.at):
        owner = line.owner[at]
        if owner is not None and owner.kind == "facility":
            return [("at", owner, story.chunk_text(line, owner))]
        if (
            line.low[at] in ("home", "house", "apartment")
            and line.low[at - 1] in lexicon().words["possessives"]
        ):
            return [("at", Chunk("word", at, at + 1), line.low[at])]
    return []


def _lead_date(story: Story, clause: Clause, persons: list[Person]) -> Date | None:
    """Give the date of the arrests that the first sentences told, for "X had also been detained"."""
    among = clause.verb.bare and clause.line.word(clause.chunk.i - 1) == "those"
    small = set(clause.line.low[clause.chunk.i : clause.chunk.j])
    also = clause.verb.perfect and clause.passive and bool(small & {"had", "also"})
    if story.lead_date is None or not (also or among) or clause.line.index > 25:
        return None
    if any(
        draft.predicate == "detained-at" and draft.date is not None and person in draft.persons
        for draft in story.drafts
        for person in persons
    ):
        return None
    return story.lead_date if all(person.names for person in persons) else None


def _unknown_place(
    story: Story, clause: Clause, found: Status, persons: list[Person], patient: Chunk | None
) -> None:
    line = clause.line
    for at in range(clause.verb.at + 1, min(len(line) - 1, clause.verb.at + 16)):
        owner = line.owner[at]
        if owner is not None and owner.kind == "verb":
            return
        if line.low[at] in _UNKNOWN and line.low[at + 1] in _SPOT:
            add_fact(
                story,
                clause,
                found,
                persons,
                "held-at",
                UNKNOWN,
                "place",
                [patient, Chunk("word", at, at + 2)],
                "held-unknown",
                0.85,
            )
            return


_JAILING = frozenset(("jail", "imprison", "incarcerate", "remand", "lock"))


_MISTREATING = frozenset(("torture", "mistreat", "beat", "interrogate", "see"))


def read_hold(story: Story, clause: Clause, found: Status) -> None:
    """Add where somebody is kept, by whom and since when."""
    persons, patient = patients(story, clause)
    if not persons or (is_habit(clause, persons, found) and not clause.places):
        return
    verb = clause.verb
    if (
        verb.lemma in ("spend", "serve", "remain", "keep")
        and clause.object is not None
        and clause.object.kind not in ("person", "pronoun")
    ):
        return
    date, date_chunk = date_of(story, clause)
    remember_day(story, date)
    moving = verb.lemma in _MOVING
    for preposition, chunk, text in spots_of(story, clause):
        if moving and preposition == "from":
            continue
        if (
            moving
            and chunk.kind != "org"
            and not (
                is_custody(clause.line, chunk)
                or (chunk.kind == "facility" and chunk.data and chunk.data["named"])
                or verb.lemma in ("transfer", "send")
            )
        ):
            continue
        if (
            moving
            and chunk.kind == "facility"
            and set(clause.line.low[chunk.i : chunk.j])
            & {"hospital", "airport", "court", "courthouse", "clinic"}
            and verb.lemma not in ("transfer",)
        ):
            continue
        if verb.lemma in _HOLD_WORDS and not (
            is_custody(clause.line, chunk) or set(clause.word_after(8)) & {"arrest", "custody", "detention"}
        ):
            continue
        if preposition in (*PLACE_PREPOSITIONS, "to", "into") and preposition != "from":
            draft = add_fact(
                story,
                clause,
                found,
                persons,
                "held-at",
                text,
                chunk.kind,
                [patient, chunk],
                "held-place",
                0.8,
            )
            if draft is not None:
                draft.date = date
    _unknown_place(story, clause, found, persons, patient)
    if moving:
        return
    for agent in agents_of(clause) if verb.lemma not in _MISTREATING else ():
        if (
            draft := add_fact(
                story,
                clause,
                found,
                persons,
                "detained-by",
                agent.text if agent.kind == "agency" else story.chunk_text(clause.line, agent),
                "organization",
                [patient, agent],
                "held-agent",
                0.75,
            )
        ) is not None:
            draft.date = date
    begun = date is not None and (date.since or verb.lemma in _JAILING)
    # With a term beside it, "jailed" is a sentence.
    if begun and not (clause.terms and verb.lemma in ("jail", "imprison")):
        draft = add_fact(
            story,
            clause,
            found,
            persons,
            "detained-at",
            UNKNOWN,
            "place",
            [patient, date_chunk],
            "held-since",
            0.75,
        )
        if draft is not None:
            draft.date = date


def read_state(story: Story, clause: Clause, found: Status) -> None:
    """Read "is in Insein prison", "has been in custody since May", "has been missing since May"."""
    if clause.subject is None or clause.subject.kind not in ("person", "pronoun") or clause.verb.negated:
        return
    persons = story.people.meant(clause.line, clause.subject)
    after = clause.word_after(7)
    line = clause.line
    custody = any(
        after[k] in ("in", "behind")
        and k + 1 < len(after)
        and (
            after[k + 1] in ("prison", "jail", "custody", "detention", "bars")
            or (k + 2 < len(after) and after[k + 2] in ("custody", "detention", "confinement"))
        )
        for k in range(len(after))
    ) or "under house arrest" in " ".join(after)
    missing = "missing" in after[:2]
    date, date_chunk = date_of(story, clause)
    with_agency = "with" in after[:3] and date is not None and date.since
    if with_agency:
        agent = next(
            (
                line.owner[k]
                for k in range(clause.verb.at + 1, min(len(line), clause.verb.at + 7))
                if line.kind(k) in ("org", "agency")
            ),
            None,
        )
        if agent is not None:
            add_fact(
                story,
                clause,
                found,
                persons,
                "detained-by",
                story.chunk_text(line, agent),
                "organization",
                [clause.subject, agent],
                "held-with",
                0.7,
            )
    for preposition, chunk, text in spots_of(story, clause):
        if preposition in ("in", "at", "inside") and (is_custody(line, chunk) or custody):
            draft = add_fact(
                story,
                clause,
                found,
                persons,
                "held-at",
                text,
                chunk.kind,
                [clause.subject, chunk],
                "is-in-custody",
                0.8,
            )
            if draft is not None:
                draft.date = date
    if (custody or missing) and date is not None and date.since:
        draft = add_fact(
            story,
            clause,
            found,
            persons,
            "detained-at",
            UNKNOWN,
            "place",
            [clause.subject, date_chunk],
            "custody-since",
            0.75,
        )
        if draft is not None:
            draft.date = date


def read_unseen(story: Story, clause: Clause, found: Status) -> None:
    """Read "has not been seen since 4 May", "was last seen on 4 May": a disappearance, which is only alleged."""
    line = clause.line
    word = line.low[clause.verb.at]
    if word not in ("seen", "heard"):
        return
    before = range(clause.verb.at - 1, max(-1, clause.verb.at - 5), -1)
    subject = clause.subject or next((line.owner[k] for k in before if line.kind(k) == "pronoun"), None)
    if subject is None or subject.kind not in ("person", "pronoun"):
        return
    last = "last" in line.low[clause.chunk.i : clause.verb.at] or line.word(clause.verb.at - 1) == "last"
    if not (clause.verb.negated or last):
        return
    persons = [person for person in story.people.meant(line, subject) if person.names]
    date, date_chunk = date_of(story, clause)
    if date is None:
        # "since he left home on 4 May", and "since 4 May, when he was last seen"
        near = range(max(0, clause.verb.at - 8), min(len(line), clause.verb.at + 14))
        since = next(
            (
                line.owner[k]
                for k in near
                if line.kind(k) == "date" and "since" in line.low[max(0, k - 8) : k]
            ),
            None,
        )
        date, date_chunk = (
            (since.data, since) if since is not None and not since.data.future else (None, None)
        )
    if date is None or (clause.verb.negated and not date.since and "since" not in line.low):
        return
    draft = add_fact(
        story,
        clause,
        Status("told", True),
        persons,
        "detained-at",
        UNKNOWN,
        "place",
        [subject, date_chunk],
        "unseen-since",
        0.7,
    )
    if draft is not None:
        draft.date = date
        draft.qualifiers["circumstance"] = "disappearance"


def read_custody_of(story: Story, clause: Clause, found: Status) -> None:
    """Read "was in the custody of the DSS", "is in DSS custody", also where it is denied."""
    line = clause.line
    if (
        clause.subject is None
        or clause.subject.kind not in ("person", "pronoun")
        or not (
            clause.verb.copula
            or opens_frame(clause, "hold")
            or opens_frame(clause, "die")
            or clause.verb.lemma == "remain"
        )
    ):
        return
    for at in range(clause.verb.at + 1, min(len(line), clause.verb.at + 8)):
        if line.low[at] != "custody":
            continue
        agent = None
        if line.word(at + 1) == "of":
            agent = next(
                (
                    line.owner[k]
                    for k in range(at + 2, min(len(line), at + 5))
                    if line.kind(k) in ("org", "agency")
                ),
                None,
            )
        elif line.kind(at - 1) in ("org", "agency"):
            agent = line.owner[at - 1]
        elif (
            line.low[at - 1] in ("its", "their")
            and clause.governor is not None
            and clause.governor.subject is not None
            and clause.governor.subject.kind in ("org", "agency")
        ):
            agent = clause.governor.subject
        elif line.low[at - 1] in ("police", "military", "army", "government"):
            agent = Chunk("word", at - 1, at)
        if agent is not None:
            persons = story.people.meant(line, clause.subject)
            add_fact(
                story,
                clause,
                found,
                persons,
                "detained-by",
                story.chunk_text(line, agent),
                "organization",
                [clause.subject, agent, Chunk("word", at, at + 1)],
                "in-custody-of",
                0.8,
            )
        return

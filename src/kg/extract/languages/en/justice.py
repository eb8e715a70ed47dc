"""Charges, denials of charges, sentences and courts, told by verbs."""

from __future__ import annotations

import re

from kg.extract.languages.en import charges
from kg.extract.languages.en.chunks import Chunk
from kg.extract.languages.en.clauses import Clause
from kg.extract.languages.en.frames import handed_to
from kg.extract.languages.en.heads import number_of
from kg.extract.languages.en.lexicon import listed
from kg.extract.languages.en.person import Person
from kg.extract.languages.en.roles import add_fact, date_of, patients
from kg.extract.languages.en.status import DENIED, Status
from kg.extract.languages.en.story import Story
from kg.extract.values import NONE_GIVEN

_PREPOSITIONAL_CHARGES_WORDS = listed("events", "prepositional_charges_words")


_IS_SENTENCE_WORDS = listed("events", "is_sentence_words")


_IS_SENTENCE_WORDS_2 = listed("events", "is_sentence_words_2")


def read_charge(story: Story, clause: Clause, found: Status) -> None:
    """Add what somebody was charged with, or that there was no charge."""
    persons, patient = patients(story, clause)
    lemma = clause.verb.lemma
    if not persons:
        return
    if found.kind == DENIED:
        if lemma in ("charge", "indict", "accuse", "try"):
            add_fact(
                story,
                clause,
                found,
                persons,
                "charged-with",
                NONE_GIVEN,
                "text",
                [patient],
                "not-charged",
                0.8,
            )
        return
    begin = patient.j if patient is not None and patient is clause.object else clause.verb.at + 1
    _charges(
        story,
        clause,
        found,
        persons,
        patient,
        charges.after_verb(clause.line, begin, len(clause.line), lemma)
        or charges.under_act(clause.line, begin),
    )
    if lemma == "convict":
        _court(story, clause, found, persons, patient)


def _charges(
    story: Story,
    clause: Clause,
    found: Status,
    persons: list[Person],
    patient: Chunk | None,
    named: list[charges.Charge],
    predicate: str = "",
) -> None:
    date, _ = date_of(story, clause)
    for charge in named:
        text = _tidy(story.text(clause.line, charge.i, charge.j))
        if (
            not text
            or text.lower() in ("it", "this", "that", "them", "him", "her")
            or _NO_OFFENCE.match(text)
        ):
            continue
        alleged = found.alleged or charge.alleged
        draft = add_fact(
            story,
            clause,
            Status(found.kind, alleged),
            persons,
            predicate or ("accused-of" if clause.verb.lemma in ("accuse", "suspect") else "charged-with"),
            text,
            "text",
            [patient, Chunk("word", charge.i, charge.j)],
            "charge",
            0.8,
        )
        if draft is not None:
            draft.date = date


_NO_OFFENCE = re.compile(
    r"(?:the|these|those|such|similar|other|both) (?:same |similar |other |)"
    r"(?:charges?|counts?|offen[cs]es?|accusations?)$|"
    r"(?:an?|any|some) (?:offen[cs]e|crime)s?\b|(?:offen[cs]es|crimes)$",
    re.IGNORECASE,
)


def read_acquittal(story: Story, clause: Clause) -> None:
    """Read "was acquitted of theft": the charge, denied."""
    persons, patient = patients(story, clause)
    if persons:
        begin = patient.j if patient is not None and patient is clause.object else clause.verb.at + 1
        named = charges.after_verb(clause.line, begin, len(clause.line), "acquit")
        _charges(story, clause, Status(DENIED, False), persons, patient, named)


def _tidy(text: str) -> str:
    return text.strip(" ,.;:\"“”‘’'«»")


def read_prepositional_charges(story: Story, clause: Clause, found: Status, frames: list[str]) -> None:
    """Read "detained on charges of", "sentenced for", "went on trial for", "released without charge"."""
    if "charge" in frames and clause.verb.lemma not in ("try", "prosecute", "book", "convict"):
        return
    after = clause.word_after(14)
    on_trial = (
        clause.verb.lemma in _PREPOSITIONAL_CHARGES_WORDS and "trial" in after
    ) or clause.verb.lemma in ("pleaded", "plead")
    if not frames and not on_trial:
        return
    persons, patient = patients(story, clause)
    if on_trial and not frames:
        patient = clause.subject
        persons = (
            story.people.meant(clause.line, patient)
            if patient is not None and patient.kind in ("person", "pronoun")
            else []
        )
    if not persons or (clause.verb.bare and all(person.label.startswith("all ") for person in persons)):
        return
    _without_charge(story, clause, found, persons, patient)
    if found.kind == DENIED or "charge" in frames:
        return
    if "release" in frames or "die" in frames:
        return
    begin = patient.j if patient is not None and patient is clause.object else clause.verb.at + 1
    _charges(
        story,
        clause,
        found,
        persons,
        patient,
        charges.after_verb(clause.line, begin, len(clause.line), clause.verb.lemma),
    )


def _without_charge(
    story: Story, clause: Clause, found: Status, persons: list[Person], patient: Chunk | None
) -> None:
    line = clause.line
    for at in range(clause.verb.at + 1, min(len(line) - 1, clause.verb.at + 22)):
        if line.low[at] != "without":
            continue
        following = line.low[at + 1 : at + 6]
        for step, word in enumerate(following):
            if word in ("charge", "charges", "charged", "explanation", "reason", "accusation") and not set(
                following[:step]
            ) & {"lawyer", ","}:
                add_fact(
                    story,
                    clause,
                    Status(DENIED, False),
                    persons,
                    "charged-with",
                    NONE_GIVEN,
                    "text",
                    [patient, Chunk("word", at, at + 2 + step)],
                    "without-charge",
                    0.8,
                )
                return


def read_face(story: Story, clause: Clause, found: Status) -> None:
    """Read "faces charges of", "pleaded not guilty to", "is wanted for", "denied organising protests"."""
    if clause.subject is None or clause.subject.kind not in ("person", "pronoun") or clause.verb.negated:
        return
    lemma = clause.verb.lemma
    line = clause.line
    after = clause.word_after(8)
    persons = story.people.meant(line, clause.subject)
    if clause.verb.copula and after[:2] == ["under", "investigation"] and after[2:3] in (["for"], ["over"]):
        named = charges.phrase(line, clause.verb.at + 4, True)
        _charges(story, clause, found, persons, clause.subject, named, "accused-of")
    if lemma in ("face", "faces", "facing") and set(after) & {"charges", "charge", "accusations", "counts"}:
        at = next(
            k
            for k in range(clause.verb.at + 1, len(line))
            if line.low[k] in ("charges", "charge", "accusations", "counts")
        )
        if line.word(at + 1) in ("of", "including", "for") or line.word(at + 1) in ("that",):
            _charges(story, clause, found, persons, clause.subject, charges.phrase(line, at + 2))
        elif at - clause.verb.at > 1:
            _charges(
                story,
                clause,
                found,
                persons,
                clause.subject,
                [charges.Charge(clause.verb.at + 1, at + 1, False)],
            )
    elif (lemma in ("pleaded", "plead", "pleads") and after[:2] == ["not", "guilty"]) and after[2:3] == [
        "to"
    ]:
        _charges(
            story,
            clause,
            Status(DENIED, False),
            persons,
            clause.subject,
            charges.phrase(line, clause.verb.at + 4),
        )
    elif (
        clause.verb.opens("deny")
        and not clause.verb.negated
        and any(person.weight or person.group for person in persons)
    ):
        _denied_charge(story, clause, persons, after)
    elif "guilty" in after[:2] and found.kind != DENIED and not clause.verb.negated:
        at = clause.verb.at + 1 + after.index("guilty")
        of = next(
            (
                k
                for k in range(at, min(len(line), at + 14))
                if line.low[k] in ("of", "on") and line.owner[k] is None
            ),
            None,
        )
        if of is not None:
            named = charges.after_verb(line, of, len(line), "guilty")
            _charges(story, clause, found, persons, clause.subject, named)
        _court(story, clause, found, persons, clause.subject)


def _denied_charge(story: Story, clause: Clause, persons: list[Person], after: list[str]) -> None:
    line = clause.line
    for step in range(clause.verb.at + 1, min(len(line), clause.verb.at + 7)):
        word = line.low[step]
        owner = line.owner[step]
        if word in ("wrongdoing", "anything", "everything", "nothing", "being", "any"):
            return
        if (
            word.endswith("ing")
            and len(word) > 5
            and not (
                owner is not None
                and owner.kind == "verb"
                and any(owner.data.opens(frame) for frame in ("detain", "hold"))
            )
        ):
            _charges(
                story, clause, Status(DENIED, False), persons, clause.subject, charges.phrase(line, step)
            )
            return
        if word in _ACCUSATION and line.word(step + 1) not in ("of", "that", "against"):
            _denied_before(story, clause, persons, step)
            return
        if word in ("charges", "charge", "accusations", "allegations") and line.word(step + 1) == "of":
            _charges(
                story, clause, Status(DENIED, False), persons, clause.subject, charges.phrase(line, step + 2)
            )
            return
        if (owner is not None and owner.kind not in ("date", "verb")) or (
            word in ("that", ",", "the", "all") and word != "the" and word != "all"
        ):
            return


_ACCUSATION = frozenset(("charge", "charges", "accusation", "accusations", "allegation", "allegations"))


def _denied_before(story: Story, clause: Clause, persons: list[Person], at: int) -> None:
    """Read "he denies the charge": what he was last said to be charged with or accused of."""
    for draft in reversed(story.drafts):
        if clause.line.index - draft.line.index > 5:
            return
        if (
            draft.predicate in ("charged-with", "accused-of")
            and draft.polarity == "affirmed"
            and any(person.self() in [each.self() for each in draft.persons] for person in persons)
        ):
            add_fact(
                story,
                clause,
                Status(DENIED, False),
                persons,
                draft.predicate,
                draft.object,
                "text",
                [clause.subject, Chunk("word", at, at + 1)],
                "denied-charge",
                0.75,
            )
            return


def read_found_guilty(story: Story, clause: Clause, found: Status) -> None:
    """Read "the court found Ali Tolek guilty of theft"."""
    line = clause.line
    whom = clause.object
    if line.low[clause.verb.at] not in ("found", "finds", "find") or clause.passive or found.kind == DENIED:
        return
    if whom is None or whom.kind not in ("person", "pronoun") or line.word(whom.j) != "guilty":
        return
    persons = story.people.meant(line, whom)
    named = charges.after_verb(line, whom.j, len(line), "guilty")
    _charges(story, clause, found, persons, whom, named)
    _court(story, clause, found, persons, whom)


_HANDING = frozenset(("hand", "give", "slap", "impose", "uphold", "confirm", "pass"))


def read_sentence(story: Story, clause: Clause, found: Status) -> None:
    """Add the penalty of a sentence, and the court."""
    if found.kind == DENIED:
        return
    persons, patient = patients(story, clause)
    lemma = clause.verb.lemma
    if (
        not persons
        and lemma in ("get", "receive", "serve", "complete", "finish")
        and clause.subject is not None
    ):
        persons, patient = story.people.meant(clause.line, clause.subject), clause.subject
    if lemma in _HANDING and not clause.passive:
        handed = handed_to(clause)
        if handed is not None:
            persons, patient = story.people.meant(clause.line, handed), handed
        elif clause.object is None or lemma in ("impose", "uphold", "confirm", "pass"):
            return
    if not persons:
        return
    if _respectively(story, clause, found, persons):
        return
    served = [chunk for chunk in clause.terms if _is_sentence(clause, chunk)]
    if not served and lemma in ("sentence", "condemn", "jail", "imprison"):
        served = _terms_behind(clause)
    date, _ = date_of(story, clause)
    for chunk in served[:1]:
        penalty = chunk.data
        draft = add_fact(
            story,
            clause,
            found,
            persons,
            "sentenced-to",
            penalty.duration,
            "term",
            [patient, chunk],
            "sentence-term",
            0.9,
        )
        if draft is not None:
            draft.date = date
            draft.qualifiers["term"] = story.chunk_text(clause.line, chunk)
            if "absentia" in clause.word_after(20):
                draft.qualifiers["circumstance"] = "in absentia"
            if "suspended" in clause.line.low[chunk.i - 2 : chunk.j + 3]:
                draft.qualifiers["circumstance"] = "suspended"
    for chunk in clause.terms if served else ():
        if (
            chunk is not served[0]
            and not chunk.data.limited
            and {"to", "further", "additional", "another"} & set(clause.line.low[chunk.i - 3 : chunk.i])
        ):
            _more(story, clause, found, persons, patient, chunk)
    if served and lemma in ("sentence", "condemn", "jail", "imprison"):
        _gapped(story, clause, found, served[0])
    if served or lemma in ("sentence", "condemn"):
        _court(story, clause, found, persons, patient)


def _respectively(story: Story, clause: Clause, found: Status, persons: list[Person]) -> bool:
    """Read "his sons, Ali and Bo, received ten and fifteen years": to each his own."""
    line = clause.line
    for chunk in clause.terms:
        if line.word(chunk.i - 1) != "and" or chunk.data.limited:
            continue
        numbers: list[int] = []
        step = chunk.i - 1
        while step > clause.verb.at and (line.low[step] in (",", "and") or _count(line.low[step])):
            if line.low[step] not in (",", "and"):
                numbers.insert(0, _count(line.low[step]))
            step -= 1
        if not numbers:
            continue
        if len(numbers) + 1 == len(persons):
            unit = chunk.data.duration[-1]
            terms = [*(f"P{number}{unit}" for number in numbers), chunk.data.duration]
            for person, term in zip(persons, terms, strict=True):
                add_fact(
                    story,
                    clause,
                    found,
                    [person],
                    "sentenced-to",
                    term,
                    "term",
                    [clause.subject, chunk],
                    "sentence-each",
                    0.75,
                )
        return True
    return False


def _count(word: str) -> int:
    return int(word) if re.fullmatch(r"[1-9]\d?", word) else number_of(word) or 0


def _more(
    story: Story, clause: Clause, found: Status, persons: list[Person], patient: Chunk | None, chunk: Chunk
) -> None:
    """Add the second penalty of "to two years for theft and to a further six months for arson"."""
    draft = add_fact(
        story,
        clause,
        found,
        persons,
        "sentenced-to",
        chunk.data.duration,
        "term",
        [patient, chunk],
        "sentence-more",
        0.8,
    )
    if draft is not None:
        draft.qualifiers["term"] = story.chunk_text(clause.line, chunk)
    named = charges.after_verb(clause.line, chunk.j, min(len(clause.line), chunk.j + 3), "sentence")
    _charges(story, clause, found, persons, patient, named)


def _gapped(story: Story, clause: Clause, found: Status, first: Chunk) -> None:
    """Read the rest of "Ali was sentenced to six years and Bo, who has a shop, to five"."""
    line = clause.line
    person: Chunk | None = None
    for at in range(first.j, len(line)):
        owner = line.owner[at]
        if owner is not None and owner.kind == "verb":
            if owner.data.finite and not owner.data.relative:
                return
            continue
        if line.low[at] == ";":
            return
        if owner is not None and owner.kind == "person" and owner.i == at:
            person = owner if owner.data.name and line.word(at - 1) in ("and", ",", "while") else None
            continue
        if (
            person is None
            or line.low[at] not in ("to", "for")
            or line.word(at - 1) not in (",", *line.low[person.j - 1 : person.j])
        ):
            continue
        after = line.owner[at + 1] if at + 1 < len(line) else None
        number = _count(line.word(at + 1))
        if after is not None and after.kind == "term" and not after.data.limited:
            duration, end = after.data.duration, after.j
        elif (
            number
            and after is None
            and line.word(at + 2) in (".", ",", "and", ";", "")
            and first.data.duration[-1:] in "YM"
        ):
            duration, end = f"P{number}{first.data.duration[-1]}", at + 2
        else:
            continue
        draft = add_fact(
            story,
            clause,
            found,
            story.people.meant(line, person),
            "sentenced-to",
            duration,
            "term",
            [person, Chunk("word", at, end)],
            "sentence-gapped",
            0.75,
        )
        if draft is not None:
            draft.tokens = (person.i, end)
        person = None


def _terms_behind(clause: Clause) -> list[Chunk]:
    """Give a penalty that stands behind something that seemed to end the clause."""
    chunks = [
        owner
        for owner in dict.fromkeys(clause.line.owner[clause.verb.at + 1 : clause.verb.at + 40])
        if owner is not None
    ]
    found: list[Chunk] = []
    for chunk in chunks:
        if chunk.kind == "verb" and chunk.data.finite and not chunk.data.bare and not chunk.data.relative:
            break
        if chunk.kind == "term" and clause.line.word(chunk.i - 1) in ("to", "a"):
            found.append(chunk)
    return [chunk for chunk in found if _is_sentence(clause, chunk)]


def _is_sentence(clause: Clause, chunk: Chunk) -> bool:
    line, penalty, lemma = clause.line, chunk.data, clause.verb.lemma
    if penalty.limited:
        return False
    before = line.word(chunk.i - 1)
    after = line.low[chunk.j : chunk.j + 3]
    if "probation" in after or "ago" in after:
        return False
    if lemma in ("sentence", "condemn", "order"):
        return before in _IS_SENTENCE_WORDS or penalty.custody
    if lemma in ("jail", "imprison"):
        if not {"Y", "M"} & set(penalty.duration) and {"released", "freed", "charge"} & set(
            line.low[chunk.j :]
        ):
            return False  # jailed for ten days and released without charge: no court has sentenced
        return before in _IS_SENTENCE_WORDS_2 or penalty.custody
    if lemma in ("get", "receive") or lemma in _HANDING:
        return penalty.duration in ("life", "death") or (
            penalty.duration.startswith("P")
            and (
                "Y" in penalty.duration
                or penalty.custody
                or (before == "of" and line.word(chunk.i - 2) in ("sentence", "term"))
            )
        )
    named = {"sentence", "term"} & set(line.low[chunk.i : chunk.j + 2])
    return bool(penalty.custody and named) or line.word(chunk.j + 1) in ("sentence", "term")


def _court(story: Story, clause: Clause, found: Status, persons: list[Person], patient: Chunk | None) -> None:
    court = None
    if not clause.passive and clause.subject is not None and clause.subject.kind == "court":
        court = clause.subject
    for chunk in clause.agents:
        if chunk.kind == "court":
            court = chunk
    for preposition, chunk in clause.places:
        if chunk.kind == "court" and preposition in ("in", "at", "before"):
            court = court or chunk
    if court is not None:
        draft = add_fact(
            story,
            clause,
            found,
            persons,
            "sentenced-by",
            story.chunk_text(clause.line, court),
            "court",
            [patient, court],
            "sentence-court",
            0.85,
        )
        if draft is not None:
            draft.date = date_of(story, clause)[0]

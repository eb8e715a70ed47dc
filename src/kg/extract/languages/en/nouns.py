"""What nouns tell: "his arrest on May 3", "the sentence was handed down by …", sections of a law."""

from __future__ import annotations

from kg.extract.languages.en import charges
from kg.extract.languages.en.chunks import Chunk, Line
from kg.extract.languages.en.lexicon import listed
from kg.extract.languages.en.person import Person
from kg.extract.languages.en.status import DROPPED, status
from kg.extract.languages.en.story import Draft, Story
from kg.extract.values import NONE_GIVEN, UNKNOWN

_WHOSE_WORDS = listed("nouns", "whose_words")
_WANTED_WORDS = listed("nouns", "wanted_words")
_WANTED_WORDS_2 = listed("nouns", "wanted_words_2")

_ARREST = listed("nouns", "arrest")
_SENTENCE = listed("nouns", "sentence")
_DEATH = frozenset(["death", "killing", "execution", "murder"])
_RELEASE = frozenset(["release"])


def read(story: Story, line: Line) -> None:
    """Add what nouns such as *arrest* tell in a sentence."""
    for at in range(len(line)):
        word = line.low[at]
        if line.owner[at] is not None:
            continue
        if word in _ARREST | _DEATH | _RELEASE:
            _event(story, line, at, word)
        elif word in _SENTENCE and line.word(at - 1) in ("the", "his", "her", "their"):
            _court(story, line, at)
        elif word in ("case", "fir", "charges", "complaint") and word in line.low:
            _case(story, line, at)
    _registered(story, line)
    _penalties(story, line)


_GIVEN = frozenset(("given", "handed", "imposed", "meted", "passed", "issued"))


def _penalties(story: Story, line: Line) -> None:
    """Read "the nine-year sentence given to Ali", "the sentencing of Ali to six years", "raised the term to …"."""
    for at in range(len(line)):
        chunk = line.owner[at]
        if chunk is not None and chunk.kind == "term" and chunk.i == at and not chunk.data.limited:
            end = chunk.j + (line.word(chunk.j) in ("prison", "jail"))
            end += line.word(end) in ("sentence", "sentences", "term", "terms")
            if line.word(end) in ("that", "which"):
                _handed(story, line, chunk, end)
            if line.word(end) in _GIVEN:
                step = end + 1 + (line.word(end + 1) in ("down", "out"))
                if line.word(step) in ("to", "on", "against"):
                    _penalty(story, line, line.owner[step + 1] if step + 1 < len(line) else None, chunk, at)
        elif (
            chunk is None
            and line.low[at] in ("sentencing", "jailing", "condemnation")
            and line.word(at + 1) == "of"
        ):
            whom = line.owner[at + 2] if at + 2 < len(line) else None
            if whom is None or whom.kind != "person" or _wanted(line, at):
                continue
            for step in range(whom.j, min(len(line), whom.j + 4)):
                term = line.owner[step]
                if term is not None and term.kind == "term" and line.word(step - 1) in ("to", "for"):
                    if not term.data.limited:
                        _penalty(story, line, whom, term, at)
                    break
    _changed(story, line)


def _handed(story: Story, line: Line, term: Chunk, at: int) -> None:
    """Read "the two-year sentence that the High Court handed down to her"."""
    court: Chunk | None = None
    for step in range(at + 1, min(len(line) - 1, at + 12)):
        owner = line.owner[step]
        if owner is not None and owner.kind == "court":
            court = owner
        given = step - 1 - (line.word(step - 1) in ("down", "out"))
        if line.low[step] in ("to", "on", "against") and line.word(given) in _GIVEN:
            whom = line.owner[step + 1]
            _penalty(story, line, whom, term, term.i)
            persons = [person for person in story.people.meant(line, whom) if person.names] if whom else []
            if court is not None and persons:
                tokens = (min(term.i, court.i), max(step + 2, court.j))
                text = story.chunk_text(line, court)
                _put(story, line, persons, "sentenced-by", text, "court", tokens, "sentence-noun-court", 0.75)
            return
        if line.low[step] in (",", ";"):
            return


def _penalty(story: Story, line: Line, whom: Chunk | None, term: Chunk, at: int) -> None:
    if whom is None or whom.kind not in ("person", "pronoun"):
        return
    persons = [person for person in story.people.meant(line, whom) if person.names]
    if not persons:
        return
    tokens = (min(at, whom.i, term.i), max(whom.j, term.j))
    draft = _put(
        story, line, persons, "sentenced-to", term.data.duration, "term", tokens, "sentence-noun", 0.8
    )
    draft.qualifiers["term"] = story.chunk_text(line, term)


_CHANGED = frozenset(
    ("raise", "increase", "reduce", "cut", "lower", "extend", "lengthen", "commute", "shorten")
)
_CHANGED_FORMS = frozenset(
    form
    for lemma in _CHANGED
    for form in (lemma, lemma + "d" if lemma.endswith("e") else lemma if lemma == "cut" else lemma + "ed")
)


def _changed(story: Story, line: Line) -> None:
    """Read "an appeals court raised her term to ten years"."""
    for clause in story.clauses[line.index]:
        verb = clause.verb
        if (
            line.low[verb.at] not in _CHANGED_FORMS
            or verb.negated
            or verb.modal
            or verb.infinitive
            or verb.ing
            or status(clause).kind == DROPPED
        ):
            continue
        noun = next(
            (
                at
                for at in range(max(0, verb.at - 4), min(len(line), verb.at + 6))
                if line.low[at] in ("sentence", "term")
            ),
            None,
        )
        term = next(
            (
                line.owner[at]
                for at in range(verb.at + 1, min(len(line), verb.at + 12))
                if line.kind(at) == "term" and line.word(at - 1) == "to"
            ),
            None,
        )
        if noun is None or term is None or term.data.limited:
            continue
        persons = _whose(story, line, noun) or _last_sentenced(story, line)
        if len(persons) != 1 or not persons[0].names:
            continue
        tokens = (min(verb.at, noun), term.j)
        draft = _put(
            story, line, persons, "sentenced-to", term.data.duration, "term", tokens, "sentence-changed", 0.75
        )
        draft.qualifiers["term"] = story.chunk_text(line, term)
        court = clause.subject if not clause.passive else next(iter(clause.agents), None)
        if court is not None and court.kind == "court":
            _put(
                story,
                line,
                persons,
                "sentenced-by",
                story.chunk_text(line, court),
                "court",
                (min(court.i, tokens[0]), max(court.j, tokens[1])),
                "sentence-changed-court",
                0.75,
            )


def _whose(story: Story, line: Line, at: int) -> list[Person]:
    """Give whose arrest it is: "his", "Ali's", "the arrest of Ali"."""
    step = at - 1
    while (
        step >= 0
        and line.owner[step] is None
        and line.tokens[step].is_word
        and line.low[step] not in _WHOSE_WORDS
        and at - step < 5
    ):
        step -= 1
    word = line.word(step)
    if word in ("his", "her", "their"):
        gender = "m" if word == "his" else "f"
        if word == "their":
            return story.people.plural(line, step)
        best = story.people.best(line, step, gender, [])
        speaker = story.people.quoted_by(line, step, story.scopes[line.index])
        return [best] if best is not None and best is not speaker else []
    if word in ("'s", "'", "’") and step > 0:
        owner = line.owner[step - 1]
        return story.people.meant(line, owner) if owner is not None and owner.kind == "person" else []
    if line.word(at + 1) == "of" and at + 2 < len(line):
        owner = next(
            (line.owner[k] for k in range(at + 2, min(len(line), at + 4)) if line.owner[k] is not None), None
        )
        if owner is not None and owner.kind == "person":
            return [person for person in story.people.meant(line, owner) if person.names]
    return []


def _wanted(line: Line, at: int) -> bool:
    """Whether the noun stands in a demand or a fear: "called for the release of"."""
    for step in range(max(0, at - 8), at):
        owner = line.owner[step]
        if (
            owner is not None
            and owner.kind == "verb"
            and (owner.data.opens("want") or owner.data.negated or owner.data.modal)
        ):
            return True
        if line.low[step] in _WANTED_WORDS_2:
            return True
    return line.word(at + 1) in _WANTED_WORDS


def _event(story: Story, line: Line, at: int, word: str) -> None:
    if _wanted(line, at):
        return
    persons = _whose(story, line, at)
    if not persons:
        return
    date = None
    agent = None
    last = at
    for step in range(at + 1, min(len(line), at + 14)):
        owner = line.owner[step]
        if (owner is not None and owner.kind == "verb") or line.low[step] in (
            ",",
            ";",
            ".",
            "that",
            "which",
            "who",
        ):
            break
        if owner is not None and owner.kind == "date" and date is None and not owner.data.future:
            date, last = owner.data, owner.j - 1
        if (
            owner is not None
            and owner.kind in ("agency", "org")
            and line.low[at : owner.i].count("by")
            and agent is None
        ):
            agent, last = owner, owner.j - 1
    start = at
    while start > 0 and at - start < 4 and line.low[start - 1] not in (",",):
        start -= 1
    tokens = (start, last + 1)
    if word in _DEATH:
        if date is not None:
            _put(story, line, persons, "died-at", UNKNOWN, "place", tokens, "death-noun", 0.7).date = date
        return
    if word in _RELEASE:
        if date is not None:
            _put(
                story, line, persons, "released-from", UNKNOWN, "facility", tokens, "release-noun", 0.7
            ).date = date
        return
    if agent is not None:
        text = story.chunk_text(line, agent) if agent.kind == "org" else agent.text
        _put(
            story, line, persons, "detained-by", text, "organization", tokens, "arrest-noun-agent", 0.75
        ).date = date
    if date is not None:
        _put(story, line, persons, "detained-at", UNKNOWN, "place", tokens, "arrest-noun", 0.75).date = date


def _put(
    story: Story,
    line: Line,
    persons: list[Person],
    predicate: str,
    text: str,
    kind: str,
    tokens: tuple[int, int],
    rule: str,
    score: float,
) -> Draft:
    draft = Draft(persons, predicate, text, kind, line, tokens, rule, score)
    story.drafts.append(draft)
    return draft


def _court(story: Story, line: Line, at: int) -> None:
    """Read "The sentence was handed down by the … Court"."""
    court = None
    for step in range(at + 1, min(len(line), at + 14)):
        owner = line.owner[step]
        if owner is not None and owner.kind == "court" and "by" in line.low[at:step]:
            court = owner
            break
    if court is None:
        return
    persons = _last_sentenced(story, line)
    if persons:
        _put(
            story,
            line,
            persons,
            "sentenced-by",
            story.chunk_text(line, court),
            "court",
            (max(0, at - 1), court.j),
            "sentence-noun-court",
            0.8,
        )


def _last_sentenced(story: Story, line: Line) -> list[Person]:
    for draft in reversed(story.drafts):
        if draft.predicate == "sentenced-to" and line.index - draft.line.index <= 4:
            return draft.persons
    return []


def _case(story: Story, line: Line, at: int) -> None:
    """Read "no charges were filed against them"."""
    if line.word(at - 1) != "no" or (
        "against" not in line.low[at : at + 8] and "charged" not in line.low[at : at + 8]
    ):
        return
    step = line.low.index("against", at) if "against" in line.low[at : at + 8] else at
    chunk = line.owner[step + 1] if step + 1 < len(line) else None
    persons = (
        story.people.meant(line, chunk) if chunk is not None and chunk.kind in ("person", "pronoun") else []
    )
    if persons:
        draft = _put(
            story, line, persons, "charged-with", NONE_GIVEN, "text", (at - 1, step + 2), "no-charges", 0.8
        )
        draft.polarity = "denied"


def _registered(story: Story, line: Line) -> None:
    """Read "a case was registered against him under sections 13 and 505 of the Penal Code"."""
    found = charges.sections(line)
    if not found:
        return
    against: list[Person] = []
    first: Chunk | None = None
    for at in range(len(line) - 1):
        if line.low[at] == "against":
            for step in range(at + 1, min(len(line), at + 3)):
                chunk = line.owner[step]
                if chunk is not None and chunk.kind in ("person", "pronoun"):
                    against, first = story.people.meant(line, chunk), chunk
                    break
            if against:
                break
    if not against:
        for clause in story.clauses[line.index]:
            if (
                (clause.verb.opens("charge") or clause.verb.opens("detain"))
                and clause.verb.at < found[0].i
                and not clause.verb.modal
            ):
                chunk = clause.subject if clause.passive else clause.object
                if chunk is not None and chunk.kind in ("person", "pronoun"):
                    against, first = story.people.meant(line, chunk), chunk
    if not against or first is None:
        return
    told = any(
        draft.predicate in ("charged-with", "accused-of") and draft.line is line for draft in story.drafts
    )
    for charge in found:
        text = story.text(line, charge.i, charge.j)
        if told and "(" not in text:
            continue
        if not text.lower().startswith(("section", "article")):
            text = f"section {text}"
        text = (
            text.replace("sections ", "section ")
            .replace("Sections ", "section ")
            .replace("articles ", "article ")
        )
        _put(
            story,
            line,
            against,
            "charged-with",
            text,
            "text",
            (min(first.i, charge.i), charge.j),
            "section",
            0.8,
        )

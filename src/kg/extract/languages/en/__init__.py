"""English: from a document to facts, step by step.

Names and dates first, then phrases about people, verbs, who does what to whom, who tells it, whom a phrase
means, and last the facts: events by the frames of verbs, traits by the phrases themselves.
"""

from __future__ import annotations

import datetime
import re
from collections import Counter
from typing import Final

from kg.extract.languages.en import clauses, events, names, nouns, people, speech, terms, traits, verbs, where
from kg.extract.languages.en.chunks import Chunk, Line
from kg.extract.languages.en.kinds import Kinds
from kg.extract.languages.en.layout import HABITS
from kg.extract.languages.en.lexicon import lexicon
from kg.extract.languages.en.mentions import Mention
from kg.extract.languages.en.person import Person
from kg.extract.languages.en.persons import People
from kg.extract.languages.en.story import Draft, Story
from kg.extract.languages.en.times import Clock, Date
from kg.extract.text import Document
from kg.extract.values import Context, Fact, Subject, When

habits: Final = HABITS


def analyse(document: Document, context: Context) -> list[Fact]:
    """Give what an English document says, in the order of the text."""
    story = _story(document, context)
    for line in story.lines:
        traits.read_mentions(story, line)
        if line.sentence.kind == "caption":
            continue
        for clause in story.clauses[line.index]:
            events.read(story, clause)
            traits.read_clause(story, clause)
        nouns.read(story, line)
    return _facts(story)


def _story(document: Document, context: Context) -> Story:
    published = _day(context.published or document.published or "")
    clock = Clock(published)
    kinds = Kinds()
    lines: list[Line] = []
    for index, sentence in enumerate(document.sentences):
        if sentence.kind not in ("body", "caption"):
            continue
        line = Line.of(sentence, index)
        if lines and "\n\n" in document.text[lines[-1].sentence.end : sentence.start]:
            clock.turn()
        _times(document, line, clock)
        names.mark(line, document, context.gazetteer)
        kinds.watch(line)
        lines.append(line)
    kinds.settle()
    told: dict[int, list[clauses.Clause]] = {}
    drafts: list[Draft] = []
    for line in lines:
        people.settle(line, kinds)
        drafts.extend(where.read(document, line))
        people.mark(line, document)
        verbs.mark(line)
        told[line.index] = clauses.read(line)
    scopes = speech.scopes(lines, told, document)
    who = People(_describe(document))
    story = Story(document, context, lines, told, scopes, who, _main_country(document, lines), drafts=drafts)
    for line in sorted(lines, key=lambda line: line.sentence.kind == "caption"):
        who.read(line, told[line.index], scopes[line.index])
    return story


def _day(text: str) -> datetime.date | None:
    """Give the day of an EDTF date, or the last day of a month or year that is all that is known."""
    try:
        if re.fullmatch(r"\d{4}-\d\d-\d\d", text[:10]):
            return datetime.date.fromisoformat(text[:10])
        if found := re.fullmatch(r"(\d{4})-(0[1-9]|1[0-2])[~?%]?", text):
            following = datetime.date(int(found[1]) + (found[2] == "12"), int(found[2]) % 12 + 1, 1)
            return following - datetime.timedelta(1)
        if found := re.fullmatch(r"(\d{4})[~?%]?", text):
            return datetime.date(int(found[1]), 12, 31)
    except (ValueError, OverflowError):
        pass
    return None


def _times(document: Document, line: Line, clock: Clock) -> None:
    """Claim the dates and penalties of a sentence."""
    start, end = line.sentence.start, line.sentence.end
    text = document.text[start:end]
    if len(text) > 20_000:
        return
    line.dates = clock.dates(text, start)
    starts = {token.start: at for at, token in enumerate(line.tokens)}
    for date in line.dates:
        _claim(line, starts, date.start, date.end, "date", date)
    for penalty in terms.penalties(text, start):
        _claim(line, starts, penalty.start, penalty.end, "term", penalty)


def _claim(line: Line, starts: dict[int, int], start: int, end: int, kind: str, data: object) -> None:
    first = starts.get(start)
    if first is None:
        return
    last = first
    while last < len(line) and line.tokens[last].start < end:
        last += 1
    if line.free(first, last):
        line.put(Chunk(kind, first, last, data=data))


def _describe(document: Document):  # type: ignore[no-untyped-def]
    def describe(mention: Mention) -> str:
        text = " ".join(mention.line.text(document, mention.start, mention.stop).split())
        text = re.sub(r"^(?:an?|the|another|that)\s+", "", text, flags=re.IGNORECASE)
        return text[:120] or "somebody"

    return describe


def _main_country(document: Document, lines: list[Line]) -> str:
    """Give the country that a report is about: the one that title and first sentences name most, or first."""
    lex = lexicon()
    found: Counter[str] = Counter()
    order: list[str] = []
    texts = [value for key, value in document.header if key == "title"]
    texts += [document.text[s.start : s.end] for s in document.sentences[:4]]
    for weight, text in zip((3, 3, 2, 1, 1, 1), texts, strict=False):
        for word in re.findall(r"[A-Z][\w.]+(?: [A-Z]\w+)?", text[:1500]):
            for candidate in (word, word.split()[0]):
                country = lex.countries.get(candidate.lower()) or lex.demonyms.get(candidate.lower())
                if country:
                    found[country] += weight
                    order.append(country)
                    break
    if not found:
        return ""
    return max(found, key=lambda country: (found[country], -order.index(country)))


# ---------------------------------------------------------------- from drafts to facts


def _facts(story: Story) -> list[Fact]:
    _prune(story)
    facts: list[Fact] = []
    seen: set[tuple[str, str, str, str, str, int]] = set()
    for draft in sorted(story.drafts, key=lambda draft: (draft.line.index, draft.tokens, draft.predicate)):
        for subject in _subjects(story, draft):
            fact = _fact(story, draft, subject)
            if fact is None:
                continue
            key = (
                fact.subject.name,
                fact.predicate,
                fact.object.lower(),
                fact.date.edtf if fact.date else "",
                fact.polarity + fact.certainty,
                fact.start if fact.predicate in ("sentenced-to",) else 0,
            )
            if key in seen:
                continue
            seen.add(key)
            facts.append(fact)
    facts.sort(key=lambda fact: (fact.start, fact.end, fact.predicate, fact.subject.name, fact.object))
    return facts


_EVENTS = frozenset(
    [
        "detained-at",
        "detained-by",
        "held-at",
        "charged-with",
        "accused-of",
        "sentenced-to",
        "sentenced-by",
        "released-from",
        "died-at",
        "relative-of",
    ]
)


def _prune(story: Story) -> None:
    """Drop traits of people without a name who play no part, and occupations that a longer one holds."""
    told = {
        person.self().number
        for draft in story.drafts
        if draft.predicate in _EVENTS
        for each in draft.persons
        for person in story.people.expand(each)
    }
    works: dict[int, set[tuple[str, ...]]] = {}
    for draft in story.drafts:
        draft.persons = [person for each in draft.persons for person in story.people.expand(each)]
        if not draft.subject_name and draft.predicate not in _EVENTS:
            draft.persons = [person for person in draft.persons if person.names or person.number in told]
        if draft.predicate == "occupation":
            for person in draft.persons:
                works.setdefault(person.number, set()).add(_bag(draft.object))
    for draft in story.drafts:
        if draft.predicate == "occupation":
            bag = set(_bag(draft.object))
            draft.persons = [
                person
                for person in draft.persons
                if not any(bag < set(other) for other in works[person.number])
            ]
    story.drafts = [draft for draft in story.drafts if draft.persons or draft.subject_name]


def _bag(text: str) -> tuple[str, ...]:
    return tuple(
        sorted({word for word in re.findall(r"\w+", text.lower()) if word not in ("a", "an", "the", "of")})
    )


def _subjects(story: Story, draft: Draft) -> list[tuple[Subject, Person | None]]:
    if draft.subject_name:
        return [(Subject(draft.subject_name, draft.subject_kind), None)]
    found: list[tuple[Subject, Person | None]] = []
    for person in draft.persons:
        for each in story.people.expand(person):
            also = tuple(sorted(name for name in {*each.names, *each.also} if name != each.name))
            found.append(
                (Subject(each.name, "group" if each.group and not each.names else "person", also), each)
            )
    return found


def _fact(story: Story, draft: Draft, subject: tuple[Subject, Person | None]) -> Fact | None:
    line = draft.line
    i, j = draft.tokens
    start, end = line.span(i, min(j, len(line)))
    if start >= end:
        return None
    told = _object(story, draft)
    if not told:
        return None
    when = draft.date
    attribution, alleged = _attribution(story, draft)
    return Fact(
        subject=subject[0],
        predicate=draft.predicate,
        object=told,
        object_kind=draft.object_kind,
        start=start,
        end=end,
        quote=story.document.text[start:end],
        rule=f"en/{draft.rule}",
        score=draft.score,
        date=_when(when, story, draft.ranged) if when else None,
        qualifiers=draft.qualifiers,
        attribution=attribution,
        certainty="alleged" if alleged else draft.certainty,
        polarity=draft.polarity,
    )


def _when(date: Date, story: Story, ranged: bool) -> When:
    edtf = date.edtf
    published = _day(story.context.published or story.document.published or "")
    if date.since and published is not None and "/" not in edtf and (edtf.endswith("-01-01") or ranged):
        edtf = f"{edtf}/{published.isoformat()}"
    return When(edtf, date.text, date.how)


def _object(story: Story, draft: Draft) -> str:
    if draft.object_person is not None:
        return draft.object_person.self().name
    return draft.object


def _attribution(story: Story, draft: Draft) -> tuple[tuple[str, ...], bool]:
    """Give who tells it, the outermost first, and whether a teller only claims it."""
    tellers: list[str] = []
    alleged = False
    for scope in story.scopes[draft.line.index]:
        if not scope.covers(draft.tokens[0]) and not scope.covers(draft.tokens[1] - 1):
            continue
        label = _label(story, scope)
        if label and label not in tellers:
            tellers.append(label)
        if scope.verb in ("claim", "allege") and draft.rule not in (
            "occupation",
            "age",
            "kin",
            "ethnicity",
            "nationality",
            "home",
        ):
            alleged = True
    return tuple(tellers), alleged


def _label(story: Story, scope: speech.Scope) -> str:
    if scope.speaker is None:
        return ""
    persons = story.people.meant(scope.line, scope.speaker)
    if persons and persons[0].names:
        return persons[0].name
    if scope.speaker.kind == "pronoun" and persons:
        return persons[0].name
    return " ".join(scope.line.text(story.document, scope.speaker.i, scope.speaker.j).split())

"""What somebody is: occupation, age, nation, people, home, relatives, ties to countries."""

from __future__ import annotations

import re

from kg.extract.languages.en.chunks import Chunk, Line
from kg.extract.languages.en.clauses import Clause
from kg.extract.languages.en.lexicon import lexicon, listed
from kg.extract.languages.en.mentions import Mention, Role
from kg.extract.languages.en.person import Person
from kg.extract.languages.en.status import DROPPED, status
from kg.extract.languages.en.story import Draft, Story

_HOMES_WORDS = listed("traits", "homes_words")
_IS_WORDS = listed("traits", "is_words")
_IS_WORDS_2 = listed("traits", "is_words_2")
_TIES_WORDS = listed("traits", "ties_words")

_NO_OCCUPATION = listed("traits", "no_occupation")
_WITH_WORDS = listed("traits", "with_words")
_LIVING = listed("traits", "living")
_TRAVEL = listed("traits", "travel")


def read_mentions(story: Story, line: Line) -> None:
    """Add what the phrases of a sentence tell of the people they mean."""
    _homes(story, line)
    for chunk in line.chunks():
        if chunk.kind == "person":
            for mention in _all(chunk.data):
                _mention(story, line, mention)


def _homes(story: Story, line: Line) -> None:
    """Read "his home in Arishan county"."""
    for chunk in line.chunks():
        if chunk.kind != "facility" or not isinstance(chunk.data, dict):
            continue
        at, inner = chunk.data["head"][0], chunk.data["inner"]
        if (
            line.low[at] not in ("home", "house", "apartment", "flat", "residence")
            or line.word(inner) not in ("in", "near", "at")
            or inner >= chunk.j
        ):
            continue
        begin = inner + 1
        while begin < chunk.j and line.low[begin] in _HOMES_WORDS:
            begin += 1
        owner = line.word(chunk.i - 1)
        persons: list[Person] = []
        if owner in ("his", "her"):
            persons = story.people.possessor(line, chunk.i - 1, owner, story.scopes[line.index])
        elif owner in ("'s", "’s") and chunk.i > 1 and line.kind(chunk.i - 2) == "person":
            persons = story.people.meant(line, line.owner[chunk.i - 2])
        if begin < chunk.j:
            _add(
                story,
                line,
                [person for person in persons if not person.group],
                "resident-in",
                story.text(line, begin, chunk.j),
                "place",
                (max(0, chunk.i - 1), chunk.j),
                "home-in",
                0.75,
            )


def _all(mention: Mention) -> list[Mention]:
    found = [] if mention.listed else [mention]
    for member in mention.members:
        found.extend(_all(member))
    return found


def _add(
    story: Story,
    line: Line,
    persons: list[Person],
    predicate: str,
    text: str,
    kind: str,
    tokens: tuple[int, int],
    rule: str,
    score: float,
    **more: str,
) -> Draft | None:
    if not persons or not text:
        return None
    draft = Draft(persons, predicate, text, kind, line, tokens, rule, score, qualifiers=dict(more))
    story.drafts.append(draft)
    return draft


def _mention(story: Story, line: Line, mention: Mention) -> None:
    if mention.line is not line:
        return
    persons = [each for person in mention.people for each in story.people.expand(person)]
    if not persons:
        return
    i, j = mention.i, mention.j
    for role in mention.roles:
        if _is_occupation(role, mention) and (
            mention.name or mention.members or any(person.weight for person in persons)
        ):
            for person in persons:
                text = _occupation(story, line, mention, role, not person.group)
                _add(
                    story,
                    line,
                    [person],
                    "occupation",
                    text,
                    "text",
                    _span(mention, role.i, role.j),
                    "occupation",
                    0.85,
                )
    if mention.age is not None and not mention.plural:
        _add(
            story,
            line,
            persons,
            "age",
            str(mention.age[0]),
            "number",
            _span(mention, mention.age[1], mention.age[2]),
            "age",
            0.95,
        )
    for key, a, b in mention.nations:
        _nation(story, line, mention, persons, key, (a, b))
    for text, a, b in mention.homes:
        if mention.name or mention.members or any(person.weight for person in persons):
            _add(
                story,
                line,
                persons,
                "resident-in",
                " ".join(text.split()),
                "place",
                _span(mention, a, b),
                "home",
                0.8,
            )
    if mention.plural and mention.members and not mention.listed:
        for role in mention.roles:
            for person in persons if role.noun.kind == "kin" else ():
                _relative(story, line, mention, role, [person])
    if not mention.plural:
        for role in mention.roles:
            if role.noun.kind == "kin" and role.noun.lemma not in ("relative", "child", "partner"):
                _relative(story, line, mention, role, persons)
    _based(story, line, mention, persons, i, j)


def _span(mention: Mention, a: int, b: int) -> tuple[int, int]:
    """Give a span that holds the trait and whose it is."""
    if mention.name_at is not None:
        return min(mention.name_at[0], a), max(mention.name_at[1], b)
    return min(a, mention.start), max(b, a + 1)


def _is_occupation(role: Role, mention: Mention) -> bool:
    if role.noun.kind not in ("occupation", "office") or not role.text:
        return False
    lemma = role.noun.lemma.lower()
    words = len(role.text.split())
    if lemma in _NO_OCCUPATION:
        return lemma in _WITH_WORDS and words > 1 and " of " not in f" {role.text} " and lemma != "member"
    return not (
        role.noun.lemma in ("head", "chief", "leader", "president", "general", "major")
        and words == 1
        and not mention.name
    )


def _occupation(story: Story, line: Line, mention: Mention, role: Role, single: bool = True) -> str:
    text = " ".join(role.text.split())
    words = text.split()
    if role.noun.plural and single:
        text = _singular(text, role)
    owner = mention.owner
    if (
        isinstance(owner, Chunk)
        and owner.kind in ("org", "place")
        and role.noun.kind == "office"
        and " of " not in text
    ):
        text = f"{text} of {story.chunk_text(line, owner)}"
    return (
        text[:1].lower() + text[1:]
        if words and words[0].istitle() and mention.i == 0 and len(words[0]) > 1 and not _proper(words[0])
        else text
    )


def _proper(word: str) -> bool:
    return word.lower() not in lexicon().openers


def _singular(text: str, role: Role) -> str:
    from kg.extract.languages.en.lexicon import plural

    many = plural(role.noun.lemma)
    return re.sub(rf"\b{re.escape(many)}\b", role.noun.lemma, text, count=1, flags=re.IGNORECASE)


def _nation(
    story: Story, line: Line, mention: Mention, persons: list[Person], key: str, tokens: tuple[int, int]
) -> None:
    lex = lexicon()
    country = lex.demonyms.get(key)
    people = lex.peoples.get(key)
    known = (
        mention.name or mention.members or any(person.weight for person in persons) or mention.is_kind("kin")
    )
    if not known or mention.is_kind("source"):
        return
    span = _span(mention, *tokens)
    if people and (mention.ethnic or country is None or country != story.main_country):
        singular = people
        _add(story, line, persons, "ethnicity", singular, "text", span, "ethnicity", 0.85)
    elif mention.ethnic and country:
        _add(story, line, persons, "ethnicity", story.text(line, *tokens), "text", span, "ethnicity", 0.8)
    elif country and not _serves(mention):
        _add(story, line, persons, "citizen-of", country, "country", span, "nationality", 0.8)


def _serves(mention: Mention) -> bool:
    """Whether the nation is the one that somebody serves rather than belongs to: "Russian officials"."""
    kinds = {role.noun.kind for role in mention.roles if role.text}
    return (
        bool(kinds)
        and kinds <= {"office", "agency", "source"}
        and not any(role.noun.lemma in ("citizen", "national") for role in mention.roles)
    )


def _relative(story: Story, line: Line, mention: Mention, role: Role, persons: list[Person]) -> None:
    for person in persons:
        for term, owner in person.self().kin:
            if term != role.noun.lemma or owner.self() is person.self():
                continue
            for whose in story.people.expand(owner):
                if whose is person.self():
                    continue
                start = (
                    mention.owner.i
                    if isinstance(mention.owner, Chunk) and mention.owner.i < role.i
                    else mention.start
                )
                tokens = (min(start, role.i), max(role.j, mention.name_at[1] if mention.name_at else role.j))
                draft = _add(
                    story, line, [person], "relative-of", whose.name, "person", tokens, "kin", 0.85, role=term
                )
                if draft is not None:
                    draft.object_person = whose
            return


def _born(story: Story, line: Line, mention: Mention, persons: list[Person], begin: int, at: int) -> None:
    text = story.text(line, begin, at + 1)[: -len("-born")].lower()
    country = lexicon().countries.get(text) or lexicon().demonyms.get(text)
    if country:
        _add(
            story,
            line,
            persons,
            "related-to-country",
            country,
            "country",
            _span(mention, begin, at + 1),
            "born",
            0.7,
        )


def _based(story: Story, line: Line, mention: Mention, persons: list[Person], i: int, j: int) -> None:
    last = mention.roles[0].at if mention.roles else j
    for at in range(i, min(last, len(line))):
        word = line.tokens[at].text
        low = word.lower()
        if low.endswith(("-based", "-born")) and word[0].isupper():
            begin = at
            while (
                begin > i
                and line.tokens[begin - 1].is_capital
                and line.low[begin - 1] not in lexicon().words["determiners"]
            ):
                begin -= 1
            if low.endswith("-born"):
                _born(story, line, mention, persons, begin, at)
                continue
            place = story.text(line, begin, at + 1)[: -len("-based")]
            _add(
                story,
                line,
                persons,
                "resident-in",
                place,
                "place",
                _span(mention, begin, at + 1),
                "based",
                0.8,
            )


# ---------------------------------------------------------------- traits that a verb tells


def read_clause(story: Story, clause: Clause) -> None:
    """Add what verbs tell of somebody's home, work and ties."""
    if clause.subject is None or clause.subject.kind not in ("person", "pronoun"):
        return
    found = status(clause)
    if found.kind == DROPPED or clause.verb.negated:
        return
    persons = [
        person
        for person in story.people.meant(clause.line, clause.subject)
        if person.names or person.weight or person.kin
    ]
    if not persons:
        return
    lemma = clause.verb.lemma
    _lives(story, clause, persons, lemma, found.alleged)
    _travels(story, clause, persons, lemma, found.alleged)
    _is(story, clause, persons, lemma)
    _ties(story, clause, persons, found.alleged)
    _holds(story, clause, persons, lemma)


def _holds(story: Story, clause: Clause, persons: list[Person], lemma: str) -> None:
    """Read "holds Polish and Belarusian citizenship", "has a Swedish passport"."""
    line = clause.line
    if lemma not in _HOLDING_WORDS and not clause.verb.copula:
        return
    last = next(
        (
            at
            for at in range(clause.verb.at + 1, min(len(line), clause.verb.at + 9))
            if line.low[at] in ("citizenship", "nationality", "passport", "passports")
        ),
        None,
    )
    if last is None:
        return
    for at in range(clause.verb.at + 1, last):
        chunk = line.owner[at]
        country = lexicon().demonyms.get(chunk.data) if chunk is not None and chunk.kind == "nation" else None
        if country:
            _add(
                story,
                line,
                persons,
                "citizen-of",
                country,
                "country",
                _tokens(clause, Chunk("word", at, last + 1)),
                "holds-citizenship",
                0.8,
            )


_HOLDING_WORDS = frozenset(("hold", "holds", "held", "have", "has", "had", "holding"))


def _tokens(clause: Clause, *chunks: Chunk | None) -> tuple[int, int]:
    known = [clause.chunk, *(chunk for chunk in chunks if chunk is not None)]
    return min(chunk.i for chunk in known), max(chunk.j for chunk in known)


def _lives(story: Story, clause: Clause, persons: list[Person], lemma: str, alleged: bool) -> None:
    after = clause.word_after(4)
    based = (clause.verb.copula and "based" in after) or lemma == "based"
    if lemma not in _LIVING and not based:
        return
    for preposition, chunk in clause.places:
        line = clause.line
        if line.word(chunk.j) in ("suburb", "district", "neighbourhood", "neighborhood", "village", "town"):
            inner = line.owner[chunk.j + 2] if chunk.j + 2 < len(line) else None
            if line.word(chunk.j + 1) == "of" and inner is not None and inner.kind == "place":
                chunk = inner  # "lives in the Havana suburb of Regla"
        if preposition in (("from",) if lemma.startswith("hail") else ("in", "at", "near")):
            draft = _add(
                story,
                clause.line,
                persons,
                "resident-in",
                story.chunk_text(clause.line, chunk),
                chunk.kind,
                _tokens(clause, clause.subject, chunk),
                "lives-in",
                0.85,
            )
            if draft is not None and alleged:
                draft.certainty = "alleged"
            return


def _travels(story: Story, clause: Clause, persons: list[Person], lemma: str, alleged: bool) -> None:
    if lemma not in _TRAVEL:
        return
    line = clause.line
    for at in range(clause.verb.at + 1, min(len(line), clause.verb.at + 12)):
        owner = line.owner[at]
        if owner is not None and owner.kind == "verb":
            return
        if (
            owner is not None
            and owner.kind == "place"
            and (country := lexicon().countries.get(line.text(story.document, owner.i, owner.j).lower()))
            and country != story.main_country
        ):
            draft = _add(
                story,
                line,
                persons,
                "travelled-to",
                country,
                "country",
                _tokens(clause, clause.subject, owner),
                "travel",
                0.75,
            )
            if draft is not None and alleged:
                draft.certainty = "alleged"
            return


def _is(story: Story, clause: Clause, persons: list[Person], lemma: str) -> None:
    """Read "is a lawyer", "worked as a correspondent", "who heads the centre", "both are ethnic Oromo"."""
    line = clause.line
    at = clause.verb.at + 1
    if lemma in _IS_WORDS:
        noun = {
            "heads": "head",
            "headed": "head",
            "head": "head",
            "leads": "leader",
            "lead": "leader",
            "chairs": "chair",
            "chaired": "chair",
            "edits": "editor",
            "edited": "editor",
            "directs": "director",
            "directed": "director",
            "founded": "founder",
            "co-founded": "co-founder",
            "owns": "owner",
            "runs": "head",
        }[lemma]
        owner = next(
            (line.owner[k] for k in range(at, min(len(line), at + 8)) if line.owner[k] is not None), None
        )
        if owner is not None and owner.kind in ("org", "thing"):
            _add(
                story,
                line,
                persons,
                "occupation",
                f"{noun} of {story.chunk_text(line, owner)}",
                "text",
                _tokens(clause, clause.subject, owner),
                "heads",
                0.75,
            )
        return
    if (
        clause.verb.copula
        and lemma == "be"
        and line.low[clause.verb.at] == "is"
        and re.fullmatch(r"[1-9]\d|10\d", line.word(at))
        and (line.word(at + 1) in (",", ".", ";", "and", "") or line.low[at + 1 : at + 3] == ["years", "old"])
        and len(persons) == 1
        and not persons[0].group
    ):
        _add(
            story,
            line,
            persons,
            "age",
            line.low[at],
            "number",
            _tokens(clause, clause.subject, Chunk("word", at, at + 1)),
            "age-is",
            0.85,
        )
        return
    home = line.owner[at + 1] if at + 1 < len(line) else None
    if (
        clause.verb.copula
        and lemma == "be"
        and line.word(at) == "from"
        and home is not None
        and home.kind == "place"
        and not any(person.group for person in persons)
    ):
        _add(
            story,
            line,
            persons,
            "resident-in",
            story.chunk_text(line, home),
            "place",
            _tokens(clause, clause.subject, home),
            "is-from",
            0.8,
        )
    served_as = lemma in _IS_WORDS_2 or lemma in ("serve",)
    if served_as and "as" in line.low[at : at + 8]:
        at = line.low.index("as", at) + 1
    elif not ((clause.verb.copula and lemma == "be") or lemma in ("became", "become", "becomes")):
        return
    chunk = next(
        (line.owner[k] for k in range(at, min(len(line), at + 3)) if line.owner[k] is not None), None
    )
    if chunk is not None and {":", ";", ","} & set(line.low[at : chunk.i]):
        return
    if (
        chunk is not None
        and chunk.kind == "person"
        and not chunk.data.name
        and not chunk.data.members
        and not chunk.data.plural
    ):
        mention: Mention = chunk.data
        for role in mention.roles:
            if _is_occupation(role, mention):
                _add(
                    story,
                    line,
                    persons,
                    "occupation",
                    _occupation(story, line, mention, role),
                    "text",
                    _tokens(clause, clause.subject, chunk),
                    "is-a",
                    0.8,
                )
            elif role.noun.kind == "kin":
                _is_relative(story, clause, persons, mention, role, chunk)
        for key, a, b in mention.nations:
            _nation(
                story,
                line,
                Mention(
                    line,
                    chunk.i,
                    chunk.j,
                    name="x",
                    roles=mention.roles,
                    ethnic=mention.ethnic,
                    start=clause.subject.i if clause.subject else chunk.i,
                ),
                persons,
                key,
                (a, b),
            )
        for text, _, _ in mention.homes:
            _add(
                story,
                line,
                persons,
                "resident-in",
                text,
                "place",
                _tokens(clause, clause.subject, chunk),
                "home",
                0.8,
            )
        for person in persons:
            if (
                len(persons) == 1
                and mention.people
                and mention.people[0].self() is not person
                and not mention.people[0].names
                and not mention.is_kind("kin")
            ):
                mention.people[0].self().same = (
                    person if mention.people[0].self() is not person.self() else None
                )
    elif chunk is not None and chunk.kind == "nation":
        ethnic = line.word(chunk.i - 1) == "ethnic"
        _nation(
            story,
            line,
            Mention(line, chunk.i, chunk.j, name="x", ethnic=ethnic, start=chunk.i),
            persons,
            chunk.data,
            (chunk.i, chunk.j),
        )


def _is_relative(
    story: Story, clause: Clause, persons: list[Person], mention: Mention, role: Role, chunk: Chunk
) -> None:
    owner = mention.owner
    found = clause.line.owner[owner.i] if isinstance(owner, Chunk) else None
    after = (
        clause.line.owner[chunk.j + 1]
        if chunk.j + 1 < len(clause.line) and clause.line.word(chunk.j) == "of"
        else None
    )
    whose = (
        found
        if found is not None and found.kind == "person"
        else after
        if after is not None and after.kind == "person"
        else None
    )
    if whose is None or not whose.data.people or len(persons) != 1:
        return
    for other in whose.data.people:
        if other.self() is not persons[0]:
            persons[0].kin.append((role.noun.lemma, other))
            draft = _add(
                story,
                clause.line,
                persons,
                "relative-of",
                other.name,
                "person",
                _tokens(clause, clause.subject, whose),
                "kin",
                0.85,
                role=role.noun.lemma,
            )
            if draft is not None:
                draft.object_person = other.self()


_BETWEEN_TIES = listed("traits", "between_ties")


def _ties(story: Story, clause: Clause, persons: list[Person], alleged: bool) -> None:
    """Read "had contact with relatives in Kazakhstan", "had relatives living in Turkey"."""
    line = clause.line
    for at in range(clause.verb.at + 1, min(len(line), clause.verb.at + 22)):
        if line.low[at] in _TIES_WORDS:
            for step in range(at + 1, min(len(line), at + 9)):
                owner = line.owner[step]
                country = lexicon().countries.get(
                    f"{line.low[step]} {line.word(step + 1)}"
                ) or lexicon().countries.get(line.low[step])
                if country and line.tokens[step].is_capital:
                    if country != story.main_country or line.low[at] in ("relatives", "friends"):
                        draft = _add(
                            story,
                            line,
                            persons,
                            "related-to-country",
                            country,
                            "country",
                            _tokens(clause, clause.subject, Chunk("word", at, step + 1)),
                            "ties",
                            0.7,
                        )
                        if draft is not None and alleged:
                            draft.certainty = "alleged"
                    return
                if owner is not None and owner.kind not in ("nation", "verb", "facility", "person", "place"):
                    return
                if owner is None and line.low[step] not in _BETWEEN_TIES:
                    break

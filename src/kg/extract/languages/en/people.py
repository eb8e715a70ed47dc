"""Phrases about people and about those who arrest them: who stands where, and what the phrase tells of them.

A phrase is found from its head, a noun such as *reporter*, or from a name. To the left it takes modifiers
up to a determiner or a genitive, to the right a name, "of the …", an age, an apposition.
"""

from __future__ import annotations

from kg.extract.languages.en.apposition import mark_apposition, mark_lists
from kg.extract.languages.en.chunks import Chunk, Line
from kg.extract.languages.en.complements import take_name
from kg.extract.languages.en.heads import AGE, number_of
from kg.extract.languages.en.kinds import Kinds
from kg.extract.languages.en.lexicon import Noun, lexicon, listed, noun_at
from kg.extract.languages.en.mentions import Mention, Role
from kg.extract.languages.en.phrases import mark_heads, mark_nationals
from kg.extract.text import Document

_PRONOUNS_WORDS = listed("people", "pronouns_words")


def mark(line: Line, document: Document) -> None:
    """Find the people and the agencies of a sentence."""
    _pronouns(line)
    mark_heads(line, document)
    mark_nationals(line, document)
    _bare_names(line, document)
    mark_apposition(line, document)
    mark_lists(line)


def settle(line: Line, kinds: Kinds) -> None:
    """Say what each run of capitals of a sentence names, now that the whole document is known."""
    for chunk in line.chunks():
        if chunk.kind != "name":
            continue
        kind = kinds.kind(line, chunk)
        chunk.kind = kind if kind in ("org", "place") else "name" if kind == "person" else "thing"
    _names_in_lists(line, kinds)
    if (
        line.tokens
        and line.owner[0] is None
        and line.tokens[0].is_capital
        and kinds.is_part(line.tokens[0].text)
        and line.tokens[0].low not in lexicon().openers
    ):
        line.put(Chunk("name", 0, 1))


def _names_in_lists(line: Line, kinds: Kinds) -> None:
    """Take single names in a list of people for people too: "Abdul Hameed, Idrees, Bilal and …"."""
    chunks = line.chunks()
    for order in (range(len(chunks)), range(len(chunks) - 1, -1, -1)):
        step = -1 if order.step > 0 else 1
        for at in order:
            chunk = chunks[at]
            if chunk.kind != "thing" or line.tokens[chunk.i].text in lexicon().words["place_things"]:
                continue
            near = at + step
            while 0 <= near < len(chunks) and chunks[near].text in (",", "and") and abs(near - at) < 3:
                near += step
            if (
                abs(near - at) > 1
                and 0 <= near < len(chunks)
                and chunks[near].kind == "name"
                and line.tokens[chunk.i].text.istitle()
            ):
                chunk.kind = "name"
                kinds.learn(line, chunk)


def _pronouns(line: Line) -> None:
    for at, word in enumerate(line.low):
        if (
            (word in _PRONOUNS_WORDS and line.owner[at] is None)
            or (word in _SEVERAL and line.owner[at] is None and _stands_alone(line, at))
            or (word == "her" and line.owner[at] is None and not _noun_phrase_follows(line, at + 1))
        ):
            line.put(Chunk("pronoun", at, at + 1, data=word))


_COUNTED = frozenset(("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "pair"))
_SEVERAL = listed("people", "several")


def _stands_alone(line: Line, at: int) -> bool:
    """Whether "the two" or "many of those" means people by itself."""
    lex = lexicon()
    after = line.word(at + 1)
    if line.low[at] in _COUNTED and line.word(at - 1) not in (
        "the",
        "these",
        "those",
        "all",
    ):
        return False
    if after in ("who", "whom"):
        return True
    if after == "of" and line.word(at + 2) in ("them", "whom", "those", "these"):
        return line.word(at + 2) != "whom"
    form = lex.verbs.get(after)
    return after in lex.words["auxiliaries"] or (
        form is not None and bool(form.parts & {"past"}) and line.low[at] not in ("all", "some", "most")
    )


def _noun_phrase_follows(line: Line, at: int) -> bool:
    """Whether "her" is followed by what is hers."""
    if at >= len(line) or not line.tokens[at].is_word:
        return False
    word = line.low[at]
    lex = lexicon()
    if (
        word in lex.words["prepositions"]
        or word in ("and", "or", "but", "that", "who")
        or word in lex.words["subordinators"]
        or (word in lex.words["adverbs"] and not word.endswith("ly"))
    ):
        return False
    return word not in lex.words["determiners"]


def _bare_names(line: Line, document: Document) -> None:
    """Make a phrase of each name of a person that stands in none, with its titles."""
    for chunk in line.chunks():
        if chunk.kind != "name":
            continue
        mention = Mention(line, chunk.i, chunk.j, start=chunk.i, stop=chunk.j)
        left = chunk.i
        titles = []
        while (
            left > 0
            and line.owner[left - 1] is None
            and line.tokens[left - 1].text in lexicon().titles
            and left > chunk.i - 3
        ):
            left -= 1
            titles.append(line.tokens[left].text)
        first = line.tokens[chunk.i].text
        for title in [*titles, first] if chunk.j - chunk.i > 1 else titles:
            if title in lexicon().words["feminine"] and title in lexicon().titles:
                mention.roles.append(Role(Noun("", "title", False, "f"), "", left, chunk.i))
            elif title in lexicon().words["masculine"] and title in lexicon().titles:
                mention.roles.append(Role(Noun("", "title", False, "m"), "", left, chunk.i))
        if (
            left > 0
            and line.owner[left - 1] is None
            and (age := AGE.fullmatch(line.low[left - 1]))
            and (number := number_of(age[1])) is not None
        ):
            mention.age = (number, left - 1, left)
            left -= 1
        stop = take_name(line, document, mention, chunk)
        _titles_of_office(line, document, mention, left, chunk.i)
        mention.i, mention.j, mention.start, mention.stop = left, stop, left, stop
        line.put(Chunk("person", left, stop, data=mention))


def _titles_of_office(line: Line, document: Document, mention: Mention, left: int, first: int) -> None:
    found = noun_at(line.low, left) if left < first else None
    if (
        found
        and found[1][0].kind in ("office", "occupation")
        and line.tokens[left].text not in ("Father", "Sister", "Brother", "Advocate", "Barrister")
    ):
        mention.roles.insert(
            0, Role(found[1][0], line.text(document, left, left + found[0]), left, left + found[0])
        )

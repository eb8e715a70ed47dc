"""The noun that heads a phrase about people, and its words."""

from __future__ import annotations

import re

from kg.extract.languages.en.chunks import Line
from kg.extract.languages.en.lexicon import Noun, lexicon, listed, noun_at
from kg.extract.text import Document

AGE = re.compile(r"(1?\d\d?|[a-z]+(?:-[a-z]+)?)-year-old")


def last_noun(line: Line, at: int, found: tuple[int, tuple[Noun, ...]]) -> tuple[int, tuple[Noun, ...], int]:
    """Go from "student" in "student union leader" to "leader"."""
    first, nouns, end = at, found[1], at + found[0]
    words = lexicon().words
    while end < len(line):
        step = end
        if nouns[0].lemma in ("deputy", "assistant", "chief") and line.kind(end) in (
            "place",
            "nation",
            "org",
        ):
            step = line.stop(end)  # deputy Asia director
        while (
            step < end + 2
            and step < len(line)
            and line.owner[step] is None
            and line.low[step] in words["modifiers"]
            and line.low[step] not in words["qualities"]
        ):
            step += 1
        more = noun_at(line.low, step) if step < len(line) and line.owner[step] is None else None
        if (
            not more
            or line.low[step] in lexicon().verbs
            or (
                nouns[0].plural
                and nouns[0].lemma not in ("rights", "police", "customs", "women", "woman", "authority")
            )
            or (line.tokens[step].text in lexicon().titles and line.tokens[step].is_capital)
        ):
            break
        first, nouns, end = step, more[1], step + more[0]
    return first, nouns, end


_WORDS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"
    " seventeen eighteen nineteen"
)
_ONES = {word: number for number, word in enumerate(_WORDS.split())}
_TENS = {
    word: 10 * number
    for number, word in enumerate(
        ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"], start=2
    )
}


def number_of(text: str) -> int | None:
    """Give the number that a word or digits mean, up to ninety-nine."""
    if text.isdecimal():
        return int(text)
    head, _, tail = text.partition("-")
    if head in _TENS:
        return _TENS[head] + (_ONES.get(tail, 0) if tail else 0)
    return _ONES.get(head) if not tail else None


def _nations(word: str) -> bool:
    """Whether a word is made of nations: "kurdish-syrian"."""
    known = lexicon()
    return "-" in word and all(part in known.demonyms or part in known.peoples for part in word.split("-"))


_DECADE = re.compile(r"(?:[2-9]0s|twenties|thirties|forties|fifties|sixties|seventies|eighties)")


def decade_end(line: Line, at: int) -> int:
    """Give where ", in his late 40s" ends that begins at `at`, or `at`."""
    if line.word(at) != "," or line.word(at + 1) != "in" or line.word(at + 2) not in ("his", "her"):
        return at
    for step in range(at + 3, min(at + 5, len(line))):
        if _DECADE.fullmatch(line.low[step]) and line.word(step + 1) in (",", "."):
            return step + 1
    return at


_GROUPS = listed("people", "groups")


_PAST = frozenset(("former", "ex", "retired", "then"))  # a former minister is none


def role_start(line: Line, left: int, first: int, end: int) -> int:
    """Give where the words of an occupation begin: articles, numbers, nations and praise are left out."""
    words = lexicon().words
    at = max(
        [
            left,
            *(
                k + 1
                for k in range(left, first)
                if line.low[k] in ("'s", "’", "'") and line.low[k - 1] not in _GROUPS
            ),
        ]
    )
    while at < first and (
        (line.kind(at) == "based")
        or line.low[at] in words["qualities"] - _PAST
        or line.low[at] in words["number_limits"]
        or line.low[at] in words["numbers"]
        or line.low[at] in words["determiners"]
        or AGE.fullmatch(line.low[at])
        or (line.kind(at) == "nation")
        or _nations(line.low[at])
        or re.fullmatch(r"\d[\d,.]*", line.low[at])
        or line.low[at].endswith(("-based", "-born"))
        or line.low[at] in words["possessives"]
        or line.low[at] in words["place_religions"]
        or not line.tokens[at].is_word
        or line.tokens[at].text in words["place_religions"]
    ):
        at += 1
    return at


def role_text(line: Line, document: Document, left: int, first: int, end: int) -> str:
    """Give the words of an occupation."""
    return line.text(document, role_start(line, left, first, end), end)

"""What runs of capitals name, by the company that they keep in the whole document."""

from __future__ import annotations

import re
from collections import Counter

from kg.extract.languages.en.chunks import Chunk, Line
from kg.extract.languages.en.forms import SAID
from kg.extract.languages.en.lexicon import lexicon, listed, noun_at

_WEIGH_WORDS = listed("names", "weigh_words")


_NOUN_FOLLOWS_WORDS = listed("names", "noun_follows_words")


_PLACE_BEFORE = listed("names", "place_before")


_TAKEN = frozenset(("arrested", "picked", "abducted", "detained", "seized", "kidnapped"))


class Kinds:
    """What each run of capitals in a document names: `person`, `place`, `org` or nothing that is known."""

    def __init__(self) -> None:
        """Start without evidence."""
        self._evidence: dict[str, Counter[str]] = {}
        self._people: Counter[str] = Counter()
        self._kinds: dict[str, str] = {}
        self._parts: set[str] = set()

    def watch(self, line: Line) -> None:
        """Take in the company of each run in a sentence."""
        for chunk in line.chunks():
            if chunk.kind == "name":
                evidence = self._evidence.setdefault(_key(line, chunk), Counter())
                _weigh(line, chunk, evidence)
            elif chunk.kind in ("place", "org"):
                self._kinds.setdefault(_key(line, chunk), chunk.kind)

    def settle(self) -> None:
        """Decide for every run; short names follow the long ones that they are part of."""
        for key, evidence in self._evidence.items():
            best = max(("person", "place", "org"), key=lambda kind: evidence[kind])
            words = key.split()
            if key in self._kinds and evidence["person"] < 4:
                continue
            if evidence[best] >= (1 if len(words) > 1 and best == "person" else 2):
                self._kinds[key] = best
            elif 2 <= len(words) <= 5 and not any(word.isupper() and len(word) > 3 for word in words):
                self._kinds[key] = "person"
            if self._kinds.get(key) == "person":
                self._parts.update(word.lower() for word in words if len(word) > 2)
        for key, evidence in self._evidence.items():
            if len(key.split()) == 1 and key.lower() in self._parts and evidence["place"] < 5:
                self._kinds[key] = "person"

    def kind(self, line: Line, chunk: Chunk) -> str:
        """Give what a run names, or nothing."""
        return self._kinds.get(_key(line, chunk), "")

    def learn(self, line: Line, chunk: Chunk) -> None:
        """Take in that a run names a person, for the sentences that follow."""
        self._kinds.setdefault(_key(line, chunk), "person")

    def is_part(self, word: str) -> bool:
        """Whether a word stands in the name of a person in this document."""
        return word.lower() in self._parts


def _key(line: Line, chunk: Chunk) -> str:
    return " ".join(
        token.text
        for token in line.tokens[chunk.i : chunk.j]
        if token.text not in "\"“”'’" and token.low != "'s"
    )


def _weigh(line: Line, chunk: Chunk, evidence: Counter[str]) -> None:
    lex = lexicon()
    i, j = chunk.i, chunk.j
    before, after = line.word(i - 1), line.word(j)
    if i and (line.tokens[i - 1].text in lex.titles or _noun_ends(line, i)):
        evidence["person"] += 4
    if before in lex.words["place_media"]:
        evidence["org"] += 3
    if after in lex.words["place_media"] and after not in ("group", "party", "company"):
        evidence["org"] += 3
    if _age_follows(line, j):
        evidence["person"] += 5
    if after == "," and _noun_follows(line, j + 1):
        evidence["person"] += 3
    if after == "," and line.word(j + 1) in ("who", "whose", "whom"):
        evidence["person"] += 3
    if (
        after == "'s"
        and j + 1 < len(line)
        and (found := noun_at(line.low, j + 1))
        and found[1][0].kind in ("kin", "tie")
    ):
        evidence["person"] += 4
    if after in SAID or (after in ("was", "were", "has", "had", "is") and j - i > 1):
        evidence["person"] += 2
    if before in SAID and before not in ("told",) and line.word(j) in (".", ","):
        evidence["person"] += 2
    if before == "told":
        evidence["org"] += 1
    form = lex.verbs.get(before)
    if form and {frame for frame, _ in lex.frames.get(form.lemma, ())} & {
        "detain",
        "charge",
        "sentence",
        "release",
    }:
        evidence["person"] += 3
    if before == "from" and i > 1 and _noun_ends(line, i - 1):
        evidence["place"] += 3
    if before in _PLACE_BEFORE:
        evidence["place"] += 3 if before in ("in", "at", "near", "across", "throughout", "outside") else 1
    if (
        after == ","
        and j + 1 < len(line)
        and line.kind(j + 1) == "place"
        and before in ("in", "at", "near", "from", "of", "")
    ):
        evidence["place"] += 2
    if before == "," and i > 1 and line.kind(i - 2) == "facility" and after in (",", ".", "and", ";", ""):
        evidence["place"] += 3  # Agra Jail, Uttar Pradesh
    if before == "from" and set(line.low[max(0, i - 8) : i - 1]) & _TAKEN:
        evidence["place"] += 2
    if before == "from" and line.word(i - 2) in ("hails", "hailed", "hail"):
        evidence["place"] += 3
    if after in ("-based",) or (before == "of" and line.word(i - 2) in lex.words["place_places"]):
        evidence["place"] += 3
    text = line.tokens[i].text
    if j - i == 1 and len(text) > 1 and text.isupper():
        evidence["org"] += 4
    if before == "the" and not _noun_ends(line, i):
        evidence["org"] += 2
    if any(token.low in _WEIGH_WORDS for token in line.tokens[i:j]) or re.match(
        r"(?:al|el|ul)-", line.low[j - 1]
    ):
        evidence["person"] += 1
    if before == "(" and after == ")" and text.isupper():
        evidence["org"] += 5


def _noun_ends(line: Line, i: int) -> bool:
    """Whether a word for a person stands directly before: "lawyer", "the spokesman,"."""
    end = i
    if line.word(i - 1) == "," and i > 1:
        end = i - 1
    for count in (3, 2, 1):
        if end - count >= 0:
            found = noun_at(line.low, end - count)
            if found and found[0] == count and (end == i or found[1][0].kind not in ("plain", "agency")):
                return not (found[1][0].kind == "agency" and len(found[1]) == 1)
    return False


def _noun_follows(line: Line, at: int) -> bool:
    """Whether "a lawyer", "the director of", "head of" follows."""
    if line.word(at) in _NOUN_FOLLOWS_WORDS:
        for step in range(1, 6):
            word = line.word(at + step)
            if (
                not word
                or not word[0].isalnum()
                or word in lexicon().words["prepositions"]
                or word in lexicon().verbs
            ):
                return False
            found = noun_at(line.low, at + step)
            if found and found[1][0].kind != "agency":
                return True
        return False
    found = noun_at(line.low, at) if at < len(line) else None
    return bool(found and found[1][0].kind in ("occupation", "office", "kin"))


def _age_follows(line: Line, at: int) -> bool:
    if (
        line.word(at) in (",", "(")
        and re.fullmatch(r"1?\d\d?", line.word(at + 1))
        and line.word(at + 2) in (",", ")", ".", "and", "-", "--", "—")
    ):
        return True
    return (line.word(at) == "," and line.word(at + 1) in ("aged", "age")) or line.word(at) == "aged"

"""Who is said to have said what: each part of a sentence, and each quotation, has its tellers.

The forms are *X said (that) …*, *…, X said*, *…, said X*, *according to X, …*, and a quotation beside any of
them. A quotation without a speaker of its own goes on from the one before it.
"""

from __future__ import annotations

from dataclasses import dataclass

from kg.extract.languages.en.chunks import Chunk, Line
from kg.extract.languages.en.clauses import Clause
from kg.extract.languages.en.lexicon import listed
from kg.extract.text import Document

_SCOPE_WORDS = listed("speech", "scope_words")
_INVERTED_WORDS = listed("speech", "inverted_words")

_SPEAKERS = ("person", "pronoun", "agency", "org", "court")
_LONG_QUOTE = 4  # words; a shorter quotation is a word that the writer keeps at a distance


@dataclass(slots=True, eq=False)
class Scope:
    """Tokens `i` to `j` (excluded) of a sentence are told by a speaker."""

    i: int
    j: int
    speaker: Chunk | None
    verb: str
    """Lemma of the verb that tells it; empty for "according to"."""
    line: Line
    quoted: bool = False

    def covers(self, at: int) -> bool:
        """Whether a token is told in this scope."""
        return self.i <= at < self.j


def scopes(lines: list[Line], clauses: dict[int, list[Clause]], document: Document) -> dict[int, list[Scope]]:
    """Give, for each sentence, who tells which part of it; the outermost first."""
    found: dict[int, list[Scope]] = {}
    last: Scope | None = None
    by_paragraph: dict[int, Scope] = {}
    for line in lines:
        own = _of_sentence(line, clauses[line.index])
        found[line.index] = own
        for scope in own:
            if scope.quoted or line.sentence.paragraph not in by_paragraph:
                by_paragraph.setdefault(line.sentence.paragraph, scope)
    for line in lines:
        own = found[line.index]
        for i, j in _quotes(line):
            if any(scope.quoted and scope.i <= i < scope.j for scope in own):
                last = next(scope for scope in own if scope.quoted and scope.i <= i < scope.j)
                continue
            if not _is_speech(line, i, j):
                continue
            source = _speaker_of_rest(own) or by_paragraph.get(line.sentence.paragraph) or last
            if source is not None:
                last = Scope(i, j, source.speaker, source.verb, source.line, True)
                own.append(last)
        own.sort(key=lambda scope: (scope.i - scope.j, scope.i))
    return found


def _speaker_of_rest(own: list[Scope]) -> Scope | None:
    return own[0] if own else None


def _quotes(line: Line) -> list[tuple[int, int]]:
    """Give where quotations stand in a sentence, as tokens with the marks."""
    found: list[tuple[int, int]] = []
    at = 0
    while at < len(line):
        number = line.tokens[at].quote
        if number < 0:
            at += 1
            continue
        end = at
        while end < len(line) and line.tokens[end].quote == number:
            end += 1
        found.append((at, end))
        at = end
    return found


def _is_speech(line: Line, i: int, j: int) -> bool:
    words = sum(line.tokens[k].is_word for k in range(i, j))
    return words >= _LONG_QUOTE and (i <= 1 or j >= len(line) - 1 or words > 7)


def _of_sentence(line: Line, clauses: list[Clause]) -> list[Scope]:
    found: list[Scope] = []
    for clause in clauses:
        if not _tells(clause):
            continue
        scope = _scope(line, clause, clauses)
        if scope is not None:
            found.append(scope)
    found.extend(_according(line))
    for scope in list(found):
        for i, j in _quotes(line):
            if not any(each.quoted and each.i <= i < each.j for each in found) and (
                scope.i <= i < scope.j or _is_speech(line, i, j)
            ):
                found.append(Scope(i, j, scope.speaker, scope.verb, line, True))
    return found


def _tells(clause: Clause) -> bool:
    verb = clause.verb
    return (
        (verb.opens("say") or verb.opens("allege"))
        and not verb.copula
        and not (verb.infinitive and verb.lemma not in ("say",))
        and verb.lemma not in ("learn", "accuse")
    )


def _scope(line: Line, clause: Clause, clauses: list[Clause]) -> Scope | None:
    verb = clause.verb
    at = verb.at
    after = line.word(at + 1)
    if clause.passive:
        by = next((agent for agent in clause.agents), None)
        if by is not None:
            return Scope(0, clause.chunk.i, by, verb.lemma, line)
        return None
    inverted = _inverted(line, clause)
    if inverted is not None:
        return Scope(0, clause.chunk.i, inverted, verb.lemma, line)
    subject = clause.subject
    if subject is None:
        return None
    if subject.kind == "pronoun" and subject.data in ("who",):
        return None
    if subject.i > 1 and _comma_before(line, subject.i) and not _content_follows(line, clause, clauses):
        return Scope(0, subject.i, subject, verb.lemma, line)
    end = len(line)
    for other in clauses:
        if other.at > clause.at and other.joined is clause:
            end = other.chunk.i
            break
    if (
        verb.lemma in _SCOPE_WORDS
        and after != "that"
        and not any(line.tokens[k].quote >= 0 for k in range(at, end))
    ):
        if verb.lemma in ("believe", "think", "fear"):
            return Scope(at + 1, end, subject, verb.lemma, line)
        return None
    return Scope(at + 1, end, subject, verb.lemma, line)


def _inverted(line: Line, clause: Clause) -> Chunk | None:
    """Give the speaker of '…," said a friend'."""
    before = line.word(clause.chunk.i - 1)
    if (
        clause.verb.lemma not in _INVERTED_WORDS
        or before not in (",", '"', "”", "’", "'", "?", "!")
        or clause.chunk.i == 0
    ):
        return None
    following = line.owner[clause.verb.at + 1] if clause.verb.at + 1 < len(line) else None
    if following is not None and following.kind in _SPEAKERS:
        whose = line.owner[following.j + 1] if following.j + 1 < len(line) else None
        if line.word(following.j) in ("'s", "’s") and whose is not None and whose.kind == "person":
            return whose  # said Ali's daughter, Ann
        return following
    step = clause.verb.at + 1
    while step < len(line) and step < clause.verb.at + 6:
        owner = line.owner[step]
        if owner is not None and owner.kind in _SPEAKERS:
            return owner
        if line.low[step] in (",", "that") or owner is not None:
            return None
        step += 1
    return None


def _comma_before(line: Line, at: int) -> bool:
    """Whether what stands before the speaker is what was said: "…, sources told"."""
    step = at - 1
    while (
        step >= 0
        and line.owner[step] is None
        and line.tokens[step].is_word
        and line.low[step] not in ("and", "but", "that", "as", "when")
    ):
        step -= 1
    return step > 1 and line.low[step] in (",", '"', "”", "?", "!", "’", "'", "—", "--", "–") and step > 3


def _content_follows(line: Line, clause: Clause, clauses: list[Clause]) -> bool:
    """Whether what is said follows the verb: a quotation or a clause."""
    for step in range(clause.verb.at + 1, min(len(line), clause.verb.at + 12)):
        if line.low[step] == "that":
            return True
        if line.low[step] in ('"', "“", ":"):
            return True
        if line.low[step] in (".", ","):
            return False
    return any(other.governor is clause and other.verb.finite for other in clauses)


def _according(line: Line) -> list[Scope]:
    found = []
    for at in range(len(line) - 2):
        if line.low[at] == "according" and line.low[at + 1] == "to":
            step = at + 2
            while step < len(line) and step < at + 9 and line.kind(step) not in _SPEAKERS:
                step += 1
            speaker = line.owner[step] if step < len(line) and step < at + 9 else None
            if speaker is None:
                speaker = Chunk("word", at + 2, min(len(line), at + 6), "")
            if at == 0:
                found.append(Scope(speaker.j, len(line), speaker, "", line))
            else:
                found.append(Scope(0, at, speaker, "", line))
    return found

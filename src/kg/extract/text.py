"""The text of a report as paragraphs, sentences and tokens, each with its place in the text.

Positions are code points of the text as `kg.evidence.decode` gives it, the end excluded, so that any piece
is ``text[start:end]``. Everything here runs in time linear in the text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

MOST_TOKENS = 250
"""A sentence of more tokens is cut: nobody writes it, and lists of thousands of names stay quick."""

MOST_LETTERS = 80
"""A run of letters that is longer is no word."""

_TOKEN = re.compile(
    r"(?:[^\W\d_]\.){2,6}(?!\w)"  # U.S.
    r"|\d+(?:[.,:]\d+)+(?!\w)"  # 1,500 and 10:30
    r"|#?\w[\w\u0300-\u036f]*+(?:['’ʼ\u2010\u2011&/.-](?=\w)\w[\w\u0300-\u036f]*+)*+"
    r"|\.{3,}|--+|\s+|."
)
_ENDS = frozenset(".!?…。！？؟۔।։።។၊။") | {"...", "...."}
_CLOSERS = frozenset("\"”’'»)]}」』")
_OPENERS = frozenset("\"“‘„«([{「『'")
_POSSESSIVE = ("'s", "’s", "ʼs")
_HEADER = re.compile(r"#[ \t]*([\w-]{1,40}):[ \t]*(.*)")


@dataclass(frozen=True, slots=True)
class Habits:
    """What a language tells about the way its texts are written."""

    abbreviations: frozenset[str] = frozenset()
    """Words that end in a point without ending a sentence, in lower case, with the point."""
    openers: frozenset[str] = frozenset()
    """Words that begin a sentence where they follow such a point with a capital."""
    classify: Callable[[str], str] = lambda paragraph: ""
    """Gives `caption` or `notice` for a paragraph that is one."""


@dataclass(frozen=True, slots=True)
class Token:
    """A word, a number or a mark."""

    text: str
    start: int
    end: int
    low: str
    """The text in lower case, with straight apostrophes."""
    quote: int
    """Number of the quotation it stands in, or -1."""

    @property
    def is_word(self) -> bool:
        """Whether it begins with a letter or a digit."""
        return self.text[0].isalnum()

    @property
    def is_capital(self) -> bool:
        """Whether it begins with a capital letter (or a letter of a script that has none, outside Latin)."""
        return self.text[0].isupper()


@dataclass(frozen=True, slots=True)
class Quotation:
    """What stands between quotation marks, marks included; one that is not closed ends with its paragraph."""

    start: int
    end: int
    closed: bool
    paragraph: int


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence: tokens without white space."""

    tokens: tuple[Token, ...]
    paragraph: int
    kind: str
    """`body`, `heading`, `caption` or `notice`."""

    @property
    def start(self) -> int:
        """Where it starts."""
        return self.tokens[0].start

    @property
    def end(self) -> int:
        """Where it ends, excluded."""
        return self.tokens[-1].end


@dataclass(frozen=True, slots=True)
class Document:
    """A text and its parts."""

    text: str
    sentences: tuple[Sentence, ...]
    quotations: tuple[Quotation, ...]
    header: tuple[tuple[str, str], ...]
    """Leading lines of the form ``# key: value``."""

    def __getitem__(self, span: tuple[int, int]) -> str:
        """Give a piece of the text."""
        return self.text[span[0] : span[1]]

    @property
    def published(self) -> str | None:
        """The day of publication that the header names, if it does."""
        return dict(self.header).get("published")


def read(text: str, habits: Habits = Habits()) -> Document:
    """Divide a text.

    >>> habits = Habits(frozenset({"mr."}))
    >>> [sentence.end for sentence in read("Mr. Ito left. So did I.", habits).sentences]
    [13, 23]
    """
    header, position = _header(text)
    sentences: list[Sentence] = []
    quotations: list[Quotation] = []
    for number, (start, end) in enumerate(_paragraphs(text, position)):
        tokens = _tokens(text, start, end, habits.abbreviations, quotations, number)
        if not tokens:
            continue
        kind = habits.classify(text[start : min(end, start + 1000)].strip()) or _kind(tokens)
        pieces = _split(tokens, habits.openers)
        sentences.extend(Sentence(piece, number, kind) for piece in pieces)
    return Document(text, tuple(sentences), tuple(quotations), header)


def _header(text: str) -> tuple[tuple[tuple[str, str], ...], int]:
    found = []
    position = 0
    while line := _HEADER.match(text, position, position + 2000):
        found.append((line[1].lower(), line[2].strip()))
        position = line.end() + 1
    return tuple(found), position if found else 0


def _paragraphs(text: str, position: int) -> Iterator[tuple[int, int]]:
    """Yield paragraphs; a line that is broken in the middle of a sentence goes on."""
    lines: list[tuple[int, int]] = []
    for line in re.finditer(r"[^\n\r\v\f\x85\u2028\u2029]+", text[position:]):
        start, end = position + line.start(), position + line.end()
        if text[start:end].isspace():
            continue
        if lines and not _goes_on(text, lines[-1], (start, end)):
            yield lines[0][0], lines[-1][1]
            lines = []
        lines.append((start, end))
    if lines:
        yield lines[0][0], lines[-1][1]


def _goes_on(text: str, line: tuple[int, int], following: tuple[int, int]) -> bool:
    if following[0] - line[1] > 2 or line[1] - line[0] < 45 or line[1] - line[0] > 130:
        return False
    last = text[line[1] - 1]
    return last not in '.!?:”"' and (last in ",;-" or text[following[0]].islower() or line[1] - line[0] > 60)


def _tokens(
    text: str,
    start: int,
    end: int,
    abbreviations: frozenset[str],
    quotations: list[Quotation],
    paragraph: int,
) -> list[Token]:
    pieces: list[tuple[str, int]] = []
    last = start + len(text[start:end].rstrip()) - 1
    for found in _TOKEN.finditer(text, start, end):
        piece = found[0]
        if piece.isspace():
            continue
        at = found.start()
        if len(piece) > MOST_LETTERS:
            pieces.append(("\ufffc", at))
            continue
        if piece == "." and at < last and pieces and pieces[-1][1] + len(pieces[-1][0]) == at:
            before = pieces[-1][0]
            initial = len(before) == 1 and before.isupper() and text[at + 1 : at + 2] != "\n"
            if before.lower() + "." in abbreviations or initial:
                pieces[-1] = (before + ".", pieces[-1][1])
                continue
        if len(piece) > 2 and piece.endswith(_POSSESSIVE):
            pieces.append((piece[:-2], at))
            pieces.append((piece[-2:], at + len(piece) - 2))
            continue
        pieces.append((piece, at))
    return _quoted(text, pieces, end, quotations, paragraph)


def _quoted(
    text: str, pieces: list[tuple[str, int]], end: int, quotations: list[Quotation], paragraph: int
) -> list[Token]:
    tokens: list[Token] = []
    opened: tuple[str, int] | None = None
    for piece, at in pieces:
        number = len(quotations) if opened else -1
        closing = False
        if len(piece) == 1:
            if opened is None:
                closer = _closer(text, piece, at)
                if closer:
                    opened = (closer, at)
                    number = len(quotations)
            elif piece in opened[0] and _closes(text, piece, at):
                closing = True
        length = 1 if piece == "\ufffc" else len(piece)
        low = piece.lower().replace("’", "'").replace("ʼ", "'")
        tokens.append(Token(piece, at, at + length, low, number))
        if closing and opened:
            quotations.append(Quotation(opened[1], at + 1, True, paragraph))
            opened = None
    if opened:
        quotations.append(Quotation(opened[1], end, False, paragraph))
    return tokens


def _closer(text: str, mark: str, at: int) -> str:
    before = text[at - 1] if at else " "
    after = text[at + 1 : at + 2]
    if mark in "“„":
        return '”“"'
    if mark == "«":
        return "»"
    outside = before.isspace() or before in "([{—–-/"
    if mark == '"':
        return '"”' if outside and not after.isspace() else ""
    if mark == "‘":
        return "’"
    if mark == "'":
        return "'" if outside and after.isalnum() else ""
    return ""


def _closes(text: str, mark: str, at: int) -> bool:
    if mark in "'’":
        after = text[at + 1 : at + 2]
        before = text[at - 1]
        if after.isalnum():
            return False
        # The apostrophe of a plural possessive ends no quotation unless a mark stands before it.
        return not (before == "s" and after == " " and mark == "’") or before in ".,!?"
    return True


def _kind(tokens: list[Token]) -> str:
    last = tokens[-1].text
    if last not in _ENDS and last not in _CLOSERS and last not in (":", ","):
        words = [token for token in tokens if token.is_word]
        if len(words) <= 18:
            return "heading"
    return "body"


def _split(tokens: list[Token], openers: frozenset[str]) -> list[tuple[Token, ...]]:
    found: list[tuple[Token, ...]] = []
    first = 0
    index = 0
    while index < len(tokens):
        last = index
        if tokens[index].text in _ENDS:
            while last + 1 < len(tokens) and _belongs(tokens[last], tokens[last + 1]):
                last += 1
            if last + 1 < len(tokens) and _opens(tokens, last + 1):
                found.append(tuple(tokens[first : last + 1]))
                first = last + 1
        elif index - first >= MOST_TOKENS or _abbreviation_ends(tokens, index, openers):
            found.append(tuple(tokens[first : index + 1]))
            first = index + 1
        index = last + 1
    if first < len(tokens):
        found.append(tuple(tokens[first:]))
    return found


def _belongs(token: Token, following: Token) -> bool:
    """Whether a closing mark still belongs to the sentence that has ended."""
    if following.text in _ENDS:
        return True
    return following.text in _CLOSERS and following.start == token.end


def _opens(tokens: list[Token], index: int) -> bool:
    token = tokens[index]
    while token.text in _OPENERS and index + 1 < len(tokens):
        index += 1
        token = tokens[index]
    return not token.text[0].islower()


def _abbreviation_ends(tokens: list[Token], index: int, openers: frozenset[str]) -> bool:
    """Whether "U.S." or "a.m." ends a sentence: only where a word follows that opens one."""
    token = tokens[index]
    if not (token.text.endswith(".") and len(token.text) > 2 and index + 1 < len(tokens)):
        return False
    following = tokens[index + 1]
    return following.is_capital and following.low in openers and "." in token.text[:-1]

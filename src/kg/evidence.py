"""Where in a report something is said: a span of its text, by positions and digest, without the text.

A span is checked against a copy of the text by comparing digests, never by likeness. Positions count code
points of the text as `decode` gives it, as Web Annotation's TextPositionSelector does (section 4.2.5).
"""

from __future__ import annotations

import bisect
import codecs
import hashlib
import re
import unicodedata
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import chain, islice
from typing import TypeAlias

from kg.problems import Exit, KgError

SEARCH_LIMIT = 50_000_000
"""How many windows one call may hash in search of moved spans: about 40 seconds."""

MOST_PLACES = 100
"""How many places of the same words are listed; whoever has so many needs more words, not a longer list."""

_NEAR = 1000  # code points to either side of the expected place that are searched before the whole text
_MOST_SHIFTS = 8  # far moves that are followed with the spans still missing; more would be a text in shreds
_BYTES_PER_WINDOW = 512  # what SHA-256 reads in about the time that making one hash object takes

_HEX = re.compile("[0-9a-f]{64}")
_SIGNATURES = (
    (codecs.BOM_UTF32_LE, "UTF-32"),
    (codecs.BOM_UTF32_BE, "UTF-32"),
    (codecs.BOM_UTF16_LE, "UTF-16"),
    (codecs.BOM_UTF16_BE, "UTF-16"),
)


class NotTextError(KgError, ValueError):
    """The bytes are not UTF-8 text, or the string cannot be written as UTF-8."""


class SpanError(KgError, ValueError):
    """The positions or the digest cannot be those of a span."""


class CiteError(KgError):
    """The words cannot be cited as they were given."""


class NotFoundError(CiteError):
    """The words do not stand in the text as typed.

    `near` are the places, as (start, end), where they stand but for white space, quotation marks, dashes,
    capitals or encoding; `differences` are what differs at the first of them.
    """

    exit_code = Exit.FOUND

    def __init__(
        self,
        message: str,
        near: tuple[tuple[int, int], ...] = (),
        differences: tuple[Difference, ...] = (),
    ) -> None:
        """Hold the message and what stands in the text instead."""
        super().__init__(message)
        self.near = near
        self.differences = differences


class AmbiguousError(CiteError):
    """The words stand more than once, beginning at each of `starts` (the first `MOST_PLACES`)."""

    exit_code = Exit.FOUND

    def __init__(self, message: str, starts: tuple[int, ...]) -> None:
        """Hold the message and the places."""
        super().__init__(message)
        self.starts = starts


class Status(StrEnum):
    """What checking a span found."""

    EXACT = "exact"
    """The words stand where the span says, whether or not they stand elsewhere too."""
    MOVED = "moved"
    """The words stand at one other place."""
    AMBIGUOUS = "ambiguous"
    """The words stand at several other places, and not where the span says."""
    NOT_FOUND = "not found"
    """The words stand nowhere in the text."""
    NOT_SEARCHED = "not searched"
    """The words do not stand where the span says; the text is too long to look for them elsewhere."""


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a text: code points from `start` up to `end` (excluded), and the `digest` of their text.

    Raises:
        SpanError: a position is negative, the span is empty, or the digest is not 64 lower-case hex digits.
    """

    start: int
    end: int
    digest: str

    def __post_init__(self) -> None:
        """Refuse what cannot be a span of any text."""
        if self.start < 0:
            raise SpanError(f"a span cannot start at {self.start}; positions count from 0")
        if self.end <= self.start:
            raise SpanError(
                f"a span from {self.start} to {self.end} is empty; `end` comes after the last character"
            )
        if not _HEX.fullmatch(self.digest):
            raise SpanError(f"bad digest {self.digest!r}; must be 64 hex digits, letters in lower case")

    @classmethod
    def of(cls, text: str, start: int, end: int) -> Span:
        """Give the span of `text` from `start` to `end` (excluded).

        Raises:
            SpanError: the span is empty or reaches out of the text.
        """
        if not 0 <= start < end <= len(text):
            raise SpanError(f"no span from {start} to {end} in a text of {len(text)} characters")
        return cls(start, end, digest(text[start:end]))

    def __len__(self) -> int:
        """Give the number of code points."""
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Finding:
    """What checking one span against one text found.

    `places` are where the words stand: the span itself if exact, otherwise every place up to `MOST_PLACES`.
    `warnings` are about an exact or moved span that cuts a character in two.
    """

    name: str
    span: Span
    status: Status
    places: tuple[Span, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def moved_to(self) -> Span | None:
        """Where the words stand now, if they moved to one place."""
        return self.places[0] if self.status is Status.MOVED else None

    def __str__(self) -> str:
        """Give one line: the name, if any, and what was found."""
        wanted = f"{self.span.start} to {self.span.end}"
        match self.status:
            case Status.EXACT:
                said = f"exact, at {wanted}"
            case Status.MOVED:
                place = self.places[0]
                said = f"moved: stands at {place.start} to {place.end}, not at {wanted}"
            case Status.AMBIGUOUS:
                starts = [place.start for place in self.places]
                said = f"ambiguous: not at {wanted}, but stands {_times(starts)}"
            case Status.NOT_FOUND:
                said = f"not found: neither at {wanted} nor anywhere else in the text"
            case Status.NOT_SEARCHED:
                said = f"not searched: not at {wanted}, and the text is too long to look for it elsewhere"
        return "; ".join([f"{self.name}: {said}" if self.name else said, *self.warnings])


@dataclass(frozen=True, slots=True)
class Verification:
    """What checking all spans of one report against one text found.

    `findings` are in the order of the spans; `same_text` is None if no span of the whole text was given.
    """

    findings: tuple[Finding, ...]
    same_text: bool | None
    note: str | None

    @property
    def ok(self) -> bool:
        """Whether every span is exact; another rendering of the text is no fault in itself."""
        return all(finding.status is Status.EXACT for finding in self.findings)


@dataclass(frozen=True, slots=True)
class Difference:
    """One place where the text has the words in another form: `found` at `at`, where `typed` was typed."""

    at: int
    found: str
    typed: str
    kind: str

    def __str__(self) -> str:
        """Give it in a few words, with the names of the characters."""
        return f"{self.kind} at {self.at} ({_named(self.found)} where {_named(self.typed)} was typed)"


def decode(data: bytes) -> str:
    r"""Give the text that positions count in: UTF-8, CR LF as LF, and nothing else changed.

    A byte order mark at the start is dropped, as editors hide it and a curator cannot count it. A lone CR,
    any other white space and every accent stay as they are.

    >>> decode(b"\xef\xbb\xbfone\r\ntwo")
    'one\ntwo'

    Raises:
        NotTextError: the bytes are not UTF-8, or are UTF-16 without a mark that would pass for it.
    """
    for signature, name in _SIGNATURES:
        if data.startswith(signature):
            raise NotTextError(f"the text is {name}, not UTF-8; save it as UTF-8")
    # UTF-16 of Latin or Cyrillic text is valid UTF-8, full of NUL: positions in it would be worthless.
    if _every_other_byte_is_nul(data):
        raise NotTextError(
            "the text looks like UTF-16, not UTF-8 (it is full of NUL bytes); save it as UTF-8"
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        at = error.start + (len(codecs.BOM_UTF8) if data.startswith(codecs.BOM_UTF8) else 0)
        line = data.count(b"\n", 0, at) + 1
        raise NotTextError(
            f"the text is not UTF-8: byte 0x{data[at]:02x} at offset {at}, in line {line}; save it as UTF-8"
        ) from None
    return text.replace("\r\n", "\n")


def digest(text: str) -> str:
    """Give the SHA-256 of the UTF-8 bytes of `text`, as 64 lower-case hex digits.

    Raises:
        NotTextError: `text` holds a lone surrogate, which has no UTF-8 form.
    """
    return hashlib.sha256(_utf8(text)).hexdigest()


def locator(span: Span) -> str:
    """Give the line to paste into a seed.

    >>> locator(Span.of("Nothing was said.", 0, 7))[:40]
    'evidence: {start: 0, end: 7, digest: 67e'
    """
    return f"evidence: {{start: {span.start}, end: {span.end}, digest: {span.digest}}}"


def cuts(text: str, start: int, end: int) -> tuple[str, ...]:
    """Give a warning for each end of the span that parts a letter from its accent, or splits an emoji."""
    found = []
    for edge, at in (("starts", start), ("ends", end)):
        if 0 < at < len(text) and (_continues(text[at]) or text[at - 1] == "\u200d"):
            found.append(f"the span {edge} at {at}, inside a character: before {_named(text[at])}")
    return tuple(found)


def check(span: Span, text: str, *, limit: int = SEARCH_LIMIT) -> Finding:
    """Compare one span with `text`; see `verify` for what a search costs.

    Raises:
        NotTextError: `text` holds a lone surrogate.
    """
    return verify({"": span}, text, limit=limit).findings[0]


def verify(
    spans: Mapping[str, Span], text: str, whole: Span | None = None, *, limit: int = SEARCH_LIMIT
) -> Verification:
    """Compare each span with `text`, a copy of the report; `whole` is the span of the report's whole text.

    A span whose digest matches at its place costs one hash. The words of any other are unknown, so windows of
    its length are hashed until one matches: first those near where the span before it went, then all, at
    0.8 microseconds a window. Spans that moved together cost next to nothing; one that is nowhere costs
    0.8 seconds in a text of a million characters, and spans of one length share that. `limit` is how many
    windows may be hashed altogether (one longer than 512 characters counts for several). It counts work and
    not time, so that the same input gives the same result on any machine.

    Raises:
        NotTextError: `text` holds a lone surrogate.
    """
    data = _utf8(text)
    missing = [span for span in spans.values() if not _stands(span, text)]
    first = _Search(text, data, limit).first_places(missing) if missing else {}
    digest_of_all = hashlib.sha256(data).hexdigest()
    same_text = None if whole is None else (len(whole), whole.digest) == (len(text), digest_of_all)
    return Verification(
        findings=tuple(_finding(name, span, text, first) for name, span in spans.items()),
        same_text=same_text,
        note=_other_rendering(whole, text) if whole is not None and not same_text else None,
    )


def cite(text: str, words: str, *, before: str = "", after: str = "", context: str = "") -> Span:
    """Give the span of `words` in `text`, found exactly as typed (but CR LF counts as LF, as in `decode`).

    Words that stand more than once are picked out by what stands directly `before` and `after` them, or by a
    `context`: a longer passage that holds them once and stands in the text once itself.

    Raises:
        NotFoundError: they do not stand there as typed; says what stands there in another form.
        AmbiguousError: they stand more than once.
        CiteError: there are no words, or the context does not hold them.
    """
    words, before, after, context = (each.replace("\r\n", "\n") for each in (words, before, after, context))
    if not words:
        raise CiteError("there are no words to cite")
    if context and (before or after):
        raise CiteError("give either a context or what stands before and after, not both")
    if context:
        offset = _only_place(context, words, "the words", "the context", "it must hold them once")
    else:
        offset = len(before)
    passage = context or before + words + after
    if passage == words:
        start = _only_place(text, words, "the words", "the text", "give more words around them")
    else:
        # Words that are not there at all are the plainer message of the two.
        if words not in text:
            raise _not_found(text, words, "the words")
        what = "the context" if context else "the words with what stands around them"
        start = _only_place(text, passage, what, "the text", "give more words around them") + offset
    return Span.of(text, start, start + len(words))


def _utf8(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        found = f"U+{ord(text[error.start]):04X}"
        raise NotTextError(
            f"the text holds a lone surrogate, {found}, at {error.start}, which UTF-8 cannot hold"
        ) from None


def _every_other_byte_is_nul(data: bytes) -> bool:
    # One NUL in forty is the spaces of a Cyrillic text; a stray NUL or two in a long text is not UTF-16.
    sample = data[:4096]
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    return min(even, odd) == 0 and max(even, odd) >= max(2, len(sample) / 40)


def _stands(span: Span, text: str) -> bool:
    return span.end <= len(text) and digest(text[span.start : span.end]) == span.digest


def _places(text: str, words: str) -> Iterator[int]:
    """Yield where `words` begin, overlapping ones included."""
    at = text.find(words)
    while at >= 0:
        yield at
        at = text.find(words, at + 1)


def _finding(name: str, span: Span, text: str, first: Mapping[_Key, int | Status]) -> Finding:
    found = first.get(_key(span), Status.EXACT)
    # Of two spans of the same words, one may be exact and the other not.
    if found is Status.EXACT or _stands(span, text):
        return Finding(name, span, Status.EXACT, (span,), cuts(text, span.start, span.end))
    if isinstance(found, Status):
        return Finding(name, span, found)
    starts = islice(_places(text, text[found : found + len(span)]), MOST_PLACES)
    places = tuple(replace(span, start=start, end=start + len(span)) for start in starts)
    if len(places) > 1:
        return Finding(name, span, Status.AMBIGUOUS, places)
    return Finding(name, span, Status.MOVED, places, cuts(text, places[0].start, places[0].end))


_Key: TypeAlias = tuple[int, str]


def _key(span: Span) -> _Key:
    """Give what two spans of the same words have in common: length and digest."""
    return len(span), span.digest


def _weight(length: int) -> int:
    """Give how many short windows one of `length` counts for."""
    return 1 + length // _BYTES_PER_WINDOW


class _Search:
    """Looks for spans by digest; one place of each is enough, since the words are then known."""

    def __init__(self, text: str, data: bytes, limit: int) -> None:
        self.length = len(text)
        self.data = data
        self.limit = limit
        self.left = limit
        self._offsets: Sequence[int] | None = None

    @property
    def offsets(self) -> Sequence[int]:
        """Byte offset of each code point, and of the end; made when first needed."""
        if self._offsets is None:
            if len(self.data) == self.length:
                self._offsets = range(self.length + 1)
            else:
                starts = (at for at, byte in enumerate(self.data) if byte & 0xC0 != 0x80)
                self._offsets = array("Q", chain(starts, [len(self.data)]))
        return self._offsets

    def first_places(self, missing: Iterable[Span]) -> dict[_Key, int | Status]:
        """Give where one span of each length and digest starts, or why there is none."""
        found: dict[_Key, int | Status] = {}
        distinct: dict[_Key, Span] = {}
        # Sorted: limit and shift make the order matter, and that of a mapping is its maker's whim.
        for span in sorted(missing, key=lambda span: (span.start, span.end, span.digest)):
            distinct.setdefault(_key(span), span)
        pending = self._follow(distinct.values(), 0, found)
        shifts = [0]
        while pending:
            sizes = Counter(len(span) for span in pending)
            length = min(sizes, key=lambda length: (-sizes[length], length))
            group = [span for span in pending if len(span) == length]
            pending = [span for span in pending if len(span) != length]
            cost = max(0, self.length - length + 1) * _weight(length)
            if cost > self.left:
                found.update((_key(span), Status.NOT_SEARCHED) for span in group)
                continue
            self.left -= cost
            starts = self._everywhere(length, {bytes.fromhex(span.digest) for span in group})
            for span in group:
                start = starts.get(bytes.fromhex(span.digest))
                found[_key(span)] = Status.NOT_FOUND if start is None else start
                if start is not None and len(shifts) < _MOST_SHIFTS:
                    shift = start - span.start
                    if all(abs(shift - known) > _NEAR for known in shifts):
                        shifts.append(shift)
                        pending = self._follow(pending, shift, found)
        return found

    def _follow(self, spans: Iterable[Span], shift: int, found: dict[_Key, int | Status]) -> list[Span]:
        """Look for each span near where the one before it went; give those that are not there."""
        rest = []
        for span in spans:
            at = self._near(span, span.start + shift)
            if at is None:
                rest.append(span)
            else:
                found[_key(span)] = at
                shift = at - span.start
        return rest

    def _near(self, span: Span, centre: int) -> int | None:
        starts = range(max(0, centre - _NEAR), min(self.length - len(span), centre + _NEAR) + 1)
        weight = _weight(len(span))
        # A text longer than the limit would have its table of offsets made for nothing.
        if self.length > self.limit or len(starts) * weight > self.left:
            return None
        wanted = bytes.fromhex(span.digest)
        for start in sorted(starts, key=lambda start: abs(start - centre)):
            self.left -= weight
            window = self.data[self.offsets[start] : self.offsets[start + len(span)]]
            if hashlib.sha256(window).digest() == wanted:
                return start
        return None

    def _everywhere(self, length: int, digests: set[bytes]) -> dict[bytes, int]:
        sha256, data = hashlib.sha256, self.data
        found: dict[bytes, int] = {}
        windows = zip(self.offsets, islice(self.offsets, length, None), strict=False)
        for at, (start, end) in enumerate(windows):
            value = sha256(data[start:end]).digest()
            if value in digests and value not in found:
                found[value] = at
                if len(found) == len(digests):
                    break
        return found


def _other_rendering(whole: Span, text: str) -> str:
    if len(whole) != len(text):
        said = f"it has {len(text)} characters where the report's evidence says {len(whole)}"
    else:
        said = f"it has as many characters as the report's evidence says, {len(whole)}, but not the same ones"
    return f"this is another rendering of the text: {said}"


def _times(starts: Sequence[int]) -> str:
    count = f"{MOST_PLACES} times or more" if len(starts) >= MOST_PLACES else f"{len(starts)} times"
    listed = ", ".join(map(str, starts[:5])) + (", …" if len(starts) > 5 else "")
    return f"{count} (at {listed})"


def _only_place(text: str, words: str, what: str, where: str, remedy: str) -> int:
    starts = tuple(islice(_places(text, words), MOST_PLACES))
    if not starts:
        raise _not_found(text, words, what, where)
    if len(starts) > 1:
        stand = "stands" if what == "the context" else "stand"
        raise AmbiguousError(f"{what} {stand} {_times(starts)} in {where}; {remedy}", starts)
    return starts[0]


# What follows only explains why words were not found; nothing is ever cited by it.

_QUOTES = dict.fromkeys(map(ord, "‘’‚‛′‵ʹʻʼʽˈ`´"), "'") | dict.fromkeys(map(ord, "“”„‟″‶«»"), '"')
_DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−"), "-")
_ALIKE = _QUOTES | _DASHES
_NAMES = {"\n": "LINE FEED", "\t": "TAB", "\r": "CARRIAGE RETURN", "\x00": "NULL"}


@dataclass(frozen=True, slots=True)
class _Folded:
    """A text without its differences of form; character `i` comes from ``source[starts[i]:ends[i]]``."""

    source: str
    text: str
    starts: Sequence[int]
    ends: Sequence[int]

    def piece(self, first: int, last: int) -> str:
        return self.source[self.starts[first] : self.ends[last]]

    def parts(self, first: int, last: int) -> bool:
        """Whether a match from `first` to `last` would begin or end inside a character of the source."""
        cut_start = first > 0 and self.starts[first - 1] == self.starts[first]
        cut_end = last + 1 < len(self.text) and self.starts[last + 1] == self.starts[last]
        return cut_start or cut_end


def _fold(source: str) -> _Folded:
    characters: list[str] = []
    starts, ends = array("Q"), array("Q")
    at = 0
    while at < len(source):
        start, character = at, source[at]
        at += 1
        if character.isspace():
            while at < len(source) and (source[at].isspace() or _invisible(source[at])):
                at += 1
            folded = " "
        elif _invisible(character):
            # Belongs to what stands before it, so that it is seen as a difference.
            if ends:
                ends[-1] = at
            continue
        else:
            while at < len(source) and source[at] > "\x7f" and unicodedata.category(source[at])[0] == "M":
                at += 1
            folded = _fold_character(source[start:at])
        characters.append(folded)
        starts.extend([start] * len(folded))
        ends.extend([at] * len(folded))
    return _Folded(source, "".join(characters), starts, ends)


def _fold_character(cluster: str) -> str:
    if cluster.isascii():
        return cluster.translate(_ALIKE).lower()
    decomposed = unicodedata.normalize("NFKD", cluster.translate(_ALIKE))
    return unicodedata.normalize("NFKD", decomposed.casefold()).translate(_ALIKE)


def _invisible(character: str) -> bool:
    return character > "\x7f" and unicodedata.category(character) == "Cf"


def _continues(character: str) -> bool:
    """Whether `character` is shown as part of the one before it: mark, joiner, skin tone, Hangul vowel."""
    return (
        unicodedata.category(character)[0] == "M"
        or character == "\u200d"
        or "\U0001f3fb" <= character <= "\U0001f3ff"
        or "\u1160" <= character <= "\u11ff"
    )


def _not_found(text: str, words: str, what: str, where: str = "the text") -> NotFoundError:
    there, typed = _fold(text), _fold(words.strip())
    size = len(typed.text)
    if not size:
        return NotFoundError(f"cannot find {what} in {where}: they hold nothing that can be seen")
    matches = (at for at in _places(there.text, typed.text) if not there.parts(at, at + size - 1))
    firsts = list(islice(matches, MOST_PLACES))
    if not firsts:
        return NotFoundError(f"cannot find {what} in {where}{_beginning(there, typed)}")
    near = tuple((there.starts[at], there.ends[at + size - 1]) for at in firsts)
    differences = tuple(_differences(there, firsts[0], typed))
    start, end = near[0]
    if differences:
        listed = ", ".join(map(str, differences[:3]))
        more = f" and {len(differences) - 3} more" if len(differences) > 3 else ""
        said = f"with other {listed}{more}"
    else:
        said = "without the white space or invisible characters at their ends"
    at_least = " or more" if len(near) == MOST_PLACES else ""
    others = f" (the first of {len(near)}{at_least} places)" if len(near) > 1 else ""
    return NotFoundError(
        f"cannot find {what} as typed; {where} has them at {start} to {end}{others} {said}; "
        f"copy them from {where} itself",
        near,
        differences,
    )


def _beginning(text: _Folded, words: _Folded) -> str:
    """Say how far the words do stand in the text; nothing if that is too little to help."""
    size = bisect.bisect_left(range(1, len(words.text)), True, key=lambda n: words.text[:n] not in text.text)
    if size < 12:
        return ""
    at = text.text.find(words.text[:size])
    start, end = text.starts[at], text.ends[at + size - 1]
    return (
        f"; their first {words.ends[size - 1]} characters stand at {start} to {end}, "
        f"but then it goes on with {_named(text.source[end : end + 1])}, "
        f"not {_named(words.source[words.ends[size - 1] :][:1])}"
    )


def _differences(text: _Folded, at: int, words: _Folded) -> Iterator[Difference]:
    first = 0
    while first < len(words.text):
        last = first
        # One character on either side may be several on the other: an ellipsis is three full stops.
        while last + 1 < len(words.text) and (
            text.starts[at + last] == text.starts[at + last + 1]
            or words.starts[last] == words.starts[last + 1]
        ):
            last += 1
        found, typed = text.piece(at + first, at + last), words.piece(first, last)
        if found != typed:
            yield Difference(text.starts[at + first], found, typed, _kind(found, typed))
        first = last + 1


def _kind(found: str, typed: str) -> str:
    pair = {found, typed}
    if all(each[0].isspace() for each in pair):
        return "white space"
    if len({"".join(c for c in each if not _invisible(c)) for each in pair}) == 1:
        return "invisible characters"
    if len({each.translate(_QUOTES) for each in pair}) == 1:
        return "quotation marks"
    if len({each.translate(_DASHES) for each in pair}) == 1:
        return "dashes"
    if len({unicodedata.normalize("NFC", each) for each in pair}) == 1:
        return "encoding of accents"
    if len({each.casefold() for each in pair}) == 1:
        return "capitals"
    return "forms of characters"


def _named(characters: str) -> str:
    if not characters:
        return "the end"
    names = [f"U+{ord(c):04X} {_NAMES.get(c) or unicodedata.name(c, '')}".rstrip() for c in characters[:3]]
    return ", ".join(names) + (", …" if len(characters) > 3 else "")

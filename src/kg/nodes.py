"""Seed files as trees of text: every value as typed, with its position, and all problems of the writing.

YAML's own typing is never applied: it turns ``NO`` into false, ``0123`` into 83, and keeps the last of two
equal keys without a word.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from array import array
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice, zip_longest
from typing import Any, Final, NamedTuple, TypeAlias

import yaml

from kg.problems import Location, Problem

MAX_BYTES: Final = 50_000_000
"""The largest file that is read."""
MAX_DEPTH: Final = 40
"""The most lists and mappings that may stand inside one another."""
MAX_LENGTH: Final = 1_000_000
"""The most characters of one scalar."""
MAX_PROBLEMS: Final = 1_000
"""The most problems of one file that are told; one more, `too-many-problems`, says that reading ended."""

# The C parser is an optional part of PyYAML; the pure one gives the same events, about ten times slower.
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Scalar:
    """One piece of text as typed: ``NO``, ``0123``, ``~`` and ``2017-02-30`` are text like any other.

    `quoted` is true for quoted text and for blocks begun by ``|`` or ``>``. A value left out is ``''``, not
    quoted.
    """

    text: str
    quoted: bool
    location: Location = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class List:
    """A YAML sequence."""

    items: tuple[Node, ...]
    location: Location = field(compare=False, repr=False)

    def __iter__(self) -> Iterator[Node]:
        """Give the items in file order."""
        return iter(self.items)


@dataclass(frozen=True, slots=True)
class Map:
    """A YAML mapping in which each key stands once."""

    entries: tuple[tuple[Scalar, Node], ...]
    location: Location = field(compare=False, repr=False)

    def __iter__(self) -> Iterator[tuple[Scalar, Node]]:
        """Give keys with their values in file order."""
        return iter(self.entries)

    def __contains__(self, key: str) -> bool:
        """Tell whether `key`, exactly as typed, stands in the mapping."""
        return self.get(key) is not None

    def get(self, key: str) -> Node | None:
        """Give the value of `key`, exactly as typed; None if the key does not stand in the mapping."""
        return next((value for name, value in self.entries if name.text == key), None)


Node: TypeAlias = Scalar | List | Map


def describe(node: Node) -> str:
    """Give what `node` is, for a message: 'a list', 'a mapping', 'text'; 'nothing' for a value left out."""
    if isinstance(node, List):
        return "a list"
    if isinstance(node, Map):
        return "a mapping"
    return "text" if node.text or node.quoted else "nothing"


def read(data: bytes, path: str) -> tuple[Node | None, list[Problem]]:
    """Read the YAML of one seed file; give its tree and its problems in file order.

    The tree is None if the file is empty or cannot be read to its end. Beside problems the tree holds what
    could be read: of a repeated key the first, of several documents the first, an alias as its text
    (``*name``), and no entry with a bad key or a merge key.
    """
    decoded = _decode(data, path)
    if isinstance(decoded, Problem):
        return None, [decoded]
    reading = _Reading(_Source(decoded, path))
    return reading.tree(), sorted(reading.problems)


# --- bytes to text ------------------------------------------------------------------------------------------

_MARKS: Final = (  # UTF-32 first: its little-endian mark begins with that of UTF-16
    (codecs.BOM_UTF32_LE, "UTF-32"),
    (codecs.BOM_UTF32_BE, "UTF-32"),
    (codecs.BOM_UTF16_LE, "UTF-16"),
    (codecs.BOM_UTF16_BE, "UTF-16"),
)


def _decode(data: bytes, path: str) -> str | Problem:
    """Give the text of a file without its byte order mark, or why it is not text."""
    start = Location(path, 1, 1)
    if len(data) > MAX_BYTES:
        size = f"{len(data):,} bytes, and the most is {MAX_BYTES:,}"
        return Problem(start, "too-large", f"the file has {size}; divide it into several files")
    if name := _other_encoding(data):
        return Problem(
            start, "encoding", f"the file is saved as {name}; save it again with the encoding UTF-8"
        )
    data = data.removeprefix(codecs.BOM_UTF8)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8")
        return Problem(
            _Source(before, path).location(len(before)),
            "encoding",
            f"the byte 0x{data[error.start]:02X} is not UTF-8; save the file again with the encoding UTF-8 "
            "(if it was saved as Windows-1251, Windows-1252 or Latin-1, open it as such first)",
        )


def _other_encoding(data: bytes) -> str | None:
    """Give 'UTF-16' or 'UTF-32' if the bytes show it, by a mark or by how NULs stand among ASCII."""
    for mark, name in _MARKS:
        if data.startswith(mark):
            return name
    sample = data[:4096]
    if b"\0" in sample:
        for codec in ("utf-32-le", "utf-32-be", "utf-16-le", "utf-16-be"):
            if _reads_as(codec, sample):
                return codec[:6].upper()
    return None


def _reads_as(codec: str, sample: bytes) -> bool:
    try:
        # Incremental, since the sample may end within a character.
        text = codecs.getincrementaldecoder(codec)().decode(sample)
    except UnicodeDecodeError:
        return False
    # UTF-8 read in the wrong width turns into rare characters; a seed has ASCII keys, spaces and line ends.
    plain = sum(" " <= character <= "~" or character in "\t\r\n" for character in text)
    return "\0" not in text and plain >= 2 and plain >= 0.3 * len(text)


# --- positions ----------------------------------------------------------------------------------------------


class _Source:
    """The text of one file and where its lines begin.

    Lines end as editors show them, at LF, CRLF or CR; YAML 1.1 also counts U+0085, U+2028 and U+2029.
    """

    __slots__ = ("_starts", "path", "text")

    def __init__(self, text: str, path: str) -> None:
        self.text = text
        self.path = path
        self._starts = array("I", [0])
        self._starts.extend(match.end() for match in re.finditer(r"\r\n?|\n", text))

    def location(self, index: int) -> Location:
        """Give the place of the code point at `index`, which may be one past the last."""
        line = bisect_right(self._starts, index)
        return Location(self.path, line, index - self._starts[line - 1] + 1)

    def place(self, index: int) -> str:
        """Give the same within a sentence."""
        location = self.location(index)
        return f"line {location.line}, column {location.column}"

    def before(self, index: int) -> str:
        """Give what stands before `index` on its line."""
        return self.text[self._starts[bisect_right(self._starts, index) - 1] : index]


# --- characters that are no text ----------------------------------------------------------------------------

_CONTROL: Final = r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufeff\ufffe\uffff"
_BIDI: Final = r"\u202a-\u202e\u2066-\u2069"
_FORBIDDEN: Final = re.compile(f"[{_CONTROL}]")
_UNFIT: Final = re.compile(rf"[{_CONTROL}{_BIDI}\ud800-\udfff]")
_DISGUISED: Final = re.compile(rf"[{_CONTROL}\x85\u2028\u2029]")
_ESCAPE: Final = r"\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|.)"
_TYPED: Final = re.compile(f"[{_BIDI}]")
_TYPED_OR_ESCAPED: Final = re.compile(f"[{_BIDI}]|{_ESCAPE}", re.DOTALL)
_SUSPECT: Final = re.compile(rf"[{_BIDI}]|\\[0abefvxuU]")
_ESCAPED: Final = {"0": "\0", "a": "\a", "b": "\b", "e": "\x1b", "f": "\f", "v": "\v"}


def _code_point(character: str) -> str:
    return f"U+{ord(character):04X}"


def _unfit(character: str) -> tuple[str, str]:
    """Give the code and the message for a character that `_UNFIT` matches."""
    shown = _code_point(character)
    if re.match(f"[{_BIDI}]", character):
        name = unicodedata.name(character).lower()
        return "bidi-control", f"{shown} ({name}) makes text read differently from what it is; delete it"
    if character == "\ufeff":
        return "control-character", f"{shown}, a byte order mark, stands inside the file; delete it"
    if "\ud800" <= character <= "\udfff":
        return "yaml-syntax", f"the escape of {shown} is half a character; write the character itself"
    hint = " (was the file saved as UTF-16?)" if character == "\0" else ""
    return "control-character", f"the control character {shown} is not text; delete it{hint}"


def unfit(text: str) -> tuple[str, str] | None:
    """Give code and message for the first character of `text` that stands in no seed; None if all may."""
    found = _UNFIT.search(text)
    return _unfit(found[0]) if found else None


def _character(typed: str) -> str:
    """Give what one match of `_TYPED_OR_ESCAPED` stands for; '' for an escape that cannot be unfit."""
    if len(typed) == 1:
        return typed
    return chr(int(typed[2:], 16)) if len(typed) > 2 else _ESCAPED.get(typed[1], "")


def _disguise(text: str) -> dict[int, str]:
    """Give a table that puts unused code points for characters at which the parser stops or breaks the line.

    So the parser reads on to find the other problems, and U+0085, U+2028 and U+2029 stay in the value as
    typed (YAML 1.2, 5.4) where the parser, which knows YAML 1.1, would fold them or end the value.
    """
    if not _DISGUISED.search(text):
        return {}
    characters = set(text)
    disguised = sorted(filter(_DISGUISED.match, characters))
    used = set(map(ord, characters))
    used.update(int(escape, 16) for escape in re.findall(r"\\U([0-9a-fA-F]{8})", text))
    unused = (point for point in range(0x10FFFD, 0xFFFF, -1) if point not in used)
    return {ord(character): chr(point) for character, point in zip(disguised, unused, strict=False)}


def _short(text: str) -> str:
    """Give `text` quoted for a message, cut if it is long."""
    return repr(text if len(text) <= 60 else text[:59] + "…")


# --- events to a tree ---------------------------------------------------------------------------------------

_ANCHOR_OR_TAG: Final = re.compile(r"&[\w-]*|!<[^>]*>|![^\s,\[\]{}]*")
_TAG_DIRECTIVE: Final = re.compile(r"(?:^|(?<=[\r\n]))%TAG\b")
_BLANK: Final = re.compile(r"(?:\s|#[^\r\n]*)*")


class _Reading:
    """One file being read; `problems` grows as it goes."""

    def __init__(self, source: _Source) -> None:
        self.problems: list[Problem] = []
        self._source = source
        self._table = _disguise(source.text)
        self._restored = {ord(stand_in): chr(point) for point, stand_in in self._table.items()}
        # Most files hold no escape and no bidi control, so their scalars need not be looked at one by one.
        self._suspect = _SUSPECT.search(source.text) is not None
        self._stopped = False

    def tree(self) -> Node | None:
        """Read the whole file; give its tree unless it is empty or reading had to stop."""
        # One more than can be told, so that a file of nothing but NULs is answered at once.
        for match in islice(_FORBIDDEN.finditer(self._source.text), MAX_PROBLEMS + 1):
            self._report(match.start(), *_unfit(match[0]))
        # Refused before parsing, which takes the parser quadratic time in their number.
        if tag := _TAG_DIRECTIVE.search(self._source.text):
            message = "the instruction '%TAG' is not allowed, nor is any tag; remove this line"
            self._stop(tag.start(), "tag", message)
        root = None if self._stopped or self._is_full() else self._build()
        if self._stopped or self._is_full():
            return None
        if root is None:
            message = "the file holds nothing but blank lines and comments; fill or delete it"
            self._report(0, "empty-file", message)
            return None
        return root

    def _report(self, index: int, code: str, message: str) -> None:
        self._add(self._source.location(index), code, message)

    def _add(self, location: Location, code: str, message: str) -> None:
        told = len(self.problems)
        if told == MAX_PROBLEMS:
            code, message = "too-many-problems", "more problems follow; mend some of these first"
        if told <= MAX_PROBLEMS:
            self.problems.append(Problem(location, code, message))

    def _is_full(self) -> bool:
        return len(self.problems) > MAX_PROBLEMS

    def _stop(self, index: int, code: str, message: str) -> None:
        """Report what makes it impossible to read on."""
        self._stopped = True
        self._report(index, code, message)

    def _events(self) -> Iterator[Any]:
        """Give the parser's events up to the end or to the first fault of syntax, which is reported."""
        text = self._source.text.translate(self._table) if self._table else self._source.text
        last: Any = None
        try:
            for last in yaml.parse(text, Loader=_LOADER):
                yield last
        except yaml.MarkedYAMLError as error:
            self._stop(*_explain(error, self._source))
        except (yaml.YAMLError, ValueError, OverflowError):
            # A wrong escape in a tag, and in the pure parser in a text, has no position.
            message = "an escape from here on gives no character; write the character itself"
            self._stop(last.end_mark.index if last else 0, "yaml-syntax", message)

    def _build(self) -> Node | None:
        roots: list[Node] = []
        here = roots
        opened: list[tuple[Any, list[Node]]] = []  # the event that opens it, and what it stands in
        documents = 0
        for event in self._events():
            kind = type(event)
            if kind is yaml.ScalarEvent:
                here.append(self._scalar(event))
            elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
                start, outer = opened.pop()
                outer.append(self._collection(start, here))
                here = outer
            elif kind is yaml.MappingStartEvent or kind is yaml.SequenceStartEvent:
                self._report_properties(event)
                if len(opened) == MAX_DEPTH:
                    message = (
                        f"nested deeper than {MAX_DEPTH} lists and mappings; flatten it, or close a bracket"
                    )
                    self._stop(event.start_mark.index, "too-deep", message)
                    break
                opened.append((event, here))
                here = []
            elif kind is yaml.AliasEvent:
                here.append(self._alias(event))
            elif kind is yaml.DocumentStartEvent:
                documents += 1
                if documents == 2:
                    message = "a second document begins here; remove '---', or move what follows to a file"
                    self._report(event.start_mark.index, "several-documents", message)
            if self._is_full():
                break
        while opened:  # Reading stopped within these; their keys so far may have problems too.
            start, outer = opened.pop()
            self._collection(start, here)
            here = outer
        return next((root for root in roots if describe(root) != "nothing"), None)

    def _collection(self, start: Any, items: list[Node]) -> List | Map:
        location = self._source.location(start.start_mark.index)
        if type(start) is yaml.SequenceStartEvent:
            return List(tuple(items), location)
        return Map(self._entries(items), location)

    def _scalar(self, event: Any) -> Scalar:
        text: str = event.value
        begin = event.start_mark.index
        if event.anchor is not None or event.tag is not None:
            self._report_properties(event)
        if len(text) > MAX_LENGTH:
            size = f"{len(text):,} characters, and the most is {MAX_LENGTH:,}"
            self._report(begin, "too-long", f"this text has {size}; shorten it or close its quote")
        if self._suspect and _UNFIT.search(text):
            self._report_unfit(event)
            # Only the pure parser lets surrogates pass; nothing could write them out.
            text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        if self._restored:
            text = text.translate(self._restored)
        return Scalar(text, bool(event.style), self._source.location(begin))

    def _alias(self, event: Any) -> Scalar:
        begin = event.start_mark.index
        message = f"the alias '*{event.anchor}' is not allowed; write the value again, or put text in quotes"
        self._report(begin, "alias", message)
        return Scalar(f"*{event.anchor}", False, self._source.location(begin))

    def _entries(self, items: list[Node]) -> tuple[tuple[Scalar, Node], ...]:
        """Pair keys and values, which stand in turn in `items`; if reading stopped, the last has no value."""
        entries: dict[str, tuple[Scalar, Node]] = {}
        for key, value in zip_longest(items[::2], items[1::2]):
            if not isinstance(key, Scalar):
                what = f"a key must be text, not {describe(key)}"
                self._add(key.location, "bad-key", f"{what}; put text that begins with '[' or '{{' in quotes")
            elif not key.text and not key.quoted:
                self._add(key.location, "bad-key", "a key is missing before ':'")
            elif key.text == "<<" and not key.quoted:
                message = "the merge key '<<' is not allowed; write the entries out"
                self._add(key.location, "merge-key", message)
            elif key.text in entries:
                first = entries[key.text][0].location
                where = f"line {first.line}, column {first.column}"
                message = f"the key {_short(key.text)} already stands in this mapping, at {where}; keep one"
                self._add(key.location, "repeated-key", message)
            elif key.quoted or not key.text.startswith("*"):  # An alias; its problem is reported already.
                entries[key.text] = (key, value)
        return tuple(entries.values())

    def _report_properties(self, event: Any) -> None:
        """Report an anchor and a tag, each at its own place: they stand before the value in either order."""
        text = self._source.text
        index = event.start_mark.index
        for _ in range((event.anchor is not None) + (event.tag is not None)):
            found = _ANCHOR_OR_TAG.match(text, index)
            if found is None:
                return
            what = "anchor" if found[0].startswith("&") else "tag"
            message = f"the {what} {_short(found[0])} is not allowed; remove it, or put the text in quotes"
            self._report(index, what, message)
            blank = _BLANK.match(text, found.end())
            index = blank.end() if blank else found.end()

    def _report_unfit(self, event: Any) -> None:
        typed = _TYPED_OR_ESCAPED if event.style == '"' else _TYPED
        for match in typed.finditer(self._source.text, event.start_mark.index, event.end_mark.index):
            character = _character(match[0])
            if self._is_full():
                return
            if _UNFIT.match(character):
                self._report(match.start(), *_unfit(character))


# --- faults of syntax in plain words ------------------------------------------------------------------------

_APOSTROPHE: Final = "an apostrophe inside '…' is written twice"


class _Saying(NamedTuple):
    """What the parsers say, in C and in Python, and what to say instead."""

    saying: str
    message: str
    code: str = "yaml-syntax"
    at_begin: bool = False
    """The place to mend is where the thing begins, not where the parser noticed."""


_SAYINGS: Final = (
    _Saying("an alias: ", "put text that begins with '*' in quotes; an alias is not allowed", "alias", True),
    _Saying(
        "an anchor: ", "put text that begins with '&' in quotes; an anchor is not allowed", "anchor", True
    ),
    _Saying("a tag: ", "put text that begins with '!' in quotes; a tag is not allowed", "tag", True),
    _Saying("tag handle", "put text that begins with '!' in quotes; a tag is not allowed", "tag"),
    _Saying("incompatible YAML", "only YAML 1.1 and 1.2 can be read; remove this line"),
    _Saying(
        "directive", "a line that begins with '%' is an instruction to the parser; remove it", at_begin=True
    ),
    _Saying(
        "a quoted scalar: found unexpected",
        f"this quote is not closed; close it where the text ends ({_APOSTROPHE})",
        at_begin=True,
    ),
    _Saying(
        "unknown escape",
        "in double quotes a backslash begins an escape, but not here; write it twice, or use single quotes",
    ),
    _Saying(
        "escape code|hexdecimal|escape sequence",
        "this escape gives no character; write the character itself, or the backslash twice",
    ),
    _Saying("indicator equal|range 1-9", "the number after '|' or '>' must be 1 to 9; it is best left out"),
    _Saying(
        "a block scalar: ",
        "after '|' or '>' the text begins on the next line; put text that begins with either in quotes",
    ),
    _Saying(
        "sequence entries",
        "a list cannot begin here; begin it on the next line, or put text that begins with '-' in quotes",
    ),
    _Saying("mapping keys", "put text that begins with '?' in quotes"),
    _Saying(
        "a simple key: ",
        "neither 'key: value' nor '- entry'; if the text above goes on here, indent this line deeper",
        at_begin=True,
    ),
    _Saying(
        "<document start>",
        "the one list or mapping of the file ends above; align this with what it belongs to, or remove it",
    ),
    _Saying("unexpected ':'", "put a space after ':', or put text that ends with ':' in quotes"),
)


def _explain(error: yaml.MarkedYAMLError, source: _Source) -> tuple[int, str, str]:
    """Give index, code and message for a fault of syntax, at the place where somebody would mend it."""
    says = f"{error.context}: {error.problem}"
    index = error.problem_mark.index if error.problem_mark else 0
    begin = error.context_mark.index if error.context_mark else index
    found = source.text[index : index + 1]
    if found == "\t" or "tab character" in says:
        return _tab(source, index)
    for known in _SAYINGS:
        if re.search(known.saying, says):
            return begin if known.at_begin else index, known.code, known.message
    if "a flow sequence: " in says or "a flow mapping: " in says:
        return _unclosed(source, begin, index)
    if "mapping values" in says:
        return _second_colon(source, index)
    if "a block mapping: " in says or "a block collection: " in says:
        return _misplaced(source, begin, index, in_list="a block collection: " in says)
    if "start any token" in says:
        return index, "yaml-syntax", f"text cannot begin with {found!r}; put it in quotes"
    if "node content" in says and found == ":":
        return index, "yaml-syntax", "a key is missing before ':'"
    if "node content" in says and found.strip():
        message = f"{found!r} stands where a value is expected; remove it, or put the text in quotes"
        return index, "yaml-syntax", message
    if "node content" in says:
        return index, "yaml-syntax", "the file ends before a '[' or '{' above is closed; close it"
    return index, "yaml-syntax", f"this is not valid YAML ({error.problem}); text in quotes is always valid"


def _tab(source: _Source, index: int) -> tuple[int, str, str]:
    lines = len(re.findall(r"(?:^|(?<=[\r\n])) *\t", source.text))
    message = "a tab stands where YAML wants spaces; replace it by spaces"
    if lines > 1:
        message += f" ({lines} lines of this file begin with a tab)"
    return index, "tab", message


def _unclosed(source: _Source, begin: int, index: int) -> tuple[int, str, str]:
    opening = source.text[begin : begin + 1]
    closing = "]" if opening == "[" else "}"
    if not source.text[index:].strip():
        return begin, "yaml-syntax", f"this {opening!r} is not closed; add {closing!r}"
    where = source.place(begin)
    message = f"',' or {closing!r} is missing before this, after the {opening!r} at {where}; "
    return index, "yaml-syntax", message + "put text that contains brackets, ', ' or ': ' in quotes"


def _second_colon(source: _Source, index: int) -> tuple[int, str, str]:
    before = source.before(index)
    if re.search(r":\s", before):
        message = "a second ':' in one line; put a value that contains ': ' in quotes, "
        return index, "yaml-syntax", message + 'like title: "Then: now"'
    indent = before[: len(before) - len(before.lstrip())]
    if "\t" in indent:
        return _tab(source, index - len(before) + indent.index("\t"))
    message = "this line goes on with the text above, so it can be no 'key: value'; "
    return index, "yaml-syntax", message + "align the key with its neighbours, or put the text in quotes"


def _misplaced(source: _Source, begin: int, index: int, *, in_list: bool) -> tuple[int, str, str]:
    """Explain what does not go on with the block mapping or block list that begins at `begin`."""
    found = source.text[index : index + 1]
    begun = f"the {'list' if in_list else 'mapping'} that begins at {source.place(begin)}"
    column = source.location(index).column
    if source.before(index).strip():
        if found and found in "]}":
            message = f"{found!r} closes nothing that is open; remove it, or put the whole text in quotes"
        else:
            message = f"text follows a value that has ended; put all of it in quotes ({_APOSTROPHE})"
    elif column != source.location(begin).column:
        message = f"column {column} fits no line above; align it with {begun}, or with what it belongs to"
    elif found == ":":
        message = "a key is missing before ':'"
    elif in_list:
        message = f"{begun} goes on here, so this line must begin with '- '"
    else:
        message = f"{begun} goes on here, so this line must be 'key: value', or indented if it belongs above"
    return index, "yaml-syntax", message

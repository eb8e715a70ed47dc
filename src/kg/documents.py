"""Plain text, HTML and PDF as one text in which positions count, with the way back to page and byte.

HTML is read with the parser of Python's library: it tells where each piece of text stood, expands nothing but
character references, and needs no package; a tree, which lxml would give, is not wanted here. PDF needs
pypdf, the optional extra ``documents``. Both are parsed in a child process with limits.

The text of a PDF depends on the version of pypdf: keep the text that was read, beside the file.
"""

from __future__ import annotations

import bisect
import codecs
import io
import re
from array import array
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from kg import dates, evidence
from kg.files import read_bytes_limited
from kg.html_text import Page, read_html
from kg.limits import run_limited
from kg.problems import KgError

FILE_LIMIT: Final = 100_000_000
"""Bytes of one file."""
TEXT_LIMIT: Final = 50_000_000
"""Characters of one text."""
PAGE_LIMIT: Final = 20_000
"""Pages of one PDF."""
SECONDS: Final = 60.0
"""How long parsing one file may take."""
MEMORY: Final = 2_000_000_000
"""Bytes that parsing one file may take."""

_NOT_TEXT: Final = (
    (b"PK\x03\x04", "a packed file, such as one of Word or LibreOffice; save it as PDF or as plain text"),
    (b"\xd0\xcf\x11\xe0", "a file of an old Office program; save it as PDF or as plain text"),
    (b"{\\rtf", "rich text (RTF); save it as PDF or as plain text"),
    (b"\x1f\x8b", "packed by gzip; unpack it first"),
    (b"\x89PNG", "a picture; only text can be read"),
    (b"\xff\xd8\xff", "a picture; only text can be read"),
    (b"GIF8", "a picture; only text can be read"),
)
_LOOKS_LIKE_HTML: Final = re.compile(
    rb"\s*(<\?xml[^>]{0,200}\?>\s*)?(<!--.{0,2000}?-->\s*)*<(!doctype\s+html|html[\s>])", re.I | re.S
)
_HTML_SUFFIXES: Final = (".html", ".htm", ".xhtml")
_CHARSET: Final = re.compile(rb"<meta[^>]{0,300}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_:.-]{1,40})", re.I)
_CONTROL: Final = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_HEADER: Final = re.compile(r"#\s*(\w{1,30}):(.*)")
_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")
_URL: Final = re.compile(r"https?://[^\s<>\"{}|\\^`]+")
_LONGEST_TITLE: Final = 300
_UTF_16_AND_32: Final = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# Bytes of these depend on what went before, so a position cannot be counted piece by piece.
_STATEFUL: Final = re.compile(r"iso-?2022|hz|utf-?7", re.I)


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stood in the file: the page of a PDF, from 1; the byte of text and HTML, from 0."""

    page: int | None = None
    byte: int | None = None


@dataclass(frozen=True)
class Document:
    """A text, and what its file says of itself; what it does not say is empty.

    `marks` are positions in the text and in the file, each from which both count on alike; `pages` are the
    positions at which the pages of a PDF begin.
    """

    text: str
    kind: str
    """text, html or pdf."""
    title: str = ""
    published: str = ""
    """A day in ISO form, where the file itself names one."""
    publisher: str = ""
    language: str = ""
    url: str = ""
    encoding: str = "utf-8"
    marks: tuple[array[int], array[int]] = field(default_factory=lambda: (array("Q"), array("Q")), repr=False)
    pages: array[int] = field(default_factory=lambda: array("Q"), repr=False)
    notes: tuple[str, ...] = ()
    """What whoever reads the text should know: what was left out."""

    def place(self, offset: int) -> Place:
        """Give where the character at `offset` stood, as far as that can be told.

        Raises:
            ValueError: there is no such character.
        """
        if not 0 <= offset < len(self.text):
            raise ValueError(f"no character at {offset} in a text of {len(self.text)}")
        if self.pages:
            return Place(page=bisect.bisect_right(self.pages, offset))
        here, there = self.marks
        if not here or offset < here[0]:
            return Place()
        at = bisect.bisect_right(here, offset) - 1
        between = self.text[here[at] : offset].encode(self.encoding, "replace")
        return Place(byte=there[at] + len(between))


def read(path: Path, *, seconds: float = SECONDS, memory: int = MEMORY) -> Document:
    """Give the text of a file, or of standard input for ``-``; what kind it is, its bytes tell.

    Raises:
        LimitError: it is too large, or takes too long to parse.
        KgError: it cannot be read, is none of the three kinds, or holds no text.
    """
    data = read_bytes_limited(path, FILE_LIMIT, "the report")
    return of(data, str(path), seconds=seconds, memory=memory)


def of(data: bytes, name: str, *, seconds: float = SECONDS, memory: int = MEMORY) -> Document:
    """Give the text of a file's bytes; its `name` stands in messages, and what it ends in counts."""
    if not data.strip():
        raise KgError(f"{name}: the file is empty")
    kind = kind_of(data, name)
    if kind == "text":
        document = _plain(data, name)
    else:
        if kind == "pdf" and find_spec("pypdf") is None:
            raise KgError(
                f"{name}: reading PDF needs pypdf: install it with pip install 'reportedly[documents]', "
                "or save the report as plain text"
            )
        parse: Callable[[bytes, str], Document] = _html if kind == "html" else _pdf
        document = run_limited(parse, data, name, seconds=seconds, memory=memory, what=f"reading {name}")
    if len(document.text) > TEXT_LIMIT:
        raise KgError(
            f"{name}: the text has {len(document.text):,} characters; at most {TEXT_LIMIT:,} are read"
        )
    return document


def kind_of(data: bytes, name: str) -> str:
    """Give text, html or pdf.

    Raises:
        KgError: the bytes are plainly of something else.
    """
    if b"%PDF-" in data[:1024]:
        return "pdf"
    for start, what in _NOT_TEXT:
        if data.startswith(start):
            raise KgError(f"{name}: this is {what}")
    if name.lower().endswith(_HTML_SUFFIXES) or _LOOKS_LIKE_HTML.match(_without_mark(data[:8192])):
        return "html"
    return "text"


def _without_mark(data: bytes) -> bytes:
    for mark, encoding in _UTF_16_AND_32:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "ignore").encode()
    return data.removeprefix(codecs.BOM_UTF8)


# ---------------------------------------------------------------- plain text


def _plain(data: bytes, name: str) -> Document:
    try:
        text = evidence.decode(data)
    except evidence.NotTextError as error:
        raise KgError(f"{name}: {error}") from None
    control = _CONTROL.search(text)
    if control is not None and len(_CONTROL.findall(text[:100_000])) * 1000 > len(text[:100_000]):
        found = f"U+{ord(control[0]):04X} at {control.start()}"
        raise KgError(f"{name}: this is no text; it is full of control characters, such as {found}")
    if not text.strip():
        raise KgError(f"{name}: the text is empty")
    said = header(text)
    language = said.get("language", "")
    return Document(
        text,
        "text",
        said.get("title") or first_line(text),
        _day(said.get("published", "")),
        said.get("publisher", ""),
        language if _LANGUAGE.fullmatch(language) else "",
        said.get("url", "") if _URL.fullmatch(said.get("url", "")) else "",
        marks=_line_marks(data),
    )


def header(text: str) -> dict[str, str]:
    """Give what lines such as ``# published: 2021-03-04`` at the very start of a plain text say.

    They are a part of the text: positions count them, too.
    """
    found: dict[str, str] = {}
    for line in text[:5000].split("\n")[:20]:
        match = _HEADER.fullmatch(line)
        if match is None:
            break
        found.setdefault(match[1].lower(), match[2].strip()[:_LONGEST_TITLE])
    return found


def _line_marks(data: bytes) -> tuple[array[int], array[int]]:
    """Give where position and byte part ways: behind the mark at the start, and behind each CR LF."""
    start = len(codecs.BOM_UTF8) if data.startswith(codecs.BOM_UTF8) else 0
    here, there = array("Q", [0]), array("Q", [start])
    at, counted = start, 0
    while (found := data.find(b"\r\n", at)) >= 0:
        counted += len(data[at:found].decode()) + 1
        at = found + 2
        here.append(counted)
        there.append(at)
    return here, there


def first_line(text: str) -> str:
    """Give the first line that says something, as a title; empty where it is too long to be one."""
    for line in text[:5000].splitlines():
        if line.strip():
            stripped = " ".join(line.split())
            return stripped if len(stripped) <= _LONGEST_TITLE else ""
    return ""


# ---------------------------------------------------------------- HTML


def _html(data: bytes, name: str) -> Document:
    source, encoding, start = _decoded(data, name)
    try:
        page = read_html(source)
    except (ValueError, AssertionError, RecursionError) as error:
        raise KgError(f"{name}: cannot be read as HTML: {error or type(error).__name__}") from None
    if not page.text:
        raise KgError(f"{name}: the page holds no text; perhaps a script puts it there, so save what you see")
    title = page.title if len(page.title) <= _LONGEST_TITLE else ""
    return Document(
        page.text,
        "html",
        title or first_line(page.text),
        _day(page.published),
        page.publisher,
        page.language,
        page.url,
        encoding,
        _bytes_of(page, source, encoding, start),
        notes=page.notes,
    )


def _decoded(data: bytes, name: str) -> tuple[str, str, int]:
    """Give the source of a page, the encoding, and the byte at which it begins (HTML, 13.2.3.2)."""
    for mark, encoding in _UTF_16_AND_32:
        if data.startswith(mark):
            return _in(data[len(mark) :], encoding, "its first bytes say", name), encoding, len(mark)
    if data.startswith(codecs.BOM_UTF8):
        return _in(data[3:], "utf-8", "its first bytes say", name), "utf-8", 3
    declared = _CHARSET.search(data[:4096])
    if declared is None:
        return _in(data, "utf-8", "no charset is declared, so it should be", name), "utf-8", 0
    encoding = _codec(declared[1].decode("ascii"), name)
    return _in(data, encoding, "the page says that it is", name), encoding, 0


def _codec(label: str, name: str) -> str:
    # WHATWG Encoding, 4.2: what pages call Latin-1 or ASCII is windows-1252 in every browser.
    if label.lower() in ("iso-8859-1", "latin1", "us-ascii", "ascii"):
        return "cp1252"
    try:
        found = codecs.lookup(label)
    except LookupError:
        raise KgError(f"{name}: the page says that it is in {label!r}, which is no known encoding") from None
    if not getattr(found, "_is_text_encoding", True):
        raise KgError(f"{name}: the page says that it is in {label!r}, which is no encoding of text")
    # A page that could be searched for its charset as bytes is not in UTF-16 (same place, step 9).
    return "utf-8" if found.name.startswith(("utf-16", "utf-32")) else found.name


def _in(data: bytes, encoding: str, why: str, name: str) -> str:
    try:
        text = data.decode(encoding)
    except (UnicodeDecodeError, UnicodeError) as error:
        at = error.start if isinstance(error, UnicodeDecodeError) else 0
        said = f"byte 0x{data[at]:02x} at offset {at} ({why} {encoding.upper()})"
        raise KgError(f"{name}: not {encoding.upper()}: {said}; save the page as UTF-8") from None
    return text


def _bytes_of(page: Page, source: str, encoding: str, start: int) -> tuple[array[int], array[int]]:
    """Give the marks of a page with bytes in place of characters of its source."""
    here, there = page.marks
    if _STATEFUL.match(encoding):
        return array("Q"), array("Q")
    found, at, count = array("Q"), 0, start
    for character in there:
        count += len(source[at:character].encode(encoding, "replace"))
        at = character
        found.append(count)
    return here, found


def _day(text: str) -> str:
    match = re.match(r"\s*([0-9]{4}-[0-9]{2}-[0-9]{2})(?![0-9])", text)
    if match is None:
        return ""
    try:
        return dates.parse(match[1]).text
    except ValueError:
        return ""


# ---------------------------------------------------------------- PDF


def _pdf(data: bytes, name: str) -> Document:
    import warnings

    warnings.simplefilter("ignore")  # pypdf mends what it warns of
    import pypdf

    try:
        reader = pypdf.PdfReader(io.BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            raise KgError(f"{name}: the PDF is encrypted; save a copy without a password")
        number = len(reader.pages)
        if number > PAGE_LIMIT:
            raise KgError(f"{name}: the PDF has {number:,} pages; at most {PAGE_LIMIT:,} are read")
        texts = _page_texts(reader, name)
        title, language = _said_by(reader)
    except pypdf.errors.DependencyError:
        raise KgError(f"{name}: the PDF is encrypted (AES); save a copy without a password") from None
    except (KgError, MemoryError):
        raise
    except Exception as error:  # a broken file can make it raise anything
        said = f"{type(error).__name__}: {error}".removesuffix(": ")
        raise KgError(f"{name}: cannot be read as PDF: {said[:200]}") from None
    return _of_pages(texts, title, language, name)


def _page_texts(reader: Any, name: str) -> list[str]:
    texts, total = [], 0
    for page in reader.pages:
        text = page.extract_text().replace("\r\n", "\n").replace("\r", "\n")
        text = text.replace("\x00", "").replace("\ufeff", "")
        total += len(text)
        if total > TEXT_LIMIT:
            raise KgError(f"{name}: the text has more than {TEXT_LIMIT:,} characters")
        texts.append(text.encode("utf-8", "surrogatepass").decode("utf-8", "replace"))
    return texts


def _said_by(reader: Any) -> tuple[str, str]:
    """Give the title and the language that a PDF names; neither is worth failing for."""
    found = []
    looks: tuple[Callable[[], object], ...] = (
        lambda: reader.metadata.title,
        lambda: reader.root_object["/Lang"],
    )
    for look in looks:
        try:
            value = look()
        except Exception:
            value = ""
        found.append(" ".join(str(value or "").encode("utf-8", "replace").decode().split()))
    title, language = found
    good = _LANGUAGE.fullmatch(language)
    return title if len(title) <= _LONGEST_TITLE else "", language if good else ""


def _of_pages(texts: list[str], title: str, language: str, name: str) -> Document:
    starts, at = array("Q"), 0
    for text in texts:
        starts.append(at)
        at += len(text) + 1
    whole = "\n".join(texts)
    if not whole.strip():
        pages = "1 page" if len(texts) == 1 else f"{len(texts):,} pages"
        raise KgError(
            f"{name}: no text in {pages}: perhaps they are pictures of text, which a program for "
            "text recognition (OCR) has to read first"
        )
    empty = [number for number, text in enumerate(texts, 1) if not text.strip()]
    notes = (f"no text on {len(empty)} of {len(texts)} pages, the first is page {empty[0]}",) if empty else ()
    return Document(whole, "pdf", title or first_line(whole), language=language, pages=starts, notes=notes)

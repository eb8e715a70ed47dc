"""What a reader sees of an HTML page, as one text, and where in the source each piece of it stood."""

from __future__ import annotations

import html
import re
from array import array
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Final

DROPPED: Final = frozenset(
    (
        *("script", "style", "noscript", "template", "svg", "math", "iframe", "object", "canvas", "video"),
        *("audio", "head", "title", "nav", "footer", "button", "select", "textarea", "dialog", "menu"),
    )
)
"""Elements that are no part of what a report says."""

_VOID: Final = frozenset(
    (
        *("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source"),
        *("track", "wbr"),
    )
)
_PARAGRAPHS: Final = frozenset(
    (
        *("address", "article", "aside", "blockquote", "body", "center", "details", "div", "dl", "fieldset"),
        *("figcaption", "figure", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "main", "ol", "p"),
        *("pre", "section", "summary", "table", "ul"),
    )
)
_LINES: Final = frozenset(("br", "caption", "dd", "dt", "li", "option", "tr"))
_CELLS: Final = frozenset(("td", "th"))
_IN_HEAD: Final = frozenset(
    ("head", "title", "meta", "link", "base", "script", "style", "noscript", "template", "html")
)
_WHOLES: Final = ("main", "article")
_SPACE: Final = re.compile("[ \t\n\r\f]+")  # HTML, "ASCII whitespace"; no-break spaces stay
_MORE_THAN_A_BLANK: Final = re.compile(r"[ \t\n\r\f]{2,}|[\t\n\r\f]|\A | \Z")
_HIDDEN: Final = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.I)
_TITLES: Final = ("og:title", "citation_title", "twitter:title")
_DAYS: Final = (
    "article:published_time",
    "datepublished",
    "citation_publication_date",
    "dc.date",
    "date",
    "pubdate",
)
_PUBLISHERS: Final = ("og:site_name", "citation_publisher", "dc.publisher")
_LONGEST: Final = 1000


@dataclass(frozen=True, slots=True)
class Page:
    """The text of a page and what it says of itself.

    `marks` are positions in the text and in the source, each from which both count on alike.
    """

    text: str
    title: str
    published: str
    publisher: str
    language: str
    url: str
    marks: tuple[array[int], array[int]]
    notes: tuple[str, ...] = ()


def read_html(source: str) -> Page:
    """Give the text of a page as browsers lay it out: white space as one blank, a blank line between blocks.

    Scripts, forms, navigation and what is hidden are left out, and all around ``main`` or ``article`` where
    one of these holds at least half of the text.

    Raises:
        ValueError: the parser cannot read it.
    """
    reader = _Reader(source)
    reader.feed(source)
    reader.close()
    return reader.page()


def _is_hidden(said: Mapping[str, str]) -> bool:
    styled = _HIDDEN.search(said.get("style", ""))
    return "hidden" in said or said.get("aria-hidden") == "true" or styled is not None


class _Reader(HTMLParser):
    """Collects text; `marks` are made wherever the text and its source stop to count on alike."""

    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=False)
        self._source = source
        self._lines = array("Q", [0])
        self._open: list[tuple[str, bool, int]] = []
        self._names: Counter[str] = Counter()
        self._dropping = 0
        self._preformatted = 0
        self._pieces: list[str] = []
        self._length = 0
        self._gap = ""
        self._here, self._there = array("Q"), array("Q")
        self._wholes: list[tuple[int, int]] = []
        self._in_title = False
        self._title: list[str] = []
        self._said: dict[str, str] = {}
        at = source.find("\n")
        while at >= 0:
            self._lines.append(at + 1)
            at = source.find("\n", at + 1)

    # ------------------------------------------------------------ tags

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        self._note(tag, said)
        if self._names["head"] and tag not in _IN_HEAD:
            self.handle_endtag("head")  # whose end may be left out
        self._break(tag)
        if tag in _VOID:
            return
        hidden = (
            "hidden" in said or said.get("aria-hidden") == "true" or _HIDDEN.search(said.get("style", ""))
        )
        dropped = tag in DROPPED or bool(hidden)
        self._open.append((tag, dropped, self._length))
        self._names[tag] += 1
        self._dropping += dropped
        self._preformatted += tag == "pre"
        self._in_title = tag == "title" and self._names["svg"] == 0

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        # In HTML the slash means nothing, but pages that are XML close a script or a div so.
        self._note(tag, {name: value or "" for name, value in attrs})
        self._break(tag)

    def handle_endtag(self, tag: str) -> None:
        self._in_title = False
        self._break(tag)
        if not self._names[tag]:
            return
        while True:
            name, dropped, start = self._open.pop()
            self._names[name] -= 1
            self._dropping -= dropped
            self._preformatted -= name == "pre"
            if name in _WHOLES and not self._dropping:
                self._wholes.append((start, self._length))
            if name == tag:
                return

    def _break(self, tag: str) -> None:
        if tag in _PARAGRAPHS:
            self._widen("\n\n")
        elif tag in _LINES:
            self._widen("\n")
        elif tag in _CELLS:
            self._widen("\t")

    def _widen(self, gap: str) -> None:
        order = ("", " ", "\t", "\n", "\n\n")
        if order.index(gap) > order.index(self._gap):
            self._gap = gap

    def _note(self, tag: str, said: dict[str, str]) -> None:
        if tag == "meta":
            name = (said.get("property") or said.get("name") or said.get("itemprop") or "").lower()
            if name and said.get("content"):
                self._said.setdefault(name, said["content"][:_LONGEST])
        elif tag == "html" and said.get("lang"):
            self._said.setdefault("lang", said["lang"][:_LONGEST])
        elif tag == "link" and said.get("rel", "").lower() == "canonical":
            self._said.setdefault("canonical", said.get("href", "")[:_LONGEST])
        elif tag == "time" and said.get("itemprop", "").lower() == "datepublished":
            self._said.setdefault("datepublished", said.get("datetime", "")[:_LONGEST])

    # ------------------------------------------------------------ text

    def handle_data(self, data: str) -> None:
        if self._in_title and not self._title_is_long():
            self._title.append(data)
        if self._dropping:
            return
        start = self._at()
        if self._preformatted:
            self._put(data.replace("\r\n", "\n").replace("\r", "\n"), start)
            return
        at = 0
        for space in _MORE_THAN_A_BLANK.finditer(data):
            self._put(data[at : space.start()], start + at)
            self._widen(" ")
            at = space.end()
        self._put(data[at:], start + at)

    def handle_entityref(self, name: str) -> None:
        self._reference(f"&{name}")

    def handle_charref(self, name: str) -> None:
        self._reference(f"&#{name}")

    def _reference(self, typed: str) -> None:
        # A number of thousands of digits is no character; reading it would take its time.
        text = html.unescape(f"{typed};") if len(typed) < 40 else typed
        if self._in_title and not self._title_is_long():
            self._title.append(text)
        if not self._dropping:
            if _SPACE.fullmatch(text):
                self._widen(" ")
            else:
                self._put(text, self._at())

    def _title_is_long(self) -> bool:
        return sum(map(len, self._title)) > _LONGEST

    def _at(self) -> int:
        line, column = self.getpos()
        return self._lines[line - 1] + column

    def _put(self, text: str, source: int) -> None:
        text = text.replace("\ufeff", "")  # which a file of text would lose at its start
        if not text:
            return
        if self._gap and self._length:
            self._pieces.append(self._gap)
            self._length += len(self._gap)
        self._gap = ""
        if not self._here or source - self._there[-1] != self._length - self._here[-1]:
            self._here.append(self._length)
            self._there.append(source)
        self._pieces.append(text)
        self._length += len(text)

    # ------------------------------------------------------------ the whole

    def page(self) -> Page:
        whole = "".join(self._pieces)
        start, end = self._span(len(whole))
        text = whole[start:end]
        start += len(text) - len(text.lstrip())
        text = text.strip()
        notes = []
        if len(text) < len(whole.strip()):
            notes.append("only the main part of the page is read; what stands around it is left out")
        return Page(
            text,
            self._first(_TITLES) or " ".join("".join(self._title).split()),
            self._first(_DAYS),
            self._first(_PUBLISHERS),
            self._language(),
            self._url(),
            self._marks(start, start + len(text)),
            tuple(notes),
        )

    def _span(self, length: int) -> tuple[int, int]:
        longest = max(self._wholes, key=lambda span: span[1] - span[0], default=(0, 0))
        return longest if (longest[1] - longest[0]) * 2 >= length else (0, length)

    def _marks(self, start: int, end: int) -> tuple[array[int], array[int]]:
        here, there = array("Q"), array("Q")
        for position, source in zip(self._here, self._there, strict=True):
            if position <= start:  # the one that counts for the first character
                here, there = array("Q", [0]), array("Q", [source + start - position])
            elif position < end:
                here.append(position - start)
                there.append(source)
        return here, there

    def _first(self, names: tuple[str, ...]) -> str:
        return next((" ".join(self._said[name].split()) for name in names if self._said.get(name)), "")

    def _language(self) -> str:
        tag = self._said.get("lang", "")
        return tag if re.fullmatch(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*", tag) else ""

    def _url(self) -> str:
        urls = (self._said.get("canonical", ""), self._said.get("og:url", ""))
        return next((url for url in urls if re.fullmatch(r"https?://[^\s<>\"{}|\\^`]+", url)), "")

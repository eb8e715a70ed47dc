"""Pieces of SVG that pictures share: text that fits, hatching that prints, a document that can be read out.

Pictures are SVG 1.1 (second edition) with presentation attributes only: no style sheet and no script, so that
one can stand inside an HTML page that allows neither. Text from outside enters by `label` and nowhere else.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

from kg.escape import for_terminal, for_xml

FONTS: Final = (
    "'Noto Sans', 'DejaVu Sans', Verdana, Arial, 'Noto Sans CJK SC', 'Noto Sans Arabic', sans-serif"
)
LINE_HEIGHT: Final = 1.35
"""The distance from one line of text to the next, in font sizes; room for marks above and below."""

INK: Final = "#1a1a1a"
QUIET: Final = "#555555"
"""Text of less weight; 7:1 on white, which WCAG 2.2 asks for at its highest level."""
RULE: Final = "#c8c8c8"
PAPER: Final = "#ffffff"
COLOURS: Final = (
    "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#5a5a5a", "#f0e442",
)  # fmt: skip
"""Told apart by colour-blind people (Okabe and Ito 2008); give each a hatch or a shape too, for print."""
HATCHES: Final = ("rising", "dots", "falling", "crossed", "level", "upright", "dense", "sparse")
"""What `hatch` draws, the most different first."""

_DIRECTED: Final = ("R", "AL", "AN")
_MOST_MARKS = 3
_BOLD = 1.15

# Widths in font sizes, upper bounds of the widest of common fonts (DejaVu Sans and Verdana).
_WIDTHS: Final = {
    character: width
    for width, characters in {
        0.36: " '.,:;ijlIJ|",
        0.48: '!"()-/[\\]frt`',
        0.56: "*_sz",
        0.65: "?FLPTYacekovxy{}",
        0.73: "$0123456789ABCEKRSVXZbdghnpqu",
        0.84: "#&+<=>DGHNOQUw^~",
        1.03: "%@MWm",
    }.items()
    for character in characters
}


def shown(text: str) -> str:
    r"""Give `text` as pictures show it: one line, controls visible, marks piled up no higher than three.

    >>> shown("a\u202eb\nc")
    'a\\u202eb\\nc'
    """
    kept: list[str] = []
    marks = 0
    for character in for_terminal(text):
        marks = marks + 1 if unicodedata.category(character) in ("Mn", "Me") else 0
        if marks <= _MOST_MARKS:
            kept.append(character)
    return " ".join("".join(kept).split())


def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """Give the room that `text`, as `shown`, needs at most at a font size, in the same unit.

    An estimate from above: no font is at hand. Characters of East Asian scripts count as wide as they are
    high (Unicode Standard Annex 11), marks as nothing.

    >>> text_width("北京", 10), text_width("ab", 10) < text_width("mm", 10)
    (20.0, True)
    """
    width = sum(map(_width, text)) * size
    return round(width * (_BOLD if bold else 1), 2)


def _width(character: str) -> float:
    if (known := _WIDTHS.get(character)) is not None:
        return known
    category = unicodedata.category(character)
    if category in ("Mn", "Me", "Cf"):
        return 0.0
    if character == "\ufdfd":  # one letter that is a whole sentence
        return 12.0
    if "\ufdf0" <= character <= "\ufdfc" or "\U00012000" <= character <= "\U000125ff":
        return 4.0
    if unicodedata.east_asian_width(character) in "WF":
        return 1.4 if category == "So" else 1.0
    if category == "Ll":
        return 0.95 if character in "жшщюыфмљњѩѭæœ" else 0.75
    if category == "Lu":
        return 1.15 if character in "ЖШЩЮЫФМЉЊѨѬÆŒ" else 0.88
    if category == "Lo" and unicodedata.bidirectional(character) in _DIRECTED:
        return 0.8
    if character in "‐‑–‘’“”‚„·…":
        return 1.0 if character == "…" else 0.56
    return 2.0 if character in "⸺⸻" else 1.05


def wrap(text: str, size: float, width: float, *, lines: int = 2, bold: bool = False) -> tuple[str, ...]:
    """Give `text`, as `shown`, in at most so many lines that fit into `width`; what is cut off ends in ``…``.

    Lines break at blanks and between East Asian characters, and inside a word that is too long for one line.

    >>> wrap("held at the border", 10, 60, lines=2)
    ('held at', 'the border')
    >>> wrap("Qorghas County People's Court", 10, 70, lines=1)
    ('Qorghas…',)
    """
    waiting = _pieces(shown(text))
    found: list[str] = []
    while waiting and len(found) < lines:
        line, waiting = _line(waiting, size, width, bold)
        found.append(line)
    if waiting and found:
        found[-1] = _cut(found[-1], size, width, bold)
    return tuple(found)


def _pieces(text: str) -> list[str]:
    """Give the parts between which a line may break, the last first; blanks stay with what they follow."""
    parts = re.findall(r"[^ ]+ *", text)
    found = []
    for part in parts:
        start = 0
        for place in range(1, len(part)):
            wide = unicodedata.east_asian_width(part[place - 1]) == "W"
            # No line begins with a closing bracket or a stop (UAX 14, LB13).
            if wide and unicodedata.category(part[place]) not in ("Pe", "Po", "Pf", "Mn", "Zs"):
                found.append(part[start:place])
                start = place
        found.append(part[start:])
    return found[::-1]


def _line(waiting: list[str], size: float, width: float, bold: bool) -> tuple[str, list[str]]:
    line = ""
    while waiting and text_width((line + waiting[-1]).rstrip(), size, bold=bold) <= width:
        line += waiting.pop()
    if not line and waiting:
        word = waiting.pop()
        room = 1
        while room < len(word) and text_width(word[: room + 1], size, bold=bold) <= width:
            room += 1
        line = word[:room]
        if word[room:]:
            waiting.append(word[room:])
    return line.rstrip(), waiting


def _cut(line: str, size: float, width: float, bold: bool) -> str:
    while line and text_width(line + "…", size, bold=bold) > width:
        line = line[:-1]
    return line.rstrip() + "…"


def number(value: float) -> str:
    """Give a number with at most two decimals, written in the one shortest way.

    >>> number(3.0), number(2.499), number(-0.001)
    ('3', '2.5', '0')
    """
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def element(name: str, *children: str, **attributes: str | float | None) -> str:
    """Give an element; `children` are markup already, attributes are escaped, those that are None left out.

    An underscore in an attribute's name becomes a hyphen, and one at its end goes.

    >>> element("rect", x=1.0, fill="a&b", stroke_width=2, class_=None)
    '<rect x="1" fill="a&amp;b" stroke-width="2"/>'
    """
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{_attribute(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    inner = "".join(children)
    return f"<{name}{written}>{inner}</{name}>" if inner else f"<{name}{written}/>"


def _attribute(value: str | float) -> str:
    return for_xml(value) if isinstance(value, str) else number(value)


def label(text: str, x: float, y: float, size: float, **attributes: str | float | None) -> str:
    """Give one line of text from outside, escaped; `y` is its base line.

    Letters that run from right to left are kept to themselves, so that they move nothing beside them.
    """
    inner = shown(text)
    if any(unicodedata.bidirectional(character) in _DIRECTED for character in inner):
        inner = f"\u2068{inner}\u2069"
    return element("text", for_xml(inner), x=x, y=y, font_size=size, **attributes)


def text_lines(
    texts: Iterable[str], x: float, y: float, size: float, **attributes: str | float | None
) -> tuple[str, float]:
    """Give lines of text below each other, the first on base line `y`, and the base line after the last."""
    drawn = []
    for text in texts:
        drawn.append(label(text, x, y, size, **attributes))
        y += size * LINE_HEIGHT
    return "".join(drawn), y


def titled(title: str, *children: str, **attributes: str | float | None) -> str:
    """Give a group with a title, which browsers show on hovering."""
    return element("g", element("title", for_xml(shown(title))), *children, **attributes)


def hatch(key: str, kind: str, colour: str = INK, background: str = PAPER) -> str:
    """Give the definition of a pattern, one of `HATCHES`, to be used as ``fill="url(#key)"``.

    Raises:
        KeyError: there is no such pattern.
    """
    path, thickness = {
        "rising": ("M-2,2 l4,-4 M0,8 l8,-8 M6,10 l4,-4", 1.3),
        "falling": ("M-2,6 l4,4 M0,0 l8,8 M6,-2 l4,4", 1.3),
        "crossed": ("M0,0 l8,8 M0,8 l8,-8", 1.0),
        "level": ("M0,2 h8 M0,6 h8", 1.3),
        "upright": ("M2,0 v8 M6,0 v8", 1.3),
        "dots": ("M1,2 h2 M5,6 h2", 2.0),
        "dense": ("M-2,2 l4,-4 M0,4 l4,-4 M0,8 l8,-8 M4,8 l4,-4 M6,10 l4,-4", 1.6),
        "sparse": ("M3.25,4 h1.5", 1.5),
    }[kind]
    return element(
        "pattern",
        element("rect", width=8, height=8, fill=background),
        element("path", d=path, stroke=colour, stroke_width=thickness, fill="none"),
        id=key,
        width=8,
        height=8,
        patternUnits="userSpaceOnUse",
    )


def document(
    width: float,
    height: float,
    body: Iterable[str],
    *,
    title: str,
    description: str,
    definitions: Iterable[str] = (),
    key: str = "picture",
    language: str = "en",
) -> bytes:
    """Give a whole SVG file in UTF-8: white paper, a name and a description that are read out.

    A reader of ``role="img"`` hears title and description and none of the text inside (WAI-ARIA 1.2, 5.2.8),
    so `description`, whose line breaks are kept, has to say what the picture shows. `key` begins the ids of
    title and description, which must differ among the pictures of one page.
    """
    told = "\n".join(shown(line) for line in description.split("\n"))
    drawn = element(
        "svg",
        element("title", for_xml(shown(title)), id=f"{key}-title"),
        # Not for_xml's reference for a line break: the break itself, so that the file can be read as text.
        element("desc", "\n".join(map(for_xml, told.split("\n"))), id=f"{key}-desc"),
        element("defs", *definitions),
        element("rect", width=width, height=height, fill=PAPER),
        "\n".join(body),
        xmlns="http://www.w3.org/2000/svg",
        role="img",
        aria_labelledby=f"{key}-title",
        aria_describedby=f"{key}-desc",
        lang=language,
        width=width,
        height=height,
        viewBox=f"0 0 {number(width)} {number(height)}",
        font_family=FONTS,
        fill=INK,
    )
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{drawn}\n'.encode()

"""Text from outside, made harmless for the place it goes to.

Every function takes any `str`, lone surrogates included, never fails, and gives text that can be encoded.
None of them can be undone: they are for showing and handing on, never for storing.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

# C0, DEL and C1; what starts a new line in some terminals (U+2028, U+2029); bidi embeddings, overrides and
# isolates; the deprecated U+206A to U+206F, which change the shapes of digits; lone surrogates.
# Left alone: U+200C and U+200D, which Persian and the scripts of India need to be spelled right, and
# U+200E, U+200F and U+061C, which turn nothing round that an ordinary letter would not.
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u206f\ud800-\udfff]")
_HTML_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u206f\ud800-\udfff]")
_SHORT = {"\t": r"\t", "\n": r"\n", "\r": r"\r"}

_PLAIN_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?")
_STARTS_FORMULA = frozenset("=+-@")
_SURROGATE = re.compile("[\ud800-\udfff]")

# XML 1.0 (fifth edition), production 2: what is not a Char.
_NOT_XML = "[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
_XML_MARKUP = str.maketrans(
    {
        "&": "&amp;",
        "<": "&lt;",
        ">": "&gt;",
        '"': "&quot;",
        "'": "&apos;",
        # A reader makes spaces of these in attributes (XML 1.0, 3.3.3), and LF of a raw CR anywhere (2.11).
        "\t": "&#9;",
        "\n": "&#10;",
        "\r": "&#13;",
    }
)


def for_terminal(text: str, encoding: str = "utf-8") -> str:
    r"""Give `text` as one line that cannot command a terminal or turn the reading direction round.

    Control characters, bidi controls, line separators and lone surrogates show as backslash escapes, and so
    does what `encoding` (that of the stream) cannot hold. A backslash stays as it is: escaping twice changes
    nothing more, and the result is no way back to the text.

    >>> print(for_terminal("a\x1b[2Jb\nc\u202ed"))
    a\x1b[2Jb\nc\u202ed

    Raises:
        LookupError: there is no such encoding.
    """
    shown = _CONTROL.sub(_visible, text)
    return shown.encode(encoding, "backslashreplace").decode(encoding)


def encoding_of(stream: object) -> str:
    """Give the encoding of a stream; UTF-8 where it has none, as one that is closed."""
    return getattr(stream, "encoding", None) or "utf-8"


def for_csv(text: str) -> str:
    r"""Give `text` as a cell that a spreadsheet shows and never calculates: ``'`` before any formula.

    A formula starts with ``= + - @`` (full-width and small forms too), a tab, CR, LF or NUL; spaces and
    invisible characters before it do not hide it. Plain numbers such as ``-5`` and ``+1.5e3`` stay numbers.
    Lone surrogates become U+FFFD. Quotes and separators are the CSV writer's business: write with the csv
    module. For tables that people open; the W3C result formats are exact and must not pass through here.

    >>> for_csv("=1+1"), for_csv("-5"), for_csv("-5+1")
    ("'=1+1", '-5', "'-5+1")
    """
    text = _SURROGATE.sub("\ufffd", text)
    if _PLAIN_NUMBER.fullmatch(text):
        return text
    for character in text:
        if character in "\t\r\n\0":
            return "'" + text
        # A byte order mark before "=" is taken for the file's own, and the formula runs.
        if character.isspace() or unicodedata.category(character) in ("Cc", "Cf"):
            continue
        starts = unicodedata.normalize("NFKC", character)[0] in _STARTS_FORMULA
        return "'" + text if starts else text
    return text


def legal_xml(text: str) -> str:
    r"""Give `text` with U+FFFD for each character that XML 1.0 forbids, for a writer that escapes markup.

    Hand this, not `for_xml`, to ElementTree and to networkx, which would escape a second time.

    >>> legal_xml("a\x00<b")
    'a\ufffd<b'
    """
    return _not_xml().sub("\ufffd", text)


@cache
def _not_xml() -> re.Pattern[str]:
    return re.compile(_NOT_XML)  # this takes 5 ms, and few commands write XML


def for_xml(text: str) -> str:
    """Give `text` to stand inside an XML element or a quoted attribute; a reader gets `legal_xml` of it back.

    >>> for_xml("Q&A <1>")
    'Q&amp;A &lt;1&gt;'
    """
    return legal_xml(text).translate(_XML_MARKUP)


def for_html(text: str) -> str:
    r"""Give `text` to stand in an HTML element or a quoted attribute, but never in a script, style or URL.

    Control characters, bidi controls and lone surrogates show as in `for_terminal`, but tabs and line breaks
    stay, and CR LF and CR become LF as an HTML reader would make them.

    >>> for_html("<b>\u202e & 'c'")
    '&lt;b&gt;\\u202e &amp; &#x27;c&#x27;'
    """
    import html

    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return html.escape(_HTML_CONTROL.sub(_visible, text), quote=True)


def _visible(match: re.Match[str]) -> str:
    character = match[0]
    code = ord(character)
    return _SHORT.get(character) or (f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}")

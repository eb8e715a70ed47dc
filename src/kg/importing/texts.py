"""The texts of cells, brought into the form in which they are compared, shown and made keys."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from functools import lru_cache
from typing import Final

from kg.fields import SPECIAL

MAX_KEY: Final = 80
"""Characters of the longest key that is made; a longer one is cut, and told apart by a digest."""

_UNFIT = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u200b\u2060\u202a-\u202e\u2066-\u2069\ud800-\udfff"
    "\ufeff\ufffe\uffff]"
)
_UNSEEN = re.compile("[\u200c-\u200f\u061c]")
_APOSTROPHES = re.compile("['’ʼʻ`´]")


def tidy(text: str) -> str:
    """Give `text` without blanks at its ends, and with one blank for each run of blanks and line breaks.

    >>> tidy(" Aman\\u00a0 Tolek\\n")
    'Aman Tolek'
    """
    return " ".join(text.split())


def unfit(text: str) -> str | None:
    """Give the first character that no name or value should hold, such as ``U+202E``, if there is one.

    These are control characters, invisible ones that make equal texts different, and those that turn the
    direction of reading round. The joiners that Persian and Indic spelling needs are none of them.
    """
    found = _UNFIT.search(text)
    return f"U+{ord(found[0]):04X}" if found else None


def cleaned(text: str) -> str:
    """Give `text` without the characters that `unfit` tells of."""
    return _UNFIT.sub("", text)


@lru_cache(maxsize=100_000)
def fold(text: str) -> str:
    """Give the form in which texts are compared: case, width and blanks aside.

    >>> fold("ＨＡＮ  ") == fold("Han")
    True
    """
    return tidy(_UNSEEN.sub("", unicodedata.normalize("NFKC", text)).casefold())


@lru_cache(maxsize=100_000)
def slug(text: str) -> str:
    """Give a key made of the letters and digits of `text`, of any script; '' if it has none.

    >>> slug("Qorghas County People’s Court"), slug("王小明 (二)"), slug("???")
    ('qorghas-county-peoples-court', '王小明-二', '')
    """
    plain = unicodedata.normalize("NFC", _APOSTROPHES.sub("", text).lower())
    letters = "".join(c if _is_of_key(c) else " " for c in plain)
    key = unicodedata.normalize("NFC", "-".join(part for part in letters.split() if _has_letter(part)))
    return cut(key)


def cut(key: str) -> str:
    """Give `key`, or its beginning and a digest of the whole where it is too long."""
    if len(key) <= MAX_KEY:
        return key
    return f"{key[: MAX_KEY - 9].rstrip('-')}-{hashlib.sha256(key.encode()).hexdigest()[:8]}"


def is_key(text: str) -> bool:
    """Tell whether `text` can stand as a key (see `kg.fields.Fields.is_key`)."""
    return text != "" and text not in SPECIAL and text == slug(text)


def _is_of_key(character: str) -> bool:
    return character.isalnum() or unicodedata.category(character) in ("Mn", "Mc")


def _has_letter(part: str) -> bool:
    return any(character.isalnum() for character in part)

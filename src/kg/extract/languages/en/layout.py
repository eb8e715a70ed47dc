"""How English reports are laid out: captions and notices, abbreviations, words that open sentences."""

from __future__ import annotations

import re
from typing import Final

from kg.extract.languages.en.lexicon import listed
from kg.extract.text import Habits

_AGENCIES = "AFP|EPA|Getty Images?|AP Photo|Reuters|Shutterstock"
_CAPTION = re.compile(
    r"^(?:\(?(?:file\s+)?(?:photo|picture|image|video|graphic|illustration|map)s?\b[^\n]{0,20}[:/]"
    r"|file photo\b|photo courtesy|photo by|image via|(?:reuters|afp|epa|ap photo)\s*/)"
    rf"|\.jpe?g\b|\.png\b|(?:{_AGENCIES})\s*/|\b(?:{_AGENCIES})\)?\s*$"
    r"|\b(?:undated|file|handout|combination) (?:photo|picture|image|photograph)\b"
    r"|\(File\)|\bin this (?:photo|picture|image)\b"
    r"|\b(?:pictured|seen|shown) (?:here|above|below|left|right|in this)\b|\[(?:AP|AFP|Reuters|EPA|File)\b",
    re.IGNORECASE,
)
_NOTICE = re.compile(
    r"^(?:reported by|reporting by|editing by|edited by|written by|writing by|translated (?:by|and)"
    r"|additional reporting|by [A-Z]\w+ [A-Z]\w+$|related (?:stories|articles|news|content|topics)"
    r"|read (?:more|also|next)|see also|also read|more (?:on|about|from) this|share this|follow us|sign up"
    r"|subscribe|click here|add your comment|copyright|©|all rights reserved|advertisement|comments? are"
    r"|\(?the refiled story|this (?:story|article) (?:was|has been) (?:updated|corrected|first))",
    re.IGNORECASE,
)
_LONGEST_CAPTION = 600  # characters; a longer paragraph is a text, whatever it ends with


def classify(paragraph: str) -> str:
    """Give `caption` or `notice` for a paragraph that is one, or nothing.

    >>> classify("FILE PHOTO: A guard in Osh, 2018. REUTERS/Somebody"), classify("Police said so.")
    ('caption', '')
    """
    if _NOTICE.match(paragraph):
        return "notice"
    return "caption" if len(paragraph) < _LONGEST_CAPTION and _CAPTION.search(paragraph) else ""


HABITS: Final = Habits(
    abbreviations=listed("layout", "abbreviations"), openers=listed("layout", "openers"), classify=classify
)
"""What dividing an English text into sentences needs to know."""

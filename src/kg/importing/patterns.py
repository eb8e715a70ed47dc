"""Patterns for the cells of foreign tables: `*` stands for any text, `#` for a whole number.

No regular expressions: whoever writes the map of a table need not know them, and none of them can be written
that would search for ever.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

MAX_TEXT: Final = 1_000
"""Characters of the longest text that a pattern is compared with; a longer one fits none."""
MAX_HOLES: Final = 9
"""The most `*` and `#` of one pattern: each has a digit of its own."""

_TOKEN = re.compile(r"\\[*#\\]|[*#]|[^*#\\]+|\\")


@dataclass(frozen=True, slots=True)
class Pattern:
    r"""The shape of a text, case and width of blanks aside.

    `*` is any text, an empty one too; `#` is all the digits that stand in one place; `\*` and `\#` are the
    characters themselves.

    >>> Pattern.of("# y* # m*").match("13 Years 4 months")
    ('13 Years 4 months', '13', 'ears', '4', 'onths')
    >>> Pattern.of("born *").match("died 1954") is None
    True
    """

    text: str
    holes: int
    _regex: re.Pattern[str] = field(repr=False, compare=False)

    @classmethod
    def of(cls, text: str) -> Pattern:
        """Give the pattern written as `text`.

        Raises:
            ValueError: it is no pattern; the message says why.
        """
        parts = _parts(text)
        holes = sum(part in ("*", "#") for part in parts)
        if holes > MAX_HOLES:
            raise ValueError(f"{text!r} has {holes} times * or #; at most {MAX_HOLES} can be told apart")
        return cls(text, holes, re.compile(_regex(parts), re.IGNORECASE | re.DOTALL))

    def match(self, text: str) -> tuple[str, ...] | None:
        """Give the text and what stands for each `*` and `#`, or None if it has another shape."""
        if len(text) > MAX_TEXT:
            return None
        found = self._regex.match(text)
        return (found[0], *(hole.strip() for hole in found.groups())) if found else None


def fill(template: str, found: tuple[str, ...]) -> str:
    """Give `template` with ``$1`` … ``$9`` (``$0``: the whole text) replaced; ``$$`` is a dollar.

    >>> fill("$1 years $2 months", ("13 y 4 m", "13", "4"))
    '13 years 4 months'
    """
    return re.sub(r"\$([0-9$])", lambda hole: "$" if hole[1] == "$" else found[int(hole[1])], template)


def highest_hole(template: str) -> int:
    """Give the highest number after a `$` in `template`; 0 if there is none."""
    return max((int(hole[1]) for hole in re.finditer(r"\$(?:\$|([0-9]))", template) if hole[1]), default=0)


def _parts(text: str) -> list[str]:
    parts: list[str] = []
    for part in _TOKEN.findall(text):
        if part == "\\":
            raise ValueError(
                rf"{text!r} has a single \; write \\ for it, \* for a star, \# for a number sign"
            )
        if part in ("*", "#") and parts[-1:] == [part]:
            what = "any text already" if part == "*" else "a whole number, however many digits it has"
            raise ValueError(f"{text!r} has {part}{part} in it; one {part} is {what}")
        parts.append(part)
    if not parts:
        raise ValueError("a pattern is not empty; to say what an empty cell means, write empty:")
    return parts


def _regex(parts: list[str]) -> str:
    """Give a regular expression that never goes back: what follows a `*` is taken where it stands first.

    That finds a match wherever there is one, since what stands between two `*` has at each place one length
    only. Only the last part, which has to reach the end, is looked for from the end.
    """
    pieces: list[list[str]] = [[]]
    for part in parts:
        if part == "*":
            pieces.append([])
        else:
            pieces[-1].append(_piece(part, free=not pieces[-1] and len(pieces) > 1))
    texts = ["".join(piece) for piece in pieces]
    if len(texts) == 1:
        return rf"{texts[0]}\Z"
    middle = "".join(rf"(?>(.*?){text})" for text in texts[1:-1])
    return rf"{texts[0]}{middle}(.*){texts[-1]}\Z"


def _piece(part: str, *, free: bool) -> str:
    """Give the expression of one part; a number that follows a `*` begins where its digits begin."""
    if part == "#":
        return rf"{'(?<![0-9])' if free else ''}([0-9]++)"
    literal = part[1] if part.startswith("\\") else part
    return re.escape(literal)

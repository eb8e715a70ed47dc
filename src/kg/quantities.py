"""Numbers and terms as reports give them: text kept as typed, with whole-number bounds.

Bounds say what the words leave possible, and no more is read into them. ``None`` is "no bound". Upper
and lower case are alike, and numbers up to ninety-nine may be written as words.

========================================================  ====================================
a number N, written as                                    means
========================================================  ====================================
``30``, ``1,500,000``, ``38 000``, ``1.5 million``        exactly this
``about``, ``around``, ``roughly``, ``approximately``,    exactly this, and approximate: how
``some``, ``circa``, ``~`` N                              far off it may be, nobody has said
``more than``, ``over``, ``>`` N                          from N + 1
``at least``, ``no fewer than``, ``no less than``,        from N
``not less than``, ``>=``, ``≥`` N; N ``or more``; N+
``fewer than``, ``less than``, ``under``, ``<`` N         to N - 1
``nearly``, ``almost``, ``close to`` N                    to N - 1, and approximate
``at most``, ``up to``, ``no more than``,                 to N
``not more than``, ``<=``, ``≤`` N; N ``or fewer``,
N ``or less``
``30-40``, ``30 to 40``, ``between 30 and 40``            from one to the other, both included
``several``, ``some``, ``many``, ``a few``                from 2: a plural, and no more is said
``dozens``, ``hundreds``, ``tens of thousands``           from two of them: 24, 200, 20000
========================================================  ====================================
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

MAX_LENGTH: Final = 100
"""The greatest number of characters that `parse_quantity` and `parse_term` look at."""

MAX_QUANTITY: Final = 10**12
"""The greatest number that a quantity may name."""

MAX_TERM: Final = 10**6
"""The greatest number of years, months, weeks or days that a term may name."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number as typed, and the least and the greatest whole number it can mean."""

    text: str
    minimum: int | None
    """Included; None where the text sets no lower bound."""
    maximum: int | None
    """Included; None where the text sets no upper bound."""
    approximate: bool = False
    """True for ``about 30``, ``nearly 30`` and the like; it widens no bound."""


@dataclass(frozen=True, slots=True)
class Term:
    """A penalty as typed, and its bounds in whole months, rounded outwards."""

    text: str
    min_months: int | None
    """Included; None where the text sets no lower bound, and for life and death."""
    max_months: int | None
    """Included; None where the text sets no upper bound, and for life and death."""
    kind: Literal["length", "life", "death"]
    approximate: bool = False
    """True for ``about 5 years``, ``nearly 5 years`` and the like; it widens no bound."""


def parse_quantity(text: str) -> Quantity:
    """Read a number as reported; see the top of this module for the forms and their bounds.

    Digits are grouped by threes with commas or single blanks; a point is a decimal point, and the number
    must come out whole. Nothing is stripped: blanks before and after are the caller's affair.

    >>> parse_quantity("more than 30")
    Quantity(text='more than 30', minimum=31, maximum=None, approximate=False)
    >>> parse_quantity("nearly 38 000")
    Quantity(text='nearly 38 000', minimum=None, maximum=37999, approximate=True)
    >>> parse_quantity("about 1.5 million")
    Quantity(text='about 1.5 million', minimum=1500000, maximum=1500000, approximate=True)
    >>> parse_quantity("between two and three dozen")
    Traceback (most recent call last):
    ValueError: 'between two and three dozen' may start at 2 or at 24; write both numbers in full
    >>> parse_quantity("30  to 40")
    Traceback (most recent call last):
    ValueError: '30  to 40' is not a quantity; write '30 to 40'

    Raises:
        ValueError: any other form, a range that ends before it starts, or a number above `MAX_QUANTITY`.
            The message says what was found and what would be right.
    """
    _check_length(text, "quantity")
    try:
        return _quantity(text)
    except _WrongFormError:
        meant = _meant(_quantity_candidates(text), _quantity) or _QUANTITY_FORMS
        raise ValueError(f"{text!r} is not a quantity; write {meant}") from None


def parse_term(text: str) -> Term:
    """Read a penalty as reported: a length of time, life or death.

    A length is years, months, weeks and days, in this order and each with its number: ``13 years 4 months``,
    ``13 years and four months``, or ``P13Y4M`` (a duration of ISO 8601-1, 5.5.2.2 and 5.5.2.3, without
    hours). It may stand alone, in a range (``5-10 years``, ``5 years to <10 years``, ``between 6 months and
    2 years``), or after the words that set a bound for a quantity (``at least``, ``up to`` …).

    A year is 12 months. Weeks and days are no whole number of months, so the lower bound takes the longest
    months and years and rounds down, the upper bound takes the shortest and rounds up: 10 days are 0 to 1.
    For the same reason ``more than 3 years`` is from 36 months (three years and a day), ``less than`` to 36.

    >>> parse_term("13 years and four months")
    Term(text='13 years and four months', min_months=160, max_months=160, kind='length', approximate=False)
    >>> parse_term("5 Years to <10 Years")
    Term(text='5 Years to <10 Years', min_months=60, max_months=120, kind='length', approximate=False)
    >>> parse_term("2 weeks")
    Term(text='2 weeks', min_months=0, max_months=1, kind='length', approximate=False)
    >>> parse_term("life imprisonment")
    Term(text='life imprisonment', min_months=None, max_months=None, kind='life', approximate=False)
    >>> parse_term("5 years in prison")
    Traceback (most recent call last):
    ValueError: '5 years in prison' is not a term; write '5 years'

    Raises:
        ValueError: any other form, no time at all, a range that ends before it starts, or a number above
            `MAX_TERM`. The message says what was found and what would be right.
    """
    _check_length(text, "term")
    try:
        return _term(text)
    except _WrongFormError:
        meant = _meant(_term_candidates(text), _term) or _TERM_FORMS
        raise ValueError(f"{text!r} is not a term; write {meant}") from None


_QUANTITY_FORMS = (
    "the number alone, such as 30, 1,500,000 or 1.5 million, or with words around it: more than 30, "
    "at least 30, fewer than 30, at most 30, nearly 30, about 30, 30-40, dozens, several"
)
_TERM_FORMS = (
    "a length such as 5 years, 13 years 4 months, 10 days, 5-10 years, at least 3 years, more than 3 years, "
    "up to 3 years, about 3 years or P5Y6M; or life; or death"
)


class _WrongFormError(ValueError):
    """The text is of no form that is read here."""


def _check_length(text: str, kind: str) -> None:
    if not text:
        raise ValueError(f"the {kind} is empty; write one, or leave it out")
    if len(text) > MAX_LENGTH:
        raise ValueError(f"a {kind} has at most {MAX_LENGTH} characters; this text has {len(text)}")


def _meant(candidates: Iterator[str], read: Callable[[str], object]) -> str:
    """Give those of the candidates that can be read, for a message."""
    right = []
    for candidate in dict.fromkeys(candidates):
        try:
            read(candidate)
        except ValueError:
            continue
        right.append(repr(candidate))
    return " or ".join(right)


def _tidy(text: str) -> str:
    """Give the text in lower case, with ASCII digits, hyphens and apostrophes, and single blanks."""
    digits = "".join(str(unicodedata.decimal(letter, letter)) for letter in text)
    return " ".join(re.sub("[‐‑‒–—−]", "-", digits).replace("’", "'").lower().split())


# ---------------------------------------------------------------- what both kinds share

_Limit = Literal["", "about", "above", "from", "below", "near", "to"]

_LIMITS: dict[_Limit, tuple[str, ...]] = {
    "about": ("about ", "around ", "roughly ", "approximately ", "some ", "circa ", "~"),
    "above": ("more than ", "over ", ">"),
    "from": ("at least ", "no fewer than ", "no less than ", "not less than ", ">=", "≥"),
    "below": ("fewer than ", "less than ", "under ", "<"),
    "near": ("nearly ", "almost ", "close to "),
    "to": ("at most ", "up to ", "no more than ", "not more than ", "<=", "≤"),
}
# Longest first, so that ">=" is tried before ">".
_BEFORE = sorted(
    ((words, limit) for limit, phrases in _LIMITS.items() for words in phrases),
    key=lambda pair: (-len(pair[0]), pair),
)
_AFTER: dict[str, _Limit] = {" or more": "from", "+": "from", " or fewer": "to", " or less": "to"}

_ONES = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_TEENS = (
    *("ten", "eleven", "twelve", "thirteen", "fourteen"),
    *("fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_WORDS = {word: number for number, word in enumerate(_ONES + _TEENS, 1)}
_WORDS |= {word: number for number, word in zip(range(20, 100, 10), _TENS, strict=True)}
_WORDS |= {f"{ten}-{one}": _WORDS[ten] + _WORDS[one] for ten in _TENS for one in _ONES}
# Looser than the table, and looked up in it: an alternation of all words is slow to compile.
_WORD = "(?:[a-z]+ty-)?[a-z]+"


def _lower(text: str) -> str:
    """Give `text` in lower case; refuse letters, digits and blanks that only look like those read here."""
    if not re.sub("[–≤≥]", "", text).isascii():
        raise _WrongFormError(text)
    return text.lower().replace("–", "-")


def _split(text: str) -> tuple[_Limit, str]:
    """Give the limit that words before or after a number set, and the text without them."""
    for words, limit in _BEFORE:
        if text.startswith(words):
            rest = text.removeprefix(words)
            return limit, rest if words.endswith(" ") else rest.removeprefix(" ")
    for words, limit in _AFTER.items():
        if text.endswith(words):
            return limit, text.removesuffix(words)
    return "", text


# ---------------------------------------------------------------- quantities

_VAGUE = {
    "several": 2,
    "some": 2,
    "many": 2,
    "a few": 2,
    "tens": 20,
    "dozens": 24,
    "scores": 40,
    "hundreds": 200,
    "thousands": 2000,
    "millions": 2_000_000,
    "tens of thousands": 20_000,
    "hundreds of thousands": 200_000,
    "tens of millions": 20_000_000,
    "hundreds of millions": 200_000_000,
    "several dozen": 24,
    "several hundred": 200,
    "several thousand": 2000,
    "several million": 2_000_000,
}
_SCALES = {
    "dozen": 12,
    "hundred": 100,
    "thousand": 1000,
    "hundred thousand": 100_000,
    "million": 1_000_000,
    "hundred million": 100_000_000,
    "billion": 1_000_000_000,
}
_SCALE = f"(?:{'|'.join(sorted(_SCALES, key=len, reverse=True))})"
_DIGITS = "[1-9][0-9]{0,2}(?:(?:,[0-9]{3})+|(?: [0-9]{3})+)|[0-9]+"
_A_NUMBER = f"(?:(?:{_DIGITS})(?:[.][0-9]+)?(?: {_SCALE})?|{_WORD}(?: {_SCALE})?)"
_NUMBER = f"(?:({_DIGITS})(?:[.]([0-9]+))?|({_WORD}))(?: ({_SCALE}))?"
_NUMBER_BETWEEN = f"between ({_A_NUMBER}) and ({_A_NUMBER})"
_NUMBER_TO = f"(?:from )?({_A_NUMBER})(?: ?- ?| to )({_A_NUMBER})"


def _quantity(text: str) -> Quantity:
    lower = _lower(text)
    if lower in _VAGUE:
        return Quantity(text, _VAGUE[lower], None)
    limit, rest = _split(lower)
    if re.fullmatch(_NUMBER, rest):
        return _limited_quantity(text, limit, _number(rest)[0])
    found = re.fullmatch(_NUMBER_BETWEEN, rest) or re.fullmatch(_NUMBER_TO, rest)
    if not found or limit not in ("", "about"):
        raise _WrongFormError(text)
    low, high = _number_range(text, found[1], found[2])
    return Quantity(text, low, high, limit == "about")


def _limited_quantity(text: str, limit: _Limit, number: int) -> Quantity:
    minima: dict[_Limit, int] = {"": number, "about": number, "above": number + 1, "from": number}
    maxima: dict[_Limit, int] = {"": number, "about": number, "below": number - 1, "to": number}
    maxima["near"] = number - 1
    if maxima.get(limit, 0) < 0:
        raise ValueError(f"{text!r} leaves no number; counts start at 0")
    return Quantity(text, minima.get(limit), maxima.get(limit), limit in ("about", "near"))


def _number(text: str) -> tuple[int, int]:
    """Give the whole number, and the scale it is written with: ``1.5 million`` is 1500000 and 1000000."""
    found = re.fullmatch(_NUMBER, text)
    if not found:
        raise _WrongFormError(text)
    digits, fraction, word, scale_word = found.groups()
    if word and word not in _WORDS and not (word == "a" and scale_word):
        raise _WrongFormError(text)
    if fraction and not scale_word:
        # In much of Europe 30.000 is thirty thousand: nobody can tell which is meant.
        raise ValueError(f"{text!r} is not a whole number; thousands are grouped as 30,000 or 30 000")
    scale = _SCALES[scale_word] if scale_word else 1
    significand = int(re.sub("[, ]", "", digits) + (fraction or "")) if digits else _WORDS.get(word, 1)
    number, rest = divmod(significand * scale, 10 ** len(fraction or ""))
    if rest:
        raise ValueError(f"{text!r} is not a whole number; write it with fewer decimals")
    if number > MAX_QUANTITY:
        raise ValueError(f"{text!r} is too great; the greatest number is {MAX_QUANTITY:,}")
    return number, scale


def _number_range(text: str, low_text: str, high_text: str) -> tuple[int, int]:
    (low, low_scale), (high, high_scale) = _number(low_text), _number(high_text)
    if low_scale == 1 and low < low * high_scale <= high:
        raise ValueError(f"{text!r} may start at {low} or at {low * high_scale}; write both numbers in full")
    if low > high:
        raise ValueError(f"{text!r} ends before it starts; write the smaller number first")
    return low, high


def _quantity_candidates(text: str) -> Iterator[str]:
    """Give texts that may be what was meant; whoever asks reads them first."""
    tidy = re.sub("^ca?[.]? ?(?=[0-9])", "about ", _tidy(text))
    yield tidy
    number = re.sub(" (?:people|persons|men|women|children|times)$", "", tidy)
    yield number
    yield re.sub(",(?=[0-9]{1,2} )", ".", number)
    yield re.sub(" ?(?:[.]{2,3}|…) ?", "-", number)
    if re.fullmatch(r"[0-9]{1,3}([,.'_ ])(?:[0-9]{2,3}\1)+[0-9]{3}", number):
        yield re.sub("[^0-9]", "", number)
    for sign, word in (("k", "thousand"), ("mn?", "million"), ("bn", "billion")):
        yield re.sub(f"(?<=[0-9]) ?{sign}$", f" {word}", number)


# ---------------------------------------------------------------- terms

_LIFE = ("life", "life imprisonment", "life in prison", "life sentence")
_DEATH = ("death", "death penalty", "death sentence")

_UNITS = ("year", "month", "week", "day")
_COUNT = f"(?:[0-9]+|{_WORD})"
_PARTS = [f"{_COUNT} {unit}s?" for unit in _UNITS]
_LENGTH = "|".join(
    _PARTS[first] + "".join(f"(?:(?:,? and |,? ){part})?" for part in _PARTS[first + 1 :])
    for first in range(len(_PARTS))
)
_LENGTH_PART = f"({_COUNT}) ({'|'.join(_UNITS)})"
_LENGTH_END = f"(< ?|under |less than )?({_LENGTH})"
_LENGTH_BETWEEN = f"between ({_COUNT}|{_LENGTH}) and {_LENGTH_END}"
_LENGTH_TO = f"(?:from )?({_COUNT}|{_LENGTH})(?: ?- ?| to ){_LENGTH_END}"
_DURATION = "p(?:([0-9]+)y)?(?:([0-9]+)m)?(?:([0-9]+)w)?(?:([0-9]+)d)?"


class _Length(NamedTuple):
    """A length of time above zero: whole months, and days that make no whole months."""

    months: int
    days: int

    def least(self) -> int:
        """Give the months it is at least: no year has over 366 days and no month over 31."""
        years, days = divmod(self.days, 366)
        return self.months + 12 * years + days // 31

    def most(self) -> int:
        """Give the months it is at most: no year has under 365 days and no month under 28."""
        years, days = divmod(self.days, 365)
        return self.months + 12 * years + min(12, -(-days // 28))

    def size(self) -> int:
        """Give a number to compare lengths by: a month is 30.4375 days on average, 487 sixteenths."""
        return 487 * self.months + 16 * self.days


def _term(text: str) -> Term:
    lower = _lower(text)
    if lower in _LIFE:
        return Term(text, None, None, "life")
    if lower in _DEATH:
        return Term(text, None, None, "death")
    limit, rest = _split(re.sub(r"^([0-9]+)\+ (.*)", r"\1 \2+", lower))
    if re.fullmatch(_LENGTH, rest) or re.fullmatch(_DURATION, rest):
        length = _length(rest)
        least = length.least() if limit in ("", "about", "above", "from") else None
        most = length.most() if limit in ("", "about", "below", "near", "to") else None
        return Term(text, least, most, "length", limit in ("about", "near"))
    found = re.fullmatch(_LENGTH_BETWEEN, rest) or re.fullmatch(_LENGTH_TO, rest)
    if not found or limit not in ("", "about"):
        raise _WrongFormError(text)
    low, high = _length_range(text, *found.groups(""))
    return Term(text, low.least(), high.most(), "length", limit == "about")


def _length(text: str) -> _Length:
    """Read a length that has one of the two forms; it comes out above zero."""
    counts = dict.fromkeys(_UNITS, 0)
    if found := re.fullmatch(_DURATION, text):
        parts = [(count, unit) for count, unit in zip(found.groups(), _UNITS, strict=True) if count]
    else:
        parts = re.findall(_LENGTH_PART, text)
    if not parts:
        raise _WrongFormError(text)
    for count, unit in parts:
        if not (count.isdigit() or count in _WORDS or count in ("a", "an")):
            raise _WrongFormError(text)
        counts[unit] = int(count) if count.isdigit() else _WORDS.get(count, 1)
        if counts[unit] > MAX_TERM:
            raise ValueError(f"{count} {unit}s are too many; the greatest number is {MAX_TERM:,}")
    if not any(counts.values()):
        raise ValueError(f"{text!r} is no time at all; write a length above zero, or leave it out")
    return _Length(12 * counts["year"] + counts["month"], 7 * counts["week"] + counts["day"])


def _length_range(text: str, low_text: str, below: str, high_text: str) -> tuple[_Length, _Length]:
    if re.fullmatch(_COUNT, low_text):
        unit = re.fullmatch(f"(?:{_COUNT}) ([a-z]+)", high_text)
        if not unit or low_text in ("a", "an"):
            # "5-10 years 6 months" leaves open five of what.
            raise _WrongFormError(text)
        low_text = f"{low_text} {unit[1]}"
    low, high = _length(low_text), _length(high_text)
    if low.size() > high.size():
        raise ValueError(f"{text!r} ends before it starts; write the shorter length first")
    if below and low == high:
        raise ValueError(f"{text!r} leaves no length between the two")
    return low, high


def _term_candidates(text: str) -> Iterator[str]:
    """Give texts that may be what was meant; whoever asks reads them first."""
    tidy = _tidy(text)
    yield tidy
    length = re.sub("'? (?:in (?:prison|jail|custody)|(?:of )?imprisonment|behind bars)$", "", tidy)
    yield length
    length = re.sub("-(year|month|week|day)s?(?: (?:prison |jail )?(?:term|sentence))?$", r" \1s", length)
    yield length
    length = re.sub("(?<=[0-9])(?=[a-z])|(?<=[a-z])(?=[0-9])", " ", length)
    for short, unit in (
        ("y(?:rs?)?", "years"),
        ("m(?:o|os|ths?)?", "months"),
        ("wks?", "weeks"),
        ("d", "days"),
    ):
        length = re.sub(rf"\b{short}\b[.]?", unit, length)
    yield length
    if half := re.fullmatch("([0-9]+)[.]5 years", length):
        yield f"{12 * int(half[1]) + 6} months"
    if re.fullmatch(_COUNT, length):
        yield f"{length} years"
        yield f"{length} months"

"""Dates as reports give them: EDTF text kept as typed, with the days it can mean.

EDTF is the Extended Date/Time Format of the Library of Congress (4 February 2019), part of
ISO 8601-2:2019. Read here are levels 0 and 1, and from level 2 the set ``[a..b]``, "on one day within":

===========================  ====================================================================
``2017``                     a year; ``2017-05`` a month; ``2017-05-14`` a day
``2017-05~``                 approximate; ``?`` uncertain; ``%`` both; after any form down to seasons
``201X`` ``20XX``            a year of which only the decade or the century is known
``2017-05-XX``               a day not known; ``2017-XX`` a month, ``2017-XX-XX`` both not known
``2017-21`` … ``2017-24``    spring, summer, autumn, winter
``2017-05/2017-07``          it lasted: from one date to the other, each of any form above
``2017-05/`` ``2017-05/..``  an end not known, an end that is open; the same at the start
``[2017-05..2017-07]``       on one day within; plain dates only; one side may be missing
``2017-05-14T10:30:00Z``     a moment; ``Z``, ``+06:00``, ``-04`` may be missing
===========================  ====================================================================
"""

from __future__ import annotations

import calendar
import datetime
import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

MAX_LENGTH: Final = 100
"""The greatest number of characters that `parse` looks at."""

_MONTH = "(0[1-9]|1[0-2])"
_DAY = "(0[1-9]|[12][0-9]|3[01])"
_PLAIN = f"[0-9]{{4}}(-{_MONTH}(-{_DAY})?)?"
_POINT = f"([0-9]{{4}}(-({_MONTH}(-({_DAY}|XX))?|2[1-4]|XX(-XX)?))?|[0-9]{{3}}X|[0-9]{{2}}XX)[?~%]?"
_MOMENT = (
    f"[0-9]{{4}}-{_MONTH}-{_DAY}T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"
    "(Z|[+-](0[0-9]|1[0-4])(:[0-5][0-9])?)?"
)

EDTF_PATTERN: Final = (
    f"^({_POINT}(/({_POINT}|[.][.])?)?|([.][.])?/{_POINT}|{_MOMENT}"
    rf"|\[{_PLAIN}[.][.]({_PLAIN})?\]|\[[.][.]{_PLAIN}\])$"
)
"""Every text that `parse` reads, as a regular expression for ``sh:pattern``.

It uses only what XPath, XML Schema, SPARQL and Python understand alike. What it lets through and `parse`
does not: days and years that do not exist (``2017-02-30``, ``0000``) and ranges that end before they start.
"""

_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_SEASONS = ("21", "22", "23", "24")


@dataclass(frozen=True, slots=True)
class ReportedDate:
    """A date as typed, and the first and last day it can mean."""

    text: str
    earliest: datetime.date | None
    """Included; None where the start is open or not known."""
    latest: datetime.date | None
    """Included; None where the end is open or not known."""
    approximate: bool
    """True where ``?``, ``~`` or ``%`` is written; the bounds are those of the text without it."""


def parse(text: str) -> ReportedDate:
    """Read a date in EDTF; see the top of this module for the forms.

    Bounds are never narrower than what is written. A year is all of its days. So is a season: which
    months it covers depends on the hemisphere, which EDTF does not say; a winter that reaches over New
    Year is written as ``2017-12/2018-02``. A moment has the day that is written, whatever its offset.
    Ranges may start and end within each other (``2017-05-14/2017-05``); the end must not lie before the
    start. Nothing is stripped: blanks are the caller's affair.

    >>> parse("2017-05~")
    ReportedDate(text='2017-05~', earliest=datetime.date(2017, 5, 1), latest=datetime.date(2017, 5, 31), \
approximate=True)
    >>> parse("[..2016-02]").earliest is None, parse("[..2016-02]").latest.isoformat()
    (True, '2016-02-29')
    >>> parse("14 May 2017")
    Traceback (most recent call last):
    ValueError: '14 May 2017' is not a date; write 2017-05-14
    >>> parse("05/06/2017")
    Traceback (most recent call last):
    ValueError: '05/06/2017' is not a date; write 2017-06-05 or 2017-05-06, whichever is meant

    Raises:
        ValueError: any other form, a day that does not exist, or a year outside 0001 to 9999. The message
            says what was found and what would be right.
    """
    if not text:
        raise ValueError("the date is empty; write one such as 2017-05-14, or leave it out")
    if len(text) > MAX_LENGTH:
        raise ValueError(f"a date has at most {MAX_LENGTH} characters; this text has {len(text)}")
    try:
        earliest, latest, approximate = _read(text)
    except _WrongFormError as wrong:
        raise ValueError(_advice(text, wrong)) from None
    return ReportedDate(text, earliest, latest, approximate)


_Days = tuple[datetime.date | None, datetime.date | None, bool]
_OPEN: _Days = (None, None, False)


class _WrongFormError(ValueError):
    """`part` is not of a form that `read` takes."""

    def __init__(self, part: str, read: Callable[[str], _Days]) -> None:
        super().__init__(part)
        self.part = part
        self.read = read


def _read(text: str) -> _Days:
    if text.startswith("["):
        return _within(text)
    if "/" in text:
        return _lasting(text)
    if "T" in text:
        return _moment(text)
    return _point(text)


def _within(text: str) -> _Days:
    start, dots, end = text[1:-1].partition("..")
    if not (text.endswith("]") and dots and (start or end)):
        raise _WrongFormError(text, _read)
    first = _plain(start) if start else _OPEN
    last = _plain(end) if end else _OPEN
    return _between(first, last, text, f"[{end}..{start}]")


def _lasting(text: str) -> _Days:
    start, _, end = text.partition("/")
    if "/" in end or (start in ("", "..") and end in ("", "..")):
        raise _WrongFormError(text, _read)
    first = _OPEN if start in ("", "..") else _point(start)
    last = _OPEN if end in ("", "..") else _point(end)
    return _between(first, last, text, f"{end}/{start}")


def _between(first: _Days, last: _Days, text: str, swapped: str) -> _Days:
    earliest, latest = first[0], last[1]
    if earliest and latest and earliest > latest:
        raise ValueError(f"{text!r} ends before it starts; write {swapped} if the two are swapped")
    return earliest, latest, first[2] or last[2]


def _moment(text: str) -> _Days:
    if not re.fullmatch(_MOMENT, text):
        raise _WrongFormError(text, _read)
    return _plain(text[:10])


def _plain(text: str) -> _Days:
    found = re.fullmatch("([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?", text)
    if not found or found[2] in _SEASONS:
        raise _WrongFormError(text, _plain)
    return *_span(*found.groups()), False


def _point(text: str) -> _Days:
    found = re.fullmatch("([0-9]{4}|[0-9]{3}X|[0-9]{2}XX)(?:-([0-9]{2}|XX)(?:-([0-9]{2}|XX))?)?[?~%]?", text)
    if not found:
        raise _WrongFormError(text, _point)
    return *_span(*found.groups()), text[-1] in "?~%"


def _span(year: str, month: str | None, day: str | None) -> tuple[datetime.date, datetime.date]:
    start, end = int(year.replace("X", "0")), int(year.replace("X", "9"))
    if not start:
        raise ValueError(f"bad year {year}; years run from 0001 to 9999")
    if month and "X" in year:
        raise ValueError(f"bad month {month} in a year that is not known; write {year} alone")
    if month in _SEASONS and day:
        raise ValueError(f"bad day {day}; a season has no days: write {year}-{month}")
    if month == "XX" and day not in (None, "XX"):
        raise ValueError(f"bad day {day} in a month that is not known; write {year}-XX-XX")
    if month in (None, "XX", *_SEASONS):
        return datetime.date(start, 1, 1), datetime.date(end, 12, 31)
    return _days_of(start, str(month), day)


def _days_of(year: int, month: str, day: str | None) -> tuple[datetime.date, datetime.date]:
    number = int(month)
    if not 1 <= number <= 12:
        seasons = ", seasons from 21 to 24" if number > 20 else ""
        raise ValueError(f"bad month {month}; months run from 01 to 12{seasons}")
    last = calendar.monthrange(year, number)[1]
    if day in (None, "XX"):
        return datetime.date(year, number, 1), datetime.date(year, number, last)
    if not 1 <= int(str(day)) <= last:
        name = f"{_MONTHS[number - 1]} {year:04}"
        raise ValueError(f"bad day {day}; the days of {name} run from 01 to {last}")
    exact = datetime.date(year, number, int(str(day)))
    return exact, exact


def _advice(text: str, wrong: _WrongFormError) -> str:
    """Give the message for a text of a wrong form: what was found, and what was probably meant."""
    hint = ", with the digits 0 to 9 and in the Gregorian calendar" if _has_other_digits(text) else ""
    if meant := _meant(text, _read):
        return f"{text!r} is not a date{meant}{hint}"
    if wrong.part == text:
        return f"{_known_fault(text)}{hint}"
    part = f"{wrong.part!r} in {text!r} is not a date"
    if meant := _meant(wrong.part, wrong.read):
        return f"{part}{meant}{hint}"
    if wrong.read is _plain:
        return f"{part}; within brackets write 2017, 2017-05 or 2017-05-14{hint}"
    return f"{part}; on either side of / write 2017, 2017-05 or 2017-05-14, nothing or ..{hint}"


def _known_fault(text: str) -> str:
    tidy = _tidy(text)
    if re.fullmatch("[Yy]?[-+]?[0-9]{5,}.*|[-+][0-9]{4}.*", tidy):
        return f"{text!r} is out of reach; years have four digits and run from 0001 to 9999"
    if re.match("[0-9]?XXX", tidy):
        return f"{text!r} says too little; write the century as 20XX, or leave the date out"
    if re.search("[0-9]", tidy) and not re.search("[0-9]{3}[0-9X]|[0-9]{2}XX", tidy):
        return f"{text!r} is not a date; the year needs four digits, as in 2017-05-14"
    return (
        f"{text!r} is not a date; write it as 2017, 2017-05 or 2017-05-14, with ~ after it for about; "
        "2017/2018 if it lasted, [2017..2018] for one day within"
    )


def _meant(text: str, read: Callable[[str], _Days]) -> str:
    """Give what can be meant, as the end of a message; nothing where that cannot be told."""
    right, faults = [], []
    for candidate in dict.fromkeys(_candidates(text)):
        try:
            read(candidate)
        except _WrongFormError:
            continue
        except ValueError as fault:
            faults.append(f", nor is {candidate}: {fault}")
        else:
            right.append(candidate)
    if not right:
        return faults[0] if faults else ""
    if len(right) == 2 and "/" in right[0]:
        return f"; write {right[0]} if it lasted, {right[1]} if it was one day within"
    return f"; write {' or '.join(right)}" + (", whichever is meant" if len(right) > 1 else "")


def _has_other_digits(text: str) -> bool:
    return any(letter.isdecimal() and not letter.isascii() for letter in text)


def _tidy(text: str) -> str:
    """Give the text with ASCII digits and hyphens, and with single blanks."""
    digits = "".join(str(unicodedata.decimal(letter, letter)) for letter in text)
    return " ".join(re.sub("[‐‑‒–—−]", "-", digits).split())


def _candidates(text: str) -> Iterator[str]:
    """Give texts that may be what was meant; many are no dates: whoever asks reads them first."""
    tidy = _tidy(text)
    yield tidy
    yield tidy.replace(" ", "").upper().replace("U", "X")
    yield from _moments(tidy)
    yield from _ranges(tidy)
    about = re.match(r"(?:about|around|approximately|circa|ca?\.?(?=[ 0-9])) ?", tidy, re.IGNORECASE)
    rest = re.sub(" ?[?~%] ?", "", tidy[about.end() :] if about else tidy)
    doubtful, approximate = set(tidy) & set("?%"), about or set(tidy) & set("~%")
    mark = "%" if doubtful and approximate else "?" if doubtful else "~" if approximate else ""
    for candidate in (rest, *_reordered(rest), *_named(rest)):
        # A mark belongs to one end of an interval, and nobody can tell to which.
        if not (mark and "/" in candidate):
            yield candidate + mark


def _moments(text: str) -> Iterator[str]:
    zone = "Z|[+-][0-9]{2}:[0-9]{2}"
    day = re.match(f"([0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}})([T ][0-9]{{1,2}}:[^/]*|{zone})$", text, re.IGNORECASE)
    if not day:
        return
    moment = text.upper().replace(" ", "T", 1).replace(" ", "")
    yield moment
    if moment == text or not re.fullmatch(_MOMENT, moment):
        yield day[1]


def _ranges(text: str) -> Iterator[str]:
    """Give the readings of two dates joined by a word or a sign: it lasted, or it was one day within."""
    date = "[0-9]{4}(?:-[0-9]{2}){0,2}"
    joint = "(?: ?(?:-|/|[.]{2,3}|…) ?| to | until | and )"
    if found := re.fullmatch(rf"(?:from |between )?(\[?)({date}){joint}({date})\]?", text, re.IGNORECASE):
        if not found[1]:
            yield f"{found[2]}/{found[3]}"
        yield f"[{found[2]}..{found[3]}]"
    if text.startswith("..") or text.endswith(".."):
        start, _, end = text.partition("..")
        yield f"{start or '..'}/{end or '..'}"
        yield f"[{text}]"
    start, slash, end = text.lower().partition("/")
    if slash:
        words = {"unknown": "", "open": "..", "now": "..", "present": ".."}
        yield f"{words.get(start, start)}/{words.get(end, end)}"


def _reordered(text: str) -> Iterator[str]:
    """Give the readings of a date in digits; of day and month first both, for nobody can tell."""
    if found := re.fullmatch("([0-9]{4})([0-9]{2})([0-9]{2})", text):
        yield "-".join(found.groups())
    if found := re.fullmatch("([0-9]{4}) ?[-/. ] ?([0-9]{1,2})(?: ?[-/. ] ?([0-9]{1,2}))?[.]?", text):
        yield "-".join(number.zfill(2) for number in found.groups() if number)
    if found := re.fullmatch("([0-9]{1,2}) ?[-/. ] ?([0-9]{4})", text):
        yield f"{found[2]}-{found[1]:0>2}"
    if found := re.fullmatch("([0-9]{1,2}) ?[-/. ] ?([0-9]{1,2}) ?[-/. ] ?([0-9]{4})[.]?", text):
        yield f"{found[3]}-{found[2]:0>2}-{found[1]:0>2}"
        yield f"{found[3]}-{found[1]:0>2}-{found[2]:0>2}"
    if found := re.fullmatch("([0-9]{4}-[0-9]{2})-(?:[0-9][Xx]|[Xx][0-9])", text):
        yield f"{found[1]}-XX"
    if found := re.fullmatch("([0-9]{3})0['’]?s", text):
        yield f"{found[1]}X"
    if found := re.fullmatch("([0-9]{2})00['’]?s", text):
        yield f"{found[1]}XX"


def _named(text: str) -> Iterator[str]:
    """Give the date that is written with the English name of a month, such as ``May 14th, 2017``."""
    words = re.findall("[0-9]+|[a-z]+", text.lower())
    numbers = [word for word in words if word.isdigit()]
    names = [
        word for word in words if not word.isdigit() and word not in ("st", "nd", "rd", "th", "of", "the")
    ]
    years = [number for number in numbers if len(number) == 4]
    days = [number.zfill(2) for number in numbers if len(number) <= 2]
    if len(names) != 1 or len(names[0]) < 3 or len(years) != 1 or len(numbers) != len(days) + 1:
        return
    name = "sep" if names[0] == "sept" else names[0]
    for number, month in enumerate(_MONTHS, 1):
        if month.lower().startswith(name):
            yield "-".join([years[0], f"{number:02}", *days])

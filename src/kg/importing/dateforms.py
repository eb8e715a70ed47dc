"""How foreign tables write dates, read as EDTF: ``D/M/Y``, ``Month D, Y``, ``Y年M月D日``."""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from kg import dates

EDTF: Final = "edtf"
"""The form of dates that are written in EDTF already."""
SERIAL: Final = "serial"
"""The form of days that a spreadsheet has made numbers: 43101 is 2018-01-01."""
MAX_TEXT: Final = 100
"""Characters of the longest text that is read as a date."""

MONTHS: Final = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_TOKENS = {
    "YYYY": r"(?P<year>[0-9]{4})",
    "Y": r"(?P<year>[0-9]{4})",
    "YY": r"(?P<short>[0-9]{2})",
    "MM": r"(?P<month>[0-9]{2})",
    "M": r"(?P<month>[0-9]{1,2})",
    "DD": r"(?P<day>[0-9]{2})",
    "D": r"(?P<day>[0-9]{1,2})",
    "Month": r"(?P<name>[^\W\d_]{3,12}\.?)",
}
_RUN = re.compile(r"[A-Za-z]+|[^A-Za-z]+")
_PACKED = re.compile(r"(?:YYYY|YY|MM|DD){2,}")
_FIRST_SERIAL, _LAST_SERIAL = 1, 2_958_465  # 1900-01-01 and 9999-12-31
_LEAP_BUG = 60  # a 29 February 1900, which never was


@dataclass(frozen=True, slots=True)
class Form:
    """One way of writing a date; `result` says what becomes of it, with ``$`` for the date.

    In the text of a form, runs of letters that are ``Y``, ``YY``, ``M``, ``MM``, ``D``, ``DD`` or ``Month``
    stand for year, month and day; all else stands for itself, case aside. ``YYYYMMDD`` has no separators.
    """

    text: str
    result: str
    _regex: re.Pattern[str] = field(repr=False, compare=False)

    @classmethod
    def of(cls, text: str, result: str = "$") -> Form:
        """Give the form written as `text`.

        Raises:
            ValueError: it holds no year, a day without a month, something twice, or `result` has no ``$``.
        """
        if "$" not in result:
            raise ValueError(f"{result!r} has no place for the date; write $ where it stands, such as $~")
        if text in (EDTF, SERIAL):
            return cls(text, result, re.compile("[0-9]+" if text == SERIAL else ".*", re.DOTALL))
        pattern = "".join(_run(run) for run in _RUN.findall(text))
        try:
            regex = re.compile(pattern, re.IGNORECASE)
        except re.error:
            raise ValueError(
                f"{text!r} has a year, a month or a day twice; for ranges write lasting:"
            ) from None
        names = set(regex.groupindex)
        if len(names & {"year", "short"}) != 1:
            raise ValueError(f"{text!r} has not one year; write forms such as D/M/Y, Month Y, Y-M-D or Y")
        if {"month", "name"} <= names or ("day" in names and not names & {"month", "name"}):
            raise ValueError(f"{text!r} has not one month; write forms such as D/M/Y or Month D, Y")
        return cls(text, result, regex)

    @property
    def has_short_year(self) -> bool:
        """Tell whether the year has two digits only."""
        return "short" in self._regex.groupindex

    def read(self, text: str, century: range | None) -> str | None:
        """Give the date in EDTF, not yet checked against the calendar; None if `text` has another form."""
        found = self._regex.fullmatch(text)
        if found is None:
            return None
        if self.text == EDTF:
            date: str | None = text if _is_edtf(text) else None
        elif self.text == SERIAL:
            date = _from_serial(int(text)) if len(text) <= 7 else None
        else:
            date = _from_parts(found.groupdict(), century)
        return None if date is None else self.result.replace("$", date)


def read_date(text: str, forms: Sequence[Form], century: range | None = None) -> str:
    """Give the one date in EDTF that `text` is by `forms`.

    `century` holds the years that a year of two digits can mean: ``range(1930, 2030)``.

    Raises:
        ValueError: no form fits, two give different dates, or the day is none of the calendar.
    """
    if len(text) > MAX_TEXT:
        raise ValueError(f"this is no date: it has {len(text):,} characters")
    found = {date: form for form in forms if (date := form.read(text, century)) is not None}
    known = {date: form for date, form in found.items() if _is_edtf(date)}
    if len(known) == 1:
        return next(iter(known))
    if known:
        choices = ", ".join(f"{date} as {form.text}" for date, form in known.items())
        raise ValueError(f"{text!r} can be {choices}")
    listed = ", ".join(form.text for form in forms)
    if not found:
        raise ValueError(f"{text!r} has none of the forms {listed}")
    try:
        dates.parse(next(iter(found)))
    except ValueError as error:
        raise ValueError(f"{text!r} is no date: {error}") from None
    raise AssertionError(text)


def near_date(text: str) -> str | None:
    """Give what an impossible or mistyped date says for sure, as far as that can be told: its month or year.

    >>> near_date("1954-02-29"), near_date("1952-08021"), near_date("31/02/2017"), near_date("soon")
    ('1954-02', '1952-08', '2017-02', None)
    """
    year_first = re.match(r"(?P<year>[12][0-9]{3})[-/.年](?P<month>[0-9]{2})", text)
    year_last = re.fullmatch(r"[0-9]{1,2}[-/.](?P<month>[0-9]{1,2})[-/.](?P<year>[12][0-9]{3})", text)
    if found := year_first or year_last:
        known = 1 <= int(found["month"]) <= 12
        return f"{found['year']}-{found['month']:0>2}" if known else found["year"]
    years = re.findall(r"(?<![0-9])[12][0-9]{3}(?![0-9])", text)
    return years[0] if len(years) == 1 else None


def _run(run: str) -> str:
    if run in _TOKENS:
        return _TOKENS[run] + ("(?:st|nd|rd|th)?" if run == "D" else "")
    if _PACKED.fullmatch(run):
        return "".join(_TOKENS[token] for token in re.findall("YYYY|YY|MM|DD", run))
    return re.escape(run)


def _from_parts(parts: dict[str, str | None], century: range | None) -> str | None:
    year = parts.get("year") or _full_year(parts.get("short") or "", century)
    month = parts.get("month") or ""
    if name := parts.get("name"):
        month = _month_number(name)
    if not year or (name and not month):
        return None
    day = parts.get("day") or ""
    return "-".join([year, *(part.zfill(2) for part in (month, day) if part)])


def _full_year(short: str, century: range | None) -> str:
    if century is None:
        return ""
    return next((str(year) for year in century if year % 100 == int(short)), "")


def _month_number(name: str) -> str:
    """Give the number of a month by its English name, or three or more letters of it; '' if it is none."""
    letters = name.rstrip(".").lower()
    letters = "sep" if letters == "sept" else letters
    found = [number for number, month in enumerate(MONTHS, 1) if month.startswith(letters)]
    if len(found) != 1 or (letters != MONTHS[found[0] - 1] and len(letters) != 3):
        return ""
    return f"{found[0]:02}"


def _from_serial(number: int) -> str | None:
    if not _FIRST_SERIAL <= number <= _LAST_SERIAL or number == _LEAP_BUG:
        return None
    day = datetime.date(1899, 12, 30) + datetime.timedelta(days=number + (number < _LEAP_BUG))
    return day.isoformat()


def _is_edtf(text: str) -> bool:
    try:
        dates.parse(text)
    except ValueError:
        return False
    return True

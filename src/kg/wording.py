"""How places and withdrawals read in a sentence, the same in every output."""

from __future__ import annotations

from kg import dates
from kg.model import Assertion, Evidence, Withdrawal


def place(evidence: Evidence) -> str:
    """Give where in a report something is said."""
    if evidence.record:
        return f"record {evidence.record}"
    if evidence.row:
        sheet = f", sheet {evidence.sheet}" if evidence.sheet else ""
        column = f", column {evidence.column}" if evidence.column else ""
        return f"{evidence.file or 'a table'}{sheet}, row {evidence.row}{column}"
    return f"characters {evidence.start} to {evidence.end}" if evidence.digest else ""


def withdrawal(withdrawn: Withdrawal) -> str:
    """Give when, why and by whom something was withdrawn."""
    reason = f", {withdrawn.reason.replace('-', ' ')}" if withdrawn.reason else ""
    return f"on {date(withdrawn.date)}{reason}{f', by {withdrawn.by}' if withdrawn.by else ''}"


def review(assertion: Assertion) -> str:
    """Give which program proposed an assertion and who accepted it; empty for any other."""
    if assertion.method != "extracted":
        return ""
    engine = f" by {assertion.engine}" if assertion.engine else " by a program"
    return f"proposed{engine}{f', accepted by {assertion.reviewer}' if assertion.reviewer else ''}"


_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_SEASONS = {"21": "spring", "22": "summer", "23": "autumn", "24": "winter"}
_MARKS = {"?": "perhaps ", "~": "about ", "%": "perhaps about "}


def date(text: str) -> str:
    """Give a date as people write it; what is no date of `kg.dates` stays as it is.

    >>> date("2017-05~"), date("[2017-01-01..2017-08]")
    ('about May 2017', 'on a day from 1 January 2017 to August 2017')
    >>> date("2016/2017-05-XX"), date("2017-05-14/..")
    ('from 2016 to a day in May 2017', 'from 14 May 2017 to no known end')
    """
    try:
        dates.parse(text)
    except ValueError:
        return text
    if text.startswith("["):
        first, _, last = text[1:-1].partition("..")
        if first and last:
            return f"on a day from {_point(first)} to {_point(last)}"
        return f"on a day from {_point(first)} on" if first else f"on a day up to {_point(last)}"
    if "/" in text:
        first, _, last = text.partition("/")
        start = "no known start" if first in ("", "..") else _point(first)
        return f"from {start} to {'no known end' if last in ('', '..') else _point(last)}"
    return _point(text)


def _point(text: str) -> str:
    mark, plain = ("", text) if text[-1] not in _MARKS else (_MARKS[text[-1]], text[:-1])
    if "T" in plain:
        day, _, time = plain.partition("T")
        return f"{_point(day)}, {time}"
    year, month, day = (*plain.split("-"), "", "")[:3]
    if year.endswith("XX"):
        return f"{mark}a year from {year[:2]}00 to {year[:2]}99"
    if year.endswith("X"):
        return f"{mark}the {year[:3]}0s"
    if not month or month == "XX":
        return f"{mark}{'a day in ' if day else 'a month of ' if month else ''}{int(year)}"
    if month in _SEASONS:
        return f"{mark}{_SEASONS[month]} {int(year)}"
    name = f"{_MONTHS[int(month) - 1]} {int(year)}"
    return f"{mark}{'a day in ' if day == 'XX' else f'{int(day)} ' if day else ''}{name}"

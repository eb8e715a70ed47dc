"""Dates in English text: where they stand and which day, month or year they mean.

What is given only in part is worked out from the day of publication: the last such day that is not after it.
"""

from __future__ import annotations

import calendar
import datetime
import re
from dataclasses import dataclass, replace
from functools import cache

from kg.extract.languages.en.lexicon import _table, _tagged, _words


@dataclass(frozen=True, slots=True)
class Date:
    """A date in the text; `start` and `end` are code points, the end excluded."""

    start: int
    end: int
    text: str
    edtf: str
    how: str
    """`written`, `year`, `relative` or `story`."""
    future: bool = False
    since: bool = False
    """Whether it is the start of a time that goes on: "since May"."""
    shift: int | None = None
    """For "the same day" and the like: days from the event told before."""


@dataclass(frozen=True, slots=True)
class _Words:
    pattern: re.Pattern[str]
    months: dict[str, int]
    weekdays: dict[str, int]
    seasons: dict[str, str]
    numbers: dict[str, int]


@cache
def _vocabulary() -> _Words:
    table = _table("times")
    months = {word: index + 1 for index, word in enumerate(_words(table["months"]))}
    short = dict(
        zip(
            ("jan", "feb", "mar", "apr", "jun", "jul", "aug", "sept", "sep", "oct", "nov", "dec"),
            (1, 2, 3, 4, 6, 7, 8, 9, 9, 10, 11, 12),
            strict=True,
        )
    )
    for word in _words(table["short_months"]):
        months[word] = short[word.rstrip(".")]
    weekdays = {word: index for index, word in enumerate(_words(table["weekdays"]))}
    for word in _words(table["short_weekdays"]):
        weekdays[word] = next(day for name, day in weekdays.items() if name.startswith(word.rstrip(".")))
    seasons = _tagged(table["seasons"])
    numbers = {word: int(tag) for word, tag in _tagged(table["numbers"]).items()}
    month = "|".join(re.escape(word) for word in sorted(months, key=len, reverse=True))
    day_name = "|".join(re.escape(word) for word in sorted(weekdays, key=len, reverse=True))
    number = "|".join(sorted(numbers, key=len, reverse=True))
    part = "|".join(_words(table["parts_of_day"]))
    day = r"(?:0?[1-9]|[12][0-9]|3[01])(?:st|nd|rd|th)?"
    year = r"(?:1[89]|20)[0-9]{2}"
    recently = "|".join(sorted(_words(table["recently"]), key=len, reverse=True))
    pattern = rf"""
      (?P<iso>\b(?:19|20)[0-9]{{2}}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])\b)
    | (?P<between>\b(?:between|from)[ ](?P<y1>{year})[ ](?:and|to|until)[ ](?P<y2>{year})\b)
    | (?P<dmy>\b(?P<d1>{day})(?:[ ]of)?[ ](?P<m1>{month})(?!\w)(?:,?[ ](?P<yd1>{year}|this[ ]year
        |last[ ]year|the[ ]same[ ]year)\b)?)
    | (?P<mdy>\b(?P<m2>{month})[ ](?:the[ ])?(?P<d2>{day})\b(?![,.]?[0-9])(?:(?:,
        |[ ]of)?[ ](?P<yd2>{year}|this[ ]year|last[ ]year|the[ ]same[ ]year)\b)?)
    | (?P<vague>\b(?P<v>early|mid|late|the[ ]beginning[ ]of|the[ ]start[ ]of|the[ ]end[ ]of
        |the[ ]middle[ ]of)[ -](?:in[ ])?(?:(?P<vm>{month})(?!\w)(?:,?[ ](?P<vmy>{year}|this[ ]year
        |last[ ]year)\b)?|(?P<vy>{year})\b|(?P<vr>this[ ]year|last[ ]year|the[ ]year|the[ ]month
        |this[ ]month|last[ ]month)))
    | (?P<my>\b(?P<m3>{month})(?!\w),?[ ](?P<y3>{year}|of[ ]last[ ]year|last[ ]year|this[ ]year
        |of[ ]this[ ]year|the[ ]same[ ]year|of[ ]the[ ]same[ ]year)\b)
    | (?P<season>\b(?P<s>spring|summer|autumn|fall|winter)[ ](?:of[ ])?(?P<ys>{year}|last[ ]year)\b)
    | (?P<lastmonth>\b(?P<lmq>last|this|next)[ ](?P<lm>{month})(?!\w))
    | (?P<weekday>\b(?:(?P<wq>last|this|next|the[ ]previous
        |the[ ]following)[ ])?(?P<w>{day_name})(?!\w)(?P<wl>[ ]last[ ]week)?)
    | (?P<ago>\b(?:(?P<vagueago>about|around|nearly|almost|more[ ]than|over|some)[ ])?(?P<an>{number}
        |[0-9]{{1,3}}|several|a[ ]few|a[ ]couple[ ]of)[ ](?P<au>day|week|month|year
        |decade)s?[ ](?P<aw>ago|earlier|later|before|after[ ](?=that|his[ ]|her[ ]|their[ ])))
    | (?P<relative>\b(?P<rq>last|this|next|the[ ]past|the[ ]last|the[ ]same|the[ ]following|the[ ]next
        |the[ ]previous|that|earlier[ ]this|earlier[ ]that|later[ ]this|later[ ]that|later[ ]the[ ]same
        |the[ ]current)[ ](?P<rn>[0-9]{{1,2}}[ ]|{number}[ ])?(?P<ru>day|night|morning|evening
        |afternoon|weekend|week|month|year|summer|spring|autumn|winter)s?\b)
    | (?P<today>\b(?:yesterday|today|tonight|tomorrow|overnight)\b)
    | (?P<recently>\b(?:{recently})\b)
    | (?P<month>\b(?:in|since|until|by|during|before|after|from|last|and|of
        |to)[ ](?:the[ ]month[ ]of[ ])?(?P<m4>{month})(?!\w)(?!\.?,?[ ](?:of[ ])?(?:(?:last|this
        |the[ ]same)[ ]year|[0-9])))
    | (?P<year>\b(?:in|since|until|by|during|before|after|from|of|early
        |late)[ ](?:the[ ]year[ ])?(?P<y4>{year})\b(?!['’]s))
    """
    return _Words(
        re.compile(pattern.replace("PART", part), re.VERBOSE | re.IGNORECASE),
        months,
        weekdays,
        seasons,
        numbers,
    )


class Clock:
    """Works dates out for one text, sentence by sentence in the order of the text.

    >>> clock = Clock(datetime.date(2017, 8, 1))
    >>> [date.edtf for date in clock.dates("On July 28, in mid-May and last month", 0)]
    ['2017-07-28', '2017-05~', '2017-07']
    """

    def __init__(self, published: datetime.date | None) -> None:
        """Start with the day of publication; without one, only full dates are worked out."""
        self.published = published
        self.last: str | None = None
        self._last_day: str | None = None
        self._age = 0  # paragraphs since the last date

    def turn(self) -> None:
        """Begin a new paragraph: after two without a date, the year last named says nothing any more."""
        self._age += 1

    def dates(self, text: str, offset: int) -> list[Date]:
        """Give the dates in `text`, which begins at `offset`."""
        found: list[Date] = []
        plain = _NO_MONTH.sub(lambda word: "-" * len(word[0]), text)
        for match in _range().finditer(plain):
            days = self._days(match, text, offset)
            if days is not None:
                found.append(days)
                plain = plain[: match.start()] + "-" * len(match[0]) + plain[match.end() :]
        for match in _vocabulary().pattern.finditer(plain):
            read = self._read(match, text)
            if read is None:
                continue
            edtf, how, future, cut = read
            start = match.start() + cut
            before = text[max(0, match.start() - 16) : start].lower()
            if _BESIDE_EVENT.search(before) and re.match(r" [a-z]{4,}", text[match.end() : match.end() + 5]):
                continue  # "ahead of the November 7 elections"
            future = (
                future
                or bool(re.search(r"\b(?:until|till) (?:at least |the |around )*$", before))
                or match[0].lower().startswith("until")
            )
            since = bool(re.search(r"\bsince(?: the| around| about| at least)? ?$", before)) or match[
                0
            ].lower().startswith("since")
            shift = (
                self._shift(edtf)
                if (how == "story" and match["relative"])
                or (how == "story" and match["ago"] and match["au"].lower() in ("day", "week"))
                else None
            )
            date = Date(
                offset + start,
                offset + match.end(),
                text[start : match.end()],
                edtf,
                how,
                future,
                since,
                shift,
            )
            if found and how == "written" and found[-1].how == "year":
                found[-1] = _same_year(found[-1], date)
            if found and self._joins(text, found[-1], date, offset):
                first = found.pop()
                date = replace(
                    date,
                    start=first.start,
                    text=text[first.start - offset : match.end()],
                    edtf=f"{first.edtf}/{date.edtf}",
                )
            found.append(date)
            if not future and re.match(r"[0-9]{4}", edtf) and match.lastgroup != "recently":
                self.last = edtf
                self._age = 0
                if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", edtf):
                    self._last_day = edtf
        return sorted(found, key=lambda date: date.start)

    def _days(self, match: re.Match[str], text: str, offset: int) -> Date | None:
        """Read "between October 13 and 15, 2021" and "from 3 to 5 May"."""
        month = match["m"] or match["n"]
        first = self._day(match["a"] or match["c"], month, match["y"])
        second = self._day(match["b"] or match["d"], month, match["y"])
        if first is None or second is None or not first[0] < second[0] or second[2]:
            return None
        start = match.start("s")
        edtf = f"{first[0]}/{second[0]}"
        return Date(offset + start, offset + match.end(), text[start : match.end()], edtf, first[1])

    def _joins(self, text: str, first: Date, second: Date, offset: int) -> bool:
        """Whether two dates are one time: "between 28 January and 1 February"."""
        between = text[first.end - offset : second.start - offset]
        before = text[max(0, first.start - offset - 8) : first.start - offset].lower()
        plain = "/" not in first.edtf + second.edtf and "~" not in first.edtf + second.edtf
        return (
            plain
            and first.edtf < second.edtf
            and between in (" and ", " to ", " until ")
            and before.endswith(("between ", "from "))
        )

    def _read(self, match: re.Match[str], text: str) -> tuple[str, str, bool, int] | None:
        kind = next(name for name in _KINDS if match[name] is not None)
        reader = self._year_ if kind == "year" else getattr(self, "_" + kind)
        read: tuple[str, str, bool] | None = reader(match)
        if read is None:
            return None
        cut = 0
        if kind in ("month", "year"):
            cut = match[0].rindex(match["m4"] or match["y4"])
            if kind == "month" and match["m4"] in ("March", "May") and match[0].split()[0].lower() == "to":
                return None
            if kind == "month" and match["m4"].lower() in ("may", "march") and not match["m4"][0].isupper():
                return None
        return (*read, cut)

    # ------------------------------------------------------------ forms

    def _iso(self, match: re.Match[str]) -> tuple[str, str, bool] | None:
        return match["iso"], "written", False

    def _between(self, match: re.Match[str]) -> tuple[str, str, bool] | None:
        return f"{match['y1']}/{match['y2']}", "written", False

    def _dmy(self, match: re.Match[str]) -> tuple[str, str, bool] | None:
        return self._day(match["d1"], match["m1"], match["yd1"])

    def _mdy(self, match: re.Match[str]) -> tuple[str, str, bool] | None:
        if match["m2"].islower() and match["m2"] in ("may", "march"):
            return None
        return self._day(match["d2"], match["m2"], match["yd2"])

    def _day(self, day: str, month: str, year: str | None) -> tuple[str, str, bool] | None:
        number = int(re.sub(r"\D", "", day))
        month_number = _vocabulary().months[month.lower()]
        found = self._year(year, month_number, number)
        if found is None:
            return None
        try:
            date = datetime.date(found[0], month_number, number)
        except ValueError:
            return None
        future = self.published is not None and date > self.published
        return date.isoformat(), found[1], future

    def _year(self, year: str | None, month: int, day: int = 0) -> tuple[int, str] | None:
        """Give the year that is meant, and how it was found."""
        if year and year.isdigit():
            return int(year), "written"
        if self.published is None:
            return None
        if year and "last" in year:
            return self.published.year - 1, "relative"
        if year and "this" in year:
            return self.published.year, "relative"
        context = int(self.last[:4]) if self.last and self.last[:4].isdigit() and self._age < 2 else None
        if year and "same" in year and context:
            return context, "story"
        if context and context < self.published.year - 1 and self.last and len(self.last) >= 7:
            return context + (month < int(self.last[5:7])) if self.last[5:7].isdigit() else context, "story"
        passed = (month, day or 1) <= (self.published.month, self.published.day)
        return self.published.year - (not passed), "year"

    def _my(self, match: re.Match[str]) -> tuple[str, str, bool] | None:
        month = _vocabulary().months[match["m3"].lower()]
        found = self._year(match["y3"], month)
        return found and (f"{found[0]:04}-{month:02}", found[1], self._later(found[0], month))

    def _month(self, match: re.Match[str]) -> tuple[str, str, bool] | None:
        month = _vocabulary().months[match["m4"].lower()]
        if not match["m4"][0].isupper():
            return None
        found = self._year(None, month)
        return found and (f"{found[0]:04}-{month:02}", found[1], False)

    def _lastmonth(self, match: re.Match[str]) -> tuple[str, str, bool] | None:
        month = _vocabulary().months[match["lm"].lower()]
        if self.published is None or not match["lm"][0].isupper():
            return None
        if match["lmq"].lower() == "next":
            return f"{self.published.year + (month <= self.published.month):04}-{month:02}", "relative", True
        year = self.published.year - (month >= self.published.month)
        if match["lmq"].lower() == "this":
            year = self.published.year
        return f"{year:04}-{month:02}", "relative", self._later(year, month)

    def _vague(self, match: re.Match[str]) -> tuple[str, str, bool] | None:
        if match["vm"]:
            if match["vm"].lower() in ("may", "march") and match["vm"].islower():
                return None
            month = _vocabulary().months[match["vm"].lower()]
            found = self._year(match["vmy"], month)
            return found and (f"{found[0]:04}-{month:02}~", "relative", self._later(found[0], month))
        if match["vy"]:
            return f"{match['vy']}~", "written", False
        if self.published is None:
            return None
        which = match["vr"].lower()
        if which in ("the year", "this year") and match["v"].lower() in ("the start of", "the beginning of"):
            return f"{self.published.year:04}-01-01", "relative", False
        if "year" in which:
            return f"{self.published.year - ('last' in which):04}~", "relative", False
        return self._shifted_month(-1 if "last" in which else 0) + "~", "relative", False

    def _season(self, match: re.Match[str]) -> tuple[str, str, bool] | None:
        year = self._year(match["ys"], 1)
        return year and (f"{year[0]:04}-{_vocabulary().seasons[match['s'].lower()]}", year[1], False)

    def _weekday(self, match: re.Match[str]) -> tuple[str, str, bool] | None:
        if (
            self.published is None
            or not match["w"][0].isupper()
            or (len(match["w"]) < 5 and match["w"].lower() in ("sun.", "sat."))
        ):
            return None
        which = (match["wq"] or "").lower()
        weekday = _vocabulary().weekdays[match["w"].lower()]
        back = (self.published.weekday() - weekday) % 7
        if which in ("next", "the following"):
            return (
                (
                    self.published + datetime.timedelta((weekday - self.published.weekday()) % 7 or 7)
                ).isoformat(),
                "relative",
                True,
            )
        if which == "last" and back == 0:
            back = 7
        if match["wl"]:
            back = self.published.weekday() + 7 - weekday
        return (self.published - datetime.timedelta(back)).isoformat(), "relative", False

    def _ago(self, match: re.Match[str]) -> tuple[str, str, bool] | None:
        word = match["aw"].lower()
        amount = match["an"].lower()
        vague = bool(match["vagueago"]) or amount in ("several", "a few", "a couple of")
        number = (
            2
            if vague and not amount.isdigit() and amount not in _vocabulary().numbers
            else int(amount)
            if amount.isdigit()
            else _vocabulary().numbers[amount]
        )
        base = self.published
        how = "relative"
        if word != "ago":
            base, how = self._story(), "story"
        if base is None:
            return None
        sign = 1 if word.startswith(("later", "after")) else -1
        unit = match["au"].lower()
        try:
            if unit == "day":
                return (
                    (base + datetime.timedelta(sign * number)).isoformat() + ("~" if vague else ""),
                    how,
                    False,
                )
            if unit == "week":
                day = base + datetime.timedelta(sign * number * 7)
                return day.isoformat()[:7] + "~" if vague else day.isoformat() + "~", how, False
            if unit == "month":
                return self._shifted_month(sign * number, base) + "~", how, False
            return f"{base.year + sign * number * (10 if unit == 'decade' else 1):04}~", how, False
        except (OverflowError, ValueError):
            return None

    def _relative(self, match: re.Match[str]) -> tuple[str, str, bool] | None:
        which, unit = match["rq"].lower(), match["ru"].lower()
        if match["rn"] and which not in ("the past", "the last", "last", "this"):
            return None
        if which in (
            "the same",
            "the following",
            "the next",
            "the previous",
            "that",
            "earlier that",
            "later that",
            "later the same",
        ):
            return self._in_story(which, unit)
        if self.published is None:
            return None
        if match["rn"] or which in ("the past", "the last"):
            return None
        if which == "next":
            return self.published.isoformat(), "relative", True
        if unit in ("day", "night", "morning", "evening", "afternoon"):
            back = 1 if which == "last" else 0
            return (
                (self.published - datetime.timedelta(back)).isoformat(),
                "relative",
                which.startswith("later"),
            )
        if unit == "year":
            return f"{self.published.year - (which == 'last'):04}", "relative", False
        if unit == "month":
            return self._shifted_month(-1 if which == "last" else 0), "relative", which.startswith("later")
        if unit in ("week", "weekend"):
            return self._week(which, unit)
        season = {"spring": "21", "summer": "22", "autumn": "23", "winter": "24"}[unit]
        return f"{self.published.year - (which == 'last'):04}-{season}", "relative", False

    def _week(self, which: str, unit: str) -> tuple[str, str, bool] | None:
        assert self.published is not None  # noqa: S101 - the caller has asked
        monday = self.published - datetime.timedelta(self.published.weekday())
        if unit == "weekend":
            saturday = monday - datetime.timedelta(2)
            return (
                f"{saturday.isoformat()}/{(saturday + datetime.timedelta(1)).isoformat()}",
                "relative",
                False,
            )
        if which == "last":
            monday -= datetime.timedelta(7)
            return f"{monday.isoformat()}/{(monday + datetime.timedelta(6)).isoformat()}", "relative", False
        return f"{monday.isoformat()}/{self.published.isoformat()}", "relative", which.startswith("later")

    def _in_story(self, which: str, unit: str) -> tuple[str, str, bool] | None:
        """Work out "the same day", "the next day" from the last date before it."""
        if self.last is None:
            return None
        if unit == "year" and self.last[:4].isdigit():
            shift = {"the following": 1, "the next": 1, "the previous": -1}.get(which, 0)
            return f"{int(self.last[:4]) + shift:04}", "story", False
        if unit == "month" and re.match(r"[0-9]{4}-(0|1[0-2])", self.last):
            shift = {"the following": 1, "the next": 1, "the previous": -1}.get(which, 0)
            base = datetime.date(int(self.last[:4]), int(self.last[5:7]), 1)
            return self._shifted_month(shift, base), "story", False
        day = self._story()
        if day is None and unit == "day" and which in ("that", "the same") and self._last_day:
            self.last = self._last_day
            return self.last, "story", False
        if day is None or unit not in ("day", "night", "morning", "evening", "afternoon"):
            return None
        shift = {"the following": 1, "the next": 1, "the previous": -1}.get(which, 0)
        return (day + datetime.timedelta(shift)).isoformat(), "story", False

    def _today(self, match: re.Match[str]) -> tuple[str, str, bool] | None:
        if self.published is None:
            return None
        word = match["today"].lower()
        shift = {"yesterday": -1, "tomorrow": 1, "overnight": 0}.get(word, 0)
        return (self.published + datetime.timedelta(shift)).isoformat(), "relative", word == "tomorrow"

    def _recently(self, match: re.Match[str]) -> tuple[str, str, bool] | None:
        if self.published is None:
            return None
        return (self.published - datetime.timedelta(14)).isoformat()[:7] + "~", "relative", False

    def _year_(self, match: re.Match[str]) -> tuple[str, str, bool] | None:
        word = match[0].split()[0].lower()
        year = match["y4"]
        if word in ("early", "late"):
            return year + "~", "written", False
        return year, "written", self.published is not None and int(year) > self.published.year

    # ------------------------------------------------------------ arithmetic

    def _later(self, year: int, month: int) -> bool:
        return self.published is not None and (year, month) > (self.published.year, self.published.month)

    def _shifted_month(self, shift: int, base: datetime.date | None = None) -> str:
        base = base or self.published
        assert base is not None  # noqa: S101 - the caller has asked
        index = base.year * 12 + base.month - 1 + shift
        return f"{index // 12:04}-{index % 12 + 1:02}"

    def _shift(self, edtf: str) -> int | None:
        """Give how many days after the last date an anaphoric one lies."""
        base = self._story()
        try:
            return (datetime.date.fromisoformat(edtf.rstrip("~")) - base).days if base is not None else None
        except ValueError:
            return None

    def _story(self) -> datetime.date | None:
        try:
            return datetime.date.fromisoformat((self.last or "").rstrip("~"))
        except ValueError:
            return None


@cache
def _range() -> re.Pattern[str]:
    months = "|".join(sorted((month.capitalize() for month in _vocabulary().months), key=len, reverse=True))
    months = months.replace(".", "[.]")
    day = r"\d{1,2}(?:st|nd|rd|th)?"
    return re.compile(
        rf"(?:between|from|on) (?P<s>(?P<m>{months}) (?P<a>{day})(?: and | to |[-–])(?P<b>{day})(?! (?:{months}))"
        rf"|(?P<c>{day})(?: and | to |[-–])(?P<d>{day}) (?P<n>{months}))(?:,? (?P<y>\d{{4}}))?"
    )


def _same_year(first: Date, second: Date) -> Date:
    """Give "July 4" of "between July 4 and July 7, 2022" the year that is written only once."""
    day = re.fullmatch(r"[0-9]{4}(-[0-9]{2}-[0-9]{2})", first.edtf)
    if (
        day is None
        or not 0 < second.start - first.end <= 8
        or not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", second.edtf)
    ):
        return first
    edtf = second.edtf[:4] + day[1]
    return replace(first, edtf=edtf, how="written", future=False) if edtf < second.edtf else first


_NO_MONTH = re.compile(r"\b(?:march|may)\b")
_BESIDE_EVENT = re.compile(r"\b(?:ahead of|before|after|following|of|for|over|about|by) the $")


_KINDS = (
    "iso",
    "between",
    "dmy",
    "mdy",
    "vague",
    "my",
    "season",
    "lastmonth",
    "weekday",
    "ago",
    "relative",
    "today",
    "recently",
    "month",
    "year",
)


def first_day(edtf: str) -> datetime.date | None:
    """Give the first day that a plain EDTF date can mean."""
    try:
        parts = [int(part) for part in edtf.split("/")[0].rstrip("~").split("-")]
        if len(parts) > 1 and parts[1] > 12:
            parts = parts[:1]
        return datetime.date(*([*parts, 1, 1])[:3])
    except ValueError:
        return None


def days_in_month(year: int, month: int) -> int:
    """Give the number of days of a month."""
    return calendar.monthrange(year, month)[1]

"""Dates in EDTF: what is read, what it can mean, and what is said about everything else."""

from __future__ import annotations

import datetime
import re
import time

import pyoxigraph
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kg.dates import EDTF_PATTERN, MAX_LENGTH, ReportedDate, parse


def read(text: str) -> ReportedDate | str:
    """Give the date, or the message of the `ValueError`; nothing else may be raised."""
    try:
        return parse(text)
    except ValueError as fault:
        return f"{fault}" if type(fault) is ValueError else repr(type(fault))


READ = [
    # text, earliest, latest, approximate
    ("2017", "2017-01-01", "2017-12-31", False),
    ("2017-02", "2017-02-01", "2017-02-28", False),
    ("2016-02", "2016-02-01", "2016-02-29", False),
    ("2017-05-14", "2017-05-14", "2017-05-14", False),
    ("2000-02-29", "2000-02-29", "2000-02-29", False),
    ("0001-01-01", "0001-01-01", "0001-01-01", False),
    ("9999-12-31", "9999-12-31", "9999-12-31", False),
    ("2017~", "2017-01-01", "2017-12-31", True),
    ("2017-05?", "2017-05-01", "2017-05-31", True),
    ("2017-05-14%", "2017-05-14", "2017-05-14", True),
    ("201X", "2010-01-01", "2019-12-31", False),
    ("20XX", "2000-01-01", "2099-12-31", False),
    ("201X~", "2010-01-01", "2019-12-31", True),
    ("2017-XX", "2017-01-01", "2017-12-31", False),
    ("2017-XX-XX", "2017-01-01", "2017-12-31", False),
    ("2017-05-XX", "2017-05-01", "2017-05-31", False),
    ("2017-05-XX?", "2017-05-01", "2017-05-31", True),
    ("2017-21", "2017-01-01", "2017-12-31", False),
    ("2017-22", "2017-01-01", "2017-12-31", False),
    ("2017-23", "2017-01-01", "2017-12-31", False),
    ("2017-24", "2017-01-01", "2017-12-31", False),
    ("2017/2018", "2017-01-01", "2018-12-31", False),
    ("2017-05-14/2017-07", "2017-05-14", "2017-07-31", False),
    ("2017-05~/2017-07", "2017-05-01", "2017-07-31", True),
    ("2017-05/2017-07?", "2017-05-01", "2017-07-31", True),
    ("2017-05-14/2017-05", "2017-05-14", "2017-05-31", False),
    ("2017-05-14/2017-05-14", "2017-05-14", "2017-05-14", False),
    ("2017-05/", "2017-05-01", None, False),
    ("2017-05/..", "2017-05-01", None, False),
    ("/2017-05", None, "2017-05-31", False),
    ("../2017-05~", None, "2017-05-31", True),
    ("2017-21/2017-22", "2017-01-01", "2017-12-31", False),
    ("201X/2017-05-XX", "2010-01-01", "2017-05-31", False),
    ("[2017-05-01..2017-05-14]", "2017-05-01", "2017-05-14", False),
    ("[2017..2017-05]", "2017-01-01", "2017-05-31", False),
    ("[..2017]", None, "2017-12-31", False),
    ("[2017-05..]", "2017-05-01", None, False),
    ("2017-05-14T10:30:00", "2017-05-14", "2017-05-14", False),
    ("2017-05-14T23:59:59Z", "2017-05-14", "2017-05-14", False),
    ("2017-05-14T00:00:00+06:00", "2017-05-14", "2017-05-14", False),
    ("2017-05-14T00:00:00-04", "2017-05-14", "2017-05-14", False),
]


@pytest.mark.parametrize(("text", "earliest", "latest", "approximate"), READ)
def test_a_date_has_the_first_and_the_last_day_it_can_mean(
    text: str, earliest: str | None, latest: str | None, approximate: bool
) -> None:
    assert parse(text) == ReportedDate(
        text,
        datetime.date.fromisoformat(earliest) if earliest else None,
        datetime.date.fromisoformat(latest) if latest else None,
        approximate,
    )


FAULTS = [
    ("2017-13", "bad month 13; months run from 01 to 12"),
    ("2017-00-14", "bad month 00; months run from 01 to 12"),
    ("2017-25", "bad month 25; months run from 01 to 12, seasons from 21 to 24"),
    ("2017-02-30", "bad day 30; the days of February 2017 run from 01 to 28"),
    ("1900-02-29", "bad day 29; the days of February 1900 run from 01 to 28"),
    ("2017-05-00", "bad day 00; the days of May 2017 run from 01 to 31"),
    ("2017-04-31~", "bad day 31; the days of April 2017 run from 01 to 30"),
    ("2017-02-30T10:30:00", "bad day 30; the days of February 2017 run from 01 to 28"),
    ("2017/2018-13", "bad month 13; months run from 01 to 12"),
    ("[2017-02-30..2018]", "bad day 30; the days of February 2017 run from 01 to 28"),
    ("0000", "bad year 0000; years run from 0001 to 9999"),
    ("000X", "bad year 000X; years run from 0001 to 9999"),
    ("2017-21-05", "bad day 05; a season has no days: write 2017-21"),
    ("201X-05", "bad month 05 in a year that is not known; write 201X alone"),
    ("2017-XX-14", "bad day 14 in a month that is not known; write 2017-XX-XX"),
    ("2018/2017", "'2018/2017' ends before it starts; write 2017/2018 if the two are swapped"),
    (
        "[2017-05-14..2017-05-13]",
        "'[2017-05-14..2017-05-13]' ends before it starts; "
        "write [2017-05-13..2017-05-14] if the two are swapped",
    ),
    ("", "the date is empty; write one such as 2017-05-14, or leave it out"),
    ("2" * 101, "a date has at most 100 characters; this text has 101"),
    ("Y17000", "'Y17000' is out of reach; years have four digits and run from 0001 to 9999"),
    ("-1985", "'-1985' is out of reach; years have four digits and run from 0001 to 9999"),
    ("17000-05", "'17000-05' is out of reach; years have four digits and run from 0001 to 9999"),
    ("14/05/17", "'14/05/17' is not a date; the year needs four digits, as in 2017-05-14"),
    ("XXXX", "'XXXX' says too little; write the century as 20XX, or leave the date out"),
    ("2017/13", "'2017/13' is not a date, nor is 2017-13: bad month 13; months run from 01 to 12"),
    (
        "30 February 2017",
        "'30 February 2017' is not a date, nor is 2017-02-30: "
        "bad day 30; the days of February 2017 run from 01 to 28",
    ),
    (
        "[2017~..2018]",
        "'2017~' in '[2017~..2018]' is not a date; within brackets write 2017, 2017-05 or 2017-05-14",
    ),
    (
        "2017-05-XX/13",
        "'13' in '2017-05-XX/13' is not a date; "
        "on either side of / write 2017, 2017-05 or 2017-05-14, nothing or ..",
    ),
    (
        "last month",
        "'last month' is not a date; write it as 2017, 2017-05 or 2017-05-14, with ~ after it for about; "
        "2017/2018 if it lasted, [2017..2018] for one day within",
    ),
]


@pytest.mark.parametrize(("text", "message"), FAULTS)
def test_a_fault_is_named_with_what_would_be_right(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        parse(text)


MEANT = [
    ("14 May 2017", "2017-05-14"),
    ("May 14th, 2017", "2017-05-14"),
    ("the 1st of Sept. 2017", "2017-09-01"),
    ("May 2017", "2017-05"),
    ("2017/05/14", "2017-05-14"),
    ("2017.05.14.", "2017-05-14"),
    ("20170514", "2017-05-14"),
    ("2017-5-14", "2017-05-14"),
    ("2017-5", "2017-05"),
    ("2017/05", "2017-05"),
    ("05/2017", "2017-05"),
    ("05/14/2017", "2017-05-14"),
    ("14.05.2017", "2017-05-14"),
    ("05/06/2017", "2017-06-05 or 2017-05-06, whichever is meant"),
    ("05-05-2017", "2017-05-05"),
    (" 2017", "2017"),
    ("2017-05-14\n", "2017-05-14"),
    ("2017 - 05", "2017-05"),
    ("2017–05", "2017-05"),
    ("201x", "201X"),
    ("201u", "201X"),
    ("2017-05-1X", "2017-05-XX"),
    ("2010s", "201X"),
    ("1900s", "190X or 19XX, whichever is meant"),
    ("c. 2017", "2017~"),
    ("~2017", "2017~"),
    ("about May 2017", "2017-05~"),
    ("circa May 2017?", "2017-05%"),
    ("2017 ?", "2017?"),
    ("2017?~", "2017%"),
    ("2017-05?-14", "2017-05-14?"),
    ("2017~ / 2018", "2017~/2018"),
    ("05/06/2017?", "2017-06-05? or 2017-05-06?, whichever is meant"),
    ("2017-2018", "2017/2018 if it lasted, [2017..2018] if it was one day within"),
    ("from 2017 to 2018", "2017/2018 if it lasted, [2017..2018] if it was one day within"),
    (
        "2017-05-14 – 2017-05-16",
        "2017-05-14/2017-05-16 if it lasted, [2017-05-14..2017-05-16] if it was one day within",
    ),
    ("..2017", "../2017 if it lasted, [..2017] if it was one day within"),
    ("[2017/2018]", "[2017..2018]"),
    ("unknown/2017", "/2017"),
    ("2017/open", "2017/.."),
    ("2017-05-14 10:30:00", "2017-05-14T10:30:00"),
    ("2017-05-14t10:30:00z", "2017-05-14T10:30:00Z"),
    ("2017-05-14T10:30", "2017-05-14"),
    ("2017-05-14T25:00:00", "2017-05-14"),
    ("2017-05-14T10:30:00.5Z", "2017-05-14"),
    ("2017-05-14+06:00", "2017-05-14"),
    ("٢٠١٧-٠٥-١٤", "2017-05-14, with the digits 0 to 9 and in the Gregorian calendar"),
]


@pytest.mark.parametrize(("text", "meant"), MEANT)
def test_what_was_probably_meant_is_shown_and_nothing_is_guessed(text: str, meant: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(f'{text!r} is not a date; write {meant}')}$"):
        parse(text)


@pytest.mark.parametrize(
    ("text", "part", "meant"),
    [
        ("2017-05/2017-7", "2017-7", "2017-07"),
        ("[2017-5..2018]", "2017-5", "2017-05"),
        ("2017-05~/~2018", "~2018", "2018~"),
        ("2017-05-14T10:00:00/2017-05-15", "2017-05-14T10:00:00", "2017-05-14"),
    ],
)
def test_the_wrong_end_of_an_interval_is_named(text: str, part: str, meant: str) -> None:
    message = f"{part!r} in {text!r} is not a date; write {meant}"
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        parse(text)


@pytest.mark.parametrize(("_", "meant"), MEANT)
def test_every_date_that_a_message_offers_is_one(_: str, meant: str) -> None:
    offered = re.findall(r"[^ ,]*[0-9][^ ,]*", meant.partition(", with")[0])
    assert offered
    for text in offered:
        assert parse(text).text == text


NEAR_MISSES = [
    *(
        "",
        " ",
        "17",
        "217",
        "20177",
        "2017-",
        "2017-5",
        "2017-00",
        "2017-13",
        "2017-20",
        "2017-25",
        "2017-99",
    ),
    *("2017-05-", "2017-05-1", "2017-05-00", "2017-05-32", "2017-05-011", "2017-21-01", "2017-05-14-01"),
    *("2017/05/14", "14-05-2017", "20170514", "2017 -05", " 2017", "2017 ", "2017-05-14Z"),
    *("2017??", "~2017", "2017?-05", "?", "201x", "2XXX", "XXXX", "X017", "201X-05", "2017-XX-14", "2017-1X"),
    *("2017-05-1X", "2017-X5", "2017-05-X", "/", "..", "../..", "/..", "../", "2017//2018", "2017/2018/2019"),
    *("2017/...", "2017../2018", "2017..2018", "[]", "[..]", "[2017]", "[2017..2018", "2017..2018]"),
    *("[2017~..2018]", "[2017..201X]", "[2017-21..2018]", "[2017,2018]", "{2017..2018}", "[2017...2018]"),
    *("[..2017]~", "[[2017..2018]]", "[/2017]", "Y2017", "-2017", "+2017", "2017-W20", "2017-134"),
    *(
        "2017-05-14T10",
        "2017-05-14T10:30",
        "2017-05-14T24:00:00",
        "2017-05-14T10:60:00",
        "2017-05-14T10:30:60",
    ),
    *("2017-05-14T10:30:00z", "2017-05-14 10:30:00", "2017-05-14T10:30:00+15:00", "2017-05T10:30:00"),
    *("2017-05-14T10:30:00+0600", "2017-05-14T10:30:00.5", "2017-05-14T10:30:00~"),
    *("2017-05-14T10:30:00/2018", "2018/2017-05-14T10:30:00", "٢٠١٧", "２０１７", "2017‐05", "²017"),
]


@pytest.mark.parametrize("text", NEAR_MISSES)
def test_a_near_miss_fails_the_parser_and_the_pattern(text: str) -> None:
    assert not re.search(EDTF_PATTERN, text)
    with pytest.raises(ValueError, match=r"\w"):
        parse(text)


@pytest.mark.parametrize("text", [row[0] for row in READ])
def test_what_is_read_matches_the_pattern(text: str) -> None:
    assert re.search(EDTF_PATTERN, text)


def test_the_pattern_keeps_to_what_all_engines_understand() -> None:
    assert EDTF_PATTERN[0] == "^"
    assert EDTF_PATTERN[-1] == "$"
    assert not re.search(r"\(\?|\\[^\[\]]|[*+?]\?|\$.", EDTF_PATTERN)
    store = pyoxigraph.Store()
    regex = EDTF_PATTERN.replace("\\", "\\\\")
    for text, wanted in [(row[0], True) for row in READ] + [(text, False) for text in NEAR_MISSES]:
        assert bool(store.query(f'ASK {{ FILTER(REGEX("{text}", "{regex}")) }}')) is wanted, text


CALENDAR = re.compile("bad day|bad year 0|.* ends before it starts")


@given(st.from_regex(EDTF_PATTERN, fullmatch=True))
@settings(deadline=None)
@example("0000-01-01")
@example("2017-02-31")
@example("9999/0001")
def test_whatever_matches_the_pattern_is_read_unless_the_calendar_forbids_it(text: str) -> None:
    date = read(text)
    if isinstance(date, str):
        assert CALENDAR.match(date), text
    else:
        assert date.text == text
        assert date.approximate is bool(set("?~%") & set(text))
        assert date.earliest is not None or date.latest is not None
        if date.earliest is not None and date.latest is not None:
            assert date.earliest <= date.latest


@given(
    st.text(max_size=120)
    | st.text("0123456789-/.[]XT:Z~?% ", max_size=30)
    | st.lists(
        st.sampled_from(
            ["2017", "05", "14", "5", "May", "-", "/", "..", "[", "]", " ", "~", "?", "to", "X", "T10:30"]
        ),
        max_size=8,
    ).map("".join)
)
@settings(deadline=None, max_examples=300)
def test_any_text_is_read_or_refused_in_words(text: str) -> None:
    date = read(text)
    if isinstance(date, str):
        assert date.isprintable()
        assert re.match("bad |the date is empty|a date has|'|\"", date)
    else:
        assert date.text == text
        assert re.search(EDTF_PATTERN, text)


@given(st.dates(), st.sampled_from([4, 7, 10]), st.sampled_from(["", "?", "~", "%"]))
def test_a_date_of_the_calendar_lies_within_its_own_bounds(
    day: datetime.date, length: int, mark: str
) -> None:
    date = parse(day.isoformat()[:length] + mark)
    assert date.earliest is not None
    assert date.latest is not None
    assert date.earliest <= day <= date.latest
    assert date.earliest.isoformat()[:length] == date.latest.isoformat()[:length] == day.isoformat()[:length]
    before, after = (bound.toordinal() + step for bound, step in ((date.earliest, -1), (date.latest, 1)))
    for ordinal in (before, after):
        if 1 <= ordinal <= datetime.date.max.toordinal():
            assert datetime.date.fromordinal(ordinal).isoformat()[:length] != day.isoformat()[:length]


@given(st.dates(), st.dates(), st.sampled_from([4, 7, 10]), st.sampled_from([4, 7, 10]))
def test_a_range_reaches_from_its_start_to_its_end(
    one: datetime.date, other: datetime.date, start_length: int, end_length: int
) -> None:
    first, last = sorted((one, other))
    start, end = first.isoformat()[:start_length], last.isoformat()[:end_length]
    for text in (f"{start}/{end}", f"[{start}..{end}]"):
        date = parse(text)
        assert (date.earliest, date.latest) == (parse(start).earliest, parse(end).latest)


@pytest.mark.parametrize(
    "piece", ["2", "2017-", "[", "..", "/", "~", "? ", " ", "2017/", "c", "about ", "1 ", "May ", "X", "٢"]
)
def test_hostile_text_is_refused_at_once(piece: str) -> None:
    begin = time.perf_counter()
    for text in (
        (piece * MAX_LENGTH)[:MAX_LENGTH],
        (piece * MAX_LENGTH)[: MAX_LENGTH - 1] + "!",
        piece * 10**6,
    ):
        with pytest.raises(ValueError, match=r"\w"):
            parse(text)
    assert time.perf_counter() - begin < 6


def test_a_date_can_be_a_key_and_cannot_be_changed() -> None:
    assert len({parse("2017"), parse("2017"), parse("2017~")}) == 2
    with pytest.raises(AttributeError):
        parse("2017").text = "2018"  # type: ignore[misc]

"""Numbers and terms as reported: their bounds, and what is said about everything else."""

from __future__ import annotations

import datetime
import re
import time
from collections.abc import Callable

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kg.quantities import MAX_LENGTH, MAX_QUANTITY, MAX_TERM, Quantity, Term, parse_quantity, parse_term


def read(parse: Callable[[str], Quantity | Term], text: str) -> Quantity | Term | str:
    """Give the value, or the message of the `ValueError`; nothing else may be raised."""
    try:
        return parse(text)
    except ValueError as fault:
        return f"{fault}" if type(fault) is ValueError else repr(type(fault))


@pytest.mark.parametrize(
    ("text", "minimum", "maximum"),
    [
        ("30", 30, 30),
        ("0", 0, 0),
        ("007", 7, 7),
        ("1,500,000", 1_500_000, 1_500_000),
        ("38 000", 38_000, 38_000),
        ("1.5 million", 1_500_000, 1_500_000),
        ("1,500.5 thousand", 1_500_500, 1_500_500),
        ("0.000001 million", 1, 1),
        ("1000000000000", MAX_QUANTITY, MAX_QUANTITY),
        ("one", 1, 1),
        ("Twelve", 12, 12),
        ("seventeen", 17, 17),
        ("twenty-one", 21, 21),
        ("ninety-nine", 99, 99),
        ("a dozen", 12, 12),
        ("two dozen", 24, 24),
        ("a hundred thousand", 100_000, 100_000),
        ("more than 30", 31, None),
        ("More Than Thirty", 31, None),
        ("over 1,000", 1001, None),
        (">30", 31, None),
        ("> 30", 31, None),
        ("at least 30", 30, None),
        ("no fewer than 30", 30, None),
        ("no less than 30", 30, None),
        (">= 30", 30, None),
        ("≥30", 30, None),
        ("30+", 30, None),
        ("30 or more", 30, None),
        ("fewer than 30", None, 29),
        ("less than 30", None, 29),
        ("under 30", None, 29),
        ("<30", None, 29),
        ("fewer than 1", None, 0),
        ("at most 30", None, 30),
        ("up to 30", None, 30),
        ("no more than 30", None, 30),
        ("<=30", None, 30),
        ("≤ 30", None, 30),
        ("30 or fewer", None, 30),
        ("30 or less", None, 30),
        ("30-40", 30, 40),
        ("30–40", 30, 40),
        ("30 - 40", 30, 40),
        ("30 to 40", 30, 40),
        ("from 30 to 40", 30, 40),
        ("between 30 and 40", 30, 40),
        ("30-30", 30, 30),
        ("0 to 2 million", 0, 2_000_000),
        ("500 to 2 thousand", 500, 2000),
        ("1 million-2 million", 1_000_000, 2_000_000),
        ("38 000-40 000", 38_000, 40_000),
        ("two to three", 2, 3),
        ("twenty-one-thirty", 21, 30),
        ("several", 2, None),
        ("some", 2, None),
        ("many", 2, None),
        ("a few", 2, None),
        ("tens", 20, None),
        ("dozens", 24, None),
        ("Hundreds", 200, None),
        ("thousands", 2000, None),
        ("tens of thousands", 20_000, None),
        ("hundreds of thousands", 200_000, None),
        ("several hundred", 200, None),
    ],
)
def test_a_quantity_has_the_bounds_its_words_leave(
    text: str, minimum: int | None, maximum: int | None
) -> None:
    assert parse_quantity(text) == Quantity(text, minimum, maximum, approximate=False)


@pytest.mark.parametrize(
    ("text", "minimum", "maximum"),
    [
        ("about 1500000", 1_500_000, 1_500_000),
        ("around 30", 30, 30),
        ("roughly 30", 30, 30),
        ("approximately 30", 30, 30),
        ("circa 30", 30, 30),
        ("some 30", 30, 30),
        ("~30", 30, 30),
        ("~ 30", 30, 30),
        ("about 30-40", 30, 40),
        ("about a dozen", 12, 12),
        ("nearly 38000", None, 37_999),
        ("almost 38 000", None, 37_999),
        ("close to 2 million", None, 1_999_999),
    ],
)
def test_about_and_nearly_widen_no_bound_and_say_so(text: str, minimum: int | None, maximum: int) -> None:
    assert parse_quantity(text) == Quantity(text, minimum, maximum, approximate=True)


QUANTITY_FORMS = (
    "the number alone, such as 30, 1,500,000 or 1.5 million, or with words around it: more than 30, "
    "at least 30, fewer than 30, at most 30, nearly 30, about 30, 30-40, dozens, several"
)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the quantity is empty; write one, or leave it out"),
        ("9" * 101, "a quantity has at most 100 characters; this text has 101"),
        ("9" * 10_000, "a quantity has at most 100 characters; this text has 10000"),
        ("1000000000001", "'1000000000001' is too great; the greatest number is 1,000,000,000,000"),
        ("1001 billion", "'1001 billion' is too great; the greatest number is 1,000,000,000,000"),
        ("1.5", "'1.5' is not a whole number; thousands are grouped as 30,000 or 30 000"),
        ("30.000", "'30.000' is not a whole number; thousands are grouped as 30,000 or 30 000"),
        ("1.2345678 million", "'1.2345678 million' is not a whole number; write it with fewer decimals"),
        ("40-30", "'40-30' ends before it starts; write the smaller number first"),
        ("1-2 million", "'1-2 million' may start at 1 or at 1000000; write both numbers in full"),
        ("fewer than 0", "'fewer than 0' leaves no number; counts start at 0"),
        ("nearly 0", "'nearly 0' leaves no number; counts start at 0"),
        (" 30", "' 30' is not a quantity; write '30'"),
        ("30\n", "'30\\n' is not a quantity; write '30'"),
        ("more  than 30", "'more  than 30' is not a quantity; write 'more than 30'"),
        ("38\u202f000", "'38\\u202f000' is not a quantity; write '38 000'"),
        ("٣٠", "'٣٠' is not a quantity; write '30'"),
        ("more than 30 people", "'more than 30 people' is not a quantity; write 'more than 30'"),
        ("c. 30", "'c. 30' is not a quantity; write 'about 30'"),
        ("30..40", "'30..40' is not a quantity; write '30-40'"),
        ("1,5 million", "'1,5 million' is not a quantity; write '1.5 million'"),
        ("15,00,000", "'15,00,000' is not a quantity; write '1500000'"),
        ("1.500.000", "'1.500.000' is not a quantity; write '1500000'"),
        ("30k", "'30k' is not a quantity; write '30 thousand'"),
        ("1.5m", "'1.5m' is not a quantity; write '1.5 million'"),
        ("2bn", "'2bn' is not a quantity; write '2 billion'"),
        *(
            (text, f"{text!r} is not a quantity; write {QUANTITY_FORMS}")
            for text in (
                *(
                    "-5",
                    "a",
                    "an dozen",
                    "zillion",
                    "twenty-zero",
                    "hundred",
                    "1,5000",
                    "1,000,00",
                    "3 0 000",
                ),
                *("at least 30+", "more than 30-40", "more than dozens", "at least about 30", "more than"),
                *("30-", "-40", "between 30", "between 30 and", "30 and 40", "30-40-50", "1e6", "0x1f", "½"),
                *("1 500,000", "0,300", "1234 567", "..", "+", "or more", "\u212a", "thirty\u017f"),
            )
        ),
    ],
)
def test_another_quantity_is_refused_with_what_would_be_right(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        parse_quantity(text)


@pytest.mark.parametrize(
    ("text", "min_months", "max_months"),
    [
        ("5 years", 60, 60),
        ("1 year", 12, 12),
        ("a year", 12, 12),
        ("one month", 1, 1),
        ("18 months", 18, 18),
        ("13 years 4 months", 160, 160),
        ("13 years and four months", 160, 160),
        ("13 years, 4 months", 160, 160),
        ("0 years 3 months", 3, 3),
        ("twenty years", 240, 240),
        ("Twenty-Five Years", 300, 300),
        ("1000000 years", 12 * MAX_TERM, 12 * MAX_TERM),
        ("10 days", 0, 1),
        ("2 weeks", 0, 1),
        ("28 days", 0, 1),
        ("29 days", 0, 2),
        ("31 days", 1, 2),
        ("364 days", 11, 12),
        ("365 days", 11, 12),
        ("366 days", 12, 13),
        ("13 years, 4 months and 2 days", 160, 161),
        ("P5Y", 60, 60),
        ("p5y6m", 66, 66),
        ("P60M", 60, 60),
        ("P2W", 0, 1),
        ("P1Y10D", 12, 13),
        ("at least P5Y", 60, None),
        ("at least 3 years", 36, None),
        ("more than 3 years", 36, None),
        ("over 3 years", 36, None),
        ("3 years or more", 36, None),
        ("3+ years", 36, None),
        ("at least 10 days", 0, None),
        ("less than 3 years", None, 36),
        ("<3 years", None, 36),
        ("up to 3 years", None, 36),
        ("3 years or less", None, 36),
        ("5-10 years", 60, 120),
        ("5–10 years", 60, 120),
        ("5 to 10 years", 60, 120),
        ("five to ten years", 60, 120),
        ("from 5 years to 10 years", 60, 120),
        ("5 Years to <10 Years", 60, 120),
        ("5 years to less than 10 years", 60, 120),
        ("between 5 and 10 years", 60, 120),
        ("between 6 months and 2 years", 6, 24),
        ("between 1 year and 2 years and 6 months", 12, 30),
        ("between 2 years and 6 months and 3 years", 30, 36),
        ("10 days-2 months", 0, 2),
        ("5-5 years", 60, 60),
    ],
)
def test_a_length_is_bounded_in_whole_months_rounded_outwards(
    text: str, min_months: int | None, max_months: int | None
) -> None:
    assert parse_term(text) == Term(text, min_months, max_months, "length", approximate=False)


@pytest.mark.parametrize(
    ("text", "min_months", "max_months"),
    [("about 5 years", 60, 60), ("~5-10 years", 60, 120), ("nearly 5 years", None, 60)],
)
def test_an_approximate_term_says_so(text: str, min_months: int | None, max_months: int) -> None:
    assert parse_term(text) == Term(text, min_months, max_months, "length", approximate=True)


@pytest.mark.parametrize("text", ["life", "Life imprisonment", "life in prison", "LIFE SENTENCE"])
def test_life_has_no_length(text: str) -> None:
    assert parse_term(text) == Term(text, None, None, "life")


@pytest.mark.parametrize("text", ["death", "Death penalty", "death sentence"])
def test_death_has_no_length(text: str) -> None:
    assert parse_term(text) == Term(text, None, None, "death")


TERM_FORMS = (
    "a length such as 5 years, 13 years 4 months, 10 days, 5-10 years, at least 3 years, more than 3 years, "
    "up to 3 years, about 3 years or P5Y6M; or life; or death"
)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the term is empty; write one, or leave it out"),
        ("9" * 101, "a term has at most 100 characters; this text has 101"),
        ("1000001 years", "1000001 years are too many; the greatest number is 1,000,000"),
        ("9" * 90 + " years", f"{'9' * 90} years are too many; the greatest number is 1,000,000"),
        ("0 years", "'0 years' is no time at all; write a length above zero, or leave it out"),
        ("P0Y", "'p0y' is no time at all; write a length above zero, or leave it out"),
        ("0-5 years", "'0 years' is no time at all; write a length above zero, or leave it out"),
        ("10-5 years", "'10-5 years' ends before it starts; write the shorter length first"),
        ("10 days-5 days", "'10 days-5 days' ends before it starts; write the shorter length first"),
        (
            "between 1 year and 6 months",
            "'between 1 year and 6 months' ends before it starts; write the shorter length first",
        ),
        ("5 years to <5 years", "'5 years to <5 years' leaves no length between the two"),
        (" 5 years", "' 5 years' is not a term; write '5 years'"),
        ("5\xa0years", "'5\\xa0years' is not a term; write '5 years'"),
        ("5 wee\u212as", "'5 wee\u212as' is not a term; write '5 weeks'"),
        ("٥ years", "'٥ years' is not a term; write '5 years'"),
        ("5 years in prison", "'5 years in prison' is not a term; write '5 years'"),
        ("5 years’ imprisonment", "'5 years’ imprisonment' is not a term; write '5 years'"),
        ("five-year sentence", "'five-year sentence' is not a term; write 'five years'"),
        ("5yr6mo", "'5yr6mo' is not a term; write '5 years 6 months'"),
        ("3 wks", "'3 wks' is not a term; write '3 weeks'"),
        ("1.5 years", "'1.5 years' is not a term; write '18 months'"),
        ("5", "'5' is not a term; write '5 years' or '5 months'"),
        *(
            (text, f"{text!r} is not a term; write {TERM_FORMS}")
            for text in (
                *(
                    "P",
                    "PT5H",
                    "P5Y-P10Y",
                    "zillion years",
                    "-5 years",
                    "5 years 5 years",
                    "4 months 13 years",
                ),
                *(
                    "5-10 years 6 months",
                    "a-10 years",
                    "at least 5-10 years",
                    "5 years to life",
                    "life or death",
                ),
                *(
                    "years",
                    "and",
                    "5 decades",
                    "5 years and",
                    "between 5 years",
                    "15 years and death",
                    "½ year",
                ),
                *("5 year\u017f",),
            )
        ),
    ],
)
def test_another_term_is_refused_with_what_would_be_right(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        parse_term(text)


def months_later(day: datetime.date, months: int) -> datetime.date:
    years, month = divmod(day.month - 1 + months, 12)
    return day.replace(year=day.year + years, month=month + 1)


@given(
    st.dates(datetime.date(1890, 1, 1), datetime.date(2110, 12, 31)).map(lambda day: day.replace(day=1)),
    st.integers(1, 20_000),
)
@example(datetime.date(2015, 2, 1), 28)
@example(datetime.date(2015, 2, 1), 29)
@example(datetime.date(2016, 1, 1), 366)
def test_days_lie_within_their_months_wherever_in_the_calendar_they_start(
    start: datetime.date, days: int
) -> None:
    term = parse_term(f"{days} days")
    assert term.min_months is not None
    assert term.max_months is not None
    end = start + datetime.timedelta(days=days)
    assert months_later(start, term.min_months) <= end <= months_later(start, term.max_months)
    assert term.max_months - term.min_months <= 3 + days // 2000


@given(st.integers(0, MAX_QUANTITY), st.integers(0, MAX_QUANTITY))
def test_bounds_follow_from_the_number_in_any_grouping(one: int, other: int) -> None:
    low, high = sorted((one, other))
    for spelled in (f"{low}", f"{low:,}", f"{low:,}".replace(",", " ")):
        assert parse_quantity(spelled) == Quantity(spelled, low, low)
        assert parse_quantity(f"more than {spelled}").minimum == low + 1
        assert parse_quantity(f"at most {spelled}").maximum == low
        assert parse_quantity(f"about {spelled}").minimum == low
        if low:
            assert parse_quantity(f"nearly {spelled}").maximum == low - 1
    between = parse_quantity(f"between {low:,} and {high:,}")
    assert (between.minimum, between.maximum) == (low, high)
    if low < high:
        with pytest.raises(ValueError, match="ends before it starts"):
            parse_quantity(f"{high}-{low}")


@given(st.integers(0, 10**6), st.integers(0, 10**6), st.integers(0, 10**6), st.integers(0, 11))
def test_years_and_months_are_counted_exactly(
    years: int, months: int, more_years: int, more_months: int
) -> None:
    total = 12 * years + months
    for text in (
        f"{years} years {months} months",
        f"P{years}Y{months}M",
        f"{years} YEARS AND {months} MONTHS",
    ):
        if total:
            assert parse_term(text) == Term(text, total, total, "length")
        else:
            with pytest.raises(ValueError, match="no time at all"):
                parse_term(text)
    high = f"{more_years} years {more_months} months"
    if 0 < total <= 12 * more_years + more_months:
        term = parse_term(f"{years} years {months} months to {high}")
        assert (term.min_months, term.max_months) == (total, 12 * more_years + more_months)


PIECES = st.lists(
    st.sampled_from(
        [
            *(
                "30",
                "0",
                "1,500",
                "000",
                "1.5",
                "two",
                "twenty-",
                "a",
                "dozen",
                "million",
                "dozens",
                "several",
            ),
            *(
                "more than",
                "about",
                "<",
                ">=",
                "~",
                "or more",
                "+",
                "between",
                "and",
                "from",
                "to",
                "-",
                "–",
                ",",
            ),
            *("years", "year", "months", "days", "weeks", "P", "5Y", "6M", "life", "death", "5", "10"),
        ]
    ),
    max_size=8,
)
TEXTS = st.text(max_size=120) | PIECES.map(" ".join) | PIECES.map("".join)


@given(TEXTS)
@settings(deadline=None, max_examples=400)
def test_any_text_is_a_quantity_or_refused_in_words(text: str) -> None:
    found = read(parse_quantity, text)
    if isinstance(found, str):
        assert re.match("'|\"|the quantity is empty|a quantity has", found)
        assert found.isprintable()
    else:
        assert isinstance(found, Quantity)
        assert found.text == text
        assert found.minimum is not None or found.maximum is not None
        assert 0 <= (found.minimum or 0) <= (MAX_QUANTITY if found.maximum is None else found.maximum) + 1


@given(TEXTS)
@settings(deadline=None, max_examples=400)
def test_any_text_is_a_term_or_refused_in_words(text: str) -> None:
    found = read(parse_term, text)
    if isinstance(found, str):
        assert re.match("'|\"|the term is empty|a term has|[0-9]+ (year|month|week|day)s are too many", found)
        assert found.isprintable()
    else:
        assert isinstance(found, Term)
        assert found.text == text
        if found.kind == "length":
            assert found.min_months is not None or found.max_months is not None
            assert found.max_months is None or 0 <= (found.min_months or 0) <= found.max_months > 0
        else:
            assert (found.min_months, found.max_months) == (None, None)


@pytest.mark.parametrize(
    "piece",
    [
        "9",
        "1,000,",
        "1 000 ",
        "one ",
        "ty-",
        "twenty-",
        "a ",
        "between 1 and ",
        "1 year ",
        "1 day and ",
        "p",
        " ",
        ">",
    ],
)
def test_hostile_text_is_refused_at_once(piece: str) -> None:
    begin = time.perf_counter()
    for text in ((piece * MAX_LENGTH)[: MAX_LENGTH - 1] + "!", piece * 10**6):
        for parse in (parse_quantity, parse_term):
            with pytest.raises(ValueError, match=r"\w"):
                parse(text)
    assert time.perf_counter() - begin < 6


def test_values_can_be_keys_and_cannot_be_changed() -> None:
    assert (
        len({parse_quantity("30"), parse_quantity("30"), parse_term("30 days"), parse_term("30 days")}) == 2
    )
    with pytest.raises(AttributeError):
        parse_quantity("30").minimum = 1  # type: ignore[misc]
    with pytest.raises(AttributeError):
        parse_term("life").kind = "death"  # type: ignore[misc]

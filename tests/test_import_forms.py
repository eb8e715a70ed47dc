"""Patterns, forms of dates, keys and kinds of values: what the rules of a map are made of."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.cells import Kind
from kg.fields import Fields
from kg.importing import readers
from kg.importing.dateforms import Form, near_date, read_date
from kg.importing.patterns import Pattern, fill, highest_hole
from kg.importing.texts import MAX_KEY, cleaned, fold, is_key, slug, tidy, unfit
from kg.nodes import Scalar
from kg.problems import Location

# ---------------------------------------------------------------- patterns


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        ("# years", "13 Years", ("13",)),
        ("# years", "thirteen years", None),
        ("#-# years", "5-10 years", ("5", "10")),
        ("* (*)", "Aman Tolek (the younger)", ("Aman Tolek", "the younger")),
        ("about *", "About 2017", ("2017",)),
        ("*", "", ("",)),
        ("#*#", "12 and 345", ("12", "and", "345")),
        ("*#", "room 101", ("room", "101")),
        ("a*b*c", "aXbYbZc", ("X", "YbZ")),
        ("20#", "2017", ("17",)),
        (r"\#\*", "#*", ()),
        (r"\\", "\\", ()),
        ("#年#个月", "13年4个月", ("13", "4")),
        ("Mr. *", "mr. Tolek", ("Tolek",)),
        ("a.c", "abc", None),
        ("(a|b)+", "(A|B)+", ()),
        ("two words", "two words and more", None),
    ],
)
def test_a_pattern_fits_a_whole_text(pattern: str, text: str, found: tuple[str, ...] | None) -> None:
    matched = Pattern.of(pattern).match(text)
    assert (matched and matched[1:]) == found
    assert matched is None or matched[0] == text


@given(
    st.lists(st.text("ab-", max_size=4), min_size=1, max_size=4),
    st.lists(st.text("ab-", max_size=3), max_size=4),
)
def test_a_pattern_fits_what_it_was_made_of(literals: list[str], holes: list[str]) -> None:
    text = literals[0] + "".join(hole + literal for hole, literal in zip(holes, literals[1:], strict=False))
    used = literals[: len(holes) + 1]
    pattern = re.sub(r"\*+", "*", "*".join(used))
    if pattern:
        assert Pattern.of(pattern).match(text) is not None


@pytest.mark.parametrize(
    ("pattern", "says"),
    [
        ("", "not empty"),
        ("a**b", "one \\* is any text already"),
        ("##", "one # is a whole number"),
        ("a\\", "single"),
        ("*-" * 10, "10 times"),
    ],
)
def test_what_is_no_pattern_is_told(pattern: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        Pattern.of(pattern)


@pytest.mark.parametrize(
    "pattern", ["*a*a*a*a*a*a*a*a*b", "1#x", "*#*#*#*#x", "*1#*1#*x", "# # # # # # # # x"]
)
@pytest.mark.parametrize("text", ["a" * 32_767, "1" * 1_000, "1 " * 500, "a1" * 500, "1a1a" * 250])
def test_no_pattern_searches_for_ever(pattern: str, text: str) -> None:
    known = Pattern.of(pattern)
    begin = time.perf_counter()
    assert known.match(text) is None
    assert time.perf_counter() - begin < 0.5


def test_holes_are_filled_by_number() -> None:
    found = Pattern.of("# y # m").match("13 y 4 m")
    assert found is not None
    assert fill("$1 years $2 months, as $0, for $$5", found) == "13 years 4 months, as 13 y 4 m, for $5"
    assert highest_hole("$$9 and $2") == 2


# ---------------------------------------------------------------- dates


def read(text: str, *forms: str, century: range | None = None) -> str:
    return read_date(text, [Form.of(form) for form in forms], century)


@pytest.mark.parametrize(
    ("form", "text", "date"),
    [
        ("D/M/Y", "14/5/2017", "2017-05-14"),
        ("M/D/Y", "5/14/2017", "2017-05-14"),
        ("D.M.Y", "14.05.2017", "2017-05-14"),
        ("Y-M-D", "2017-5-4", "2017-05-04"),
        ("YYYYMMDD", "20170514", "2017-05-14"),
        ("Month D, Y", "May 14, 2017", "2017-05-14"),
        ("Month D, Y", "Sept. 4, 2017", "2017-09-04"),
        ("D Month Y", "14th MAY 2017", "2017-05-14"),
        ("D of Month Y", "1st of June 2017", "2017-06-01"),
        ("D-Month-YY", "14-May-17", "2017-05-14"),
        ("D-Month-YY", "14-May-54", "1954-05-14"),
        ("Month Y", "February 1954", "1954-02"),
        ("M/Y", "2/1954", "1954-02"),
        ("Y", "1954", "1954"),
        ("Y年M月", "1954年2月", "1954-02"),
        ("Y年M月D日", "2017年5月14日", "2017-05-14"),
        ("Y年", "1954年", "1954"),
        ("serial", "43101", "2018-01-01"),
        ("serial", "1", "1900-01-01"),
        ("serial", "59", "1900-02-28"),
        ("serial", "61", "1900-03-01"),
        ("edtf", "2017-05~", "2017-05~"),
        ("edtf", "2017/2018", "2017/2018"),
    ],
)
def test_a_date_of_one_form_is_read(form: str, text: str, date: str) -> None:
    assert read(text, form, century=range(1930, 2030)) == date


@pytest.mark.parametrize(
    ("forms", "text", "says"),
    [
        (("Y-M-D",), "1954-02-29", "the days of February 1954 run from 01 to 28"),
        (("Y-M-D", "Y"), "1952-08021", "has none of the forms Y-M-D, Y"),
        (("edtf",), "1952-08021", "has none of the forms edtf"),
        (("D/M/Y",), "31/02/2017", "the days of February 2017 run from 01 to 28"),
        (("D/M/Y",), "05/14/2017", "bad month 14"),
        (("D/M/Y", "M/D/Y"), "05/06/2017", "2017-06-05 as D/M/Y, 2017-05-06 as M/D/Y"),
        (("Month D, Y",), "Mayo 14, 2017", "none of the forms"),
        (("Month D, Y",), "Ma 14, 2017", "none of the forms"),
        (("serial",), "60", "none of the forms"),
        (("serial",), "9" * 90, "none of the forms"),
        (("Y",), "２０１７", "none of the forms"),
        (("Y",), "0" * 200, "it has 200 characters"),
        (("D/M/YY",), "1/2/17", "none of the forms"),
    ],
)
def test_what_is_no_date_of_the_forms_is_told(forms: tuple[str, ...], text: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        read(text, *forms)


def test_two_forms_that_give_the_same_date_agree() -> None:
    assert read("05/05/2017", "D/M/Y", "M/D/Y") == "2017-05-05"
    assert read("14/05/2017", "D/M/Y", "M/D/Y") == "2017-05-14"


def test_a_form_says_what_becomes_of_its_date() -> None:
    forms = [Form.of("about Y", "$~"), Form.of("before D/M/Y", "[..$]"), Form.of("Y?", "$?")]
    assert read_date("About 2017", forms) == "2017~"
    assert read_date("before 1/2/2017", forms) == "[..2017-02-01]"
    assert read_date("2017?", forms) == "2017?"


@pytest.mark.parametrize(
    ("form", "result", "says"),
    [
        ("D/M", "$", "not one year"),
        ("D Y", "$", "not one month"),
        ("M Month Y", "$", "not one month"),
        ("Y-Y", "$", "twice"),
        ("Y YY", "$", "not one year"),
        ("Y", "about", "no place for the date"),
    ],
)
def test_what_is_no_form_of_a_date_is_told(form: str, result: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        Form.of(form, result)


@pytest.mark.parametrize(
    ("text", "near"),
    [
        ("1954-02-29", "1954-02"),
        ("1952-08021", "1952-08"),
        ("1952-18-02", "1952"),
        ("in 1952 or so", "1952"),
        ("1951 or 1952", None),
        ("never", None),
    ],
)
def test_a_wrong_date_is_known_as_far_as_it_is_sure(text: str, near: str | None) -> None:
    assert near_date(text) == near


def test_ranges_last_or_are_days_within() -> None:
    reader = readers.days([Form.of("Y"), Form.of("D/M/Y")], None, [" to ", "-"], [" or "])
    assert reader.of_cell("2017-2018", Kind.TEXT) == "2017/2018"
    assert reader.of_cell("14/05/2017 to 2018", Kind.TEXT) == "2017-05-14/2018"
    assert reader.of_cell("2017 or 2018", Kind.TEXT) == "[2017..2018]"
    with pytest.raises(ValueError, match="none of the forms"):
        reader.of_cell("2018-2017", Kind.TEXT)
    with pytest.raises(ValueError, match="none of the forms"):
        reader.of_cell("2017-soon", Kind.TEXT)


def test_what_a_spreadsheet_holds_as_a_date_is_one_whatever_the_forms() -> None:
    reader = readers.days([Form.of("D/M/Y")])
    assert reader.of_cell("2017-05-14", Kind.DATE) == "2017-05-14"
    assert reader.of_cell("2017-05-14T00:00:00", Kind.DATE) == "2017-05-14"
    assert reader.of_cell("2017-05-14T13:30:00", Kind.DATE) == "2017-05-14T13:30:00"


# ---------------------------------------------------------------- other values


@pytest.mark.parametrize(
    ("text", "term"),
    [
        ("13 years four months", "13 years four months"),
        ("5-10 Years", "5-10 Years"),
        ("5 Years to <10 Years", "5 Years to <10 Years"),
        ("life", "life"),
        ("13", "13 years"),
        ("1", "1 year"),
        ("2.5", "30 months"),
        ("2,5", "30 months"),
    ],
)
def test_terms_are_read_with_their_unit(text: str, term: str) -> None:
    assert readers.terms("years").of_cell(text, Kind.TEXT) == term


@pytest.mark.parametrize("text", ["detention", "unknown", "2.37", "5 yrs", "2031-05-01", ""])
def test_what_is_no_term_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="term"):
        readers.terms("years").of_cell(text, Kind.TEXT)


def test_a_wrong_term_and_a_wrong_number_have_a_proposal() -> None:
    assert readers.terms().propose("5 yrs") == "5 years"
    assert readers.terms().propose("detention") is None
    assert readers.literals("http://www.w3.org/2001/XMLSchema#nonNegativeInteger").propose("036.0") == "36"


@pytest.mark.parametrize("text", ["unknown", "UNKNOWN", "None", "???", "—", " no "])
def test_what_is_no_name_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no name"):
        readers.names().of_cell(text, Kind.TEXT)


def test_choices_are_taken_whatever_their_case() -> None:
    reader = readers.choices(["stated", "alleged"])
    assert reader.of_cell("Alleged", Kind.TEXT) == "alleged"
    with pytest.raises(ValueError, match="none of the choices stated, alleged"):
        reader.of_cell("likely", Kind.TEXT)


@pytest.mark.parametrize("text", ["wd:Q42", "https://example.org/a", "urn:isbn:1"])
def test_outside_names_are_taken(text: str) -> None:
    assert readers.outside_names().of_cell(text, Kind.TEXT) == text


@pytest.mark.parametrize("text", ["Q42", "wdd:Q42", "https://example.org/a b", "javascript:alert(1)"])
def test_what_names_nothing_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"names nothing|not an absolute IRI"):
        readers.outside_names().of_cell(text, Kind.TEXT)


# ---------------------------------------------------------------- texts and keys


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("Aman Tolek", "aman-tolek"),
        ("  AMAN   tolek ", "aman-tolek"),
        ("王小明", "王小明"),
        ("ئامان تولەك", "ئامان-تولەك"),
        ("Qur’an-School (No. 2)", "quran-school-no-2"),
        ("İpek Çelik", "i̇pek-çelik"),
        ("E\u0301mile", "émile"),
        ("a_b", "a-b"),
        ("???", ""),
        ("--", ""),
    ],
)
def test_keys_keep_letters_of_every_script(text: str, key: str) -> None:
    assert slug(text) == key


@given(st.text(max_size=200))
def test_every_key_is_one_that_seeds_take(text: str) -> None:
    key = slug(text)
    assert len(key) <= MAX_KEY
    fields = Fields()
    if key and key not in ("unknown", "none-given", "refused"):
        assert fields.is_key(Scalar(key, True, Location("a", 1, 1))), fields.problems
        assert is_key(key)


def test_long_names_have_short_keys_that_differ() -> None:
    first, second = slug("a " * 200 + "x"), slug("a " * 200 + "y")
    assert first != second
    assert len(first) <= MAX_KEY


def test_texts_are_compared_without_case_width_and_blanks() -> None:
    assert fold("ＨＡＮ ") == fold("han") == fold(" Han\u200e")
    assert fold("Han") != fold("Hann")
    assert tidy(" a\u00a0\n b\t") == "a b"


@pytest.mark.parametrize(
    ("text", "found"),
    [("a\x07b", "U+0007"), ("\u202eab", "U+202E"), ("a\u200bb", "U+200B"), ("\ud800", "U+D800")],
)
def test_characters_that_nobody_sees_are_found(text: str, found: str) -> None:
    assert unfit(text) == found
    assert unfit(cleaned(text)) is None


@pytest.mark.parametrize("text", ["می\u200cخواهم", "שלום", "a\tb\nc", "العربية"])
def test_what_people_write_is_fit(text: str) -> None:
    assert unfit(text) is None

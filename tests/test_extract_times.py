"""Dates and penalties in English text."""

import datetime

import pytest

from kg.extract.languages.en.terms import penalties
from kg.extract.languages.en.times import Clock

PUBLISHED = datetime.date(2021, 2, 9)  # a Tuesday


def dates(text: str, published: datetime.date | None = PUBLISHED) -> list[str]:
    return [date.edtf for date in Clock(published).dates(text, 0)]


@pytest.mark.parametrize(
    ("text", "edtf"),
    [
        ("on 5 May 2019", "2019-05-05"),
        ("on the 5th of May 2019", "2019-05-05"),
        ("on May 5, 2019", "2019-05-05"),
        ("on 2019-05-05", "2019-05-05"),
        ("on Jan. 20", "2021-01-20"),
        ("on November 15", "2020-11-15"),  # the one before publication
        ("on Feb. 18 last year", "2020-02-18"),
        ("in March last year", "2020-03"),
        ("in March", "2020-03"),
        ("in January", "2021-01"),
        ("in August 2020", "2020-08"),
        ("in 2018", "2018"),
        ("in mid-May", "2020-05~"),
        ("in early January", "2021-01~"),
        ("in late 2019", "2019~"),
        ("in the summer of 2019", "2019-22"),
        ("on Tuesday", "2021-02-09"),
        ("on Thursday morning", "2021-02-04"),
        ("last Tuesday", "2021-02-02"),
        ("yesterday", "2021-02-08"),
        ("last month", "2021-01"),
        ("last year", "2020"),
        ("two days ago", "2021-02-07"),
        ("three years ago", "2018~"),
        ("recently", "2021-01~"),
        ("between 2017 and 2019", "2017/2019"),
        ("between 28 January and 1 February", "2021-01-28/2021-02-01"),
    ],
)
def test_a_date_is_worked_out_from_the_day_of_publication(text, edtf):
    assert dates(text) == [edtf]


@pytest.mark.parametrize(
    "text",
    [
        "she may be held",
        "they march on",
        "section 506",
        "a 2020 law",
        "10 years old",
        "no second chance",
        "The Sun. wrote",
    ],
)
def test_what_only_looks_like_a_date_is_none(text):
    assert dates(text) == []


def test_the_same_day_and_the_next_are_those_of_the_story():
    assert dates("On 5 May 2019 he left. The same day she came; two days later they met.") == [
        "2019-05-05",
        "2019-05-05",
        "2019-05-07",
    ]


def test_a_month_in_an_old_story_is_of_its_year():
    assert dates("In January 2015 he was tried. In March he was freed.") == ["2015-01", "2015-03"]


def test_without_a_day_of_publication_only_full_dates_are_known():
    assert dates("On Tuesday, in May, last year, on 5 May, on 5 May 2019 and in 2018", None) == [
        "2019-05-05",
        "2018",
    ]


def test_a_date_that_has_not_come_is_marked():
    found = Clock(PUBLISHED).dates("The trial resumes next Thursday; he is held until 20 January.", 0)
    assert [date.future for date in found] == [True, True]


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        ("five years in prison", "P5Y"),
        ("five years' imprisonment", "P5Y"),
        ("a 13-year sentence", "P13Y"),
        ("six years and three months", "P6Y3M"),
        ("five and a half years in jail", None),
        ("two and a half years in prison", None),
        ("2.5 years in prison", "P2Y6M"),
        ("27 months", "P27M"),
        ("twenty-five years in a labor camp", "P25Y"),
        ("life imprisonment", "life"),
        ("sentenced to death", "death"),
    ],
)
def test_a_penalty_is_read(text, duration):
    found = [penalty.duration for penalty in penalties(text, 0)]
    assert found == ([duration] if duration else [f"P{'5' if 'five' in text else '2'}Y6M"])


@pytest.mark.parametrize(
    "text",
    [
        "up to ten years in prison",
        "a maximum of ten years",
        "between five and ten years",
        "five to ten years in prison",
    ],
)
def test_a_limit_is_no_penalty(text):
    assert all(penalty.limited for penalty in penalties(text, 0))


@pytest.mark.parametrize("text", ["a 36-year-old herder", "two years ago", "ten years later"])
def test_an_age_or_a_while_is_no_penalty(text):
    assert penalties(text, 0) == []

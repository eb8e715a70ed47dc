"""Where a quote stands, how a long text is cut, and what is the same when it is read twice."""

import dataclasses
import itertools
import json
import time

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.engines import answers, quotes
from kg.engines.llm_prompt import prompt, question, summary
from kg.engines.windows import SMALLEST, Window, halves, windows
from kg.proposals import Mention, Proposal, Teller

LETTERS = st.text(alphabet="abc .\n\u0301é中", max_size=60)
TEXTS = st.text(alphabet=st.characters(exclude_categories=("Cs",)), min_size=1, max_size=80)


@given(TEXTS, st.data())
def test_words_of_the_text_are_found_where_they_were_said_to_stand(text, data):
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    quote = text[start:end]
    assert quotes.place(text, quote, start=start) == start
    before = text[data.draw(st.integers(0, start)) : start]
    try:
        found = quotes.place(text, quote, before=before)
    except quotes.AmbiguousError:
        assert text.count(before + quote) > 1 or (before + quote) in text[text.index(before + quote) + 1 :]
    else:
        assert text[found - len(before) : found + len(quote)] == before + quote


@given(
    LETTERS,
    LETTERS,
    st.none() | st.integers(-3, 70),
    LETTERS | st.just(""),
    st.sampled_from(["", "a", "ab", "c b"]),
)
def test_whatever_is_claimed_a_place_that_is_given_holds_the_quote(text, quote, start, before, near):
    try:
        found = quotes.place(text, quote, start=start, before=before, near=near)
    except quotes.InventedError:
        assert quote == "" or quote not in text
    except quotes.QuoteError:
        assert quote in text
    else:
        assert text[found : found + len(quote)] == quote != ""
        assert start in (None, found)
        assert text[:found].endswith(before)


def test_several_places_are_told_apart_by_what_is_nearest_or_not_at_all():
    text = "He was held. It was a cold day. Aman came. He was held. Bolat went. He was held."
    assert quotes.place(text, "He was held.", near="Aman") == text.index("He was held.", 5)
    assert quotes.place(text, "He was held.", before="went. ") == text.rindex("He was held.")
    for near in ("", "Serik", "held", "was"):
        with pytest.raises(quotes.AmbiguousError):
            quotes.place(text, "He was held.", near=near)
    with pytest.raises(quotes.AmbiguousError):
        quotes.place("x. Aman x.", "x.", near="Aman A")
    with pytest.raises(quotes.AmbiguousError):
        quotes.place("ha " * 5_000 + "Aman", "ha", near="Aman")


def test_a_quote_that_overlaps_itself_stands_at_several_places():
    with pytest.raises(quotes.AmbiguousError):
        quotes.place("aaa", "aa")


@given(st.text(alphabet="ab. \n", max_size=3_000), st.integers(1, 300), st.data())
def test_windows_cover_everything_that_can_be_seen(text, size, data):
    overlap = data.draw(st.integers(0, size // 3))
    found = list(windows(text, size, overlap))
    seen = set()
    for each in found:
        assert 0 <= each.start < each.end <= len(text)
        assert each.end - each.start <= size
        seen.update(range(each.start, each.end))
    assert all(at in seen or character.isspace() for at, character in enumerate(text))
    for one, other in itertools.pairwise(found):
        assert one.start < other.start
        assert one.end < other.end
    assert found == sorted(found)


def test_windows_begin_and_end_with_paragraphs_then_sentences_then_words():
    paragraphs = ("A sentence here. Another one.\n\n" * 40)[:-2]
    for each in windows(paragraphs, 300, 90):
        assert paragraphs[each.start : each.end].startswith("A sentence here.")
        assert paragraphs[each.start : each.end].rstrip().endswith("Another one.")
    sentences = "这是一句话。" * 200
    assert all(sentences[each.start : each.end].endswith("。") for each in windows(sentences, 100, 30))
    words = "word " * 300
    assert all(words[each.start : each.end].startswith("word ") for each in windows(words, 100, 30))


def test_a_short_text_is_one_window_and_white_space_is_none():
    assert list(windows("One.")) == [Window(0, 4)]
    assert list(windows("")) == list(windows(" \n" * 20_000)) == []
    with pytest.raises(ValueError, match="cannot overlap by 40"):
        list(windows("x", 100, 40))


@pytest.mark.parametrize(
    "text", ["x" * 10_000_000, "." * 3_000_000, ".'" * 1_000_000, "\n \t" * 1_000_000, "\n" * 3_000_000]
)
def test_ten_megabytes_on_one_line_are_cut_at_once(text):
    start = time.process_time()
    assert sum(1 for _ in windows(text)) <= len(text) / 5_000
    assert time.process_time() - start < 2


@given(st.integers(2 * SMALLEST, 20_000), st.text(alphabet="ab. \n", min_size=50, max_size=80))
def test_halves_cover_their_window_and_get_smaller(length, piece):
    text = (piece * (length // len(piece) + 3))[: length + 200]
    window = Window(100, 100 + length)
    found = halves(text, window)
    seen = set()
    for each in found:
        assert 100 <= each.start < each.end <= window.end
        assert each.end - each.start < 0.7 * length
        seen.update(range(each.start, each.end))
    assert all(at in seen or text[at].isspace() for at in range(100, window.end))


def test_a_small_window_has_no_halves():
    assert halves("x" * 10_000, Window(0, 2 * SMALLEST - 1)) == ()


# ---------------------------------------------------------------- across windows

AMAN = Mention("Aman Tolek", "person")
TAKEN = Proposal(AMAN, "detained-at", Mention("Upper Valley", "place"), 100, 150, told_by=(Teller(AMAN),))


def changed(**changes):
    return dataclasses.replace(TAKEN, **changes)


@pytest.mark.parametrize(
    "other",
    [
        changed(score=0.1, rule="other"),
        changed(start=90, end=140),
        changed(subject=Mention("Tolek", "person")),
        changed(subject=Mention("aman  tolek", "group")),
        changed(object=Mention("The Upper Valley", "place")),
        changed(certainty="alleged"),
    ],
)
def test_the_same_said_in_two_windows_is_one(other):
    assert answers.without_doubles([[TAKEN], [other]]) == [TAKEN]
    assert answers.without_doubles([[other], [TAKEN]]) == [other]


@pytest.mark.parametrize(
    "other",
    [
        changed(start=150, end=190),
        changed(subject=Mention("Amanda Tolek", "person")),
        changed(object=Mention("Lower Valley", "place")),
        changed(polarity="denied"),
        changed(predicate="held-at"),
    ],
)
def test_what_differs_stays(other):
    assert set(answers.without_doubles([[TAKEN], [other]])) == {TAKEN, other}


def test_within_one_window_only_what_is_equal_is_the_same():
    students = [changed(subject=Mention("a student", "person", True, key)) for key in ("", "1", "2")]
    assert answers.without_doubles(
        [[*students, changed(subject=Mention("Tolek", "person")), *students, TAKEN]]
    ) == [
        *students,
        changed(subject=Mention("Tolek", "person")),
        TAKEN,
    ]


def test_many_proposals_are_compared_in_good_time():
    many = [[changed(start=at * 10, end=at * 10 + 30, event=str(at)) for at in range(500)] for _ in range(6)]
    start = time.process_time()
    answers.without_doubles(many)
    assert time.process_time() - start < 3


# ---------------------------------------------------------------- what a model is told


def test_instructions_are_the_same_text_every_time(vocabulary):
    first, second = (prompt(vocabulary.ontology, vocabulary.choices) for _ in range(2))
    assert first == second
    ontology = vocabulary.ontology
    turned = dataclasses.replace(
        ontology,
        predicates=dict(reversed(ontology.predicates.items())),
        classes=dict(reversed(ontology.classes.items())),
        qualifiers=dict(reversed(ontology.qualifiers.items())),
    )
    assert prompt(turned, dict(reversed(vocabulary.choices.items()))) == first


def test_a_new_predicate_changes_instructions_schema_and_digest(vocabulary):
    ontology = vocabulary.ontology
    moved = dataclasses.replace(
        ontology.predicates["held-at"], key="moved-to", definition="Where somebody\nwas moved."
    )
    more = dataclasses.replace(ontology, predicates={**ontology.predicates, "moved-to": moved})
    old, new = (prompt(each, vocabulary.choices) for each in (ontology, more))
    assert old.digest != new.digest
    assert "- moved-to (person-or-group -> place): Where somebody was moved.\n" in new.instructions
    assert "moved-to" in str(new.schema)
    assert "moved-to" in str(summary(more, vocabulary.choices))


def test_the_example_in_the_instructions_is_of_the_schema(vocabulary):
    made = prompt(vocabulary.ontology, vocabulary.choices)
    example = json.loads(made.instructions.splitlines()[-1])
    filled = dict.fromkeys(
        made.schema["properties"]["proposals"]["items"]["properties"]["qualifiers"]["properties"]
    )
    [one] = example["proposals"]
    one["qualifiers"] = {**filled, **one["qualifiers"]}
    jsonschema.validate(example, made.schema)


def test_only_what_a_program_can_say_is_offered(vocabulary):
    offered = {each["key"] for each in summary(vocabulary.ontology, vocabulary.choices)["qualifiers"]}
    assert {"date", "inferred", "count"} <= offered
    assert not offered & {"engine", "reviewer", "withdrawal-reason", "withdrawn-by"}
    assert set(summary(vocabulary.ontology, vocabulary.choices)["choices"]) == {
        "basis",
        "certainty",
        "polarity",
    }


@given(st.text(max_size=200))
def test_no_text_holds_the_line_that_ends_it(text):
    try:
        asked = question(text, None, "")
    except UnicodeEncodeError:
        return
    first = next(line for line in asked.split("\n") if line.startswith("===== report "))
    last = f"===== end of {first.removeprefix('===== ')}"
    assert asked.endswith(f"{first}\n{text}\n{last}\n")
    assert last not in text

from __future__ import annotations

import unicodedata

import pytest

from kg import fields as fields_module
from kg import nt
from kg.fields import MAX_PROBLEMS, SPECIAL, Fields
from kg.nodes import List, Map, Scalar, read
from kg.problems import Location

HERE = Location("a.yaml", 1, 1)


def typed(text: str) -> Map:
    """The mapping that `text` is."""
    tree, problems = read(text.encode(), "a.yaml")
    assert isinstance(tree, Map)
    assert problems == []
    return tree


def scalar(text: str, *, quoted: bool = False, path: str = "a.yaml") -> Scalar:
    return Scalar(text, quoted, Location(path, 1, 1))


def told(fields: Fields) -> list[str]:
    return [str(problem) for problem in fields.problems]


# ---------------------------------------------------------------- keys of mappings


def test_known_keys_are_no_problem_and_an_unknown_one_names_the_nearest() -> None:
    fields = Fields()
    fields.known_keys(
        typed("title: x\nurl: y\npublishd: z"), ["title", "url", "published"], "key of a report"
    )
    assert told(fields) == [
        "a.yaml:3:1: unknown-key: no key of a report is called 'publishd'; did you mean 'published'?"
    ]


def test_without_a_near_one_the_known_keys_are_listed_up_to_twenty_four() -> None:
    fields = Fields()
    fields.known_keys(typed("zebra: x"), ["label", "note"], "key")
    fields.known_keys(typed("zebra: x"), [f"k{n:02}" for n in range(25)], "predicate, qualifier or key")
    short, long = told(fields)
    assert short.endswith("there are label, note")
    assert long.endswith("k22, k23 …")
    assert "unknown-predicate" in long


def test_keys_are_told_apart_by_their_letters_exactly() -> None:
    fields = Fields()
    fields.known_keys(typed("Title: x\nтitle: y\n'title ': z"), ["title"], "key")
    assert [(p.location.line, p.code) for p in fields.problems] == [(n, "unknown-key") for n in (1, 2, 3)]


# ---------------------------------------------------------------- texts and lists


def test_a_text_that_is_missing_is_a_problem_only_if_it_is_needed() -> None:
    fields, node = Fields(), typed("a: x")
    assert fields.text(node, "b") is None
    assert told(fields) == []
    assert fields.text(node, "b", needed="the second letter") is None
    assert told(fields) == ["a.yaml:1:1: missing-key: b is missing; write b: and the second letter"]


@pytest.mark.parametrize(
    "value", ["", "''", '" "', '"\\t\\n"', "\u00a0", '"\u200b\u200d"', '"\\u2060"', "|\n\n"]
)
def test_a_text_of_nothing_that_can_be_seen_is_empty(value: str) -> None:
    fields = Fields()
    assert fields.words(typed(f"a: {value}"), "a") is None
    (problem,) = fields.problems
    assert (problem.location.line, problem.location.column, problem.code) == (
        1,
        3 if not value else 4,
        "empty",
    )
    assert problem.message == "a is empty; give a value, or take the line out"


@pytest.mark.parametrize("value", ["0", "~", "null", "no", ".", "می\u200cخواهم", "\U0001f600", "'#'"])
def test_a_text_of_one_visible_character_is_not_empty(value: str) -> None:
    fields = Fields()
    assert fields.words(typed(f"a: {value}"), "a") == value.strip("'")
    assert told(fields) == []


def test_what_should_be_one_text_and_is_not_says_what_it_is() -> None:
    fields, node = Fields(), typed("a: [x]\nb: {c: d}")
    assert fields.text(node, "a") is None
    assert fields.text(node, "b") is None
    assert told(fields) == [
        "a.yaml:1:4: wrong-kind: found a list; a is one text",
        "a.yaml:2:4: wrong-kind: found a mapping; b is one text",
    ]


def test_a_list_and_one_text_in_its_place_are_the_same() -> None:
    fields, node = Fields(), typed("a: [x, y]\nb: z\nc: []")
    assert [s.text for s in fields.texts(node.get("a"))] == ["x", "y"]
    assert [s.text for s in fields.texts(node.get("b"))] == ["z"]
    assert fields.texts(node.get("c")) == fields.texts(node.get("d")) == []
    assert told(fields) == []


def test_of_a_list_what_is_no_text_is_reported_and_the_rest_is_given() -> None:
    fields = Fields()
    node = typed("about: [x, '', [y], {z: z}, w]")
    assert [s.text for s in fields.texts(node.get("about"), node, "about", "a key")] == ["x", "w"]
    assert [(p.location.column, p.code) for p in fields.problems] == [
        (16, "wrong-kind"),
        (21, "wrong-kind"),
        (12, "empty"),
    ]


def test_a_list_that_is_needed_and_missing_is_reported_at_its_owner() -> None:
    fields, node = Fields(), typed("a: x")
    assert fields.texts(None, node, "about", "the key of who this speaks of") == []
    assert told(fields) == [
        "a.yaml:1:1: missing-key: about is missing; write about: and the key of who this speaks of"
    ]


def test_a_section_is_a_mapping_or_left_empty() -> None:
    fields, node = Fields(), typed("a: {x: y}\nb:\nc: ''\nd: [z]\ne: text")
    assert [key.text for key, _ in fields.entries(node.get("a"), "a mapping")] == ["x"]
    assert list(fields.entries(node.get("b"), "a mapping")) == []
    assert list(fields.entries(None, "a mapping")) == []
    assert told(fields) == []
    for name in "cde":
        assert list(fields.entries(node.get(name), "a mapping of keys")) == []
    assert told(fields) == [
        "a.yaml:3:4: wrong-kind: found text; write a mapping of keys",
        "a.yaml:4:4: wrong-kind: found a list; write a mapping of keys",
        "a.yaml:5:4: wrong-kind: found text; write a mapping of keys",
    ]


# ---------------------------------------------------------------- keys


@pytest.mark.parametrize(
    "key", ["a", "a-b", "2017-list", "josé", "شخص", "आमिर-खान", "温泉县", "ñandú-2", "𐌰𐌱"]
)
def test_letters_and_digits_of_any_script_joined_by_hyphens_are_a_key(key: str) -> None:
    fields = Fields()
    assert fields.is_key(scalar(key))
    assert nt.iri("https://example.org/" + key)
    assert told(fields) == []


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("Aman Tolek", "such as 'aman-tolek'"),
        ("a_b", "such as 'a-b'"),
        ("a/../b", "such as 'a-b'"),
        ("-a", "such as 'a'"),
        ("a-", "such as 'a'"),
        ("a--b", "such as 'a-b'"),
        ("a\u200db", "such as 'a-b'"),
        ("a\u2010b", "such as 'a-b'"),
        ("\U0001f600", "joined by single hyphens"),
        ("<script>", "such as 'script'"),
        ("", "joined by single hyphens"),
        (unicodedata.normalize("NFD", "josé"), "write 'josé' (Unicode NFC)"),
        *((word, "has a meaning of its own") for word in SPECIAL),
    ],
)
def test_what_is_no_key_comes_with_one_that_would_be(key: str, said: str) -> None:
    fields = Fields()
    assert not fields.is_key(scalar(key))
    (problem,) = fields.problems
    assert (problem.code, said in problem.message) == ("bad-key", True)


def test_an_unknown_key_names_the_nearest_and_a_twin_in_other_letters_is_explained() -> None:
    fields, table = Fields(), {"josé": 1, "aman-tolek": 2}
    assert fields.lookup(scalar("josé"), table, "unknown-entity", "entity") == 1
    twin = unicodedata.normalize("NFD", "josé")
    for key in ("aman-tolk", "zebra", twin):
        assert fields.lookup(scalar(key), table, "unknown-entity", "entity") is None
    near, far, decomposed = (problem.message for problem in fields.problems)
    assert near == "no entity has the key 'aman-tolk'; did you mean 'aman-tolek'?"
    assert far.endswith("declare it first, in this file or a shared one")
    assert decomposed.endswith("its accents are typed apart from their letters; write 'josé' (Unicode NFC)")


# ---------------------------------------------------------------- values


@pytest.mark.parametrize("text", ["0", "7", "9" * 30])
def test_a_whole_number_from_0_up_is_one(text: str) -> None:
    fields = Fields()
    assert fields.number(scalar(text)) == int(text)
    assert told(fields) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("-1", "below zero"),
        ("-0", "below zero"),
        ("007", "write 7"),
        ("+7", "write 7"),
        ("1.0", "digits only"),
        ("1e3", "digits only"),
        ("0x1F", "digits only"),
        ("1_000", "digits only"),
        ("٣", "digits only"),
        ("²", "digits only"),
        (" 1", "digits only"),
        ("1\n", "digits only"),
        ("9" * 31, "digits only"),
        ("9" * 10_000, "digits only"),
    ],
)
def test_what_is_no_whole_number_from_0_up_is_reported(text: str, said: str) -> None:
    fields = Fields()
    assert fields.number(scalar(text)) is None
    (problem,) = fields.problems
    assert problem.code == "bad-number"
    assert said in problem.message
    assert len(problem.message) < 600


def test_nothing_has_no_number_and_no_digest_and_no_problem() -> None:
    fields = Fields()
    assert fields.number(None) is fields.digest(None) is fields.checked(None, "bad-iri", nt.iri) is None
    assert told(fields) == []


@pytest.mark.parametrize("text", ["0" * 63, "0" * 65, "G" * 64, "A" * 64, "０" * 64, "0" * 64 + "\n", ""])
def test_a_digest_is_64_hexadecimal_digits(text: str) -> None:
    fields = Fields()
    assert fields.digest(scalar("0123456789abcdef" * 4)) == "0123456789abcdef" * 4
    assert fields.digest(scalar(text)) is None
    assert [p.code for p in fields.problems] == ["bad-digest"]


def test_the_fault_that_a_check_finds_is_told_at_its_place() -> None:
    fields = Fields()
    assert fields.checked(scalar("https://example.org/"), "bad-iri", nt.iri) == "https://example.org/"
    assert fields.checked(scalar("x"), "bad-iri", nt.iri) is None
    (problem,) = fields.problems
    assert (problem.location, problem.code) == (HERE, "bad-iri")


# ---------------------------------------------------------------- too much of everything


def test_of_a_thousand_and_more_problems_of_a_file_a_thousand_are_told() -> None:
    fields = Fields()
    for _ in range(MAX_PROBLEMS + 500):
        fields.problem(scalar("x"), "bad-key", "found it again")
    fields.problem(scalar("x", path="b.yaml"), "bad-key", "found it elsewhere")
    codes = [problem.code for problem in fields.problems if problem.location.path == "a.yaml"]
    assert codes == ["bad-key"] * MAX_PROBLEMS + ["too-many-problems"]
    assert [p.message for p in fields.problems if p.location.path == "b.yaml"] == ["found it elsewhere"]


@pytest.mark.parametrize("length", [2_000, 1_000_000])
def test_a_message_that_quotes_a_very_long_text_keeps_its_start_and_its_end(length: int) -> None:
    fields = Fields()
    fields.lookup(scalar("x" * length), {"y": 1}, "unknown-entity", "entity")
    (problem,) = fields.problems
    assert len(problem.message) < 600
    assert problem.message.startswith("no entity has the key 'xxx")
    assert problem.message.endswith("xxx'; declare it first, in this file or a shared one")


def test_a_list_of_names_is_not_cut() -> None:
    fields = Fields()
    fields.known_keys(typed("zebra: x"), [f"a-rather-long-predicate-{n:02}" for n in range(30)], "predicate")
    assert all(f"-{n:02}" in fields.problems[0].message for n in range(24))


def test_looking_for_near_names_ends_before_it_takes_long(monkeypatch: pytest.MonkeyPatch) -> None:
    # Thousands of misspelt keys among thousands of entities would take hours.
    monkeypatch.setattr(fields_module, "_COMPARISONS", 2_500)
    fields = Fields()
    names = {f"somebody-from-the-valley-{n}": n for n in range(1_000)}
    for n in range(500):
        fields.lookup(scalar(f"somebody-from-a-valley-{n}"), names, "unknown-entity", "entity")
    suggested = ["did you mean" in problem.message for problem in fields.problems]
    assert suggested == [True] * 2 + [False] * 498


def test_a_very_long_text_is_compared_with_nothing() -> None:
    fields = Fields()
    assert fields.nearest("detaind-at", ["detained-at"]) == "detained-at"
    assert fields.nearest("detaind-at" * 100_000, ["detained-at"]) is None


def test_a_list_is_not_taken_for_a_text() -> None:
    fields = Fields()
    assert fields.scalar(List((), HERE), "about") is None
    assert told(fields) == ["a.yaml:1:1: wrong-kind: found a list; about is one text"]

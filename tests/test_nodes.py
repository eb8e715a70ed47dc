import codecs
import json
import time

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from kg import nodes
from kg.nodes import List, Map, Scalar, describe, read
from kg.problems import Location


def found(text: str | bytes) -> list[tuple[int, int, str]]:
    """Give line, column and code of every problem of a file with this text."""
    data = text.encode() if isinstance(text, str) else text
    return [(p.location.line, p.location.column, p.code) for p in read(data, "seed.yaml")[1]]


def message(text: str | bytes) -> str:
    """Give the message of the one problem of a file with this text."""
    data = text.encode() if isinstance(text, str) else text
    (problem,) = read(data, "seed.yaml")[1]
    return problem.message


def plain(node: nodes.Node | None) -> object:
    """Give a tree as lists, pairs and text."""
    if isinstance(node, List):
        return [plain(item) for item in node]
    if isinstance(node, Map):
        return {key.text: plain(value) for key, value in node}
    return node.text if node is not None else None


def tree(text: str) -> object:
    """Give the tree of a file that must have no problem."""
    node, problems = read(text.encode(), "seed.yaml")
    assert problems == []
    return plain(node)


def positions(node: nodes.Node) -> list[tuple[str, int, int]]:
    """Give every scalar of a tree with its line and column, in file order."""
    if isinstance(node, Scalar):
        return [(node.text, node.location.line, node.location.column)]
    parts = node.items if isinstance(node, List) else [part for entry in node.entries for part in entry]
    return [position for part in parts for position in positions(part)]


def scalars(text: str) -> list[tuple[str, int, int]]:
    node, problems = read(text.encode(), "seed.yaml")
    assert problems == []
    assert node is not None
    return positions(node)


# --- values and positions -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "typed", ["NO", "yes", "0123", "12:30", "2017-02-30", "~", "null", "1.50", "1e3", "0x1F", ".inf", "="]
)
def test_an_unquoted_value_is_the_text_as_typed(typed):
    node, problems = read(f"key: {typed}\n".encode(), "seed.yaml")
    assert problems == []
    assert node == Map(
        (
            (
                Scalar("key", False, Location("", 1, 1)),
                Scalar(typed, False, Location("", 1, 6)),
            ),
        ),
        Location("", 1, 1),
    )


def test_a_quoted_value_and_a_block_are_told_from_an_unquoted_one():
    node, problems = read(
        b"- plain\n- 'single'\n- \"double\"\n- |\n  block\n- >-\n  fol\n  ded\n", "seed.yaml"
    )
    assert problems == []
    assert isinstance(node, List)
    assert [(item.text, item.quoted) for item in node if isinstance(item, Scalar)] == [
        ("plain", False),
        ("single", True),
        ("double", True),
        ("block\n", True),
        ("fol ded", True),
    ]


def test_a_value_left_out_is_empty_and_unquoted_and_stands_behind_its_colon():
    node, problems = read(b"since:\nquoted: ''\n", "seed.yaml")
    assert problems == []
    assert isinstance(node, Map)
    since, quoted = node.get("since"), node.get("quoted")
    assert (since, quoted) == (
        Scalar("", False, Location("", 0, 0)),
        Scalar("", True, Location("", 0, 0)),
    )
    assert since is not None
    assert since.location == Location("seed.yaml", 1, 7)


def test_every_scalar_knows_its_line_and_column():
    assert scalars("- subject: serek-yelsik\n  places: [arishan,  'bortala']\n-   |\n  text\n") == [
        ("subject", 1, 3),
        ("serek-yelsik", 1, 12),
        ("places", 2, 3),
        ("arishan", 2, 12),
        ("bortala", 2, 22),
        ("text\n", 3, 5),
    ]


def test_lists_and_mappings_know_their_line_and_column():
    node, _ = read(b"# first\nkey:\n  - a: b\n  - [c]\n", "seed.yaml")
    assert isinstance(node, Map)
    inner = node.get("key")
    assert isinstance(inner, List)
    assert [part.location for part in (node, inner, *inner)] == [
        Location("seed.yaml", 2, 1),
        Location("seed.yaml", 3, 3),
        Location("seed.yaml", 3, 5),
        Location("seed.yaml", 4, 5),
    ]


def test_columns_count_code_points_in_astral_combining_and_right_to_left_text():
    assert scalars("{'𐱃𐰇𐰼𐰚': x, 'ئۈرۈمچى': y, 'e\u0301': z}") == [
        ("𐱃𐰇𐰼𐰚", 1, 2),
        ("x", 1, 10),
        ("ئۈرۈمچى", 1, 13),
        ("y", 1, 24),
        ("e\u0301", 1, 27),
        ("z", 1, 33),
    ]


def test_a_byte_order_mark_does_not_shift_the_first_column():
    node, problems = read(codecs.BOM_UTF8 + b"key: value\n", "seed.yaml")
    assert problems == []
    assert node is not None
    assert positions(node) == [("key", 1, 1), ("value", 1, 6)]
    assert found(codecs.BOM_UTF8 + b"key: *x\n") == [(1, 6, "alias")]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_may_end_as_on_any_system(end):
    text = end.join(["a: b", "# c", "", "d:", "  - 'e", "    f'", "  - |", "    g", "    h", "i: j", ""])
    assert scalars(text) == [
        ("a", 1, 1),
        ("b", 1, 4),
        ("d", 4, 1),
        ("e f", 5, 5),
        ("g\nh\n", 7, 5),
        ("i", 10, 1),
        ("j", 10, 4),
    ]
    assert found(text + "k: *l" + end) == [(11, 4, "alias")]


def test_mixed_line_ends_are_counted_as_editors_do():
    assert scalars("a: 1\r\nb: 2\rc: 3\n\rd: 4\r\r\ne: 5") == [
        ("a", 1, 1),
        ("1", 1, 4),
        ("b", 2, 1),
        ("2", 2, 4),
        ("c", 3, 1),
        ("3", 3, 4),
        ("d", 5, 1),
        ("4", 5, 4),
        ("e", 7, 1),
        ("5", 7, 4),
    ]


@pytest.mark.parametrize("separator", ["\x85", "\u2028", "\u2029"])
def test_a_unicode_line_separator_is_kept_as_typed_and_begins_no_line(separator):
    text = 'a: one_two_\nb: "x _ y"\nc: |\n  p_q\n# r_s\nd: e\n'.replace("_", separator)
    assert scalars(text) == [
        ("a", 1, 1),
        (f"one{separator}two{separator}", 1, 4),
        ("b", 2, 1),
        (f"x {separator} y", 2, 4),
        ("c", 3, 1),
        (f"p{separator}q\n", 3, 4),
        ("d", 6, 1),
        ("e", 6, 4),
    ]
    assert found(f"a: one{separator}two: 2\n") == [(1, 11, "yaml-syntax")]


def test_a_kept_line_separator_is_never_confused_with_a_private_character():
    text = '- "\u2028 \U0010fffd \\U0010fffc"\n'
    assert tree(text) == ["\u2028 \U0010fffd \U0010fffc"]


def test_composed_and_decomposed_letters_stay_as_typed():
    assert tree("\u00e9: e\u0301\ne\u0301: \u00e9\n") == {"\u00e9": "e\u0301", "e\u0301": "\u00e9"}


def test_joiners_and_direction_marks_are_text():
    assert tree("- می\u200cخواهم\n- क्\u200dष\n- \u200eabc\u200f\n") == [
        "می\u200cخواهم",
        "क्\u200dष",
        "\u200eabc\u200f",
    ]


def test_a_list_and_a_mapping_are_equal_wherever_they_stand():
    assert read(b"a: [b]", "x")[0] == read(b"\n\n'a':\n- b".replace(b"'", b""), "y")[0]
    assert hash(read(b"a: [b]", "x")[0]) == hash(read(b"a:\n- b", "y")[0])
    assert read(b"a: b", "x")[0] != read(b"a: 'b'", "x")[0]


def test_a_mapping_gives_its_entries_in_file_order_and_values_by_key():
    node, _ = read(b"z: 1\na: 2\nm: {n: 3}\n", "seed.yaml")
    assert isinstance(node, Map)
    assert [key.text for key, _ in node] == ["z", "a", "m"]
    assert node.get("a") == Scalar("2", False, Location("", 0, 0))
    assert node.get("b") is None
    assert "z" in node
    assert "1" not in node


@pytest.mark.parametrize(
    ("text", "description"),
    [("[]", "a list"), ("{}", "a mapping"), ("x", "text"), ("''", "text"), ("~", "text")],
)
def test_a_node_is_described_for_a_message(text, description):
    node, _ = read(text.encode(), "seed.yaml")
    assert node is not None
    assert describe(node) == description


def test_a_value_left_out_is_described_as_nothing():
    assert describe(Scalar("", False, Location("seed.yaml", 1, 1))) == "nothing"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("[]", []),
        ("{}", {}),
        ("- []\n- {}\n-", [[], {}, ""]),
        ("text", "text"),
        ("---\na: b\n...\n", {"a": "b"}),
        ("%YAML 1.2\n---\na: b\n", {"a": "b"}),
        ("{a, b: , c: [d: e]}", {"a": "", "b": "", "c": [{"d": "e"}]}),
        ("? long key\n: value\n", {"long key": "value"}),
        ("a: b#c # comment\n", {"a": "b#c"}),
        ("'<<': a\n'': b\n'*x': c\n", {"<<": "a", "": "b", "*x": "c"}),
        ("u: http://example.org/a:b?c=d&e=!f*g\n", {"u": "http://example.org/a:b?c=d&e=!f*g"}),
    ],
)
def test_ordinary_yaml_is_read(text, value):
    assert tree(text) == value


# --- what is refused ----------------------------------------------------------------------------------------


def test_an_alias_is_refused_at_its_place_and_kept_as_its_text():
    text = b"a: *first\nb: [x, *second]\n"
    assert found(text) == [(1, 4, "alias"), (2, 8, "alias")]
    assert plain(read(text, "x")[0]) == {"a": "*first", "b": ["x", "*second"]}
    assert message("a: *first\n").startswith("the alias '*first' is not allowed; write the value again")


def test_an_entry_whose_key_is_an_alias_is_left_out():
    assert found("*k : a\nb: c\n") == [(1, 1, "alias")]
    assert plain(read(b"*k : a\nb: c\n", "x")[0]) == {"b": "c"}


def test_an_anchor_is_refused_at_its_place_and_its_value_is_kept():
    text = b"a: &x b\nc: &y [d]\ne: &z {f: g}\nh: &w\n"
    assert found(text) == [(1, 4, "anchor"), (2, 4, "anchor"), (3, 4, "anchor"), (4, 4, "anchor")]
    assert plain(read(text, "x")[0]) == {"a": "b", "c": ["d"], "e": {"f": "g"}, "h": ""}
    assert "'&x'" in message("a: &x b\n")


@pytest.mark.parametrize(
    "tag", ["!", "!!str", "!!python/object:os.system", "!mine", "!<tag:example.org,2020:x>"]
)
def test_an_explicit_tag_is_refused_at_its_place_and_its_value_is_kept(tag):
    text = f"a: {tag} b\nc: {tag} [d]\ne: {tag}\n  f: g\n".encode()
    assert found(text) == [(1, 4, "tag"), (2, 4, "tag"), (3, 4, "tag")]
    assert plain(read(text, "x")[0]) == {"a": "b", "c": ["d"], "e": {"f": "g"}}
    assert repr(tag) in message(f"a: {tag} b")


def test_an_anchor_and_a_tag_before_one_value_are_two_problems():
    assert found("a: !x &y b\n") == [(1, 4, "tag"), (1, 7, "anchor")]
    assert found("a: &y\n  # between\n  !x\n  b: c\n") == [(1, 4, "anchor"), (3, 3, "tag")]


def test_the_anchor_of_nothing_does_not_claim_the_tag_of_the_next_key():
    assert found("a: &x\n!y b: c\n") == [(1, 4, "anchor"), (2, 1, "tag")]


def test_a_tag_instruction_is_refused():
    assert found("# note\n%TAG !e! tag:example.org,2020:\n---\na: !e!x b\n") == [(2, 1, "tag")]


def test_thousands_of_tag_instructions_are_answered_at_once():
    started = time.process_time()
    text = "".join(f"%TAG !a{number}! x\n" for number in range(60_000))
    assert found(text + "---\na: b\n") == [(1, 1, "tag")]
    assert time.process_time() - started < 12


def test_a_repeated_key_is_reported_at_the_second_and_the_first_is_kept():
    text = b"- a: 1\n  b: 2\n  a: 3\n  'a': 4\n- a: 5\n"
    assert found(text) == [(3, 3, "repeated-key"), (4, 3, "repeated-key")]
    assert plain(read(text, "x")[0]) == [{"a": "1", "b": "2"}, {"a": "5"}]
    assert (
        message("a: 1\na: 2\n") == "the key 'a' already stands in this mapping, at line 1, column 1; keep one"
    )


def test_a_long_key_is_cut_in_the_message():
    key = "k" * 900
    assert len(message(f"{key}: 1\n{key}: 2\n")) < 200


@pytest.mark.parametrize(
    ("text", "line", "column", "kind"),
    [
        ("[a]: b\nc: d\n", 1, 1, "a list"),
        ("{a: b}: x\nc: d\n", 1, 1, "a mapping"),
        ("? - a\n: b\nc: d\n", 1, 3, "a list"),
        ("c: d\n? e: f\n: g\n", 2, 3, "a mapping"),
    ],
)
def test_a_key_that_is_no_text_is_refused_and_its_entry_left_out(text, line, column, kind):
    assert found(text) == [(line, column, "bad-key")]
    assert f"not {kind};" in message(text)
    assert plain(read(text.encode(), "x")[0]) == {"c": "d"}


def test_a_missing_key_is_refused():
    text = "b: c\n?\n: a\n"
    assert found(text) == [(2, 2, "bad-key")]
    assert message(text) == "a key is missing before ':'"
    assert plain(read(text.encode(), "x")[0]) == {"b": "c"}


def test_a_merge_key_is_refused_and_left_out():
    assert found("base: {a: b}\nmore:\n  <<: {c: d}\n  e: f\n") == [(3, 3, "merge-key")]
    assert plain(read(b"<<: {c: d}\ne: f\n", "x")[0]) == {"e": "f"}


def test_a_second_document_is_refused_once_and_the_first_is_given():
    text = b"a: b\n---\nc: *d\n---\ne: f\n"
    assert found(text) == [(2, 1, "several-documents"), (3, 4, "alias")]
    assert plain(read(text, "x")[0]) == {"a": "b"}
    assert plain(read(b"---\n---\na: b\n", "x")[0]) == {"a": "b"}


def test_forty_levels_are_read_and_forty_one_refused():
    assert found("[" * 40 + "]" * 40) == []
    assert found("[" * 41 + "]" * 41) == [(1, 41, "too-deep")]
    assert found("a: " + "[" * 40 + "]" * 40) == [(1, 43, "too-deep")]
    assert found("".join(" " * level + "a:\n" for level in range(41))) == [(41, 41, "too-deep")]
    assert read(b"[" * 41 + b"]" * 41, "x")[0] is None


@pytest.mark.parametrize("opening", ["[", "{", "{a: ", "[{a: ", "- ", "? ", "[? "])
def test_a_hundred_thousand_levels_are_answered_at_once(opening):
    started = time.process_time()
    assert [code for _, _, code in found(opening * 100_000)] == ["too-deep"]
    assert time.process_time() - started < 12


def test_a_file_that_is_too_large_is_not_read(monkeypatch):
    monkeypatch.setattr(nodes, "MAX_BYTES", 20)
    assert found(b"a: *b".ljust(20)) == [(1, 4, "alias")]
    assert found(b"a: *b".ljust(21)) == [(1, 1, "too-large")]
    assert message(b" " * 21).startswith("the file has 21 bytes, and the most is 20;")


def test_the_largest_file_is_fifty_megabytes():
    assert nodes.MAX_BYTES == 50_000_000


def test_text_of_a_million_characters_is_read_and_one_more_refused():
    longest = "ё" * 1_000_000
    assert found(f"a: {longest}") == []
    assert found(f"b: c\na: {longest}ё") == [(2, 4, "too-long")]
    assert message(f"a: '{longest}ё'").startswith(
        "this text has 1,000,001 characters, and the most is 1,000,000;"
    )


@pytest.mark.parametrize(
    "text", ["", "\n\n", "# only a comment\n", "---\n", "--- # x\n...\n", "  \n# a\n\n", "\ufeff"]
)
def test_a_file_with_nothing_in_it_is_a_problem(text):
    assert read(text.encode(), "seed.yaml")[0] is None
    assert found(text) == [(1, 1, "empty-file")]


def test_all_problems_are_told_in_file_order():
    text = "- a: *x\n  a: &y b\n- [c]: !z d\n  <<: e\n- f: g\u202e\n- h: \x07\n"
    assert found(text) == [
        (1, 6, "alias"),
        (2, 3, "repeated-key"),
        (2, 6, "anchor"),
        (3, 3, "bad-key"),
        (3, 8, "tag"),
        (4, 3, "merge-key"),
        (5, 7, "bidi-control"),
        (6, 6, "control-character"),
    ]


def test_what_was_found_before_a_fault_of_syntax_is_told_too():
    text = "a: *x\nb: 1\nb:\n  c: 1\n  c: 2\n  d: &e f\n  g: h: i\n"
    assert found(text) == [
        (1, 4, "alias"),
        (3, 1, "repeated-key"),
        (5, 3, "repeated-key"),
        (6, 6, "anchor"),
        (7, 7, "yaml-syntax"),
    ]
    assert read(text.encode(), "x")[0] is None


def test_what_was_found_before_too_deep_a_place_is_told_too():
    assert found("a: 1\na: " + "[" * 50) == [(2, 1, "repeated-key"), (2, 43, "too-deep")]


def test_after_a_thousand_problems_one_more_says_that_there_are_others():
    problems = read(b"- *x\n" * 5000, "seed.yaml")[1]
    assert len(problems) == 1001
    assert {problem.code for problem in problems[:1000]} == {"alias"}
    assert str(problems[-1]).startswith("seed.yaml:1001:3: too-many-problems: ")
    assert read(b"- *x\n" * 5000, "seed.yaml")[0] is None
    assert len(found("- *x\n" * 1000)) == 1000


# --- encodings and characters -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text", ["a: b\n", "place: Үрімжі\nname: Серік Елсік\n", "人: 烏魯木齊的居民\nsource: 朋友\nplace: x\n"]
)
@pytest.mark.parametrize(
    ("codec", "mark", "name"),
    [
        ("utf-16-le", codecs.BOM_UTF16_LE, "UTF-16"),
        ("utf-16-be", codecs.BOM_UTF16_BE, "UTF-16"),
        ("utf-32-le", codecs.BOM_UTF32_LE, "UTF-32"),
        ("utf-32-be", codecs.BOM_UTF32_BE, "UTF-32"),
    ],
)
def test_utf_16_and_utf_32_are_named_with_and_without_a_mark(text, codec, mark, name):
    for data in (mark + text.encode(codec), text.encode(codec), text.encode(codec) * 2000):
        assert read(data, "seed.yaml")[0] is None
        assert found(data) == [(1, 1, "encoding")]
        assert message(data) == f"the file is saved as {name}; save it again with the encoding UTF-8"


@pytest.mark.parametrize(
    ("data", "line", "column", "byte"),
    [
        (b"\xe9", 1, 1, "0xE9"),
        (b"a: b\r\nc: \xe9t\xe9\n", 2, 4, "0xE9"),
        ("a: ё\rb: 𐱃".encode() + b"\xff", 2, 5, "0xFF"),
        (codecs.BOM_UTF8 + b"a\xff", 1, 2, "0xFF"),
        (b"a: \xed\xa0\x80", 1, 4, "0xED"),
        (b"a: \xc0\x80", 1, 4, "0xC0"),
        (b"a: \xf4\x90\x80\x80", 1, 4, "0xF4"),
        ("a: ё".encode()[:-1], 1, 4, "0xD1"),
    ],
)
def test_the_first_byte_that_is_not_utf_8_is_reported(data, line, column, byte):
    assert found(data) == [(line, column, "encoding")]
    assert message(data).startswith(f"the byte {byte} is not UTF-8; save the file again")


@pytest.mark.parametrize(
    "character",
    ["\0", "\x01", "\x08", "\x0b", "\x0c", "\x1b", "\x7f", "\x80", "\x9f", "\ufeff", "\ufffe", "\uffff"],
)
def test_a_control_character_is_reported_with_its_code_point_and_kept(character):
    text = f"a: b\nc: 𐱃{character}d\n# {character}\ne: *f\n"
    assert found(text) == [(2, 5, "control-character"), (3, 3, "control-character"), (4, 4, "alias")]
    assert f"U+{ord(character):04X}" in message(f"a: {character}b\n")
    assert plain(read(text.encode(), "x")[0]) == {"a": "b", "c": f"𐱃{character}d", "e": "*f"}


def test_a_nul_hints_at_utf_16():
    assert "UTF-16" in message("a: \0\n")
    assert "UTF-16" not in message("a: \x01\n")


@pytest.mark.parametrize(
    "typed", ["\\0", "\\x07", "\\u0000", "\\U0000FFFE", "\\uFEFF", "\\e", "\\a", "\\b", "\\v", "\\f"]
)
def test_an_escaped_control_character_is_reported_at_its_escape(typed):
    assert found(f'a: "b\\\\{typed}"\n') == [(1, 8, "control-character")]
    assert found(f"a: 'b{typed}'\n") == []


def test_escapes_of_text_are_read():
    assert tree('- "\\t\\n\\r\\"\\\\\\/\\x41\\u0416\\U0001F600\\N\\_\\L\\P"\n') == [
        '\t\n\r"\\/AЖ😀\x85\xa0\u2028\u2029'
    ]


def test_a_bidi_control_in_a_value_is_reported_where_it_stands():
    text = "a: b\nc: >\n  one\n  tw\u2067o\n'\u202ad\u202c': e\n"
    assert found(text) == [(4, 5, "bidi-control"), (5, 2, "bidi-control"), (5, 4, "bidi-control")]
    assert message("a: \u202e\n").startswith("U+202E (right-to-left override) makes text read differently")


@pytest.mark.parametrize("point", [*range(0x202A, 0x202F), *range(0x2066, 0x206A)])
def test_every_bidi_control_is_reported_typed_or_escaped(point):
    assert found(f"- x{chr(point)}") == [(1, 4, "bidi-control")]
    assert found(f'- "x\\u{point:04x}"') == [(1, 5, "bidi-control")]


def test_a_bidi_control_in_a_comment_changes_no_value():
    assert tree("a: b # \u202e\n") == {"a": "b"}


# --- faults of syntax ---------------------------------------------------------------------------------------


FAULTS = [
    ("title: Release: a story\n", 1, 15, "yaml-syntax", "put a value that contains ': ' in quotes"),
    ("- a: 1\n   b: 2\n", 2, 5, "yaml-syntax", "align the key with its neighbours"),
    ("a: b\nc: 'd\ne: f\n", 2, 4, "yaml-syntax", "this quote is not closed"),
    ('a: "b\nc: d\n', 1, 4, "yaml-syntax", "this quote is not closed"),
    ("a: 'b\n---\nc'\n", 1, 4, "yaml-syntax", "this quote is not closed"),
    ("a: 'it's'\n", 1, 8, "yaml-syntax", "an apostrophe inside '…' is written twice"),
    ('a: "b" c\n', 1, 8, "yaml-syntax", "put all of it in quotes"),
    ("a: [b,\n", 2, 1, "yaml-syntax", "the file ends before a '[' or '{' above is closed"),
    ("a: [b, c\n", 1, 4, "yaml-syntax", "this '[' is not closed; add ']'"),
    ("a: {b: c\n\n", 1, 4, "yaml-syntax", "this '{' is not closed; add '}'"),
    (
        "a: [b, c\nd: e\n",
        2,
        2,
        "yaml-syntax",
        "',' or ']' is missing before this, after the '[' at line 1, ",
    ),
    (
        "a: {b: c: d}\n",
        1,
        9,
        "yaml-syntax",
        "',' or '}' is missing before this, after the '{' at line 1, ",
    ),
    ("a: [b]]\n", 1, 7, "yaml-syntax", "']' closes nothing that is open"),
    ("a: ]\n", 1, 4, "yaml-syntax", "']' stands where a value is expected"),
    ("a: [b,, c]\n", 1, 7, "yaml-syntax", "',' stands where a value is expected"),
    ("a: {b: c:}\n", 1, 9, "yaml-syntax", "put a space after ':'"),
    ("a:\n    b: 1\n   c: 2\n", 3, 4, "yaml-syntax", "column 4 fits no line above"),
    (
        "- a: 1\n b: 2\n",
        2,
        2,
        "yaml-syntax",
        "column 2 fits no line above; align it with the list that ",
    ),
    ("- a\nb: c\n", 2, 1, "yaml-syntax", "so this line must begin with '- '"),
    ("a: b\n- c\n", 2, 1, "yaml-syntax", "so this line must be 'key: value'"),
    ("{: a}\n", 1, 2, "yaml-syntax", "a key is missing before ':'"),
    ("{a: b, : c}\n", 1, 8, "yaml-syntax", "a key is missing before ':'"),
    (": a\n", 1, 1, "yaml-syntax", "a key is missing before ':'"),
    ("a: b\nc\nd: e\n", 2, 1, "yaml-syntax", "neither 'key: value' nor '- entry'"),
    ("a: - b\n", 1, 4, "yaml-syntax", "begin it on the next line"),
    ("a: ? b\n", 1, 4, "yaml-syntax", "put text that begins with '?' in quotes"),
    ("a: @b\n", 1, 4, "yaml-syntax", "text cannot begin with '@'; put it in quotes"),
    ("a: `b`\n", 1, 4, "yaml-syntax", "text cannot begin with '`'; put it in quotes"),
    ("a: %b\n", 1, 4, "yaml-syntax", "text cannot begin with '%'; put it in quotes"),
    ("a: | b\n", 1, 6, "yaml-syntax", "after '|' or '>' the text begins on the next line"),
    ("a: > 5\n", 1, 6, "yaml-syntax", "after '|' or '>' the text begins on the next line"),
    ("a: |0\n b\n", 1, 5, "yaml-syntax", "must be 1 to 9"),
    ('a: "\\d"\n', 1, 5, "yaml-syntax", "a backslash begins an escape"),
    ('a: "\\xZZ"\n', 1, 7, "yaml-syntax", "this escape gives no character"),
    ('a: "\\ud83d\\ude00"\n', 1, 7, "yaml-syntax", "write the character itself"),
    ('a: "\\U00110000"\n', 1, 7, "yaml-syntax", "this escape gives no character"),
    ("'a' b\n", 1, 5, "yaml-syntax", "the one list or mapping of the file ends above"),
    ("%x\n", 1, 1, "yaml-syntax", "a line that begins with '%'"),
    ("%YAML 2.0\n---\na\n", 1, 1, "yaml-syntax", "only YAML 1.1 and 1.2 can be read"),
    ("a: !%ed%a0%80 b\n", 1, 2, "yaml-syntax", "an escape from here on gives no character"),
    ("a: *** b\n", 1, 4, "alias", "put text that begins with '*' in quotes"),
    ("a: & b\n", 1, 4, "anchor", "put text that begins with '&' in quotes"),
    ("a: !b,c d\n", 1, 4, "tag", "put text that begins with '!' in quotes"),
    ("a: !b!c d\n", 1, 4, "tag", "put text that begins with '!' in quotes"),
    ("\ta: b\n", 1, 1, "tab", "a tab stands where YAML wants spaces; replace it by spaces"),
    ("a:\n\tb: c\n", 2, 1, "tab", "replace it by spaces"),
    ("a: 1\n\tb: 2\n", 2, 1, "tab", "replace it by spaces"),
    ("a: 1\n  \tb: 2\n", 2, 3, "tab", "replace it by spaces"),
    ("a:\r\n  b: 1\r\n\tc: 2\r\n\td: 3\r\n", 3, 1, "tab", "(2 lines of this file begin with a tab)"),
    ("-\ta: b\n", 1, 2, "tab", "replace it by spaces"),
    ("a: |\n\tb\n", 2, 1, "tab", "replace it by spaces"),
]


@pytest.mark.parametrize(("text", "line", "column", "code", "advice"), FAULTS)
def test_a_fault_of_syntax_is_told_in_plain_words_at_its_place(text, line, column, code, advice):
    assert found(text) == [(line, column, code)]
    assert advice in message(text)
    assert read(text.encode(), "x")[0] is None


def test_a_fault_of_syntax_after_wide_text_is_at_its_code_point():
    assert found("# 𐱃𐰇\u2028\n'ئۈ': 𐱃: b\n") == [(2, 8, "yaml-syntax")]


def test_a_tab_within_a_line_is_no_fault():
    assert tree("a:\tb\tc\t# d\ne: |\n  f\n  \tg\n") == {"a": "b\tc", "e": "f\n\tg\n"}


def test_every_fault_that_has_words_of_its_own_is_tried_above():
    told = {message(text) for text, *_ in FAULTS}
    assert [saying.message for saying in nodes._SAYINGS if saying.message not in told] == []


# --- any input ----------------------------------------------------------------------------------------------

LOADERS = [pytest.param(yaml.SafeLoader, id="pure"), pytest.param(nodes._LOADER, id="usual")]


def check(data: bytes) -> None:
    """Read; every location must lie in the file, and every scalar where its text begins."""
    node, problems = read(data, "seed.yaml")
    assert problems == sorted(problems)
    assert node is not None or problems
    text = data.removeprefix(codecs.BOM_UTF8).decode("utf-8", "replace")
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    for problem in problems:
        where = problem.location
        assert 1 <= where.line <= len(lines)
        assert 1 <= where.column <= len(lines[where.line - 1]) + 1
        assert problem.message.isprintable()
        assert problem.message.encode()
    if node is None or problems:
        return
    for value, line, column in positions(node):
        value.encode()
        typed = lines[line - 1][column - 1 :]
        assert typed[:1] in ('"', "'", "|", ">") or typed.startswith(value.split(" ")[0].split("\n")[0])


characters = "abж𐱃ع-:?,[]{}#&*!|>'\"%@`\\0 \t\n\r~<\x85\u2028\ufeff\0\u202e\U0010fffd"
escapes = [r"\u202e", r"\x00", r"\ud800", r"\U0010fffd", r"\UFFFFFFFF"]
pieces = ["&a ", "*a ", "!!x ", "a: ", ": ", "- ", "? ", "'a' ", '"b" ', "<<: ", "%YAML 1.1", "%TAG ! x"]
layout = ["\r\n", "\n  ", "\n\t", "\n- ", "\n---\n", "\n...\n", "|\n ", ">\n  "]
fragments = st.sampled_from([*characters, *escapes, *pieces, *layout])


@pytest.mark.parametrize("loader", LOADERS)
def test_any_bytes_give_problems_within_the_file(loader):
    @settings(max_examples=300)
    @given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
    def check_any(data):
        check(data)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(nodes, "_LOADER", loader)
        check_any()


@pytest.mark.parametrize("loader", LOADERS)
def test_any_string_of_yaml_pieces_gives_problems_within_the_file(loader):
    @settings(max_examples=300)
    @given(st.lists(fragments, max_size=25).map("".join))
    def check_any(text):
        check(text.encode())

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(nodes, "_LOADER", loader)
        check_any()


printable = st.text(st.characters(exclude_categories=["C", "Zl", "Zp"]), max_size=40)


@pytest.mark.parametrize("loader", LOADERS)
def test_quoted_text_comes_back_equal(loader):
    @given(st.dictionaries(printable, printable | st.lists(printable, max_size=3), min_size=1, max_size=4))
    def check_any(value):
        for indent in (None, 1):
            text = json.dumps(value, ensure_ascii=False, indent=indent)
            assert tree(text) == value
            check(text.encode())

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(nodes, "_LOADER", loader)
        check_any()


@given(
    st.lists(
        st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r"), max_size=40), min_size=1
    )
)
def test_text_in_single_quotes_comes_back_with_all_it_holds_on_one_line(values):
    lines = [value.replace("\n", " ") for value in values]
    text = "".join("- '" + line.replace("'", "''") + "'\n" for line in lines)
    node, problems = read(text.encode(), "seed.yaml")
    assert {problem.code for problem in problems} <= {"control-character", "bidi-control"}
    assert plain(node) == lines


def test_the_pure_parser_finds_the_same(monkeypatch):
    text = "- a: *x\n  a: &y b\n- [c]: !z d\n  <<: e\n- f: g\u202e\u2028\n- h: \x07\n- 'i': |\n    j\n    k\n"
    files = [text.encode(), (text + "- l: m: n\n").encode()]
    usual = [read(data, "x") for data in files]
    monkeypatch.setattr(nodes, "_LOADER", yaml.SafeLoader)
    assert [read(data, "x") for data in files] == usual


def test_the_pure_parser_lets_no_half_character_pass(monkeypatch):
    monkeypatch.setattr(nodes, "_LOADER", yaml.SafeLoader)
    assert found('- "\\ud800"\n') == [(1, 4, "yaml-syntax")]
    assert plain(read(b'- "\\ud800"\n', "x")[0]) == ["\ufffd"]
    assert found('- a\n- "\\U00110000"\n- "\\UFFFFFFFF"\n') == [(1, 4, "yaml-syntax")]


def test_five_thousand_statements_are_read_at_once():
    text = "".join(
        f"- subject: person-{number}\n  predicate: detained-at\n  object: 'camp {number}: north'\n"
        f"  date: 2017-05\n  span: [{number}, {number + 9}]\n"
        for number in range(5000)
    )
    started = time.process_time()
    node, problems = read(text.encode(), "seed.yaml")
    # It takes less than half a second; a quadratic step would take minutes.
    assert time.process_time() - started < 18
    assert problems == []
    assert isinstance(node, List)
    assert len(node.items) == 5000
    assert positions(node)[-1] == ("5008", 25000, 16)

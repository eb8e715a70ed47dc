"""Text from outside, escaped for where it goes."""

from __future__ import annotations

import csv
import io
import unicodedata
import xml.etree.ElementTree as ElementTree
from html.parser import HTMLParser

import networkx
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kg.escape import for_csv, for_html, for_terminal, for_xml, legal_xml

# Lone surrogates too, and what matters more often than chance would have it.
HOSTILE = "\0\t\n\r\x1b\x7f\x9b\u200d\u200f\u2028\u202e\u2069\ud800\udfff\ufeff\ufffe=+-@＝'\"<>&;,]\\ a1é"
ANY = st.text(st.characters() | st.characters(categories=["Cs", "Cc", "Cf"]) | st.sampled_from(HOSTILE))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain, with \\n typed", "plain, with \\n typed"),
        ("two\nlines\tand\r", "two\\nlines\\tand\\r"),
        ("\x1b[31mred\x07", "\\x1b[31mred\\x07"),
        ("\x00\x7f\x9b1m", "\\x00\\x7f\\x9b1m"),
        ("abc\u202edcba\u202c", "abc\\u202edcba\\u202c"),
        ("\u2066x\u2069 \u206e \u2028", "\\u2066x\\u2069 \\u206e \\u2028"),
        ("\ud83d", "\\ud83d"),
        ("می\u200cخواهم क्\u200dष \u200fأ", "می\u200cخواهم क्\u200dष \u200fأ"),
        ("Арғын 😀", "Арғын 😀"),
    ],
)
def test_a_terminal_sees_controls_as_escapes_and_every_script_as_it_is(text: str, shown: str) -> None:
    assert for_terminal(text) == shown


def test_what_the_terminal_cannot_hold_is_escaped() -> None:
    assert for_terminal("Élan Ақ 😀", "latin-1") == "Élan \\u0410\\u049b \\U0001f600"
    assert for_terminal("É", "ascii") == "\\xc9"


@given(ANY, st.sampled_from(["utf-8", "ascii", "latin-1", "cp1252", "utf-16"]))
def test_terminal_text_is_one_harmless_line_and_stays_so(text: str, encoding: str) -> None:
    shown = for_terminal(text, encoding)
    shown.encode(encoding)
    assert not any(unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") for c in shown)
    # Unicode's own names for what turns the reading direction round, not the ranges of the code.
    turning = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
    assert not any(unicodedata.bidirectional(c) in turning for c in shown)
    assert len(shown.splitlines()) <= 1
    assert for_terminal(shown, encoding) == shown


@pytest.mark.parametrize(
    "text",
    [
        '=HYPERLINK("https://example.org")',
        "+1+1",
        "-2+3",
        "@SUM(A1)",
        "\t=1",
        "\rx",
        "\nx",
        "\0x",
        "＝1+1",
        "＋1+1",
        "－1+1",
        "＠SUM(A1)",
        "﹦1",
        "  =1",
        "\ufeff=1",
        "\u200b\u00a0=1",
        "-",
        "--5",
        "-5 ",
        "+44 20 7946 0000",
        "-٥",
    ],
)
def test_a_formula_becomes_text(text: str) -> None:
    assert for_csv(text) == "'" + text


@pytest.mark.parametrize(
    "text",
    ["", " ", "-5", "+5", "-0.5", "-.5", "+1.5e-3", "-1.", "a=1", "5-3", "'=1", "−5", "2017-05~", "e-1"],
)
def test_what_is_no_formula_stays_as_it_is(text: str) -> None:
    assert for_csv(text) == text


@given(ANY)
@example("=")
@example("\ud800=")
def test_a_cell_never_starts_a_formula_and_can_be_written(text: str) -> None:
    cell = for_csv(text)
    assert for_csv(cell) == cell
    assert cell.lstrip("'").replace("\ufffd", "") == text.lstrip("'").encode(
        "utf-8", "ignore"
    ).decode().replace("\ufffd", "")
    if cell.startswith(tuple("=+-@\t\r\n\0＝＋－＠")):
        float(cell)
        assert cell.isascii()
        assert cell[0] in "+-"
    file = io.StringIO(newline="")
    csv.writer(file).writerow([cell, "next"])
    assert list(csv.reader(io.StringIO(file.getvalue(), newline=""))) == [[cell, "next"]]
    file.getvalue().encode()


def test_characters_that_xml_forbids_are_replaced_and_no_others() -> None:
    assert legal_xml("\0\x08\x0b\x1f\ud800\udfff\ufffe\uffff") == "\ufffd" * 8
    allowed = "\t\n\r\x20\x7f\x85\ud7ff\ue000\ufffd\U00010000\U0010ffff<&>"
    assert legal_xml(allowed) == allowed


def test_xml_markup_is_escaped() -> None:
    assert for_xml("<a b='c' d=\"e\">&amp;\n") == "&lt;a b=&apos;c&apos; d=&quot;e&quot;&gt;&amp;amp;&#10;"


@given(ANY)
@example("]]>")
@example("\r\n\r")
def test_escaped_xml_reads_back_in_elements_and_attributes(text: str) -> None:
    escaped = for_xml(text)
    root = ElementTree.fromstring(f"<a b=\"{escaped}\" c='{escaped}'>{escaped}</a>".encode())  # noqa: S314
    assert (root.text or "", root.get("b"), root.get("c")) == (legal_xml(text),) * 3


@given(ANY)
def test_graphml_of_legal_text_can_be_read_again(text: str) -> None:
    graph: networkx.MultiDiGraph[str] = networkx.MultiDiGraph()
    graph.add_node("a", label=legal_xml(text))
    file = io.BytesIO()
    networkx.write_graphml(graph, file)
    ElementTree.fromstring(file.getvalue())  # noqa: S314


def test_html_is_escaped_and_controls_are_shown() -> None:
    assert for_html("<script>alert('1')</script>") == "&lt;script&gt;alert(&#x27;1&#x27;)&lt;/script&gt;"
    assert for_html('"&"') == "&quot;&amp;&quot;"
    assert for_html("a\0b\u202ec\ud800") == "a\\x00b\\u202ec\\ud800"
    assert for_html("a\tb\r\nc\rd") == "a\tb\nc\nd"


@given(ANY)
def test_html_holds_no_markup_and_reads_back(text: str) -> None:
    class Reader(HTMLParser):
        def __init__(self) -> None:
            super().__init__(convert_charrefs=True)
            self.tags: list[tuple[str, list[tuple[str, str | None]]]] = []
            self.read = ""

        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            self.tags.append((tag, attrs))

        def handle_data(self, data: str) -> None:
            self.read += data

    escaped = for_html(text)
    escaped.encode()
    assert not set(escaped) & set("<>\"'\r\0\x1b\u202e")
    reader = Reader()
    reader.feed(f"<i title=\"{escaped}\" lang='{escaped}'>{escaped}</i>")
    reader.close()
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    expected = "".join(c if c in "\t\n" else for_terminal(c) for c in lines)
    assert reader.read == expected
    assert reader.tags == [("i", [("title", expected), ("lang", expected)])]

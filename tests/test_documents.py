"""Texts of files: what is read, where each character stood, and what hostile files cannot do."""

from __future__ import annotations

import io
import time
import zlib
from pathlib import Path

import pypdf
import pytest

from kg import documents
from kg.documents import Document, Place
from kg.problems import KgError, LimitError

PAGE = """\
<!doctype html>
<html lang="en"><head><title>Herder taken &amp; held | Valley Post</title>
<meta property="og:title" content="Herder taken">
<meta property="article:published_time" content="2021-03-04T23:30:00-05:00">
<meta property="og:site_name" content="Valley Post">
<link rel="canonical" href="https://valley.example/herder">
<script>document.write("<p>not this");</script><style>p {}</style></head>
<body><nav><a href="/">Home</a></nav>
<article><h1>Herder taken</h1>
<p>Aman&nbsp;Tolek, a <b>herder</b>,   was
taken.</p><p hidden>not this</p><p>It was <!-- not this --> in the caf&eacute;<br>by the road.
<ul><li>one<li>two</ul><table><tr><td>Aman<td>36</table></article>
<footer>not this</footer></body></html>
"""
READ = (
    "Herder taken\n\nAman\xa0Tolek, a herder, was taken.\n\nIt was in the café\nby the road.\n\n"
    "one\ntwo\n\nAman\t36"
)


def html(body: str | bytes, *, seconds: float = 20) -> Document:
    data = body.encode() if isinstance(body, str) else body
    return documents.of(data, "page.html", seconds=seconds)


def pdf(*pages: str, extra: str = "", title: str = "") -> bytes:
    """Make a PDF of pages with one line each."""
    objects = [
        "<</Type/Catalog/Pages 2 0 R/Lang(en)>>",
        "",
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    kids = []
    for text in pages:
        content = f"BT /F1 12 Tf 72 700 Td ({text}) Tj ET"
        objects.append(f"<</Length {len(content)}>>stream\n{content}\nendstream")
        kids.append(len(objects) + 1)
        objects.append(
            f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents {len(objects)} 0 R"
            f"/Resources<</Font<</F1 3 0 R>>>>{extra}>>"
        )
    objects[1] = f"<</Type/Pages/Count {len(kids)}/Kids[{' '.join(f'{kid} 0 R' for kid in kids)}]>>"
    objects.append(f"<</Title({title})>>")
    return written(objects)


def written(objects: list[str]) -> bytes:
    out = "%PDF-1.4\n"
    places = []
    for number, text in enumerate(objects, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n{text}\nendobj\n"
    start = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n"
    out += "".join(f"{place:010} 00000 n \n" for place in places)
    out += (
        f"trailer<</Size {len(objects) + 1}/Root 1 0 R/Info {len(objects)} 0 R>>\nstartxref\n{start}\n%%EOF\n"
    )
    return out.encode("latin-1")


# ---------------------------------------------------------------- plain text


def test_plain_text_is_what_positions_count_in() -> None:
    document = documents.of("\ufeffHerder taken\r\n\r\nAman Tölek.\r\n".encode(), "a.txt")
    assert (document.text, document.kind) == ("Herder taken\n\nAman Tölek.\n", "text")
    assert document.title == "Herder taken"


def test_lines_at_the_start_may_say_what_the_file_itself_cannot() -> None:
    head = "# title: Herder taken\n# published: 2021-03-04\n# publisher: Valley Post\n# language: en\n"
    document = documents.of(f"{head}# url: javascript:alert(1)\n\n# published: 2020\n".encode(), "a.txt")
    assert (document.title, document.published, document.publisher) == (
        "Herder taken",
        "2021-03-04",
        "Valley Post",
    )
    assert (document.language, document.url) == ("en", "")
    assert document.text.startswith("# title")
    assert documents.of(b"# Herder taken\n# published: 2021-13-04\n", "a.txt").published == ""


def test_a_character_of_plain_text_leads_back_to_its_byte() -> None:
    data = "\ufeffÄ one\r\ntwo é\r\nthree".encode()
    document = documents.of(data, "a.txt")
    for word in ("one", "two", "é", "three"):
        byte = document.place(document.text.index(word)).byte
        assert byte is not None
        assert data[byte:].decode().startswith(word)
    with pytest.raises(ValueError, match="no character at 99"):
        document.place(99)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "the file is empty"),
        (b" \n\t ", "the file is empty"),
        ("\u200a\u2003".encode(), "the text is empty"),
        ("Аділ".encode("cp1251"), "not UTF-8: byte 0xc0 at offset 0"),
        ("Herder taken".encode("utf-16"), "the text is UTF-16"),
        ("Herder taken".encode("utf-16-le"), "looks like UTF-16"),
        (b"\x7f\x01\x02\x03" * 100, "no text; it is full of control characters"),
        (b"PK\x03\x04rest", "packed file, such as one of Word"),
        (b"\x1f\x8brest", "packed by gzip"),
        (b"\x89PNGrest", "a picture"),
        (b"{\\rtf1 hello}", "rich text"),
    ],
)
def test_what_is_no_text_is_told_in_one_line(data: bytes, message: str) -> None:
    with pytest.raises(KgError, match=message) as caught:
        documents.of(data, "a.txt")
    assert "\n" not in str(caught.value)


def test_ten_megabytes_on_one_line_are_read_at_once() -> None:
    data = ("Aman Tolek was taken. " * 500_000).encode()
    began = time.monotonic()
    document = documents.of(data, "a.txt")
    assert len(document.text) == len(data)
    assert document.place(len(data) - 1).byte == len(data) - 1
    assert time.monotonic() - began < 3


def test_text_from_right_to_left_keeps_every_character() -> None:
    text = "أُوقِفَ أمان توليك\u200f في الوادي.\n"
    assert documents.of(text.encode(), "a.txt").text == text


def test_a_larger_file_than_the_limit_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "FILE_LIMIT", 10)
    (tmp_path / "a.txt").write_text("Herder taken", encoding="utf-8")
    with pytest.raises(LimitError, match="larger than 10 bytes"):
        documents.read(tmp_path / "a.txt")


# ---------------------------------------------------------------- HTML


def test_a_page_becomes_what_a_reader_sees() -> None:
    document = html(PAGE)
    assert document.text == READ
    assert (document.kind, document.title, document.language) == ("html", "Herder taken", "en")
    assert (document.published, document.publisher) == ("2021-03-04", "Valley Post")
    assert document.url == "https://valley.example/herder"


def test_a_character_of_a_page_leads_back_to_its_byte() -> None:
    document, data = html(PAGE), PAGE.encode()
    for word, source in {"Tolek": "Tolek", "was taken": "was\ntaken", "é": "&eacute;", "36": "36"}.items():
        byte = document.place(document.text.index(word)).byte
        assert byte is not None
        assert data[byte:].startswith(source.encode())


def test_a_page_is_known_by_its_beginning_whatever_it_is_called() -> None:
    assert documents.of(b"\xef\xbb\xbf <!-- x -->\n<!DOCTYPE html><p>Hello", "a.txt").kind == "html"
    assert documents.of(b"We write <html> here.", "a.txt").kind == "text"


@pytest.mark.parametrize(
    "data",
    [
        "<html><meta charset=windows-1251><p>Әділ тұр".replace("Ә", "А").replace("ұ", "у").encode("cp1251"),
        "\ufeff<html><p>Аділ тур".encode("utf-16-le"),
        "<html><meta http-equiv=Content-Type content='text/html; charset=koi8-u'><p>Аділ тур".encode(
            "koi8-u"
        ),
    ],
)
def test_a_page_is_read_in_the_encoding_that_it_declares(data: bytes) -> None:
    document = html(data)
    assert document.text == "Аділ тур"
    assert document.place(0).byte == data.index("А".encode(document.encoding))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"<html><p>caf\xe9", r"not UTF-8: byte 0xe9 at offset 12 .*no charset is declared"),
        (b"<html><meta charset=utf-8><p>caf\xe9", r"not UTF-8: byte 0xe9 .*the page says"),
        (b"<html><meta charset=zodiac><p>x", "'zodiac', which is no known encoding"),
        (b"<html><meta charset=base64><p>x", "no encoding of text"),
        (b"<html><script>everything()</script>", "holds no text"),
        (b'<html><a title="&#' + b"9" * 9999 + b';">x', "cannot be read as HTML"),
    ],
)
def test_a_page_that_cannot_be_read_is_told_in_one_line(data: bytes, message: str) -> None:
    with pytest.raises(KgError, match=message):
        html(data)


def test_a_page_with_tags_left_out_loses_nothing() -> None:
    assert html("<title>no</title><p>one<p>two</div></nav>three").text == "one\n\ntwo\n\nthree"
    assert html("<head><title>no</title><p>one<b>two</p>three").text == "onetwo\n\nthree"
    assert html("<html><form><div>kept</div><button>no</button></form>").text == "kept"


def test_the_main_part_is_taken_where_it_is_most_of_the_page() -> None:
    teasers = "<article>short</article>" * 3
    whole = html(f"<html><p>around<main>{'long words ' * 20}</main>{teasers}")
    assert whole.text == ("long words " * 20).strip()
    assert "only the main part" in whole.notes[0]
    assert html(f"<html><p>{'around ' * 50}{teasers}").text.count("short") == 3


def test_references_expand_to_nothing_but_characters() -> None:
    bomb = '<!DOCTYPE html [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><p>&b; &lt;b&gt; &#x41; &#xD800; &amp;lt;'
    assert html(bomb).text == "]>\n\n&b; <b> A \ufffd &lt;"


def test_a_preformatted_line_break_is_one_character() -> None:
    assert html("<html><pre>one\r\n  two\rthree</pre>").text == "one\n  two\nthree"


@pytest.mark.parametrize(
    "data",
    [
        b"<div>" * 50_000 + b"x",
        b"<p>" + b"&lol;" * 40_000,
        b"<a " + b"a=b " * 40_000 + b">x",
        b"x" + b"</div></p>" * 40_000,
    ],
    ids=["nesting", "entities", "attributes", "ends"],
)
def test_a_hostile_page_is_read_in_time(data: bytes) -> None:
    assert html(b"<html>" + data).text


@pytest.mark.parametrize("data", [b"<!--" * 500_000, b'<a b="' * 300_000, b"<a" * 500_000])
def test_a_page_that_would_take_for_ever_is_stopped(data: bytes) -> None:
    with pytest.raises(LimitError, match=r"reading page\.html: stopped after 0\.3 s"):
        html(b"<html>" + data, seconds=0.3)


# ---------------------------------------------------------------- PDF


def test_a_pdf_becomes_text_that_leads_back_to_its_pages() -> None:
    document = documents.of(pdf("Herder taken", "Aman Tolek was taken.", title="Taken"), "a.pdf")
    assert (document.text, document.kind) == ("Herder taken\nAman Tolek was taken.", "pdf")
    assert (document.title, document.language) == ("Taken", "en")
    assert document.place(document.text.index("Herder")) == Place(page=1)
    assert document.place(document.text.index("Aman")) == Place(page=2)


def test_a_page_without_text_is_told() -> None:
    document = documents.of(pdf("Herder taken", " "), "a.pdf")
    assert document.notes == ("no text on 1 of 2 pages, the first is page 2",)


def test_a_pdf_of_pictures_is_told_from_an_empty_text() -> None:
    with pytest.raises(KgError, match=r"no text in 2 pages: perhaps they are pictures"):
        documents.of(pdf(" ", " "), "a.pdf")


def test_an_encrypted_pdf_is_told() -> None:
    writer, out = pypdf.PdfWriter(clone_from=io.BytesIO(pdf("Herder taken"))), io.BytesIO()
    writer.encrypt("secret", algorithm="RC4-128")
    writer.write(out)
    with pytest.raises(KgError, match=r"a\.pdf: the PDF is encrypted"):
        documents.of(out.getvalue(), "a.pdf")


@pytest.mark.parametrize(
    "data",
    [
        b"%PDF-1.4\n",
        b"%PDF-1.4\n" + b"1 0 obj << /A " * 1000,
        pdf("Herder taken")[:200],
        written(["<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Count 1/Kids[2 0 R]>>", "<<>>"]),
        written(["<</Type/Catalog/Pages 9 0 R>>", "<<>>"]),
    ],
    ids=["nothing", "open", "cut", "loop", "missing"],
)
def test_a_broken_pdf_is_told_in_one_line(data: bytes) -> None:
    with pytest.raises(KgError, match=r"a\.pdf: (cannot be read as PDF|no text in)") as caught:
        documents.of(data, "a.pdf")
    assert "\n" not in str(caught.value)


def test_a_pdf_that_unpacks_to_gigabytes_is_stopped() -> None:
    packed = zlib.compress(b"0" * 80_000_000, 9).decode("latin-1")
    objects = [
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Count 1/Kids[4 0 R]>>",
        f"<</Filter/FlateDecode/Length {len(packed)}>>stream\n{packed}\nendstream",
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 3 0 R>>",
        "<<>>",
    ]
    with pytest.raises(KgError, match=r"a\.pdf"):
        documents.of(written(objects), "a.pdf", seconds=10)


def test_a_missing_extra_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "find_spec", lambda _: None)
    with pytest.raises(KgError, match=r"pip install 'reportedly\[documents\]'"):
        documents.of(pdf("x"), "a.pdf")
    assert documents.of(b"Herder taken", "a.txt").text == "Herder taken"

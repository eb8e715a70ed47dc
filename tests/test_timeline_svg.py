from __future__ import annotations

import datetime
import json
import re
import shutil
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from kg import drawing
from kg.chronology import Timeline, timeline
from kg.index import Index
from kg.model import Assertion, Corpus, Entity, Report, Source
from kg.namespaces import KG_NAMESPACE
from kg.timeline_svg import LEAST_WIDTH, MOST_ROWS, svg
from test_chronology import AMAN, BASE, index, said

SVG = "{http://www.w3.org/2000/svg}"
ARABIC = "سجن المنطقة الشمالية الكبير قرب المدينة القديمة في وادي الأعلى"
CHINESE = "新疆维吾尔自治区伊犁哈萨克自治州霍城县看守所第四监区，临时羁押处"
HOSTILE = (
    '<script>alert(\'x\')</script>]]>-->\x1b[2J\u202eevil &amp; "=HYPERLINK("http://x")Z' + "\u0301" * 40
)


def of(*assertions: Assertion, until: str | None = None, **published: str | None) -> Timeline:
    seen_from = datetime.date.fromisoformat(until) if until else None
    return timeline(index(*assertions, **published), AMAN, seen_from)


def labelled(label: str, *assertions: Assertion) -> Timeline:
    """The same timeline with every label replaced, that of the person included."""
    corpus = index(*assertions).corpus
    keys = {a.object[1:-1] for a in assertions if a.object.startswith("<")} | {AMAN}
    named = replace(
        corpus,
        entities=tuple(Entity(iri, KG_NAMESPACE + "Person", label) for iri in sorted(keys)),
        reports=(Report(BASE + "r1", label, "article", "2021-03-04"),),
        sources=(Source(BASE + "friend", label, None),),
        episodes=tuple(replace(episode, label=label) for episode in corpus.episodes),
    )
    return timeline(Index(named), AMAN, datetime.date(2022, 1, 1))


OVERLAP = of(
    said("detainedAt", "home", date="[2020-02-01..2020-02-20]"),
    said("detainedBy", "police", date="2020-02~"),
    said("heldAt", "camp", date="2020-03/2020-06"),
    said("heldAt", date="2020-05/2020-09-12?"),
    said("transferredTo", "camp", date="2020-09"),
    said("sentencedTo", "1 year", date="2020-11-02"),
    said("releasedFrom", "camp", date="2020-12", denied=True),
    said("heldAt", "hospital", report="r2"),
    said("detainedAt", "border", date="2021-01-04", episodes=("second",)),
    said("heldAt", date="2021-01-10/..", episodes=("second",)),
    said("chargedWith", "trouble", episodes=("second",)),
    until="2022-06-01",
    r2=None,
)
FORTY = of(
    *(
        said(
            ("heldAt", "chargedWith", "detainedBy")[n % 3],
            f"place-{n}",
            date=f"20{10 + n // 4}-{n % 12 + 1:02}",
        )
        for n in range(40)
    )
)
EVENTS = [
    said("detainedAt", "a", date="2020-05"),
    said("heldAt", "b", date="2020-06/2020-08"),
    said("chargedWith", "c"),
]
PICTURES = {
    "overlap": OVERLAP,
    "forty": FORTY,
    "arabic": labelled(ARABIC, *EVENTS),
    "chinese": labelled(CHINESE * 3, *EVENTS),
    "mixed": labelled(f"{ARABIC} {CHINESE} 2017", *EVENTS),
    "hostile": labelled(HOSTILE * 3, *EVENTS),
    "wide letters": labelled("W" * 300, *EVENTS),
    "empty": of(),
    "unknown": of(said("detainedAt"), said("releasedFrom"), r1=None, until="2022-01-01"),
    "one day": of(said("detainedAt", date="2020-05-14")),
    "first and last day": of(said("detainedAt", date="0001-01-01"), said("heldAt", date="9999-12-31")),
    "centuries": of(said("detainedAt", date="1850"), said("heldAt", date="2020")),
}


@dataclass(frozen=True)
class Line:
    text: str
    left: float
    right: float
    y: float
    size: float


def root(picture: bytes) -> ElementTree.Element:
    return ElementTree.fromstring(picture)  # noqa: S314


def lines_of(picture: bytes) -> list[Line]:
    """Every line of text, as wide as it can be in any usual font."""
    found = []
    for text in root(picture).iter(SVG + "text"):
        shown = text.text or ""
        size = float(text.attrib["font-size"])
        wide = drawing.text_width(shown, size, bold=text.get("font-weight") == "bold")
        x = float(text.attrib["x"]) - (wide / 2 if text.get("text-anchor") == "middle" else 0)
        found.append(Line(shown, x, x + wide, float(text.attrib["y"]), size))
    return found


def clashes(lines: Sequence[Line]) -> list[tuple[str, str]]:
    return [
        (one.text, other.text)
        for n, one in enumerate(lines)
        for other in lines[n + 1 :]
        if abs(one.y - other.y) < 0.95 * min(one.size, other.size)
        and one.left < other.right
        and other.left < one.right
    ]


def texts(found: Timeline) -> str:
    return " ".join(line.text for line in lines_of(svg(found)))


# ---------------------------------------------------------------- whatever is drawn


@pytest.mark.parametrize("width", [900, LEAST_WIDTH])
@pytest.mark.parametrize("name", PICTURES)
def test_no_label_overlaps_another_or_runs_out_of_the_picture(name: str, width: float) -> None:
    picture = svg(PICTURES[name], width)
    lines = lines_of(picture)
    height = float(root(picture).attrib["height"])
    assert lines
    assert clashes(lines) == []
    outside = [e for e in lines if e.left < 0 or e.right > width or e.y > height - 2 or e.y < e.size]
    assert outside == []


@pytest.mark.parametrize("name", PICTURES)
def test_no_mark_runs_out_of_the_picture_or_into_the_words(name: str) -> None:
    picture = root(svg(PICTURES[name]))
    split = 20 + 0.44 * 860
    for group in picture.findall(f"{SVG}g"):
        for mark in group.iter(f"{SVG}rect"):
            left, wide = float(mark.attrib["x"]), float(mark.attrib["width"])
            assert split < left
            assert left + wide < 900
            assert wide > 0


@pytest.mark.parametrize("name", PICTURES)
def test_every_hatch_that_is_used_is_defined(name: str) -> None:
    picture = svg(PICTURES[name]).decode()
    assert set(re.findall(r"url\(#([^)]+)\)", picture)) <= set(re.findall(r'id="([^"]+)"', picture))


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_is_read_out_by_title_and_description(name: str) -> None:
    picture = root(svg(PICTURES[name], key="t1"))
    title, description = picture[0], picture[1]
    assert (picture.attrib["role"], picture.attrib["aria-labelledby"]) == ("img", "t1-title")
    assert (title.tag, title.attrib["id"]) == (SVG + "title", "t1-title")
    assert (description.tag, description.attrib["id"]) == (SVG + "desc", "t1-desc")
    assert title.text
    assert title.text.endswith(": timeline")
    assert description.text


def test_the_same_timeline_gives_the_same_bytes() -> None:
    assert svg(OVERLAP) == svg(OVERLAP)


def test_a_picture_holds_no_style_no_script_and_nothing_from_elsewhere() -> None:
    picture = svg(OVERLAP).decode()
    tags = {element.tag.removeprefix(SVG) for element in root(picture.encode()).iter()}
    assert tags == {"svg", "title", "desc", "defs", "pattern", "rect", "path", "text", "g", "line"}
    assert "href" not in picture
    assert " style=" not in picture


def test_hostile_labels_are_only_text() -> None:
    picture = svg(PICTURES["hostile"])
    tags = {element.tag.removeprefix(SVG) for element in root(picture).iter()}
    assert "script" not in tags
    shown = picture.decode()
    assert not set(shown) & set("\x1b\u202e")
    assert r"\x1b[2J\u202eevil &amp;amp;" in shown
    # Of forty accents on one letter three are left, or lines would grow into each other.
    assert "Z" + 3 * "\u0301" in shown
    assert 4 * "\u0301" not in shown


def test_letters_from_right_to_left_are_kept_to_themselves() -> None:
    lines = [line.text for line in lines_of(svg(PICTURES["arabic"]))]
    arabic = [line for line in lines if re.search("[\u0600-\u06ff]", line)]
    assert arabic
    assert all((line[0], line[-1]) == ("\u2068", "\u2069") for line in arabic)
    assert not any("\u2068" in line for line in lines if line not in arabic)


# ---------------------------------------------------------------- what is drawn of what


def marks(found: Timeline, row: str) -> list[ElementTree.Element]:
    """The marks of the row whose title begins so, without its texts."""
    picture = root(svg(found))
    groups = [g for g in picture.findall(f"{SVG}g") if (g[0].text or "").startswith(row)]
    assert len(groups) == 1, [g[0].text for g in picture.findall(f"{SVG}g")]
    return [element for element in groups[0] if element.tag not in (SVG + "title", SVG + "text")]


def kinds(found: Timeline, row: str) -> list[str]:
    """What a row shows from left to right, whatever its colours."""
    named = []
    for mark in marks(found, row):
        fill = mark.get("fill", "")
        hatch = re.search("-([a-z]+)\\)$", fill)
        if mark.tag == SVG + "rect":
            solid = "empty" if fill == "none" else "solid"
            named.append((float(mark.attrib["x"]), hatch[1] if hatch else solid))
        elif mark.tag == SVG + "line":
            named.append((float(mark.attrib["x1"]), "end"))
        else:
            at = float(mark.attrib["d"][1:].split(",")[0])
            named.append((at, "day" if "l6,6" in mark.attrib["d"] else "arrow"))
    return [name for _, name in sorted(named)]


def test_one_day_is_a_diamond() -> None:
    assert kinds(of(said("detainedAt", date="2020-05-14")), "detained at") == ["day"]


def test_one_day_within_is_hatched_between_two_ends() -> None:
    assert sorted(kinds(of(said("detainedAt", date="[2020-05-14..2020-07-14]")), "detained at")) == [
        "end", "end", "rising"
    ]  # fmt: skip


def test_an_approximate_date_is_dotted_and_has_no_ends() -> None:
    assert kinds(of(said("detainedAt", date="2020-05~")), "detained at") == ["dots"]


def test_what_lasted_is_solid_between_soft_ends() -> None:
    found = of(said("heldAt", date="2020-01/2020-12"))
    drawn = {m.attrib["x"]: m for m in marks(found, "held at") if m.tag == SVG + "rect"}
    assert [drawn[x].get("fill", "")[:3] for x in sorted(drawn, key=float)] == ["url", "#00", "url"]
    assert kinds(found, "held at").count("end") == 4


def test_what_is_told_without_a_date_has_an_arrow_before_it_and_an_end_at_its_report() -> None:
    found = of(said("detainedAt"), said("heldAt", date="2020-05-14"))
    assert kinds(found, "detained at") == ["arrow", "rising", "end"]


def test_an_end_that_is_not_known_is_an_arrow_with_little_in_it_after_the_last_report() -> None:
    found = of(said("detainedAt", date="2020-05-14"), until="2022-01-01")
    assert sorted(kinds(found, "in custody")) == ["arrow", "end", "rising", "sparse"]
    assert "not known: after the last report" in texts(found)


def test_custody_with_both_ends_is_solid_where_it_is_sure() -> None:
    found = of(said("detainedAt", date="2020-02"), said("releasedFrom", date="2020-09-14"))
    assert sorted(kinds(found, "in custody")) == ["end", "end", "rising", "solid"]


def test_custody_that_ends_before_it_begins_is_not_drawn() -> None:
    found = of(said("detainedAt", date="2020-05"), said("releasedFrom", date="2019"))
    assert "in custody:" in texts(found)
    assert "impossible:" in texts(found)
    assert not [g for g in root(svg(found)).findall(f"{SVG}g") if g[0].text == "in custody"]


def test_what_is_denied_is_empty() -> None:
    found = of(said("releasedFrom", date="2020-05", denied=True))
    assert sorted(kinds(found, "denied: released from")) == ["empty", "end", "end"]


def test_the_end_of_a_term_has_a_sign_of_its_own() -> None:
    found = of(said("detainedAt", date="2019"), said("sentencedTo", "1 year"))
    assert "level" in kinds(found, "term of 1 year over; by 2022-03-04")
    assert "the term would have ended" in texts(found)


def test_a_day_that_is_not_known_is_said_in_its_place() -> None:
    shown = texts(of(said("detainedAt", date="2020"), said("heldAt", report="r2"), r2=None))
    assert "day not known" in shown


def test_the_legend_explains_what_is_drawn_and_nothing_else() -> None:
    shown = texts(of(said("detainedAt", date="2020-05-14"), said("releasedFrom", date="2020-05-14")))
    assert "on this day" in shown
    assert "about then" not in shown
    assert "seen from" not in shown
    assert "seen from 2022-06-01" in texts(OVERLAP)


def test_the_words_of_the_timeline_stand_in_picture_and_description() -> None:
    picture = svg(OVERLAP)
    description = " ".join((root(picture)[1].text or "").split())
    shown = " ".join(line.text for line in lines_of(picture))
    for words in (
        "detained at home",
        "between 2020-02-01 and 2020-02-20 (dated [2020-02-01..2020-02-20])",
        "denied: released from camp",
        "length: at least",
        "the second",
        "No news of Aman Tolek since 2021-03-04",
        "[1] Report r1, 2021-03-04",
    ):
        assert words in description
        assert words in shown


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        ("2020-05-14", "2020-05-16", r"\d{4}-\d\d-\d\d"),
        ("2020-01-14", "2020-08-16", r"\d{4}-\d\d"),
        ("2015-01-14", "2021-01-16", r"\d{4}"),
        ("1901-01-14", "2021-01-16", r"\d{3}0"),
        ("1000-01-14", "2021-01-16", r"\d00|\d{2}00"),
    ],
)
def test_the_axis_counts_in_days_months_years_decades_or_centuries(
    first: str, last: str, expected: str
) -> None:
    found = of(said("detainedAt", date=first), said("heldAt", date=last))
    ticks = [
        (text.text or "")
        for text in root(svg(found)).iter(SVG + "text")
        if text.get("text-anchor") == "middle"
    ]
    assert 3 <= len(ticks) <= 9
    assert all(re.fullmatch(expected, tick) for tick in ticks), ticks
    assert ticks == sorted(set(ticks))


def test_a_day_far_ahead_does_not_squeeze_the_events() -> None:
    found = of(said("detainedAt", date="2020-04"), said("releasedFrom", date="2020-06"), until="2090-01-01")
    assert "2020-07" in texts(found)
    assert "seen from" not in texts(found)
    assert "on 2090-01-01" in texts(found)


def test_a_term_that_ends_far_ahead_does_not_squeeze_the_events() -> None:
    near = of(said("detainedAt", date="2020-05-01"), said("sentencedTo", "2 years", date="2020-11-01"))
    far = of(said("detainedAt", date="2020-05-01"), said("sentencedTo", "40 years", date="2020-11-01"))
    assert "2022" in texts(near).split("detained at")[0]
    assert "2060" not in texts(far).split("detained at")[0]
    assert "40 years: would have ended" in texts(far)


def test_nothing_to_draw_gives_a_picture_that_says_so() -> None:
    shown = texts(timeline(Index(Corpus()), AMAN))
    assert "Nothing dated is said of aman, and no stage of a case." in shown


def test_ten_thousand_events_are_drawn_in_seconds_and_what_is_left_out_is_said() -> None:
    found = of(*(said("heldAt", f"place-{n}", date=f"2020-{n % 12 + 1:02}") for n in range(10_000)))
    began = time.perf_counter()
    picture = svg(found)
    assert time.perf_counter() - began < 120
    assert len(root(picture).findall(f"{SVG}g")) <= MOST_ROWS + 1
    assert "9,920 more rows are not drawn" in " ".join(line.text for line in lines_of(picture))
    assert len(picture) < 300_000


# ---------------------------------------------------------------- in a browser

MEASURE = """
<script>
const found = [];
for (const picture of document.querySelectorAll("svg")) {
  const frame = picture.getBoundingClientRect();
  const texts = [...picture.querySelectorAll("text")].map(text => {
    const box = text.getBoundingClientRect();
    return [text.textContent, box.left - frame.left, box.right - frame.left,
            Number(text.getAttribute("y")), Number(text.getAttribute("font-size")), frame.width];
  });
  found.push(texts);
}
document.title = "measured";
document.body.textContent = "";
document.body.append("BEGIN" + JSON.stringify(found) + "END");
</script>
"""


def test_labels_as_a_browser_sets_them_fit_and_do_not_overlap(tmp_path: Path) -> None:
    browser = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if browser is None:
        pytest.skip("no chromium to measure text with")
    pictures = [
        svg(found, key=f"t{n}").decode().partition("\n")[2] for n, found in enumerate(PICTURES.values())
    ]
    page = tmp_path / "page.html"
    page.write_text(
        f"<!DOCTYPE html><meta charset=utf-8><body>{''.join(pictures)}{MEASURE}", encoding="utf-8"
    )
    done = subprocess.run(
        [browser, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path / 'profile'}",
         "--dump-dom", page.as_uri()],
        capture_output=True, timeout=60,
    )  # fmt: skip
    found = re.search("BEGIN(.*)END", done.stdout.decode("utf-8"), re.DOTALL)
    if found is None:
        pytest.skip(f"chromium measured nothing: {done.stderr[-300:]!r}")
    plain = found[1].replace("&lt;", "<").replace("&gt;", ">").replace("&nbsp;", " ").replace("&amp;", "&")
    measured = json.loads(plain)
    assert len(measured) == len(PICTURES)
    for texts_ in measured:
        lines = [Line(text, left, right, y, size) for text, left, right, y, size, _ in texts_]
        assert clashes(lines) == []
        assert [line for line in lines if line.left < 0 or line.right > texts_[0][5]] == []

from __future__ import annotations

import struct
import sys
from itertools import combinations
from types import SimpleNamespace
from xml.etree import ElementTree

import pytest

from kg import raster
from kg.bars_svg import CAUTION, Bar, Picture, draw, picture, svg
from kg.problems import KgError

ROUNDING = 0.02
SVG = "{http://www.w3.org/2000/svg}"
MONTHS = (
    Bar("2017-04", 3, 2),
    Bar("2017-05", 12),
    Bar("2017-06", 0, 4, "no month in two reports"),
    Bar("2017-07", 0),
)
HOSTILE = (
    Bar("Ili Kazakh Autonomous Prefecture, in the northwest, where the roads end " * 3, 30, 12, "<b>" * 60),
    Bar("北京市朝阳区人民法院和很多其他的地方一起写在这里" * 4, 7),
    Bar("محكمة مقاطعة أريشان الشعبية", 4, 4, "ملاحظة"),
    Bar("<script>alert(1)</script>", 1),
    Bar("\x1b[2J\u202e\ud800", 2),
    Bar("", 0),
    Bar("W" * 90, 10**12),
)


def _parsed(drawn: bytes) -> ElementTree.Element:
    return ElementTree.fromstring(drawn)  # noqa: S314 (our own)


def _check(made: Picture) -> None:
    """Fail if a text leaves the picture, or stands on another or on a bar."""
    for text in made.texts:
        assert text.left >= 0
        assert text.top >= 0
        assert text.right <= made.width
        assert text.bottom <= made.height
    for one, other in combinations(made.texts, 2):
        apart = (
            one.right <= other.left
            or other.right <= one.left
            or one.bottom <= other.top + ROUNDING
            or other.bottom <= one.top + ROUNDING
        )
        assert apart, (one, other)
    for row in made.rows:
        for text in made.texts:
            beside = text.right <= row.left or text.left >= row.left + row.certain + row.possible
            assert beside or text.bottom <= row.top or text.top >= row.top + 15, (row, text)
    _parsed(draw(made))


def test_bars_are_as_long_as_the_counts_and_begin_at_0() -> None:
    made = picture(MONTHS, title="Detentions by month", unit="people")
    _check(made)
    assert made.ticks[0] == (0, made.rows[0].left)
    april, may, june, july = made.rows
    assert may.certain == pytest.approx(4 * april.certain, abs=0.05)
    assert may.possible == 0
    assert june.certain == 0
    assert june.possible == pytest.approx(2 * april.possible, abs=0.05)
    assert (july.certain, july.possible) == (0, 0)


def test_the_numbers_stand_beside_the_bars_and_in_the_description() -> None:
    made = picture(MONTHS, title="Detentions by month", unit="people", note="By date of arrest.")
    written = [text.text for text in made.texts]
    assert {"3 to 5", "12", "0 to 4", "0", CAUTION, "By date of arrest."} <= set(written)
    assert made.said.splitlines() == [
        "By date of arrest.",
        CAUTION,
        "2017-04: 3 to 5 people",
        "2017-05: 12 people",
        "2017-06: 0 to 4 people (no month in two reports)",
        "2017-07: 0 people",
    ]


def test_only_what_is_possible_is_hatched() -> None:
    root = _parsed(svg(MONTHS, title="Detentions", unit="people"))
    groups = {group.findtext(f"{SVG}title"): group for group in root.iter(f"{SVG}g")}
    assert list(groups) == [
        "2017-04: 3 to 5", "2017-05: 12", "2017-06: 0 to 4 (no month in two reports)", "2017-07: 0"
    ]  # fmt: skip
    fills = [[rect.get("fill") for rect in group.iter(f"{SVG}rect")] for group in groups.values()]
    assert fills == [["#0072b2", "url(#bars-possible)"], ["#0072b2"], ["url(#bars-possible)"], []]
    assert root.find(f"{SVG}defs/{SVG}pattern[@id='bars-possible']") is not None


@pytest.mark.parametrize("width", [100, 500, 900, 3000])
@pytest.mark.parametrize("rows", [MONTHS, HOSTILE, HOSTILE[:1], [Bar("a", 0)], []], ids=len)
def test_no_text_stands_on_another_or_on_a_bar(rows: list[Bar], width: int) -> None:
    _check(picture(rows, title="A title that is <long> " * 9, unit="people " * 9, width=width))


def test_hostile_labels_stay_text() -> None:
    drawn = svg(HOSTILE, title="<b>", unit="<i>").decode()
    assert "<script" not in drawn
    assert "<b>" not in drawn
    assert "<i>" not in drawn
    assert not {"\x1b", "\u202e"} & set(drawn)
    assert "(no name)" in drawn


def test_no_rows_say_that_there_is_nothing_to_count() -> None:
    made = picture([], title="Nothing", unit="people")
    assert made.rows == ()
    assert "There is nothing to count." in made.said


def test_thousands_of_rows_are_cut_and_the_rest_is_counted() -> None:
    made = picture(
        [Bar(f"place {number}", 2, 1) for number in range(5000)], title="Places", unit="people", limit=60
    )
    _check(made)
    assert len(made.rows) == 60
    assert "The first 60 of 5000 rows; the other 4940 count 9880 to 14820." in made.said


@pytest.mark.parametrize(("certain", "possible"), [(-1, 0), (3, -2)])
def test_a_count_below_0_is_an_error(certain: int, possible: int) -> None:
    with pytest.raises(KgError, match=r"'Arishan' counts -.; a count must be 0 or more"):
        Bar("Arishan", certain, possible)


def test_the_picture_can_be_read_out() -> None:
    root = _parsed(svg(MONTHS, title="Detentions", unit="people"))
    assert root.get("role") == "img"
    assert root.findtext(f"{SVG}title") == "Detentions"
    assert "2017-05: 12 people" in (root.findtext(f"{SVG}desc") or "")


# ---------------------------------------------------------------- as PNG


def _size(png: bytes) -> tuple[int, int]:
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", png[16:24])
    return width, height


def test_a_png_is_twice_as_large_as_the_picture() -> None:
    pytest.importorskip("resvg_py", reason="the extra 'pictures' is not installed")
    if not raster._has_fonts():
        pytest.skip("no fonts on this system")
    made = picture(MONTHS, title="Detentions", unit="people")
    width, height = _size(raster.png(draw(made)))
    assert width == 2 * made.width
    assert height == pytest.approx(2 * made.height, abs=1)
    assert _size(raster.png(draw(made), scale=1))[0] == made.width


def test_what_is_no_svg_is_an_error_as_png() -> None:
    pytest.importorskip("resvg_py", reason="the extra 'pictures' is not installed")
    if not raster._has_fonts():
        pytest.skip("no fonts on this system")
    for wrong in (
        b"",
        b"<svg",
        b"\xff\xfe",
        b'<svg xmlns="http://www.w3.org/2000/svg" width="0" height="1"/>',
    ):
        with pytest.raises(KgError, match="this SVG cannot be drawn as PNG"):
            raster.png(wrong)


def test_without_the_extra_the_message_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "resvg_py", None)
    with pytest.raises(KgError, match=r"pip install 'reportedly\[pictures\]'.*\.svg"):
        raster.png(svg(MONTHS, title="Detentions", unit="people"))


@pytest.fixture
def drawn_blank(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let resvg find no font."""
    monkeypatch.setitem(sys.modules, "resvg_py", SimpleNamespace(svg_to_bytes=lambda **_: b"blank"))
    monkeypatch.setattr(raster, "_has_fonts", raster._has_fonts.__wrapped__)


@pytest.mark.usefixtures("drawn_blank")
def test_a_system_without_fonts_is_told_to_install_one() -> None:
    with pytest.raises(KgError, match="no font found on this system"):
        raster.png(svg(MONTHS, title="Detentions", unit="people"))


@pytest.mark.usefixtures("drawn_blank")
def test_a_png_of_too_many_pixels_is_refused() -> None:
    rows = [Bar(str(number), number) for number in range(3000)]
    with pytest.raises(KgError, match=r"a PNG of 18000 by \d+ pixels is too large"):
        raster.png(svg(rows, title="Long", unit="people", limit=3000), scale=20)
    with pytest.raises(KgError, match="scale 0 must be more than 0"):
        raster.png(svg(rows[:1], title="None", unit="people"), scale=0)

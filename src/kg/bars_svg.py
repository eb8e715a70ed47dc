"""Counts as bars, what is possible but not certain hatched: readable without colour, and read out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from kg.drawing import (
    COLOURS,
    INK,
    LINE_HEIGHT,
    QUIET,
    RULE,
    document,
    element,
    hatch,
    label,
    shown,
    text_width,
    titled,
    wrap,
)
from kg.problems import KgError

MOST: Final = 200
"""Rows that one picture shows unless told otherwise."""
CAUTION: Final = "Counted is what reports say, not what happened."

_NARROWEST = 360.0
_MARGIN = 20.0
_SIZE = 12.0
_NOTE_SIZE = 10.5
_BAR = 15.0
_BETWEEN = 8.0
_SOLID = COLOURS[0]
_HATCH = "bars-possible"


@dataclass(frozen=True, slots=True)
class Bar:
    """A row: so many for certain, and so many more that are possible; both whole numbers from 0 up.

    Raises:
        KgError: a count is below 0.
    """

    label: str
    certain: int
    possible: int = 0
    note: str = ""

    def __post_init__(self) -> None:
        """Refuse what no bar can show."""
        if self.certain < 0 or self.possible < 0:
            raise KgError(
                f"{self.label!r} counts {min(self.certain, self.possible)}; a count must be 0 or more"
            )

    @property
    def count(self) -> str:
        """The count in words: ``3`` or ``3 to 5``."""
        return f"{self.certain} to {self.certain + self.possible}" if self.possible else str(self.certain)


@dataclass(frozen=True, slots=True)
class Text:
    """A line of text and the room it takes; it stands at the `anchor` of that: start, middle or end."""

    text: str
    left: float
    top: float
    width: float
    size: float
    bold: bool = False
    colour: str = INK
    anchor: str = "start"

    @property
    def right(self) -> float:
        """The right side."""
        return round(self.left + self.width, 2)

    @property
    def bottom(self) -> float:
        """The lower side."""
        return round(self.top + self.size * LINE_HEIGHT, 2)


@dataclass(frozen=True, slots=True)
class Row:
    """A bar in its place: the certain part begins at the axis, the possible one where that ends."""

    bar: Bar
    left: float
    top: float
    certain: float
    possible: float


@dataclass(frozen=True, slots=True)
class Picture:
    """What is drawn and where; `said` is all of it in words, one row a line."""

    title: str
    width: float
    height: float
    rows: tuple[Row, ...]
    texts: tuple[Text, ...]
    ticks: tuple[tuple[int, float], ...]
    axis: tuple[float, float]
    keys: tuple[tuple[str, float, float], ...]
    said: str


def svg(
    rows: Sequence[Bar], *, title: str, unit: str, note: str = "", width: float = 900, limit: int = MOST
) -> bytes:
    """Draw counts as SVG; the parameters are those of `picture`."""
    return draw(picture(rows, title=title, unit=unit, note=note, width=width, limit=limit))


def picture(
    rows: Sequence[Bar], *, title: str, unit: str, note: str = "", width: float = 900, limit: int = MOST
) -> Picture:
    """Give every bar and every text its place: rows in the order given, from 0, the height as needed.

    `unit` says what is counted, in the plural; `note` what a reader has to know about it. Rows after the
    first `limit` are only counted. `width` is at least 360.
    """
    page = _Page(max(round(width), _NARROWEST))
    drawn = list(rows[: max(limit, 1)])
    notes = [text for text in (note, CAUTION) if text]
    if not rows:
        notes.append("There is nothing to count.")
    if left_out := rows[len(drawn) :]:
        certain = sum(bar.certain for bar in left_out)
        counted = Bar("", certain, sum(bar.possible for bar in left_out)).count
        first = f"The first {len(drawn)} of {len(rows)} rows"
        notes.append(f"{first}; the other {len(left_out)} count {counted}.")
    page.write(title, 18, bold=True)
    page.top += 3
    for text in notes:
        page.write(text, 12, colour=QUIET)
    page.legend(unit, with_possible=any(bar.possible for bar in drawn))
    if drawn:
        page.bars(drawn)
    page.top += _MARGIN / 2
    return Picture(
        title=title,
        width=page.width,
        height=round(page.top, 2),
        rows=tuple(page.rows),
        texts=tuple(page.texts),
        ticks=tuple(page.ticks),
        axis=page.axis,
        keys=tuple(page.keys),
        said="\n".join((*notes, *(_told(bar, unit) for bar in drawn))),
    )


def _told(bar: Bar, unit: str) -> str:
    """Give a row in words, for the description and for hovering."""
    note = f" ({shown(bar.note)})" if bar.note else ""
    return f"{_name(bar)}: {bar.count} {shown(unit)}{note}"


def _name(bar: Bar) -> str:
    return shown(bar.label) or "(no name)"


@dataclass(slots=True)
class _Page:
    """A picture in the making, from the top to the bottom."""

    width: float
    top: float = _MARGIN
    rows: list[Row] = field(default_factory=list)
    texts: list[Text] = field(default_factory=list)
    ticks: list[tuple[int, float]] = field(default_factory=list)
    axis: tuple[float, float] = (0.0, 0.0)
    keys: list[tuple[str, float, float]] = field(default_factory=list)

    def write(self, text: str, size: float, *, bold: bool = False, colour: str = INK) -> None:
        for line in wrap(text, size, self.width - 2 * _MARGIN, lines=4, bold=bold):
            self._put(line, _MARGIN, self.top, size, bold=bold, colour=colour)
            self.top = self.texts[-1].bottom

    def _put(
        self,
        text: str,
        left: float,
        top: float,
        size: float,
        *,
        bold: bool = False,
        colour: str = INK,
        anchor: str = "start",
    ) -> None:
        width = text_width(text, size, bold=bold)
        self.texts.append(Text(text, round(left, 2), round(top, 2), width, size, bold, colour, anchor))

    def legend(self, unit: str, *, with_possible: bool) -> None:
        """Say what is counted and, where bars have two parts, which part is which."""
        self.top += 8
        names = [("solid", unit)]
        if with_possible:
            names = [("solid", f"{unit}, certain"), ("hatched", "possible besides")]
        left = _MARGIN
        for sample, name in names:
            for line in wrap(name, _SIZE, self.width - 2 * _MARGIN - 34, lines=1):
                wide = 34 + text_width(line, _SIZE)
                if left > _MARGIN and left + wide > self.width - _MARGIN:
                    left, self.top = _MARGIN, self.top + 20
                self.keys.append((sample, left, round(self.top + 2, 2)))
                self._put(line, left + 34, self.top, _SIZE)
                left += wide + 24
        self.top += 20

    def bars(self, drawn: Sequence[Bar]) -> None:
        inner = self.width - 2 * _MARGIN
        labels = [wrap(_name(bar), _SIZE, inner * 0.34, lines=3) for bar in drawn]
        beside = [wrap(bar.note, _NOTE_SIZE, inner * 0.24, lines=3) for bar in drawn]
        column = max(text_width(line, _SIZE) for lines in labels for line in lines)
        note_column = max((text_width(line, _NOTE_SIZE) for lines in beside for line in lines), default=0.0)
        number_column = max(text_width(bar.count, _SIZE) for bar in drawn)
        start = _MARGIN + column + 10
        end = self.width - _MARGIN - number_column - 6 - (note_column + 14 if note_column else 0)
        most = max(bar.certain + bar.possible for bar in drawn)
        apart = max(60.0, text_width(str(2 * most), _NOTE_SIZE) + 12)
        steps = _steps(most, max(int((end - start) / apart), 1))
        per_one = max(end - start, 10.0) / steps[-1]
        # Numbers stand above the axis, where a reader of a long picture sees them first.
        free = 0.0
        for step in steps:
            at, wide = start + step * per_one, text_width(str(step), _NOTE_SIZE)
            if at - wide / 2 >= free:
                self._put(str(step), at - wide / 2, self.top, _NOTE_SIZE, colour=QUIET, anchor="middle")
                free = at + wide / 2 + 4
            self.ticks.append((step, round(at, 2)))
        self.top += _NOTE_SIZE * LINE_HEIGHT + 4
        first = self.top
        for bar, lines, notes in zip(drawn, labels, beside, strict=True):
            high = max(
                _BAR, len(lines) * _SIZE * LINE_HEIGHT, len(notes) * _NOTE_SIZE * LINE_HEIGHT
            )  # of the row
            middle = self.top + high / 2
            self._column(lines, _SIZE, middle, right=start - 10)
            row = Row(
                bar,
                round(start, 2),
                round(middle - _BAR / 2, 2),
                round(bar.certain * per_one, 2),
                round(bar.possible * per_one, 2),
            )
            self.rows.append(row)
            tip = row.left + row.certain + row.possible
            self._put(bar.count, tip + 6, middle - _SIZE * LINE_HEIGHT / 2, _SIZE)
            self._column(notes, _NOTE_SIZE, middle, left=self.width - _MARGIN - note_column, colour=QUIET)
            self.top += high + _BETWEEN
        self.axis = (round(first - 2, 2), round(self.top - _BETWEEN / 2, 2))

    def _column(
        self,
        lines: Sequence[str],
        size: float,
        middle: float,
        *,
        left: float = 0,
        right: float | None = None,
        colour: str = INK,
    ) -> None:
        top = middle - len(lines) * size * LINE_HEIGHT / 2
        for line in lines:
            start = left if right is None else right - text_width(line, size)
            self._put(line, start, top, size, colour=colour, anchor="start" if right is None else "end")
            top += size * LINE_HEIGHT


def _steps(most: int, parts: int) -> list[int]:
    """Give round numbers from 0 to `most` or a little more, not many more than `parts` of them.

    >>> _steps(7, 4), _steps(0, 5), _steps(130, 5)
    ([0, 2, 4, 6, 8], [0, 1], [0, 50, 100, 150])
    """
    step, power = 1, 1
    while step * parts < most:
        step = {1: 2, 2: 5, 5: 10}[step // power] * power
        if step == 10 * power:
            power *= 10
    last = -(-max(most, 1) // step)
    return [step * place for place in range(last + 1)]


# ---------------------------------------------------------------- the drawing


def draw(picture: Picture) -> bytes:
    """Give the SVG of a picture; each bar says its row on hovering."""
    return document(
        picture.width,
        picture.height,
        _body(picture),
        title=picture.title,
        description=picture.said,
        definitions=(hatch(_HATCH, "rising", _SOLID),),
        key="bars",
    )


def _body(picture: Picture) -> Iterable[str]:
    top, bottom = picture.axis
    for step, x in picture.ticks:
        yield element("line", x1=x, y1=top, x2=x, y2=bottom, stroke=RULE if step else QUIET, stroke_width=1)
    for row in picture.rows:
        note = f" ({row.bar.note})" if row.bar.note else ""
        yield titled(f"{_name(row.bar)}: {row.bar.count}{note}", *_parts(row))
    for sample, left, at in picture.keys:
        yield _part(left, at, 26, 12, hatched=sample == "hatched")
    for text in picture.texts:
        yield _written(text)


def _written(text: Text) -> str:
    x = {"start": text.left, "middle": text.left + text.width / 2, "end": text.right}[text.anchor]
    return label(
        text.text,
        x,
        text.top + text.size * 1.03,
        text.size,
        fill=text.colour,
        font_weight="bold" if text.bold else None,
        text_anchor=None if text.anchor == "start" else text.anchor,
    )


def _parts(row: Row) -> Iterable[str]:
    if row.certain:
        yield _part(row.left, row.top, row.certain, _BAR, hatched=False)
    if row.possible:
        yield _part(row.left + row.certain, row.top, row.possible, _BAR, hatched=True)


def _part(left: float, top: float, width: float, height: float, *, hatched: bool) -> str:
    return element(
        "rect",
        x=left,
        y=top,
        width=width,
        height=height,
        fill=f"url(#{_HATCH})" if hatched else _SOLID,
        stroke=_SOLID if hatched else None,
        stroke_width=1 if hatched else None,
    )

"""A timeline as a picture: bars whose soft ends show what is not known, each beside what it says in words.

Nothing rests on colour: what is sure is solid, what is possible hatched, what is only about so dotted, and a
side without a bound ends in an arrow. Everything that the picture shows stands in its description too.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from kg import drawing
from kg.chronology import (
    UNKNOWN,
    Case,
    Event,
    Row,
    Span,
    TermEnd,
    Timeline,
    conclusions,
    heading,
    in_cases,
    remarks,
    rows,
)
from kg.drawing import INK, QUIET, RULE, element, label, text_lines, text_width, titled, wrap

MOST_ROWS: Final = 80
"""Rows drawn at most; a note says how many are left out."""
LEAST_WIDTH: Final = 480

_MARGIN = 20.0
_TITLE, _HEADING, _BODY, _SMALL = 17.0, 13.0, 12.0, 10.0
_BAR = 10.0
_LEAST_BAR = 4.0
_TONE: Final = drawing.COLOURS[0]
_LAST_DAY = float(datetime.date.max.toordinal())
_LEAST_SHARE = 0.05
"""Of the axis, that is left to events where last report, end of a term or `until` lie far ahead."""
_MOST_REPORTS, _MOST_TELLERS = 15, 8

_LEGEND: Final = {
    "day": "on this day",
    "within": "possible days",
    "about": "about then, perhaps outside",
    "sure": "surely so all the time",
    "arrow": "no bound known on this side",
    "after": "not known: after the last report",
    "denied": "denied",
    "term": "the term would have ended",
}


def svg(timeline: Timeline, width: float = 900, key: str = "timeline") -> bytes:
    """Give the picture of a timeline as an SVG file; the same timeline gives the same bytes.

    `width` is in pixels, `LEAST_WIDTH` at least; the height follows from what there is to say. Of more than
    `MOST_ROWS` rows the first are drawn. `key` begins every id, for pages with several pictures.
    """
    page = _Page(timeline, max(width, LEAST_WIDTH), key)
    return page.document()


# ---------------------------------------------------------------- the axis


@dataclass(frozen=True, slots=True)
class _Scale:
    """Days, as ordinals, on a stretch of the picture."""

    first: float
    last: float
    left: float
    right: float

    def at(self, ordinal: float) -> float:
        share = (ordinal - self.first) / (self.last - self.first)
        return self.left + share * (self.right - self.left)

    def within(self, span: Span) -> tuple[float, float]:
        """Give where a span begins and ends; a side without a bound reaches to the edge."""
        begin = self.left if span.earliest is None else self.at(span.earliest.toordinal())
        end = self.right if span.latest is None else self.at(span.latest.toordinal() + 1)
        return max(begin, self.left), min(end, self.right)

    def ticks(self) -> list[tuple[float, str]]:
        """Give the days to mark, as ordinals with what to write: the closest that leave room for it."""
        pixels = (self.right - self.left) / (self.last - self.first)
        for step in (1, 2, 3, 5, 7, 14):
            if step * pixels >= text_width("2017-05-14", _SMALL) + 8:
                return [(day, datetime.date.fromordinal(day).isoformat()) for day in self._every(step)]
        for months in (1, 3, 6):
            if months * 28 * pixels >= text_width("2017-05", _SMALL) + 10:
                return list(self._months(months))
        years = 1
        for years in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000):
            if years * 365 * pixels >= text_width("2017", _SMALL) + 14:
                break
        return list(self._months(12 * years))

    def _every(self, step: int) -> Iterator[int]:
        for day in range(max(1, int(self.first)), int(self.last) + 1):
            if day % step == 0 and self.first <= day <= self.last:
                yield day

    def _months(self, step: int) -> Iterator[tuple[float, str]]:
        year = datetime.date.fromordinal(max(1, int(self.first))).year
        month = 12 * (year - year % max(1, step // 12))
        while month < 12 * (datetime.MAXYEAR + 1):
            if month >= 12:
                day = datetime.date(month // 12, month % 12 + 1, 1).toordinal()
                if day > self.last:
                    return
                if day >= self.first:
                    year_only = step % 12 == 0
                    name = f"{month // 12:04}" + ("" if year_only else f"-{month % 12 + 1:02}")
                    yield day, name
            month += step


def _scale(spans: Iterable[Span], far: Iterable[Span], left: float, right: float) -> _Scale | None:
    """Give the scale on which `spans` fit, and of `far` what leaves them `_LEAST_SHARE` of it.

    None where no day of `spans` is known.
    """
    days = list(_days(spans))
    if not days:
        return None
    first, last = min(days), max(days)
    end = last
    for day in sorted(_days(far)):
        if day > end and (first == last or (last - first) / (day - first) >= _LEAST_SHARE):
            end = day
    room = max((end - first) * 0.07, 5.0)
    return _Scale(max(1.0, first - room), min(_LAST_DAY, end + 1 + room), left, right)


def _days(spans: Iterable[Span]) -> Iterator[int]:
    return (day.toordinal() for span in spans for day in (span.earliest, span.latest) if day)


# ---------------------------------------------------------------- marks


class _Marks:
    """Draws spans on a scale, and remembers which signs the legend has to explain."""

    def __init__(self, scale: _Scale, key: str, last_report: datetime.date | None = None) -> None:
        self.scale = scale
        self._last_report = last_report
        self.used: set[str] = set()
        self._key = key

    def event(self, event: Event, y: float) -> str:
        """Draw an event on the line `y`."""
        if event.earliest is None and event.latest is None:
            return ""
        if event.denied:
            self.used.add("denied")
            whole = Span(event.earliest, event.latest)
            return self._box(whole, y, _BAR, "none") + self._ends(whole, y, _BAR)
        if event.end is None:
            return self.moment(event.begin, y)
        return self.lasting(event.begin, event.end, y, _BAR, _TONE)

    def moment(self, span: Span, y: float) -> str:
        """Draw what happened on one day, or on one day within a span."""
        if span.exact:
            self.used.add("day")
            return _diamond(self.scale.at(span.exact.toordinal() + 0.5), y, _TONE)
        return self._soft(span, y, _BAR)

    def lasting(self, begin: Span, end: Span, y: float, height: float, tone: str) -> str:
        """Draw what lasted: solid from the day by which it had begun to the day until which it went on."""
        if begin.latest is None or end.earliest is None or begin.latest >= end.earliest:
            vague = begin.approximate or end.approximate
            return self._to_last_report(Span(begin.earliest, end.latest, vague), y, height)
        self.used.add("sure")
        left, right = self.scale.at(begin.latest.toordinal()), self.scale.at(end.earliest.toordinal() + 1)
        drawn = element("rect", x=left, y=y - height / 2, width=right - left, height=height, fill=tone)
        if begin.exact is None:
            drawn = self._soft(begin, y, height) + drawn
        if end.exact is None:
            drawn = self._to_last_report(end, y, height) + drawn
        return drawn

    def _to_last_report(self, span: Span, y: float, height: float) -> str:
        """Draw a span; where it has no end, what lies after the last report is drawn as not known."""
        last = self._last_report
        seen = last is not None and last.toordinal() < self.scale.last
        if span.latest or not (last and seen) or (span.earliest and span.earliest > last):
            return self._soft(span, y, height)
        self.used.add("after")
        left = self.scale.at(last.toordinal() + 1)
        unknown = element(
            "rect",
            x=left,
            y=y - height / 2,
            width=max(0.0, self.scale.right - left),
            height=height,
            fill=self._hatch("sparse"),
        )
        # The last report is no end of it: no stroke there.
        known = Span(span.earliest, last, span.approximate)
        return (
            self._soft(known, y, height, sides=Span(span.earliest))
            + unknown
            + self._arrows(Span(last), y, height)
        )

    def term(self, span: Span, y: float) -> str:
        """Draw when a term would have ended."""
        self.used.add("term")
        left, right = self.scale.within(span)
        if left >= right:
            return ""
        if right - left < 2 * _BAR and span.earliest and span.latest:
            return _diamond((left + right) / 2, y, "none")
        box = self._box(span, y, _BAR, self._hatch("level"))
        return box + self._ends(span, y, _BAR) + self._arrows(span, y, _BAR)

    def _soft(self, span: Span, y: float, height: float, *, sides: Span | None = None) -> str:
        self.used.add("about" if span.approximate else "within")
        fill = self._hatch("dots" if span.approximate else "rising")
        ends = "" if span.approximate else self._ends(sides or span, y, height)
        return (
            self._box(span, y, height, fill, dashed=span.approximate) + ends + self._arrows(span, y, height)
        )

    def _box(self, span: Span, y: float, height: float, fill: str, *, dashed: bool = False) -> str:
        left, right = self.scale.within(span)
        return element(
            "rect",
            x=left,
            y=y - height / 2,
            width=max(right - left, _LEAST_BAR),
            height=height,
            fill=fill,
            stroke=INK,
            stroke_width=0.7,
            stroke_dasharray="2 2" if dashed else None,
        )

    def _ends(self, span: Span, y: float, height: float) -> str:
        """Draw a stroke at each side that has a bound, and an arrow at one that has none."""
        left, right = self.scale.within(span)
        sides = [
            side for side, day in ((left, span.earliest), (max(right, left + _LEAST_BAR), span.latest)) if day
        ]
        half = height / 2 + 2
        return "".join(_line(x, y - half, x, y + half, INK, width=1.6) for x in sides)

    def _arrows(self, span: Span, y: float, height: float) -> str:
        open_sides = [
            (x, way)
            for x, way, day in (
                (self.scale.left, -1, span.earliest),
                (self.scale.right, 1, span.latest),
            )
            if day is None
        ]
        if open_sides:
            self.used.add("arrow")
        return "".join(_arrow(x, y, way, height) for x, way in open_sides)

    def _hatch(self, kind: str) -> str:
        return f"url(#{self._key}-{kind})"

    def swatch(self, sign: str, x: float, y: float) -> str:
        """Draw the sign that a legend explains, in a box of 34 by 12 around the line `y`."""
        day = datetime.date.fromordinal
        own = _Marks(_Scale(1, 11, x, x + 34), self._key)
        match sign:
            case "news" | "until":
                return _line(x + 17, y - 7, x + 17, y + 7, INK, _DASHES[sign])
            case "day":
                return _diamond(x + 17, y, _TONE)
            case "sure":
                return element("rect", x=x, y=y - _BAR / 2, width=34, height=_BAR, fill=_TONE)
            case "arrow":
                box = own._box(Span(day(4), day(10)), y, _BAR, self._hatch("rising"))
                return box + _arrow(x + 10, y, -1, _BAR)
            case "after":
                return element("rect", x=x, y=y - _BAR / 2, width=34, height=_BAR, fill=self._hatch("sparse"))
            case "denied":
                return own._box(Span(day(1), day(10)), y, _BAR, "none")
            case "term":
                return own._box(Span(day(1), day(7)), y, _BAR, self._hatch("level")) + _diamond(
                    x + 29, y, "none"
                )
            case _:
                return own._soft(Span(day(1), day(10), sign == "about"), y, _BAR)


_DASHES: Final = {"news": "1 2", "until": "6 3"}


def _diamond(x: float, y: float, fill: str) -> str:
    path = f"M{drawing.number(x)},{drawing.number(y - 6)} l6,6 l-6,6 l-6,-6 z"
    return element("path", d=path, fill=fill, stroke=INK, stroke_width=1)


def _arrow(x: float, y: float, way: int, height: float) -> str:
    half = height / 2 + 2
    path = f"M{drawing.number(x + 9 * way)},{drawing.number(y)} l{-9 * way},{-half:g} v{2 * half:g} z"
    return element("path", d=path, fill=INK)


# ---------------------------------------------------------------- the page


@dataclass(frozen=True, slots=True)
class _Part:
    """A case, or the events outside of every case, with the rows that are drawn of it."""

    case: Case | None
    rows: tuple[Row, ...]


class _Page:
    """Puts a timeline below itself, line by line: `y` is where the next thing begins."""

    def __init__(self, timeline: Timeline, width: float, key: str) -> None:
        self._timeline = timeline
        self._width = width
        self._key = key
        self._parts, self._left_out = _parts(timeline)
        self._split = _MARGIN + 0.44 * (width - 2 * _MARGIN)
        self._texts: list[str] = []
        self._drawn: list[str] = []
        self._told: list[str] = []
        self._y = _MARGIN
        scale = _scale(self._spans(), self._far(), self._split + 24, width - _MARGIN - 12)
        self._marks = _Marks(scale, key, timeline.news.published.latest) if scale else None
        self._numbers = {
            report: number
            for number, report in enumerate(
                dict.fromkeys(e.report for part in self._parts for row in part.rows for e in row.told), 1
            )
        }

    def document(self) -> bytes:
        """Give the whole file."""
        timeline = self._timeline
        title = f"{timeline.label}: timeline"
        self._paragraph(title, _TITLE, bold=True)
        for part in self._parts:
            self._part(part)
        self._y += 8
        self._legend()
        for sentence in remarks(timeline):
            self._paragraph(sentence, _BODY, say=True)
        if self._left_out:
            more = f"{self._left_out:,} more rows are not drawn; as text and as JSON the timeline is whole."
            self._paragraph(more, _BODY, say=True)
        self._reports()
        return drawing.document(
            self._width,
            self._y + _MARGIN / 2,
            self._drawn,
            title=title,
            description="\n".join(self._told),
            definitions=[
                *(
                    drawing.hatch(f"{self._key}-{kind}", kind, colour)
                    for kind, colour in (("rising", _TONE), ("dots", INK), ("level", INK))
                ),
                drawing.hatch(f"{self._key}-sparse", "sparse", INK, "none"),
            ],
            key=self._key,
        )

    def _spans(self) -> Iterator[Span]:
        for part in self._parts:
            for row in part.rows:
                yield row.event.begin
                yield row.event.end or UNKNOWN
            if part.case:
                yield part.case.start or UNKNOWN
                yield part.case.end or UNKNOWN
                yield Span(part.case.length.held_until)

    def _far(self) -> Iterator[Span]:
        yield Span(self._timeline.until, self._timeline.news.published.latest)
        for part in self._parts:
            if part.case:
                yield from (term.span for term in part.case.terms)

    # ---- text

    def _paragraph(
        self,
        text: str,
        size: float,
        *,
        bold: bool = False,
        say: bool = False,
        x: float = _MARGIN,
        most: int = 3,
    ) -> None:
        fitting = wrap(text, size, self._width - _MARGIN - x, lines=most, bold=bold)
        drawn, after = text_lines(fitting, x, self._y + size, size, font_weight="bold" if bold else None)
        self._drawn.append(drawn)
        self._y = after - size + 3
        if say:
            self._told.append(text)

    def _reports(self) -> None:
        titles = {e.report: e for part in self._parts for row in part.rows for e in row.told}
        for report, number in list(self._numbers.items())[:_MOST_REPORTS]:
            event = titles[report]
            published = event.published.words() if event.published != UNKNOWN else "not dated"
            self._paragraph(f"[{number}] {event.report_title}, {published}", _SMALL, say=True, most=2)
        if len(self._numbers) > _MOST_REPORTS:
            self._paragraph(f"and {len(self._numbers) - _MOST_REPORTS:,} more reports", _SMALL)

    # ---- rows

    def _part(self, part: _Part) -> None:
        case = part.case
        self._y += 6
        self._paragraph(heading(self._timeline, case), _HEADING, bold=True, say=True, most=2)
        below, top = len(self._drawn), self._axis()
        marks, start = self._marks, case.start if case else None
        if case and marks and start and start != UNKNOWN and not _reversed(case):
            end = _custody_end(case)
            self._row("in custody", "", lambda y: marks.lasting(start, end, y, _BAR + 4, INK))
        for row in part.rows:
            self._event(row)
        for term in case.terms if case else ():
            self._term(term)
        self._drawn.insert(below, self._grid(top, self._y))
        self._y += 3
        for name, sentence in conclusions(case, self._timeline.until) if case else ():
            self._paragraph(f"{name}: {sentence}", _BODY, say=True, x=_MARGIN + 10)

    def _event(self, row: Row) -> None:
        event, marks = row.event, self._marks
        what = event.what(self._timeline.iri)
        when = event.when() + event.dated()
        tellers = list(dict.fromkeys(f"{each.told()} [{self._numbers[each.report]}]" for each in row.told))
        shown = tellers[0] + (f" and {len(tellers) - 1:,} more" if len(tellers) > 1 else "")
        self._told.append(f"{when}: {what}; told by {'; '.join(tellers[:_MOST_TELLERS])}")
        known = event.earliest is not None or event.latest is not None

        def draw(y: float) -> str:
            if marks and known:
                return marks.event(event, y)
            return label("day not known", self._split + 24, y + 4, _SMALL, fill=QUIET, font_style="italic")

        self._row(what, f"{when}; {shown}", draw, hover="; ".join([what, when, *tellers[:_MOST_TELLERS]]))

    def _term(self, term: TermEnd) -> None:
        if self._marks is None or term.span == UNKNOWN:
            return
        marks, span = self._marks, term.span
        what = f"term of {term.term} over"
        small = f"{span.words()}; counted from {' or '.join(term.counted_from)}"
        self._row(what, small, lambda y: marks.term(span, y), hover=f"{what}; {small}")

    def _row(self, what: str, small: str, draw: Callable[[float], str], *, hover: str = "") -> None:
        top, room = self._y + 4, self._split - _MARGIN
        upper, y = text_lines(wrap(what, _BODY, room), _MARGIN, top + _BODY, _BODY)
        lower, y = text_lines(
            wrap(small, _SMALL, room, lines=3), _MARGIN, y - _BODY + _SMALL + 1, _SMALL, fill=QUIET
        )
        self._drawn.append(titled(hover or what, upper, lower, draw(top + 0.7 * _BODY)))
        self._y = y - _SMALL + 3
        self._drawn.append(_line(_MARGIN, self._y, self._width - _MARGIN, self._y))

    # ---- axis and legend

    def _axis(self) -> float:
        """Write the days above the rows, and give where the lines below them begin."""
        if self._marks is None:
            return self._y
        self._y += _SMALL
        for day, name in self._marks.scale.ticks():
            x = self._marks.scale.at(day)
            if x + text_width(name, _SMALL) / 2 <= self._width - 4:
                self._drawn.append(label(name, x, self._y, _SMALL, text_anchor="middle", fill=QUIET))
        self._y += 5
        self._drawn.append(_line(self._split + 24, self._y, self._width - _MARGIN - 12, self._y, INK))
        return self._y

    def _grid(self, top: float, bottom: float) -> str:
        if self._marks is None:
            return ""
        scale, timeline = self._marks.scale, self._timeline
        drawn = [_line(scale.at(day), top, scale.at(day), bottom) for day, _ in scale.ticks()]
        for sign, day_ in (("news", timeline.news.published.latest), ("until", timeline.until)):
            if day_ and scale.first <= day_.toordinal() <= scale.last:
                self._marks.used.add(sign)
                x = scale.at(day_.toordinal() + 0.5)
                drawn.append(_line(x, top, x, bottom, INK, _DASHES[sign]))
        return "".join(drawn)

    def _legend(self) -> None:
        if self._marks is None:
            return
        timeline = self._timeline
        words = _LEGEND | {
            "news": f"last report, {timeline.news.published.words()}",
            "until": f"seen from {timeline.until}",
        }
        x, self._y = _MARGIN, self._y + _SMALL
        for sign, meaning in words.items():
            if sign not in self._marks.used:
                continue
            wide = 40 + text_width(meaning, _SMALL) + 16
            if x > _MARGIN and x + wide > self._width - _MARGIN:
                x, self._y = _MARGIN, self._y + 20
            self._drawn.append(self._marks.swatch(sign, x, self._y - 3.5))
            self._drawn.append(label(meaning, x + 40, self._y, _SMALL))
            x += wide
        self._y += 14


def _line(
    x: float,
    y: float,
    to_x: float,
    to_y: float,
    colour: str = RULE,
    dashes: str | None = None,
    width: float = 0.8,
) -> str:
    return element(
        "line", x1=x, y1=y, x2=to_x, y2=to_y, stroke=colour, stroke_width=width, stroke_dasharray=dashes
    )


def _reversed(case: Case) -> bool:
    start = case.start.earliest if case.start else None
    end = case.end.latest if case.end else None
    return start is not None and end is not None and end < start


def _custody_end(case: Case) -> Span:
    """Give the end of custody for drawing: what is sure of it begins where the person was still held."""
    if case.end is None:
        return Span(case.length.held_until, None, case.length.approximate)
    return case.end


def _parts(timeline: Timeline) -> tuple[tuple[_Part, ...], int]:
    """Give what is drawn, and how many rows are left out."""
    parts: list[_Part] = []
    room, left_out = MOST_ROWS, 0
    for case, events in in_cases(timeline):
        all_ = rows(events)
        if room:
            parts.append(_Part(case, all_[:room]))
        left_out += len(all_[room:])
        room = max(0, room - len(all_))
    return tuple(parts), left_out

"""The curve of cost over size: seconds of each step beside its peer, on two logarithmic scales."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from measure import FailedError, Run, kg, once, script

from kg.drawing import COLOURS, INK, PAPER, QUIET, RULE, document, element, label, titled

if TYPE_CHECKING:
    from run import Bench

SIZES = (1_000, 10_000, 100_000, 1_000_000)
LONGEST = 300.0
"""Seconds beyond which a peer is not run at a size, judged by the one before."""
QUERY = "sources"

Command = Sequence[str | Path]


@dataclass(frozen=True)
class Point:
    """What one run took: seconds of the whole process, of the processors, and peak memory in MB."""

    size: int
    seconds: float
    cpu: float
    memory: float


@dataclass(frozen=True)
class Line:
    """One step of one program; `ended` says why it has no point at a greater size."""

    step: str
    by: str
    points: tuple[Point, ...]
    ended: str = ""


def measure(bench: Bench) -> list[Line]:
    """Measure every step of kg, and its peer as far as that comes to an end in reasonable time."""
    points: dict[tuple[str, str], list[Point]] = {}
    ended: dict[tuple[str, str], str] = {}
    for size in sorted({bench.size(full): full for full in SIZES}.items()):
        for step, by, command, cwd in _commands(bench, size[1]):
            found = points.setdefault((step, by), [])
            if (step, by) in ended:
                continue
            if by != "kg" and found and _expected(found, size[0]) > LONGEST:
                ended[step, by] = f"not run beyond {found[-1].size:,}: over {LONGEST / 60:g} minutes"
                continue
            try:
                done = once(command, cwd=cwd, limit=None if by == "kg" else LONGEST)
            except FailedError as error:
                ended[step, by] = f"no answer at {size[0]:,}: {str(error).splitlines()[-1]}"
                continue
            if done.ended:
                found.append(_point(size[0], done))
            else:
                ended[step, by] = f"stopped at {size[0]:,} after {LONGEST / 60:g} minutes"
    return [Line(step, by, tuple(found), ended.get((step, by), "")) for (step, by), found in points.items()]


def _expected(found: Sequence[Point], size: int) -> float:
    """Give the seconds that a size takes if cost goes on as between the last two sizes, and at least in line."""
    last = found[-1]
    power = 1.0
    if len(found) > 1:
        before = found[-2]
        power = max(power, math.log(last.seconds / before.seconds) / math.log(last.size / before.size))
    return last.seconds * (size / last.size) ** power


def _commands(bench: Bench, full: int) -> Iterator[tuple[str, str, Command, Path | None]]:
    """Give the commands of one size, as the table's steps run them: what these measured is not run again."""
    folder, project, nquads, faulty = (
        bench.folder,
        bench.project(full),
        bench.nquads(full),
        bench.faulty(full),
    )
    yield "encode", "kg", script("ours.py", "encode", project, folder / "unsorted.nq", bench.jobs), None
    yield "build", "kg", script("ours.py", "build", project, folder / "sorted.nq", bench.jobs), None
    for name in ("unsorted.nq", "sorted.nq"):
        (folder / name).unlink(missing_ok=True)
    yield "encode", "rdflib", script("peers.py", "rdflib-write", nquads, folder / "rdflib.nt"), None
    found, other = folder / "ours.json", folder / "pyshacl.json"
    yield "validate", "kg", script("ours.py", "validate", faulty, bench.jobs, found, *bench.rules), None
    triples = faulty.with_suffix(".nt")
    if full < SIZES[-1]:
        bench.triples(faulty)
    yield "validate", "pyshacl", script("peers.py", "pyshacl", triples, other, *bench.rules), None
    built = bench.built(full)
    yield "query", "kg", kg("query", QUERY, "-f", "json"), project
    query = Path(__file__).parent.parent / "src" / "kg" / "queries" / f"{QUERY}.rq"
    yield "query", "rdflib", script("peers.py", "rdflib-query", built, query, folder / "rdflib.json"), None


def _point(size: int, done: Run) -> Point:
    return Point(size, round(done.seconds, 3), round(done.cpu, 3), round(done.memory, 1))


def draw(bench: Bench, folder: Path) -> None:
    """Measure, and write `curve.svg` and the figures behind it."""
    lines = measure(bench)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "curve.json").write_text(
        json.dumps([asdict(line) for line in lines], indent=1) + "\n", encoding="utf-8"
    )
    (folder / "curve.svg").write_bytes(svg(lines))


# ---------------------------------------------------------------- the picture

STEPS = {
    "encode": "encode: quads as they come",
    "build": "build: sorted, each once",
    "validate": "validate: all shapes",
    "query": f"query: {QUERY}, cold",
}
TITLE = "Seconds by number of assertions"
NOTE = "Whole processes; both scales are logarithmic. Solid: kg. Dashed: the peer named at its end."
WIDTH, HEIGHT = 900.0, 520.0
LEFT, RIGHT, TOP, BOTTOM = 76.0, 210.0, 84.0, 60.0
SMALL, SIZE = 11.0, 12.0
APART = 16.0
"""Points between the texts at the ends of two lines, at least."""


def svg(lines: Sequence[Line]) -> bytes:
    """Give the picture, in the style of those that kg draws."""
    said = "\n".join(_told(line) for line in lines)
    return document(
        WIDTH,
        HEIGHT,
        _body([line for line in lines if line.points]),
        title=TITLE,
        description=f"{NOTE}\n{said}",
        key="curve",
    )


def _told(line: Line) -> str:
    points = "; ".join(f"{point.size:,}: {_seconds(point.seconds)}" for point in line.points)
    return f"{STEPS[line.step]}, {line.by}: {points}" + (f"; {line.ended}" if line.ended else "")


def _seconds(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds >= 100 else f"{seconds:.2g} s"


class _Scale:
    """Where values of a logarithmic scale stand."""

    def __init__(self, values: Iterable[float], start: float, end: float) -> None:
        logs = [math.log10(value) for value in values]
        self.first, self.last = math.floor(min(logs)), math.ceil(max(logs))
        self.last = max(self.last, self.first + 1)
        self._start, self._end = start, end

    def __call__(self, value: float) -> float:
        share = (math.log10(value) - self.first) / (self.last - self.first)
        return round(self._start + share * (self._end - self._start), 2)

    def ticks(self) -> list[float]:
        return [10.0**power for power in range(self.first, self.last + 1)]


def _body(lines: Sequence[Line]) -> Iterator[str]:
    yield element("rect", x=0, y=0, width=WIDTH, height=HEIGHT, fill=PAPER)
    yield label(TITLE, 20, 36, 18, fill=INK, font_weight="bold")
    early = f" It stops where a run would take over {LONGEST / 60:g} minutes."
    note = NOTE + (early if any(line.ended for line in lines) else "")
    yield label(note, 20, 58, SIZE, fill=QUIET)
    if not lines:
        return
    x = _Scale((point.size for line in lines for point in line.points), LEFT, WIDTH - RIGHT)
    y = _Scale((point.seconds for line in lines for point in line.points), HEIGHT - BOTTOM, TOP)
    for tick in y.ticks():
        yield element("line", x1=LEFT, y1=y(tick), x2=WIDTH - RIGHT, y2=y(tick), stroke=RULE, stroke_width=1)
        yield label(f"{tick:,g} s", LEFT - 8, y(tick) + 4, SMALL, fill=QUIET, text_anchor="end")
    for tick in x.ticks():
        yield element("line", x1=x(tick), y1=TOP, x2=x(tick), y2=HEIGHT - BOTTOM, stroke=RULE, stroke_width=1)
        yield label(f"{tick:,.0f}", x(tick), HEIGHT - BOTTOM + 18, SMALL, fill=QUIET, text_anchor="middle")
    yield label("assertions", (LEFT + WIDTH - RIGHT) / 2, HEIGHT - 18, SIZE, fill=QUIET, text_anchor="middle")
    for line in lines:
        yield _drawn(line, x, y)
    yield from _names(lines, x, y)


def _colour(line: Line) -> str:
    return COLOURS[list(STEPS).index(line.step)]


def _drawn(line: Line, x: _Scale, y: _Scale) -> str:
    colour = _colour(line)
    places = " ".join(f"{x(point.size):g},{y(point.seconds):g}" for point in line.points)
    parts = [
        element(
            "polyline",
            points=places,
            fill="none",
            stroke=colour,
            stroke_width=2,
            stroke_dasharray=None if line.by == "kg" else "6 4",
        )
    ]
    parts += [_mark(line, x(point.size), y(point.seconds), colour) for point in line.points]
    return titled(_told(line), *parts)


def _mark(line: Line, left: float, top: float, colour: str) -> str:
    """Give the mark of a point; steps differ in its shape, too, and peers are hollow."""
    fill = colour if line.by == "kg" else PAPER
    shape = list(STEPS).index(line.step)
    if shape == 0:
        return element("circle", cx=left, cy=top, r=4, fill=fill, stroke=colour, stroke_width=1.5)
    corners = {
        1: ((-4, -4), (4, -4), (4, 4), (-4, 4)),
        2: ((0, -5), (5, 4), (-5, 4)),
        3: ((0, -5.5), (5.5, 0), (0, 5.5), (-5.5, 0)),
    }[shape]
    points = " ".join(f"{left + across:g},{top + down:g}" for across, down in corners)
    return element("polygon", points=points, fill=fill, stroke=colour, stroke_width=1.5)


def _names(lines: Sequence[Line], x: _Scale, y: _Scale) -> Iterator[str]:
    """Name each line: at the right, as near to its end as the others allow, or where it ends before that."""
    most = max(point.size for line in lines for point in line.points)
    for line in lines:
        if (last := line.points[-1]).size < most:
            halo = {"stroke": PAPER, "stroke_width": 4, "paint_order": "stroke", "stroke_linejoin": "round"}
            yield label(_name(line), x(last.size) + 10, y(last.seconds) + 4, SIZE, fill=INK, **halo)
    reaching = [line for line in lines if line.points[-1].size == most]
    wanted = sorted(reaching, key=lambda line: y(line.points[-1].seconds))
    places: list[float] = []
    for line in wanted:
        at = y(line.points[-1].seconds) + 4
        places.append(max(at, places[-1] + APART) if places else at)
    over = max(0.0, places[-1] - (HEIGHT - BOTTOM))
    left = WIDTH - RIGHT + 22
    for line, place in zip(wanted, [place - over for place in places], strict=True):
        point = line.points[-1]
        yield element(
            "line", x1=x(point.size) + 6, y1=y(point.seconds), x2=left - 4, y2=round(place - 4, 2),
            stroke=_colour(line), stroke_width=0.75,
        )  # fmt: skip
        yield label(_name(line), left, place, SIZE, fill=INK)


def _name(line: Line) -> str:
    return f"{line.step}, {line.by}: {_seconds(line.points[-1].seconds)}"

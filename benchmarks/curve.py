"""The curve of cost over size, as a picture: seconds to build and to validate, on two logarithmic scales."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from measure import Run, run, script

if TYPE_CHECKING:
    from run import Bench

SIZES = (1_000, 10_000, 100_000, 1_000_000)
SERIES = (("build", "sorted N-Quads", "#1b6ca8"), ("validate", "all shapes checked", "#b5541c"))
WIDTH, HEIGHT = 640, 360
LEFT, RIGHT, TOP, BOTTOM = 70, 150, 46, 60


def measure(bench: Bench) -> dict[str, list[tuple[int, float, float]]]:
    """Give size, seconds and megabytes of each point."""
    found: dict[str, list[tuple[int, float, float]]] = {name: [] for name, _, _ in SERIES}
    for full in SIZES:
        size, project = bench.size(full), bench.project(full)
        target = bench.folder / "curve.nq"
        built = run(script("ours.py", "build", project, target, bench.jobs))
        checked = run(script("ours.py", "validate", bench.faulty(full), bench.jobs, *bench.rules))
        for name, done in (("build", built), ("validate", checked)):
            found[name].append(_point(size, done))
        target.unlink()
    return found


def _point(size: int, done: Run) -> tuple[int, float, float]:
    return size, done.seconds, done.memory


def draw(bench: Bench, folder: Path) -> None:
    """Measure, and write `curve.svg` and the figures behind it."""
    points = measure(bench)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "curve.svg").write_text(svg(points), encoding="utf-8")
    (folder / "curve.json").write_text(json.dumps(points, indent=1) + "\n", encoding="utf-8")


def svg(points: dict[str, list[tuple[int, float, float]]]) -> str:
    """Give the picture."""
    sizes = [size for found in points.values() for size, _, _ in found]
    times = [seconds for found in points.values() for _, seconds, _ in found]
    across = (math.floor(math.log10(min(sizes))), math.ceil(math.log10(max(sizes))))
    up = (math.floor(math.log10(min(times))), math.ceil(math.log10(max(times))))

    def x(size: float) -> float:
        share = (math.log10(size) - across[0]) / max(1, across[1] - across[0])
        return LEFT + share * (WIDTH - LEFT - RIGHT)

    def y(seconds: float) -> float:
        share = (math.log10(seconds) - up[0]) / max(1, up[1] - up[0])
        return HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" '
        f'height="{HEIGHT}" role="img" font-family="Helvetica, Arial, sans-serif" font-size="13">',
        "<title>Seconds to build and to validate, by number of assertions</title>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
        f'<text x="{LEFT}" y="24" font-size="15" fill="#222">Seconds by number of assertions, two processes</text>',
    ]
    for power in range(up[0], up[1] + 1):
        height = y(10**power)
        parts.append(
            f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{height:.1f}" y2="{height:.1f}" stroke="#ddd"/>'
            f'<text x="{LEFT - 8}" y="{height + 4:.1f}" text-anchor="end" fill="#444">{10**power:g} s</text>'
        )
    for power in range(across[0], across[1] + 1):
        place = x(10**power)
        parts.append(
            f'<line x1="{place:.1f}" x2="{place:.1f}" y1="{TOP}" y2="{HEIGHT - BOTTOM}" stroke="#eee"/>'
            f'<text x="{place:.1f}" y="{HEIGHT - BOTTOM + 20}" text-anchor="middle" fill="#444">{10**power:,}</text>'
        )
    parts += [_line(name, label, colour, points[name], x, y) for name, label, colour in SERIES]
    parts.append(
        f'<text x="{(LEFT + WIDTH - RIGHT) / 2:.0f}" y="{HEIGHT - 14}" text-anchor="middle" fill="#444">assertions</text>'
    )
    return "\n".join([*parts, "</svg>"]) + "\n"


def _line(name: str, label: str, colour: str, points: Sequence[tuple[int, float, float]], x, y) -> str:  # type: ignore[no-untyped-def]
    places = " ".join(f"{x(size):.1f},{y(seconds):.1f}" for size, seconds, _ in points)
    dots = "".join(
        f'<circle cx="{x(size):.1f}" cy="{y(seconds):.1f}" r="4" fill="{colour}"><title>{size:,} assertions: '
        f"{seconds:.2f} s, {memory:,.0f} MB</title></circle>"
        for size, seconds, memory in points
    )
    size, seconds, _ = points[-1]
    end = f'<text x="{x(size) + 10:.1f}" y="{y(seconds) + 4:.1f}" fill="{colour}">{name}: {seconds:.3g} s</text>'
    return f'<polyline points="{places}" fill="none" stroke="{colour}" stroke-width="2"/>{dots}{end}<!-- {label} -->'

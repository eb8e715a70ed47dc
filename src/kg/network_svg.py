"""A picture of the graph of entities that can be read: labels do not overlap, whatever they are.

An entity is a card: a mark whose shape and colour say its type, and its label. Cards take the room that their
labels need and ties are drawn between them, so that a picture grows downwards rather than getting illegible.
The positions are computed with sums, products and square roots only, which every machine rounds alike.
"""

from __future__ import annotations

import heapq
import random
from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import sqrt
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from kg.drawing import (
    COLOURS,
    INK,
    LINE_HEIGHT,
    PAPER,
    QUIET,
    RULE,
    document,
    element,
    label,
    shown,
    text_width,
    titled,
    wrap,
)
from kg.problems import KgError

if TYPE_CHECKING:
    import networkx

Sureness: TypeAlias = Literal["stated", "alleged", "denied"]

MOST: Final = 200
"""More entities than these are never drawn: nobody could read them."""
NARROWEST: Final = 480

_KINDS: Final = {
    "court": (COLOURS[3], "diamond"),
    "facility": (COLOURS[4], "triangle"),
    "country": (COLOURS[6], "star"),
    "group": (COLOURS[1], "rings"),
    "person": (COLOURS[0], "circle"),
    "organization": (COLOURS[2], "square"),
    "place": (COLOURS[5], "hexagon"),
}
"""Colour and shape of each type; of an entity's several types, the first one here is shown."""
_OTHER: Final = "other"
_OTHER_LOOK: Final = (COLOURS[7], "cross")
_DASHES: Final[Mapping[Sureness, str | None]] = {"stated": None, "alleged": "6 4", "denied": "1.5 4"}

_MARGIN = 24.0
_GAP = 14.0  # between cards
_SIZE = 11.0  # of labels
_SMALL = 9.0  # of what is written on a tie
_CARD_TEXT = 138.0  # the width at which labels break
_CARD_LINES = 3
_MARK = 6.0
_LIST_SIZE = 10.5
_ROOMS: Final = (
    (7.0, 0.0),
    (5.0, 0.0),
    (3.8, 0.0),
    (3.0, 0.0),
    (2.6, 0.0),
    (3.0, 0.3),
    (3.0, 0.6),
    (3.0, 0.8),
)
"""Tried until the height suffices: room per card, in areas of the card, and the share of labels listed."""
_SHRINKING: Final = 1.2  # bettering draws cards together
_SHAPES_OF_REGIONS: Final = (1.5, 2.4, 0.9)
"""Width by height of the room for a component; the first one is the best to look at."""
_WORK = 2_500_000  # comparisons that bettering one component may cost: about a second


@dataclass(frozen=True, slots=True)
class Box:
    """An upright rectangle; `top` is above `bottom` and less than it."""

    left: float
    top: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """The right side."""
        return self.left + self.width

    @property
    def bottom(self) -> float:
        """The lower side."""
        return self.top + self.height

    @property
    def middle(self) -> tuple[float, float]:
        """The point in the middle."""
        return self.left + self.width / 2, self.top + self.height / 2

    def overlaps(self, other: Box) -> bool:
        """Say whether the two share more than a border."""
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )

    def moved(self, x: float, y: float) -> Box:
        """Give the same further right and down."""
        return Box(round(self.left + x, 2), round(self.top + y, 2), self.width, self.height)


@dataclass(frozen=True, slots=True)
class Card:
    """An entity in its place. `lines` is its label as drawn; with `number`, the label stands in the list."""

    entity: str
    name: str
    kind: str
    types: str
    unnamed: bool
    box: Box
    lines: tuple[str, ...]
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Tie:
    """All that is said between two entities; `words` has a line for each thing said, equal ones counted."""

    one: str
    other: str
    count: int
    predicates: tuple[str, ...]
    words: tuple[str, ...]
    sureness: Sureness
    forward: bool
    backward: bool


@dataclass(frozen=True, slots=True)
class Line:
    """A tie from the border of one card to that of another, with its predicates where there is room."""

    tie: Tie
    start: tuple[float, float]
    end: tuple[float, float]
    caption: str = ""
    caption_box: Box | None = None


@dataclass(frozen=True, slots=True)
class Text:
    """A line of text in its place."""

    text: str
    box: Box
    size: float
    bold: bool = False
    colour: str = INK


@dataclass(frozen=True, slots=True)
class Key:
    """An entry of the legend: `sample` is a type, a sureness or a word for another way of drawing."""

    sample: str
    text: Text


@dataclass(frozen=True, slots=True)
class Picture:
    """What is drawn and where; `said` is all in words, the ties without a place in the picture too."""

    title: str
    width: float
    height: float
    cards: tuple[Card, ...]
    lines: tuple[Line, ...]
    regions: tuple[Box, ...]
    texts: tuple[Text, ...]
    keys: tuple[Key, ...]
    focus: str | None
    said: str

    def boxes(self) -> tuple[Box, ...]:
        """Give the room that each text takes; no two of them overlap."""
        captions = (line.caption_box for line in self.lines)
        return (
            *(card.box for card in self.cards),
            *(box for box in captions if box),
            *(text.box for text in self.texts),
            *(key.text.box for key in self.keys),
        )


def svg(
    graph: networkx.MultiDiGraph[str],
    *,
    title: str,
    width: float = 1600,
    height: float = 2600,
    seed: int = 0,
    focus: str | None = None,
    reach: int = 2,
    limit: int = 150,
) -> bytes:
    """Draw the graph that `kg.network.to_networkx` gives, as SVG; the parameters are those of `picture`."""
    return draw(
        picture(
            graph, title=title, width=width, height=height, seed=seed, focus=focus, reach=reach, limit=limit
        )
    )


def picture(
    graph: networkx.MultiDiGraph[str],
    *,
    title: str,
    width: float = 1600,
    height: float = 2600,
    seed: int = 0,
    focus: str | None = None,
    reach: int = 2,
    limit: int = 150,
) -> Picture:
    """Give every card, line and text its place.

    Entities without a tie are counted and not drawn. With `focus`, an IRI, there is only what lies within
    `reach` steps of it. Of more than `limit` entities (at most `MOST`) there are the nearest ones, or those
    around the best connected one; the picture says so. `width` is kept (at least `NARROWEST`); `height` is
    aimed at: first the cards move together, then labels of the least connected entities go to a
    numbered list below, then the picture grows. The same graph and `seed` give the same picture.

    Raises:
        KgError: `focus` is not in the graph.
    """
    if focus is not None and focus not in graph:
        raise KgError(f"{focus!r} is not in the graph of entities, so there is nothing to draw around it")
    width = max(round(width), NARROWEST)
    chosen = _choose(graph, focus, max(reach, 1), max(1, min(limit, MOST)))
    components = [_Component(graph, members, chosen, seed) for members in chosen.components]
    found = _fitting(graph, chosen, components, title, width, height)
    return _page(graph, chosen, components, title, width, found, better=True).finished()


def _fitting(
    graph: networkx.MultiDiGraph[str],
    chosen: _Chosen,
    components: Sequence[_Component],
    title: str,
    width: float,
    height: float,
) -> _Try:
    """Give the first way of laying out whose page is not too high, or the closest one."""
    aim = height * _SHRINKING
    for room, share in _ROOMS:
        is_last = (room, share) == _ROOMS[-1]
        cards = _cards(graph, chosen, share)
        bodies = (cards[node].box for each in components if len(each.members) > 2 for node in each.members)
        if not is_last and sum(body.width * body.height for body in bodies) * room > width * aim:
            continue
        shapes = _SHAPES_OF_REGIONS if len(chosen.nodes) <= 150 else _SHAPES_OF_REGIONS[:1]
        heights: dict[_Try, float] = {}
        for shape in shapes:
            each = _Try(room, share, shape)
            heights[each] = _page(graph, chosen, components, title, width, each, better=False).height
            if not is_last and heights[each] > 1.6 * aim:  # no other shape will make up for that
                break
        found = min(heights, key=lambda each: heights[each])
        if is_last or heights[found] <= aim:
            return found
    raise AssertionError("the last way is always taken")


@dataclass(frozen=True, slots=True)
class _Try:
    room: float
    share: float
    shape: float


# ---------------------------------------------------------------- what is drawn


@dataclass(frozen=True, slots=True)
class _Chosen:
    nodes: tuple[str, ...]
    components: tuple[tuple[str, ...], ...]
    ties: tuple[Tie, ...]
    degrees: Mapping[str, int]
    focus: str | None
    notes: tuple[str, ...]


def _choose(graph: networkx.MultiDiGraph[str], focus: str | None, reach: int, limit: int) -> _Chosen:
    ties = _ties(graph)
    near: dict[str, set[str]] = defaultdict(set)
    for tie in ties:
        if tie.one != tie.other:
            near[tie.one].add(tie.other)
            near[tie.other].add(tie.one)
    alone = graph.number_of_nodes() - len(near)
    if focus is None:
        nodes, notes = _core(near, limit), []
        if len(nodes) < len(near):
            notes.append(
                f"{len(nodes)} of {len(near)} entities that have ties: those around the best connected ones."
            )
        if alone:
            without = "1 entity without a tie to another is" if alone == 1 else (
                f"{alone} entities without a tie to another are"
            )  # fmt: skip
            notes.append(f"{without} not drawn.")
    else:
        nodes, everything = _around(near, focus, reach, limit)
        steps = "1 step" if reach == 1 else f"{reach} steps"
        notes = [f"What lies within {steps} of {_name(graph, focus)} (thick frame)."]
        if len(nodes) < everything:
            notes.append(f"{len(nodes)} of {everything} entities there, the nearest and best connected.")
        if not near[focus]:
            notes.append("No tie to another entity is known.")
    inside = set(nodes)
    drawn = tuple(tie for tie in ties if {tie.one, tie.other} <= inside)
    if not nodes:
        notes.append("There is no tie between entities to draw.")
    return _Chosen(
        nodes=tuple(nodes),
        components=_components(nodes, near),
        ties=drawn,
        degrees={node: len(near[node]) for node in nodes},
        focus=focus,
        notes=tuple(notes),
    )


def _name(graph: networkx.MultiDiGraph[str], node: str) -> str:
    """Give what to call an entity; something that can be seen, whatever its label is."""
    return shown(str(graph.nodes[node].get("label", ""))) or shown(node) or "(no name)"


def _ties(graph: networkx.MultiDiGraph[str]) -> tuple[Tie, ...]:
    between: dict[tuple[str, str], list[tuple[str, str, Mapping[str, object]]]] = defaultdict(list)
    for start, end, attributes in graph.edges(data=True):
        between[min(start, end), max(start, end)].append((start, end, attributes))
    return tuple(_tie(graph, pair, between[pair]) for pair in sorted(between))


def _tie(
    graph: networkx.MultiDiGraph[str],
    pair: tuple[str, str],
    edges: Sequence[tuple[str, str, Mapping[str, object]]],
) -> Tie:
    order: Sequence[Sureness] = ("stated", "alleged", "denied")
    said: Counter[tuple[str, str, str, Sureness]] = Counter()
    for start, end, attributes in edges:
        predicate = shown(str(attributes.get("label") or attributes.get("predicate") or "tied to"))
        said[start, end, predicate, _sureness(attributes)] += 1
    words = []
    for (start, end, predicate, sureness), count in sorted(said.items()):
        marks = ([] if sureness == "stated" else [_SURE_WORDS[sureness]]) + ([f"{count} times"] * (count > 1))
        more = f" ({', '.join(marks)})" if marks else ""
        words.append(f"{_name(graph, start)} – {predicate} – {_name(graph, end)}{more}")
    return Tie(
        one=pair[0],
        other=pair[1],
        count=len(edges),
        predicates=tuple(sorted({predicate for _, _, predicate, _ in said})),
        words=tuple(words),
        sureness=min((sureness for *_, sureness in said), key=order.index),
        forward=any(start == pair[0] for start, *_ in said),
        backward=any(end == pair[0] for _, end, *_ in said),
    )


_SURE_WORDS: Final[Mapping[Sureness, str]] = {
    "stated": "stated",
    "alleged": "alleged",
    "denied": "denied or withdrawn",
}


def _sureness(attributes: Mapping[str, object]) -> Sureness:
    if attributes.get("polarity") == "denied" or attributes.get("withdrawn"):
        return "denied"
    return "alleged" if attributes.get("certainty") == "alleged" else "stated"


def _core(near: Mapping[str, set[str]], limit: int) -> list[str]:
    """Give entities so that each but the first of its component is tied to one before it."""
    ranked = sorted(near, key=lambda node: (-len(near[node]), node))
    found: dict[str, None] = {}
    for first in ranked:
        waiting = [(-len(near[first]), first)] if first not in found else []
        seen = {first}
        while waiting and len(found) < limit:
            node = heapq.heappop(waiting)[1]
            found[node] = None
            for other in near[node] - seen:
                heapq.heappush(waiting, (-len(near[other]), other))
            seen |= near[node]
        if len(found) >= limit:
            break
    # One whose partners all came after the limit would stand alone.
    return [node for node in found if any(other in found for other in near[node])]


def _around(near: Mapping[str, set[str]], focus: str, reach: int, limit: int) -> tuple[list[str], int]:
    steps, waiting = {focus: 0}, deque([focus])
    while waiting:
        node = waiting.popleft()
        if steps[node] == reach:
            continue
        for other in sorted(near.get(node, ())):
            if other not in steps:
                steps[other] = steps[node] + 1
                waiting.append(other)
    ranked = sorted(steps, key=lambda node: (steps[node], -len(near.get(node, ())), node))
    return ranked[:limit], len(ranked)


def _components(nodes: Iterable[str], near: Mapping[str, set[str]]) -> tuple[tuple[str, ...], ...]:
    left, found = set(nodes), []
    for node in sorted(left):
        if node not in left:
            continue
        members, waiting = {node}, [node]
        while waiting:
            more = (near[waiting.pop()] & left) - members
            members |= more
            waiting += more
        left -= members
        found.append(tuple(sorted(members)))
    return tuple(sorted(found, key=lambda members: (-len(members), members)))


# ---------------------------------------------------------------- where it stands

_Point: TypeAlias = tuple[float, float]


class _Component:
    """Entities tied together: their places relative to each other, whatever size their cards have."""

    def __init__(
        self, graph: networkx.MultiDiGraph[str], members: Sequence[str], chosen: _Chosen, seed: int
    ) -> None:
        self.members = members
        place = {node: index for index, node in enumerate(members)}
        self.pairs = [
            (place[tie.one], place[tie.other])
            for tie in chosen.ties
            if tie.one in place and tie.other in place and tie.one != tie.other
        ]
        self.ties = [tie for tie in chosen.ties if tie.one in place and tie.one != tie.other]
        self.points = _turned(_spread(len(members), self.pairs, seed))

    def laid(self, sizes: Sequence[_Point], attempt: _Try, width: float, *, better: bool) -> list[Box]:
        """Give the boxes of the members, from 0, 0: none overlaps another, together no wider than `width`."""
        count = len(sizes)
        if count == 1:
            return [Box(0, 0, *sizes[0])]
        if count == 2:  # below each other
            widest = max(sizes[0][0], sizes[1][0])
            tops = (0.0, sizes[0][1] + 46)
            return [
                Box(round((widest - w) / 2, 2), top, w, h) for (w, h), top in zip(sizes, tops, strict=True)
            ]
        spare = 50 / count if attempt.room >= 5 else 8 / count  # a small picture can be generous
        area = sum((w + _GAP) * (h + _GAP) for w, h in sizes) * (attempt.room + spare)
        widest = max(w for w, _ in sizes)
        across = min(width, max(sqrt(area * attempt.shape), widest * 1.6))
        down = area / across
        cards = _Cards(_scaled(self.points, sizes, across, down), sizes, min(width, across * 1.1))
        cards.push()
        cards.settle()
        if better:
            cards.better(self.pairs)
        return cards.boxes()


def _spread(count: int, pairs: Sequence[tuple[int, int]], seed: int) -> list[_Point]:
    """Give places whose distances are near those along the ties: stress, lowered by gradient steps.

    The method is that of Zheng, Pawar and Goodman (2019), Graph Drawing by Stochastic Gradient Descent. Of a
    few beginnings the one with the fewest crossings is taken.
    """
    lengths = _lengths(count, pairs)
    starts = 5 if count <= 40 else 3 if count <= 90 else 1
    tried = [_descended(count, lengths, random.Random(f"{seed} {start}")) for start in range(starts)]  # noqa: S311
    return min(tried, key=lambda points: _crossings(points, pairs))


def _lengths(count: int, pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int, float]]:
    """Give the distance along the ties for each two; ties of the well connected are longer."""
    near: list[list[int]] = [[] for _ in range(count)]
    for one, other in pairs:
        near[one].append(other)
        near[other].append(one)
    found = []
    for start in range(count):
        far, waiting = {}, [(0.0, start)]
        while waiting:
            distance, node = heapq.heappop(waiting)
            if node in far:
                continue
            far[node] = distance
            for other in near[node]:
                if other not in far:
                    step = 1 + 0.07 * (len(near[node]) + len(near[other]))
                    heapq.heappush(waiting, (distance + step, other))
        found += [(start, node, far[node]) for node in sorted(far) if node > start]
    return found


def _descended(count: int, lengths: list[tuple[int, int, float]], chance: random.Random) -> list[_Point]:
    x = [chance.random() for _ in range(count)]
    y = [chance.random() for _ in range(count)]
    order = lengths.copy()
    longest = max((length for *_, length in lengths), default=1.0)
    step = longest * longest
    for _ in range(36):
        chance.shuffle(order)
        for one, other, length in order:
            dx, dy = x[one] - x[other], y[one] - y[other]
            distance = sqrt(dx * dx + dy * dy) or 1e-9
            pull = min(1.0, step / (length * length)) * (distance - length) / (2 * distance)
            x[one] -= pull * dx
            y[one] -= pull * dy
            x[other] += pull * dx
            y[other] += pull * dy
        step *= 0.8
    return list(zip(x, y, strict=True))


def _crossings(points: Sequence[_Point], pairs: Sequence[tuple[int, int]]) -> int:
    return sum(
        _cross(points[a], points[b], points[c], points[d])
        for index, (a, b) in enumerate(pairs)
        for c, d in pairs[index + 1 :]
        if a not in (c, d) and b not in (c, d)
    )


def _cross(a: _Point, b: _Point, c: _Point, d: _Point) -> bool:
    bx, by = b[0] - a[0], b[1] - a[1]
    left = bx * (c[1] - a[1]) - by * (c[0] - a[0])
    right = bx * (d[1] - a[1]) - by * (d[0] - a[0])
    if left * right >= 0:
        return False
    dx, dy = d[0] - c[0], d[1] - c[1]
    return (dx * (a[1] - c[1]) - dy * (a[0] - c[0])) * (dx * (b[1] - c[1]) - dy * (b[0] - c[0])) < 0


def _turned(points: Sequence[_Point]) -> list[_Point]:
    """Give the points turned so that they reach furthest from left to right, as labels do."""
    count = len(points)
    middle_x, middle_y = sum(x for x, _ in points) / count, sum(y for _, y in points) / count
    centred = [(x - middle_x, y - middle_y) for x, y in points]
    xx, yy = sum(x * x for x, _ in centred), sum(y * y for _, y in centred)
    xy = sum(x * y for x, y in centred)
    half = (xx - yy) / 2
    along = (xx + yy) / 2 + sqrt(half * half + xy * xy)
    vx, vy = along - yy, xy
    length = sqrt(vx * vx + vy * vy)
    if not length:
        return centred
    vx, vy = vx / length, vy / length
    return [(x * vx + y * vy, y * vx - x * vy) for x, y in centred]


def _scaled(points: Sequence[_Point], sizes: Sequence[_Point], width: float, height: float) -> list[_Point]:
    """Give the points spread over the room, each far enough inside it for the widest and highest card."""
    room = (width - max(w for w, _ in sizes), height - max(h for _, h in sizes))
    found = []
    for axis in (0, 1):
        values = [point[axis] for point in points]
        low, reach = min(values), max(values) - min(values)
        scale = max(room[axis], 1.0) / reach if reach > 1e-6 else 0.0
        edge = max(size[axis] for size in sizes) / 2
        found.append([edge + (value - low) * scale for value in values])
    return list(zip(*found, strict=True))


class _Cards:
    """Cards by their middles, moved until none overlaps another and few ties run behind cards."""

    def __init__(self, points: Sequence[_Point], sizes: Sequence[_Point], width: float) -> None:
        self.x = [x for x, _ in points]
        self.y = [y for _, y in points]
        self.half = [((w + _GAP) / 2, (h + _GAP) / 2) for w, h in sizes]
        self.sizes = sizes
        self.right = width + _GAP / 2  # gaps may stand over the border
        self.count = len(points)

    def _inside(self, card: int, x: float) -> float:
        half = self.half[card][0]
        return min(max(x, half - _GAP / 2), self.right - half)

    def push(self) -> None:
        """Move overlapping cards apart, each the least it can; some overlaps may stay."""
        x, y, half = self.x, self.y, self.half
        for _ in range(max(20, min(120, 6000 // self.count))):
            order = sorted(range(self.count), key=lambda card: (x[card] - half[card][0], card))
            moved = False
            for place, one in enumerate(order):
                right = x[one] + half[one][0]
                for other in order[place + 1 :]:
                    if x[other] - half[other][0] >= right:
                        break
                    over_y = half[one][1] + half[other][1] - abs(y[other] - y[one])
                    over_x = half[one][0] + half[other][0] - abs(x[other] - x[one])
                    if over_x <= 0.01 or over_y <= 0.01:
                        continue
                    moved = True
                    if over_y <= over_x:
                        shift = over_y / 2 if y[one] <= y[other] else -over_y / 2
                        y[one] -= shift
                        y[other] += shift
                    else:
                        shift = over_x / 2 if x[one] <= x[other] else -over_x / 2
                        x[one] = self._inside(one, x[one] - shift)
                        x[other] = self._inside(other, x[other] + shift)
                        right = x[one] + half[one][0]
            if not moved:
                return

    def settle(self) -> None:
        """Put each card on the nearest free place, those in the middle of their column first."""
        placed: list[int] = []
        middle = sum(self.y) / self.count
        for card in sorted(range(self.count), key=lambda card: (abs(self.y[card] - middle), card)):
            self.x[card] = self._inside(card, self.x[card])
            if not self._is_free(card, self.x[card], self.y[card], placed):
                self.x[card], self.y[card] = self._nearest_free(card, placed)
            placed.append(card)

    def _nearest_free(self, card: int, placed: Sequence[int]) -> _Point:
        # Rings of growing size; far enough up or down there is always room.
        ring, x, y = 0, self.x[card], self.y[card]
        while True:
            ring += 1
            reach = range(-ring, ring + 1)
            tried = [(step, side * ring) for side in (-1, 1) for step in reach]
            tried += [(side * ring, step) for side in (-1, 1) for step in reach]
            for dx, dy in sorted(tried, key=lambda move: (move[0] ** 2 + 4 * move[1] ** 2, move)):
                at = self._inside(card, x + dx * 12), y + dy * 8
                if self._is_free(card, *at, placed):
                    return at

    def _is_free(self, card: int, x: float, y: float, others: Iterable[int]) -> bool:
        width, height = self.half[card]
        return all(
            other == card
            or abs(self.x[other] - x) >= width + self.half[other][0] - 0.001
            or abs(self.y[other] - y) >= height + self.half[other][1] - 0.001
            for other in others
        )

    def better(self, pairs: Sequence[tuple[int, int]]) -> None:
        """Move cards to free places near them where fewer ties cross each other or run behind cards."""
        at: list[list[int]] = [[] for _ in range(self.count)]
        for index, (one, other) in enumerate(pairs):
            at[one].append(index)
            at[other].append(index)
        work = _WORK
        everyone = range(self.count)
        top = min(y - half[1] for y, half in zip(self.y, self.half, strict=True))
        bottom = max(y + half[1] for y, half in zip(self.y, self.half, strict=True))
        for _ in range(10):
            moved = False
            for card in sorted(everyone, key=lambda card: (len(at[card]), card)):
                each = (len(at[card]) + 1) * (len(pairs) + self.count)
                if work < each * 24:
                    return
                work -= each
                best = self._cost(card, self.x[card], self.y[card], pairs, at[card])
                found = None
                for x, y in self._candidates(card, pairs, at[card]):
                    x = self._inside(card, x)
                    if not (top + self.half[card][1] <= y <= bottom - self.half[card][1]):
                        continue
                    if self._is_free(card, x, y, everyone):
                        work -= each
                        cost = self._cost(card, x, y, pairs, at[card])
                        if cost < best - 0.05:
                            best, found = cost, (x, y)
                if found:
                    self.x[card], self.y[card] = found
                    moved = True
            if not moved:
                return

    def _candidates(
        self, card: int, pairs: Sequence[tuple[int, int]], ties: Sequence[int]
    ) -> Iterable[_Point]:
        width, height = self.half[card]
        for far in (0.5, 1.0, 2.0, 3.5):
            for dx, dy in _AROUND:
                yield self.x[card] + dx * far * width, self.y[card] + dy * far * height * 2
        if len(ties) == 1:
            other = sum(pairs[ties[0]]) - card
            for far in (1.5, 2.5):
                for dx, dy in _AROUND:
                    yield self.x[other] + dx * far * width, self.y[other] + dy * far * height * 2

    def _cost(
        self, card: int, x: float, y: float, pairs: Sequence[tuple[int, int]], ties: Sequence[int]
    ) -> float:
        here, xs, ys = (x, y), self.x, self.y
        width, height = self.half[card]
        cost = 0.0
        mine = {index: sum(pairs[index]) - card for index in ties}
        for other in mine.values():
            there = (xs[other], ys[other])
            dx, dy = x - there[0], y - there[1]
            cost += sqrt(dx * dx + dy * dy) / 150
            wide, tall = self.half[other]
            apart = max(abs(dx) - width - wide, abs(dy) - height - tall)
            if apart < _SEEN:
                cost += (_SEEN - apart) / _SEEN
            low, high = min(y, there[1]), max(y, there[1])
            left, right = min(x, there[0]), max(x, there[0])
            for third, (wide, tall) in enumerate(self.half):
                if (
                    left - wide < xs[third] < right + wide
                    and low - tall < ys[third] < high + tall
                    and third not in (card, other)
                    and _runs_through(here, there, xs[third], ys[third], wide, tall)
                ):
                    cost += 3
        for index, (one, two) in enumerate(pairs):
            if index in mine:
                continue
            x1, y1, x2, y2 = xs[one], ys[one], xs[two], ys[two]
            for other in mine.values():
                if other not in (one, two):
                    cost += _cross(here, (xs[other], ys[other]), (x1, y1), (x2, y2))
            if (x1 if x1 < x2 else x2) - width < x < (x2 if x1 < x2 else x1) + width and _runs_through(
                (x1, y1), (x2, y2), x, y, width, height
            ):
                cost += 3
        return cost

    def boxes(self) -> list[Box]:
        """Give the cards without the gaps, the leftmost and the topmost at 0."""
        lefts = [x - w / 2 for x, (w, _) in zip(self.x, self.sizes, strict=True)]
        tops = [y - h / 2 for y, (_, h) in zip(self.y, self.sizes, strict=True)]
        left, top = min(lefts), min(tops)
        return [
            Box(round(x - left, 2), round(y - top, 2), w, h)
            for x, y, (w, h) in zip(lefts, tops, self.sizes, strict=True)
        ]


_SEEN = 18.0  # how much of a tie should be seen, besides the gap, for an arrow and a word
_AROUND: Final = ((-1, 0), (1, 0), (0, -1), (0, 1), (-1, -1), (1, -1), (-1, 1), (1, 1))


def _runs_through(a: _Point, b: _Point, x: float, y: float, half_width: float, half_height: float) -> bool:
    """Say whether the way from `a` to `b` touches the rectangle around `x`, `y` (Liang and Barsky 1984)."""
    start, end = 0.0, 1.0
    for origin, way, low, high in (
        (a[0], b[0] - a[0], x - half_width, x + half_width),
        (a[1], b[1] - a[1], y - half_height, y + half_height),
    ):
        if way == 0:
            if not low < origin < high:
                return False
            continue
        one, other = (low - origin) / way, (high - origin) / way
        start, end = max(start, min(one, other)), min(end, max(one, other))
        if start >= end:
            return False
    return True


# ---------------------------------------------------------------- the page


def _page(
    graph: networkx.MultiDiGraph[str],
    chosen: _Chosen,
    components: Sequence[_Component],
    title: str,
    width: float,
    attempt: _Try,
    *,
    better: bool,
) -> _Page:
    page = _Page(title, width, chosen)
    cards = _cards(graph, chosen, attempt.share)
    page.head(cards.values())
    page.place(components, cards, attempt, better=better)
    page.list(cards.values())
    page.foot()
    return page


def _cards(graph: networkx.MultiDiGraph[str], chosen: _Chosen, share: float) -> dict[str, Card]:
    """Give the cards, all at 0, 0; of the least connected ones, `share` of all, only numbers."""
    ranked = sorted(chosen.nodes, key=lambda node: (chosen.degrees[node], node))
    listed = [node for node in ranked[: int(len(ranked) * share)] if node != chosen.focus]
    listed.sort(key=lambda node: (_name(graph, node).casefold(), node))
    numbers = {node: number for number, node in enumerate(listed, 1)}
    return {node: _card(graph, node, numbers.get(node)) for node in chosen.nodes}


def _card(graph: networkx.MultiDiGraph[str], node: str, number: int | None) -> Card:
    attributes, name = graph.nodes[node], _name(graph, node)
    types = shown(str(attributes.get("type", "")))
    kinds = set(types.split(" | "))
    lines = wrap(name, _SIZE, _CARD_TEXT, lines=_CARD_LINES) if number is None else (str(number),)
    text = max(text_width(line, _SIZE) for line in lines)
    return Card(
        entity=node,
        name=name,
        kind=next((kind for kind in _KINDS if kind in kinds), _OTHER),
        types=types,
        unnamed=attributes.get("unnamed") in (True, "true"),
        box=Box(0, 0, round(text + 2 * _MARK + 16, 2), round(len(lines) * _SIZE * LINE_HEIGHT + 7, 2)),
        lines=lines,
        number=number,
    )


@dataclass(slots=True)
class _Page:
    """A picture in the making, from the top to the bottom."""

    title: str
    width: float
    chosen: _Chosen
    height: float = _MARGIN
    cards: list[Card] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    regions: list[Box] = field(default_factory=list)
    texts: list[Text] = field(default_factory=list)
    keys: list[Key] = field(default_factory=list)

    def write(self, text: str, size: float, *, bold: bool = False, colour: str = INK, most: int = 3) -> None:
        for line in wrap(text, size, self.width - 2 * _MARGIN, lines=most, bold=bold):
            box = Box(_MARGIN, self.height, text_width(line, size, bold=bold), round(size * LINE_HEIGHT, 2))
            self.texts.append(Text(line, box, size, bold, colour))
            self.height = box.bottom

    def head(self, cards: Iterable[Card]) -> None:
        self.write(self.title, 20, bold=True)
        self.height += 4
        for note in self.chosen.notes:
            self.write(note, 12, colour=QUIET)
        self.height += 8
        counted = Counter(card.kind for card in cards)
        keys = [
            (kind, f"{kind if kind != _OTHER else 'another type'} ({counted[kind]})")
            for kind in (*sorted(_KINDS), _OTHER)
            if counted[kind]
        ]
        keys += self._ways_of_drawing(cards)
        self._legend(keys)

    def _ways_of_drawing(self, cards: Iterable[Card]) -> list[tuple[str, str]]:
        ties = [tie for tie in self.chosen.ties if tie.one != tie.other]
        sure = {tie.sureness for tie in ties}
        keys: list[tuple[str, str]] = [
            (sureness, words)
            for sureness, words in (
                ("stated", "stated by a source"),
                ("alleged", "only alleged"),
                ("denied", "only denied or withdrawn"),
            )
            if sureness in sure
        ]
        if any(tie.count > 1 for tie in ties):
            keys.append(("thick", "the thicker, the more assertions"))
        if any(card.unnamed for card in cards):
            keys.append(("unnamed", "slanted: not named in the report"))
        if any(card.number for card in cards):
            keys.append(("number", "a number: see the list below"))
        return keys

    def _legend(self, keys: Iterable[tuple[str, str]]) -> None:
        left, high = _MARGIN, round(_SIZE * LINE_HEIGHT, 2)
        for sample, text in keys:
            line = wrap(text, _SIZE, self.width / 2, lines=1)[0]
            before, wide = _sample_width(sample), text_width(line, _SIZE)
            if left > _MARGIN and left + before + wide > self.width - _MARGIN:
                left, self.height = _MARGIN, self.height + high + 5
            box = Box(round(left + before, 2), self.height, wide, high)
            self.keys.append(Key(sample, Text(line, box, _SIZE)))
            left = box.right + 22
        if self.keys:
            self.height += high + 14

    def place(
        self, components: Sequence[_Component], cards: Mapping[str, Card], attempt: _Try, *, better: bool
    ) -> None:
        """Put the components side by side, the highest first, each as high up as it can be."""
        edge = 14.0
        inner = self.width - 2 * _MARGIN
        laid = []
        for component in components:
            sizes = [(cards[node].box.width, cards[node].box.height) for node in component.members]
            boxes = component.laid(sizes, attempt, inner - 2 * edge, better=better)
            region = Box(
                0,
                0,
                round(max(box.right for box in boxes) + 2 * edge, 2),
                round(max(box.bottom for box in boxes) + 2 * edge, 2),
            )
            laid.append((component, boxes, region))
        laid.sort(key=lambda each: (-each[2].height, -each[2].width, each[0].members))
        top = self.height
        for component, boxes, region in laid:
            placed = self._free_place(region, inner, top)
            self.regions.append(placed)
            there = [box.moved(placed.left + edge, placed.top + edge) for box in boxes]
            self.cards += (
                replace(cards[node], box=box) for node, box in zip(component.members, there, strict=True)
            )
            self.lines += _lines(component, there)
        self.height = max((region.bottom for region in self.regions), default=top) + 12

    def _free_place(self, region: Box, inner: float, top: float) -> Box:
        lefts = sorted({_MARGIN, *(placed.right + 10 for placed in self.regions)})
        best = None
        for left in lefts:
            if left + region.width > _MARGIN + inner + 0.001 and left > _MARGIN:
                continue
            below = [
                placed.bottom + 10
                for placed in self.regions
                if placed.left < left + region.width + 10 and left < placed.right + 10
            ]
            at = max(below, default=top)
            if best is None or (at, left) < best:
                best = (at, left)
        assert best is not None  # noqa: S101 (the left margin is always tried)
        return region.moved(best[1], best[0])

    def list(self, cards: Iterable[Card]) -> None:
        """Write the labels of the numbered cards in columns."""
        listed = sorted((card.number, card) for card in cards if card.number is not None)
        if not listed:
            return
        columns = max(1, int((self.width - 2 * _MARGIN) // 360))
        wide = (self.width - 2 * _MARGIN) / columns
        rows = -(-len(listed) // columns)
        high = round(_LIST_SIZE * LINE_HEIGHT, 2)
        for place, (number, card) in enumerate(listed):
            line = wrap(f"{number}  {card.name}", _LIST_SIZE, wide - 16, lines=1)[0]
            column, row = divmod(place, rows)
            box = Box(
                round(_MARGIN + column * wide, 2),
                round(self.height + row * high, 2),
                text_width(line, _LIST_SIZE),
                high,
            )
            self.texts.append(Text(line, box, _LIST_SIZE))
        self.height = round(self.height + rows * high + 10, 2)

    def foot(self) -> None:
        self.write("A tie is what a report says, not what happened.", 10.5, colour=QUIET)
        self.height = round(self.height + _MARGIN / 2, 2)

    def finished(self) -> Picture:
        return Picture(
            title=self.title,
            width=self.width,
            height=self.height,
            cards=tuple(sorted(self.cards, key=lambda card: card.entity)),
            lines=_captioned(self.lines, [card.box for card in self.cards]),
            regions=tuple(self.regions),
            texts=tuple(self.texts),
            keys=tuple(self.keys),
            focus=self.chosen.focus,
            said=_said(self.chosen),
        )


def _said(chosen: _Chosen) -> str:
    assertions = sum(tie.count for tie in chosen.ties)
    counted = f"{len(chosen.nodes)} entities, {assertions} assertions between them."
    return "\n".join((*chosen.notes, counted, *(line for tie in chosen.ties for line in tie.words)))


def _lines(component: _Component, boxes: Sequence[Box]) -> Iterable[Line]:
    for tie, (one, other) in zip(component.ties, component.pairs, strict=True):
        start, end = boxes[one].middle, boxes[other].middle
        yield Line(tie, _border(boxes[one], start, end), _border(boxes[other], end, start))


def _border(box: Box, inside: _Point, outside: _Point) -> _Point:
    """Give where the way from the middle of a box to a point outside leaves it."""
    dx, dy = outside[0] - inside[0], outside[1] - inside[1]
    shares = [half / abs(way) for half, way in ((box.width / 2 + 1, dx), (box.height / 2 + 1, dy)) if way]
    share = min(shares, default=0.0)
    return round(inside[0] + dx * share, 2), round(inside[1] + dy * share, 2)


def _captioned(lines: Sequence[Line], boxes: Sequence[Box]) -> tuple[Line, ...]:
    """Write the predicates on the ties where that hides nothing."""
    taken, found = list(boxes), []
    for line in lines:
        first, *more = line.tie.predicates
        text = wrap(f"{first} (+{len(more)})" if more else first, _SMALL, 120, lines=1)
        box = _caption_box(line, text[0], taken, lines) if text else None
        if box is not None:
            taken.append(box)
            line = replace(line, caption=text[0], caption_box=box)
        found.append(line)
    return tuple(found)


def _caption_box(line: Line, text: str, taken: Sequence[Box], lines: Sequence[Line]) -> Box | None:
    wide, high = text_width(text, _SMALL) + 4, round(_SMALL * LINE_HEIGHT, 2)
    (x1, y1), (x2, y2) = line.start, line.end
    if abs(x2 - x1) < wide + 16 and abs(y2 - y1) < high + 16:  # the line would not be seen
        return None
    for share in (0.5, 0.4, 0.6, 0.3, 0.7):
        x, y = x1 + (x2 - x1) * share, y1 + (y2 - y1) * share
        box = Box(round(x - wide / 2, 2), round(y - high / 2, 2), wide, high)
        if any(box.overlaps(other) for other in taken):
            continue
        if not any(
            other is not line and _runs_through(other.start, other.end, x, y, wide / 2, high / 2)
            for other in lines
        ):
            return box
    return None


# ---------------------------------------------------------------- the drawing


def draw(picture: Picture) -> bytes:
    """Give the SVG of a picture: each tie and each entity says on hovering what the reports say."""
    body = [
        element("rect", **_sides(region), rx=6, fill="#fafafa", stroke=RULE) for region in picture.regions
    ]
    body += (_drawn_line(line) for line in picture.lines)
    body += (_drawn_caption(line) for line in picture.lines if line.caption_box)
    body += (_drawn_card(card, is_focus=card.entity == picture.focus) for card in picture.cards)
    body += (_drawn_text(text) for text in picture.texts)
    body += (_drawn_key(key) for key in picture.keys)
    return document(
        picture.width, picture.height, body, title=picture.title, description=picture.said, key="network"
    )


def _sides(box: Box) -> dict[str, float]:
    return {"x": box.left, "y": box.top, "width": box.width, "height": box.height}


def _drawn_text(text: Text, **attributes: str | None) -> str:
    base = text.box.top + text.size * 1.03
    weight = "bold" if text.bold else None
    return label(
        text.text, text.box.left, base, text.size, fill=text.colour, font_weight=weight, **attributes
    )


def _drawn_line(line: Line) -> str:
    (x1, y1), (x2, y2) = line.start, line.end
    thick = _thickness(line.tie.count)
    parts = [
        # Wider than what is seen, so that a pointer finds it.
        element("line", x1=x1, y1=y1, x2=x2, y2=y2, stroke=PAPER, stroke_width=9, stroke_opacity=0),
        element(
            "line",
            x1=x1,
            y1=y1,
            x2=x2,
            y2=y2,
            stroke=QUIET,
            stroke_width=thick,
            stroke_dasharray=_DASHES[line.tie.sureness],
        ),
    ]
    if line.tie.forward:
        parts.append(_arrow(line.start, line.end, thick))
    if line.tie.backward:
        parts.append(_arrow(line.end, line.start, thick))
    return titled("; ".join(line.tie.words), *parts)


def _thickness(count: int) -> float:
    return min(1.0 + 0.5 * (count - 1), 4.0)


def _arrow(start: _Point, end: _Point, thick: float) -> str:
    dx, dy = end[0] - start[0], end[1] - start[1]
    length = sqrt(dx * dx + dy * dy) or 1.0
    dx, dy = dx / length, dy / length
    long, wide = 7 + thick, 2.6 + thick / 2
    back = end[0] - dx * long, end[1] - dy * long
    return _polygon(
        (end, (back[0] - dy * wide, back[1] + dx * wide), (back[0] + dy * wide, back[1] - dx * wide)),
        fill=QUIET,
    )


def _polygon(points: Iterable[_Point], **attributes: str | float | None) -> str:
    return element("polygon", points=" ".join(f"{x:.2f},{y:.2f}" for x, y in points), **attributes)


def _drawn_caption(line: Line) -> str:
    box = line.caption_box
    if box is None:
        return ""
    x, y = box.left + 2, box.top + _SMALL * 1.03
    paper = element("rect", **_sides(box), fill="#fafafa")
    return paper + label(line.caption, x, y, _SMALL, fill=QUIET)


def _drawn_card(card: Card, *, is_focus: bool) -> str:
    colour = _look(card.kind)[0]
    box = card.box
    parts = [
        element(
            "rect",
            **_sides(box),
            rx=4,
            fill="#fff7d6" if is_focus else PAPER,
            stroke=INK if is_focus else colour,
            stroke_width=3 if is_focus else 1.4,
        ),
        _mark(card.kind, box.left + _MARK + 5, box.middle[1]),
    ]
    style = "italic" if card.unnamed else None
    y = box.top + 3.5 + _SIZE * 1.03
    for line in card.lines:
        parts.append(label(line, box.left + 2 * _MARK + 10, y, _SIZE, font_style=style))
        y += _SIZE * LINE_HEIGHT
    types = f" ({card.types})" if card.types else ""
    return titled(f"{card.name}{types}", *parts)


def _look(kind: str) -> tuple[str, str]:
    return _KINDS.get(kind, _OTHER_LOOK)


def _mark(kind: str, x: float, y: float) -> str:
    """Draw the shape of a type around a point."""
    colour, shape = _look(kind)
    drawn: dict[str, str | float | None] = {"fill": colour, "stroke": INK, "stroke_width": 0.8}
    r = _MARK
    if shape == "circle":
        return element("circle", cx=x, cy=y, r=r * 0.85, **drawn)
    if shape == "rings":
        back = element("circle", cx=x - r * 0.38, cy=y, r=r * 0.62, **drawn)
        return back + element("circle", cx=x + r * 0.42, cy=y, r=r * 0.62, **drawn)
    if shape == "square":
        return element("rect", x=x - r * 0.8, y=y - r * 0.8, width=r * 1.6, height=r * 1.6, **drawn)
    return _polygon(((x + dx * r, y + dy * r) for dx, dy in _SHAPES[shape]), **drawn)


_SHAPES: Final[Mapping[str, Sequence[_Point]]] = {
    "diamond": ((0, -1), (1, 0), (0, 1), (-1, 0)),
    "triangle": ((0, -0.95), (1, 0.8), (-1, 0.8)),
    "hexagon": ((-1, 0), (-0.5, -0.87), (0.5, -0.87), (1, 0), (0.5, 0.87), (-0.5, 0.87)),
    "star": (
        (0, -1.05), (0.26, -0.34), (1, -0.32), (0.42, 0.14), (0.62, 0.85),
        (0, 0.44), (-0.62, 0.85), (-0.42, 0.14), (-1, -0.32), (-0.26, -0.34),
    ),
    "cross": (
        (-0.3, -0.9), (0.3, -0.9), (0.3, -0.3), (0.9, -0.3), (0.9, 0.3), (0.3, 0.3),
        (0.3, 0.9), (-0.3, 0.9), (-0.3, 0.3), (-0.9, 0.3), (-0.9, -0.3), (-0.3, -0.3),
    ),
}  # fmt: skip


def _sample_width(sample: str) -> float:
    if sample in _DASHES or sample == "thick":
        return 40.0
    return 0.0 if sample in ("unnamed", "number") else 18.0


def _drawn_key(key: Key) -> str:
    box = key.text.box
    x, y = box.left - _sample_width(key.sample), box.middle[1]
    written = _drawn_text(key.text, font_style="italic" if key.sample == "unnamed" else None)
    if key.sample == "thick":
        thin, thick = (
            element("line", x1=x, y1=y + dy, x2=x + 32, y2=y + dy, stroke=QUIET, stroke_width=wide)
            for dy, wide in ((-3, 1.0), (3, 3.0))
        )
        return thin + thick + written
    if key.sample in ("unnamed", "number"):
        return written
    for sureness, dashes in _DASHES.items():
        if key.sample == sureness:
            line = element(
                "line", x1=x, y1=y, x2=x + 28, y2=y, stroke=QUIET, stroke_width=1.2, stroke_dasharray=dashes
            )
            return line + _arrow((x, y), (x + 33, y), 1.0) + written
    return _mark(key.sample, x + 8, y) + written

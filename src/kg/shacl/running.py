"""A plan run over data in memory or over a sorted file, in one process or several."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final, TypeAlias, TypedDict

from kg.shacl.data import Data, Memory
from kg.shacl.disk import Part, SortedFile
from kg.shacl.evaluate import Finding, Run, Shape, evaluate
from kg.shacl.graph import NotCompiled, sh
from kg.shacl.lines import Reader
from kg.shacl.plan import ByFocus, Plan, Progress, Targets, Validation
from kg.shacl.reads import Changes, Reads

_VIOLATION: Final = sh("Violation")
_SHARE: Final = 20_000
"""So many focus nodes of one shape are checked at a time where several processes share the work."""
_PART: Final = 1 << 24
"""About so many bytes of a file are checked at a time."""
_MASK: Final = (1 << 64) - 1


class Options(TypedDict, total=False):
    """How to run a plan."""

    jobs: int
    limit: int | None
    fail_fast: bool
    progress: Progress | None


Found: TypeAlias = list[tuple[str, list[Finding]]]
"""Focus nodes, each with what a shape finds there."""


@dataclass(slots=True)
class Answer:
    """What checking a share of the work gave."""

    found: list[tuple[int, Found]] = field(default_factory=list)
    """By the number of the shape."""
    counts: dict[int, int] = field(default_factory=dict)
    """Focus nodes of each shape."""
    nodes: dict[int, list[int]] = field(default_factory=dict)
    """Instead, of shapes whose focus nodes may come up in several shares: hashes of them."""
    checked: int = 0
    circles: list[str] = field(default_factory=list)
    left: dict[str, str] = field(default_factory=dict)
    broken: list[tuple[int, str]] = field(default_factory=list)
    whole: bool = True
    """Whether the lines were canonical and in order; if not, nothing here counts."""


def check(run: Run, shape: Shape, focus_nodes: set[str]) -> Found:
    """Give what a shape finds on some focus nodes."""
    return [(node, evaluate(run, shape, node, [])[1]) for node in sorted(shape.fails(run, focus_nodes))]


def _into(answer: Answer, run: Run, number: int, shape: Shape, focus_nodes: set[str]) -> bool:
    """Add what a shape finds; tell whether there is a violation."""
    answer.checked += len(focus_nodes)
    try:
        found = check(run, shape, focus_nodes)
    except (NotCompiled, RecursionError) as reason:
        answer.left[shape.node] = str(reason)
        return False
    answer.circles += run.circles
    run.circles.clear()
    if found:
        answer.found.append((number, found))
    return any(finding.severity == _VIOLATION for _, findings in found for finding in findings)


class _NotSortedError(Exception):
    """A file turned out to be another than it looked."""


class Collector:
    """Puts answers together, and says when there is enough."""

    def __init__(self, plan: Plan, limit: int | None, fail_fast: bool) -> None:
        """Take what is enough."""
        self._plan = plan
        self._limit = limit
        self._fail_fast = fail_fast
        self._findings: list[Finding] = []
        self._by_focus: dict[str, dict[str, tuple[Finding, ...]]] = {}
        self._checked = 0
        self._counts = dict.fromkeys(range(len(plan.targeting)), 0)
        self._nodes: dict[int, set[int]] = {}
        self._told: dict[int, set[str]] = {}
        self._circles: set[str] = set()
        self._left: dict[str, str] = {}
        self.broken: list[tuple[int, str]] = []
        self.enough = False

    def add(self, answer: Answer) -> None:
        """Take one more answer; the order of answers decides what a limit lets through."""
        if not answer.whole:
            raise _NotSortedError
        for number, count in answer.counts.items():
            self._counts[number] += count
        self._checked += answer.checked
        for number, nodes in answer.nodes.items():
            self._nodes.setdefault(number, set()).update(nodes)
        for number, found in answer.found:
            for node, findings in found:
                if self.enough:
                    break
                if number in self._nodes:
                    # Another share may have come upon the same focus node.
                    told = self._told.setdefault(number, set())
                    if node in told:
                        continue
                    told.add(node)
                self._take(findings)
                self._by_focus.setdefault(self._plan.targeting[number][0].node, {})[node] = tuple(findings)
        self._circles.update(answer.circles)
        self._left.update(answer.left)
        self.broken += answer.broken

    def _take(self, findings: Sequence[Finding]) -> None:
        room = len(findings) if self._limit is None else self._limit - len(self._findings)
        self._findings += findings[:room]
        if self._limit is not None and len(self._findings) >= self._limit:
            self.enough = True
        if self._fail_fast and any(finding.severity == _VIOLATION for finding in findings):
            self.enough = True

    def validation(self) -> Validation:
        """Give everything."""
        left = dict(sorted(self._left.items()))
        findings = [finding for finding in self._findings if finding.shape not in left]
        counts = {number: len(nodes) for number, nodes in self._nodes.items()}
        touched = {
            shape.node: counts.get(number, self._counts[number])
            for number, (shape, _) in enumerate(self._plan.targeting)
        }
        return Validation(
            tuple(sorted(findings, key=order)),
            touched,
            tuple(sorted(self._circles)),
            left,
            tuple(self.broken),
            self._by_focus,
            self._checked,
        )


def order(finding: Finding) -> tuple[str, ...]:
    """Give what findings are sorted by."""
    return tuple("" if part is None else str(part) for part in finding)


# ---------------------------------------------------------------- in memory


def validate(
    plan: Plan,
    data: Data,
    *,
    jobs: int = 1,
    limit: int | None = None,
    fail_fast: bool = False,
    progress: Progress | None = None,
) -> Validation:
    """Check data in memory.

    With `limit` so many findings are given, and the rest is not looked for; with `fail_fast` there is an end
    after the first violation.

    Raises:
        KgError: the shapes lead too deep, or a query fails; a process has ended.
    """
    collector = Collector(plan, limit, fail_fast)
    shares: list[tuple[int, int, int]] = []
    nodes: list[list[str]] = []
    for number, (_, targets) in enumerate(plan.targeting):
        nodes.append(list(targets.focus_nodes(data)))
        pieces = 1 if jobs < 2 else max(1, -(-len(nodes[-1]) // _SHARE))
        shares += [(number, piece, pieces) for piece in range(pieces)]

    def start(_: int) -> Callable[[tuple[int, int, int]], Answer]:
        run = Run(data)

        def answer(share: tuple[int, int, int]) -> Answer:
            number, piece, pieces = share
            found = Answer()
            focus_nodes = set(nodes[number][piece::pieces])
            found.counts[number] = len(focus_nodes)
            _into(found, run, number, plan.targeting[number][0], focus_nodes)
            return found

        return answer

    _share_out(shares, start, jobs, collector, progress)
    return collector.validation()


def validate_again(plan: Plan, data: Memory, before: ByFocus, changes: Changes) -> Validation:
    """Check data of which all was found that is to be found `before` some triples came or went.

    Only those focus nodes are checked to which these can matter.

    Raises:
        KgError: as `validate`.
    """
    collector = Collector(plan, None, False)
    run = Run(data)
    for number, (shape, targets) in enumerate(plan.targeting):
        reads = Reads()
        targets.reads(reads)
        shape.reads(reads, 0)
        affected = reads.affected(changes, data)
        focus_nodes = targets.focus_nodes(data)
        answer = Answer(counts={number: len(focus_nodes)})
        _into(answer, run, number, shape, focus_nodes if affected is None else focus_nodes & affected)
        if affected is not None and shape.node not in answer.left:
            kept = before.get(shape.node, {}).items()
            answer.found.append((number, [(node, list(told)) for node, told in kept if node not in affected]))
        collector.add(answer)
    return collector.validation()


def _share_out(
    shares: Sequence[Any],
    start: Callable[[int], Callable[[Any], Answer]],
    jobs: int,
    collector: Collector,
    progress: Progress | None,
) -> None:
    """Have shares of the work done, and collect the answers in order until there is enough."""
    for done, answer in enumerate(_answers(shares, start, min(jobs, len(shares))), 1):
        collector.add(answer)
        if progress:
            progress(done, len(shares))
        if collector.enough:
            break


def _answers(
    shares: Sequence[Any], start: Callable[[int], Callable[[Any], Answer]], jobs: int
) -> Iterator[Answer]:
    """Give the answers in the order of the shares."""
    if jobs < 2:
        yield from map(start(0), shares)
        return
    from kg.pool import Pool

    early: dict[Any, Answer] = {}
    following = iter(shares)
    awaited = next(following, None)
    with _still(), Pool(jobs, start) as pool:
        for share, answer in pool.each(shares):
            early[share] = answer
            while awaited in early:
                yield early.pop(awaited)
                awaited = next(following, None)


@contextmanager
def _still() -> Iterator[None]:
    """Keep the collector from going through, and so copying, what processes share."""
    was = gc.isenabled()
    gc.disable()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
        if was:
            gc.enable()


# ---------------------------------------------------------------- a file


def validate_file(
    plan: Plan,
    file: SortedFile,
    *,
    jobs: int = 1,
    limit: int | None = None,
    fail_fast: bool = False,
    progress: Progress | None = None,
    part_size: int = _PART,
) -> Validation:
    """Check a file of N-Quads or N-Triples, the union of its graphs; memory does not grow with a sorted one.

    Sorted is one whose lines are canonical and in code point order (``LC_ALL=C sort``), as `kg build` writes
    them. Any other is read into memory, its blank nodes under their own names.

    Raises:
        KgError: as `validate`.
    """
    try:
        if not file.is_ordered:
            raise _NotSortedError
        collector = Collector(plan, limit, fail_fast)
        _check_parts(plan, file, jobs, collector, progress, part_size)
    except _NotSortedError:
        return _validate_unsorted(plan, file, jobs=jobs, limit=limit, fail_fast=fail_fast, progress=progress)
    return _with_lines(collector.validation(), file)


def _check_parts(
    plan: Plan,
    file: SortedFile,
    jobs: int,
    collector: Collector,
    progress: Progress | None,
    part_size: int,
) -> None:
    file.index(plan.inverse)
    for class_ in {class_ for _, targets in plan.targeting for class_ in targets.classes}:
        file.below(class_)
    parts = [(number, *place) for number, place in enumerate(file.ranges(part_size))]
    _share_out(parts, lambda _: partial(_check_part, plan, file), jobs, collector, progress)


def _check_part(plan: Plan, file: SortedFile, place: tuple[int, int, int]) -> Answer:
    number, start, end = place
    answer = Answer()
    part = Part(file, plan.predicates)
    reader = Reader(part, file.leave_out)
    was = gc.isenabled()
    gc.disable()
    try:
        reader.read(file.read(start, end), start)
        answer.broken = reader.broken
        if not (reader.ordered and reader.canonical):
            return Answer(whole=False)
        run = Run(part)
        for shape_number, (shape, targets) in enumerate(plan.targeting):
            focus_nodes = _in_part(targets, number == 0).focus_nodes(part)
            if targets.nodes or targets.objects_of:
                answer.nodes[shape_number] = [hash(node) & _MASK for node in focus_nodes]
            else:
                answer.counts[shape_number] = len(focus_nodes)
            if focus_nodes:
                _into(answer, run, shape_number, shape, focus_nodes)
    finally:
        if was:
            gc.enable()
    return answer


def _in_part(targets: Targets, is_first: bool) -> Targets:
    """Give the targets of a part: nodes that are named are checked once."""
    if is_first or not targets.nodes:
        return targets
    return Targets(frozenset(), targets.classes, targets.subjects_of, targets.objects_of)


def _validate_unsorted(plan: Plan, file: SortedFile, **given: Any) -> Validation:
    reader = Reader(Memory(plan.predicates), file.leave_out)
    start = 0
    while start < file.size:
        end = min(start + _PART, file.size)
        if end < file.size:
            cut = file.read(start, end).rfind(b"\n") + 1
            end = start + cut if cut else file.size
        reader.read(file.read(start, end), start)
        start = end
    validation = validate(plan, reader.memory, **given)
    return _with_lines(validation, file, reader.broken)


def _with_lines(
    validation: Validation, file: SortedFile, broken: Sequence[tuple[int, str]] | None = None
) -> Validation:
    """Count where broken lines stand."""
    found = sorted(validation.broken if broken is None else broken)
    if not found:
        return validation
    told, place, line = [], 0, 1
    for start, message in found:
        while place < start:
            end = min(place + _PART, start)
            line += file.read(place, end).count(b"\n")
            place = end
        told.append((line, message))
    return Validation(
        validation.findings, validation.touched, validation.circles, validation.left, tuple(told)
    )

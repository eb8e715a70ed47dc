"""What validation found last time, so that the next build checks only what has changed since.

What was checked then is not kept a second time: it is the ``kg.nq`` of the last export, if that still has the
digest that stands beside the findings. Deleting either costs only time.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from kg import exports, memory, nt, shacl
from kg.conflicts import Conflict, conflicts, found_again, pairs
from kg.files import read_bytes_limited
from kg.nt import Triple
from kg.problems import KgError
from kg.validate import Outcome, Since, validate

FORMAT = 1
"""Of the file: one of another number is not read."""
WORTH_IT = 20_000
"""Quads from which on it is worth it: about 1,000 assertions."""
LIMIT = 2_000_000_000
"""Bytes of an export that is compared."""
_PIECE = 1 << 16
_MANY = 4
"""If more than one quad in so many has changed, all are checked."""


@dataclass(frozen=True, slots=True)
class Known:
    """What was found in the N-Quads with the digest `data`, by shapes and a program that `settings` stands for."""

    format: int
    settings: str
    data: str
    by_focus: Mapping[str, Mapping[str, tuple[shacl.Finding, ...]]]
    conflicts: Mapping[str, Sequence[tuple[str, str]]]


@dataclass(frozen=True, slots=True)
class Last:
    """What was found last time, and which triples have come or gone since."""

    known: Known
    changes: shacl.Changes


def last(
    root: Path, settings: str, exported: Path, content: exports.Content, shapes: Sequence[Triple]
) -> Last | None:
    """Give what was found in the file `exported`, and how far `content` differs from it.

    Nothing if that is not known, or so much has changed that it is no use.
    """
    known = memory.read(root, _name(content), Known)
    if known is None or (known.format, known.settings) != (FORMAT, _bound(settings, shapes)):
        return None
    with contextlib.suppress(KgError, ValueError):
        old = read_bytes_limited(exported, LIMIT, "the export")
        if _digest(old) == known.data:
            lines = differing(old, content.nquads)
            if len(lines) * _MANY <= len(content.quads):
                # Whichever graph a quad is in: a triple too many only means more work.
                changed = {nt.split_line(line.decode())[:3] for line in lines}
                return Last(known, shacl.by_predicate(changed))
    return None


def check(
    triples: Sequence[Triple], shapes: Sequence[Triple], conflicts_files: Sequence[Path], last: Last | None
) -> tuple[Outcome, tuple[Conflict, ...]]:
    """Give what the shapes and the conflict rules find: the same, whether anything is known from before or not.

    Raises:
        KgError: the shapes cannot be used.
    """
    if last is None:
        return validate(triples, shapes), conflicts(triples, conflicts_files)
    data = shacl.Memory.of(triples)
    outcome = validate(data, shapes, since=Since(last.known.by_focus, last.changes))
    return outcome, found_again(data, conflicts_files, last.known.conflicts, last.changes)


def remember(
    root: Path,
    settings: str,
    content: exports.Content,
    shapes: Sequence[Triple],
    outcome: Outcome,
    found: Iterable[Conflict],
) -> None:
    """Keep what was found for the next build, which finds `content` in its export."""
    if outcome.by_focus is not None:
        bound, data = _bound(settings, shapes), _digest(content.nquads)
        memory.write(root, _name(content), Known(FORMAT, bound, data, outcome.by_focus, pairs(found)))


def differing(one: bytes, other: bytes) -> list[bytes]:
    """Give the lines that stand in only one of two files of sorted unique lines, each of which ends."""
    found: list[bytes] = []
    here = there = 0
    while here < len(one) and there < len(other):
        size = _PIECE
        while size:
            piece = one[here : here + size]
            if len(piece) == size and piece == other[there : there + size]:
                here, there = here + size, there + size
            else:
                size //= 16
        # To the beginning of the first line that differs.
        start = one.rfind(b"\n", 0, here) + 1
        here, there = start, there - (here - start)
        line, line_there = one[here : one.find(b"\n", here) + 1], other[there : other.find(b"\n", there) + 1]
        if line == line_there:  # both end here
            break
        if not line_there or (line and line < line_there):
            found.append(line)
            here += len(line)
        else:
            found.append(line_there)
            there += len(line_there)
    return [*found, *one[here:].splitlines(True), *other[there:].splitlines(True)]


def _bound(settings: str, shapes: Sequence[Triple]) -> str:
    """Give a digest of the settings and of the names that the blank nodes of the shapes have this time."""
    return _digest(json.dumps([settings, shapes], ensure_ascii=False).encode())


def _name(content: exports.Content) -> str:
    return "restricted.msgpack" if content.restricted else "public.msgpack"


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()

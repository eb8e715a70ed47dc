"""The lines of large files, in ranges of bytes that several processes can share."""

from __future__ import annotations

import codecs
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from kg.files import require_readable
from kg.problems import KgError
from kg.records import MAX_LINE

_PIECE = 1 << 16


@dataclass(frozen=True, slots=True)
class Input:
    """A file of records: where it lies, how messages call it, and its size and time when it was opened."""

    path: Path
    shown: str
    size: int
    changed: int

    @classmethod
    def of(cls, path: Path, shown: str | None = None) -> Input:
        """Look at a file.

        Raises:
            KgError: it is missing or no file, or cannot be read.
        """
        name = f"the records {shown or path}"
        # Several processes read parts of it, which a pipe does not have; to open one could last forever.
        if not stat.S_ISREG(require_readable(path, name).st_mode):
            raise KgError(f"cannot read {name}: it is a pipe; what comes through a pipe is read from -")
        try:
            with path.open("rb") as file:
                info = os.fstat(file.fileno())
        except OSError as error:
            raise KgError(f"cannot read {name}: {(error.strerror or str(error)).lower()}") from error
        return cls(path, shown or str(path), info.st_size, info.st_mtime_ns)

    def require_unchanged(self) -> None:
        """Refuse to go on with a file that somebody has written to since.

        Raises:
            KgError: its size or its time is another.
        """
        if Input.of(self.path, self.shown) != self:
            raise KgError(f"{self.shown} was changed while it was read; build again")


@dataclass(frozen=True, slots=True)
class Range:
    """The lines that begin in the bytes from `start` to `end` (excluded) of the input with this number."""

    input: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Lines:
    """Whole lines as they stand in the file; the first begins at the byte `offset`."""

    offset: int
    data: bytes
    too_long: int | None = None
    """Where, behind all of `data`, a line begins that has more than `kg.records.MAX_LINE` bytes."""

    @property
    def count(self) -> int:
        """How many lines there are, blank ones and the one that is too long included."""
        unfinished = bool(self.data) and not self.data.endswith(b"\n")
        return self.data.count(b"\n") + unfinished + (self.too_long is not None)

    def __iter__(self) -> Iterator[tuple[int, bytes]]:
        """Give each line, without its line feed, with the number of its first byte."""
        offset = self.offset
        lines = self.data.split(b"\n")
        if not lines[-1]:
            lines.pop()
        for line in lines:
            yield offset, line
            offset += len(line) + 1


def ranges(inputs: list[Input], size: int) -> list[Range]:
    """Cut files into ranges of at most `size` bytes."""
    return [
        Range(number, start, min(start + size, file.size))
        for number, file in enumerate(inputs)
        for start in range(0, file.size, size)
    ]


def read(file: Input, of: Range) -> Lines:
    """Give the lines that begin in a range; the byte order mark of a file is left out.

    Raises:
        KgError: the file cannot be read.
    """
    try:
        with file.path.open("rb", buffering=0) as opened:
            return _lines(opened.fileno(), of, file.size)
    except OSError as error:
        raise KgError(f"cannot read {file.shown}: {error.strerror}") from error


def line_at(file: Input, offset: int) -> bytes:
    """Give the line that begins at the byte `offset`, without its line feed.

    Raises:
        KgError: the file cannot be read.
    """
    try:
        with file.path.open("rb", buffering=0) as opened:
            return _whole(opened.fileno(), offset, offset + 1, file.size).data.removesuffix(b"\n")
    except OSError as error:
        raise KgError(f"cannot read {file.shown}: {error.strerror}") from error


def _lines(descriptor: int, of: Range, size: int) -> Lines:
    start = of.start
    if start:
        # A line that begins before the range belongs to the range before.
        found = _line_feed(descriptor, start - 1, of.end - 1)
        if found is None:
            return Lines(of.end, b"")
        start = found + 1
    lines = _whole(descriptor, start, of.end, size)
    if start == 0 and lines.data.startswith(codecs.BOM_UTF8):
        return Lines(3, lines.data[3:], lines.too_long)
    return lines


def _whole(descriptor: int, start: int, end: int, size: int) -> Lines:
    """Give the lines that begin from `start`, where one does, to `end`, the last one whole."""
    data = _read(descriptor, start, end - start)
    if not data or data.endswith(b"\n"):
        return Lines(start, data)
    begins = start + data.rfind(b"\n") + 1
    if end < size:
        longest = min(begins + MAX_LINE + 1, size)
        feed = _line_feed(descriptor, end, longest)
        data += _read(descriptor, end, (longest if feed is None else feed + 1) - end)
    if len(data) - data.endswith(b"\n") - (begins - start) > MAX_LINE:
        return Lines(start, data[: begins - start], begins)
    return Lines(start, data)


def _read(descriptor: int, start: int, length: int) -> bytes:
    pieces = []
    while length > 0 and (piece := os.pread(descriptor, length, start)):
        pieces.append(piece)
        start += len(piece)
        length -= len(piece)
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)


def _line_feed(descriptor: int, start: int, end: int) -> int | None:
    """Give where the first line feed stands from `start` on, before `end`."""
    while start < end:
        piece = os.pread(descriptor, min(_PIECE, end - start), start)
        if not piece:
            return None
        if (found := piece.find(b"\n")) >= 0:
            return start + found
        start += len(piece)
    return None

"""Records on the disk, in buckets: each bucket fits into memory, and the buckets follow each other in the sorted whole.

A record is a line of bytes. Which bucket it belongs to is told when it is written, so that nothing is
sorted before its bucket is read.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import TypeAlias

Buckets: TypeAlias = list[list[bytes]]

_BLOCK = 1 << 18
"""Bytes that are read of a sorted run at once."""


@dataclass(frozen=True, slots=True)
class Run:
    """Records in the file `path`: those of bucket n lie from `offsets[n]` to `offsets[n + 1]`."""

    path: Path
    offsets: array[int]

    def size(self, bucket: int) -> int:
        """Give the bytes of a bucket."""
        return self.offsets[bucket + 1] - self.offsets[bucket]

    def read(self, bucket: int) -> bytes:
        """Give the records of a bucket, each with a line feed."""
        return _read([self], bucket)

    def blocks(self, bucket: int, length: int) -> Iterator[list[bytes]]:
        """Give the records of a bucket, about `length` bytes at a time."""
        with self.path.open("rb") as file:
            file.seek(self.offsets[bucket])
            left = self.size(bucket)
            while left:
                data = file.read(min(length, left))
                if not data.endswith(b"\n"):
                    data += file.readline()
                left -= len(data)
                yield data.split(b"\n")[:-1]


class Spool:
    """A file that takes runs, one behind the other."""

    def __init__(self, path: Path) -> None:
        """Make the file."""
        self._path = path
        path.touch(exist_ok=False)

    def write(self, buckets: Buckets) -> Run:
        """Write records as a run, and leave the buckets empty."""
        with self._path.open("ab") as file:
            offsets = array("Q", [file.tell()])
            for bucket in buckets:
                if bucket:
                    file.write(b"\n".join(bucket))
                    file.write(b"\n")
                    bucket.clear()
                offsets.append(file.tell())
        return Run(self._path, offsets)


def size(runs: Sequence[Run], bucket: int) -> int:
    """Give how many bytes the runs hold for a bucket."""
    return sum(run.size(bucket) for run in runs)


def merged(runs: Sequence[Run], bucket: int, memory: int, spare: Path) -> Iterator[list[bytes]]:
    """Give the records of a bucket in order: as one list, or piece by piece if they take more than `memory`.

    `spare` is a path for a temporary file.
    """
    if size(runs, bucket) <= memory:
        records = _read(runs, bucket).split(b"\n")
        records.pop()
        records.sort()
        if records:
            yield records
        return
    spool = Spool(spare)
    try:
        parts = [spool.write([sorted(block)]) for run in runs for block in run.blocks(bucket, memory // 2)]
        yield from _merged(parts)
    finally:
        spare.unlink()


def _read(runs: Sequence[Run], bucket: int) -> bytes:
    pieces = []
    for path, several in groupby(runs, key=attrgetter("path")):
        with path.open("rb") as file:
            for run in several:
                if run.size(bucket):
                    file.seek(run.offsets[bucket])
                    pieces.append(file.read(run.size(bucket)))
    return b"".join(pieces)


class _Front:
    """The records of one sorted run that are in memory, and what follows them."""

    def __init__(self, blocks: Iterator[list[bytes]]) -> None:
        self._rest = blocks
        self.records = next(blocks, [])

    def take(self, last: bytes) -> list[bytes]:
        """Take out all records up to `last`, itself included."""
        cut = bisect_right(self.records, last)
        taken, self.records = self.records[:cut], self.records[cut:]
        if not self.records:
            self.records = next(self._rest, [])
        return taken


def _merged(runs: Sequence[Run]) -> Iterator[list[bytes]]:
    fronts = [front for run in runs if (front := _Front(run.blocks(0, _BLOCK))).records]
    while fronts:
        last = min(front.records[-1] for front in fronts)
        yield sorted(record for front in fronts for record in front.take(last))
        fronts = [front for front in fronts if front.records]

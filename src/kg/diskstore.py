"""A store on disk beside an export, so that queries of a large one need not load it first.

It is made from ``kg.nq``, and for queries only: it keeps numbers and dates in a normal form, so exports never
come out of it. It is made anew, never repaired, and gets its name when it is whole. Its stamp says which file
it was made from, and by which version of what; one that does not fit is not used. Whoever reads one holds a
lock that the kernel lets go of, and what somebody holds is not removed. Without a store every query gives the
same answer, only later.

::

    exports/kg.nq
    .kg-store-exports/              one process at a time makes and removes what is in it
        union-1f0c9a3b/             a store; with graphs-… for one that knows the named graphs, too
            stamp.json
            rocksdb/
        new-…, old-…                what is being made, or removed
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import stat
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final, NamedTuple

import pyoxigraph as ox

from kg import store
from kg.files import LOCK_WAIT, write_atomically
from kg.limits import run_limited
from kg.problems import KgError

FORMAT: Final = 1
"""The version of what this module writes; of any other, nothing is read."""

WORTH_IT: Final = 20_000_000
"""Bytes of ``kg.nq`` from which a store is made: about 4,000 assertions.

Loading takes 10 ms a megabyte, and asking memory is five times as fast as asking a disk: of less, a query
that walks through everything takes longer with a store than without.
"""

WHAT: Final = "the store for queries"

_STAMP: Final = "stamp.json"
_DATA: Final = "rocksdb"
_AT_ONCE: Final = 40_000_000  # bytes that are loaded in one go: memory grows with it, time hardly shrinks
_ROOM: Final = 2  # times the size of the file: what making a store takes on the disk, for a moment
_SETTLED: Final = 2 * 10**9  # nanoseconds; within one tick of a clock a file can change without a trace

# What kg writes. Other N-Quads can have blank nodes, and those are the same in one document only.
_search_other_line: Final = re.compile(
    rb'^(?!\Z|<[^<>\n]*+> <[^<>\n]*+> (?:"|<[^<>\n]*+> <))', re.MULTILINE
).search


class _File(NamedTuple):
    """A file as it was at one moment; `looked` is that moment, all times in nanoseconds."""

    size: int
    inode: int
    mtime: int
    ctime: int
    looked: int

    @classmethod
    def now(cls, path: Path) -> _File:
        looked = time.time_ns()
        info = path.stat()
        return cls(info.st_size, info.st_ino, info.st_mtime_ns, info.st_ctime_ns, looked)

    def is_same(self, other: _File) -> bool:
        return self._replace(looked=0) == other._replace(looked=0)

    @property
    def is_settled(self) -> bool:
        """Whether any later change of the file shows in its times."""
        return self.looked - max(self.mtime, self.ctime) > _SETTLED


# ---------------------------------------------------------------- reading


def find(nquads: Path, *, graphs: bool = False) -> Path | None:
    """Give the store of the file `nquads` as it is now; None if there is none.

    With `graphs` set, only one that can answer queries with ``GRAPH``.
    """
    with contextlib.suppress(OSError):
        real = nquads.resolve()
        for place in _stores(_folder(real)):
            if (place.name.startswith("graphs-") or not graphs) and _fits(place, real):
                return place
    return None


@contextlib.contextmanager
def opened(place: Path) -> Iterator[ox.Store | None]:
    """Give what `find` found, open for reading; None if it is gone by now or cannot be opened.

    Its default graph holds every triple once: queries need no `kg.store.Scope`.
    """
    with _held(place, exclusively=False) as is_held:
        data = None
        if is_held:
            with contextlib.suppress(OSError, RuntimeError):  # the latter where it is damaged
                data = ox.Store.read_only(str(place / _DATA))
        yield data


def unopened(place: Path) -> int:
    """Give how many files of a store this process has not opened: RocksDB opens some when it needs them."""
    names = set(_files(place / _DATA))
    with contextlib.suppress(OSError):
        for link in Path("/proc/self/fd").iterdir():
            with contextlib.suppress(OSError):  # the one that lists them
                file = link.readlink()
                if file.parent == place / _DATA:
                    names.discard(file.name)
    return len(names)


def _fits(place: Path, real: Path) -> bool:
    """Tell whether the store in `place` is whole and was made, in today's form, of what `real` holds."""
    try:
        stamp = json.loads((place / _STAMP).read_bytes())
        of = _File(**stamp["of"])
        if (stamp["format"], stamp["pyoxigraph"]) != (FORMAT, ox.__version__):
            return False
        if stamp["files"] != _files(place / _DATA):
            return False
        now = _File.now(real)
        if of.size != now.size:
            return False
        if of.is_settled and of.is_same(now):
            return True
        if stamp["sha256"] != _digest(real) or not now.is_same(_File.now(real)):
            return False
    except (OSError, ValueError, TypeError, KeyError):
        return False
    if now.is_settled:  # so that nobody has to read the whole file again
        with contextlib.suppress(KgError):
            _write_stamp(place, {**stamp, "of": now._asdict()})
    return True


def _write_stamp(place: Path, stamp: Mapping[str, object]) -> None:
    write_atomically(place / _STAMP, (json.dumps(stamp, indent=1) + "\n").encode())


def _digest(path: Path) -> str:
    import hashlib

    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _files(folder: Path) -> dict[str, list[int]]:
    """Give size and time of each data file: RocksDB, as pyoxigraph uses it, does not notice changed bytes."""
    with os.scandir(folder) as entries:
        found = [(entry.name, entry.stat()) for entry in entries if entry.name.endswith(".sst")]
    return {name: [info.st_size, info.st_mtime_ns] for name, info in found}


# ---------------------------------------------------------------- making


def ensure(
    nquads: Path,
    *,
    graphs: bool = False,
    restricted: bool = False,
    tell: Callable[[str], None] = lambda _: None,
) -> Path | None:
    """Give the store of the file `nquads`, made now if need be; None where the file is small (`WORTH_IT`).

    `graphs` is as for `find`. The store of a `restricted` export is its owner's only; any other is as open as
    the export's folder. `tell` hears of it before one is made, which takes a while. Stores that fit no longer
    are removed.

    Raises:
        KgError: it cannot be made. Nothing is left of it, and who asks the file instead gets the same.
    """
    try:
        is_small = nquads.stat().st_size < WORTH_IT
    except OSError as error:
        raise KgError(f"cannot read {nquads}: {error.strerror}") from error
    if is_small:
        _clear(nquads)
        return None
    if (found := find(nquads, graphs=graphs)) is not None:
        return found
    tell(f"making {WHAT} beside the export; it is made once")
    return make(nquads, graphs=graphs, restricted=restricted)


def _clear(nquads: Path) -> None:
    """Remove all stores of a file that needs none."""
    with contextlib.suppress(OSError):
        folder = _folder(nquads.resolve())
        with _held(folder, exclusively=True) as is_held:
            if is_held:
                _sweep(folder)


def make(nquads: Path, *, graphs: bool = False, restricted: bool = False) -> Path:
    """Give the store of the file `nquads`, however small that is, made in a child process if need be.

    Raises:
        KgError: as `ensure`.
    """
    arguments = nquads.absolute(), graphs, restricted
    try:
        return run_limited(_make, *arguments, seconds=None, memory=None, what=WHAT)
    except KgError as error:
        raise KgError(f"{WHAT}: {str(error).removeprefix(WHAT + ': ')}") from error


def _make(nquads: Path, graphs: bool, restricted: bool) -> Path:
    try:
        real = nquads.resolve()
        mode = stat.S_IMODE(real.parent.stat().st_mode) & (0o700 if restricted else 0o777)
        folder = _folder(real)
        folder.mkdir(mode, exist_ok=True)
        with _alone(folder):
            folder.chmod(mode)
            # Perhaps somebody made it while this process waited.
            place = find(real, graphs=graphs) or _made(folder, real, graphs)
            place.chmod(mode)
            _sweep(folder, kept=place)
            return place
    except OSError as error:
        raise KgError(f"it cannot be made: {(error.strerror or str(error)).lower()}") from error


def _made(folder: Path, real: Path, graphs: bool) -> Path:
    _sweep(folder)
    _require_room(folder, real)
    write_atomically(folder / ".gitignore", b"*\n")
    new = folder / f"new-{os.urandom(4).hex()}"
    try:
        new.mkdir(0o700)
        _fill(new, real, graphs)
        return new.rename(folder / f"{'graphs' if graphs else 'union'}-{os.urandom(4).hex()}")
    except BaseException:
        _remove(new)
        raise


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Hold `folder`; wait a little for whoever does."""
    deadline = time.monotonic() + LOCK_WAIT
    while True:
        with _held(folder, exclusively=True) as is_held:
            if is_held:
                yield
                return
        if time.monotonic() > deadline:
            raise KgError("another process is making it")
        time.sleep(0.02)


def _require_room(folder: Path, real: Path) -> None:
    import shutil

    need, free = real.stat().st_size * _ROOM, shutil.disk_usage(folder).free
    if free < need:
        raise KgError(f"it may take {need / 1e6:,.0f} MB of disk, and {free / 1e6:,.0f} MB are free")


def _fill(new: Path, real: Path, graphs: bool) -> None:
    import hashlib

    before, digest = _File.now(real), hashlib.sha256()
    data = ox.Store(str(new / _DATA))
    with real.open("rb") as file:
        while lines := b"".join(file.readlines(_AT_ONCE)):
            digest.update(lines)
            if _search_other_line(lines):
                raise KgError(f"{real.name} is not written as kg writes N-Quads")
            try:
                data.bulk_load(store.without_graphs(lines), ox.RdfFormat.N_TRIPLES)
                if graphs:
                    data.bulk_load(lines, ox.RdfFormat.N_QUADS)
            except SyntaxError as error:
                raise KgError(f"{real.name} cannot be read: {error}") from error
    data.optimize()
    data.flush()
    del data
    of = _File.now(real)
    if not of.is_same(before):
        raise KgError(f"{real.name} was changed meanwhile")
    files = _files(new / _DATA)
    for name in files:
        _sync(new / _DATA / name)
    _write_stamp(
        new,
        {
            "format": FORMAT,
            "pyoxigraph": ox.__version__,
            "files": files,
            "of": of._asdict(),
            "sha256": digest.hexdigest(),
        },
    )


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


# ---------------------------------------------------------------- one folder per export


def _folder(real: Path) -> Path:
    """Give the folder for the stores of the file `real`: hidden, and beside the export's own."""
    return real.parent.with_name(f".kg-store-{real.parent.name}")


def _stores(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.name.startswith(("graphs-", "union-")))


def _sweep(folder: Path, kept: Path | None = None) -> None:
    """Remove what killed makers left and, but for `kept`, what nobody reads; the caller holds `folder`."""
    for place in folder.iterdir():
        if place.name.startswith(("new-", "old-")):
            _remove(place)
    for place in _stores(folder):
        if place != kept:
            with _held(place, exclusively=True) as is_held:
                if is_held:
                    # Out of sight first: whoever finds a store finds all of it.
                    _remove(place.rename(folder / f"old-{place.name}"))


def _remove(place: Path) -> None:
    import shutil

    shutil.rmtree(place, ignore_errors=True)  # what stays is swept next time


@contextlib.contextmanager
def _held(place: Path, *, exclusively: bool) -> Iterator[bool]:
    """Hold the folder `place`, alone or beside others who do not, and tell whether that could be at once.

    The kernel lets go of it when the process ends, however it ends. On Windows nothing is held: a folder
    with open files in it cannot be renamed there.
    """
    if sys.platform == "win32":
        yield place.is_dir()
        return
    import fcntl

    try:
        descriptor = os.open(place, os.O_RDONLY | os.O_DIRECTORY)
    except OSError:
        yield False
        return
    try:
        how = fcntl.LOCK_EX if exclusively else fcntl.LOCK_SH
        try:
            fcntl.flock(descriptor, how | fcntl.LOCK_NB)
            is_held = os.path.samestat(os.fstat(descriptor), place.stat())
        except OSError:
            is_held = False
        yield is_held
    finally:
        os.close(descriptor)

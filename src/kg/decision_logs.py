"""Logs of decisions on the disk: one for each reviewer, which only ever grows.

A line is on the disk, whole, before the next question is asked. A process that is killed while it writes
leaves at most a last line without its end, which the next one drops.
"""

from __future__ import annotations

import contextlib
import datetime
import os
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from kg.decisions import Decision, Ledger, from_line
from kg.files import locked as locked
from kg.files import read_bytes_limited, write_atomically
from kg.problems import KgError
from kg.project import RESTRICTED_FOLDER, Project

FOLDER: Final = "reviews"
"""In the project's folder: a log for each reviewer; those of restricted reports in a folder of their own."""
LOG_LIMIT: Final = 500_000_000
"""Bytes of one log."""

_LOCK_WAIT: Final = 0.5


# ---------------------------------------------------------------- reading a log


@dataclass(frozen=True, slots=True)
class Read:
    """The lines of a log, and how many bytes of it are whole lines."""

    decisions: tuple[Decision, ...]
    size: int
    half: bool
    """Whether behind them stands a line that was never finished."""


def read_log(path: Path) -> Read:
    """Read one log; a last line without its end was never finished, and is not read.

    Raises:
        KgError: it cannot be read, or another line is no decision; the message names it.
    """
    data = read_bytes_limited(path, LOG_LIMIT, "the log of decisions")
    whole = data.rfind(b"\n") + 1
    found = [
        from_line(line, f"{path}:{number}")
        for number, line in enumerate(data[:whole].split(b"\n"), 1)
        if line.strip()
    ]
    return Read(tuple(found), whole, whole < len(data))


# ---------------------------------------------------------------- writing a log


def folder_of(project: Project, restricted: bool = False) -> Path:
    """Give the folder of the logs, or of those that speak of restricted reports."""
    folder = project.root / FOLDER
    return folder / RESTRICTED_FOLDER if restricted else folder


@dataclass(slots=True)
class Log:
    """One reviewer's log, open to be added to; `notice` says what was mended when it was opened."""

    path: Path
    reviewer: str
    descriptor: int
    last: str
    notice: str = ""

    def append(self, decision: Decision) -> None:
        """Put a line on the disk.

        Raises:
            KgError: it cannot be written; what was written before is untouched.
        """
        size = os.fstat(self.descriptor).st_size
        try:
            rest = memoryview(decision.line())
            while rest:
                rest = rest[os.write(self.descriptor, rest) :]
            os.fsync(self.descriptor)
        except OSError as error:
            with contextlib.suppress(OSError):  # a part of a line would spoil the next one
                os.ftruncate(self.descriptor, size)
            said = os.strerror(error.errno) if error.errno else str(error)
            lost = "the last decision is not kept"
            raise KgError(f"cannot write {self.path}: {said.lower()}; {lost}") from error
        self.last = decision.time

    def time(self, now: datetime.datetime, floor: str = "") -> str:
        """Give `now` as a line's time: later than `floor` and the line before, even if a clock is slow."""
        text, last = _written(now), max(self.last, floor)
        if text > last:
            return text
        before = datetime.datetime.strptime(last, _FORM).replace(tzinfo=datetime.UTC)
        return _written(before + datetime.timedelta(microseconds=1))


_FORM: Final = "%Y-%m-%dT%H:%M:%S.%fZ"


def _written(time: datetime.datetime) -> str:
    return time.astimezone(datetime.UTC).strftime(_FORM)


@contextlib.contextmanager
def opened(project: Project, reviewer: str, restricted: bool = False) -> Iterator[Log]:
    """Open a reviewer's log for this process alone; a line that was never finished is cut off.

    Raises:
        KgError: another process has it open, or it cannot be written or read.
    """
    folder = _folder(project, restricted)
    path = folder / f"{reviewer}.jsonl"
    with locked(path, path, _LOCK_WAIT):
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600 if restricted else 0o666)
        except OSError as error:
            said = os.strerror(error.errno) if error.errno else str(error)
            raise KgError(f"cannot write {path}: {said.lower()}") from error
        try:
            read = read_log(path)
            notice = ""
            if read.half:
                os.ftruncate(descriptor, read.size)
                os.fsync(descriptor)
                notice = f"{path}: the last line was never finished, and is dropped: decide that one again"
            last = max((decision.time for decision in read.decisions), default="")
            yield Log(path, reviewer, descriptor, last, notice)
        finally:
            os.close(descriptor)


def _folder(project: Project, restricted: bool) -> Path:
    folder = folder_of(project, restricted)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        said = os.strerror(error.errno) if error.errno else str(error)
        raise KgError(f"cannot make the folder {folder}: {said.lower()}") from error
    ignore = folder / ".gitignore"
    if restricted and not ignore.exists():
        write_atomically(
            ignore, b"# Decisions on restricted reports: never to be published.\n*\n", mode=0o600
        )
    return folder


class Logs:
    """A reviewer's logs: the public one and that of restricted reports, each opened when it is needed."""

    def __init__(
        self,
        project: Project,
        reviewer: str,
        now: Callable[[], datetime.datetime],
        tell: Callable[[str], None],
    ) -> None:
        """Take what `now` gives as the time of a line; `tell` hears what had to be mended."""
        self.project = project
        self.reviewer = reviewer
        self._now = now
        self._tell = tell
        self._open: dict[bool, Log] = {}
        self._floor = ""
        self._stack = contextlib.ExitStack()

    def __enter__(self) -> Logs:
        """Open nothing yet."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close what was opened."""
        self._stack.close()

    def open(self, restricted: bool) -> Log:
        """Give the log, opened for this process alone."""
        if restricted not in self._open:
            log = self._stack.enter_context(opened(self.project, self.reviewer, restricted))
            if log.notice:
                self._tell(log.notice)
            self._open[restricted] = log
        return self._open[restricted]

    def follow(self, ledger: Ledger) -> None:
        """Let every further line be later than what is known, unless a clock was wrong by more than a day."""
        known = max((decision.time for decision in ledger.decisions), default="")
        if known < _written(self._now() + datetime.timedelta(days=1)):
            self._floor = known

    def write(self, decision: Decision) -> Decision:
        """Put a decision on the disk as this reviewer's, of this moment, and give it."""
        log = self.open(decision.restricted)
        timed = replace(decision, reviewer=self.reviewer, time=log.time(self._now(), self._floor))
        log.append(timed)
        return timed


def load(project: Project) -> tuple[Ledger, tuple[str, ...]]:
    """Read every log of a project; the second is what to tell of them.

    Raises:
        KgError: a log cannot be read.
    """
    found: list[Decision] = []
    notices: list[str] = []
    for restricted in (False, True):
        folder = folder_of(project, restricted)
        for path in sorted(folder.glob("*.jsonl")) if folder.is_dir() else ():
            if path.name.startswith("."):
                continue
            read = read_log(path)
            found += read.decisions
            if read.half:
                notices.append(f"{path}: the last line was never finished, and is not read")
    return Ledger(found), tuple(notices)


def merge(project: Project, other: Path) -> tuple[int, int]:
    """Add the lines of another log, of one reviewer or several, to those of the project.

    Gives how many lines were new and how many were there already.

    Raises:
        KgError: it cannot be read or a log cannot be written; nothing is changed then.
    """
    read = read_log(other)
    by_log: dict[tuple[str, bool], list[Decision]] = defaultdict(list)
    for decision in read.decisions:
        by_log[decision.reviewer, decision.restricted].append(decision)
    new = 0
    for (reviewer, restricted), decisions in sorted(by_log.items()):
        path = _folder(project, restricted) / f"{reviewer}.jsonl"
        with locked(path, path, _LOCK_WAIT):
            old = read_log(path).decisions if path.exists() else ()
            now = Ledger((*old, *decisions)).decisions
            if added := len(now) - len({d.line() for d in old}):
                write_atomically(path, b"".join(d.line() for d in now), mode=0o600 if restricted else None)
                new += added
    return new, len(read.decisions) - new

"""Several processes that answer one kind of message, and whose end does not go unnoticed."""

from __future__ import annotations

import contextlib
import errno
import os
import signal
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from multiprocessing.connection import Connection, Pipe, wait
from pathlib import Path
from types import TracebackType
from typing import Any, NoReturn, Self, TypeAlias

from kg.problems import KgError, LimitError

Handler: TypeAlias = Callable[[Any], Any]
"""What a process does with a message; what it gives is the answer."""

_PR_SET_PDEATHSIG = 1  # linux/prctl.h
_NO_MEMORY = 77
"""Exit code of a process without memory: an answer would take some."""


class FullError(KgError):
    """A process could not write, for want of room on a disk."""


def may_fork() -> bool:
    """Tell whether several processes can be had: a lock that another thread holds would stay shut in a fork."""
    if sys.platform != "linux":
        return False
    try:
        return len(list(Path("/proc/self/task").iterdir())) == 1
    except OSError:
        return False


class Pool:
    """Processes that share the memory of the one that makes them, as it is at that moment.

    Where processes cannot be forked, or with one job, everything is done in this process.
    """

    def __init__(self, jobs: int, start: Callable[[int], Handler]) -> None:
        """Begin `jobs` processes; each makes its own handler by `start`, of its number."""
        self._answers: deque[tuple[int, Any]] = deque()
        self._workers: list[_Worker] = []
        self._here: Handler | None = None
        if jobs < 2 or not may_fork():
            self._here = start(0)
            return
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:  # whoever started this may have closed it
                stream.flush()
        try:
            for number in range(jobs):
                self._workers.append(_Worker(number, start, [worker.connection for worker in self._workers]))
        except OSError as error:
            self._kill()
            raise KgError(f"cannot start a worker process: {error.strerror}") from error

    @property
    def jobs(self) -> int:
        """How many messages can be worked on at once."""
        return len(self._workers) or 1

    def __enter__(self) -> Self:
        """Give the pool itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End all processes: at once if something failed."""
        self._kill()

    def send(self, worker: int, message: Any) -> None:
        """Give a message to one process, which has answered all before.

        Raises:
            KgError: the process has ended.
        """
        if self._here is not None:
            try:
                self._answers.append((worker, _plainly(self._here, message)))
            except MemoryError as error:
                raise LimitError("this process ran out of memory") from error
            return
        try:
            self._workers[worker].connection.send(message)
        except OSError:
            raise self._workers[worker].ended() from None

    def receive(self) -> tuple[int, Any]:
        """Wait for an answer; give it with the number of the process.

        Raises:
            KgError: the process has ended, or could not do its work.
        """
        if self._here is not None:
            return self._answers.popleft()
        (ready, *_) = wait([worker.connection for worker in self._workers])
        worker = next(worker for worker in self._workers if worker.connection is ready)
        try:
            answer, fault = worker.connection.recv()
        except (EOFError, OSError):
            raise worker.ended() from None
        if fault is not None:
            raise fault
        return worker.number, answer

    def each(self, messages: Iterable[Any]) -> Iterator[tuple[Any, Any]]:
        """Share messages out; give each with its answer, in no particular order."""
        given: dict[int, Any] = {}
        waiting = iter(messages)
        free = list(range(self.jobs))
        while True:
            while free and (message := next(waiting, None)) is not None:
                worker = free.pop()
                given[worker] = message
                self.send(worker, message)
            if not given:
                return
            worker, answer = self.receive()
            yield given.pop(worker), answer
            free.append(worker)

    def all(self, message: Any) -> list[Any]:
        """Give a message to every process, and all answers in the order of the processes."""
        for worker in range(self.jobs):
            self.send(worker, message)
        answers = dict(self.receive() for _ in range(self.jobs))
        return [answers[worker] for worker in range(self.jobs)]

    def _kill(self) -> None:
        for worker in self._workers:
            worker.kill()


class _Worker:
    """One process and the way to it."""

    def __init__(
        self, number: int, start: Callable[[int], Handler], others: list[Connection[Any, Any]]
    ) -> None:
        self.number = number
        self.connection, theirs = Pipe()
        parent = os.getpid()
        mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            self.process = os.fork()
        except BaseException:
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)
            raise
        if self.process == 0:
            for connection in (self.connection, *others):
                connection.close()
            _serve(theirs, number, start, parent)
        theirs.close()
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        self._code: int | None = None

    def ended(self) -> KgError:
        """Say how the process ended."""
        code = self._wait()
        if code == _NO_MEMORY:
            return _out_of_memory()
        if code < 0:
            name = signal.Signals(-code).name if -code in set(signal.Signals) else f"signal {-code}"
            perhaps = ", perhaps because the machine ran out of memory" if name == "SIGKILL" else ""
            return KgError(f"a worker process was killed ({name}{perhaps}); this run gave nothing")
        return KgError(f"a worker process ended with exit code {code}; this run gave nothing")

    def kill(self) -> None:
        """End the process, whatever it does."""
        if self._code is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.process, signal.SIGKILL)
            self._wait()
        self.connection.close()

    def _wait(self) -> int:
        if self._code is None:
            try:
                self._code = os.waitstatus_to_exitcode(os.waitpid(self.process, 0)[1])
            except ChildProcessError:  # whoever started us asked the kernel to reap
                self._code = 0
        return self._code


def _plainly(handler: Handler, message: Any) -> Any:
    """Answer, an error of the system in plain words."""
    try:
        return handler(message)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        place = f" {error.filename}" if error.filename else ""
        kind = FullError if error.errno in (errno.ENOSPC, errno.EDQUOT) else KgError
        raise kind(f"cannot go on{place}: {reason}; this run gave nothing") from error


def _out_of_memory() -> LimitError:
    return LimitError("a process ran out of memory; fewer at once need less of it: --jobs 1")


def _serve(
    connection: Connection[Any, Any], number: int, start: Callable[[int], Handler], parent: int
) -> NoReturn:
    """Be a worker: answer until the parent is gone. Nothing of the parent's is run or flushed here."""
    try:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides
        _die_with(parent)
        handler: Handler | None = None
        while True:
            message = connection.recv()
            answer: tuple[Any, KgError | None]
            try:
                handler = handler or start(number)
                answer = (_plainly(handler, message), None)
            except KgError as error:
                answer = (None, error)
            except MemoryError:
                os._exit(_NO_MEMORY)
            except Exception as error:
                answer = (None, _unforeseen(error))
            connection.send(answer)
    except MemoryError:
        os._exit(_NO_MEMORY)
    except (EOFError, OSError):
        os._exit(0)
    finally:
        os._exit(1)


def _unforeseen(error: BaseException) -> KgError:
    import traceback

    fault = KgError(f"a worker process failed: {type(error).__name__}: {error}")
    fault.add_note("".join(traceback.format_exception(error)))
    return fault


def _die_with(parent: int) -> None:
    import ctypes

    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)

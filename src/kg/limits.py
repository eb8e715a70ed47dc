"""Work that may never end, or take all memory, done where it can be stopped: in a child process.

Neither engine can be interrupted from within: a query in Rust does not look at Python's signals.
"""

from __future__ import annotations

import contextlib
import math
import os
import signal
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NoReturn, TypeVar, cast

from kg.problems import KgError, LimitError

T = TypeVar("T")

_ENDLESS = 1e6  # seconds; nobody waits longer, and the system's calls take no infinity
_PIECE = 1 << 20
_PR_SET_PDEATHSIG = 1  # linux/prctl.h
_FRESH = (
    "import pickle, sys; sys.path[:] = pickle.load(sys.stdin.buffer); from kg.limits import _serve; _serve()"
)


def run_limited(
    function: Callable[..., T], *args: object, seconds: float | None, memory: int | None, what: str
) -> T:
    """Give ``function(*args)``, worked out in a child process that is killed when it takes too much.

    `function` stands at the top of an importable module; its arguments and its result can be pickled.
    `seconds` run from this call on. `memory` is how many bytes the child may take beyond what it starts
    with; it holds on Linux only. `what` begins every message: ``"the query"``. What the child prints is lost.

    The child is a fork where that is safe (Linux, one thread: about 10 ms), else a fresh interpreter: not
    that of `multiprocessing`, which would run the caller's script again and leave a process behind.

    Raises:
        LimitError: it was stopped for its time or its memory.
        KgError: what the function raised (the same class), or in plain words that it failed or crashed.
    """
    if seconds is not None and seconds > _ENDLESS:
        seconds = None
    start = _in_fork if _may_fork() else _in_fresh_process
    try:
        ended = start(function, args, seconds, memory)
    except OSError as error:
        raise KgError(f"{what}: a child process cannot be started: {error.strerror or error}") from error
    except _NotPicklable as error:
        raise KgError(f"{what}: cannot be handed to a child process: {error}") from error
    if ended is None:
        raise LimitError(f"{what}: stopped after {seconds:g} s; ask for less, or allow more time")
    code, answer = ended
    return cast(T, _open(code, answer, memory, what))


class _NotPicklable(Exception):  # noqa: N818 - never leaves this module
    """The function or its arguments cannot be sent."""


# ---------------------------------------------------------------- in the parent


def _may_fork() -> bool:
    """Tell whether a fork is safe: a lock that another thread holds would never be let go in the child."""
    if sys.platform != "linux":
        return False
    try:  # threads of an engine are not known to Python
        return len(list(Path("/proc/self/task").iterdir())) == 1
    except OSError:
        return False


def _in_fork(
    function: Callable[..., object], args: tuple[object, ...], seconds: float | None, memory: int | None
) -> tuple[int, bytes] | None:
    """Give the exit code (negative: a signal) and the answer, or None when time ran out."""
    deadline = None if seconds is None else time.monotonic() + seconds
    parent = os.getpid()
    reader, writer = os.pipe()
    # Ctrl-C waits until somebody is there to take the child with it.
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        child = os.fork()
    except BaseException:
        os.close(reader)
        os.close(writer)
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        raise
    if child == 0:
        _be_the_fork(writer, mask, function, args, (parent, seconds, memory))
    try:
        os.close(writer)
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        answer = _receive(reader, deadline)
        if answer is None:
            os.kill(child, signal.SIGKILL)
    except BaseException:
        os.kill(child, signal.SIGKILL)
        raise
    finally:
        os.close(reader)
        code = _wait(child)
    return None if answer is None else (code, answer)


def _receive(reader: int, deadline: float | None) -> bytes | None:
    """Read until the child closes its end; None if that is not before `deadline`."""
    import select

    poll = select.poll()
    poll.register(reader, select.POLLIN)
    pieces: list[bytes] = []
    while True:
        left = None if deadline is None else math.ceil(max(deadline - time.monotonic(), 0) * 1000)
        if not poll.poll(left):
            return None
        piece = os.read(reader, _PIECE)
        if not piece:
            return b"".join(pieces)
        pieces.append(piece)


def _wait(child: int) -> int:
    try:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    except ChildProcessError:  # our own parent asked the kernel to reap: the answer itself has to tell
        return 0


def _in_fresh_process(
    function: Callable[..., object], args: tuple[object, ...], seconds: float | None, memory: int | None
) -> tuple[int, bytes] | None:
    """Give what `_in_fork` gives."""
    import pickle
    import subprocess

    bounds = (os.getpid(), seconds, memory)
    try:
        job = b"".join(pickle.dumps(part) for part in (sys.path, bounds, (function, args)))
    except Exception as error:
        raise _NotPicklable(str(error)) from error
    with subprocess.Popen(  # noqa: S603 - this interpreter and a constant
        [sys.executable, "-P", "-c", _FRESH],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as child:
        try:
            answer, _ = child.communicate(job, timeout=seconds)
        except subprocess.TimeoutExpired:
            return None
        finally:
            if child.returncode is None:
                child.kill()
                child.wait()
    return child.returncode, answer


def _open(code: int, answer: bytes, memory: int | None, what: str) -> object:
    """Give the result that the child sent, or raise what stopped it."""
    import pickle

    if code != 0:
        raise _crash(-code, memory, what)
    try:
        kind, value, details = pickle.loads(answer)  # noqa: S301 - written by our own child
    except (EOFError, pickle.UnpicklingError):
        raise KgError(f"{what}: the child process ended without an answer") from None
    if kind == "result":
        return value
    if kind == "raised":
        raise value
    if kind == "memory":
        raise _out_of_memory(memory, what)
    fault = KgError(f"{what}: {value}")
    fault.add_note(details)
    raise fault


def _crash(number: int, memory: int | None, what: str) -> KgError:
    try:
        name = signal.Signals(number).name
    except ValueError:
        return KgError(f"{what}: the child process failed with exit code {-number}")
    if name == "SIGABRT" and memory is not None:  # Rust and C++ abort when an allocation fails
        return _out_of_memory(memory, what)
    if name == "SIGKILL":
        return LimitError(f"{what}: killed from outside, probably because the machine ran out of memory")
    if name == "SIGXCPU":
        return LimitError(f"{what}: stopped for taking too much processor time")
    perhaps = "" if memory is None else ", perhaps for want of memory"
    return KgError(f"{what}: the engine crashed ({name}{perhaps})")


def _out_of_memory(memory: int | None, what: str) -> LimitError:
    if memory is None:
        return LimitError(f"{what}: the machine has not enough memory for it")
    amount = f"{memory / 1e6:,.0f} MB" if memory >= 1_000_000 else f"{memory:,} bytes"
    return LimitError(f"{what}: stopped at {amount} of memory; ask for less, or allow more")


# ---------------------------------------------------------------- in the child


def _be_the_fork(
    writer: int,
    mask: Iterable[int],
    function: Callable[..., object],
    args: tuple[object, ...],
    bounds: tuple[int, float | None, int | None],
) -> NoReturn:
    """Work, answer, and be gone: nothing of the parent's is run, flushed or kept open here."""
    try:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        _detach_standard_streams()
        # A lock file that stays open here would be held after the parent's end.
        for descriptor in [int(entry.name) for entry in Path("/proc/self/fd").iterdir()]:
            if descriptor > 2 and descriptor != writer:
                with contextlib.suppress(OSError):  # the one that listed them
                    os.close(descriptor)
        confine(*bounds)
        _send(writer, _answer(function, args))
        os._exit(0)
    finally:
        os._exit(1)


def _serve() -> NoReturn:
    """Be the fresh process: a job comes in on standard input, its answer goes out on standard output."""
    import pickle

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    writer = os.dup(1)
    bounds = pickle.load(sys.stdin.buffer)  # noqa: S301 - written by our own parent
    try:
        function, args = pickle.load(sys.stdin.buffer)  # noqa: S301
    except Exception as error:
        _send(writer, _fault(error))
    else:
        _detach_standard_streams()
        confine(*bounds)
        _send(writer, _answer(function, args))
    os._exit(0)


def _detach_standard_streams() -> None:
    null = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(null, standard)
    os.close(null)


def confine(parent: int, seconds: float | None, memory: int | None) -> None:
    """Bind this process to its limits and to the life of its parent."""
    if sys.platform == "win32":
        return
    import resource

    _lower(resource.RLIMIT_CORE, 0)
    if seconds is not None:  # the parent is exact; this ends a child whose parent was killed
        _lower(resource.RLIMIT_CPU, math.ceil(seconds) * (os.cpu_count() or 1) + 2)
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)
        if memory is not None:
            pages = int(Path("/proc/self/statm").read_text().split()[0])
            _lower(resource.RLIMIT_AS, pages * resource.getpagesize() + memory)


def _lower(which: int, value: int) -> None:
    import resource

    _, hard = resource.getrlimit(which)
    if hard != resource.RLIM_INFINITY:
        value = min(value, hard)
    resource.setrlimit(which, (value, value))


def _answer(function: Callable[..., object], args: tuple[object, ...]) -> bytes:
    import pickle

    try:
        return pickle.dumps(("result", function(*args), ""), protocol=pickle.HIGHEST_PROTOCOL)
    except MemoryError:
        return pickle.dumps(("memory", "", ""))
    except KgError as error:
        return _raised(error)
    except BaseException as error:  # a panic in Rust is no Exception
        return _fault(error)


def _raised(error: KgError) -> bytes:
    import pickle

    try:
        answer = pickle.dumps(("raised", error, ""))
        pickle.loads(answer)  # noqa: S301 - an exception may go in and not come out
    except Exception:
        plain = KgError(str(error))
        plain.exit_code = error.exit_code
        answer = pickle.dumps(("raised", plain, ""))
    return answer


def _fault(error: BaseException) -> bytes:
    """Tell of an error that nobody foresaw; errors of input speak for themselves, others need their name."""
    import pickle
    import traceback

    text = str(error)
    if not text or not isinstance(error, (OSError, ValueError, SyntaxError)):
        text = f"{type(error).__name__}: {text}".removesuffix(": ")
    return pickle.dumps(("fault", text, "".join(traceback.format_exception(error))))


def _send(writer: int, answer: bytes) -> None:
    with os.fdopen(writer, "wb", buffering=0) as pipe:
        rest = memoryview(answer)
        while rest:
            rest = rest[pipe.write(rest) :]

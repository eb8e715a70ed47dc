"""Whole commands measured: wall seconds and peak memory of each process, in turn with their peers."""

from __future__ import annotations

import contextlib
import os
import signal
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
MEGABYTE = 1024
LIMIT = 600.0
"""Seconds after which a command is stopped that did not end; what it would have taken is more than these."""


@dataclass(frozen=True)
class Run:
    """One run of a command: wall `seconds`, peak `memory` in MB of its largest process, what it printed."""

    seconds: float
    memory: float
    printed: str
    cpu: float = 0.0
    """Processor seconds, of its children too."""
    ended: bool = True
    """Else it was stopped, and `seconds` are a lower bound."""

    @property
    def answer(self) -> str:
        """What the command says of its result, to compare with another's."""
        return self.value("answer") or ""

    def value(self, name: str) -> str | None:
        """Give what the command printed as ``name: …``."""
        for line in self.printed.splitlines():
            if line.startswith(f"{name}: "):
                return line.partition(": ")[2]
        return None

    @property
    def phase(self) -> float:
        """Give the seconds that the command itself measured for the step alone, else those of the process.

        Of a command that was stopped, those that it had for the step.
        """
        if not self.ended:
            return self.seconds - float(self.value("loaded") or 0)
        return float(self.value("seconds") or self.seconds)


class FailedError(Exception):
    """A command of the benchmark ended with an error."""


def run(
    command: Sequence[str | Path],
    *,
    cwd: Path | None = None,
    codes: Sequence[int] = (0,),
    limit: float | None = None,
) -> Run:
    """Run a command to its end, or for `limit` seconds.

    Raises:
        FailedError: its exit code is none of `codes`.
    """
    tell(command, limit)
    started = time.perf_counter()
    environment = {**os.environ, "PYTHONHASHSEED": "0", "PYTHONWARNINGS": "ignore"}
    # An installer compiles the modules of a package, and so do the first runs of a checkout.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    late = threading.Event()
    with subprocess.Popen(  # noqa: S603
        [str(part) for part in command],
        cwd=cwd,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    ) as process:
        assert process.stdout and process.stderr

        def stop() -> None:
            late.set()
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)

        timer = threading.Timer(limit or LIMIT * 100, stop)
        timer.daemon = True
        timer.start()
        try:
            printed = process.stdout.read()
            said = process.stderr.read()
            _, status, usage = os.wait4(process.pid, 0)
        except BaseException:
            stop()
            raise
        finally:
            timer.cancel()
        process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - started
    if process.returncode not in codes and not late.is_set():
        raise FailedError(f"{' '.join(map(str, command))}\n{said.decode(errors='replace')[-2000:]}")
    cpu = usage.ru_utime + usage.ru_stime
    memory = usage.ru_maxrss / MEGABYTE
    done = Run(seconds, memory, printed.decode(errors="replace"), cpu, not late.is_set())
    _done[*map(str, command), str(cwd)] = done
    return done


_done: dict[tuple[str, ...], Run] = {}


def once(command: Sequence[str | Path], *, cwd: Path | None = None, limit: float | None = None) -> Run:
    """Give the last run of a command that ran already, or else run it."""
    return _done.get((*map(str, command), str(cwd))) or run(command, cwd=cwd, limit=limit)


def tell(command: Sequence[str | Path], limit: float | None) -> None:
    """Say on standard error what runs now."""
    shown = " ".join(Path(part).name if "/" in str(part) else str(part) for part in command)
    until = f", for at most {limit:,.0f} s" if limit else ""
    print(f"{time.strftime('%H:%M:%S')} {shown[:150]}{until}", file=sys.stderr, flush=True)


def script(name: str, *arguments: str | Path) -> list[str | Path]:
    """Give the command that runs one of the scripts beside this one."""
    return [sys.executable, HERE / name, *map(str, arguments)]


def kg(*arguments: str | Path) -> list[str | Path]:
    """Give a `kg` command as a user types it."""
    installed = Path(sys.executable).with_name("kg")
    return [installed, *arguments] if installed.exists() else [sys.executable, "-m", "kg.cli", *arguments]


@dataclass(frozen=True)
class Series:
    """Several runs of one command."""

    runs: tuple[Run, ...]

    def median(self, *, phase: bool = False) -> float:
        """Give the median of the seconds, of the whole process or of the step alone."""
        return statistics.median(self._all(phase))

    def spread(self, *, phase: bool = False) -> tuple[float, float]:
        """Give the least and the most seconds."""
        return min(self._all(phase)), max(self._all(phase))

    def _all(self, phase: bool) -> list[float]:
        return [run.phase if phase else run.seconds for run in self.runs]

    @property
    def memory(self) -> float:
        """Give the most memory of any run, in MB."""
        return max(run.memory for run in self.runs)

    @property
    def cpu(self) -> float:
        """Give the median of the processor seconds."""
        return statistics.median(run.cpu for run in self.runs)

    @property
    def answers(self) -> set[str]:
        """Give the different answers."""
        return {run.answer for run in self.runs}

    @property
    def ended(self) -> bool:
        """Tell whether every run came to its end."""
        return all(run.ended for run in self.runs)


def in_turn(
    ours: Sequence[str | Path],
    peer: Sequence[str | Path],
    times: int,
    *,
    cwd: Path | None = None,
    least: float = 0,
    limit: float = LIMIT,
) -> tuple[Series, Series]:
    """Run both commands `times` times, one after the other, so that a machine that drifts slows both.

    The peer may take `limit` seconds; with `least`, no more than so many times as long as ours, and a minute.
    """
    ours_runs: list[Run] = []
    peer_runs: list[Run] = []
    for _ in range(times):
        ours_runs.append(run(ours, cwd=cwd))
        enough = max(60.0, least * ours_runs[-1].seconds) if least else limit
        peer_runs.append(run(peer, limit=min(limit, enough)))
        if not peer_runs[-1].ended:
            break
    return Series(tuple(ours_runs)), Series(tuple(peer_runs))

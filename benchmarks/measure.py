"""Whole commands measured: wall seconds and peak memory of each process, in turn with their peers."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
MEGABYTE = 1024


@dataclass(frozen=True)
class Run:
    """One run of a command: wall `seconds`, peak `memory` in MB of its largest process, what it printed."""

    seconds: float
    memory: float
    printed: str

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
        """Give the seconds that the command itself measured for the step alone, else those of the process."""
        return float(self.value("seconds") or self.seconds)


class FailedError(Exception):
    """A command of the benchmark ended with an error."""


def run(command: Sequence[str | Path], *, cwd: Path | None = None, codes: Sequence[int] = (0,)) -> Run:
    """Run a command to its end.

    Raises:
        FailedError: its exit code is none of `codes`.
    """
    started = time.perf_counter()
    environment = {**os.environ, "PYTHONHASHSEED": "0", "PYTHONWARNINGS": "ignore"}
    with subprocess.Popen(  # noqa: S603
        [str(part) for part in command],
        cwd=cwd,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout and process.stderr
        printed = process.stdout.read()
        said = process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - started
    if process.returncode not in codes:
        raise FailedError(f"{' '.join(map(str, command))}\n{said.decode(errors='replace')[-2000:]}")
    return Run(seconds, usage.ru_maxrss / MEGABYTE, printed.decode(errors="replace"))


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
    def answers(self) -> set[str]:
        """Give the different answers."""
        return {run.answer for run in self.runs}


def in_turn(
    ours: Sequence[str | Path], peer: Sequence[str | Path], times: int, *, codes: Sequence[int] = (0,)
) -> tuple[Series, Series]:
    """Run both commands `times` times, one after the other, so that a machine that drifts slows both."""
    pairs = [(run(ours, codes=codes), run(peer, codes=codes)) for _ in range(times)]
    return Series(tuple(pair[0] for pair in pairs)), Series(tuple(pair[1] for pair in pairs))

"""The engine ``command:…``: any program that reads one JSON object and writes one proposal a line.

It runs without a shell, for a limited time, in limited memory, and what it writes is checked like the answer
of a model: every line quotes words that stand in the text, or it is none.
"""

from __future__ import annotations

import contextlib
import datetime
import hashlib
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import IO

from kg import evidence
from kg.engines import answers, llm_prompt
from kg.engines.answers import Checker, Reason
from kg.engines.settings import Settings
from kg.engines.windows import Window
from kg.escape import for_terminal
from kg.problems import KgError, LimitError
from kg.proposals import Proposal, Setting

FORM = "kg-extract-1"
"""The name of what goes in; a program should refuse any other."""
OUTPUT_LIMIT = 20_000_000
"""Bytes of what it writes."""
MOST_LINES = 10_000
"""Lines that are read; more are counted and thrown away."""

_ERRORS_KEPT = 20_000
_ERRORS_SHOWN = 10
_PROGRAM_READ = 50_000_000
_PIECE = 1 << 16
_BECOME = """\
import json, os, signal, sys
sys.path[:], *limits, words = json.loads(sys.argv[1])
from kg.limits import confine
confine(*limits)
signal.signal(signal.SIGPIPE, signal.SIG_DFL)
try:
    os.execv(words[0], words)
except OSError as error:
    print("cannot be started:", error.strerror, file=sys.stderr)
os._exit(126)
"""
_INTERPRETER = re.compile(r"(?:python|pypy|perl|ruby|node|deno|bash|sh|Rscript|java)[0-9.]*(?:\.exe)?")


@dataclass(slots=True)
class CommandEngine:
    """Proposes what a program writes, if it stands in the text; made by `engine`."""

    setting: Setting
    words: tuple[str, ...]
    """The program and its arguments; the first is a path."""
    settings: Settings
    checker: Checker = field(init=False)
    proposals: int = 0
    _said: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Make ready; nothing runs yet."""
        self.checker = Checker(self.setting)

    @property
    def name(self) -> str:
        """``command:`` and the name of the program, or of the script that an interpreter runs; no path."""
        program, *rest = self.words
        if _INTERPRETER.fullmatch(Path(program).name):
            program = next((word for word in rest if _digest(word)), program)
        return f"command:{for_terminal(Path(program).name)}"

    @property
    def version(self) -> str:
        """Changes with the command, with any file that it names, and with the vocabulary."""
        prompt = llm_prompt.prompt(self.setting.ontology, self.setting.choices)
        made_of = [FORM, prompt.digest, *((word, _digest(word)) for word in self.words)]
        return hashlib.sha256(json.dumps(made_of).encode()).hexdigest()[:12]

    @property
    def sends_to(self) -> str:
        """Nothing that anybody here could know of: the program is the user's own."""
        return ""

    def propose(self, text: str, published: datetime.date | None, language: str) -> Iterator[Proposal]:
        """Give what the program writes of a text, without what does not stand in it.

        Raises:
            LimitError: it takes too long or writes too much.
            KgError: it cannot be started, or fails, or the text is none.
        """
        evidence.digest(text)  # half characters cannot be sent
        job = json.dumps(self.job(text, published, language), ensure_ascii=False)
        output, said = self._run(job.encode() + b"\n")
        self._said += said
        window = Window(0, len(text))
        items = (self._item(line) for line in _lines(output, self.checker))
        checked = (self.checker.check(item, text, window) for item in items if item is not None)
        found = answers.without_doubles([[proposal for proposal in checked if proposal is not None]])
        self.proposals += len(found)
        yield from found

    def job(self, text: str, published: datetime.date | None, language: str) -> Mapping[str, object]:
        """Give what goes into the program."""
        ontology, choices = self.setting.ontology, self.setting.choices
        return {
            "form": FORM,
            "text": text,
            "published": published.isoformat() if published else None,
            "language": language or None,
            "ontology": llm_prompt.summary(ontology, choices),
            "schema": llm_prompt.item_schema(ontology, choices),
        }

    def notes(self) -> Sequence[str]:
        """Give what the program said on standard error, and one line on what came of it."""
        line = f"{self.name}: {self.proposals:,} proposal" + ("" if self.proposals == 1 else "s")
        told = answers.told(self.checker.rejected)
        return [*(f"{self.name} says: {each}" for each in self._said), f"{line}; {told}" if told else line]

    def _item(self, line: bytes) -> object | None:
        try:
            return answers.loads(line.decode())
        except ValueError as error:
            self.checker.reject(Reason.NOT_JSON, str(error))
            return None

    def _run(self, job: bytes) -> tuple[bytes, list[str]]:
        """Give what the program wrote on standard output, and the lines on standard error."""
        settings = self.settings
        ended = _ended(self.words, job, settings.timeout, settings.memory * 1_000_000, self.name)
        said = [
            for_terminal(line)[:300]
            for line in ended.errors.decode(errors="replace").splitlines()
            if line.strip()
        ]
        last = f": {said[-1]}" if said else ""
        if ended.stopped == "time":
            raise LimitError(f"{self.name}: stopped after {settings.timeout:g} s{last}")
        if ended.stopped == "output":
            raise LimitError(f"{self.name}: stopped at {OUTPUT_LIMIT:,} bytes of output{last}")
        if ended.code:
            raise KgError(f"{self.name} failed with {_code(ended.code)}{last}")
        return ended.output, said[:_ERRORS_SHOWN]


def engine(setting: Setting, argument: str, *, settings: Settings | None = None) -> CommandEngine:
    """Give the engine that runs the command `argument`, split as a POSIX shell would and run without one.

    Only `timeout` and `memory` of the settings count. A project's file cannot name a command: whoever types
    it has chosen it.

    Raises:
        KgError: there is no such program.
    """
    try:
        words = shlex.split(argument)
    except ValueError as error:
        raise KgError(f"cannot read the command {argument[:200]!r}: {str(error).lower()}") from error
    if not words:
        raise KgError(
            "no command is named: write it behind the colon, such as --engine 'command:./find.py -v'"
        )
    program = shutil.which(words[0])
    if program is None:
        raise KgError(f"there is no program {words[0][:200]!r} that may be run")
    return CommandEngine(setting, (program, *words[1:]), settings or Settings())


def _lines(output: bytes, checker: Checker) -> Iterator[bytes]:
    lines = [line for line in output.split(b"\n") if line.strip()]
    for _ in lines[MOST_LINES:]:
        checker.reject(Reason.MANY, f"at most {MOST_LINES:,} lines are read")
    yield from lines[:MOST_LINES]


def _digest(word: str) -> str:
    """Give the digest of a file that a word of the command names; empty where it names none."""
    try:
        path = Path(word)
        if not path.is_file() or path.stat().st_size > _PROGRAM_READ:
            return ""
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except (OSError, ValueError):
        return ""


def _code(code: int) -> str:
    if code > 0:
        return f"exit code {code}"
    try:
        return f"{signal.Signals(-code).name}, perhaps for want of memory or time"
    except ValueError:
        return f"signal {-code}"


# ---------------------------------------------------------------- the process


@dataclass(frozen=True, slots=True)
class _Ended:
    code: int
    output: bytes
    errors: bytes
    stopped: str
    """``time`` or ``output`` where a limit ended it."""


def _ended(words: Sequence[str], job: bytes, seconds: float, memory: int, name: str) -> _Ended:
    """Run a program to its end, or to its limit; whatever it started in its own group ends with it then."""
    deadline = time.monotonic() + seconds
    posix = sys.platform != "win32"
    try:
        process = subprocess.Popen(  # noqa: S603 - the user's own command, and no shell
            confined(words, seconds, memory) if posix else words,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            start_new_session=posix,
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise KgError(f"{name} cannot be started: {getattr(error, 'strerror', None) or error}") from error
    assert process.stdin is not None  # noqa: S101  (for mypy)
    assert process.stdout is not None  # noqa: S101
    assert process.stderr is not None  # noqa: S101
    feeder = threading.Thread(target=_feed, args=(process.stdin, job), daemon=True)
    output = _Reader(process.stdout, OUTPUT_LIMIT, partial(_kill, process))
    errors = _Reader(process.stderr, _ERRORS_KEPT)
    try:
        for thread in (feeder, output.thread, errors.thread):
            thread.start()
        for thread in (output.thread, errors.thread):
            thread.join(max(0.0, deadline - time.monotonic()))
        late = output.thread.is_alive() or errors.thread.is_alive()
        if not late:
            try:
                process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                late = True
    finally:
        if process.returncode is None:
            _kill(process)
            process.wait()
    for thread in (feeder, output.thread, errors.thread):
        thread.join(1.0)
    stopped = "output" if output.too_much else "time" if late else ""
    return _Ended(process.returncode, bytes(output.kept), bytes(errors.kept), stopped)


def confined(words: Sequence[str], seconds: float, memory: int) -> list[str]:
    """Give the command that binds itself to its limits and then becomes another.

    Not by `preexec_fn`, which forks: a lock that another thread holds would never be let go in the child.
    """
    job = json.dumps([sys.path, os.getpid(), seconds, memory, list(words)])
    return [sys.executable, "-I", "-S", "-c", _BECOME, job]


def _kill(process: subprocess.Popen[bytes]) -> None:
    """End a process that nobody has waited for yet, and its group, which still bears its number then."""
    if process.returncode is not None:
        return
    with contextlib.suppress(ProcessLookupError):
        if sys.platform == "win32":
            process.kill()
        else:
            os.killpg(process.pid, signal.SIGKILL)


def _feed(pipe: IO[bytes], job: bytes) -> None:
    rest = memoryview(job)
    with contextlib.suppress(OSError), pipe:  # it need not read to the end
        while rest:
            rest = rest[os.write(pipe.fileno(), rest[:_PIECE]) :]


class _Reader:
    """Reads a pipe to its end, and keeps as much of it as is allowed."""

    def __init__(self, pipe: IO[bytes], limit: int, stop: Callable[[], None] | None = None) -> None:
        self.kept = bytearray()
        self.too_much = False
        self.thread = threading.Thread(target=self._read, args=(pipe, limit, stop), daemon=True)

    def _read(self, pipe: IO[bytes], limit: int, stop: Callable[[], None] | None) -> None:
        while piece := os.read(pipe.fileno(), _PIECE):
            left = limit - len(self.kept)
            self.kept += piece[:left]
            if len(piece) > left and stop and not self.too_much:
                self.too_much = True
                stop()
        pipe.close()

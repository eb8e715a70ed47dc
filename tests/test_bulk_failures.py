"""What happens to a build that cannot go on: nothing is left but the old file."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bulk_cases import DESCRIBED, jsonl, said_alike
from kg.bulk import scratch
from kg.pool import Pool
from kg.problems import KgError, LimitError

linux = pytest.mark.skipif(sys.platform != "linux", reason="worker processes are forked on Linux only")
SCRIPT = """
import os, resource, signal, sys
from pathlib import Path
from kg import bulk
from kg.build import Vocabulary
from kg.bulk import reading, writing
from kg.problems import KgError, LimitError
from kg.project import Project

folder, what = Path(sys.argv[1]), sys.argv[2]
main = os.getpid()

def die(where):
    if what == where or (what == where + " worker" and os.getpid() != main):
        os.kill(os.getpid(), signal.SIGKILL)

def dying(function, where):
    def replacement(*args):
        die(where)
        return function(*args)
    return replacement

if what.startswith("limit"):
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(what.split()[1]),) * 2)
if what == "fault":
    reading.Reader._keep = lambda self, found: 1 / 0
if what == "memory":
    def greedy(self, found):
        raise MemoryError
    reading.Reader._keep = greedy
reading.Reader._range = dying(reading.Reader._range, "reading")
writing.Writer._make = dying(writing.Writer._make, "making")
writing.Writer._put = dying(writing.Writer._put, "putting")
files = [(Path("-") if what == "stdin" else folder / "a.jsonl", "a.jsonl")]
try:
    with bulk.Build(
        files, Vocabulary.of(Project(folder)), Project(folder), folder, jobs=2, range_size=20_000,
        progress=lambda phase, done, of: die(f"{phase} {done}"),
    ) as build:
        summary = build.read()
        die("between")
        build.write(folder / "kg.nq")
except KgError as error:
    print(error)
    sys.exit(int(error.exit_code))
"""


def run(folder: Path, what: str = "", data: bytes | None = None) -> subprocess.CompletedProcess[str]:
    given = None if data is None else data.decode()
    return subprocess.run(
        [sys.executable, "-c", SCRIPT, str(folder), what],
        input=given, capture_output=True, text=True, timeout=60, env={**os.environ, "PYTHONWARNINGS": "error"},
    )  # fmt: skip


def hidden(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name.startswith("."))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "a.jsonl").write_bytes(jsonl([*DESCRIBED, *said_alike(600)]))
    (tmp_path / "kg.nq").write_bytes(b"old")
    return tmp_path


@linux
@pytest.mark.parametrize("when", ["reading", "reading 3", "between", "making", "putting", "writing 4"])
def test_after_a_kill_the_old_file_is_there_and_the_next_build_sweeps(folder: Path, when: str) -> None:
    killed = run(folder, f"{when} worker" if when in ("reading", "making", "putting") else when)
    if killed.returncode == -signal.SIGKILL:  # the process itself, which could not clean up
        assert hidden(folder) != []
    else:
        assert (killed.returncode, killed.stderr, hidden(folder)) == (2, "", [])
        assert killed.stdout.startswith(
            "a worker process was killed (SIGKILL, perhaps because the machine ran out"
        )
    assert (folder / "kg.nq").read_bytes() == b"old"
    done = run(folder)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert (folder / "kg.nq").stat().st_size > 100_000
    assert hidden(folder) == []


@linux
def test_workers_end_with_the_process_that_made_them(folder: Path) -> None:
    run(folder, "reading 3")
    deadline = time.monotonic() + 5
    while scratch.sweep(folder) or hidden(folder):
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such limits")
@pytest.mark.parametrize("size", [100, 50_000, 1_000_000])
def test_a_full_disk_is_told_and_leaves_the_old_file(folder: Path, size: int) -> None:
    full = run(folder, f"limit {size}")
    assert full.returncode == 2, full.stderr
    assert "file too large; " in full.stdout
    assert full.stderr == ""
    assert (folder / "kg.nq").read_bytes() == b"old"
    assert hidden(folder) == []


@linux
def test_a_fault_in_a_worker_is_told_in_one_line(folder: Path) -> None:
    failed = run(folder, "fault")
    assert failed.returncode == 2
    assert failed.stdout == "a worker process failed: ZeroDivisionError: division by zero\n"
    assert hidden(folder) == []


@linux
def test_a_worker_without_memory_says_so(folder: Path) -> None:
    failed = run(folder, "memory")
    assert failed.returncode == 3
    assert failed.stdout.startswith("a process ran out of memory")


def test_standard_input_is_read_like_a_file(folder: Path) -> None:
    assert run(folder).returncode == 0
    wanted = (folder / "kg.nq").read_bytes()
    assert run(folder, "stdin", (folder / "a.jsonl").read_bytes()).returncode == 0
    assert (folder / "kg.nq").read_bytes() == wanted


def test_a_folder_of_a_living_build_stays(tmp_path: Path) -> None:
    with scratch.folder(tmp_path) as one, scratch.folder(tmp_path) as other:
        (one / "x").write_bytes(b"x")
        scratch.sweep(tmp_path)
        assert one.is_dir()
        assert other.is_dir()
        assert one != other
    assert hidden(tmp_path) == []


def test_a_folder_that_is_just_being_made_stays_and_an_old_one_goes(tmp_path: Path) -> None:
    new, old, other = (
        tmp_path / name for name in (".kg-bulk-00000000", ".kg-bulk-00000001", ".kg-bulk-mine")
    )
    for path in (new, old, other):
        path.mkdir()
    os.utime(old, (time.time() - 3_600,) * 2)
    scratch.sweep(tmp_path)
    assert hidden(tmp_path) == [".kg-bulk-00000000", ".kg-bulk-mine"]


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    with (
        pytest.raises(KgError, match=r"cannot make a temporary folder in .*: no such file"),
        scratch.folder(tmp_path / "no"),
    ):
        pass


def test_a_pool_of_one_answers_in_this_process() -> None:
    with Pool(1, lambda number: lambda message: (number, message, os.getpid())) as pool:
        assert sorted(pool.each([1, 2])) == [(1, (0, 1, os.getpid())), (2, (0, 2, os.getpid()))]
        assert pool.all("x") == [(0, "x", os.getpid())]


def test_an_error_of_the_system_is_told_in_plain_words() -> None:
    def handler(message: object) -> object:
        raise OSError(28, "No space left on device")

    with Pool(1, lambda number: handler) as pool, pytest.raises(KgError, match="no space left on device"):
        pool.send(0, "x")


def test_a_process_without_memory_is_told_in_plain_words() -> None:
    def handler(message: object) -> object:
        raise MemoryError

    with (
        Pool(1, lambda number: handler) as pool,
        pytest.raises(LimitError, match="this process ran out of memory"),
    ):
        pool.send(0, "x")

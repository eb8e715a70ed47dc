"""What a build of many records withstands, tried through the command itself: kills, full disks, hostile input."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import pytest

from bulk_cases import DESCRIBED, ONE, jsonl, said_alike
from kg.problems import Exit

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="worker processes are forked on Linux only")

OLD = jsonl([*DESCRIBED, ONE])
NEW = jsonl([*DESCRIBED, *said_alike(60)])
NO_STORE = 1 << 40
LATE = ("ensure", "_fill")
"""Where the export is written, and only the store is not."""
Exported: TypeAlias = dict[bytes, dict[str, bytes]]
COUNT = "SELECT (COUNT(?a) AS ?n) WHERE { ?a a kg:Assertion }"


@dataclass(frozen=True, slots=True)
class Ran:
    """What a command gave; a signal is a negative code."""

    code: int
    out: str
    err: str


class Commands:
    """Commands of kg in one folder, without waiting for an interpreter each."""

    def __init__(self, launcher: subprocess.Popen[str], folder: Path, streams: Path) -> None:
        self._launcher = launcher
        self._streams = streams
        self.folder = folder

    def _ask(self, asked: dict[str, object]) -> int:
        assert self._launcher.stdin is not None
        assert self._launcher.stdout is not None
        self._launcher.stdin.write(json.dumps(asked) + "\n")
        self._launcher.stdin.flush()
        return int(self._launcher.stdout.readline())

    def start(
        self, *arguments: str, data: bytes | Path = b"", when: str = "", how: str = "SIGKILL",
        worth: int = NO_STORE, limit: int | None = None, patience: float = 5, whole: int = 50_000, name: str = "a",
    ) -> int:  # fmt: skip
        paths = [self._streams / f"{name}.{stream}" for stream in ("in", "out", "err")]
        if isinstance(data, Path):
            paths[0] = data
        else:
            paths[0].write_bytes(data)
        return self._ask(
            {
                "folder": str(self.folder), "streams": [str(path) for path in paths], "arguments": arguments,
                "when": when, "how": how, "worth": worth, "limit": limit, "patience": patience,
                "whole": whole,
            }
        )  # fmt: skip

    def wait(self, process: int, name: str = "a") -> Ran:
        code = self._ask({"wait": process})
        out, err = ((self._streams / f"{name}.{stream}").read_text() for stream in ("out", "err"))
        assert "Traceback" not in err
        until(lambda: not members(process))  # of its session: no worker outlives it
        return Ran(code, out, err)

    def build(self, data: bytes = NEW, **how: str | int | None) -> Ran:
        return self.wait(self.start("build", "-", "--jobs", "2", data=data, **how))  # type: ignore[arg-type]

    def query(self) -> int:
        """How many assertions a query sees; and that the export is whole."""
        ran = self.wait(self.start("query", "-f", "csv", COUNT, name="query"), "query")
        assert (ran.code, ran.err) == (0, "")
        whole(self.folder / "exports")
        return int(ran.out.split()[1])

    @property
    def hidden(self) -> list[str]:
        return sorted(path.name for path in self.folder.iterdir() if path.name.startswith("."))


def members(session: int) -> list[str]:
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[3]) == session and fields[0] != "Z":
            found.append(stat.parent.name)
    return found


def until(holds: object) -> None:
    deadline = time.monotonic() + 10
    while not holds():  # type: ignore[operator]
        assert time.monotonic() < deadline
        time.sleep(0.005)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def whole(folder: Path) -> None:
    found = json.loads((folder / "manifest.json").read_bytes())["files"]
    assert {name: entry["sha256"] for name, entry in found.items()} == {
        name: hashlib.sha256(data).hexdigest()
        for name, data in contents(folder).items()
        if name != "manifest.json"
    }


@pytest.fixture(scope="module")
def launcher() -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("build_launcher.py"))],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        yield process
        assert process.stdin is not None
        process.stdin.close()


@pytest.fixture(scope="module")
def exported(launcher: subprocess.Popen[str], tmp_path_factory: pytest.TempPathFactory) -> Exported:
    """What the two inputs give where nothing happens."""
    made = {}
    for data in (OLD, NEW):
        commands = Commands(launcher, tmp_path_factory.mktemp("project"), tmp_path_factory.mktemp("streams"))
        ran = commands.build(data)
        assert (ran.code, ran.err, commands.hidden) == (0, "", [])
        made[data] = contents(commands.folder / "exports")
    return made


@pytest.fixture
def kg(launcher: subprocess.Popen[str], exported: Exported, tmp_path: Path) -> Commands:
    """Commands in a folder with the old export."""
    project, streams = tmp_path / "project", tmp_path / "streams"
    streams.mkdir()
    (project / "exports").mkdir(parents=True)
    for name, data in exported[OLD].items():
        (project / "exports" / name).write_bytes(data)
    return Commands(launcher, project, streams)


PHASES = {
    "read": OLD, "reading 1": OLD, "writing 5": OLD, "validating 1": OLD, "_write_files": OLD, "_swap": OLD,
    "_rescue_foreign": NEW, "ensure": NEW, "_fill": NEW,
}  # fmt: skip
"""Where something happens, and what the export is from then."""


def assertions(files: dict[str, bytes]) -> int:
    return files["kg.nq"].count(b"type> <https://w3id.org/reportedly/ontology#Assertion> ")


@pytest.mark.parametrize("when", PHASES)
def test_killed_in_any_phase_the_export_is_whole_and_the_next_build_is_as_ever(
    kg: Commands, exported: Exported, when: str
) -> None:
    worth = 0 if when == "_fill" else NO_STORE
    killed = kg.build(when=when, worth=worth)
    assert (killed.code, killed.err) == (-signal.SIGKILL, "")
    assert contents(kg.folder / "exports") == exported[PHASES[when]]
    assert kg.query() == assertions(exported[PHASES[when]])
    done = kg.build(worth=worth)
    assert (done.code, done.err) == (0, "")
    assert contents(kg.folder / "exports") == exported[NEW]
    assert kg.hidden == ([".kg-store-exports"] if when == "_fill" else [])
    if when == "_fill":
        left = sorted(path.name[:6] for path in (kg.folder / ".kg-store-exports").iterdir())
        assert left == [".gitig", "union-"]


@pytest.mark.parametrize("when", PHASES)
def test_interrupted_in_any_phase_it_ends_at_once_in_one_line(
    kg: Commands, exported: Exported, when: str
) -> None:
    begun = time.monotonic()
    stopped = kg.build(when=when, how="SIGINT", worth=0 if when == "_fill" else NO_STORE)
    assert time.monotonic() - begun < 10
    notice = "kg: the export is written; only the store for queries is not made\n" if when in LATE else ""
    assert (stopped.code, stopped.out, stopped.err) == (130, "", f"{notice}\nkg: interrupted\n")
    assert contents(kg.folder / "exports") == exported[PHASES[when]]
    assert [name for name in kg.hidden if name != ".kg-store-exports"] == []


@pytest.mark.parametrize("what", ["Range", "Task", "Part", "Put"])
@pytest.mark.parametrize(
    ("how", "code", "said"),
    [
        ("SIGKILL", Exit.CANNOT, "was killed (SIGKILL, perhaps because the machine ran out of memory)"),
        ("SIGSEGV", Exit.CANNOT, "was killed (SIGSEGV)"),
        ("MemoryError", Exit.LIMIT, "ran out of memory; fewer at once need less of it: --jobs 1"),
    ],
)
def test_a_worker_that_dies_is_told_in_one_line(
    kg: Commands, exported: Exported, what: str, how: str, code: Exit, said: str
) -> None:
    died = kg.build(when=f"worker {what}", how=how)
    assert (died.code, died.out) == (code, "")
    assert re.fullmatch(rf"kg: a (worker )?process {re.escape(said)}(; this run gave nothing)?\n", died.err)
    assert contents(kg.folder / "exports") == exported[OLD]
    assert kg.hidden == []


# ---------------------------------------------------------------- several at once


@pytest.mark.parametrize("when", ["writing 5", "_swap", "_rescue_foreign"])
def test_readers_see_a_whole_export_at_any_moment(kg: Commands, exported: Exported, when: str) -> None:
    writing = kg.start("build", "-", "--jobs", "2", data=NEW, when=when, how="wait")
    until((kg.folder / "reached").exists)
    assert kg.query() == assertions(exported[PHASES[when]])
    (kg.folder / "go").touch()
    assert kg.wait(writing).code == 0
    assert kg.query() == assertions(exported[NEW])


def test_two_builds_write_one_after_the_other(kg: Commands, exported: Exported) -> None:
    first = kg.start("build", "-", "--jobs", "2", data=NEW, when="reading 1", how="wait")
    until((kg.folder / "reached").exists)
    second = kg.wait(kg.start("build", "-", "--jobs", "2", data=OLD, name="b"), "b")
    assert (second.code, second.err) == (0, "")
    assert contents(kg.folder / "exports") == exported[OLD]
    (kg.folder / "go").touch()
    assert kg.wait(first).code == 0
    assert contents(kg.folder / "exports") == exported[NEW]
    assert kg.hidden == []


def test_the_second_of_two_that_write_gives_up_after_a_while(kg: Commands, exported: Exported) -> None:
    first = kg.start("build", "-", data=NEW, when="_swap", how="wait")
    until((kg.folder / "reached").exists)
    second = kg.wait(kg.start("build", "-", data=OLD, name="b", patience=0.1), "b")
    assert second.code == Exit.CANNOT
    assert re.fullmatch(
        r"kg: cannot write \S*exports: another process is writing it and holds \S*\.kg-lock-exports; "
        r"try again when it is done\n",
        second.err,
    )
    (kg.folder / "go").touch()
    assert kg.wait(first).code == 0
    assert contents(kg.folder / "exports") == exported[NEW]
    assert kg.hidden == []


# ---------------------------------------------------------------- full disks


@pytest.mark.parametrize("limit", [1_000, 30_000, 200_000])
def test_a_full_disk_is_told_and_leaves_the_old_export(kg: Commands, exported: Exported, limit: int) -> None:
    full = kg.build(limit=limit)
    assert (full.code, full.out) == (Exit.CANNOT, "")
    assert re.fullmatch(r"kg: cannot [^\n]*file too large[^\n]*\n", full.err)
    assert contents(kg.folder / "exports") == exported[OLD]
    assert kg.hidden == []
    assert kg.build().code == 0
    assert contents(kg.folder / "exports") == exported[NEW]


@pytest.mark.parametrize("when", ["worker Task", "worker Part", "worker Put", "_write_files", "_swap"])
def test_a_disk_without_room_is_named(kg: Commands, exported: Exported, when: str) -> None:
    full = kg.build(when=when, how="ENOSPC")
    assert (full.code, full.out) == (Exit.CANNOT, "")
    assert re.fullmatch(
        rf"kg: no room is left on the disk of {re.escape(str(kg.folder))}: [^\n]*; the old files are untouched\n",
        full.err,
    )
    assert contents(kg.folder / "exports") == exported[OLD]
    assert kg.hidden == []


def test_a_store_that_cannot_be_made_is_told_and_fails_nothing(kg: Commands, exported: Exported) -> None:
    (kg.folder / ".kg-store-exports").write_text("in the way")
    ran = kg.build(worth=0)
    assert ran.code == 0
    assert ran.err.startswith(
        "kg: the store for queries: it cannot be made: file exists; until then queries read"
    )
    assert contents(kg.folder / "exports") == exported[NEW]
    assert kg.query() == assertions(exported[NEW])


def test_without_a_store_nobody_looks_for_conflicts_of_very_many_and_that_is_told(kg: Commands) -> None:
    (kg.folder / ".kg-store-exports").write_text("in the way")
    ran = kg.build(worth=0, whole=0)
    assert ran.code == 0
    assert ran.err.startswith(
        "kg: the store for queries: it cannot be made: file exists; conflicts were not looked for"
    )
    assert ran.err.count("\n") == 1
    assert "N-Quads is the only form" in ran.out
    whole(kg.folder / "exports")


# ---------------------------------------------------------------- what comes in


LINES = NEW.splitlines()
SAID = jsonl([ONE]).strip()
MIDDLE = len(LINES) - 20
HERE = MIDDLE + 1
"""The number of the line that is hostile."""


def among(line: bytes) -> bytes:
    return b"\n".join([*LINES[:MIDDLE], line, *LINES[MIDDLE:], b""])


def noted(note: bytes) -> bytes:
    return SAID.removesuffix(b"}") + b', "note": "' + note + b'"}'


HOSTILE = {
    "cut": (NEW[:-30], f"-:{len(LINES)}:", "bad-json: this line is not JSON: the text that begins here does not end"),
    "broken": (among(b'{"subject": "aman", '), f"-:{HERE}:21: ", "bad-json: this line is not JSON: a key in double"),
    "bytes": (among(b"\xff{}"), f"-:{HERE}:1: ", "bad-encoding: byte 1 of the line is not UTF-8"),
    "zero": (among(b"{\0}"), f"-:{HERE}:2: ", "bad-json: this line is not JSON: it holds the control character U+0"),
    "deep": (among(b'{"a": ' + b"[" * 100_000), f"-:{HERE}:1: ", "too-deep: nested deeper than 40"),
    "deep and whole": (
        among(b'{"class": ' + b'{"a":' * 100_000 + b"1" + b"}" * 100_001), f"-:{HERE}:1: ", "too-deep: nested",
    ),
    "number": (among(SAID[:-1] + b', "count": 1e999}'), f"-:{HERE}:1: ", "bad-value: count: '1e999' is not a quantity"),
    "NaN": (among(SAID[:-1] + b', "count": NaN}'), f"-:{HERE}:1: ", "bad-json: NaN is no value of JSON"),
    "twice": (among(b'{"subject": "x", ' + SAID[1:]), f"-:{HERE}:1: ", "repeated-key: the key 'subject' stands twice"),
    "twice in disguise": (
        among(b'{"\\u0073ubject": "x", ' + SAID[1:]), f"-:{HERE}:1: ", "repeated-key: the key 'subject' stands twice",
    ),
    "half a character": (among(noted(b"\\ud800")), f"-:{HERE}:1: ", "bad-json: the escape of U+D800 is half"),
    "long": (among(noted(b"x" * 50_000_000)), f"-:{HERE}:1: ", "too-large: the line has more than 10,000,000 bytes"),
    "long and nothing": (among(b"\xff" * 50_000_000), f"-:{HERE}:1: ", "too-large: the line has more than 10,000,000"),
    "no object": (among(b"42"), f"-:{HERE}:1: ", "wrong-kind: a line is one object: {…}"),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_line_is_named_and_nothing_is_written(kg: Commands, exported: Exported, name: str) -> None:
    data, place, message = HOSTILE[name]
    ran = kg.build(data)
    assert (ran.code, ran.err) == (Exit.FOUND, "kg: 1 problem; nothing was written\n")
    assert ran.out.startswith(place)
    assert message in ran.out
    assert ran.out.count("\n") == 1
    assert contents(kg.folder / "exports") == exported[OLD]
    assert kg.hidden == []


def test_the_lines_behind_a_hostile_one_are_checked(kg: Commands) -> None:
    ran = kg.build(among(b"{") + b'{"predicate": 1}\n' + noted(b"y" * 11_000_000) + b"\n{}")
    assert ran.code == Exit.FOUND
    lines = [int(line.split(":")[1]) for line in ran.out.splitlines()]
    assert sorted(set(lines)) == [HERE, len(LINES) + 2, len(LINES) + 3, len(LINES) + 4]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (NEW.decode().encode("utf-16"), "-:1:1: bad-encoding: this is UTF-16; save the file as UTF-8\n"),
        (NEW.decode().encode("utf-16-le"), "-:1:2: bad-json: this line is not JSON: it holds the control character"),
        (gzip.compress(NEW), "-:1:1: bad-encoding: this is no text but a file packed by gzip; unpack it first\n"),
        (b"[" + b",\n".join(LINES) + b"]", "this line is not JSON; a line is one object, {…}, without a list around"),
        (b"[" + b",".join(LINES) + b"]", "-:1:1: wrong-kind: a line is one object, {…}, without a list around"),
    ],
    ids=["UTF-16", "UTF-16 without a mark", "gzip", "list", "list on a line"],
)  # fmt: skip
def test_a_file_of_another_kind_is_told_in_its_first_line(
    kg: Commands, exported: Exported, data: bytes, message: str
) -> None:
    ran = kg.build(data)
    assert ran.code == Exit.FOUND
    assert message in ran.out[: ran.out.index("\n") + 1]
    assert contents(kg.folder / "exports") == exported[OLD]


@pytest.mark.parametrize(
    "data",
    [b"\xef\xbb\xbf" + NEW, NEW.replace(b"\n", b"\r\n"), b"\n \n" + NEW.strip()],
    ids=["mark", "CRLF", "blank"],
)
def test_marks_line_ends_and_blank_lines_make_no_difference(
    kg: Commands, exported: Exported, data: bytes
) -> None:
    assert kg.build(data).code == 0
    assert contents(kg.folder / "exports") == exported[NEW]


@pytest.mark.parametrize("data", [b"", b"\n\n \t\r\n"], ids=["nothing", "blank lines"])
def test_a_pipe_from_which_nothing_comes_leaves_the_old_export(
    kg: Commands, exported: Exported, data: bytes
) -> None:
    ran = kg.build(data)
    assert (ran.code, ran.out) == (Exit.CANNOT, "")
    assert ran.err == "kg: no record came in on standard input; nothing was written\n"
    assert contents(kg.folder / "exports") == exported[OLD]


def test_what_is_no_file_is_refused_at_once(kg: Commands, exported: Exported) -> None:
    os.mkfifo(kg.folder / "pipe.jsonl")
    (kg.folder / "endless.jsonl").symlink_to("/dev/zero")
    (kg.folder / "lost.jsonl").symlink_to("nowhere")
    for name, reason in {
        "pipe.jsonl": "cannot read the records pipe.jsonl: it is a pipe; what comes through a pipe is read from -",
        "endless.jsonl": "cannot read the records endless.jsonl: it is a device, not a file",
        "lost.jsonl": "cannot read the records lost.jsonl: there is no such file",
        "missing.jsonl": "cannot read the records missing.jsonl: there is no such file",
    }.items():
        ran = kg.wait(kg.start("build", "-", name, data=NEW))
        assert (ran.code, ran.out) == (Exit.CANNOT, "")
        assert ran.err.startswith(f"kg: {reason}")
        assert contents(kg.folder / "exports") == exported[OLD]
        assert kg.hidden == []


@pytest.mark.parametrize("change", [b"", NEW + SAID], ids=["shrinks", "grows"])
def test_a_file_that_changes_while_it_is_read_is_refused(
    kg: Commands, exported: Exported, change: bytes
) -> None:
    seed = kg.folder / "seed.jsonl"
    seed.write_bytes(NEW)
    # With standard input beside it, whatever its size, it is read in a stream.
    reading = kg.start("build", "seed.jsonl", "-", "--jobs", "2", when="reading 1", how="wait")
    until((kg.folder / "reached").exists)
    with seed.open("r+b") as file:
        file.truncate()
        file.write(change)
    (kg.folder / "go").touch()
    ran = kg.wait(reading)
    assert (ran.code, ran.out) == (Exit.CANNOT, "")
    assert re.search(r"seed\.jsonl was changed while it was read; build again\n\Z", ran.err)
    assert contents(kg.folder / "exports") == exported[OLD]
    assert kg.hidden == []


def test_a_place_that_cannot_be_written_is_named_before_anything_is_read(kg: Commands) -> None:
    (kg.folder / "file").touch()
    for place, reason in {
        "file": "cannot write file: it is a file, not a folder",
        "file/exports": "cannot write file/exports: a file stands where its path needs a folder",
        "/proc/no/exports": "cannot write /proc/no/exports: no such file or directory",
    }.items():
        ran = kg.wait(kg.start("build", "-", "-o", place, data=b"no record"))
        assert (ran.code, ran.out, ran.err) == (Exit.CANNOT, "", f"kg: {reason}\n")


@pytest.mark.parametrize("closed", ["<&-", "<&- >&- 2>&-", ">&- 2>&-"])
def test_streams_may_be_closed(kg: Commands, exported: Exported, closed: str, tmp_path: Path) -> None:
    (tmp_path / "new").write_bytes(NEW)
    command = f"exec {shlex.quote(sys.executable)} -m kg.cli build --jobs 2 - < ../new {closed}"
    ran = subprocess.run(["sh", "-c", command], cwd=kg.folder, capture_output=True, text=True)
    told = closed == "<&-"
    assert ran.stderr == ("kg: cannot read the records on standard input: it is closed\n" if told else "")
    assert ran.returncode == (0 if closed == ">&- 2>&-" else Exit.CANNOT)
    assert contents(kg.folder / "exports") == exported[NEW if ran.returncode == 0 else OLD]


def test_records_on_standard_input_are_checked(kg: Commands) -> None:
    fine = kg.wait(kg.start("check", "-", data=NEW))
    assert (fine.code, fine.err) == (0, "1 seed, 60 assertions, no problems\n")
    broken = kg.wait(kg.start("check", "-", data=among(b"{")))
    assert (broken.code, broken.err) == (Exit.FOUND, "1 problem\n")
    assert broken.out.startswith(f"-:{HERE}:2: bad-json: ")

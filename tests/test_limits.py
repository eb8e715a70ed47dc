"""What takes too long or too much is stopped, and says so in plain words."""

from __future__ import annotations

import importlib
import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from kg import limits
from kg.limits import run_limited
from kg.problems import Exit, KgError, LimitError, RefusedError

JOBS = '''
"""Work for a child process: it can import this module by its name."""

import os, signal, sys, time
from kg.problems import Exit, KgError, LimitError, RefusedError

BOMB = "SELECT (COUNT(*) AS ?n) WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?n2 ?o . ?p ?q ?r }"
# Each step doubles a text, until it is longer than any memory: Rust then aborts.
BLOAT = "SELECT (STRLEN(?s40) AS ?n) WHERE { BIND('0123456789' AS ?s0) %s }" % " ".join(
    f"BIND(CONCAT(?s{i}, ?s{i}) AS ?s{i + 1})" for i in range(40)
)

class Picky(KgError):
    """Goes into a pickle and does not come out."""
    exit_code = Exit.FOUND
    def __init__(self, one, two):
        super().__init__(f"{one} and {two}")

def add(one, two): return one + two
def none(): return None
def spin():
    while True: pass
def sleep(seconds): time.sleep(seconds)
def sparql(text, triples=200):
    import pyoxigraph as ox
    store = ox.Store()
    node = ox.NamedNode("https://example.org/x")
    store.extend(ox.Quad(node, node, ox.Literal(str(i))) for i in range(triples))
    return [str(row[0].value) for row in store.query(text)]
def hoard(size): return len(bytearray(size))
def refuse(): raise RefusedError("no network")
def limit(): raise LimitError("enough")
def picky(): raise Picky("this", "that")
def local():
    class Local(KgError): exit_code = Exit.REFUSED
    raise Local("from nowhere")
def code():
    error = KgError("found"); error.exit_code = Exit.FOUND
    raise error
def divide(): return 1 // 0
def value(): raise ValueError("bad month 13")
def leave(): sys.exit(7)
def interrupt(): raise KeyboardInterrupt
def generator(): return (x for x in "abc")
def big(size): return b"x" * size
def die(number): os.kill(os.getpid(), number); time.sleep(5)
def abort(): os.abort()
def vanish(status): os._exit(status)
def talk():
    print("to the terminal"); print("to the terminal", file=sys.stderr)
    os.write(1, b"to the terminal"); os.write(2, b"to the terminal")
    return sys.stdin.read() + str(os.read(0, 1))
def scream():
    print("to the terminal", file=sys.stderr, flush=True)
    os.abort()
def bounds():
    import resource
    return [resource.getrlimit(resource.RLIMIT_CORE)[0], resource.getrlimit(resource.RLIMIT_CPU)[0]]
def descriptors(): return sorted(int(name) for name in os.listdir("/proc/self/fd"))[:-1]
def note_and_sleep(path):
    with open(path, "w") as file: file.write(str(os.getpid()))
    time.sleep(30)
'''

DRIVER = """
    import json, os, resource, sys, time
    import jobs
    from kg import limits

    hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
    resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))  # for the child to lower
    ballast = bytes(200_000_000)  # no part of what the child takes

    def childless():
        try:
            os.waitpid(-1, os.WNOHANG)
            return False
        except ChildProcessError:
            return True

    if sys.argv[1] == "fresh":
        limits._may_fork = lambda: False
    else:
        assert limits._may_fork()
    for line in sys.stdin:
        name, args, bounds = json.loads(line)
        before, start = os.listdir("/proc/self/fd"), time.monotonic()
        try:
            result = limits.run_limited(getattr(jobs, name), *args, **bounds, what="the query")
            told = {"result": len(result) if isinstance(result, bytes) else result}
        except limits.KgError as error:
            told = {"error": [type(error).__name__, int(error.exit_code), str(error)]}
            told["notes"] = "".join(getattr(error, "__notes__", []))
        told["took"] = time.monotonic() - start
        told["clean"] = childless() and os.listdir("/proc/self/fd") == before
        print(json.dumps(told), flush=True)
"""

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="looks at /proc, and forks")
pytestmark = linux_only

Call = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("jobs")
    (folder / "jobs.py").write_text(JOBS)
    return folder


def environment(folder: Path) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join([str(folder), *sys.path])}


@pytest.fixture(scope="module", params=["fork", "fresh"])
def call(request: pytest.FixtureRequest, folder: Path) -> Iterator[Call]:
    """Let a process of its own, for this one has threads, run a job in a limited child."""
    errors = folder / f"errors-{request.param}"
    with (
        errors.open("wb") as stderr,
        subprocess.Popen(
            [sys.executable, "-W", "error", "-c", textwrap.dedent(DRIVER), request.param],
            env=environment(folder),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
        ) as driver,
    ):
        ask, answers = driver.stdin, driver.stdout
        assert ask is not None
        assert answers is not None

        def call(
            name: str, *args: object, seconds: float | None = 20, memory: int | None = None
        ) -> dict[str, Any]:
            print(json.dumps([name, args, {"seconds": seconds, "memory": memory}]), file=ask, flush=True)
            told: dict[str, Any] = json.loads(answers.readline() or "{}")
            assert errors.read_text() == ""
            assert told.pop("clean"), "a child or a descriptor is left"
            return told

        yield call
        ask.close()
        assert driver.wait(10) == 0
    assert errors.read_text() == ""


@pytest.fixture
def jobs(folder: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(folder)
    return importlib.import_module("jobs")


MB = 1_000_000

# ---------------------------------------------------------------- results


@pytest.mark.parametrize(("job", "result"), [(["add", 1, 2], 3), (["add", "a", "b"], "ab"), (["none"], None)])
def test_a_result_comes_back(call: Call, job: list[Any], result: object) -> None:
    assert call(*job)["result"] == result


def test_a_result_comes_back_without_any_limit(call: Call) -> None:
    assert call("add", [1], [2], seconds=None)["result"] == [1, 2]


def test_a_limit_without_end_is_none(call: Call) -> None:
    assert call("add", 1, 2, seconds=float("inf"))["result"] == 3


def test_a_query_comes_back_with_both_limits(call: Call) -> None:
    assert call("sparql", "SELECT (COUNT(*) AS ?n) {?s ?p ?o}", memory=500 * MB)["result"] == ["200"]


def test_a_large_result_does_not_get_stuck(call: Call) -> None:
    assert call("big", 100 * MB)["result"] == 100 * MB


def test_what_the_child_prints_is_lost_and_it_has_nothing_to_read(call: Call) -> None:
    assert call("talk")["result"] == "b''"


def test_the_child_has_its_limits_and_leaves_no_core(call: Call) -> None:
    core, cpu = call("bounds", seconds=3)["result"]
    assert core == 0
    assert cpu == 3 * (os.cpu_count() or 1) + 2


def test_the_child_keeps_nothing_of_the_parent_open(call: Call) -> None:
    assert len(call("descriptors")["result"]) == 4  # the standard ones and its answer


# ---------------------------------------------------------------- time


@pytest.mark.parametrize("job", [["spin"], ["sleep", 30]])
def test_what_never_ends_is_stopped_at_its_limit(call: Call, job: list[Any]) -> None:
    told = call(*job, seconds=0.3)
    assert told["error"] == [
        "LimitError",
        Exit.LIMIT,
        "the query: stopped after 0.3 s; ask for less, or allow more time",
    ]
    assert 0.3 <= told["took"] < 2


def test_a_cartesian_query_is_stopped_inside_the_engine(call: Call, jobs: ModuleType) -> None:
    told = call("sparql", jobs.BOMB, seconds=1)
    assert told["error"][2].startswith("the query: stopped after 1 s;")
    assert 1 <= told["took"] < 2.5


def test_no_time_at_all_is_too_little(call: Call) -> None:
    assert call("sleep", 1, seconds=0)["error"][2].startswith("the query: stopped after 0 s;")


# ---------------------------------------------------------------- memory


def test_a_child_that_takes_too_much_memory_is_stopped(call: Call) -> None:
    assert call("hoard", 2_000 * MB, memory=300 * MB)["error"] == [
        "LimitError",
        Exit.LIMIT,
        "the query: stopped at 300 MB of memory; ask for less, or allow more",
    ]


def test_the_limit_of_memory_counts_what_the_work_takes(call: Call) -> None:
    assert call("hoard", 100 * MB, memory=105 * MB)["result"] == 100 * MB


def test_a_result_too_large_for_the_memory_is_stopped(call: Call) -> None:
    assert call("big", 100 * MB, memory=150 * MB)["error"][0] == "LimitError"


def test_a_query_that_takes_too_much_memory_is_stopped_inside_the_engine(
    call: Call, jobs: ModuleType
) -> None:
    assert call("sparql", jobs.BLOAT, memory=60 * MB)["error"] == [
        "LimitError",
        Exit.LIMIT,
        "the query: stopped at 60 MB of memory; ask for less, or allow more",
    ]


# ---------------------------------------------------------------- faults


@pytest.mark.parametrize(
    ("job", "error"),
    [
        ("refuse", ["RefusedError", Exit.REFUSED, "no network"]),
        ("limit", ["LimitError", Exit.LIMIT, "enough"]),
        ("code", ["KgError", Exit.FOUND, "found"]),
        ("picky", ["KgError", Exit.FOUND, "this and that"]),
        ("local", ["KgError", Exit.REFUSED, "from nowhere"]),
    ],
)
def test_a_known_error_comes_back_as_it_is(call: Call, job: str, error: list[Any]) -> None:
    assert call(job)["error"] == error


@pytest.mark.parametrize(
    ("job", "words"),
    [
        ("value", "bad month 13"),
        ("divide", "ZeroDivisionError: integer division or modulo by zero"),
        ("leave", "SystemExit: 7"),
        ("interrupt", "KeyboardInterrupt"),
        ("generator", "TypeError: cannot pickle 'generator' object"),
    ],
)
def test_an_unforeseen_error_is_told_in_one_line(call: Call, job: str, words: str) -> None:
    told = call(job)
    assert told["error"] == ["KgError", Exit.CANNOT, f"the query: {words}"]
    assert told["notes"].startswith("Traceback")


@pytest.mark.parametrize(
    ("job", "words"),
    [
        (["abort"], "the engine crashed (SIGABRT)"),
        (["scream"], "the engine crashed (SIGABRT)"),
        (["die", signal.SIGSEGV], "the engine crashed (SIGSEGV)"),
        (["vanish", 9], "the child process failed with exit code 9"),
        (["vanish", 0], "the child process ended without an answer"),
    ],
)
def test_a_crash_is_told_in_one_line(call: Call, job: list[Any], words: str) -> None:
    assert call(*job)["error"] == ["KgError", Exit.CANNOT, f"the query: {words}"]


def test_a_crash_under_a_limit_of_memory_speaks_of_it(call: Call) -> None:
    assert call("abort", memory=500_000_000)["error"][:2] == ["LimitError", Exit.LIMIT]
    told = call("die", signal.SIGSEGV, memory=500_000_000)["error"]
    assert told[2] == "the query: the engine crashed (SIGSEGV, perhaps for want of memory)"


def test_a_child_that_the_system_kills_is_a_limit_of_the_machine(call: Call) -> None:
    told = call("die", signal.SIGKILL)["error"]
    assert told[:2] == ["LimitError", Exit.LIMIT]
    assert "probably because the machine ran out of memory" in told[2]
    assert "processor time" in call("die", signal.SIGXCPU)["error"][2]


# ---------------------------------------------------------------- in this process, whatever threads it has


def test_it_works_from_within_any_process(jobs: ModuleType) -> None:
    assert run_limited(jobs.add, 1, 2, seconds=20, memory=None, what="the sum") == 3
    with pytest.raises(RefusedError, match="no network"):
        run_limited(jobs.refuse, seconds=20, memory=None, what="the sum")
    with pytest.raises(LimitError, match=r"the sum: stopped after 0\.3 s"):
        run_limited(jobs.spin, seconds=0.3, memory=None, what="the sum")


def test_a_process_with_threads_does_not_fork(jobs: ModuleType) -> None:
    import threading

    stop = threading.Event()
    thread = threading.Thread(target=stop.wait)
    thread.start()
    try:
        assert not limits._may_fork()
        assert run_limited(jobs.add, 1, 2, seconds=20, memory=None, what="the sum") == 3
    finally:
        stop.set()
        thread.join()


def test_what_cannot_be_sent_is_told(monkeypatch: pytest.MonkeyPatch, jobs: ModuleType) -> None:
    monkeypatch.setattr(limits, "_may_fork", lambda: False)
    with pytest.raises(KgError, match=r"the sum: cannot be handed to a child process: .*pickle"):
        run_limited(jobs.add, (x for x in "ab"), 2, seconds=20, memory=None, what="the sum")
    monkeypatch.setattr(jobs.add, "__module__", "nowhere")
    monkeypatch.setitem(sys.modules, "nowhere", jobs)
    with pytest.raises(KgError, match="the sum: ModuleNotFoundError: No module named 'nowhere'"):
        run_limited(jobs.add, 1, 2, seconds=20, memory=None, what="the sum")


@pytest.mark.parametrize("way", ["fork", "fresh"])
def test_a_machine_that_starts_no_more_processes_is_told(
    monkeypatch: pytest.MonkeyPatch, jobs: ModuleType, way: str
) -> None:
    def fail(*args: object, **options: object) -> Any:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(limits, "_may_fork", lambda: way == "fork")
    monkeypatch.setattr(os, "fork", fail)
    monkeypatch.setattr(subprocess, "Popen", fail)
    before = sorted(Path("/proc/self/fd").iterdir())
    with pytest.raises(KgError, match="the sum: a child process cannot be started: Resource temporarily"):
        run_limited(jobs.add, 1, 2, seconds=20, memory=None, what="the sum")
    assert sorted(Path("/proc/self/fd").iterdir()) == before
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, [])


# ---------------------------------------------------------------- the parent is interrupted or killed

ENDING = """
    import sys, time
    import jobs
    from kg import limits
    if sys.argv[1] == "fresh":
        limits._may_fork = lambda: False
    try:
        limits.run_limited(jobs.note_and_sleep, sys.argv[2], seconds=30, memory=None, what="the query")
    except KeyboardInterrupt:
        import os
        try:
            os.waitpid(-1, os.WNOHANG)
            sys.exit("a child is left")
        except ChildProcessError:
            sys.exit(130)
"""


def gone(child: int, within: float) -> bool:
    end = time.monotonic() + within
    while time.monotonic() < end:
        try:
            state = Path(f"/proc/{child}/stat").read_text().rsplit(")", 1)[1].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            return True
        if state == "Z":  # dead; whoever adopted it has not looked yet
            return True
        time.sleep(0.01)
    return False


@pytest.mark.parametrize("way", ["fork", "fresh"])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_the_child_goes_with_its_parent(folder: Path, tmp_path: Path, way: str, number: int) -> None:
    note = tmp_path / "child"
    with subprocess.Popen(
        [sys.executable, "-W", "error", "-c", textwrap.dedent(ENDING), way, str(note)],
        env=environment(folder),
        stderr=subprocess.PIPE,
        text=True,
    ) as parent:
        while not (note.exists() and note.read_text()):
            assert parent.poll() is None
            time.sleep(0.01)
        child = int(note.read_text())
        assert not gone(child, 0)
        parent.send_signal(number)
        _, told = parent.communicate(timeout=10)
    assert told == ""
    assert parent.returncode == (130 if number == signal.SIGINT else -number)
    assert gone(child, 5)


def test_ctrl_c_reaches_the_whole_group_and_only_the_parent_decides(folder: Path, tmp_path: Path) -> None:
    note = tmp_path / "child"
    with subprocess.Popen(
        [sys.executable, "-W", "error", "-c", textwrap.dedent(ENDING), "fork", str(note)],
        env=environment(folder),
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as parent:
        while not (note.exists() and note.read_text()):
            time.sleep(0.01)
        child = int(note.read_text())
        os.kill(child, signal.SIGINT)  # ignored
        assert not gone(child, 0.1)
        os.killpg(parent.pid, signal.SIGINT)
        _, told = parent.communicate(timeout=10)
    assert (told, parent.returncode) == ("", 130)
    assert gone(child, 5)


# ---------------------------------------------------------------- cost


def test_importing_the_module_brings_in_nothing_heavy(folder: Path) -> None:
    heavy = ["multiprocessing", "subprocess", "pickle", "ctypes", "resource", "select"]
    script = "import sys, kg.limits; print([m for m in sys.argv[1:] if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", script, *heavy], env=environment(folder), capture_output=True, text=True
    )
    assert done.stdout == "[]\n"


def test_a_script_that_guards_nothing_is_not_run_again(folder: Path, tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "import jobs\nfrom kg import limits\nlimits._may_fork = lambda: False\n"
        "print(limits.run_limited(jobs.add, 1, 2, seconds=20, memory=None, what='the sum'))\n"
    )
    done = subprocess.run(
        [sys.executable, str(script)], env=environment(folder), capture_output=True, text=True, timeout=60
    )
    assert (done.stdout, done.stderr) == ("3\n", "")

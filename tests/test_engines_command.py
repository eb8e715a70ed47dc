"""Any program may propose, within limits, and is believed no more than a model."""

import datetime
import json
import os
import re
import shlex
import sys
import time
import tomllib
from pathlib import Path

import pytest

from conftest import ROOT
from kg.engines import command
from kg.engines.answers import Checker
from kg.engines.settings import Settings, settings
from kg.engines.windows import Window
from kg.model import Corpus
from kg.problems import KgError, LimitError
from kg.proposals import Setting

TEXT = "Aman Tolek was taken at Upper Valley last month, a friend said. Police said no."
ITEM = {
    "quote": "Aman Tolek was taken at Upper Valley",
    "subject": {"name": "Aman Tolek", "class": "person"},
    "predicate": "detained-at",
    "object": {"name": "Upper Valley", "class": "place"},
}
linux = pytest.mark.skipif(sys.platform != "linux", reason="limits of memory hold on Linux")


@pytest.fixture
def setting(vocabulary, tmp_path):
    return Setting(tmp_path, vocabulary.ontology, vocabulary.choices, Corpus())


@pytest.fixture
def program(setting, tmp_path):
    """Make an engine of a program in Python."""

    def program(source, *arguments, **limits):
        path = tmp_path / "find it.py"
        path.write_text(source, encoding="utf-8")
        words = [sys.executable, "-S", "-E", str(path), *arguments]
        return command.engine(setting, shlex.join(words), settings=Settings(**limits))

    return program


def propose(engine):
    return list(engine.propose(TEXT, datetime.date(2021, 3, 4), "en"))


def saying(*lines):
    return f"import sys\nsys.stdin.read()\nfor line in {[json.dumps(line) if not isinstance(line, str) else line for line in lines]!r}: print(line)\n"


def test_a_line_becomes_a_proposal_at_its_place_in_the_text(program):
    engine = program(saying({**ITEM, "start": 0, "end": 36, "rule": "mine"}, ""))
    [found] = propose(engine)
    assert (found.start, found.end, found.rule, found.score) == (0, 36, "mine", 1.0)
    assert engine.notes() == [f"{engine.name}: 1 proposal"]
    assert engine.sends_to == ""


def test_the_program_is_told_the_text_its_day_and_the_vocabulary(program, tmp_path, setting):
    seen = tmp_path / "seen.json"
    assert propose(program(f"import sys\nopen({str(seen)!r}, 'w').write(sys.stdin.read())")) == []
    [line] = seen.read_text(encoding="utf-8").splitlines()
    job = json.loads(line)
    assert (job["form"], job["text"], job["published"], job["language"]) == (
        "kg-extract-1",
        TEXT,
        "2021-03-04",
        "en",
    )
    assert [each["key"] for each in job["ontology"]["predicates"]] == sorted(setting.ontology.predicates)
    held = next(each for each in job["ontology"]["predicates"] if each["key"] == "held-at")
    assert (held["domain"], held["range"], held["takes"]) == ("person-or-group", "place", "entity")
    assert job["ontology"]["choices"]["certainty"] == ["stated", "alleged"]
    assert job["schema"]["required"][0] == "quote"


def test_lines_are_checked_as_the_answers_of_a_model_are(program):
    bad = [
        "no json",
        "[]",
        "\x00",
        {**ITEM, "quote": "Aman Tolek was shot"},
        {**ITEM, "start": 3},
        {**ITEM, "predicate": "abducted-by"},
        {**ITEM, "subject": {"name": "Serik", "class": "person"}},
        {**ITEM, "qualifiers": {"date": "soon"}},
        {**ITEM, "reviewer": "AB"},
    ]
    engine = program(saying(*bad, ITEM))
    assert len(propose(engine)) == 1
    assert dict(engine.checker.rejected) == {
        "not JSON": 2, "outside the schema": 2, "invented quote": 1, "wrong offsets": 1, "unknown predicate": 1,
        "invented name": 1, "bad date": 1,
    }  # fmt: skip
    assert engine.notes()[-1].startswith(
        f"{engine.name}: 1 proposal; rejected 9: not JSON 2, outside the schema 2, "
    )


def test_bytes_that_are_no_text_are_counted(program):
    engine = program("import sys\nsys.stdout.buffer.write(b'{\\xff}\\n\\x80\\n')")
    assert propose(engine) == []
    assert dict(engine.checker.rejected) == {"not JSON": 2}


def test_too_many_lines_are_thrown_away(program, monkeypatch):
    monkeypatch.setattr(command, "MOST_LINES", 3)
    engine = program(saying(*[ITEM] * 5))
    assert len(propose(engine)) == 1
    assert dict(engine.checker.rejected) == {"too many": 2}


def test_there_is_no_shell(setting, tmp_path):
    made = tmp_path / "made"
    script = tmp_path / "say.py"
    script.write_text("import sys\nprint(sys.argv[1:], file=sys.stderr)")
    engine = command.engine(setting, f"{sys.executable} {script} $HOME '; touch' {made} `id` > {made} *")
    propose(engine)
    assert f"['$HOME', '; touch', '{made}', '`id`', '>', '{made}', '*']"[:200] in engine.notes()[0]
    assert not made.exists()


def test_what_it_says_on_standard_error_is_shown_harmless_and_short(program):
    engine = program(
        "import sys\nfor n in range(100): print(f'{n} \\x1b[2J\\u202e' + 'x' * 1000, file=sys.stderr)"
    )
    propose(engine)
    *said, last = engine.notes()
    assert len(said) == 10
    assert said[0].startswith(f"{engine.name} says: 0 \\x1b[2J\\u202exxx")
    assert all(line.isprintable() and len(line) < 400 for line in said)
    assert last == f"{engine.name}: 0 proposals"


def test_an_exit_code_is_respected_and_told_with_its_last_words(program):
    engine = program(saying(ITEM) + "print('no\\x07 model', file=sys.stderr)\nsys.exit(3)")
    with pytest.raises(KgError, match=r"failed with exit code 3: no\\x07 model"):
        propose(engine)


def test_a_signal_is_told_by_name(program):
    with pytest.raises(KgError, match="failed with SIGTERM"):
        propose(program("import os, signal\nos.kill(os.getpid(), signal.SIGTERM)"))


@pytest.mark.parametrize(
    ("argument", "said"),
    [
        ("", "no command is named"),
        ("  ", "no command is named"),
        ("no-such-program-here -x", "there is no program 'no-such-program-here'"),
        ("/dev/null", "there is no program '/dev/null' that may be run"),
        ("'unclosed", 'cannot read the command "\'unclosed": no closing quotation'),
        ("a\x00b", "there is no program"),
    ],
)
def test_what_cannot_be_run_is_told(setting, argument, said):
    with pytest.raises(KgError) as caught:
        command.engine(setting, argument)
    assert str(caught.value).startswith(said)


def test_what_is_no_program_is_told_when_it_runs(setting, tmp_path):
    path = tmp_path / "tool"
    path.write_bytes(b"\x7fELF nonsense")
    path.chmod(0o755)
    with pytest.raises(
        KgError, match="command:tool failed with exit code 126: cannot be started: Exec format error"
    ):
        propose(command.engine(setting, str(path)))


SLOW = {
    "asleep": "import time\ntime.sleep(30)",
    "busy": "while True: pass",
    "asleep, its output closed": "import os, time\nos.close(1)\nos.close(2)\ntime.sleep(30)",
    "its child asleep": "import subprocess, sys\nsubprocess.Popen([sys.executable, '-c', 'import time; time.sleep(30)'])",
}


@pytest.mark.parametrize("source", SLOW.values(), ids=SLOW)
def test_a_slow_program_ends_at_its_limit(program, source):
    start = time.monotonic()
    with pytest.raises(LimitError, match=r"stopped after 0\.3 s"):
        propose(program(source, timeout=0.3))
    assert time.monotonic() - start < 10


def test_what_it_started_ends_with_it(program, tmp_path):
    told = tmp_path / "child"
    source = (
        "import subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(30)'])\n"
        f"open({str(told)!r}, 'w').write(str(child.pid))\ntime.sleep(30)"
    )
    for seconds in (0.5, 2.0, 8.0):  # a busy machine starts programs slowly
        with pytest.raises(LimitError):
            propose(program(source, timeout=seconds))
        if told.exists():
            break
    for _ in range(100):
        if not _lives(int(told.read_text())):
            return
        time.sleep(0.02)
    pytest.fail("the child of the program lives on")


def _lives(number):
    try:
        return (
            Path(f"/proc/{number}/stat").read_text().split(") ")[1][0] != "Z"
            if sys.platform == "linux"
            else os.kill(number, 0) is None
        )
    except OSError:
        return False


def test_output_without_end_is_cut(program, monkeypatch):
    monkeypatch.setattr(command, "OUTPUT_LIMIT", 100_000)
    with pytest.raises(LimitError, match="stopped at 100,000 bytes of output"):
        propose(program("while True: print('x' * 1000)"))


def test_errors_without_end_do_not_stop_it_and_are_not_kept(program):
    engine = program(saying(ITEM) + "print('x' * 3_000_000, file=sys.stderr)")
    assert len(propose(engine)) == 1
    assert len(engine.notes()[0]) < 400


@linux
def test_memory_is_limited(program):
    with pytest.raises(KgError, match="MemoryError"):
        propose(program("x = bytearray(10**9)", memory=100))


def test_a_program_need_not_read_what_it_is_told(setting, program):
    engine = program(f"print({json.dumps(ITEM)!r})")
    assert len(list(engine.propose(TEXT + " x" * 1_000_000, None, ""))) == 1


def test_name_and_version_tell_which_program_it_is_and_nothing_of_where(program, setting, tmp_path):
    engine = program("1", "-v")
    assert engine.name == "command:find it.py"
    assert str(tmp_path) not in engine.name + engine.version
    assert program("1", "-v").version == engine.version
    assert len({engine.version, program("2", "-v").version, program("1").version}) == 3
    assert command.engine(setting, f"{sys.executable} -c 1").name.startswith("command:python")


def test_the_same_twice_in_one_answer_is_one(program):
    assert len(propose(program(saying(ITEM, {**ITEM, "score": 0.2}, ITEM)))) == 1


def test_the_examples_of_the_documentation_hold(setting):
    text = (ROOT / "docs" / "extraction.md").read_text(encoding="utf-8")
    [line] = re.findall(r"```json\n(.*?)```", text, re.DOTALL)
    checker = Checker(setting)
    assert checker.check(json.loads(line), TEXT, Window(0, len(TEXT))) is not None, checker.details
    named, defaults = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    assert settings(tomllib.loads(named)["extract"], "").model == "qwen2.5-7b-instruct"
    assert settings(tomllib.loads(defaults)["extract"], "") == Settings()

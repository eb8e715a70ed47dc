"""From a text of one's own to the graph: `kg extract` and `kg review` as people and scripts type them."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

import kg as package
from conftest import HEAD
from kg import decision_logs, rules_engine
from kg.build import Vocabulary
from kg.cli import cli
from kg.commands import extract as extract_commands
from kg.model import Corpus
from kg.problems import KgError
from kg.project import find
from kg.proposals import Absent, Mention, Proposal, Setting, Teller, fault

TEXT = """\
# title: Herder taken
# published: 2021-03-04

Aman Tolek, a herder, was taken in the Upper Valley last month, “by the police”, a friend said.
The friend said so twice; the police would say nothing.
"""
AMAN = Mention("Aman Tolek", "person")
FRIEND = Mention("a friend of Aman Tolek", "person", unnamed=True)
TAKEN = "was taken in the Upper Valley last month"

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="a pseudo-terminal, and a kill with a signal")


class Stub:
    """An engine that finds four things in `TEXT`, and what of them stands in any other text."""

    name = "stub"
    version = "1"
    sends_to = ""

    def propose(self, text: str, published: object, language: str) -> Iterator[Proposal]:
        told = (Teller(FRIEND, relation="friend"),)
        date = (("date", "2021-02"), ("inferred", "true")) if published else ()
        for words, predicate, object_, qualifiers, tellers, score in (
            ("Aman Tolek, a herder", "occupation", "herder", (), (), 0.9),
            (TAKEN, "detained-at", Mention("Upper Valley", "place"), date, told, 0.8),
            (TAKEN, "detained-by", Mention("the police", "organization", unnamed=True), date, told, 0.7),
            ("the police would say nothing", "accused-of", Absent.REFUSED, (), (), 0.4),
        ):
            start = text.find(words)
            if start >= 0:
                span = (start, start + len(words))
                yield Proposal(AMAN, predicate, object_, *span, qualifiers, tellers, rule="test", score=score)  # type: ignore[arg-type]
        if "mistake" in text:
            yield Proposal(AMAN, "detaind-at", Absent.UNKNOWN, 0, 3, rule="wrong")

    def notes(self) -> Sequence[str]:
        return ("it cost nothing",)


@dataclass(frozen=True, slots=True)
class Said:
    """What a command gave."""

    code: int
    out: str
    err: str


def kg(*arguments: str | Path, stdin: str | bytes = "") -> Said:
    result = CliRunner().invoke(cli, list(map(str, arguments)), input=stdin)
    code, err = result.exit_code, result.stderr
    if isinstance(result.exception, KgError):
        code, err = int(result.exception.exit_code), f"{err}kg: {result.exception}\n"
    elif isinstance(result.exception, click.UsageError):
        code = 2
    elif not isinstance(result.exception, SystemExit | None):
        raise result.exception
    return Said(code, result.stdout_bytes.decode(), err)


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in an empty folder with a report in it, and with an engine that needs no rules."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KG_REVIEWER", "ab")
    monkeypatch.setattr(extract_commands, "_engine", lambda *_: Stub())
    (tmp_path / "herder-taken.txt").write_text(TEXT, encoding="utf-8")
    return tmp_path


DESCRIBED = ("--publisher", "Valley Post")


def ids() -> list[str]:
    return [row["id"] for row in json.loads(kg("review", "--list", "-f", "json").out)]


# ---------------------------------------------------------------- extract


def test_proposals_are_filed_where_git_does_not_look(place: Path) -> None:
    said = kg("extract", "herder-taken.txt")
    assert (said.code, said.out) == (0, "herder-taken: 4 proposals, 4 new, 4 to review\n")
    assert said.err == "kg: it cost nothing\n"
    assert sorted(path.name for path in (place / "proposals").iterdir()) == [
        ".gitignore", "herder-taken.jsonl", "herder-taken.txt",
    ]  # fmt: skip
    head, first, *_ = map(
        json.loads, (place / "proposals/herder-taken.jsonl").read_text("utf-8").splitlines()
    )
    assert (head["title"], head["published"], head["text"]["length"]) == (
        "Herder taken",
        "2021-03-04",
        len(TEXT),
    )
    assert TEXT[first["start"] : first["end"]] == first["quote"] == "Aman Tolek, a herder"


def test_a_second_extraction_asks_only_what_is_new(place: Path) -> None:
    kg("extract", "herder-taken.txt")
    kg("review", "--accept", ids()[0], *DESCRIBED)
    assert (
        kg("extract", "herder-taken.txt").out
        == "herder-taken: 4 proposals, 0 new, 1 decided before, 3 to review\n"
    )


def test_proposals_can_be_printed_instead(place: Path) -> None:
    said = kg("extract", "herder-taken.txt", "-o", "-")
    assert len(said.out.splitlines()) == 5
    assert not (place / "proposals").exists()
    kg("extract", "herder-taken.txt", "-o", "out.jsonl")
    assert (place / "out.jsonl").read_text(encoding="utf-8") == said.out


def test_facts_are_flat_rows(place: Path) -> None:
    rows = [json.loads(line) for line in kg("extract", "herder-taken.txt", "-f", "facts").out.splitlines()]
    assert [(row["predicate"], row["object"]) for row in rows] == [
        ("occupation", "herder"), ("detained-on", "2021-02"), ("detained-at", "Upper Valley"),
        ("detained-by", "[the police]"), ("charged-with", "[refused]"),
    ]  # fmt: skip
    assert {row["doc"] for row in rows} == {"herder-taken"}


def test_the_day_of_publication_is_told_where_nobody_knows_it(place: Path) -> None:
    (place / "a.txt").write_text(TEXT.replace("# published", "# seen"), encoding="utf-8")
    assert "no day of publication is known" in kg("extract", "a.txt").err
    assert "no day of publication" not in kg("extract", "a.txt", "--published", "2021-03-04").err
    said = kg("extract", "a.txt", "--published", "4 March 2021")
    assert (said.code, "'4 March 2021' is not a date" in said.err) == (2, True)


def test_what_the_project_knows_of_a_report_is_taken(place: Path) -> None:
    import hashlib

    digest = hashlib.sha256(TEXT.encode()).hexdigest()
    head = HEAD.replace("valley-post-1", "herder-taken").replace("2021-03-04", "2021-03-05")
    seed = (
        head[: head.index("  text:")]
        + f"  text: {{length: {len(TEXT)}, digest: {digest}}}\n"
        + head[head.index("organization:") :]
    )
    (place / "seeds").mkdir()
    (place / "seeds/a.yaml").write_text(seed, encoding="utf-8")
    kg("extract", "herder-taken.txt")
    head_line = json.loads((place / "proposals/herder-taken.jsonl").read_text("utf-8").splitlines()[0])
    assert head_line["published"] == "2021-03-05"
    (place / "herder-taken.txt").write_text(TEXT + "More.\n", encoding="utf-8")
    said = kg("extract", "herder-taken.txt")
    assert said.code == 2
    assert "were measured in another text, of 199 characters" in said.err


def test_a_key_that_is_nearly_one_of_the_project_is_told(place: Path) -> None:
    (place / "seeds").mkdir()
    (place / "seeds/a.yaml").write_text(HEAD, encoding="utf-8")
    said = kg("extract", "herder-taken.txt", "--report", "valley-post-2")
    assert said.code == 0
    assert "did you mean 'valley-post-1'?" in said.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["-"], "standard input has no name; give --report KEY"),
        (["herder-taken.txt", "herder-taken.txt"], "would both be report 'herder-taken'"),
        (["herder-taken.txt", "other.txt", "--report", "a"], "--report names one report"),
        (
            ["herder-taken.txt", "--report", "x/y"],
            "'x/y' cannot be a key; use letters and digits joined by hyphens, such as 'x-y'",
        ),
        (["....txt"], "no key can be made of the name"),
        ([], "Missing argument"),
        (["herder-taken.txt", "--language", "in English"], "--language: "),
        (["herder-taken.txt", "--published", "2021-02-30"], "--published: bad day 30"),
    ],
)
def test_a_wrong_use_is_told(arguments: list[str], message: str) -> None:
    said = kg("extract", *arguments)
    assert said.code == 2
    assert message in " ".join(said.err.split())


def test_one_file_that_cannot_be_read_does_not_stop_the_others(place: Path) -> None:
    (place / "bad.txt").write_bytes(b"caf\xe9")
    (place / "empty.txt").touch()
    said = kg("extract", "bad.txt", "herder-taken.txt", "empty.txt", "missing.txt")
    assert said.code == 2
    assert said.out == "herder-taken: 4 proposals, 4 new, 4 to review\n"
    lines = said.err.splitlines()
    assert lines[0].startswith("kg: bad.txt: the text is not UTF-8: byte 0xe9")
    assert lines[1].startswith("kg: empty.txt: the file is empty")
    assert "there is no such file" in lines[2]


def test_what_an_engine_gets_wrong_is_counted(place: Path) -> None:
    (place / "a.txt").write_text(TEXT + "mistake\n", encoding="utf-8")
    said = kg("extract", "a.txt")
    assert "kg: a.txt: 1 proposal cannot be used: wrong: no predicate is called 'detaind-at'" in said.err
    assert said.out.startswith("a: 4 proposals")


def test_standard_input_and_pages_are_read_too(place: Path) -> None:
    said = kg("extract", "-", "--report", "x", stdin=TEXT)
    assert said.out.startswith("x: 4 proposals")
    (place / "page.html").write_text(
        f"<html lang=en><title>Herder</title><p>{TEXT.split('04')[1]}", encoding="utf-8"
    )
    assert kg("extract", "page.html").out.startswith("page: 4 proposals")


def test_an_unknown_engine_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    said = kg("extract", __file__, "--engine", "magic", "-f", "facts")
    assert (
        said.code,
        "no engine is called 'magic'; there are rules, llm, command" in " ".join(said.err.split()),
    ) == (2, True)


def test_the_rules_are_an_engine(vocabulary: Vocabulary, tmp_path: Path) -> None:
    setting = Setting(tmp_path, vocabulary.ontology, vocabulary.choices, Corpus())
    engine = rules_engine.engine(setting, "")
    text = "Police arrested Ali Tolek on 5 May 2019, his brother said.\n"
    found = list(engine.propose(text, None, "en-GB"))
    assert [each.subject.words for each in found if each.predicate.startswith("detained")] != []
    assert [fault(each, text, setting) for each in found] == [None] * len(found)
    assert (engine.name, len(engine.version), engine.sends_to, tuple(engine.notes())) == ("rules", 8, "", ())
    with pytest.raises(KgError, match="no rules for the language"):
        list(engine.propose(text, None, "xx"))


# ---------------------------------------------------------------- review, for scripts


def test_a_new_user_comes_from_a_text_to_an_answer(place: Path) -> None:
    assert kg("extract", "herder-taken.txt").code == 0
    assert kg("review", "--accept-all", "--min-score", "0.5", *DESCRIBED).out == (
        "3 accepted, 0 left for kg review, which asks who is meant\n"
    )
    built = kg("build")
    assert (built.code, "1 report" in built.out + built.err) == (0, True)
    shown = kg("show", "Aman Tolek").out
    assert "Detained at: Upper Valley" in shown
    assert "proposed by stub 1, accepted by ab" in " ".join(shown.split())
    verified = kg("verify", "herder-taken", "--text", "proposals/herder-taken.txt")
    assert (verified.code, verified.out) == (0, "3 of 3 spans exact\n")


def test_all_proposals_are_listed_with_how_they_stand() -> None:
    kg("extract", "herder-taken.txt")
    kg("review", "--accept", ids()[0], *DESCRIBED)
    kg("review", "--reject", ids()[3], "--reason", "the text does not say so")
    said = kg("review", "--list")
    rows = [line.split("  ") for line in said.out.splitlines()]
    assert [row[1].strip() for row in rows] == ["accepted", "open", "open", "rejected"]
    assert rows[1][-1] == "Aman Tolek detained at Upper Valley (stated; date 2021-02; inferred)"
    assert said.err == "kg: 4 proposals\n"
    as_json = json.loads(kg("review", "--list", "-f", "json").out)
    assert as_json[0]["decisions"] == {"ab": "accept"}
    assert as_json[1]["proposal"]["predicate"] == "detained-at"


def test_an_undo_takes_a_seed_out_again(place: Path) -> None:
    kg("extract", "herder-taken.txt")
    kg("review", "--accept", ids()[0], *DESCRIBED)
    assert (place / "seeds/extracted/herder-taken.jsonl").is_file()
    said = kg("review", "--undo")
    assert said.out.startswith("taken back: accept ")
    assert "seeds/extracted/herder-taken.jsonl (removed)" in said.err
    assert not (place / "seeds/extracted/herder-taken.jsonl").exists()
    assert (kg("review", "--undo").code, kg("review", "--undo").err) == (1, "kg: there is nothing to undo\n")


def test_what_is_not_said_in_full_is_refused() -> None:
    kg("extract", "herder-taken.txt")
    first = ids()[0]
    for arguments, code, message in (
        (["--accept", first], 1, "does not know the report 'herder-taken'; give --publisher"),
        (["--accept", first, "--who", "Nobody=new", *DESCRIBED], 2, "write NAME=KEY with one of the names 'Aman Tolek'"),
        (["--accept", first, "--who", "Aman Tolek=nobody", *DESCRIBED], 2, "nobody has the key 'nobody'"),
        (["--accept", "ffff0000", *DESCRIBED], 2, "no proposal on file is called 'ffff0000'"),
        (["--accept", "ab", *DESCRIBED], 2, "too short to name a proposal"),
        (["--reject", first], 2, "--reject needs a --reason"),
        (["--accept", first, "--list"], 2, "give one of --list, --accept"),
        (["--accept", first, "--reviewer", "../x"], 2, "cannot be a reviewer's name"),
        ([], 2, "needs a terminal; scripts use --list"),
    ):  # fmt: skip
        said = kg("review", *arguments)
        assert (said.code, message in " ".join(said.err.split())) == (code, True), said.err
    assert kg("review", "--list").out.count(" open ") == 4


def test_a_reviewer_has_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KG_REVIEWER")
    said = kg("review", "--undo")
    assert (said.code, "give --reviewer NAME, or set KG_REVIEWER" in " ".join(said.err.split())) == (2, True)


def test_a_name_that_is_known_is_left_for_a_person_to_decide(place: Path) -> None:
    (place / "seeds").mkdir()
    (place / "seeds/people.yaml").write_text("person: {aman-tolek: Aman Tolek}\n", encoding="utf-8")
    kg("extract", "herder-taken.txt")
    said = kg("review", "--accept-all", *DESCRIBED)
    assert said.out == "0 accepted, 4 left for kg review, which asks who is meant\n"
    assert said.err.count("several may be meant by 'Aman Tolek'") == 4
    assert kg("review", "--accept", ids()[0], "--who", "Aman Tolek=aman-tolek", *DESCRIBED).code == 0
    assert kg("review", "--accept-all").out.startswith("3 accepted, 0 left"), "decided once for this report"
    lines = [
        json.loads(line)
        for line in (place / "seeds/extracted/herder-taken.jsonl").read_text("utf-8").splitlines()
    ]
    assert not any(line.get("key") == "aman-tolek" for line in lines)


def test_broken_seeds_are_mended_first(place: Path) -> None:
    (place / "seeds").mkdir()
    (place / "seeds/people.yaml").write_text("persons: {}\n", encoding="utf-8")
    kg("extract", "herder-taken.txt")
    said = kg("review", "--accept-all", *DESCRIBED)
    assert said.code == 1
    assert "seeds/people.yaml:1:1: unknown-key" in said.out
    assert "mend the seeds first" in said.err


def test_a_seed_may_speak_of_whom_only_an_acceptance_describes(place: Path) -> None:
    kg("extract", "herder-taken.txt")
    kg("review", "--accept", ids()[0], *DESCRIBED)
    seed = HEAD.replace("  aman-tolek: Aman Tolek\n", "").replace("  valley-post: Valley Post\n", "")
    (place / "seeds/a.yaml").write_text(
        f"{seed}assertions: [{{about: aman-tolek, evidence: {{record: 'https://valley.example/1'}}, age: 36}}]\n",
        encoding="utf-8",
    )
    assert kg("check").code == 0
    assert kg("review", "--accept-all", "--min-score", "0.5").code == 0


def test_a_curated_description_takes_the_place_of_an_extracted_one(place: Path) -> None:
    kg("extract", "herder-taken.txt")
    kg("review", "--accept-all", *DESCRIBED)
    (place / "seeds/people.yaml").write_text(
        "person: {aman-tolek: {label: Aman Tolek, also: [A. T.]}}\n", encoding="utf-8"
    )
    assert "repeated-entity" in kg("check").out
    kg("review", "--accept-all")
    assert kg("check").code == 0


def test_two_logs_merge_and_their_agreement_is_told(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kg("extract", "herder-taken.txt")
    four = ids()
    kg("review", "--accept", four[0], "--accept", four[1], "--reviewer", "cd", *DESCRIBED)
    kg("review", "--reject", four[2], "--reject", four[3], "--reason", "no", "--reviewer", "cd")
    other = place / "cd.jsonl"
    (place / "reviews/cd.jsonl").rename(other)
    kg("review", "--accept", four[0], "--accept", four[2], *DESCRIBED)
    kg("review", "--reject", four[3], "--reason", "no")
    assert "no two reviewers" in kg("review", "--agreement").err
    said = kg("review", "--merge", other)
    assert said.out == "5 decisions new, 0 known already\n"
    assert "as reviewers do not agree: 1 proposal: " in said.err
    assert kg("review", "--merge", other).out == "0 decisions new, 5 known already\n"
    assert kg("review", "--agreement").out == (
        "ab and cd: 3 decided by both, 2 alike (67 %), Cohen's kappa 0.40; of 1 that both accepted, 1 in the same form\n"
    )
    (found,) = json.loads(kg("review", "--agreement", "-f", "json").out)
    assert (found["both"], found["alike"]) == (3, 2)
    seeds = (place / "seeds/extracted/herder-taken.jsonl").read_text(encoding="utf-8")
    assert seeds.count('"reviewer": "ab, cd"') == 1
    assert seeds.count('"reviewer": "cd"') == 1
    assert '"detained-by"' not in seeds, "disputed"


def test_one_key_of_two_reviewers_for_two_reports_is_told(place: Path) -> None:
    kg("extract", "herder-taken.txt")
    (place / "other.txt").write_text(TEXT, encoding="utf-8")
    kg("review", "--accept", ids()[0], *DESCRIBED)
    (place / "reviews/ab.jsonl").rename(place / "ab.jsonl")
    (place / "seeds/extracted/herder-taken.jsonl").unlink()
    kg("extract", "other.txt")
    (second,) = (
        row["id"]
        for row in json.loads(kg("review", "--list", "-f", "json").out)
        if row["report"] == "other" and row["proposal"]["predicate"] == "occupation"
    )
    kg("review", "--accept", second, "--reviewer", "cd", *DESCRIBED)
    said = kg("review", "--merge", "ab.jsonl")
    assert (
        "'aman-tolek' was given by ab for herder-taken, cd for other; if they are not the same"
        in " ".join(said.err.split())
    )


def test_a_changed_text_is_checked_again_loudly(place: Path) -> None:
    kg("extract", "herder-taken.txt")
    kg("review", "--accept-all", *DESCRIBED)
    changed = "# publisher: Valley Post\n" + TEXT.replace("a herder", "a farmer")
    (place / "herder-taken.txt").write_text(changed, encoding="utf-8")
    said = kg("extract", "herder-taken.txt")
    assert "the text has changed; kg review looks for what was accepted" in said.err
    said = kg("review", "--accept-all")
    assert "of 4 accepted assertions, 0 stand where they stood" in said.err
    assert said.err.count(": moved: stands at ") == 3
    assert said.err.count(": not found: ") == 1
    assert "does not say so: 1 accepted assertion; kg review asks" in said.err
    verified = kg("verify", "herder-taken", "--text", "proposals/herder-taken.txt")
    assert verified.out == "3 of 3 spans exact\n"
    assert ": moved:" not in kg("review", "--accept-all").err, "told once"


def test_restricted_reports_keep_to_restricted_folders(place: Path) -> None:
    kg("extract", "herder-taken.txt", "--restricted")
    kg("extract", "herder-taken.txt")
    kg("review", "--accept-all", *DESCRIBED)
    assert (place / "seeds/restricted/extracted/herder-taken.jsonl").is_file()
    assert not (place / "seeds/extracted").exists()
    assert "Aman" in (place / "reviews/restricted/ab.jsonl").read_text(encoding="utf-8")
    assert (place / "reviews/ab.jsonl").read_bytes() == b""
    kg("build")
    assert "Aman" not in (place / "exports/kg.nq").read_text(encoding="utf-8")


def test_a_log_that_was_cut_off_is_mended(place: Path) -> None:
    kg("extract", "herder-taken.txt")
    first, second, *_ = ids()
    kg("review", "--accept", first, *DESCRIBED)
    log = place / "reviews/ab.jsonl"
    log.write_bytes(log.read_bytes() + b'{"decision":"acc')
    assert "the last line was never finished, and is not read" in kg("review", "--list").err
    said = kg("review", "--accept", second)
    assert "never finished, and is dropped: decide that one again" in said.err
    assert [d.proposal for d in decision_logs.read_log(log).decisions] == ["", first, second]


def test_a_damaged_file_is_told_in_one_line(place: Path) -> None:
    kg("extract", "herder-taken.txt")
    (place / "proposals/herder-taken.jsonl").write_bytes(b"\x00\n")
    for command in (("review", "--list"), ("extract", "herder-taken.txt")):
        said = kg(*command)
        assert (said.code, said.err.count("\n") <= 2) == (2, True)
        assert "this line is not JSON; run kg extract again" in said.err


# ---------------------------------------------------------------- review, at a terminal


class Terminal:
    """A `kg review` in a pseudo-terminal of 80 columns."""

    def __init__(self, *arguments: str, **environment: str) -> None:
        import pty

        program = "from kg import cli; cli.main()"
        settings = {"PYTHONPATH": str(Path(package.__file__).parents[1]), "TERM": "xterm", "COLUMNS": "80"}
        self.shown = b""
        self.pid, self.end = pty.fork()
        if self.pid == 0:
            os.environ.update(settings | environment)
            os.execv(sys.executable, [sys.executable, "-c", program, "review", *arguments])  # noqa: S606

    def until(self, words: bytes, seconds: float = 20) -> str:
        """Give what is shown up to `words`, which were not there before."""
        before, ends = len(self.shown), time.monotonic() + seconds
        while words not in self.shown[before:] and time.monotonic() < ends:
            if not select.select([self.end], [], [], 0.5)[0]:
                continue
            try:
                self.shown += os.read(self.end, 65536)
            except OSError:
                break
        return self.shown[before:].decode().replace("\r\n", "\n")

    def type(self, line: str) -> str:
        os.write(self.end, line.encode() + b"\n")
        return self.until(b"> ")

    def wait(self) -> int:
        ends = time.monotonic() + 20
        with contextlib.suppress(OSError):
            while time.monotonic() < ends:
                if select.select([self.end], [], [], 0.5)[0] and not os.read(self.end, 65536):
                    break
            else:
                os.kill(self.pid, signal.SIGKILL)
        os.close(self.end)
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


@linux_only
def test_a_review_survives_a_kill_and_goes_on(place: Path) -> None:
    kg("extract", "herder-taken.txt")
    terminal = Terminal(NO_COLOR="1")
    first = terminal.until(b"> ")
    assert "4 proposals to review as ab; ? explains the keys" in first
    assert "  [[Aman Tolek, a herder]], was taken" in first
    assert "\x1b" not in first
    terminal.type("a")
    terminal.type("")
    terminal.type("Valley Post")
    assert "2 of 4" in terminal.type("")
    assert "3 of 4" in terminal.type("a")
    os.kill(terminal.pid, signal.SIGKILL)
    assert terminal.wait() == -signal.SIGKILL
    assert len(decision_logs.read_log(place / "reviews/ab.jsonl").decisions) == 3
    assert not (place / "seeds/extracted").exists(), "killed before it was written"
    terminal = Terminal(NO_COLOR="1")
    assert "2 proposals to review as ab" in terminal.until(b"> ")
    assert (place / "seeds/extracted/herder-taken.jsonl").read_text(encoding="utf-8").count(
        '"predicate"'
    ) == 2
    assert "taken back: accept" in terminal.type("u")
    terminal.type("a")
    assert terminal.type("q").endswith("1 accepted, 1 taken back, 2 still to review\n")
    assert terminal.wait() == 0


@linux_only
def test_a_review_has_colour_where_it_may(place: Path) -> None:
    kg("extract", "herder-taken.txt")
    terminal = Terminal()
    shown = terminal.until(b"> ")
    assert "\x1b[1m[[Aman Tolek, a herder]]\x1b[0m, was taken" in shown
    assert not any(move in shown for move in ("\x1b[H", "\x1b[2J", "\x1b[A")), "nothing but colour"
    for _ in range(5):  # an interruption that comes before the question is asked leads nowhere
        os.write(terminal.end, b"\x03")
        if "still to review" in terminal.until(b"still to review", 3):
            break
    assert terminal.wait() == 0


@linux_only
def test_a_review_with_nothing_to_do_says_so(place: Path) -> None:
    terminal = Terminal(NO_COLOR="1")
    assert "nothing waits for review; kg extract proposes some" in terminal.until(b"some\r\n")
    assert terminal.wait() == 0


def test_what_a_script_types_is_no_terminal() -> None:
    kg("extract", "herder-taken.txt")
    said = kg("review", stdin="a\na\n")
    assert (said.code, "needs a terminal" in said.err) == (2, True)
    assert not Path("reviews").exists()


def test_everything_is_filed_under_the_project_that_one_stands_in(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (place / "kg.toml").write_text('title = "Mine"\n', encoding="utf-8")
    (place / "inner").mkdir()
    monkeypatch.chdir(place / "inner")
    kg("extract", "../herder-taken.txt")
    assert (place / "proposals/herder-taken.jsonl").is_file()
    assert find(Path.cwd()).root == place

"""The command as people type it: what it prints, where, and with which exit code."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import click
import networkx
import pytest
import rdflib
from click.testing import CliRunner
from rdflib.query import Result

import kg as package
from conftest import DIGEST, HEAD
from kg import exports, query
from kg.cli import GROUPS, cli
from kg.commands.shared import EXPORT_FORMATS, RESULT_FORMATS
from kg.namespaces import DEFAULT_BASE, KG_NAMESPACE, expand
from kg.problems import Exit, KgError, LimitError

TEXT = """\
Herder taken

Aman Tolek, a herder, was taken in the Upper Valley in February, “by the police”, a friend said.
The friend said so twice; the police would say nothing.
"""


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def span(words: str, start: int | None = None) -> str:
    start = TEXT.index(words) if start is None else start
    return f"{{start: {start}, end: {start + len(words)}, digest: {digest(words)}}}"


SEED = (
    HEAD.replace(f"{{length: 500, digest: {DIGEST}}}", f"{{length: {len(TEXT)}, digest: {digest(TEXT)}}}")
    + f"""\
assertions:
  - about: aman-tolek
    told-by: friend
    evidence: {span("was taken in the Upper Valley in February")}
    episode: herder-case
    detained-at: upper-valley
    detained-by: valley-police
    date: 2021-02~
    inferred: true
  - about: aman-tolek
    evidence: {span("Aman Tolek, a herder")}
    occupation: herder
"""
)
SEED_LINES = SEED.count("\n")
RDFLIB_WARNS = pytest.mark.filterwarnings(
    "ignore:(ConjunctiveGraph|Dataset.* is deprecated):DeprecationWarning"
)
"""Of its own ways: in rdflib 7 a parser of quads uses what is deprecated."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a command gave."""

    code: int
    stdout: str
    stderr: str

    @property
    def lines(self) -> list[str]:
        return self.stdout.splitlines()


def kg(*arguments: str | Path, stdin: str = "", colour: bool = False) -> Said:
    """Type a command here; a `KgError` becomes what `kg.cli.main` makes of it."""
    result = CliRunner().invoke(cli, list(map(str, arguments)), input=stdin, color=colour)
    code, stdout, stderr = result.exit_code, result.stdout_bytes.decode(), result.stderr
    if isinstance(result.exception, KgError):
        code, stderr = result.exception.exit_code, f"{stderr}kg: {result.exception}\n"
    elif not isinstance(result.exception, SystemExit | None):
        raise result.exception
    return Said(code, stdout, stderr)


def shell(*arguments: str, stdin: str = "", program: str = "from kg.cli import main; main()") -> Said:
    """Type a command in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        env={**os.environ, "PYTHONPATH": str(Path(package.__file__).parents[1])},
        input=stdin,
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    return Said(done.returncode, done.stdout, done.stderr)


@pytest.fixture
def child() -> None:
    """Marks a test as one of the child process that a command works in."""


@pytest.fixture(autouse=True)
def _no_child(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work here instead of in a child process, which takes longer to start than most questions to answer."""

    def at_once(function: Callable[..., object], *arguments: object, **limits: object) -> object:
        assert set(limits) == {"seconds", "memory", "what"}
        return function(*arguments)

    if "child" not in request.fixturenames:
        monkeypatch.setattr("kg.limits.run_limited", at_once)
        # It could not be taken back.
        monkeypatch.setattr("kg.query.forbid_sockets", lambda: None)


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a project with one seed, its text, and its export."""
    folder = tmp_path_factory.mktemp("built") / "project"
    (folder / "seeds").mkdir(parents=True)
    (folder / "kg.toml").write_text('title = "Herders"\n')
    (folder / "seeds" / "a.yaml").write_text(SEED, encoding="utf-8")
    (folder / "copy.txt").write_text(TEXT, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        said = kg("build")
    assert said.code == 0, said.stderr
    return folder


@pytest.fixture
def here(built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in a copy of that project."""
    copy = tmp_path / "project"
    shutil.copytree(built, copy)
    monkeypatch.chdir(copy)
    return copy


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def say(lines: str = "detaind-at: upper-valley") -> None:
    """Put lines into the last block of the seed, the first of them where its last line was."""
    text = SEED.replace("    occupation: herder\n", f"    {lines}\n    occupation: herder\n")
    Path("seeds/a.yaml").write_text(text, encoding="utf-8")


# ---------------------------------------------------------------- help


def test_the_help_lists_each_command_once_by_what_people_do() -> None:
    said = kg("--help")
    assert (said.code, said.stderr) == (0, "")
    found: dict[str, list[str]] = {}
    for line in said.lines:
        if (title := re.fullmatch(r"(\w+):", line)) and title[1] != "Options":
            found[title[1]] = []
        elif found and (name := re.match(r"  (\w+)  ", line)):
            found[list(found)[-1]].append(name[1])
    assert found == {title: list(commands) for title, commands in GROUPS.items()}
    with click.Context(cli) as context:
        assert [cli.get_command(context, name).name for names in found.values() for name in names] == [
            name for names in found.values() for name in names
        ]


def test_the_help_tells_the_exit_codes() -> None:
    for code in Exit:
        assert re.search(rf"\b{int(code)} \w", kg("-h").stdout)


@pytest.mark.parametrize("name", list(cli.commands))
def test_each_command_has_help_by_both_names(name: str) -> None:
    said = kg(name, "--help")
    assert (said.code, said.stderr) == (0, "")
    assert said.stdout == kg(name, "-h").stdout
    assert (cli.commands[name].help or "").split("\n")[0].endswith((".", "…"))


@pytest.mark.parametrize("name", list(cli.commands))
def test_a_line_of_help_fits_eighty_columns(name: str) -> None:
    long = [line for line in kg(name, "--help").lines if len(line) > 80]
    assert [line for line in long if not line.lstrip().startswith("-f, --format [")] == []


def test_help_calls_each_thing_by_its_one_word() -> None:
    texts = [kg("--help").stdout, *(kg(name, "--help").stdout for name in cli.commands)]
    texts += [f"{q.title} {q.description} {q.params}" for q in query.shipped().values()]
    other = "claim statement informant citation quote quotation proof event incident property attribute"
    other += " modifier annotator mistake issue error"
    found = re.findall(rf"\b(?:{'|'.join(other.split())})s?\b", " ".join(texts), re.IGNORECASE)
    assert found == []


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("chekc", "Did you mean 'check'?"),
        ("build --outptu x", "Did you mean '--output'?"),
        ("verify valley-post-1", "Missing option '--text'"),
        ("export", "Missing option '-o'"),
        ("validate", "Missing argument 'FILES...'"),
        ("query", "give a query: SPARQL text, FILE.rq, - or a name from kg query --list"),
        ("query detained again", "unexpected extra argument"),
        ("query detained -f pdf", "'pdf' is not one of 'table', 'csv'"),
        ("query detained --limit -1", "-1 is not in the range"),
        ("query detained --timeout 0", "0.0 is not in the range"),
        ("export -o x -f docx", "'docx' is not one of 'ttl', 'trig'"),
    ],
)
def test_a_wrong_option_is_explained(here: Path, typed: str, said: str) -> None:
    answer = kg(*typed.split())
    assert (answer.code, answer.stdout) == (Exit.CANNOT, "")
    assert said in answer.stderr


# ---------------------------------------------------------------- exit codes, in a process of its own


@pytest.mark.parametrize(
    ("arguments", "code", "stderr"),
    [
        (["--help"], Exit.OK, ""),
        (["check"], Exit.OK, "1 seed, 3 assertions, no problems\n"),
        (
            ["check", "sedes"],
            Exit.CANNOT,
            "kg: cannot read the seed sedes: there is no such file; did you mean 'seeds'?\n",
        ),
        (
            ["query", "--timeout", "0.3", "SELECT (COUNT(*) AS ?n) {?a ?b ?c. ?d ?e ?f. ?g ?h ?i. ?j ?k ?l}"],
            Exit.LIMIT,
            "kg: the query: stopped after 0.3 s; ask for less, or allow more time\n",
        ),
        (
            ["query", "DELETE WHERE { ?s ?p ?o }"],
            Exit.REFUSED,
            "kg: query: kg query only reads, and DELETE changes data\n",
        ),
    ],
)
def test_a_command_ends_with_its_code_and_one_line(
    here: Path, arguments: list[str], code: Exit, stderr: str
) -> None:
    said = shell(*arguments)
    assert (said.code, said.stderr) == (code, stderr)


@pytest.mark.parametrize(
    ("lines", "typed"),
    [
        ("detaind-at: upper-valley", "check"),
        ("detained-at: valley-police", "build"),
        ("age: 36", "verify valley-post-1 --text seeds/a.yaml"),
        ("age: 36", "cite copy.txt sheep"),
    ],
)
def test_what_was_found_ends_with_one_in_a_process_of_its_own(here: Path, lines: str, typed: str) -> None:
    say(lines)
    assert shell(*typed.split()).code == Exit.FOUND


def test_a_usage_error_ends_with_two_in_a_process_of_its_own() -> None:
    said = shell("chekc")
    assert (said.code, said.stdout) == (Exit.CANNOT, "")
    assert "Did you mean 'check'?" in said.stderr
    assert said.stderr.startswith("Usage: kg [OPTIONS] COMMAND")


HEAVY = ("rdflib", "pyshacl", "networkx", "pyoxigraph", "yaml")
LOADED = f"""
import sys
from kg.cli import main
try:
    main()
finally:
    print(*[name for name in {HEAVY} if name in sys.modules], file=sys.stderr)
"""


def test_help_loads_no_heavy_module() -> None:
    said = shell("--help", program=LOADED)
    assert "Curate:" in said.stdout
    assert said.stderr == "\n"
    assert shell("query", "--help", program=LOADED).stderr == "\n"


def test_a_shipped_query_loads_one_heavy_module_only(here: Path) -> None:
    said = shell("query", "detained", program=LOADED)
    assert "Aman Tolek (id:aman-tolek)" in said.stdout
    assert said.stderr in ("\n", "pyoxigraph\n")


def test_checking_seeds_loads_no_engine(here: Path) -> None:
    assert shell("query", "--list", program=LOADED).stderr in ("\n", "pyoxigraph\n")


# ---------------------------------------------------------------- colour, and where things go


@pytest.mark.parametrize("typed", ["--help", "chekc", "check", "query detained", "query detaned"])
def test_no_colour_is_written_where_none_is_wanted(
    here: Path, monkeypatch: pytest.MonkeyPatch, typed: str
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    said = kg(*typed.split(), colour=True)
    assert "\x1b" not in said.stdout + said.stderr


def test_results_go_to_standard_output_and_notes_elsewhere(here: Path) -> None:
    say()
    problems = kg("check")
    assert problems.stdout.startswith("seeds/a.yaml:")
    assert problems.stderr == "1 problem\n"
    none = kg("query", "SELECT ?s { ?s kg:age ?o }", "-f", "csv")
    assert (none.stdout, none.stderr) == ("s\r\n", "kg: 0 rows\n")
    checked = kg("validate", "exports/kg.ttl")
    assert checked.stdout == "conforms; 0 results\n"
    assert all(line.startswith("kg: ") for line in checked.stderr.splitlines())


# ---------------------------------------------------------------- check


def test_check_finds_nothing_in_a_good_seed_and_writes_nothing(here: Path) -> None:
    before = contents(here)
    assert kg("check") == Said(0, "", "1 seed, 3 assertions, no problems\n")
    assert contents(here) == before


def test_check_tells_each_problem_at_its_place(here: Path) -> None:
    say("detaind-at: upper-valley\n    age: thirty")
    said = kg("check")
    assert said.code == Exit.FOUND
    assert said.lines[0].startswith(f"seeds/a.yaml:{SEED_LINES}:5: unknown-predicate: ")
    assert said.lines[0].endswith("did you mean 'detained-at'?")
    assert said.lines[1].startswith(f"seeds/a.yaml:{SEED_LINES + 1}:10: bad-value: ")
    assert said.stderr == "2 problems\n"


def test_check_tells_problems_as_json(here: Path) -> None:
    assert json.loads(kg("check", "-f", "json").stdout) == []
    say()
    said = kg("check", "-f", "json")
    (problem,) = json.loads(said.stdout)
    assert said.code == Exit.FOUND
    assert {key: problem[key] for key in ("path", "line", "column", "code")} == {
        "path": "seeds/a.yaml",
        "line": SEED_LINES,
        "column": 5,
        "code": "unknown-predicate",
    }
    assert "did you mean 'detained-at'?" in problem["message"]


def test_check_reads_the_files_that_are_named(here: Path) -> None:
    say()
    Path("draft.yaml").write_text("place:\n  far-town: Far Town\n")
    assert kg("check", "draft.yaml") == Said(0, "", "1 seed, 0 assertions, no problems\n")
    assert kg("check", "draft.yaml", "seeds").code == Exit.FOUND


def test_a_project_is_found_from_a_folder_below_it(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir("exports")
    assert kg("check").stderr == "1 seed, 3 assertions, no problems\n"


def test_a_project_without_seeds_is_told_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "seeds").mkdir()
    assert kg("check").stderr == (
        "kg: no seeds in seeds; a seed is a file that ends in .yaml, .yml, .jsonl, .csv, .tsv, .xlsx, .ods\n"
    )


def test_a_setting_that_means_nothing_is_told_with_the_nearest(here: Path) -> None:
    Path("kg.toml").write_text('tilte = "x"\n')
    said = kg("check")
    assert said.code == Exit.CANNOT
    assert "unknown key 'tilte'; did you mean 'title'?" in said.stderr


# ---------------------------------------------------------------- cite


def test_cite_prints_the_line_to_paste(here: Path) -> None:
    said = kg("cite", "copy.txt", "Aman Tolek")
    assert said == Said(0, f"evidence: {span('Aman Tolek')}\n", "")
    assert kg("cite", "-", "Aman Tolek", stdin=TEXT) == said


def test_a_cited_line_is_one_that_verify_finds_exact(here: Path) -> None:
    line = kg("cite", "copy.txt", "the police would say nothing").stdout.strip()
    say(f"age: 36\n  - about: aman-tolek\n    {line}\n    charged-with: none-given")
    assert kg("verify", "valley-post-1", "--text", "copy.txt") == Said(0, "3 of 3 spans exact\n", "")


def test_words_that_stand_twice_are_refused_with_their_places_and_advice(here: Path) -> None:
    said = kg("cite", "copy.txt", "friend said")
    first, second = TEXT.index("friend said"), TEXT.rindex("friend said")
    assert (said.code, said.stdout) == (Exit.FOUND, "")
    assert f"2 times (at {first}, {second})" in said.stderr
    assert "give more words around them" in said.stderr


@pytest.mark.parametrize(
    "around", [("--context", "The friend said so"), ("--before", "The "), ("--after", " so twice")]
)
def test_what_stands_around_words_picks_one_place(here: Path, around: tuple[str, str]) -> None:
    start = TEXT.rindex("friend said")
    said = kg("cite", "copy.txt", "friend said", *around)
    assert (
        said.stdout == f"evidence: {{start: {start}, end: {start + 11}, digest: {digest('friend said')}}}\n"
    )


def test_words_with_other_quotation_marks_are_not_cited_but_the_difference_is_told(here: Path) -> None:
    said = kg("cite", "copy.txt", '"by the police"')
    assert (said.code, said.stdout) == (Exit.FOUND, "")
    assert f"at {TEXT.index('“')} to {TEXT.index('”') + 1} with other quotation marks" in said.stderr
    assert "U+201C LEFT DOUBLE QUOTATION MARK where U+0022 QUOTATION MARK was typed" in said.stderr
    assert "copy them from the text itself" in said.stderr


def test_a_cited_span_that_parts_a_letter_from_its_accent_is_warned_of(here: Path) -> None:
    Path("accent.txt").write_text("Gu\u0308l Sari", encoding="utf-8")
    said = kg("cite", "accent.txt", "Gu")
    assert said.stdout == f"evidence: {{start: 0, end: 2, digest: {digest('Gu')}}}\n"
    assert said.stderr == "kg: the span ends at 2, inside a character: before U+0308 COMBINING DIAERESIS\n"


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["copy.txt", "a sheep"], Exit.FOUND, "cannot find the words in the text"),
        (["copy.txt", ""], Exit.CANNOT, "there are no words to cite"),
        (["nothing.txt", "x"], Exit.CANNOT, "cannot read the text nothing.txt: there is no such file"),
        (["coppy.txt", "x"], Exit.CANNOT, "did you mean 'copy.txt'?"),
        (["seeds", "x"], Exit.CANNOT, "cannot read the text seeds: it is a folder, not a file"),
        (["copy.txt", "said", "--context", "no"], Exit.FOUND, "cannot find the words in the context"),
        (["copy.txt", "said", "--context", "x", "--after", "y"], Exit.CANNOT, "give either a context or"),
        (["copy.txt", "taken in the Lower Valley"], Exit.FOUND, "their first 13 characters stand at"),
    ],
)
def test_words_that_cannot_be_cited_are_told(here: Path, arguments: list[str], code: Exit, said: str) -> None:
    answer = kg("cite", *arguments)
    assert (answer.code, answer.stdout) == (code, "")
    assert said in answer.stderr


# ---------------------------------------------------------------- verify


def test_verify_finds_each_span_where_it_should_be(here: Path) -> None:
    assert kg("verify", "valley-post-1", "--text", "copy.txt") == Said(0, "2 of 2 spans exact\n", "")
    listed = kg("verify", "valley-post-1", "--text", "copy.txt", "--verbose")
    assert [line.partition(": ")[2] for line in listed.lines[:2]] == [
        f"exact, at {TEXT.index(words)} to {TEXT.index(words) + len(words)}"
        for words in ("Aman Tolek, a herder", "was taken in the Upper Valley in February")
    ]
    assert kg("verify", "valley-post-1", "--text", "-", stdin=TEXT).code == 0


def test_verify_tells_what_moved_and_what_is_gone(here: Path) -> None:
    Path("other.txt").write_text("News. " + TEXT.replace("a herder", "a shepherd"), encoding="utf-8")
    said = kg("verify", "valley-post-1", "--text", "other.txt")
    first, second = TEXT.index("Aman"), TEXT.index("was taken")
    assert said.code == Exit.FOUND
    assert said.lines[-1] == "0 of 2 spans exact"
    assert re.fullmatch(rf"seeds/a\.yaml:\d+:15: not found: neither at {first} to .*", said.lines[0])
    moved = rf"seeds/a\.yaml:\d+:15: moved: stands at {second + 8} to \d+, not at {second} to \d+"
    assert re.fullmatch(moved, said.lines[1])
    assert said.stderr.startswith("kg: this is another rendering of the text: ")


def test_a_report_that_is_not_there_is_told_with_the_nearest(here: Path) -> None:
    said = kg("verify", "valey-post-1", "--text", "copy.txt")
    assert said == Said(2, "", "kg: no report has the key 'valey-post-1'; did you mean 'valley-post-1'?\n")


def test_verify_needs_the_text(here: Path) -> None:
    said = kg("verify", "valley-post-1", "--text", "nothing.txt")
    assert said == Said(2, "", "kg: cannot read the text nothing.txt: there is no such file\n")


def test_verify_waits_for_seeds_without_problems(here: Path) -> None:
    say()
    said = kg("verify", "valley-post-1", "--text", "copy.txt")
    assert said.code == Exit.FOUND
    assert "unknown-predicate" in said.stdout


# ---------------------------------------------------------------- schema


def test_the_schema_is_json_on_standard_output_or_in_a_file(here: Path) -> None:
    said = kg("schema")
    assert (said.code, said.stderr) == (0, "")
    found = json.loads(said.stdout)
    assert found["$schema"] == "http://json-schema.org/draft-07/schema#"
    assert kg("schema", "-o", "schema.json") == Said(0, "", "")
    assert Path("schema.json").read_text(encoding="utf-8") == said.stdout
    assert kg("schema", "-o", "-").stdout == said.stdout


def test_the_schema_knows_the_predicates_of_the_project(here: Path) -> None:
    assert "transferred-to" not in kg("schema").stdout
    Path("more.ttl").write_text(
        f"<{KG_NAMESPACE}transferredTo> <{expand('rdfs:label')}> 'transferred to'@en ;"
        f"<{expand('rdfs:domain')}> <{KG_NAMESPACE}Person> ; <{expand('rdfs:range')}> <{KG_NAMESPACE}Place> ;"
        f"<{expand('skos:definition')}> 'Where somebody was brought.'@en ;"
        f"a <{expand('owl:ObjectProperty')}> ."
    )
    Path("kg.toml").write_text('ontology = ["more.ttl"]\n')
    assert '"transferred-to"' in kg("schema").stdout


def test_a_file_that_cannot_be_written_is_told(here: Path) -> None:
    said = kg("schema", "-o", "nowhere/schema.json")
    assert said == Said(2, "", "kg: cannot write nowhere/schema.json: there is no folder 'nowhere'\n")


# ---------------------------------------------------------------- build


def test_build_says_what_it_read_encoded_validated_and_wrote(here: Path) -> None:
    said = kg("build")
    assert (said.code, said.stderr) == (0, "")
    assert said.lines[0] == "read      1 seed: 1 report, 5 entities, 2 sources, 3 assertions"
    quads = Path("exports/kg.nq").read_text(encoding="utf-8").count("\n")
    assert said.lines[1] == f"encoded   {quads} quads"
    assert re.fullmatch(
        r"validated \d+ shapes: 0 violations, 0 warnings, 0 notes; focus nodes touched:", said.lines[2]
    )
    assert said.lines[-1] == f"wrote     {len(exports.FILES) + 1} files to exports"


def test_build_tells_how_many_nodes_each_shape_touched_and_which_touched_none(here: Path) -> None:
    touched = re.sub(r"\n {10}", " ", "\n".join(kg("build").lines[3:-1])).splitlines()
    shapes = {name: line.split()[0] for line in touched for name in line.split(None, 1)[1].split(", ")}
    assert (shapes["assertion-fits"], shapes["report-title"], shapes["place-loop"]) == ("3", "1", "none")
    assert max(map(len, kg("build").lines)) <= 100


def test_build_writes_to_the_folder_that_is_named(here: Path) -> None:
    before = contents(here)
    assert kg("build", "-o", "other/place").lines[-1].endswith("files to other/place")
    assert contents(here / "other" / "place") == contents(here / "exports")
    shutil.rmtree("other")
    assert contents(here) == before


def test_build_takes_the_seeds_that_are_named(here: Path) -> None:
    say()
    Path("good.yaml").write_text(SEED.replace("valley-post-1", "valley-post-9"), encoding="utf-8")
    assert kg("build", "good.yaml", "-o", "other").code == 0
    assert b"valley-post-9" in contents(here / "other")["kg.nq"]


def test_a_build_with_problems_writes_nothing_and_says_so(here: Path) -> None:
    say()
    before = contents(here)
    said = kg("build")
    assert said.code == Exit.FOUND
    assert said.lines[0].startswith(f"seeds/a.yaml:{SEED_LINES}:5: unknown-predicate: ")
    assert said.stderr == "kg: 1 problem; nothing was written\n"
    assert contents(here) == before


def test_a_build_with_a_violation_writes_nothing_and_says_so(here: Path) -> None:
    say("detained-at: valley-police")
    before = contents(here)
    said = kg("build")
    assert said.code == Exit.FOUND
    assert said.lines[0].startswith(f"seeds/a.yaml:{SEED_LINES}:18: violation: assertion-fits: ")
    assert said.stderr == "kg: there are violations; nothing was written\n"
    assert "1 violation, 0 warnings" in said.stdout
    assert "wrote" not in said.stdout
    assert contents(here) == before


def test_a_first_build_with_a_violation_makes_no_folder(here: Path) -> None:
    say("detained-at: valley-police")
    assert kg("build", "-o", "other").code == Exit.FOUND
    assert not Path("other").exists()


def test_warnings_and_notes_are_shown_and_stop_nothing(here: Path) -> None:
    say("relative-of: friend\n    sentenced-to: 5 years")
    said = kg("build")
    assert said.code == 0
    assert said.lines[0].startswith(f"seeds/a.yaml:{SEED_LINES}:18: warning: relative-role: ")
    assert said.lines[1].startswith(f"seeds/a.yaml:{SEED_LINES + 1}:19: ")
    assert "0 violations, 1 warning, 1 note;" in said.stdout
    assert b"5 years" in contents(here / "exports")["kg.nq"]


def test_a_restricted_build_has_a_folder_of_its_own(here: Path) -> None:
    say("name: smuggler\n    access: restricted")
    assert kg("build").code == 0
    assert kg("build", "--include-restricted").lines[-1].endswith("files to exports-restricted")
    assert b"smuggler" not in b"".join(contents(here / "exports").values())
    assert b"smuggler" in contents(here / "exports-restricted")["kg.nq"]
    count = ("query", "SELECT ?s { ?s rdf:object 'smuggler' }", "-f", "csv")
    assert [kg(*count, *more).stdout.count("\n") for more in ((), ("--include-restricted",))] == [1, 2]


# ---------------------------------------------------------------- validate


BAD = f"<{DEFAULT_BASE}report_x> a <{KG_NAMESPACE}Report> ."
ODD = f"""
@prefix kg: <{KG_NAMESPACE}> . @prefix sh: <{expand("sh:")}> . @prefix rdfs: <{expand("rdfs:")}> .
kg:odd a sh:PropertyShape ; sh:targetClass kg:Person ; sh:path rdfs:label ; sh:severity sh:Warning ;
    sh:maxLength 3 ; sh:message "A name has three letters."@en .
"""


def test_a_good_export_conforms_in_each_of_its_formats(here: Path) -> None:
    for name in ("kg.ttl", "kg.nq", "kg.jsonld"):
        said = kg("validate", f"exports/{name}")
        assert (said.code, said.stdout) == (0, "conforms; 0 results\n")
        assert re.search(r"shapes: \d+; focus nodes touched: \d+", said.stderr)
        assert "kg: shapes that touched nothing: " in said.stderr


def test_a_violation_is_told_and_counts(here: Path, child: None) -> None:
    Path("bad.ttl").write_text(BAD)
    said = kg("validate", "bad.ttl")
    assert said.code == Exit.FOUND
    assert re.search(r"^violation: report-title: This report has no title: .*report_x", said.stdout, re.M)
    assert said.lines[-1] == "does not conform; 3 results"


def test_a_warning_is_told_and_stops_nothing(here: Path) -> None:
    Path("odd.ttl").write_text(ODD)
    said = kg("validate", "exports/kg.ttl", "--shapes", "odd.ttl")
    assert said.code == 0
    assert said.lines[0].startswith("warning: odd: A name has three letters. (")
    assert said.lines[-1] == "conforms; 2 results"


def test_several_shapes_files_are_used_together(here: Path) -> None:
    Path("odd.ttl").write_text(ODD)
    Path("odder.ttl").write_text(ODD.replace("kg:odd", "kg:odder").replace("sh:Warning", "sh:Violation"))
    said = kg("validate", "exports/kg.ttl", "--shapes", "odd.ttl", "--shapes", "odder.ttl")
    assert said.code == Exit.FOUND
    assert said.lines[-1] == "does not conform; 4 results"


def test_a_report_of_validation_is_json(here: Path) -> None:
    Path("bad.ttl").write_text(BAD)
    said = kg("validate", "bad.ttl", "-f", "json")
    found = json.loads(said.stdout)
    assert (said.code, found["conforms"], len(found["results"])) == (Exit.FOUND, False, 3)
    assert {result["focus"] for result in found["results"]} == {f"{DEFAULT_BASE}report_x"}
    assert found["touched"]["https://w3id.org/reportedly/shapes#report-title"] == 1


def test_a_report_of_validation_is_a_graph_of_shacl(here: Path) -> None:
    Path("bad.ttl").write_text(BAD)
    sh = rdflib.Namespace(expand("sh:"))
    for file, conforms, number in (("bad.ttl", False, 3), ("exports/kg.ttl", True, 0)):
        graph = rdflib.Graph().parse(data=kg("validate", file, "-f", "turtle").stdout, format="turtle")
        (report,) = graph.subjects(rdflib.RDF.type, sh.ValidationReport)
        assert graph.value(report, sh.conforms) == rdflib.Literal(conforms)
        assert len(list(graph.objects(report, sh.result))) == number


def test_a_report_of_validation_is_junit(here: Path) -> None:
    Path("bad.ttl").write_text(BAD)
    suite = ElementTree.fromstring(kg("validate", "bad.ttl", "-f", "junit").stdout.encode())  # noqa: S314
    assert suite.tag == "testsuite"
    assert suite.get("failures") == str(len(suite.findall("testcase/failure"))) == "3"
    assert suite.get("tests") == str(len(suite.findall("testcase")))
    assert suite.get("skipped") == str(len(suite.findall("testcase/skipped")))


def test_a_report_of_validation_goes_to_a_file(here: Path) -> None:
    Path("bad.ttl").write_text(BAD)
    said = kg("validate", "bad.ttl", "-f", "json", "-o", "report.json")
    assert (said.code, said.stdout) == (Exit.FOUND, "")
    assert json.loads(Path("report.json").read_text())["conforms"] is False


def test_standard_input_is_validated_in_the_format_that_is_named(here: Path) -> None:
    turtle = Path("exports/kg.ttl").read_text(encoding="utf-8")
    assert kg("validate", "-", stdin=turtle).code == 0
    assert kg("validate", "-", "--data-format", "turtle", stdin=turtle).code == 0
    said = kg("validate", "-", "--data-format", "nt", stdin=turtle)
    assert (said.code, said.stdout) == (Exit.CANNOT, "")


def test_shapes_that_touch_nothing_are_said_to(here: Path) -> None:
    said = kg("validate", "-", stdin="<http://example.org/a> <http://example.org/b> 1 .")
    assert (said.code, said.stdout) == (0, "conforms; 0 results\n")
    assert "kg: no shape touched anything: these shapes say nothing of this data\n" in said.stderr


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("nothing.ttl", None, "nothing.ttl: there is no such file"),
        ("bad.ttl", "this is not Turtle", "bad.ttl:1:1: "),
        ("bad.nq", "<a> <b> <c> .", "bad.nq:1:"),
        ("bad.jsonld", '{"a": ', "bad.jsonld:1:"),
        ("open.ttl", "<http://e.org/a> <http://e.org/b> ", "open.ttl:1:"),
        ("exports", None, "it is a folder, not a file"),
    ],
)
def test_a_file_that_cannot_be_read_is_told(here: Path, name: str, text: str | None, said: str) -> None:
    if text is not None:
        Path(name).write_text(text)
    answer = kg("validate", name)
    assert (answer.code, answer.stdout) == (Exit.CANNOT, "")
    assert said in answer.stderr
    assert kg("validate", "exports/kg.ttl", name).code == Exit.CANNOT
    assert kg("validate", "exports/kg.ttl", "--shapes", name).code == Exit.CANNOT


def test_a_validation_that_takes_too_long_is_stopped(here: Path, child: None) -> None:
    said = kg("validate", "exports/kg.ttl", "--timeout", "0.05")
    assert (said.code, said.stdout) == (Exit.LIMIT, "")
    assert said.stderr == "kg: the validation: stopped after 0.05 s; ask for less, or allow more time\n"


# ---------------------------------------------------------------- query: which query

WHERE_TAKEN = "SELECT ?who ?where WHERE { ?who kg:detainedAt ?where }"
TAKEN = f"who,where\r\n{DEFAULT_BASE}aman-tolek,{DEFAULT_BASE}upper-valley\r\n"


@pytest.fixture
def there(built: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in the built project itself, to read there only."""
    monkeypatch.chdir(built)
    return built


def test_a_query_is_text_or_a_file_or_standard_input(here: Path) -> None:
    Path("taken.rq").write_text(WHERE_TAKEN)
    Path("taken.sparql").write_bytes(b"\xef\xbb\xbf" + WHERE_TAKEN.encode())
    for given in (WHERE_TAKEN, "taken.rq", "taken.sparql", "-"):
        assert kg("query", given, "-f", "csv", stdin=WHERE_TAKEN) == Said(0, TAKEN, "")


def test_a_table_shows_names_and_keys(there: Path, child: None) -> None:
    assert kg("query", WHERE_TAKEN).lines == [
        "who                         where",
        "--------------------------  ------------------------------",
        "Aman Tolek (id:aman-tolek)  Upper Valley (id:upper-valley)",
    ]


@pytest.mark.parametrize("name", query.shipped())
def test_each_shipped_query_is_listed_shown_and_read(there: Path, name: str) -> None:
    (line,) = [line for line in kg("query", "--list").lines if line.split()[0] == name]
    assert line.split(None, 1)[1] == query.shipped()[name].title
    shown = kg("query", name, "--show").stdout
    assert shown.rstrip() == query.shipped()[name].text.rstrip()


def test_a_shipped_query_answers_from_the_export(there: Path) -> None:
    said = kg("query", "detained", "-f", "csv")
    (row,) = csv.DictReader(io.StringIO(said.stdout))
    assert (row["person"], row["date"]) == (f"{DEFAULT_BASE}aman-tolek", "2021-02~")
    assert row["agency"] == f"{DEFAULT_BASE}valley-police"


def test_the_text_of_a_query_of_ones_own_is_shown(there: Path) -> None:
    assert kg("query", WHERE_TAKEN, "--show").stdout == WHERE_TAKEN + "\n"


def test_a_query_needs_an_export_and_says_how_to_make_one(here: Path) -> None:
    shutil.rmtree("exports")
    for more, wanted in (
        ((), "exports; run kg build first"),
        (("--include-restricted",), "--include-restricted"),
    ):
        said = kg("query", "detained", *more)
        assert (said.code, said.stdout) == (Exit.CANNOT, "")
        assert wanted in said.stderr
        assert "or name files with --data" in said.stderr


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("detaned", "no shipped query is called 'detaned'; did you mean 'detained'?"),
        ("zebra", "the shipped ones are accusations, anonymous-only, "),
        ("nothing.rq", "cannot read the query nothing.rq: there is no such file"),
        ("person", "query 'person' needs -p person=…"),
        ("who was detained", "a query begins with SELECT, ASK, CONSTRUCT or DESCRIBE"),
        ("", "there is no query in it"),
        ("# nothing but a comment", "there is no query in it"),
        ("SELECT ?s { ?s kgg:age ?o }", "query:1:16: unknown prefix 'kgg:'; did you mean 'kg:'?"),
        ("SELECT ?s {\n ?s kg:age }", "query:2:12: this is not SPARQL: cannot go on at '}'"),
        ("SELECT ?s { ?s kg:age ?o", "query:1:25: this is not SPARQL: something is missing"),
        ("SELECT (COUNT(?o) AS ?n) ?s { ?s kg:age ?o }", "has to stand in GROUP BY"),
    ],
)
def test_a_query_that_cannot_be_asked_is_explained(there: Path, text: str, said: str) -> None:
    answer = kg("query", text)
    assert (answer.code, answer.stdout) == (Exit.CANNOT, "")
    assert said in answer.stderr
    assert answer.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("SELECT * { SERVICE <http://localhost/> { ?s ?p ?o } }", "SERVICE asks another machine"),
        ("SELECT * FROM <http://localhost/> { ?s ?p ?o }", "FROM loads from an address"),
        ("LOAD <http://localhost/>", "LOAD fetches a document"),
        ("DELETE WHERE { ?s ?p ?o }", "kg query only reads, and DELETE changes data"),
    ],
)
def test_a_query_that_reaches_out_or_changes_data_is_refused(there: Path, text: str, said: str) -> None:
    before = contents(there)
    answer = kg("query", text)
    assert (answer.code, answer.stdout) == (Exit.REFUSED, "")
    assert said in answer.stderr
    assert contents(there) == before


def test_a_query_that_takes_too_long_is_stopped(there: Path, child: None) -> None:
    said = kg("query", "SELECT * {?a ?b ?c. ?d ?e ?f. ?g ?h ?i. ?j ?k ?l}", "--timeout", "0.4", "-f", "csv")
    assert said == Said(3, "", "kg: the query: stopped after 0.4 s; ask for less, or allow more time\n")


# ---------------------------------------------------------------- query: values


@pytest.mark.parametrize(
    "value",
    ["aman-tolek", "id:aman-tolek", f"<{DEFAULT_BASE}aman-tolek>", " aman-tolek "],
)
def test_an_entity_is_given_as_key_or_prefixed_name_or_iri(there: Path, value: str) -> None:
    said = kg("query", "detained", "-p", f"person={value}", "-f", "csv")
    assert (said.code, said.stderr) == (0, "")
    assert len(said.lines) == 2
    assert kg("query", "detained", "-p", "person=friend", "-f", "csv").stderr.startswith("kg: 0 rows\n")


ECHO = "SELECT ?x WHERE { }"


@pytest.mark.parametrize(
    ("given", "value", "datatype"),
    [
        ("aman-tolek", "aman-tolek", None),
        ("10", "10", "integer"),
        ("-1.5", "-1.5", "decimal"),
        ("true", "true", "boolean"),
        ('"10"', "10", None),
        ("'a: b'", "a: b", None),
        ('"2021-02-01"^^xsd:date', "2021-02-01", "date"),
        ("a \" and a ' and a \\ and a {brace}", "a \" and a ' and a \\ and a {brace}", None),
        ('x") } ; DROP ALL #', 'x") } ; DROP ALL #', None),
        ('"x" } UNION { ?s ?p ?o', '"x" } UNION { ?s ?p ?o', None),
    ],
)
def test_a_value_stays_a_value(there: Path, given: str, value: str, datatype: str | None) -> None:
    said = kg("query", ECHO, "-p", f"x={given}", "-f", "json")
    assert (said.code, said.stderr) == (0, "")
    (row,) = json.loads(said.stdout)["results"]["bindings"]
    assert row["x"]["value"] == value
    assert row["x"].get("datatype") == (datatype and expand(f"xsd:{datatype}"))


def test_a_value_is_compared_and_not_pasted(there: Path) -> None:
    text = "SELECT ?who WHERE { ?who rdfs:label ?label FILTER(STR(?label) = ?x) }"
    found = kg("query", text, "-p", "x=Aman Tolek", "-f", "csv")
    assert found.stdout == f"who\r\n{DEFAULT_BASE}aman-tolek\r\n"
    none = kg("query", text, "-p", 'x=Aman Tolek" || "a" = "a', "-f", "csv")
    assert none == Said(0, "who\r\n", "kg: 0 rows\n")
    iri = kg("query", text, "-p", "x=<https://example.org/> } SERVICE <http://localhost/> { ?a ?b ?c>")
    assert (iri.code, iri.stdout) == (Exit.CANNOT, "")


def test_several_values_are_bound_at_once(there: Path) -> None:
    values = ("-p", "subject=aman-tolek", "-p", "predicate=detained-at", "-p", "object=upper-valley")
    (row,) = csv.DictReader(io.StringIO(kg("query", "behind", *values, "-f", "csv").stdout))
    assert row["toldBy"] == f"{DEFAULT_BASE}source_valley-post-1_friend"
    text = kg("query", "behind", "-p", "predicate=occupation", "-p", 'object="herder"', "-f", "csv")
    assert len(text.lines) == 2


@pytest.mark.parametrize(
    ("text", "value", "said"),
    [
        ("person", "persn=aman-tolek", "has no parameter 'persn'; did you mean 'person'?"),
        ("by-month", "x=1", "query 'by-month' has no parameter 'x'; it has none"),
        (ECHO, "y=1", "the query has no parameter 'y'; it has x"),
        ("person", "aman-tolek", "a value is given as name=value, such as -p person="),
        ("person", "person=idd:aman-tolek", "unknown prefix 'idd:'; did you mean 'id:'?"),
        ("person", "person=https://example.org/a", "an IRI is written in angle brackets, <…>"),
        ("person", "person=", "it takes the key of an entity"),
        (
            "person",
            'person="Aman Tolek"',
            "it takes the key of an entity, a prefixed name or <IRI>, not a text",
        ),
        (ECHO, "x=a: b", "a text that holds a colon is written in quotes"),
    ],
)
def test_a_value_that_cannot_be_bound_is_explained(there: Path, text: str, value: str, said: str) -> None:
    answer = kg("query", text, "-p", value)
    assert (answer.code, answer.stdout) == (Exit.CANNOT, "")
    assert answer.stderr.startswith(f"kg: -p {value}: ")
    assert said in answer.stderr


def test_a_value_is_given_once(there: Path) -> None:
    said = kg("query", "person", "-p", "person=a", "-p", "person=b")
    assert said == Said(2, "", "kg: -p person=b: 'person' is given twice\n")


# ---------------------------------------------------------------- query: formats

SELECT = "SELECT ?s ?o WHERE { ?s rdfs:label ?o } ORDER BY ?s ?o"
CONSTRUCT = "CONSTRUCT { ?s rdfs:label ?o } WHERE { ?s rdfs:label ?o }"


@pytest.fixture(scope="module")
def labels(built: Path) -> set[tuple[str, str]]:
    graph = rdflib.Graph().parse(built / "exports" / "kg.ttl", format="turtle")
    found = {(str(s), str(o)) for s, o in graph.subject_objects(rdflib.RDFS.label)}
    assert len(found) > 10
    return found


@pytest.mark.parametrize("format_", ["csv", "tsv", "json", "xml"])
def test_rows_are_read_back_by_a_standard_parser(
    there: Path, labels: set[tuple[str, str]], format_: str
) -> None:
    said = kg("query", SELECT, "-f", format_)
    assert (said.code, said.stderr) == (0, "")
    result = Result.parse(io.BytesIO(said.stdout.encode()), format=format_)
    assert [str(variable) for variable in result.vars or ()] == ["s", "o"]
    assert {(str(s), str(o)) for s, o in result} == labels


@RDFLIB_WARNS
@pytest.mark.parametrize(("format_", "parser"), [("turtle", "turtle"), ("nt", "nt"), ("jsonld", "json-ld")])
def test_graphs_are_read_back_by_a_standard_parser(
    there: Path, labels: set[tuple[str, str]], format_: str, parser: str
) -> None:
    said = kg("query", CONSTRUCT, "-f", format_)
    assert (said.code, said.stderr) == (0, "")
    graph = rdflib.Graph().parse(data=said.stdout, format=parser)
    assert {(str(s), str(o)) for s, o in graph.subject_objects(rdflib.RDFS.label)} == labels


def test_without_a_format_rows_are_a_table_and_triples_turtle(there: Path) -> None:
    assert kg("query", SELECT).stdout == kg("query", SELECT, "-f", "table").stdout
    assert kg("query", CONSTRUCT).stdout == kg("query", CONSTRUCT, "-f", "turtle").stdout


def test_every_format_of_the_help_was_tried() -> None:
    assert set(RESULT_FORMATS) == {"table", "csv", "tsv", "json", "xml", "turtle", "nt", "jsonld"}


def test_yes_or_no_is_answered_in_each_format(there: Path) -> None:
    ask = "ASK { id:aman-tolek kg:detainedAt ?where }"
    assert kg("query", ask).stdout == "yes\n"
    assert kg("query", ask.replace("aman", "someman")).stdout == "no\n"
    assert json.loads(kg("query", ask, "-f", "json").stdout)["boolean"] is True
    assert Result.parse(io.BytesIO(kg("query", ask, "-f", "xml").stdout.encode()), format="xml").askAnswer


@pytest.mark.parametrize("format_", ["csv", "tsv", "json", "xml", "table"])
def test_a_header_is_written_even_without_rows(there: Path, format_: str) -> None:
    said = kg("query", "SELECT ?person ?age { ?person kg:age ?age }", "-f", format_)
    assert (said.code, said.stderr) == (0, "kg: 0 rows\n")
    assert re.search(r"person.*age", said.stdout, re.DOTALL)
    if format_ == "csv":
        assert said.stdout == "person,age\r\n"


@pytest.mark.parametrize(
    ("text", "format_", "fitting"),
    [(SELECT, "turtle", "table, csv, tsv, json, xml"), (CONSTRUCT, "csv", "table, turtle, nt, jsonld")],
)
def test_a_format_that_does_not_fit_is_told_with_those_that_do(
    there: Path, text: str, format_: str, fitting: str
) -> None:
    said = kg("query", text, "-f", format_)
    assert (said.code, said.stdout) == (Exit.CANNOT, "")
    assert said.stderr.endswith(f"what fits is {fitting}\n")


@pytest.mark.parametrize(
    ("name", "text", "format_"),
    [("a.csv", SELECT, "csv"), ("a.TSV", SELECT, "tsv"), ("a.json", SELECT, "json"), ("a.srx", SELECT, "xml"),
     ("a.txt", SELECT, "table"), ("a.ttl", CONSTRUCT, "turtle"), ("a.nt", CONSTRUCT, "nt")],
)  # fmt: skip
def test_the_name_of_the_file_says_the_format(here: Path, name: str, text: str, format_: str) -> None:
    assert kg("query", text, "-o", name) == Said(0, "", "")
    assert Path(name).read_bytes().decode() == kg("query", text, "-f", format_).stdout


def test_an_option_counts_more_than_the_name_of_the_file(here: Path) -> None:
    kg("query", WHERE_TAKEN, "-o", "a.json", "-f", "csv")
    assert Path("a.json").read_bytes().decode() == TAKEN


def test_a_limit_cuts_rows_and_says_of_how_many(there: Path, labels: set[tuple[str, str]]) -> None:
    for format_, lines in (("csv", 3), ("table", 4)):
        said = kg("query", SELECT, "-f", format_, "--limit", "2")
        assert said.stderr == f"kg: showing 2 of {len(labels)} rows; --limit 0 shows all\n"
        assert len(said.lines) == lines
    assert kg("query", SELECT, "--limit", "0").stderr == ""
    assert len(kg("query", SELECT, "--limit", "0").lines) == len(labels) + 2


def test_a_table_shows_a_thousand_rows_and_other_formats_all(there: Path) -> None:
    many = "SELECT ?a ?b { ?a rdfs:label ?x . ?b rdfs:label ?y } LIMIT 1500"
    table, rows = kg("query", many), kg("query", many, "-f", "csv")
    assert len(table.lines) == 1002
    assert table.stderr == "kg: showing 1,000 of 1,500 rows; --limit 0 shows all\n"
    assert (len(rows.lines), rows.stderr) == (1501, "")


# ---------------------------------------------------------------- query: data


def test_files_are_asked_together(here: Path) -> None:
    Path("one.ttl").write_text("<http://e.org/a> <http://e.org/p> <http://e.org/b> .")
    Path("two.nq").write_text("<http://e.org/b> <http://e.org/p> <http://e.org/c> <http://e.org/g> .")
    text = "SELECT ?x ?z { ?x <http://e.org/p> ?y . ?y <http://e.org/p> ?z }"
    said = kg("query", text, "--data", "one.ttl", "--data", "two.nq", "-f", "csv")
    assert said.stdout == "x,z\r\nhttp://e.org/a,http://e.org/c\r\n"
    assert kg("query", text, "--data", "one.ttl", "-f", "csv").stderr == "kg: 0 rows\n"


def test_standard_input_is_asked_in_the_format_that_is_named(here: Path) -> None:
    data = Path("exports/kg.nq").read_text(encoding="utf-8")
    shutil.rmtree("exports")
    for more in ((), ("--data-format", "nq")):
        assert kg("query", WHERE_TAKEN, "--data", "-", *more, "-f", "csv", stdin=data).stdout == TAKEN
    wrong = kg("query", WHERE_TAKEN, "--data", "-", "--data-format", "rdfxml", stdin=data)
    assert (wrong.code, wrong.stdout) == (Exit.CANNOT, "")


def test_data_that_cannot_be_read_is_told(here: Path, child: None) -> None:
    said = kg("query", WHERE_TAKEN, "--data", "nothing.ttl")
    assert (said.code, said.stdout) == (Exit.CANNOT, "")
    assert "nothing.ttl: there is no such file" in said.stderr


# ---------------------------------------------------------------- conflicts


def test_assertions_that_cannot_both_hold_are_listed_with_both_sides(here: Path) -> None:
    assert kg("conflicts") == Said(0, "", "kg: 0 conflicts\n")
    assert json.loads(kg("conflicts", "-f", "json").stdout) == []
    terms = "sentenced-to: [5 years, 12 years]\n    sentenced-by: valley-court\n    episode: herder-case"
    say(terms)
    built = kg("build")
    assert (built.code, "1 warning" in built.stdout) == (0, True)
    said = kg("conflicts")
    assert (said.code, said.stderr) == (Exit.FOUND, "kg: 1 conflict\n")
    assert said.lines[0].startswith("conflict-term: ")
    assert [term in said.stdout for term in ("5 years", "12 years")] == [True, True]
    (conflict,) = json.loads(kg("conflicts", "-f", "json").stdout)
    assert len(conflict["sides"]) == 2


# ---------------------------------------------------------------- export


def read_graphml(data: bytes) -> int:
    return int(networkx.parse_graphml(data.decode(), force_multigraph=True).number_of_edges())


def read_gexf(data: bytes) -> int:
    return int(networkx.read_gexf(io.BytesIO(data)).number_of_edges())


def read_node_link(data: bytes) -> int:
    return int(networkx.node_link_graph(json.loads(data), edges="edges").number_of_edges())


def read_rows(data: bytes) -> int:
    rows = list(csv.reader(io.StringIO(data.decode(), newline="")))
    assert len({len(row) for row in rows}) == 1
    return len(rows) - 1


@RDFLIB_WARNS
@pytest.mark.parametrize("name", EXPORT_FORMATS)
def test_a_file_is_the_same_by_name_and_by_option(here: Path, name: str) -> None:
    assert kg("export", "-o", f"mine.{name}") == Said(0, "", "")
    said = kg("export", "-o", "-", "-f", name)
    assert (said.code, said.stderr) == (0, "")
    data = Path(f"mine.{name}").read_bytes()
    assert said.stdout.encode() == data
    committed = {"nodes.csv": "nodes.csv", "edges.csv": "edges.csv"}.get(name, f"kg.{name}")
    if committed in exports.FILES:
        assert data == Path("exports", committed).read_bytes()
    quads = Path("exports/kg.nq").read_text(encoding="utf-8").splitlines()
    if name in ("graphml", "gexf", "json"):
        read = {"graphml": read_graphml, "gexf": read_gexf, "json": read_node_link}[name]
        assert read(data) == 2
    elif name.endswith(".csv"):
        assert read_rows(data) == (2 if name == "edges.csv" else 5)
    elif name in ("nq", "trig", "jsonld"):
        dataset = rdflib.Dataset()
        dataset.parse(data=data, format={"jsonld": "json-ld", "nq": "nquads"}.get(name, name))
        assert len(list(dataset.quads())) == len(quads)
    else:
        graph = rdflib.Graph().parse(data=data, format="nt" if name == "nt" else "turtle")
        assert len(graph) > 40


def test_every_format_of_the_help_can_be_exported() -> None:
    assert sorted(EXPORT_FORMATS) == sorted(exports.FORMATS)


def test_an_extension_that_is_not_known_is_told_with_those_that_are(here: Path) -> None:
    for name in ("kg.docx", "kg", "-"):
        said = kg("export", "-o", name)
        assert (said.code, said.stdout) == (Exit.CANNOT, "")
        assert f"{name!r} ends in no format that is known; name one with -f: ttl, " in said.stderr
    assert not Path("kg.docx").exists()


def test_an_export_reads_seeds_and_not_the_last_build(here: Path) -> None:
    say("name: shepherd")
    assert b"shepherd" not in Path("exports/kg.nq").read_bytes()
    assert "shepherd" in kg("export", "-o", "-", "-f", "nt").stdout


@pytest.mark.parametrize("lines", ["detaind-at: upper-valley", "detained-at: valley-police"])
def test_a_file_is_not_replaced_while_there_are_problems_or_violations(here: Path, lines: str) -> None:
    Path("mine.ttl").write_text("old")
    say(lines)
    said = kg("export", "-o", "mine.ttl")
    assert said.code == Exit.FOUND
    assert said.lines[0].startswith(f"seeds/a.yaml:{SEED_LINES}:")
    assert "nothing was written" in said.stderr
    assert Path("mine.ttl").read_text() == "old"


def test_what_is_restricted_is_exported_on_demand_but_not_into_the_public_folder(here: Path) -> None:
    say("name: smuggler\n    access: restricted")
    assert "smuggler" not in kg("export", "-o", "-", "-f", "nt").stdout
    assert "smuggler" in kg("export", "-o", "-", "-f", "nt", "--include-restricted").stdout
    before = contents(here)
    said = kg("export", "-o", "exports/mine.ttl", "--include-restricted")
    assert (said.code, said.stdout) == (Exit.REFUSED, "")
    assert "lies in the place of the public export" in said.stderr
    assert contents(here) == before


def test_the_version_is_told_installed_or_not() -> None:
    said = shell("--version")
    assert (said.code, said.stderr) == (0, "")
    assert re.fullmatch(r"reportedly \S.*\n", said.stdout)


def test_a_link_in_a_folder_called_restricted_is_restricted(here: Path) -> None:
    Path("private").mkdir()
    text = SEED.replace("valley-post-1", "valley-post-2").replace(
        "occupation: herder", "occupation: smuggler"
    )
    text = re.sub(r"(?s)organization:.*?sources:", "sources:", text).replace(
        "episodes:\n  herder-case: arrest of the herder\n", ""
    )
    Path("private/b.yaml").write_text(
        text.replace("speaker: friend", "speaker: aman-tolek"), encoding="utf-8"
    )
    Path("seeds/restricted").mkdir()
    Path("seeds/restricted/b.yaml").symlink_to(Path("../../private/b.yaml"))
    said = kg("export", "-o", "-", "-f", "nt")
    assert (said.code, "smuggler" in said.stdout) == (0, False)


@pytest.mark.parametrize("name", list(cli.commands))
def test_each_option_is_explained(name: str) -> None:
    unexplained = [o.opts for o in cli.commands[name].params if isinstance(o, click.Option) and not o.help]
    assert unexplained == []


def test_standard_input_is_one_thing_only(here: Path) -> None:
    said = kg("query", "-", "--data", "-", stdin=WHERE_TAKEN)
    assert (said.code, said.stdout) == (Exit.CANNOT, "")
    assert "standard input" in said.stderr


def test_a_folder_that_is_no_project_is_told_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    said = kg("check")
    assert said.code == Exit.CANNOT
    assert "kg.toml" in said.stderr
    assert str(tmp_path) not in said.stderr


def test_a_key_that_stands_nowhere_in_the_data_is_told(there: Path) -> None:
    said = kg("query", "person", "-p", "person=amna-tolek")
    assert "id:amna-tolek stands nowhere in the data; did you mean id:aman-tolek?" in said.stderr


def test_an_output_of_unknown_extension_is_told(here: Path) -> None:
    assert kg("query", WHERE_TAKEN, "-o", "a.xlsx").code == Exit.CANNOT


def test_verify_does_not_speak_of_writing(here: Path) -> None:
    say()
    assert "written" not in kg("verify", "valley-post-1", "--text", "copy.txt").stderr


def test_cite_without_words_describes_the_whole_text(here: Path) -> None:
    Path("copy.txt").write_text("Nothing was said.", encoding="utf-8")
    digest = hashlib.sha256(b"Nothing was said.").hexdigest()
    assert kg("cite", "copy.txt").stdout == f"text: {{length: 17, digest: {digest}}}\n"


def test_a_sort_that_an_engine_cannot_do_is_told_how_to_mend(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def give_up(*_: object, **__: object) -> None:
        raise LimitError("the query: stopped at 1 MB of memory; ask for less, or allow more")

    monkeypatch.setattr("kg.limits.run_limited", give_up)
    Path("one.ttl").write_text("<urn:a> <urn:b> 1 .", encoding="utf-8")
    sorting = kg("query", "SELECT ?o { ?s ?p ?o } ORDER BY ?o", "--data", "one.ttl")
    assert (sorting.code, "ORDER BY STR(?x)" in sorting.stderr) == (Exit.LIMIT, True)
    assert "STR(" not in kg("query", "SELECT ?o { ?s ?p ?o }", "--data", "one.ttl").stderr

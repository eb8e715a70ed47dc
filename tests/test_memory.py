from __future__ import annotations

import json
import os
import random
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from kg import build, memory, seeds
from kg.build import Vocabulary
from kg.model import Access, Corpus
from kg.project import Project, find

DIGEST = "0" * 64
SHARED = """\
organization:
  post: Valley Post
place:
  valley: Upper Valley
  hill: The Hill
person:
  aman: Aman Tolek
episodes:
  case: the case
"""


def report(number: int, place: str = "valley", age: int = 36, copied: str = "") -> str:
    return f"""\
report:
  key: report-{number}
  title: Report {number}
  publisher: post
  published: 2021-03-04
{copied}person:
  person-{number}: Person {number}
  witness: {{unnamed: a witness}}
sources:
  witness: {{speaker: witness}}
assertions:
  - about: [aman, person-{number}]
    told-by: witness
    evidence: {{start: 1, end: 9, digest: {DIGEST}}}
    episode: case
    detained-at: [{place}, unknown]
    age: {age}
"""


Files = dict[str, bytes]


@pytest.fixture
def read(vocabulary: Vocabulary, project: Project) -> Callable[..., seeds.Reading]:
    def of(files: Mapping[str, bytes], known: Mapping[str, seeds.Part] | None = None) -> seeds.Reading:
        return seeds.read(files, vocabulary.ontology, vocabulary.choices, project, known)

    return of


def some(number: int = 12) -> Files:
    found = {f"r{n}.yaml": report(n).encode() for n in range(number)}
    return {**found, "shared.yaml": SHARED.encode()}


def everything(corpus: Corpus) -> list[object]:
    """Give all of it, with the places that take no part in equality."""
    return [
        (item, item.where, getattr(item, "positions", ()))
        for name in Corpus.__slots__
        for item in getattr(corpus, name)
    ]


def kept(files: Files, reading: seeds.Reading, tmp_path: Path) -> memory.Memory:
    memory.save(memory.of(reading.parts, files, "s"), tmp_path)
    return memory.load(tmp_path, "s")


def again(read: Callable[..., seeds.Reading], old: Files, new: Files, tmp_path: Path) -> seeds.Reading:
    """Read the new files with what is remembered of the old; the result is that of a full reading."""
    found = read(new, kept(old, read(old), tmp_path).known(new))
    full = read(new)
    assert everything(found.corpus) == everything(full.corpus)
    assert found.problems == full.problems
    assert dict(found.parts) == dict(full.parts)
    return found


def test_nothing_is_read_again_where_nothing_changed(read, tmp_path: Path) -> None:
    assert again(read, some(), some(), tmp_path).reread == ()


def test_of_a_thousand_files_only_the_edited_one_is_read_again(read, tmp_path: Path) -> None:
    files = some(1000)
    found = again(read, files, files | {"r7.yaml": report(7, age=37).encode()}, tmp_path)
    assert found.reread == ("r7.yaml",)


@pytest.mark.parametrize(
    ("change", "reread"),
    [
        ({"shared.yaml": SHARED.replace("The Hill", "Hill")}, {"shared.yaml"}),
        ({"shared.yaml": "# a remark moves every line\n" + SHARED}, {"shared.yaml"}),
        ({"shared.yaml": SHARED.replace("Aman Tolek", "Aman Töle")}, "all"),
        ({"shared.yaml": SHARED.replace("the case", "the trial")}, {"shared.yaml"}),
        ({"shared.yaml": SHARED.replace("Upper Valley", "{label: Upper Valley, access: restricted}")}, "all"),
        ({"r3.yaml": None}, set()),
        ({"new.yaml": report(99)}, {"new.yaml"}),
    ],
)
def test_what_an_edit_can_affect_is_read_again(
    read, tmp_path: Path, change: dict[str, str | None], reread: set[str] | str
) -> None:
    old = some()
    new = {path: data for path, data in old.items() if path not in change}
    new |= {path: text.encode() for path, text in change.items() if text is not None}
    found = again(read, old, new, tmp_path)
    assert set(found.reread) == (set(new) if reread == "all" else reread)


@pytest.mark.parametrize(
    "change",
    [
        {"shared.yaml": SHARED.replace("  hill: The Hill\n", "").replace("valley:", "valey:")},
        {"shared.yaml": SHARED.replace("case:", "cases:")},
        {"shared.yaml": SHARED + "court:\n  person-3: A court\n"},
        {"r5.yaml": report(4)},
        {"r5.yaml": report(5, place="nowhere")},
        {"r5.yaml": report(5).replace("told-by: witness", "told-by: nobody")},
    ],
)
def test_problems_are_those_of_a_full_reading(read, tmp_path: Path, change: dict[str, str]) -> None:
    old = some()
    found = again(read, old, old | {path: text.encode() for path, text in change.items()}, tmp_path)
    assert found.problems


def test_a_loop_of_copies_that_an_edit_closes_is_found(read, tmp_path: Path) -> None:
    old = some() | {"r1.yaml": report(1, copied="  copied-from: report-2\n").encode()}
    new = old | {"r2.yaml": report(2, copied="  copied-from: report-1\n").encode()}
    found = again(read, old, new, tmp_path)
    assert {problem.code for problem in found.problems} == {"copy-loop"}


def test_random_edits_give_what_a_full_reading_gives(read, tmp_path: Path) -> None:
    draw = random.Random(5)  # noqa: S311
    files = some()
    for _ in range(25):
        new = dict(files)
        for _ in range(draw.randint(1, 3)):
            number = draw.randrange(14)
            new[f"r{number}.yaml"] = report(
                number, draw.choice(["valley", "hill", "gone", "unknown"]), draw.randint(1, 9)
            ).encode()
            if draw.random() < 0.3:
                new.pop(draw.choice(sorted(new)), None)
            if draw.random() < 0.3:
                new["shared.yaml"] = SHARED.replace("Valley", draw.choice(["Valley", "Dale"])).encode()
        again(read, files, new, tmp_path)
        if not read(new).problems:
            files = new


def test_records_are_read_each_time_and_with_the_report_that_they_belong_to(read, tmp_path: Path) -> None:
    line = (
        b'{"subject": "witness", "predicate": "age", "object": 9, "report": "report-3", "told-by": "witness", '
        b'"start": 1, "end": 9, "digest": "' + DIGEST.encode() + b'"}'
    )
    old = some() | {"z.jsonl": line}
    assert set(again(read, old, old, tmp_path).reread) == {"r3.yaml", "z.jsonl"}


@pytest.mark.parametrize("data", [b"", b"\x00", b"\x81\xa1a", b"\xc1" * 99, b"\x91" * 100_000])
def test_a_damaged_memory_costs_only_time(tmp_path: Path, data: bytes) -> None:
    memory.save(memory.Memory(settings="s"), tmp_path)
    (tmp_path / ".kg" / "seeds.msgpack").write_bytes(data)
    assert memory.load(tmp_path, "s") == memory.Memory(settings="s")


def test_what_other_settings_gave_is_not_used(read, tmp_path: Path) -> None:
    files = some(1)
    memory.save(memory.of(read(files).parts, files, "s"), tmp_path)
    assert memory.load(tmp_path, "t").parts == {}
    assert (tmp_path / ".kg" / "seeds.msgpack").stat().st_mode & 0o077 == 0
    assert (tmp_path / ".kg" / ".gitignore").read_text() == "*\n"


LINES = {
    "source": b'{"class": "source", "report": "report-3", "key": "aunt", "label": "an aunt", "speaker": "aman"}',
    "publisher": b'{"class": "source", "report": "report-3", "key": "publisher", "access": "withheld", "speaker": "aman"}',
    "unnamed": b'{"class": "person", "report": "report-3", "key": "aunt", "unnamed": "an aunt"}',
}


@pytest.mark.parametrize(
    ("line", "edit"),
    [
        ("source", ("told-by: witness", "told-by: aunt")),
        ("publisher", ("told-by: witness\n    ", "")),
        ("unnamed", ("about: [aman,", "about: [aunt,")),
    ],
)
def test_what_records_added_to_a_report_goes_with_them(
    read, tmp_path: Path, line: str, edit: tuple[str, str]
) -> None:
    old = some() | {"r3.yaml": report(3).replace(*edit).encode()}
    whole = old | {"z.jsonl": LINES[line]}
    assert read(whole).problems == ()
    again(read, whole, whole, tmp_path)
    again(read, whole, old, tmp_path)


def test_a_link_that_leads_to_another_place_is_read_again(
    read, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    files = some(3)
    for folder in ("open", "restricted"):
        (tmp_path / folder).mkdir()
        for name in ("r1.yaml", "shared.yaml"):
            (tmp_path / folder / name).write_bytes(files[name])
    Path("r1.yaml").symlink_to("open/r1.yaml")
    Path("shared").symlink_to("open")
    files["shared/shared.yaml"] = files.pop("shared.yaml")
    assert read(files).problems == ()
    memory_of_before = kept(files, read(files), tmp_path)
    Path("r1.yaml").unlink()
    Path("r1.yaml").symlink_to("restricted/r1.yaml")
    Path("shared").unlink()
    Path("shared").symlink_to("restricted")
    found = read(files, memory_of_before.known(files))
    assert everything(found.corpus) == everything(read(files).corpus)
    assert {item.access for item in found.corpus.episodes} == {Access.RESTRICTED}
    marks = {assertion.where.path: assertion.access for assertion in found.corpus.assertions}
    assert marks == {"r0.yaml": Access.PUBLIC, "r1.yaml": Access.RESTRICTED, "r2.yaml": Access.PUBLIC}


@pytest.mark.skipif(os.name != "posix", reason="others are told apart by POSIX permissions")
def test_a_memory_that_others_could_have_written_is_not_read(read, tmp_path: Path) -> None:
    files = some(1)
    assert kept(files, read(files), tmp_path).parts
    file = tmp_path / ".kg" / "seeds.msgpack"
    file.chmod(0o644)
    assert memory.load(tmp_path, "s").parts == {}
    assert kept(files, read(files), tmp_path).parts
    assert file.stat().st_mode & 0o077 == 0


def test_nothing_is_written_where_a_link_stands_in_the_place_of_the_folder(read, tmp_path: Path) -> None:
    project, elsewhere = tmp_path / "project", tmp_path / "elsewhere"
    project.mkdir()
    elsewhere.mkdir()
    (project / ".kg").symlink_to(elsewhere)
    memory.save(memory.of(read(some(1)).parts, some(1), "s"), project)
    assert list(elsewhere.iterdir()) == []


@pytest.fixture
def large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a project with so many seeds that they are remembered."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "kg.toml").write_text("")
    (tmp_path / "seeds").mkdir()
    for name, data in some(build.MANY_FILES).items():
        (tmp_path / "seeds" / name).write_bytes(data)
    return tmp_path


def test_a_memory_that_says_the_same_is_not_written_again(large: Path) -> None:
    def written() -> int:
        project = find(large)
        vocabulary = build.Vocabulary.of(project)
        build.read(project, vocabulary, build.seed_files(project, (), large), remember=True)
        return (large / ".kg" / "seeds.msgpack").stat().st_ino

    line = {"subject": "aman", "predicate": "age", "object": 9, "report": "report-3"}
    record = {**line, "start": 1, "end": 9, "digest": DIGEST}
    (large / "seeds" / "z.jsonl").write_text(json.dumps(record))
    first = written()
    assert written() == first  # z.jsonl and its report are read each time, and what is remembered is the same
    (large / "seeds" / "r7.yaml").write_text(report(7, age=40))
    assert written() != first


@pytest.mark.parametrize("change", ["settings", "place", "program"])
def test_other_settings_read_everything_again(
    large: Path, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    def read() -> seeds.Reading:
        project = find(large)
        files = build.seed_files(project, (), Path.cwd())
        return build.read(project, build.Vocabulary.of(project), files, remember=True)

    number = len(read().reread)
    assert len(read().reread) == 0
    if change == "settings":
        (large / "kg.toml").write_text('default-access = "restricted"\n')
    elif change == "place":
        monkeypatch.chdir(large / "seeds")
    else:
        monkeypatch.setattr(build.sys, "version", "another")
    found = read()
    assert len(found.reread) == number
    assert {a.access for a in found.corpus.assertions} == {
        Access.RESTRICTED if change == "settings" else Access.PUBLIC
    }

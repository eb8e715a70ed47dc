"""What hostile and clumsy people do: told in one line where it is and how to mend it, and nothing is lost."""

from __future__ import annotations

import csv
import errno
import hashlib
import io
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import textwrap
import time
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from conftest import DIGEST, EVIDENCE, HEAD
from kg import build, exports, files
from kg.cli import main
from kg.problems import Exit, KgError
from kg.project import find

KG = [sys.executable, "-m", "kg.cli"]
HEAD_LINES = HEAD.count("\n")
GOOD = f"""{HEAD}assertions:
  - about: aman-tolek
    {EVIDENCE}
    told-by: friend
    detained-at: upper-valley
"""
OTHER = GOOD.replace("Upper Valley", "Lower Valley")
"""Another graph under the same keys."""

posix_only = pytest.mark.skipif(sys.platform == "win32", reason="permissions, pipes and signals of POSIX")
linux_only = pytest.mark.skipif(sys.platform != "linux", reason="forks, and kills with a signal")


@dataclass(frozen=True, slots=True)
class Ran:
    """What a command gave, a number and two texts."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()


def typed(*arguments: str | Path, stdin: bytes = b"") -> Ran:
    """Run `kg` in this process as its entry point does; whatever is not foreseen comes through."""
    out, err = (
        io.TextIOWrapper(io.BytesIO(), "utf-8"),
        io.TextIOWrapper(io.BytesIO(), "utf-8", "backslashreplace"),
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["kg", *map(str, arguments)])
        patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin), "utf-8"))
        patch.setattr(sys, "stdout", out)
        patch.setattr(sys, "stderr", err)
        code = 0
        try:
            main()
        except SystemExit as ended:
            code = int(ended.code or 0)
    texts = []
    for stream in (out, err):
        stream.seek(0)
        texts.append(stream.buffer.read().decode())
    return Ran(code, *texts)


def environment(**variables: str) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), **variables}


def started(folder: Path, *arguments: str | Path, **options: Any) -> subprocess.Popen[bytes]:
    """Start `kg` as a process of its own."""
    pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen(
        [*KG, *map(str, arguments)], cwd=folder, **{"env": environment(), **pipes, **options}
    )


def shell(folder: Path, script: str, **variables: str) -> Ran:
    """Run a line of shell in which `kg` is the command."""
    command = f'kg() {{ "{sys.executable}" -m kg.cli "$@"; }}\n{script}'
    done = subprocess.run(
        ["sh", "-c", command], cwd=folder, env=environment(**variables), capture_output=True, timeout=60
    )
    return Ran(done.returncode, done.stdout.decode(), done.stderr.decode())


def seed(*lines: str, head: str = HEAD) -> str:
    """A whole seed with one block about the herder; its first line of its own is `HEAD_LINES` + 4."""
    block = "".join(f"    {line}\n" for line in lines)
    return f"{head}assertions:\n  - about: aman-tolek\n    {EVIDENCE}\n{block}"


def refused(ran: Ran, code: Exit, *said: str) -> None:
    """The command ended with `code`, printed no result, and told why in one line."""
    assert (ran.code, ran.out) == (code, "")
    assert re.fullmatch(r"kg: [^\n]+\n", ran.err), ran.err
    for words in said:
        assert words in ran.err


def told(ran: Ran, *expected: tuple[int, int, str]) -> list[str]:
    """`check` told problems at these lines and columns, each in a line of the file a.yaml; their messages."""
    found = [re.fullmatch(r"seeds/a\.yaml:(\d+):(\d+): ([a-z-]+): (.+)", line) for line in ran.lines]
    assert all(found), ran.out
    places = [(int(match[1]), int(match[2]), match[3]) for match in found if match]
    assert places == list(expected)
    assert ran.code == Exit.FOUND
    return [match[4] for match in found if match]


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def whole(folder: Path) -> dict[str, str]:
    """The digests that the manifest tells, each of which is that of a file."""
    manifest = json.loads((folder / exports.MANIFEST).read_bytes())
    told = {name: str(entry["sha256"]) for name, entry in manifest["files"].items()}
    assert told == {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in told}
    return told


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of an empty project, which is also the working folder."""
    (tmp_path / "kg.toml").touch()
    (tmp_path / "seeds").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def plant(text: str | bytes, name: str = "a") -> Path:
    path = Path("seeds", f"{name}.yaml")
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


@pytest.fixture(scope="module")
def export(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The export of the good seed, to be copied and not touched."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("good")
        patch.chdir(folder)
        Path("seeds").mkdir()
        plant(GOOD)
        assert typed("build").code == 0
    return folder / "exports"


@pytest.fixture
def built(here: Path, export: Path) -> Path:
    """The folder of a project that was built once."""
    plant(GOOD)
    shutil.copytree(export, "exports")
    return here


# ---------------------------------------------------------------- seeds that are no text


@pytest.mark.parametrize(
    ("data", "line", "column", "code", "said"),
    [
        (b"", 1, 1, "empty-file", "nothing but blank lines"),
        (b"\xef\xbb\xbf", 1, 1, "empty-file", "nothing but blank lines"),
        (b"# only\n\n   # comments\n", 1, 1, "empty-file", "nothing but blank lines and comments"),
        (GOOD.encode("utf-16"), 1, 1, "encoding", "UTF-16; save it again with the encoding UTF-8"),
        (GOOD.encode("utf-16-be"), 1, 1, "encoding", "UTF-16"),
        (GOOD.encode("utf-32"), 1, 1, "encoding", "UTF-32"),
        (GOOD.replace("Herder", "Härder").encode("latin-1"), 3, 11, "encoding", "the byte 0xE4 is not UTF-8"),
        (b"\xff\xff", 1, 1, "encoding", "the byte 0xFF is not UTF-8"),
        (b"person:\n  a: \xed\xa0\x80\n", 2, 6, "encoding", "the byte 0xED is not UTF-8"),
        (GOOD.replace("Herder", "H\0rder").encode(), 3, 11, "control-character", "U+0000 is not text"),
        (GOOD.replace("Herder", "H\x1b[2J").encode(), 3, 11, "control-character", "U+001B"),
        (GOOD.replace("Herder", '"\\e[2J"').encode(), 3, 11, "control-character", "U+001B"),
        (GOOD.replace("Herder", "\u202eredreH").encode(), 3, 10, "bidi-control", "right-to-left override"),
        (GOOD.replace("Herder taken", '"\\u2066"').encode(), 3, 11, "bidi-control", "U+2066"),
        (GOOD.replace("Herder taken", '"\\ud800"').encode(), 3, 13, "yaml-syntax", "gives no character"),
        (GOOD.replace("  key", "\tkey").encode(), 2, 1, "tab", "replace it by spaces"),
        (b"[" * 100_000, 1, 41, "too-deep", "nested deeper than 40"),
        (b"- " * 100_000, 1, 81, "too-deep", "nested deeper than 40"),
        (b"a: " + b"{a: " * 100_000, 1, 160, "too-deep", "nested deeper than 40"),
        (b"? " * 100_000, 1, 81, "too-deep", "nested deeper than 40"),
        (b"!!python/object/apply:os.system [true]\n", 1, 1, "tag", "is not allowed"),
        (b"a: &x {b: c}\nd: *x\n", 1, 4, "anchor", "is not allowed"),
        (b"person:\n  <<: {a: A}\n", 2, 3, "merge-key", "write the entries out"),
        (b"person: {a: A}\n---\nplace: {b: B}\n", 2, 1, "several-documents", "remove '---'"),
        (b"%YAML 9.9\n---\na: b\n", 1, 1, "yaml-syntax", "only YAML 1.1 and 1.2"),
        (b"- a\n- b\n", 1, 1, "wrong-kind", "found a list; a seed is a mapping"),
        (b"12\n", 1, 1, "wrong-kind", "found text; a seed is a mapping"),
    ],
    ids=lambda value: repr(value)[:24],
)  # fmt: skip
def test_what_is_no_seed_is_told_at_its_place(
    here: Path, data: bytes, line: int, column: int, code: str, said: str
) -> None:
    plant(data)
    ran = typed("check")
    assert ran.code == Exit.FOUND
    assert any(
        found.startswith(f"seeds/a.yaml:{line}:{column}: {code}: ") and said in found for found in ran.lines
    ), ran.out
    assert len(ran.out) < 10_000


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_line_ends_and_a_byte_order_mark_are_no_matter_but_problems_are_on_the_same_line(
    here: Path, mark: str, ending: str
) -> None:
    plant((mark + GOOD.replace("\n", ending)).encode())
    assert typed("check") == Ran(0, "", "1 seed, 1 assertion, no problems\n")
    plant((mark + seed("age: x", "detaind-at: y").replace("\n", ending)).encode())
    row = HEAD_LINES + 4
    told(typed("check"), (row, 10, "bad-value"), (row + 1, 5, "unknown-predicate"))


def test_columns_count_characters_in_every_script(here: Path) -> None:
    plant(
        seed(
            'occupation: ["شخص", "\U0001f600\U00020000", "e\u0301", {valu: x}]',
            '"واحد": x',
            'age: "\U0001f600"',
            "sentenced-to: [5 years, \U0001f600]",
        )
    )
    row = HEAD_LINES + 4
    told(
        typed("check"),
        (row, 37, "missing-key"),
        (row, 38, "unknown-key"),
        (row + 1, 5, "unknown-predicate"),
        (row + 2, 10, "bad-value"),
        (row + 3, 29, "bad-value"),
    )


def test_twins_in_other_letters_are_no_keys_but_values_as_typed(here: Path) -> None:
    one, two = "josé", unicodedata.normalize("NFD", "josé")
    head = HEAD.replace("  aman-tolek:", f"  {one}: José\n  aman-tolek:")
    plant(seed(f"occupation: [{one}, {two}]", head=head))
    assert typed("check").err == "1 seed, 2 assertions, no problems\n"
    plant(seed(f"relative-of: {two}", head=head))
    (message,) = told(typed("check"), (HEAD_LINES + 5, 18, "unknown-entity"))
    assert message.endswith("its accents are typed apart from their letters; write 'josé' (Unicode NFC)")
    plant(seed("age: 3", head=head.replace("  aman-tolek:", f"  {two}: Another\n  aman-tolek:")))
    told(typed("check"), (19, 3, "bad-key"))


# ---------------------------------------------------------------- seeds that are very large


def test_a_text_of_ten_megabytes_is_told_where_it_begins(here: Path) -> None:
    plant(GOOD.replace("Herder taken", "x" * 10_000_000))
    told(typed("check"), (3, 10, "too-long"))


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("age: {}", "bad-value"),
        ("age: {}.5", "bad-value"),
        ("date: {}", "bad-date"),
        ("sentenced-to: {} years", "bad-value"),
        ("count: more than {}", "bad-value"),
        ("withdrawn: {}", "bad-date"),
        ("told-by: '{}'", "unknown-source"),
        ("detained-at: '{}'", "unknown-entity"),
        ("certainty: {}", "bad-choice"),
        ("access: {}", "bad-access"),
    ],
)
def test_a_number_of_ten_thousand_digits_is_told_in_a_short_line(here: Path, line: str, code: str) -> None:
    plant(seed("occupation: x", line.format("9" * 10_000)))
    ran = typed("check")
    column = 5 + line.index("{") - (line.split(": ")[1].startswith("more") and len("more than "))
    told(ran, (HEAD_LINES + 5, column - line.count("'") // 2, code))
    assert len(ran.out) < 700


def test_a_million_lines_are_read_or_told_in_seconds(here: Path) -> None:
    started = time.perf_counter()
    plant(GOOD + "# a comment\n" * 1_000_000)
    assert typed("check").code == 0
    plant(HEAD + "assertions:\n" + "  - x\n" * 100_000)
    ran = typed("check")
    codes = [line.split(": ")[1] for line in ran.lines]
    assert codes == ["wrong-kind"] * 1_000 + ["too-many-problems"]
    assert ran.err == "1,001 problems\n"
    assert time.perf_counter() - started < 240


def test_ten_thousand_blocks_are_checked_in_seconds(here: Path) -> None:
    block = textwrap.indent(seed("detained-at: upper-valley", "told-by: friend").removeprefix(HEAD), "")
    blocks = block.removeprefix("assertions:\n")
    plant(
        HEAD + "assertions:\n" + "".join(blocks.replace(DIGEST, f"{number:064x}") for number in range(10_000))
    )
    started = time.perf_counter()
    assert typed("check").err == "1 seed, 10,000 assertions, no problems\n"
    assert time.perf_counter() - started < 180


def test_two_long_lists_in_one_block_do_not_multiply_without_end(here: Path) -> None:
    people, trades = ", ".join(["aman-tolek"] * 20_000), ", ".join(["herder"] * 20_000)
    plant(seed(f"occupation: [{trades}]").replace("about: aman-tolek", f"about: [{people}]"))
    (message,) = told(typed("check"), (HEAD_LINES + 2, 5, "too-large"))
    assert "and the most is 10,000" in message


def test_a_chain_of_sources_of_any_length_that_loops_is_told_once_and_shortly(here: Path) -> None:
    links = "".join(f"  s{n}: {{speaker: friend, learned-from: s{(n + 1) % 5_000}}}\n" for n in range(5_000))
    plant(HEAD.replace("sources:\n", f"sources:\n{links}"))
    (message,) = told(typed("check"), (21, 3, "source-loop"))
    assert "s0 from s1 from s2 from s3 from s4 from … from s0" in message


# ---------------------------------------------------------------- seeds that mean nothing


@pytest.mark.parametrize(
    ("find", "replace", "place", "said"),
    [
        ("publisher: valley-post", "publisher: valey-post", (4, 14, "unknown-entity"), "did you mean 'valley-post'"),
        ("  publisher: valley-post\n", "", (2, 3, "missing-key"), "no publisher"),
        ("published: 2021-03-04", "published: 2021-02-30", (5, 14, "bad-date"), "01 to 28"),
        ("published: 2021-03-04", "published: 2021-02-29", (5, 14, "bad-date"), "01 to 28"),
        ("published: 2021-03-04", "published: 1900-02-29", (5, 14, "bad-date"), "01 to 28"),
        ("published: 2021-03-04", "published: 0000", (5, 14, "bad-date"), "0001"),
        ("language: en", "language: e n", (6, 13, "bad-language"), "BCP 47"),
        ("language: en", "url: not an address", (6, 8, "bad-iri"), "absolute IRI"),
        ("language: en", "url: example.org/a", (6, 8, "bad-iri"), "absolute IRI"),
        ("language: en", "url: javascript:alert(1)", (6, 8, "bad-iri"), "begins with https://"),
        ("language: en", "archive-url: file:///etc/passwd", (6, 16, "bad-iri"), "begins with https://"),
        ("language: en", "url: 'https://example.org/\\'", (6, 8, "bad-iri"), "U+005C"),
        ("language: en", "retrieved: 2021-04-31", (6, 14, "bad-date"), "01 to 30"),
        ("language: en", "langage: en", (6, 3, "unknown-key"), "did you mean 'language'"),
        ("length: 500", "length: 0", (7, 9, "bad-number"), "how many characters"),
        ("key: valley-post-1", "key: ../../etc", (2, 8, "bad-key"), "such as 'etc'"),
        ("key: valley-post-1", "key: report", (2, 8, "bad-key"), "of other things"),
        ("key: valley-post-1", "key: source", (2, 8, "bad-key"), "of other things"),
        ("Aman Tolek\n", "{label: A, same-as: 'javascript:alert(1)'}\n", (18, 35, "bad-iri"), "names nothing"),
        ("Aman Tolek\n", "{label: A, same-as: 'wd:'}\n", (18, 35, "bad-iri"), "such as wd:Q42"),
        ("Aman Tolek\n", "{label: A, same-as: 'wdt:Q42'}\n", (18, 35, "bad-iri"), "did you mean 'wd:'"),
        ("Aman Tolek\n", "{label: A, same-as: 'wd:Q42> <'}\n", (18, 35, "bad-iri"), "U+003E"),
        ("Aman Tolek\n", '"\u200b\u00a0"\n', (18, 15, "empty"), "give a value"),
        ("Aman Tolek\n", "{label: A, unnamed: B}\n", (18, 3, "bad-label"), "keep one"),
        ("basis: first-hand", "learned-from: friend", (21, 3, "source-loop"), "friend from friend"),
        ("basis: first-hand", "learned-from: freind", (21, 43, "unknown-source"), "did you mean 'friend'"),
    ],
)  # fmt: skip
def test_a_mistake_in_the_head_of_a_seed_is_told_at_its_place(
    here: Path, find: str, replace: str, place: tuple[int, int, str], said: str
) -> None:
    assert find in HEAD
    plant(HEAD.replace(find, replace, 1))
    ran = typed("check")
    assert said in told_at(ran, place)


def told_at(ran: Ran, place: tuple[int, int, str]) -> str:
    assert ran.code == Exit.FOUND
    start = "seeds/a.yaml:{}:{}: {}: ".format(*place)
    assert sum(line.startswith(start) for line in ran.lines) == 1, ran.out
    return next(line for line in ran.lines if line.startswith(start))


def test_a_key_of_two_files_is_told_with_both_places(here: Path) -> None:
    plant("person:\n  aman-tolek: Aman Tolek\n")
    plant("place:\n  upper: Upper\n  aman-tolek: Aman Tolek\n", "b")
    ran = typed("check")
    assert ran.code == Exit.FOUND
    (line,) = ran.lines
    assert line.startswith(
        "seeds/b.yaml:3:3: repeated-entity: 'aman-tolek' stands already at seeds/a.yaml:2:3"
    )


def test_what_belongs_to_a_report_is_told_where_there_is_none(here: Path) -> None:
    plant("person:\n  a: A\n  b: {unnamed: a man}\nsources:\n  c: {speaker: a}\nassertions:\n  - about: a\n")
    told(typed("check"), (3, 3, "no-report"), (5, 3, "no-report"), (7, 3, "no-report"))


@pytest.mark.parametrize("inside", ["upper-valley", "deep-valley"])
def test_places_that_lie_within_themselves_are_told_at_their_seeds(here: Path, inside: str) -> None:
    head = HEAD.replace("  upper-valley:", "  deep-valley: Deep Valley\n  upper-valley:")
    blocks = "".join(
        f"  - about: {place}\n    {EVIDENCE.replace(DIGEST, str(number) * 64)}\n    located-in: {outer}\n"
        for number, (place, outer) in enumerate(
            {"upper-valley": inside, "deep-valley": "upper-valley"}.items()
        )
    )
    plant(f"{head}assertions:\n{blocks}")
    ran = typed("build")
    assert ran.code == Exit.FOUND
    found = [line for line in ran.lines if "place-loop: By what is said" in line]
    rows = ["seeds/a.yaml:16:3:", "seeds/a.yaml:17:3:"] if inside == "deep-valley" else ["seeds/a.yaml:17:3:"]
    assert [line.split(" ")[0] for line in found] == rows
    assert ran.err == "kg: there are violations; nothing was written\n"
    assert not Path("exports").exists()


# ---------------------------------------------------------------- files that are none


def test_what_is_named_and_cannot_be_read_is_told_in_one_line(here: Path) -> None:
    plant(GOOD)
    Path("folder.yaml").mkdir()
    Path("broken.yaml").symlink_to("nowhere")
    refused(typed("check", "nowhere.yaml"), Exit.CANNOT, "nowhere.yaml: there is no such file")
    refused(typed("check", "seeds/aa.yaml"), Exit.CANNOT, "did you mean 'seeds/a.yaml'?")
    refused(
        typed("check", "folder.yaml"), Exit.CANNOT, "no seeds in folder.yaml; a seed is a file that ends in"
    )
    refused(typed("check", "seeds/a.yaml", "broken.yaml"), Exit.CANNOT, "broken.yaml: there is no such file")
    refused(typed("check", "/dev/zero"), Exit.CANNOT, "it is a device, not a file")
    refused(typed("build", "nowhere.yaml"), Exit.CANNOT, "there is no such file")
    refused(typed("export", "nowhere.yaml", "-o", "x.ttl"), Exit.CANNOT, "there is no such file")
    assert not Path("exports").exists()


@posix_only
def test_a_socket_is_no_seed(here: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("s.yaml")
        refused(typed("check", "s.yaml"), Exit.CANNOT, "it is a socket, not a file")


def test_a_folder_with_the_name_of_a_seed_is_looked_into(here: Path) -> None:
    plant(GOOD)
    Path("seeds/x.yaml").mkdir()
    Path("seeds/x.yaml/b.yaml").write_text("person:\n  a: ''\n")
    ran = typed("check")
    assert ran.code == Exit.FOUND
    assert [line.split(": ")[0] for line in ran.lines] == ["seeds/x.yaml/b.yaml:2:6"]


def test_without_seeds_each_command_that_needs_them_says_so(here: Path) -> None:
    for arguments in (["check"], ["build"], ["export", "-o", "x.ttl"], ["verify", "x", "--text", "kg.toml"]):
        refused(typed(*arguments), Exit.CANNOT, "no seeds in seeds; a seed is a file that ends in .yaml")
    Path("seeds").rmdir()
    for arguments in (["check"], ["build"], ["export", "-o", "x.ttl"], ["verify", "x", "--text", "kg.toml"]):
        refused(typed(*arguments), Exit.CANNOT, "seeds")
    refused(typed("query", "ASK {}"), Exit.CANNOT, "no export in exports; run kg build first")
    assert sorted(os.listdir()) == ["kg.toml"]  # noqa: PTH208


@contextmanager
def nobody() -> Iterator[None]:
    """Be held back by permissions, for once, where the tests are run by root."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def shared(monkeypatch: pytest.MonkeyPatch, export: Path) -> Iterator[Path]:
    """The folder of a project that anybody may read and write, built once, and the working folder."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o777)
        (folder / "seeds").mkdir(mode=0o777)
        (folder / "kg.toml").touch()
        monkeypatch.chdir(folder)
        plant(GOOD)
        shutil.copytree(export, "exports")
        (folder / "exports").chmod(0o777)
        yield folder
        folder.chmod(0o777)


@posix_only
def test_a_seed_that_may_not_be_read_stops_everything(shared: Path) -> None:
    plant("person:\n  hidden: Hidden\n", "b").chmod(0)
    before = contents(shared / "exports")
    with nobody():
        for arguments in (["check"], ["build"], ["export", "-o", "-", "-f", "ttl"]):
            refused(typed(*arguments), Exit.CANNOT, "cannot read the seed", "b.yaml: no permission")
    assert contents(shared / "exports") == before


@posix_only
@pytest.mark.parametrize("closed", ["exports", "."])
def test_a_folder_that_may_not_be_written_keeps_the_old_export(shared: Path, closed: str) -> None:
    before = contents(shared / "exports")
    plant(OTHER)
    (shared / closed).chmod(0o555)
    with nobody():
        ran = typed("build")
    assert ran.code == Exit.CANNOT
    assert re.fullmatch(r"kg: cannot write [^\n]*no permission[^\n]*\n", ran.err)
    assert contents(shared / "exports") == before


# ---------------------------------------------------------------- settings


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ("base = ", "kg.toml: not TOML"),
        ("tittle = 'x'", "did you mean 'title'?"),
        ("title = 3", "title is a text in quotes, not 3"),
        ("base = 'https://example.org'", "base ends in / or #"),
        ("base = 'https://example.org/a b/'", "U+0020 SPACE"),
        ("ontology = ['missing.ttl']", "missing.ttl"),
        ("ontology = ['seeds']", "seeds"),
        ("ontology = ['kg.toml']", "kg.toml:1:1: not Turtle"),
        ("shapes = ['missing.ttl']", "cannot read the shapes"),
        ("shapes = ['kg.toml']", "kg.toml:1:1: not Turtle"),
        ("exports = '.'", "exports is the project's own folder"),
        ("exports = 'seeds'", "give each a folder of its own"),
        ("title = " + "[" * 100_000, "nested too deeply"),
        ("title = '" + "\x1b[2J'", "not TOML"),
    ],
    ids=lambda value: value[:24],
)  # fmt: skip
def test_settings_that_cannot_be_used_stop_each_command_in_one_line(
    here: Path, settings: str, said: str
) -> None:
    plant(GOOD)
    Path("kg.toml").write_text(settings)
    for arguments in (["check"], ["build"], ["schema"], ["export", "-o", "x.ttl"]):
        ran = typed(*arguments)
        assert (ran.code, ran.out) == (Exit.CANNOT, "")
        assert re.fullmatch(r"kg: [^\n]+\n", ran.err)
        assert said in ran.err
    assert sorted(os.listdir()) == ["kg.toml", "seeds"]  # noqa: PTH208


# ---------------------------------------------------------------- where an export goes


def prepared(kind: str) -> str:
    """Make what stands in the way of an export; give what to name as its place."""
    Path("mine.txt").write_text("mine")
    match kind:
        case "a file":
            return "mine.txt"
        case "below a file":
            return "mine.txt/exports"
        case "a device":
            return "/dev/null"
        case "a pipe":
            os.mkfifo("pipe")
            return "pipe"
        case "a loop of links":
            Path("loop").symlink_to("loop")
            return "loop"
        case "a file of that name":
            Path("out").mkdir()
            Path("out/kg.ttl").write_text("mine")
            return "out"
        case "a folder of that name":
            Path("out/kg.nq").mkdir(parents=True)
            Path("out/kg.nq/mine.txt").write_text("mine")
            return "out"
        case "the working folder":
            return "."
        case "the folder above":
            return ".."
        case "the root":
            return "/"
        case "nothing":
            return ""
        case "a name that is too long":
            return "x" * 300
        case "no real folder":
            return "/proc/nowhere"
    raise ValueError(kind)


@posix_only
@pytest.mark.parametrize(
    "kind",
    [
        "a file",
        "below a file",
        "a device",
        "a pipe",
        "a loop of links",
        "a file of that name",
        "a folder of that name",
        "the working folder",
        "the folder above",
        "the root",
        "nothing",
        "a name that is too long",
        "no real folder",
    ],
)
def test_a_place_that_cannot_be_replaced_is_told_and_stays_as_it_is(built: Path, kind: str) -> None:
    place = prepared(kind)
    before = {path: path.lstat().st_mtime_ns for path in built.rglob("*")}
    ran = typed("build", "-o", place)
    assert ran.code == Exit.CANNOT
    assert re.fullmatch(r"kg: [^\n]+\n", ran.err)
    if place:
        assert place[:100] in ran.err
    assert {path: path.lstat().st_mtime_ns for path in built.rglob("*")} == before


@pytest.mark.parametrize("place", ["out", "new/deep/out", "link", "to-be", "http:", "a b\u202e", "-"])
def test_what_lies_in_the_folder_of_an_export_is_nobody_elses_to_take(built: Path, place: str) -> None:
    for folder in ("out", "real"):
        Path(folder, "sub").mkdir(parents=True)
        Path(folder, "mine.txt").write_text("mine")
        Path(folder, "sub", "mine.txt").write_text("mine")
        Path(folder, "mine.link").symlink_to("mine.txt")
    Path("link").symlink_to("real")
    Path("to-be").symlink_to("later")
    for _ in range(2):
        assert typed("build", "-o", f"./{place}").code == 0
    assert set(whole(Path(place))) == set(exports.FILES)
    assert (Path("link").readlink(), Path("to-be").readlink()) == (Path("real"), Path("later"))
    for folder in ("out", "real"):
        mine = {name: data for name, data in contents(Path(folder)).items() if "mine" in name}
        assert mine == {"mine.txt": b"mine", "sub/mine.txt": b"mine", "mine.link": b"mine"}
    assert [path for path in built.rglob(".kg-*") if "lock" not in path.name] == []


@pytest.mark.parametrize(
    "manifest",
    [
        b"",
        b"not JSON",
        b"[]",
        b'["kg.ttl"]',
        b"{}",
        b"null",
        b'"public"',
        b'{"access": 1}',
        b'{"access": "public", "files": null}',
        b'{"access": "public", "files": 7}',
        b'{"files": {"kg.ttl": {}}}',
        b"\xff\xfe\x00",
        b"1" * 100_000,
    ],
    ids=lambda value: repr(value)[:30],
)
def test_a_manifest_that_is_none_is_somebody_elses_file(here: Path, manifest: bytes) -> None:
    plant(GOOD)
    Path("exports").mkdir()
    Path("exports/manifest.json").write_bytes(manifest)
    ran = typed("build")
    assert ran.code == Exit.CANNOT
    assert re.fullmatch(r"kg: [^\n]*manifest\.json is in the way: no earlier build wrote it[^\n]*\n", ran.err)
    assert contents(Path("exports")) == {"manifest.json": manifest}


def test_a_manifest_that_names_files_elsewhere_takes_none_of_them(here: Path) -> None:
    plant(GOOD)
    names = ["../mine.txt", "../seeds", "..", ".", "", "/etc/passwd", "sub", "sub/mine.txt", "a\0b", "\ud800"]
    Path("exports/sub").mkdir(parents=True)
    for path in ("mine.txt", "exports/mine.txt", "exports/sub/mine.txt"):
        Path(path).write_text("mine")
    names += exports.FILES
    for told_files in (names, {name: {"sha256": "0" * 64} for name in names}):
        Path("exports/manifest.json").write_text(json.dumps({"access": "public", "files": told_files}))
        assert typed("build").code == 0
        assert set(whole(Path("exports"))) == set(exports.FILES)
        for path in ("mine.txt", "exports/mine.txt", "exports/sub/mine.txt"):
            assert Path(path).read_text() == "mine"
        assert plant(GOOD).exists()


def test_an_export_of_another_kind_is_refused_whatever_it_calls_itself(here: Path) -> None:
    plant(GOOD)
    Path("exports").mkdir()
    for access in ("restricted", "secret"):
        manifest = json.dumps({"access": access, "files": []})
        Path("exports/manifest.json").write_text(manifest)
        ran = typed("build")
        assert ran.code == Exit.REFUSED
        assert re.fullmatch(r"kg: [^\n]+ name another[^\n]* with -o\n", ran.err)
        assert contents(Path("exports")) == {"manifest.json": manifest.encode()}


@pytest.mark.parametrize(
    ("output", "said"),
    [
        ("x.foo", "ends in no format that is known; name one with -f: ttl, trig,"),
        ("exports", "ends in no format that is known"),
        ("nowhere/x.ttl", "there is no folder 'nowhere'"),
        ("kg.toml/x.ttl", "cannot write kg.toml/x.ttl"),
        ("folder.ttl", "it is a folder, not a file"),
        ("loop.ttl", "too many levels of symbolic links"),
    ],
)
def test_a_file_that_cannot_be_written_is_told(built: Path, output: str, said: str) -> None:
    Path("folder.ttl").mkdir()
    Path("loop.ttl").symlink_to("loop.ttl")
    before = contents(built)
    refused(typed("export", "-o", output), Exit.CANNOT, said)
    assert contents(built) == before


@linux_only
def test_a_full_device_is_told_by_its_name(built: Path) -> None:
    refused(typed("export", "-o", "/dev/full", "-f", "ttl"), Exit.CANNOT, "no space left on device")


# ---------------------------------------------------------------- full disks, kills and interruptions

CALLS = ("open", "mkdir", "link", "fsync", "rename", "replace", "rmdir")


def fail_at(patch: pytest.MonkeyPatch, step: int, error: int) -> list[int]:
    """Let the call to the disk with this number fail, counted from 1; the list tells how many there were."""
    made = [0]

    def counted(real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            made[0] += 1
            if made[0] == step:
                raise OSError(error, os.strerror(error))
            return real(*arguments, **options)

        return call

    for name in CALLS:
        patch.setattr(os, name, counted(getattr(os, name)))
    patch.setattr(files, "_pour", counted(files._pour))
    patch.setattr(files, "_exchange", counted(files._exchange))
    return made


@posix_only
def test_a_disk_that_is_full_at_any_moment_leaves_the_old_export_or_the_new_one(built: Path) -> None:
    Path("exports/mine.txt").write_text("mine")
    old = contents(Path("exports"))
    plant(OTHER)
    project = find(built)
    vocabulary = build.Vocabulary.of(project)
    reading = build.read(project, vocabulary, build.seed_files(project, (), built))
    graph = build.graph(project, vocabulary, reading.corpus)
    replaced, step = 0, 0
    while True:
        step += 1
        message = ""
        with pytest.MonkeyPatch.context() as patch:
            made = fail_at(patch, step, errno.ENOSPC)
            try:
                build.export(graph, project.exports)
            except KgError as error:
                message = str(error)
        now = contents(Path("exports"))
        whole(Path("exports"))
        assert now["mine.txt"] == b"mine"
        if made[0] < step:
            break
        if message:  # else it had another way, or was no matter any more
            assert re.fullmatch(r"[^\n]*no space left on device[^\n]*", message)
            assert (now == old) is ("the old files are untouched" in message)
        if now != old:
            replaced += 1
            shutil.rmtree("exports")
            for name, data in old.items():
                put(Path("exports", name), data)
    assert (message, now != old) == ("", True)
    assert step > 40
    assert 0 < replaced < step / 2
    assert sorted(path.name for path in built.iterdir()) == ["exports", "kg.toml", "seeds"]


def put(path: Path, data: bytes) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data)


@posix_only
@pytest.mark.parametrize("limit", [0, 20_000])
def test_files_that_would_grow_too_large_leave_the_old_export(built: Path, limit: int) -> None:
    import resource

    before = contents(Path("exports"))
    plant(OTHER)
    process = started(
        built,
        "build",
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
        env=environment(PYTHONDONTWRITEBYTECODE="1"),
    )
    _, err = process.communicate(timeout=60)
    assert process.returncode == Exit.CANNOT
    assert re.fullmatch(rb"kg: [^\n]*file too large; the old files are untouched\n", err)
    assert contents(Path("exports")) == before


KILLS = """
import hashlib, json, os, random, signal, sys, time
from pathlib import Path
from kg.cli import main

shown = os.dup(1)
os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
sys.argv = ["kg", "build"]
texts = [Path(name).read_bytes() for name in ("one.txt", "two.txt")]

def build(number):
    Path("seeds/a.yaml").write_bytes(texts[number % 2])
    pid = os.fork()
    if pid:
        return pid
    try:
        main()
    except SystemExit as ended:
        os._exit(ended.code or 0)
    os._exit(0)

def state():
    manifest = json.loads(Path("exports/manifest.json").read_bytes())
    for name, entry in manifest["files"].items():
        if hashlib.sha256(Path("exports", name).read_bytes()).hexdigest() != entry["sha256"]:
            return name + " is torn"
    return manifest["files"]["kg.nq"]["sha256"]

try:
    main()  # here, so that all is loaded and each child only builds
except SystemExit as ended:
    assert not ended.code
known = []
for number in (0, 1):
    begun = time.perf_counter()
    assert os.waitpid(build(number), 0)[1] == 0
    longest = time.perf_counter() - begun
    known.append(state())
told = []
for number in range(1, int(os.environ["KILLS"]) + 1):
    pid = build(number)
    # Most of them late, when files are being written.
    time.sleep(longest * random.choice([random.uniform(0, 1), random.uniform(0.7, 1.1)]))
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    if not Path("exports").is_dir():
        from kg.files import recover
        recover(Path("exports"))
    told.append(known.index(state()) if state() in known else state())
assert os.waitpid(build(number + 1), 0)[1] == 0
os.write(shown, json.dumps([told, known[0] != known[1], known.index(state()), sorted(p.name for p in Path().iterdir())]).encode())
"""


def killed(here: Path, kills: int) -> list[Any]:
    """What a process tells that starts builds and kills them."""
    plant(GOOD)
    Path("one.txt").write_text(GOOD)
    Path("two.txt").write_text(OTHER)
    done = subprocess.run(
        [sys.executable, "-c", KILLS],
        env=environment(KILLS=str(kills)),
        capture_output=True,
        text=True,
        timeout=60 + 2 * kills,
    )
    assert done.stderr == ""
    return list(json.loads(done.stdout))


@linux_only
@pytest.mark.parametrize("kills", [8, pytest.param(150, marks=pytest.mark.slow)])
def test_a_build_that_is_killed_leaves_a_whole_export_and_the_next_one_is_as_ever(
    here: Path, kills: int
) -> None:
    states, differ, last, left = killed(here, kills)
    assert differ
    assert set(states) <= {0, 1}
    assert len(states) == kills
    assert last == (kills + 1) % 2
    assert left == ["exports", "kg.toml", "one.txt", "seeds", "two.txt"]


def test_an_interruption_while_files_are_written_leaves_the_old_export(
    built: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(content: exports.Content) -> bytes:
        signal.raise_signal(signal.SIGINT)
        return b""

    before = contents(built / "exports")
    plant(OTHER)
    monkeypatch.setattr(exports, "FILES", {**exports.FILES, "kg.gexf": interrupt})
    ran = typed("build")
    assert (ran.code, ran.err.strip()) == (130, "kg: interrupted")
    assert contents(built / "exports") == before
    assert sorted(path.name for path in built.iterdir()) == ["exports", "kg.toml", "seeds"]


def until_read(fifo: str, process: subprocess.Popen[bytes]) -> int:
    """Wait until somebody reads the pipe; gives our end of it."""
    while process.poll() is None:
        try:
            return os.open(fifo, os.O_WRONLY | os.O_NONBLOCK)
        except OSError:  # nobody has opened it yet
            time.sleep(0.01)
    raise AssertionError(process.communicate())


@posix_only
@pytest.mark.parametrize("arguments", [["build", "waits"], ["query", "--data", "waits", "ASK {}"]])
def test_an_interrupted_process_ends_with_130_and_one_line(built: Path, arguments: list[str]) -> None:
    before = contents(built / "exports")
    os.mkfifo("waits")
    process = started(built, *arguments)
    try:
        ours = until_read("waits", process)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
        os.close(ours)
    finally:
        process.kill()
    assert (process.returncode, out, err.strip()) == (130, b"", b"kg: interrupted")
    assert contents(built / "exports") == before


# ---------------------------------------------------------------- streams that end, terminals, locales


@posix_only
@pytest.mark.parametrize(
    "arguments",
    [
        ["query", "-f", "tsv", "SELECT * {?s ?p ?o}"],
        ["query", "--list"],
        ["schema"],
        ["export", "-o-", "-fnq"],
    ],
    ids=lambda value: " ".join(value[:2]),
)
def test_a_reader_that_goes_away_is_no_matter(built: Path, arguments: list[str]) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    process = started(built, *arguments, stdout=writer)
    os.close(writer)
    _, err = process.communicate(timeout=60)
    assert err == b""
    assert process.returncode != Exit.CANNOT


@posix_only
@pytest.mark.parametrize(
    ("command", "what"),
    [
        ("check -", "the seed"),
        ("query -", "the query"),
        ("query --data - 'ASK {}'", "the data"),
        ("validate -", "the data"),
        ("cite - x", "the text"),
    ],
)
def test_a_closed_standard_input_is_told(built: Path, command: str, what: str) -> None:
    ran = shell(built, f"kg {command} <&-")
    refused(ran, Exit.CANNOT, f"cannot read {what} on standard input: it is closed")


@posix_only
def test_a_build_needs_no_streams_at_all(built: Path) -> None:
    plant(OTHER)
    ran = shell(built, "kg build <&- >&- 2>&-")
    assert ran == Ran(0, "", "")
    assert b"Lower Valley" in Path("exports/kg.nq").read_bytes()
    whole(Path("exports"))


@posix_only
@pytest.mark.parametrize(
    "variables",
    [
        {"LC_ALL": "C", "PYTHONIOENCODING": "ascii"},
        {"LC_ALL": "C", "LANG": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    ],
    ids=["ascii", "C"],
)
def test_a_poor_locale_still_prints(here: Path, variables: dict[str, str]) -> None:
    plant(seed("age: 王", "ocupation: x"))
    ran = shell(here, "kg check; kg check -f json; kg check nowhere-王", **variables)
    assert "Traceback" not in ran.err
    assert ran.out.startswith("seeds/a.yaml:27:10: bad-value: age: ")
    assert "did you mean 'occupation'?" in ran.out
    assert len(json.loads(ran.out[ran.out.index("[\n") :])) == 2
    assert ran.err.startswith("2 problems\n2 problems\nkg: cannot read the seed nowhere-")
    assert ran.code == Exit.CANNOT


COMMANDS_OF_A_TERMINAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u206f]")
EVIL = "\x1b]0;owned\x07\x1b[2J\x9b31m\u202e\u2066\u2028"
"""What would rename, empty and colour a terminal, and turn its lines round."""


@contextmanager
def terminal() -> Iterator[tuple[int, list[bytes]]]:
    """The one end of a terminal, and what was shown there when all is over."""
    import pty
    import threading

    ours, theirs = pty.openpty()
    shown: list[bytes] = []

    def read() -> None:
        while True:
            try:
                piece = os.read(ours, 65536)
            except OSError:  # Linux tells the end so
                return
            if not piece:
                return
            shown.append(piece)

    reader = threading.Thread(target=read)
    reader.start()
    try:
        yield theirs, shown
    finally:
        os.close(theirs)
        reader.join(timeout=30)
        os.close(ours)


ONE_BY_ONE = """
import json, os, sys
from kg.cli import main
for arguments in json.loads(os.environ["COMMANDS"]):
    sys.argv = ["kg", *arguments]
    try:
        main()
    except SystemExit as ended:
        assert ended.code in (None, 0, 1, 2, 3, 4), ended.code
    sys.stdout.flush()
"""


def shown(folder: Path, *commands: tuple[str, ...], **variables: str) -> str:
    """What a terminal shows of commands, one behind the other in a process of its own."""
    with terminal() as (stream, pieces):
        process = subprocess.Popen(
            [sys.executable, "-c", ONE_BY_ONE],
            cwd=folder,
            env=environment(COMMANDS=json.dumps(commands), **variables),
            stdin=stream,
            stdout=stream,
            stderr=stream,
        )
        code = process.wait(timeout=120)
    text = b"".join(pieces).decode()
    assert "Traceback" not in text, text
    assert code == 0
    return text


@posix_only
def test_nothing_from_outside_commands_the_terminal(built: Path) -> None:
    Path("evil.ttl").write_text(
        "@prefix kg: <https://w3id.org/reportedly/ontology#> .\n"
        '<urn:x> a kg:Assertion ; kg:polarity "a\\u001b[2J\\u202e\\u009b31m" ;\n'
        '  <http://www.w3.org/2000/01/rdf-schema#label> "b\\u001b[2J\\u2066\\u2028" .\n'
    )
    Path(f"{EVIL}.ttl").write_text("no Turtle at all")
    Path(f"{EVIL}.txt").write_text(f"some {EVIL} text")
    Path("seeds", f"{EVIL}.yaml").write_text("person:\n  a: ''\n")
    text = shown(
        built,
        ("check",),
        ("check", f"nowhere{EVIL}.yaml"),
        ("build", f"seeds/{EVIL}.yaml"),
        ("export", "seeds/a.yaml", "-o", f"no{EVIL}/x.ttl"),
        ("verify", f"x{EVIL}", "--text", f"{EVIL}.txt"),
        ("cite", f"{EVIL}.txt", f"other{EVIL}"),
        ("cite", f"{EVIL}.tx", "some"),
        ("query", "--data", "evil.ttl", "SELECT * {?s ?p ?o}"),
        ("query", "--data", "evil.ttl", "-f", "table", "CONSTRUCT {?s ?p ?o} {?s ?p ?o}"),
        ("query", f"SELECT ?x {{ {EVIL} }}"),
        ("query", "-p", f"x{EVIL}=1", "ASK {}"),
        ("validate", "evil.ttl"),
        ("validate", f"{EVIL}.ttl"),
        (EVIL,),
        ("check", "-f", EVIL),
    )
    assert COMMANDS_OF_A_TERMINAL.findall(text) == []
    assert text.count(r"\x1b") > 10


@posix_only
def test_labels_of_a_tampered_export_do_not_command_the_terminal(built: Path) -> None:
    data = Path("exports/kg.nq").read_text()
    escaped = json.dumps(EVIL)[1:-1]
    for label in ("Aman Tolek", "Upper Valley", "Valley Post", "Herder taken", "a friend of Aman Tolek"):
        data = data.replace(f'"{label}"', f'"{label} {escaped}"')
    Path("exports/kg.nq").write_text(data)
    text = shown(
        built,
        ("query", "SELECT * {?s rdfs:label ?l}", "--limit", "0"),
        ("show", "aman-tolek"),
        ("show", "aman-tolek", "--timeline"),
        ("show", "Upper"),
        ("path", "aman-tolek", "upper-valley"),
        ("conflicts",),
        *(("stats", what) for what in ("overview", "places", "reports", "sources", "centrality")),
    )
    assert COMMANDS_OF_A_TERMINAL.findall(text) == []
    assert text.count(r"Aman Tolek \x1b") > 3


@posix_only
def test_without_colour_and_with_it_no_escape_is_written_of_our_own(built: Path) -> None:
    assert "\x1b" not in shown(built, ("check",), ("--help",), ("nowhere",), NO_COLOR="1")


# ---------------------------------------------------------------- labels that try something

SCRIPT = "<script>alert('1')</script>]]>&amp;"
FORMULA = '=HYPERLINK("https://example.org/?x="&A1)'


def test_labels_reach_each_export_as_text_and_nothing_else(here: Path) -> None:
    head = HEAD.replace("Upper Valley", json.dumps(SCRIPT)).replace(
        "Aman Tolek\n", f"{json.dumps(FORMULA)}\n"
    )
    plant(seed("detained-at: upper-valley", "occupation: '@SUM(A1)'", head=head))
    assert typed("build").code == 0
    for name in ("kg.graphml", "kg.gexf"):
        nodes = ElementTree.parse(Path("exports", name)).iter()  # noqa: S314  (we wrote it)
        values = {value for node in nodes for value in (node.text, *node.attrib.values())}
        assert {SCRIPT, FORMULA} <= values
    for name in ("nodes.csv", "edges.csv"):
        with Path("exports", name).open(newline="", encoding="utf-8-sig") as file:
            cells = [cell for row in csv.reader(file) for cell in row]
        assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t"))]
    assert f"'{FORMULA}" in Path("exports/nodes.csv").read_text().replace('""', '"')
    labels = typed("query", "-f", "json", "SELECT ?l { ?s rdfs:label ?l }")
    assert {SCRIPT, FORMULA} <= {row["l"]["value"] for row in json.loads(labels.out)["results"]["bindings"]}


# ---------------------------------------------------------------- foreign files and queries


@pytest.mark.parametrize(
    ("name", "data", "code", "said"),
    [
        ("x.ttl", "<urn:a> <urn:b> 1 .".encode("utf-16"), Exit.CANNOT, "UTF-16"),
        ("x.ttl", b"\0" * 100, Exit.CANNOT, "UTF-8"),
        ("x.ttl", b'<urn:a> <urn:b> "\xe9" .', Exit.CANNOT, "x.ttl:1:18: this is not UTF-8"),
        ("x.ttl", b"<urn:a> <urn:b> " + b"(" * 100_000, Exit.CANNOT, "the file ends in the middle"),
        ("x.ttl", b"<urn:a> <urn:b> <a b> .", Exit.CANNOT, "x.ttl:1:17: invalid IRI"),
        ("x.ttl", b"<a> <b> <c> .", Exit.CANNOT, "a relative IRI"),
        ("x.nt", b'<urn:a> <urn:b> "\\uD800" .', Exit.CANNOT, "x.nt:1:18"),
        ("x.jsonld", b"[" * 100_000, Exit.CANNOT, "x.jsonld:1:"),
        ("x.jsonld", b"{", Exit.CANNOT, "x.jsonld:1:2"),
        ("x.rdf", b"<x>", Exit.CANNOT, "x.rdf:1:4"),
        ("x.rdf", b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "b">]><x>&a;</x>', Exit.REFUSED, "DOCTYPE"),
        ("x", b"%PDF-1.4\n%\xe2\xe3", Exit.CANNOT, "x:1:1"),
        ("x.csv", b"a,b\n", Exit.CANNOT, "x.csv:1:1"),
    ],
    ids=lambda value: repr(value)[:24],
)  # fmt: skip
def test_a_file_that_is_no_rdf_is_told_at_its_place(
    here: Path, name: str, data: bytes, code: Exit, said: str
) -> None:
    Path(name).write_bytes(data)
    refused(typed("validate", name), code, said)
    refused(typed("query", "--data", name, "ASK {}"), code, said)


COSTLY = "SELECT (COUNT(*) AS ?n) {" + " . ".join(f"?a{n} ?b{n} ?c{n}" for n in range(4)) + "}"


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["query", ""], Exit.CANNOT, "there is no query in it"),
        (["query", "SELECT"], Exit.CANNOT, "no shipped query is called 'SELECT'"),
        (["query", "SELECT * {" + "{" * 50_000], Exit.CANNOT, "query"),
        (["query", "SELECT * {?s ?p ?o}" + " " * 100_000], Exit.LIMIT, "at most 100,000 characters"),
        (["query", 'SELECT * {?s ?p "\ud800"}'], Exit.CANNOT, "half of a character"),
        (["query", "-"], Exit.CANNOT, "is not UTF-8"),
        (["query", "-p", "x", "ASK {}"], Exit.CANNOT, "name=value"),
        (["query", "-p", "x=<a b>", "SELECT ?x {}"], Exit.CANNOT, "U+0020 SPACE"),
        (["query", "DROP ALL"], Exit.REFUSED, "DROP changes data"),
        (["query", "-o", "nowhere/x.csv", "ASK {}"], Exit.CANNOT, "there is no folder 'nowhere'"),
        (["query", "--data", "exports", "ASK {}"], Exit.CANNOT, "it is a folder, not a file"),
        (["query", "--data", "/dev/zero", "ASK {}"], Exit.CANNOT, "it is a device, not a file"),
        (["query", "--timeout", "0.5", COSTLY], Exit.LIMIT, "stopped after 0.5 s"),
        (["validate", "exports"], Exit.CANNOT, "it is a folder, not a file"),
        (["validate", "/dev/zero"], Exit.CANNOT, "it is a device, not a file"),
        (["validate", "--shapes", "kg.toml", "exports/kg.nq"], Exit.CANNOT, "kg.toml:2:1"),
        (["validate", "--timeout", "0.01", "exports/kg.nq"], Exit.LIMIT, "stopped after 0.01 s"),
        (["cite", "exports", "x"], Exit.CANNOT, "it is a folder, not a file"),
        (["cite", "kg.toml", ""], Exit.CANNOT, "no words to cite"),
        (["cite", "kg.toml", "x" * 100_000], Exit.FOUND, "cannot find the words"),
        (["cite", "utf16.txt", "x"], Exit.CANNOT, "UTF-16"),
        (["verify", "nobody", "--text", "kg.toml"], Exit.CANNOT, "no report has the key 'nobody'"),
        (["verify", "valley-post-1", "--text", "utf16.txt"], Exit.CANNOT, "UTF-16"),
        (["verify", "valley-post-1", "--text", "nowhere"], Exit.CANNOT, "there is no such file"),
        (["schema", "-o", "nowhere/schema.json"], Exit.CANNOT, "there is no folder 'nowhere'"),
        (["schema", "-o", "seeds"], Exit.CANNOT, "it is a folder, not a file"),
    ],
    ids=lambda value: " ".join(value)[:30] if isinstance(value, list) else "",
)  # fmt: skip
def test_what_cannot_be_answered_is_told_in_one_line(
    built: Path, arguments: list[str], code: Exit, said: str
) -> None:
    Path("kg.toml").write_text("# x\ntitle = 'x'\n")
    Path("utf16.txt").write_bytes("text".encode("utf-16"))
    refused(typed(*arguments, stdin=b"\xff\xfe"), code, said)


# ---------------------------------------------------------------- what is restricted

CANARY = "zyzzyva"
HIDDEN = f"""\
access: restricted
report: {{key: {CANARY}-list, title: {CANARY} list, type: list, published: 2021, note: {CANARY} note}}
person:
  {CANARY}-person: {CANARY} person
  {CANARY}-speaker: {{unnamed: a {CANARY} speaker}}
place:
  {CANARY}-place: {CANARY} place
sources:
  {CANARY}-source: {{speaker: {CANARY}-speaker}}
episodes:
  {CANARY}-case: {CANARY} case
assertions:
  - about: [{CANARY}-person, aman-tolek]
    told-by: {CANARY}-source
    episode: {CANARY}-case
    evidence: {{start: 1, end: 2, digest: {"ab" * 32}}}
    held-at: {CANARY}-place
    occupation: {CANARY}
"""


@pytest.fixture
def hiding(here: Path) -> Path:
    """A project with restricted seeds, one marked and one in the folder of such."""
    plant(GOOD)
    plant(HIDDEN, "marked")
    Path("seeds/Restricted").mkdir()
    Path("seeds/Restricted/x.yaml").write_text(
        HIDDEN.replace("access: restricted\n", "").replace(CANARY, CANARY + "2").replace('"ab"', '"cd"')
    )
    return here


def test_restricted_output_and_the_public_folder_never_meet(hiding: Path) -> None:
    assert typed("build").code == 0
    public = contents(Path("exports"))
    assert typed("build", "--include-restricted").code == 0
    restricted = contents(Path("exports-restricted"))
    Path("link").symlink_to("exports")
    for place in ("exports", "exports/sub", "link"):
        ran = typed("build", "--include-restricted", "-o", place)
        assert (ran.code, CANARY in ran.err) == (Exit.REFUSED, False)
    for place in ("exports/kg.nq", "link/x.ttl"):
        refused(typed("export", "--include-restricted", "-o", place), Exit.REFUSED, "public export")
    query = ["query", "--include-restricted", "SELECT * {?s ?p ?o}", "-o"]
    refused(typed(*query, "exports/x.csv"), Exit.REFUSED, "public export")
    ran = typed("build", "-o", "exports-restricted")
    assert (ran.code, ran.err.count("\n")) == (Exit.REFUSED, 1)
    assert contents(Path("exports")) == public
    assert contents(Path("exports-restricted")) == restricted
    assert CANARY.encode() in restricted["kg.nq"]


def test_what_is_restricted_is_in_no_public_output_and_in_no_message_about_it(hiding: Path) -> None:
    said = [typed("build")]
    assert (said[0].code, CANARY in said[0].out) == (0, False)
    for name, data in contents(Path("exports")).items():
        assert CANARY.encode() not in data, name
    for format_ in exports.FORMATS:
        said.append(typed("export", "-f", format_, "-o", "-"))
        assert said[-1].code == 0
    for asked in (
        ["SELECT * {?s ?p ?o}", "--limit", "0"],
        ["SELECT ?s {?s rdfs:label ?l FILTER(STRSTARTS(?l, 'z'))}"],
        ["person", "-p", "person=zyzzyv"],
        ["report", "-p", "report=zyzzyv"],
        ["-p", "x=id:zyzzyv", "SELECT * {?x ?p ?o}"],
    ):
        said.append(typed("query", *asked))
    said += [
        typed(*command)
        for command in (
            ["show", "zyzzyv"],
            ["show", "valley-post-1"],
            ["show", "--people"],
            ["path", "aman-tolek", "zyzzyv"],
            ["conflicts"],
            *(["stats", what] for what in ("overview", "places", "reports", "sources", "connections")),
        )
    ]
    for ran in said:
        assert CANARY not in ran.out + ran.err
        assert ran.code in (Exit.OK, Exit.CANNOT)


def test_a_seed_in_the_folder_of_what_is_restricted_is_so_from_wherever_it_is_read(
    hiding: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("seeds/deep/restricted/deeper").mkdir(parents=True)
    Path("seeds/Restricted/x.yaml").rename("seeds/deep/restricted/deeper/x.yaml")
    for folder in (".", "seeds", "seeds/deep/restricted", "seeds/deep/restricted/deeper"):
        monkeypatch.chdir(hiding / folder)
        assert typed("build").code == 0
        for name, data in contents(hiding / "exports").items():
            assert CANARY.encode() not in data, (folder, name)
    assert typed("build", "x.yaml", "../../../a.yaml").code == 0
    assert CANARY.encode() not in (hiding / "exports" / "kg.nq").read_bytes()


@pytest.mark.parametrize("link", ["seeds/a-link.yaml", "seeds/restricted/link.yaml"])
def test_a_link_into_or_out_of_the_folder_of_what_is_restricted_opens_nothing(
    hiding: Path, link: str
) -> None:
    Path("seeds/restricted").mkdir()
    source = Path("seeds/Restricted/x.yaml") if link == "seeds/a-link.yaml" else Path("elsewhere.yaml")
    if not source.exists():
        Path("seeds/Restricted/x.yaml").rename(source)
    Path(link).symlink_to(source.absolute())
    assert typed("build").code == 0
    assert CANARY.encode() not in Path("exports/kg.nq").read_bytes()

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from random import Random

import pytest

from kg import shacl, store
from kg.problems import KgError, LimitError
from kg.shacl.disk import Part, SortedFile
from kg.shacl.lines import Reader
from kg.shacl.running import validate_file
from kg.validate import validate
from kg.validate import validate_file as check_file
from shacl_cases import RandomShapes, random_data, triples

PREFIXES = """
@prefix : <https://example.org/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
GRAPHS = ("", " <https://example.org/g>", " <https://example.org/h>")
SHAPES = """
:Named a sh:PropertyShape ; sh:targetClass :Person ; sh:path :name ; sh:minCount 1 ; sh:message "no name" .
:Known a sh:PropertyShape ; sh:targetSubjectsOf :knows ; sh:path :knows ; sh:class :Person .
:Told a sh:PropertyShape ; sh:targetObjectsOf :knows ; sh:path [ sh:inversePath :knows ] ; sh:maxCount 1 .
:Two a sh:PropertyShape ; sh:targetNode :aman , :absent ; sh:targetObjectsOf :knows ;
    sh:path ( :knows :name ) ; sh:minCount 1 .
:Loop a sh:NodeShape ; sh:targetClass :Person ;
    sh:sparql [ sh:select "SELECT $this WHERE { $this <https://example.org/knows>+ $this }" ] .
:Popular a sh:NodeShape ; sh:targetClass :Person ; sh:sparql [ sh:select '''
    SELECT $this ?value WHERE { ?value <https://example.org/knows> $this FILTER(?value != $this) }''' ] .
:Closed a sh:NodeShape ; sh:targetClass :Herder ; sh:closed true ; sh:ignoredProperties ( :name ) .
"""


def turtle(text: str) -> list[tuple[str, str, str]]:
    return [quad[:3] for quad in store.parse((PREFIXES + text).encode(), format="turtle")]


def people(count: int) -> list[tuple[str, str, str]]:
    """Some people who know each other, some without a name; one name is in two scripts."""
    random = Random(7)  # noqa: S311 - data, no secrets
    said = [":Herder rdfs:subClassOf :Person .", ":aman a :Person ; :name 'Aman', 'Аман'@kk ."]
    for n in range(count):
        said.append(f":n{n} a :{random.choice(('Person', 'Herder', 'Place'))} .")
        if random.random() < 0.8:
            said.append(f":n{n} :name 'n {n} <\\\"\\\\{n}> .' .")
        for _ in range(random.randrange(3)):
            said.append(f":n{n} :knows :n{random.randrange(count)} .")
    return turtle("\n".join(said))


def lines(given: list[tuple[str, str, str]], graphs: tuple[str, ...] = GRAPHS, seed: int = 1) -> list[str]:
    """Give lines of N-Quads in order; some triples stand in several graphs."""
    random = Random(seed)  # noqa: S311 - data, no secrets
    found = {
        f"{s} {p} {o}{g} .\n"
        for s, p, o in given
        for g in random.sample(graphs, random.choice((1, 1, len(graphs))))
    }
    return sorted(found, key=str.encode)


def write(path: Path, text: list[str]) -> Path:
    path.write_text("".join(text), encoding="utf-8", newline="\n")
    return path


def in_parts(plan: shacl.Plan, path: Path, size: int, jobs: int = 1) -> shacl.Validation:
    return validate_file(plan, SortedFile(path), part_size=size, jobs=jobs)


# ---------------------------------------------------------------- the same as in memory


@pytest.mark.parametrize("graphs", [GRAPHS, ("",), GRAPHS[1:2]])
def test_parts_of_a_sorted_file_find_what_is_found_in_memory(tmp_path: Path, graphs: tuple[str, ...]) -> None:
    plan, given = shacl.compile(turtle(SHAPES)), people(60)
    expected = plan.validate(shacl.Memory.of(given, plan.predicates))
    assert len(expected.findings) > 60
    path = write(tmp_path / "a.nq", lines(given, graphs))
    for size in (1, 300, 3000, 1 << 20):
        assert in_parts(plan, path, size) == expected
    assert in_parts(plan, path, 500, jobs=2) == expected


def test_random_shapes_find_the_same_in_parts_as_in_memory(tmp_path: Path) -> None:
    for seed in range(25):
        random = Random(seed)  # noqa: S311 - data, no secrets
        data = [
            triple
            for triple in triples(random_data(random))
            if "@en-gb" not in triple[2] and "\\n" not in triple[2]
        ]
        plan = shacl.compile(triples(RandomShapes(random).graph))
        expected = plan.validate(shacl.Memory.of(data, plan.predicates))
        path = write(tmp_path / f"{seed}.nq", lines(data, seed=seed))
        assert in_parts(plan, path, 400) == expected, seed


def test_an_unsorted_file_and_one_in_another_spelling_are_read_into_memory(tmp_path: Path) -> None:
    plan, given = shacl.compile(turtle(SHAPES)), people(40)
    expected = plan.validate(shacl.Memory.of(given, plan.predicates))
    ordered = lines(given)
    shuffled = list(ordered)
    Random(3).shuffle(shuffled)  # noqa: S311 - data, no secrets
    other = [line.replace("Aman", "A\\u006Dan").replace("> <", ">\t<", 1) for line in ordered]
    last = [*ordered[1:], ordered[0]]
    for text in (shuffled, other, last):
        assert in_parts(plan, write(tmp_path / "a.nq", text), 2000) == expected


def test_text_that_looks_like_the_end_of_a_line_is_text() -> None:
    given = turtle(r""":a :p "x .\n<https://example.org/b> <https://example.org/p> \"y\" ." , "z <https://example.org/g>" ,
        "c <d>"^^:t , <https://example.org/g> , "tab\t" , "é"@fr , "\u0007" .""")
    for graphs in (GRAPHS, ("",), GRAPHS[1:2]):
        memory = shacl.Memory()
        reader = Reader(memory)
        reader.read("".join(lines(given, graphs)).encode())
        assert (set(memory.triples()), reader.broken) == (set(given), [])
        assert reader.canonical
        assert reader.ordered


def test_control_characters_are_canonical_as_escapes_and_letters_are_not() -> None:
    for text, is_canonical in ((r"\u0007", True), (r"\u0061", False), (r"\U00000007", False)):
        reader = Reader(shacl.Memory())
        reader.read(f'<https://example.org/a> <https://example.org/p> "{text}" .\n'.encode())
        assert reader.canonical == is_canonical
        assert reader.broken == []


def test_other_spellings_of_a_term_are_the_same_term() -> None:
    memory = shacl.Memory()
    Reader(memory).read(
        b'<https://example.org/a> <https://example.org/p> "x"^^<http://www.w3.org/2001/XMLSchema#string> .\n'
        b'<https://example.org/a>  <https://example.org/p> "x" . # again\n\n# nothing\n'
        b'<https://example.org/a> <https://example.org/p> "x"@EN , "y" .\n'
        b'_:b <https://example.org/p> "x"@EN <https://example.org/g> .\r\n'
    )
    assert set(memory.triples()) == {
        ("<https://example.org/a>", "<https://example.org/p>", '"x"'),
        ("_:b", "<https://example.org/p>", '"x"@en'),
    }


# ---------------------------------------------------------------- what is wrong with a file


@pytest.mark.parametrize(
    "wrong",
    [
        "garbage", "<https://example.org/x> <https://example.org/p> .", "<https://example.org/x> .",
        '<https://example.org/x> <https://example.org/p> "open .', "<https://example.org/x> 'p' <o> .",
        '<https://example.org/x> <https://example.org/p> "x"', "<https://example.org/x> <https://example.org/p> 5 .",
        "<x> <https://example.org/p> <https://example.org/o> .", "<https://example.org/x> <https://example.org/p> <o> .",
        '<https://example.org/x> <https://example.org/p> "x"^^<y> .',
        '<https://example.org/x> <https://example.org/p> "x" <g> .',
    ],
)  # fmt: skip
def test_a_broken_line_is_told_by_its_number_and_the_others_are_checked(tmp_path: Path, wrong: str) -> None:
    plan, given = shacl.compile(turtle(SHAPES)), people(40)
    expected = plan.validate(shacl.Memory.of(given, plan.predicates))
    good = lines(given)
    text = [*good[:30], wrong + "\n", *good[30:]]
    path = write(tmp_path / "a.nq", text)
    for size in (600, 1 << 20):
        found = in_parts(plan, path, size)
        assert [line for line, _ in found.broken] == [31]
        assert (found.findings, found.touched) == (expected.findings, expected.touched)
    outcome = check_file(path, turtle(SHAPES))
    assert [line for line, _ in outcome.broken] == [31]


def test_a_term_that_is_too_long_to_be_read_is_a_limit(tmp_path: Path) -> None:
    good = lines(people(3))
    path = write(tmp_path / "a.nq", [*good, "<https://example.org/" + "x" * 17_000_000 + "> 'p' .\n"])
    size = sum(len(line.encode()) for line in good)
    with pytest.raises(LimitError, match=f"begins at byte {size:,} has a term of more than 16 MB"):
        check_file(path, turtle(SHAPES))


def test_bytes_that_are_no_utf_8_break_their_line_only(tmp_path: Path) -> None:
    path = tmp_path / "a.nt"
    path.write_bytes(
        b'<https://example.org/a> <https://example.org/p> "\xff" .\n<https://example.org/b> <https://example.org/p> "x" .'
    )
    outcome = check_file(
        path, turtle(":S a sh:PropertyShape ; sh:targetSubjectsOf :p ; sh:path :q ; sh:minCount 1 .")
    )
    assert [line for line, _ in outcome.broken] == [1]
    assert [result.focus for result in outcome.results] == ["https://example.org/b"]


def test_an_empty_file_and_a_file_without_a_line_feed_at_its_end(tmp_path: Path) -> None:
    empty = write(tmp_path / "empty.nq", [])
    assert check_file(empty, turtle(SHAPES)).touched["https://example.org/Two"] == 2
    short = write(
        tmp_path / "short.nq",
        ["<https://example.org/aman> <https://example.org/knows> <https://example.org/x> ."],
    )
    assert check_file(short, turtle(SHAPES)).touched["https://example.org/Known"] == 1


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(KgError, match=r"cannot read .*none.nq: no such file"):
        check_file(tmp_path / "none.nq", turtle(SHAPES))


def test_a_line_of_many_megabytes_is_a_line(tmp_path: Path) -> None:
    given = [*people(10), ("<https://example.org/n3>", "<https://example.org/note>", f'"{"x" * 20_000_000}"')]
    plan = shacl.compile(turtle(SHAPES))
    expected = plan.validate(shacl.Memory.of(given, plan.predicates))
    found = in_parts(plan, write(tmp_path / "a.nq", lines(given, ("",))), 1 << 16)
    assert found.touched == expected.touched
    assert len(found.findings) == len(expected.findings)


# ---------------------------------------------------------------- looking up


def test_what_stands_in_a_file_is_found_by_subject_and_by_value(tmp_path: Path) -> None:
    given = people(200)
    file = SortedFile(write(tmp_path / "a.nq", lines(given)))
    memory = shacl.Memory.of(given)
    knows, name = "<https://example.org/knows>", "<https://example.org/name>"
    assert file.ranges(1000)[0][0] == 0
    for subject in {s for s, _, _ in given} | {"<https://example.org/a>", "<https://example.org/zz>", "_:b"}:
        assert set(file.about(subject)) == set(memory.about(subject))
        assert set(file.objects(subject, name)) == set(memory.objects(subject, name))
        assert set(file.subjects(knows, subject)) == set(memory.subjects(knows, subject))
    assert file.below("<https://example.org/Person>") == {
        "<https://example.org/Person>",
        "<https://example.org/Herder>",
    }
    part = Part(file, None)
    assert part.without_class(
        {"<https://example.org/aman>", '"x"', "<https://example.org/q>"}, "<https://example.org/Person>"
    ) == {'"x"', "<https://example.org/q>"}


def test_ranges_cover_a_file_and_share_no_subject(tmp_path: Path) -> None:
    path = write(tmp_path / "a.nq", lines(people(300)))
    data = path.read_bytes()
    for size in (1, 5000, 20_000):
        ranges = SortedFile(path).ranges(size)
        assert b"".join(data[start:end] for start, end in ranges) == data
        subjects = [{line.split(b" ")[0] for line in data[start:end].splitlines()} for start, end in ranges]
        assert sum(map(len, subjects)) == len(set().union(*subjects))


# ---------------------------------------------------------------- the facade


def test_a_file_gives_the_outcome_of_its_triples(tmp_path: Path) -> None:
    given, shapes = people(50), turtle(SHAPES)
    held = validate(given, shapes)
    filed = check_file(write(tmp_path / "a.nq", lines(given)), shapes, jobs=2)
    assert (filed.results, filed.touched, filed.conforms) == (held.results, held.touched, held.conforms)
    by_pyshacl = check_file(tmp_path / "a.nq", shapes, engine="pyshacl")
    assert [r.focus for r in by_pyshacl.results] == [r.focus for r in held.results]


def test_memory_stays_small_however_large_the_file_is(tmp_path: Path) -> None:
    part = lines(people(200), ("",))
    path = tmp_path / "a.nq"
    with path.open("w", encoding="utf-8") as file:
        for n in range(20):
            file.writelines(
                line.replace("org/n", f"org/m{n:03}-")
                for line in part
                if "#subClassOf" not in line and "aman" not in line
            )
    program = f"""
import resource, sys
from pathlib import Path
from kg import shacl, store
from kg.shacl.running import validate_file
shapes = [quad[:3] for quad in store.parse({(PREFIXES + SHAPES).encode()!r}, format="turtle")]
plan = shacl.compile(shapes)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
found = validate_file(plan, shacl.SortedFile(Path({str(path)!r})), part_size=100_000)
print(len(found.touched), (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1] / "src")}
    ran = subprocess.run([sys.executable, "-c", program], env=env, capture_output=True, text=True, check=True)
    count, megabytes = map(int, ran.stdout.split())
    assert path.stat().st_size > 800_000
    assert (count, megabytes < 20) == (7, True)


def test_a_graph_that_is_left_out_is_as_if_it_were_not_there(tmp_path: Path) -> None:
    given = people(60)
    extra = turtle(
        ":zoe a :Person . :aman :knows :zoe , :n3 . <https://example.org/g> :p <https://example.org/g> ."
    )
    text = [*lines(given, GRAPHS[:2]), *(f"{s} {p} {o} <https://example.org/h> .\n" for s, p, o in extra)]
    shapes = turtle(SHAPES)
    held = validate(given, shapes)
    for ordered in (sorted(text, key=str.encode), text):
        path = write(tmp_path / "a.nq", ordered)
        for jobs in (1, 2):
            filed = check_file(path, shapes, leave_out="org/h", jobs=jobs)
            assert (filed.results, filed.touched) == (held.results, held.touched)
    other = check_file(path, shapes, leave_out="org/h", engine="pyshacl")
    assert [result.focus for result in other.results] == [result.focus for result in held.results]
    triples_ending_so = write(
        tmp_path / "b.nt", ["<https://example.org/a> <https://example.org/knows> <https://example.org/h> .\n"]
    )
    assert check_file(triples_ending_so, shapes, leave_out="org/h").touched["https://example.org/Known"] == 1

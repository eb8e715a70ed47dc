"""Measure kg beside its peers, in one run on one machine, and write the table and the curve of cost over size.

python benchmarks/run.py                    all of it: about 50 minutes on two cores, most of it the peers'
python benchmarks/run.py --scale 0.01       the same steps on a hundredth of the data, in a few minutes
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import math
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import curve
import data
from measure import FailedError, Run, Series, in_turn, kg, run, script

HERE = Path(__file__).parent
PEERS = ("rdflib", "pyshacl", "pyoxigraph", "networkx", "msgspec", "click")
QUERY_LIMIT = 90.0
"""Seconds that rdflib has for a query: some hundred times as long as kg takes, which is enough of a bound."""
ENOUGH = 1.2
"""Times the aim that a validation by pyshacl may take: a lower bound that shows that the aim is reached."""
NOT_COMPARED = "could not be compared: the peer did not end"
XSD = "http://www.w3.org/2001/XMLSchema#"
NUMBERS = {"integer", "decimal", "double", "float", "nonNegativeInteger"}
TIMES = 3


@dataclass(frozen=True)
class Row:
    """One line of the table; `ratio` says how often ours fits into the peer's time, or the other way round."""

    step: str
    against: str
    aim: str
    ratio: float | None
    reached: bool | None
    ours: str
    theirs: str
    memory: str
    agree: str
    is_bound: bool = False
    """The peer was stopped: the ratio is a lower bound."""
    in_table: bool = True
    """Else it is one of many rows of which the table has one."""
    cpu: tuple[float, float] | None = None
    """Processor seconds of ours and of the peer, whole processes; other work on the machine adds none."""


class Bench:
    """A folder of generated data, and the steps on it."""

    def __init__(self, folder: Path, scale: float, jobs: int, times: int) -> None:
        self.folder = folder
        self.scale = scale
        self.jobs = str(jobs)
        self.times = times
        self.shapes = sorted(HERE.parent.joinpath("shapes").glob("*.ttl"))
        self.rules = [file for file in self.shapes if not file.name.startswith("conflicts")]

    def size(self, full: int) -> int:
        """Give how many assertions a step takes at this scale."""
        return max(100, round(full * self.scale))

    def project(self, full: int) -> Path:
        """Give the folder of a project of that many assertions."""
        folder = self.folder / f"{self.size(full)}"
        data.write_project(folder, self.size(full))
        return folder

    def built(self, full: int) -> Path:
        """Give the N-Quads of a project that a user has built, the store on disk beside it."""
        project = self.project(full)
        file = project / "exports" / "kg.nq"
        if not file.exists():
            run(kg("build"), cwd=project)
        return file

    def nquads(self, full: int) -> Path:
        """Give the sorted N-Quads of a project."""
        folder = self.project(full)
        file = folder / "kg.nq"
        if not file.exists():
            run(script("ours.py", "build", folder, file, self.jobs))
        return file

    def faulty(self, full: int) -> Path:
        """Give the same with one assertion in two hundred planted with a fault."""
        file = self.nquads(full).with_name("faulty.nq")
        if not file.exists():
            with self.nquads(full).open(encoding="utf-8") as lines, file.open("w", encoding="utf-8") as out:
                out.writelines(data.plant(lines, 0.005))
        return file

    def triples(self, nquads: Path) -> Path:
        """Give the same as N-Triples, each once, which is what peers with one graph read fastest."""
        file = nquads.with_suffix(".nt")
        if not file.exists():
            run(script("peers.py", "without-graphs", nquads, file))
        return file

    def core(self) -> list[Path]:
        """Give the shapes without those that hold SPARQL."""
        file = self.folder / "core.ttl"
        if not file.exists():
            run(script("ours.py", "core-shapes", file, *self.rules))
        return [file]


Step = Callable[[Bench], Iterator[Row]]


def encode(bench: Bench) -> Iterator[Row]:
    """A million assertions to N-Quads, before sorting, against the physical limit."""
    project = bench.project(1_000_000)
    target, other = bench.folder / "unsorted.nq", bench.folder / "limit.out"
    first = run(script("ours.py", "encode", project, target, bench.jobs))
    ours, limit = in_turn(
        script("ours.py", "encode", project, target, bench.jobs),
        script("peers.py", "limit", project / "seeds" / "all.jsonl", first.answer, other),
        bench.times,
    )
    yield slower(
        f"{bench.size(1_000_000):,} assertions to N-Quads, unsorted",
        "decoding and writing alone",
        2.5,
        ours,
        limit,
    )


def sort(bench: Bench) -> Iterator[Row]:
    """The same, sorted, each line once, against GNU sort."""
    project = bench.project(1_000_000)
    lines, target, other = (bench.folder / name for name in ("unsorted.nq", "sorted.nq", "gnu.nq"))
    if not lines.exists():
        run(script("ours.py", "encode", project, lines, bench.jobs))
    gnu = [
        "env",
        "LC_ALL=C",
        "sort",
        "-u",
        "-S",
        "300M",
        f"--parallel={bench.jobs}",
        "-T",
        bench.folder,
        lines,
        "-o",
        other,
    ]
    ours, theirs = in_turn(script("ours.py", "build", project, target, bench.jobs), gnu, bench.times)
    agree = "same bytes" if same(target, other) else "DIFFERENT"
    yield slower(
        f"{bench.size(1_000_000):,} assertions to sorted, unique N-Quads",
        "`sort -u` of the lines alone",
        1.2,
        ours,
        theirs,
        agree,
    )
    for file in (lines, target, other):
        file.unlink()


def write(bench: Bench) -> Iterator[Row]:
    """A hundred thousand, against rdflib."""
    project, source = bench.project(100_000), bench.nquads(100_000)
    target, other = bench.folder / "ours.nq", bench.folder / "rdflib.nt"
    ours, theirs = in_turn(
        script("ours.py", "encode", project, target, bench.jobs),
        script("peers.py", "rdflib-write", source, other),
        1,
    )
    agree = "same triples" if lines_of(target) == lines_of(other) else "DIFFERENT"
    name = f"{bench.size(100_000):,} assertions to N-Quads, unsorted"
    yield faster(name, "rdflib: add and serialize alone", 100, ours, theirs, agree, peer_phase=True)


def validate(bench: Bench) -> Iterator[Row]:
    """Validation against pyshacl, and of a million."""
    found, other = bench.folder / "ours.json", bench.folder / "pyshacl.json"
    for full, shapes, aim, name in (
        (100_000, bench.core(), 25, "core shapes"),
        (10_000, bench.rules, 100, "with `sh:sparql`"),
    ):

        def commands(size: int, shapes: Sequence[Path] = shapes) -> tuple[list[str | Path], list[str | Path]]:
            source = bench.faulty(size)
            return (
                script("ours.py", "validate", source, bench.jobs, found, *shapes),
                script("peers.py", "pyshacl", bench.triples(source), other, *shapes),
            )

        ours, theirs = in_turn(*commands(full), 1, least=ENOUGH * aim)
        if theirs.ended:
            agree = same_results(found, other)
        else:
            _, smaller = in_turn(*commands(full // 10), 1)
            agree = same_results(found, other) if smaller.ended else NOT_COMPARED
            agree += f", of {bench.size(full // 10):,}"
        step = f"validate {bench.size(full):,}, {name}"
        yield faster(step, "pyshacl, whole process", aim, ours, theirs, agree)
    try:
        source = bench.faulty(1_000_000)
        alone = Series((run(script("ours.py", "validate", source, bench.jobs, found, *bench.rules)),))
        yield Row(
            f"validate {bench.size(1_000_000):,}, all shapes", "pyshacl does not finish", "minutes", None,
            None if bench.scale < 1 else alone.median() < 900, seconds(alone), "not run", megabytes(alone),
            f"{alone.runs[0].answer} results",
        )  # fmt: skip
    except FailedError as error:
        yield failed("validate 1,000,000", error)


def same_results(ours: Path, theirs: Path) -> str:
    """Compare results as multisets: focus, path, component, value, severity, and the shape where it has an IRI."""
    mine, peer = (
        Counter(map(tuple, json.loads(file.read_text(encoding="utf-8")))) for file in (ours, theirs)
    )
    without = Counter({row: number for row, number in peer.items() if not row[-1]})
    missing, more = peer - without - mine, Counter[tuple[str, ...]]()
    for row, number in (mine - (peer - without)).items():
        more[*row[:-1], ""] += number
    missing += without - more
    more -= without
    if missing or more:
        return (
            f"DIFFERENT: {missing.total()} of pyshacl's {peer.total()} are not among ours, {more.total()} of our "
            f"{mine.total()} not among its; {next(iter(missing or more))}"
        )
    return f"same: {peer.total():,} results"


def turtle(bench: Bench) -> Iterator[Row]:
    """Deterministic Turtle against rdflib's."""
    source = bench.nquads(100_000)
    target, other = bench.folder / "ours.ttl", bench.folder / "rdflib.ttl"
    ours, theirs = in_turn(
        script("ours.py", "turtle", source, target),
        script("peers.py", "rdflib-turtle", bench.triples(source), other),
        1,
    )
    agree = NOT_COMPARED
    if theirs.ended:
        agree = "same triples" if turtles(target, other) else "DIFFERENT"
    yield faster(
        f"deterministic Turtle, {bench.size(100_000):,}",
        "rdflib's turtle, loading left out of both",
        15,
        ours,
        theirs,
        agree,
        phase=True,
        peer_phase=True,
    )


def query(bench: Bench) -> Iterator[Row]:
    """Shipped queries as users ask them, in a project that was built, against rdflib on the same file."""
    project = bench.project(10_000)
    source, other = bench.built(10_000), bench.folder / "rdflib.json"
    rows: list[Row] = []
    alone: list[tuple[float, bool, float, str]] = []
    for file in sorted((HERE.parent / "src" / "kg" / "queries").glob("*.rq")):
        if re.search(r"^# param: .* required", file.read_text(encoding="utf-8"), re.MULTILINE):
            continue
        name = file.stem
        asked = [run(kg("query", name, "-f", "json"), cwd=project) for _ in range(TIMES)]
        theirs = Series((run(script("peers.py", "rdflib-query", source, file, other), limit=QUERY_LIMIT),))
        agree = same_rows(asked[0], other) if theirs.ended else NOT_COMPARED
        size = f"{bench.size(10_000):,}"
        row = faster(
            f"`kg query {name}`, {size}, cold", "rdflib: load and answer", 30, Series(tuple(asked)), theirs, agree,
            in_table=False,
        )  # fmt: skip
        rows.append(row)
        yield row
        inside = run(script("ours.py", "query", source, name)).phase
        alone.append((theirs.median(phase=True), not theirs.ended, inside, name))
        ratio = alone[-1][0] / inside
        yield Row(
            f"`{name}` alone", "rdflib, data in memory", "", ratio, None, f"{inside:.4f} s",
            f"{'> ' if alone[-1][1] else ''}{alone[-1][0]:.3g} s", "", agree, alone[-1][1], in_table=False,
        )  # fmt: skip
    compared = [row for row in rows if not row.is_bound]
    differ = [row.step for row in rows if row.agree.startswith("DIFFERENT")]
    least = min(rows, key=lambda row: row.ratio or math.inf)
    said = f"same rows: {len(compared) - len(differ)} of {len(rows)} queries" + (
        f"; {len(rows) - len(compared)} did not end in rdflib" if len(compared) < len(rows) else ""
    )
    yield replace(
        least, step=f"shipped queries, {bench.size(10_000):,}, cold; the least gain ({least.step.split('`')[1]})",
        agree=f"DIFFERENT: {', '.join(differ)}" if differ else said, in_table=True,
    )  # fmt: skip
    theirs_alone, is_bound, ours_alone, name = max(alone)
    ratio = theirs_alone / ours_alone
    yield Row(
        f"the slowest of these alone (`{name}`)", "rdflib, data in memory", "≥ 16×", ratio, ratio >= 16,
        f"{ours_alone:.3f} s", f"{'> ' if is_bound else ''}{theirs_alone:.3g} s", "", said, is_bound,
    )  # fmt: skip


def same_rows(ours: Run, theirs: Path) -> str:
    """Compare the rows of two answers in SPARQL JSON as multisets: terms, numbers by their value."""
    mine = bindings(json.loads(ours.printed))
    peer = bindings(json.loads(theirs.read_text(encoding="utf-8")))
    if mine == peer:
        return f"same: {mine.total():,} rows"
    # What GROUP_CONCAT joins stands in no order that SPARQL lays down.
    if Counter(map(unordered, mine.elements())) == Counter(map(unordered, peer.elements())):
        return f"same: {mine.total():,} rows, joined texts in another order"
    return f"DIFFERENT: {mine.total()}, {peer.total()}; {next(iter((mine - peer) or (peer - mine)))}"


Binding = tuple[tuple[str, ...], ...]


def bindings(answer: dict[str, Any]) -> Counter[Binding]:
    """Give each row with how often it stands in an answer."""
    # An empty row is what rdflib's writer makes of a GROUP BY without groups; rdflib's own iterator skips it.
    rows = [row for row in answer["results"]["bindings"] if row]
    return Counter(tuple(sorted((name, *value_of(term)) for name, term in row.items())) for row in rows)


def value_of(term: dict[str, str]) -> tuple[str, ...]:
    """Give what makes two terms the same."""
    datatype = term.get("datatype", "").removeprefix(XSD)
    if datatype in NUMBERS:
        return ("number", f"{float(term['value']):.12g}")
    kind = "literal" if term["type"] == "typed-literal" else term["type"]
    return kind, term["value"], "" if datatype == "string" else datatype, term.get("xml:lang", "").lower()


def unordered(row: Binding) -> Binding:
    """Give a row whose texts have their parts in order."""
    return tuple(
        (name, kind, " ".join(sorted(re.split(r"[\s,;|]+", text))), *more) for name, kind, text, *more in row
    )


def networkx(bench: Bench) -> Iterator[Row]:
    """The graph of entities against a loop over rdflib."""
    source = bench.nquads(100_000)
    warm(source)
    ours, theirs = in_turn(
        script("ours.py", "networkx", source), script("peers.py", "rdflib-networkx", source), 1
    )
    agree = f"same: {ours.runs[0].answer} edges" if ours.answers == theirs.answers else None
    name = f"NetworkX graph, {bench.size(100_000):,}"
    yield faster(name, "a loop over an rdflib graph", 15, ours, theirs, agree)


def start(bench: Bench) -> Iterator[Row]:
    """How soon a command answers, against an import of click."""
    project = bench.project(10_000)
    bench.built(10_000)
    click = [sys.executable, "-c", "import click"]
    text = "SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }"
    for name, command, aim in (
        ("`kg --help`", kg("--help"), 2.5),
        ("a shipped query (`relatives`) on the built store", kg("query", "relatives"), 4),
        ("any query", kg("query", text), 10),
    ):
        run(command, cwd=project)  # what the first one leaves for the others is not theirs
        pairs = [(run(command, cwd=project), run(click)) for _ in range(11)]
        ours, theirs = Series(tuple(p[0] for p in pairs)), Series(tuple(p[1] for p in pairs))
        yield slower(name, "`python -c 'import click'`", aim, ours, theirs, "")


STEPS: dict[str, Step] = {
    "start": start,
    "encode": encode,
    "sort": sort,
    "write": write,
    "validate": validate,
    "turtle": turtle,
    "query": query,
    "networkx": networkx,
}


# ---------------------------------------------------------------- rows


def slower(
    name: str, against: str, aim: float, ours: Series, theirs: Series, agree: str | None = None
) -> Row:
    """Give a row whose aim is to take at most so many times as long."""
    ratio = ours.median() / theirs.median()
    said = agreement(ours, theirs) if agree is None else agree
    return Row(
        name,
        against,
        f"≤ {aim:g}×",
        ratio,
        ratio <= aim,
        seconds(ours),
        seconds(theirs),
        megabytes(ours),
        said,
        cpu=(ours.cpu, theirs.cpu),
    )


def faster(
    name: str,
    against: str,
    aim: float,
    ours: Series,
    theirs: Series,
    agree: str | None = None,
    *,
    phase: bool = False,
    peer_phase: bool = False,
    in_table: bool = True,
) -> Row:
    """Give a row whose aim is to be at least so many times as fast; `phase` measures the step alone."""
    ratio = theirs.median(phase=peer_phase) / ours.median(phase=phase)
    said = agreement(ours, theirs) if agree is None else agree
    # What stopped before it could show as much is no proof either way.
    reached = None if not theirs.ended and ratio < aim else ratio >= aim
    return Row(
        name, against, f"≥ {aim:g}×", ratio, reached, seconds(ours, phase=phase),
        seconds(theirs, phase=peer_phase), megabytes(ours, theirs), said, not theirs.ended, in_table,
        (ours.cpu, theirs.cpu),
    )  # fmt: skip


def failed(name: str, error: Exception) -> Row:
    """Give the row of a step that could not be measured."""
    return Row(name, "", "", None, False, "failed", "", "", str(error)[-300:])


def agreement(ours: Series, theirs: Series) -> str:
    """Say whether both give the same answer."""
    if not theirs.ended:
        return NOT_COMPARED
    if ours.answers == theirs.answers and len(ours.answers) == 1:
        return f"same: {next(iter(ours.answers))}"[:40]
    return f"DIFFERENT: {sorted(ours.answers)}, {sorted(theirs.answers)}"


def seconds(series: Series, *, phase: bool = False) -> str:
    """Give the median, with least and most where there are several."""
    least, most = series.spread(phase=phase)
    spread = f" ({least:.3g}–{most:.3g})" if len(series.runs) > 1 else ""
    return f"{'' if series.ended else '> '}{series.median(phase=phase):.3g} s{spread}"


def megabytes(ours: Series, theirs: Series | None = None) -> str:
    """Give the peak of the largest process of each."""
    return f"{ours.memory:,.0f} MB" + (f"; {theirs.memory:,.0f} MB" if theirs else "")


def warm(file: Path) -> None:
    """Read a file through, so that whoever is first to be measured does not wait for the disk alone."""
    with file.open("rb", buffering=0) as opened:
        while opened.read(1 << 24):
            pass


def same(one: Path, other: Path) -> bool:
    """Tell whether two files hold the same bytes."""
    return subprocess.run(["cmp", "-s", one, other], check=False).returncode == 0  # noqa: S603, S607


def lines_of(file: Path) -> str:
    """Give a digest of the triples in a file of N-Triples or N-Quads."""
    return run(script("peers.py", "triples", file)).answer


def turtles(one: Path, other: Path) -> bool:
    """Tell whether two Turtle files hold the same triples."""
    return run(script("peers.py", "triples", one)).answer == run(script("peers.py", "triples", other)).answer


# ---------------------------------------------------------------- output


def table(rows: Sequence[Row]) -> str:
    """Give the rows in Markdown."""
    lines = [
        "| step | against | aim | measured | | kg | peer | peak memory: kg; peer | results |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        ratio = "" if row.ratio is None else f"{row.ratio:.1f}×" if row.ratio < 10 else f"{row.ratio:.0f}×"
        bound = "> " if row.is_bound and ratio else ""
        mark = {True: "reached", False: "not reached", None: ""}[row.reached]
        cells = (
            row.step,
            row.against,
            row.aim,
            bound + ratio,
            mark,
            row.ours,
            row.theirs,
            row.memory,
            row.agree,
        )
        lines.append(f"| {' | '.join(cell.replace('|', '/').replace(chr(10), ' ') for cell in cells)} |")
    return "\n".join(lines) + "\n"


def machine() -> str:
    """Give what the figures are of."""
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in PEERS)
    return f"Python {platform.python_version()}, {os.cpu_count()} cores; {versions}"


def keep(rows: Sequence[Row], scale: float, folder: Path) -> None:
    """Write the table and all figures; of steps that were measured before at this scale the new ones count."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "all.json"
    old = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    known = {}
    if (old.get("machine"), old.get("scale")) == (machine(), scale):
        known = {row["step"]: Row(**row) for row in old["rows"]}
    merged = [*(known | {row.step: row for row in rows}).values()]
    shown = table([row for row in merged if row.in_table])
    rest = table([row for row in merged if not row.in_table])
    text = f"{machine()}; scale {scale:g}\n\n{shown}\nQueries one by one\n\n{rest}"
    (folder / "table.md").write_text(text, encoding="utf-8")
    whole = {"machine": machine(), "scale": scale, "rows": [asdict(row) for row in merged]}
    file.write_text(json.dumps(whole, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def main() -> None:
    """Run the steps that were named, or all."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("steps", nargs="*", choices=[[], *STEPS, "curve"], help="which; without any, all")
    parser.add_argument("--scale", type=float, default=1.0, help="share of the data")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--times", type=int, default=TIMES)
    parser.add_argument("--folder", type=Path, help="where data is made, and kept")
    parser.add_argument("-o", "--output", type=Path, default=HERE / "results")
    given = parser.parse_args()
    folder = given.folder or Path(tempfile.mkdtemp(prefix="kg-benchmark-"))
    folder.mkdir(parents=True, exist_ok=True)
    bench = Bench(folder, given.scale, given.jobs, given.times)
    rows: list[Row] = []
    for name in given.steps or STEPS:
        if name == "curve":
            continue
        try:
            for row in STEPS[name](bench):
                rows.append(row)
                print(table([row]).splitlines()[-1], flush=True)
        except FailedError as error:
            rows.append(failed(name, error))
            print(error, file=sys.stderr, flush=True)
    keep(rows, given.scale, given.output)
    if not given.steps or "curve" in given.steps:
        curve.draw(bench, given.output)
    print(machine())
    if given.folder is None:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()

"""Measure kg beside its peers, in one run on one machine, and write the table and the curve of cost over size.

python benchmarks/run.py                    all of it: about an hour, most of it the peers'
python benchmarks/run.py --scale 0.01       the same steps on a hundredth of the data, in a few minutes
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import curve
import data
from measure import FailedError, Series, in_turn, kg, run, script

HERE = Path(__file__).parent
PEERS = ("rdflib", "pyshacl", "pyoxigraph", "networkx", "msgspec", "click")
QUERIES = ("sources", "country-ties", "one-origin", "uncertain")
"""Shipped queries that need no parameter and that rdflib answers, too, in minutes."""
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
    for full, shapes, aim, name in (
        (100_000, bench.core(), 25, "core shapes"),
        (10_000, bench.rules, 100, "with `sh:sparql`"),
    ):
        source = bench.faulty(full)
        ours, theirs = in_turn(
            script("ours.py", "validate", source, bench.jobs, *shapes),
            script("peers.py", "pyshacl", source, *shapes),
            1,
        )
        yield faster(f"validate {bench.size(full):,}, {name}", "pyshacl, whole process", aim, ours, theirs)
    try:
        source = bench.faulty(1_000_000)
        alone = Series((run(script("ours.py", "validate", source, bench.jobs, *bench.rules)),))
        results = alone.runs[0].answer.split()[0]
        yield Row(
            f"validate {bench.size(1_000_000):,}, all shapes", "pyshacl does not finish", "minutes", None,
            None if bench.scale < 1 else alone.median() < 900, seconds(alone), "not run", megabytes(alone), f"{results} results",
        )  # fmt: skip
    except FailedError as error:
        yield failed("validate 1,000,000", error)


def turtle(bench: Bench) -> Iterator[Row]:
    """Deterministic Turtle against rdflib's."""
    source = bench.nquads(100_000)
    target, other = bench.folder / "ours.ttl", bench.folder / "rdflib.ttl"
    ours, theirs = in_turn(
        script("ours.py", "turtle", source, target), script("peers.py", "rdflib-turtle", source, other), 1
    )
    agree = "same triples" if turtles(target, other) else "DIFFERENT"
    name = f"deterministic Turtle, {bench.size(100_000):,}"
    yield faster(
        name,
        "rdflib's turtle, loading left out of both",
        15,
        ours,
        theirs,
        agree,
        phase=True,
        peer_phase=True,
    )


def query(bench: Bench) -> Iterator[Row]:
    """Shipped queries, whole process and alone, against rdflib."""
    project = bench.project(10_000)
    source = bench.nquads(10_000)
    alone: list[tuple[float, float, str]] = []
    for name in QUERIES:
        file = HERE.parent / "src" / "kg" / "queries" / f"{name}.rq"
        ours = Series(
            tuple(run([*kg("query", name), "--data", source, "-f", "csv"], cwd=project) for _ in range(TIMES))
        )
        theirs = Series((run(script("peers.py", "rdflib-query", source, file)),))
        rows = str(len(ours.runs[0].printed.splitlines()) - 1)
        agree = (
            f"{rows} rows" if rows == theirs.runs[0].answer else f"DIFFERENT: {rows}, {theirs.runs[0].answer}"
        )
        found = faster(
            f"`kg query {name}`, {bench.size(10_000):,}, cold",
            "rdflib: load and answer",
            30,
            ours,
            theirs,
            agree,
        )
        yield found
        inside = run(script("ours.py", "query", source, name))
        alone.append((theirs.median(phase=True), inside.phase, name))
    slowest = max(alone)
    ratio = slowest[0] / slowest[1]
    yield Row(
        f"the slowest of these alone (`{slowest[2]}`)", "rdflib, data in memory", "≥ 16×", ratio, ratio >= 16,
        f"{slowest[1]:.3f} s", f"{slowest[0]:.2f} s", "", "as above",
    )  # fmt: skip


def networkx(bench: Bench) -> Iterator[Row]:
    """The graph of entities against a loop over rdflib."""
    source = bench.nquads(100_000)
    ours, theirs = in_turn(
        script("ours.py", "networkx", source), script("peers.py", "rdflib-networkx", source), 1
    )
    yield faster(f"NetworkX graph, {bench.size(100_000):,}", "a loop over an rdflib graph", 15, ours, theirs)


def start(bench: Bench) -> Iterator[Row]:
    """How soon a command answers, against an import of click."""
    project = bench.project(1_000)
    run(kg("build"), cwd=project)
    click = [sys.executable, "-c", "import click"]
    text = "SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }"
    for name, command, aim in (
        ("`kg --help`", kg("--help"), 2.5),
        ("a shipped query on the built store", kg("query", "coverage"), 4),
        ("any query", kg("query", text), 10),
    ):
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
) -> Row:
    """Give a row whose aim is to be at least so many times as fast; `phase` measures the step alone."""
    ratio = theirs.median(phase=peer_phase) / ours.median(phase=phase)
    said = agreement(ours, theirs) if agree is None else agree
    return Row(
        name, against, f"≥ {aim:g}×", ratio, ratio >= aim, seconds(ours, phase=phase),
        seconds(theirs, phase=peer_phase), megabytes(ours, theirs), said,
    )  # fmt: skip


def failed(name: str, error: Exception) -> Row:
    """Give the row of a step that could not be measured."""
    return Row(name, "", "", None, False, "failed", "", "", str(error)[-300:])


def agreement(ours: Series, theirs: Series) -> str:
    """Say whether both give the same answer."""
    if ours.answers == theirs.answers and len(ours.answers) == 1:
        return f"same: {next(iter(ours.answers))}"[:40]
    return f"DIFFERENT: {sorted(ours.answers)}, {sorted(theirs.answers)}"


def seconds(series: Series, *, phase: bool = False) -> str:
    """Give the median, with least and most where there are several."""
    least, most = series.spread(phase=phase)
    spread = f" ({least:.3g}–{most:.3g})" if len(series.runs) > 1 else ""
    return f"{series.median(phase=phase):.3g} s{spread}"


def megabytes(ours: Series, theirs: Series | None = None) -> str:
    """Give the peak of the largest process of each."""
    return f"{ours.memory:,.0f} MB" + (f"; {theirs.memory:,.0f} MB" if theirs else "")


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
        "| step | against | aim | measured | | kg | peer | peak memory |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        ratio = "" if row.ratio is None else f"{row.ratio:.1f}×" if row.ratio < 10 else f"{row.ratio:.0f}×"
        mark = {True: "reached", False: "not reached", None: ""}[row.reached]
        lines.append(
            f"| {row.step} | {row.against} | {row.aim} | {ratio} | {mark} | {row.ours} | {row.theirs} | {row.memory} |"
        )
    return "\n".join(lines) + "\n"


def machine() -> str:
    """Give what the figures are of."""
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in PEERS)
    return f"Python {platform.python_version()}, {os.cpu_count()} cores; {versions}"


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
                print(table([row]).splitlines()[-1], row.agree, flush=True)
        except FailedError as error:
            rows.append(failed(name, error))
            print(error, file=sys.stderr, flush=True)
    if not given.steps or "curve" in given.steps:
        curve.draw(bench, given.output)
    given.output.mkdir(parents=True, exist_ok=True)
    if not given.steps:
        (given.output / "table.md").write_text(f"{machine()}\n\n{table(rows)}", encoding="utf-8")
        whole = {"machine": machine(), "scale": given.scale, "rows": [asdict(row) for row in rows]}
        (given.output / "all.json").write_text(
            json.dumps(whole, ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
        )
    print(machine())
    if given.folder is None:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()

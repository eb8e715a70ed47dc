"""What kg does, each step a command of its own, printed as the peers print theirs."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

from peers import literal, say


def _bulk(project_folder: Path, target: Path, jobs: int, *, unsorted: bool) -> None:
    from kg import bulk
    from kg.build import Vocabulary
    from kg.project import find

    project = find(project_folder)
    source = project.seeds / "all.jsonl"
    with bulk.Build(
        [(source, source.name)], Vocabulary.of(project), project, target.parent, jobs=jobs
    ) as build:
        summary = build.read(unsorted=target) if unsorted else build.read()
        if summary.problems:
            raise SystemExit(str(summary.problems[0]))
        if not unsorted:
            build.write(target)
    say(target.stat().st_size)


def encode(project_folder: str, target: str, jobs: str) -> None:
    """Write the quads of a project's seeds in the order in which they come."""
    Path(target).unlink(missing_ok=True)  # what comes is appended
    _bulk(Path(project_folder), Path(target), int(jobs), unsorted=True)


def build(project_folder: str, target: str, jobs: str) -> None:
    """Write the quads of a project's seeds sorted, each once."""
    _bulk(Path(project_folder), Path(target), int(jobs), unsorted=False)


def turtle(source: str, target: str) -> None:
    """Write deterministic Turtle; loading is not timed."""
    from kg import nt
    from kg import turtle as writer
    from kg.namespaces import prefixes

    with Path(source).open(encoding="utf-8") as file:
        triples = sorted({nt.split_line(line)[:3] for line in file})  # as exports have them
    started = time.perf_counter()
    data = writer.turtle(triples, prefixes("https://example.org/id/"))
    Path(target).write_bytes(data)
    say(len(triples), time.perf_counter() - started)


def networkx(source: str) -> None:
    """Make the multigraph of entities from an export."""
    import kg

    say(kg.load(source).to_networkx().number_of_edges())


def core_shapes(target: str, *files: str) -> None:
    """Write the shapes that hold no SPARQL."""
    import rdflib

    sh = rdflib.Namespace("http://www.w3.org/ns/shacl#")
    graph = rdflib.Graph()
    for file in files:
        graph.parse(file)
    for shape in set(graph.subjects(sh.sparql)):
        graph.remove((shape, None, None))
    graph.serialize(target, format="turtle")


def validate(source: str, jobs: str, target: str, *shapes: str) -> None:
    """Validate a file as `kg validate` does, the graph of what is only alleged included, as the peers do."""
    from kg.build import shapes_of
    from kg.nt import parse_term
    from kg.validate import validate_file

    outcome = validate_file(Path(source), shapes_of(list(map(Path, shapes))), jobs=int(jobs))

    def plain(value: str | None) -> str:
        if value is None or not value.startswith('"'):
            return (value or "").strip("<>")
        term = parse_term(value)
        return literal(term.value, term.datatype or "", term.language or "")

    def path(found: str | None) -> str:
        return "a path" if found and not found.partition(":")[0].isalnum() else found or ""

    severity = {"violation": "Violation", "warning": "Warning", "info": "Info"}
    rows = [
        [
            plain(found.focus),
            path(found.path),
            found.component,
            plain(found.value),
            f"http://www.w3.org/ns/shacl#{severity[found.severity]}",
            found.shape,
        ]
        for found in outcome.results
    ]
    Path(target).write_text(json.dumps(rows), encoding="utf-8")
    say(len(rows))


def query(source: str, name: str) -> None:
    """Answer a shipped query on data in memory; loading is not timed."""
    from kg import query as queries
    from kg import store
    from kg.namespaces import prefixes

    data = store.load([Path(source).read_bytes()], format="nq")
    started = time.perf_counter()
    shipped = queries.find_shipped(name)
    names = prefixes("https://example.org/id/")
    bindings = queries.bind(shipped, [], base="https://example.org/id/", prefixes=names)
    answer = queries.answer(data, shipped.text, bindings, names, "json")
    seconds = time.perf_counter() - started
    say(len(json.loads(answer.content)["results"]["bindings"]), seconds)


STEPS: dict[str, Callable[..., None]] = {
    "encode": encode,
    "build": build,
    "turtle": turtle,
    "networkx": networkx,
    "core-shapes": core_shapes,
    "validate": validate,
    "query": query,
}


def main() -> None:
    """Run one step."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("step", choices=sorted(STEPS))
    parser.add_argument("arguments", nargs="*")
    given = parser.parse_args()
    STEPS[given.step](*given.arguments)
    sys.stdout.flush()


if __name__ == "__main__":
    main()

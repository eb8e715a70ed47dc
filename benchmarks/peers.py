"""What the peers do, and what a machine can do at best: each step a command of its own.

Each prints ``answer:``, by which results are compared, and ``seconds:`` where the step alone is meant.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any


def say(answer: object, seconds: float | None = None) -> None:
    """Print what is compared and, of a part of the process, how long it took."""
    print(f"answer: {answer}")
    if seconds is not None:
        print(f"seconds: {seconds:.4f}")


def digest(lines: Iterable[bytes]) -> str:
    """Give one digest for lines in whatever order."""
    found = hashlib.sha256()
    for line in sorted(set(lines)):
        found.update(line)
    return found.hexdigest()


def load(file: Path) -> Any:
    """Read N-Quads as rdflib's documentation does it, all graphs asked as one."""
    import rdflib

    rdflib.NORMALIZE_LITERALS = False
    started = time.perf_counter()
    dataset = rdflib.Dataset(default_union=True)
    dataset.parse(file, format="nquads")
    print(f"loaded: {time.perf_counter() - started:.4f}", flush=True)
    return dataset


def load_triples(file: Path) -> Any:
    """Read N-Triples into one graph, which is what takes rdflib the least."""
    import rdflib

    rdflib.NORMALIZE_LITERALS = False
    started = time.perf_counter()
    graph = rdflib.Graph().parse(file, format="nt")
    print(f"loaded: {time.perf_counter() - started:.4f}", flush=True)
    return graph


def without_graphs(source: Path, target: Path) -> None:
    """Write N-Quads as N-Triples, each once."""
    from kg.nt import split_line

    with (
        source.open(encoding="utf-8", newline="\n") as lines,
        target.open("w", encoding="utf-8", newline="\n") as out,
    ):
        out.writelines(
            f"{' '.join(triple)} .\n" for triple in dict.fromkeys(split_line(line)[:3] for line in lines)
        )


def limit(source: Path, size: int, target: Path) -> None:
    """Decode every line of the input and write as many bytes as the output has: the physical limit."""
    import msgspec

    decoder = msgspec.json.Decoder()
    with source.open("rb") as file:
        for line in file:
            decoder.decode(line)
    block = b"x" * 1_000_000
    with target.open("wb") as out:
        for _ in range(size // len(block)):
            out.write(block)
        out.write(block[: size % len(block)])
    target.unlink()
    say(size)


def rdflib_write(source: Path, target: Path) -> None:
    """Add the triples of an N-Quads file to an rdflib graph and serialize it; making the terms is not timed."""
    import pyoxigraph
    import rdflib

    rdflib.NORMALIZE_LITERALS = False

    def term(found: Any) -> Any:
        if isinstance(found, pyoxigraph.NamedNode):
            return rdflib.URIRef(found.value)
        if found.language:
            return rdflib.Literal(found.value, lang=found.language)
        plain = found.datatype.value == "http://www.w3.org/2001/XMLSchema#string"
        return rdflib.Literal(found.value, datatype=None if plain else rdflib.URIRef(found.datatype.value))

    quads = pyoxigraph.parse(path=str(source), format=pyoxigraph.RdfFormat.N_QUADS)
    triples = [(term(q.subject), term(q.predicate), term(q.object)) for q in quads]
    started = time.perf_counter()
    graph = rdflib.Graph()
    for triple in triples:
        graph.add(triple)
    graph.serialize(target, format="nt", encoding="utf-8")
    seconds = time.perf_counter() - started
    with target.open("rb") as file:
        say(sum(1 for line in file if line.strip()), seconds)


def rdflib_turtle(source: Path, target: Path) -> None:
    """Write Turtle by rdflib; loading is not timed."""
    graph = load_triples(source)
    started = time.perf_counter()
    graph.serialize(target, format="turtle")
    say(len(graph), time.perf_counter() - started)


def pyshacl(source: Path, target: Path, *shapes: Path) -> None:
    """Load by rdflib and validate by pyshacl, and write what was found."""
    import pyshacl
    import rdflib

    data = load_triples(source)
    rules = rdflib.Graph()
    for file in shapes:
        rules.parse(file)
    started = time.perf_counter()
    _, report, _ = pyshacl.validate(
        data, shacl_graph=rules, inference="none", meta_shacl=False, advanced=False
    )
    seconds = time.perf_counter() - started
    rows = results(report)
    target.write_text(json.dumps(rows), encoding="utf-8")
    say(len(rows), seconds)


def results(report: Any) -> list[list[str]]:
    """Give focus, path, component, value, severity and shape of each result; a shape without an IRI is empty.

    Results are what the report names as such: what stands below one, by `sh:detail`, says why there is one.
    """
    import rdflib
    from rdflib.namespace import SH

    def iri(node: Any) -> str:
        return str(node) if isinstance(node, rdflib.URIRef) else ""

    return [
        [
            term(report.value(found, SH.focusNode)),
            iri(path) or "a path" if (path := report.value(found, SH.resultPath)) else "",
            iri(report.value(found, SH.sourceConstraintComponent)),
            term(report.value(found, SH.value)),
            iri(report.value(found, SH.resultSeverity)),
            iri(report.value(found, SH.sourceShape)),
        ]
        for found in report.objects(predicate=SH.result)
    ]


def term(found: Any) -> str:
    """Give an RDF term as a text: the same for the same term of whatever library."""
    import rdflib

    if found is None:
        return ""
    if isinstance(found, rdflib.Literal):
        return literal(str(found), str(found.datatype or ""), found.language or "")
    return str(found)


def literal(value: str, datatype: str, language: str) -> str:
    """Give a literal as a text."""
    plain = "http://www.w3.org/2001/XMLSchema#string"
    return f'"{value}"^^{datatype}' if datatype not in ("", plain) else f'"{value}"@{language.lower()}'


def rdflib_query(source: Path, query: Path, target: Path) -> None:
    """Load by rdflib, answer one SELECT and write the answer as JSON (SPARQL 1.1 Query Results)."""
    graph = load(source)
    started = time.perf_counter()
    answer = graph.query(query.read_text(encoding="utf-8"))
    rows = len(answer.bindings)
    seconds = time.perf_counter() - started
    answer.serialize(str(target), format="json")
    say(rows, seconds)


def rdflib_networkx(source: Path) -> None:
    """Make the multigraph of entities by a loop over an rdflib graph."""
    import networkx
    from rdflib.namespace import PROV, RDF, RDFS, Namespace

    kg = Namespace("https://w3id.org/reportedly/ontology#")
    data = load(source)
    graph = networkx.MultiDiGraph()
    for assertion in data.subjects(RDF.type, kg.Assertion):
        subject, object_ = data.value(assertion, RDF.subject), data.value(assertion, RDF.object)
        if (object_, RDFS.label, None) not in data or str(data.value(assertion, kg.polarity)) == "denied":
            continue
        if (assertion, PROV.invalidatedAtTime, None) in data:
            continue
        for node in (subject, object_):
            graph.add_node(
                str(node), label=str(data.value(node, RDFS.label)), type=str(data.value(node, RDF.type))
            )
        graph.add_edge(
            str(subject),
            str(object_),
            key=str(assertion),
            predicate=str(data.value(assertion, RDF.predicate)),
            certainty=str(data.value(assertion, kg.certainty)),
            date=str(data.value(assertion, kg.date)),
            report=str(data.value(assertion, PROV.wasDerivedFrom)),
            source=str(data.value(assertion, kg.toldBy)),
        )
    say(graph.number_of_edges())


def triples(file: Path) -> None:
    """Print a digest of the triples of a file of Turtle, N-Triples or N-Quads, whatever their order."""
    import pyoxigraph

    found = {
        f"{quad.subject} {quad.predicate} {quad.object}".encode() for quad in pyoxigraph.parse(path=str(file))
    }
    say(digest(found))


STEPS: dict[str, Callable[..., None]] = {
    "limit": lambda source, size, target: limit(Path(source), int(size), Path(target)),
    "rdflib-write": lambda source, target: rdflib_write(Path(source), Path(target)),
    "without-graphs": lambda source, target: without_graphs(Path(source), Path(target)),
    "rdflib-turtle": lambda source, target: rdflib_turtle(Path(source), Path(target)),
    "pyshacl": lambda *files: pyshacl(*map(Path, files)),
    "rdflib-query": lambda *files: rdflib_query(*map(Path, files)),
    "triples": lambda file: triples(Path(file)),
    "rdflib-networkx": lambda source: rdflib_networkx(Path(source)),
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

"""An export is loaded where people load it: a triple store behind HTTP, rdflib, pyoxigraph."""

from __future__ import annotations

import http.client
import json
import logging
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pyoxigraph as ox
import pytest
import rdflib

from kg import build, exports, query, store
from kg.namespaces import PREFIXES, expand
from kg.nt import Quad, Triple
from kg.problems import RefusedError
from kg.project import find

ROOT = Path(__file__).parents[1]
LOADING = ROOT / "docs" / "loading.md"
ID = "https://w3id.org/reportedly/id/"
GRAPHS = {f"<{ID}graph_{name}>" for name in ("assertions", "view", "alleged", "ontology")}
DEADLINE = 20.0
"""Seconds that a server may take to start, and an answer to come."""

DECLARED = "".join(f"PREFIX {prefix}: <{iri}>\n" for prefix, iri in {**PREFIXES, "id": ID}.items())
COUNT = "SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }"
COUNT_EACH = "SELECT ?g (COUNT(*) AS ?n) WHERE { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g"
RESULTS = "application/sparql-results+json"
MEDIA_TYPES = {
    "kg.nq": "application/n-quads",
    "kg.trig": "application/trig",
    "kg.jsonld": "application/ld+json",
    "kg.ttl": "text/turtle",
}


@dataclass(frozen=True)
class Export:
    """The files of an export on disk, and what they were made of."""

    folder: Path
    content: exports.Content

    def bytes(self, name: str) -> bytes:
        return (self.folder / name).read_bytes()

    @cached_property
    def graphs(self) -> Mapping[str, set[Triple]]:
        """The triples of each named graph, by the N-Triples text of its name."""
        found: dict[str, set[Triple]] = {}
        for quad in self.content.quads:
            found.setdefault(quad[3], set()).add(quad[:3])
        return found

    @property
    def sizes(self) -> dict[str, int]:
        return {graph[1:-1]: len(triples) for graph, triples in self.graphs.items()}


@pytest.fixture(scope="session")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Export:
    ours = find(ROOT)
    vocabulary = build.Vocabulary.of(ours)
    reading = build.read(ours, vocabulary, build.seed_files(ours, (ROOT / "seeds",), ROOT))
    assert reading.problems == ()
    quads = build.encode(ours, vocabulary, reading.corpus)
    content = exports.Content(
        quads, ours, vocabulary.ontology, vocabulary.ontology_files, vocabulary.shapes_files
    )
    folder = tmp_path_factory.mktemp("export") / "exports"
    folder.mkdir()
    for name, data in (*exports.files(content), ("kg.trig", exports.kg_trig(content))):
        (folder / name).write_bytes(data)
    return Export(folder, content)


# ---------------------------------------------------------------- a server of one's own


@dataclass(frozen=True, slots=True)
class Server:
    """A triple store on this machine that speaks the SPARQL Protocol and the Graph Store Protocol."""

    port: int

    def request(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        params: Mapping[str, str] | None = None,
        **headers: str,
    ) -> tuple[int, str, bytes]:
        """Give status, media type and body of the answer."""
        target = f"{path}?{urlencode(params)}" if params else path
        fields = {name.replace("_", "-"): value for name, value in headers.items()}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=DEADLINE)
        try:
            connection.request(method, target, body or None, fields)
            answer = connection.getresponse()
            return answer.status, answer.headers.get_content_type(), answer.read()
        finally:
            connection.close()

    def put(self, name: str, data: bytes, **params: str) -> int:
        """Replace what is there (a graph, or everything) by a file, as the Graph Store Protocol has it."""
        status, _, text = self.request("PUT", "/store", data, params=params, Content_Type=MEDIA_TYPES[name])
        assert status in (201, 204), text
        return status

    def ask(self, text: str, **params: str) -> list[dict[str, str]]:
        """Give the rows of a SELECT, as plain texts."""
        status, media_type, body = self.request(
            "GET", "/query", params={"query": text, **params}, Accept=RESULTS
        )
        assert (status, media_type) == (200, RESULTS), body
        return rows(body)

    def count(self, text: str = COUNT, **params: str) -> int:
        ((row,),) = (row.values() for row in self.ask(text, **params))
        return int(row)

    @property
    def sizes(self) -> dict[str, int]:
        return {row["g"]: int(row["n"]) for row in self.ask(COUNT_EACH)}


def rows(answer: bytes) -> list[dict[str, str]]:
    found = json.loads(answer)["results"]["bindings"]
    return [{name: cell["value"] for name, cell in row.items()} for row in found]


@pytest.fixture(scope="session")
def oxigraph() -> str:
    """Give the program that the wheel `oxigraph` puts beside the interpreter, or one on the path."""
    name = "oxigraph.exe" if sys.platform == "win32" else "oxigraph"
    beside = Path(sys.executable).parent / name
    program = str(beside) if beside.is_file() else shutil.which(name)
    if program is None:
        pytest.skip("the server `oxigraph` is not installed; it comes with the extra `test`")
    return program


@contextmanager
def serving(program: str, folder: Path, *options: str) -> Iterator[Server]:
    """Run a server on the loopback interface until the block is left; it never outlives the block."""
    log = folder / "server.log"
    for attempt in range(3):
        port = free_port()
        arguments = [program, "serve", "--bind", f"127.0.0.1:{port}", *options]
        with (
            log.open("wb") as output,
            subprocess.Popen(arguments, cwd=folder, stdout=output, stderr=output) as process,
        ):
            try:
                if answers(process, port):
                    yield Server(port)
                    return
            finally:
                process.kill()
        # Somebody else may have taken the port between the two calls.
        assert attempt < 2, log.read_text(encoding="utf-8")


def free_port() -> int:
    with socket.socket() as chosen:
        chosen.bind(("127.0.0.1", 0))
        return int(chosen.getsockname()[1])


def answers(process: subprocess.Popen[bytes], port: int) -> bool:
    """Wait until the server takes connections; False if it ends or takes too long."""
    deadline = time.monotonic() + DEADLINE
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.01)
        else:
            return process.poll() is None
    return False


@pytest.fixture(scope="session")
def loaded(oxigraph: str, tmp_path_factory: pytest.TempPathFactory, exported: Export) -> Iterator[Server]:
    """A server that holds kg.nq on disk and is only asked."""
    with serving(oxigraph, tmp_path_factory.mktemp("loaded"), "--location", "store") as server:
        server.put("kg.nq", exported.bytes("kg.nq"))
        yield server


@pytest.fixture(scope="session")
def united(oxigraph: str, exported: Export) -> Iterator[Server]:
    """A server with the union as its default graph: loaded and started by the commands of docs/loading.md."""
    lines = [line for text in examples("sh") for line in text.splitlines() if line.startswith("oxigraph ")]
    load, serve = (shlex.split(line)[1:] for line in lines)
    assert (load[0], serve[0]) == ("load", "serve")
    folder = exported.folder.parent
    subprocess.run([oxigraph, *load], cwd=folder, check=True, capture_output=True, timeout=DEADLINE)
    with serving(oxigraph, folder, *serve[1:]) as server:
        yield server


def examples(language: str) -> list[str]:
    """Give the code blocks of docs/loading.md in one language."""
    text = LOADING.read_text(encoding="utf-8")
    found = re.findall(rf"^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    assert found, f"docs/loading.md has no example in {language}"
    return found


@pytest.fixture(scope="session")
def scratch(oxigraph: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server in memory that tests write to; each begins by replacing everything."""
    with serving(oxigraph, tmp_path_factory.mktemp("scratch")) as server:
        yield server


# ---------------------------------------------------------------- the Graph Store Protocol


@pytest.mark.parametrize("name", ["kg.nq", "kg.trig", "kg.jsonld"])
def test_a_file_of_quads_replaces_the_store_and_a_second_copy_adds_nothing(
    scratch: Server, exported: Export, name: str
) -> None:
    scratch.put("kg.nq", b"<https://example.org/s> <https://example.org/p> <https://example.org/o> .\n")
    scratch.put(name, exported.bytes(name))
    assert scratch.sizes == exported.sizes
    assert scratch.count() == 0
    status, _, _ = scratch.request("POST", "/store", exported.bytes(name), Content_Type=MEDIA_TYPES[name])
    assert status == 204
    assert scratch.sizes == exported.sizes


def test_turtle_goes_into_a_graph_of_its_own(scratch: Server, exported: Export) -> None:
    scratch.put("kg.nq", b"")
    graph = "https://example.org/ours"
    assert scratch.put("kg.ttl", exported.bytes("kg.ttl"), graph=graph) == 201
    assert scratch.put("kg.ttl", exported.bytes("kg.ttl"), graph=graph) == 204
    assert scratch.sizes == {graph: len(exported.content.triples)}
    assert scratch.request("DELETE", "/store", params={"graph": graph})[0] == 204
    assert scratch.sizes == {}


def test_turtle_goes_into_the_default_graph(scratch: Server, exported: Export) -> None:
    scratch.put("kg.nq", b"")
    scratch.put("kg.ttl", exported.bytes("kg.ttl"), default="")
    assert scratch.count() == len(exported.content.triples)
    assert scratch.sizes == {}


def test_half_a_file_changes_nothing(scratch: Server, exported: Export) -> None:
    data = exported.bytes("kg.nq")
    scratch.put("kg.nq", data)
    half = data[: len(data) // 2]
    assert not half.endswith(b".\n")
    status, _, message = scratch.request("PUT", "/store", half, Content_Type=MEDIA_TYPES["kg.nq"])
    assert (status, scratch.sizes) == (400, exported.sizes), message


@pytest.mark.parametrize("media_type", ["application/n-triples", "text/turtle"])
@pytest.mark.parametrize("graph", sorted(GRAPHS))
def test_a_graph_comes_back_whole(loaded: Server, exported: Export, graph: str, media_type: str) -> None:
    status, answered, body = loaded.request("GET", "/store", params={"graph": graph[1:-1]}, Accept=media_type)
    assert (status, answered) == (200, media_type)
    returned = {triple_texts(triple) for triple in ox.parse(body, ox.RdfFormat.from_media_type(media_type))}
    assert returned == {as_kept(triple) for triple in exported.graphs[graph]}


def triple_texts(found: ox.Quad | ox.Triple) -> Triple:
    return str(found.subject), str(found.predicate), str(found.object)


def as_kept(triple: Triple) -> Triple:
    """Oxigraph makes plain integers of those of a derived type; every other term stays letter by letter."""
    subject, predicate, object_ = triple
    derived, plain = (f'"^^<{expand(name)}>' for name in ("xsd:nonNegativeInteger", "xsd:integer"))
    return subject, predicate, object_.replace(derived, plain)


def test_every_graph_of_the_export_is_one_of_the_four(exported: Export) -> None:
    assert exported.graphs.keys() == GRAPHS
    assert all(exported.sizes.values())


KEPT = (
    '"2017-05~"^^<edtf:EDTF>',
    '"more than 30"^^<kg:Quantity>',
    '"5 years"^^<kg:Term>',
    '"2017-08-01"^^<xsd:date>',
    '"2017-02-30"^^<xsd:date>',
    '"2026-01-02T00:00:00Z"^^<xsd:dateTime>',
    '"true"^^<xsd:boolean>',
    '"阿勒泰地区"@zh-hans',
    '"line\\nbreak \\"quoted\\" \\\\ \\t"',
    '"36"^^<xsd:integer>',
)
REWRITTEN = {
    '"36"^^<xsd:nonNegativeInteger>': '"36"^^<xsd:integer>',
    '"007"^^<xsd:integer>': '"7"^^<xsd:integer>',
    '"1.50"^^<xsd:decimal>': '"1.5"^^<xsd:decimal>',
    '"P60M"^^<xsd:duration>': '"P5Y"^^<xsd:duration>',
    '"2026-01-02T00:00:00+00:00"^^<xsd:dateTime>': '"2026-01-02T00:00:00Z"^^<xsd:dateTime>',
}


@pytest.fixture(scope="session")
def returned(scratch: Server) -> Mapping[str, str]:
    """Give how the store writes each literal of `KEPT` and `REWRITTEN`."""
    scratch.put("kg.nq", b"")
    asserted = enumerate((*KEPT, *REWRITTEN))
    lines = {f"<https://example.org/{number}>": expanded(literal) for number, literal in asserted}
    graph = {"graph": "https://example.org/graph"}
    text = "".join(f"{subject} {subject} {literal} .\n" for subject, literal in lines.items())
    scratch.put("kg.ttl", text.encode(), **graph)
    _, _, body = scratch.request("GET", "/store", params=graph, Accept="application/n-triples")
    found = dict(line.removesuffix(" .").split(" ", 2)[1:] for line in body.decode().splitlines())
    assert found.keys() == lines.keys()
    return {lines[subject]: literal for subject, literal in found.items()}


@pytest.mark.parametrize("literal", KEPT)
def test_the_store_keeps_what_is_told(returned: Mapping[str, str], literal: str) -> None:
    assert returned[expanded(literal)] == expanded(literal)


@pytest.mark.parametrize("literal", REWRITTEN)
def test_the_store_rewrites_numbers_and_durations(returned: Mapping[str, str], literal: str) -> None:
    """Why exports never come out of a store."""
    assert returned[expanded(literal)] == expanded(REWRITTEN[literal])


def expanded(literal: str) -> str:
    return re.sub(r"\^\^<(.*)>", lambda match: f"^^<{expand(match[1])}>", literal)


# ---------------------------------------------------------------- the SPARQL Protocol


def test_without_the_switch_the_default_graph_is_empty(loaded: Server, exported: Export) -> None:
    assert loaded.count() == 0
    assert loaded.count("SELECT (COUNT(*) AS ?n) WHERE { GRAPH ?g { ?s ?p ?o } }") == len(
        exported.content.quads
    )


def test_with_the_switch_it_is_everything(united: Server, exported: Export) -> None:
    assert united.count() == len(exported.content.quads)
    assert united.sizes == exported.sizes


def test_one_question_can_ask_for_the_union_too(loaded: Server, exported: Export) -> None:
    assert loaded.count(**{"union-default-graph": ""}) == len(exported.content.quads)


def test_one_question_can_ask_one_graph(united: Server, exported: Export) -> None:
    graph = f"{ID}graph_view"
    assert united.count(**{"default-graph-uri": graph}) == len(exported.graphs[f"<{graph}>"])


def test_a_triple_of_two_graphs_counts_twice_in_the_union(scratch: Server) -> None:
    """So a count over the union needs DISTINCT, as docs/loading.md says."""
    triple = b"<https://example.org/s> <https://example.org/p> <https://example.org/o>"
    scratch.put(
        "kg.nq", b"".join(triple + b" <https://example.org/%b> .\n" % graph for graph in (b"g", b"h"))
    )
    params = {"union-default-graph": ""}
    assert scratch.count(**params) == 2
    assert len(scratch.ask("SELECT DISTINCT ?s ?p ?o WHERE { ?s ?p ?o }", **params)) == 1


def test_only_what_is_both_stated_and_alleged_stands_in_two_graphs(exported: Export) -> None:
    graphs: dict[Triple, set[str]] = {}
    for quad in exported.content.quads:
        graphs.setdefault(quad[:3], set()).add(quad[3])
    several = [found for found in graphs.values() if len(found) > 1]
    assert [found for found in several if found != {f"<{ID}graph_view>", f"<{ID}graph_alleged>"}] == []


def test_get_and_both_forms_of_post_answer_alike(united: Server) -> None:
    text = DECLARED + "SELECT ?who WHERE { ?who a kg:Person } ORDER BY ?who"
    got = united.request("GET", "/query", params={"query": text}, Accept=RESULTS)
    form = "application/x-www-form-urlencoded"
    posted = united.request(
        "POST", "/query", urlencode({"query": text}).encode(), Content_Type=form, Accept=RESULTS
    )
    plain = united.request(
        "POST", "/query", text.encode(), Content_Type="application/sparql-query", Accept=RESULTS
    )
    assert got == posted == plain
    assert got[:2] == (200, RESULTS)
    assert len(rows(got[2])) > 10


def test_the_server_counts_assertions_as_the_export_does(united: Server, exported: Export) -> None:
    text = DECLARED + "SELECT (COUNT(DISTINCT ?a) AS ?n) WHERE { ?a a kg:Assertion }"
    described = (f"<{expand('rdf:type')}>", f"<{expand('kg:Assertion')}>")
    expected = sum(quad[1:3] == described for quad in exported.content.quads)
    assert united.count(text) == expected > 50


def test_every_triple_of_the_view_leads_to_its_assertion(united: Server, exported: Export) -> None:
    leads = """SELECT (COUNT(*) AS ?n) WHERE {
        { SELECT DISTINCT ?s ?p ?o WHERE {
            GRAPH id:graph_view { ?s ?p ?o }
            ?below rdfs:subPropertyOf* ?p .
            ?a rdf:subject ?s ; rdf:predicate ?below ; rdf:object ?o ;
                kg:polarity "affirmed" ; kg:certainty "stated" } } }"""
    assert united.count(DECLARED + leads) == exported.sizes[f"{ID}graph_view"] > 50


def test_a_value_is_found_by_the_term_that_the_export_has(united: Server, exported: Export) -> None:
    """The store keeps an xsd:integer, and still finds what the file calls an xsd:nonNegativeInteger."""
    starts = [quad for quad in exported.content.quads if quad[1] == f"<{expand('oa:start')}>"]
    assert starts
    for subject, predicate, object_, _ in starts[:5]:
        assert "nonNegativeInteger" in object_
        assert united.ask(f"SELECT * WHERE {{ {subject} {predicate} {object_} }}") == [{}]


@pytest.fixture(scope="session")
def memory(exported: Export) -> ox.Store:
    return store.load([exported.folder / "kg.nq"])


@pytest.mark.parametrize("name", query.shipped())
def test_a_shipped_query_answers_on_a_server_as_it_does_here(
    united: Server, memory: ox.Store, name: str
) -> None:
    text = query.find_shipped(name).text
    here = rows(query.answer(memory, text, format="json").content)
    there = united.ask(text)
    assert [settled(row) for row in there] == [settled(row) for row in here]


def settled(row: Mapping[str, str]) -> dict[str, str]:
    """GROUP_CONCAT has no order of its own."""
    return {name: "; ".join(sorted(value.split("; "))) for name, value in row.items()}


# ---------------------------------------------------------------- rdflib and pyoxigraph

RDFLIB_FORMATS = {"kg.ttl": "turtle", "kg.nq": "nquads", "kg.jsonld": "json-ld", "kg.trig": "trig"}
RDFLIB_ON_ITSELF = {
    # What Dataset.parse and the JSON-LD parser of rdflib 7.6 use is deprecated by rdflib.
    "Dataset.default_context is deprecated, use Dataset.default_graph instead.",
    "ConjunctiveGraph is deprecated, use Dataset instead.",
}


@dataclass(frozen=True)
class Reading:
    """What a library read from a file, and what it warned of or logged meanwhile."""

    quads: set[Quad]
    said: tuple[str, ...]
    ask: Callable[[str], list[dict[str, str]]]


@pytest.fixture(scope="session")
def readings(exported: Export) -> Mapping[str, Reading]:
    """Give the readings of each file by each library."""
    found = {}
    for name in RDFLIB_FORMATS:
        found[f"{name} in rdflib"] = read_by_rdflib(exported.folder / name)
        found[f"{name} in pyoxigraph"] = read_by_pyoxigraph(exported.folder / name)
    return found


def read_by_rdflib(file: Path) -> Reading:
    # As people call it: literals are normalised, which kg itself turns off.
    with pytest.MonkeyPatch.context() as patch, listening() as said:
        patch.setattr(rdflib, "NORMALIZE_LITERALS", True)
        data = rdflib.Dataset(default_union=True)
        data.parse(file, format=RDFLIB_FORMATS[file.name])

    def ask(text: str) -> list[dict[str, str]]:
        with listening():
            return rows(data.query(text).serialize(format="json") or b"")

    quads = {(s.n3(), p.n3(), o.n3(), f"<{graph}>" if graph else "") for s, p, o, graph in data.quads()}
    return Reading(
        quads,
        tuple(text for text in said if text not in RDFLIB_ON_ITSELF),
        ask,
    )


def read_by_pyoxigraph(file: Path) -> Reading:
    with listening() as said:
        quads = {
            (
                *triple_texts(quad),
                "" if isinstance(quad.graph_name, ox.DefaultGraph) else str(quad.graph_name),
            )
            for quad in ox.parse(path=file)
        }
        data = ox.Store()
        data.bulk_load(path=file)

    def ask(text: str) -> list[dict[str, str]]:
        found = data.query(text, use_default_graph_as_union=True)
        return rows(found.serialize(format=ox.QueryResultsFormat.JSON) or b"")

    return Reading(quads, tuple(said), ask)


@contextmanager
def listening() -> Iterator[list[str]]:
    """Collect warnings and log messages."""
    said: list[str] = []

    class Ear(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            said.append(record.getMessage())

    ear = Ear()
    logging.getLogger().addHandler(ear)
    try:
        with warnings.catch_warnings(record=True) as heard:
            warnings.simplefilter("always")
            yield said
        said.extend(str(warning.message) for warning in heard)
    finally:
        logging.getLogger().removeHandler(ear)


@pytest.mark.parametrize("library", ["rdflib", "pyoxigraph"])
@pytest.mark.parametrize("name", ["kg.nq", "kg.jsonld", "kg.trig"])
def test_a_file_of_quads_is_read_whole_and_in_silence(
    readings: Mapping[str, Reading], exported: Export, name: str, library: str
) -> None:
    reading = readings[f"{name} in {library}"]
    assert reading.quads == set(exported.content.quads)
    assert reading.said == ()


@pytest.mark.parametrize(("library", "default_graph"), [
    ("rdflib", "<urn:x-rdflib:default>"),
    ("pyoxigraph", ""),
])  # fmt: skip
def test_turtle_is_read_whole_and_in_silence(
    readings: Mapping[str, Reading], exported: Export, library: str, default_graph: str
) -> None:
    reading = readings[f"kg.ttl in {library}"]
    assert reading.quads == {(*triple, default_graph) for triple in exported.content.triples}
    assert reading.said == ()


def test_what_a_library_warns_of_is_heard(tmp_path: Path) -> None:
    file = tmp_path / "kg.nq"
    day = f'"2017-02-30"^^<{expand("xsd:date")}>'
    file.write_text(f"<https://example.org/s> <https://example.org/p> {day} .\n", encoding="utf-8")
    (said,) = read_by_rdflib(file).said
    assert said.startswith("Failed to convert Literal lexical form to value.")


def test_turtle_holds_all_but_what_is_alleged(exported: Export) -> None:
    kept = (triples for graph, triples in exported.graphs.items() if graph != f"<{ID}graph_alleged>")
    assert set(exported.content.triples) == set().union(*kept)


QUESTIONS = {
    "how much each report says": """SELECT ?report (COUNT(DISTINCT ?a) AS ?n) WHERE {
        ?a a kg:Assertion ; prov:wasDerivedFrom ?report } GROUP BY ?report""",
    "who was sentenced to how many months, and who tells it": """SELECT ?who ?months ?teller WHERE {
        ?a rdf:subject ?who ; rdf:predicate kg:sentencedTo ; kg:minMonths ?months ;
            kg:toldBy/kg:speaker ?teller }""",
    "between which days somebody was detained": """SELECT ?who ?from ?to WHERE {
        ?a rdf:subject ?who ; rdf:predicate kg:detainedAt ;
            sem:hasEarliestBeginTimeStamp ?from ; sem:hasLatestEndTimeStamp ?to
        FILTER(?from >= "2017-01-01"^^xsd:date) }""",
    "what places are called in other scripts": """SELECT ?place ?name WHERE {
        ?place a kg:Place ; skos:altLabel ?name FILTER(LANG(?name) != "" && LANG(?name) != "en") }""",
    "which places lie in China, however deep": """SELECT DISTINCT ?place WHERE {
        ?place kg:locatedIn+ id:china }""",
    "which predicates tie somebody to a country": """SELECT ?p ?label WHERE {
        ?p rdfs:subPropertyOf+ kg:relatedToCountry ; rdfs:label ?label }""",
}


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_question_has_one_answer_wherever_it_is_asked(
    readings: Mapping[str, Reading], united: Server, memory: ox.Store, question: str
) -> None:
    text = DECLARED + QUESTIONS[question]
    found = {where: in_any_order(reading.ask(text)) for where, reading in readings.items()}
    found["the server"] = in_any_order(united.ask(text))
    expected = in_any_order(rows(query.answer(memory, text, format="json").content))
    assert expected
    assert [where for where, rows_found in found.items() if rows_found != expected] == []
    assert len(found) == 9


def in_any_order(found: Iterable[Mapping[str, str]]) -> Counter[tuple[tuple[str, str], ...]]:
    return Counter(tuple(sorted(row.items())) for row in found)


# ---------------------------------------------------------------- a server that must not be asked


@pytest.fixture
def canary() -> Iterator[str]:
    """Give the address of a listener; in the end nobody may have called."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/data"
        assert not called(listener)


def called(listener: socket.socket) -> bool:
    try:
        listener.accept()[0].close()
    except BlockingIOError:
        return False
    return True


def test_a_call_to_the_canary_is_heard() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        assert not called(listener)
        socket.create_connection(listener.getsockname(), timeout=DEADLINE).close()
        assert called(listener)


@pytest.mark.parametrize("text", [
    "SELECT * WHERE { SERVICE <ADDRESS> { ?s ?p ?o } }",
    "SELECT * WHERE { SERVICE SILENT <ADDRESS> { ?s ?p ?o } }",
    "SELECT * WHERE { VALUES ?where { <ADDRESS> } SERVICE ?where { ?s ?p ?o } }",
    "ASK { FILTER EXISTS { SERVICE <ADDRESS> { ?s ?p ?o } } }",
    "SELECT * WHERE { \\u0053ERVICE <ADDRESS> { ?s ?p ?o } }",
    "SELECT * FROM <ADDRESS> WHERE { ?s ?p ?o }",
    "SELECT * FROM NAMED <ADDRESS> WHERE { GRAPH ?g { ?s ?p ?o } }",
    "LOAD <ADDRESS>",
    "LOAD SILENT <ADDRESS> INTO GRAPH <https://example.org/g>",
])  # fmt: skip
def test_a_query_that_reaches_out_is_refused_and_nobody_is_asked(canary: str, text: str) -> None:
    with pytest.raises(RefusedError):
        query.run([b""], text.replace("ADDRESS", canary), data_format="nq")


XML = '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/>'


@pytest.mark.parametrize(("format", "text"), [
    ("jsonld", '{"@context": "ADDRESS", "@id": "https://example.org/s", "name": "n"}'),
    ("jsonld", '{"@context": {"@import": "ADDRESS"}, "@id": "https://example.org/s", "name": "n"}'),
    ("jsonld", '[{"@id": "https://example.org/s", "@graph": [{"@context": ["ADDRESS"], "name": "n"}]}]'),
    ("rdfxml", f'<!DOCTYPE rdf:RDF SYSTEM "ADDRESS">{XML}'),
    ("rdfxml", f'<!DOCTYPE rdf:RDF [<!ENTITY % more SYSTEM "ADDRESS"> %more;]>{XML}'),
])  # fmt: skip
def test_a_file_that_reaches_out_is_refused_and_nobody_is_asked(canary: str, format: str, text: str) -> None:
    data = text.replace("ADDRESS", canary).encode()
    with pytest.raises(RefusedError):
        store.load([data], format=format)
    with pytest.raises(RefusedError):
        list(store.parse(data, format=format))


# ---------------------------------------------------------------- docs/loading.md


# rdflib warns of its own Dataset.parse.
@pytest.mark.filterwarnings("ignore:Dataset.default_context is deprecated:DeprecationWarning")
def test_the_example_in_python_works_as_shown(exported: Export, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(exported.folder.parent)
    (text,) = examples("python")
    names: dict[str, Any] = {}
    exec(compile(text, os.fspath(LOADING), "exec"), names)  # noqa: S102 - our own documentation
    assert isinstance(names["dataset"], rdflib.Dataset)
    assert isinstance(names["store"], ox.Store)
    assert len(names["dataset"]) == len(names["store"]) == len(exported.content.quads)
    assert {str(who) for (who,) in names["persons"]} == {who.value for (who,) in names["found"]} != set()


def test_the_configuration_of_fuseki_is_turtle_and_has_the_switch() -> None:
    (text,) = examples("turtle")
    found = {
        triple_texts(quad)[1:]
        for quad in ox.parse(text, ox.RdfFormat.TURTLE, base_iri="https://example.org/")
    }
    assert (
        "<http://jena.apache.org/2016/tdb#unionDefaultGraph>",
        f'"true"^^<{expand("xsd:boolean")}>',
    ) in found

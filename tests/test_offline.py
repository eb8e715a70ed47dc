"""Nothing goes to the network: a server that nobody may ask hears of no command, whatever it is given."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from conftest import EVIDENCE, HEAD
from kg.problems import Exit

SH = """\
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
<urn:s> a sh:NodeShape ; sh:targetSubjectsOf <urn:p> ;
"""
RDF = 'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'

ONE_BY_ONE = """
import contextlib, io, json, sys
from kg.cli import main

tried = []
NETWORK = ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto", "urllib.Request")
sys.addaudithook(lambda event, _: tried.append(event) if event in NETWORK else None)
told = []
for arguments, given in json.load(sys.stdin):
    sys.argv = ["kg", *arguments]
    sys.stdin = io.TextIOWrapper(io.BytesIO(given.encode()))
    err = io.StringIO()
    code = 0
    with contextlib.redirect_stderr(err), contextlib.redirect_stdout(io.TextIOWrapper(io.BytesIO())):
        try:
            main()
        except SystemExit as ended:
            code = int(ended.code or 0)
    told.append((code, err.getvalue()))
json.dump([told, tried], sys.stdout)
"""
"""Runs commands in one process; what an engine of another language does, the server tells."""

Command = Sequence[str]


class Canary(ThreadingHTTPServer):
    """A server on this machine that remembers who asked for what."""

    daemon_threads = True

    def __init__(self) -> None:
        self.asked: list[str] = []
        super().__init__(("127.0.0.1", 0), _Handler)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: Canary

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_POST = do_HEAD = do_PUT = do_OPTIONS = do_GET  # noqa: N815

    def log_message(self, format: str, *arguments: object) -> None:
        pass


@pytest.fixture
def canary() -> Iterator[Canary]:
    server = Canary()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def here(tmp_path: Path, canary: Canary, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project whose seeds name the server wherever an address may stand."""
    url = canary.address
    head = HEAD.replace(
        "  language: en\n", f"  language: en\n  url: {url}/url\n  archive-url: {url}/archive\n"
    )
    head = head.replace(
        "Upper Valley\n", f"{{label: '{url}/label', also: ['{url}/also'], same-as: '{url}/same'}}\n"
    )
    blocks = (
        f"  - about: aman-tolek\n    {EVIDENCE}\n    detained-at: upper-valley\n    place-detail: {url}/detail\n"
        f"  - about: aman-tolek\n    evidence: {{record: '{url}/record'}}\n    occupation: {url}/occupation\n"
    )
    (tmp_path / "seeds").mkdir()
    (tmp_path / "seeds" / "a.yaml").write_text(f"{head}assertions:\n{blocks}")
    (tmp_path / "kg.toml").write_text(f"license = '{url}/license'\nbase = '{url}/id/'\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
    return {**kept, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}


def told(commands: Sequence[tuple[Command, str]]) -> list[tuple[int, str]]:
    """Exit codes and messages of commands with what stands on their standard input."""
    done = subprocess.run(
        [sys.executable, "-c", ONE_BY_ONE],
        input=json.dumps(commands),
        env=environment(),
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.stderr == ""
    said, tried = json.loads(done.stdout)
    assert tried == []
    for (command, _), (_, message) in zip(commands, said, strict=True):
        assert "Traceback" not in message, command
    return [(code, message) for code, message in said]


def codes(*commands: Command, stdin: str = "") -> list[int]:
    return [code for code, _ in told([(command, stdin) for command in commands])]


def test_the_server_hears_whoever_asks(canary: Canary) -> None:
    with urllib.request.urlopen(f"{canary.address}/here", timeout=10) as answer:  # noqa: S310
        assert answer.status == 200
    assert canary.asked == ["/here"]


def test_no_command_asks_for_the_addresses_in_seeds_and_settings(here: Path, canary: Canary) -> None:
    assert codes(
        ["check"],
        ["build"],
        ["schema"],
        ["verify", "valley-post-1", "--text", "seeds/a.yaml"],
        ["export", "-o", "out.jsonld"],
        ["export", "-o", "out.graphml"],
        ["validate", "exports/kg.nq", "exports/kg.ttl", "exports/kg.jsonld"],
        ["query", "SELECT * {?s ?p ?o}"],
        ["query", "person", "-p", "person=aman-tolek"],
        ["query", "person", "-p", f"person=<{canary.address}/id/aman-tolek>"],
        ["show", "aman-tolek"],
        ["show", "aman-tolek", "-f", "html"],
        ["show", "--people"],
        ["path", "aman-tolek", "upper-valley"],
        ["stats"],
        ["conflicts"],
    ) == [0, 0, 0, 1, *[0] * 12]
    assert canary.address in (here / "exports" / "kg.nq").read_text()
    assert canary.asked == []


@pytest.mark.parametrize(
    "arguments",
    [["build"], ["query", "SELECT * {SERVICE <URL/service> {?s ?p ?o}}"], ["validate", "x.jsonld"]],
)
def test_a_process_of_its_own_asks_nobody_either(here: Path, canary: Canary, arguments: list[str]) -> None:
    (here / "x.jsonld").write_text(f'{{"@context": "{canary.address}/context", "a": "b"}}')
    command = [argument.replace("URL", canary.address) for argument in arguments]
    done = subprocess.run(
        [sys.executable, "-m", "kg.cli", *command], env=environment(), capture_output=True, timeout=60
    )
    assert done.returncode == (Exit.OK if command == ["build"] else Exit.REFUSED)
    assert canary.asked == []


QUERIES = {
    "SELECT * {SERVICE <URL/q> {?s ?p ?o}}": Exit.REFUSED,
    "SELECT * {SERVICE SILENT <URL/q> {?s ?p ?o}}": Exit.REFUSED,
    "select*{service<URL/q>{?s ?p ?o}}": Exit.REFUSED,
    "SELECT * {VALUES ?u {<URL/q>} SERVICE ?u {?s ?p ?o}}": Exit.REFUSED,
    "SELECT * {{SELECT * {OPTIONAL {SERVICE <URL/q> {?s ?p ?o}}}}}": Exit.REFUSED,
    "SELECT * {FILTER EXISTS {SERVICE <URL/q> {?s ?p ?o}}}": Exit.REFUSED,
    "SELECT * {FILTER(1 = 1) #\rSERVICE <URL/q> {?s ?p ?o}\n}": Exit.REFUSED,
    "SELECT * {\\u0053ERVICE <URL/q> {?s ?p ?o}}": Exit.REFUSED,
    "PREFIX x: <URL/> SELECT * {SERVICE x:q {?s ?p ?o}}": Exit.REFUSED,
    "SELECT * FROM <URL/q> {?s ?p ?o}": Exit.REFUSED,
    "SELECT * FROM NAMED <URL/q> {GRAPH ?g {?s ?p ?o}}": Exit.REFUSED,
    "SELECT * FROM <file:///etc/passwd> {?s ?p ?o}": Exit.REFUSED,
    "ASK FROM <URL/q> {?s ?p ?o}": Exit.REFUSED,
    "CONSTRUCT {?s ?p ?o} FROM <URL/q> WHERE {?s ?p ?o}": Exit.REFUSED,
    "DESCRIBE <URL/q> FROM <URL/q>": Exit.REFUSED,
    "LOAD <URL/q>": Exit.REFUSED,
    "LOAD SILENT <URL/q> INTO GRAPH <urn:g>": Exit.REFUSED,
    "load<file:///etc/passwd>": Exit.REFUSED,
    "BASE <URL/> LOAD <q>": Exit.REFUSED,
    "INSERT DATA {<urn:s> <urn:p> <urn:o>}": Exit.REFUSED,
    "INSERT {?s ?p ?o} WHERE {SERVICE <URL/q> {?s ?p ?o}}": Exit.REFUSED,
    "SELECT * {?s ?p ?o} ; LOAD <URL/q>": Exit.CANNOT,
    "SELECT * {BIND(<URL/function>() AS ?x)}": Exit.CANNOT,
    "URL/q": Exit.CANNOT,
    "URL/q.rq": Exit.CANNOT,
    "file:///etc/passwd": Exit.CANNOT,
    "SELECT * {GRAPH <URL/q> {?s ?p ?o}}": Exit.OK,
    "BASE <URL/> SELECT * {<a> <b> ?c}": Exit.OK,
    "DESCRIBE <URL/q>": Exit.OK,
    "SELECT ('SERVICE <URL/q>' AS ?x) {} # LOAD <URL/q>": Exit.OK,
}


def test_no_query_reaches_out(here: Path, canary: Canary) -> None:
    asked = {query.replace("URL", canary.address): code for query, code in QUERIES.items()}
    data = ["--data", "some.ttl"]
    (here / "some.ttl").write_text("<urn:s> <urn:p> <urn:o> .")
    assert dict(zip(asked, codes(*(["query", *data, query] for query in asked)), strict=True)) == asked
    refused = next(iter(asked))
    (here / "q.rq").write_text(refused)
    for command, code in (
        (["query", *data, "q.rq"], Exit.REFUSED),
        (["query", *data, "-"], Exit.REFUSED),
        (["query", *data, "-p", f"x=<{canary.address}/x>", "SELECT * {?x ?y ?z}"], Exit.OK),
        (["query", *data, "-p", f'x="}} SERVICE <{canary.address}/x> {{"', "SELECT * {?y ?z ?x}"], Exit.OK),
    ):
        assert codes(command, stdin=refused) == [code], command
    assert canary.asked == []


FILES = {
    "context.jsonld": ('{"@context": "URL/c", "@id": "urn:x", "name": "y"}', Exit.REFUSED),
    "contexts.jsonld": ('{"@context": [{"a": "urn:a"}, "URL/c"], "a": "b"}', Exit.REFUSED),
    "import.jsonld": ('{"@context": {"@version": 1.1, "@import": "URL/c"}, "a": "b"}', Exit.REFUSED),
    "nested.jsonld": ('{"@id": "urn:x", "urn:p": {"@context": "URL/c", "a": "b"}}', Exit.REFUSED),
    "scoped.jsonld": (
        '{"@context": {"@version": 1.1, "a": {"@id": "urn:a", "@context": "URL/c"}}, "a": {"b": "c"}}',
        Exit.REFUSED,
    ),
    "file.jsonld": ('{"@context": "file:///etc/passwd", "a": "b"}', Exit.REFUSED),
    "base.jsonld": ('{"@context": {"@base": "URL/", "@vocab": "URL/v#"}, "@id": "a", "b": "c"}', Exit.OK),
    "entity.rdf": (
        '<!DOCTYPE r [<!ENTITY x SYSTEM "URL/e">]>'
        f'<rdf:RDF {RDF}><rdf:Description rdf:about="urn:x"><rdf:value>&x;</rdf:value></rdf:Description></rdf:RDF>',
        Exit.REFUSED,
    ),
    "doctype.rdf": (f'<!DOCTYPE rdf:RDF SYSTEM "URL/d"><rdf:RDF {RDF}/>', Exit.REFUSED),
    "parameter.rdf": (f'<!DOCTYPE r [<!ENTITY % p SYSTEM "URL/p"> %p;]><rdf:RDF {RDF}/>', Exit.REFUSED),
    "style.rdf": (f'<?xml-stylesheet href="URL/x.xsl"?><rdf:RDF {RDF} xml:base="URL/"/>', Exit.OK),
    "schema.rdf": (
        f'<rdf:RDF {RDF} xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
        'xsi:schemaLocation="URL/ URL/s.xsd"/>',
        Exit.OK,
    ),
    "imports.ttl": ("<URL/o> a owl:Ontology ; owl:imports <URL/i> , <file:///etc/passwd> .", Exit.OK),
    "base.ttl": ("@base <URL/> . <a> <b> <c> . <> <d> <#e> .", Exit.OK),
    "types.ttl": ("<urn:x> <urn:p> '2021-02-30'^^<URL/type> ; a <URL/Class> .", Exit.OK),
}


def test_no_file_makes_a_command_reach_out(here: Path, canary: Canary) -> None:
    names, expected = [], []
    for name, (text, code) in FILES.items():
        prefix = "@prefix owl: <http://www.w3.org/2002/07/owl#> .\n" if name.endswith(".ttl") else ""
        (here / name).write_text(prefix + text.replace("URL/", f"{canary.address}/"))
        names.append(name)
        expected.append(int(code))
    asked = [["query", "--data", name, "SELECT * {?s ?p ?o}"] for name in names]
    assert dict(zip(names, codes(*asked), strict=True)) == dict(zip(names, expected, strict=True))
    validated = [["validate", "--shapes", "imports.ttl", name] for name in names]
    assert dict(zip(names, codes(*validated), strict=True)) == dict(zip(names, expected, strict=True))
    piped = [(["query", "--data", "-", "ASK {}"], (here / name).read_text()) for name in names]
    assert [code for code, _ in told(piped)] == expected
    assert canary.asked == []


SHAPES = {
    "service": ('sh:sparql [ sh:select "SELECT $this {SERVICE <URL/s> {$this ?p ?o}}" ]', Exit.REFUSED),
    "silent": ('sh:sparql [ sh:select "SELECT $this {SERVICE SILENT <URL/s> {?a ?p ?o}}" ]', Exit.REFUSED),
    "from": ('sh:sparql [ sh:select "SELECT $this FROM <URL/s> {$this ?p ?o}" ]', Exit.REFUSED),
    "load": ('sh:sparql [ sh:select "LOAD <URL/s>" ]', Exit.REFUSED),
    "target": (
        'sh:target [ a sh:SPARQLTarget ; sh:select "SELECT ?this {SERVICE <URL/s> {?this ?p ?o}}" ]',
        Exit.REFUSED,
    ),
    "rule": (
        'sh:rule [ a sh:SPARQLRule ; sh:construct "CONSTRUCT {$this a ?x} {SERVICE <URL/s> {?x ?y ?z}}" ]',
        Exit.REFUSED,
    ),
    "component": (
        "<urn:parameter> 1 . <urn:c> a sh:ConstraintComponent ; sh:parameter [ sh:path <urn:parameter> ] ; "
        'sh:validator [ a sh:SPARQLAskValidator ; sh:ask "ASK {SERVICE <URL/s> {?x ?y ?z}}" ]',
        Exit.REFUSED,
    ),
    "imports": ("sh:nodeKind sh:IRI . <urn:o> a owl:Ontology ; owl:imports <URL/s>", Exit.OK),
    "prefixes": (
        'sh:sparql [ sh:prefixes <URL/s> ; sh:select "SELECT $this {$this <urn:no> ?x}" ] . '
        "<URL/s> owl:imports <URL/t>",
        Exit.OK,
    ),
    "graph": ("sh:nodeKind sh:IRI . <urn:d> sh:shapesGraph <URL/s>", Exit.OK),
    "javascript": (
        'sh:js [ sh:jsFunctionName "f" ; sh:jsLibrary [ sh:jsLibraryURL "URL/s"^^xsd:anyURI ] ]',
        Exit.OK,
    ),
}  # fmt: skip


def test_no_shape_reaches_out(here: Path, canary: Canary) -> None:
    (here / "data.ttl").write_text("<urn:x> <urn:p> 'a' .")
    for name, (text, _) in SHAPES.items():
        (here / f"{name}.ttl").write_text(SH + text.replace("URL/", f"{canary.address}/") + " .\n")
    expected = {name: int(code) for name, (_, code) in SHAPES.items()}
    found = codes(*(["validate", "--shapes", f"{name}.ttl", "data.ttl"] for name in SHAPES))
    assert dict(zip(SHAPES, found, strict=True)) == expected
    settings = (here / "kg.toml").read_text()
    built = {}
    for name in ("service", "imports"):
        (here / "kg.toml").write_text(f"{settings}shapes = ['{name}.ttl']\n")
        (built[name],) = codes(["build"])
    assert built == {name: expected[name] for name in built}
    assert canary.asked == []


def test_an_ontology_of_the_projects_own_imports_nothing(here: Path, canary: Canary) -> None:
    (here / "own.ttl").write_text(
        "@prefix owl: <http://www.w3.org/2002/07/owl#> .\n"
        f"<{canary.address}/own> a owl:Ontology ; owl:imports <{canary.address}/other> .\n"
    )
    (here / "kg.toml").write_text("ontology = ['own.ttl']\n")
    assert codes(["check"], ["build"], ["schema"]) == [0, 0, 0]
    assert canary.asked == []


def test_an_address_in_the_place_of_a_file_is_a_file_that_is_not_there(here: Path, canary: Canary) -> None:
    (here / "empty.ttl").touch()
    for url in (f"{canary.address}/x.ttl", (here / "kg.toml").as_uri()):
        commands = [
            ["check", url],
            ["build", url],
            ["validate", url],
            ["validate", "--shapes", url, "empty.ttl"],
            ["query", "--data", url, "ASK {}"],
            ["query", url],
            ["cite", url, "x"],
            ["verify", "valley-post-1", "--text", url],
            ["export", "-o", url],
            ["schema", "-o", url],
            ["query", "-o", url, "-f", "csv", "--data", "empty.ttl", "ASK {}"],
        ]
        for command, (code, message) in zip(commands, told([(c, "") for c in commands]), strict=True):
            assert (code, message.count("\n")) == (Exit.CANNOT, 1), (command, message)
    for setting in (f"seeds = '{url}'", f"ontology = ['{url}']", f"shapes = ['{url}']"):
        (here / "kg.toml").write_text(setting)
        assert codes(["check"]) == [Exit.CANNOT], setting
    assert canary.asked == []

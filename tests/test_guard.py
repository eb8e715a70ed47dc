"""Nothing leaves the machine because of a query, however the asking is dressed up."""

import contextlib
import http.server
import re
import subprocess
import sys
import threading

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg import query, store
from kg.problems import Exit, KgError, LimitError, RefusedError

CALL = "SERVICE <http://127.0.0.1:9/> { ?a ?b ?c }"

PLACEMENTS = {
    "plain": f"SELECT * {{ {CALL} }}",
    "no space": "SELECT*WHERE{SERVICE<http://127.0.0.1:9/>{?a ?b ?c}}",
    "lower case": "select * { service <http://127.0.0.1:9/> { ?a ?b ?c } }",
    "silent": "SELECT * { SERVICE SILENT <http://127.0.0.1:9/> { ?a ?b ?c } }",
    "variable": "SELECT * { ?s schema:url ?where SERVICE ?where { ?a ?b ?c } }",
    "prefixed": "PREFIX x: <http://127.0.0.1:9/> SELECT * { SERVICE x:y { ?a ?b ?c } }",
    "optional": f"SELECT * {{ ?s ?p ?o OPTIONAL {{ {CALL} }} }}",
    "optional in optional": f"SELECT * {{ ?s ?p ?o OPTIONAL {{ ?s ?q ?r OPTIONAL {{ {CALL} }} }} }}",
    "union": f"SELECT * {{ {{ ?s ?p ?o }} UNION {{ {CALL} }} }}",
    "minus": f"SELECT * {{ ?s ?p ?o MINUS {{ {CALL} }} }}",
    "graph": f"SELECT * {{ GRAPH ?g {{ {CALL} }} }}",
    "sub-select": f"SELECT * {{ {{ SELECT ?a {{ {CALL} }} }} }}",
    "exists": f"SELECT * {{ ?s ?p ?o FILTER EXISTS {{ {CALL} }} }}",
    "not exists": f"SELECT * {{ ?s ?p ?o FILTER (1 = 1 && NOT EXISTS {{ {CALL} }}) }}",
    "bind": f"SELECT * {{ ?s ?p ?o BIND(EXISTS {{ {CALL} }} AS ?x) }}",
    "select expression": f"SELECT (EXISTS {{ {CALL} }} AS ?x) {{ ?s ?p ?o }}",
    "having": f"SELECT ?s {{ ?s ?p ?o }} GROUP BY ?s HAVING (EXISTS {{ {CALL} }})",
    "group by": f"SELECT ?x {{ ?s ?p ?o }} GROUP BY (EXISTS {{ {CALL} }} AS ?x)",
    "order by": f"SELECT ?s {{ ?s ?p ?o }} ORDER BY (EXISTS {{ {CALL} }})",
    "aggregate": f"SELECT (SUM(IF(EXISTS {{ {CALL} }}, 1, 0)) AS ?n) {{ ?s ?p ?o }}",
    "ask": f"ASK {{ {CALL} }}",
    "construct": f"CONSTRUCT {{ ?a ?b ?c }} WHERE {{ {CALL} }}",
    "describe": f"DESCRIBE ?a WHERE {{ {CALL} }}",
    "service in service": f"SELECT * {{ SERVICE <http://127.0.0.1:9/> {{ {CALL} }} }}",
    "after a comment": f"SELECT * {{ # SERVICE\n {CALL} }}",
    "after a string": f"SELECT * {{ ?s ?p '#' . {CALL} }}",
    "escaped": r"SELECT * { \u0053ERVICE <http://127.0.0.1:9/> { ?a ?b ?c } }",
    "escaped, long": r"SELECT * { S\U00000045RVICE <http://127.0.0.1:9/> { ?a ?b ?c } }",
    "escaped escape": r"SELECT * { \u005Cu0053ERVICE <http://127.0.0.1:9/> { ?a ?b ?c } }",
    "from": "SELECT * FROM <http://127.0.0.1:9/> { ?s ?p ?o }",
    "from named": "SELECT * FROM NAMED <http://127.0.0.1:9/> { GRAPH ?g { ?s ?p ?o } }",
    "from, no space": "SELECT*FROM<http://127.0.0.1:9/>{?s ?p ?o}",
    "from a file": "SELECT * FROM <file:///etc/hostname> { ?s ?p ?o }",
    "ask from": "ASK FROM <http://127.0.0.1:9/> { ?s ?p ?o }",
    "describe from": "DESCRIBE <urn:a> FROM <http://127.0.0.1:9/>",
    "construct from": "CONSTRUCT { ?s ?p ?o } FROM <http://127.0.0.1:9/> WHERE { ?s ?p ?o }",
    "construct where from": "CONSTRUCT FROM <http://127.0.0.1:9/> WHERE { ?s ?p ?o }",
    "load": "LOAD <http://127.0.0.1:9/>",
    "load silent": "LOAD SILENT <http://127.0.0.1:9/> INTO GRAPH <urn:g>",
    "load behind": "PREFIX x: <urn:x:> CLEAR ALL ; LOAD <http://127.0.0.1:9/>",
    "insert where": f"INSERT {{ ?a ?b ?c }} WHERE {{ {CALL} }}",
    # What Oxigraph reads and rdflib does not, or not so.
    "glued to a number": "SELECT * { ?s ?p 1SERVICE <http://127.0.0.1:9/> { ?a ?b ?c } }",
    "glued to a word": "SELECT * { ?s ?p trueSERVICE <http://127.0.0.1:9/> { ?a ?b ?c } }",
    "glued to silent": "SELECT * { SERVICESILENT <http://127.0.0.1:9/> { ?a ?b ?c } }",
    "glued to named": "SELECT * FROMNAMED <http://127.0.0.1:9/> { GRAPH ?g { ?s ?p ?o } }",
    "lateral": f"SELECT * {{ ?s ?p ?o LATERAL {{ {CALL} }} }}",
    "comment that ends at CR": f"SELECT * {{ ?s ?p ?o # x\r {CALL}\n }}",
    "quote that is escaped": (f'SELECT * {{ ?s ?p ?o FILTER(?s = "\\u0022 #" ) {CALL} FILTER(1=1\n) }}'),
    "less than that looks like an IRI": f'SELECT * {{ ?s ?p ?o FILTER(?s<?p#>"""\n) {CALL} #"""\n }}',
}


@pytest.mark.parametrize("text", PLACEMENTS.values(), ids=PLACEMENTS)
def test_what_reaches_out_is_refused(text):
    with pytest.raises(RefusedError) as caught:
        query.guard(text)
    assert caught.value.exit_code == Exit.REFUSED
    assert str(caught.value).startswith("query: ")
    assert "\n" not in str(caught.value)


HARMLESS = {
    "string": "SELECT * { ?s ?p 'SERVICE <http://127.0.0.1:9/> { }' }",
    "long string": 'SELECT * { ?s ?p """\nFROM <http://127.0.0.1:9/>\n""" }',
    "comment": "SELECT * { ?s ?p ?o } # SERVICE <http://127.0.0.1:9/> { ?a ?b ?c }",
    "comment with a CR": "SELECT * { ?s ?p ?o } # LOAD\r\n",
    "IRI": "SELECT * { ?s <http://example.org/from/service#load> ?o }",
    "prefixed name": "SELECT * { ?s kg:releasedFrom ?o ; kg:service ?x ; prov:wasDerivedFrom ?load }",
    "prefix": "PREFIX service: <http://example.org/> SELECT * { ?s service:x ?o }",
    "variable": "SELECT ?from $service { ?from ?load $service }",
    "byte order mark": "\ufeffSELECT * { ?s ?p 'from' }",
    "language": "SELECT * { ?s ?p 'x'@en-service }",
    "blank node": "SELECT * { _:service ?p ?o }",
    "number in a string": "SELECT * { ?s ?p '1SERVICE' }",
    "no such word": "SELECT * { ?s ?p ?o }",
    "escape in a string": r"SELECT * { ?s ?p '\u00e9' }",
}


@pytest.mark.parametrize("text", HARMLESS.values(), ids=HARMLESS)
def test_the_words_are_free_where_they_are_no_keywords(text):
    query.guard(text)
    query.answer(ox.Store(), text, prefixes=query.PREFIXES)


@pytest.mark.parametrize(
    "text",
    ["INSERT DATA { <urn:a> <urn:b> 'x' }", "delete where { ?s ?p ?o }", "CLEAR ALL", "DROP GRAPH <urn:g>",
     "# x\nPREFIX a: <urn:a:>\nWITH <urn:g> DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }", "CREATE GRAPH <urn:g>",
     "ADD <urn:a> TO <urn:b>", "MOVE <urn:a> TO <urn:b>", "COPY <urn:a> TO <urn:b>"],
)  # fmt: skip
def test_what_changes_data_is_refused(text):
    with pytest.raises(RefusedError, match="kg query only reads") as caught:
        query.guard(text)
    assert caught.value.exit_code == Exit.REFUSED


def test_messages_say_what_is_refused_and_what_would_do():
    def message(name):
        with pytest.raises(RefusedError) as caught:
            query.guard(PLACEMENTS[name], "mine.rq")
        return str(caught.value)

    assert message("plain") == (
        "mine.rq: refused, as SERVICE asks another machine; kg query never uses the network"
    )
    assert "every query sees all graphs, and GRAPH <…> chooses one" in message("from")
    assert message("load") == "mine.rq: kg query only reads, and LOAD fetches a document"
    assert message("lateral").startswith(
        "mine.rq: it holds the word SERVICE, and whether that reaches out cannot be told: write it in SPARQL"
    )
    assert message("escaped").endswith("write characters themselves instead of \\u escapes")


@pytest.mark.parametrize(
    "text",
    ["SELECT * { ?s mine:p 'from' ", "SELECT * { SERVICE <http://127.0.0.1:9/> { ?a ?b ?c }", "SERVICE"],
)
def test_what_is_no_sparql_to_either_parser_is_a_syntax_error(text):
    with pytest.raises(KgError) as caught:
        query.guard(text)
    assert caught.value.exit_code == Exit.CANNOT
    assert "prefix" not in str(caught.value)


def test_a_text_nested_too_deeply_for_the_walk_is_refused():
    text = "SELECT * " + "{" * 5000 + "?s ?p 'from'" + "}" * 5000
    with pytest.raises(RefusedError, match="nested too deeply"):
        query.guard(text)


def test_a_text_that_is_too_long_is_stopped_before_anything_looks_at_it():
    with pytest.raises(LimitError, match="100,001"):
        query.guard("SELECT * { SERVICE <http://127.0.0.1:9/> {} } ".ljust(100_001))


def test_the_walk_is_spared_where_no_word_asks_for_it():
    program = """
import sys
from kg import query
query.guard("SELECT ?from { ?a prov:wasDerivedFrom ?from ; kg:learnedFrom ?service }")
assert "rdflib" not in sys.modules
query.guard("SELECT * { ?s ?p 'from' }")
assert "rdflib" in sys.modules
"""
    subprocess.run([sys.executable, "-c", program], check=True)


# ---------------------------------------------------------------- any wrapping

_PLAIN = st.sampled_from(
    ["", "?s ?p ?o .", "?s a kg:Person .", "# SERVICE\n", "?s rdfs:label 'FROM' .", "FILTER(?s < ?o)"]
)
_KEYWORD = st.tuples(*(st.booleans() for _ in "SERVICE")).map(
    lambda upper: "".join(c.upper() if up else c.lower() for c, up in zip("SERVICE", upper, strict=True))
)
_CALLS = st.builds(
    "{}{}{}{}".format,
    _KEYWORD,
    st.sampled_from([" ", "\n", "\t", " # x\n", " SILENT "]),
    st.sampled_from(["<http://127.0.0.1:9/>", "?s", "kg:x"]),
    st.sampled_from(["{}", " { ?s ?p ?o }", "\n{ { ?s ?p ?o } }"]),
)


def _wrapped(inner):
    return st.builds(
        lambda before, wrapping, inside, after: f"{before} {wrapping % inside} {after}",
        _PLAIN,
        st.sampled_from([
            "{ %s }", "OPTIONAL { %s }", "{ ?s ?p ?o } UNION { %s }", "MINUS { %s }", "GRAPH ?g { %s }",
            "{ SELECT * { %s } }", "{ SELECT DISTINCT ?s { %s } LIMIT 5 }", "FILTER EXISTS { %s }",
            "FILTER(?s = ?o || NOT EXISTS { %s })", "FILTER(IF(EXISTS { %s }, true, false))",
        ]),
        inner,
        _PLAIN,
    )  # fmt: skip


_FORMS = st.sampled_from([
    "SELECT * { %s }", "ASK { %s }", "CONSTRUCT { ?s ?p ?o } WHERE { %s }", "DESCRIBE ?s { %s }",
    "SELECT (COUNT(*) AS ?n) WHERE { %s } GROUP BY ?s", "SELECT (EXISTS { %s } AS ?x) {}",
    "SELECT ?s { ?s ?p ?o } GROUP BY ?s HAVING (EXISTS { %s })",
])  # fmt: skip


@settings(deadline=None)
@given(form=_FORMS, pattern=st.recursive(_CALLS, _wrapped, max_leaves=4))
def test_no_wrapping_hides_a_call(form, pattern):
    with pytest.raises(RefusedError):
        query.guard(form % pattern)


@settings(deadline=None)
@given(form=_FORMS, pattern=st.recursive(_PLAIN, _wrapped, max_leaves=4))
def test_no_wrapping_makes_a_call_of_what_is_none(form, pattern):
    query.guard(form % pattern)


@settings(deadline=None)
@given(st.text(alphabet="SERVICEFROMLOAD{}<>?#'\"\\u0053 \n\r:a1", max_size=60))
def test_any_text_is_passed_refused_or_explained(text):
    with contextlib.suppress(KgError):
        query.guard(text)


# ---------------------------------------------------------------- nothing leaves


@pytest.fixture
def canary():
    """Serve on loopback and keep what is asked for: its address, and the list of requests."""
    asked = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            answer = b'{"head":{"vars":["a"]},"results":{"bindings":[]}}'
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self.send_response(200)
            self.send_header("Content-Type", "application/sparql-results+json")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        do_POST = do_GET  # noqa: N815 - the name that the base class looks for

        def log_message(self, *_):
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"127.0.0.1:{server.server_port}", asked
        server.shutdown()
        thread.join()


def test_the_canary_sings_when_the_engine_is_asked_directly(canary):
    address, asked = canary
    list(ox.Store().query(f"SELECT * {{ SERVICE <http://{address}/x> {{ ?a ?b ?c }} }}"))
    assert asked


def test_no_placement_makes_a_request(canary):
    address, asked = canary
    data = [f"<urn:a> <https://schema.org/url> <http://{address}/> .".encode()]
    for text in PLACEMENTS.values():
        with pytest.raises(RefusedError):
            query.run(data, text.replace("127.0.0.1:9", address))
    assert asked == []


@pytest.mark.skipif(sys.platform == "win32", reason="no limit on open files there")
def test_a_call_that_the_guard_missed_finds_no_socket(canary, monkeypatch):
    address, asked = canary
    monkeypatch.setattr(query, "guard", lambda text, name: None)
    for text in (PLACEMENTS["plain"], PLACEMENTS["ask"], PLACEMENTS["glued to a word"]):
        with pytest.raises(RefusedError, match="asked for a file or the network"):
            query.run([b"<urn:a> <urn:b> true ."], text.replace("127.0.0.1:9", address))
    assert asked == []
    query.run([b""], PLACEMENTS["silent"].replace("127.0.0.1:9", address))
    assert asked == []


def test_a_text_that_only_one_parser_reads_is_not_run_to_find_that_out(canary):
    address, asked = canary
    for form in ("SELECT * { LATERAL { %s } }", "ASK { LATERAL { %s } }", "DESCRIBE ?a { LATERAL { %s } }"):
        text = form % CALL.replace("127.0.0.1:9", address)
        with pytest.raises(RefusedError, match=re.escape("write it in SPARQL 1.1")):
            query.guard(text)
    assert asked == []


def test_loading_makes_no_request(canary):
    address, asked = canary
    for context in (f'"http://{address}/c"', f'{{"@version": 1.1, "@import": "http://{address}/c"}}'):
        with pytest.raises(RefusedError, match=re.escape(f"'http://{address}/c'")):
            store.load([f'{{"@context": {context}, "@id": "urn:a", "p": 1}}'.encode()])
    store.load([f"<urn:a> <http://www.w3.org/2002/07/owl#imports> <http://{address}/o> .".encode()])
    assert asked == []

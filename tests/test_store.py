"""Files in memory: formats, faults with their place, and what is refused."""

import io
import json
import os
import re
import time
from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kg import nt, store
from kg.problems import Exit, KgError, LimitError, RefusedError

ONE = {
    "a.ttl": "<urn:a> <urn:p> 'x' .",
    "a.nt": '<urn:a> <urn:p> "x" .\n',
    "a.nq": '<urn:a> <urn:p> "x" .\n',
    "a.trig": "{ <urn:a> <urn:p> 'x' }",
    "a.jsonld": '{"@id": "urn:a", "urn:p": "x"}',
    "a.json": '{"@id": "urn:a", "urn:p": "x"}',
    "a.rdf": (
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:u="urn:">'
        '<rdf:Description rdf:about="urn:a"><u:p>x</u:p></rdf:Description></rdf:RDF>'
    ),
}
ONE["A.TTL"] = ONE["a.ttl"]
ONE["a.xml"] = ONE["a.owl"] = ONE["a.rdf"]
EXPECTED = [("<urn:a>", "<urn:p>", '"x"', "")]


@pytest.fixture
def write(tmp_path):
    """Write a file and give its path."""

    def written(content, name="a.ttl"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return written


@pytest.fixture
def stdin(monkeypatch):
    def filled(content):
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(content)))

    return filled


def _fault(item, **more):
    with pytest.raises(KgError) as by_loading:
        store.load([item], **more)
    with pytest.raises(KgError) as by_parsing:
        list(store.parse(item, **more))
    assert str(by_loading.value) == str(by_parsing.value)
    assert type(by_loading.value) is type(by_parsing.value)
    return by_loading.value


@pytest.mark.parametrize("name", ONE)
def test_the_extension_tells_the_format(write, name):
    path = write(ONE[name], name)
    assert list(store.parse(path)) == EXPECTED
    assert len(store.load([path])) == 1


@pytest.mark.parametrize("name", ONE)
def test_a_byte_order_mark_is_no_part_of_the_data(write, name):
    path = write(b"\xef\xbb\xbf" + ONE[name].encode(), name)
    assert list(store.parse(path)) == EXPECTED


@pytest.mark.parametrize("name", ONE)
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_an_empty_file_has_no_triples(write, name, mark):
    path = write(mark, name)
    assert list(store.parse(path)) == []
    assert len(store.load([path])) == 0


@pytest.mark.parametrize("name", ONE)
def test_standard_input_and_bytes_are_looked_at(stdin, name):
    content = ONE[name].encode()
    assert list(store.parse(content)) == EXPECTED
    stdin(content)
    assert list(store.parse("-")) == EXPECTED
    stdin(content)
    assert len(store.load(["-"])) == 1


@pytest.mark.parametrize(
    ("content", "quads"),
    [
        (b"<urn:a> <urn:p> <urn:b> <urn:g> .\n", 1),
        (b'# x\n\n<urn:a> <urn:p> "x \\" . y"@en <urn:g> .\n<urn:a> <urn:p> "5"^^<urn:t> <urn:g> . # y\n', 2),
        (b"_:a <urn:p> _:b <urn:g> .\r\n_:a <urn:p> _:c <urn:g> .\r\n", 2),
        (b"@prefix a: <urn:> .\na:a a:p a:b , a:c .", 2),
        (b"[] <urn:p> 1 .", 1),
        (b"[ <urn:p> 1 ] <urn:q> 2 .", 2),
        (b"<urn:g> { <urn:a> <urn:p> <urn:b> , <urn:c> }", 2),
        (b'[{"@id": "urn:a", "urn:p": 1}, {"@id": "urn:b", "urn:p": 2}]', 2),
        (b'\n {"@graph": [{"@id": "urn:a", "urn:p": 1}]}', 1),
        (b"<!-- x --><r:RDF xmlns:r='http://www.w3.org/1999/02/22-rdf-syntax-ns#'/>", 0),
        (b"<?xml version='1.0'?><r:RDF xmlns:r='http://www.w3.org/1999/02/22-rdf-syntax-ns#'/>", 0),
        (b"", 0),
        (b" \n# nothing\n", 0),
    ],
)
def test_the_format_is_told_from_the_first_bytes(content, quads):
    assert len(list(store.parse(content))) == quads


def test_a_named_format_counts_where_there_is_no_extension(write, stdin):
    path = write(ONE["a.jsonld"], "data")
    assert list(store.parse(path, format="jsonld")) == EXPECTED
    assert "this is" not in str(_fault(path, format="turtle"))
    assert list(store.parse(write(ONE["a.ttl"]), format="jsonld")) == EXPECTED
    assert str(_fault(path, format="jsonl")) == "unknown RDF format 'jsonl'; did you mean 'jsonld'?"
    assert str(_fault(path, format="x")) == (
        "unknown RDF format 'x'; the formats are turtle, nt, nq, trig, jsonld, rdfxml"
    )


def test_blank_nodes_of_two_inputs_stay_two():
    data = b"_:a <urn:p> 1 ."
    assert len(store.load([data, data])) == 2
    both = [*store.parse(data), *store.parse(data)]
    assert len(set(both)) == 2
    assert all(quad[0].startswith("_:") for quad in both)


def test_blank_nodes_of_one_input_stay_one():
    quads = list(store.parse(b"_:a <urn:p> _:b . _:b <urn:q> _:a ."))
    assert quads[0][0] == quads[1][2]
    assert quads[0][2] == quads[1][0]
    store.load([b"_:a <urn:p> _:b . _:b <urn:q> _:a ."])


def test_lexical_forms_and_graphs_are_as_they_stand():
    content = b'<urn:a> <urn:p> 007 , 1.50 , "P60M"^^<urn:d> , "x"@EN . <urn:g> { <urn:a> <urn:p> true }'
    integer, decimal, boolean = (
        f"<http://www.w3.org/2001/XMLSchema#{t}>" for t in ("integer", "decimal", "boolean")
    )
    assert [quad[2:] for quad in store.parse(content)] == [
        (f'"007"^^{integer}', ""),
        (f'"1.50"^^{decimal}', ""),
        ('"P60M"^^<urn:d>', ""),
        ('"x"@en', ""),
        (f'"true"^^{boolean}', "<urn:g>"),
    ]


@settings(deadline=None)
@given(st.text(max_size=30), st.sampled_from([None, "en", "ug-arab"]))
def test_parsed_literals_are_the_canonical_texts(value, language):
    if any("\ud800" <= character <= "\udfff" for character in value):
        return
    quad = ("<urn:a>", "<urn:p>", nt.literal(value, language=language), "<urn:g>")
    assert list(store.parse(nt.nquads([quad]), format="nq")) == [quad]
    loaded = next(iter(store.load([nt.nquads([quad])], format="nq")))
    assert loaded.object == store.to_term(quad[2])
    assert str(loaded.object) == quad[2]


@pytest.mark.parametrize(
    ("content", "name", "message"),
    [
        ("<urn:a>\n  <urn:p> foo:b .", "a.ttl", "2:11: the prefix 'foo:' is not declared"),
        ("<urn:a> <b> 1 .", "a.ttl", "1:9: a relative IRI, and the file names no base; write it in full"),
        ("<urn:é> <urn:p> 'x' <urn:y> .", "a.ttl", "1:21: expected '.' at the end of the statement"),
        (
            "<urn:a> <urn:p> 1 \n",
            "a.ttl",
            "2:1: the file ends in the middle of something; the last '.' or bracket",
        ),
        ("x", "a.ttl", "1:1: "),
        (b"<urn:a> <urn:p> '\xff' .", "a.ttl", "1:18: this is not UTF-8; save the file in that encoding"),
        ('<urn:a> <urn:p> "x" .\n<urn:a> "x" <urn:b> .\n', "a.nt", "2:9: "),
        ('{"@id": "urn:a",\n "urn:p": }', "a.jsonld", "2:11: "),
        (ONE["a.rdf"].replace("</u:p>", "\n</u:q>"), "a.rdf", "2:3: ill-formed document: expected `</u:p>`"),
        ("<rdf:RDF>", "a.rdf", "1:10: unknown prefix rdf:"),
        ('<?xml version="1.0" encoding="latin1"?><a/>', "a.rdf", " the file says that it is not UTF-8"),
        ("x\x1b[2J", "a.ttl", None),
    ],
)
def test_a_fault_says_where_it_is(write, content, name, message):
    path = write(content, name)
    error = _fault(path)
    assert error.exit_code == Exit.CANNOT
    assert "\x1b" not in str(error)
    assert "Parser error" not in str(error)
    if message is not None:
        assert str(error).startswith(f"{path}:{message}")


def test_a_fault_far_into_a_file_comes_when_it_is_reached(write):
    quads = store.parse(write("<urn:a> <urn:p> 1 .\n" * 3 + "oops"))
    assert [next(quads)[0] for _ in range(3)] == ["<urn:a>"] * 3
    with pytest.raises(KgError, match=r"a\.ttl:4:1: "):
        next(quads)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32-be"])
@pytest.mark.parametrize("name", ["a.ttl", "a.jsonld", "a.rdf"])
def test_other_encodings_are_named(write, encoding, name):
    error = _fault(write(ONE[name].encode(encoding), name))
    assert "this is UTF-16" in str(error)
    assert str(error).endswith("RDF files are in UTF-8, save it in that encoding")


def test_what_is_no_text_is_named(write):
    assert "this is not RDF; it is no text at all" in str(_fault(write(b"\x89PNG\r\n\x1a\n\0\0", "a.png")))


@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize(
    "prolog",
    [
        '<!DOCTYPE r [<!ENTITY a "b">]>',
        '<?xml version="1.0"?>\n<!-- x -->\n<!DOCTYPE r [<!ENTITY a "b">]>',
        '<!doctype r [<!ENTITY a "b">]>',
        '<!DOCTYPE r SYSTEM "http://127.0.0.1:9/x.dtd">',
    ],
)
def test_rdf_xml_with_a_doctype_is_refused(write, bom, prolog):
    path = write(bom + (prolog + ONE["a.rdf"]).encode(), "a.rdf")
    error = _fault(path)
    assert isinstance(error, RefusedError)
    assert error.exit_code == Exit.REFUSED
    assert "RDF/XML with a <!DOCTYPE is not read" in str(error)


def test_a_billion_laughs_are_refused_at_once(write):
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    bomb = f'<!DOCTYPE r [<!ENTITY l0 "ha">{laughs}]>' + ONE["a.rdf"].replace(">x<", ">&l9;<")
    started = time.perf_counter()
    assert isinstance(_fault(write(bomb, "a.rdf")), RefusedError)
    late = ONE["a.rdf"].replace(
        "<rdf:Description", f'<!DOCTYPE r [<!ENTITY l0 "ha">{laughs}]><rdf:Description'
    )
    assert isinstance(_fault(write(late.replace(">x<", ">&l9;<"), "a.rdf")), RefusedError)
    assert time.perf_counter() - started < 12


@pytest.mark.parametrize(
    ("document", "address"),
    [
        ({"@context": "http://127.0.0.1:9/c", "@id": "urn:a", "p": 1}, "http://127.0.0.1:9/c"),
        ({"@context": [{"q": "urn:q"}, "https://example.org/c"], "@id": "urn:a"}, "https://example.org/c"),
        (
            {"@context": {"@version": 1.1, "@import": "http://127.0.0.1:9/i"}, "@id": "urn:a"},
            "http://127.0.0.1:9/i",
        ),
        ({"@graph": [{"@context": "c.jsonld", "@id": "urn:a"}]}, "c.jsonld"),
        (
            {"@context": {"p": {"@id": "urn:p", "@context": "http://x/"}}, "@id": "urn:a", "p": {"q": 1}},
            "http://x/",
        ),
    ],
)
def test_a_json_ld_context_elsewhere_is_refused_and_named(write, document, address):
    path = write(json.dumps(document), "a.jsonld")
    error = _fault(path)
    assert isinstance(error, RefusedError)
    assert error.exit_code == Exit.REFUSED
    assert str(error) == (
        f"{path}: its @context is the address {address!r}, and nothing is fetched; "
        "put the context itself in the place of its address"
    )


@pytest.mark.parametrize(
    "content", [b"<urn:a> <urn:p> <<( <urn:a> <urn:b> <urn:c> )>> .", b"<urn:a> <urn:p> 'x'@en--ltr ."]
)
def test_rdf_1_2_is_named_when_quads_are_asked_for(content):
    with pytest.raises(KgError, match=r"of RDF 1\.2; kg reads RDF 1\.1"):
        list(store.parse(content))


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("none.ttl", "there is no such file"),
        (".", "it is a folder"),
        ("no/where.ttl", "there is no such file"),
    ],
)
def test_what_is_no_file_is_explained(tmp_path, name, message):
    error = _fault(tmp_path / name)
    assert error.exit_code == Exit.CANNOT
    assert message in str(error)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_explained(write):
    path = write(ONE["a.ttl"])
    path.chmod(0)
    assert "cannot read" in str(_fault(path))


def test_a_text_that_is_no_dash_is_a_mistake_of_the_caller():
    with pytest.raises(TypeError, match="a file is a Path"):
        store.load(["a.ttl"])


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes")
def test_a_pipe_is_read_to_its_end(tmp_path):
    import threading

    path = tmp_path / "a.ttl"
    os.mkfifo(path)
    writer = threading.Thread(target=path.write_text, args=(ONE["a.ttl"],))
    writer.start()
    assert list(store.parse(path)) == EXPECTED
    writer.join()


def test_what_is_too_large_is_stopped(write, stdin):
    content = ONE["a.ttl"].encode()
    path = write(content)
    assert len(store.load([path], max_bytes=len(content))) == 1
    for item in (path, content):
        error = _fault(item, max_bytes=len(content) - 1)
        assert isinstance(error, LimitError)
        assert "is larger than 20 bytes, the limit" in str(error)
    stdin(content)
    with pytest.raises(LimitError, match="larger than 20 bytes"):
        store.load(["-"], max_bytes=20)


def test_several_inputs_become_one_store(write):
    data = store.load([write(ONE["a.ttl"]), write(ONE["a.rdf"], "b.rdf"), b"<urn:b> <urn:p> 1 ."])
    assert len(data) == 2


# ---------------------------------------------------------------- the union of graphs

_COUNT = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"


def _counted(data, scope):
    return next(iter(data.query(_COUNT, **scope)))["n"].value


def test_one_graph_and_graphs_apart_need_no_copy():
    for content in (
        b"",
        b"<urn:a> <urn:p> 1 , 2 .",
        b"<urn:g> { <urn:a> <urn:p> 1 } <urn:h> { <urn:a> <urn:p> 2 }",
    ):
        data = store.load([content])
        before = len(data)
        scope = store.union(data)
        assert scope == {"use_default_graph_as_union": True}
        assert _counted(data, scope) == str(before)
        assert len(data) == before


def test_a_triple_of_several_graphs_is_seen_once():
    graphs = b"<urn:g> { <urn:a> <urn:p> 1 , 2 , 5 } <urn:h> { <urn:a> <urn:p> 2 , 5 }"
    data = store.load([b"<urn:a> <urn:p> 1 , 2 , 3 , 4 ." + graphs])
    assert _counted(data, {"use_default_graph_as_union": True}) == "9"
    assert _counted(data, store.union(data)) == "5"
    assert _counted(data, store.union(data)) == "5"


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 4)), max_size=25))
def test_the_union_is_the_set_of_triples_and_graph_sees_them_all(quads):
    text = "".join(
        f"<urn:a> <urn:p> <urn:{value}> {f'<urn:g{graph}>' if graph else ''} .\n" for value, graph in quads
    )
    data = store.load([text.encode()], format="nq")
    store.union(data)
    scope = store.union(data)
    assert _counted(data, scope) == str(len({value for value, _ in quads}))
    named = list(data.query("SELECT ?g ?o { GRAPH ?g { ?s ?p ?o } }", **scope))
    assert len(named) == len({(value, graph) for value, graph in quads if graph})


def test_large_graphs_are_compared_by_their_smaller_side():
    many = "".join(f"<urn:a> <urn:p> {n} <urn:g> .\n" for n in range(3000)).replace(" <urn:g>", "")
    data = ox.Store()
    data.load(many.encode(), ox.RdfFormat.TURTLE, to_graph=ox.NamedNode("urn:g"))
    data.load(b"<urn:a> <urn:p> 5 , 5000 .", ox.RdfFormat.TURTLE, to_graph=ox.NamedNode("urn:h"))
    assert _counted(data, store.union(data)) == "3001"
    assert len(data) == 3002 + 1


# ---------------------------------------------------------------- for queries without GRAPH, and as texts


TWICE = b"<urn:a> <urn:p> <urn:o> <urn:g> .\n<urn:a> <urn:p> <urn:o> <urn:h> .\n"


@pytest.mark.parametrize(
    "inputs",
    [
        [TWICE],
        [TWICE, b"<urn:a> <urn:p> <urn:o> ."],
        [
            b'<urn:a> <urn:p> "x <urn:g> ." <urn:g> .\n<urn:a> <urn:p> "y" .\n<urn:b> <urn:p> <urn:g> <urn:h> .'
        ],
        [b"<urn:a> <urn:p> <urn:o> .\n<urn:a> <urn:p> <urn:o> <urn:g> .\n"],
        [b"<urn:a>\t<urn:p> _:o <urn:g>. # <urn:x> .\r\n_:o <urn:p> <urn:o> <urn:g> ."],
        [b"_:o <urn:p> <urn:o> <urn:g> .", b"_:o <urn:p> <urn:o> <urn:g> ."],
        [b"_:o <urn:p> <urn:o> _:g .\n_:o <urn:p> _:g _:g ."],
        [b"@prefix : <urn:> . :g { :a :p 1 } :h { :a :p 1, 2 }", TWICE],
        [b'{"@id": "urn:a", "urn:p": "x"}'],
        [b""],
    ],
)
def test_a_query_without_graph_finds_the_same_whichever_way_the_inputs_are_loaded(inputs):
    quick, scope = store.load_for_query(inputs, graphs=False)
    slow, whole = store.load_for_query(inputs, graphs=True)
    assert whole == store.union(slow)
    assert _counted(quick, scope) == _counted(slow, whole)
    for text in ("SELECT ?s ?p ?o { ?s ?p ?o }", "SELECT ?o { ?s ?p ?o . ?o ?q ?r }"):
        one, two = (
            [str(row) for row in data.query(text, **args)] for data, args in ((quick, scope), (slow, whole))
        )
        nameless = [
            sorted(re.sub("BlankNode value=[0-9a-f]+", "_", row) for row in rows) for rows in (one, two)
        ]
        assert nameless[0] == nameless[1]


@pytest.mark.parametrize(
    "data", [b"<urn:a> <urn:p> <urn:o> <urn:g> .\nx", b"<urn:a> <urn:p> <no iri> <urn:g> .\n"]
)
def test_a_fault_is_told_the_same_for_queries_without_graph(data):
    for graphs in (False, True):
        with pytest.raises(KgError) as fault:
            store.load_for_query([data], graphs=graphs, format="nq")
        assert str(fault.value).startswith("data:")
        assert ":1:" in str(fault.value) or ":2:" in str(fault.value)


_LITERALS = st.builds(
    nt.literal,
    st.text(st.characters(exclude_categories=["Cs"]), max_size=9),
    st.sampled_from([None, "urn:t", "http://www.w3.org/2001/XMLSchema#integer"]),
)
_SOME_IRIS = st.sampled_from(["<urn:a>", "<urn:a-b>", "<https://example.org/é?x=%20#y>", "<urn:b>"])


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(_SOME_IRIS, _SOME_IRIS, _SOME_IRIS | _LITERALS, _SOME_IRIS), max_size=8))
def test_canonical_n_quads_are_cut_up_into_what_the_parser_gives(write, quads):
    path = write(nt.nquads(quads), "a.nq")
    pieces = store.lines(path)
    assert pieces is not None
    assert b"".join(pieces) == path.read_bytes()
    assert store.cut(pieces) == store.quads(path) == sorted(set(quads)) == sorted(store.parse(path))


@pytest.mark.parametrize("size", [1, 33, 34, 35, 1000])
def test_pieces_end_where_lines_end(write, monkeypatch, size):
    monkeypatch.setattr(store, "_PIECE", size)
    quads = [("<urn:a>", "<urn:p>", f'"{text}"', "<urn:g>") for text in ("a", "é\u2028", "x" * 40)]
    pieces = store.lines(write(nt.nquads(quads), "a.nq"))
    assert pieces is not None
    assert all(piece.endswith(b" .\n") for piece in pieces)
    assert store.cut(pieces) == sorted(quads)


@pytest.mark.parametrize(
    "line",
    [
        "<urn:a> <urn:p> <urn:o> .",
        "<urn:a>  <urn:p> <urn:o> <urn:g> .",
        "x<urn:a> <urn:p> <urn:o> <urn:g> .",
        "<urn:a> <urn:p> _:o <urn:g> .",
        "<urn:a> <urn:p> <o> <urn:g> .",
        r"<urn:a> <urn:p> <urn:\u00e9> <urn:g> .",
        r'<urn:a> <urn:p> "\u0041" <urn:g> .',
        r'<urn:a> <urn:p> "\u000A" <urn:g> .',
        '<urn:a> <urn:p> "x"@EN <urn:g> .',
        '<urn:a> <urn:p> "x"^^<http://www.w3.org/2001/XMLSchema#string> <urn:g> .',
        "<urn:a> <urn:p> <urn:o> <urn:g> . # said",
        "",
    ],
)
def test_what_is_not_canonical_is_left_to_the_parser(write, line):
    path = write(f"<urn:b> <urn:p> <urn:o> <urn:g> .\n{line}\n", "a.nq")
    assert store.lines(path) is None
    if line[:1] != "x" and "<o>" not in line:
        named = [tuple(re.sub("_:.*", "_:", term) for term in quad) for quad in store.quads(path)]
        assert named == sorted(
            {tuple(re.sub("_:.*", "_:", term) for term in quad) for quad in store.parse(path)}
        )


def test_lines_that_repeat_or_stand_in_any_order_are_given_once_and_sorted(write):
    lines = ["<urn:b> <urn:p> <urn:o> <urn:g> .\n", "<urn:a> <urn:p> <urn:o> <urn:g> .\n"]
    found = store.quads(write("".join([*lines, *lines]), "a.nq"))
    assert [quad[0] for quad in found] == ["<urn:a>", "<urn:b>"]


def test_to_term_gives_what_pyoxigraph_holds():
    assert store.to_term("<urn:a>") == ox.NamedNode("urn:a")
    assert store.to_term('"x"@en') == ox.Literal("x", language="en")
    assert store.to_term('"5"^^<urn:t>') == ox.Literal("5", datatype=ox.NamedNode("urn:t"))
    for text in ("_:a", "x", '"x"@EN', "<a b>"):
        with pytest.raises(ValueError, match=r"IRI|canonical"):
            store.to_term(text)


def test_our_own_ontology_loads():
    path = Path(__file__).parents[1] / "ontology" / "kg.ttl"
    assert len(store.load([path])) == len(set(store.parse(path))) > 300

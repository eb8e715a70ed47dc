import hashlib
import unicodedata

import pyoxigraph
import pytest
import rdflib
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kg.nt import Curies, Term, boolean, integer, iri, literal, nquads, parse_term, split_line

# The first example may have to import a parser, and a loaded machine makes no code wrong.
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

XSD = "http://www.w3.org/2001/XMLSchema#"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
HOSTILE = [
    "",
    " ",
    "\\",
    '"',
    '\\"',
    '" .\n<https://example.org/s> <https://example.org/p> "',
    "\t\b\n\r\f\x0b\x00\x1f\x7f",
    "\\u0041\\n",
    "\x85\u2028\u2029\ufeff\u200e\u202e",
    "\ufdd0\ufffd\ufffe\uffff\U0001ffff",
    "e\u0301\u00e9 سەرىك 王 🦉",
    'x <https://example.org/y> "z"@en',
    "x <https://example.org/y>",
]

texts = st.one_of(st.sampled_from(HOSTILE), st.text(st.characters(exclude_categories=["Cs"])))
pieces = st.sampled_from([*"ab09-._~:@!$&'()*+,;=/", "é", "王", "\u200c", "𠮷", "%2F", "%c3"])
paths = st.lists(pieces, max_size=8).map("".join)
iris = st.builds(
    "{}{}{}{}".format,
    st.sampled_from(["https://example.org/", "http://[::1]:80/", "urn:x:", "tag:", "FILE:///"]),
    paths,
    st.one_of(st.just(""), paths.map(lambda path: f"?{path}\ue000")),
    st.one_of(st.just(""), paths.map(lambda path: f"#{path}")),
)
datatypes = st.one_of(st.sampled_from([f"{XSD}string", f"{XSD}integer", f"{XSD}date", f"{RDF}JSON"]), iris)
languages = st.sampled_from(["en", "ug-Arab", "zh-Hans-CN", "sl-rozaj-biske", "en-a-bb-x-c", "x-own"])
literals = st.one_of(
    st.builds(literal, texts),
    st.builds(literal, texts, datatypes),
    st.builds(lambda value, language: literal(value, language=language), texts, languages),
)
quads = st.tuples(
    iris.map(iri), iris.map(iri), st.one_of(iris.map(iri), literals), st.one_of(st.just(""), iris.map(iri))
)


@pytest.fixture(scope="module", autouse=True)
def lexical_forms_as_written():
    before = rdflib.NORMALIZE_LITERALS
    rdflib.NORMALIZE_LITERALS = False
    yield
    rdflib.NORMALIZE_LITERALS = before


# ---------------------------------------------------------------- IRIs


@pytest.mark.parametrize(
    "text",
    [
        "https://example.org/a",
        "https://w3id.org/reportedly/id/سەرىك-王",
        "https://example.org/?q=\ue000",
        "http://user@[2001:db8::7]:8080/a?b=c/d?#e?/f",
        "urn:isbn:0",
        "a+b-.9:",
        "geo:37.8,44.4",
        "https://example.org/%E7%8E%8B",
        "https://example.org/می\u200cخواهم",
    ],
)
def test_an_absolute_iri_is_taken_as_it_is(text):
    assert iri(text) == f"<{text}>"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "it does not start with a scheme such as https:"),
        ("detainedAt", "it does not start with a scheme such as https:"),
        ("/a:b", "it does not start with a scheme such as https:"),
        ("1a:b", "it does not start with a scheme such as https:"),
        ("https://example.org/a b", "U+0020 SPACE at character 22 is not allowed"),
        ("https://example.org/a\nb", "U+000A at character 22 is not allowed"),
        ("https://example.org/a\u00a0b", "U+00A0 NO-BREAK SPACE at character 22 is not allowed"),
        ("https://example.org/<", "U+003C LESS-THAN SIGN at character 21 is not allowed"),
        ("https://example.org/>", "U+003E GREATER-THAN SIGN at character 21 is not allowed"),
        ('https://example.org/"', "U+0022 QUOTATION MARK at character 21 is not allowed"),
        ("https://example.org/{", "U+007B LEFT CURLY BRACKET at character 21 is not allowed"),
        ("https://example.org/}", "U+007D RIGHT CURLY BRACKET at character 21 is not allowed"),
        ("https://example.org/|", "U+007C VERTICAL LINE at character 21 is not allowed"),
        ("https://example.org/\\", "U+005C REVERSE SOLIDUS at character 21 is not allowed"),
        ("https://example.org/^", "U+005E CIRCUMFLEX ACCENT at character 21 is not allowed"),
        ("https://example.org/`", "U+0060 GRAVE ACCENT at character 21 is not allowed"),
        ("https://example.org/\x7f", "U+007F at character 21 is not allowed"),
        ("https://example.org/\ud800", "U+D800 at character 21 is not allowed"),
        ("https://example.org/\u202e", "U+202E RIGHT-TO-LEFT OVERRIDE at character 21 is not allowed"),
        ("https://example.org/\u2066", "U+2066 LEFT-TO-RIGHT ISOLATE at character 21 is not allowed"),
        ("https://example.org/\u061c", "U+061C ARABIC LETTER MARK at character 21 is not allowed"),
        ("https://example.org/\ufeff", "U+FEFF ZERO WIDTH NO-BREAK SPACE at character 21 is not allowed"),
        ("https://example.org/\ufdd0", "U+FDD0 at character 21 is not allowed"),
        ("https://example.org/\U0001ffff", "U+1FFFF at character 21 is not allowed"),
        ("https://example.org/\ue000", "U+E000 at character 21 is not allowed there"),
        ("https://example.org/?a#\ue000", "U+E000 at character 24 is not allowed there"),
        ("https://example.org/#a#b", "U+0023 NUMBER SIGN at character 23 is not allowed there"),
        ("https://example.org/[a]", "U+005B LEFT SQUARE BRACKET at character 21 is not allowed there"),
        ("urn:[a]", "U+005B LEFT SQUARE BRACKET at character 5 is not allowed there"),
        ("https://example.org/5%", "the % at character 22 is not followed by two hexadecimal digits"),
        ("https://example.org/%zz", "the % at character 21 is not followed by two hexadecimal digits"),
        ("https://example.org:port/", "the host or port after // at character 7 is not valid"),
        ("https://[:::]/", "the host or port after // at character 7 is not valid"),
        ("https://a@b@c/", "the host or port after // at character 7 is not valid"),
    ],
)
def test_what_is_no_iri_is_refused_at_its_character(text, fault):
    with pytest.raises(ValueError, match="is not an absolute IRI") as error:
        iri(text)
    assert str(error.value) == f"{text!r} is not an absolute IRI: {fault}"


def _is_refused_by_us_alone(character: str) -> bool:
    return (
        character.isspace()
        or character in "\u200b\ufeff"
        or unicodedata.bidirectional(character)
        in {"LRE", "RLE", "PDF", "LRO", "RLO", "LRI", "RLI", "FSI", "PDI"}
        or character in "\u200e\u200f\u061c"
    )


@unhurried
@given(
    st.builds(
        "{}{}".format,
        st.sampled_from(["", "a:", "a://", "https://example.org/", "a://b:", "a://[::"]),
        st.one_of(
            st.text(st.sampled_from("a1:/?#[]@%20.+<\\\u00e9\u200f\ue000 "), max_size=9), st.text(max_size=4)
        ),
    )
)
def test_an_iri_is_valid_exactly_if_another_implementation_says_so(text):
    try:
        ours = bool(iri(text))
    except ValueError:
        ours = False
    try:
        theirs = bool(pyoxigraph.NamedNode(text))
    except (ValueError, UnicodeEncodeError):
        theirs = False
    assert ours == (theirs and not any(map(_is_refused_by_us_alone, text)))


def test_every_character_is_judged_as_another_implementation_does_but_for_the_unseen_ones():
    def accepts(make, text):
        try:
            return bool(make(text))
        except ValueError:
            return False

    # All of the planes that differ, the ends of the others.
    codes = [*range(0xD800), *range(0xE000, 0x10800), *range(0xDFFF0, 0xE1010), *range(0x10FFF0, 0x110000)]
    differing = {
        chr(code)
        for code in codes
        if accepts(iri, f"a:{chr(code)}") != accepts(pyoxigraph.NamedNode, f"a:{chr(code)}")
    }
    assert all(map(_is_refused_by_us_alone, differing))
    assert {"\u00a0", "\u2028", "\u3000", "\u200b", "\ufeff", "\u202e", "\u2069", "\u200f"} <= differing


# ---------------------------------------------------------------- literals


@pytest.mark.parametrize(
    ("made", "text"),
    [
        (literal("Serek Yelsik"), '"Serek Yelsik"'),
        (literal("a", f"{XSD}string"), '"a"'),
        (literal("2017", f"{XSD}gYear"), f'"2017"^^<{XSD}gYear>'),
        (literal("007", f"{XSD}integer"), f'"007"^^<{XSD}integer>'),
        (literal("қазақша", language="kk"), '"қазақша"@kk'),
        (literal("a", language="zh-Hans"), '"a"@zh-hans'),
        (literal('say "a\\b"'), r'"say \"a\\b\""'),
        (literal("\t\b\n\r\f"), r'"\t\b\n\r\f"'),
        (literal("\x00\x07\x0b\x0e\x1f\x7f"), r'"\u0000\u0007\u000B\u000E\u001F\u007F"'),
        (literal("\ufffe\uffff"), r'"\uFFFE\uFFFF"'),
        (literal("\x80\x85\u2028\ufdd0🦉"), '"\x80\x85\u2028\ufdd0🦉"'),
        (integer(-36), f'"-36"^^<{XSD}integer>'),
        (integer(True), f'"1"^^<{XSD}integer>'),
        (boolean(True), f'"true"^^<{XSD}boolean>'),
        (boolean(False), f'"false"^^<{XSD}boolean>'),
    ],
)
def test_a_literal_is_written_in_canonical_form(made, text):
    assert made == text


@pytest.mark.parametrize(
    "language", ["", "e", "en_GB", "en-", "-en", "de-abcdefghi", "en-x", "٣", "ſr", "en us"]
)
def test_what_is_no_language_tag_is_refused(language):
    with pytest.raises(
        ValueError, match="is not a language tag of BCP 47, such as 'en' or 'ug-Arab'"
    ) as error:
        literal("a", language=language)
    assert repr(language) in str(error.value)


def test_a_literal_has_a_datatype_or_a_language():
    with pytest.raises(ValueError, match="a datatype or a language, not both"):
        literal("a", f"{XSD}string", "en")
    with pytest.raises(ValueError, match="needs a language instead"):
        literal("a", f"{RDF}langString")


def test_a_datatype_is_given_without_brackets():
    with pytest.raises(ValueError, match="U\\+003C LESS-THAN SIGN at character 1"):
        literal("a", f"<{XSD}date>")


def test_half_a_character_is_refused_where_it_stands():
    with pytest.raises(ValueError, match="holds U\\+DC80 at character 3, which is half of a character"):
        literal("ab\udc80")


@unhurried
@given(texts, st.one_of(st.none(), datatypes))
def test_a_literal_taken_apart_is_what_it_was_made_of(value, datatype):
    kept = None if datatype == f"{XSD}string" else datatype
    assert parse_term(literal(value, datatype)) == Term("literal", value, kept)


@unhurried
@given(texts, languages)
def test_a_language_taken_apart_is_in_lower_case(value, language):
    assert parse_term(literal(value, language=language)) == Term("literal", value, None, language.lower())


@unhurried
@given(iris)
def test_an_iri_taken_apart_is_what_it_was_made_of(text):
    assert parse_term(iri(text)) == Term("iri", text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a",
        "_:b",
        "<a>",
        "<https://example.org/a b>",
        '"a',
        'a"',
        '"a"b"',
        '"a" ',
        '"a\n"',
        '"a"@',
        '"a"^^',
        '"a"^^xsd:date',
        '"a"^^<date>',
        '"\\"',
    ],
)
def test_what_is_no_term_is_refused(text):
    with pytest.raises(ValueError, match=r"neither an IRI|not an absolute IRI"):
        parse_term(text)


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ('"\\u0041"', '"A"'),
        ('"a\tb"', '"a\\tb"'),
        ('"\\u0009"', '"\\t"'),
        ('"\\u000b"', '"\\u000B"'),
        ('"\\U0000000B"', '"\\u000B"'),
        ('"\\q"', '"q"'),
        (f'"a"^^<{XSD}string>', '"a"'),
    ],
)
def test_another_spelling_of_a_term_is_refused(text, canonical):
    with pytest.raises(ValueError, match="is not a literal in canonical form"):
        parse_term(text)
    assert parse_term(canonical)


def _of_rdflib(term):
    if isinstance(term, rdflib.URIRef):
        return iri(str(term))
    return literal(str(term), None if term.language else term.datatype and str(term.datatype), term.language)


@unhurried
@given(st.sets(literals, min_size=1, max_size=20))
def test_other_implementations_read_our_lines_and_write_the_same_bytes(terms):
    subject, predicate = "<https://example.org/s>", "<https://example.org/p>"
    data = nquads((subject, predicate, term, "") for term in terms)
    parsed = list(pyoxigraph.parse(data, format=pyoxigraph.RdfFormat.N_TRIPLES))
    theirs = pyoxigraph.serialize(parsed, format=pyoxigraph.RdfFormat.N_QUADS)
    assert theirs == data
    graph = rdflib.Graph().parse(data=data, format="nt")
    assert {_of_rdflib(term) for term in graph.objects()} == terms


# ---------------------------------------------------------------- quads


def test_quads_are_written_once_each_in_code_point_order():
    s, p = "<https://example.org/s>", "<https://example.org/p>"
    assert nquads([(s, p, '"\U00010000"', s), (s, p, '"\uffee"', s), (s, p, s, ""), (s, p, s, "")]) == (
        f'{s} {p} "\uffee" {s} .\n{s} {p} "\U00010000" {s} .\n{s} {p} {s} .\n'.encode()
    )
    assert nquads([]) == b""


@unhurried
@given(st.lists(quads, max_size=12), st.randoms())
def test_nquads_have_the_hash_of_rdfc_1_0_in_any_order(data, chance):
    shuffled = [*data, *data]
    chance.shuffle(shuffled)
    ours = nquads(shuffled)
    dataset = pyoxigraph.Dataset(pyoxigraph.parse(ours, format=pyoxigraph.RdfFormat.N_QUADS))
    dataset.canonicalize(pyoxigraph.CanonicalizationAlgorithm.RDFC_1_0)
    theirs = pyoxigraph.serialize(dataset, format=pyoxigraph.RdfFormat.N_QUADS)
    lines = sorted(line + b"\n" for line in theirs.split(b"\n")[:-1])
    assert hashlib.sha256(ours).hexdigest() == hashlib.sha256(b"".join(lines)).hexdigest()


@unhurried
@given(st.lists(quads, max_size=12))
def test_lines_split_give_back_the_quads(data):
    lines = nquads(data).decode().split("\n")[:-1]
    assert {split_line(line) for line in lines} == set(data)
    assert {split_line(line + "\n") for line in lines} == set(data)


@pytest.mark.parametrize(
    "line",
    [
        "",
        "<a:> <a:> <a:>",
        "<a:> <a:> .",
        "<a:> <a:> <a:> <a:> <a:> .",
        "_:b <a:> <a:> .",
        "<a:> <a:> _:b .",
        '"a" <a:> <a:> .',
        '<a:> "a" <a:> .',
        '<a:> <a:> <a:> "a" .',
        '<a:> <a:> "a" .\n\n',
        '<a:> <a:> "a".',
        '<a:> <a:> "a b <a:> .',
        '<a:> <a:> "a"@EN .',
        "<a:>  <a:> <a:> .",
        " <a:> <a:> <a:> .",
        "# comment",
    ],
)
def test_a_line_of_another_form_is_refused(line):
    with pytest.raises(ValueError, match="is not a line of canonical N-Quads") as error:
        split_line(line)
    assert repr(line) in str(error.value)


# ---------------------------------------------------------------- prefixed names


def test_the_longest_namespace_gives_the_name_and_is_noted_as_used():
    curies = Curies(
        {
            "ex": "https://example.org/",
            "id": "https://example.org/id/",
            "other": "https://example.org/id/",
            "unused": "https://example.org/unused/",
        }
    )
    assert curies["<https://example.org/id/a>"] == "id:a"
    assert curies["<https://example.org/a>"] == "ex:a"
    assert curies["<https://example.org/b/a>"] == "<https://example.org/b/a>"
    assert curies["<https://example.com/a>"] == "<https://example.com/a>"
    assert curies.used == {"ex", "id"}


def test_a_local_part_that_the_longest_namespace_leaves_unsafe_may_be_safe_in_a_shorter_one():
    curies = Curies({"a": "https://example.org/", "b": "https://example.org/b-"})
    assert curies["<https://example.org/b-c>"] == "b:c"
    assert curies["<https://example.org/b-.c>"] == "a:b-.c"


@pytest.mark.parametrize(
    "local", ["a", "9", "_", "a.b", "a..b", "a-", "9-9", "王", "é", "a\u00b7", "a\u0301", "سەرىك"]
)
def test_a_safe_local_part_makes_a_prefixed_name(local):
    assert Curies({"": "https://example.org/"})[f"<https://example.org/{local}>"] == f":{local}"


@pytest.mark.parametrize(
    "local",
    ["", ".a", "a.", "-a", "a/b", "a#", "a:b", "%41", "a,b", "a~", "(a)", "\u0301", "\u00b7", "a\u2060"],
)
def test_an_unsafe_local_part_leaves_the_iri(local):
    term = f"<https://example.org/{local}>"
    curies = Curies({"ex": "https://example.org/"})
    assert curies[term] == term
    assert curies.used == set()


def test_no_prefixes_leave_every_iri():
    assert Curies({})["<https://example.org/a>"] == "<https://example.org/a>"


@pytest.mark.parametrize("prefix", ["_", "1a", "a.", "a b", "a:", "-a", "a\n"])
def test_what_turtle_does_not_take_as_a_prefix_is_refused(prefix):
    with pytest.raises(ValueError, match="cannot be a prefix: it starts with a letter"):
        Curies({prefix: "https://example.org/"})


def test_a_namespace_that_is_no_iri_is_refused():
    with pytest.raises(ValueError, match="is not an absolute IRI"):
        Curies({"ex": "example"})

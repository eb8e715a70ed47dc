"""A corpus written as tables and read again is the same graph, quad for quad."""

from __future__ import annotations

import io
import unicodedata
import zipfile
from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from conftest import ROOT
from kg import access, build, nt, rdf, seeds, table_export, table_files, table_form
from kg.build import Vocabulary
from kg.model import Access, Assertion, Corpus, Entity, Episode, Evidence, Report, Source, Withdrawal
from kg.namespaces import DEFAULT_BASE, EDTF, KG_NAMESPACE, XSD_BOOLEAN
from kg.nodes import unfit
from kg.problems import KgError
from kg.project import Project, find
from kg.table_form import Sheet
from kg.terms import KG

BASE = DEFAULT_BASE


def is_text(text: str) -> bool:
    """Tell whether a seed may hold it: something can be seen, and nothing in it does harm."""
    seen = any(not c.isspace() and unicodedata.category(c) not in ("Cc", "Cf") for c in text)
    return seen and unfit(text) is None


HOSTILE = (
    "=1+1", "+1", "-1+1", "@a", "'=1+1", "''=1", "'a", " =1", "\u2003@a", "＝1", '"', '"a', 'a"', '""', '"a"', "refused",
    '"refused"', '""refused""', " refused ", "Unknown", "No", "null", "”", "〃", '"""', "a;b", "; a", "a\nb", "a\r\nb",
    "\ta", "a\n", " a ", "\u00a0a", "a\u2028b", "a\x85b", "kk: a", "#a", "#N/A", "TRUE", "2017-05-14", "007", "1e5", "1,5",
    "_x0041_", "_x005F_x0041_", "_xD83D_", "<a>&b", "עברית (abc)", "\u200fx\u200e", "😀", "é e\u0301", "a,b", "a|b\tc",
    "x" * 32_700, "\\N", "sep=;",
    "<r>a</r>", "<r><t>a</t></r>", "_x005F_x005F_x0041__x0041_x0041_", "]]>", "&amp;",
)  # fmt: skip


def mended(text: str) -> str:
    return text if is_text(text) else "".join(c for c in text if unfit(c) is None) + "x"


TEXT = st.one_of(
    st.sampled_from([text for text in HOSTILE if is_text(text)]),
    st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=6).map(mended),
    st.text("'\"=;: a\n\r\t,_x", min_size=1, max_size=8).map(mended),
)
MARK = st.sampled_from([Access.PUBLIC, Access.RESTRICTED])
DIGEST = st.integers(0, 2**256 - 1).map(lambda number: f"{number:064x}")
REPORTS = ("post-1", "list-2")
NAMED, UNNAMED = ("aman", "старый-город"), ("friend", "unknown-x")
ENTITIES = [
    *(BASE + key for key in NAMED),
    *(f"{BASE}{report}_{key}" for report in REPORTS for key in UNNAMED),
]
EPISODES = [f"{BASE}episode_{key}" for key in ("case", "2")]
SAME = ["http://www.wikidata.org/entity/Q1", "urn:x:y;z", "https://example.org/a;b,'c'"]


def qualifier(name: str, value: st.SearchStrategy[str]) -> st.SearchStrategy[tuple[str, str]]:
    return value.map(lambda term: (KG_NAMESPACE + name, term))


QUALIFIERS = st.fixed_dictionaries(
    {},
    optional={
        "role": TEXT.map(nt.literal),
        "circumstance": TEXT.map(nt.literal),
        "date": st.sampled_from(["2017", "2017-05~", "2017-05-14/..", "[2017-01-01..2017-02-01]"]).map(lambda d: nt.literal(d, EDTF)),
        "count": st.sampled_from(["5", "more than 30", "about 20"]).map(lambda q: nt.literal(q, KG.Quantity)),
        "secretTrial": st.sampled_from(["true", "false"]).map(lambda b: nt.literal(b, XSD_BOOLEAN)),
    },
).map(lambda found: tuple(sorted((KG_NAMESPACE + name, term) for name, term in found.items())))  # fmt: skip
SAID = st.one_of(
    st.tuples(
        st.just("detainedAt"),
        st.sampled_from([*map(nt.iri, ENTITIES), nt.iri(KG.refused), nt.iri(KG.noneGiven)]),
    ),
    st.tuples(st.just("occupation"), st.one_of(TEXT.map(nt.literal), st.just(nt.iri(KG.refused)))),
    st.tuples(
        st.just("sentencedTo"), st.sampled_from(["5 years", "life"]).map(lambda t: nt.literal(t, KG.Term))
    ),
)
WITHDRAWN = st.builds(
    Withdrawal, st.just("2026-01-02"), st.sampled_from(["", "curator-error", "safety"]), st.just("") | TEXT
)


@st.composite
def evidence(draw: st.DrawFn, report: str) -> Evidence:
    start = draw(st.integers(0, 400))
    digest = draw(DIGEST)
    name = TEXT.map(lambda text: text.replace("/", "").replace("\\", "") + ".csv")
    return draw(
        st.one_of(
            st.just(Evidence(report, start, start + 9, digest)),
            st.just(Evidence(report, record="https://example.org/r;1")),
            st.builds(
                Evidence, st.just(report), st.just(0), st.just(0), st.just(digest), st.just(""), name,
                st.just("") | TEXT, st.integers(1, 10**6), st.sampled_from(["", "D", "XFD"]),
            ),
        )
    )  # fmt: skip


@st.composite
def assertions(draw: st.DrawFn) -> Assertion:
    key = draw(st.sampled_from(REPORTS))
    report = f"{BASE}report_{key}"
    predicate, object_ = draw(SAID)
    withdrawn = draw(st.none() | WITHDRAWN)
    silent = withdrawn is not None and withdrawn.is_silent
    return Assertion(
        draw(st.sampled_from(ENTITIES)),
        KG_NAMESPACE + predicate,
        object_,
        report,
        f"{BASE}source_{key}_{draw(st.sampled_from(['publisher', 'friend', 'withheld']))}",
        draw(evidence(report)),
        draw(st.sampled_from(["affirmed", "denied"])),
        draw(st.sampled_from(["stated", "alleged"])),
        draw(st.sampled_from(["curated", "imported", "extracted"])),
        draw(QUALIFIERS),
        tuple(sorted(draw(st.sets(st.sampled_from(EPISODES))))),
        withdrawn,
        draw(st.none() | TEXT),
        Access.RESTRICTED if silent else draw(MARK),
    )


def entities(draw: st.DrawFn) -> tuple[Entity, ...]:
    return tuple(
        Entity(
            iri,
            KG_NAMESPACE + draw(st.sampled_from(["Person", "Place", "Court"])),
            draw(TEXT),
            "_" in iri.removeprefix(BASE),
            tuple(draw(st.lists(TEXT, max_size=2))),
            tuple(
                (language, name)
                for language in ("kk", "zh-hant")
                for name in draw(st.lists(TEXT, max_size=2))
            ),
            tuple(draw(st.sets(st.sampled_from(SAME)))),
            draw(st.none() | TEXT),
            draw(MARK),
        )
        for iri in ENTITIES
    )


@st.composite
def corpora(draw: st.DrawFn) -> Corpus:
    reports, sources = [], []
    for key in REPORTS:
        iri = f"{BASE}report_{key}"
        mark = draw(st.sampled_from([Access.PUBLIC, Access.PUBLIC, Access.RESTRICTED]))
        reports.append(
            Report(
                iri,
                draw(TEXT),
                draw(st.just("article") | TEXT),
                draw(st.sampled_from(["2021-03-04", "2021", "2021-03~"])),
                draw(st.sampled_from(ENTITIES)),
                draw(st.sampled_from([None, "en", "kk-cyrl"])),
                draw(st.sampled_from([None, "https://example.org/?a=1;b='2'"])),
                draw(st.sampled_from([None, "https://archive.example.org/x"])),
                draw(st.sampled_from([None, "2022-01-02"])),
                draw(st.none() | DIGEST.map(lambda digest, iri=iri: Evidence(iri, 0, 500, digest))),  # type: ignore[misc]
                draw(st.none() | TEXT),
                mark,
                f"{BASE}report_{REPORTS[1]}" if key == REPORTS[0] and draw(st.booleans()) else None,
            )
        )
        source = f"{BASE}source_{key}_"
        sources += [
            Source(f"{source}publisher", draw(TEXT), draw(st.sampled_from(ENTITIES)), "unknown", None, None, mark),
            Source(
                f"{source}friend", draw(TEXT), draw(st.sampled_from(ENTITIES)), draw(st.sampled_from(["family", "hearsay"])),
                draw(st.none() | TEXT), draw(st.sampled_from([None, f"{source}withheld", f"{source}publisher"])),
                draw(st.sampled_from(list(Access))),
            ),
            Source(f"{source}withheld", draw(TEXT), ENTITIES[0], access=draw(st.sampled_from(list(Access)))),
        ]  # fmt: skip
    said = draw(st.lists(assertions(), max_size=4))
    if said and draw(st.booleans()):
        said[-1] = replace(said[-1], corrects=said[0].digest())
        if said[-1].digest() == said[0].digest():
            said.pop()
    episodes = tuple(Episode(iri, draw(TEXT), draw(MARK)) for iri in EPISODES)
    return Corpus(entities(draw), tuple(reports), tuple(sources), episodes, tuple(said))


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return find(tmp_path_factory.mktemp("own"))


def read_back(files: Mapping[str, bytes], vocabulary: Vocabulary, own: Project) -> Corpus:
    reading = seeds.read(files, vocabulary.ontology, vocabulary.choices, own)
    assert reading.problems == ()
    return reading.corpus


def quads(corpus: Corpus, vocabulary: Vocabulary) -> list[nt.Quad]:
    return sorted(set(rdf.quads(corpus, vocabulary.ontology, BASE)))


FEW = settings(
    deadline=None, max_examples=20, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
MANY = settings(FEW, max_examples=1500)


def check_csv(vocabulary: Vocabulary, own: Project, corpus: Corpus) -> None:
    sheets = table_export.to_tables(corpus, vocabulary.ontology, BASE)
    found = read_back(table_files.csv_files(sheets, "all"), vocabulary, own)
    assert quads(found, vocabulary) == quads(corpus, vocabulary)


def check_xlsx(vocabulary: Vocabulary, own: Project, corpus: Corpus) -> None:
    sheets = table_export.to_tables(corpus, vocabulary.ontology, BASE)
    found = read_back({"all.xlsx": table_files.xlsx(sheets)}, vocabulary, own)
    assert quads(found, vocabulary) == quads(corpus, vocabulary)


@FEW
@given(corpora())
def test_csv_files_say_the_same_graph(vocabulary, own, corpus) -> None:
    check_csv(vocabulary, own, corpus)


@FEW
@given(corpora())
def test_a_workbook_says_the_same_graph(vocabulary, own, corpus) -> None:
    check_xlsx(vocabulary, own, corpus)


def check_public(vocabulary: Vocabulary, own: Project, corpus: Corpus) -> None:
    public = access.public(corpus, BASE)
    try:
        sheets = table_export.to_tables(public, vocabulary.ontology, BASE)
    except KgError as error:
        # An unnamed entity of a restricted report, of which a public one speaks, has no place in a table.
        assume("the report that it belongs to is not there" not in str(error))
        raise
    found = read_back(table_files.csv_files(sheets, "all"), vocabulary, own)
    assert quads(access.public(found, BASE), vocabulary) == quads(public, vocabulary)


@FEW
@given(corpora())
def test_a_public_graph_is_the_same_public_graph(vocabulary, own, corpus) -> None:
    check_public(vocabulary, own, corpus)


@pytest.mark.slow
@MANY
@given(corpora())
def test_many_public_graphs_are_the_same(vocabulary, own, corpus) -> None:
    check_public(vocabulary, own, corpus)


@pytest.mark.slow
@MANY
@given(corpora())
def test_many_csv_files_say_the_same_graph(vocabulary, own, corpus) -> None:
    check_csv(vocabulary, own, corpus)


@pytest.mark.slow
@MANY
@given(corpora())
def test_many_workbooks_say_the_same_graph(vocabulary, own, corpus) -> None:
    check_xlsx(vocabulary, own, corpus)


@pytest.mark.parametrize("check", [check_csv, check_xlsx])
def test_every_hostile_text_comes_back_from_every_kind_of_cell(vocabulary, own, check) -> None:
    texts = [text for text in HOSTILE if is_text(text)]
    assert len(texts) > 60
    report, source = f"{BASE}report_r", f"{BASE}source_r_publisher"
    person, role = KG_NAMESPACE + "Person", KG_NAMESPACE + "role"
    check(
        vocabulary,
        own,
        Corpus(
            tuple(
                Entity(f"{BASE}p{n}", person, text, also=(text, "x"), names=(("kk", text),), note=text)
                for n, text in enumerate(texts)
            ),
            tuple(
                Report(f"{BASE}report_r{n or ''}", text, text, "2021", f"{BASE}p1", note=text)
                for n, text in enumerate(texts)
            ),
            tuple(
                Source(f"{BASE}source_r{n or ''}_publisher", text, f"{BASE}p1", relation=text)
                for n, text in enumerate(texts)
            ),
            tuple(Episode(f"{BASE}episode_e{n}", text) for n, text in enumerate(texts)),
            tuple(
                Assertion(
                    f"{BASE}p{n}", KG_NAMESPACE + "occupation", nt.literal(text), report, source,
                    Evidence(report, n, n + 1, "0" * 64), qualifiers=((role, nt.literal(text)),), note=text,
                )
                for n, text in enumerate(texts)
            ),
        ),
    )  # fmt: skip


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_the_shipped_seeds_come_back(vocabulary, form) -> None:
    project = find(ROOT)
    corpus = build.read(project, vocabulary, build.seed_files(project, (), ROOT)).corpus
    sheets = table_export.to_tables(corpus, vocabulary.ontology, project.base)
    files = table_files.csv_files(sheets, "all") if form == "csv" else {"all.xlsx": table_files.xlsx(sheets)}
    assert quads(read_back(files, vocabulary, project), vocabulary) == quads(corpus, vocabulary)


# ---------------------------------------------------------------- cells


@given(TEXT | st.text(max_size=8))
def test_a_value_in_a_cell_comes_back(text: str) -> None:
    if text.strip():
        assert table_form.unquote(table_form.quote(text))[0] == text
        assert table_form.unquote(f" {table_form.quote(text)}\t")[0] == text
    assert table_form.unguard(table_form.guard(text)) == text
    assert table_form.unguard(table_form.guard(text, workbook=True)) == text


@given(st.lists(TEXT | st.text('"; \na', min_size=1, max_size=6), max_size=4))
@example(['"'])
def test_values_in_one_cell_come_back(items: list[str]) -> None:
    assert [text for text, _ in table_form.split(table_form.join(items))] == items


@given(st.text("=+-@'\" \t\u200bab1", max_size=8))
def test_no_cell_of_a_csv_is_a_formula(text: str) -> None:
    guarded = table_form.guard(text)
    first = guarded.lstrip()[:1]
    assert first not in tuple("=+-@") or guarded.strip("+-").replace("1", "").replace(" ", "") == ""


# ---------------------------------------------------------------- files


def sheet(*texts: str) -> Sheet:
    return Sheet("assertions", tuple(f"c{number}" for number in range(len(texts))), (texts,))


def test_a_text_that_no_cell_holds_is_told_before_anything_is_written() -> None:
    with pytest.raises(
        KgError, match=r"assertions, row 2: c1 has 32,768 characters, and a cell .* holds 32,767; write CSV"
    ):
        table_files.xlsx([sheet("a", "x" * 32_768)])
    with pytest.raises(KgError, match="has 16,384 characters"):  # as Excel counts, twice as many
        table_files.xlsx([sheet("😀" * 16_384)])
    assert table_files.xlsx([sheet("x" * 32_767)])


def test_the_same_tables_are_the_same_bytes() -> None:
    assert table_files.xlsx([sheet("a")]) == table_files.xlsx([sheet("a")])
    files = table_files.csv_files([sheet("a")], "x")
    assert table_files.zipped(files) == table_files.zipped(files)
    assert zipfile.ZipFile(io.BytesIO(table_files.zipped(files))).namelist() == ["x.assertions.csv"]


def test_a_csv_for_people_is_utf8_with_a_mark_and_no_formula() -> None:
    assert table_files.csv_bytes(sheet("=1+1", "ä")) == "\ufeffc0,c1\r\n'=1+1,ä\r\n".encode()


def test_control_characters_are_refused_before_writing(vocabulary) -> None:
    corpus = Corpus(entities=(Entity(f"{BASE}aman", KG_NAMESPACE + "Person", "a\x07"),))
    with pytest.raises(KgError, match=r"entities: label of 'person': the control character U\+0007"):
        table_export.to_tables(corpus, vocabulary.ontology, BASE)


def test_what_no_table_can_say_is_told(vocabulary) -> None:
    report = f"{BASE}report_r"
    good = Assertion(
        f"{BASE}a",
        KG_NAMESPACE + "heldAt",
        f"<{BASE}b>",
        report,
        f"{BASE}source_r_x",
        Evidence(report, 1, 2, "0" * 64),
    )
    for wrong, said in (
        (replace(good, predicate="urn:x"), "no predicate of the ontology"),
        (replace(good, object='"text"'), "does not fit its predicate"),
        (replace(good, subject="urn:x"), "has no key in a table"),
        (replace(good, qualifiers=(("urn:x", '"y"'),)), "no qualifier of the ontology"),
    ):
        with pytest.raises(KgError, match=said):
            table_export.to_tables(Corpus(assertions=(wrong,)), vocabulary.ontology, BASE)
    for entity, said in (
        (Entity(f"{BASE}a", "urn:x", "x"), "no class of the ontology"),
        (
            Entity(f"{BASE}r_a", KG_NAMESPACE + "Person", "x", True),
            "the report that it belongs to is not there",
        ),
    ):
        with pytest.raises(KgError, match=said):
            table_export.to_tables(Corpus(entities=(entity,)), vocabulary.ontology, BASE)


def test_a_withheld_source_is_one_of_its_report_without_a_speaker(vocabulary) -> None:
    report, taken = f"{BASE}report_r", f"{BASE}source_r_withheld"
    friend = Source(f"{BASE}source_r_friend", "a friend", f"{BASE}a", access=Access.WITHHELD)
    said = Assertion(
        f"{BASE}a",
        KG_NAMESPACE + "occupation",
        '"herder"',
        report,
        friend.iri,
        Evidence(report, 1, 2, "0" * 64),
    )
    corpus = Corpus(
        (Entity(f"{BASE}a", KG_NAMESPACE + "Person", "A"),), (Report(report, "R", "list", "2021"),), (friend,), (), (said,)
    )  # fmt: skip
    public = access.public(corpus, BASE)
    by_name = {s.name: s for s in table_export.to_tables(public, vocabulary.ontology, BASE)}
    row = dict(zip(by_name["sources"].header, by_name["sources"].rows[0], strict=True))
    assert (row["report"], row["key"], row["speaker"], row["access"]) == ("r", "withheld", "", "withheld")
    other = replace(public, sources=(*public.sources, Source(taken, "x", f"{BASE}a")))
    keys = [
        r[1]
        for r in {s.name: s for s in table_export.to_tables(other, vocabulary.ontology, BASE)}["sources"].rows
    ]
    assert keys == ["withheld", "withheld-2"]

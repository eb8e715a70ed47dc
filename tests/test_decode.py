from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import EVIDENCE, HEAD, ROOT
from kg import build, decode, nt, rdf
from kg.build import Vocabulary
from kg.model import Access, Assertion, Corpus, Entity, Episode, Evidence, Report, Source, Withdrawal
from kg.namespaces import DEFAULT_BASE, KG_NAMESPACE
from kg.project import find
from kg.seeds import Reading
from kg.terms import KG

BASE = DEFAULT_BASE
ROLE = KG_NAMESPACE + "role"
TEXT = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=12)
KEYS = st.sampled_from(["a", "b", "c"])
ACCESS = st.sampled_from([Access.PUBLIC, Access.RESTRICTED])
SPAN = st.builds(lambda n: Evidence(f"{BASE}report_r", n, n + 5, f"{n:064x}"), st.integers(0, 10**6))
ROW = st.builds(
    lambda row, file, sheet, column: Evidence(
        f"{BASE}report_r", digest=f"{row:064x}", file=file, sheet=sheet, row=row, column=column
    ),
    st.integers(1, 10**6),
    TEXT,
    st.just("") | TEXT,
    st.sampled_from(["", "A", "AB", "XFD"]),
)
PLACE = SPAN | ROW
REASON = st.sampled_from(["", "curator-error", "source-withdrew", "safety"])


@st.composite
def corpora(draw: st.DrawFn) -> Corpus:
    keys = draw(st.lists(KEYS, unique=True, min_size=1))
    entities = [
        Entity(
            f"{BASE}{key}",
            KG_NAMESPACE + draw(st.sampled_from(["Person", "Place", "Court"])),
            draw(TEXT),
            draw(st.booleans()),
            tuple(sorted(draw(st.sets(TEXT, max_size=2)), key=nt.literal)),
            tuple(("kk", name) for name in sorted(draw(st.sets(TEXT, max_size=2)), key=nt.literal)),
            note=draw(st.none() | TEXT),
            access=draw(ACCESS),
        )
        for key in sorted(keys)
    ]
    objects = st.one_of(
        st.sampled_from([nt.iri(entity.iri) for entity in entities]),
        TEXT.map(nt.literal),
        st.just(nt.iri(KG.refused)),
        st.just(nt.literal("5 years", KG.Term)),
    )
    said = st.builds(
        Assertion,
        st.sampled_from([entity.iri for entity in entities]),
        st.sampled_from([KG_NAMESPACE + "detainedAt", KG_NAMESPACE + "citizenOf"]),
        objects,
        st.just(f"{BASE}report_r"),
        st.just(f"{BASE}source_r_publisher"),
        PLACE,
        st.sampled_from(["affirmed", "denied"]),
        st.sampled_from(["stated", "alleged"]),
        st.sampled_from(["curated", "extracted"]),
        st.lists(TEXT, max_size=1).map(lambda texts: tuple((ROLE, nt.literal(t)) for t in texts)),
        st.sampled_from([(), (f"{BASE}episode_e",)]),
        st.none() | st.builds(Withdrawal, st.just("2026-01-02"), REASON, st.just("") | TEXT),
        st.none() | TEXT,
        ACCESS,
        st.sampled_from([None, "0" * 32]),
        st.none() | TEXT,
        st.none() | TEXT,
    )  # fmt: skip
    return Corpus(
        tuple(entities),
        (
            Report(
                f"{BASE}report_r",
                draw(TEXT),
                "article",
                "2021-03",
                entities[0].iri,
                "en",
                text=draw(SPAN),
                copied_from=draw(st.sampled_from([None, f"{BASE}report_original"])),
            ),
        ),
        (Source(f"{BASE}source_r_publisher", draw(TEXT), entities[0].iri, "family", draw(st.none() | TEXT)),),
        (Episode(f"{BASE}episode_e", draw(TEXT)),),
        tuple(draw(st.lists(said, max_size=3))),
    )


@settings(deadline=None, max_examples=60)
@given(corpora())
def test_what_is_encoded_comes_back(vocabulary: Vocabulary, corpus: Corpus) -> None:
    merged = rdf.merge(corpus)
    expected = replace(
        merged, assertions=tuple(sorted(merged.assertions, key=lambda a: rdf.assertion_iri(a, BASE)))
    )
    triples = {quad[:3] for quad in rdf.quads(corpus, vocabulary.ontology, BASE)}
    assert decode.corpus(triples) == expected


def test_the_shipped_export_is_the_shipped_seeds() -> None:
    project = find(ROOT)
    vocabulary = Vocabulary.of(project)
    corpus = build.read(project, vocabulary, build.seed_files(project, (), ROOT)).corpus
    triples = {quad[:3] for quad in build.encode(project, vocabulary, corpus, include_restricted=True)}
    found = decode.corpus(triples)
    assert sorted(a.digest() for a in found.assertions) == sorted({a.digest() for a in corpus.assertions})
    assert len(found.entities) == len(corpus.entities)


def test_what_is_no_assertion_of_ours_is_left_out() -> None:
    assert decode.corpus([("<urn:a>", "<urn:b>", '"c"')]) == Corpus()
    half = [("<urn:a>", "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>", nt.iri(KG.Assertion))]
    assert decode.corpus(half) == Corpus()


@pytest.mark.parametrize("from_graph", ["assertions only", "with the view"])
def test_the_view_adds_nothing(read: Callable[..., Reading], vocabulary: Vocabulary, from_graph: str) -> None:
    reading = read(
        HEAD
        + f"assertions:\n  - about: aman-tolek\n    {EVIDENCE}\n    residential: x\n".replace(
            "residential: x", "resident-in: upper-valley"
        )
    )
    assert reading.problems == ()
    quads = list(rdf.quads(reading.corpus, vocabulary.ontology, BASE))
    kept = (
        quads if from_graph == "with the view" else [q for q in quads if q[3].endswith("graph_assertions>")]
    )
    assert len(decode.corpus(q[:3] for q in kept).assertions) == 1

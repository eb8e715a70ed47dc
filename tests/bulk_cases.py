"""Records for the tests of `kg.bulk`, random and hostile, and what the reference makes of them."""

from __future__ import annotations

import json
import random as random_module
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from kg import access, bulk, nt, rdf, seeds
from kg.build import Vocabulary
from kg.problems import Problem
from kg.project import Project

DIGESTS = tuple(f"{number:064x}" for number in (1, 2, 3, 2**255))
PEOPLE = ("aman", "serik", "hidden")
PLACES = ("arishan", "upper-valley", "hidden-place")
REPORTS = ("post", "plain", "closed", "copy")
SOURCES = ("publisher", "friend", "secret", "beyond", "shut")

DESCRIBED: tuple[dict[str, Any], ...] = (
    {"class": "organization", "key": "valley-post", "label": "Valley Post"},
    {"class": "person", "key": "aman", "label": "Aman Tolek", "names": {"kk": "Аман Төлек"}, "same-as": ["wd:Q1"]},
    {"class": "person", "key": "serik", "label": 'Serik "the \\ quick"\t\u00a0\u2028'},
    {"class": "person", "key": "hidden", "label": "Nobody", "access": "restricted"},
    {"class": "person", "key": "нурлан", "label": "Нурлан"},
    {"class": "place", "key": "arishan", "label": "Arishan"},
    {"class": "place", "key": "upper-valley", "label": "Upper Valley", "note": "not the lower one"},
    {"class": "place", "key": "hidden-place", "label": "Nowhere", "access": "restricted"},
    {"class": "country", "key": "norland", "label": "Norland"},
    {"class": "episode", "key": "case-1", "label": "the first arrest"},
    {"class": "episode", "key": "case-2", "label": "another", "access": "restricted"},
    {
        "class": "report", "key": "post", "title": "Herder taken", "published": "2021-03-04", "language": "en",
        "publisher": "valley-post", "text": {"length": 500, "digest": "ef" * 32},
    },
    {"class": "report", "key": "plain", "title": "A list", "type": "list", "published": "2021"},
    {"class": "report", "key": "closed", "title": "Kept", "type": "list", "published": "2021-05", "access": "restricted"},
    {"class": "report", "key": "copy", "title": "Again", "type": "list", "published": "2021-06", "copied-from": "post"},
    *(
        record
        for report in REPORTS
        for record in (
            {"class": "person", "key": "friend", "unnamed": "a friend", "report": report},
            {"class": "source", "report": report, "key": "friend", "speaker": "friend", "basis": "hearsay"},
            {"class": "source", "report": report, "key": "secret", "speaker": "serik", "access": "withheld"},
            {"class": "source", "report": report, "key": "beyond", "speaker": "aman", "learned-from": "secret"},
            {"class": "source", "report": report, "key": "shut", "speaker": "hidden"},
        )
    ),
)  # fmt: skip
"""What all records speak of: public, restricted and withheld."""
Records = list[dict[str, Any]]
ONE: dict[str, Any] = {
    "subject": "aman", "predicate": "detained-at", "object": "arishan", "report": "post", "start": 1, "end": 9,
    "digest": DIGESTS[0],
}  # fmt: skip

words = st.sampled_from(
    ["at home", "herder", "дома", "a \\ b", 'said "no"', "one\ntwo", "tab\there", "\u2028x", "x" * 300]
)
text = words | st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)


def _object(predicate: str) -> st.SearchStrategy[Any]:
    special = st.sampled_from(["unknown", "none-given", "refused"])
    if predicate in ("detained-at", "held-at", "citizen-of"):
        return st.sampled_from([*PLACES, "norland", "post_friend"]) | special
    if predicate == "age":
        return st.integers(0, 90) | st.sampled_from(["36", 0, "none-given"])
    if predicate == "size":
        return st.sampled_from(["more than 30", "30", 30, "about 12"])
    if predicate == "sentenced-to":
        return st.sampled_from(["5 years", "life", "10 days", "refused"])
    return words | st.sampled_from(["none-given", "refused", {"text": "refused"}])


_OPTIONAL: dict[str, st.SearchStrategy[Any]] = {
    "told-by": st.sampled_from(SOURCES),
    "polarity": st.sampled_from(["affirmed", "denied"]),
    "certainty": st.sampled_from(["stated", "alleged"]),
    "method": st.sampled_from(["curated", "extracted", "imported"]),
    "access": st.sampled_from(["public", "restricted"]),
    "episode": st.sampled_from(["case-1", "case-2", ["case-1"], ["case-1", "case-2", "case-1"], []]),
    "note": words,
    "engine": st.just("rules 1"),
    "reviewer": st.sampled_from(["AB", "CD"]),
    "date": st.sampled_from(["2017", "2017-05~", "2017-05-14", "[2016..2017]", "2017/.."]),
    "count": st.sampled_from(["more than 30", 30, "30"]),
    "secret-trial": st.sampled_from([True, False, "yes"]),
    "circumstance": words,
    "withdrawn": st.sampled_from(
        ["2026-01-02", {"date": "2026-01-03", "reason": "safety"}, {"date": "2026-01-04", "by": "AB"}]
    ),
}
_WRONG = (
    st.sampled_from(["nobody", "", " ", "unknown", "refused", "\u202e", "\x7f", "\x07", "\ufeff", "soon", "2017-02-30", "[2016..2015]"])
    | st.sampled_from([None, -1, 0, 2**40, 10**400, 1.5, 36.0, True, [], ["aman", "serik"], [["x"]], {}, {"text": "x"}, {"value": "x"}])
    | text
)  # fmt: skip


_FILES = ["list.csv", "a 100%.xlsx", "\u00fcber.csv"]
_WRONG_FILES = ["x/y.csv", "\\z.csv", "\u200b.csv", "a\tb.csv", ""]


@st.composite
def assertions(
    draw: st.DrawFn, keys: frozenset[str] | None = None, kind: str = "", *, faulty: bool = False
) -> dict[str, Any]:
    """Give one record, with these of the keys that it may have; a faulty one may have anything wrong in it."""
    predicate = draw(
        st.sampled_from(["detained-at", "held-at", "citizen-of", "age", "size", "sentenced-to", "occupation"])
    )
    start = draw(st.integers(0, 20))
    record: dict[str, Any] = {
        "subject": draw(st.sampled_from([*PEOPLE, "friend", "нурлан", "plain_friend"])),
        "predicate": predicate,
        "object": draw(_object(predicate)),
        "report": draw(st.sampled_from(REPORTS)),
        "start": start,
        "end": start + draw(st.integers(1, 20)),
        "digest": draw(st.sampled_from(DIGESTS)),
    }
    for key in sorted(
        draw(st.sets(st.sampled_from(sorted(_OPTIONAL)), max_size=4)) if keys is None else keys
    ):
        record[key] = draw(_OPTIONAL[key])
    kind = kind or draw(st.sampled_from(["span"] * 8 + ["row", "record", "nested"]))
    if kind != "span":
        span = {key: record.pop(key) for key in ("start", "end", "digest")}
        row = {
            "file": draw(st.sampled_from([*_FILES, *_WRONG_FILES] if faulty else _FILES)),
            "row": start + 1,
            "digest": span["digest"],
        }
        places = {"sheet": st.sampled_from(["Liste 1", "Ä", "100%"]), "column": st.sampled_from(["A", "ABC"])}
        row |= {key: draw(places[key]) for key in sorted(places) if kind == "table" or draw(st.booleans())}
        record |= {
            "row": row,
            "table": row,
            "record": {"record": f"https://example.org/{start}"},
            "nested": {"evidence": span},
        }[kind]
    if faulty:
        for key in draw(
            st.sets(st.sampled_from([*record, "strange"] if keys is None else list(record)), max_size=2)
        ):
            record[key] = draw(_WRONG)
    if keys is not None:
        return record
    order = draw(st.permutations(list(record))) if draw(st.booleans()) else list(record)
    return {key: record[key] for key in order}


@st.composite
def alike(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Give records with the same keys in the same order, most of them without a fault, but for their values."""
    keys = frozenset(draw(st.sets(st.sampled_from(sorted(_OPTIONAL)), max_size=3)))
    kind = draw(st.sampled_from(["span", "table"]))
    one = assertions(keys, kind)
    return [
        *draw(st.lists(one, min_size=1, max_size=3)),
        *draw(st.lists(assertions(keys, kind, faulty=True), max_size=8)),
    ]


@st.composite
def descriptions(draw: st.DrawFn) -> dict[str, Any]:
    """Give a record that describes something, most of them plain, some of them wrong or there twice."""
    kind = draw(st.sampled_from(["person", "place", "episode", "report", "source", "unnamed", "strange"]))
    key = draw(
        st.sampled_from(
            [f"new-{number}" for number in range(12)] + ["aman", "post", "friend", "айна", "x_y", "unknown"]
        )
    )
    record: dict[str, Any] = {"class": kind, "key": key, "label": draw(words)}
    optional: dict[str, st.SearchStrategy[Any]] = {
        "access": st.sampled_from(["public", "restricted"]), "note": words, "report": st.sampled_from([*REPORTS, "new-1"]),
        "also": words,
    }  # fmt: skip
    if kind == "report":
        record |= {
            "title": record.pop("label"),
            "published": draw(st.sampled_from(["2020", "2020-02-03", "2020-02~"])),
        }
        optional = {
            "publisher": st.sampled_from(["valley-post", "aman", "friend", "nobody"]), "type": st.sampled_from(["list", "article"]),
            "language": st.sampled_from(["en", "kk-Cyrl", "English!"]), "url": st.sampled_from(["https://example.org/a", "x"]),
            "retrieved": st.sampled_from(["2021", "soon"]), "copied-from": st.sampled_from(REPORTS),
            "access": optional["access"], "text": st.just({"length": 40, "digest": DIGESTS[0]}),
        }  # fmt: skip
    elif kind == "source":
        record |= {
            "report": draw(st.sampled_from([*REPORTS, "new-1", "nowhere"])),
            "speaker": draw(st.sampled_from([*PEOPLE, "friend", "nobody"])),
        }
        optional = {
            "basis": st.sampled_from(["family", "hearsay", "gossip"]), "relation": words,
            "learned-from": st.sampled_from(["publisher", "friend", "secret", "nobody"]),
            "access": st.sampled_from(["public", "restricted", "withheld"]),
        }  # fmt: skip
    elif kind == "unnamed":
        record |= {
            "class": "person",
            "unnamed": record.pop("label"),
            "report": draw(st.sampled_from([*REPORTS, "new-1"])),
        }
    for name in draw(st.sets(st.sampled_from(sorted(optional)), max_size=2)):
        record[name] = draw(optional[name])
    if draw(st.integers(0, 9)) == 0:
        record[draw(st.sampled_from(list(record)))] = draw(_WRONG)
    return record


def said_alike(number: int, seed: int = 1) -> Records:
    """Give records that differ in what each says, a few of them equal but for what makes no difference."""
    random = random_module.Random(seed)  # noqa: S311  (data of a test)
    return [
        ONE | {
            "subject": random.choice(["aman", "serik", "нурлан"]), "object": random.choice(["arishan", "upper-valley"]),
            "told-by": random.choice(["publisher", "friend", "secret"]), "start": random.randrange(9), "end": 10 + index % 480,
            "digest": f"{random.getrandbits(256):064x}" if index % 5 else DIGESTS[index % 3],
            "date": f"20{random.randrange(10, 22)}-05~",
        }
        for index in range(number)
    ]  # fmt: skip


def line(record: Mapping[str, Any], *, plain: bool = True) -> bytes:
    """Give a record as a line, without its line feed."""
    separators = (",", ":") if plain else None
    return json.dumps(record, ensure_ascii=not plain, separators=separators).encode()


def jsonl(records: Iterable[Mapping[str, Any]], *, plain: bool = True) -> bytes:
    """Give records as lines."""
    return b"".join(line(record, plain=plain) + b"\n" for record in records)


@dataclass(frozen=True)
class Expected:
    """What the reference gives."""

    problems: tuple[Problem, ...]
    data: bytes


def expected(
    files: Mapping[str, bytes], vocabulary: Vocabulary, project: Project, *, include_restricted: bool = False
) -> Expected:
    """Read, project and encode everything in memory."""
    reading = seeds.read(files, vocabulary.ontology, vocabulary.choices, project)
    corpus = reading.corpus if include_restricted else access.public(reading.corpus, project.base)
    data = b"" if reading.problems else nt.nquads(rdf.quads(corpus, vocabulary.ontology, project.base))
    return Expected(reading.problems, data)


@dataclass(frozen=True)
class Built:
    """What `kg.bulk` gives."""

    summary: bulk.Summary
    data: bytes


def built(
    files: Mapping[str, bytes], vocabulary: Vocabulary, project: Project, folder: Path, **options: Any
) -> Built:
    """Build files in `folder`; those that are no records are curated ones."""
    paths: list[tuple[Path, str]] = []
    curated: dict[str, bytes] = {}
    for number, (name, data) in enumerate(files.items()):
        if name.endswith(".jsonl"):
            path = folder / f"input-{number}.jsonl"
            path.write_bytes(data)
            paths.append((path, name))
        else:
            curated[name] = data
    target = folder / "kg.nq"
    target.unlink(missing_ok=True)
    with bulk.Build(paths, vocabulary, project, folder, curated=curated, **{"jobs": 1, **options}) as build:
        summary = build.read()
        if not summary.problems:
            build.write(target)
    assert sorted(path.name for path in folder.iterdir() if path.name.startswith(".kg")) == []
    return Built(summary, target.read_bytes() if target.exists() else b"")


def told(problems: Sequence[Problem]) -> list[str]:
    """Give problems as people read them."""
    return [str(problem) for problem in problems]

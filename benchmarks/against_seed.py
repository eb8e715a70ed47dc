"""Compare what the rules propose of a text with the curated seed of the same report, fact by fact.

python benchmarks/against_seed.py TEXT --report rfa-2017-08-01 [-o benchmarks/against_seed.md]

The text is the report's own, which is no part of this project; the seed's digest says whether it is the right one.
A curated assertion is *found* where a proposal has its predicate, an overlapping span, and a subject and an object
that agree: equal after folding, or one holds all the words of the other; a person without a name agrees by the span.
"""

from __future__ import annotations

import argparse
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from extraction import agree
from kg import build, evidence
from kg.extract import rules
from kg.index import Index
from kg.ontology import kebab, local_name
from kg.project import find

ROOT = Path(__file__).parents[1]
SAME = {"charged-with": {"charged-with", "accused-of"}, "accused-of": {"charged-with", "accused-of"}}


@dataclass(frozen=True)
class Fact:
    """One thing said, in words; `is_named` tells whether its subject has a name."""

    subject: str
    predicate: str
    object: str
    start: int
    end: int
    certainty: str
    is_named: bool
    is_object_named: bool

    def __str__(self) -> str:
        """Give it as a row of a table."""
        return f"{self.subject} | {self.predicate} | {self.object}"


def curated(report: str) -> tuple[list[Fact], str]:
    """Give the assertions of a report as seeds have them, and the digest of its text."""
    project = find(ROOT)
    vocabulary = build.Vocabulary.of(project)
    corpus = build.read(project, vocabulary, build.seed_files(project, (), ROOT)).corpus
    index = Index(corpus)
    iri = f"{project.base}report_{report}"
    facts = []
    for said in corpus.assertions:
        if said.report == iri:
            subject, thing = index.entities.get(said.subject), index.entities.get(said.object[1:-1])
            facts.append(
                Fact(
                    index.label(said.subject),
                    kebab(local_name(said.predicate)),
                    index.value(said.object),
                    said.evidence.start,
                    said.evidence.end,
                    "denied" if said.polarity == "denied" else said.certainty,
                    subject is not None and not subject.unnamed,
                    thing is None or not thing.unnamed,
                )
            )
    text = index.reports[iri].text
    return facts, text.digest if text else ""


def proposed(text: str, published: str) -> list[Fact]:
    """Give what the rules propose."""
    return [
        Fact(
            fact.subject.name,
            fact.predicate,
            _term(fact.object),
            fact.start,
            fact.end,
            "denied" if fact.polarity == "denied" else fact.certainty,
            not fact.subject.name.startswith("["),
            not fact.object.startswith("["),
        )
        for fact in rules.extract(text, published=published)
    ]


def _term(text: str) -> str:
    """Give a length of time as seeds write it: ``P5Y`` is 5 years."""
    match = re.fullmatch(r"P(?:(\d+)Y)?(?:(\d+)M)?", text)
    if match is None or not (match[1] or match[2]):
        return text
    return " ".join(
        f"{number} {unit}" for number, unit in ((match[1], "years"), (match[2], "months")) if number
    )


def is_same(one: Fact, other: Fact) -> bool:
    """Tell whether a proposal says what a curated assertion says."""
    if other.predicate not in SAME.get(one.predicate, {one.predicate}):
        return False
    if not (one.start < other.end and other.start < one.end):
        return False
    subjects = not (one.is_named and other.is_named) or agree(one.subject, other.subject)
    objects = not (one.is_object_named and other.is_object_named) or agree(one.object, other.object)
    return subjects and objects


def render(report: str, known: list[Fact], found: list[Fact]) -> Iterator[str]:
    """Give the comparison in Markdown."""
    hits = [fact for fact in known if any(is_same(fact, each) for each in found)]
    missed = [fact for fact in known if fact not in hits]
    beyond = [each for each in found if not any(is_same(fact, each) for fact in known)]
    sure = sum(
        any(is_same(fact, each) and each.certainty == fact.certainty for each in found) for fact in hits
    )
    yield f"# The rules against the curated seed of {report}\n"
    yield "Written by `benchmarks/against_seed.py`, which says what counts as found.\n"
    yield (
        f"{len(known)} assertions are curated and {len(found)} proposed: {len(hits)} found "
        f"({sure} of them as sure as the curator has them), {len(missed)} missed, {len(beyond)} proposed beyond.\n"
    )
    of = {
        name: Counter(fact.predicate for fact in facts)
        for name, facts in (("c", known), ("f", hits), ("b", beyond))
    }
    yield "| predicate | curated | found | proposed beyond |\n|---|---:|---:|---:|"
    for predicate in sorted({*of["c"], *of["b"]}):
        yield f"| {predicate} | {of['c'][predicate]} | {of['f'][predicate]} | {of['b'][predicate]} |"
    for title, facts in (("Found", hits), ("Missed", missed), ("Proposed beyond the seed", beyond)):
        yield f"\n## {title}\n\n| subject | predicate | object |\n|---|---|---|"
        yield from (f"| {fact!s} |" for fact in sorted(facts, key=lambda fact: (fact.start, str(fact))))


def main() -> None:
    """Compare, and print or write what comes of it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("text", type=Path)
    parser.add_argument("--report", default="rfa-2017-08-01")
    parser.add_argument("--published", default="2017-08-01")
    parser.add_argument("-o", "--output", type=Path)
    given = parser.parse_args()
    text = build.text_of(given.text)
    known, digest = curated(given.report)
    if evidence.digest(text) != digest:
        parser.error(f"{given.text} is not the text that the seed was measured in")
    written = "\n".join(render(given.report, known, proposed(text, given.published))) + "\n"
    if given.output:
        given.output.write_text(written, encoding="utf-8")
    else:
        print(written)


if __name__ == "__main__":
    main()

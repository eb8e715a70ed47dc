"""How much of what reports say the engine `rules` finds, and how much of what it finds is right.

    python benchmarks/extraction.py                               # the project's own, invented texts
    python benchmarks/extraction.py --reports DIR --gold FILE     # texts of your own as well
    KG_EXTRACTION=DIR python benchmarks/extraction.py             # DIR/reports, DIR/gold.jsonl, …

It prints tables and writes them to benchmarks/extraction.md. A list of facts holds one JSON object a line:
doc, subject, predicate, object, certainty, start, end. A fact counts as found where document and predicate
are the same and subject and object agree (one holds all the words of the other); of an unnamed subject, the
spans have to overlap. Lists are never complete, so the precision shown is a lower bound. Beside the engine
stands a bare keyword baseline.
"""

from __future__ import annotations

import argparse
import collections
import json
import os
import re
import sys
import time
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
OWN = ROOT / "tests" / "extraction"
sys.path.insert(0, str(ROOT / "src"))

from kg.extract import rows, rules  # noqa: E402 - the path has to be set first

Row = dict[str, Any]
EXACT = frozenset(("detained-on", "released-on", "died-on", "sentenced-to", "age"))


# ---------------------------------------------------------------- scoring


@dataclass
class Score:
    """What a run found, by predicate."""

    total: collections.Counter[str] = field(default_factory=collections.Counter)
    hit: collections.Counter[str] = field(default_factory=collections.Counter)
    told: collections.Counter[str] = field(default_factory=collections.Counter)
    right: collections.Counter[str] = field(default_factory=collections.Counter)
    certain: int = 0
    unsure: int = 0
    unsure_right: int = 0
    sprung: list[Row] = field(default_factory=list)
    traps: int = 0

    @property
    def recall(self) -> float:
        """Share of the listed facts that were found."""
        return self.hit.total() / max(1, self.total.total())

    @property
    def precision(self) -> float:
        """Share of what was told that is on the list: a lower bound."""
        return self.right.total() / max(1, self.told.total())


def fold(text: object) -> list[str]:
    """Give the words that count in comparing two names or phrases."""
    plain = unicodedata.normalize("NFKD", str(text or "").replace("’", "'"))
    plain = "".join(each for each in plain if not unicodedata.combining(each)).lower()
    return [
        word
        for word in re.findall(r"[a-z0-9']+", plain)
        if word not in ("the", "a", "an", "of", "in", "at", "and")
    ]


def agree(one: object, other: object) -> bool:
    """Whether one of two phrases holds all the words of the other."""
    a, b = set(fold(one)), set(fold(other))
    return bool(a and b) and (a <= b or b <= a)


def _same_object(predicate: str, one: object, other: object) -> bool:
    if predicate in EXACT:
        return str(one).replace("~", "") == str(other).replace("~", "")
    return agree(one, other)


def _overlap(one: Row, other: Row) -> bool:
    return bool(one["start"] < other["end"] and other["start"] < one["end"])


def _matches(found: Row, fact: Row) -> bool:
    if found["doc"] != fact["doc"] or found["predicate"] != fact["predicate"]:
        return False
    alias = fact["qualifiers"].get("alias") if isinstance(fact.get("qualifiers"), dict) else None
    if fact["subject"].startswith("["):
        subject = _overlap(found, fact)
    else:
        subject = agree(found["subject"], fact["subject"]) or (bool(alias) and agree(found["subject"], alias))
    if not subject:
        return False
    if str(fact["object"]).startswith("["):
        return _overlap(found, fact)
    return _same_object(fact["predicate"], found["object"], fact["object"])


def score(found: Iterable[Row], facts: list[Row], traps: Iterable[Row] = ()) -> Score:
    """Compare rows with a list of facts and of statements that must not come out."""
    docs = {fact["doc"] for fact in facts}
    found = [row for row in found if row["doc"] in docs]
    result = Score(told=collections.Counter(row["predicate"] for row in found))
    used: set[int] = set()
    for fact in facts:
        predicate, certainty = fact["predicate"], fact["certainty"]
        result.total[predicate] += 1
        matching = [index for index, row in enumerate(found) if _matches(row, fact)]
        same = any(found[index]["certainty"] == certainty for index in matching)
        result.hit[predicate] += bool(matching)
        result.certain += same
        if certainty != "asserted" and matching:
            result.unsure += 1
            result.unsure_right += same
        result.right[predicate] += len(set(matching) - used)
        used.update(matching)
    for trap in traps:
        result.traps += 1
        if any(_springs(row, trap) for row in found):
            result.sprung.append(trap)
    return result


def _springs(row: Row, trap: Row) -> bool:
    return (
        (row["doc"], row["predicate"]) == (trap["doc"], trap["predicate"])
        and row["certainty"] != "denied"
        and agree(row["subject"], trap["subject"])
        and _same_object(trap["predicate"], row["object"], trap["object"])
    )


# ---------------------------------------------------------------- the two that are compared


def engine(text: str, doc: str, published: str | None) -> list[Row]:
    """Give the rows of the engine `rules`."""
    return rows.facts(rules.extract(text, published=published), doc)


_NAME = r"(?:[A-Z][\w'’-]+(?: (?:al|bin|de|van|ibn))? )+[A-Z][\w'’-]+"
_JOB = "journalist|activist|lawyer|student|teacher|doctor|editor|reporter|blogger|farmer|leader|spokesman"
_MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
_NUMBERS = {word: n for n, word in enumerate(["one", "two", "three", "four", "five", "six", "seven"], 1)}


def baseline(text: str, doc: str, published: str | None) -> Iterator[Row]:
    """Give what bare keywords find: a name in capitals and a word such as *arrested* in one sentence."""
    year = (published or "2000")[:4]
    for sentence in re.finditer(r"[^.!?\n]+[.!?]?", text):
        words, at = sentence[0], sentence.start()
        for name in re.finditer(_NAME, words):
            for predicate, told in _keywords(words, name, year):
                yield {
                    "doc": doc, "subject": name[0], "predicate": predicate, "object": told,
                    "certainty": "asserted", "start": at, "end": at + len(words),
                }  # fmt: skip


def _keywords(words: str, name: re.Match[str], year: str) -> Iterator[tuple[str, str]]:
    if re.search(r"\b(?:arrest|detain|abduct|seiz)ed\b", words):
        if day := re.search(rf"\b({_MONTHS}) (\d\d?)\b", words):
            month = _MONTHS.split("|").index(day[1]) + 1
            yield "detained-on", f"{year}-{month:02}-{int(day[2]):02}"
        if by := re.search(r"\bby (?:the )?((?:[A-Z]\w+ )*(?:police|authorities|[A-Z]\w+))", words):
            yield "detained-by", by[1]
        if place := re.search(r"\b(?:in|at) ((?:[A-Z]\w+ ?)+)", words):
            yield "detained-at", place[1].strip()
    if charge := re.search(r"\b(?:charged with|accused of|convicted of) ([^,.]+)", words):
        yield "charged-with", charge[1]
    if term := re.search(r"\bsentenced .{0,60}?\bto (\w+) years?", words):
        yield "sentenced-to", f"P{_NUMBERS.get(term[1], term[1])}Y"
    if age := re.match(r", (\d\d)\b", words[name.end() :]):
        yield "age", age[1]
    if job := re.search(rf"\b({_JOB}),? $", words[: name.start()]):
        yield "occupation", job[1]
    if kin := re.search(
        r"\b(wife|husband|father|mother|sister|brother|son|daughter),? $", words[: name.start()]
    ):
        yield "relative-of", kin[1]
    if home := re.search(r"\bfrom ((?:[A-Z]\w+ ?)+)", words[name.end() :]):
        yield "resident-of", home[1].strip()


# ---------------------------------------------------------------- tables


def lines(path: Path) -> list[Row]:
    """Give the objects of a file with one JSON object a line, or none if there is no such file."""
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def run(
    folder: Path, read: Callable[[str, str, str | None], Iterable[Row]], published: dict[str, str]
) -> tuple[list[Row], int, float]:
    """Read every text of a folder; give the rows, how many words there were, and the seconds it took."""
    found: list[Row] = []
    words = 0
    begun = time.process_time()
    for path in sorted(folder.glob("*.txt")):
        text = path.read_text(encoding="utf-8")
        words += len(text.split())
        day = (
            published.get(path.stem)
            or (re.search(r"^# published: (\S+)", text, re.MULTILINE) or ["", None])[1]
        )
        found.extend(read(text, path.stem, day))
    return found, words, time.process_time() - begun


def table(title: str, folder: Path, gold: Path, traps: Path, published: dict[str, str]) -> str:
    """Give one table: the engine by predicate, with the baseline beside it."""
    facts, sprung = lines(gold), lines(traps)
    found, words, seconds = run(folder, engine, published)
    ours = score(found, facts, sprung)
    bare = score(run(folder, baseline, published)[0], facts, sprung)
    documents = len({fact["doc"] for fact in facts})
    out = [f"## {title}", "", f"{documents} texts with {len(facts)} facts listed.", ""]
    out += [
        "| predicate | listed | found | told | right, at least | baseline found | baseline told |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    for name in sorted(ours.total):
        cells = [
            counter[name] for counter in (ours.total, ours.hit, ours.told, ours.right, bare.hit, bare.told)
        ]
        out.append("| " + " | ".join([name, *map(str, cells)]) + " |")
    cells = [each.total() for each in (ours.total, ours.hit, ours.told, ours.right, bare.hit, bare.told)]
    out.append("| " + " | ".join(["**all**", *map(str, cells)]) + " |")
    out += [
        "",
        f"- rules: recall {ours.recall:.2f}, precision at least {ours.precision:.2f}; certainty right for "
        f"{ours.certain} of {ours.hit.total()} found, and for {ours.unsure_right} of the {ours.unsure} "
        f"that are not plainly asserted; traps sprung {len(ours.sprung)} of {ours.traps}",
        f"- keywords: recall {bare.recall:.2f}, precision at least {bare.precision:.2f}; "
        f"traps sprung {len(bare.sprung)} of {bare.traps}",
    ]
    speed = seconds / max(1, words) * 100_000
    print(f"{title}: {speed:.1f} seconds for 100,000 words", file=sys.stderr)
    return "\n".join(out) + "\n"


def main() -> None:
    """Print the tables, and write them beside this file."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--reports", type=Path, help="folder of .txt files")
    parser.add_argument("--gold", type=Path, help="list of their facts")
    parser.add_argument("--traps", type=Path, help="list of statements that must not come out")
    parser.add_argument(
        "--published", action="append", default=[], metavar="DOC=DATE", help="of a text without a header"
    )
    parser.add_argument("-o", "--output", type=Path, default=Path(__file__).with_suffix(".md"))
    options = parser.parse_args()
    base = Path(os.environ["KG_EXTRACTION"]) if "KG_EXTRACTION" in os.environ else None
    reports = options.reports or (base / "reports" if base else None)
    gold = options.gold or (base / "gold.jsonl" if base else None)
    traps = options.traps or (
        base / "traps.jsonl" if base else gold.with_name("traps.jsonl") if gold else OWN
    )
    published = dict(each.split("=", 1) for each in options.published)
    parts = ["# Extraction by rules\n", "Written by `benchmarks/extraction.py`, which says how it counts.\n"]
    if reports and gold:
        parts.append(table("Real reports, not part of this project", reports, gold, traps, published))
    parts.append(
        table(
            "The project's invented reports (tests/extraction)",
            OWN / "reports",
            OWN / "gold.jsonl",
            OWN / "traps.jsonl",
            {},
        )
    )
    text = "\n".join(parts)
    options.output.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()

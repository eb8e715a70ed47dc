"""Generated seeds of any size, and graphs with planted faults: the same arguments give the same bytes.

python benchmarks/data.py 10000 -o /tmp/ten-thousand      a project whose seeds hold 10,000 assertions
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path

SYLLABLES = [
    "ba",
    "de",
    "fi",
    "go",
    "hu",
    "ka",
    "le",
    "mi",
    "no",
    "pu",
    "ra",
    "se",
    "ti",
    "vo",
    "wu",
    "ya",
    "zel",
    "dar",
    "min",
    "tol",
    "kesh",
    "ruk",
    "san",
    "bek",
]
KINDS = {
    "detained-at": "place", "held-at": "facility", "detained-by": "organization", "sentenced-by": "court",
    "sentenced-to": "term", "charged-with": "text", "occupation": "text", "citizen-of": "country",
    "resident-in": "place", "age": "number",
}  # fmt: skip
WEIGHTS = (22, 14, 10, 8, 12, 10, 8, 6, 6, 4)
CHARGES = ("spreading rumours", "unlawful assembly", "insulting an official", "crossing a border", "theft")
OCCUPATIONS = ("herder", "teacher", "nurse", "student", "lawyer", "driver", "poet", "farmer")
TERMS = ("5 years", "18 months", "life", "10 years", "3 years 6 months", "about 7 years")
PROJECT = 'title = "Generated seeds: {size:,} assertions"\nbase = "https://example.org/id/"\n'


class World:
    """What there is to speak of in a graph of `size` assertions."""

    def __init__(self, size: int, seed: int) -> None:
        self.size = size
        self.random = random.Random(f"{seed} {size}")  # noqa: S311  (data, not secrets)
        self.number = {
            "person": max(2, size // 8),
            "place": max(2, size // 250),
            "facility": max(2, size // 400),
            "organization": max(2, size // 1000),
            "court": max(2, size // 1000),
            "country": max(2, min(100, size // 500)),
        }
        self.reports = max(1, size // 25)
        self.episodes = max(1, size // 20)

    def name(self) -> str:
        """Give a made-up name of two words."""
        parts = self.random.choices(SYLLABLES, k=self.random.randint(4, 5))
        return f"{''.join(parts[:2]).title()} {''.join(parts[2:]).title()}"

    def key(self, class_: str) -> str:
        """Give the key of one of those of a class."""
        return f"{class_}-{self.random.randrange(self.number[class_])}"

    def records(self) -> Iterator[dict[str, object]]:
        """Give every record, what is described first."""
        yield from self._described()
        for number in range(self.size):
            yield self._said(number)

    def _described(self) -> Iterator[dict[str, object]]:
        for class_, number in self.number.items():
            for each in range(number):
                yield {"class": class_, "key": f"{class_}-{each}", "label": self.name()}
        for each in range(self.episodes):
            yield {"class": "episode", "key": f"case-{each}", "label": f"case {each}"}
        for each in range(self.reports):
            key = f"report-{each}"
            yield {
                "class": "report", "key": key, "title": f"Report {each}: {self.name()}", "published": self._day(),
                "publisher": self.key("organization"), "language": "en",
            }  # fmt: skip
            speaker = self.key("person")
            yield {"class": "source", "report": key, "key": "relative", "speaker": speaker, "basis": "family"}

    def _day(self) -> str:
        return f"{self.random.randint(2014, 2025)}-{self.random.randint(1, 12):02}-{self.random.randint(1, 28):02}"

    def _said(self, number: int) -> dict[str, object]:
        draw = self.random
        predicate = draw.choices(tuple(KINDS), WEIGHTS)[0]
        start = number % 40 * 120
        found: dict[str, object] = {
            "subject": self.key("person"),
            "predicate": predicate,
            "object": self._object(KINDS[predicate]),
            "report": f"report-{number * self.reports // self.size}",
            "start": start,
            "end": start + 90,
            "digest": hashlib.sha256(f"{number}".encode()).hexdigest(),
            "date": draw.choice((self._day(), self._day()[:7], self._day()[:7] + "~", self._day()[:4])),
        }
        if draw.random() < 0.6:
            found["told-by"] = "relative"
        if draw.random() < 0.5:
            found["episode"] = [f"case-{draw.randrange(self.episodes)}"]
        if draw.random() < 0.15:
            found["certainty"] = "alleged"
        if draw.random() < 0.04:
            found["polarity"] = "denied"
        if draw.random() < 0.1:
            found["circumstance"] = "at night"
        return found

    def _object(self, kind: str) -> object:
        if kind in self.number:
            return self.key(kind)
        if kind == "number":
            return self.random.randint(16, 80)
        return self.random.choice(TERMS if kind == "term" else (*CHARGES, *OCCUPATIONS))


def write_project(folder: Path, size: int, seed: int = 7) -> Path:
    """Write a project of `size` assertions and give the file of its seeds; one that is there is kept."""
    target = folder / "seeds" / "all.jsonl"
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        (folder / "kg.toml").write_text(PROJECT.format(size=size), encoding="utf-8")
        part = target.with_suffix(".part")
        with part.open("w", encoding="utf-8") as file:
            for record in World(size, seed).records():
                file.write(json.dumps(record, ensure_ascii=False, separators=(",", ":")) + "\n")
        part.rename(target)
    return target


# ---------------------------------------------------------------- planted faults

KG = "https://w3id.org/reportedly/ontology#"
Change = Callable[[str], list[str]]


def _said(predicate: str, old: str, new: str) -> tuple[str, Change]:
    return f" <{predicate}> ", lambda line: [line.replace(old, new)]


def _without(predicate: str) -> tuple[str, Change]:
    return f" <{predicate}> ", lambda line: []


def _twice(predicate: str, value: str) -> tuple[str, Change]:
    def change(line: str) -> list[str]:
        subject, name, _ = line.split(" ", 2)
        graph = line.rstrip(" .\n").rpartition(" ")[2]
        return [line, f"{subject} {name} {value} {graph} .\n"]

    return f" <{predicate}> ", change


def _bad_object(line: str) -> list[str]:
    subject, predicate, _ = line.split(" ", 2)
    graph = line.rstrip(" .\n").rpartition(" ")[2]
    return [f"{subject} {predicate} <https://example.org/id/nobody> {graph} .\n"]


FAULTS: dict[str, tuple[str, Change]] = {
    "no source": _without(f"{KG}toldBy"),
    "no evidence": _without(f"{KG}evidence"),
    "unknown source": (f" <{KG}toldBy> ", _bad_object),
    "no such certainty": _said(f"{KG}certainty", '"stated"', '"probable"'),
    "two certainties": _twice(f"{KG}certainty", '"doubted"'),
    "no such polarity": _said(f"{KG}polarity", '"affirmed"', '"yes"'),
    "date that is none": _said(f"{KG}date", '"20', '"c. 20'),
    "two methods": _twice(f"{KG}method", '"guessed"'),
    "digest cut short": _twice("https://schema.org/sha256", '"abc"'),
    "negative start": _twice("http://www.w3.org/ns/oa#start", '"-1"'),
}
"""What each kind of fault looks for in a line of N-Quads, and what it makes of the line."""


def plant(lines: Iterator[str], share: float, seed: int = 7) -> Iterator[str]:
    """Give lines of N-Quads in which about `share` of the assertions have one fault, kinds in turn."""
    draw = random.Random(seed)  # noqa: S311
    kinds = list(FAULTS.values())
    turn = 0
    for line in lines:
        marker, change = kinds[turn % len(kinds)]
        if marker in line and draw.random() < share * len(kinds) / 2:
            changed = change(line)
            if changed != [line]:
                turn += 1
            yield from changed
        else:
            yield line


def main() -> None:
    """Write a project."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("size", type=int)
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=7)
    given = parser.parse_args()
    print(write_project(given.output, given.size, given.seed))


if __name__ == "__main__":
    main()

"""Made-up lists of the kinds that people keep, dirty as real ones are, and what tests of imports have in common.

All persons, places and organizations are invented.
"""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from textwrap import dedent
from typing import Any

from kg.build import Vocabulary as Files
from kg.importing.convert import Imported
from kg.importing.mapping import Vocabulary
from kg.importing.run import import_tables
from kg.project import Project

MAP = "map.yml"


@cache
def vocabulary() -> Vocabulary:
    files = Files.of(Project(Path.cwd()))
    return Vocabulary(files.ontology, files.choices)


def imported(table: str | bytes | dict[str, str | bytes], map_: str, name: str = "list.csv") -> Imported:
    """Import one table, or several by name; texts are taken out of their indentation."""
    files = table if isinstance(table, dict) else {name: table}
    data = {path: dedent(text).encode() if isinstance(text, str) else text for path, text in files.items()}
    return import_tables(data, (MAP, dedent(map_).encode()), vocabulary())[0]


def told(result: Imported) -> list[str]:
    """Give the problems as they are printed."""
    return [str(group) for group in result.problems]


def codes(result: Imported) -> list[tuple[str, int]]:
    """Give the code of each problem, with how many there are."""
    return [(group.code, group.count) for group in result.problems]


def good(result: Imported) -> Imported:
    """Give the result, which has no problems."""
    assert told(result) == []
    return result


def said(result: Imported, *keys: str) -> list[tuple[Any, ...]]:
    """Give subject, predicate and object of each assertion, and what else is asked for."""
    good(result)
    return [
        tuple(record.get(key) for key in ("subject", "predicate", "object", *keys))
        for record in result.records
        if "predicate" in record
    ]


def described(result: Imported, class_: str) -> list[dict[str, Any]]:
    """Give the descriptions of one class."""
    return [record for record in result.records if record.get("class") == class_]


def csv_of(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Give a table as CSV."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return stream.getvalue()


# ---------------------------------------------------------------- a database of prisoners, one row each

PRISONERS_HEADER = (
    "Record no.", "Name", "Chinese characters", "Other names", "Ethnic group", "Sex", "Born", "Religion",
    "Occupation", "Date of detention", "Place of detention", "Current prison", "Accused of", "Sentence",
    "Sentence ends", "Court", "Status", "Informant", "Residence", "Notes",
)  # fmt: skip

_GIVEN = ("Aman", "Bek", "Serik", "Dana", "Gulnar", "Temir", "Marat", "Aigul", "Nurlan", "Sholpan")
_FAMILY = ("Tolek", "Sarin", "Ospan", "Karim", "Jumadil", "Beisen", "Daulet", "Erkin", "Samat", "Yelsik")
_HAN = "王李张刘陈杨赵黄周吴"
_GROUPS = ("Valley", "valley", "VALLEY ", "Hill", "hill", "River")
_RELIGIONS = ("B", "H", "B;H", "", "b; h")
_JOBS = ("monk", "herder", "teacher", "driver", "student")
_DATES = ("2017-05-14", "14/05/2017", "2017", "May 2017", "2017年5月", "2017-05-14", "")
_TERMS = (
    "13 years four months",
    "5-10 years",
    "5-10 Years",
    "5 Years to <10 Years",
    "life",
    "7",
    "",
    "detention",
    "unknown",
)
_ENDS = ("2031-05-01", "2029", "life", "detention", "unknown", "")
_BORN = ("1954", "1967-03-02", "1954年2月", "1981", "")


def prisoners(rows: int, nameless: int, *, seed: int = 7, clean: bool = False) -> str:
    """Give a table of prisoners of whom `nameless` have no name; unless `clean`, with some impossible births."""
    chance = random.Random(seed)  # noqa: S311
    without = set(chance.sample(range(rows), nameless))
    table = []
    for number in range(rows):
        given, family = chance.choice(_GIVEN), chance.choice(_FAMILY)
        born = chance.choice(_BORN)
        if not clean and number % 1_000 == 17:
            born = ("1954-02-29", "1952-08021")[number // 1_000 % 2]
        name = "" if number in without else f"{given} {family}"
        characters = chance.choice(_HAN) + chr(0x5C0F + number % 40) if name and number % 3 == 0 else ""
        table.append(
            (
                f"2010-{number:05}", name, characters, f"{given}jan; {given} of the hills" if name and number % 5 == 0 else "",
                chance.choice(_GROUPS), chance.choice("MF"), born, chance.choice(_RELIGIONS), chance.choice(_JOBS),
                chance.choice(_DATES), f"Village {number % 300}", f"Prison {number % 40}", chance.choice(("theft", "prayer", "")),
                chance.choice(_TERMS), chance.choice(_ENDS), f"Court {number % 25}", chance.choice(("detained", "released")),
                chance.choice(("family", "official", "")), f"County {number % 60}", "a remark" if number % 9 == 0 else "",
            )
        )  # fmt: skip
    return csv_of(PRISONERS_HEADER, table)


PRISONERS_MAP = """\
    table: {empty: ["-"]}
    report:
      key: valley-prisoners
      title: Prisoners of the valley
      published: 2020-10-01
      publisher: valley-watch
    vocabularies:
      births:
        "1954-02-29": 1954-02
        "1952-08021": 1952-08
    entities:
      valley-watch: {class: organization, label: Valley Watch}
      prisoner:
        class: person
        label: {column: Name}
        identified-by: [Record no.]
        names: {zh: {column: Chinese characters}}
        also: {column: Other names, split: ";"}
        without-name: {unnamed: "prisoner {Record no.} of the list, whose name it does not give"}
      relative:
        class: person
        unnamed: a relative of the prisoner
        key: "relative-of-{@prisoner}"
    sources:
      relative: {speaker: relative, basis: family}
      officials: {speaker: valley-watch, basis: document}
    episodes:
      case: {key: "case-{Record no.}", label: "case {Record no.} of the list"}
    leave-out:
      Sex: no predicate takes it
      Notes: remarks for the keepers of the list
    assertions:
      - about: prisoner
        episode: case
        told-by: {column: Informant, values: {family: relative, official: officials}, empty: publisher}
        circumstance:
          column: Born
          values: births
          patterns: {"#年#月": "born in $2/$1"}
          otherwise: keep
        ethnicity: {column: Ethnic group, values: {Valley: Valley, Hill: Hill, River: River}}
        occupation: {column: Occupation}
        accused-of:
          - {column: Accused of}
          - {column: Religion, split: ";", values: {B: being a Buddhist, H: being a Hindu}}
        resident-in: {column: Residence}
        held-at: {column: Current prison, when: {Status: detained}}
        released-from: {column: Current prison, when: {Status: released}}
        sentenced-by: {column: Court}
        sentenced-to:
          - column: Sentence
            unit: years
            values: {detention: {skip: held without a sentence}, unknown: none-given}
          - column: Sentence ends
            values: {life: life, detention: {skip: held without a sentence}, unknown: {skip: the end is not known}}
            patterns:
              "#": {value: none-given, with: {circumstance: to end in $0}}
              "#-#-#": {value: none-given, with: {circumstance: to end on $0}}
        detained-at:
          column: Place of detention
          with: {date: {column: Date of detention, dates: [edtf, D/M/Y, Y, Month Y, Y年M月]}}
"""


# ---------------------------------------------------------------- a list that is made anew every year

YEARLY_HEADER = ("Year", "Name", "Born", "Employer", "Country", "Imprisoned", "Charge", "Sentence", "Told by")


def yearly(people: int, years: Sequence[int], *, seed: int = 5) -> str:
    """Give a list in which each person stands once for each year in prison."""
    chance = random.Random(seed)  # noqa: S311
    rows = []
    for number in range(people):
        name = f"{_GIVEN[number % 10]} {_FAMILY[number // 10 % 10]}"
        born = 1950 + number // 100
        first = chance.randrange(len(years))
        for year in years[first : first + 1 + chance.randrange(3)]:
            rows.append(
                (
                    year, name, born, f"Daily {number % 30}", ("Norland", "norland", "Sudland")[number % 3],
                    ("July 2, 2001", "2001", "2 July 2001")[number % 3], "Anti-State, False News" if number % 2 else "Anti-State",
                    ("5-10 years", "5-10 Years", "5 Years to <10 Years", "Not sentenced")[number % 4], ("wife", "brother", "")[number % 3],
                )
            )  # fmt: skip
    return csv_of(YEARLY_HEADER, rows)


YEARLY_MAP = """\
    report:
      key: "press-list-{Year}"
      title: "Writers in prison, {Year}"
      published: "{Year}-12-01"
      publisher: press-union
    entities:
      press-union: {class: organization, label: Press Union}
      writer:
        class: person
        label: {column: Name}
        identified-by: [Name, Born]
        agree: [Employer]
      relative: {class: person, unnamed: "the {Told by} of {Name}", key: "{Told by}-of-{@writer}"}
    sources:
      relative: {speaker: relative, basis: family, relation: {column: Told by}}
    episodes:
      case: "imprisonment of {Name}"
    assertions:
      - about: writer
        told-by: {column: Told by, values: {wife: relative, brother: relative}, empty: publisher}
        episode: case
        citizen-of: {column: Country}
        accused-of: {column: Charge, split: ","}
        occupation: "writer of {Employer}"
        sentenced-to: {column: Sentence, values: {Not sentenced: {skip: not sentenced yet}}}
        detained-at:
          text: unknown
          with: {date: {column: Imprisoned, dates: ["Month D, Y", D Month Y, Y]}}
"""

"""Mistakes in a map, and maps for another table: told with line and column, and with what would be right."""

from __future__ import annotations

import re
import time

import pytest

from conftest import ROOT
from import_lists import codes, described, imported, said, told
from kg.importing.map_settings import TABLE_KEYS
from kg.importing.map_values import VALUE_KEYS
from kg.importing.mapping import ENTITY_KEYS, EPISODE_KEYS, SECTIONS, SOURCE_KEYS

TABLE = "Name,Job,Prison,Day\nAman,monk,Camp,2017\n"


def lines(body: str, table: str = TABLE) -> list[str]:
    return told(imported(table, body))


GOOD = """\
report: {key: list, title: List, published: 2020}
entities:
  prisoner: {class: person, label: {column: Name}}
leave-out: [Day]
assertions:
  - about: prisoner
    occupation: {column: Job}
    held-at: {column: Prison}
"""


def test_the_map_that_the_others_differ_from_is_good() -> None:
    assert lines(GOOD) == []


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("report: {key: list, title: List, published: 2020}\n", "", "map.yml:1:1: missing-key: report is missing; write report: with key, title and published, as in a seed"),
        ("title: List, ", "", "map.yml:1:9: missing-key: title is missing; write title: and the title"),
        (", published: 2020", "", "map.yml:1:9: missing-key: published is missing; write published: and the day of publication"),
        ("published: 2020", "published: May 2020", "map.yml:1:45: bad-date: 'May 2020' is not a date; write 2020-05"),
        ("key: list,", 'key: "a list",', "map.yml:1:15: bad-key: 'a list' cannot be a key; a key is made of letters and digits joined by single hyphens, such as 'a-list'"),
        ("2020}", "2020, publisher: watch}", "map.yml:1:62: unknown-entity: publisher: no entity of this map is called 'watch'; describe it under entities; list its key under elsewhere, if another seed describes it"),
        ("2020}", "2020, tittle: x}", "map.yml:1:51: unknown-key: no key of a report is called 'tittle'; did you mean 'title'?"),
        ("entities:", "entitys:", "map.yml:2:1: unknown-key: no section of a map is called 'entitys'; did you mean 'entities'?"),
        ("class: person", "class: persn", "map.yml:3:21: unknown-class: no class has the key 'persn'; did you mean 'person'?"),
        ("class: person, ", "", "map.yml:3:13: missing-key: class is missing; write class: and one of country, court, facility, group, organization, person, person-or-group, place"),
        (", label: {column: Name}", "", "map.yml:3:3: bad-label: 'prisoner': write label (where its name stands), or unnamed (a description), and not both"),
        ("column: Name", "colum: Name", "map.yml:3:36: no-place: label says not where it stands; write column: and the name of a column"),
        ("column: Name", "column: Nmae", "map.yml:3:45: no-column: the header (row 1) has no column 'Nmae'; did you mean 'Name'?"),
        ("{column: Job}", "{Job}", "map.yml:7:17: no-place: put text with a column in it in quotes: \"{Job}\""),
        ("{column: Job}", '"{Jobb}"', "map.yml:7:17: no-column: the header (row 1) has no column 'Jobb'; did you mean 'Job'?"),
        ("{column: Job}", '"a { of {Job}"', "map.yml:7:17: bad-hole: '{' stands alone; a column is written {Name}, a brace itself {{"),
        ("{column: Job}", '"{@prisner}"', "map.yml:7:17: bad-hole: no entity of this map is called 'prisner'; did you mean {@prisoner}?"),
        ("{column: Job}", '"{}"', "map.yml:7:17: bad-hole: {} is the value at hand, and here is none; name a column"),
        ("{column: Job}", "{column: Job, text: monk}", "map.yml:7:17: no-place: column and text stand side by side; keep one of them"),
        ("{column: Job}", "{column: Job, valus: {a: b}}", "map.yml:7:31: unknown-key: no key of a value of occupation is called 'valus'; did you mean 'values'?"),
        ("{column: Job}", "{column: Job, values: {a: skip}}", "map.yml:7:43: bad-value: skip alone does not do; write {skip: why}"),
        ("{column: Job}", "{column: Job, values: {a: unknown}}", "map.yml:7:43: bad-value: occupation takes a value, not an entity; write none-given, refused or {skip: why}"),
        ("{column: Job}", "{column: Job, values: {a: }}", "map.yml:7:43: empty: what it means is empty; give a value, or take the line out"),
        ("{column: Job}", "{column: Job, values: jobs}", "map.yml:7:39: no-vocabulary: no vocabulary of this map has the key 'jobs'; declare it first, in this file or a shared one"),
        ("{column: Job}", "{column: Job, values: {a: {value: b, with: {datee: 2017}}}}", "map.yml:7:61: unknown-key: no qualifier is called 'datee'; did you mean 'date'?"),
        ("{column: Job}", "{column: Job, values: {a: {value: b, with: {date: May}}}}", "map.yml:7:67: bad-date: 'May' is not a date; write it as 2017, 2017-05 or 2017-05-14, with ~ after it for about; 2017/2018 if it lasted, [2017..2018] for one day within"),
        ("{column: Job}", '{column: Job, patterns: {"a**": b}}', "map.yml:7:42: bad-pattern: 'a**' has ** in it; one * is any text already"),
        ("{column: Job}", '{column: Job, patterns: {"a*": $2}}', "map.yml:7:48: bad-pattern: '$2' names a hole that the pattern does not have; it has 1"),
        ("{column: Job}", "{column: Job, dates: [Y]}", "map.yml:7:17: bad-key: dates is for dates, and occupation is none"),
        ("{column: Job}", "{column: Job, unit: years}", "map.yml:7:17: bad-key: unit is for terms, and occupation is none"),
        ("{column: Job}", "{column: Job, when: {Jobs: monk}}", "map.yml:7:38: no-column: the header (row 1) has no column 'Jobs'; did you mean 'Job'?"),
        ("{column: Job}", "{column: Job, when: {Job: {iss: monk}}}", "map.yml:7:44: unknown-key: no test of a column is called 'iss'; did you mean 'is'?"),
        ("{column: Job}", "{column: Job, when: monk}", "map.yml:7:37: wrong-kind: found text; write columns with what they have to be: {Status: [held, free]}"),
        ("{column: Job}", "{column: Job, with: {date: {column: Day, dates: [D/M]}}}", "map.yml:7:66: bad-date-form: 'D/M' has not one year; write forms such as D/M/Y, Month Y, Y-M-D or Y"),
        ("{column: Job}", "{column: Job, with: {date: {column: Day, dates: [D/M/YY]}}}", "map.yml:7:44: bad-date-form: a year of two digits can be of any century; write two-digit-years: 1930-2029"),
        ("{column: Job}", "{column: Job, with: {date: {column: Day, dates: [D/M/YY], two-digit-years: 1930-2000}}}", "map.yml:7:92: bad-date-form: '1930-2000' is no hundred years; write them as 1930-2029"),
        ("{column: Job}", "{column: Job, with: {date: {from: {column: Day}, column: Day}}}", "map.yml:7:44: bad-span: from and to (it lasted), or earliest and latest (one day between), make a date together; nothing else stands beside them"),
        ("occupation: {column: Job}", "ocupation: {column: Job}", "map.yml:7:5: unknown-predicate: no predicate, qualifier or key of a block is called 'ocupation'; did you mean 'occupation'?"),
        ("{column: Prison}", "prison", "map.yml:8:14: unknown-entity: held-at: no entity of this map is called 'prison'; did you mean 'prisoner'?"),
        ("held-at: {column: Prison}", "held-at: {column: Prison, class: court}", "map.yml:8:14: wrong-class: held-at takes a place, and this is a court; take another predicate or class"),
        ("    held-at: {column: Prison}", "  - {about: prisoner, held-at: prisoner}", "map.yml:8:32: wrong-class: held-at takes a place, and 'prisoner' is a person; take another predicate or class"),
        ("class: person", "class: place", "map.yml:7:17: wrong-class: occupation speaks of a person or group of persons, and 'prisoner' is a place; take another predicate or class"),
        ("published: 2020", "published: 2020, language: Englisch-x", "map.yml:1:61: bad-language: 'Englisch-x' is not a language tag of BCP 47, such as 'en' or 'ug-Arab'"),
        ("{column: Prison}", "{column: Prison, class: camp}", "map.yml:8:38: unknown-class: no class has the key 'camp'; declare it first, in this file or a shared one"),
        ("held-at: {column: Prison}", "relative-of: {column: Prison}", "map.yml:8:18: missing-key: class is missing; write class: and one of country, court, facility, group, organization, person, person-or-group, place"),
        ("about: prisoner", "about: prisner", "map.yml:6:12: unknown-entity: about: no entity of this map is called 'prisner'; did you mean 'prisoner'?"),
        ("    held-at", "    told-by: friend\n    held-at", "map.yml:8:14: bad-choice: 'friend' is none of the choices publisher"),
        ("    held-at", "    episode: case\n    held-at", "map.yml:8:14: unknown-episode: no episode of this map has the key 'case'; declare it first, in this file or a shared one"),
        ("    held-at", "    certainty: likely\n    held-at", "map.yml:8:16: bad-choice: 'likely' is none of the choices stated, alleged"),
        ("leave-out: [Day]", "leave-out: [Days]", "map.yml:4:13: no-column: the header (row 1) has no column 'Days'; did you mean 'Day'?"),
        ("leave-out: [Day]", "leave-out: [{column: Day}]", "map.yml:4:13: missing-key: because is missing; write because: and why they are left out"),
        ("leave-out: [Day]", "leave-out: [Day]\nskip: [{because: heading}]", "map.yml:5:8: missing-key: when is missing; write when: {Column: value}"),
        ("leave-out: [Day]", "leave-out: [Day]\ntable: {shet: x}", "map.yml:5:9: unknown-key: no key of table is called 'shet'; did you mean 'sheet'?"),
        ("leave-out: [Day]", "leave-out: [Day]\ntable: {header: 0}", "map.yml:5:17: bad-number: rows count from 1; write header: none if there is no header"),
        ("leave-out: [Day]", "leave-out: [Day]\naccess: secret", "map.yml:5:9: bad-access: 'secret' is no access mark; write public or restricted"),
        ("leave-out: [Day]", "leave-out: [Day]\nsources: {friend: {basis: family}}", "map.yml:5:19: missing-key: speaker is missing; write speaker: and the entity of this map who speaks"),
    ],
)  # fmt: skip
def test_a_mistake_in_a_map_is_told_at_its_place(old: str, new: str, line: str) -> None:
    assert old in GOOD
    assert line in lines(GOOD.replace(old, new, 1))


def test_each_column_that_another_table_has_not_is_named_once() -> None:
    assert lines(GOOD, "Nom,Emploi\nAman,monk\n") == [
        "map.yml:3:45: no-column: the header (row 1) has no column 'Name'; there are 'Nom', 'Emploi'",
        "map.yml:4:13: no-column: the header (row 1) has no column 'Day'; there are 'Nom', 'Emploi'",
        "map.yml:7:26: no-column: the header (row 1) has no column 'Job'; there are 'Nom', 'Emploi'",
        "map.yml:8:23: no-column: the header (row 1) has no column 'Prison'; there are 'Nom', 'Emploi'",
    ]


def test_names_of_columns_are_found_whatever_their_case_and_blanks() -> None:
    assert lines(GOOD, "NAME , job,Prison\n,,\nAman,monk,Camp\n") == [
        "map.yml:4:13: no-column: the header (row 1) has no column 'Day'; there are 'NAME', 'job', 'Prison'"
    ]


def test_a_header_that_stands_twice_is_told_apart_by_number() -> None:
    table = "Name,Job,Job,Prison,Day\nAman,monk,herder,Camp,2017\n"
    assert lines(GOOD, table) == [
        "map.yml:7:26: repeated-column: the header has 'Job' several times; write which is meant: 'Job (1)', 'Job (2)'"
    ]
    both = GOOD.replace("column: Job", "columns: [Job (1), Job (2)]")
    assert [o for _, p, o in said(imported(table, both)) if p == "occupation"] == ["monk", "herder"]


def test_a_header_may_stand_lower_or_be_missing() -> None:
    table = "A list of prisoners\n\nName,Job,Prison,Day\nAman,monk,Camp,2017\n"
    assert codes(imported(table, GOOD))[0] == ("no-column", 1)
    assert said(imported(table, "table: {header: 3}\n" + GOOD), "row")[0] == ("aman", "occupation", "monk", 4)
    without = GOOD
    for name, letter in (("Name", "A"), ("Job", "B"), ("Prison", "C")):
        without = without.replace(f"column: {name}", f"column: column {letter}")
    without = without.replace("[Day]", "[column D]")
    assert said(imported("Aman,monk,Camp,2017\n", "table: {header: none}\n" + without), "row")[0] == (
        "aman",
        "occupation",
        "monk",
        1,
    )


def test_texts_that_mean_an_empty_cell_are_said_once_for_all() -> None:
    table = "Name,Job,Prison,Day\nAman,-,Camp,\nBek,N/A,n/a,\n"
    map_ = 'table: {empty: ["-", "n/a"]}\n' + GOOD
    assert said(imported(table, map_)) == [("aman", "held-at", "camp")]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty-file"),
        ("a, b\n- c", "wrong-kind"),
        ("Name,Job\nAman,monk\n", "wrong-kind"),
        ("- a\n- b\n", "wrong-kind"),
        ("{a: {b: {c: ", "yaml-syntax"),
        ("a: &x [1]\nb: *x\n", "anchor"),
        ("report: !!python/object:os.system ls\n", "tag"),
        ("[" * 100_000, "too-deep"),
        ("report: \x00\n", "control-character"),
        ("report: x\nreport: y\n", "repeated-key"),
    ],
)
def test_what_is_no_map_is_told(text: str, code: str) -> None:
    begin = time.perf_counter()
    assert code in [found for found, _ in codes(imported(TABLE, text))]
    assert time.perf_counter() - begin < 2


def test_a_bomb_of_aliases_is_refused_at_once() -> None:
    bomb = "a: &a [x, x]\n" + "".join(
        f"{chr(98 + n)}: &{chr(98 + n)} [*{chr(97 + n)}, *{chr(97 + n)}]\n" for n in range(20)
    )
    begin = time.perf_counter()
    assert {"anchor", "alias"} <= {code for code, _ in codes(imported(TABLE, bomb))}
    assert time.perf_counter() - begin < 2


def test_mistakes_in_a_map_are_all_told_at_once() -> None:
    map_ = GOOD.replace("Job", "Jobb").replace("Prison", "Prisson").replace("class: person", "class: persn")
    assert len(lines(map_)) == 3


# ---------------------------------------------------------------- the page on maps


def page() -> str:
    return (ROOT / "docs" / "import-maps.md").read_text(encoding="utf-8")


def test_the_example_of_the_page_makes_what_the_page_says() -> None:
    table, map_ = (re.findall(f"```{kind}\n(.*?)```", page(), re.DOTALL)[0] for kind in ("csv", "yaml"))
    result = imported(table, map_)
    found = said(result, "date", "circumstance")
    assert f"makes {len(found)} assertions of three persons with a name and one without" in page()
    people = described(result, "person")
    assert len([person for person in people if "label" in person]) == 3
    assert [p["unnamed"] for p in people if p["key"].startswith("prisoner")] == [
        "prisoner number 3 of the list"
    ]
    assert ("aman-tolek-4", "detained-at", "unknown", "2015~", "born in 1981") in found
    assert ("valley-list_prisoner-3", "sentenced-to", "none-given", None, "to end on 2031-05-01") in found
    assert ("王小明-2", "sentenced-to", "life", None, "1954-02") in found


@pytest.mark.parametrize(
    "keys",
    [SECTIONS, TABLE_KEYS, VALUE_KEYS, ENTITY_KEYS, SOURCE_KEYS, EPISODE_KEYS],
    ids=["sections", "table", "values", "entities", "sources", "episodes"],
)
def test_the_page_names_every_key(keys: tuple[str, ...]) -> None:
    assert [key for key in keys if not re.search(rf"`[^`]*\b{key}\b[^`]*`", page())] == []

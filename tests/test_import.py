"""What becomes of the rows of a table, by what its map says."""

from __future__ import annotations

import hashlib
import json

import pytest

from import_lists import codes, described, good, imported, said, told
from kg.importing.run import to_lines

REPORT = "report: {key: valley-list, title: Prisoners of the valley, published: 2020}\n"
PERSON = "  prisoner: {class: person, label: {column: Name}}\n"


def mapped(assertions: str, entities: str = PERSON, more: str = "") -> str:
    """Give a map of a list with one report; `assertions` are lines of one block about the prisoner."""
    block = "".join(f"    {line}\n" for line in assertions.strip("\n").split("\n"))
    return f"{REPORT}entities:\n{entities}{more}assertions:\n  - about: prisoner\n{block}"


def one_cell(cell: str, rule: str, column: str = "X", name: str = "Aman Tolek") -> tuple[str, str]:
    """Give a table of one row and a map whose only statement is `rule`."""
    quoted = cell.replace('"', '""')
    return f'Name,{column}\n{name},"{quoted}"\n', mapped(rule)


# ---------------------------------------------------------------- the whole of a small table


def test_a_row_becomes_a_person_and_what_is_said_of_it() -> None:
    table = """\
        Name,Ethnic group,Prison
        Aman Tolek,Valley,Lower Camp
        """
    result = good(imported(table, mapped("ethnicity: {column: Ethnic group}\nheld-at: {column: Prison}")))
    digest = hashlib.sha256(b'["Aman Tolek","Valley","Lower Camp"]').hexdigest()
    where = {"file": "list.csv", "row": 2}
    assert list(result.records) == [
        {"class": "report", "key": "valley-list", "title": "Prisoners of the valley", "published": "2020", "type": "table"},
        {"class": "person", "key": "aman-tolek", "label": "Aman Tolek"},
        {"class": "place", "key": "lower-camp", "label": "Lower Camp"},
        {"subject": "aman-tolek", "predicate": "ethnicity", "object": "Valley", "report": "valley-list", **where, "column": "B", "digest": digest, "method": "imported"},
        {"subject": "aman-tolek", "predicate": "held-at", "object": "lower-camp", "report": "valley-list", **where, "column": "C", "digest": digest, "method": "imported"},
    ]  # fmt: skip


def test_the_same_input_gives_the_same_bytes() -> None:
    table = "Name,Job\n" + "".join(f"Person {n},job {n % 7}\n" for n in reversed(range(200)))
    map_ = mapped("occupation: {column: Job}")
    first, second = (to_lines(good(imported(table, map_)).records) for _ in range(2))
    assert first == second
    lines = [json.loads(line) for line in first.splitlines()]
    kinds = ["predicate" in line for line in lines]
    assert kinds == sorted(kinds), "descriptions come first"
    keys = [line["key"] for line in lines if line.get("class") == "person"]
    assert keys == sorted(keys)


# ---------------------------------------------------------------- values


@pytest.mark.parametrize(
    ("cell", "rule", "objects"),
    [
        ("monk", "occupation: {column: X}", ["monk"]),
        ("  head  monk\n", "occupation: {column: X}", ["head monk"]),
        ("", "occupation: {column: X}", []),
        ("monk", 'occupation: "{X}"', ["monk"]),
        ("monk", 'occupation: "a {X} of {Name}"', ["a monk of Aman Tolek"]),
        ("", 'occupation: "a {X}"', []),
        ("monk", "occupation: {column: X, values: {MONK: Buddhist monk}}", ["Buddhist monk"]),
        ("B;H", 'occupation: {column: X, split: ";", values: {B: Buddhist, H: Hindu}}', ["Buddhist", "Hindu"]),
        ("b ; ;h;", 'occupation: {column: X, split: ";", values: {B: Buddhist, H: Hindu}}', ["Buddhist", "Hindu"]),
        ("B;H", 'occupation: {column: X, split: ";", values: {"B;H": both, B: Buddhist}}', ["both"]),
        ("B;B", 'occupation: {column: X, split: ";", values: {B: Buddhist}}', ["Buddhist"]),
        ("a, b and c", 'occupation: {column: X, split: [",", " and "]}', ["a", "b", "c"]),
        ("both", "occupation: {column: X, values: {both: [Buddhist, Hindu]}}", ["Buddhist", "Hindu"]),
        ("no idea", "occupation: {column: X, values: {no idea: {skip: not known}}}", []),
        ("n/a", "occupation: {column: X, values: {n/a: empty}, empty: none-given}", ["none-given"]),
        ("", "occupation: {column: X, empty: none-given}", ["none-given"]),
        ("was a monk", 'occupation: {column: X, patterns: {"was a *": former $1}}', ["former monk"]),
        ("herder", 'occupation: {column: X, patterns: {"was a *": former $1}, otherwise: keep}', ["herder"]),
        ("herder", 'occupation: {column: X, patterns: {"was a *": former $1}, otherwise: worker}', ["worker"]),
        ("refused", "occupation: {column: X}", [{"text": "refused"}]),
        ("would not say", "occupation: {column: X, values: {would not say: refused}}", ["refused"]),
        ("would not say", 'occupation: {column: X, values: {would not say: "refused"}}', [{"text": "refused"}]),
        ("36", "age: {column: X}", ["36"]),
        ("13 years four months", "sentenced-to: {column: X}", ["13 years four months"]),
        ("13", "sentenced-to: {column: X, unit: years}", ["13 years"]),
        ("Life", "sentenced-to: {column: X}", ["Life"]),
        ("unknown", "sentenced-to: {column: X, values: {unknown: none-given}}", ["none-given"]),
        ("detention", "sentenced-to: {column: X, values: {detention: {skip: not sentenced}}}", []),
        ("Camp B / Camp C", "held-at: {column: X, split: /}", ["camp-b", "camp-c"]),
        ("?", 'held-at: {column: X, values: {"?": unknown}}', ["unknown"]),
        ("Lower Camp", "held-at: {column: X, values: {lower camp: {key: lower-valley-camp}}}", ["lower-valley-camp"]),
        ("Camp A", 'held-at: {column: X, class: facility, key: "camp-{}-of-the-valley"}', ["camp-camp-a-of-the-valley"]),
        ("ＬＯＷＥＲ camp", "held-at: {column: X, values: {Lower Camp: Lower Camp}}", ["lower-camp"]),
    ],
)  # fmt: skip
def test_a_cell_says_what_its_rule_makes_of_it(cell: str, rule: str, objects: list[object]) -> None:
    assert [found[2] for found in said(imported(*one_cell(cell, rule)))] == objects


@pytest.mark.parametrize(
    ("cell", "rule", "line"),
    [
        (
            "Hann", "ethnicity: {column: X, values: {Han: Han, Hui: Hui}}",
            "list.csv:2:2: no-rule: 'X': no rule covers 'Hann' (did you mean 'Han'?); mend the cell, or add to values at "
            'map.yml:6:36: "Hann": "Han" (or {skip: why})',
        ),
        (
            "xyz", "ethnicity: {column: X, values: {Han: Han}}",
            "list.csv:2:2: no-rule: 'X': no rule covers 'xyz'; mend the cell, or add to values at map.yml:6:36: "
            '"xyz": … (or {skip: why})',
        ),
        (
            "5 yrs", "sentenced-to: {column: X}",
            "list.csv:2:2: bad-term: 'X': '5 yrs' is not a term; write '5 years'; mend the cell, or add at map.yml:6:19 "
            'values: {"5 yrs": "5 years"} (or {skip: why})',
        ),
        (
            "1954-02-29", "held-at: {text: unknown, with: {date: {column: X, dates: [D/M/Y, Y-M-D]}}}",
            "list.csv:2:2: bad-date: 'X': '1954-02-29' is no date: bad day 29; the days of February 1954 run from 01 to 28; "
            'mend the cell, or add at map.yml:6:43 values: {"1954-02-29": "1954-02"} (or {skip: why})',
        ),
        (
            "1952-08021", "held-at: {text: unknown, with: {date: {column: X, dates: [Y-M-D, Y]}}}",
            "list.csv:2:2: bad-date: 'X': '1952-08021' has none of the forms Y-M-D, Y; mend the cell, or add at map.yml:6:43 "
            'values: {"1952-08021": "1952-08"} (or {skip: why})',
        ),
        (
            "036", "age: {column: X}",
            "list.csv:2:2: bad-value: 'X': '036' is not written as numbers are; write 36; mend the cell, or add at "
            'map.yml:6:10 values: {"036": "36"} (or {skip: why})',
        ),
        (
            "unknown", "held-at: {column: X}",
            "list.csv:2:2: no-name: 'X': 'unknown' is no name; mend the cell, or add at map.yml:6:14 values: "
            '{"unknown": …} (or {skip: why})',
        ),
        (
            "maybe", "occupation: monk\ncertainty: {column: X}",
            "list.csv:2:2: bad-choice: 'X': 'maybe' is none of the choices stated, alleged; mend the cell, or add at "
            'map.yml:7:16 values: {"maybe": …} (or {skip: why})',
        ),
        (
            "a;b", 'occupation: monk\ncertainty: {column: X, split: ";", values: {a: stated, b: alleged}}',
            "list.csv:2:2: several-values: 'X': 'stated', 'alleged' stand where one certainty is wanted; choose one by a "
            "rule, such as values",
        ),
    ],
)  # fmt: skip
def test_a_value_that_no_rule_covers_is_a_problem_at_its_cell(cell: str, rule: str, line: str) -> None:
    result = imported(*one_cell(cell, rule))
    assert told(result) == [line]


def test_four_hundred_equal_problems_are_one_line() -> None:
    table = "Name,X\n" + "".join(f"Person {n},{'Hann' if n % 2 else 'Han'}\n" for n in range(800))
    result = imported(table, mapped("ethnicity: {column: X, values: {Han: Han}}"))
    assert result.problems.count == 400
    (line,) = told(result)
    assert line.startswith("list.csv:3:2: no-rule: ")
    assert line.endswith("(400 times: also 5:2, 7:2, 9:2, 11:2 …)")
    assert [str(kind) for kind in result.problems.kinds()] == [
        "    400 no-rule in X: 3:2, 5:2, 7:2, 9:2, 11:2 …"
    ]


def test_problems_of_one_kind_are_counted_together() -> None:
    table = "Name,X\n" + "".join(f"Person {n},value {n}\n" for n in range(300))
    result = imported(table, mapped("ethnicity: {column: X, values: {Han: Han}}"))
    assert len(told(result)) == 300
    assert [(kind.code, kind.column, kind.count) for kind in result.problems.kinds()] == [
        ("no-rule", "X", 300)
    ]


def test_lists_of_values_can_be_shared() -> None:
    map_ = mapped(
        "ethnicity: {column: X, values: groups}\noccupation: {column: Y, values: groups}",
        more="vocabularies:\n  groups: {V: Valley}\n",
    )
    assert said(imported("Name,X,Y\nAman,V,v\n", map_)) == [
        ("aman", "ethnicity", "Valley"),
        ("aman", "occupation", "Valley"),
    ]
    assert told(imported("Name,X,Y\nAman,V,W\n", map_))[0].endswith(
        'add to values at map.yml:5:11: "W": … (or {skip: why})'
    )


def test_several_columns_and_the_first_that_is_filled() -> None:
    table = "Name,A,B\nAman,x,y\nBek,,z\n"
    assert [o for _, _, o in said(imported(table, mapped("occupation: {columns: [A, B]}")))] == [
        "x",
        "y",
        "z",
    ]
    assert [o for _, _, o in said(imported(table, mapped("occupation: {first-of: [A, B]}")))] == ["x", "z"]


def test_a_text_that_only_some_cells_fill_is_a_problem() -> None:
    result = imported("Name,A,B\nAman,x,\n", mapped('occupation: "{A} of {B}"'))
    assert told(result) == [
        "list.csv:2:3: empty-hole: 'B': the text at map.yml:6:17 needs {B}, which has nothing in this row; fill it in, or "
        "take another text"
    ]


# ---------------------------------------------------------------- what narrows, and when


def test_dates_and_other_qualifiers_narrow_one_value_or_all() -> None:
    table = "Name,Place,Since,Until,Certain,Word\nAman,Camp,2016,2018-02,rumour,repeatedly\n"
    map_ = mapped("""\
held-at:
  column: Place
  with: {date: {from: {column: Since, dates: Y}, to: {column: Until}}, certainty: {column: Certain, values: {rumour: alleged}}}
occupation: monk
circumstance: {column: Word}
polarity: denied
access: restricted
note: as the list says""")
    keys = ("date", "certainty", "circumstance", "polarity", "access", "note")
    assert said(imported(table, map_), *keys) == [
        (
            "aman",
            "held-at",
            "camp",
            "2016/2018-02",
            "alleged",
            "repeatedly",
            "denied",
            "restricted",
            "as the list says",
        ),
        ("aman", "occupation", "monk", None, None, "repeatedly", "denied", "restricted", "as the list says"),
    ]


@pytest.mark.parametrize(
    ("since", "until", "span", "date"),
    [
        ("2016", "2018", "from: {column: A}, to: {column: B}", "2016/2018"),
        ("2016", "", "from: {column: A}, to: {column: B}", "2016/"),
        ("", "2018", "from: {column: A}, to: {column: B}", "/2018"),
        ("", "", "from: {column: A}, to: {column: B}", None),
        ("2016", "2016", "from: {column: A}, to: {column: B}", "2016"),
        ("2016", "now", 'from: {column: A}, to: {column: B, values: {now: "2020"}}', "2016/2020"),
        ("2016", "2018", "earliest: {column: A}, latest: {column: B}", "[2016..2018]"),
        ("2016", "", "earliest: {column: A}, latest: {column: B}", "[2016..]"),
    ],
)
def test_two_columns_make_one_date(since: str, until: str, span: str, date: str | None) -> None:
    table = f"Name,A,B\nAman,{since},{until}\n"
    map_ = mapped(f"held-at: {{text: unknown, with: {{date: {{{span}}}}}}}")
    assert said(imported(table, map_), "date") == [("aman", "held-at", "unknown", date)]


def test_a_date_that_ends_before_it_starts_is_a_problem() -> None:
    map_ = mapped("held-at: {text: unknown, with: {date: {from: {column: A}, to: {column: B}}}}")
    (line,) = told(imported("Name,A,B\nAman,2018,2016\n", map_))
    assert line.startswith("list.csv:2:2: bad-date: 'A': '2018/2016' ends before it starts")


def test_a_rule_can_hold_for_some_rows_only() -> None:
    table = "Name,Status,Prison\nAman,held,Camp\nBek,Released in May,Camp\nDana,freed,Camp\n"
    map_ = mapped("""\
held-at: {column: Prison, when: {Status: [held, in prison]}}
released-from: {column: Prison, when: {Status: {like: ["released*", freed]}}}""")
    assert said(imported(table, map_)) == [
        ("aman", "held-at", "camp"), ("bek", "released-from", "camp"), ("dana", "released-from", "camp"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("when", "rows"),
    [
        ("{A: x}", "1 2"),
        ("{A: [x, y]}", "1 2 3"),
        ("{A: x, B: {empty: no}}", "1"),
        ("[{A: y}, {B: {empty: yes}}]", "2 3"),
        ("{A: {not: x}}", "3"),
        ("{A: {like: '*X*'}}", "1 2"),
        ("{A: {unlike: '*X*'}}", "3"),
        ("{B: {empty: yes}}", "2 3"),
    ],
)
def test_conditions(when: str, rows: str) -> None:
    table = "Name,A,B\n1,x,b\n2,X,\n3,y,\n"
    map_ = mapped(f"occupation: {{text: monk, when: {when}}}\nethnicity: {{columns: [A, B]}}")
    found = [subject for subject, predicate, _ in said(imported(table, map_)) if predicate == "occupation"]
    assert " ".join(found) == rows


def test_a_value_that_no_condition_lets_in_is_a_problem() -> None:
    table = "Name,Status,Prison\nAman,held,Camp\nBek,fled,Camp\n"
    result = imported(table, mapped("held-at: {column: Prison, when: {Status: held}}"))
    assert told(result) == [
        "list.csv:3:2: not-covered: 'Status': 'fled' is taken by no rule in this row: the conditions (when) of those that "
        "use it do not hold; add a rule, or leave-out: {column: Status, when: …, because: …}",
        "list.csv:3:3: not-covered: 'Prison': 'Camp' is taken by no rule in this row: the conditions (when) of those that "
        "use it do not hold; add a rule, or leave-out: {column: Prison, when: …, because: …}",
    ]
    leave = "leave-out:\n  - {columns: [Status, Prison], when: {Status: fled}, because: in no prison}\n"
    covered = mapped("held-at: {column: Prison, when: {Status: held}}", more=leave)
    assert said(imported(table, covered)) == [("aman", "held-at", "camp")]


def test_a_date_that_narrows_nothing_is_a_problem() -> None:
    result = imported(
        "Name,Term,Day\nAman,,2017\n", mapped("sentenced-to: {column: Term, with: {date: {column: Day}}}")
    )
    assert told(result) == [
        "list.csv:2:3: not-covered: 'Day': '2017' narrows nothing in this row, for there is no value of sentenced-to; add a "
        "rule, or leave-out: {column: Day, when: …, because: …}"
    ]


def test_a_sentence_given_as_an_end_date() -> None:
    table = "Name,Ends\nAman,2031-05-01\nBek,life\nDana,detention\nErik,unknown\n"
    map_ = mapped("""\
sentenced-to:
  column: Ends
  values: {detention: {skip: held without a sentence}, unknown: none-given}
  patterns: {"#-#-#": {value: none-given, with: {circumstance: to end on $0}}}""")
    result = imported(table, map_)
    assert said(result, "circumstance") == [
        ("aman", "sentenced-to", "none-given", "to end on 2031-05-01"),
        ("bek", "sentenced-to", "life", None),
        ("erik", "sentenced-to", "none-given", None),
    ]
    assert list(result.counts.lines())[-2:] == [
        "left out  1 values, by rules of the map:",
        "          1 Ends: held without a sentence",
    ]


# ---------------------------------------------------------------- rows and columns that are left out


def test_rows_are_left_out_by_a_rule_and_counted() -> None:
    table = "Name,Kind\nAman,person\nList of others,heading\nBek,person\nand more,Heading\n"
    map_ = mapped(
        "occupation: monk",
        more="skip:\n  - {when: {Kind: heading}, because: a heading of the list}\nleave-out: [Kind]\n",
    )
    result = imported(table, map_)
    assert [subject for subject, _, _ in said(result)] == ["aman", "bek"]
    assert list(result.counts.lines())[:2] == [
        "read      4 rows, 2 of them left out:",
        "          2 a heading of the list",
    ]


def test_a_column_of_which_the_map_says_nothing_is_a_problem() -> None:
    result = imported(
        "Name,Job,Notes,\nAman,monk,see 4,\nBek,monk,,lost\n", mapped("occupation: {column: Job}")
    )
    assert told(result) == [
        "list.csv:1:3: unmapped-column: the map says nothing of 2 columns: C ('Notes') with 'see 4', D ('column D') with "
        "'lost'; use what they hold, or add to the map: leave-out: [Notes, column D]"
    ]
    left = mapped("occupation: {column: Job}", more="leave-out: [Notes, column D]\n")
    assert len(said(imported("Name,Job,Notes,\nAman,monk,see 4,\nBek,monk,,lost\n", left))) == 2


def test_a_row_that_repeats_another_is_a_problem_unless_the_map_says_what_it_is() -> None:
    table = "Name,Job\nAman,monk\nBek,monk\nAman,monk\n"
    entities = "  prisoner: {class: person, label: {column: Name}, identified-by: [Name]}\n"
    map_ = mapped("occupation: {column: Job}", entities)
    assert codes(imported(table, map_)) == [("repeated-row", 1)]
    once = imported(table, "table: {repeated-rows: once}\n" + map_)
    assert [(s, o) for s, _, o in said(once)] == [("aman", "monk"), ("bek", "monk")]
    assert once.counts.rows_left_out == {"they repeat another row, cell by cell": 1}
    apart = imported(table, "table: {repeated-rows: apart}\n" + map_)
    assert [(s, r) for s, _, _, r in said(apart, "row")] == [("aman", 2), ("bek", 3), ("aman", 4)]


# ---------------------------------------------------------------- who is one, and who is two


def test_five_people_with_one_name_are_five() -> None:
    table = "Name,Born,Job\n" + "".join(f"Aman Tolek,{1960 + n},job {n}\n" for n in range(5))
    entities = "  prisoner: {class: person, label: {column: Name}, identified-by: [Name, Born]}\n"
    result = imported(table, mapped("occupation: {column: Job}", entities))
    assert said(result) == [(f"aman-tolek-{1960 + n}", "occupation", f"job {n}") for n in range(5)]
    assert [entity["label"] for entity in described(result, "person")] == ["Aman Tolek"] * 5


def test_a_key_does_not_change_when_other_rows_come() -> None:
    entities = "  prisoner: {class: person, label: {column: Name}, identified-by: [Name, Born]}\n"
    map_ = mapped("occupation: {column: Job}", entities)
    one = said(imported("Name,Born,Job\nAman,1960,monk\n", map_))
    two = said(imported("Name,Born,Job\nAman,1981,herder\nAman,1960,monk\n", map_))
    assert one[0] in two


def test_one_name_in_two_rows_is_a_problem_where_nothing_tells_people_apart() -> None:
    table = "Name,Job\nAman Tolek,monk\nBek,monk\nAman tolek,herder\nAman Tolek,driver\n"
    result = imported(table, mapped("occupation: {column: Job}"))
    assert told(result) == [
        "list.csv:4:1: same-name: 'Aman Tolek' stands in 3 rows, first in A2, and the map does not say what makes one person "
        "of them; write identified-by: [the name, a birth date, a number …] at map.yml:3:13 (the name alone, if it is one "
        "person wherever it stands)"
    ]
    by_name = "  prisoner: {class: person, label: {column: Name}, identified-by: [Name]}\n"
    assert {
        subject for subject, _, _ in said(imported(table, mapped("occupation: {column: Job}", by_name)))
    } == {"aman-tolek", "bek"}


def test_places_with_one_name_are_one_place() -> None:
    assert (
        len(
            described(
                good(imported("Name,P\nAman,Camp\nBek,camp\n", mapped("held-at: {column: P}"))), "place"
            )
        )
        == 1
    )


def test_identifying_cells_that_disagree_are_a_problem_that_shows_both_rows() -> None:
    table = "No,Name,Born\n7,Aman Tolek,1967\n8,Bek,1970\n7,Aman Tolek,1981\n"
    entities = "  prisoner: {class: person, label: {column: Name}, identified-by: [No], agree: [Born]}\n"
    result = imported(table, mapped("occupation: monk", entities))
    assert told(result) == [
        "list.csv:4:3: disagrees: 'Born': '1981' here and '1967' in C2, and both rows are 'Aman Tolek'; mend one of them, "
        "add 'Born' to identified-by at map.yml:3:13 if these are two, or take it out of agree"
    ]


def test_a_cell_that_says_nothing_agrees_with_all() -> None:
    table = "No,Name,Born,Year\n7,Aman,1967,1\n7,Aman,,2\n"
    entities = "  prisoner: {class: person, label: {column: Name}, identified-by: [No], agree: [Born]}\n"
    assert len(said(imported(table, mapped("occupation: 'monk in {Year}'", entities)))) == 2


def test_another_name_under_one_number_is_a_problem_or_another_name() -> None:
    table = "No,Name\n7,Aman Tolek\n7,Amman Tolek\n"
    entities = "  prisoner: {class: person, label: {column: Name}, identified-by: [No]}\n"
    assert told(imported(table, mapped("occupation: monk", entities))) == [
        "list.csv:3:2: disagrees: 'Name': 'Amman Tolek' here and 'Aman Tolek' in B2 are one by No; mend one of them, or write "
        "other-labels: also at map.yml:3:13 to make the second another name"
    ]
    also = entities.replace("}\n", ", other-labels: also}\n")
    result = good(imported(table, mapped("occupation: monk", also)))
    assert described(result, "person") == [
        {"class": "person", "key": "aman-tolek-7", "label": "Aman Tolek", "also": ["Amman Tolek"]}
    ]


def test_somebody_who_may_be_somebody_else_is_a_problem() -> None:
    entities = "  prisoner: {class: person, label: {column: Name}, identified-by: [Name, Born]}\n"
    for table in ("Name,Born,Y\nAman,1967,1\nAman,,2\n", "Name,Born,Y\nAman,,2\nAman,1967,1\n"):
        (line,) = told(imported(table, mapped("occupation: 'monk {Y}'", entities)))
        assert "may-be-same: 'Aman' may be the one of A" in line
        assert "since Born is empty here" in line
    apart = entities.replace("}\n", ", if-blank: apart}\n")
    result = imported("Name,Born,Y\nAman,1967,1\nAman,,2\n", mapped("occupation: 'monk {Y}'", apart))
    assert [subject for subject, _, _ in said(result)] == ["aman-1967", "aman"]


def test_two_that_would_have_one_key_are_a_problem() -> None:
    (line,) = told(imported("Name,P\nAman,Camp No. 1\nBek,Camp no 1\n", mapped("held-at: {column: P}")))
    assert (
        "list.csv:3:2: same-key: 'P': 'Camp no 1' here and 'Camp No. 1' in B2 would both have the key 'camp-no-1'"
        in line
    )
    (line,) = told(
        imported("Name,P,C\nAman,Valley,Valley\n", mapped("held-at: {column: P}\nsentenced-by: {column: C}"))
    )
    assert "same-key" in line


def test_keys_are_made_as_the_map_says() -> None:
    entities = '  prisoner: {class: person, label: {column: Name}, identified-by: [No], key: "p-{No}"}\n'
    assert said(imported("No,Name\n2010/7,王小明\n", mapped("occupation: monk", entities))) == [
        ("p-2010-7", "occupation", "monk")
    ]
    assert said(
        imported(
            "No,Name\n2010/7,王小明\n", mapped("occupation: monk", entities.replace(', key: "p-{No}"', ""))
        )
    ) == [("王小明-2010-7", "occupation", "monk")]


def test_names_of_an_entity_are_gathered_from_all_its_rows() -> None:
    table = "No,Name,Other,Chinese,Wikidata\n7,Aman,Amanjan; A. T.,王小明,Q42\n7,AMAN,Amanjan,,\n"
    entities = """\
  prisoner:
    class: person
    label: {column: Name}
    identified-by: [No]
    also: {column: Other, split: ";"}
    names: {zh: {column: Chinese}}
    same-as: {column: Wikidata, patterns: {"Q#": "wd:Q$1"}}
    note: {column: Other}
    access: restricted
"""
    result = good(imported(table, mapped("occupation: monk", entities)))
    assert described(result, "person") == [
        {
            "class": "person", "key": "aman-7", "label": "Aman", "also": ["Amanjan", "A. T."], "names": {"zh": ["王小明"]},
            "same-as": ["wd:Q42"], "note": "Amanjan; A. T.; Amanjan", "access": "restricted",
        }
    ]  # fmt: skip


# ---------------------------------------------------------------- rows without a name


def test_a_row_without_a_name_is_a_problem() -> None:
    assert told(imported("Name,Job\nAman,monk\n,herder\n", mapped("occupation: {column: Job}"))) == [
        "list.csv:3:1: no-name: 'Name': no name stands here, and the row says something of 'prisoner'; fill it in, or write "
        "at map.yml:3:13 without-name: {unnamed: a few words} or without-name: {skip: why}"
    ]


def test_rows_without_a_name_are_people_or_left_out_by_rule() -> None:
    table = "Name,Job,Place\nAman,monk,Camp\n,herder,Camp\n,driver,Camp\n"
    body = "occupation: {column: Job}\nheld-at: {column: Place}"
    unnamed = PERSON.replace("}}\n", "}, without-name: {unnamed: a prisoner}}\n")
    result = imported(table, mapped(body, unnamed))
    people = described(good(result), "person")
    keys = [person["key"] for person in people if "unnamed" in person]
    assert len(set(keys)) == 2
    assert all(person["report"] == "valley-list" for person in people if "unnamed" in person)
    assert [s for s, p, _ in said(result) if p == "occupation"] == [
        "aman",
        *(f"valley-list_{key}" for key in _in_order(result)),
    ]
    skipped = imported(
        table, mapped(body, PERSON.replace("}}\n", "}, without-name: {skip: nobody is named}}\n"))
    )
    assert [subject for subject, _, _ in said(skipped)] == ["aman", "aman"]
    assert skipped.counts.values_left_out == {("Name", "nobody is named"): 2}


def _in_order(result: object) -> list[str]:
    subjects = [s for s, p, _ in said(result) if p == "occupation"]  # type: ignore[arg-type]
    return [subject.removeprefix("valley-list_") for subject in subjects if "_" in subject]


def test_a_row_without_a_name_is_of_whom_its_number_is_of() -> None:
    table = "No,Name,Job\n7,,monk\n7,Aman,herder\n8,,driver\n"
    entities = "  prisoner: {class: person, label: {column: Name}, identified-by: [No], without-name: {unnamed: 'prisoner {No}'}}\n"
    result = imported(table, mapped("occupation: {column: Job}", entities))
    assert said(result) == [
        ("aman-7", "occupation", "monk"), ("aman-7", "occupation", "herder"), ("valley-list_prisoner-8", "occupation", "driver"),
    ]  # fmt: skip


def test_equal_rows_without_a_name_are_different_people_if_the_map_says_so() -> None:
    unnamed = PERSON.replace("}}\n", "}, without-name: {unnamed: a prisoner}}\n")
    map_ = "table: {repeated-rows: apart}\n" + mapped("occupation: {column: Job}", unnamed)
    subjects = [s for s, _, _ in said(imported("Name,Job\n,monk\n,monk\n", map_))]
    assert len(set(subjects)) == 2
    assert subjects[1] == f"{subjects[0]}-2"


# ---------------------------------------------------------------- reports, tellers, episodes


def test_each_year_is_a_report_and_a_person_in_two_of_them_is_one() -> None:
    table = "Year,Name,Born,Job\n2019,Aman,1967,monk\n2020,Aman,1967,monk\n"
    map_ = """\
        report: {key: "list-{Year}", title: "List of {Year}", published: "{Year}-12-01", publisher: watch, type: list}
        entities:
          watch: {class: organization, label: Valley Watch}
          prisoner: {class: person, label: {column: Name}, identified-by: [Name, Born]}
        assertions:
          - {about: prisoner, occupation: {column: Job}}
        """
    result = imported(table, map_)
    assert described(result, "report") == [
        {"class": "report", "key": f"list-{year}", "title": f"List of {year}", "type": "list", "published": f"{year}-12-01", "publisher": "watch"}
        for year in (2019, 2020)
    ]  # fmt: skip
    assert said(result, "report") == [
        ("aman-1967", "occupation", "monk", f"list-{year}") for year in (2019, 2020)
    ]


def test_a_report_that_two_rows_describe_differently_is_a_problem() -> None:
    map_ = (
        'report: {key: list, title: "{Title}", published: 2020}\nentities:\n'
        + PERSON
        + "assertions:\n  - {about: prisoner, occupation: monk}\n"
    )
    assert told(imported("Name,Title\nAman,A\nBek,B\n", map_)) == [
        "list.csv:3:1: disagrees: the title of the report 'list' is 'B' here and 'A' in row 2; mend one of them, or give each "
        "a key of its own at map.yml:1:9"
    ]


def test_who_told_it_stands_in_a_column() -> None:
    table = "Name,Told by,Job\nAman,wife,monk\nBek,,monk\nDana,police,monk\n"
    map_ = """\
        report: {key: list, title: List, published: 2020}
        entities:
          prisoner: {class: person, label: {column: Name}}
          relative: {class: person, unnamed: "the {Told by} of {Name}", key: "relative-of-{@prisoner}"}
          police: {class: organization, label: Valley police}
        sources:
          relative: {speaker: relative, basis: family, relation: "{Told by}", learned-from: police}
          police: {speaker: police, basis: official-statement}
        assertions:
          - about: prisoner
            told-by: {column: Told by, values: {wife: relative, police: police}, empty: publisher}
            occupation: {column: Job}
        """
    result = imported(table, map_)
    assert said(result, "told-by") == [
        ("aman", "occupation", "monk", "relative-of-aman"),
        ("bek", "occupation", "monk", "publisher"),
        ("dana", "occupation", "monk", "police"),
    ]
    assert described(result, "source") == [
        {"class": "source", "report": "list", "key": "police", "speaker": "police", "basis": "official-statement"},
        {"class": "source", "report": "list", "key": "relative-of-aman", "speaker": "list_relative-of-aman", "basis": "family", "relation": "wife", "learned-from": "police"},
    ]  # fmt: skip
    assert described(result, "person")[-1] == {
        "class": "person",
        "key": "relative-of-aman",
        "unnamed": "the wife of Aman",
        "report": "list",
    }


def test_a_source_without_a_speaker_is_a_problem_or_somebody_else() -> None:
    map_ = """\
        report: {key: list, title: List, published: 2020}
        entities:
          prisoner: {class: person, label: {column: Name}}
          teller: {class: person, label: {column: Told by}, identified-by: [Told by]}
        sources:
          teller: {speaker: teller}
        assertions:
          - {about: prisoner, told-by: teller, occupation: monk}
        """
    table = "Name,Told by\nAman,Dana Ospan\nBek,\n"
    assert told(imported(table, map_)) == [
        "list.csv:3:2: no-speaker: 'Told by': nobody stands here who speaks as 'teller'; fill it in, or write at map.yml:6:3 "
        "without-speaker: publisher"
    ]
    result = imported(table, map_.replace("speaker: teller}", "speaker: teller, without-speaker: publisher}"))
    assert said(result, "told-by") == [
        ("aman", "occupation", "monk", "teller-dana-ospan"),
        ("bek", "occupation", "monk", "publisher"),
    ]


def test_assertions_are_tied_to_a_case() -> None:
    table = "Name,Case,Job\nAman,12/2017,monk\n"
    more = (
        'episodes:\n  case: {key: "case-{Case}", label: "case {Case}"}\n  life: "what happened to {Name}"\n'
    )
    result = imported(table, mapped("episode: [case, life]\noccupation: {column: Job}", more=more))
    assert said(result, "episode") == [("aman", "occupation", "monk", ["case-12-2017", "aman-life"])]
    assert described(result, "episode") == [
        {"class": "episode", "key": "aman-life", "label": "what happened to Aman"},
        {"class": "episode", "key": "case-12-2017", "label": "case 12/2017"},
    ]


def test_what_is_described_in_other_seeds_is_not_described_again() -> None:
    map_ = """\
        report: valley-post-1
        elsewhere: [norland, lower-camp]
        entities:
          prisoner: {class: person, label: {column: Name}}
        assertions:
          - about: prisoner
            citizen-of: norland
            held-at: {column: Prison}
        """
    result = imported("Name,Prison\nAman,Lower Camp\nBek,Upper Camp\n", map_)
    assert described(result, "report") == []
    assert [place["key"] for place in described(result, "place")] == ["upper-camp"]
    assert said(result)[0] == ("aman", "citizen-of", "norland")


def test_one_mark_of_access_can_hold_for_all() -> None:
    result = good(imported("Name,P\nAman,Camp\n", "access: restricted\n" + mapped("held-at: {column: P}")))
    assert {record.get("access") for record in result.records} == {"restricted"}


def test_blocks_may_speak_of_others_than_the_person_of_the_row() -> None:
    table = "Name,Wife,Prison,County\nAman,Dana,Camp,Hills\nBek,,Fort,Plains\n"
    map_ = """\
        report: {key: list, title: List, published: 2020}
        entities:
          prisoner: {class: person, label: {column: Name}}
          wife: {class: person, label: {column: Wife}}
          prison: {class: facility, label: {column: Prison}}
        assertions:
          - {about: prisoner, held-at: prison}
          - {about: wife, relative-of: {entity: prisoner, with: {role: wife}}}
          - {about: prison, located-in: {column: County}}
        """
    assert said(imported(table, map_), "role") == [
        ("aman", "held-at", "camp", None), ("dana", "relative-of", "aman", "wife"), ("camp", "located-in", "hills", None),
        ("bek", "held-at", "fort", None), ("fort", "located-in", "plains", None),
    ]  # fmt: skip


# ---------------------------------------------------------------- JSON, sheets, several files

JSON_MAP = """\
    report: {key: list, title: List, published: 2020}
    entities:
      prisoner: {class: person, label: {column: who.name}, also: {column: who.aka}, identified-by: [id]}
    assertions:
      - about: prisoner
        age: {column: who.age}
        held-at: {columns: [places.1.name, places.2.name]}
    """


def test_a_list_of_objects_is_read_by_dotted_paths() -> None:
    table = json.dumps(
        [
            {"id": 7, "who": {"name": "Aman", "aka": ["A", "B"], "age": 36}, "places": [{"name": "Camp"}, {"name": "Fort"}]},
            {"id": 8, "who": {"name": "Bek", "aka": [], "age": None}, "places": []},
        ]
    )  # fmt: skip
    result = imported(table, JSON_MAP, "list.json")
    assert said(result, "row", "column") == [
        ("aman-7", "age", "36", 1, None), ("aman-7", "held-at", "camp", 1, None), ("aman-7", "held-at", "fort", 1, None),
    ]  # fmt: skip
    assert described(result, "person")[0]["also"] == ["A", "B"]
    cells = [
        ["id", "7"],
        ["places.1.name", "Camp"],
        ["places.2.name", "Fort"],
        ["who.age", "36"],
        ["who.aka", "A\x1fB"],
        ["who.name", "Aman"],
    ]
    said_in_row = json.dumps(cells, ensure_ascii=False, separators=(",", ":"))
    assert result.records[-1]["digest"] == hashlib.sha256(said_in_row.encode()).hexdigest()


def test_json_lines_have_the_line_as_row() -> None:
    table = (
        '{"id": 7, "who": {"name": "Aman", "age": 36}}\n\n{"id": 8, "who": {"name": "Bek", "age": "old"}}\n'
    )
    result = imported(
        table,
        JSON_MAP.replace("held-at: {columns: [places.1.name, places.2.name]}", "").replace(
            ", also: {column: who.aka}", ""
        ),
        "list.jsonl",
    )
    (line,) = told(result)
    assert line.startswith("list.jsonl![3].who.age: bad-value: 'who.age': 'old' is not a whole number")


def test_numbers_of_json_stay_as_typed() -> None:
    table = '[{"name": "Aman", "n": 1.50}, {"name": "Bek", "n": 12345678901234567890}, {"name": "Dana", "n": true}]'
    map_ = mapped("occupation: {column: n}").replace("column: Name", "column: name")
    assert [o for _, _, o in said(imported(table, map_, "list.json"))] == [
        "1.50",
        "12345678901234567890",
        "true",
    ]


def test_objects_inside_a_document_are_found_by_their_path() -> None:
    table = '{"meta": {}, "data": {"items": [{"name": "Aman"}]}}'
    map_ = "table: {path: data.items}\n" + mapped("occupation: monk").replace("column: Name", "column: name")
    assert len(said(imported(table, map_, "list.json"))) == 1


def test_several_files_are_one_import() -> None:
    entities = "  prisoner: {class: person, label: {column: Name}, identified-by: [Name]}\n"
    map_ = (
        mapped("occupation: {column: Job}", entities)
        .replace("key: valley-list", 'key: "list-{#file}"')
        .replace("title: Prisoners of the valley", 'title: "List {#file}"')
    )
    files = {"a/2019.csv": "Name,Job\nAman,monk\n", "b/2020.csv": "Job,Name\nherder,Aman\n"}
    result = imported(files, map_)
    assert said(result, "report", "file", "column") == [
        ("aman", "occupation", "monk", "list-2019", "2019.csv", "B"), ("aman", "occupation", "herder", "list-2020", "2020.csv", "A"),
    ]  # fmt: skip
    assert len(described(result, "person")) == 1


# ---------------------------------------------------------------- parts that make one


def test_several_cells_can_make_one_name_or_one_date() -> None:
    table = "First,Last,Y,M,D\nAman,Tolek,2017,5,14\nBek,,2016,,\n,,2015,1,\n"
    entities = '  prisoner: {class: person, label: {columns: [First, Last], join: " "}, without-name: {unnamed: somebody}}\n'
    map_ = mapped(
        'held-at: {text: unknown, with: {date: {columns: [Y, M, D], join: "-", dates: [Y-M-D, Y-M, Y]}}}',
        entities,
    )
    found = said(imported(table, map_), "date")
    assert [(subject, date) for subject, _, _, date in found][:2] == [
        ("aman-tolek", "2017-05-14"),
        ("bek", "2016"),
    ]
    assert found[2][3] == "2015-01"
    assert told(imported(table, map_.replace("columns: [Y, M, D], ", "column: Y, "))) != []


def test_a_word_for_no_name_is_an_empty_cell_by_rule() -> None:
    entities = "  prisoner: {class: person, label: {column: Name, values: {Name unknown: empty}, otherwise: keep}, without-name: {unnamed: somebody}}\n"
    result = imported(
        "Name,Job\nname unknown,monk\nAman,herder\n", mapped("occupation: {column: Job}", entities)
    )
    assert [s.startswith("valley-list_") for s, _, _ in said(result)] == [True, False]

"""One row per person: what is unknown, alleged, denied or disputed is visible in the cell."""

from __future__ import annotations

import builtins
import csv
import io
import json
import re
import sys
import time
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import count
from xml.etree import ElementTree

import pytest

from conftest import ROOT
from kg import build, nt, people
from kg.build import Vocabulary
from kg.corroboration import Corroboration
from kg.index import Index
from kg.model import Assertion, Corpus, Entity, Episode, Evidence, Report, Source, Withdrawal
from kg.namespaces import DEFAULT_BASE, EDTF, KG_NAMESPACE, XSD_BOOLEAN, XSD_STRING
from kg.people import COLUMNS, PersonRow, as_csv, as_json, markdown, origins, xlsx
from kg.problems import KgError
from kg.project import find as find_project
from kg.terms import KG

_places = count(100)


def full(key: str) -> str:
    return DEFAULT_BASE + key


def entity(key: str, label: str, kind: str = "Person", **more: object) -> Entity:
    return replace(Entity(full(key), KG_NAMESPACE + kind, label), **more)  # type: ignore[arg-type]


def to(key: str) -> str:
    return f"<{full(key)}>"


def words(value: str) -> str:
    return nt.literal(value)


def said(
    predicate: str,
    object_: str,
    by: str = "friend",
    *,
    who: str = "aman",
    at: int | None = None,
    report: str = "post-1",
    case: str | Sequence[str] = "first",
    **more: str,
) -> Assertion:
    """Give an assertion about Aman; `more` are its own fields or, of other names, qualifiers.

    Without `at`, it stands behind those that were made before.
    """
    at = next(_places) if at is None else at
    own = {key: more.pop(key) for key in ("polarity", "certainty", "withdrawn") if key in more}
    types = {"date": EDTF, "inferred": XSD_BOOLEAN}
    return Assertion(
        full(who),
        KG_NAMESPACE + predicate,
        object_,
        full(f"report_{report}"),
        full(f"source_{by}"),
        Evidence(full(f"report_{report}"), at, at + 20, f"{at:064x}"),
        qualifiers=tuple(
            sorted((KG_NAMESPACE + k, nt.literal(v, types.get(k, XSD_STRING))) for k, v in more.items())
        ),
        episodes=tuple(full(f"episode_{each}") for each in ([case] if isinstance(case, str) else case)),
        **own,  # type: ignore[arg-type]
    )


NONE_GIVEN, REFUSED = f"<{KG.noneGiven}>", f"<{KG.refused}>"
ENTITIES = (
    entity("aman", "Aman Tolek", also=("A. Tolek",), names=(("ar", "أمان توليك"),)),
    entity("gul", "Gul Tolek"),
    entity("friend", "a friend", unnamed=True),
    entity("neighbour", "a neighbour", unnamed=True),
    entity("herders", "the herders of the valley", "Group", unnamed=True),
    entity("post-1_unknown-held-at-aman-00", "unknown (Aman Tolek, held at)", "Place", unnamed=True),
    entity("home", "the home of Aman Tolek", "Facility", unnamed=True),
    entity("valley", "Upper Valley", "Place"),
    entity("town", "Valley Town", "Place"),
    entity("norland", "Norland", "Country"),
    entity("police", "Valley police", "Organization"),
    entity("court", "Valley District Court", "Court"),
    entity("post", "Valley Post", "Organization"),
)
REPORTS = (
    Report(full("report_post-1"), "Herder taken", "article", "2021-03-04", full("post")),
    Report(full("report_post-2"), "Herder sentenced", "article", "2021-05-01", full("post")),
)
SOURCES = (
    Source(full("source_friend"), "a friend", full("friend"), "first-hand", "friend"),
    Source(full("source_neighbour"), "a neighbour", full("neighbour"), "hearsay", "neighbour"),
    Source(full("source_court"), "the court", full("court"), "official-statement"),
    Source(full("source_police"), "the police", full("police"), "official-statement"),
    Source(
        full("source_passed-on"),
        "a neighbour",
        full("neighbour"),
        "hearsay",
        learned_from=full("source_friend"),
    ),
    Source(full("source_withheld"), "source withheld", None),
)
EPISODES = tuple(Episode(full(f"episode_{key}"), f"{key} arrest") for key in ("first", "second"))


def index(*assertions: Assertion, entities: Sequence[Entity] = ()) -> Index:
    return Index(Corpus((*ENTITIES, *entities), REPORTS, SOURCES, EPISODES, assertions))


def row(*assertions: Assertion) -> PersonRow:
    found = index(*assertions)
    (only,) = people.people(found, corroboration=Corroboration(found))
    return only


TAKEN = said("detainedAt", to("valley"), date="2021-02-14")


# ---------------------------------------------------------------- which rows


def test_who_is_taken_has_a_row_and_who_tells_has_none() -> None:
    found = index(
        TAKEN,
        said("detainedAt", to("valley"), who="herders"),
        said("occupation", words("herder"), who="friend"),
        said("accusedOf", words("spending public money"), who="gul"),
    )
    assert [r.name for r in people.people(found)] == ["Aman Tolek"]
    assert [r.name for r in people.people(found, groups=True)] == ["Aman Tolek", "the herders of the valley"]
    everyone = [r.name for r in people.people(found, everyone=True)]
    assert everyone == ["Aman Tolek", "Gul Tolek", "a friend", "a neighbour"]


def test_a_predicate_of_a_project_that_names_a_step_makes_a_row() -> None:
    assert row(said("arrestedAt", to("valley"))).status.text == "taken"
    assert row(said("transferredTo", to("town"))).held_at.text == "Valley Town"


def test_named_people_come_first_each_sort_by_name() -> None:
    found = index(
        said("detainedBy", to("police"), who="friend"),
        said("detainedBy", to("police"), who="gul"),
        TAKEN,
    )
    assert [(r.name, r.unnamed) for r in people.people(found)] == [
        ("Aman Tolek", False),
        ("Gul Tolek", False),
        ("a friend", True),
    ]


def test_an_empty_corpus_has_no_rows_and_every_form_still_has_its_heading() -> None:
    assert people.people(Index(Corpus())) == ()
    assert list(csv.reader(io.StringIO(as_csv(()).decode("utf-8-sig")))) == [
        [heading for heading, _ in COLUMNS]
    ]
    assert json.loads(as_json(())) == []
    assert markdown(()).startswith("| name | taken |")


def test_a_sheet_without_people_has_its_heading() -> None:
    pytest.importorskip("xlsxwriter")
    assert cells(xlsx(())) == [[heading for heading, _ in COLUMNS]]


def test_entities_tied_by_same_as_share_a_row() -> None:
    twin = entity("aman-2", "Aman T.", same_as=(full("aman"),))
    found = index(TAKEN, said("sentencedTo", words("5 years"), who="aman-2"), entities=[twin])
    assert [r.name for r in people.people(found)] == ["Aman T.", "Aman Tolek"]
    (tied,) = people.people(found, corroboration=Corroboration(found))
    assert (tied.term.text, tied.taken.text) == ("5 years", "14 February 2021")
    assert {tied.name, *tied.other_names} == {"Aman Tolek", "Aman T.", "A. Tolek", "أمان توليك"}


# ---------------------------------------------------------------- what stands in a cell


def test_a_whole_row() -> None:
    made = row(
        said("name", words("Amantolek")),
        said("ethnicity", words("Kazakh")),
        said("occupation", words("herder")),
        said("age", words("36")),
        said("residentIn", to("valley")),
        said("detainedAt", to("home"), date="2021-02-14", inferred="true"),
        said("detainedBy", to("police"), date="2021-02"),
        said("locatedIn", to("valley"), who="home"),
        said("heldAt", to("town")),
        said("accusedOf", words("a song")),
        said("chargedWith", words("separatism")),
        said("sentencedBy", to("court"), report="post-2"),
        said("sentencedTo", words("5 years"), report="post-2"),
        said("citizenOf", to("norland")),
        said("travelledTo", to("norland"), certainty="alleged"),
        said("relativeOf", to("aman"), who="gul", role="sister"),
    )
    assert {heading: text(made) for heading, text in COLUMNS} == {
        "name": "Aman Tolek",
        "other names": "A. Tolek; أمان توليك; Amantolek",
        "who": "Kazakh; herder; aged 36; from Upper Valley",
        "taken": "14 February 2021 (inferred)",
        "taken, earliest": "2021-02-14",
        "taken, latest": "2021-02-14",
        "taken at": "the home of Aman Tolek, Upper Valley",
        "taken by": "Valley police",
        "held at": "Valley Town",
        "accused of": "a song",
        "charge": "separatism",
        "court": "Valley District Court",
        "term": "5 years",
        "status": "sentenced",
        "status as of": "2021-05-01",
        "ties": "Norland (citizen of, alleged: travelled to); Gul Tolek (sister)",
        "origins": "1",
        "reports": "2",
        "in reports": "post-1; post-2",
        "id": "id:aman",
    }


def test_what_nobody_says_is_unknown() -> None:
    made = row(said("detainedBy", to("police")))
    cells = ("who", "taken", "taken_at", "held_at", "accused_of", "charge", "court", "term", "ties")
    assert {getattr(made, name).text for name in cells} == {"unknown"}
    assert (made.taken_earliest, made.taken_latest) == (None, None)


def test_a_place_that_is_said_to_be_unknown_is_unknown_unless_somebody_else_knows() -> None:
    unknown = said("heldAt", to("post-1_unknown-held-at-aman-00"))
    assert row(unknown).held_at.text == "unknown"
    assert row(unknown, said("heldAt", to("town"), "court")).held_at.text == "Valley Town"
    assert row(unknown).status.text == "held"


@pytest.mark.parametrize(
    ("assertions", "cell", "disputed"),
    [
        (
            [said("sentencedTo", words("5 years")), said("sentencedTo", words("5 years"), "court")],
            "5 years",
            False,
        ),
        (
            [said("sentencedTo", words("5 years")), said("sentencedTo", words("7 years"), "court")],
            "5 years (a friend) / 7 years (Valley District Court)",
            True,
        ),
        # Whoever passed it on says no more than the friend did.
        (
            [said("sentencedTo", words("5 years"), "passed-on"), said("sentencedTo", words("6 years"))],
            "5 years; 6 years",
            False,
        ),
        ([said("sentencedTo", words("life"), certainty="alleged")], "alleged: life", False),
        (
            [
                said("sentencedTo", words("life"), certainty="alleged"),
                said("sentencedTo", words("life"), "court"),
            ],
            "life",
            False,
        ),
        ([said("sentencedTo", words("life"), "court", polarity="denied")], "denied: life", False),
        (
            [
                said("sentencedTo", words("life")),
                said("sentencedTo", words("life"), "court", polarity="denied"),
            ],
            "life (a friend) / denied (Valley District Court)",
            True,
        ),
        ([said("sentencedTo", REFUSED, "court")], "refused", False),
        ([said("sentencedTo", NONE_GIVEN, "court")], "none given", False),
        (
            [said("sentencedTo", REFUSED, "court"), said("sentencedTo", words("5 years"))],
            "5 years (a friend) / refused (Valley District Court)",
            True,
        ),
        (
            [
                said("sentencedTo", words("5 years"), "withheld"),
                said("sentencedTo", words("6 years"), "gone"),
            ],
            "5 years (source withheld) / 6 years (teller not known)",
            True,
        ),
    ],
)
def test_a_cell_says_who_says_what_where_they_differ(
    assertions: Sequence[Assertion], cell: str, disputed: bool
) -> None:
    made = row(*assertions)
    assert (made.term.text, made.term.disputed) == (cell, disputed)


def test_many_tellers_are_counted() -> None:
    others = [entity(f"t{n}", f"teller {n}") for n in range(6)]
    sources = [Source(full(f"source_t{n}"), "", full(f"t{n}")) for n in range(6)]
    taken = [said("sentencedTo", words("5 years"), f"t{n}", at=n) for n in range(6)]
    corpus = index(*taken, said("sentencedTo", words("6 years")), entities=others).corpus
    (made,) = people.people(Index(replace(corpus, sources=(*SOURCES, *sources))))
    assert made.term.text == "5 years (teller 0, teller 1, teller 2 and 3 more) / 6 years (a friend)"


def test_a_place_within_a_place_is_no_dispute() -> None:
    within = said("locatedIn", to("valley"), who="home")
    nearer, wider = said("detainedAt", to("home")), said("detainedAt", to("valley"), "court")
    assert row(within, nearer, wider).taken_at.text == "the home of Aman Tolek, Upper Valley"
    apart = said("detainedAt", to("town"), "court")
    assert row(within, nearer, apart).taken_at.disputed
    denied = said("detainedAt", to("valley"), "court", polarity="denied")
    assert row(within, nearer, denied).taken_at.disputed


def test_a_date_within_a_date_is_no_dispute() -> None:
    def taken(*dates: str) -> tuple[str, str | None, str | None]:
        made = row(
            *(
                said("detainedAt", to("valley"), ("friend", "court")[n % 2], date=d)
                for n, d in enumerate(dates)
            )
        )
        return made.taken.text, made.taken_earliest, made.taken_latest

    assert taken("2021-02", "2021-02-14") == ("14 February 2021", "2021-02-14", "2021-02-14")
    assert taken("2021", "2021-02", "2021-02-14", "[..2021-02-20]")[0] == "14 February 2021"
    assert taken("2021-02", "2021-03") == (
        "February 2021 (a friend) / March 2021 (Valley District Court)",
        "2021-02-01",
        "2021-03-31",
    )
    assert taken("2021-02-01/2021-02-20", "2021-02-10/2021-03-01", "2021-02-11")[0] == "11 February 2021"
    assert (
        taken("2021-02~", "2021-02-14")[0]
        == "about February 2021 (a friend) / 14 February 2021 (Valley District Court)"
    )
    assert taken("2021-02/") == ("from February 2021 to no known end", "2021-02-01", None)


def test_two_arrests_are_told_apart_in_each_cell() -> None:
    made = row(
        said("detainedAt", to("valley"), date="2019"),
        said("detainedAt", to("town"), case="second", date="2021"),
    )
    assert made.taken_at.text == "Upper Valley [first arrest]; Valley Town [second arrest]"
    assert made.taken.text == "2019 [first arrest]; 2021 [second arrest]"
    assert not made.taken_at.disputed


def test_who_is_what_to_whom_is_read_from_either_side() -> None:
    found = index(
        TAKEN,
        said("relativeOf", to("aman"), who="gul", role="sister"),
        said("detainedBy", to("police"), who="gul"),
    )
    assert {r.name: r.ties.text for r in people.people(found)} == {
        "Aman Tolek": "Gul Tolek (sister)",
        "Gul Tolek": "Aman Tolek (as sister)",
    }
    denied = said("relativeOf", to("gul"), polarity="denied")
    assert row(TAKEN, denied).ties.text == "Gul Tolek (denied: relative)"


# ---------------------------------------------------------------- status


@pytest.mark.parametrize(
    ("assertions", "status", "as_of"),
    [
        ([TAKEN], "taken", "2021-03-04"),
        ([TAKEN, said("chargedWith", words("theft"))], "charged", "2021-03-04"),
        ([TAKEN, said("chargedWith", REFUSED)], "taken", "2021-03-04"),
        ([TAKEN, said("sentencedTo", words("5 years"), report="post-2")], "sentenced", "2021-05-01"),
        (
            [said("sentencedTo", words("5 years")), said("detainedBy", to("police"), report="post-2")],
            "sentenced",
            "2021-03-04",
        ),
        ([TAKEN, said("releasedFrom", to("town"), date="2021-02-20")], "released", "2021-03-04"),
        # Taken again after the release, and the dates show it.
        (
            [said("releasedFrom", to("town"), date="2020"), TAKEN],
            "taken",
            "2021-03-04",
        ),
        # About when: that proves nothing.
        ([said("releasedFrom", to("town"), date="2020~"), TAKEN], "released", "2021-03-04"),
        ([said("releasedFrom", to("town")), TAKEN], "released", "2021-03-04"),
        (
            [TAKEN, said("releasedFrom", to("town"), certainty="alleged")],
            "taken; alleged: released",
            "2021-03-04",
        ),
        (
            [TAKEN, said("releasedFrom", to("town"), "court", certainty="alleged")],
            "taken (a friend) / alleged: released (Valley District Court)",
            "2021-03-04",
        ),
        ([said("diedAt", to("town"), certainty="alleged")], "alleged: died", "2021-03-04"),
        ([TAKEN, said("releasedFrom", to("town"), "court", polarity="denied")], "taken", "2021-03-04"),
        (
            [TAKEN, said("detainedBy", to("police"), "police", polarity="denied")],
            "taken (a friend) / denied (Valley police)",
            "2021-03-04",
        ),
        ([said("detainedBy", to("police"), "police", polarity="denied")], "denied: taken", None),
        (
            [TAKEN, said("releasedFrom", to("town")), said("detainedAt", to("town"), case="second")],
            "released [first arrest]; taken [second arrest]",
            "2021-03-04",
        ),
    ],
)
def test_status_is_the_last_step_that_is_reported(
    assertions: Sequence[Assertion], status: str, as_of: str | None
) -> None:
    made = row(*assertions)
    assert (made.status.text, made.status_as_of) == (status, as_of)


def test_what_is_withdrawn_is_in_no_cell() -> None:
    made = row(TAKEN, said("sentencedTo", words("9 years"), withdrawn=Withdrawal("2026-01-02")))
    assert (made.term.text, made.status.text) == ("unknown", "taken")


def test_a_report_without_a_date_gives_no_as_of() -> None:
    corpus = replace(index(TAKEN).corpus, reports=(replace(REPORTS[0], published=None),))
    (made,) = people.people(Index(corpus))
    assert (made.status.text, made.status_as_of) == ("taken", None)


# ---------------------------------------------------------------- origins


def test_origins_are_counted_by_the_rules_of_corroboration_or_by_speakers() -> None:
    given = [TAKEN, said("detainedBy", to("police"), "passed-on"), said("detainedBy", to("police"), "court")]
    assert origins(row(*given)) == "2"  # the neighbour passed on what the friend said
    (plain,) = people.people(index(*given, said("detainedBy", to("police"), "withheld")))
    assert origins(plain) == "2 to 3"
    (unknown,) = people.people(index(said("detainedBy", to("police"), "withheld")))
    assert origins(unknown) == "1"
    (denied,) = people.people(index(said("detainedBy", to("police"), polarity="denied")))
    assert origins(denied) == "0"


# ---------------------------------------------------------------- forms

HOSTILE = (
    '=HYPERLINK("https://evil.example","x")',
    "+1+1",
    "-1+1",
    "@SUM(A1)",
    "\t=1",
    "<script>alert(1)</script>",
    "a | b\nc",
    "\x1b[2J",
    "\u202egnp",
    "\ud800",
    "',\"",
    "张伟",
    "أمان",
    "",
)


def hostile() -> tuple[PersonRow, ...]:
    entities = [entity(f"bad-{n}", bad, also=(bad,)) for n, bad in enumerate(HOSTILE)]
    taken = [said("detainedAt", to(f"bad-{n}"), who=f"bad-{n}") for n in range(len(HOSTILE))]
    return people.people(index(*taken, entities=entities))


def test_csv_opens_in_a_spreadsheet_as_it_is_meant() -> None:
    written = as_csv(hostile())
    assert written.startswith(b"\xef\xbb\xbfname,other names,who,taken,")
    assert written.count(b"\r\n") >= len(HOSTILE) + 1
    rows = list(csv.reader(io.StringIO(written.decode("utf-8-sig"), newline="")))
    assert {len(each) for each in rows} == {len(COLUMNS)}
    cells = [cell for each in rows for cell in each]
    assert not any(re.match(r"[=+@\t\r]|-[^0-9]|-\d+\+", cell) for cell in cells)
    assert '\'=HYPERLINK("https://evil.example","x")' in cells
    assert {"张伟", "أمان"} <= {cell for each in rows for cell in each}


def test_json_has_the_answers_behind_each_cell() -> None:
    made = row(said("sentencedTo", words("5 years")), said("sentencedTo", words("7 years"), "court"))
    (content,) = json.loads(as_json([made]))
    assert content["term"] == {
        "text": "5 years (a friend) / 7 years (Valley District Court)",
        "disputed": True,
        "answers": [
            {"value": "5 years", "certainty": "stated", "tellers": ["a friend"], "deniers": [], "case": ""},
            {
                "value": "7 years",
                "certainty": "stated",
                "tellers": ["Valley District Court"],
                "deniers": [],
                "case": "",
            },
        ],
    }
    assert content["other_names"] == ["A. Tolek", "أمان توليك"]
    assert len(json.loads(as_json(hostile()))) == len(HOSTILE)


def test_markdown_is_one_table_whatever_a_name_holds() -> None:
    written = markdown(hostile())
    table = [line for line in written.splitlines() if line.startswith("|")]
    assert len(table) == len(HOSTILE) + 2
    assert {len(re.findall(r"(?<!\\)\|", line)) for line in table} == {9}
    markdown_it = pytest.importorskip("markdown_it")
    rendered = markdown_it.MarkdownIt("commonmark").enable("table").render(written)
    assert rendered.count("<tr>") == len(HOSTILE) + 1
    assert "<script>" not in rendered
    assert "- unknown: no report in this graph says it." in written


def test_markdown_says_all_that_is_known_in_fewer_columns() -> None:
    made = row(
        TAKEN, said("accusedOf", words("a song")), said("sentencedTo", words("5 years"), date="2021-03")
    )
    assert markdown([made]).splitlines()[2] == (
        "| Aman Tolek (A. Tolek; أمان توليك) | 14 February 2021; at: Upper Valley; by: unknown | unknown | "
        "accused of: a song | term: 5 years | sentenced, as of 2021-03-04 | unknown | 1 in 1 report: post-1 |"
    )


NAMESPACE = {"m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}


def sheets(workbook: bytes) -> Iterator[tuple[str, ElementTree.Element]]:
    with zipfile.ZipFile(io.BytesIO(workbook)) as archive:
        assert archive.testzip() is None
        for name in archive.namelist():
            yield name, ElementTree.fromstring(archive.read(name))  # noqa: S314  (we wrote it)


def cells(workbook: bytes, sheet: str = "xl/worksheets/sheet1.xml") -> list[list[str]]:
    """Give the texts and numbers of a sheet, by row."""
    parts = dict(sheets(workbook))
    shared = ["".join(item.itertext()) for item in parts["xl/sharedStrings.xml"].findall("m:si", NAMESPACE)]
    rows = []
    for line in parts[sheet].findall(".//m:row", NAMESPACE):
        found = []
        for cell in line.findall("m:c", NAMESPACE):
            value = cell.findtext("m:v", "", NAMESPACE)
            found.append(shared[int(value)] if cell.get("t") == "s" else value)
        rows.append(found)
    return rows


def test_a_sheet_holds_the_table_as_text_and_says_how_to_read_it() -> None:
    pytest.importorskip("xlsxwriter")
    made = hostile()
    workbook = xlsx(made)
    rows = cells(workbook)
    assert rows[0] == [heading for heading, _ in COLUMNS]
    assert len(rows) == len(HOSTILE) + 1
    assert {'=HYPERLINK("https://evil.example","x")', "张伟", "أمان"} <= {line[0] for line in rows}
    assert rows[1][[heading for heading, _ in COLUMNS].index("reports")] == "1"
    for name, part in sheets(workbook):
        assert not part.findall(".//m:f", NAMESPACE), name  # no formula
        assert not part.findall(".//m:hyperlink", NAMESPACE), name
        assert "externalLink" not in name
    assert [line[0] for line in cells(workbook, "xl/worksheets/sheet2.xml")] == list(people.NOTES)


def test_the_same_rows_give_the_same_sheet() -> None:
    pytest.importorskip("xlsxwriter")
    first = xlsx([row(TAKEN)])
    time.sleep(1.1)  # the clock of a zip archive goes by two seconds, that of a workbook by one
    assert xlsx([row(TAKEN)]) == first


def test_a_cell_that_is_too_long_for_a_sheet_says_so() -> None:
    pytest.importorskip("xlsxwriter")
    made = row(said("chargedWith", words("x" * 40_000)))
    (_, line) = cells(xlsx([made]))
    (long,) = [cell for cell in line if cell.startswith("xxx")]
    assert len(long) == people.MAX_CELL
    assert long.endswith("(cut: a cell holds no more; the CSV has all of it)")
    assert "x" * 40_000 in as_csv([made]).decode()


def test_more_people_than_a_sheet_holds_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("xlsxwriter")
    monkeypatch.setattr(people, "MAX_ROWS", 1)
    with pytest.raises(KgError, match=r"a sheet holds 1 people and these are 2; write \.csv instead"):
        xlsx([row(TAKEN)] * 2)


def test_without_the_writer_the_message_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "xlsxwriter", None)
    with pytest.raises(
        KgError, match=r"needs XlsxWriter; install it with: pip install 'reportedly\[sheets\]'"
    ):
        xlsx([row(TAKEN)])


def test_nothing_but_a_sheet_needs_the_writer(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def refuse(name: str, *rest: object, **more: object) -> object:
        assert not name.startswith("xlsxwriter")
        return real(name, *rest, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(builtins, "__import__", refuse)
    assert as_csv([row(TAKEN)])
    assert as_json([row(TAKEN)])
    assert markdown([row(TAKEN)])


# ---------------------------------------------------------------- whatever comes


def test_ten_thousand_assertions_about_one_person_take_seconds() -> None:
    many = [
        said(
            ("detainedAt", "accusedOf", "heldAt", "sentencedTo")[n % 4],
            to("valley") if n % 4 in (0, 2) else words(f"value {n % 300}"),
            ("friend", "court", "police", "passed-on")[n % 3],
            at=n,
            date=f"20{n % 20:02}-02",
        )
        for n in range(10_000)
    ]
    found = index(*many)
    started = time.perf_counter()
    made = people.people(found, corroboration=Corroboration(found))
    for write in (as_csv, as_json, markdown):
        assert write(made)
    assert time.perf_counter() - started < 120


def test_the_same_rows_come_in_any_order() -> None:
    given = [TAKEN, said("sentencedTo", words("5 years")), said("sentencedTo", words("7 years"), "court")]
    assert people.people(index(*given)) == people.people(index(*reversed(given)))


def test_an_entity_without_a_label_or_a_description_has_a_row() -> None:
    found = index(said("detainedAt", to("nowhere"), who="nobody"))
    assert [(r.name, r.key, r.taken_at.text) for r in people.people(found)] == [
        ("nobody", "id:nobody", "nowhere")
    ]


@pytest.mark.parametrize("write", [as_csv, as_json, markdown, xlsx], ids=lambda write: write.__name__)
def test_the_shipped_seeds_have_a_row_for_each_person_taken(
    vocabulary: Vocabulary, write: Callable[[Sequence[PersonRow]], object]
) -> None:
    if write is xlsx:
        pytest.importorskip("xlsxwriter")
    project = find_project(ROOT)
    found = Index(build.read(project, vocabulary, build.seed_files(project, [], ROOT)).corpus)
    made = people.people(found, base=project.base, corroboration=Corroboration(found))
    serek = {each.key: each for each in made}["id:serek-yelsik"]
    assert (serek.term.text, serek.court.text, serek.held_at.text, serek.status.text, serek.status_as_of) == (
        "5 years",
        "Qorghas County People's Court",
        "unknown",
        "sentenced",
        "2017-08-01",
    )
    assert serek.charge.text == (
        "attempting to emigrate to Kazakhstan (a friend of Serek Yelsik) / refused (Qorghas County People's Court)"
    )
    assert serek.ties.text.startswith("Kazakhstan (alleged: tried to emigrate to)")
    assert write(made)

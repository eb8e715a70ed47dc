from __future__ import annotations

import io
from pathlib import Path

import openpyxl
import pytest

from kg import table_template, tables
from kg.build import Vocabulary
from kg.commands import table as commands
from kg.fields import Fields
from kg.problems import Exit, KgError, RefusedError
from kg.project import find
from kg.table_form import RARE, SHEETS, Sheet, columns

OWN = """\
@prefix kg: <https://w3id.org/reportedly/ontology#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
kg:transferredTo a owl:ObjectProperty ; skos:definition "Where somebody was moved to in custody."@en ;
    rdfs:domain kg:PersonOrGroup ; rdfs:range kg:Place .
kg:vehicle a owl:DatatypeProperty ; skos:definition "What somebody was taken in."@en ;
    rdfs:domain kg:Assertion ; rdfs:range xsd:string .
"""


@pytest.fixture(scope="module")
def form(vocabulary: Vocabulary):
    data = table_template.xlsx(vocabulary.ontology, vocabulary.choices)
    return openpyxl.load_workbook(io.BytesIO(data))


def header(page) -> list[str]:
    return [cell.value for cell in page[1]]


def lists(page) -> dict[str, str]:
    """Give what each column offers to choose from."""
    names = header(page)
    return {
        names[next(iter(rule.sqref.ranges)).min_col - 1]: rule.formula1
        for rule in page.data_validations.dataValidation
    }


def test_the_form_has_a_sheet_for_everything_and_a_column_for_every_key(form, vocabulary) -> None:
    assert form.sheetnames == [*SHEETS, "#predicates", "#classes", "#how to"]
    for name in SHEETS:
        assert tuple(header(form[name])) == columns(name, vocabulary.ontology)
        assert form[name].freeze_panes in ("B2", "C2")
    qualifiers = set(vocabulary.ontology.qualifiers) - set(RARE)
    assert qualifiers < set(header(form["assertions"]))


def test_closed_vocabularies_are_lists_to_choose_from(form) -> None:
    said = lists(form["assertions"])
    assert said["certainty"] == '"stated,alleged"'
    assert said["polarity"] == '"affirmed,denied"'
    assert said["access"] == '"public,restricted"'
    assert said["predicate"].startswith("'#predicates'!$A$2:$A$")
    assert said["report"] == "reports!$A$2:$A$5000"
    assert said["told-by"] == "sources!$B$2:$B$5000"
    assert "object" not in said
    assert lists(form["sources"])["access"] == '"public,restricted,withheld"'
    assert "first-hand" in lists(form["sources"])["basis"]
    assert lists(form["entities"])["class"].startswith("'#classes'!$A$2:$A$")
    predicates = [cell.value for cell in form["#predicates"]["A"][1:]]
    assert "detained-at" in predicates
    last = int(said["predicate"].rpartition("$")[2])
    assert last == len(predicates) + 1


def test_whoever_types_something_else_is_asked_and_not_stopped(form) -> None:
    rules = form["assertions"].data_validations.dataValidation
    assert {rule.errorStyle for rule in rules} == {"warning"}
    shown = {
        header(form["assertions"])[next(iter(rule.sqref.ranges)).min_col - 1]: rule.showErrorMessage
        for rule in rules
    }
    assert shown["certainty"]
    assert not shown["subject"]  # several keys may stand there


def test_every_column_says_what_it_is_for(form) -> None:
    for name in SHEETS:
        for cell in form[name][1]:
            assert cell.comment is not None, f"{name} {cell.value}"
            assert len(cell.comment.text) > 5
    by_key = {cell.value: cell.comment.text for cell in form["assertions"][1]}
    assert "first character" in by_key["start"]
    assert "YAML" not in by_key["note"]


def test_rare_columns_are_folded_away(form) -> None:
    page = form["assertions"]
    first = header(page).index(RARE[0]) + 1
    letter = openpyxl.utils.get_column_letter(first)
    assert page.column_dimensions[letter].hidden
    assert not page.column_dimensions["A"].hidden


def test_the_empty_form_is_a_seed_that_says_nothing(vocabulary) -> None:
    fields = Fields()
    for data, name in (
        (table_template.xlsx(vocabulary.ontology, vocabulary.choices), "x.xlsx"),
        *((data, name) for name, data in table_template.csv_files(vocabulary.ontology, "x").items()),
    ):
        table = tables.read(data, name, vocabulary.ontology, fields)
        assert (table.records, [notice.code for notice in table.notices]) == ((), ["empty-table"])
    assert fields.problems == []


def test_the_same_ontology_gives_the_same_bytes(vocabulary) -> None:
    once, twice = (table_template.xlsx(vocabulary.ontology, vocabulary.choices) for _ in range(2))
    assert once == twice


def test_a_predicate_and_a_qualifier_of_the_project_are_in_the_form(tmp_path: Path) -> None:
    (tmp_path / "more.ttl").write_text(OWN)
    (tmp_path / "kg.toml").write_text('ontology = ["more.ttl"]\n')
    vocabulary = Vocabulary.of(find(tmp_path))
    form = openpyxl.load_workbook(io.BytesIO(table_template.xlsx(vocabulary.ontology, vocabulary.choices)))
    assert {cell.comment.text for cell in form["assertions"][1] if cell.value == "vehicle"} == {
        "What somebody was taken in."
    }
    rows = {row[0].value: [cell.value for cell in row] for row in form["#predicates"].rows}
    assert rows["transferred-to"][1] == "Where somebody was moved to in custody."


def test_rows_that_are_given_stand_in_the_form(vocabulary) -> None:
    filled = [Sheet("episodes", ("key", "label"), (("case", "arrest"), ("", "=1+1")))]
    data = table_template.xlsx(vocabulary.ontology, vocabulary.choices, filled)
    page = openpyxl.load_workbook(io.BytesIO(data))["episodes"]
    assert [[cell.value for cell in row] for row in page.iter_rows(2)] == [
        ["case", "arrest", None],
        [None, "=1+1", None],
    ]
    assert page["B3"].data_type == "s"


# ---------------------------------------------------------------- kg schema --table


def test_the_form_is_written_and_never_over_anything(vocabulary, tmp_path: Path, capsys) -> None:
    book, table = tmp_path / "a.xlsx", tmp_path / "b.csv"
    commands.write_form(vocabulary.ontology, vocabulary.choices, book)
    commands.write_form(vocabulary.ontology, vocabulary.choices, table)
    names = {"a.xlsx", "b.csv", "b.entities.csv", "b.sources.csv", "b.reports.csv", "b.episodes.csv"}
    assert {path.name for path in tmp_path.iterdir()} == names
    assert table.read_bytes().startswith(b"\xef\xbb\xbfsubject,predicate,object,date")
    assert capsys.readouterr().err.count("wrote") == 5
    table.unlink()
    for path in (book, table):
        with pytest.raises(RefusedError, match="is there already") as caught:
            commands.write_form(vocabulary.ontology, vocabulary.choices, path)
        assert caught.value.exit_code is Exit.REFUSED
    assert not table.exists()


@pytest.mark.parametrize("output", [None, Path("x.ods"), Path("-")])
def test_the_form_wants_a_name_that_tells_its_kind(vocabulary, output) -> None:
    with pytest.raises(KgError, match=r"-o FILE.xlsx or -o FILE.csv"):
        commands.write_form(vocabulary.ontology, vocabulary.choices, output)

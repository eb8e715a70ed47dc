from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from conftest import DIGEST, EVIDENCE, HEAD, ROOT
from kg import diff_text
from kg.cli import cli
from kg.diff import Change, Detail, Difference, compare
from kg.model import Corpus
from kg.namespaces import DEFAULT_BASE
from kg.problems import RefusedError
from kg.seeds import Reading

BLOCK = f"""\
assertions:
  - about: aman-tolek
    told-by: friend
    {EVIDENCE}
    episode: herder-case
    detained-at: upper-valley
    date: 2021-02
"""
SEED = HEAD + BLOCK


@pytest.fixture
def changes(read: Callable[..., Reading]) -> Callable[..., list[Change]]:
    """Give what changed when `old` became `new` in the seed."""

    def of(old: str, new: str) -> list[Change]:
        assert old in SEED
        sides = [read(text) for text in (SEED, SEED.replace(old, new))]
        assert [side.problems for side in sides] == [(), ()]
        return list(compare(sides[0].corpus, sides[1].corpus, DEFAULT_BASE).changes)

    return of


def only(changes: list[Change]) -> tuple[str, str, tuple[Detail, ...]]:
    (change,) = changes
    return change.kind, change.of, change.details


OTHER = "1" * 64


@pytest.mark.parametrize(
    ("old", "new", "kind", "detail"),
    [
        ("date: 2021-02", "date: 2021-02-03", "changed", Detail("date", "2021-02", "2021-02-03")),
        ("date: 2021-02", "certainty: stated", "changed", Detail("date", "2021-02", "")),
        ("date: 2021-02", "date: 2021-02\n    role: x", "changed", Detail("role", "", "x")),
        (
            "    date: 2021-02",
            "    date: 2021-02\n    certainty: alleged",
            "changed",
            Detail("certainty", "stated", "alleged"),
        ),
        (
            "    date: 2021-02",
            "    date: 2021-02\n    polarity: denied",
            "changed",
            Detail("polarity", "affirmed", "denied"),
        ),
        ("at: upper-valley", "at: norland", "changed", Detail("object", "Upper Valley", "Norland")),
        (
            "told-by: friend",
            "told-by: publisher",
            "changed",
            Detail("told by", "a friend of Aman Tolek", "Valley Post"),
        ),
        (
            f"end: 40, digest: {DIGEST}",
            f"end: 41, digest: {OTHER}",
            "changed",
            Detail(
                "evidence",
                "characters 10 to 40 (digest 00000000…)",
                "characters 10 to 41 (digest 11111111…)",
            ),
        ),
        (
            "start: 10, end: 40",
            "start: 110, end: 140",
            "changed",
            Detail(
                "evidence",
                "characters 10 to 40 (digest 00000000…)",
                "characters 110 to 140 (digest 00000000…)",
            ),
        ),
        ("    episode: herder-case\n", "", "changed", Detail("episodes", "arrest of the herder", "")),
        (
            "    date: 2021-02",
            "    date: 2021-02\n    withdrawn: {date: 2026-01-02, reason: source-corrected, by: AB}",
            "withdrawn",
            Detail("withdrawn", "", "on 2 January 2026, source corrected, by AB"),
        ),
        (
            "    date: 2021-02",
            "    date: 2021-02\n    access: restricted",
            "changed",
            Detail("access", "public", "restricted"),
        ),
    ],
)
def test_what_is_said_otherwise_is_named(
    changes: Callable[..., list[Change]], old: str, new: str, kind: str, detail: Detail
) -> None:
    assert only(changes(old, new)) == (kind, "assertion", (detail,))


def test_an_assertion_that_is_gone_or_new_is_told_with_its_place(
    changes: Callable[..., list[Change]], read: Callable[..., Reading]
) -> None:
    more = f"  - about: aman-tolek\n    evidence: {{start: 50, end: 60, digest: {OTHER}}}\n    age: 36\n"
    (added,) = compare(read(SEED).corpus, read(SEED + more).corpus, DEFAULT_BASE).changes
    assert (added.kind, added.subject, added.before) == ("added", "Aman Tolek age 36 (stated)", None)
    assert added.details == (
        Detail("told by", "", "Valley Post"),
        Detail("evidence", "", "characters 50 to 60 (digest 11111111…)"),
    )
    (removed,) = compare(read(SEED + more).corpus, read(SEED).corpus, DEFAULT_BASE).changes
    assert (removed.kind, removed.after, removed.before) == ("removed", None, added.after)


def test_what_lives_again_is_told(read: Callable[..., Reading]) -> None:
    withdrawn = read(SEED + "    withdrawn: 2026-01-02\n").corpus
    (change,) = compare(withdrawn, read(SEED).corpus, DEFAULT_BASE).changes
    assert (change.kind, change.details[0].before) == ("living again", "on 2 January 2026")


@pytest.mark.parametrize(
    ("old", "new", "kind", "of", "detail"),
    [
        (
            "aman-tolek: Aman Tolek",
            "aman-tolek: Aman Töle",
            "renamed",
            "entity",
            Detail("label", "Aman Tolek", "Aman Töle"),
        ),
        (
            "place:\n  upper-valley",
            "facility:\n  upper-valley",
            "changed",
            "entity",
            Detail("class", "place", "facility"),
        ),
        (
            "upper-valley: Upper Valley",
            "upper-valley: {label: Upper Valley, also: [The Valley]}",
            "changed",
            "entity",
            Detail("also", "", "The Valley"),
        ),
        (
            "title: Herder taken",
            "title: Herder held",
            "renamed",
            "report",
            Detail("title", "Herder taken", "Herder held"),
        ),
        (
            "published: 2021-03-04",
            "published: 2021-03-05",
            "changed",
            "report",
            Detail("published", "2021-03-04", "2021-03-05"),
        ),
        (
            "basis: first-hand",
            "basis: hearsay",
            "changed",
            "source",
            Detail("basis", "first-hand", "hearsay"),
        ),
        (
            "herder-case: arrest of the herder",
            "herder-case: the arrest",
            "renamed",
            "episode",
            Detail("label", "arrest of the herder", "the arrest"),
        ),
    ],
)
def test_what_is_described_otherwise_is_named_once(
    changes: Callable[..., list[Change]], old: str, new: str, kind: str, of: str, detail: Detail
) -> None:
    assert only(changes(old, new)) == (kind, of, (detail,))


def test_assertions_in_one_span_are_paired_by_what_they_say(read: Callable[..., Reading]) -> None:
    one = f"  - about: aman-tolek\n    {EVIDENCE}\n    occupation: [herder, singer]\n"
    other = one.replace("singer", "poet")
    found = compare(
        read(HEAD + "assertions:\n" + one).corpus, read(HEAD + "assertions:\n" + other).corpus, "b:"
    )
    (change,) = found.changes
    assert change.details == (Detail("object", "singer", "poet"),)
    assert found.counts == {"assertions changed": 1}


def test_equal_sides_differ_in_nothing_however_they_are_ordered(read: Callable[..., Reading]) -> None:
    corpus = read(SEED).corpus
    turned = Corpus(*(tuple(reversed(getattr(corpus, name))) for name in corpus.__slots__))
    assert compare(corpus, turned, DEFAULT_BASE).changes == ()
    assert diff_text.text(compare(corpus, corpus, DEFAULT_BASE)) == "no difference\n"
    assert compare(Corpus(), Corpus(), DEFAULT_BASE).changes == ()


def test_a_hundred_thousand_changed_assertions_are_paired_in_one_pass(read: Callable[..., Reading]) -> None:
    (said,) = read(SEED).corpus.assertions
    many = [replace(said, object=f'"{n}"') for n in range(5_000)]
    before = Corpus(assertions=tuple(many))
    after = Corpus(assertions=tuple(replace(a, certainty="alleged") for a in many))
    found = compare(before, after, DEFAULT_BASE)
    assert found.counts == {"assertions changed": 5_000}
    assert {change.details for change in found.changes} == {(Detail("certainty", "stated", "alleged"),)}


def test_who_has_the_same_name_is_told_apart_by_key(read: Callable[..., Reading]) -> None:
    other = SEED.replace("aman-tolek", "aman-t")
    changed, added, removed = compare(read(SEED).corpus, read(other).corpus, DEFAULT_BASE).changes
    assert changed.details == (Detail("subject", "Aman Tolek (aman-tolek)", "Aman Tolek (aman-t)"),)
    assert (added.subject, removed.subject) == ("Aman Tolek (aman-t)", "Aman Tolek (aman-tolek)")


def test_another_datatype_of_the_same_letters_is_shown(read: Callable[..., Reading]) -> None:
    (said,) = read(SEED).corpus.assertions
    before, after = (Corpus(assertions=(replace(said, object=term),)) for term in ('"36"', '"36"@en'))
    (change,) = compare(before, after, DEFAULT_BASE).changes
    assert change.details == (Detail("object", '36 ("36")', '36 ("36"@en)'),)


def test_a_chain_that_changed_is_told_once_of_the_source(read: Callable[..., Reading]) -> None:
    more = SEED.replace("sources:\n", "sources:\n  aunt: {speaker: aman-tolek}\n")
    longer = more.replace("basis: first-hand}", "basis: first-hand, learned-from: aunt}")
    (change,) = compare(read(more).corpus, read(longer).corpus, DEFAULT_BASE).changes
    assert (change.kind, change.of, change.details) == (
        "changed",
        "source",
        (Detail("learned from", "", "Aman Tolek"),),
    )


def test_assertions_of_two_records_are_not_taken_for_one(read: Callable[..., Reading]) -> None:
    def said(record: int, age: int) -> str:
        place = f"evidence: {{record: 'https://example.org/{record}'}}"
        return HEAD + f"assertions:\n  - about: aman-tolek\n    {place}\n    age: {age}\n"

    found = compare(read(said(1, 36)).corpus, read(said(2, 40)).corpus, DEFAULT_BASE)
    assert found.counts == {"assertions added": 1, "assertions removed": 1}
    (change,) = compare(read(said(1, 36)).corpus, read(said(1, 40)).corpus, DEFAULT_BASE).changes
    assert change.details == (Detail("object", "36", "40"),)


def test_a_qualifier_that_a_foreign_graph_gives_twice_is_compared_whole(read: Callable[..., Reading]) -> None:
    (said,) = read(SEED).corpus.assertions
    role = "https://w3id.org/reportedly/ontology#role"
    before = replace(said, qualifiers=((role, '"a"'), (role, '"c"')))
    after = replace(said, qualifiers=((role, '"b"'), (role, '"c"')))
    (change,) = compare(Corpus(assertions=(before,)), Corpus(assertions=(after,)), DEFAULT_BASE).changes
    assert change.details == (Detail("role", "a, c", "b, c"),)


def test_reports_of_one_title_have_a_heading_each(read: Callable[..., Reading]) -> None:
    body, block = SEED.split("assertions:\n")
    second = "\n".join(
        line for line in body.splitlines() if line.startswith(("report:", "  key", "  title", "  pub"))
    ).replace("valley-post-1", "valley-post-2")
    plain = block.replace("    told-by: friend\n", "").replace("    episode: herder-case\n", "")

    def both(date: str) -> Corpus:
        blocks = plain.replace("date: 2021-02", f"date: {date}")
        return read(f"{body}assertions:\n{blocks}", f"{second}\nassertions:\n{blocks}").corpus

    found = compare(both("2021-02"), both("2021-03"), DEFAULT_BASE)
    titles = [change.report for change in found.changes]
    assert titles == ["Herder taken (report_valley-post-1)", "Herder taken (report_valley-post-2)"]


def test_what_is_gone_stands_under_the_title_that_its_report_has_now(read: Callable[..., Reading]) -> None:
    before = read(SEED + "  - about: aman-tolek\n    " + EVIDENCE + "\n    age: 36\n").corpus
    after = read(SEED.replace("Herder taken", "Herder held")).corpus
    removed, renamed = compare(before, after, DEFAULT_BASE).changes
    assert (removed.kind, removed.report, renamed.kind) == ("removed", "Herder held", "renamed")


def test_a_correction_says_what_it_corrects(read: Callable[..., Reading]) -> None:
    old = SEED + "    withdrawn: {date: 2026-01-02, reason: curator-error}\n"
    (wrong,) = read(old).corpus.assertions
    new = (
        BLOCK.removeprefix("assertions:\n").replace("2021-02", "2021-03")
        + f"    corrects: {wrong.digest()}\n"
    )
    (added,) = compare(read(old).corpus, read(old + new).corpus, DEFAULT_BASE).changes
    words = "Aman Tolek detained at Upper Valley (stated; date 2021-02)"
    assert added.details[-1] == Detail("corrects", "", words)


def test_names_of_properties_are_made_harmless_like_values() -> None:
    change = Change("changed", "assertion", "a", "b", (Detail("*r\x1b", "x", "y"),), None, None)
    found = Difference((change,))
    assert r"\*r\\x1b: from x to y" in diff_text.markdown(found)
    assert r"*r\x1b: from x to y" in diff_text.text(found)


# ---------------------------------------------------------------- the command


@pytest.fixture
def project_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    def make(name: str, text: str) -> Path:
        folder = tmp_path / name
        (folder / "seeds").mkdir(parents=True)
        (folder / "kg.toml").write_text("")
        (folder / "seeds" / "a.yaml").write_text(text, encoding="utf-8")
        monkeypatch.chdir(folder)
        return folder

    return make


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(cli, [str(each) for each in arguments], catch_exceptions=True)


def test_builds_seeds_and_projects_are_compared_with_each_other(project_of: Callable[..., Path]) -> None:
    old = project_of("old", SEED)
    assert run("build").exit_code == 0
    new = project_of("new", SEED.replace("2021-02\n", "2021-02\n    certainty: alleged\n"))
    for one in (old, old / "exports", old / "exports" / "kg.ttl", old / "seeds", old / "seeds" / "a.yaml"):
        done = run("diff", one, new)
        assert done.exit_code == 1, done.output
        assert "certainty: from stated to alleged" in done.stdout
        assert "1 assertion changed" in done.stdout
    done = run("diff", old / "exports", old / "seeds")
    assert (done.exit_code, done.stdout) == (0, "no difference\n")


def test_json_and_markdown_hold_the_same(project_of: Callable[..., Path], tmp_path: Path) -> None:
    old = project_of("old", SEED)
    new = project_of("new", SEED.replace("Aman Tolek\n", "'<b>*Aman*'\n"))
    found = json.loads(run("diff", old, new, "-f", "json").stdout)
    assert found["counts"] == {"entities renamed": 1, "sources renamed": 1} or found["counts"] == {
        "entities renamed": 1
    }
    shown = run("diff", old, new, "-o", tmp_path / "out.md")
    assert (shown.exit_code, shown.stdout) == (1, "")
    assert r"from Aman Tolek to \<b\>\*Aman\*" in (tmp_path / "out.md").read_text()


def test_what_is_restricted_is_compared_only_when_asked_for(project_of: Callable[..., Path]) -> None:
    old = project_of("old", SEED)
    secret = f"  - about: aman-tolek\n    {EVIDENCE}\n    access: restricted\n    occupation: courier\n"
    new = project_of("new", SEED + secret)
    assert (run("diff", old, new).exit_code, run("diff", old, new).stdout) == (0, "no difference\n")
    shown = run("diff", old, new, "--include-restricted")
    assert shown.exit_code == 1
    assert "courier" in shown.stdout


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("gone", None, "there is no such file"),
        ("a.yaml", b"report: [", "1 problem; kg check shows them all"),
        ("a.ttl", b"<urn:a> <urn:b> <urn:c> .", "nothing in it that kg build writes"),
        ("a.nq", b"\x00\xff", "a.nq"),
    ],
)
def test_what_cannot_be_compared_is_named(
    project_of: Callable[..., Path], tmp_path: Path, name: str, content: bytes | None, said: str
) -> None:
    project_of("old", SEED)
    if content is not None:
        (tmp_path / name).write_bytes(content)
    done = run("diff", "seeds", tmp_path / name)
    assert done.exit_code == 2 or isinstance(done.exception, Exception)
    assert said in str(done.exception)


def test_a_name_that_says_no_format_is_refused(project_of: Callable[..., Path], tmp_path: Path) -> None:
    project_of("old", SEED)
    assert ".md" in str(run("diff", "seeds", "seeds", "-o", tmp_path / "x.pdf").exception)


def test_the_shipped_export_is_the_shipped_seeds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    assert run("diff", "exports", "seeds").stdout == "no difference\n"


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
@pytest.mark.parametrize("more", ["", "    episode: herder-case\n"])
def test_nothing_of_a_restricted_equal_is_told(
    project_of: Callable[..., Path], order: tuple[int, int], more: str
) -> None:
    said = f"  - about: aman-tolek\n    {EVIDENCE}\n    occupation: courier\n    note: open\n"
    hidden = said.replace("open", "a secret remark") + "    access: restricted\n" + more
    old = project_of("old", HEAD + "assertions:\n" + said)
    new = project_of("new", HEAD + "assertions:\n" + "".join((said, hidden)[number] for number in order))
    assert run("build", "--include-restricted").exit_code == 0
    for one in (new, new / "seeds"):
        assert run("diff", old, one).stdout == "no difference\n"
    shown = run("diff", old, new / "exports-restricted").stdout
    assert "secret" not in shown
    assert "arrest" not in shown
    told = run("diff", old, new, "--include-restricted").stdout
    assert ("episodes: arrest of the herder" in told) == bool(more)


def test_each_side_is_read_with_the_settings_of_its_own_project(
    project_of: Callable[..., Path], tmp_path: Path
) -> None:
    withheld = SEED.replace("basis: first-hand", "basis: first-hand, access: withheld")
    one, other = project_of("one", withheld), project_of("other", SEED)
    (one / "kg.toml").write_text('base = "https://example.org/id/"\n')
    (other / "kg.toml").write_text('default-access = "restricted"\n')
    project_of("here", SEED)
    (tmp_path / "here" / "link").symlink_to(other / "seeds")
    here = Path.cwd()
    for two in ((other, other / "seeds"), (other, "link"), (other / "seeds" / "a.yaml", other)):
        assert run("diff", *two).stdout == "no difference\n"
    os.chdir(one)
    assert run("build").exit_code == 0
    os.chdir(here)
    assert run("diff", one / "exports", one).stdout == "no difference\n"
    found = json.loads(run("diff", "seeds", one, "-f", "json").stdout)
    named = [c["after"] or c["before"] for c in found["changes"] if c["of"] == "assertion"]
    assert sorted(iri.partition("assertion_")[0] for iri in named) == [
        "https://example.org/id/",
        DEFAULT_BASE,
    ]


def test_what_is_restricted_is_kept_out_of_the_public_export_of_either_side(
    project_of: Callable[..., Path],
) -> None:
    old = project_of("old", SEED)
    assert run("build").exit_code == 0
    project_of("new", SEED)
    for two in ((old, "."), (".", old / "seeds")):
        done = run("diff", *two, "--include-restricted", "-o", old / "exports" / "x.md")
        assert isinstance(done.exception, RefusedError)
    assert not (old / "exports" / "x.md").exists()


@pytest.mark.parametrize("name", ["x.jsonl", "x.csv", "x.XLSX", "x.yaml"])
def test_a_seed_is_not_written_over(project_of: Callable[..., Path], name: str) -> None:
    project_of("old", SEED)
    done = run("diff", "seeds", "seeds", "-f", "json", "-o", f"seeds/{name}")
    assert isinstance(done.exception, RefusedError)


def test_what_lives_only_where_it_is_restricted_is_withdrawn_in_public(
    project_of: Callable[..., Path],
) -> None:
    said = f"  - about: aman-tolek\n    {EVIDENCE}\n    occupation: courier\n"
    withdrawn = said + "    withdrawn: 2026-01-02\n"
    old = project_of("old", HEAD + "assertions:\n" + withdrawn)
    new = project_of("new", HEAD + "assertions:\n" + withdrawn + said + "    access: restricted\n")
    assert run("diff", old, new).stdout == "no difference\n"


@pytest.mark.parametrize("digits", ["9" * 31, "9" * 6000, "٣"])
@pytest.mark.parametrize("kind", ["start", "row", "cell"])
def test_places_of_a_foreign_graph_that_cannot_be_are_no_crash(
    project_of: Callable[..., Path], kind: str, digits: str
) -> None:
    old = project_of("old", SEED)
    assert run("build").exit_code == 0
    text = (old / "exports" / "kg.nq").read_text()
    start = '<http://www.w3.org/ns/oa#start> "10"'
    value = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#value> "
    other = {
        "start": start.replace("10", digits),
        "row": f'{value}"row={digits}"',
        "cell": f'{value}"cell=1,{digits}"',
    }
    assert start in text
    (old / "x.nq").write_text(text.replace(start, other[kind]))
    done = run("diff", old, "x.nq")
    assert (done.exit_code, done.exception.__class__) == (1, SystemExit), done.exception

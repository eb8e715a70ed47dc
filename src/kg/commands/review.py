"""The command in which people decide on proposals."""

from __future__ import annotations

import datetime
import os
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kg.commands.extract import said_elsewhere
from kg.commands.shared import count, echo, print_json, refuse_problems, tell, this_project
from kg.problems import Exit, KgError

if TYPE_CHECKING:
    from kg.build import Vocabulary
    from kg.drafts import Draft, Question
    from kg.project import Project
    from kg.review import Desk
    from kg.review_session import Tally
    from kg.review_text import Look

REVIEWER_VARIABLE = "KG_REVIEWER"
SCRIPTED = ("--list", "--accept", "--reject", "--accept-all", "--undo", "--merge", "--agreement")
"""What works without a terminal."""


@dataclass(frozen=True, slots=True)
class _Choice:
    """Which proposals are meant."""

    report: str
    engine: str
    min_score: float
    independent: bool


@click.command()
@click.option("--reviewer", metavar="NAME", help=f"Who decides; without it, {REVIEWER_VARIABLE} says so.")
@click.option("--report", default="", metavar="KEY", help="Only what is proposed of this report.")
@click.option("--engine", default="", metavar="NAME", help="Only what this engine proposes.")
@click.option(
    "--min-score",
    type=click.FloatRange(0, 1),
    default=0.0,
    metavar="SCORE",
    help="Only what the engine is at least so sure of, from 0 to 1.",
)
@click.option("--independent", is_flag=True, help="Ask what others have decided, too; agreement needs it.")
@click.option("--list", "list_", is_flag=True, help="List all proposals and how they stand.")
@click.option("--accept", "accepted", multiple=True, metavar="ID", help="Accept a proposal; repeatable.")
@click.option("--reject", "rejected", multiple=True, metavar="ID", help="Reject a proposal; repeatable.")
@click.option("--reason", default="", help="Why: with --reject.")
@click.option("--accept-all", is_flag=True, help="Accept all that --report, --engine and --min-score leave.")
@click.option("--undo", is_flag=True, help="Take back your last decision.")
@click.option(
    "--who",
    "whos",
    multiple=True,
    metavar="NAME=KEY",
    help="With --accept: whom a name means; KEY is new for somebody new. Repeatable.",
)
@click.option("--title", default="", help="With --accept, of a report that the project lacks: its title.")
@click.option("--publisher", default="", help="Likewise: key or name of its publisher.")
@click.option("--published", default="", metavar="DATE", help="Likewise: its day of publication.")
@click.option("--merge", "other", type=click.Path(path_type=Path), help="Take in another log of decisions.")
@click.option("--agreement", is_flag=True, help="Say how far reviewers agree.")
@click.option(
    "-f", "--format", "format_", type=click.Choice(["text", "json"]), default="text", show_default=True,
    help="How to print --list and --agreement.",
)  # fmt: skip
def review(
    reviewer: str | None,
    report: str,
    engine: str,
    min_score: float,
    independent: bool,
    list_: bool,
    accepted: tuple[str, ...],
    rejected: tuple[str, ...],
    reason: str,
    accept_all: bool,
    undo: bool,
    whos: tuple[str, ...],
    title: str,
    publisher: str,
    published: str,
    other: Path | None,
    agreement: bool,
    format_: str,
) -> None:
    """Decide on proposals, one at a time: accept, edit, reject, skip, undo.

    Each decision is kept at once in reviews/NAME.jsonl, which holds no sentence of a report. What is
    accepted becomes seeds in seeds/extracted, for kg build. Without options it asks at the terminal.
    """
    asked = [bool(x) for x in (list_, accepted, rejected, accept_all, undo, other is not None, agreement)]
    if sum(asked) > 1:
        raise click.UsageError(
            "give one of --list, --accept, --reject, --accept-all, --undo, --merge, --agreement"
        )
    if rejected and not reason.strip():
        raise click.UsageError("--reject needs a --reason")
    project = this_project()
    choice = _Choice(report, engine, min_score, independent)
    if other is not None:
        _merge(project, other)
    elif list_ or agreement:
        with _desk(project, "", may_write=False) as desk:
            (_list if list_ else _agreement)(desk, choice, format_)
    elif not any(asked):
        _sit_down(project, _reviewer(reviewer, ask=True), choice)
    else:
        described = (title, publisher, published)
        with _desk(project, _reviewer(reviewer)) as desk:
            if undo:
                _undo(desk)
            elif rejected:
                _reject(desk, rejected, reason.strip())
            elif accepted:
                _accept(desk, [desk.question(prefix) for prefix in accepted], whos, described)
            else:
                _accept_all(desk, choice, described)


def _reviewer(given: str | None, *, ask: bool = False) -> str:
    from kg.decisions import reviewer_fault

    name = (given or os.environ.get(REVIEWER_VARIABLE) or "").strip()
    if not name:
        if ask and sys.stdin.isatty():
            name = click.prompt("Your name or initials, as the graph shall show it", type=str).strip()
        else:
            raise click.UsageError(
                f"give --reviewer NAME, or set {REVIEWER_VARIABLE}: the graph says who decided"
            )
    if fault := reviewer_fault(name):
        raise click.UsageError(fault)
    return name


# ---------------------------------------------------------------- the desk


@contextmanager
def _desk(project: Project, reviewer: str, *, may_write: bool = True) -> Iterator[Desk]:
    """Give a desk at which everything is up to date; what is accepted at it becomes seeds when it is left."""
    from kg import decision_logs, proposal_files
    from kg.build import Vocabulary
    from kg.decision_logs import Logs
    from kg.proposals import Setting
    from kg.review import Desk

    vocabulary = Vocabulary.of(project)
    reading = said_elsewhere(project, vocabulary)
    keys = proposal_files.keys(project)
    reported = [each for key in keys if (each := proposal_files.load(project, key)) is not None]
    setting = Setting(project.root, vocabulary.ontology, vocabulary.choices, reading.corpus)
    with Logs(project, reviewer, _now, tell) as logs:
        if may_write:
            logs.open(False)  # what was never finished is mended before anything is read
        ledger, notices = decision_logs.load(project)
        for notice in notices:
            tell(notice)
        logs.follow(ledger)
        desk = Desk(setting, project.base, ledger, reported, reviewer, logs.write)
        if not may_write:
            _warn(desk)
            yield desk
            return
        _write_seeds(project, desk)
        if reading.problems:
            _refuse_broken_seeds(project, vocabulary)
        _recheck(desk)
        try:
            yield desk
        finally:
            _write_seeds(project, desk)
            _warn(desk)


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)


def _refuse_broken_seeds(project: Project, vocabulary: Vocabulary) -> None:
    """Seeds may speak of what only accepted proposals describe, so all are read before they are blamed."""
    from kg import build

    files = build.seed_files(project, (), Path.cwd())
    refuse_problems(build.read(project, vocabulary, files), "mend the seeds first; nothing was asked")


def _write_seeds(project: Project, desk: Desk) -> None:
    from kg import decision_logs, extracted

    ledger, _ = decision_logs.load(project)  # what another reviewer has decided meanwhile counts, too
    found = extracted.seeds(ledger, desk.composer.elsewhere)
    for problem in found.problems:
        tell(problem)
    reports = {decision.report for decision in ledger.decisions}
    extracted.write(project, found, reports, lambda name: tell(f"wrote {name}"))


def _recheck(desk: Desk) -> None:
    from kg.review_session import recheck_lines

    for report in desk.reported:
        known = desk.ledger.texts.get(report)
        findings = desk.recheck(report)
        if known is not None and known[0] != desk.reported[report].digest:
            for line in recheck_lines(report, findings):
                tell(line)


def _warn(desk: Desk) -> None:
    ledger = desk.ledger
    if ledger.disputed:
        names = ", ".join(proposal[:12] for proposal in ledger.disputed[:5])
        those = count(len(ledger.disputed), "proposal")
        tell(f"left out of the seeds, as reviewers do not agree: {those}: {names}")
    if ledger.stale:
        those = count(len(ledger.stale), "accepted assertion")
        tell(f"left out of the seeds, as the text has changed and does not say so: {those}; kg review asks")


# ---------------------------------------------------------------- at the terminal


def _sit_down(project: Project, reviewer: str, choice: _Choice) -> None:
    from kg.review_session import Session

    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise click.UsageError(
            f"kg review asks questions and needs a terminal; scripts use {', '.join(SCRIPTED)}"
        )
    with _desk(project, reviewer) as desk:
        questions = desk.questions(
            report=choice.report, engine=choice.engine, min_score=choice.min_score,
            independent=choice.independent,
        )  # fmt: skip
        stale = desk.stale(choice.report)
        if not questions and not stale:
            told = "; kg extract proposes some" if not desk.reported else ": all are decided"
            click.echo(f"nothing waits for review{told}")
            return
        click.echo(
            f"{count(len(questions) + len(stale), 'proposal')} to review as {reviewer}; ? explains the keys"
        )
        session = Session(desk, _ask, click.echo, _look(), choice.independent)
        tally = session.run(questions, stale)
    _say(tally)


def _ask(prompt: str) -> str:
    """Give a typed line; bytes that are no text of the terminal's encoding become question marks."""
    return input(prompt).encode("utf-8", "replace").decode()


def _look() -> Look:
    from kg.escape import encoding_of
    from kg.review_text import Look

    width = max(40, min(shutil.get_terminal_size((80, 24)).columns, 100))
    encoding = encoding_of(sys.stdout)
    if os.environ.get("NO_COLOR") or os.environ.get("TERM", "dumb") == "dumb":
        return Look(width, encoding)
    return Look(width, encoding, _style(bold=True), _style(dim=True), _style(fg="yellow"))


def _style(**how: object) -> Callable[[str], str]:
    def paint(text: str) -> str:
        indent = len(text) - len(text.lstrip(" "))
        return text[:indent] + click.style(text[indent:], **how)  # type: ignore[arg-type]

    return paint


def _say(tally: Tally) -> None:
    told = [
        f"{number:,} {word}"
        for number, word in (
            (tally.accepted, "accepted"), (tally.rejected, "rejected"), (tally.undone, "taken back"),
            (tally.skipped, "skipped"), (tally.left, "still to review"),
        )
        if number
    ]  # fmt: skip
    click.echo(", ".join(told) or "nothing was decided")


# ---------------------------------------------------------------- for scripts


def _selected(desk: Desk, choice: _Choice) -> list[Question]:
    return list(desk.all_questions(report=choice.report, engine=choice.engine, min_score=choice.min_score))


def _list(desk: Desk, choice: _Choice, format_: str) -> None:
    from kg.review_text import Look, list_line

    questions = _selected(desk, choice)
    if format_ == "json":
        print_json([_as_json(desk, question) for question in questions])
        return
    for question in questions:
        echo(list_line(question, Look()))
    tell(count(len(questions), "proposal"))


def _as_json(desk: Desk, question: Question) -> dict[str, object]:
    from kg import proposals

    by = {reviewer: d.decision.value for reviewer, d in desk.ledger.of_proposal(question.id).items()}
    engines = [
        {"engine": each.engine, "version": each.version, "score": each.proposal.score}
        for each in question.filed
    ]
    said = {"id": question.id, "report": question.report, "status": question.status.value}
    return {
        **said,
        "decisions": by,
        "engines": engines,
        "proposal": proposals.to_json(question.best.proposal),
    }


def _agreement(desk: Desk, choice: _Choice, format_: str) -> None:
    from kg.decisions import agreements
    from kg.review_text import Look, agreement_lines

    chosen = None
    if choice.report or choice.engine or choice.min_score:
        chosen = [question.id for question in _selected(desk, choice)]
    found = agreements(desk.ledger, chosen)
    if format_ == "json":
        print_json(
            [
                {"one": a.one, "other": a.other, "both": a.both, "alike": a.alike, "percent": a.percent,
                 "kappa": a.kappa, "both-accepted": a.both_accepted, "same-form": a.same_form}
                for a in found
            ]
        )  # fmt: skip
        return
    for line in agreement_lines(found, Look()):
        echo(line)
    if not found:
        tell("no two reviewers have decided the same proposal; --independent asks a second one")


def _undo(desk: Desk) -> None:
    last = desk.undo()
    if last is None:
        raise _found("there is nothing to undo")
    echo(f"taken back: {last.decision.value} {last.proposal[:12]}")


def _found(message: str) -> KgError:
    error = KgError(message)
    error.exit_code = Exit.FOUND
    return error


def _reject(desk: Desk, prefixes: Sequence[str], reason: str) -> None:
    questions = [desk.question(prefix) for prefix in prefixes]
    for question in questions:
        desk.reject(question, reason)
        echo(f"rejected {question.id[:12]}")


def _accept(
    desk: Desk, questions: Sequence[Question], whos: Sequence[str], described: tuple[str, str, str]
) -> None:
    from kg.drafts import Draft

    for question in questions:
        draft = Draft.of(question)
        _choose(desk, draft, whos)
        desk.composer.compose(draft)
        _describe(desk, question, described)
        desk.accept(draft)
        echo(f"accepted {question.id[:12]}")


def _choose(desk: Desk, draft: Draft, whos: Sequence[str]) -> None:
    from kg.drafts import NEW

    for who in whos:
        name, equals, key = who.rpartition("=")
        mentions = [m for m in draft.proposal.mentions if m.words == name]
        if not equals or not mentions:
            names = ", ".join(repr(mention.words) for mention in draft.proposal.mentions)
            raise click.UsageError(f"--who {who!r}: write NAME=KEY with one of the names {names}")
        if key != NEW and desk.composer.entity(key, draft.question.report) is None:
            raise click.UsageError(f"--who {who!r}: nobody has the key {key!r}")
        for mention in mentions:
            draft.chosen[mention.identity] = key


def _describe(desk: Desk, question: Question, described: tuple[str, str, str]) -> None:
    """Describe a report that the project does not know, by the options and what its file says."""
    if not desk.needs_description(question.report):
        return
    about = question.reported.about
    known = (about.title, about.publisher, about.published)
    title, publisher, published = (given or said for given, said in zip(described, known, strict=True))
    missing = [
        f"--{name}"
        for name, value in (("title", title), ("publisher", publisher), ("published", published))
        if not value
    ]
    if missing:
        raise _found(f"the project does not know the report {question.report!r}; give {', '.join(missing)}")
    desk.describe(question.report, title, publisher, published)


def _accept_all(desk: Desk, choice: _Choice, described: tuple[str, str, str]) -> None:
    from kg.drafts import Draft, UndecidedError

    questions = desk.questions(
        report=choice.report, engine=choice.engine, min_score=choice.min_score, independent=choice.independent
    )
    done, left = 0, []
    for question in questions:
        draft = Draft.of(question)
        try:
            composed = desk.composer.compose(draft)
        except UndecidedError as error:
            left.append(f"{question.id[:12]}: {error}")
            continue
        _describe(desk, question, described)
        desk.accept(draft, composed)
        done += 1
    for line in left:
        tell(line)
    echo(f"{done:,} accepted, {len(left):,} left for kg review, which asks who is meant")


def _merge(project: Project, other: Path) -> None:
    from kg import decision_logs

    new, known = decision_logs.merge(project, other)
    echo(f"{count(new, 'decision')} new, {known:,} known already")
    if new:
        with _desk_for_seeds(project) as desk:
            _tell_twice_described(desk)


@contextmanager
def _desk_for_seeds(project: Project) -> Iterator[Desk]:
    with _desk(project, "", may_write=False) as desk:
        yield desk
        _write_seeds(project, desk)


def _tell_twice_described(desk: Desk) -> None:
    """Say which keys two reviewers gave to somebody of two reports: the same one, or two of one name?"""
    by_key: dict[str, set[tuple[str, str]]] = {}
    for decision in desk.ledger.decisions:
        for key in decision.new:
            by_key.setdefault(key, set()).add((decision.reviewer, decision.report))
    for key, places in sorted(by_key.items()):
        reviewers = {reviewer for reviewer, _ in places}
        if len(reviewers) > 1 and len({report for _, report in places}) > 1:
            where = ", ".join(f"{reviewer} for {report}" for reviewer, report in sorted(places))
            tell(f"{key!r} was given by {where}; if they are not the same, undo one and accept it as new")

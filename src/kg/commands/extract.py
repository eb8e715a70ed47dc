"""The command that turns texts into proposals."""

from __future__ import annotations

import datetime
import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kg.commands.shared import count, tell, this_project
from kg.problems import Exit, KgError, RefusedError

if TYPE_CHECKING:
    from kg.build import Vocabulary
    from kg.documents import Document
    from kg.model import Corpus, Report
    from kg.project import Project
    from kg.proposal_files import Reported
    from kg.proposals import Engine, Proposal, Setting
    from kg.seeds import Reading

RULES_SECONDS = 120.0
"""How long the rules may take for one text."""
RULES_MEMORY = 4_000_000_000
MOST_REASONS = 3
"""How many of the reasons are told why proposals cannot be used."""


@dataclass(frozen=True, slots=True)
class _Job:
    """One file, and what is known of the report that it holds."""

    file: Path
    report: str
    known: Report | None
    published: str
    language: str
    restricted: bool


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, allow_dash=True))
@click.option("--report", metavar="KEY", help="The key of the report; without it, made of the file's name.")
@click.option(
    "--published", metavar="DATE", help="The day of publication, from which 'last month' is counted."
)
@click.option("--language", metavar="TAG", help="The language, such as en.")
@click.option(
    "--engine",
    "engine_name",
    default="rules",
    show_default=True,
    metavar="NAME",
    help="rules (offline), llm or llm:MODEL (the endpoint of [extract] in kg.toml), or command:PROGRAM.",
)
@click.option("--fresh", is_flag=True, help="Ask a model again, whatever it answered before.")
@click.option("--restricted", is_flag=True, help="What is accepted goes to the restricted seeds.")
@click.option(
    "-f",
    "--format",
    "format_",
    type=click.Choice(["jsonl", "facts"]),
    default="jsonl",
    show_default=True,
    help="Proposals, or one flat row for each fact.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, allow_dash=True),
    help="Write here (- is stdout) instead of filing the proposals for review.",
)
def extract(
    files: tuple[Path, ...],
    report: str | None,
    published: str | None,
    language: str | None,
    engine_name: str,
    fresh: bool,
    restricted: bool,
    format_: str,
    output: Path | None,
) -> None:
    """Propose what FILES say: plain text, HTML or PDF.

    Proposals are filed in the folder proposals/, which holds sentences of the reports and is ignored
    by git; kg review asks you about each. Nothing enters the graph before you accept it.
    """
    from kg.build import Vocabulary
    from kg.proposals import Setting

    project = this_project()
    vocabulary = Vocabulary.of(project)
    corpus = said_elsewhere(project, vocabulary).corpus
    setting = Setting(project.root, vocabulary.ontology, vocabulary.choices, corpus)
    engine = _engine(engine_name, setting, fresh)
    jobs = _jobs(files, project, corpus, report, published, language, restricted)
    _keep_here(jobs, engine)
    printed = format_ == "facts" or output is not None
    failed = Exit.OK
    made: list[bytes] = []
    for job in _progress(jobs):
        try:
            reported = _extracted(job, engine, setting, project)
            if printed:
                made.append(_printed(reported, format_))
            else:
                _file(project, reported, engine.name)
        except KgError as error:
            if len(jobs) == 1:
                raise
            tell(str(error))
            failed = max(failed, error.exit_code)
    for note in engine.notes():
        tell(note)
    if printed:
        _write(b"".join(made), output)
    if getattr(engine, "exhausted", False):
        failed = Exit.LIMIT
    elif getattr(engine, "unread", ()):
        failed = max(failed, Exit.FOUND)
    if failed:
        raise click.exceptions.Exit(failed)


def said_elsewhere(project: Project, vocabulary: Vocabulary) -> Reading:
    """Read every seed but those that come from accepted proposals; nothing where there are none."""
    from kg import build, extracted
    from kg.model import Corpus
    from kg.seeds import Reading

    files = {}
    if project.seeds.is_dir():
        try:
            files = build.seed_files(project, (), Path.cwd())
        except KgError:
            if any(project.seeds.rglob("*.yaml")):
                raise
    others = {path: data for path, data in files.items() if not extracted.is_extracted(path)}
    return build.read(project, vocabulary, others) if others else Reading(Corpus(), ())


# ---------------------------------------------------------------- what is to be read


def _jobs(
    files: Sequence[Path],
    project: Project,
    corpus: Corpus,
    report: str | None,
    published: str | None,
    language: str | None,
    restricted: bool,
) -> list[_Job]:
    from kg import dates, nt
    from kg.model import Access

    if report is not None and len(files) > 1:
        raise click.UsageError("--report names one report; give one FILE with it")
    if published is not None:
        _check(published, "--published", dates.parse)
    if language is not None:
        _check(language, "--language", lambda tag: nt.literal("", language=tag))
    jobs: dict[str, _Job] = {}
    known = {each.iri.removeprefix(f"{project.base}report_"): each for each in corpus.reports}
    for file in files:
        key = _key(file, report)
        if key in jobs:
            raise click.UsageError(f"{jobs[key].file} and {file} would both be report {key!r}")
        declared = known.get(key)
        hidden = restricted or (declared is not None and declared.access is Access.RESTRICTED)
        day = published or (declared.published if declared else "") or ""
        tag = language or (declared.language if declared else "") or ""
        jobs[key] = _Job(file, key, declared, day, tag, hidden)
        if report is not None and declared is None:
            _hint(key, list(known))
    return list(jobs.values())


def _check(text: str, option: str, check: Callable[[str], object]) -> None:
    try:
        check(text)
    except ValueError as error:
        raise click.UsageError(f"{option}: {error}") from None


def _key(file: Path, report: str | None) -> str:
    from kg.decisions import LONGEST_KEY
    from kg.linking import key_for

    if report is None and str(file) == "-":
        raise click.UsageError("standard input has no name; give --report KEY")
    wanted = file.stem if report is None else report
    key = key_for(wanted)
    if report is not None and key != report:
        right = f", such as {key!r}" if key else ""
        raise click.UsageError(f"{report!r} cannot be a key; use letters and digits joined by hyphens{right}")
    if not key or len(key.encode()) > LONGEST_KEY:
        raise click.UsageError(f"no key can be made of the name {file.name!r}; give --report KEY")
    return key


def _hint(key: str, known: Sequence[str]) -> None:
    from kg.problems import nearest

    near = nearest(key, known)
    meant = f"; did you mean {near!r}?" if near else ""
    tell(f"the project has no report {key!r} yet; kg review will ask for its title and publisher{meant}")


# ---------------------------------------------------------------- engines


def _engine(name: str, setting: Setting, fresh: bool) -> Engine:
    kind, _, argument = name.partition(":")
    if kind == "rules":
        from kg import rules_engine

        return rules_engine.engine(setting, argument)
    from kg.engines import factories
    from kg.engines.settings import of_project

    settings = of_project(setting.root, os.environ)
    made = factories(settings, _announce, fresh=fresh, environ=os.environ)
    if kind not in made:
        raise click.UsageError(f"no engine is called {name!r}; there are rules, {', '.join(made)}")
    return made[kind](setting, argument)


def _keep_here(jobs: Sequence[_Job], engine: Engine) -> None:
    """Refuse to send a restricted report to another machine."""
    hidden = [job.report for job in jobs if job.restricted]
    if hidden and getattr(engine, "leaves_machine", False):
        raise RefusedError(
            f"report {hidden[0]!r} is restricted, and {engine.name} would send it to another machine; "
            "use --engine rules, or a model on this one"
        )


def _announce(host: str, model: str, characters: int) -> None:
    tell(f"sending {characters:,} characters to {host} ({model})")


def _proposed(engine: Engine, text: str, day: datetime.date | None, language: str) -> list[Proposal]:
    if engine.name != "rules":
        return list(engine.propose(text, day, language))
    from kg.limits import run_limited

    return run_limited(
        _run_rules, engine, text, day, language,
        seconds=RULES_SECONDS, memory=RULES_MEMORY, what="reading by rules",
    )  # fmt: skip


def _run_rules(engine: Engine, text: str, day: datetime.date | None, language: str) -> list[Proposal]:
    return list(engine.propose(text, day, language))


# ---------------------------------------------------------------- one file


def _extracted(job: _Job, engine: Engine, setting: Setting, project: Project) -> Reported:
    from kg import documents
    from kg.proposal_files import About, Reported, usable
    from kg.proposals import Filed

    document = documents.read(job.file)
    for note in document.notes:
        tell(f"{job.file}: {note}")
    _require_same_text(job, document)
    day = job.published or document.published
    language = job.language or document.language
    published = _day(day)
    if published is None:
        tell(f"{job.file}: no day of publication is known, so that 'last month' means nothing; --published")
    found = _proposed(engine, document.text, published, language)
    good, bad = usable(found, document.text, setting)
    if bad:
        reasons = "; ".join(dict.fromkeys(bad[:MOST_REASONS]))
        tell(f"{job.file}: {count(len(bad), 'proposal')} cannot be used: {reasons}")
    about = About(
        document.kind, job.file.name, document.title, day, document.publisher, language, document.url,
        job.restricted,
    )  # fmt: skip
    filed = (Filed.of(each, document.text, job.report, engine.name, engine.version) for each in good)
    return Reported(job.report, document.text, about, tuple(filed))


def _day(text: str) -> datetime.date | None:
    """Give the day that a date is; None where it is a month, or about some day."""
    from kg import dates

    if not text:
        return None
    date = dates.parse(text)
    return date.earliest if date.earliest == date.latest and not date.approximate else None


def _require_same_text(job: _Job, document: Document) -> None:
    """Refuse a text in which the spans of the report's seeds would point somewhere else."""
    from kg import evidence

    whole = job.known.text if job.known else None
    if whole is None or (whole.end, whole.digest) == (len(document.text), evidence.digest(document.text)):
        return
    raise KgError(
        f"{job.file}: the seeds of report {job.report!r} were measured in another text, of {whole.end:,} "
        f"characters; this one has {len(document.text):,}. Extract from that one, or give this one a key of "
        "its own with --report"
    )


def _file(project: Project, reported: Reported, engine: str) -> None:
    from kg import decision_logs, proposal_files
    from kg.decisions import Status

    old = proposal_files.load(project, reported.report)
    if old is not None and old.about.restricted:
        reported = replace(reported, about=replace(reported.about, restricted=True))
    added = proposal_files.added(old, reported, engine)
    proposal_files.save(project, added.reported)
    ledger, _ = decision_logs.load(project)
    ids = {each.id for each in added.reported.filed}
    waiting = sum(ledger.status(id_) is Status.OPEN for id_ in ids)
    decided = len(ids) - waiting
    more = f", {decided} decided before" if decided else ""
    click.echo(
        f"{reported.report}: {count(len(ids), 'proposal')}, {added.new} new{more}, {waiting} to review"
    )
    known = ledger.texts.get(reported.report)
    if known is not None and known[0] != reported.digest:
        tell(f"{reported.report}: the text has changed; kg review looks for what was accepted of the old one")


def _printed(reported: Reported, format_: str) -> bytes:
    from kg import facts, proposal_files

    if format_ == "jsonl":
        return b"".join(proposal_files.lines(reported))
    rows = facts.rows(reported.report, reported.filed)
    return b"".join(json.dumps(row, ensure_ascii=False).encode() + b"\n" for row in rows)


def _write(data: bytes, output: Path | None) -> None:
    if output is None or str(output) == "-":
        click.echo(data, nl=False)
        return
    from kg.files import write_atomically

    # It may hold sentences of the reports.
    write_atomically(output, data, mode=0o600)


def _progress(jobs: Sequence[_Job]) -> Iterator[_Job]:
    if len(jobs) < 2 or not sys.stderr.isatty():
        yield from jobs
        return
    with click.progressbar(jobs, file=sys.stderr, label="reading", item_show_func=_shown) as bar:
        yield from bar


def _shown(job: _Job | None) -> str:
    return "" if job is None else job.report

"""The folder of proposals: each report's text and what engines found in it, for its reviewers' eyes only.

It holds sentences of reports, so git ignores it (the folder says so itself) and only its owner can read it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from kg import evidence, proposals
from kg.files import read_bytes_limited, write_atomically
from kg.problems import KgError
from kg.project import Project
from kg.proposals import Filed

FOLDER: Final = "proposals"
"""In the project's folder."""
FILE_LIMIT: Final = 1_000_000_000
"""Bytes of one file of proposals."""


@dataclass(frozen=True, slots=True)
class About:
    """What is known of a report when its text is read; what is not is empty."""

    kind: str = "text"
    file: str = ""
    """The name of the file that was read, without its folders."""
    title: str = ""
    published: str = ""
    publisher: str = ""
    language: str = ""
    url: str = ""
    restricted: bool = False
    """Whether what is accepted of it goes to the restricted seeds."""


@dataclass(frozen=True, slots=True)
class Reported:
    """One report: its text, and what was proposed of it, in the order of the text."""

    report: str
    text: str
    about: About
    filed: tuple[Filed, ...] = ()

    @property
    def digest(self) -> str:
        """The SHA-256 of the text."""
        return evidence.digest(self.text)


@dataclass(frozen=True, slots=True)
class Added:
    """What came of filing: the file as it is now, and how many proposals are `new` in it."""

    reported: Reported
    new: int
    dropped: int
    """Proposals of an earlier text, or that the same engine proposes no more."""
    changed: bool
    """Whether there was another text of this report before."""


def added(old: Reported | None, fresh: Reported, engine: str) -> Added:
    """Add what `engine` found now to what is on file.

    What it found before and finds no more goes, and so does everything that was found in another text.
    """
    if old is None:
        return Added(_sorted(fresh), len({each.id for each in fresh.filed}), 0, False)
    changed = old.text != fresh.text
    kept = () if changed else tuple(each for each in old.filed if each.engine != engine)
    known = {each.id for each in old.filed}
    now = replace(fresh, filed=(*kept, *fresh.filed))
    ids = {each.id for each in now.filed}
    return Added(_sorted(now), len(ids - known), len(known - ids), changed)


def _sorted(reported: Reported) -> Reported:
    """Put proposals into the order of the text, those of one place as their engine gave them."""
    unique: dict[tuple[str, str], Filed] = {}
    for each in reported.filed:
        unique.setdefault((each.id, each.engine), each)
    ordered = sorted(unique.values(), key=lambda each: (each.proposal.start, each.proposal.end))
    return replace(reported, filed=tuple(ordered))


# ---------------------------------------------------------------- on the disk


def folder_of(project: Project) -> Path:
    """Give the folder of proposals."""
    return project.root / FOLDER


def keys(project: Project) -> tuple[str, ...]:
    """Give the keys of the reports that have a file of proposals, sorted."""
    folder = folder_of(project)
    if not folder.is_dir():
        return ()
    return tuple(sorted(path.stem for path in folder.glob("*.jsonl") if not path.name.startswith(".")))


def save(project: Project, reported: Reported) -> Path:
    """Write the text and the proposals of a report; give the path of the latter.

    Killed in between, `load` finds that the two do not belong together and says so.

    Raises:
        KgError: they cannot be written.
    """
    folder = _private_folder(folder_of(project))
    path = folder / f"{reported.report}.jsonl"
    write_atomically(path.with_suffix(".txt"), reported.text.encode(), mode=0o600)
    write_atomically(path, b"".join(lines(reported)), mode=0o600)
    return path


def lines(reported: Reported) -> Iterator[bytes]:
    """Give the lines of a file of proposals: first the report, then one for each proposal."""
    about = {key: getattr(reported.about, key) for key in About.__dataclass_fields__}
    head: dict[str, Any] = {"report": reported.report}
    head |= {key: value for key, value in about.items() if value}
    head["text"] = {"length": len(reported.text), "digest": reported.digest}
    yield _line(head)
    for each in reported.filed:
        names = {"id": each.id, "engine": each.engine, "version": each.version}
        said = {"digest": each.digest, "quote": each.quote}
        yield _line({**names, **proposals.to_json(each.proposal), **said})


def _line(value: dict[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def load(project: Project, report: str) -> Reported | None:
    """Read what is on file of a report; None where there is nothing.

    Positions are checked against the text, and names and quotes are worked out anew.

    Raises:
        KgError: a file cannot be read, or is not as `save` wrote it.
    """
    path = folder_of(project) / f"{report}.jsonl"
    if not path.exists():
        return None
    text = evidence.decode(read_bytes_limited(path.with_suffix(".txt"), FILE_LIMIT, "the text"))
    rows = _rows(read_bytes_limited(path, FILE_LIMIT, "the proposals"), path)
    head = rows[0] if rows else {}
    if not isinstance(head.get("text"), dict) or head["text"].get("digest") != evidence.digest(text):
        raise KgError(f"{path} is not of the text in {path.with_suffix('.txt').name}; run kg extract again")
    about = About(**{key: head[key] for key in About.__dataclass_fields__ if key in head})
    filed = tuple(_filed(row, text, report, f"{path}:{n}") for n, row in enumerate(rows[1:], 2))
    return Reported(report, text, about, filed)


def _rows(data: bytes, path: Path) -> list[dict[str, Any]]:
    found = []
    for number, line in enumerate(data.splitlines(), 1):
        try:
            value = json.loads(line)
        except (ValueError, RecursionError):
            raise KgError(f"{path}:{number}: this line is not JSON; run kg extract again") from None
        if not isinstance(value, dict):
            raise KgError(f"{path}:{number}: a line is one object: {{…}}; run kg extract again")
        found.append(value)
    return found


_OURS: Final = ("id", "engine", "version", "digest", "quote")


def _filed(row: dict[str, Any], text: str, report: str, where: str) -> Filed:
    try:
        proposal = proposals.from_json({key: value for key, value in row.items() if key not in _OURS})
    except ValueError as error:
        raise KgError(f"{where}: {error}; run kg extract again") from None
    if not 0 <= proposal.start < proposal.end <= len(text):
        raise KgError(f"{where}: its span lies outside the text; run kg extract again")
    return Filed.of(proposal, text, report, str(row.get("engine", "")), str(row.get("version", "")))


def _private_folder(folder: Path) -> Path:
    """Make a folder that only its owner can enter, and that tells git to look away."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        said = os.strerror(error.errno) if error.errno else str(error)
        raise KgError(f"cannot make the folder {folder}: {said.lower()}") from error
    ignore = folder / ".gitignore"
    if not ignore.exists():
        write_atomically(ignore, b"# Sentences of reports: never to be published.\n*\n", mode=0o600)
    return folder


def usable(
    found: Iterable[proposals.Proposal], text: str, setting: proposals.Setting
) -> tuple[list[proposals.Proposal], list[str]]:
    """Part proposals into those that can be used and the reasons why the others cannot."""
    good: list[proposals.Proposal] = []
    bad: list[str] = []
    for proposal in found:
        problem = proposals.fault(proposal, text, setting)
        if problem is None:
            good.append(proposal)
        else:
            bad.append(f"{proposal.rule}: {problem}" if proposal.rule else problem)
    return good, bad


def only(reported: Sequence[Reported], report: str) -> Reported:
    """Give the one of a report.

    Raises:
        KgError: nothing was proposed of it.
    """
    for each in reported:
        if each.report == report:
            return each
    known = ", ".join(each.report for each in reported) or "none"
    raise KgError(f"no proposals of a report {report!r}; there are those of: {known}")

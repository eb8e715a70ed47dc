"""A difference as text, Markdown and JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict
from itertools import groupby

from kg.diff import Change, Detail, Difference
from kg.dossier_text import for_markdown, wrap
from kg.escape import for_terminal

_SIGNS = {"added": "+", "removed": "-"}
_HEADINGS = {"entity": "Entities", "report": "Reports", "source": "Sources", "episode": "Episodes"}
LONGEST = 300
"""Characters of one value that are shown; JSON has all of it."""


def text(difference: Difference, *, width: int = 80, encoding: str = "utf-8") -> str:
    """Give lines for a terminal, changes grouped by report; ends with how many there are."""

    def quote(value: str) -> str:
        return for_terminal(_cut(value), encoding)

    lines: list[str] = []
    for heading, changes in _grouped(difference):
        lines += ["", *wrap(quote(heading), width)] if lines else wrap(quote(heading), width)
        for change in changes:
            sign = _SIGNS.get(change.kind, "*")
            lines += wrap(f"{change.kind}: {quote(change.subject)}", width, f"  {sign} ", "      ")
            for detail in change.details:
                lines += wrap(_detail(detail, quote), width, "      ", "        ")
    lines += ["", *wrap(_summary(difference), width)] if lines else [_summary(difference)]
    return "\n".join(lines) + "\n"


def markdown(difference: Difference) -> str:
    """Give what a review on a code host shows: a heading for each report, an item for each change."""
    lines = [f"**{_summary(difference)}**"]
    for heading, changes in _grouped(difference):
        lines += ["", f"### {_marked_down(heading)}", ""]
        for change in changes:
            lines.append(f"- **{change.kind}**: {_marked_down(change.subject)}")
            lines += [f"  - {_detail(detail, _marked_down)}" for detail in change.details]
    return "\n".join(lines) + "\n"


def as_json(difference: Difference) -> bytes:
    """Give every change with all that was and is; `before` and `after` are IRIs or null."""
    found = {"counts": difference.counts, "changes": [asdict(change) for change in difference.changes]}
    return (json.dumps(found, ensure_ascii=False, indent=1) + "\n").encode()


def _grouped(difference: Difference) -> Iterator[tuple[str, list[Change]]]:
    def heading(change: Change) -> str:
        return (
            change.report or "(a report without a title)"
            if change.of == "assertion"
            else _HEADINGS[change.of]
        )

    for name, changes in groupby(difference.changes, heading):
        yield name, list(changes)


def _detail(detail: Detail, quote: Callable[[str], str]) -> str:
    name = quote(detail.name)
    if not detail.before:
        return f"{name}: {quote(detail.after)}"
    if not detail.after:
        return f"{name}: no longer {quote(detail.before)}"
    return f"{name}: from {quote(detail.before)} to {quote(detail.after)}"


def _marked_down(value: str) -> str:
    return for_markdown(_cut(value))


def _cut(value: str) -> str:
    return value if len(value) <= LONGEST else f"{value[: LONGEST - 1]}…"


def _summary(difference: Difference) -> str:
    if not difference.changes:
        return "no difference"
    said = []
    for name, number in difference.counts.items():
        plural, _, kind = name.partition(" ")
        singular = "entity" if plural == "entities" else plural.removesuffix("s")
        said.append(f"{number:,} {singular if number == 1 else plural} {kind}")
    return ", ".join(said)

"""Commands that answer in words, figures and pictures: show, stats, path, conflicts."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kg.commands.shared import (
    count,
    dataset_of,
    echo,
    print_json,
    problem_format,
    restricted_option,
    stop,
    tell,
    this_project,
    write,
)
from kg.problems import Exit

if TYPE_CHECKING:
    from kg.analysis import Result
    from kg.conflicts import Conflict
    from kg.graph import KnowledgeGraph

DOSSIER_FORMATS = ("text", "json", "md", "html")
TIMELINE_FORMATS = ("text", "json", "svg", "png")
PEOPLE_FORMATS = ("csv", "json", "md", "xlsx")
STATS = (
    "overview", "places", "countries", "months", "reports", "sources", "connections", "components",
    "communities", "centrality",
)  # fmt: skip
_ONE = {"months": "month", "places": "place", "countries": "country"}
THROUGH = ("place", "country", "court", "organization", "accusation", "report", "source", "episode")


def _loaded(include_restricted: bool) -> KnowledgeGraph:
    from kg import graph

    project = this_project()
    return graph.load(dataset_of(project, include_restricted), base=project.base)


def _conflicts(loaded: KnowledgeGraph) -> tuple[Conflict, ...]:
    """Give the conflicts by our rules and the project's own."""
    from kg.build import Vocabulary
    from kg.conflicts import conflicts

    return conflicts(loaded.triples, Vocabulary.of(this_project()).conflicts_files)


def _format(given: str | None, output: Path | None, choices: tuple[str, ...]) -> str:
    """Give the format: that of -f, else that of the file's extension, else the first."""
    extension = output.suffix.lower().lstrip(".") if output else ""
    chosen = given or {"markdown": "md", "txt": "text", "htm": "html"}.get(extension, extension) or choices[0]
    if chosen not in choices:
        raise click.UsageError(f"no format {chosen!r} here; choose from {', '.join(choices)}")
    return chosen


@click.command()
@click.argument("name", required=False)
@click.option(
    "--timeline", is_flag=True, help="What is dated, and what follows from it: text, json, svg, png."
)
@click.option("--people", is_flag=True, help="One row per person: csv, json, md, xlsx.")
@click.option("--groups", is_flag=True, help="With --people: groups of persons, too.")
@click.option(
    "--until",
    type=click.DateTime(["%Y-%m-%d"]),
    help="With --timeline: the day from which to say since when there is no news.",
)
@click.option(
    "-f", "--format", "format_", metavar="FORMAT", help="text, json, md or html; as -o says, else text."
)
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Write to this file instead of stdout.")
@restricted_option
def show(
    name: str | None,
    timeline: bool,
    people: bool,
    groups: bool,
    until: datetime.datetime | None,
    format_: str | None,
    output: Path | None,
    include_restricted: bool,
) -> None:
    """Say in plain words what is said of NAME, by whom, how sure.

    NAME is a name, a key or an IRI of a person, place, court, source, report, episode or
    assertion. A name that fits several lists them (exit 1).
    """
    if people == (name is not None):
        raise click.UsageError("give a NAME, or --people for a row each")
    loaded = _loaded(include_restricted)
    if people:
        data = _people(loaded, groups, _format(format_, output, PEOPLE_FORMATS))
    elif timeline:
        day = until.date() if until else None
        data = _timeline(loaded, name or "", day, _format(format_, output, TIMELINE_FORMATS))
    else:
        data = _dossier(loaded, name or "", _format(format_, output, DOSSIER_FORMATS))
    write(data, output, restricted=include_restricted)


def _dossier(loaded: KnowledgeGraph, name: str, format_: str) -> bytes:
    from kg import dossier_html, dossier_text

    found = loaded.dossier(name, _conflicts(loaded))
    if format_ == "json":
        return dossier_text.as_json(found)
    if format_ == "html":
        return dossier_html.html(found).encode()
    return (dossier_text.markdown(found) if format_ == "md" else dossier_text.text(found)).encode()


def _timeline(loaded: KnowledgeGraph, name: str, until: datetime.date | None, format_: str) -> bytes:
    import json

    from kg import chronology

    found = loaded.timeline(name, until)
    if format_ == "json":
        return (json.dumps(chronology.plain(found), ensure_ascii=False, indent=1) + "\n").encode()
    if format_ == "text":
        return chronology.text(found).encode()
    from kg.timeline_svg import svg

    return _picture(svg(found), format_)


def _people(loaded: KnowledgeGraph, groups: bool, format_: str) -> bytes:
    from kg import people

    rows = loaded.people(groups=groups)
    writers: Mapping[str, Callable[[Any], bytes | str]] = {
        "csv": people.as_csv,
        "json": people.as_json,
        "md": people.markdown,
        "xlsx": people.xlsx,
    }
    written = writers[format_](rows)
    return written.encode() if isinstance(written, str) else written


def _picture(svg: bytes, format_: str) -> bytes:
    from kg.raster import png

    return png(svg) if format_ == "png" else svg


@click.command()
@click.argument("what", type=click.Choice(STATS), default="overview")
@click.option(
    "--through", type=click.Choice(THROUGH), default="place", help="With connections: what ties people."
)
@click.option("--seed", type=int, default=0, show_default=True, help="For communities and sampled paths.")
@click.option(
    "-f", "--format", "format_", metavar="FORMAT", help="table, csv or json; as -o says, else table."
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help="Write to this file; .svg or .png draws: bars of months, places and countries, else the network.",
)
@click.option(
    "--predicate", "predicates", multiple=True, help="With months and places: only this, such as detained-at."
)
@click.option("--focus", help="In a picture of the network: this entity and what lies around it.")
@restricted_option
def stats(
    what: str,
    through: str,
    seed: int,
    format_: str | None,
    output: Path | None,
    focus: str | None,
    predicates: tuple[str, ...],
    include_restricted: bool,
) -> None:
    """Count and connect: sizes, places, months, ties, centrality.

    Counts measure what reports cover, not what happens.
    """
    from kg import analysis

    _require_predicates(predicates)
    loaded = _loaded(include_restricted)
    chosen = _format(format_, output, ("table", "csv", "json", "svg", "png"))
    if chosen in ("svg", "png"):
        drawn = _drawn(loaded, what, seed, focus, predicates)
        write(_picture(drawn, chosen), output, restricted=include_restricted)
        return
    found = _counted(loaded, what, through, seed, predicates)
    write(analysis.written(found, chosen).encode(), output, restricted=include_restricted)


def _require_predicates(names: Sequence[str]) -> None:
    from kg.build import Vocabulary
    from kg.problems import nearest

    known = Vocabulary.of(this_project()).ontology.predicates
    for name in names:
        if name not in known:
            near = nearest(name, known)
            right = f"did you mean {near!r}?" if near else f"there are {', '.join(known)}"
            raise click.UsageError(f"no predicate is called {name!r}; {right}")


def _counted(
    loaded: KnowledgeGraph, what: str, through: str, seed: int, predicates: Sequence[str]
) -> Result[Any]:
    from kg import analysis

    index = loaded.index
    answers: Mapping[str, Callable[[], Result[Any]]] = {
        "overview": lambda: analysis.overview(index, loaded.to_networkx()),
        "places": lambda: analysis.by_place(index, predicates=predicates),
        "countries": lambda: analysis.by_country(index),
        "months": lambda: analysis.by_month(index, predicates=predicates),
        "reports": lambda: analysis.by_report(index),
        "sources": lambda: analysis.by_source(index),
        "connections": lambda: analysis.connections(index, through, base=loaded.base),
        "components": lambda: analysis.components(loaded.to_networkx()),
        "communities": lambda: analysis.communities(loaded.to_networkx(), seed=seed),
        "centrality": lambda: analysis.centrality(loaded.to_networkx(), seed=seed),
    }
    return answers[what]()


def _drawn(
    loaded: KnowledgeGraph, what: str, seed: int, focus: str | None, predicates: Sequence[str]
) -> bytes:
    if what in ("months", "places", "countries"):
        return _bars(loaded, what, predicates)
    from kg import network_svg

    around = loaded.find(focus) if focus else None
    title = (
        f"What is said of {loaded.index.label(around)}" if around else "Who and what the reports tie together"
    )
    return network_svg.svg(loaded.to_networkx(), title=title, seed=seed, focus=around)


def _bars(loaded: KnowledgeGraph, what: str, predicates: Sequence[str]) -> bytes:
    from kg import analysis
    from kg.bars_svg import Bar, svg

    found = _counted(loaded, what, "place", 0, predicates)
    if what == "months":
        dated = [row for row in found.rows if row.month not in (analysis.UNDATED, analysis.TOO_WIDE)]
        bars = [Bar(row.month, row.certain, row.possible) for row in dated]
        rest = sum(row.certain + row.possible for row in found.rows if row not in dated)
        note = f"Hatched: further ones whose date can mean another month, too. Not drawn: {rest} undated."
    else:
        rows = [row for row in found.rows if row.predicate == analysis.ANY]
        people = ((row.label, row.persons + row.groups, row.only_alleged) for row in rows)
        bars = [Bar(label, all_ - alleged, alleged) for label, all_, alleged in people]
        note = "Hatched: those of whom nothing of it is more than alleged. A group counts as one."
    of = f" ({', '.join(predicates)})" if predicates else ""
    return svg(bars, title=f"Persons and groups by {_ONE[what]}{of}", unit="persons and groups", note=note)


@click.command()
@click.argument("start")
@click.argument("end")
@click.option(
    "-k", "number", type=click.IntRange(1, 50), default=1, show_default=True, help="How many paths."
)
@click.option(
    "--avoid", multiple=True, default=("country",), show_default=True, help="Go round this type; repeatable."
)
@click.option(
    "-f",
    "--format",
    "format_",
    type=click.Choice(["text", "csv", "json"]),
    default="text",
    show_default=True,
    help="How to print it.",
)
@restricted_option
def path(
    start: str, end: str, number: int, avoid: tuple[str, ...], format_: str, include_restricted: bool
) -> None:
    """Show how START and END are connected, hop by hop, and who says so.

    Exits 1 if nothing connects them.
    """
    from kg import analysis

    loaded = _loaded(include_restricted)
    ends = (loaded.find(start), loaded.find(end))
    found = analysis.path(loaded.index, loaded.to_networkx(), *ends, k=number, avoid=avoid)
    written = analysis.path_text(found) if format_ == "text" else analysis.written(found, format_)
    click.echo(written, nl=False)
    if not found.rows:
        stop(Exit.FOUND)


@click.command()
@restricted_option
@problem_format
def conflicts(include_restricted: bool, format_: str) -> None:
    """List assertions that cannot both hold, both sides.

    The rules are SHACL shapes in files whose names begin with conflicts: ours, and those that
    kg.toml names. Nothing is removed or retired. Exits 1 if there are any.
    """
    loaded = _loaded(include_restricted)
    found = _conflicts(loaded)
    if format_ == "json":
        print_json([loaded.sides(conflict) for conflict in found])
    for conflict in found if format_ == "text" else ():
        echo(f"{conflict.rule}: {conflict.message}")
        for side in loaded.sides(conflict)["sides"]:
            echo(f"    {side['said']}")
            echo(f"        {side['told']} [{side['assertion']}]")
    tell(count(len(found), "conflict"))
    if found:
        stop(Exit.FOUND)

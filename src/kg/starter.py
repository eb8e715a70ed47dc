"""The files of a new project: settings, two small reports by invented people, and tables to fill."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from kg import evidence, table_template
from kg.evidence import Span
from kg.ontology import Ontology
from kg.problems import RefusedError
from kg.project import CONFIG
from kg.schema import schema
from kg.table_form import ASSERTIONS, Sheet, columns

TEMPLATES: Final = "templates"
"""The folder of the tables to fill: as seeds, they would say nothing."""

_SETTINGS: Final = """\
# The settings of this project; every key may be left out.
title = "My project"
description = "What reports say, who said it, where, and how sure."
# license = "https://creativecommons.org/licenses/by/4.0/"  # of the data
base = "https://example.org/id/"  # every IRI of the data begins with it: take an address of your own
default-access = "public"         # what an item without a mark is: public or restricted
seeds = "seeds"
exports = "exports"
"""

_IGNORED: Final = """\
# What is restricted stays on this machine.
restricted/
exports-restricted/
# What programs leave beside a file that is open.
~$*
.~lock.*
.kg-*
"""

_POST: Final = """\
Herder taken from Upper Valley, friend says

By our correspondent. 4 March 2021

Aman Tolek, a herder, was taken from his house in Upper Valley in early February by men of \
the Valley Police, a friend of his told the Valley Post. He is being held in Stonebridge, the \
friend said. Nobody has told the family what he is accused of.

The Valley Police did not answer our questions.
"""

_COURIER: Final = """\
Two years for herder

9 June 2021

The district court of Stonebridge has sentenced the herder Aman Tolek to two years in prison, \
a clerk of the court told the Hill Courier. His cousin Bek Oraz denies that there was a trial.
"""

_SEED: Final = """\
# yaml-language-server: $schema=schema.json
#
# One report, and what it says. The text that the positions count in is texts/valley-post.txt;
#   kg cite texts/valley-post.txt "a herder"
# prints such a position, and kg verify valley-post-1 --text texts/valley-post.txt checks them all.
report:
  key: valley-post-1
  title: Herder taken from Upper Valley, friend says
  publisher: valley-post
  published: 2021-03-04
  language: en
  text: {{length: {length}, digest: {digest}}}

# Who told it. What the report says in its own voice needs no source.
sources:
  friend:
    speaker: friend
    relation: friend

person:
  aman-tolek: Aman Tolek
  friend: {{unnamed: a friend of Aman Tolek}}
organization:
  valley-post: Valley Post
  valley-police: Valley Police
place:
  upper-valley: Upper Valley
  stonebridge: Stonebridge

# An arrest or a case that several reports tell of.
episodes:
  arrest-of-aman-tolek: arrest of Aman Tolek, February 2021

assertions:
  - about: aman-tolek
    {herder}
    occupation: herder

  - about: aman-tolek
    told-by: friend
    {taken}
    episode: arrest-of-aman-tolek
    date: 2021-02~
    inferred: yes
    detained-at: {{value: upper-valley, place-detail: his house}}
    detained-by: valley-police

  - about: aman-tolek
    told-by: friend
    {held}
    episode: arrest-of-aman-tolek
    held-at: stonebridge
"""


def files(ontology: Ontology, choices: Mapping[str, tuple[str, ...]]) -> dict[str, bytes]:
    """Give the files of a new project by their paths in it; ``kg build`` there works at once.

    `choices` are the closed vocabularies, by property IRI (`kg.ontology.closed_values`).
    """
    form = table_template.csv_files(ontology, "table")
    return {
        CONFIG: _SETTINGS.encode(),
        ".gitignore": _IGNORED.encode(),
        "texts/valley-post.txt": _POST.encode(),
        "texts/hill-courier.txt": _COURIER.encode(),
        "seeds/valley-post.yaml": _post().encode(),
        "seeds/hill-courier.xlsx": table_template.xlsx(ontology, choices, _courier(ontology)),
        "seeds/schema.json": schema(ontology, choices),
        f"{TEMPLATES}/table.xlsx": table_template.xlsx(ontology, choices),
        **{f"{TEMPLATES}/{name}": data for name, data in form.items()},
    }


def refuse_what_is_there(folder: Path, paths: Mapping[str, bytes]) -> None:
    """Refuse to begin a project where there is one, or to write over anything.

    Raises:
        RefusedError: one of the files is there already.
    """
    if (folder / CONFIG).exists() or (folder / CONFIG).is_symlink():
        raise RefusedError(f"{folder / CONFIG} is there already: this is a project; name another folder")
    for path in paths:
        if (folder / path).exists() or (folder / path).is_symlink():
            raise RefusedError(
                f"{folder / path} is there already, and nothing is overwritten; name another folder"
            )


# ---------------------------------------------------------------- the two reports


def _post() -> str:
    whole = Span.of(_POST, 0, len(_POST))
    return _SEED.format(
        length=whole.end,
        digest=whole.digest,
        herder=evidence.locator(evidence.cite(_POST, "Aman Tolek, a herder")),
        taken=evidence.locator(
            evidence.cite(
                _POST,
                "was taken from his house in Upper Valley in early February by men of the Valley Police, "
                "a friend of his told the Valley Post",
            )
        ),
        held=evidence.locator(evidence.cite(_POST, "He is being held in Stonebridge, the friend said")),
    )


def _courier(ontology: Ontology) -> tuple[Sheet, ...]:
    whole = Span.of(_COURIER, 0, len(_COURIER))
    sentenced = _place(
        "The district court of Stonebridge has sentenced the herder Aman Tolek to two years in prison, "
        "a clerk of the court told the Hill Courier"
    )
    denied = _place("His cousin Bek Oraz denies that there was a trial")
    case = {"subject": "aman-tolek", "report": "hill-courier-1", "episode": "arrest-of-aman-tolek"}
    return (
        _sheet(
            ontology,
            ASSERTIONS,
            {**case, **sentenced, "predicate": "sentenced-to", "object": "2 years", "told-by": "clerk"},
            {
                **case,
                **sentenced,
                "predicate": "sentenced-by",
                "object": "stonebridge-court",
                "told-by": "clerk",
            },
            {
                **case,
                **denied,
                "predicate": "sentenced-by",
                "object": "stonebridge-court",
                "told-by": "cousin",
                "polarity": "denied",
                "note": "He says that there was no trial at all.",
            },
            {
                **case,
                **denied,
                "predicate": "relative-of",
                "object": "bek-oraz",
                "role": "cousin",
                "episode": "",
            },
        ),
        _sheet(
            ontology,
            "entities",
            {"class": "organization", "key": "hill-courier", "label": "Hill Courier"},
            {"class": "court", "key": "stonebridge-court", "label": "District court of Stonebridge"},
            {"class": "person", "key": "bek-oraz", "label": "Bek Oraz"},
            {
                "class": "person",
                "key": "clerk",
                "unnamed": "a clerk of the court",
                "report": "hill-courier-1",
            },
        ),
        _sheet(
            ontology,
            "sources",
            {"report": "hill-courier-1", "key": "clerk", "speaker": "clerk", "basis": "first-hand"},
            {"report": "hill-courier-1", "key": "cousin", "speaker": "bek-oraz", "basis": "family"},
        ),
        _sheet(
            ontology,
            "reports",
            {
                "key": "hill-courier-1",
                "title": "Two years for herder",
                "publisher": "hill-courier",
                "published": "2021-06-09",
                "language": "en",
                "length": str(whole.end),
                "digest": whole.digest,
            },
        ),
    )


def _place(words: str) -> dict[str, str]:
    span = evidence.cite(_COURIER, words)
    return {"start": str(span.start), "end": str(span.end), "digest": span.digest}


def _sheet(ontology: Ontology, name: str, *records: Mapping[str, str]) -> Sheet:
    header = columns(name, ontology)
    return Sheet(name, header, tuple(tuple(record.get(key, "") for key in header) for record in records))

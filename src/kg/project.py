"""A project's settings: `kg.toml` in its folder, or what holds without one."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from kg import nt
from kg.files import read_bytes_limited
from kg.model import Access
from kg.namespaces import DEFAULT_BASE, PREFIXES, prefixes
from kg.problems import KgError, RefusedError, nearest

CONFIG = "kg.toml"
CONFIG_LIMIT = 1_000_000
"""Bytes of `kg.toml`."""
RESTRICTED_FOLDER = "restricted"
"""Whatever lies in a folder of this name is restricted unless it is marked otherwise."""


@dataclass(frozen=True, slots=True)
class Project:
    """Settings; paths are absolute."""

    root: Path
    title: str = "Reported facts"
    description: str = ""
    license: str | None = None
    base: str = DEFAULT_BASE
    default_access: Access = Access.PUBLIC
    seeds: Path = Path("seeds")
    exports: Path = Path("exports")
    ontology: tuple[Path, ...] = ()
    shapes: tuple[Path, ...] = ()

    @property
    def prefixes(self) -> dict[str, str]:
        """All prefixes, with `id:` for the project's own IRIs."""
        return prefixes(self.base)


def find(start: Path) -> Project:
    """Give the project that `start` is in: the nearest folder upward that holds `kg.toml`.

    Without one, `start` itself is the project and every setting has its default.

    Raises:
        KgError: `kg.toml` cannot be read, or holds a key or value that means nothing.
    """
    start = start.resolve()
    for folder in (start, *start.parents):
        # A link to nothing counts: passed over, the marks that it sets would be lost in silence.
        if os.path.lexists(folder / CONFIG):
            return _read(folder)
    return _placed(Project(start))


def refuse_public_place(project: Project, output: Path, *, restricted: bool) -> None:
    """Refuse to write what is restricted into the folder of the public export, or below it.

    Raises:
        RefusedError: it is restricted, and would lie there.
    """
    place, public = (Path(os.path.realpath(path)) for path in (output, project.exports))
    if restricted and public in (place, *place.parents):
        raise RefusedError(f"{output} lies in the place of the public export; name another with -o")


_SEEDS = (".yaml", ".yml", ".jsonl", ".csv", ".tsv", ".xlsx", ".ods")


def refuse_seed(project: Project, output: Path) -> None:
    """Refuse to write over what may be a seed: nobody could bring it back.

    Raises:
        RefusedError: `output` is named like a seed and lies among the project's seeds.
    """
    place, seeds = (Path(os.path.realpath(path)) for path in (output, project.seeds))
    if output.suffix.lower() in _SEEDS and seeds in place.parents:
        raise RefusedError(f"{output} is named like a seed and lies among them; name another with -o")


def _read(root: Path) -> Project:
    path = root / CONFIG
    try:
        text = read_bytes_limited(path, CONFIG_LIMIT, "the settings").decode("utf-8-sig")
        settings = tomllib.loads(text)
    except UnicodeDecodeError as error:
        raise KgError(f"{path}: this is not UTF-8; save it in that encoding") from error
    except tomllib.TOMLDecodeError as error:
        raise _not_toml(path, str(error)) from error
    except RecursionError as error:
        raise KgError(f"{path}: nested too deeply; a setting is a text or a list of texts") from error
    return _apart(_placed(_settings(Project(root), settings, path)), path)


def _not_toml(path: Path, message: str) -> KgError:
    place = re.search(r" \(at line ([0-9]+), column ([0-9]+)\)$", message)
    where = f"{path}:{place[1]}:{place[2]}" if place else str(path)
    said = message[: place.start()] if place else message
    return KgError(f"{where}: not TOML: {said[:1].lower()}{said[1:]}")


_FILES = ("ontology", "shapes")
_TABLES = ("extract",)
"""Tables that another module reads: `kg.engines.settings`."""
_KEYS = (*_FILES, *_TABLES, "title", "description", "license", "base", "seeds", "exports", "default-access")


def _settings(project: Project, settings: Mapping[str, object], path: Path) -> Project:
    for key, value in settings.items():
        if key not in _KEYS:
            near = nearest(key, _KEYS)
            meant = f"; did you mean {near!r}?" if near else f"; the keys are {', '.join(sorted(_KEYS))}"
            raise KgError(f"{path}: unknown key {_short(key)}{meant}")
        if key in _TABLES:
            if not isinstance(value, dict):
                raise KgError(f"{path}: {key} is a table; write [{key}] on a line of its own, keys below it")
        elif key in _FILES:
            if not (isinstance(value, list) and all(isinstance(item, str) for item in value)):
                raise KgError(f"{path}: {key} is a list of file names, such as {key} = ['more.ttl']")
            paths = tuple(Path(_text(item, key, path)) for item in value)
            project = (
                replace(project, ontology=paths) if key == "ontology" else replace(project, shapes=paths)
            )
        else:
            project = _set(project, key, _text(value, key, path), path)
    return _checked(project, path)


_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")


def _text(value: object, key: str, path: Path) -> str:
    if not isinstance(value, str) or not value:
        raise KgError(f"{path}: {key} is a text in quotes, not {_short(value)}")
    control = _CONTROL.search(value.replace("\n", " ") if key == "description" else value)
    if control is not None:
        raise KgError(
            f"{path}: {key} holds the character U+{ord(control[0]):04X}; it is a line of plain text"
        )
    return value


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:59]}…"


def _set(project: Project, key: str, value: str, path: Path) -> Project:
    match key:
        case "seeds":
            return replace(project, seeds=Path(value))
        case "exports":
            return replace(project, exports=Path(value))
        case "default-access":
            return replace(project, default_access=_access(value, path))
        case "title":
            return replace(project, title=value)
        case "description":
            return replace(project, description=value)
        case "license":
            return replace(project, license=value)
    return replace(project, base=value)


def _access(value: str, path: Path) -> Access:
    if value not in ("public", "restricted"):
        raise KgError(f"{path}: default-access is 'public' or 'restricted', not {_short(value)}")
    return Access[value.upper()]


def _checked(project: Project, path: Path) -> Project:
    for key, value in (("base", project.base), ("license", project.license)):
        try:
            if value is not None:
                nt.iri(value)
        except ValueError as error:
            raise KgError(f"{path}: {key}: {error}") from error
    if not project.base.endswith(("/", "#")):
        raise KgError(
            f"{path}: base ends in / or #, since keys are written behind it; found {_short(project.base)}"
        )
    if project.base in PREFIXES.values():
        raise KgError(
            f"{path}: base is {_short(project.base)}, a vocabulary whose terms your keys would mix with; "
            "take a namespace of your own"
        )
    return project


def _placed(project: Project) -> Project:
    root = project.root
    return replace(
        project,
        seeds=root / project.seeds,
        exports=root / project.exports,
        ontology=tuple(root / path for path in project.ontology),
        shapes=tuple(root / path for path in project.shapes),
    )


def _apart(project: Project, path: Path) -> Project:
    """Refuse places where a build, which replaces its folder, would replace what is not its own."""
    exports, seeds = (Path(os.path.realpath(folder)) for folder in (project.exports, project.seeds))
    if exports in (project.root, *project.root.parents):
        raise KgError(f"{path}: exports is the project's own folder or one above it; name a folder inside it")
    if exports in (seeds, *seeds.parents):
        raise KgError(f"{path}: the seeds lie in the folder of the exports; give each a folder of its own")
    return project

"""A project's settings: `kg.toml` in its folder, or what holds without one."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from kg import nt
from kg.model import Access
from kg.namespaces import DEFAULT_BASE, prefixes
from kg.problems import KgError, nearest

CONFIG = "kg.toml"
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
        if (folder / CONFIG).is_file():
            return _read(folder)
    return _placed(Project(start))


def _read(root: Path) -> Project:
    path = root / CONFIG
    try:
        settings = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise KgError(f"cannot read {path}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise KgError(f"{path}: not TOML: {error}") from error
    return _placed(_settings(Project(root), settings, path))


_FILES = ("ontology", "shapes")
_KEYS = (*_FILES, "title", "description", "license", "base", "seeds", "exports", "default-access")


def _settings(project: Project, settings: Mapping[str, object], path: Path) -> Project:
    for key, value in settings.items():
        if key not in _KEYS:
            near = nearest(key, _KEYS)
            meant = f"; did you mean {near!r}?" if near else f"; the keys are {', '.join(sorted(_KEYS))}"
            raise KgError(f"{path}: unknown key {key!r}{meant}")
        if key in _FILES:
            if not (isinstance(value, list) and all(isinstance(item, str) for item in value)):
                raise KgError(f"{path}: {key} is a list of file names, such as {key} = ['more.ttl']")
            paths = tuple(Path(item) for item in value)
            project = (
                replace(project, ontology=paths) if key == "ontology" else replace(project, shapes=paths)
            )
        elif not isinstance(value, str) or not value:
            raise KgError(f"{path}: {key} is a text in quotes, not {value!r}")
        else:
            project = _set(project, key, value, path)
    return _checked(project, path)


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
        raise KgError(f"{path}: default-access is 'public' or 'restricted', not {value!r}")
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
            f"{path}: base ends in / or #, since keys are written behind it; found {project.base!r}"
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

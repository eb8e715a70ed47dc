"""What a build remembers of the seeds, so that the next one reads only what an edit can affect.

Deleting it costs nothing but time. It holds what seeds hold, restricted ones too: it is for its owner.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import msgspec

from kg.files import read_bytes_limited, write_atomically
from kg.problems import KgError
from kg.seeds import Part

_T = TypeVar("_T")

FORMAT = 2
"""Of the file: one of another number is not read."""
NAME = "seeds.msgpack"
LIMIT = 2_000_000_000
"""Bytes of the file."""
FOLDER = ".kg"
"""Below a project's root; git ignores what is in it."""


@dataclass(frozen=True, slots=True)
class Memory:
    """Parts by path, each with the digest of the file that it is from, all made under the same settings."""

    format: int = FORMAT
    settings: str = ""
    parts: Mapping[str, tuple[str, Part]] = field(default_factory=dict)

    def known(self, files: Mapping[str, bytes]) -> dict[str, Part]:
        """Give the parts of those files that are as they were."""
        return {
            path: self.parts[path][1]
            for path, data in files.items()
            if path in self.parts and self.parts[path][0] == _digest(data)
        }


def of(parts: Mapping[str, Part], files: Mapping[str, bytes], settings: str) -> Memory:
    """Give what to remember of the parts that `files` gave."""
    return Memory(FORMAT, settings, {path: (_digest(files[path]), part) for path, part in parts.items()})


def load(folder: Path, settings: str) -> Memory:
    """Give what is remembered; nothing if there is no such file, or it is of other settings, or damaged.

    A file that somebody else could have written, such as one that came with a repository, is not read.
    """
    found = read(folder, NAME, Memory)
    if found and (found.format, found.settings) == (FORMAT, settings):
        return found
    return Memory(settings=settings)


def save(memory: Memory, folder: Path) -> None:
    """Write it, for its owner only."""
    write(folder, NAME, memory)


def read(root: Path, name: str, kind: type[_T]) -> _T | None:
    """Give a value of some kind that `write` wrote; nothing if it is not there, or damaged, or not our own."""
    with contextlib.suppress(KgError, OSError, msgspec.MsgspecError, RecursionError):
        file = root / FOLDER / name
        if _is_own(file):
            return msgspec.msgpack.decode(read_bytes_limited(file, LIMIT, "the memory"), type=kind)
    return None


def write(root: Path, name: str, value: object) -> None:
    """Write a value, for its owner only; a folder that cannot be written is no fault: it costs only time."""
    with contextlib.suppress(KgError, OSError):
        prepare(root)
        write_atomically(root / FOLDER / name, msgspec.msgpack.encode(value), mode=0o600)


def prepare(root: Path) -> Path:
    """Give the folder for what a build leaves for the next, made if need be, and ignored by git.

    Raises:
        OSError: it cannot be made, or is a link, which could lead anywhere.
    """
    folder = root / FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.is_symlink():
        raise NotADirectoryError(f"{folder} is a link")
    ignore = folder / ".gitignore"
    if not ignore.exists():
        ignore.write_text("*\n", encoding="utf-8")
    return folder


def _is_own(file: Path) -> bool:
    """Tell whether a file is its user's own, and nobody else's to read or write, as `save` makes it."""
    if os.name != "posix":
        return True
    found = file.lstat()
    return found.st_uid == os.geteuid() and stat.S_ISREG(found.st_mode) and not found.st_mode & 0o077


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()

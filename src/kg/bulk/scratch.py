"""A folder for temporary files that outlives no build: what a killed one left, the next one sweeps."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

from kg.problems import KgError

_LOCK = "lock"
_NEW = 60.0
"""Seconds in which a folder without a lock may still be getting one."""


@contextlib.contextmanager
def folder(parent: Path) -> Iterator[Path]:
    """Give an empty folder inside `parent`, gone afterwards; those of builds that were killed go first.

    Raises:
        KgError: it cannot be made.
    """
    try:
        sweep(parent)
        path = parent / f".kg-bulk-{os.urandom(4).hex()}"
        path.mkdir(0o700)
        descriptor = os.open(path / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        _lock(descriptor)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise KgError(f"cannot make a temporary folder in {parent}: {reason}") from error
    try:
        yield path
    finally:
        os.close(descriptor)
        shutil.rmtree(path, ignore_errors=True)


def sweep(parent: Path) -> None:
    """Remove the folders of builds that live no more."""
    with contextlib.suppress(OSError):
        for path in parent.iterdir():
            if re.fullmatch(r"\.kg-bulk-[0-9a-f]{8}", path.name) and _is_left(path):
                shutil.rmtree(path, ignore_errors=True)


def _is_left(path: Path) -> bool:
    try:
        descriptor = os.open(path / _LOCK, os.O_RDWR)
    except FileNotFoundError:
        return time.time() - path.stat().st_mtime > _NEW
    try:
        _lock(descriptor)
    except OSError:
        return False
    finally:
        os.close(descriptor)
    return True


def _lock(descriptor: int) -> None:
    """Lock, or raise OSError; the kernel lets go of it when the last process that holds it ends."""
    if os.name == "posix":
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)

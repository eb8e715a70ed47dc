"""Where the ontology, the shapes and the shipped queries are, in a wheel and in a checkout alike."""

from __future__ import annotations

from pathlib import Path

from kg.problems import KgError

_PACKAGE = Path(__file__).parent


def folder(name: str) -> Path:
    """Give the folder `ontology`, `shapes` or `queries` that belongs to this installation.

    A wheel carries the first two inside the package; an editable install, where the build
    back end copies nothing, finds them at the top of the checkout.

    Raises:
        KgError: neither is there, so the installation is incomplete.
    """
    candidates = (_PACKAGE / "_data" / name, _PACKAGE / name, _PACKAGE.parents[1] / name)
    for candidate in candidates:
        if candidate.is_dir():
            return candidate
    raise KgError(f"this installation lacks its folder {name!r}; install the package again")


def files(name: str, suffix: str) -> list[Path]:
    """Give the files of `folder(name)` that end in `suffix`, sorted by name."""
    # Sorted: directory order differs between file systems, and exports are committed.
    return sorted(folder(name).glob(f"*{suffix}"))

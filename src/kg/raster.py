"""Pictures as PNG, for programs that take no SVG: with resvg, the optional extra ``pictures``."""

from __future__ import annotations

import re
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import Final

from kg.problems import KgError

MOST_PIXELS: Final = 120_000_000
"""Pixels of the largest picture that is made: half a gigabyte while it is drawn."""

_INSTEAD = "or ask for a picture that ends in .svg"
_SIZE = re.compile(rb'<svg [^>]*?\bwidth="([0-9.]+)" height="([0-9.]+)"')
_EMPTY = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">{}</svg>'
_LETTER = '<text y="8" font-size="9" font-family="sans-serif">M</text>'


def png(svg: bytes, *, scale: float = 2) -> bytes:
    """Give a picture of this package as PNG, `scale` pixels to each of its units in both directions.

    Letters come from the fonts of the system, so the bytes differ from one computer to the next; scripts for
    which it has no font show as empty boxes.

    Raises:
        KgError: resvg is not installed, the system has no font at all, the picture would have more than
            `MOST_PIXELS`, or `svg` cannot be drawn.
    """
    resvg = _resvg()
    _check_size(svg, scale)
    if not _has_fonts():
        raise KgError(
            "no font found on this system, so a PNG would hold no text; install one with the system's "
            f"package manager (for instance DejaVu or Noto), {_INSTEAD}"
        )
    try:
        return bytes(resvg.svg_to_bytes(svg_string=svg.decode(), zoom=scale))
    except ValueError as error:  # of resvg, and of bytes that are no UTF-8
        raise KgError(f"this SVG cannot be drawn as PNG: {error}") from error


def _resvg() -> ModuleType:
    try:
        return import_module("resvg_py")
    except ImportError as error:
        raise KgError(
            f"PNG pictures need resvg: install it with pip install 'reportedly[pictures]', {_INSTEAD}"
        ) from error


def _check_size(svg: bytes, scale: float) -> None:
    if not scale > 0:
        raise KgError(f"scale {scale!r} must be more than 0")
    if (found := _SIZE.search(svg[:2000])) is None:
        return
    width, height = float(found[1]), float(found[2])
    if width * height * scale * scale > MOST_PIXELS:
        raise KgError(
            f"a PNG of {width * scale:.0f} by {height * scale:.0f} pixels is too large; "
            f"make the picture smaller, {_INSTEAD}"
        )


@cache
def _has_fonts() -> bool:
    """Say whether a letter leaves anything on the paper."""
    resvg = _resvg()
    drawn, empty = (resvg.svg_to_bytes(svg_string=_EMPTY.format(inner)) for inner in (_LETTER, ""))
    return bool(drawn != empty)

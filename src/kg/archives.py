"""Zip files of strangers: what they hold, without more of it in memory than was allowed."""

from __future__ import annotations

import io
import zipfile
import zlib
from typing import Final

from kg.problems import KgError, LimitError

MAX_INFLATED: Final = 600_000_000
"""Bytes that all parts together may take when they are inflated."""
MAX_ENTRIES: Final = 10_000
MAX_RATIO: Final = 300
"""How many times larger a large part may get; sheets stay below 100."""

_LARGE = 50_000_000
_PIECE = 1 << 20


class Archive:
    """A zip file whose parts are inflated under a common limit, whatever sizes it declares."""

    def __init__(self, data: bytes) -> None:
        """Read the list of parts.

        Raises:
            KgError: it is no zip file, or a damaged one.
            LimitError: it declares more than is allowed.
        """
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError, EOFError) as error:
            raise KgError(f"the file is damaged, or only a part of it is there ({_plain(error)})") from error
        infos = self._zip.infolist()
        if len(infos) > MAX_ENTRIES:
            raise LimitError(f"the file holds {len(infos):,} parts, and {MAX_ENTRIES:,} is the limit")
        self._infos = {info.filename: info for info in infos}
        if len(self._infos) < len(infos):
            raise KgError("the file is damaged: two parts of it have one name")
        self.names = tuple(self._infos)
        """The names of all parts."""
        self._left = MAX_INFLATED
        self._read: dict[str, bytes] = {}

    def read(self, name: str) -> bytes:
        """Give one part.

        Raises:
            KgError: it is not there, damaged, encrypted or compressed in a way that is not known.
            LimitError: it is too large, or grows too much.
        """
        if name not in self._read:
            self._read = {name: self._inflate(name)}  # the last one is often asked for again
        return self._read[name]

    def _inflate(self, name: str) -> bytes:
        info = self._infos.get(name)
        if info is None:
            raise KgError(f"the file is damaged: its part {name!r} is missing")
        if info.file_size > self._left:
            raise _too_large()
        most = self._left
        if info.file_size > _LARGE:
            most = min(most, max(info.compress_size, 1) * MAX_RATIO)
        pieces: list[bytes] = []
        size = 0
        try:
            with self._zip.open(info) as part:
                while piece := part.read(_PIECE):
                    size += len(piece)
                    if size > most or (size > _LARGE and size > max(info.compress_size, 1) * MAX_RATIO):
                        raise _too_large()
                    pieces.append(piece)
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError) as error:
            raise KgError(f"the file is damaged: {name!r} cannot be unpacked ({_plain(error)})") from error
        except (NotImplementedError, RuntimeError) as error:
            raise KgError(f"{name!r} cannot be unpacked ({_plain(error)}); save the file again") from error
        self._left -= size
        return b"".join(pieces)


def _too_large() -> LimitError:
    return LimitError(f"the file grows beyond {MAX_INFLATED:,} bytes when unpacked, the limit; divide it")


def _plain(error: BaseException) -> str:
    text = str(error) or "it ends too early"  # an EOFError says nothing
    return text[:1].lower() + text[1:]

"""Everything that reaches a disk: afterwards it is the new one, whole, or still the old one."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import stat
import sys
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias, cast

from kg.problems import KgError, LimitError, nearest

if TYPE_CHECKING:
    from io import BufferedReader

Content: TypeAlias = bytes | Iterable[bytes]
"""What one file holds: its bytes, or pieces of them that are made while they are written."""

LOCK_WAIT = 5.0
"""Seconds that a second build of the same folder waits for the first."""

_PIECE = 1 << 20
_STALE_AFTER = 3600.0
_RENAME_EXCHANGE = 2  # linux/fs.h; RENAME_SWAP of macOS, sys/stdio.h, has the same value
_SYSCALL_RENAMEAT2 = {"x86_64": 316, "aarch64": 276, "riscv64": 276, "ppc64le": 357, "s390x": 347}
_AT_FDCWD = -100
_NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
_STREAMS = (Path("/dev"), Path("/dev/fd"), Path("/proc/self/fd"))


# ---------------------------------------------------------------- one file


def write_atomically(path: Path, data: Content, *, mode: int | None = None) -> None:
    """Put `data` into `path`: killed at any moment, the file is the old one or the new one, whole.

    A symlink stays, and the file it leads to is replaced. Pipes and terminals (``/dev/stdout``) are written
    to as they are. Without `mode` a file keeps its permissions, and a new one gets what the umask leaves.

    Raises:
        KgError: the file cannot be written; what was there before is untouched.
    """
    with _plainly(f"cannot write {path}"):
        old = _stat(path)
        if _is_stream(path, old):
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_APPEND), "wb", buffering=0) as stream:
                _pour(data, stream.write)
            return
        real = _resolve(path)
    if old is not None and not stat.S_ISREG(old.st_mode):
        raise KgError(f"cannot write {path}: it is {_kind(old)}, not a file")
    kept = "the old file is untouched" if old else "nothing was written"
    with _plainly(f"cannot write {path}", lambda: f"; {kept}"):
        if not real.parent.is_dir():
            raise KgError(f"cannot write {path}: there is no folder {str(path.parent)!r}")
        if old is not None:
            mode = stat.S_IMODE(old.st_mode) if mode is None else mode
            _require_writable(real)
        _sweep_temporary_files(real.parent)
        temporary = real.parent / f".kg-tmp-{os.urandom(4).hex()}"
        try:
            _write_new(temporary, data, mode)
            temporary.replace(real)
        except BaseException:
            with contextlib.suppress(OSError):
                temporary.unlink()
            raise
    with _plainly(f"{path} is written, but it may not outlast a power cut"):
        _sync_folder(real.parent)


def _write_new(path: Path, content: Content, mode: int | None = None) -> None:
    """Make the file `path`, with all of `content` on the disk; without `mode` the umask decides."""
    descriptor = os.open(path, _NEW_FILE, 0o666 if mode is None else 0o600)
    with os.fdopen(descriptor, "wb", buffering=_PIECE) as file:
        if mode is not None:
            path.chmod(mode)
        _pour(content, file.write)
        file.flush()
        os.fsync(descriptor)


def _pour(content: Content, write: Callable[[bytes], int | None]) -> None:
    for piece in (content,) if isinstance(content, bytes) else content:
        rest = memoryview(piece)
        while rest:  # an unbuffered pipe may take a part only
            rest = rest[write(rest) or 0 :]  # type: ignore[arg-type]


def _sweep_temporary_files(folder: Path) -> None:
    """Remove what killed writers left; a living one whose file goes only fails, and its old file stays."""
    oldest = time.time() - _STALE_AFTER
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if _is_temporary(entry.name) and entry.stat(follow_symlinks=False).st_mtime < oldest:
                Path(entry.path).unlink()


def _is_temporary(name: str) -> bool:
    return re.fullmatch(r"\.kg-tmp-[0-9a-f]{8}", name) is not None


def _is_stream(path: Path, info: os.stat_result | None) -> bool:
    if info is None:
        return False
    if stat.S_ISREG(info.st_mode):
        return (
            path.parent in _STREAMS
        )  # /dev/stdout: replacing the file would cut the shell off that has it open
    return stat.S_ISFIFO(info.st_mode) or stat.S_ISCHR(info.st_mode)


# ---------------------------------------------------------------- the files of one build


def replace_folder(
    target: Path,
    files: Mapping[str, Content] | Iterable[tuple[str, Content]],
    *,
    last: str,
    known: Collection[str] = (),
    folder_mode: int | None = None,
) -> None:
    """Make `target` hold exactly `files`: killed at any moment, all of them are new or all are old.

    The file named `last` is written after all others wherever it stands in `files`, so its pieces may tell
    what was counted while the others were made. `known` names what earlier builds wrote; all else in `target`
    is somebody's own and is carried over. New files get what the umask leaves; the folder keeps its mode,
    or gets `folder_mode`. The folder itself is a new one: a shell that stands in it has to enter it again.

    Raises:
        KgError: it cannot be written, another process is writing it, a file that is not ours is in the way,
            or a name is not a plain file name; what was there before is untouched.
        ValueError: `last` is not among `files`.
    """
    with _plainly(f"cannot write {target}"):
        real = _resolve(target)
        _require_replaceable(target, real)

    def kept() -> str:
        return "; the old files are untouched" if real.is_dir() else "; nothing was written"

    with _plainly(f"cannot write {target}", kept):
        real.parent.mkdir(parents=True, exist_ok=True)
        with locked(real, target, LOCK_WAIT):
            _settle(real)
            try:
                stage = _new_stage(real, folder_mode)
                _write_files(stage, files.items() if isinstance(files, Mapping) else files, last)
                if real.is_dir():
                    _carry_foreign(real, stage, known, target)
                _sync_folder(stage)
                old = _swap(stage, real)
                with _plainly(f"{target} is written, but it may not outlast a power cut"):
                    _sync_folder(real.parent)
                if old is not None:
                    _rescue_foreign(old, real, known)
            finally:
                _settle(real)


def require_replaceable(target: Path) -> None:
    """Look whether `replace_folder` could begin, before whoever calls it works for long.

    Raises:
        KgError: `target` is no folder, the one that this process is in, or may not be written.
    """
    with _plainly(f"cannot write {target}"):
        _require_replaceable(target, _resolve(target))


def recover(target: Path) -> None:
    """Undo what a killed build left: put the old `target` back if it is missing, and sweep the rest.

    Costs one listing of the parent folder when there is nothing to do, and then needs no right to write.

    Raises:
        KgError: `target` is missing, and an earlier one is there but cannot be put back.
    """
    with _plainly(f"cannot recover {target}"):
        real = _resolve(target)
        if not _siblings(real, "old") + _siblings(real, "stage"):
            return
        there = real.is_dir()
        try:
            with locked(real, target, 0.0 if there else LOCK_WAIT):
                _settle(real)
        except (KgError, OSError):
            # Whole already; whoever holds the lock, or may write here, will sweep.
            if not there:
                raise


def _require_replaceable(target: Path, real: Path) -> None:
    if not real.name:
        raise KgError(f"cannot write {target}: the root of the file system cannot be replaced")
    info = _stat(real)
    if info is not None:
        if not stat.S_ISDIR(info.st_mode):
            raise KgError(f"cannot write {target}: it is {_kind(info)}, not a folder")
        _require_writable(real)
    with contextlib.suppress(FileNotFoundError):
        here = Path.cwd()
        if real == here or real in here.parents:
            raise KgError(f"cannot write {target}: it would replace the folder you are in; give another one")


def _new_stage(real: Path, mode: int | None) -> Path:
    """Make the folder beside `real` where its next content is put together."""
    stage = _new_sibling(real, "stage")
    replaces = real.is_dir()
    stage.mkdir(0o700 if replaces or mode is not None else 0o777)
    if replaces:
        _resemble(real, stage)
    if mode is not None:
        stage.chmod(mode)
    return stage


def _write_files(stage: Path, files: Iterable[tuple[str, Content]], last: str) -> None:
    names: set[str] = set()
    held: Content | None = None
    for name, content in files:
        if not name or name in (".", "..") or name.startswith(".kg-") or set(name) & set("/\\\0"):
            raise KgError(f"{name!r} cannot be the name of an exported file: a plain name is wanted")
        if name in names:
            raise KgError(f"two exported files have the name {name!r}")
        names.add(name)
        if name == last:
            held = content
        else:
            _write_new(stage / name, content)
    if held is None:
        raise ValueError(f"{last!r} is not among the files")
    _write_new(stage / last, held)


def _swap(stage: Path, real: Path) -> Path | None:
    """Let `stage` and `real` change places; gives where the old content is now, if there was any."""
    if not real.is_dir():
        stage.rename(real)
        return None
    if _exchange(stage, real):
        return stage
    old = _new_sibling(real, "old")
    real.rename(old)
    stage.rename(real)  # if this fails, `_settle` puts the old one back
    return old.rename(stage)  # swept from now on, never restored


def _exchange(one: Path, other: Path) -> bool:
    """Let two folders change places in one step; False where the system cannot do that."""
    function = _exchange_function()
    if function is None:
        return False
    if function(os.fsencode(one), os.fsencode(other)) == 0:
        return True
    import ctypes

    number = ctypes.get_errno()
    # EPERM is how some sandboxes refuse calls that they do not know; a plain rename then tells the truth.
    if number in {errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EPERM}:
        return False
    raise OSError(number, os.strerror(number), str(one), None, str(other))


def _exchange_function() -> Callable[[bytes, bytes], int] | None:
    """Give the system's call that exchanges two paths, if this system has one that we know."""
    if sys.platform == "win32":
        return None
    import ctypes

    library = ctypes.CDLL(None, use_errno=True)
    if sys.platform == "darwin":
        swap = getattr(library, "renamex_np", None)
        return swap and (lambda one, other: int(swap(one, other, _RENAME_EXCHANGE)))
    rename = getattr(library, "renameat2", None)
    if rename is not None:
        return lambda one, other: int(rename(_AT_FDCWD, one, _AT_FDCWD, other, _RENAME_EXCHANGE))
    number = _SYSCALL_RENAMEAT2.get(os.uname().machine)
    if number is None or not hasattr(library, "syscall"):
        return None
    here, flag = ctypes.c_long(_AT_FDCWD), ctypes.c_long(_RENAME_EXCHANGE)
    return lambda one, other: int(library.syscall(ctypes.c_long(number), here, one, here, other, flag))


def _settle(real: Path) -> None:
    """Leave `real` whole and nothing of ours beside it; the caller holds the lock."""
    olds = _siblings(real, "old")
    if olds:
        with contextlib.suppress(OSError):
            real.rmdir()  # only an empty folder goes: made by hand while the old one stood beside it
    if olds and not real.exists():
        if len(olds) > 1:
            listed = ", ".join(str(old) for old in olds)
            raise KgError(
                f"{real} is missing, and there are several earlier ones: {listed}; keep one of them"
            )
        with _plainly(f"the earlier {real.name} is safe in {olds[0]}, but cannot be put back"):
            olds.pop().rename(real)
            _sync_folder(real.parent)
    import shutil

    for leftover in [*olds, *_siblings(real, "stage")]:
        shutil.rmtree(leftover, ignore_errors=True)  # what stays is swept next time


def _new_sibling(real: Path, kind: str) -> Path:
    return real.with_name(f".kg-{kind}-{real.name}-{os.urandom(4).hex()}")


def _siblings(real: Path, kind: str) -> list[Path]:
    """Give the folders that `_new_sibling` named for `real`, and for no other target."""
    ours = re.compile(rf"\.kg-{kind}-{re.escape(real.name)}-[0-9a-f]{{8}}")
    try:
        return sorted(path for path in real.parent.iterdir() if ours.fullmatch(path.name))
    except (FileNotFoundError, PermissionError):  # a parent that is not there, or may not be listed
        return []


# ---------------------------------------------------------------- what is not ours


def _foreign(folder: Path, known: Collection[str]) -> Iterator[Path]:
    """Give what somebody else put into `folder`; a sub-folder never is ours."""
    for path in sorted(folder.iterdir()):
        ours = path.name in known or _is_temporary(path.name)
        if not ours or (path.is_dir() and not path.is_symlink()):
            yield path


def _carry_foreign(old: Path, stage: Path, known: Collection[str], target: Path) -> None:
    for path in _foreign(old, known):
        if os.path.lexists(stage / path.name):
            raise KgError(
                f"{target / path.name} is in the way: no earlier build wrote it; move it out of {target}"
            )
        _carry(path, stage / path.name)


def _rescue_foreign(old: Path, real: Path, known: Collection[str]) -> None:
    """Move over what was saved into the old folder between `_carry_foreign` and the swap."""
    for path in _foreign(old, known):
        now = real / path.name
        if not os.path.lexists(now) or (path.is_file() and _version(path) != _version(now)):
            path.replace(now)


def _version(path: Path) -> tuple[int, int]:
    info = path.lstat()
    return info.st_mtime_ns, info.st_size


def _carry(source: Path, copy: Path) -> None:
    """Give `copy` what `source` holds: by a hard link where that can be, else as a copy."""
    import shutil

    if source.is_symlink():
        copy.symlink_to(source.readlink())
    elif source.is_dir():
        copy.mkdir(0o700)
        for child in source.iterdir():
            _carry(child, copy / child.name)
        _resemble(source, copy)
        _sync_folder(copy)
    else:
        try:
            copy.hardlink_to(source)
        except OSError:
            if not source.is_file():
                raise
            shutil.copy2(source, copy)
            _own_like(source, copy)
            with copy.open("rb+") as file:
                os.fsync(file.fileno())


def _resemble(source: Path, copy: Path) -> None:
    """Give the folder `copy` the owner, permissions and times of `source`."""
    import shutil

    _own_like(source, copy)
    shutil.copystat(source, copy)


def _own_like(source: Path, copy: Path) -> None:
    if sys.platform != "win32":
        info = source.stat()
        with contextlib.suppress(PermissionError):  # only root gives things away
            os.chown(copy, info.st_uid, info.st_gid)


# ---------------------------------------------------------------- one writer at a time


@contextlib.contextmanager
def locked(real: Path, shown: Path, wait: float) -> Iterator[None]:
    """Hold the lock of `real`; the kernel lets go of it when the process ends, however it ends."""
    path = real.with_name(f".kg-lock-{real.name}")
    deadline = time.monotonic() + wait
    while (descriptor := _try_lock(path)) is None:
        if time.monotonic() >= deadline:
            raise KgError(
                f"cannot write {shown}: another process is writing it and holds {path}; "
                "try again when it is done"
            )
        time.sleep(0.02)
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            path.unlink()  # before letting go: whoever waits for this file finds it gone and starts anew
        os.close(descriptor)


def _try_lock(path: Path) -> int | None:
    """Give the descriptor that holds the lock, or None while somebody else holds it."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o666)
    try:
        _lock_at_once(descriptor)
        if os.path.samestat(os.fstat(descriptor), path.stat()):
            return descriptor
    except (BlockingIOError, FileNotFoundError):
        pass
    except BaseException:
        os.close(descriptor)
        raise
    os.close(descriptor)
    return None


def _lock_at_once(descriptor: int) -> None:
    """Lock, or raise `BlockingIOError`."""
    if sys.platform == "win32":
        import msvcrt

        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except PermissionError as error:
            raise BlockingIOError(errno.EWOULDBLOCK, "locked") from error
    else:
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


# ---------------------------------------------------------------- reading


def read_bytes_limited(path: str | os.PathLike[str], limit: int, what: str) -> bytes:
    """Read the file `path`, or standard input for ``-``: at most `limit` bytes, that many included.

    `what` says in messages what is read: ``"the query"``. A device is refused, as it may never end.

    Raises:
        LimitError: there is more than `limit` bytes.
        KgError: it is missing, a folder or a device, or cannot be read.
    """
    if os.fspath(path) == "-":
        name = f"{what} on standard input"
        if sys.stdin is None:
            raise KgError(f"cannot read {name}: it is closed")
        with _plainly(f"cannot read {name}"):
            # read1, as after a read that ends early a terminal would be asked once more
            return _read(cast("BufferedReader", sys.stdin.buffer).read1, limit, name)
    name = f"{what} {path}"
    info = require_readable(Path(path), name)
    if info.st_size > limit:
        raise _too_large(name, limit)
    with _plainly(f"cannot read {name}"), Path(path).open("rb", buffering=0) as file:
        return _read(file.read, limit, name)


def require_readable(path: Path, name: str) -> os.stat_result:
    """Look at a file or a pipe that is to be read, and that messages call `name`; it is not opened.

    Raises:
        KgError: it is missing, a folder or a device, which may never end.
    """
    try:
        info = path.stat()
    except FileNotFoundError:
        raise KgError(f"cannot read {name}: there is no such file{_hint(path)}") from None
    except (OSError, ValueError) as error:
        raise KgError(f"cannot read {name}: {_words(error)}") from error
    if not stat.S_ISREG(info.st_mode) and not stat.S_ISFIFO(info.st_mode):
        raise KgError(f"cannot read {name}: it is {_kind(info)}, not a file")
    return info


def _read(read: Callable[[int], bytes | None], limit: int, name: str) -> bytes:
    pieces: list[bytes] = []
    left = limit
    while piece := read(_PIECE):
        left -= len(piece)
        if left < 0:
            raise _too_large(name, limit)
        pieces.append(piece)
    return b"".join(pieces)


def _too_large(name: str, limit: int) -> LimitError:
    return LimitError(f"{name} is larger than {limit:,} bytes, the limit")


def _hint(path: Path) -> str:
    with contextlib.suppress(OSError):
        near = nearest(path.name, [other.name for other in path.parent.iterdir()])
        if near is not None and near != path.name:
            return f"; did you mean {str(path.with_name(near))!r}?"
    return ""


# ---------------------------------------------------------------- small things


def make_folder(path: Path, shown: Path) -> None:
    """Make a folder, and those above it; where it stands already, nothing is done.

    Raises:
        KgError: it cannot be made; `shown` is what was to be written into it.
    """
    with _plainly(f"cannot write {shown}"):
        try:
            path.mkdir(parents=True, exist_ok=True)
        except FileExistsError:
            raise KgError(f"cannot write {shown}: {path} is no folder") from None


@contextlib.contextmanager
def _plainly(start: str, end: Callable[[], str] = lambda: "") -> Iterator[None]:
    """Turn an error of the system into a `KgError` in plain words."""
    try:
        yield
    except OSError as error:
        raise KgError(f"{start}: {_words(error)}{end()}") from error


def _words(error: OSError | ValueError) -> str:
    number = getattr(error, "errno", None)
    if number == errno.EBUSY:
        return "it is in use, or something is mounted there"
    if number == errno.ENOTDIR:
        return "a file stands where its path needs a folder"
    if number == errno.EXDEV:
        return "this file system cannot rename it (a layer of a container image?); give another place"
    if number == errno.EACCES:
        place = Path(str(getattr(error, "filename", None) or ""))
        return (
            f"no permission to write in {place.parent}" if place.name.startswith(".kg-") else "no permission"
        )
    text = os.strerror(number) if number is not None else str(error)
    return text[:1].lower() + text[1:]


def _kind(info: os.stat_result) -> str:
    if stat.S_ISDIR(info.st_mode):
        return "a folder"
    if stat.S_ISREG(info.st_mode):
        return "a file"
    if stat.S_ISFIFO(info.st_mode):
        return "a pipe"
    return "a socket" if stat.S_ISSOCK(info.st_mode) else "a device"


def _resolve(path: Path) -> Path:
    try:
        return path.resolve()
    except RuntimeError as error:  # a loop of symlinks, before Python 3.13
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP)) from error
    except ValueError as error:
        raise KgError(f"{str(path)!r} cannot be a path: {error}") from error


def _stat(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except FileNotFoundError:
        return None
    except ValueError as error:
        raise KgError(f"{str(path)!r} cannot be a path: {error}") from error


def _require_writable(path: Path) -> None:
    # A rename would get past a write protection that somebody set on purpose.
    if not os.access(path, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))


def _sync_folder(folder: Path) -> None:
    """Put the names in `folder` on the disk, where the system can do that for a folder."""
    if sys.platform == "win32":
        return
    with contextlib.suppress(PermissionError):  # a folder that may be written but not listed
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        except OSError as error:
            if error.errno not in {errno.EINVAL, errno.ENOTSUP}:
                raise
        finally:
            os.close(descriptor)

"""What is written to a disk is there whole, or not at all."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import io
import json
import os
import re
import shutil
import socket
import stat
import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from kg import files
from kg.files import read_bytes_limited, recover, replace_folder, write_atomically
from kg.problems import Exit, KgError, LimitError

OLD = {"a.nt": b"old a\n", "b.nt": b"old b\n", "manifest.json": b"old\n"}
NEW = {"a.nt": b"new a\n", "b.nt": b"new b\n", "manifest.json": b"new\n"}

posix_only = pytest.mark.skipif(sys.platform == "win32", reason="permissions and pipes of POSIX")


def content(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def fail(number: int, when: Callable[..., bool] = lambda *_: True, real: Any = None) -> Any:
    """A system call that fails with `number` for the arguments that `when` picks, and else is `real`."""

    def call(*args: Any, **options: Any) -> Any:
        if when(*args):
            raise OSError(number, os.strerror(number), *[a for a in args[:1] if not isinstance(a, int)])
        return real(*args, **options)

    return call


def run(script: str, *args: object) -> Any:
    """What a Python process of its own prints as JSON; it may fork, set limits and be killed."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", textwrap.dedent(script), *map(str, args)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.stderr == ""
    assert done.returncode == 0
    return json.loads(done.stdout)


@pytest.fixture
def umask() -> Iterator[None]:
    before = os.umask(0o027)
    yield
    os.umask(before)


@pytest.fixture(params=["exchange", "two renames"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "two renames":
        monkeypatch.setattr(files, "_exchange", lambda *_: False)
    return str(request.param)


# ---------------------------------------------------------------- one file


def test_a_new_file_is_written_and_nothing_else_stays(tmp_path: Path) -> None:
    write_atomically(tmp_path / "x.ttl", b"new")
    assert content(tmp_path) == {"x.ttl": b"new"}


def test_an_old_file_is_replaced_by_pieces_that_are_made_meanwhile(tmp_path: Path) -> None:
    path = tmp_path / "x.ttl"
    path.write_bytes(b"old")
    write_atomically(path, (b"%d\n" % i for i in range(3)))
    assert content(tmp_path) == {"x.ttl": b"0\n1\n2\n"}


@posix_only
@pytest.mark.usefixtures("umask")
def test_a_new_file_honours_the_umask_an_old_one_keeps_its_mode_and_a_wanted_mode_wins(
    tmp_path: Path,
) -> None:
    path = tmp_path / "x.ttl"
    write_atomically(path, b"1")
    assert mode(path) == 0o640
    path.chmod(0o664)
    write_atomically(path, b"2")
    assert mode(path) == 0o664
    write_atomically(path, b"3", mode=0o600)
    assert mode(path) == 0o600


def test_a_symlink_stays_and_the_file_it_leads_to_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "real").write_bytes(b"old")
    (tmp_path / "link").symlink_to("real")
    write_atomically(tmp_path / "link", b"new")
    assert (tmp_path / "link").is_symlink()
    assert content(tmp_path) == {"real": b"new", "link": b"new"}


@pytest.mark.parametrize(
    ("call", "number", "words"),
    [
        ("replace", errno.EACCES, "permission"),
        ("replace", errno.EROFS, "read-only file system"),
        ("fsync", errno.ENOSPC, "no space left on device"),
        ("fsync", errno.EIO, "input/output error"),
        ("open", errno.EROFS, "read-only file system"),
        ("open", errno.EACCES, "no permission to write in "),
    ],
)
def test_a_failing_call_leaves_the_old_file_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str, number: int, words: str
) -> None:
    path = tmp_path / "x.ttl"
    path.write_bytes(b"old")
    monkeypatch.setattr(files.os, call, fail(number))
    with pytest.raises(KgError) as caught:
        write_atomically(path, b"new")
    monkeypatch.undo()
    assert str(caught.value).startswith(f"cannot write {path}: ")
    assert words in str(caught.value)
    assert str(caught.value).endswith("; the old file is untouched")
    assert caught.value.exit_code == Exit.CANNOT
    assert content(tmp_path) == {"x.ttl": b"old"}


def test_a_full_disk_is_named_in_plain_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("x.ttl").write_bytes(b"old")
    monkeypatch.setattr(files.os, "fsync", fail(errno.ENOSPC))
    with pytest.raises(KgError) as caught:
        write_atomically(Path("x.ttl"), b"new")
    assert str(caught.value) == "cannot write x.ttl: no space left on device; the old file is untouched"


def test_a_failing_first_write_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files.os, "fsync", fail(errno.ENOSPC))
    with pytest.raises(KgError, match="no space left on device; nothing was written"):
        write_atomically(tmp_path / "x.ttl", b"new")
    assert names(tmp_path) == []


def test_an_unsynced_folder_is_told_apart_from_an_unwritten_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def is_folder(descriptor: int) -> bool:
        return stat.S_ISDIR(os.fstat(descriptor).st_mode)

    path = tmp_path / "x.ttl"
    path.write_bytes(b"old")
    monkeypatch.setattr(files.os, "fsync", fail(errno.EIO, is_folder, os.fsync))
    with pytest.raises(
        KgError, match=r"x\.ttl is written, but it may not outlast a power cut: input/output error"
    ):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"new"
    monkeypatch.undo()
    monkeypatch.setattr(files.os, "fsync", fail(errno.EINVAL, is_folder, os.fsync))
    write_atomically(path, b"newer")  # a file system that cannot sync folders is no fault


@pytest.mark.parametrize("error", [KgError("no such assertion"), KeyboardInterrupt(), ZeroDivisionError()])
def test_what_stops_the_making_of_the_pieces_passes_and_the_old_file_stays(
    tmp_path: Path, error: BaseException
) -> None:
    def pieces() -> Iterator[bytes]:
        yield b"half"
        raise error

    (tmp_path / "x.ttl").write_bytes(b"old")
    with pytest.raises(type(error)) as caught:
        write_atomically(tmp_path / "x.ttl", pieces())
    assert caught.value is error
    assert content(tmp_path) == {"x.ttl": b"old"}


@posix_only
def test_a_file_that_would_grow_too_large_leaves_the_old_ones() -> None:
    # Stands in for a full disk: the kernel refuses in the midst of a write.
    told = run(
        """
        import json, resource, tempfile
        from pathlib import Path
        from kg.files import replace_folder, write_atomically
        from kg.problems import KgError
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
        with tempfile.TemporaryDirectory() as folder:
            told, folder = [], Path(folder)
            write_atomically(folder / "x", b"old")
            replace_folder(folder / "exports", {"a": b"old", "m": b"old"}, last="m")
            big = [b"." * 10_000] * 1_000
            for write in (
                lambda: write_atomically(folder / "x", big),
                lambda: replace_folder(folder / "exports", {"a": b"new", "b": big, "m": b"new"}, last="m"),
            ):
                try:
                    write()
                except KgError as error:
                    told.append([str(error).replace(str(folder), "F"), error.exit_code])
            left = {str(p.relative_to(folder)): p.read_text() for p in folder.rglob("*") if p.is_file()}
        print(json.dumps([told, left]))
        """
    )
    assert told == [
        [
            ["cannot write F/x: file too large; the old file is untouched", 2],
            ["cannot write F/exports: file too large; the old files are untouched", 2],
        ],
        {"x": "old", "exports/a": "old", "exports/m": "old"},
    ]


def test_a_missing_folder_and_a_folder_in_place_of_a_file_are_named(tmp_path: Path) -> None:
    with pytest.raises(KgError, match=r"cannot write .*x\.ttl: there is no folder '.*nowhere'"):
        write_atomically(tmp_path / "nowhere" / "x.ttl", b"new")
    with pytest.raises(KgError, match="it is a folder, not a file"):
        write_atomically(tmp_path, b"new")
    with pytest.raises(KgError, match="cannot be a path"):
        write_atomically(tmp_path / "a\0b", b"new")


def test_a_write_protected_file_is_not_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "x.ttl").write_bytes(b"old")
    monkeypatch.setattr(files.os, "access", lambda *_: False)  # root may always write
    with pytest.raises(KgError, match="no permission; the old file is untouched"):
        write_atomically(tmp_path / "x.ttl", b"new")
    assert content(tmp_path) == {"x.ttl": b"old"}


@posix_only
def test_a_pipe_and_a_device_are_written_to_and_stay_what_they_are(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    got: list[bytes] = []
    reader = threading.Thread(target=lambda: got.append(pipe.read_bytes()))
    reader.start()
    write_atomically(pipe, [b"one ", b"x" * 1_000_000])
    reader.join()
    assert got == [b"one " + b"x" * 1_000_000]
    assert names(tmp_path) == ["pipe"]
    write_atomically(Path(os.devnull), b"lost")
    assert stat.S_ISCHR(Path(os.devnull).stat().st_mode)


@pytest.mark.skipif(not Path("/dev/fd").exists(), reason="no /dev/fd")
def test_a_file_that_the_shell_has_open_is_added_to(tmp_path: Path) -> None:
    with (tmp_path / "log").open("ab") as log:
        log.write(b"before\n")
        log.flush()
        write_atomically(Path(f"/dev/fd/{log.fileno()}"), b"result\n")
    assert content(tmp_path) == {"log": b"before\nresult\n"}


def test_what_a_killed_writer_left_is_swept_and_what_a_living_one_writes_is_not(tmp_path: Path) -> None:
    for name in (".kg-tmp-00000001", ".kg-tmp-notours", ".kg-tmp-0000000a.bak"):
        (tmp_path / name).write_bytes(b"half")
        os.utime(tmp_path / name, (0, 0))
    (tmp_path / ".kg-tmp-00000002").write_bytes(b"half")
    write_atomically(tmp_path / "x.ttl", b"new")
    assert names(tmp_path) == [".kg-tmp-00000002", ".kg-tmp-0000000a.bak", ".kg-tmp-notours", "x.ttl"]


# ---------------------------------------------------------------- the files of one build


def test_a_build_into_a_new_place_makes_the_folders_above_it(tmp_path: Path) -> None:
    replace_folder(tmp_path / "out" / "exports", NEW, last="manifest.json")
    assert content(tmp_path / "out" / "exports") == NEW
    assert names(tmp_path / "out") == ["exports"]


def test_a_build_replaces_the_earlier_one_and_drops_what_it_no_longer_writes(
    tmp_path: Path, way: str
) -> None:
    target = tmp_path / "exports"
    replace_folder(target, {**OLD, "c.nt": b"old c"}, last="manifest.json")
    replace_folder(target, NEW, last="manifest.json", known=[*OLD, "c.nt"])
    assert content(target) == NEW
    assert names(tmp_path) == ["exports"]


def test_the_last_file_is_made_after_all_others_wherever_it_stands(tmp_path: Path) -> None:
    made: list[str] = []

    def pieces(name: str) -> Iterator[bytes]:
        made.append(name)
        yield ",".join(made).encode()

    order = ((name, pieces(name)) for name in ("b", "manifest.json", "a"))
    replace_folder(tmp_path / "exports", order, last="manifest.json")
    assert content(tmp_path / "exports") == {"b": b"b", "a": b"b,a", "manifest.json": b"b,a,manifest.json"}


def test_a_build_without_its_last_file_is_a_mistake_of_the_program(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"'m\.json' is not among the files"):
        replace_folder(tmp_path / "exports", NEW, last="m.json")
    assert names(tmp_path) == []


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "../a", "/etc/x", "a\\b", "a\0b", ".kg-stage-x"])
def test_a_name_that_leads_elsewhere_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(KgError, match="cannot be the name of an exported file"):
        replace_folder(tmp_path / "exports", [(name, b""), ("m", b"")], last="m")
    assert names(tmp_path) == []


def test_two_files_of_one_name_are_refused(tmp_path: Path) -> None:
    with pytest.raises(KgError, match=r"two exported files have the name 'a\.nt'"):
        replace_folder(tmp_path / "exports", [("a.nt", b"1"), ("a.nt", b"2"), ("m", b"")], last="m")
    assert names(tmp_path) == []


def test_a_file_in_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "exports").write_bytes(b"mine")
    with pytest.raises(KgError, match="it is a file, not a folder"):
        replace_folder(tmp_path / "exports", NEW, last="manifest.json")
    with pytest.raises(KgError, match="cannot write"):
        replace_folder(tmp_path / "exports" / "below", NEW, last="manifest.json")
    assert content(tmp_path) == {"exports": b"mine"}


def test_the_folder_that_the_caller_stands_in_is_not_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sub").mkdir()
    for here in (tmp_path, tmp_path / "sub"):
        monkeypatch.chdir(here)
        with pytest.raises(KgError, match="it would replace the folder you are in"):
            replace_folder(tmp_path, NEW, last="manifest.json")
    with pytest.raises(KgError, match="the root of the file system"):
        replace_folder(Path("/"), NEW, last="manifest.json")
    assert names(tmp_path) == ["sub"]


def test_a_symlink_to_the_folder_stays_and_the_real_folder_is_replaced(tmp_path: Path, way: str) -> None:
    real = tmp_path / "disk" / "exports"
    replace_folder(real, OLD, last="manifest.json")
    (tmp_path / "link").symlink_to(real)
    replace_folder(tmp_path / "link", NEW, last="manifest.json", known=OLD)
    assert (tmp_path / "link").is_symlink()
    assert content(real) == NEW
    assert (names(tmp_path), names(tmp_path / "disk")) == (["disk", "link"], ["exports"])


def test_a_loop_of_symlinks_is_named(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    with pytest.raises(KgError, match="too many levels of symbolic links"):
        replace_folder(tmp_path / "a", NEW, last="manifest.json")
    with pytest.raises(KgError, match="too many levels of symbolic links"):
        write_atomically(tmp_path / "a", b"new")


@posix_only
@pytest.mark.usefixtures("umask")
def test_files_honour_the_umask_and_the_folder_keeps_its_mode(tmp_path: Path, way: str) -> None:
    target = tmp_path / "exports"
    replace_folder(target, OLD, last="manifest.json")
    assert (mode(target), mode(target / "a.nt")) == (0o750, 0o640)
    target.chmod(0o2771)
    replace_folder(target, NEW, last="manifest.json", known=OLD)
    assert (mode(target), mode(target / "a.nt")) == (0o2771, 0o640)
    replace_folder(target, NEW, last="manifest.json", known=OLD, folder_mode=0o700)
    assert mode(target) == 0o700


def test_what_is_not_ours_is_carried_over(tmp_path: Path, way: str) -> None:
    target = tmp_path / "exports"
    replace_folder(target, OLD, last="manifest.json")
    (target / "notes.txt").write_text("mine")
    (target / "sub" / "deep").mkdir(parents=True)
    (target / "sub" / "deep" / "x").write_text("deep")
    (target / "sub" / "empty").mkdir(mode=0o711)
    (target / "to-notes").symlink_to("notes.txt")
    (target / "to-nowhere").symlink_to("nowhere")
    (target / "c.nt").mkdir()  # a folder never is ours, whatever its name
    (target / ".kg-tmp-00000001").write_text("a killed writer's")
    before = (target / "notes.txt").stat()
    replace_folder(target, NEW, last="manifest.json", known=[*OLD, "c.nt"])
    assert content(target) == {**NEW, "notes.txt": b"mine", "to-notes": b"mine", "sub/deep/x": b"deep"}
    assert (target / "to-nowhere").readlink() == Path("nowhere")
    assert (target / "sub" / "empty").is_dir()
    assert mode(target / "sub" / "empty") == mode(target / "sub" / "empty") & 0o711
    assert (target / "c.nt").is_dir()
    assert os.path.samestat(before, (target / "notes.txt").stat())
    assert names(tmp_path) == ["exports"]


def test_without_hard_links_what_is_not_ours_is_copied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "exports"
    replace_folder(target, OLD, last="manifest.json")
    (target / "notes.txt").write_text("mine")
    os.utime(target / "notes.txt", (1_000_000_000, 1_000_000_000))
    before = (target / "notes.txt").stat()
    monkeypatch.setattr(files.os, "link", fail(errno.EPERM))
    replace_folder(target, NEW, last="manifest.json", known=OLD)
    after = (target / "notes.txt").stat()
    assert content(target) == {**NEW, "notes.txt": b"mine"}
    assert after.st_ino != before.st_ino
    assert (after.st_mtime, after.st_mode) == (before.st_mtime, before.st_mode)


@posix_only
def test_what_can_be_neither_linked_nor_copied_stops_the_build(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "exports"
    replace_folder(target, OLD, last="manifest.json")
    os.mkfifo(target / "pipe")
    monkeypatch.setattr(files.os, "link", fail(errno.EPERM))
    with pytest.raises(KgError, match="operation not permitted; the old files are untouched"):
        replace_folder(target, NEW, last="manifest.json", known=OLD)
    assert content(target) == OLD
    assert names(target) == [*sorted(OLD), "pipe"]


def test_a_file_of_somebody_else_in_the_way_is_not_overwritten(tmp_path: Path) -> None:
    target = tmp_path / "exports"
    target.mkdir()
    (target / "a.nt").write_text("mine")
    with pytest.raises(
        KgError, match=r"exports/a\.nt is in the way: no earlier build wrote it; move it out of"
    ):
        replace_folder(target, NEW, last="manifest.json")
    assert content(target) == {"a.nt": b"mine"}
    assert names(tmp_path) == ["exports"]


def test_what_is_saved_into_the_old_folder_just_before_the_swap_is_not_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    target = tmp_path / "exports"
    replace_folder(target, OLD, last="manifest.json")
    for name in ("edited.txt", "same.txt"):
        (target / name).write_text("1")
    swap = files._swap

    def save_and_swap(stage: Path, real: Path) -> Path | None:
        (real / "late.txt").write_text("late")
        (real / "tmp").write_text("edited")
        (real / "tmp").replace(real / "edited.txt")
        (real / "late folder").mkdir()
        return swap(stage, real)

    monkeypatch.setattr(files, "_swap", save_and_swap)
    replace_folder(target, NEW, last="manifest.json", known=OLD)
    assert content(target) == {**NEW, "late.txt": b"late", "edited.txt": b"edited", "same.txt": b"1"}
    assert (target / "late folder").is_dir()


@pytest.mark.parametrize(
    ("call", "number", "words"),
    [
        ("fsync", errno.ENOSPC, "no space left on device"),
        ("open", errno.EACCES, "no permission to write in "),
        ("open", errno.EROFS, "read-only file system"),
        ("mkdir", errno.EDQUOT, "quota"),
        ("link", errno.ENOSPC, "no space left on device"),
    ],
)
def test_a_failing_call_leaves_the_whole_old_build(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str, number: int, words: str
) -> None:
    target = tmp_path / "exports"
    replace_folder(target, OLD, last="manifest.json")
    (target / "notes.txt").write_text("mine")
    monkeypatch.setattr(files.os, call, fail(number))
    if call == "link":
        monkeypatch.setattr(shutil, "copy2", fail(number))
    with pytest.raises(KgError) as caught:
        replace_folder(target, NEW, last="manifest.json", known=OLD)
    monkeypatch.undo()
    assert str(caught.value).startswith(f"cannot write {target}: ")
    assert words in str(caught.value)
    assert str(caught.value).endswith("; the old files are untouched")
    assert caught.value.exit_code == Exit.CANNOT
    assert content(target) == {**OLD, "notes.txt": b"mine"}
    assert names(tmp_path) == ["exports"]


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.EBUSY, "it is in use, or something is mounted there"),
        (errno.EXDEV, "this file system cannot rename it"),
    ],
)
@pytest.mark.parametrize("step", [1, 2])
def test_a_failing_rename_puts_the_old_build_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, words: str, step: int
) -> None:
    target = tmp_path / "exports"
    replace_folder(target, OLD, last="manifest.json")
    calls = iter(range(1, 100))
    monkeypatch.setattr(files, "_exchange", lambda *_: False)
    monkeypatch.setattr(files.os, "rename", fail(number, lambda *_: next(calls) == step, os.rename))
    with pytest.raises(KgError, match=f"{words}.*; the old files are untouched"):
        replace_folder(target, NEW, last="manifest.json", known=OLD)
    assert content(target) == OLD
    assert names(tmp_path) == ["exports"]


def test_an_old_build_that_cannot_be_put_back_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "exports"
    replace_folder(target, OLD, last="manifest.json")
    calls = iter(range(1, 100))
    monkeypatch.setattr(files, "_exchange", lambda *_: False)
    monkeypatch.setattr(files.os, "rename", fail(errno.EIO, lambda *_: next(calls) > 1, os.rename))
    with pytest.raises(
        KgError, match=r"the earlier exports is safe in .*\.kg-old-exports-\w{8}, but cannot be put"
    ):
        replace_folder(target, NEW, last="manifest.json", known=OLD)
    monkeypatch.undo()
    recover(target)
    assert content(target) == OLD
    assert names(tmp_path) == ["exports"]


def test_a_fault_after_the_swap_does_not_speak_of_old_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "exports"
    replace_folder(target, OLD, last="manifest.json")
    monkeypatch.setattr(files, "_sync_folder", fail(errno.EIO, lambda f: f == tmp_path, files._sync_folder))
    with pytest.raises(KgError) as caught:
        replace_folder(target, NEW, last="manifest.json", known=OLD)
    assert str(caught.value) == f"{target} is written, but it may not outlast a power cut: input/output error"
    assert content(target) == NEW


def test_a_read_only_parent_is_named() -> None:
    told = run(
        """
        import json, os, sys, tempfile
        from pathlib import Path
        from kg.files import recover, replace_folder
        from kg.problems import KgError
        with tempfile.TemporaryDirectory() as folder:
            parent = Path(folder, "parent")
            target = parent / "exports"
            replace_folder(target, {"m": b"old"}, last="m")
            Path(folder).chmod(0o755)
            target.chmod(0o777)
            parent.chmod(0o555)
            root = os.geteuid() == 0
            if root:  # is not held back by permissions
                os.seteuid(65534)
            try:
                parent.joinpath("probe").write_bytes(b"")
                told = "not held back"
            except PermissionError:
                try:
                    recover(target)
                    replace_folder(target, {"m": b"new"}, last="m", known=["m"])
                    told = "written"
                except KgError as error:
                    told = [str(error).replace(folder, "F"), error.exit_code, (target / "m").read_text()]
            if root:
                os.seteuid(0)
            parent.chmod(0o755)
        print(json.dumps(told))
        """
    )
    if told == "not held back":
        pytest.skip("permissions do not hold back this user here")
    words = "cannot write F/parent/exports: no permission to write in F/parent; the old files are untouched"
    assert told == [words, 2, "old"]


def test_a_write_protected_folder_is_not_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "exports"
    replace_folder(target, OLD, last="manifest.json")
    monkeypatch.setattr(files.os, "access", lambda *_: False)  # root may always write
    with pytest.raises(KgError, match="no permission"):
        replace_folder(target, NEW, last="manifest.json", known=OLD)
    assert content(target) == OLD


@pytest.mark.parametrize("error", [KgError("no such assertion"), KeyboardInterrupt(), ZeroDivisionError()])
def test_what_stops_the_making_of_a_build_passes_and_the_old_build_stays(
    tmp_path: Path, error: BaseException
) -> None:
    def build() -> Iterator[tuple[str, bytes]]:
        yield "a.nt", b"new a\n"
        raise error

    target = tmp_path / "exports"
    replace_folder(target, OLD, last="manifest.json")
    with pytest.raises(type(error)) as caught:
        replace_folder(target, build(), last="manifest.json", known=OLD)
    assert caught.value is error
    assert content(target) == OLD
    assert names(tmp_path) == ["exports"]


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="needs /proc to name a descriptor")
def test_all_of_it_is_on_the_disk_before_it_takes_the_place_of_the_old(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    calls: list[str] = []
    fsync, rename, swap = os.fsync, os.replace, files._swap

    def note(descriptor: int) -> None:
        path = Path(f"/proc/self/fd/{descriptor}").readlink()
        calls.append("fsync " + re.sub(r"\.kg-(\w+)[^/]*", r"\1", str(path.relative_to(tmp_path))))
        fsync(descriptor)

    monkeypatch.setattr(files.os, "fsync", note)
    monkeypatch.setattr(files.os, "replace", lambda *a, **k: (calls.append("replace"), rename(*a, **k)))
    monkeypatch.setattr(files, "_swap", lambda *a: (calls.append("swap"), swap(*a))[1])
    target = tmp_path / "exports"
    write_atomically(tmp_path / "x.ttl", b"new")
    assert calls == ["fsync tmp", "replace", "fsync ."]
    replace_folder(target, OLD, last="manifest.json")
    (target / "sub").mkdir()
    calls.clear()
    replace_folder(target, {"manifest.json": b"", "b.nt": b"", "a.nt": b""}, last="manifest.json", known=OLD)
    made = [f"fsync stage/{name}" for name in ("b.nt", "a.nt", "manifest.json", "sub")]
    assert calls == [
        *made,
        "fsync stage",
        "swap",
        "fsync .",
    ]


# ---------------------------------------------------------------- the exchange


@pytest.mark.skipif(sys.platform not in ("linux", "darwin"), reason="no exchange of two paths here")
def test_two_folders_change_places_in_one_step(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / name).touch()
    if not files._exchange(tmp_path / "a", tmp_path / "b"):
        pytest.skip("this file system cannot exchange two paths")
    assert (names(tmp_path / "a"), names(tmp_path / "b")) == (["b"], ["a"])


class OldLibrary:
    """A C library without renameat2, as before glibc 2.28."""

    def __init__(self, *args: Any, **options: Any) -> None:
        self.syscall = CDLL(*args, **options).syscall


CDLL = ctypes.CDLL


@pytest.mark.skipif(sys.platform != "linux", reason="a system call of Linux")
def test_an_old_library_is_passed_by(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if os.uname().machine not in files._SYSCALL_RENAMEAT2:
        pytest.skip("the number of the system call is not known here")
    monkeypatch.setattr(ctypes, "CDLL", OldLibrary)
    test_two_folders_change_places_in_one_step(tmp_path)
    with pytest.raises(FileNotFoundError):
        files._exchange(tmp_path / "a", tmp_path / "nowhere")
    monkeypatch.setattr(files, "_SYSCALL_RENAMEAT2", {})
    assert files._exchange(tmp_path / "a", tmp_path / "b") is False


@pytest.mark.parametrize("number", [errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EPERM])
def test_where_the_exchange_is_refused_two_renames_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def refuse(one: bytes, other: bytes) -> int:
        ctypes.set_errno(number)
        return -1

    monkeypatch.setattr(files, "_exchange_function", lambda: refuse)
    replace_folder(tmp_path / "exports", OLD, last="manifest.json")
    replace_folder(tmp_path / "exports", NEW, last="manifest.json", known=OLD)
    assert content(tmp_path / "exports") == NEW
    assert names(tmp_path) == ["exports"]


# ---------------------------------------------------------------- recovery


def leave(folder: Path, text: str) -> None:
    folder.mkdir()
    (folder / "manifest.json").write_text(text)


def test_recovery_without_need_touches_nothing(tmp_path: Path) -> None:
    recover(tmp_path / "exports")
    recover(tmp_path / "nowhere" / "exports")
    assert names(tmp_path) == []


@pytest.mark.parametrize("empty", [False, True])
def test_recovery_puts_the_old_build_back_and_sweeps_the_unfinished_one(tmp_path: Path, empty: bool) -> None:
    leave(tmp_path / ".kg-old-exports-00000001", "old")
    leave(tmp_path / ".kg-stage-exports-00000002", "half")
    if empty:
        (tmp_path / "exports").mkdir()
    recover(tmp_path / "exports")
    assert content(tmp_path) == {"exports/manifest.json": b"old"}


def test_recovery_touches_no_whole_build_and_nothing_of_another_target(tmp_path: Path) -> None:
    leave(tmp_path / "exports", "whole")
    others = [
        ".kg-old-exports-b-00000001",
        ".kg-stage-a-exports-00000001",
        ".kg-stage-exports-1",
        "kg-old-exports",
    ]
    for name in others:
        leave(tmp_path / name, "another's")
    leave(tmp_path / ".kg-old-exports-00000001", "older")
    leave(tmp_path / ".kg-stage-exports-00000002", "half")
    recover(tmp_path / "exports")
    assert names(tmp_path) == sorted([*others, "exports"])
    assert (tmp_path / "exports" / "manifest.json").read_text() == "whole"


def test_of_several_earlier_builds_the_reader_has_to_choose(tmp_path: Path) -> None:
    leave(tmp_path / ".kg-old-exports-00000001", "one")
    leave(tmp_path / ".kg-old-exports-00000002", "two")
    for call in (recover, lambda target: replace_folder(target, NEW, last="manifest.json")):
        with pytest.raises(KgError, match=r"there are several earlier ones: .*01, .*02; keep one of them"):
            call(tmp_path / "exports")
    assert names(tmp_path) == [".kg-old-exports-00000001", ".kg-old-exports-00000002"]


def test_a_reader_leaves_a_running_build_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "exports"
    replace_folder(target, OLD, last="manifest.json")
    seen: list[dict[str, bytes]] = []

    def build() -> Iterator[tuple[str, bytes]]:
        yield "a.nt", NEW["a.nt"]
        recover(target)
        seen.append(content(target))
        yield from [(name, data) for name, data in NEW.items() if name != "a.nt"]

    replace_folder(target, build(), last="manifest.json", known=OLD)
    assert seen == [OLD]
    assert content(target) == NEW


# ---------------------------------------------------------------- two writers


def test_the_second_of_two_builds_gives_up_and_names_the_lock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "exports"
    replace_folder(target, OLD, last="manifest.json")
    monkeypatch.setattr(files, "LOCK_WAIT", 0.1)

    def build() -> Iterator[tuple[str, bytes]]:
        with pytest.raises(
            KgError, match=r"another process is writing it and holds .*\.kg-lock-exports; try again"
        ):
            replace_folder(target, OLD, last="manifest.json", known=OLD)
        with pytest.raises(KgError, match="another process is writing it"):  # still held
            replace_folder(target, OLD, last="manifest.json", known=OLD)
        replace_folder(tmp_path / "other", OLD, last="manifest.json")
        yield from NEW.items()

    replace_folder(target, build(), last="manifest.json", known=OLD)
    assert content(target) == NEW
    assert names(tmp_path) == ["exports", "other"]


@pytest.mark.parametrize(
    "put", [Path.unlink, lambda path: path.rename(path.with_name("away")) and path.touch()]
)
def test_a_lock_on_a_file_that_its_holder_has_removed_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, put: Callable[[Path], object]
) -> None:
    path, lock = tmp_path / "lock", files._lock_at_once
    monkeypatch.setattr(files, "_lock_at_once", lambda descriptor: (put(path), lock(descriptor)))
    assert files._try_lock(path) is None
    monkeypatch.undo()
    descriptor = files._try_lock(path)
    assert descriptor is not None
    assert files._try_lock(path) is None
    os.close(descriptor)


def test_many_builds_at_once_come_one_after_the_other(tmp_path: Path) -> None:
    target = tmp_path / "exports"
    running, faults = [0], list[str]()

    def build(number: int) -> Iterator[tuple[str, bytes]]:
        running[0] += 1
        if running[0] > 1:
            faults.append("two at once")
        for name in ("a", "b", "m"):
            yield name, b"%d" % number
        running[0] -= 1

    def rebuild(number: int) -> None:
        try:
            replace_folder(target, build(number), last="m", known="abm")
        except KgError as error:
            faults.append(str(error))

    threads = [threading.Thread(target=rebuild, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert len(set(content(target).values())) == 1
    assert sorted(content(target)) == ["a", "b", "m"]
    assert names(tmp_path) == ["exports"]


# ---------------------------------------------------------------- killed

KILLING = """
    import json, os, random, signal, sys, tempfile, time
    from pathlib import Path
    from kg import files

    NAMES = ["a.nt", "b.nt", "c.ttl", "d.nq", "e.json", "manifest.json"]
    EXCHANGE = sys.argv[1] == "exchange"

    def rebuild(target, generation):
        built = ((name, [b"%d %d\\n" % (generation, i) for i in range(200)]) for name in NAMES)
        files.replace_folder(target, built, last="manifest.json", known=NAMES)

    def child(work):
        pid = os.fork()
        if pid:
            return pid
        try:
            if not EXCHANGE:
                files._exchange = lambda *_: False
            work()
        finally:
            os._exit(0)

    def state(target):
        '''The one generation that `target` holds, or a word for what is wrong.'''
        files.recover(target)
        beside = sorted(p.name for p in target.parent.iterdir() if p.name != ".kg-lock-exports")
        if beside != ["exports"]:
            return f"beside: {beside}"
        if sorted(p.name for p in target.iterdir()) != sorted([*NAMES, "mine", "notes.txt"]):
            return f"inside: {sorted(p.name for p in target.iterdir())}"
        if (target / "notes.txt").read_text() + (target / "mine" / "x").read_text() != "mine too":
            return "notes"
        texts = {(target / name).read_bytes() for name in NAMES}
        if len(texts) > 1:
            return f"{len(texts)} generations"
        text = texts.pop()
        generation = int(text.split()[0])
        whole = b"".join(b"%d %d\\n" % (generation, i) for i in range(200))
        return generation if text == whole else "torn"

    def prepare(folder):
        target = Path(folder, "exports")
        rebuild(target, 0)
        (target / "notes.txt").write_text("mine")
        (target / "mine").mkdir()
        (target / "mine" / "x").write_text(" too")
        return target
"""

EVERY_STEP = (
    KILLING
    + """
    CALLS = "open mkdir link symlink fsync rename replace unlink rmdir chmod close".split()

    def kill_at(step, work):
        left = [step]
        def counted(real):
            def call(*args, **options):
                left[0] -= 1
                if left[0] == 0:
                    os.kill(os.getpid(), signal.SIGKILL)
                return real(*args, **options)
            return call
        for name in CALLS:
            setattr(os, name, counted(getattr(os, name)))
        files._exchange = counted(files._exchange)
        work()

    told = []
    with tempfile.TemporaryDirectory() as folder:
        target = prepare(folder)
        after = state(target)
        for step in range(1, 1000):
            before = after
            pid = child(lambda: kill_at(step, lambda: rebuild(target, step)))
            if os.waitpid(pid, 0)[1] == 0:  # it came to its end: there are fewer steps
                told.append(["done", state(target) == step])
                break
            # The recovery too may be killed.
            os.waitpid(child(lambda: kill_at(random.randint(1, 20), lambda: files.recover(target))), 0)
            after = state(target)
            told.append("old" if after == before else "new" if after == step else after)
    print(json.dumps(told))
    """
)

AT_RANDOM = (
    KILLING
    + """
    def forever(target, first):
        for generation in range(first, first + 1_000_000):
            rebuild(target, generation)

    told = []
    with tempfile.TemporaryDirectory() as folder:
        target = prepare(folder)
        for kill in range(1, int(sys.argv[2]) + 1):
            pid = child(lambda: forever(target, kill * 1_000_000))
            time.sleep(random.uniform(0.001, float(sys.argv[3])))
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            told.append(state(target))
    print(json.dumps(told))
    """
)

ways = pytest.mark.parametrize("way", ["exchange", "two renames"])
linux_only = pytest.mark.skipif(sys.platform != "linux", reason="forks, and kills with a signal")


@linux_only
@ways
def test_killed_at_every_single_step_the_folder_holds_one_whole_build(way: str) -> None:
    *steps, done = run(EVERY_STEP, way)
    assert len(steps) > 40
    assert set(steps) == {"old", "new"}
    assert steps == sorted(steps, reverse=True)  # old until the swap, and new from then on
    assert done == ["done", True]


@linux_only
@ways
def test_killed_at_any_moment_the_folder_holds_one_whole_build(way: str) -> None:
    generations = run(AT_RANDOM, way, 20, 0.06)
    assert [g for g in generations if not isinstance(g, int)] == []
    assert generations == sorted(generations)
    assert generations[-1] > 0


@linux_only
@ways
@pytest.mark.slow
def test_killed_many_times_the_folder_holds_one_whole_build(way: str) -> None:
    generations = run(AT_RANDOM, way, 150, 0.1)
    assert [g for g in generations if not isinstance(g, int)] == []
    assert generations == sorted(generations)


@linux_only
def test_a_killed_build_holds_no_lock_and_a_child_of_it_neither() -> None:
    told = run(
        KILLING
        + """
    import subprocess
    from threading import Event

    null = subprocess.DEVNULL

    def never_ends(target, ready):
        def last():
            sleeper = subprocess.Popen(["sleep", "3"], stdout=null, stderr=null)
            os.write(ready, b"!")
            Event().wait()
            yield b""
        built = [(name, b"") for name in NAMES[:-1]]
        files.replace_folder(target, [*built, (NAMES[-1], last())], last=NAMES[-1], known=NAMES)

    with tempfile.TemporaryDirectory() as folder:
        target = prepare(folder)
        wait, ready = os.pipe()
        pid = child(lambda: never_ends(target, ready))
        os.read(wait, 1)
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        start = time.monotonic()
        rebuild(target, 7)
        told = [state(target), time.monotonic() - start < 1, sorted(os.listdir(folder))]
    print(json.dumps(told))
    """,
        "exchange",
    )
    assert told == [7, True, ["exports"]]


# ---------------------------------------------------------------- reading


def test_a_file_is_read_up_to_its_limit_and_not_beyond(tmp_path: Path) -> None:
    path = tmp_path / "q.rq"
    path.write_bytes(b"12345")
    assert read_bytes_limited(path, 5, "the query") == b"12345"
    assert read_bytes_limited(str(path), 6, "the query") == b"12345"
    with pytest.raises(LimitError) as caught:
        read_bytes_limited(path, 4, "the query")
    assert str(caught.value) == f"the query {path} is larger than 4 bytes, the limit"
    assert caught.value.exit_code == Exit.LIMIT


def test_an_empty_file_is_empty(tmp_path: Path) -> None:
    (tmp_path / "q.rq").touch()
    assert read_bytes_limited(tmp_path / "q.rq", 0, "the query") == b""


class Stdin:
    def __init__(self, buffer: io.BufferedIOBase) -> None:
        self.buffer = buffer


def test_standard_input_is_read_up_to_its_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    big = b"x" * 3_000_000
    monkeypatch.setattr(sys, "stdin", Stdin(io.BytesIO(big)))
    assert read_bytes_limited("-", 3_000_000, "the query") == big
    monkeypatch.setattr(sys, "stdin", Stdin(io.BytesIO(big)))
    with pytest.raises(
        LimitError, match=r"the query on standard input is larger than 2,999,999 bytes, the limit"
    ):
        read_bytes_limited("-", 2_999_999, "the query")
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(KgError, match="cannot read the query on standard input: it is closed"):
        read_bytes_limited("-", 1, "the query")


@posix_only
def test_an_endless_standard_input_stops_at_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    with Path("/dev/zero").open("rb") as zero:
        monkeypatch.setattr(sys, "stdin", Stdin(zero))
        with pytest.raises(LimitError):
            read_bytes_limited("-", 10_000_000, "the query")


def test_a_missing_file_is_named_with_the_one_that_was_meant(tmp_path: Path) -> None:
    (tmp_path / "where.rq").touch()
    with pytest.raises(KgError) as caught:
        read_bytes_limited(tmp_path / "wher.rq", 9, "the query")
    path, meant = tmp_path / "wher.rq", tmp_path / "where.rq"
    assert str(caught.value) == (
        f"cannot read the query {path}: there is no such file; did you mean {str(meant)!r}?"
    )
    assert caught.value.exit_code == Exit.CANNOT
    with pytest.raises(KgError, match=r"there is no such file$"):
        read_bytes_limited(tmp_path / "zebra.ttl", 9, "the query")
    with pytest.raises(KgError, match=r"there is no such file$"):
        read_bytes_limited(tmp_path / "nowhere" / "where.rq", 9, "the query")


def test_what_is_no_file_is_refused_at_once(tmp_path: Path) -> None:
    with pytest.raises(KgError, match="it is a folder, not a file"):
        read_bytes_limited(tmp_path, 9, "the query")
    with pytest.raises(KgError, match="cannot read the query a\0b: "):
        read_bytes_limited("a\0b", 9, "the query")
    (tmp_path / "f").touch()
    with pytest.raises(KgError, match="a file stands where its path needs a folder"):
        read_bytes_limited(tmp_path / "f" / "g", 9, "the query")


@posix_only
def test_a_device_and_a_socket_are_refused_at_once(tmp_path: Path) -> None:
    with pytest.raises(KgError, match="cannot read the query /dev/zero: it is a device, not a file"):
        read_bytes_limited("/dev/zero", 9, "the query")
    with contextlib.closing(socket.socket(socket.AF_UNIX)) as listening:
        listening.bind(os.path.relpath(tmp_path / "s"))
        with pytest.raises(KgError, match="it is a socket, not a file"):
            read_bytes_limited(tmp_path / "s", 9, "the query")


@posix_only
def test_a_pipe_is_read_up_to_its_limit(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for limit in (5, 4):
        writer = threading.Thread(target=lambda: pipe.write_bytes(b"12345"))
        writer.start()
        with contextlib.nullcontext() if limit == 5 else pytest.raises(LimitError):
            assert read_bytes_limited(pipe, limit, "the query") == b"12345"
        writer.join()


def test_a_file_that_may_not_be_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "q.rq"
    path.write_bytes(b"x")
    monkeypatch.setattr(io, "open", fail(errno.EACCES))  # root may always read
    with pytest.raises(KgError) as caught:
        read_bytes_limited(path, 9, "the query")
    assert str(caught.value) == f"cannot read the query {path}: no permission"

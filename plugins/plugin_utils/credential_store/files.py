# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The disk under the store: whole files or none, on the disk before we go on, for their owner's eyes only.

What is handed to :func:`put` is sealed already. A power cut leaves the old file or the new one: the new one is complete
on the disk before it takes the name, and the name is on the disk before the caller hears of it. Any system call may be
the last one of this process.
"""

from __future__ import annotations

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from .unusable import Busy, Unkept

_LONGEST = 1 << 20  # bytes of a file: ours have a few thousand

_DO = {
    errno.ENOSPC: "Free some space there, and run again",
    errno.EDQUOT: "Free some of this user's quota there, and run again",
    errno.EROFS: "Mount it for writing, or set iot_site_directory to another place",
    errno.EACCES: "Give it to the person who runs this, or set iot_site_directory to another place",
    errno.EPERM: "Give it to the person who runs this, or set iot_site_directory to another place",
    errno.ELOOP: "A symbolic link could lead into another site's credentials: remove it",
    errno.ENOTDIR: "Only a directory of its own is used, never a link or a file: remove what is there",
}


def get(path: Path) -> bytes | None:
    """The file as it is; None where there is none."""
    try:
        with _told("could not be read", path):
            handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
            with os.fdopen(handle, "rb") as file:
                return file.read(_LONGEST)
    except _Missing:
        return None


def put(path: Path, sealed: bytes) -> None:
    """Replaces the file whole. The name of the unfinished one is always the same: a dead run's is written over."""
    fresh = path.with_name(f".{path.name}.new")
    with _told("could not be stored; what was stored before is whole", path):
        try:
            _whole(fresh, sealed)
            fresh.replace(path)
        except OSError:
            with suppress(OSError):
                fresh.unlink()
            raise
    with _told("is stored, but perhaps not on the disk yet", path):
        _sync(path.parent)


def settle(path: Path, root: Path) -> None:
    """What another program wrote is on the disk, and so are its name and the directories up to ``root``."""
    with _told("is stored, but perhaps not on the disk yet", path):
        _sync(path)
        for directory in path.parents[: len(path.relative_to(root).parts)]:
            _sync(directory)


def remove(path: Path) -> None:
    """The file is gone; so it may have been before."""
    with _told("could not be removed", path):
        path.unlink(missing_ok=True)


def make(directory: Path) -> None:
    """The directory is there, ours alone; so is every one above it that was missing."""
    with _told("cannot be used for credentials", directory):
        _make(directory)
        if directory.is_symlink():
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
        directory.chmod(0o700)
        _sync(directory.parent)  # again: whoever made it may not have come to this line


def found(directory: Path, pattern: str) -> list[Path]:
    """The files below a directory that fit the pattern, in order; none where there is no directory."""
    with _told("could not be listed", directory):
        return sorted(directory.glob(pattern))


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Ours until the block ends or this process does. Raises Busy at once: a change may take minutes."""
    with _told("could not be locked", path):
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    try:
        with _told("could not be locked", path):
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(handle)


class _Missing(Unkept):
    """There is no such file."""


@contextmanager
def _told(what: str, path: Path) -> Iterator[None]:
    """A system's error in words that say what, where, and what to do."""
    try:
        yield
    except BlockingIOError:
        raise Busy(f"Another run is changing the credentials in {path.parent} now. Run again when it is done") from None
    except OSError as error:
        code = error.errno or 0
        kind = _Missing if code == errno.ENOENT else Unkept
        todo = _DO.get(code, "Mend that, and run again")
        raise kind(f"{path} {what}: {os.strerror(code)}. {todo}") from None


def _make(directory: Path) -> None:
    if os.path.lexists(directory):
        return
    _make(directory.parent)
    with suppress(FileExistsError):  # another worker was faster
        directory.mkdir(0o700)
    _sync(directory.parent)


def _whole(path: Path, content: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    try:
        os.fchmod(handle, 0o600)  # whatever the umask, or a dead run's, was
        left = memoryview(content)
        while left:
            left = left[os.write(handle, left) :]
        os.fsync(handle)
    finally:
        os.close(handle)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

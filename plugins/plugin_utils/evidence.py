# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes one site's evidence: its own directory, for its owner's eyes only, and never half a file."""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path

from .model import Json, digest

_SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


def directory_name(site: str) -> str:
    """A site id as one harmless directory name; two ids never share one."""
    if not site:
        return "_without_site_id"
    return site if _SAFE.fullmatch(site) else f"_{digest(site)[:16]}"


def write(root: Path, site: str, run: str, files: Mapping[str, str]) -> Path:
    """``root/<site>/<run>/<file>`` for every file, and ``root/<site>/latest`` pointing there. Raises OSError."""
    home = root / directory_name(site)
    folder = home / run
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    for private in (home, folder):
        _private(private)
    for name, text in files.items():
        _whole(folder / name, text)
    _point(home / "latest", run)
    return folder


def json_text(value: Json) -> str:
    """For people and programs: Japanese stays readable, a lone surrogate stays valid JSON."""
    text = json.dumps(value, ensure_ascii=False, indent=2)
    return text.encode("utf-8", "backslashreplace").decode("utf-8") + "\n"


def _private(directory: Path) -> None:
    """Ours alone, also when it was there before; a link could lead into another site's evidence."""
    if directory.is_symlink():
        raise NotADirectoryError(f"{directory} is a symbolic link; evidence is only written to a directory of its own")
    directory.mkdir(mode=0o700, exist_ok=True)
    directory.chmod(0o700)


def _whole(path: Path, text: str) -> None:
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # mode 0600
    try:
        with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink()
        raise


def _point(link: Path, target: str) -> None:
    temporary = link.with_name(f".latest.{target}.{os.getpid()}")
    temporary.symlink_to(target)
    temporary.replace(link)

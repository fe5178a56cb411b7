# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m tests.devices.demo``: exit code 0 when everything in the demo went as it should."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import fcntl
import shutil
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

from .site import standing
from .story import Story

_CHECKOUT = Path(__file__).parents[3]
_MARK = ".iot_site_checklist_demo"


def _arguments(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="demo", description="Audit and fix two emulated sites on loopback.")
    parser.add_argument(
        "--directory", type=Path, default=_CHECKOUT / "demo-site", help="emptied and used; nothing else is written"
    )
    return parser.parse_args(argv)


@contextlib.contextmanager
def _emptied(directory: Path) -> Iterator[Path]:
    """The demo's own directory, empty and locked: two demos do not share one."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    there = list(directory.iterdir())
    if there and not (directory / _MARK).exists():
        raise SystemExit(f"{directory} was not made by the demo, so it is not emptied. Name another --directory.")
    (directory / _MARK).touch()
    with (directory / _MARK).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SystemExit(f"Another demo is running in {directory}.") from None
        for path in there:
            if path.name != _MARK:
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        directory.chmod(0o700)
        yield directory.resolve()


async def _demo(directory: Path) -> int:
    task = asyncio.current_task()
    assert task is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    async with standing(directory, _CHECKOUT / ".build" / "collections") as site:
        wrong = await Story(site, _as_seen(directory)).tell()
    return 1 if wrong else 0


def _as_seen(directory: Path) -> str:
    """The directory as its user would name it."""
    return str(directory.relative_to(Path.cwd()) if directory.is_relative_to(Path.cwd()) else directory)


def main(argv: list[str] | None = None) -> int:
    with _emptied(_arguments(argv).directory) as directory:
        try:
            return asyncio.run(_demo(directory))
        except (KeyboardInterrupt, asyncio.CancelledError):
            print("\nStopped. Nothing is left running.", file=sys.stderr)
            return 130


if __name__ == "__main__":
    raise SystemExit(main())

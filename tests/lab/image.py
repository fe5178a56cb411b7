# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The image of every lab host: Debian 12 from this machine's own mirror, kept in podman under its recipe's hash."""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import subprocess
import tempfile
from pathlib import Path

from .layout import LabError
from .programs import output, podman, succeeds

RECIPE = Path(__file__).parent / "recipe"
SUITE = "bookworm"
NAME = "localhost/iot-site-lab"


def packages() -> list[str]:
    lines = (RECIPE / "packages").read_text("utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def tag() -> str:
    """``name:hash``: another recipe is another image."""
    recipe = hashlib.sha256()
    for path in (RECIPE / "packages", RECIPE / "finish.sh"):
        recipe.update(path.read_bytes())
    return f"{NAME}:{recipe.hexdigest()[:16]}"


def build() -> str:
    """The image's tag; made only when podman does not have it yet (about two minutes), and once for all who ask."""
    wanted = tag()
    with (Path(tempfile.gettempdir()) / "iot-site-lab.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not succeeds("podman", "image", "exists", wanted):
            _make(wanted)
    return wanted


def _make(wanted: str) -> None:
    print(f"lab: building {wanted} once; this takes about two minutes", flush=True)
    with tempfile.TemporaryDirectory(prefix="iot-site-lab-") as scratch:
        root = Path(scratch) / "root"
        _debootstrap(root)
        shutil.copy(RECIPE / "finish.sh", root / "finish.sh")
        output("chroot", str(root), "/bin/sh", "/finish.sh")
        (root / "finish.sh").unlink()
        _import(root, wanted)
    _forget_others(wanted)


def _debootstrap(root: Path) -> None:
    include = f"--include={','.join(packages())}"
    arguments = ["debootstrap", "--variant=minbase", include, SUITE, str(root), *_mirror()]
    done = subprocess.run(arguments, capture_output=True, text=True, check=False)
    if done.returncode:
        raise LabError(f"debootstrap could not make Debian {SUITE}:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")


def _mirror() -> list[str]:
    """The mirror that this machine's apt already uses for Debian; none: debootstrap's own default."""
    if not shutil.which("apt-get"):
        return []
    wanted = ["Created-By: Packages", "Label: Debian", f"Codename: {SUITE}"]
    listed = output("apt-get", "indextargets", "--format", "$(REPO_URI)", *wanted)
    return listed.splitlines()[:1]


def _import(root: Path, wanted: str) -> None:
    """Stream the tree into podman; a tarball on disk would cost the space twice."""
    with subprocess.Popen(["tar", "-C", str(root), "--numeric-owner", "-c", "."], stdout=subprocess.PIPE) as tar:
        podman("import", "-q", "--change", 'CMD ["/sbin/init"]', "-", wanted, stdin=tar.stdout)
    if tar.returncode:
        raise LabError(f"tar could not read {root}; is the disk full?")


def _forget_others(wanted: str) -> None:
    """Images of older recipes; one that a running lab still uses stays."""
    for other in podman("image", "ls", "--format", "{{.Repository}}:{{.Tag}}", NAME).split():
        if other != wanted:
            succeeds("podman", "image", "rm", other)

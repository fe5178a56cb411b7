# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""People with real keys, made for the tests and gone after them: who can open what?"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

MISSING = [program for program in ("age", "age-keygen", "gpg", "gpgconf") if shutil.which(program) is None]
REASON = f"not installed: {', '.join(MISSING)}"


@dataclass(frozen=True)
class Holder:
    """Somebody with a private key."""

    kind: str  # age or gpg
    public: str
    private: Path  # the file of age, or the home of gpg

    def opens(self, data: bytes) -> bytes | None:
        """The clear text; None when this key does not fit."""
        command = {
            "age": ["age", "--decrypt", "--identity", str(self.private)],
            "gpg": ["gpg", "--homedir", str(self.private), "--batch", "--no-tty", "--decrypt"],
        }[self.kind]
        done = subprocess.run(command, input=data, capture_output=True, check=False, timeout=60)
        return done.stdout if done.returncode == 0 else None


@contextmanager
def holders(age: int = 2, gpg: int = 2) -> Iterator[list[Holder]]:
    """So many with a key of age, so many with one of gpg. Below /tmp: the path of an agent's socket must be short."""
    with tempfile.TemporaryDirectory(prefix="keys-", dir="/tmp", ignore_cleanup_errors=True) as directory:
        folder = Path(directory)
        homes = [folder / f"gpg{number}" for number in range(gpg)]
        try:
            yield [*(_age(folder / f"age{number}") for number in range(age)), *map(_gpg, homes)]
        finally:
            for home in homes:
                _run("gpgconf", "--homedir", str(home), "--kill", "all")


def _age(file: Path) -> Holder:
    _run("age-keygen", "-o", str(file))
    return Holder("age", _run("age-keygen", "-y", str(file)).strip(), file)


def _gpg(home: Path, *capabilities: str) -> Holder:
    home.mkdir(mode=0o700)
    gpg = ["gpg", "--homedir", str(home), "--batch", "--no-tty"]
    wanted = capabilities or ("future-default", "default", "never")
    _run(*gpg, "--passphrase", "", "--quick-generate-key", f"{home.name}@example.org", *wanted)
    return Holder("gpg", _run(*gpg, "--armor", "--export"), home)


@contextmanager
def signer() -> Iterator[str]:
    """A public key of gpg to which nothing can be encrypted."""
    with tempfile.TemporaryDirectory(prefix="keys-", dir="/tmp", ignore_cleanup_errors=True) as directory:
        home = Path(directory) / "gpg"
        try:
            yield _gpg(home, "ed25519", "sign", "never").public
        finally:
            _run("gpgconf", "--homedir", str(home), "--kill", "all")


def _run(*command: str) -> str:
    done = subprocess.run(command, env={**os.environ, "LC_ALL": "C"}, capture_output=True, text=True, check=True)
    return done.stdout

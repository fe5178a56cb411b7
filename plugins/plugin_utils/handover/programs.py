# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The programs that encrypt to a person's public key: age and gpg, one row of a table each.

The clear text reaches them by a pipe and comes back encrypted by another: it is in no file and in no argument. They see
nothing of the person who runs this, neither keys nor settings, and their own words are not passed on.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from .. import public_key
from ..problems import Expected

_SECONDS = 60  # for a program that hangs; they take hundredths of one


class NotEncrypted(Exception):
    """Why there is no bundle: what, and what to do. Nothing of the clear text."""


@dataclass(frozen=True, slots=True)
class Encrypted:
    """What only the holder of the private key can read, and the key it was made for, as people compare it."""

    data: bytes
    key: str


@dataclass(frozen=True, slots=True)
class Program:
    """One way to encrypt: ``encrypt(key, clear)``; whether ``key`` itself is well-formed has been seen before."""

    name: str
    install: str
    encrypt: Callable[[str, bytes], Encrypted]

    @property
    def file(self) -> str:
        """The bundle's name; it tells the person which program opens it, and nobody where it belongs."""
        return f"bundle.html.{self.name}"

    def needed(self) -> None:
        """Raises NotEncrypted where the program is missing."""
        if shutil.which(self.name) is None:
            raise NotEncrypted(f"{self.name} is not installed on this controller. {self.install}")

    def encrypted(self, key: str, clear: bytes) -> Encrypted:
        """Raises NotEncrypted; also when what comes back is not encrypted."""
        self.needed()
        try:
            made = self.encrypt(key, clear)
        except OSError as error:
            why = f"{self.name} could not be run: {os.strerror(error.errno or 0)}"
            raise NotEncrypted(f"{why}. Is there room where temporary files go (TMPDIR)?") from None
        if not made.data or clear in made.data:
            raise NotEncrypted(f"{self.name} gave back what is not encrypted. Is it the program of that name?")
        return made


def _age(key: str, clear: bytes) -> Encrypted:
    return Encrypted(_run("age", ["--encrypt", "--recipient", key], clear), key)


def _gpg(key: str, clear: bytes) -> Encrypted:
    """In a home of its own, which holds the public key and nothing else, and is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="handover-") as home:  # mode 0700
        alone = ["--homedir", home, "--no-options", "--batch", "--no-tty", "--no-autostart", "--disable-dirmngr"]
        listing = _run("gpg", [*alone, "--with-colons", "--show-keys"], key.encode())
        try:
            fingerprint = public_key.fingerprint(listing.decode("utf-8", "replace"))
        except Expected as expected:
            raise NotEncrypted(f"expected {expected}") from None
        file = Path(home) / "key.asc"
        file.write_text(key, encoding="utf-8")
        to = ["--trust-model", "always", "--recipient-file", str(file), "--output", "-", "--encrypt"]
        return Encrypted(_run("gpg", [*alone, *to], clear), fingerprint)


def _run(program: str, arguments: Sequence[str], said: bytes) -> bytes:
    """What it prints. What it says besides is dropped: it could quote what it was given."""
    environment = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"}
    try:
        done = subprocess.run([program, *arguments], input=said, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                              env=environment, timeout=_SECONDS, check=False)  # fmt: skip
    except subprocess.TimeoutExpired:
        raise NotEncrypted(f"{program} did not end within {_SECONDS} s") from None
    if done.returncode:
        raise NotEncrypted(f"{program} ended with status {done.returncode}. Try it by hand with this public key")
    return done.stdout


PROGRAMS = {
    "age": Program("age", "Install it with: apt install age (or brew, dnf, apk: age)", _age),
    "gpg": Program("gpg", "Install it with: apt install gpg (or brew install gnupg)", _gpg),
}

# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tools of a Debian host write of a password at this moment, opened by that password and by no other."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from ansible_collections.iot_site.checklist.plugins.plugin_utils.stored_secrets.scheme import Store, Stored
from ansible_collections.iot_site.checklist.plugins.plugin_utils.stored_secrets.stores import matches, scheme_of

SECRET = "himawari-2024 ひまわり"

#: Scheme, place, command; what it prints or writes ends in the stored text.
TOOLS: list[tuple[str, Store, str]] = [
    ("md5-crypt", "shadow", "openssl passwd -1"),
    ("sha256-crypt", "shadow", "openssl passwd -5"),
    ("sha512-crypt", "shadow", "openssl passwd -6"),
    ("apr1", "nginx", "openssl passwd -apr1"),
    ("apr1", "htpasswd", "htpasswd -nbm ops"),
    ("bcrypt", "htpasswd", "htpasswd -nbB ops"),
    ("sha", "htpasswd", "htpasswd -nbs ops"),
    ("sha512-crypt", "htpasswd", "htpasswd -nb5 ops"),
    ("sha256-crypt", "htpasswd", "htpasswd -nb2 ops"),
]


def _needs(program: str) -> None:
    if not shutil.which(program):
        pytest.skip(f"needs {program}")


def _holds(scheme: str, store: Store, text: str, secret: str = SECRET) -> None:
    stored = Stored("ops", store, text)
    found = scheme_of(stored)
    assert found and found.name == scheme
    assert matches(stored, secret)
    assert not matches(stored, "another" + secret)


@pytest.mark.parametrize(("scheme", "store", "command"), TOOLS, ids=[command for _scheme, _store, command in TOOLS])
def test_a_tool_that_prints(scheme: str, store: Store, command: str) -> None:
    argv = command.split()
    _needs(argv[0])
    done = subprocess.run([*argv, SECRET], capture_output=True, check=False, text=True)
    if "illegal option" in done.stderr:
        pytest.skip(f"this {argv[0]} is too old for {command}")
    assert done.returncode == 0, done.stderr
    _holds(scheme, store, done.stdout.strip().rpartition(":")[2])


def test_the_des_of_htpasswd() -> None:
    _needs("htpasswd")
    made = subprocess.run(["htpasswd", "-nbd", "ops", "himawari"], capture_output=True, text=True, check=True).stdout
    _holds("des-crypt", "htpasswd", made.strip().rpartition(":")[2], "himawari")


@pytest.mark.parametrize(("kind", "scheme"), [("sha512-pbkdf2", "mosquitto-pbkdf2"), ("sha512", "mosquitto-sha512")])
def test_mosquitto_passwd(kind: str, scheme: str, tmp_path: Path) -> None:
    _needs("mosquitto_passwd")
    file = tmp_path / "passwd"
    subprocess.run(["mosquitto_passwd", "-H", kind, "-c", "-b", file, "ops", SECRET], check=True, capture_output=True)
    _holds(scheme, "mosquitto", file.read_text().strip().removeprefix("ops:"))


@pytest.mark.parametrize(
    ("method", "scheme"),
    [("YESCRYPT", "yescrypt"), ("SHA512", "sha512-crypt"), ("SHA256", "sha256-crypt"), ("MD5", "md5-crypt")],
)
def test_chpasswd(method: str, scheme: str, tmp_path: Path) -> None:
    """On an /etc of its own, in a mount namespace of its own."""
    if os.geteuid() != 0 or not shutil.which("unshare") or not shutil.which("chpasswd"):
        pytest.skip("needs root, unshare and chpasswd")
    (tmp_path / "passwd").write_text("ops:x:1000:1000::/:/bin/sh\n")
    (tmp_path / "shadow").write_text("ops:!:19000::::::\n")
    for name in ("login.defs", "nsswitch.conf", "ld.so.cache"):
        shutil.copy(Path("/etc") / name, tmp_path)
    script = f'mount --bind "$0" /etc && exec chpasswd -c {method}'
    done = subprocess.run(
        ["unshare", "--mount", "sh", "-c", script, tmp_path],
        input=f"ops:{SECRET}\n",
        capture_output=True,
        check=False,
        text=True,
    )
    if "unshare" in done.stderr or "mount:" in done.stderr:
        pytest.skip(f"no mount namespace here: {done.stderr.strip()}")
    assert done.returncode == 0, done.stderr
    _holds(scheme, "shadow", (tmp_path / "shadow").read_text().split(":")[1])

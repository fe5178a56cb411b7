# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tools of a Debian host write of a password at this moment, opened by that password and by no other.

And the other way round: what we make of it is what they would have made, or what they let in.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from ansible_collections.iot_site.checklist.plugins.plugin_utils.stored_secrets.making import WAYS, made
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


# --- what we make -------------------------------------------------------------------------------------------------

_CRYPT = "my ($stored, $typed) = map { chomp; $_ } <STDIN>; print crypt($typed, $stored)"


@pytest.mark.parametrize(
    ("store", "scheme"),
    [(store, way.scheme) for store in ("shadow", "htpasswd", "nginx") for way in WAYS[store]],
)
def test_the_crypt_of_this_system_makes_the_same_of_what_we_made(store: Store, scheme: str) -> None:
    """As PAM, nginx and lighttpd ask it."""
    _needs("perl")
    text = made(store, SECRET, [scheme])
    for typed in (SECRET, SECRET + "x"):
        asked = f"{text}\n{typed}\n"
        again = subprocess.run(["perl", "-e", _CRYPT], input=asked, capture_output=True, check=True, text=True).stdout
        assert again.startswith(text[:7]), "a libcrypt that does not know the scheme"
        assert (again == text) == (typed == SECRET)


def test_openssl_makes_the_same_of_what_we_made() -> None:
    _needs("openssl")
    text = made("shadow", SECRET, ["sha512-crypt"])
    setting = text.removeprefix("$6$").rpartition("$")[0]
    argv = ["openssl", "passwd", "-6", "-stdin", "-salt", setting]
    again = subprocess.run(argv, input=f"{SECRET}\n", capture_output=True, check=True, text=True).stdout
    assert again.strip() == text


@pytest.mark.parametrize("scheme", [way.scheme for way in WAYS["htpasswd"]])
def test_htpasswd_lets_the_secret_in_and_no_other(scheme: str, tmp_path: Path) -> None:
    _needs("htpasswd")
    file = tmp_path / "htpasswd"
    file.write_text(f"ops:{made('htpasswd', SECRET, [scheme])}\n", encoding="utf-8")
    for typed in (SECRET, SECRET + "x"):
        argv = ["htpasswd", "-vi", file, "ops"]
        done = subprocess.run(argv, input=typed, capture_output=True, check=False, text=True)
        assert done.returncode == (0 if typed == SECRET else 3), done.stderr


def test_mosquitto_passwd_writes_as_many_bytes_as_we_do(tmp_path: Path) -> None:
    _needs("mosquitto_passwd")
    file = tmp_path / "passwd"
    subprocess.run(["mosquitto_passwd", "-H", "sha512-pbkdf2", "-c", "-b", file, "ops", SECRET], check=True)
    theirs = file.read_text().strip().removeprefix("ops:").split("$")
    ours = made("mosquitto", SECRET, ["mosquitto-pbkdf2"]).split("$")
    assert [len(part) for part in ours[3:]] == [len(part) for part in theirs[3:]]
    assert ours[1] == theirs[1] and int(ours[2]) >= int(theirs[2])

# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host tells of its accounts, on planted files in the forms of Debian 12 and on those that are there."""

from __future__ import annotations

import json
import os

import pytest
from ansible_collections.iot_site.checklist.plugins.module_utils import accounts
from hypothesis import given
from hypothesis import strategies as st

HASH = "$y$j9T$Vsalt0saltsaltsaltsaltsa$hashhashhashhashhashhashhashhashhashhashhas"  # no password gives it
PASSWD = """\
root:x:0:0:root:/root:/bin/bash
daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin
pi:x:1000:1000:,,,:/home/pi:/bin/bash
old:$1$saltsalt$hashhashhashhashhashha:1001:1001::/home/old:/bin/sh
guest::1002:1002::/home/guest:/bin/sh
gone:x:1003:1003::/home/gone:/bin/sh
"""
SHADOW = f"""\
root:*:19700:0:99999:7:::
daemon:*:19700:0:99999:7:::
pi:{HASH}:20000:0:99999:7::20786:
"""


@pytest.fixture
def host(tmp_path, monkeypatch):
    """A host's files below a folder, and a way to put one there."""

    def put(path, text="", mode=0o644):
        target = tmp_path / path.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
        target.chmod(mode)
        return str(target)

    for name in ("PASSWD", "SHADOW", "LINGERS"):
        monkeypatch.setattr(accounts, name, str(tmp_path) + getattr(accounts, name))
    for name in ("CRONTABS", "SYSTEM_CRONTABS", "AT_JOBS"):
        monkeypatch.setattr(accounts, name, tuple(str(tmp_path) + path for path in getattr(accounts, name)))
    put("/etc/passwd", PASSWD)
    put("/etc/shadow", SHADOW)
    return put


# --- passwords ----------------------------------------------------------------------------------------------


def test_every_account_has_a_state_and_its_days_and_no_hash(host):
    found = accounts.passwords()
    assert found == {
        "root": {"state": "locked", "changed": 19700, "expires": None},
        "daemon": {"state": "locked", "changed": 19700, "expires": None},
        "pi": {"state": "usable", "changed": 20000, "expires": 20786},
        "old": {"state": "usable", "changed": None, "expires": None},
        "guest": {"state": "none", "changed": None, "expires": None},
        "gone": {"state": "locked", "changed": None, "expires": None},
    }
    assert "$" not in json.dumps(found) and "salt" not in json.dumps(found)


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("", "none"), (HASH, "usable"), ("$6$s$" + "h" * 86, "usable"), ("abJnggxhB/yWI", "usable"),
        ("!", "locked"), ("*", "locked"), ("!!", "locked"), ("!" + HASH, "locked"), ("*LK*", "locked"),
        ("x", "locked"), ("NP", "locked"), ("a hash has no blanks", "locked"),
    ],
)  # fmt: skip
def test_what_stands_in_shadow_is_a_hash_nothing_or_a_lock(host, text, state):
    host("/etc/shadow", f"pi:{text}:20000:0:99999:7:::\n")
    assert accounts.passwords()["pi"]["state"] == state


def test_without_a_shadow_file_nothing_is_told_unless_passwd_holds_all(host, tmp_path):
    (tmp_path / "etc/shadow").unlink()
    with pytest.raises(ValueError, match="missing"):
        accounts.passwords()
    host("/etc/passwd", "guest::1002:1002::/home/guest:/bin/sh\n")
    assert accounts.passwords()["guest"]["state"] == "none"


def test_a_shadow_file_that_may_not_be_read_is_an_error(host, monkeypatch):
    def denied(path, limit):
        if path == accounts.SHADOW:
            return {"data": b"", "rc": 0, "truncated": False, "error": "Permission denied (as noc)"}
        return read(path, limit)

    read = accounts.files.read_file
    monkeypatch.setattr(accounts.files, "read_file", denied)
    with pytest.raises(ValueError, match="Permission denied"):
        accounts.passwords()


@given(noise=st.text(max_size=60))
def test_whatever_stands_there_no_error_and_no_answer_tells_it(noise, tmp_path_factory):
    folder = tmp_path_factory.mktemp("etc")
    (folder / "shadow").write_text(f"pi:~~{noise}~~\n~~{noise}\n", encoding="utf-8", errors="replace", newline="")
    (folder / "passwd").write_text("pi:x:1000:1000::/home/pi:/bin/bash\n", encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(accounts, "PASSWD", str(folder / "passwd"))
        patch.setattr(accounts, "SHADOW", str(folder / "shadow"))
        try:
            told = json.dumps(accounts.passwords())
        except ValueError as error:
            told = str(error).replace(str(folder), "")
    assert "~~" not in told


# --- keys ---------------------------------------------------------------------------------------------------

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHiddenHiddenHiddenHiddenHiddenHiddenHidden noc@k7\n"


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("", 0),
        ("# a comment\n\n", 0),
        (KEY, 1),
        (f"# {KEY}", 0),
        (f"{KEY}\n{KEY}", 2),
        (f'from="192.0.2.5",command="/usr/bin/rrsync -ro /srv" {KEY}', 1),
        (f"restrict {KEY.replace('ssh-ed25519', 'sk-ssh-ed25519@openssh.com')}", 1),
        (f"cert-authority {KEY.replace('ssh-ed25519', 'ecdsa-sha2-nistp256')}", 1),
        (KEY.rstrip(), 1),
        ("ssh-ed25519 no key at all\n", 0),
    ],
)
def test_keys_are_counted_and_not_told(host, text, number):
    path = host("/home/pi/.ssh/authorized_keys", text)
    found = accounts.keys(path, path + "2")
    assert found == {path: {"keys": number, "own": True}} and "Hidden" not in json.dumps(found)


def test_a_file_behind_a_link_is_not_its_homes_own(host, tmp_path):
    host("/srv/keys", KEY)
    (tmp_path / "home/pi/.ssh").mkdir(parents=True)
    path = tmp_path / "home/pi/.ssh/authorized_keys"
    path.symlink_to(tmp_path / "srv/keys")
    assert accounts.keys(str(path)) == {str(path): {"keys": 1, "own": False}}
    (tmp_path / "mnt").symlink_to(tmp_path / "srv")
    behind = host("/srv/pi/.ssh/authorized_keys", KEY).replace("/srv/", "/mnt/")
    assert accounts.keys(behind)[behind]["own"], "the home itself may be reached through a link"


def test_a_pipe_in_the_place_of_keys_holds_nobody_up_and_a_long_file_is_not_counted(host, tmp_path, monkeypatch):
    folder = tmp_path / "home/pi/.ssh"
    folder.mkdir(parents=True)
    os.mkfifo(folder / "authorized_keys")
    assert accounts.keys(str(folder / "authorized_keys"))[str(folder / "authorized_keys")]["keys"] == 0
    monkeypatch.setattr(accounts, "BYTES", 10)
    long = host("/home/al/.ssh/authorized_keys", KEY)
    assert accounts.keys(long)[long]["keys"] is None


# --- jobs ---------------------------------------------------------------------------------------------------


def test_whoever_has_something_done_is_named_and_not_what(host):
    host("/var/spool/cron/crontabs/pi", "# m h dom mon dow command\nPATH=/bin\n0 3 * * * mysql -phimitsu\n")
    host("/var/spool/cron/crontabs/bob", "# only comments\n\nMAILTO=bob\n")
    host("/var/spool/cron/carol", "@reboot /home/carol/run\n")
    host("/etc/crontab", "SHELL=/bin/sh\n17 *\t* * *\troot\tcd / && run-parts --report /etc/cron.hourly\n")
    host("/etc/cron.d/app", "@daily agent /opt/app\n*/5 * * * * dan true\n")
    host("/var/lib/systemd/linger/erin")
    found = accounts.jobs()
    assert found == ["agent", "carol", "dan", "erin", "pi", "root"] and "himitsu" not in json.dumps(found)


def test_a_job_of_at_is_its_files_owners(host, monkeypatch):
    host("/var/spool/cron/atjobs/a0000101ab", "#!/bin/sh\n")
    monkeypatch.setattr(accounts.kernel, "account", lambda uid: f"uid {uid}")
    assert accounts.jobs() == [f"uid {os.geteuid()}"]


def test_a_crontab_that_may_not_be_read_is_an_error(host, monkeypatch):
    host("/etc/crontab", "x" * 20)
    monkeypatch.setattr(accounts, "BYTES", 10)
    with pytest.raises(ValueError, match="too long"):
        accounts.jobs()


def test_every_pseudo_command_answers_in_json_here():
    for name, answer in accounts.PSEUDO.items():
        json.dumps(answer(*(["/root/.ssh/authorized_keys"] if name == "@keys" else [])))

# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The guard on a host, in a folder of its own: killed anywhere, the device is what it was."""

from __future__ import annotations

import json
import os
import shutil
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest
from ansible_collections.iot_site.checklist.plugins.module_utils import guard as guards
from ansible_collections.iot_site.checklist.plugins.module_utils import way_back
from ansible_collections.iot_site.checklist.plugins.modules import host_apply
from ansible_collections.iot_site.checklist.plugins.plugin_utils.model import (
    AccountLine,
    FileEdit,
    KeptFile,
    LineInFile,
    MadeFile,
    as_json,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

pytestmark = pytest.mark.once

TOKEN, OTHER = "20261120T000000Z-aaaaaa", "20261120T000001Z-bbbbbb"
HOUR = 3600

#: Somebody's file, whose lines we change: a byte that is no UTF-8, an end of line of another system, none at the end.
OWNERS = b"# site\nsecret \xff;\nrealm pump;\r\n}"


def edits(*wanted):
    """As the transport sends them."""
    return [as_json(edit) for edit in wanted]


@pytest.fixture
def device(tmp_path):
    """A small device: a configuration tree, a "running state" file that commands change, and the guard's places."""
    return Device(tmp_path)


class Device:
    def __init__(self, folder):
        self.folder = folder
        self.etc = folder / "etc"
        self.places = guards.Places(str(folder / "var"), str(folder / "units"), systemd=str(folder / "no systemd"))
        self.guard = Path(self.places.guard)
        (self.etc / "conf.d").mkdir(parents=True)
        for name, content, mode in (("nginx.conf", "old\n", 0o640), ("conf.d/a", "a\xff", 0o600), ("gone", "x", 0o755),
                                    ("pem", "key old", 0o640), ("users", "ann:old\nbob:old", 0o640),
                                    ("shadow", "ann:old", 0o604)):  # fmt: skip
            (self.etc / name).write_text(content)
            (self.etc / name).chmod(mode)
        (self.etc / "link").symlink_to("conf.d/a")
        (self.etc / "owner").write_bytes(OWNERS)
        (self.etc / "owner-link").symlink_to("owner")
        self.running = self.etc / "running"
        self.running.write_text("old")

    def made_anew(self):
        shutil.rmtree(self.etc)
        shutil.rmtree(self.places.root)
        return Device(self.folder)

    def tree(self):
        """Everything that identifies the tree: names, kinds, inodes, owners, modes, link counts, contents."""
        found = {}
        for path in sorted(self.etc.rglob("*")):
            seen = path.lstat()
            content = str(path.readlink()) if path.is_symlink() else path.read_bytes() if path.is_file() else b""
            inode = seen.st_ino if path.name not in ("running", "shadow") else 0  # those that commands write
            found[str(path)] = (stat.filemode(seen.st_mode), inode, seen.st_uid, seen.st_gid, seen.st_nlink, content)
        return found

    def set(self, word):
        return {"argv": ["sh", "-c", f"printf {word} > {self.running}"], "stdin": "", "undo": [], "undo_stdin": ""}

    def asked(self, **other):
        files = edits(
            FileEdit(f"{self.etc}/nginx.conf", "new\n"),
            FileEdit(f"{self.etc}/link", "through the link"),
            FileEdit(f"{self.etc}/gone", None),
            FileEdit(f"{self.etc}/made/deep/file", "made", 0o604),
            FileEdit(f"{self.etc}/nginx.conf", "newer\n"),
            LineInFile(f"{self.etc}/owner", 3, "realm pump;\r", "realm K-7Q2MXA;"),
            LineInFile(f"{self.etc}/owner-link", 1, "# site", "# K-7Q2MXA"),
            MadeFile(f"{self.etc}/pem", ("sh", "-c", 'cut -d " " -f 1 "$1"; cat', "sh", f"{self.etc}/pem"), "made"),
            AccountLine(f"{self.etc}/users", "ann", None, "ann:new"),
            KeptFile(f"{self.etc}/shadow"),
        )
        script = f"printf new | tee {self.etc}/shadow > {self.running}"
        run = dict(self.set("new"), argv=["sh", "-c", script], undo=self.set("old")["argv"])
        ordinary = {"token": TOKEN, "seconds": HOUR, "deadline": 20, "files": files, "checks": [], "runs": [run]}
        return {**ordinary, **other}

    def apply(self, **other):
        return host_apply.apply(self.asked(**other), self.places)

    def revert(self, token=TOKEN):
        return host_apply.revert({"token": token}, self.places)

    def confirm(self, token=TOKEN):
        return host_apply.confirm({"token": token}, self.places)


@pytest.fixture(autouse=True)
def no_timers(monkeypatch, request):
    """Only the tests of the timer start one."""
    if "timers" not in request.fixturenames:
        monkeypatch.setattr(guards.Guard, "_start_timer", lambda _self: None)


@pytest.fixture
def timers():
    """For a test of the timer."""


FAILS = {"argv": ["sh", "-c", "echo 'line 3: unknown word'; exit 2"], "stdin": "", "undo": [], "undo_stdin": ""}


def test_a_change_is_applied_and_keeps_owner_mode_and_links(device):
    before = (device.etc / "nginx.conf").stat()
    assert device.apply() == {"outcome": "applied", "why": "", "problems": []}
    after = (device.etc / "nginx.conf").stat()
    assert (device.etc / "nginx.conf").read_text() == "newer\n"
    assert (after.st_mode, after.st_uid, after.st_gid) == (before.st_mode, before.st_uid, before.st_gid)
    assert (device.etc / "link").is_symlink()
    assert (device.etc / "conf.d/a").read_text() == "through the link"
    assert not (device.etc / "gone").exists()
    assert stat.S_IMODE((device.etc / "made/deep/file").stat().st_mode) == 0o604
    assert (device.etc / "owner").read_bytes() == b"# K-7Q2MXA\nsecret \xff;\nrealm K-7Q2MXA;\r\n}"
    assert (device.etc / "owner-link").is_symlink()
    assert (device.etc / "pem").read_text() == "key\nmade"
    assert stat.S_IMODE((device.etc / "pem").stat().st_mode) == 0o640
    assert (device.etc / "users").read_text() == "ann:new\nbob:old\n"
    assert device.running.read_text() == (device.etc / "shadow").read_text() == "new"


def test_the_way_back_brings_the_very_same_files(device):
    before = device.tree()
    device.apply()
    assert device.tree() != before
    assert device.revert()["outcome"] == "reverted"
    assert device.tree() == before
    assert not device.guard.exists()
    assert device.revert()["outcome"] == "gone"


def test_the_way_back_runs_alone_from_the_guards_folder(device):
    before = device.tree()
    device.apply()
    run = subprocess.run([sys.executable, "-I", device.guard / "way_back.py", TOKEN], capture_output=True, check=True)
    assert device.tree() == before
    assert run.stderr == b""
    assert device.confirm()["outcome"] == "late"


def test_extended_attributes_follow_the_file(device):
    try:
        os.setxattr(device.etc / "nginx.conf", "user.context", b"httpd_config_t")
    except OSError as problem:
        pytest.skip(f"this file system has no extended attributes: {problem}")
    device.apply()
    assert os.getxattr(device.etc / "nginx.conf", "user.context") == b"httpd_config_t"


def test_a_failed_check_leaves_everything_as_it_was_and_activates_nothing(device):
    before = device.tree()
    found = device.apply(checks=[FAILS])
    assert found["outcome"] == "refused"
    assert "unknown word" in found["why"]
    assert device.tree() == before
    assert not device.guard.exists()


def test_checks_see_the_new_files(device):
    sees = {"argv": ["grep", "-q", "newer", str(device.etc / "nginx.conf")], "stdin": "", "undo": [], "undo_stdin": ""}
    assert device.apply(checks=[sees])["outcome"] == "applied"


def test_a_failed_command_is_undone_with_all_before_it(device):
    before = device.tree()
    found = device.apply(runs=[dict(device.set("new"), undo=device.set("old")["argv"]), FAILS])
    assert (found["outcome"], found["problems"]) == ("reverted", [])
    assert device.tree() == before


def test_commands_are_undone_last_first_and_only_if_started(device, tmp_path):
    log = tmp_path / "log"

    def step(name, argv=("true",)):
        return {"argv": list(argv), "stdin": "", "undo": ["sh", "-c", f"cat >> {log}"], "undo_stdin": f"{name} "}

    device.apply(runs=[step("first"), step("second", ["false"]), step("third")])
    assert log.read_text() == "second first "


def test_an_undo_that_fails_is_told_and_stops_no_other(device):
    bad = dict(device.set("new"), undo=["false"])
    good = dict(device.set("new"), undo=device.set("old")["argv"])
    before = device.tree()
    device.apply(runs=[good, bad])
    assert device.revert()["problems"] == ["false ended with status 1: "]
    assert device.tree() == before
    assert not device.guard.exists()


def test_a_command_cannot_outlast_the_time_for_applying(device):
    before = device.tree()
    slow = {"argv": ["sleep", "60"], "stdin": "", "undo": [], "undo_stdin": ""}
    found = device.apply(runs=[slow, slow], deadline=1)
    assert found["outcome"] == "reverted"
    assert device.tree() == before


def test_a_daemon_that_a_command_starts_holds_nobody_up(device):
    daemon = {"argv": ["sh", "-c", "sleep 30 & :"], "stdin": "", "undo": [], "undo_stdin": ""}
    started = time.monotonic()
    assert device.apply(runs=[daemon])["outcome"] == "applied"
    assert time.monotonic() - started < 10


# --- lines of somebody's file -------------------------------------------------------------------------------

LINES = st.text(st.characters(exclude_characters="\n", exclude_categories=["Cs"]), min_size=1, max_size=40)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=st.lists(LINES, min_size=1, max_size=5), after=LINES, top=LINES, data=st.data())
def test_any_line_becomes_any_other_and_every_other_byte_stays(device, lines, after, top, data):
    lines = [f"{line}\r" if data.draw(st.booleans()) else line for line in lines]
    (device.etc / "owner").write_bytes("\n".join(lines).encode())
    number = data.draw(st.integers(1, len(lines)))
    path = str(device.etc / "owner")
    files = edits(LineInFile(path, 0, "", top), LineInFile(path, number, lines[number - 1], after))
    assert device.apply(files=files)["outcome"] == "applied"
    found = (device.etc / "owner").read_bytes().decode().split("\n")
    assert device.revert()["outcome"] == "reverted"
    assert (found[1:number], found[number + 1 :]) == (lines[: number - 1], lines[number:])
    for now, wished, like in ((found[0], top, lines[0]), (found[number], after, lines[number - 1])):
        assert now.removesuffix("\r") == wished.removesuffix("\r")
        assert now.endswith("\r") == (like.endswith("\r") or wished.endswith("\r"))
    assert (device.etc / "owner").read_bytes() == "\n".join(lines).encode()


@pytest.mark.parametrize(
    ("number", "before"),
    [(3, "realm pump;"), (3, "realm pump; \r"), (2, "realm pump;\r"), (5, "}"), (1, "# sit"), (4, "")],
)
def test_a_line_that_is_not_what_was_read_is_refused_with_its_place(device, number, before):
    before_all = device.tree()
    if not before:
        (device.etc / "owner").unlink()
        before, before_all = "}", device.tree()
    good = LineInFile(f"{device.etc}/nginx.conf", 1, "old", "new")
    found = device.apply(files=edits(good, LineInFile(f"{device.etc}/owner", number, before, "x")))
    assert (found["outcome"], found["problems"]) == ("refused", [])
    assert f"{device.etc}/owner" in found["why"] and "run again" in found["why"]
    assert device.tree() == before_all
    assert not device.guard.exists()


@given(
    others=st.lists(st.text(":#abn\xff ", min_size=0, max_size=6).map(lambda line: "b" + line), max_size=4),
    lines=st.integers(0, 2),
    ended=st.booleans(),
    gone=st.booleans(),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
def test_an_account_has_one_line_or_none_and_all_others_stay(device, others, lines, ended, gone):
    file = device.etc / "users"
    written = [*others[:2], *["ann:old:more"] * lines, *others[2:]]
    before = "\n".join(written) + ("\n" if ended and written else "")
    file.write_text(before, "utf-8")
    wish = AccountLine(str(file), "ann", None, "" if gone else "ann:new")
    assert device.apply(files=edits(wish), runs=[])["outcome"] == "applied"
    after = file.read_text("utf-8").split("\n")
    assert after.pop() == ""
    assert [line for line in after if line.startswith("ann:")] == ([] if gone else ["ann:new"])
    assert [line for line in after if not line.startswith("ann:")] == [one for one in written if one[:4] != "ann:"]
    assert gone or not lines or after.index("ann:new") == len(others[:2]), "it stands where it stood"
    device.revert()


def test_a_password_file_may_begin_with_its_first_account(device):
    device.apply(files=edits(AccountLine(f"{device.etc}/new.users", "ann", None, "ann:new", mode=0o640)), runs=[])
    made = device.etc / "new.users"
    assert (made.read_text(), stat.S_IMODE(made.stat().st_mode)) == ("ann:new\n", 0o640)


def test_old_passwords_are_kept_nowhere_once_a_change_is_confirmed(device):
    device.apply()
    assert device.confirm()["outcome"] == "confirmed"
    left = {path.name for path in [*device.etc.rglob("*"), *Path(device.places.originals).rglob("*")]}
    assert not [name for name in left if ".original" in name or "%2Fusers" in name or "%2Fshadow" in name]
    assert [name for name in left if name.endswith("nginx.conf")]


def test_a_file_that_has_lost_an_account_is_kept_as_it_was(device):
    before = (device.etc / "users").read_bytes()
    device.apply(files=edits(AccountLine(f"{device.etc}/users", "ann", None), AccountLine(
        f"{device.etc}/users", "carl", None, "carl:new")), runs=[])  # fmt: skip
    assert device.confirm()["outcome"] == "confirmed"
    (kept,) = [path for path in Path(device.places.originals).rglob("*") if path.name.endswith("%2Fusers")]
    assert kept.read_bytes() == before and b"ann:" in before
    assert b"ann:" not in (device.etc / "users").read_bytes()


def test_two_wishes_that_exclude_each_other_are_refused(device):
    before = device.tree()
    path = f"{device.etc}/nginx.conf"
    line = LineInFile(path, 1, "old", "new")
    for other in (FileEdit(path, "whole"), LineInFile(path, 1, "old", "other")):
        found = device.apply(files=edits(line, other))
        assert (found["outcome"], path in found["why"]) == ("refused", True)
        assert device.tree() == before


def test_an_empty_file_gets_a_first_line(device):
    (device.etc / "owner").write_bytes(b"")
    assert device.apply(files=edits(LineInFile(f"{device.etc}/owner", 0, "", "first")))["outcome"] == "applied"
    assert (device.etc / "owner").read_bytes() == b"first\n"


@pytest.mark.parametrize(
    ("number", "before", "after"), [(1, "a", "b\nc"), (1, "a\nb", "c"), (0, "a", "b"), (1, "", "b")]
)
def test_what_is_no_line_in_place_of_a_line_cannot_be_said(number, before, after):
    with pytest.raises(ValueError, match="one line"):
        LineInFile("/file", number, before, after)


# --- files that a command makes -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("echo half; echo 'no such key' >&2; exit 3", "status 3: no such key"),
        ("true", "status 0"),
        ("sleep 60", "timed out"),
    ],
)
def test_a_file_that_cannot_be_made_stays_as_it_was(device, script, reason):
    before = device.tree()
    good = FileEdit(f"{device.etc}/nginx.conf", "new\n")
    found = device.apply(files=edits(good, MadeFile(f"{device.etc}/pem", ("sh", "-c", script))), deadline=2)
    assert found["outcome"] == "refused" and f"{device.etc}/pem" in found["why"] and reason in found["why"]
    assert device.tree() == before
    assert not device.guard.exists()


@pytest.mark.parametrize("path", ["never there", "nginx.conf"])
def test_only_a_file_that_is_there_is_made_and_only_once(device, path):
    before = device.tree()
    made = MadeFile(f"{device.etc}/{path}", ("echo", "made"))
    found = device.apply(files=edits(made, *([FileEdit(made.path, "x")] if path == "nginx.conf" else [])))
    assert found["outcome"] == "refused" and made.path in found["why"]
    assert device.tree() == before


def test_a_program_that_is_not_there_makes_nothing(device):
    before = device.tree()
    found = device.apply(files=edits(MadeFile(f"{device.etc}/pem", ("/no/such/program",))))
    assert found["outcome"] == "refused" and "/no/such/program" in found["why"]
    assert device.tree() == before


# --- confirmation -------------------------------------------------------------------------------------------


def test_confirming_keeps_the_change_and_the_originals(device):
    device.apply()
    assert device.confirm()["outcome"] == "confirmed"
    assert (device.etc / "nginx.conf").read_text() == "newer\n"
    assert not device.guard.exists()
    assert not list(device.etc.rglob(".*"))
    kept = {path.name: path.read_bytes() for path in Path(device.places.originals, TOKEN).iterdir()}
    assert kept[str(device.etc / "nginx.conf").replace("/", "%2F")] == b"old\n"
    assert kept[str(device.etc / "owner").replace("/", "%2F")] == OWNERS
    assert kept[str(device.etc / "pem").replace("/", "%2F")] == b"key old"
    assert len(kept) == 5
    assert device.revert()["outcome"] == "gone"


def test_a_confirmation_with_another_token_confirms_nothing(device):
    device.apply()
    assert device.confirm(OTHER)["outcome"] == "late"
    assert device.revert()["outcome"] == "reverted"


def test_only_the_originals_of_the_last_runs_are_kept(device):
    for number in range(guards.RUNS_KEPT + 2):
        token = f"20261120T00000{number}Z-cccccc"
        device.apply(token=token, files=only(device.etc / "nginx.conf"))
        device.confirm(token)
        os.utime(Path(device.places.originals, token), (number, number))
    kept = sorted(path.name for path in Path(device.places.originals).iterdir())
    assert len(kept) == guards.RUNS_KEPT
    assert kept[-1] == token


def test_of_confirmation_and_way_back_exactly_one_wins(device):
    """Both at the same moment, again and again: whichever says it won, the device agrees."""
    before = device.tree()
    for _round in range(20):
        device.apply()
        child = os.fork()
        if not child:
            way_back.fire(str(device.guard), TOKEN)
            os._exit(0)
        confirmed = device.confirm()["outcome"] == "confirmed"
        os.waitpid(child, 0)
        assert (device.running.read_text() == "new") == confirmed
        assert ((device.etc / "nginx.conf").read_text() == "newer\n") == confirmed
        if confirmed:  # back to the start for the next round
            return
        assert device.tree() == before


# --- the lock -----------------------------------------------------------------------------------------------


def test_a_second_run_is_refused_while_the_first_is_armed(device):
    device.apply()
    armed = device.tree()
    found = device.apply(token=OTHER)
    assert found["outcome"] == "refused"
    assert TOKEN in found["why"]
    assert " s ago" in found["why"]
    assert device.tree() == armed
    assert device.confirm()["outcome"] == "confirmed"
    assert device.apply(token=OTHER, files=[])["outcome"] == "applied"


def test_two_runs_that_begin_together_never_both_arm(device, monkeypatch):
    monkeypatch.setattr(guards, "_refuse_another", lambda _places: None)  # both have just looked and seen nobody
    assert device.apply()["outcome"] == "applied"
    found = device.apply(token=OTHER)
    assert (found["outcome"], "another run" in found["why"]) == ("refused", True)


def test_what_a_dead_run_left_is_put_back_before_anything_else(device, monkeypatch):
    """Its way back never ran: no systemd, and a reboot."""
    before = device.tree()
    device.apply()
    monkeypatch.setattr(way_back, "boot", lambda: "another boot")
    found = device.apply(token=OTHER)
    assert (found["outcome"], "Run again" in found["why"]) == ("refused", True)
    after = device.tree()
    after.pop(str(device.running))  # running state does not survive a boot, so no command was undone
    before.pop(str(device.running))
    assert after == before
    assert device.apply(token=OTHER)["outcome"] == "applied"


def test_an_original_that_cannot_return_is_kept_and_blocks_the_next_run(device, monkeypatch):
    device.apply()
    rename = os.rename

    def stuck(source, target):
        if str(target).endswith("nginx.conf"):
            raise OSError(30, "Read-only file system")
        rename(source, target)

    with monkeypatch.context() as patch:
        patch.setattr(way_back.os, "rename", stuck)
        (problem,) = device.revert()["problems"]
    assert "Read-only file system" in problem
    assert device.guard.exists()
    assert device.apply(token=OTHER)["outcome"] == "refused"
    assert device.revert()["problems"] == []
    assert (device.etc / "nginx.conf").read_text() == "old\n"


# --- refusals -----------------------------------------------------------------------------------------------


def only(path, content="x"):
    return edits(FileEdit(str(path), content))


def test_paths_that_are_not_safe_to_change_are_refused(device):
    before = device.tree()
    (device.etc / "open").mkdir()
    (device.etc / "open").chmod(0o1777)
    cases = {
        device.etc / "open" / "file": "everybody may write",
        device.etc / "open" / "sub" / "file": "everybody may write",
        device.etc / "conf.d": "not a regular file",
        Path("etc/passwd"): "not the absolute path",
    }
    for path, words in cases.items():
        found = device.apply(files=only(path))
        assert (found["outcome"], words in found["why"]) == ("refused", True), found
    (device.etc / "open").rmdir()
    assert device.tree() == before


def test_a_token_that_could_name_other_files_is_refused(device):
    assert device.apply(token="../../etc/x")["outcome"] == "refused"


def test_a_file_whose_original_cannot_be_kept_is_refused(device, monkeypatch):
    def immutable(*_args, **_more):
        raise PermissionError(1, "Operation not permitted")

    before = device.tree()
    monkeypatch.setattr(guards.os, "link", immutable)
    found = device.apply()
    assert (found["outcome"], "immutable" in found["why"]) == ("refused", True)
    assert device.tree() == before
    assert not device.guard.exists()


def test_a_file_that_a_program_could_not_replace_is_refused_before_the_program_runs(device, monkeypatch):
    """chpasswd renames as we do: of a file that is immutable, or a mount point, neither it nor the way back could."""

    def immutable(*_args, **_more):
        raise PermissionError(1, "Operation not permitted")

    before = device.tree()
    monkeypatch.setattr(guards.os, "link", immutable)
    found = device.apply(files=edits(KeptFile(str(device.etc / "shadow"))))
    assert (found["outcome"], "immutable" in found["why"]) == ("refused", True)
    assert device.tree() == before and not device.guard.exists()


def test_of_a_long_command_that_fails_the_words_are_told_and_not_the_whole_command(device):
    long = dict(FAILS, argv=[*FAILS["argv"], *("argument" for _number in range(100))])
    found = device.apply(checks=[long])
    assert "ended with status 2: line 3: unknown word" in found["why"] and len(found["why"]) < 200


def test_a_folder_that_is_read_only_leaves_no_guard_behind(device, monkeypatch):
    """There the kernel refuses to remove even what is not there, and nothing has to be put back."""
    unlink = os.unlink

    def read_only(path, **more):
        if str(device.etc) in str(path):
            raise OSError(30, "Read-only file system")
        unlink(path, **more)

    def no_new_file(*_args):
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(os, "unlink", read_only)
    monkeypatch.setattr(host_apply, "_write", no_new_file)
    found = device.apply(files=only(device.etc / "new"))
    assert (found["outcome"], found["problems"]) == ("refused", [])
    assert not device.guard.exists()


# --- what follows the confirmation --------------------------------------------------------------------------


def test_persisting_is_whole_or_not_at_all(device):
    device.apply()
    device.confirm()
    before = device.tree()
    asked = {"token": TOKEN, "deadline": 20, "files": only(device.etc / "rules.d" / "rules"), "runs": [FAILS]}
    assert host_apply.persist(asked, device.places)["outcome"] == "reverted"
    assert device.tree() == before
    assert host_apply.persist({**asked, "runs": []}, device.places)["outcome"] == "persisted"
    assert (device.etc / "rules.d" / "rules").read_text() == "x"
    assert not device.guard.exists()


def test_persisting_keeps_the_first_original_of_a_run(device):
    device.apply()
    device.confirm()
    again = {"token": TOKEN, "deadline": 20, "files": only(device.etc / "nginx.conf", "third"), "runs": []}
    assert host_apply.persist(again, device.places)["outcome"] == "persisted"
    kept = Path(device.places.originals, TOKEN, str(device.etc / "nginx.conf").replace("/", "%2F"))
    assert kept.read_text() == "old\n"


# --- killed anywhere ----------------------------------------------------------------------------------------

#: Every call that changes something on the device. Killed before and after each one.
CHANGES = ("mkdir", "rename", "link", "unlink", "rmdir", "symlink", "write", "fsync", "fchmod", "fchown", "setxattr")


def killed_at(step, work):
    """Runs ``work`` in a process of its own that dies at its ``step``-th change. False when it lived to the end."""
    child = os.fork()
    if not child:
        count = 0

        def dying(call):
            def wrapper(*args, **more):
                nonlocal count
                count += 1
                if count == step:
                    os.kill(os.getpid(), signal.SIGKILL)
                result = call(*args, **more)
                count += 1
                if count == step:
                    os.kill(os.getpid(), signal.SIGKILL)
                return result

            return wrapper

        for name in CHANGES:
            setattr(os, name, dying(getattr(os, name)))
        way_back.subprocess.Popen = dying(subprocess.Popen)
        try:
            work()
        finally:
            os._exit(0)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


def every_kill(work):
    step = 1
    while killed_at(step, work):
        yield step
        step += 1
    assert step > 10, "nothing was killed"


def ended(device, token=TOKEN):
    """The device's timer: runs the way back if a guard is there."""
    if (device.guard / "way_back.py").exists():
        subprocess.run([sys.executable, "-I", device.guard / "way_back.py", token], check=True)


def test_killed_at_any_step_of_applying_the_way_back_restores_the_very_same_tree(device):
    before = device.tree()
    for step in every_kill(device.apply):
        ended(device)
        assert device.tree() == before, f"killed at change {step}"
        assert not device.guard.exists()
    assert device.tree() != before, "the last round, unkilled, applies"


def test_killed_at_any_step_of_the_way_back_it_restores_when_run_again(device):
    before = device.tree()
    device.apply()
    for step in every_kill(lambda: way_back.fire(str(device.guard), TOKEN)):
        ended(device)
        assert device.tree() == before, f"killed at change {step}"
        assert not device.guard.exists()
        device.apply()
    assert device.tree() == before


def test_killed_at_any_step_of_confirming_the_device_is_wholly_old_or_wholly_new(device):
    before = device.tree()
    device.apply()
    new = (device.etc / "nginx.conf").read_text()
    for step in every_kill(device.confirm):
        ended(device)
        if device.tree() != before:
            assert (device.etc / "nginx.conf").read_text() == new, f"killed at change {step}"
            assert device.running.read_text() == "new"
            found = device.apply(token=OTHER, files=[], runs=[])  # the next run ends what was left
            assert found["outcome"] == "applied", found
            assert device.confirm(OTHER)["outcome"] == "confirmed"
            assert not list(device.etc.rglob(".*")), f"killed at change {step}"
            device = device.made_anew()
            before = device.tree()
        device.apply()


# --- the timer without systemd ------------------------------------------------------------------------------


@pytest.mark.usefixtures("timers")
def test_without_systemd_a_process_of_its_own_keeps_the_time(device):
    before = device.tree()
    device.apply(seconds=2)
    armed = time.monotonic()
    assert device.tree() != before
    while device.guard.exists() and time.monotonic() - armed < 20:
        time.sleep(0.1)
    assert device.tree() == before
    assert 1 <= time.monotonic() - armed < 10
    assert json.loads(Path(device.places.root, "restored.json").read_text())["token"] == TOKEN


@pytest.mark.usefixtures("timers")
def test_the_keeper_of_a_confirmed_run_leaves_the_next_one_alone(device):
    device.apply(seconds=2)
    device.confirm()
    device.apply(token=OTHER, seconds=HOUR, files=[], runs=[])
    armed = time.monotonic()
    while time.monotonic() - armed < 3:
        time.sleep(0.2)
        assert device.guard.exists()
    assert device.revert(OTHER)["outcome"] == "reverted"


# --- the timer with systemd: what is written (what it does is tests/integration) ------------------------------


def systemd_places(folder):
    (folder / "units").mkdir()
    return guards.Places(str(folder / "var"), str(folder / "units"), systemd=str(folder))


@pytest.mark.usefixtures("timers")
def test_systemd_gets_a_timer_and_a_service_that_runs_before_all_others_at_boot(device, tmp_path, monkeypatch):
    said = []
    monkeypatch.setattr(way_back, "run", lambda argv, *_more: said.append(argv) or "")
    device.places = systemd_places(tmp_path)
    device.apply(runs=[])
    timer = (tmp_path / "units" / way_back.TIMER).read_text()
    service = (tmp_path / "units" / guards.SERVICE).read_text()
    assert f"OnActiveSec={HOUR}s" in timer
    assert "AccuracySec=100ms" in timer
    assert f"way_back.py {TOKEN}" in service
    assert "Before=sysinit.target" in service
    assert (tmp_path / "units/sysinit.target.wants" / guards.SERVICE).resolve() == tmp_path / "units" / guards.SERVICE
    assert said == [
        ["systemctl", *words] for words in (["daemon-reload"], ["start", way_back.TIMER], ["is-active", way_back.TIMER])
    ]
    device.revert()
    assert not [path for path in (tmp_path / "units").rglob("*") if not path.is_dir()]


@pytest.mark.usefixtures("timers")
def test_a_timer_that_does_not_start_means_nothing_is_changed(device, tmp_path, monkeypatch):
    before = device.tree()
    monkeypatch.setattr(way_back, "run", lambda argv, *_more: "Failed to connect to bus" if "start" in argv else "")
    device.places = systemd_places(tmp_path)
    found = device.apply()
    assert (found["outcome"], "did not start" in found["why"]) == ("refused", True)
    assert device.tree() == before
    assert not device.guard.exists()

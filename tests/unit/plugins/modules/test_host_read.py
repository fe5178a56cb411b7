# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""host_read on this machine's own files and programs: bounded, honest about what it could not read."""

from __future__ import annotations

import base64
import os
import subprocess
import time
import zlib
from pathlib import Path

import pytest
from ansible_collections.iot_site.checklist.plugins.module_utils import files, outputs
from ansible_collections.iot_site.checklist.plugins.modules import host_read
from hypothesis import given
from hypothesis import strategies as st


def asked(name, files="", command=(), follow=None, limit=1 << 20):
    return {"name": name, "files": files, "command": list(command), "follow": follow, "limit": limit}


def read(*reads, seconds=30):
    return host_read.Reader(reads, seconds).all()


def one(**how):
    (found,) = read(asked("it", **how))["it"].values()
    return found


@pytest.fixture
def programs(tmp_path, monkeypatch):
    """A folder in front of the search path, and a way to put a program there."""
    folder = tmp_path / "programs"
    folder.mkdir()
    monkeypatch.setattr(host_read, "PATH", f"{folder}:{host_read.PATH}")

    def put(name, body, mode=0o755):
        path = folder / name
        path.write_text(f"#!/bin/sh\n{body}\n")
        path.chmod(mode)
        return path

    return put


def test_a_file_arrives_byte_for_byte(tmp_path):
    (tmp_path / "banner").write_bytes(b"\xff\x00k7\r\n{{ 1 }}")
    assert one(files=str(tmp_path / "banner")) == outputs.output(b"\xff\x00k7\r\n{{ 1 }}")


def test_a_long_file_is_cut_and_says_so(tmp_path):
    (tmp_path / "log").write_bytes(b"x" * 101)
    assert one(files=str(tmp_path / "log"), limit=100) == outputs.output(b"x" * 100, truncated=True)
    assert one(files=str(tmp_path / "log"), limit=101) == outputs.output(b"x" * 101)


def test_what_does_not_exist_is_missing_and_nothing_else_is(tmp_path):
    (tmp_path / "file").touch()
    assert one(files=str(tmp_path / "absent"))["error"] == "missing"
    assert one(files=str(tmp_path / "file" / "below"))["error"] == "missing"
    assert one(files=str(tmp_path))["error"] == "not a regular file"
    assert one(files="etc/hostname")["error"] == "not an absolute path"


def test_a_pipe_does_not_hold_us_up(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    assert one(files=str(tmp_path / "pipe"))["error"] == "not a regular file"


def test_an_unreadable_file_or_folder_is_an_error_never_missing(tmp_path, monkeypatch):
    (tmp_path / "conf.d").mkdir()

    def denied(*_args, **_more):
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patch:
        patch.setattr(files.os, "open", denied)
        assert one(files=str(tmp_path / "secret"))["error"].startswith("Permission denied (as ")
    with monkeypatch.context() as patch:
        patch.setattr(files.os, "listdir", denied)
        found = read(asked("it", files=str(tmp_path / "conf.d/*.conf")))["it"]
    assert [output["error"][:17] for output in found.values()] == ["Permission denied"]


def test_a_glob_gives_every_match_in_order_and_no_dot_files(tmp_path):
    for name in ("b.conf", "a.conf", ".hidden.conf", "c.txt"):
        (tmp_path / name).write_text(name)
    found = read(asked("it", files=f"{tmp_path}/*.conf"))["it"]
    assert {Path(path).name: output["data"] for path, output in found.items()} == {
        "a.conf": b"a.conf",
        "b.conf": b"b.conf",
    }
    assert list(found) == sorted(found)
    assert read(asked("it", files=f"{tmp_path}/*.nothing"))["it"] == {}


def test_two_stars_are_all_folders_below_also_hidden_and_linked_ones(tmp_path):
    for name in ("index.html", "a/b/c/deep.html", ".well-known/x.htm", "elsewhere.html", "a/b/c/data.json"):
        (tmp_path / "www" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "www" / name).write_text(name)
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "linked.html").write_text("linked")
    (tmp_path / "www" / "link").symlink_to(tmp_path / "other")
    (tmp_path / "www" / "folder.html").mkdir()
    found = read(asked("it", files=f"{tmp_path}/www/**/*.*htm*"))["it"]
    assert {path.removeprefix(f"{tmp_path}/www/") for path in found} == {
        "index.html", "a/b/c/deep.html", ".well-known/x.htm", "elsewhere.html", "link/linked.html",
    }  # fmt: skip
    assert not any(output["error"] for output in found.values())


def test_folders_that_two_stars_leave_out_say_so(tmp_path, monkeypatch):
    for name in "abcd":
        (tmp_path / name / "below").mkdir(parents=True)
        (tmp_path / name / "below" / "x.html").touch()
    (tmp_path / "a" / "circle").symlink_to(tmp_path)
    found = read(asked("it", files=f"{tmp_path}/**/*.html"))["it"]
    problems = {path: output for path, output in found.items() if output["error"]}
    assert problems == {f"{tmp_path}/a/circle": outputs.left_out("it leads back to a folder above it")}
    monkeypatch.setattr(files, "FOLDERS", 6)
    found = read(asked("it", files=f"{tmp_path}/**/*.html"))["it"]
    why = f"only 6 folders below it were looked into, not {tmp_path}/b/below and later ones"
    assert found[str(tmp_path)] == outputs.left_out(why)
    assert f"{tmp_path}/a/below/x.html" in found


def test_the_outputs_of_one_glob_are_bounded_before_they_are_read(tmp_path, monkeypatch):
    monkeypatch.setattr(host_read, "READ_BYTES", 15)
    for name in "abc":
        (tmp_path / name).write_bytes(b"x" * 10)
    found = list(read(asked("it", files=f"{tmp_path}/*"), asked("other", files=f"{tmp_path}/c")).values())
    assert [output["error"][:8] for output in found[0].values()] == ["", "", "not read"]
    assert [output["error"] for output in found[1].values()] == [""]


def test_a_glob_with_too_many_matches_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "EXPANSIONS", 2)
    for name in "abc":
        (tmp_path / name).touch()
    found = read(asked("it", files=f"{tmp_path}/*"))["it"]
    assert found[f"{tmp_path}/*"]["error"] == "3 files match, only 2 were read"


def test_a_command_runs_without_shell_terminal_input_or_our_language(programs):
    programs("tell", 'echo "$LC_ALL|$1|$(wc -c)"')
    assert one(command=["tell", "$(reboot); `x` *"])["data"] == b"C|$(reboot); `x` *|0\n"


def test_a_failing_command_gives_its_status_and_its_own_words(programs):
    programs("fail", "echo partly; echo because >&2; exit 3")
    assert one(command=["fail"]) == outputs.output(b"partly\nbecause\n", rc=3)


def test_a_succeeding_command_gives_its_output_only(programs):
    programs("warn", "echo good; echo warning >&2")
    assert one(command=["warn"])["data"] == b"good\n"


def test_a_missing_program_is_missing_but_one_we_may_not_run_is_an_error(programs):
    assert one(command=["no-such-program"])["error"] == "missing"
    path = programs("locked", "true", mode=0o644)
    assert one(command=["locked"])["error"] == f"{path} is not executable"
    path.chmod(0o755)
    path.write_text("#!/no/such/interpreter\n")
    assert one(command=["locked"])["error"].startswith("cannot be run")


def test_a_command_that_needs_a_program_is_missing_with_it(programs):
    assert one(command=["@having", "k7-absent", "echo", "seen"])["error"] == "missing"
    programs("k7-present", "true")
    assert one(command=["@having", "k7-present", "echo", "seen"]) == outputs.output(b"seen\n")


def test_a_command_that_does_not_end_is_ended_with_all_it_started(programs, tmp_path, monkeypatch):
    monkeypatch.setattr(host_read, "COMMAND_SECONDS", 1)
    programs("hang", f"sleep 600 & echo $! > {tmp_path}/child; wait")
    assert one(command=["hang"])["error"] == "no end after 1 seconds"
    child = (tmp_path / "child").read_text().strip()
    patience = time.monotonic() + 20  # it is killed; when it dies is the kernel's business
    while alive(child) and time.monotonic() < patience:
        os.sched_yield()
    assert not alive(child)


def alive(pid):
    try:
        return Path("/proc", pid, "stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_a_command_that_says_too_much_is_cut(programs):
    programs("flood", "exec cat /dev/zero")
    assert one(command=["flood"], limit=1000) == outputs.output(b"\0" * 1000, truncated=True)


# --- what is answered without a program, or by one for all ------------------------------------------------------


def test_stat_says_what_the_program_says(tmp_path):
    for name in ("a.conf", "b %n.conf", ".hidden.conf"):
        (tmp_path / name).write_text(name)
    (tmp_path / "link.conf").symlink_to("a.conf")
    for form in ("%Z %n", "%Y", "%s %n"):
        really = subprocess.run(
            ["stat", "-L", "-c", form, *sorted(map(str, tmp_path.glob("[!.]*.conf")))], capture_output=True, check=True
        )
        assert one(command=["@stat", form, f"{tmp_path}/*.conf"]) == outputs.output(really.stdout)


def test_stat_of_what_is_not_there_fails_and_still_tells_of_the_others(tmp_path):
    (tmp_path / "a").write_text("")
    found = one(command=["@stat", "%s %n", f"{tmp_path}/none", f"{tmp_path}/a", f"{tmp_path}/*.conf"])
    assert found["rc"] == 1 and not found["error"]
    assert found["data"].decode() == f"0 {tmp_path}/a\nstat: {tmp_path}/none: No such file or directory\n"


def test_what_is_answered_here_is_cut_like_everything_else(tmp_path, programs):
    (tmp_path / "a").write_text("")
    programs("systemctl", "echo Id=a.service")
    for command in (["@stat", "%s %n", f"{tmp_path}/a"], ["@units", "Id", "a.service"], ["@listeners"]):
        assert one(command=command, limit=1)["truncated"], command
        assert len(one(command=command, limit=1)["data"]) == 1


SYSTEMCTL = r"""
echo "$*" >> "$(dirname "$0")/asked"
shift 3
for unit; do
    echo "${separator}Id=$unit"; echo ActiveState=active; echo Environment=A=1 B=2; separator='
'
done
"""


def test_all_units_are_asked_for_at_once_and_each_read_gets_what_it_asked(programs, tmp_path):
    programs("systemctl", SYSTEMCTL)
    found = read(
        asked("one", command=["@units", "Id,ActiveState", "a.service"]),
        asked("two", command=["@units", "Id,Environment", "b.service", "a.service"]),
        asked("named", command=["printf", "c.service"]),
        asked("more", command=["@units", "Id", "{}"], follow={"of": "named", "pattern": "(.+)"}),
    )
    said = {name: [output["data"].decode() for output in each.values()] for name, each in found.items()}
    assert said["one"] == ["Id=a.service\nActiveState=active\n"]
    assert said["two"] == ["Id=b.service\nEnvironment=A=1 B=2\n\nId=a.service\nEnvironment=A=1 B=2\n"]
    assert said["more"] == ["Id=c.service\n"]
    assert (tmp_path / "programs" / "asked").read_text().splitlines() == [
        "show -p ActiveState,Environment,Id a.service b.service",
        "show -p Id c.service",
    ]


def test_no_systemd_is_missing_and_a_mute_one_an_error_for_every_read(programs, monkeypatch):
    reads = [asked(name, command=["@units", "Id", f"{name}.service"]) for name in ("a", "b")]
    programs("systemctl", "echo 'Failed to connect to bus' >&2; exit 1")
    for each in read(*reads).values():
        (found,) = each.values()
        assert found["rc"] == 1 and b"Failed to connect to bus" in found["data"]
    programs("systemctl", "echo Id=a.service")
    for each in read(*reads).values():
        (found,) = each.values()
        assert found["error"] == "systemctl told of 1 units, not 2"
    monkeypatch.setattr(host_read, "PATH", "/nowhere")
    for each in read(*reads).values():
        assert [found["error"] for found in each.values()] == [outputs.MISSING]


def test_one_bad_read_spoils_no_other(programs, tmp_path):
    programs("good", "echo good")
    (tmp_path / "bytes").write_bytes(b"\xff")
    found = read(asked("a", files="/no/such"), asked("b", files=str(tmp_path / "bytes")), asked("c", command=["good"]))
    assert [next(iter(outputs.values()))["data"] for outputs in found.values()] == [b"", b"\xff", b"good\n"]


def test_after_the_deadline_nothing_more_is_read(tmp_path):
    (tmp_path / "file").touch()
    (found,) = read(asked("it", files=str(tmp_path / "file")), seconds=0)["it"].values()
    assert found["error"] == "not read within the 0 seconds of the whole run"


def test_the_outputs_of_one_run_are_bounded_together(tmp_path, monkeypatch):
    monkeypatch.setattr(host_read, "TOTAL_BYTES", 10)
    (tmp_path / "file").write_bytes(b"x" * 10)
    found = read(asked("a", files=str(tmp_path / "file")), asked("b", files=str(tmp_path / "file")))
    assert found["a"][str(tmp_path / "file")]["data"] == b"x" * 10
    assert found["b"][str(tmp_path / "file")]["error"].startswith("not read: the outputs before it fill")


# --- follow -------------------------------------------------------------------------------------------------


def test_a_follow_reads_once_for_every_different_match(tmp_path):
    (tmp_path / "main").write_text(f"include {tmp_path}/a*;\ninclude {tmp_path}/b;\ninclude {tmp_path}/b;\n")
    for name in ("a1", "a2", "b"):
        (tmp_path / name).write_text(name)
    found = read(
        asked("included", files="{}", follow={"of": "main", "pattern": r"^include (.*);$"}),
        asked("main", files=str(tmp_path / "main")),
    )["included"]
    assert {Path(path).name for path in found} == {"a1", "a2", "b"}


def test_a_followed_match_is_one_argument_whatever_it_holds(programs, tmp_path):
    (tmp_path / "names").write_text("x; touch /tmp/x $(id)\n")
    programs("count", 'echo "$#:$1"')
    (found,) = read(
        asked("names", files=str(tmp_path / "names")),
        asked("each", command=["count", "{}"], follow={"of": "names", "pattern": "^(.+)$"}),
    )["each"].values()
    assert found["data"] == b"1:x; touch /tmp/x $(id)\n"


def test_what_follows_a_program_that_does_not_run_is_not_asked_and_is_no_error(tmp_path):
    chain = read(
        asked("processes", command=["@processes", "no-such-program"]),
        asked("arguments", files="/proc/{}/cmdline", follow={"of": "processes", "pattern": r"(\d+)"}),
        asked("files", files="{}", follow={"of": "arguments", "pattern": r"\0(/[^\0]+)"}),
    )
    assert (chain["arguments"], chain["files"]) == ({}, {})


def test_following_what_was_not_read_in_full_is_an_error_not_an_empty_answer(programs, tmp_path):
    follow = {"of": "main", "pattern": "^(.+)$"}
    (tmp_path / "main").write_text("/no/such\n/other\n")
    cut = read(asked("main", files=str(tmp_path / "main"), limit=9), asked("it", files="{}", follow=follow))["it"]
    assert cut[str(tmp_path / "main")]["error"] == "cannot be followed: it was cut off"
    programs("fail", "exit 4")
    failed = read(asked("main", command=["fail"]), asked("it", files="{}", follow=follow))["it"]
    assert failed["fail"]["error"] == "cannot be followed: it ended with status 4"
    absent = read(asked("main", files="/no/such/file"), asked("it", files="{}", follow=follow))["it"]
    assert absent == {}
    assert read(asked("it", files="{}", follow=follow))["it"]["main"]["error"] == "there is no read called main"


def test_follows_in_a_ring_are_errors(tmp_path):
    found = read(
        asked("a", files="{}", follow={"of": "b", "pattern": "(.)"}),
        asked("b", files="{}", follow={"of": "a", "pattern": "(.)"}),
    )
    assert found["a"]["a"]["error"] == found["b"]["b"]["error"] == "these reads follow each other in a ring"


def test_too_many_matches_are_said(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "EXPANSIONS", 2)
    (tmp_path / "main").write_text("a\nb\nc\n")
    found = read(
        asked("main", files=str(tmp_path / "main")),
        asked("it", files="/no/{}", follow={"of": "main", "pattern": "^(.)$"}),
    )["it"]
    assert found["it"]["error"] == "3 matches, only 2 were followed"


# --- packing ------------------------------------------------------------------------------------------------


@given(st.binary(max_size=300))
def test_packing_keeps_every_byte_and_its_length(data):
    pack = host_read.packed(outputs.output(data))
    assert zlib.decompress(base64.b64decode(pack["data"])) == data
    assert pack["length"] == len(data)
    assert pack["data"].isascii()


def test_a_path_that_is_no_utf8_is_shown_with_escapes():
    assert host_read.shown(os.fsdecode(b"/etc/\xff\xe5.conf")) == "/etc/\\xff\\xe5.conf"

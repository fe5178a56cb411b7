# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The users of a Debian 12 host as texts, and what the programs of a plan make of them.

The lines of the system's own accounts are those that ``cut -d: -f1,3-`` prints there (base-passwd 3.6.1); what useradd,
usermod, gpasswd and chpasswd do follows their manual pages (passwd 4.13).
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from ansible_collections.iot_site.checklist.plugins.plugin_utils.model import Change, FileEdit, KeptFile, RunEdit
from ansible_collections.iot_site.checklist.plugins.plugin_utils.raw import Output, Raw
from ansible_collections.iot_site.checklist.plugins.plugin_utils.surfaces import visits_login

SUDOERS = Path(__file__).parent / "users"

SYSTEM = """\
root:0:0:root:/root:/bin/bash
daemon:1:1:daemon:/usr/sbin:/usr/sbin/nologin
bin:2:2:bin:/bin:/usr/sbin/nologin
sync:4:65534:sync:/bin:/bin/sync
backup:34:34:backup:/var/backups:/usr/sbin/nologin
_apt:42:65534::/nonexistent:/usr/sbin/nologin
nobody:65534:65534:nobody:/nonexistent:/usr/sbin/nologin
postgres:101:104:PostgreSQL administrator,,,:/var/lib/postgresql:/bin/bash
"""
GROUPS = {"root": 0, "daemon": 1, "bin": 2, "disk": 6, "sudo": 27, "backup": 34, "shadow": 42, "docker": 998}
PROGRAMS = ("sbin/useradd", "sbin/usermod", "sbin/userdel", "sbin/chpasswd", "bin/gpasswd", "bin/sudo", "bin/bash",
            "bin/find", "bin/chown")  # fmt: skip
TODAY = "2026-11-28"


@dataclass
class Host:
    """``add`` puts an account there; ``apply`` does what a plan says."""

    passwd: dict[str, list[str]] = field(default_factory=dict)
    shadow: dict[str, dict[str, object]] = field(default_factory=dict)
    groups: dict[str, tuple[int, set[str]]] = field(default_factory=dict)
    keys: dict[str, dict[str, object]] = field(default_factory=dict)
    work: set[int] = field(default_factory=lambda: {0})
    logins: set[int] = field(default_factory=set)
    jobs: set[str] = field(default_factory=set)
    session: str = "root"
    sudoers: str = "debian"
    programs: tuple[str, ...] = PROGRAMS
    journal: list[str] = field(default_factory=list)
    answers: dict[str, dict[str, Output]] = field(default_factory=dict)
    ran: list[tuple[str, ...]] = field(default_factory=list)

    def __post_init__(self) -> None:
        for line in SYSTEM.splitlines():
            name, *rest = line.split(":")
            self.passwd[name] = rest
            self.shadow[name] = {"state": "locked", "changed": 20_000, "expires": None}
        self.groups = {name: (gid, set()) for name, gid in GROUPS.items()}

    def add(
        self, name: str, *groups: str, uid: int = 0, password: str = "usable", keys: int = 0,
        expires: int | None = None, shell: str = "/bin/bash", home: str = "",
    ) -> Host:  # fmt: skip
        uid = uid or 1 + max([999, *(int(one[0]) for one in self.passwd.values() if one[0] != "65534")])
        home = home or f"/home/{name}"
        self.passwd[name] = [str(uid), str(uid), ",,,", home, shell]
        self.shadow[name] = {"state": password, "changed": 20_000, "expires": expires}
        self.groups.setdefault(name, (uid, set()))
        for group in groups:
            self.groups[group][1].add(name)
        if keys:
            self.keys[f"{home}/.ssh/authorized_keys"] = {"keys": keys, "own": True}
        return self

    def password(self, name: str, state: str) -> Host:
        self.shadow[name]["state"] = state
        return self

    def raw(self) -> Raw:
        session = {"ssh_connection": "203.0.113.10 50022 192.0.2.5 22", "user": "root", "uid": 0}
        found = [f"/usr/{program}" for program in self.programs]
        texts = {
            "users.passwd": "".join(f"{':'.join([name, *rest])}\n" for name, rest in self.passwd.items()),
            "users.group": "".join(f"{n}:{gid}:{','.join(sorted(all_))}\n" for n, (gid, all_) in self.groups.items()),
            "users.shadow": json.dumps(self.shadow),
            "users.keys": json.dumps(self.keys),
            "users.jobs": json.dumps(sorted(self.jobs)),
            "users.owners": json.dumps({"work": sorted(self.work), "logins": sorted(self.logins)}),
            "users.nsswitch": "passwd:         files systemd\ngroup:          files systemd\nnetgroup:       nis\n",
            "users.sudoers": (SUDOERS / f"{self.sudoers}.json").read_text(encoding="utf-8"),
            "users.login_defs": "UID_MIN\t\t\t 1000\n#SYS_UID_MIN\t\t  101\nENCRYPT_METHOD SHA512\n",
            "users.pam": "password\t[success=1 default=ignore]\tpam_unix.so obscure yescrypt\n",
            "session": json.dumps({**session, "sudo_user": "" if self.session == "root" else self.session}),
            "sshd.effective": "port 22\nauthorizedkeysfile .ssh/authorized_keys .ssh/authorized_keys2\n"
            "authorizedkeyscommand none\ntrustedusercakeys none\n",
            "sshd.config": "Include /etc/ssh/sshd_config.d/*.conf\nUsePAM yes\n",
            "sources.sessions": json.dumps({"day": TODAY, "sessions": [], "left_out": 0}),
            "listeners": "[]",
            visits_login.SSH_JOURNAL.name: "\n".join(["#read journal", *self.journal, ""]),
        }
        outputs = {name: {name: Output(text.encode())} for name, text in texts.items()}
        stat = "".join(f"{path}\n" for path in found) + "stat: /bin/doas: No such file or directory\n"
        missing = {"users.doas": {"/etc/doas.conf": Output(error="missing")}}
        return Raw({**outputs, "users.programs": {"@stat": Output(stat.encode(), rc=1)}, **missing, **self.answers})

    # --- what a plan does -----------------------------------------------------------------------------------

    def apply(self, changes: Iterable[Change]) -> None:
        for change in changes:
            kept = {edit.path for edit in change.edits if isinstance(edit, KeptFile)}
            assert kept, "the guard must know what these programs write"
            for edit in change.edits:
                if isinstance(edit, FileEdit):
                    assert edit.content is None
                    del self.keys[edit.path]
                elif isinstance(edit, RunEdit):
                    self.ran.append(edit.argv)
                    getattr(self, f"_{edit.argv[0]}")(edit, kept)

    def _useradd(self, edit: RunEdit, kept: set[str]) -> None:
        *options, dashes, name = edit.argv[1:]
        assert dashes == "--" and name not in self.passwd and name not in self.groups
        assert {"/etc/passwd", "/etc/shadow", "/etc/group", "/etc/gshadow", "/etc/subuid", "/etc/subgid"} <= kept
        groups = [options[options.index("-G") + 1]] if "-G" in options else []
        self.add(name, *groups, password="locked", shell=options[options.index("-s") + 1])

    def _usermod(self, edit: RunEdit, kept: set[str]) -> None:
        *options, dashes, name = edit.argv[1:]
        assert dashes == "--"
        if "-L" in options:
            assert "/etc/shadow" in kept
            self.password(name, "locked")
        if "-e" in options:
            day = options[options.index("-e") + 1]
            self.shadow[name]["expires"] = int(day) if day else None
        if "-s" in options:
            self.passwd[name][4] = options[options.index("-s") + 1]
        if "-aG" in options:
            assert {"/etc/group", "/etc/gshadow"} <= kept
            self.groups[options[options.index("-aG") + 1]][1].add(name)

    def _userdel(self, edit: RunEdit, kept: set[str]) -> None:
        """The group of its own goes too, unless somebody else is in it; no file does."""
        dashes, name = edit.argv[1:]
        assert dashes == "--" and {"/etc/passwd", "/etc/shadow", "/etc/group", "/etc/gshadow", "/etc/subuid"} <= kept
        assert int(self.passwd[name][0]) not in self.work, "it refuses while a program runs"
        gid = int(self.passwd.pop(name)[1])
        del self.shadow[name]
        for _gid, members in self.groups.values():
            members.discard(name)
        if self.groups.get(name, (0, {"nobody"})) == (gid, set()):
            del self.groups[name]

    def _find(self, edit: RunEdit, kept: set[str]) -> None:
        assert "chown" in edit.argv and "chown" in edit.undo

    def _gpasswd(self, edit: RunEdit, kept: set[str]) -> None:
        _program, option, name, group = edit.argv
        assert option == "-d" and {"/etc/group", "/etc/gshadow"} <= kept
        self.groups[group][1].remove(name)

    def _chpasswd(self, edit: RunEdit, kept: set[str]) -> None:
        (given,) = edit.given
        assert edit.argv == ("chpasswd", "-e") and not edit.stdin and "/etc/shadow" in kept
        assert (given.surface, given.store) == ("accounts", "shadow") and "sha512-crypt" in given.takes
        self.password(given.account, "usable")

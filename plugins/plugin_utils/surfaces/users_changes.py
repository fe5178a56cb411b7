# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is done to accounts, by the machine's own programs. The guard keeps the files that these write.

What an account owns belongs to whoever gets its number next. So one is deleted only where it owns nothing but its home,
and that home is root's from then on.
"""

from __future__ import annotations

from collections.abc import Iterable

from ..model import Change, FileEdit, Given, Person, RunEdit
from .account_programs import OF_ACCOUNTS, OF_GROUPS, OF_SUBIDS
from .users_whose import MACHINE, SURFACE, Users, described

_EXPIRED = "1"  # users_there.LOCKED_SINCE as a number of days: of a date, usermod(8) takes the time zone's

#: Where find(1) does not look: what is no file, what lies on another machine, and the originals that our guard keeps,
#: which only root sees.
_KINDS = ("proc", "sysfs", "nfs", "nfs4", "cifs", "autofs")
_ELSEWHERE = (
    *(word for kind in _KINDS for word in ("-fstype", kind, "-prune", "-o")),
    "-path", "/var/lib/iot_site_checklist", "-prune", "-o",
)  # fmt: skip

#: What each of them needs on the machine.
NEEDS = {
    "created": ("useradd", "chpasswd"),
    "reopened": ("usermod", "chpasswd"),
    "promoted": ("usermod",),
    "locked": ("usermod",),
    "demoted": ("gpasswd",),
    "deleted": ("userdel", "find", "chown"),
}


def created(control: str, users: Users, person: Person) -> Change:
    name, group = person.account, _group_of(users, person)
    groups = ("-G", group) if group else ()
    argv = ("useradd", "-m", "-s", users.state["new_shell"], *groups, "--", name)
    after = f"{name}: a password of its own{_administrator(group)}"
    return Change(
        control, SURFACE, f"{person.name} gets the account {name}", "", after,
        edits=(*OF_ACCOUNTS, *OF_GROUPS, *OF_SUBIDS, RunEdit(argv), _secret(users, person)), subject=name,
    )  # fmt: skip


def reopened(control: str, users: Users, person: Person) -> Change:
    """A new password takes the place of a lock too."""
    name, account = person.account, users.accounts[person.account]
    group = "" if users.is_administrator(name) else _group_of(users, person)
    options = [
        *(("-e", "") if account["expires"] else ()),
        *(() if account["shell"] else ("-s", users.state["new_shell"])),
        *(("-aG", group) if group else ()),
    ]
    modified = (RunEdit(("usermod", *options, "--", name)),) if options else ()
    files = (*OF_ACCOUNTS, *(OF_GROUPS if group else ()))
    return Change(
        control, SURFACE, f"{person.name} can log in as {name} again",
        described(name, account), f"{name}: a new password{_administrator(group)}",
        edits=(*files, *modified, _secret(users, person)), subject=name,
    )  # fmt: skip


def promoted(control: str, users: Users, person: Person) -> Change:
    name, group = person.account, _group_of(users, person)
    return Change(
        control, SURFACE, f"{name} is an administrator",
        described(name, users.accounts[name]), f"{name}: as before{_administrator(group)}",
        edits=(*OF_GROUPS, RunEdit(("usermod", "-aG", group, "--", name))), subject=name,
    )  # fmt: skip


def locked(control: str, users: Users, name: str) -> Change:
    """The day of expiry keeps out keys and jobs too, which a locked password alone does not."""
    account = users.accounts[name]
    keys = tuple(FileEdit(path, None) for path in account["key_files"])
    argv = ("usermod", "-L", "-e", _EXPIRED, "--", name)
    return Change(
        control, SURFACE, f"nobody can log in as {described(name, account)}",
        described(name, account), f"{described(name, account).partition(':')[0]}: locked, expired, no keys",
        edits=(*OF_ACCOUNTS, *keys, RunEdit(argv)), cuts_access=True, subject=name,
    )  # fmt: skip


def deleted(control: str, users: Users, name: str) -> Change:
    """userdel(8) without -r: nothing of its files goes. It refuses by itself while a program runs in that name."""
    account, told = users.accounts[name], described(name, users.accounts[name])
    uid, home = str(account["uid"]), account["home"]
    ours = ("-path", home, "-uid", uid, "-prune", "-o", "-path", f"*/mail/{name}", "-empty", "-prune")
    others = ("(", "-path", home, "-o", "-uid", uid, ")", "-print", "-exec", "false", "{}", "+", "-quit")
    return Change(
        control, SURFACE, f"{name} is deleted", told, "",
        edits=(
            *OF_ACCOUNTS, *OF_GROUPS, *OF_SUBIDS,
            RunEdit(_given(home, uid, "root:root"), undo=_given(home, "0", f"{uid}:{account['gid']}")),
            RunEdit(("userdel", "--", name)),
        ),
        checks=(RunEdit(("find", "/", "-ignore_readdir_race", *_ELSEWHERE, *ours, "-o", *others)),),
        subject=f"{name}, deleted",
    )  # fmt: skip


def demoted(control: str, users: Users, name: str, groups: Iterable[str]) -> Change:
    before = described(name, users.accounts[name])
    left = tuple(RunEdit(("gpasswd", "-d", name, group)) for group in groups)
    after = f"{name}: as before, and a member of {', '.join(run.argv[-1] for run in left)} no more"
    return Change(
        control, SURFACE, f"{name} is root no more", before, after,
        edits=(*OF_GROUPS, *left), cuts_access=True, subject=name,
    )  # fmt: skip


def lacking(users: Users, work: str) -> str:
    """Which program is not there that this needs; "" when all are."""
    absent = [program for program in NEEDS[work] if not users.has(program)]
    return f"{' and '.join(absent)} cannot be found on this machine" if absent else ""


def _given(home: str, owner: str, to: str) -> tuple[str, ...]:
    """Its home, if there is one, from a number to somebody; what is in it stays as it is."""
    there = ("-maxdepth", str(home.count("/")), *_ELSEWHERE, "-path", home, "-uid", owner)
    return ("find", "/", "-ignore_readdir_race", *there, "-exec", "chown", "-h", to, "{}", "+")


def _group_of(users: Users, person: Person) -> str:
    return str(users.state["administrators_group"]) if person.access == "admin" else ""


def _administrator(group: str) -> str:
    return f", administrator (group {group})" if group else ""


def _secret(users: Users, person: Person) -> RunEdit:
    given = Given(person.name, person.account, MACHINE, "shadow", tuple(users.state["takes"]), session=True)
    return RunEdit(("chpasswd", "-e"), given=(given,))

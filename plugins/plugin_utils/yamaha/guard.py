# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a change must not lose on this router, and the way back in its own commands.

The way back is a set of ``schedule at ID +SECONDS`` entries, one for each line to take back, and a marker: a filter
that no list names, whose address carries the run's token. The entries take the marker first, so a guard that has fired
is told from one that is armed. Entries and marker are removed before anything is saved, the last entry first: whenever
that breaks off, what still fires leads back to a step that the change itself has been through.

A line that cannot be scheduled (d) is taken back by a scheduled ``restart``: nothing of the change is saved yet.

A guard that has fired leaves its entries in the running configuration, spent. They are harmless once everything else
is as saved, and the next change removes them.
"""

from __future__ import annotations

import difflib
import hashlib
import re
from collections.abc import Iterable, Iterator

from ..model import Change, GuardLines, LineEdit, PasswordEdit, Plan, Unreadable, Vitals
from ..raw import Follow, Raw, Read
from .config import Line, read, starting
from .forwarding import CONFIG
from .identity import ENVIRONMENT
from .inbound import MARKER
from .nat import MASQUERADE
from .outer import IPV6, PPPOE, ROUTES, addresses

USERS = Read("show_status_user", command=("show status user",), limit=1 << 16)
SAS = Read("show_ipsec_sa", command=("show ipsec sa",), limit=1 << 18)
#: The file that ``save`` writes: the one the router started from. It may ask for the administrator's password. (m)
SAVED = Read(
    "saved_config",
    command=("show config {}",),
    follow=Follow(ENVIRONMENT.name, r"(?<!Default )\bConfig\. file: *config(\d+(?:\.\d+)?)"),
    answers=(("Login Password: ?$", "console"), ("(?:Administrator )?Password: ?$", "become")),
    limit=1 << 21,
)
READS = (ENVIRONMENT, CONFIG, USERS, ROUTES, PPPOE, IPV6, SAS, SAVED)

#: The console as a program needs it, once the owner's settings are saved: later reads follow in the same session.
_READABLE = ("console lines infinity", "console character ascii")
#: Ours among the schedule's numbers (1-65535). (a)
SCHEDULE = range(60000, 65000)
_SLOTS = 50
_PER_SLOT = len(SCHEDULE) // _SLOTS
#: Of the commands that the schedule refuses, those that a plan of ours may hold (command reference, 37.1). (d)
_UNSCHEDULED = re.compile(r"(no )?user attribute ")
#: Our terminal plugin sets these for the session and puts them back.
_CONSOLE = ("character", "lines", "columns")
#: After these words a line may go on with a secret.
_SECRET = re.compile(r"\b(password|pre-shared-key|myname|username|community|auth-key|key|encrypted|secret)\b.*")
_SECRET_FIRST = re.compile(
    r"^((?:no )?(?:login user \S+|snmp(?:v2c|v3)? (?:host|trap|community|user|usm)\S*|mail server \S+.*?|"
    r"auth user \S+|l2tp tunnel auth \S+|cloud vpn parameter \S+|yno access code|vrx user \S+)) .*"
)


def vitals(raw: Raw) -> Vitals:
    """Who we are to the device, whether everything is saved, and what works now."""
    own = addresses(raw)
    try:
        lines = read(raw.text(CONFIG.name))
        account, source, others = session(raw)
        canaries = _canaries(raw, lines)
    except Unreadable as reason:
        return Vitals(unsafe=f"it is not known what a change must keep alive: {reason}", addresses=own)
    unsafe = []
    unsaved = ""
    try:
        saved = read(raw.text(SAVED.name))
        unsaved = _difference(saved, _without(lines, _spent(saved, lines)))
    except Unreadable as reason:
        saved = lines
        unsafe.append(
            f"the saved configuration cannot be compared with the running one ({reason}); before it shows that, the "
            "device asks for iot_site_console_password (without it: the login's) and the administrator's password"
        )
    if others:
        unsafe.append(f"another administrator is logged in ({', '.join(others)})")
    if leftovers := _leftovers(_without(lines, _spent(saved, lines))):
        unsafe.append(f"a guard's lines are there: another run is at work, or remove them: {'; '.join(leftovers)}")
    if _one_session(lines, account):
        unsafe.append("the account may have one session only (multi-session=off), so a new connection cannot be tried")
    return Vitals(source, account, unsaved, "; ".join(unsafe), canaries, addresses=own)


def guard(plan: Plan, token: str, seconds: int) -> GuardLines | None:
    """Arm, take back, disarm. None when the schedule has no room for every line."""
    undo = [("*", "restart")] if needs_restart(plan.changes) else list(_undo(plan))
    slot = SCHEDULE.start + int(hashlib.sha256(token.encode()).hexdigest()[:8], 16) % _SLOTS * _PER_SLOT
    numbers = range(slot, slot + len(undo) + 1)
    if len(numbers) > _PER_SLOT or any(context.endswith("anonymous") for context, _line in undo):
        return None
    marker = f"ip filter {MARKER} reject {_token_address(token)} * * * *"
    entries = [("*", f"no ip filter {MARKER}"), *undo]
    first, *others = (
        f"schedule at {number} +{seconds} {context} {line}"
        for number, (context, line) in zip(numbers, entries, strict=True)
    )
    removed = tuple(f"no schedule at {number}" for number in reversed(numbers))
    return GuardLines(
        arm=(first, marker, *others),
        revert=(*_taken_back(plan), *removed, f"no ip filter {MARKER}"),
        disarm=(*removed, f"no ip filter {MARKER}"),
        armed=rf"^\s*ip filter {MARKER} reject {re.escape(_token_address(token))}(?:/32)?(?:\s|$)",
        left=rf"^\s*(?:ip filter {MARKER}|schedule at (?:{'|'.join(map(str, numbers))})) ",
        look="show config",
        save=("save", *_READABLE),
    )


def needs_restart(changes: Iterable[Change]) -> bool:
    """Whether only a restart takes these back without us. No schedule takes a user or a password either. (d)"""
    return any(
        isinstance(edit, PasswordEdit) or not edit.undo or _UNSCHEDULED.match(edit.undo) for edit in _edits(changes)
    )


# --- the way back -------------------------------------------------------------------------------------------


def _undo(plan: Plan) -> Iterator[tuple[str, str]]:
    """(execution context, line), last edit first: a scheduled command cannot select an interface itself. (d)"""
    context = "*"
    found = []
    for edit in _edits(plan.changes):
        words = edit.line.split()
        if words[1:2] == ["select"]:
            context = "*" if words[2] == "none" else f"{words[0]} {words[2]}"
        else:
            found.append((context, edit.undo))
    return reversed(found)


def _taken_back(plan: Plan) -> Iterator[str]:
    """A password's old one is typed again by the transport, which knows it."""
    return (edit.undo for edit in reversed(list(_edits(plan.changes))) if edit.undo)


def _edits(changes: Iterable[Change]) -> Iterator[LineEdit | PasswordEdit]:
    return (edit for change in changes for edit in change.edits if isinstance(edit, (LineEdit, PasswordEdit)))


def _token_address(token: str) -> str:
    """Loopback: no packet from outside carries it, so the marker means nothing to traffic."""
    first, second, third = hashlib.sha256(token.encode()).digest()[:3]
    return f"127.{first}.{second}.{max(third, 1)}"


def _leftovers(lines: tuple[Line, ...]) -> list[str]:
    marker = [f"no ip filter {MARKER}" for _line in starting(lines, "ip", "filter", str(MARKER))]
    return [f"no schedule at {number}" for number in _entries(lines)] + marker


def _entries(lines: tuple[Line, ...]) -> list[str]:
    """The numbers of the schedule that are a guard's."""
    numbers = [line.words[2] for line in starting(lines, "schedule", "at")]
    return [number for number in numbers if number.isdecimal() and int(number) in SCHEDULE]


def _spent(saved: tuple[Line, ...], running: tuple[Line, ...]) -> list[str]:
    """A guard's entries that have done their work: the marker is gone, and all else is as saved."""
    entries = _entries(running)
    fired = not any(starting(running, "ip", "filter", str(MARKER)))
    restored = fired and not _entries(saved) and _owners(saved) == _owners(_without(running, entries))
    return entries if restored else []


def _without(lines: tuple[Line, ...], entries: list[str]) -> tuple[Line, ...]:
    return tuple(line for line in lines if line.words[:2] != ["schedule", "at"] or line.words[2] not in entries)


# --- running and saved --------------------------------------------------------------------------------------


def _difference(saved: tuple[Line, ...], running: tuple[Line, ...]) -> str:
    before, after = _owners(saved), _owners(running)
    if before == after:
        return ""
    was, is_now = ([redacted(line.text) for line in lines] for lines in (before, after))
    diff = difflib.unified_diff(was, is_now, "saved", "running", lineterm="", n=0)
    return "\n".join(diff) or "they differ in a secret, or in the interface that a line belongs to"


def difference(raw: Raw) -> str | None:
    """What a restart would change; None where that cannot be read."""
    try:
        return _difference(read(raw.text(SAVED.name)), read(raw.text(CONFIG.name)))
    except Unreadable:
        return None


def _owners(lines: tuple[Line, ...]) -> list[Line]:
    """Without the console's settings, which are the session's."""
    return [line for line in lines if not (line.words[0] == "console" and set(line.words[1:2]) & set(_CONSOLE))]


def redacted(line: str) -> str:
    """A line as it may be shown."""
    return _SECRET.sub(r"\1 ***", _SECRET_FIRST.sub(r"\1 ***", line))


def before_saving(raw: Raw) -> list[str]:
    """What must be as the owner saved it before we save: the console's settings; and a spent guard goes away."""
    try:
        saved, running = read(raw.text(SAVED.name)), read(raw.text(CONFIG.name))
    except Unreadable:
        return []
    kept = {
        line.words[1]: line.text for line in starting(saved, "console") if line.words[1:2] and line.words[1] in _CONSOLE
    }
    console = [kept.get(name, f"no console {name}") for name in _CONSOLE]
    return [*(f"no schedule at {number}" for number in _spent(saved, running)), *console]


# --- who and what -------------------------------------------------------------------------------------------


def session(raw: Raw) -> tuple[str, str, list[str]]:
    """(our account, our address, other administrators). ``*`` marks our own line, ``+`` an administrator. (d)"""
    account, source, others = "", "", []
    for line in raw.text(USERS.name).splitlines():  # rows are shorter than any console
        row = re.match(r"\s*([*+@]{1,3})\s*(\S*)", line)
        if row is None:
            continue
        marks, name = row.groups()
        if "*" in marks:
            addresses = re.findall(
                r"(?<![\w.:])(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9A-Fa-f]*:[0-9A-Fa-f:]*:[0-9A-Fa-f:]*)(?![\w.])", line
            )
            account, source = name, _address(addresses)
        elif "+" in marks:
            others.append(name)
    return account, source, others


def _address(found: list[str]) -> str:
    """The last thing in the row that is an address and no time of day."""
    plain = [text for text in found if not re.fullmatch(r"\d{1,2}(:\d{2}){1,2}", text)]
    return plain[-1] if plain else ""


def _one_session(lines: tuple[Line, ...], account: str) -> bool:
    for line in starting(lines, "user", "attribute"):
        named = line.words[2] if len(line.words) > 2 and "=" not in line.words[2] else ""
        if named in ("*", account) and "multi-session=off" in line.words:
            return True
    return False


def _canaries(raw: Raw, lines: tuple[Line, ...]) -> dict[str, str]:
    """Default routes, every VPN that is up, and the way in to each published service.

    Whether a published service answers cannot be asked from here; that its translation stands can.
    """
    canaries = {f"published service {' '.join(line.words[4:])}": "present" for line in starting(lines, *MASQUERADE)}
    for line in raw.text(ROUTES.name).splitlines():
        words = line.split()
        if words[:1] == ["default"]:
            canaries[f"default route {' '.join(words[1:3])}"] = "present"
    if raw.has(SAS.name):
        for line in raw.text(SAS.name).splitlines():
            association = re.match(r"\s*\d+\s+(\d+)\s+(?:\d+\s+)?(\S+esp)\s+(send|recv)\s+\d+\s+(\S+)", line)
            if association:
                gateway, connection, direction, peer = association.groups()
                canaries[f"VPN {gateway} {connection} {direction}"] = peer
    return canaries

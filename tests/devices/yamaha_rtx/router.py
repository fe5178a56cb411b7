# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The router itself: what it holds in memory and in flash, who is logged in, and what its clock makes it do."""

from __future__ import annotations

import hashlib
import ipaddress
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from . import config as configuration
from . import filters, grammar, packet, schedule
from .clock import Clock
from .config import Config
from .errors import CommandError
from .packet import Arrival, Verdict
from .personality import Faults, Options, Personality, Seen


@dataclass(slots=True)
class Login:
    """One logged-in user."""

    number: int
    user: str
    connection: str
    address: str
    interface: str
    since: float
    administrator: bool = False
    section: str = ""
    last_key: float = 0.0
    kill: Callable[[], None] = lambda: None
    carrier: int = 0  # the SSH connection this shell came over: a second shell on it proves nothing about new sessions


@dataclass(slots=True)
class Timer:
    """A ``+timer`` entry that is counting down."""

    due: float
    entry: schedule.Entry


@dataclass(slots=True)
class Rollback:
    """``rollback timer``: what the configuration returns to, and when."""

    due: float
    snapshot: Config


@dataclass(slots=True)
class Router:
    """All state of one router. Nothing here touches the network; :mod:`server` does."""

    personality: Personality
    options: Options = field(default_factory=Options)
    clock: Clock = field(default_factory=Clock)
    faults: Faults = field(default_factory=Faults)
    saved: Config = field(default_factory=Config)
    running: Config = field(default_factory=Config)
    sources: dict[str, Seen] = field(default_factory=dict)
    assigned: dict[str, str] = field(default_factory=dict)  # {"pp 1" or "lan2": what its provider gives it now}
    logins: dict[int, Login] = field(default_factory=dict)
    journal: list[dict[str, Any]] = field(default_factory=list)
    log: list[str] = field(default_factory=list)
    refused: list[dict[str, Any]] = field(default_factory=list)
    auth_attempts: list[dict[str, Any]] = field(default_factory=list)
    timers: dict[int, Timer] = field(default_factory=dict)
    rollbacks: dict[int, Rollback] = field(default_factory=dict)
    touched: bool = False
    up: bool = True
    boots: int = 0
    saves: int = 0
    connections: int = 0
    booted_at: float = 0.0
    on_save: Callable[[Config], None] = lambda _config: None
    _next_login: int = 1
    _checked: int = 0
    _comes_up_at: float = 0.0

    def __post_init__(self) -> None:
        if not list(self.saved.all()):
            self.saved = Config(self.personality.config)
        self.sources = dict(self.personality.sources) | self.sources
        self._boot()

    # --- life

    def _boot(self) -> None:
        self.running = self.saved.copy()
        self.touched = False
        self.boots += 1
        self.booted_at = self.clock.seconds()
        self._checked = int(self.booted_at)
        self.rollbacks.clear()
        self.timers.clear()
        self.up = True
        self.note("Previous EXEC: " + self.version)
        for entry in self.entries():
            if entry.after is not None:
                self._arm(entry)
            elif entry.event == "startup":
                self._run(entry)

    def restart(self) -> None:
        """Lose everything that is not saved, throw everybody out, be away for a while."""
        self.up = False
        self._comes_up_at = self.clock.seconds() + self.options.boot_seconds
        self.timers.clear()
        self.rollbacks.clear()
        for login in list(self.logins.values()):
            login.kill()
        self.logins.clear()
        self.clock.nudge()

    def cold_start(self) -> None:
        self.saved = Config()
        self.restart()

    def save(self) -> None:
        if self.faults.fail_save:
            raise CommandError("save")
        self.rollbacks.clear()
        if self.faults.lie_on_save:
            return
        self.saved = self.running.copy()
        self.touched = False
        self.saves += 1
        self.on_save(self.saved)

    @property
    def version(self) -> str:
        return f"{self.personality.model} Rev.{self.personality.revision} ({self.personality.built})"

    @property
    def unsaved(self) -> bool:
        return self.touched if self.options.ask_to_save == "touched" else self.running != self.saved

    def has(self, feature: str) -> bool:
        return feature in self.personality.features

    # --- configuration

    def configure(self, section: str, line: str) -> None:
        """Apply one configuration command, ``no`` forms included, at once and unsaved."""
        tokens = grammar.split(line)
        if self.faults.hits(self.faults.ignore_when, line):
            return
        if tokens[:1] == ("no",):
            gone = self.running.remove(section, tokens[1:])
            self._after_schedule(gone, None)
        else:
            self._check_features(tokens)
            new = self.running.set(section, tokens)
            self._after_schedule(None, new)
        self.touched = True

    def _check_features(self, tokens: tuple[str, ...]) -> None:
        timer = tokens[:2] == ("schedule", "at") and any(word.startswith("+") for word in tokens[3:4])
        if timer and not self.has("schedule_timer"):
            raise CommandError("value")
        limits = {"columns": range(80, self.personality.columns_max + 1), "lines": range(10, 101)}
        if tokens[:1] == ("console",) and tokens[1] in limits and tokens[1:3] != ("lines", "infinity"):
            size = tokens[2] if len(tokens) == 3 and tokens[2].isdecimal() else "0"
            if int(size) not in limits[tokens[1]]:
                raise CommandError("range")

    def set_password(self, words: str, password: str, *, encrypted: bool = False) -> None:
        """``login password`` and ``administrator password``: an empty one removes it. Nothing is really encrypted."""
        if password:
            self.running.set("", (*words.split(), *(["encrypted"] if encrypted else []), password))
        else:
            self.running.remove("", tuple(words.split()))
        self.touched = True

    def lines(self, *, masked: bool = True) -> list[str]:
        return self.running.lines(masked=masked)

    def state_hash(self) -> str:
        """One value over everything an audit must not change: running and saved configuration."""
        text = json.dumps([self.running.lines(), self.saved.lines()], ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()

    # --- people

    def password_of(self, user: str) -> str | None:
        value = self.running.get(f"login user {user}")
        return grammar.unquoted(value[0]) if value and value[0] != "encrypted" else None

    def attribute(self, user: str, name: str, default: str) -> str:
        for who in (user, "*"):
            for word in self.running.get(f"user attribute {who}") or ():
                key, _equals, value = word.partition("=")
                if key == name:
                    return value
        return default

    def may_log_in(self, user: str, password: str, seen: Seen) -> bool:
        """One authentication attempt, counted whatever comes of it."""
        ways = self.attribute(user, "connection", "all").split(",")
        hosts = self.attribute(user, "host", "any").split(",")
        good = (
            not self.faults.deny_login
            and self.password_of(user) == password
            and ("all" in ways or "ssh" in ways)
            and filters.host_allowed(hosts, ipaddress.ip_address(seen.address), packet.lan_networks(self.running))
            and not (self.options.second_session == "deny" and self.is_second(user))
        )
        self.auth_attempts.append({"at": self._stamp(), "user": user, "address": seen.address, "ok": good})
        if not good:
            self.note(f"Login failed for SSH: {seen.address} {user}")
        return good

    def is_second(self, user: str) -> bool:
        """Would this be a second session of a user with ``multi-session=off``?"""
        busy = any(login.user == user for login in self.logins.values())
        return busy and self.attribute(user, "multi-session", "on") == "off"

    def log_in(self, user: str, seen: Seen, kill: Callable[[], None], carrier: int = 0) -> Login | None:
        used = {login.connection for login in self.logins.values()}
        limit = int((self.running.get("sshd session") or ("8",))[0])
        free = next((f"ssh{number}" for number in range(1, limit + 1) if f"ssh{number}" not in used), None)
        if free is None or self.is_second(user):
            return None
        now = self.clock.seconds()
        login = Login(
            self._next_login, user, free, seen.address, seen.interface, now, last_key=now, kill=kill, carrier=carrier
        )
        self._next_login += 1
        self.logins[login.number] = login
        self.note(f"Login succeeded for SSH: {seen.address} {user}")
        return login

    def log_out(self, login: Login, *, by_quit: bool = False) -> None:
        if self.logins.pop(login.number, None) is None:
            return
        if by_quit or not self.options.rollback_survives_disconnect:
            self.rollbacks.pop(login.number, None)
        self.note(f"Logout from SSH: {login.address} {login.user}")

    # --- arrivals

    def seen(self, peer: str) -> Seen:
        """How the router sees a client that really comes from this address."""
        return self.sources.get(peer) or self.sources.get("*") or Seen(peer, "lan1")

    def judge(self, peer: str, port: int, inner: tuple[str, int] | None = None) -> Verdict:
        """A new session from a real loopback address to a WAN port (or, from a LAN, to an inside host)."""
        seen = self.seen(peer)
        verdict = self._judge(seen, port, inner)
        if not verdict.passed:
            self.refused.append({"at": self._stamp(), "address": seen.address, "port": port, "why": verdict.why})
            self.note(f"{seen.interface.upper()} Rejected at IN: TCP {seen.address} > :{port} ({verdict.why})")
        return verdict

    def _judge(self, seen: Seen, port: int, inner: tuple[str, int] | None) -> Verdict:
        if not self.up:
            return Verdict(False, "restarting")
        if self.faults.refuse_new or self._line_hits(self.faults.refuse_new_when):
            return Verdict(False, "fault: new sessions are refused")
        behind = None if packet.nat_descriptors(self.running, seen.interface) else inner
        return packet.judge(self.running, Arrival(ipaddress.ip_address(seen.address), seen.interface, port, behind))

    def _line_hits(self, expression: str) -> bool:
        return bool(expression) and any(self.faults.hits(expression, line) for line in self.running.lines())

    @property
    def default_route_lost(self) -> bool:
        return self._line_hits(self.faults.drop_default_route_when)

    def service_lost(self, name: str) -> bool:
        return name in self.faults.lost_services or self._line_hits(self.faults.lose_service_when)

    # --- schedule

    def entries(self) -> list[schedule.Entry]:
        found = [schedule.parse(line.tokens) for line in self.running.starting("schedule at")]
        return sorted(found, key=lambda entry: entry.number)

    def _after_schedule(self, gone: configuration.Line | None, new: configuration.Line | None) -> None:
        for line in (gone, new):
            if line is not None and line.tokens[:2] == ("schedule", "at"):
                self.timers.pop(int(line.tokens[2]), None)
        if new is not None and new.tokens[:2] == ("schedule", "at"):
            entry = schedule.parse(new.tokens)
            if entry.after is not None:
                self._arm(entry)

    def _arm(self, entry: schedule.Entry) -> None:
        """A timer counts from when its line is set, at boot included: a saved ``+600 * restart`` restarts for ever."""
        self.timers[entry.number] = Timer(self.clock.seconds() + (entry.after or 0), entry)
        self.clock.nudge()

    def start_rollback(self, owner: int, seconds: int) -> None:
        self.rollbacks[owner] = Rollback(self.clock.seconds() + seconds, self.running.copy())
        self.clock.nudge()

    def tick(self) -> None:
        """Do what the clock says is due."""
        now = self.clock.seconds()
        if not self.up:
            if now >= self._comes_up_at:
                self._boot()
            return
        for number, timer in sorted(self.timers.items()):
            if timer.due <= now and self.up:
                del self.timers[number]
                self._run(timer.entry)
                self._spend(number)
        for owner, rollback in list(self.rollbacks.items()):
            if rollback.due <= now:
                del self.rollbacks[owner]
                self.running = rollback.snapshot
                self.note("Configuration was restored by the rollback timer")
        self._tick_time_of_day(int(now))

    def _spend(self, number: int) -> None:
        if self.options.spent_timer == "remove":
            self.running.remove("", ("schedule", "at", str(number)))

    def _tick_time_of_day(self, now: int) -> None:
        entries = [entry for entry in self.entries() if entry.time]
        start, self._checked = self._checked, max(now, self._checked)
        if not entries:
            return
        wanted = {entry.second for entry in entries}
        for second in range(start + 1, now + 1):
            if (self._zero_second + second) % 60 not in wanted:
                continue
            moment = self.clock.at(second)
            for entry in entries:
                if self.up and entry.due_at(moment):
                    self._run(entry)

    @property
    def _zero_second(self) -> int:
        """The second of the minute at which device time began."""
        return self.clock.at(0).second

    def wakes_at(self) -> float:
        """When :meth:`tick` has something to do next."""
        if not self.up:
            return self._comes_up_at
        now = self.clock.seconds()
        due = [timer.due for timer in self.timers.values()] + [item.due for item in self.rollbacks.values()]
        regular = 1.0 if any(entry.time for entry in self.entries()) else 3600.0
        return min([now + regular, *due])

    def _run(self, entry: schedule.Entry) -> None:
        """Run a scheduled command: syntax errors show only now, and only in the log."""
        self.note(f"[SCHEDULE] {entry.command}")
        error = ""
        try:
            if entry.command == "restart":
                self.restart()
            else:
                self.configure(entry.section, entry.command)
        except CommandError as refused:
            error = refused.message(False)
            self.note(f"[SCHEDULE] {error}")
        self.record(0, "schedule", "administrator", entry.section, entry.command, error)

    # --- evidence

    def record(self, session: int, user: str, mode: str, section: str, line: str, error: str = "") -> None:
        entry = {"at": self._stamp(), "session": session, "user": user, "mode": mode, "section": section}
        self.journal.append({**entry, "line": hide(section, line), "error": error})

    def note(self, text: str) -> None:
        self.log.append(f"{self.clock.now():%Y/%m/%d %H:%M:%S}: {text}")

    def _stamp(self) -> str:
        return self.clock.now().isoformat(timespec="milliseconds")


def hide(section: str, line: str) -> str:
    """A command line for the journal: secrets as ``*``."""
    tokens = grammar.split(line)
    try:
        key, order = configuration.locate(section, tokens)
    except CommandError:
        return line
    return configuration.mask(configuration.Line(key, tokens, order))

# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The router's commands: what a line typed at the prompt does.

A command gets the :class:`Talk` of its session (to ask questions) and returns the lines to print; a refused one raises
:class:`~.errors.CommandError`. What is no operation is a configuration command.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Protocol

from . import config as configuration
from . import grammar, show
from .errors import CommandError
from .router import Login, Router

Lines = list[str]


class Leave(Exception):
    """The session ends here."""


class Talk(Protocol):
    """What a command may ask of the terminal."""

    router: Router
    login: Login

    @property
    def japanese(self) -> bool: ...
    async def ask_hidden(self, prompt: str) -> str: ...
    async def ask_yes(self, prompt: str) -> bool: ...
    async def say(self, line: str) -> None: ...


Command = Callable[[Talk, tuple[str, ...]], Awaitable[Lines]]

#: General users may set these too (command reference, 4.21 to 4.23).
_USER_SETTINGS = (("console", "character"), ("console", "columns"), ("console", "lines"))

CODES = {
    "en.ascii": "ascii", "ascii": "ascii", "ja.sjis": "cp932", "sjis": "cp932",
    "ja.euc": "euc_jp", "euc": "euc_jp", "ja.utf8": "utf-8",
}  # fmt: skip


async def run(talk: Talk, line: str) -> Lines:
    """Run one command line; what it prints is the answer."""
    tokens = grammar.split(line)
    if not tokens or tokens[0].startswith("#"):
        return []
    faults = talk.router.faults
    if faults.hits(faults.reject_when, line):
        raise CommandError("name", faults.reject_text)
    for words, command in COMMANDS.items():
        if tokens[: len(words)] == words:
            return await command(talk, tokens)
    return await _configure(talk, tokens)


def _need_administrator(talk: Talk) -> None:
    if not talk.login.administrator:
        raise CommandError("administrator")


async def _configure(talk: Talk, tokens: tuple[str, ...]) -> Lines:
    bare = tokens[1:] if tokens[0] == "no" else tokens
    if bare[:2] not in _USER_SETTINGS:
        configuration.locate(talk.login.section, bare, removing=tokens[0] == "no")
        _need_administrator(talk)
    if tokens[:2] == ("console", "character") and tokens[2:] and tokens[2] not in CODES:
        raise CommandError("value")
    if tokens[:2] == ("user", "attribute") and not _is_user(talk.router, tokens[2]):
        raise CommandError("user")
    talk.router.configure(talk.login.section, " ".join(tokens))
    return []


def _is_user(router: Router, name: str) -> bool:
    return name == "*" or "=" in name or router.running.get(f"login user {name}") is not None


# --- levels


async def _administrator(talk: Talk, tokens: tuple[str, ...]) -> Lines:
    if tokens[1:2] == ("password",):
        return await _new_password(talk, tokens)
    if len(tokens) > 1:
        raise CommandError("parameters")
    login, router = talk.login, talk.router
    level = router.attribute(login.user, "administrator", "on")
    if level == "off":
        raise CommandError("not_permitted")
    wanted = (router.running.get("administrator password") or ("",))[-1]
    if level != "2" and not login.administrator and await talk.ask_hidden("Password: ") != grammar.unquoted(wanted):
        raise CommandError("password")
    login.administrator = True
    return []


async def _new_password(talk: Talk, tokens: tuple[str, ...]) -> Lines:
    _need_administrator(talk)
    encrypted = tokens[2:] == ("encrypted",)
    if len(tokens) > 2 and not encrypted:
        raise CommandError("parameters")
    words = " ".join(tokens[:2])
    old = (talk.router.running.get(words) or ("",))[-1]
    if await talk.ask_hidden("Old_Password: ") != grammar.unquoted(old):
        raise CommandError("password")
    new = await talk.ask_hidden("New_Password: ")
    if new != await talk.ask_hidden("New_Password(Confirm): "):
        raise CommandError("password")
    talk.router.set_password(words, new, encrypted=encrypted)
    return ["Password Strength : Strong"] if new else []


async def _login_password(talk: Talk, tokens: tuple[str, ...]) -> Lines:
    if not talk.router.has("login_password"):
        raise CommandError("name")
    return await _new_password(talk, tokens)


async def _login_user(talk: Talk, tokens: tuple[str, ...]) -> Lines:
    _need_administrator(talk)
    if len(tokens) == 3:
        password = await talk.ask_hidden("Password: ")
        if password != await talk.ask_hidden("Password: "):
            raise CommandError("password")
        tokens = (*tokens, password)
    if not re.fullmatch(r"[\w-]{1,32}", tokens[2] if len(tokens) > 2 else ""):
        raise CommandError("parameters" if len(tokens) < 3 else "value")
    talk.router.configure("", " ".join(tokens))
    return []


async def _leave(talk: Talk, tokens: tuple[str, ...]) -> Lines:
    """``quit`` leaves the administrator's level first, and asks if there is something to save."""
    login, router = talk.login, talk.router
    if len(tokens) > 2 or (len(tokens) == 2 and tokens[1] != "save"):
        raise CommandError("parameters")
    if not login.administrator:
        raise Leave
    answer: Lines = []
    if tokens[1:] == ("save",):
        answer = await _save(talk, ("save",))
    elif router.unsaved:
        question = "新しい設定を保存しますか? (Y/N)" if talk.japanese else "Save new configuration ? (Y/N)"
        if await talk.ask_yes(question):
            answer = await _save(talk, ("save",))
    login.administrator = False
    return answer


# --- flash and life


async def _save(talk: Talk, tokens: tuple[str, ...]) -> Lines:
    _need_administrator(talk)
    if len(tokens) > 1 and tokens[1] not in ("0",):
        raise CommandError("value")
    talk.router.save()
    return ["セーブ中... CONFIG0 終了" if talk.japanese else "Saving ... CONFIG0 Done"]


async def _restart(talk: Talk, _tokens: tuple[str, ...]) -> Lines:
    _need_administrator(talk)
    await talk.say("再起動します" if talk.japanese else "Restarting ...")
    talk.router.restart()
    raise Leave


async def _cold_start(talk: Talk, _tokens: tuple[str, ...]) -> Lines:
    _need_administrator(talk)
    wanted = (talk.router.running.get("administrator password") or ("",))[-1]
    if await talk.ask_hidden("Password: ") != grammar.unquoted(wanted):
        raise CommandError("password")
    talk.router.cold_start()
    raise Leave


async def _rollback(talk: Talk, tokens: tuple[str, ...]) -> Lines:
    _need_administrator(talk)
    if not talk.router.has("rollback_timer"):
        raise CommandError("name")
    if len(tokens) != 3 or not tokens[2].isdecimal() or not 1 <= int(tokens[2]) <= 21474836:
        raise CommandError("range" if len(tokens) == 3 else "parameters")
    talk.router.start_rollback(talk.login.number, int(tokens[2]))
    return []


async def _confirm(talk: Talk, _tokens: tuple[str, ...]) -> Lines:
    _need_administrator(talk)
    if not talk.router.has("rollback_timer"):
        raise CommandError("name")
    talk.router.rollbacks.clear()
    return []


async def _disconnect(talk: Talk, tokens: tuple[str, ...]) -> Lines:
    _need_administrator(talk)
    user, _slash, connection = (tokens[2] if len(tokens) > 2 else "").partition("/")
    for login in list(talk.router.logins.values()):
        same = (not user or login.user == user) and (not connection or login.connection.startswith(connection))
        if same and login is not talk.login:
            login.kill()
            talk.router.log_out(login)
    return []


# --- sections


async def _select(talk: Talk, tokens: tuple[str, ...]) -> Lines:
    bare = tokens[1:] if tokens[0] == "no" else tokens
    if tokens[0] == "no" or bare[2:] == ("none",):
        talk.login.section = ""
        return []
    if len(bare) != 3:
        raise CommandError("parameters")
    if not (bare[2].isdecimal() and 1 <= int(bare[2]) <= 3000) and bare[2] != "anonymous":
        raise CommandError("value")
    talk.login.section = f"{bare[0]} {bare[2]}"
    return []


# --- show


async def _show(talk: Talk, tokens: tuple[str, ...]) -> Lines:
    words, pipes = _split_pipes(tokens)
    lines = await _show_plain(talk, words)
    for pipe in pipes:
        if pipe[:1] == ("grep",):
            lines = ["Searching ...", *_grep(pipe[1:], lines)]
        elif pipe != ("less",):
            raise CommandError("name")
    return lines


def _split_pipes(tokens: tuple[str, ...]) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    parts: list[list[str]] = [[]]
    for token in tokens[1:]:
        if token == "|":
            parts.append([])
        else:
            parts[-1].append(token)
    return tuple(parts[0]), [tuple(part) for part in parts[1:]]


def _grep(words: tuple[str, ...], lines: Lines) -> Lines:
    flags = {word for word in words if word in ("-i", "-v", "-w")}
    pattern = next((grammar.unquoted(word) for word in words if word not in flags), "")
    if "-w" in flags:
        pattern = rf"(?<!\w)(?:{pattern})(?!\w)"
    try:
        wanted = re.compile(pattern, re.IGNORECASE if "-i" in flags else 0)
    except re.error as error:
        raise CommandError("value") from error
    return [line for line in lines if bool(wanted.search(line)) is ("-v" not in flags)]


async def _show_plain(talk: Talk, words: tuple[str, ...]) -> Lines:
    router, login = talk.router, talk.login
    plain = show.SHOW.get(" ".join(words))
    if plain is not None:
        return plain(router, login, talk.japanese)
    if words[:2] == ("config", "difference"):
        return await _difference(talk, words[2:])
    if words[:2] in (("config", "pp"), ("config", "tunnel")):
        return show.section_config(router, _named_section(talk, words[1], words[2:]))
    if words[:2] in (("status", "pp"), ("status", "tunnel")):
        return show.status_interface(router, _named_section(talk, words[1], words[2:]), talk.japanese)
    if words[:1] == ("config",) and len(words) == 2 and words[1].replace(".", "").isdecimal():
        await _file_passwords(talk)
        return _saved_lines(talk, words[1])
    raise CommandError("name")


def _named_section(talk: Talk, kind: str, rest: tuple[str, ...]) -> str:
    section = f"{kind} {rest[0]}" if rest else talk.login.section
    if not section.startswith(f"{kind} "):
        raise CommandError("parameters")
    return section


async def _file_passwords(talk: Talk) -> None:
    """A stored configuration is shown only for the passwords it holds (command reference, 57.2 and 57.7)."""
    for words, prompt in (
        ("login password", "Login Password: "),
        ("administrator password", "Administrator Password: "),
    ):
        stored = talk.router.saved.get(words)
        if stored is not None and await talk.ask_hidden(prompt) != grammar.unquoted(stored[-1]):
            raise CommandError("password")


def _saved_lines(talk: Talk, number: str) -> Lines:
    if number not in ("0", "0.0"):
        raise CommandError("value")
    return show.config_header(talk.router) + talk.router.saved.lines(masked=True)


async def _difference(talk: Talk, words: tuple[str, ...]) -> Lines:
    """Commands that turn the first configuration into the second; ``-`` or nothing is the running one."""
    _need_administrator(talk)
    if not talk.router.has("config_difference"):
        raise CommandError("name")
    names = [word for word in words if word not in ("config", "file")]
    if not 1 <= len(names) <= 2 or any(name not in ("-", "0") for name in names):
        raise CommandError("parameters" if not names else "value")
    if "0" in names:
        await _file_passwords(talk)
    first, second = (["-", *names])[-2:]
    texts = {"-": talk.router.running, "0": talk.router.saved}
    real = configuration.difference(texts[first].lines(), texts[second].lines())
    return [_hide_command(line) for line in real]


def _hide_command(line: str) -> str:
    indent = line[: len(line) - len(line.lstrip())]
    bare = line.strip().removeprefix("no ")
    for section in ("", "pp 1", "tunnel 1"):
        try:
            key, order = configuration.locate(section, grammar.split(bare))
        except CommandError:
            continue
        masked = configuration.mask(configuration.Line(key, grammar.split(bare), order))
        return f"{indent}{'no ' if line.strip().startswith('no ') else ''}{masked}"
    return line


async def _help(_talk: Talk, _tokens: tuple[str, ...]) -> Lines:
    return ["Type 'show command' for the list of commands."]


COMMANDS: dict[tuple[str, ...], Command] = {
    ("administrator",): _administrator,
    ("login", "password"): _login_password,
    ("login", "user"): _login_user,
    ("quit",): _leave,
    ("exit",): _leave,
    ("save",): _save,
    ("restart",): _restart,
    ("cold", "start"): _cold_start,
    ("rollback", "timer"): _rollback,
    ("confirm",): _confirm,
    ("disconnect", "user"): _disconnect,
    ("pp", "select"): _select,
    ("tunnel", "select"): _select,
    ("no", "pp", "select"): _select,
    ("no", "tunnel", "select"): _select,
    ("show",): _show,
    ("less",): _show,
    ("help",): _help,
}

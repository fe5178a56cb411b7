# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The fixtures as reads, and a configuration text to which edits can be applied: a later line replaces an earlier."""

from __future__ import annotations

import re
from pathlib import Path

from ansible_collections.iot_site.checklist.plugins.plugin_utils.model import Intent
from ansible_collections.iot_site.checklist.plugins.plugin_utils.platforms.yamaha_rtx import PLATFORM
from ansible_collections.iot_site.checklist.plugins.plugin_utils.raw import Output, Raw

HERE = Path(__file__).parent
INTENT = Intent(
    site="k7",
    host="k7-rtx",
    allow4=("198.51.100.16/28", "203.0.113.10/32"),
    allow6=("2001:db8:7::/48",),
    words=("弘前", "第一浄水場", "daiichi"),
    label="K7-01",
)
#: What identifies the setting that a line replaces: the words before its value.
_KEYS = (
    r"(ip|ipv6) filter dynamic \d+",
    r"(ip|ipv6) filter \d+",
    r"(ip|ipv6) (pp|tunnel|\w+) secure filter (in|out)",
    r"(httpd|telnetd|sshd|sftpd|tftp) host",
    r"snmp (sysname|syslocation|syscontact)",
    r"sshd hide openssh version",
    r"schedule at \d+",
    r"console (character|lines|columns)",
    r"user attribute [\w-]+",
    r"login user [\w-]+",
)
_KEY = re.compile("|".join(_KEYS))


def raw(case: str = "exposed", **texts: str) -> Raw:
    """The reads of a fixture, some replaced by name; the saved configuration is the running one unless given."""
    answers = {path.stem: path.read_text(encoding="utf-8") for path in (HERE / case).glob("*.txt")} | texts
    answers.setdefault("saved_config", answers["show_config"])
    return Raw({name: {name: Output(text.encode())} for name, text in answers.items()})


def config(case: str = "exposed") -> str:
    return (HERE / case / "show_config.txt").read_text(encoding="utf-8")


def with_config(text: str) -> Raw:
    return raw(show_config=text)


def judged(text: str, item: str = "A2", intent: Intent = INTENT) -> dict[str, object]:
    """The judgements on a configuration, by surface and control."""
    state = PLATFORM.parse(with_config(text))
    return {f"{one.surface} {one.control}": one for one in PLATFORM.judge(state, intent, item)}


def planned(text: str, item: str = "A2", intent: Intent = INTENT):
    state = PLATFORM.parse(with_config(text))
    return PLATFORM.plan(state, intent, PLATFORM.judge(state, intent, item))


def after(text: str, lines) -> str:
    """The configuration once the device was told these lines, as far as the lines of our plans go."""
    kept = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]
    stored: list[tuple[str, str]] = []  # (selection, line)
    selection = ""
    for line in kept:
        if re.fullmatch(r"(pp|tunnel) select \S+", line):
            selection = line
        else:
            stored.append((_scope(selection, line), line))
    selection = ""
    for line in lines:
        if re.fullmatch(r"(pp|tunnel) select \S+", line):
            selection = "" if line.endswith("none") else line
            continue
        scope, key = _scope(selection, line), _KEY.match(line.removeprefix("no "))
        assert key, f"this device does not know the line {line!r}"
        replaced = [entry for entry in stored if entry[0] == scope and _sets(entry[1], key.group())]
        position = stored.index(replaced[0]) if replaced else len(stored)
        if not line.startswith("no "):
            stored.insert(position, (scope, line))
        for entry in replaced:
            stored.remove(entry)
    return _written(stored)


def _sets(line: str, key: str) -> bool:
    return f"{line} ".startswith(f"{key} ") and not line.startswith("sshd host key")


def _scope(selection: str, line: str) -> str:
    """Only commands that name pp or tunnel belong to the selected one."""
    kind = selection.partition(" ")[0]
    return selection if (kind and re.search(rf"(^| ){kind}", line)) or line.startswith(("ppp", "ipsec")) else ""


def _written(stored: list[tuple[str, str]]) -> str:
    scopes = list(dict.fromkeys(scope for scope, _line in stored))
    text = [line for scope, line in stored if not scope]
    for scope in scopes:
        if scope:
            text += [scope, *(f" {line}" for at, line in stored if at == scope)]
    return "\n".join(text) + "\n"

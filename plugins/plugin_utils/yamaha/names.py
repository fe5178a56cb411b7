# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""B1: what the router tells a visitor before login."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import cast

from ..contract import Surface
from ..disclosure import verdict
from ..model import Change, Intent, Json, Judgement, LineEdit, Status
from ..raw import Raw
from .config import last, read, starting
from .forwarding import CONFIG

_SNMP_TEXTS = ("sysname", "syslocation", "syscontact")
_HIDE = "sshd hide openssh version"
_CLOSE = "It cannot be changed; let only the allowlist reach it (A2.management)."


class Names(Surface):
    """SNMP texts, the SSH greeting, the login screens. The prompt and descriptions are seen after login only."""

    name = "names"
    controls = ("B1.snmp_names", "B1.ssh_version", "B1.login_text", "B1.http_realm")
    reads = (CONFIG,)

    def parse(self, raw: Raw) -> dict[str, Json]:
        lines = read(raw.text(CONFIG.name))
        answered = any(
            len(line.words) > 2 and line.words[2] != "none"
            for kind in ("snmp", "snmpv2c", "snmpv3")
            for line in starting(lines, kind, "host")
        )
        return {
            "snmp": {text: last(lines, "snmp", text) for text in _SNMP_TEXTS},
            "snmp_answers": answered,
            "ssh": last(lines, "sshd", "service") == "on",
            "ssh_hides": last(lines, *_HIDE.split()) == "on",
            "telnet": last(lines, "telnetd", "service") != "off" and last(lines, "telnetd", "host") != "none",
            "http": last(lines, "httpd", "service") != "off" and last(lines, "httpd", "host") != "none",
        }

    def judge(self, state: Mapping[str, Json], intent: Intent) -> Iterable[Judgement]:
        yield _snmp(state, intent)
        yield _ssh(state)
        yield _shown(state, "telnet", "B1.login_text", "telnet shows the model and its firmware, and the text is fixed")
        yield _shown(
            state, "http", "B1.http_realm", "the login page of the web screens names the model, and the text is fixed"
        )


def _snmp(state: Mapping[str, Json], intent: Intent) -> Judgement:
    control, surface = "B1.snmp_names", "names"
    texts = cast("dict[str, str]", state["snmp"])
    if not state["snmp_answers"]:
        return Judgement(
            control, surface, Status.NOT_APPLICABLE, "SNMP answers nobody", evidence={"texts": cast(Json, texts)}
        )
    if not texts["sysname"]:
        fix = "Set snmp sysname to the label; without it the device answers with a name of its own."
        return Judgement(control, surface, Status.MANUAL, "no snmp sysname is set", fix=fix)
    found = {
        name: verdict(_unquoted(text), intent.words, intent.label, "sysname") for name, text in texts.items() if text
    }
    why = "; ".join(f"snmp {name}: {one.why}" for name, one in found.items())
    gaps = [name for name, one in found.items() if one.status is Status.GAP]
    if not gaps:
        status = Status.MANUAL if any(one.status is not Status.PASS for one in found.values()) else Status.PASS
        fix = "Replace or delete the text where it names something." if status is Status.MANUAL else ""
        return Judgement(control, surface, status, why, fix=fix, evidence={"texts": cast(Json, texts)})
    edits = tuple(LineEdit(_named(name, intent.label), f"snmp {name} {texts[name]}") for name in gaps)
    before = "\n".join(edit.undo for edit in edits)
    after = "\n".join(edit.line for edit in edits)
    change = Change(control, surface, "replace what SNMP tells by the label", before, after, edits)
    return Judgement(control, surface, Status.GAP, why, before, after, changes=(change,))


def _ssh(state: Mapping[str, Json]) -> Judgement:
    control, surface = "B1.ssh_version", "names"
    if not state["ssh"]:
        return Judgement(control, surface, Status.NOT_APPLICABLE, "SSH is off (sshd service)")
    if state["ssh_hides"]:
        return Judgement(control, surface, Status.PASS, "the SSH greeting shows no version")
    edit = LineEdit(f"{_HIDE} on", f"no {_HIDE}")
    why = "the SSH greeting shows the OpenSSH version"
    change = Change(control, surface, "hide the version in the SSH greeting", "", edit.line, (edit,))
    return Judgement(control, surface, Status.GAP, why, f"{_HIDE} off", edit.line, changes=(change,))


def _shown(state: Mapping[str, Json], service: str, control: str, why: str) -> Judgement:
    if not state[service]:
        return Judgement(control, "names", Status.NOT_APPLICABLE, f"{service} is off")
    return Judgement(control, "names", Status.MANUAL, why, fix=_CLOSE)


def _named(name: str, label: str) -> str:
    return f"snmp {name} {label}" if label else f"no snmp {name}"


def _unquoted(text: str) -> str:
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'" else text

# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host shows before somebody logs in at a console or by telnet: /etc/issue and its kin, and the host name.

motd is shown after the login and is no concern of B1.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, cast

from ..contract import Surface
from ..disclosure import verdict
from ..display import show
from ..model import Change, Consent, FileEdit, Intent, Json, Judgement, LineInFile, RunEdit, Status, Unreadable
from ..raw import Output, Raw, Read, missing

_TEXT, _NAME = "B1.login_text", "B1.hostname"

#: What agetty shows in place of an escape. Those that tell nothing (line, date, users, colours) are in _SILENT.
AGETTY = {
    "n": "the host name",
    "o": "the domain",
    "O": "the domain",
    "s": "the operating system's name",
    "S": "the operating system's name and version",
    "r": "the kernel's version",
    "v": "the system's version",
    "m": "the machine's architecture",
}
_SILENT = "lbdtuUe46"

#: What telnetd shows in issue.net.
TELNETD = {
    "h": "the host name",
    "D": "the domain",
    "s": "the operating system's name",
    "r": "the kernel's version",
    "v": "the system's version",
    "m": "the machine's architecture",
}

#: Somebody's program writes these again and again: an edit would not last.
_GENERATED = ("/run/", "/var/run/")


class LoginText(Surface):
    """The texts of getty and telnetd."""

    name = "login_text"
    controls = (_TEXT, _NAME)
    reads = (
        Read("login_text.issue", files="/etc/issue", limit=1 << 16),
        Read("login_text.issue_d", files="/etc/issue.d/*.issue", limit=1 << 16),
        Read("login_text.issue_net", files="/etc/issue.net", limit=1 << 16),
        Read("login_text.vendor", files="/usr/lib/issue", limit=1 << 16),
        Read("login_text.vendor_d", files="/usr/lib/issue.d/*.issue", limit=1 << 16),
        Read("login_text.generated", files="/run/issue", limit=1 << 16),
        Read("login_text.generated_d", files="/run/issue.d/*.issue", limit=1 << 16),
        Read("login_text.links", command=("stat", "-c", "%N", "/etc/issue", "/etc/issue.net")),
        Read("login_text.hostname", files="/etc/hostname", limit=1 << 12),
        Read("login_text.running", files="/proc/sys/kernel/hostname", limit=1 << 12),
        Read("login_text.hosts", files="/etc/hosts"),
        Read("login_text.hostname_program", files="/bin/hostname", limit=1),
    )

    def parse(self, raw: Raw) -> dict[str, Json]:
        own = {path: text for name in ("issue", "issue_d", "issue_net") for path, text in _texts(raw, name).items()}
        fallback = {
            path: text
            for name in ("generated", "generated_d", "vendor", "vendor_d")
            for path, text in _texts(raw, name).items()
        }
        spoken = any(text for path, text in own.items() if path != "/etc/issue.net")
        running = raw.text("login_text.running").strip()
        if not running:
            raise Unreadable("the host's name is empty")
        return {
            "texts": {**own, **({} if spoken else fallback)},  # agetty falls back only when /etc says nothing
            "links": dict(_links(raw)),
            "hostname": running,
            "saved_hostname": "".join(raw.files("login_text.hostname").values()).strip(),
            "hosts_line": _hosts_line(raw, running),
            "rename": cast(Json, list(_rename(raw))),
        }

    def judge(self, state: Mapping[str, Any], intent: Intent) -> Iterable[Judgement]:
        if not state["texts"]:
            yield Judgement(_TEXT, self.name, Status.PASS, "there is no text before the login prompt")
        for path, text in state["texts"].items():
            yield _text_judgement(path, text, state["links"].get(path, ""), intent)
        yield _name_judgement(state, intent)


def text_of(label: str) -> str:
    """What takes a text's place. Never an empty file: agetty would look for a text elsewhere."""
    return f"{label}\n"


# --- reading ------------------------------------------------------------------------------------------------


def _texts(raw: Raw, name: str) -> Mapping[str, str]:
    """A text longer than any person reads is cut, not refused: it is never neutral, and what it names is found."""
    texts = {}
    for path, out in raw.all(f"login_text.{name}").items():
        if missing(out):
            continue
        if out.error:
            raise Unreadable(f"{path}: {out.error}")
        texts[path] = out.text + ("\n(longer than we read)" if out.truncated else "")
    return texts


#: A link and where it leads, as stat says it: quoted or not, in a UTF-8 locale with typographic quotes.
_LINK = re.compile("^['\u2018]?(/[^'\u2019]+?)['\u2019]? -> ['\u2018]?([^'\u2019]+?)['\u2019]?$", re.MULTILINE)


def _links(raw: Raw) -> Iterator[tuple[str, str]]:
    for out in raw.all("login_text.links").values():
        yield from _LINK.findall(out.text)


def _hosts_line(raw: Raw, name: str) -> Json:
    """The line of /etc/hosts by which the machine finds itself: its place and its words, of no other line."""
    for out in raw.all("login_text.hosts").values():
        if out.error or out.truncated or not _is_utf8(out):
            continue
        lines = enumerate(out.text.split("\n"), 1)
        loopback = [(number, line) for number, line in lines if re.match(r"(127\.|::1\s)", line)]
        named = [(number, line) for number, line in loopback if name in line.partition("#")[0].split()[1:]]
        if named:
            return {"number": named[0][0], "text": named[0][1]}
    return None


def _rename(raw: Raw) -> tuple[str, ...]:
    """``hostname`` needs no bus and no systemd; where it is not installed, systemd is."""
    has = any(not missing(out) for out in raw.all("login_text.hostname_program").values())
    return ("hostname",) if has else ("hostnamectl", "set-hostname")


def _is_utf8(out: Output) -> bool:
    try:
        out.data.decode()
    except UnicodeDecodeError:
        return False
    return True


# --- texts --------------------------------------------------------------------------------------------------


def _text_judgement(path: str, text: str, link: str, intent: Intent) -> Judgement:
    shown = TELNETD if path == "/etc/issue.net" else AGETTY
    telling = [f"{sign} shows {what}" for sign, what in _escapes(text, shown)]
    plain = verdict(_without_escapes(text, shown), intent.words, intent.label)
    before, after = show(text, lines=True), text_of(intent.label)
    where = f"{path} (a link to {show(link)})" if link else path
    if plain.status is not Status.GAP and not telling:
        fix = "" if plain.status is Status.PASS else f"Replace {path} by the label if it names a place or a device."
        return Judgement(_TEXT, "login_text", plain.status, f"{where}: {plain.why}", before=before, fix=fix)
    why = "; ".join([*([plain.why] if plain.status is Status.GAP else []), *telling])
    if _is_generated(path, link):
        fix = "A program writes this text: change it there, or keep an /etc/issue of your own."
        return Judgement(_TEXT, "login_text", Status.MANUAL, f"{where}: {why}", before, after, fix)
    change = Change(
        _TEXT,
        "login_text",
        f"the label is the whole text of {where}",
        before,
        after,
        edits=(_edit(path, intent.label),),
    )
    return Judgement(_TEXT, "login_text", Status.GAP, f"{where}: {why}", before, after, changes=(change,))


def _escapes(text: str, shown: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    sign = "%" if shown is TELNETD else "\\"
    for letter in dict.fromkeys(re.findall(re.escape(sign) + r"(.)", text)):
        if letter in shown:
            yield sign + letter, shown[letter]


def _without_escapes(text: str, shown: Mapping[str, str]) -> str:
    if shown is TELNETD:
        return re.sub(r"%[a-zA-Z]", " ", text)
    return re.sub(rf"\\[{''.join(AGETTY)}{_SILENT}](?:\{{[^}}\n]*\}})?", " ", text)


def _edit(path: str, label: str) -> FileEdit:
    """A text of the vendor's is never touched: /etc goes before it. One of a directory goes, as others remain."""
    if path.startswith("/usr/lib/"):
        return FileEdit("/etc/issue", text_of(label))
    return FileEdit(path, None if path.startswith("/etc/issue.d/") else text_of(label))


def _is_generated(path: str, link: str) -> bool:
    return path.startswith(_GENERATED) or link.startswith(_GENERATED) or link.startswith("../run/")


# --- the host name ------------------------------------------------------------------------------------------

_VALID_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?")


def _name_judgement(state: Mapping[str, Any], intent: Intent) -> Judgement:
    name = str(state["hostname"])
    judged = [verdict(text, intent.words, intent.label, "hostname") for text in (name, str(state["saved_hostname"]))]
    worst = min(judged, key=lambda one: (Status.GAP, Status.MANUAL, Status.PASS).index(one.status))
    why = f"the prompt shows {show(name)}: {worst.why}"
    if worst.status is Status.PASS:
        return Judgement(_NAME, "login_text", Status.PASS, why, before=show(name))
    if worst.status is Status.MANUAL:
        fix = "Rename the host if its name tells a place or a device; monitoring and licences may depend on the name."
        return Judgement(_NAME, "login_text", Status.MANUAL, why, before=show(name), fix=fix)
    refusal = _why_not_rename(intent)
    if refusal:
        return Judgement(_NAME, "login_text", Status.MANUAL, why, show(name), intent.label, refusal)
    change = _renaming(state, intent.label.lower())
    return Judgement(_NAME, "login_text", Status.GAP, why, show(name), intent.label.lower(), changes=(change,))


def _why_not_rename(intent: Intent) -> str:
    if Consent.HOSTNAME not in intent.consent:
        return (
            "Renaming a host can break monitoring and licences. Rename it yourself, or set "
            "banner_blanking_change_hostname: true for this host."
        )
    if not _VALID_NAME.fullmatch(intent.label):
        return "Give iot_site_label as letters, digits and hyphens: a host name cannot be anything else, nor empty."
    return ""


def _renaming(state: Mapping[str, Any], label: str) -> Change:
    old, line = str(state["hostname"]), state["hosts_line"]
    command = tuple(state["rename"])
    found: tuple[LineInFile, ...] = ()
    if line:  # the old name keeps its meaning on the machine itself, where no visitor sees it
        found = (LineInFile("/etc/hosts", line["number"], line["text"], f"{line['text'].rstrip()} {label}"),)
    return Change(
        _NAME,
        "login_text",
        f"the host is called {label}",
        before=show(old),
        after=label,
        edits=(FileEdit("/etc/hostname", f"{label}\n"), *found),
        activate=(RunEdit((*command, label), undo=(*command, old)),),
    )

# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A1 from outside: nothing is shown or done for a visitor who has not logged in."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ..model import Intent, Json, Status
from .seen import SILENT, Endpoint
from .verdict import Verdict

_WEB = frozenset({"http", "https"})

#: Protocols whose login everybody on the way can read.
_PLAIN = frozenset({"telnet", "ftp"})

#: Protocols that operate something: whoever is let in can do more than look.
_OPERATES = frozenset({"modbus", "bacnet", "vnc", "mqtt", "onvif"})

#: Words on a page that operate something (遠方操作). They never decide a verdict; triage counts them.
_CONTROL_WORDS = (
    "制御", "操作", "運転", "停止", "起動", "開閉", "全開", "全閉", "手動", "遠隔", "遠方", "緊急停止", "リセット",
    "start", "stop", "reset", "reboot", "relay", "setpoint", "manual mode", "override", "open valve", "close valve",
)  # fmt: skip

#: Facts that say a visitor is let in, whatever the state says.
_LETS_IN: dict[str, Callable[[Json], bool]] = {
    "anonymous": lambda value: value is True,
    "community_public": lambda value: value is True,
    "auth_methods": lambda value: isinstance(value, list) and "none" in value,
    "sets_password": lambda value: value is True,  # whoever may look at a page may not yet choose its password
    "security_types": lambda value: isinstance(value, list) and 1 in value,  # RFC 6143, 7.1.2: None
}

#: What A2 says of silence that means that nobody is there for this visitor.
SURE = (Status.PASS, Status.NOT_APPLICABLE)

_ASK = "Let it ask for a login: login_required, or the vendor's own settings; or close it to strangers (A2)."
_PUBLIC_FIX = "Compare what opens here with the paths of iot_site_exposure; everything else needs a login."


def content(endpoint: Endpoint, intent: Intent, access: Status) -> Verdict:
    """``access`` is what A2 says of the same endpoint: where nobody is answered for sure, nothing is shown."""
    opened = [name for name, lets_in in _LETS_IN.items() if lets_in(endpoint.facts.get(name))]
    if endpoint.state == "open_without_login" or (endpoint.answered and opened):
        return _opened(endpoint, intent, opened)
    if endpoint.state == "login_required":
        if endpoint.kind in _PLAIN:
            return Verdict(Status.MANUAL, f"{endpoint.kind} asks for a login that travels in plain text",
                           "Close it, or let it be used through a VPN only.")  # fmt: skip
        return Verdict(Status.PASS, f"{endpoint.kind or 'it'} asks for a login")
    if endpoint.state in SILENT and access in SURE:
        return Verdict(Status.PASS, "nothing answers this visitor, so nothing is shown")
    if endpoint.state == "open":
        return Verdict(Status.UNKNOWN, "it answers, and whether it asks for a login cannot be told from outside",
                       "Judge it from inside, or look at it by hand.")  # fmt: skip
    return unsure(endpoint)


def unsure(endpoint: Endpoint) -> Verdict:
    """Nothing was shown, and nobody knows why."""
    silent = "nothing answered, and that may have other reasons"
    why = silent if endpoint.state in SILENT else endpoint.why or "it could not be told what is there"
    return Verdict(Status.UNKNOWN, why, "See A2.outside of the same endpoint.")


def _opened(endpoint: Endpoint, intent: Intent, opened: list[str]) -> Verdict:
    how = f" ({', '.join(opened)})" if opened else ""
    evidence: dict[str, Json] = {"operates": _operates(endpoint)}
    if endpoint.kind in _WEB and not opened and intent.is_public("/"):
        return Verdict(Status.PASS, "everybody is meant to see all of it (iot_site_exposure)", evidence=evidence)
    if endpoint.kind in _WEB and not opened and intent.is_public(_landed(endpoint.facts)):
        why = "a page opens without a login that is declared public; whether others do cannot be told from outside"
        return Verdict(Status.MANUAL, why, _PUBLIC_FIX, evidence=evidence)
    return Verdict(Status.GAP, f"{endpoint.kind or 'it'} opens without a login{how}", _ASK, evidence=evidence)


def _landed(facts: Mapping[str, Json]) -> str:
    """The path at which the redirects ended."""
    redirects = facts.get("redirects")
    last = redirects[-1] if isinstance(redirects, list) and redirects else "/"
    path = "/" + str(last).partition("://")[2].partition("/")[2] if "://" in str(last) else str(last)
    return path.partition("?")[0].partition("#")[0] or "/"


def _operates(endpoint: Endpoint) -> list[Json]:
    """What of it looks like operating a plant, for the triage."""
    shown = " ".join(text.text for text in endpoint.texts if text.surface.startswith("html_")).casefold()
    words: list[Json] = [word for word in _CONTROL_WORDS if word in shown]
    return [*([endpoint.kind] if endpoint.kind in _OPERATES else []), *words]

# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A1 on apache2: whatever a visitor asks for, a login comes first, or nothing is shown."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ..display import show
from ..model import Change, FileEdit, Intent, Json, Judgement, Status
from ..raw import Follow, Raw, Read
from . import user_file
from .apache_config import parse_text, quoted
from .apache_scopes import OURS, Section, Server, everything_but, from_state, ordered, sections
from .apache_visits import Visit, visits
from .ours import own_file
from .web_openings import Opening
from .web_servers import Service

CONTROL = "A1.web"

#: Where apache2 looks for a file that is named without a directory.
NEAR = "/etc/apache2"

_FILE = r"""^ *AuthUserFile +["']?"""

READS = (
    Read(
        "apache2.user_file", command=(*user_file.SIZE, "{}"), follow=Follow("apache2.config", rf"{_FILE}(/[^\s\"']+)")
    ),
    Read(
        "apache2.user_file_near",
        command=(*user_file.SIZE, f"{NEAR}/{{}}"),
        follow=Follow("apache2.config", rf"{_FILE}([^\s/\"'][^\s\"']*)"),
    ),
    Read(
        "apache2.user_file_htaccess",
        command=(*user_file.SIZE, "{}"),
        follow=Follow("apache2.htaccess", r"""^\s*AuthUserFile\s+["']?(/[^\s"']+)"""),
    ),
)

#: Where accounts may lie, besides a file; who comes from there has given a password.
_ELSEWHERE = frozenset({"dbm", "dbd", "ldap", "pam", "external", "sasl"})

#: Addresses that can stand in a pattern as they are.
_PLAIN = re.compile(r"/[A-Za-z0-9._~/-]+")


def user_files(raw: Raw) -> dict[str, int]:
    """The password files in use."""
    return user_file.sizes({key: out for read in READS for key, out in raw.all(read.name).items()})


def judge(state: Mapping[str, Any], intent: Intent, service: Service) -> Iterator[Judgement]:
    """The judgements on A1.web; the worst of them counts."""
    reachable = from_state(state)
    if not reachable:
        why = "no server of apache2 listens on an address that others can reach"
        yield Judgement(CONTROL, "apache2", Status.NOT_APPLICABLE, why)
        return
    evidence: dict[str, Json] = {"servers": [f"{server['name']} ({server['at']})" for server in reachable]}
    if intent.exposure:
        evidence["public"] = [path for path in intent.exposure.paths if intent.is_public(path)]
    files = state["user_files"]
    now = _all(reachable, files, intent, None)
    then = _all(
        reachable,
        {**files, intent.user_file: 1},
        intent,
        (state["login_file"], own_file("A1", "apache2", _text(state, intent))),
    )
    general = [one for one in now if one.general and one not in then]
    if general:
        yield _general(state, general, [one for one in then if one not in now], intent, service, evidence)
    for one in now:
        if one not in general:
            yield Judgement(CONTROL, "apache2", one.status, one.why, fix=one.fix, evidence=evidence)
    if not now:
        why = "every server and location asks for a login, shows nothing, or is meant to be public"
        yield Judgement(CONTROL, "apache2", Status.PASS, why, evidence=evidence)


# --- our own file -------------------------------------------------------------------------------------------


def _text(state: Mapping[str, Any], intent: Intent) -> str:
    """A login for whatever has none of its own, required of everybody besides what is required already."""
    login = (
        "    AuthType Basic\n"
        f"    AuthName {_realm(intent)}\n"
        "    AuthBasicProvider file\n"
        f"    AuthUserFile {quoted(intent.user_file or '<the password file>')}\n"
    )
    places = ('Directory "/"', 'Proxy "*"') if state["proxy"] else ('Directory "/"',)
    public = _public(intent)
    where = f'LocationMatch "{everything_but(public)}"' if public else 'Location "/"'
    asked = f"<{where}>\n    AuthMerging And\n    Require valid-user\n</{where.partition(' ')[0]}>\n"
    return "".join(f"<{place}>\n{login}</{place.partition(' ')[0]}>\n" for place in places) + asked


def _realm(intent: Intent) -> str:
    try:
        return quoted(intent.label or "login")
    except ValueError:
        return quoted("login")


def _public(intent: Intent) -> list[str]:
    paths = intent.exposure.paths if intent.exposure else ()
    return [path for path in paths if intent.is_public(path)]


def with_ours(server: Server, path: str, text: str) -> list[Section]:
    """The sections of a server as they were with this file of ours in place of what it says now, to the line."""
    others = [one for one in server["sections"] if not one["at"].startswith(f"{path}:")]
    return ordered([*others, *sections(parse_text(path, text), OURS)])


def _general(
    state: Mapping[str, Any], general: list[Opening], broken: list[Opening], intent: Intent,
    service: Service, evidence: Mapping[str, Json],
) -> Judgement:  # fmt: skip
    why = "; ".join(one.why for one in general[:5]) + (f"; and {len(general) - 5} more" if general[5:] else "")
    after = _text(state, intent)
    if fix := _by_hand(state, broken, intent):
        return Judgement(CONTROL, "apache2", Status.GAP, why, "", after, fix, evidence)
    checks = (*user_file.checks(intent.user_file, *state["account"]), service.check)
    change = Change(
        CONTROL, "apache2", f"a login for every server, with the accounts in {intent.user_file}", "", after,
        edits=(FileEdit(state["login_file"], own_file("A1", "apache2", after)),), checks=checks,
        activate=service.activate,
    )  # fmt: skip
    return Judgement(CONTROL, "apache2", Status.GAP, why, "", after, evidence=evidence, changes=(change,))


def _by_hand(state: Mapping[str, Any], broken: list[Opening], intent: Intent) -> str:
    """Why our own file cannot close it, as what to do; "" when it can."""
    if not intent.user_file:
        return (
            "Make a password file on the device (htpasswd) and name it in login_required_user_file, then run again; or "
            "put AuthType, AuthUserFile and Require valid-user into these places; or declare in iot_site_exposure what "
            "is public."
        )
    if lacking := sorted({"auth_basic", "authn_file", "authz_user"} - set(state["modules"])):
        return f"Switch on what apache2 needs to ask for a login, then run again: a2enmod {' '.join(lacking)}"
    if not state["login_file"]:
        return "apache2.conf does not include conf-enabled: put the lines below into it by hand, then run again."
    if strange := [path for path in _public(intent) if not _PLAIN.fullmatch(path)]:
        return (
            f"Put Require valid-user everywhere but below {', '.join(map(show, strange))} by hand: these cannot be "
            "written as a pattern of apache2."
        )
    if broken:
        return f"With a login for everything nobody could come in here any more: {broken[0].why}. {broken[0].fix}"
    return ""


# --- what is open -------------------------------------------------------------------------------------------


def _all(
    reachable: Iterable[Server], files: Mapping[str, int], intent: Intent, ours: tuple[str, str] | None
) -> list[Opening]:
    """Every opening of these servers, with our own file as ``ours`` says it."""
    found: dict[Opening, None] = {}
    for server in reachable:
        for visit in visits(server, with_ours(server, *ours) if ours else None):
            if not intent.is_public(visit.url):
                found.update(dict.fromkeys(_openings(server, visit, files)))
    return list(found)


def _openings(server: Server, visit: Visit, files: Mapping[str, int]) -> Iterator[Opening]:
    where = f"{server['name']}: {visit.where}"
    if visit.open:
        yield _open(where, visit)
    elif visit.asks:
        yield from _login(where, visit, files)


def _open(where: str, visit: Visit) -> Opening:
    if visit.any_will_do and visit.let is not None:
        at = visit.at("satisfy")
        return Opening(
            f"{at}: Satisfy Any lets in whoever comes from an allowed address, without a login",
            f"Delete {at} (Satisfy Any): address and password are then both required.",
        )
    if visit.application:
        fix = "Open each of its screens without logging in: none may show anything but the login."
        return Opening(f"{where}: only the application can ask for a login", fix, Status.MANUAL)
    by = visit.decided[-1] if visit.decided else "this server"
    if visit.unclear:
        fix = f"Write there who may come in (Require valid-user), and look at {visit.url} without logging in."
        why = f"{where}: it is not understood whom {visit.unclear[-1]} lets in"
        return Opening(why, fix, Status.UNKNOWN, general=True)
    fix = f"Write AuthMerging And into it, so that the login for everything counts there too, and run again: {by}"
    return Opening(f"{where} is shown to everybody", fix, general=True)


def _login(where: str, visit: Visit, files: Mapping[str, int]) -> Iterator[Opening]:
    """Whether the login that is asked for can be given, and only by whoever has an account."""
    kind, providers = visit.word("type").lower(), visit.word("provider").lower().split() or ["file"]
    if kind in ("", "none"):
        at = visit.at("type")
        place = f"Delete {at} (AuthType None)" if at else "Write AuthType, AuthName and AuthUserFile beside the Require"
        yield Opening(
            f"{where}: a login is required, and nobody can log in (AuthType None)", f"{place}, and run again."
        )
    elif kind not in ("basic", "digest") or set(providers) - _ELSEWHERE - {"file"}:
        at = visit.at("provider") or visit.at("type")
        why = f"{where}: who logs in is decided by something that is not understood ({at})"
        yield Opening(why, f"Look at {visit.url} without logging in.", Status.UNKNOWN)
    elif "file" in providers and not set(providers) & _ELSEWHERE:
        yield from _password_file(where, visit, files)


def _password_file(where: str, visit: Visit, files: Mapping[str, int]) -> Iterator[Opening]:
    path = posixpath.join(NEAR, visit.word("user_file"))
    at = visit.at("user_file")
    if not at:
        why = f"{where}: a login is required, and no AuthUserFile says who has an account"
        yield Opening(why, "Write AuthUserFile beside the Require, and run again.")
    elif files.get(path, -1) < 0:
        why = f"{at}: it is not known whether the password file {show(path)} exists"
        yield Opening(why, f"Look for it on the device (ls -l {show(path)}).", Status.UNKNOWN)
    elif not files[path]:
        why = f"{at}: the password file {show(path)} does not exist or holds nobody, so nobody can log in"
        yield Opening(why, f"Make it on the device (htpasswd -c {show(path)} NAME).")

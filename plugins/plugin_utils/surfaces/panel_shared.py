# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""C2.shared_account on web servers: behind every account of a password file stands one person."""

from __future__ import annotations

from collections.abc import Iterator

from ..display import show
from ..model import Judgement, Status
from .login_files import Holders
from .users_shared import are_several
from .users_whose import together
from .whose_account import declared_twice

CONTROL, SURFACE = "C2.shared_account", "panel_users"


def judge(holders: Holders) -> Iterator[Judgement]:
    shared = list(declared_twice(holders.intent, holders.everybody))
    if shared:
        fix = "Give each person an account of their own in iot_site_people; then run again."
        yield Judgement(CONTROL, SURFACE, Status.GAP, together(shared), fix=fix)
    seen = [
        f"{show(name, 40)} from {', '.join(networks)}"
        for name, networks in holders.state["networks"].items()
        if holders.places(name) and are_several(networks, holders.intent.people_of(name))
    ]
    if seen:
        fix = "Ask who they are. Give each of them an account, or declare from where this one person comes (sources)."
        why = f"logins from several networks: {together(seen)}"
        yield Judgement(CONTROL, SURFACE, Status.MANUAL, why, fix=fix)
    if not shared and not seen:
        yield _nothing_seen(holders)


def _nothing_seen(holders: Holders) -> Judgement:
    if holders.state["unread"]:
        fix = "Look as root whose accounts stand there."
        return Judgement(CONTROL, SURFACE, Status.UNKNOWN, together(holders.state["unread"]), fix=fix)
    if holders.state["logins_unknown"]:
        why = f"who logged in cannot be told: {holders.state['logins_unknown']}"
        fix = "Look on the host who uses which account, in the access log of its web server."
        return Judgement(CONTROL, SURFACE, Status.UNKNOWN, why, fix=fix)
    if not holders.state["logins_recorded"]:
        why = "no account is declared for two persons, but there is no log of a web server that tells who uses it"
        fix = "Ask everybody who uses it which account they log in with."
        return Judgement(CONTROL, SURFACE, Status.MANUAL, why, fix=fix)
    if not holders.everybody:
        return Judgement(CONTROL, SURFACE, Status.NOT_APPLICABLE, "no password file has an account in it")
    why = "no account is declared for two persons, and none was used from several networks"
    return Judgement(CONTROL, SURFACE, Status.PASS, why)

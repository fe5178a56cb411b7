# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A2 on sshd's own lists: AllowUsers with addresses. Never planned: one name left out locks its owner out for good."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..addresses import union, written
from ..display import show
from ..ip import AddrFormatError, IPNetwork, IPSet
from ..model import Intent, Json, Judgement, Status

CONTROL = "A2.service"

_LOOPBACK = IPSet(["127.0.0.0/8", "::1/128"])

_FIX = (
    "Write AllowUsers NAME@ADDRESS for every person and for the account of this collection, test it with a second "
    "session before you close the first; or let the packet filter limit access (ip_allowlist_enforce_with)."
)


def judge(state: Mapping[str, Any], intent: Intent) -> Iterator[Judgement]:
    """Whether sshd itself turns away who is not on the allowlist, where that is what limits access."""
    if intent.enforce_with != "web_server":
        why = "the packet filter limits access (ip_allowlist_enforce_with)"
        yield Judgement(CONTROL, "sshd", Status.NOT_APPLICABLE, why)
        return
    allowed: list[str] = state["allow_users"]
    wanted = union((*intent.allow4, *intent.allow6)) | _LOOPBACK
    evidence: dict[str, Json] = {"allow": list(written(wanted)), "listens": state["listens"]}
    strange = [why for one in allowed if (why := _beyond(one, wanted))]
    if not allowed:
        strange = ["there is no AllowUsers with addresses, so sshd asks everybody for a login"]
    strange += [f"{at}: a Match block has an AllowUsers of its own" for at in state["allow_users_matched"]]
    if strange:
        yield Judgement(CONTROL, "sshd", Status.GAP, "; ".join(strange[:5]), fix=_FIX, evidence=evidence)
    else:
        why = "AllowUsers names addresses of the allowlist only"
        yield Judgement(CONTROL, "sshd", Status.PASS, why, evidence=evidence)


def _beyond(entry: str, wanted: IPSet) -> str:
    user, sign, source = entry.rpartition("@")
    if not sign:
        return f"AllowUsers {show(source, 60)} may come from everywhere"
    try:
        strangers = IPSet([IPNetwork(source).cidr]) - wanted
    except (AddrFormatError, ValueError):
        return f"AllowUsers {show(user, 60)}: {show(source, 60)} is no address or network"
    return f"AllowUsers {show(user, 60)} may come from {', '.join(written(strangers))}" if strangers else ""

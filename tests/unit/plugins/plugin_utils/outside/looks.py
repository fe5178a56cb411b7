# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A small site seen from outside: a panel behind a gateway, a stranger, and somebody of the allowlist.

Addresses are those of documents (RFC 5737, RFC 3849). Rows of the probe have the form that its RETURN documents.
"""

from __future__ import annotations

from typing import Any

from ansible_collections.iot_site.checklist.plugins.plugin_utils.declarations import Authorisation, Published
from ansible_collections.iot_site.checklist.plugins.plugin_utils.model import Finding, Intent
from ansible_collections.iot_site.checklist.plugins.plugin_utils.outside.judge import judged
from ansible_collections.iot_site.checklist.plugins.plugin_utils.outside.seen import look
from ansible_collections.iot_site.checklist.plugins.plugin_utils.outside.targets import Member, targets
from ansible_collections.iot_site.checklist.plugins.plugin_utils.outside.wanted import Control, Outside, Vantage

TODAY = "2026-11-29"
RUN, AT = "20261122T221500Z-1a2b3c", "2026-11-22T22:16:00Z"
ALLOWED = Authorisation("owner", "2026-11-01", "2027-03-31", frozenset({"read", "probe"}))
SERVICE = Published(via="gateway", port=8443, to=443)
ADDRESS, ADDRESS6 = "203.0.113.5", "2001:db8:7::5"
PLACE = f"{ADDRESS}:8443/tcp"
CONTROL = Control("192.0.2.80", 8443)
CONTROL6 = Control("2001:db8:80::80", 8443)

STRANGER = Vantage("stranger", ("198.51.100.7/32", "2001:db8:99::7/128"), "refused", (CONTROL, CONTROL6))
CUSTOMER = Vantage("customer", ("203.0.113.10/32",), "served", (CONTROL,))


def member(
    host: str = "panel", /, *, outside: Outside | None = None, reported: tuple[str, ...] = (), **more: Any
) -> Member:
    intent = {
        "site": "k7", "host": host, "allow4": ("203.0.113.10/32",), "authorised": ALLOWED, "today": TODAY,
        "published": (SERVICE,) if host == "panel" else (), "enforced_by": "gateway" if host == "panel" else "", **more,
    }  # fmt: skip
    usual = Outside(addresses=(ADDRESS,) if host == "gateway" else ())
    return Member(Intent(**intent), usual if outside is None else outside, reported)


def site(*members: Member) -> dict[str, Member]:
    """The panel and its gateway, or others of the same name in their place."""
    return {one.intent.host: one for one in (member("panel"), member("gateway"), *members)}


def row(address: str = ADDRESS, port: int = 8443, /, **more: Any) -> dict[str, Any]:
    """What the probe returns for one endpoint of the panel; filtered, if nothing else is said."""
    return {
        "host": "panel", "address": address, "port": port, "transport": "tcp", "state": "filtered", "kind": "tcp",
        "source": "198.51.100.7", "tries": 2, "why": "", "texts": [], "facts": {}, **more,
    }  # fmt: skip


def result(
    *rows: dict[str, Any], reached: tuple[Control, ...] = (CONTROL, CONTROL6), complete: bool = True
) -> dict[str, Any]:
    controls = [
        {"address": one.address, "port": one.port, "reached": one in reached, "source": "198.51.100.7"}
        for one in (CONTROL, CONTROL6)
    ]
    return {"changed": False, "controls": controls, "complete": complete, "endpoints": list(rows)}


def findings(
    told: dict[str, Any], vantage: Vantage = STRANGER, members: dict[str, Member] | None = None
) -> list[Finding]:
    """Everything that is said of the site for one result of the probe."""
    everyone = site() if members is None else members
    wanted, untried = targets(everyone)
    return judged(look(vantage, wanted, told), everyone, untried, RUN, AT)


def one(control: str, found: list[Finding], surface: str = PLACE, host: str = "panel") -> Finding:
    """The finding on a control; on A1 and B1 also where the protocol stands behind the place."""
    mine = [each for each in found if each.host == host and each.control == control]
    exact = [each for each in mine if each.surface == surface]
    (finding,) = exact or [each for each in mine if each.surface.startswith(surface)]
    return finding

# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""B1: the names under which the router has itself found in DNS (netvolante-dns; command reference, 34.6 and 34.8)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import cast

from ..contract import Surface
from ..disclosure import TextVerdict, verdict
from ..display import show
from ..model import Intent, Json, Judgement, Status, Unreadable, as_json
from ..raw import Raw
from .config import Line, read, starting
from .forwarding import CONFIG

_CONTROL = "B1.dns_name"
_NAMED, _MADE = ("netvolante-dns", "hostname", "host"), ("netvolante-dns", "auto", "hostname")
_DOMAIN = "its domain, netvolante.jp, tells everybody that this is a Yamaha router"
_FIX = (
    "Give it a name that tells nothing (netvolante-dns hostname host, then netvolante-dns go), or use a domain of your "
    "own and delete this one (netvolante-dns delete go). First tell whoever comes by the old name: VPNs, people."
)


class DnsNames(Surface):
    """Names of Yamaha's own dynamic DNS. Peers come by them, so a person changes them."""

    name = "dns_names"
    controls = (_CONTROL,)
    reads = (CONFIG,)

    def parse(self, raw: Raw) -> dict[str, Json]:
        lines = read(raw.text(CONFIG.name))
        made = [line.text for line in starting(lines, *_MADE) if line.words[-1] != "off"]
        return {"names": cast(Json, [_name(line) for line in starting(lines, *_NAMED)]), "made": cast(Json, made)}

    def judge(self, state: Mapping[str, Json], intent: Intent) -> Iterable[Judgement]:
        names, made = cast("list[str]", state["names"]), cast("list[str]", state["made"])
        if not names and not made:
            why = "it registers no name in DNS (netvolante-dns)"
            yield Judgement(_CONTROL, self.name, Status.NOT_APPLICABLE, why)
            return
        told = {name: _told(name, intent) for name in names}
        why = "; ".join([*(f"{show(name, 80)}: {one.why}" for name, one in told.items()), _DOMAIN])
        named = [match for one in told.values() for match in one.matches]
        evidence: dict[str, Json] = {"names": cast(Json, names), "named": as_json(named)}
        before = "\n".join([*names, *made])
        yield Judgement(_CONTROL, self.name, Status.MANUAL, why, before, fix=_FIX, evidence=evidence)


def _name(line: Line) -> str:
    """``netvolante-dns hostname host INTERFACE [server=N] NAME …``; until it is registered, without its domain."""
    words = [word for word in line.words[len(_NAMED) + 1 :] if not word.startswith("server=")]
    if not words:
        raise Unreadable(f"this line names no host: {line.text}")
    return words[0]


def _told(name: str, intent: Intent) -> TextVerdict:
    """What the part says that somebody has chosen; the rest is given by the service."""
    return verdict(name.partition(".")[0], intent.words, intent.label, "hostname")

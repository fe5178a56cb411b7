# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A2 where ufw manages the packet filter: a marked block in before.rules and before6.rules, which ufw loads and keeps.

Why there, and not ``ufw allow from …``: a rule of that kind lets its source in to every port at once, also to those
that the owner closed, and narrows no ``allow 80/tcp`` that stands beside it. Our block comes before the owner's rules
and only drops; who may come still meets them. ``ufw show raw`` shows it, ``ufw reload`` loads it again.

``ufw reload`` itself is never run: it opens or closes everything for a moment. What is loaded is changed in one atomic
batch for each family, under guard; the files follow once that was confirmed, so a reboot before brings the old rules.

What is forwarded is limited by our own table at the forward hook: docker, podman and libvirt put rules of theirs before
ufw's there. The same table also guards the input where ufw cannot: the evidence says why.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from ..model import Change, FileEdit, Intent, Json, Judgement, RunEdit, Status
from ..raw import Read
from . import iptables_chain
from .filter_facts import Seen
from .iptables_chain import CHAIN, FAMILIES, Family
from .nftables import Nftables, evidence_of, kept_flows, limited_already, mapping, texts
from .ufw_block import placed, with_block

_DEFAULTS = Read(name="ufw_defaults", files="/etc/default/ufw", limit=1 << 16)
_FILES = {
    family.version: Read(name=f"ufw_before{family.ufw}", files=f"/etc/ufw/before{family.ufw}.rules", limit=1 << 18)
    for family in FAMILIES
}


class Ufw(Nftables):
    """Input by ufw's own files, forwarded traffic by our table."""

    name = "ufw"
    reads = (*Nftables.reads, _DEFAULTS, *_FILES.values())

    def means(self, seen: Seen, state: Mapping[str, Json]) -> dict[str, Json]:
        raw, iptables, manager = seen.raw, seen.iptables, seen.managers[self.name]
        chains = {f.version: iptables_chain.filter_rules(iptables.get(f"{f.program}-save", "")) for f in FAMILIES}
        files = {f.version: raw.files(_FILES[f.version].name).get(_FILES[f.version].files, "") for f in FAMILIES}
        defaults = "\n".join(raw.files(_DEFAULTS.name).values())
        cannot = limited_already(state)
        if not (manager.loaded and manager.boots):
            cannot.append(f"{manager}; ufw enable, and systemctl enable ufw, would mend that")
        if not re.search(r"^IPV6=[\"']?yes[\"']?\s*$", defaults, re.MULTILINE | re.IGNORECASE):
            cannot.append("ufw leaves IPv6 alone (IPV6 is not yes in /etc/default/ufw)")
        for family in FAMILIES:
            cannot += _hindered(family, chains[family.version], files[family.version])
        own: dict[str, Json] = {
            str(f.version): {
                "loaded": list[Json](chains[f.version].get(CHAIN, [])),
                "leads": f"-j {CHAIN}" in chains[f.version].get(_before(f), [])[:1],
                "exists": CHAIN in chains[f.version],
                "file": files[f.version],
            }
            for f in FAMILIES
        }
        hooks: list[Json] = ["input", "forward"] if cannot else ["forward"]
        return {"hooks": hooks, "cannot": list[Json](cannot), "ufw": own}

    def management(self, state: Mapping[str, Json], intent: Intent) -> Judgement:
        if state["cannot"]:
            return self.by_own_table("A2.management", state, intent)
        hindered = self.hindered("A2.management", state, intent)
        if hindered:
            return hindered
        wanted = {family: _wanted(family, state, intent) for family in FAMILIES}
        loaded = all(_loaded(family, state, rules) for family, rules in wanted.items())
        lasting = all(placed(_file(family, state), _before(family), rules) for family, rules in wanted.items())
        evidence = {**evidence_of("A2.management", state, intent), "shown_by": "ufw show raw"}
        if loaded and lasting:
            why = (
                "from outside, only the allowlist and what this machine needs come to ufw's rules, and its files say so"
            )
            return Judgement("A2.management", self.name, Status.PASS, why, evidence=evidence)
        before, after = (
            "\n".join(f"{family.program} -A {CHAIN} {rule}" for family in FAMILIES for rule in each[family])
            for each in ({f: texts(_own(f, state)["loaded"]) for f in FAMILIES}, wanted)
        )
        why = _difference(state, loaded)
        blocked = texts(state["blocked"])
        if blocked and not loaded:
            fix = f"Filter by hand, for we cannot tell from strangers: {'; '.join(blocked)}"
            return Judgement("A2.management", self.name, Status.GAP, why, before, after, fix, evidence)
        change = Change(
            control="A2.management",
            surface=self.name,
            summary="put the allowlist into ufw's files" if loaded else "let only the allowlist come to ufw's rules",
            before="" if loaded else before,
            after=after,
            edits=() if loaded else tuple(_load(family, state, rules) for family, rules in wanted.items()),
            checks=() if loaded else tuple(RunEdit(f.test, _batch(f, state, rules)) for f, rules in wanted.items()),
            persist=tuple(
                FileEdit(_FILES[f.version].files, with_block(_file(f, state), _before(f), rules), 0o640)
                for f, rules in wanted.items()
            ),
            cuts_access=not loaded,
        )
        return Judgement("A2.management", self.name, Status.GAP, why, before, after, "", evidence, (change,))


def _before(family: Family) -> str:
    return f"ufw{family.ufw}-before-input"


def _hindered(family: Family, chains: Mapping[str, list[str]], file: str) -> list[str]:
    """Why a block of ours in this file would not limit what comes in."""
    found = [f"{family.program}: {each}" for each in iptables_chain.lets_in_before(chains, "INPUT", _before(family))]
    if not with_block(file, _before(family), ()):
        found.append(f"{_FILES[family.version].files} does not begin as ufw's own does")
    return found


def _wanted(family: Family, state: Mapping[str, Json], intent: Intent) -> tuple[str, ...]:
    allow = intent.allow4 if family.version == 4 else intent.allow6
    return iptables_chain.rules(family, texts(state["inside"]), kept_flows(state), allow)


def _own(family: Family, state: Mapping[str, Json]) -> Mapping[str, Json]:
    return mapping(mapping(state["ufw"])[str(family.version)])


def _file(family: Family, state: Mapping[str, Json]) -> str:
    return str(_own(family, state)["file"])


def _loaded(family: Family, state: Mapping[str, Json], rules: tuple[str, ...]) -> bool:
    own = _own(family, state)
    return own["leads"] is True and texts(own["loaded"]) == [iptables_chain.canonical(rule) for rule in rules]


def _difference(state: Mapping[str, Json], loaded: bool) -> str:
    if loaded:
        return "ufw has our limit loaded as wanted, but its files have not: a reload or a reboot would lose it"
    if any(_own(family, state)["exists"] for family in FAMILIES):
        return "our limit stands before ufw's rules, but it is not as wanted"
    outside = ", ".join(mapping(state["outside"]))
    return f"ufw's rules name ports, not people: whatever they allow, everybody may reach from outside ({outside})"


def _load(family: Family, state: Mapping[str, Json], rules: tuple[str, ...]) -> RunEdit:
    own = _own(family, state)
    undo = _batch(family, state, tuple(texts(own["loaded"]))) if own["leads"] else _removal(family)
    return RunEdit(family.restore, _batch(family, state, rules), undo=family.restore, undo_stdin=undo)


def _batch(family: Family, state: Mapping[str, Json], rules: tuple[str, ...]) -> str:
    """Our chain anew, and the way to it unless it is there: one batch, which is loaded whole or not at all."""
    way = () if _own(family, state)["leads"] else (f"-I {_before(family)} 1 -j {CHAIN}",)
    lines = ("*filter", f":{CHAIN} - [0:0]", *(f"-A {CHAIN} {rule}" for rule in rules), *way, "COMMIT", "")
    return "\n".join(lines)


def _removal(family: Family) -> str:
    return "\n".join(("*filter", f":{CHAIN} - [0:0]", f"-D {_before(family)} -j {CHAIN}", f"-X {CHAIN}", "COMMIT", ""))

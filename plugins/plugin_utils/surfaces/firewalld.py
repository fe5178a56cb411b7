# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A2 where firewalld manages the packet filter: two ipsets, and rich rules in the zones that outside comes to.

Every source that is not in our ipset is dropped before the zone's own services are asked; who may come still meets
them. ``firewall-cmd --list-all`` shows the rules, and every reload and boot brings them back. Files change under guard
and firewalld reloads; a reboot before the confirmation starts it with the old files.

What is forwarded is limited by our own table at the forward hook: firewalld lets everything pass that was rewritten
before (``ct status dnat accept``), so also what docker and podman publish. The same table guards the input too where
zones cannot: where inside and outside share one, where redirected ports pass them by, and where others have rules of
iptables, all of which firewalld sweeps away when it reloads. The evidence says why.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import cast

from ..model import Change, FileEdit, Intent, Json, Judgement, RunEdit, Status
from ..raw import Follow, Raw, Read
from . import daemon, firewalld_kernel, firewalld_rules
from .filter_facts import Seen
from .firewalld_rules import ALLOW, Rule
from .iptables_chain import networks
from .links import network
from .nat import services
from .nft_json import statements
from .nft_table import elements
from .nftables import Nftables, evidence_of, kept_flows, limited_already, mapping, texts

_FOLDER = "/etc/firewalld"
_ZONES = Read(name="firewalld_zones", files=f"{_FOLDER}/zones/*.xml", limit=1 << 18)
_STOCK = Read(name="firewalld_stock", files="/usr/lib/firewalld/zones/*.xml", limit=1 << 18)
_IPSETS = Read(name="firewalld_ipsets", files=f"{_FOLDER}/ipsets/iot-site-allow[46].xml", limit=1 << 18)
_PROCESS = daemon.processes("firewalld_process", "firewalld")
_RUNS = Follow(_PROCESS.name, rf"\A\D*{daemon.PID}")  # once: these answers take longer than all others together
_RUNNING = Read(name="firewalld_running", command=("firewall-cmd", "--list-all-zones"), follow=_RUNS)
_SAVED = Read(name="firewalld_saved", command=("firewall-cmd", "--permanent", "--list-all-zones"), follow=_RUNS)

_RELOAD = RunEdit(("firewall-cmd", "--reload"))


class Firewalld(Nftables):
    """Input by zones, forwarded traffic by our table."""

    name = "firewalld"
    reads = (*Nftables.reads, _ZONES, _STOCK, _IPSETS, _PROCESS, _RUNNING, _SAVED)

    def means(self, seen: Seen, state: Mapping[str, Json]) -> dict[str, Json]:
        chains = firewalld_kernel.chains(seen.rules)
        found = firewalld_kernel.entrance(chains, texts(state["inside"]))
        files = {zone: _zone_file(seen.raw, zone) for zone in found.zones}
        cannot = [*limited_already(state), *_not_alone(seen, state), *found.strange, *_odd(files)]
        own: dict[str, Json] = {
            "zones": {zone: list[Json](chains.get(f"filter_IN_{zone}_pre", [])) for zone in found.zones},
            "files": dict[str, Json](files.items()),
            "sets": {name: cast("Json", firewalld_kernel.listed(seen.rules, name)) for name in ALLOW.values()},
            "ipsets": dict[str, Json](seen.raw.files(_IPSETS.name).items()),
            "unsaved": [] if cannot else list[Json](_unsaved(seen.raw)),
        }
        hooks: list[Json] = ["input", "forward"] if cannot else ["forward"]
        return {"hooks": hooks, "cannot": list[Json](cannot), "firewalld": own}

    def management(self, state: Mapping[str, Json], intent: Intent) -> Judgement:
        control = "A2.management"
        if state["cannot"]:
            return self.by_own_table(control, state, intent)
        hindered = self.hindered(control, state, intent)
        if hindered:
            return hindered
        own, wanted = mapping(state["firewalld"]), firewalld_rules.rules(kept_flows(state))
        evidence = {**evidence_of(control, state, intent), "zones": list[Json](mapping(own["zones"]))}
        loaded, files = _loaded(own, wanted, intent), _files(own, wanted, intent)
        lasting = not files
        if loaded and lasting:
            why = "from outside, only the allowlist comes to the zones' own rules; firewalld has it running and saved"
            return Judgement(control, self.name, Status.PASS, why, evidence=evidence)
        before = "\n".join(f"{zone}: {rule}" for zone, each in mapping(own["zones"]).items() for rule in texts(each))
        after = "\n".join(
            [f"{zone}: {rule.kernel}" for zone in mapping(own["zones"]) for rule in wanted] + _members(intent)
        )
        why, fix = _difference(own, loaded), _by_hand(state, own)
        change = Change(
            control=control,
            surface=self.name,
            summary="let only the allowlist come to the rules of " + ", ".join(mapping(own["zones"])),
            before=before,
            after=after,
            edits=tuple(FileEdit(path, text) for path, text in files.items()),
            checks=(RunEdit(("firewall-cmd", "--check-config")),),
            activate=(_RELOAD,),
            cuts_access=True,
        )
        return Judgement(control, self.name, Status.GAP, why, before, after, fix, evidence, () if fix else (change,))


# --- what is wanted ---------------------------------------------------------------------------------------------


def _members(intent: Intent) -> list[str]:
    return [f"{ALLOW[version]}: {net}" for version in ALLOW for net in networks(_allow(version, intent))]


def _allow(version: int, intent: Intent) -> tuple[str, ...]:
    return intent.allow4 if version == 4 else intent.allow6


def _loaded(own: Mapping[str, Json], wanted: tuple[Rule, ...], intent: Intent) -> bool:
    """Whether the kernel asks our rules first in every zone, and they name exactly the allowlist."""
    rules = sorted(firewalld_kernel.numbered(rule.kernel) for rule in wanted)
    first = [texts(each)[: len(rules)] for each in mapping(own["zones"]).values()]
    sets = {version: mapping(own["sets"])[name] for version, name in ALLOW.items()}
    return all(sorted(map(firewalld_kernel.numbered, each)) == rules for each in first) and all(
        held == [*elements(_allow(version, intent))] for version, held in sets.items()
    )


def _files(own: Mapping[str, Json], wanted: tuple[Rule, ...], intent: Intent) -> dict[str, str]:
    """The files that are not as wanted, as they shall be."""
    ipsets = {f"{_FOLDER}/ipsets/{ALLOW[v]}.xml": firewalld_rules.ipset(v, _allow(v, intent)) for v in ALLOW}
    found = {path: text for path, text in ipsets.items() if mapping(own["ipsets"]).get(path) != text}
    for zone, text in mapping(own["files"]).items():
        if not firewalld_rules.holds(str(text), wanted):
            found[f"{_FOLDER}/zones/{zone}.xml"] = firewalld_rules.with_rules(str(text), wanted)
    return found


def _difference(own: Mapping[str, Json], loaded: bool) -> str:
    zones = ", ".join(mapping(own["zones"]))
    if loaded:
        return f"the zone {zones} lets only the allowlist in, but its file does not say so: a reload would lose it"
    if any(held is not None for held in mapping(own["sets"]).values()):
        return f"our rules in the zone {zones} are not as wanted"
    return f"services of the zone {zones} are open to everybody: no rule of it asks who comes"


def _by_hand(state: Mapping[str, Json], own: Mapping[str, Json]) -> str:
    """What a person must do before we can; "" when we can."""
    if state["blocked"]:
        return f"Filter by hand, for we cannot tell from strangers: {'; '.join(texts(state['blocked']))}"
    if own["unsaved"]:
        return (
            "A reload would lose what firewalld runs with and has not saved: keep it with firewall-cmd "
            f"--runtime-to-permanent, or drop it with --reload, and run again. {'; '.join(texts(own['unsaved'])[:5])}"
        )
    return ""


# --- why zones are not enough -----------------------------------------------------------------------------------


def _not_alone(seen: Seen, state: Mapping[str, Json]) -> Iterator[str]:
    manager = seen.managers["firewalld"]
    if not (manager.loaded and manager.boots):
        yield f"{manager}; systemctl enable --now firewalld would mend that"
    others = sum(line.startswith("-A ") for text in seen.iptables.values() for line in text.splitlines())
    if others:
        yield f"firewalld's reload would sweep away {others} rules of iptables (docker, podman and others make such)"
    if any("redirect" in statement for _rule, each in statements(seen.rules) for statement in each):
        yield "redirected ports pass every zone by (ct status dnat accept)"
    here = {address for link in network(seen.raw).links for address in link.addresses}
    if state["not_understood"] or any(one.address in here for one in services(seen.rules, seen.iptables)[0]):
        yield "ports that are rewritten to this machine pass every zone by (ct status dnat accept)"
    try:
        firewalld_rules.rules(kept_flows(state))
    except ValueError as reason:
        yield str(reason)


def _odd(files: Mapping[str, str]) -> Iterator[str]:
    for zone, text in files.items():
        if not firewalld_rules.with_rules(text, ()):
            yield f"the file of the zone {zone} is not found, or not as firewalld writes it"
        elif re.search(r"<zone\b[^>]*\btarget=|<icmp-block", text):
            yield f"the zone {zone} has a target or ICMP blocks of its own, which our rules would pass by"


# --- files ------------------------------------------------------------------------------------------------------


def _zone_file(raw: Raw, zone: str) -> str:
    found = {**raw.files(_STOCK.name), **raw.files(_ZONES.name)}
    return found.get(f"{_FOLDER}/zones/{zone}.xml") or found.get(f"/usr/lib/firewalld/zones/{zone}.xml", "")


def _unsaved(raw: Raw) -> list[str]:
    """What firewalld runs with and has not saved, or the other way round. Which interfaces a zone has is no setting."""
    running, saved = (_settings(raw.text(read.name)) for read in (_RUNNING, _SAVED))
    return sorted(f"running, not saved: {each}" for each in running - saved) + sorted(
        f"saved, not running: {each}" for each in saved - running
    )


def _settings(told: str) -> set[str]:
    zone, found = "", set[str]()
    for line in told.splitlines():
        if line and not line[0].isspace():
            zone = line.split(" ")[0]
        elif line.strip() and not line.startswith("  interfaces:"):
            found.add(f"{zone} {line.strip()}")
    return found

# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A2 on a Linux host or gateway: one nftables table of our own, and never a line in anybody else's.

Why that is sound: a packet passes the base chains of *all* tables at a hook, and a drop in any of them is final. An
accept elsewhere cannot widen what we drop, and our accept cannot open what another table drops. Our chains come after
connection tracking (priority -200) and before the usual filters (0). The ways around a chain, and what becomes of them:

* flowtables and hardware offload take over a flow only after its first packets passed the forward hook: established;
* ``notrack`` makes packets neither new nor established: we would drop them, so we plan nothing where it is used;
* frames between the ports of a bridge, and ``fwd`` in a netdev table, are never routed: then forwarded is no pass;
* DNAT and redirection happen before both hooks, so published and local services alike meet our chains.

Traffic from inside (loopback, and interfaces that have an address and no default route) is not limited here; the
evidence names these interfaces. Whatever is not on that list, also an interface that appears later, is outside.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import cast

from ..contract import Surface
from ..model import Absent, Change, Intent, Json, Judgement, RunEdit, Status
from ..raw import Raw
from . import filter_facts, firewall_manager
from .filter_facts import Seen
from .flows import Flow, cannot_keep, flows
from .iptables_chain import FAMILIES, whole
from .links import network
from .nft_boot import ALLOWLIST
from .nft_json import braces
from .nft_table import REMOVAL, AddressSet, Chain, Table, elements
from .sockets import sockets

_LOAD = ("nft", "-f", "-")
_WEB_SERVERS = frozenset({"nginx", "apache2", "lighttpd"})  # those whose own limits a surface of ours judges
_DECLARE = "Declare who may reach it: sources in iot_site_people, and iot_site_management_sources for ourselves."


class Nftables(Surface):
    """Input and forwarded traffic of one host, IPv4 and IPv6, where nobody manages its filter, or rules alone do."""

    name = "nftables"
    controls = ("A2.management", "A2.forwarded")
    reads = (*filter_facts.READS, *firewall_manager.READS, *ALLOWLIST.reads)

    def parse(self, raw: Raw) -> dict[str, Json]:
        seen = filter_facts.seen(raw)
        rules, iptables, managers = seen.rules, seen.iptables, seen.managers
        speaker = firewall_manager.speaker(managers)
        if speaker != self.name:
            raise Absent(firewall_manager.silent(self.name, speaker, managers))
        net, listening = network(raw), sockets(raw)
        machine = filter_facts.machine(raw, net, listening)
        exposed: list[Json] = [*sorted({str(each) for each in listening if each.exposed and each.lasting})]
        around = [filter_facts.bridged(*each) for each in net.bridged_out.items()] + filter_facts.redirected(rules)
        blocked = cannot_keep(machine) + filter_facts.untracked(rules, iptables)
        state: dict[str, Json] = {
            "managers": [str(each) for each in managers.values()],
            "clash": list[Json](firewall_manager.clash(managers) or ()),
            "outside": dict[str, Json](net.outside.items()),
            "inside": list(net.inside),
            "forwarding": [*filter_facts.forwarded(raw)],
            "flows": [[flow.match, flow.why, flow.forward] for flow in flows(machine)],
            "open": exposed,
            "nft": not filter_facts.is_missing(raw, filter_facts.RULESET.name),
            "iptables": bool(iptables),
            "hooks": ["input", "forward"],
            "blocked": list[Json](blocked),
            "around": list[Json](around),
            **filter_facts.covered(rules, iptables),
            **filter_facts.own(raw, rules),
            "boot": ALLOWLIST.found(raw),
        }
        return state | self.means(seen, state)

    def means(self, seen: Seen, state: Mapping[str, Json]) -> dict[str, Json]:
        """What the manager has of its own to limit access with; nothing beside our table here."""
        return {}

    def judge(self, state: Mapping[str, Json], intent: Intent) -> Iterable[Judgement]:
        yield self.management(state, intent)
        if state["forwarding"]:
            yield self.by_own_table("A2.forwarded", state, intent)
        else:
            why = "this machine forwards nothing: forwarding is off on every interface, IPv4 and IPv6"
            yield Judgement("A2.forwarded", self.name, Status.NOT_APPLICABLE, why)

    def management(self, state: Mapping[str, Json], intent: Intent) -> Judgement:
        return self.by_own_table("A2.management", state, intent)

    def by_own_table(self, control: str, state: Mapping[str, Json], intent: Intent) -> Judgement:
        hindered = self.hindered(control, state, intent) or self._without_nft(control, state, intent)
        if hindered:
            return hindered
        evidence, wanted = evidence_of(control, state, intent), wanted_table(state, intent)
        loaded, lasting = state["table"] == wanted.text, ALLOWLIST.lasts(mapping(state["boot"]), wanted.replacement)
        if loaded and lasting:
            return self._passed(control, state, evidence)
        why = "our table is as wanted, but a reboot would lose it" if loaded else _difference(state)
        fix = _by_hand(state, loaded)
        changes = () if fix else (self._change(control, state, wanted, loaded),)
        before, after = str(state["table"]), wanted.text
        return Judgement(control, self.name, Status.GAP, why, before, after, fix, evidence, changes)

    def hindered(self, control: str, state: Mapping[str, Json], intent: Intent) -> Judgement | None:
        """Why no filter can be judged against the intent at all."""
        found = _left_to_web_server(control, state, intent) or _hindrance(state, intent)
        return self._left(control, state, intent, *found) if found else None

    def _without_nft(self, control: str, state: Mapping[str, Json], intent: Intent) -> Judgement | None:
        if state["nft"]:
            return None
        why = "nftables is not installed, so this machine cannot limit access itself"
        fix = "Install the package nftables, or name the gateway that limits it in iot_site_enforced_by"
        if state["iptables"]:
            fix += "; or load what is shown as wanted with iptables alone, which this version does not judge."
        after = _for_iptables(state, intent) if state["iptables"] else ""
        return replace(self._left(control, state, intent, Status.MANUAL, why, fix), after=after)

    def _left(
        self, control: str, state: Mapping[str, Json], intent: Intent, status: Status, why: str, fix: str
    ) -> Judgement:
        return Judgement(control, self.name, status, why, fix=fix, evidence=evidence_of(control, state, intent))

    def _passed(self, control: str, state: Mapping[str, Json], evidence: Mapping[str, Json]) -> Judgement:
        around = texts(state["around"])
        if control == "A2.forwarded" and around:
            fix = "Take the outside interface out of the bridge, or filter on the bridge itself (nft family bridge)."
            why = f"what is routed is limited, but not everything is routed: {'; '.join(around)}"
            return Judgement(control, self.name, Status.MANUAL, why, fix=fix, evidence=evidence)
        why = "from outside, only the allowlist and the flows this machine needs get in; it survives a reboot"
        if control == "A2.forwarded":
            why = "from outside, only the allowlist gets through, to what is published and to what is routed, IPv6 too"
            evidence = {**evidence, "forwarded_v6": True}
        return Judgement(control, self.name, Status.PASS, why, evidence=evidence)

    def _change(self, control: str, state: Mapping[str, Json], wanted: Table, loaded: bool) -> Change:
        load = RunEdit(_LOAD, wanted.replacement, undo=_LOAD, undo_stdin=REMOVAL + str(state["undo"]))
        return Change(
            control=control,
            surface=self.name,
            summary="make the allowlist survive a reboot" if loaded else "let only the allowlist in from outside",
            before="" if loaded else str(state["table"]),
            after=f"# at boot: {ALLOWLIST.unit} loads {ALLOWLIST.rules_path}" if loaded else wanted.text,
            edits=() if loaded else (load,),
            checks=() if loaded else (RunEdit(("nft", "-c", "-f", "-"), wanted.replacement),),
            persist=ALLOWLIST.persist(wanted.replacement),
            cuts_access=not loaded,
        )


# --- what is wanted -----------------------------------------------------------------------------------------


def wanted_table(state: Mapping[str, Json], intent: Intent) -> Table:
    """Our table for this machine: from outside, the flows it needs and the allowlist; nothing else."""
    kept = kept_flows(state)
    inside = braces(f'"{name}"' for name in texts(state["inside"]))
    first = (f'iifname {inside} accept comment "inside: not limited here"', "ct state established,related accept")
    icmp = ('meta l4proto { 1, 58 } accept comment "ICMP and ICMPv6: path MTU, neighbours, routers"',)
    allowed = ("ip saddr @allow4 accept", "ip6 saddr @allow6 accept", "drop")
    chains = {
        "input": (*first, *icmp, *map(_kept, kept), *allowed),
        "forward": (*first, *(_kept(flow) for flow in kept if flow.forward), *allowed),
    }
    return Table(
        sets=(
            AddressSet("allow4", "ipv4_addr", elements(intent.allow4)),
            AddressSet("allow6", "ipv6_addr", elements(intent.allow6)),
        ),
        chains=tuple(
            Chain(hook, _base(hook), rules) for hook, rules in chains.items() if hook in texts(state["hooks"])
        ),
    )


def kept_flows(state: Mapping[str, Json]) -> list[Flow]:
    flowing = cast("list[list[Json]]", state["flows"])
    return [Flow(str(match), str(why), bool(forward)) for match, why, forward in flowing]


def _for_iptables(state: Mapping[str, Json], intent: Intent) -> str:
    inside, kept = texts(state["inside"]), kept_flows(state)
    sides = zip(FAMILIES, (intent.allow4, intent.allow6), strict=True)
    return "\n".join(whole(family, inside, kept, allow) for family, allow in sides)


def _base(hook: str) -> str:
    return f"type filter hook {hook} priority -150; policy accept;"


def _kept(flow: Flow) -> str:
    return f'{flow.match} accept comment "{flow.why}"'


# --- verdicts -----------------------------------------------------------------------------------------------


def _left_to_web_server(control: str, state: Mapping[str, Json], intent: Intent) -> tuple[Status, str, str] | None:
    """The web server limits its own pages (A2.web); whatever else is open stays open."""
    if intent.enforce_with != "web_server":
        return None
    fix = "Set ip_allowlist_enforce_with: packet_filter, or limit each of these services itself."
    if control == "A2.forwarded":
        return (
            Status.GAP,
            "this machine forwards, and only its web server limits access (ip_allowlist_enforce_with)",
            fix,
        )
    others = [each for each in texts(state["open"]) if each.split()[2] not in _WEB_SERVERS]
    if not others:
        return Status.NOT_APPLICABLE, "nothing but the web server listens, and it limits access itself (A2.web)", ""
    return Status.GAP, f"only the web server limits access (ip_allowlist_enforce_with), not {', '.join(others)}", fix


def _hindrance(state: Mapping[str, Json], intent: Intent) -> tuple[Status, str, str] | None:
    """Why this filter cannot be judged against the intent at all."""
    if state["clash"]:
        why, fix = texts(state["clash"])
        return Status.UNKNOWN, why, fix
    if not (intent.allow4 or intent.allow6):
        return Status.MANUAL, "nobody's address is declared, and an empty allowlist would lock everybody out", _DECLARE
    if not state["outside"]:
        why = "no interface carries a default route, so we cannot tell which side is outside"
        return Status.UNKNOWN, why, "Name the gateway that limits access to this machine in iot_site_enforced_by."
    return None


def limited_already(state: Mapping[str, Json]) -> list[str]:
    """Our table keeps what it has: what a manager could do later would leave a moment without it."""
    return ["our own table limits it already"] if "\tchain input {\n" in str(state["table"]) else []


def _difference(state: Mapping[str, Json]) -> str:
    if state["table"]:
        return "our table is there, but it is not as wanted"
    instead = f"; its manager cannot: {'; '.join(texts(state['cannot']))}" if state.get("cannot") else ""
    return f"nothing of ours limits who gets in from outside ({', '.join(mapping(state['outside']))}){instead}"


def _by_hand(state: Mapping[str, Json], loaded: bool) -> str:
    """What a person must do first, where a change of ours would cut something or not last; "" when we can do it."""
    blocked = texts(state["blocked"])
    if blocked and not loaded:
        return f"Filter by hand, for we cannot tell from strangers: {'; '.join(blocked)}"
    return ALLOWLIST.by_hand(mapping(state["boot"]))


def evidence_of(control: str, state: Mapping[str, Json], intent: Intent) -> dict[str, Json]:
    kept = cast("list[list[Json]]", state["flows"])
    seen: dict[str, Json] = {
        "allow": [*intent.allow4, *intent.allow6],
        "outside": state["outside"],
        "inside_not_limited": state["inside"],
        "kept": [f"{match} ({why})" for match, why, forward in kept if control == "A2.management" or forward],
    }
    if state["managers"]:
        seen |= {"managers": state["managers"], "by_our_table_because": state.get("cannot", [])}
    if control == "A2.management":
        return seen | {"listening": state["open"]}
    return seen | {
        "forwarding": state["forwarding"],
        "covers": state.get("covers", []),
        "not_understood": state.get("not_understood", []),
        "around_the_filter": state["around"],
    }


def texts(value: Json) -> list[str]:
    return [str(each) for each in cast("list[Json]", value)]


def mapping(value: Json) -> dict[str, Json]:
    return cast("dict[str, Json]", value)

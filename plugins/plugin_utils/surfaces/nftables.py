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

import re
from collections.abc import Iterable, Mapping
from typing import cast

from ..contract import Surface
from ..model import Change, FileEdit, Intent, Json, Judgement, RunEdit, Status, Unreadable, digest
from ..raw import Raw, Read, missing
from .flows import Flow, Machine, cannot_keep, flows
from .links import LINKS, ROUTES4, ROUTES6, network
from .nat import Service, services
from .nft_json import Object, braces, objects, own_table, statements
from .nft_table import FAMILY, NAME, REMOVAL, AddressSet, Chain, Table, elements
from .sockets import LISTENERS, sockets

RULES_PATH = "/etc/iot_site_checklist/nftables.nft"
UNIT = "iot-site-checklist-nftables.service"
UNIT_PATH = f"/etc/systemd/system/{UNIT}"
UNIT_TEXT = f"""\
[Unit]
Description=Access allowlist of the IoT device checklist
Documentation=https://example.org/iot_site/checklist
DefaultDependencies=no
Wants=network-pre.target
Before=network-pre.target shutdown.target
After=local-fs.target nftables.service
Conflicts=shutdown.target

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/sbin/nft -f {RULES_PATH}

[Install]
WantedBy=sysinit.target
"""
#: nftables.service flushes every table whenever it starts or reloads, so it loads ours again itself. Dependencies
#: between units come too late: `systemctl restart nftables` would return with our table gone.
FOLLOW_PATH = "/etc/systemd/system/nftables.service.d/iot_site_checklist.conf"
FOLLOW_TEXT = f"""\
[Service]
ExecStartPost=-/usr/sbin/nft -f {RULES_PATH}
ExecReload=-/usr/sbin/nft -f {RULES_PATH}
"""

_LOAD = ("nft", "-f", "-")
_PERSISTENT = {
    "rules": "", "unit": digest(UNIT_TEXT), "follow": digest(FOLLOW_TEXT),
    "enabled": True, "overridden": False, "systemd": True,
}  # fmt: skip

_RULESET = Read(name="nft_ruleset", command=("nft", "-s", "-j", "list", "ruleset"), limit=8 << 20)
_OWN = Read(name="nft_own", command=("nft", "-s", "list", "table", FAMILY, NAME))
_IPTABLES = (
    Read(name="iptables", command=("iptables-save",), limit=4 << 20),
    Read(name="ip6tables", command=("ip6tables-save",), limit=4 << 20),
)
_POLICIES = Read(name="xfrm_policy", command=("ip", "xfrm", "policy"))
_WIREGUARD = Read(name="wireguard_ports", command=("wg", "show", "all", "listen-port"))
_FORWARDING = {
    "IPv4": Read(name="forwarding4", files="/proc/sys/net/ipv4/conf/*/forwarding"),
    "IPv6": Read(name="forwarding6", files="/proc/sys/net/ipv6/conf/*/forwarding"),
}
_INIT = Read(name="init", files="/proc/1/comm")
_BOOT = (
    Read(name="nft_boot_rules", files=RULES_PATH),
    Read(name="nft_boot_unit", files=UNIT_PATH),
    Read(name="nft_boot_follow", files=FOLLOW_PATH),
    Read(name="nft_boot_wants", files=f"/etc/systemd/system/*.wants/{UNIT}"),
    Read(name="nft_boot_overrides", files=f"/etc/systemd/system/{UNIT}.d/*.conf"),
)

_WEB_SERVERS = frozenset({"nginx", "apache2", "lighttpd"})  # those whose own limits a surface of ours judges
_DECLARE = "Declare who may reach it: sources in iot_site_people, and iot_site_management_sources for ourselves."
_NO_KERNEL_XFRM = re.compile(r"not supported", re.IGNORECASE)


class Nftables(Surface):
    """Input and forwarded traffic of one host, IPv4 and IPv6."""

    name = "nftables"
    controls = ("A2.management", "A2.forwarded")
    reads = (
        _RULESET, _OWN, *_IPTABLES, ROUTES4, ROUTES6, LINKS, LISTENERS, _POLICIES, _WIREGUARD,
        *_FORWARDING.values(), _INIT, *_BOOT,
    )  # fmt: skip

    def parse(self, raw: Raw) -> dict[str, Json]:
        net, listening = network(raw), sockets(raw)
        machine = Machine(net, listening, _ipsec_policies(raw), _wireguard_ports(raw))
        outside: dict[str, Json] = dict(net.outside.items())
        exposed: list[Json] = [*sorted({str(each) for each in listening if each.exposed and each.lasting})]
        state: dict[str, Json] = {
            "outside": outside,
            "inside": list(net.inside),
            "forwarding": [*forwarded(raw)],
            "flows": [[flow.match, flow.why, flow.forward] for flow in flows(machine)],
            "open": exposed,
            "nft": not _is_missing(raw, _RULESET.name),
        }
        blocked, around = cannot_keep(machine), [_bridged(*each) for each in net.bridged_out.items()]
        if state["nft"]:
            ruleset, iptables = objects(raw.text(_RULESET.name)), _iptables(raw)
            blocked += _untracked(ruleset, iptables)
            around += _redirected(ruleset)
            state |= _table(raw, ruleset) | _covered(ruleset, iptables) | {"boot": _boot(raw)}
        return state | {"blocked": list[Json](blocked), "around": list[Json](around)}

    def judge(self, state: Mapping[str, Json], intent: Intent) -> Iterable[Judgement]:
        yield self._judged("A2.management", state, intent)
        if state["forwarding"]:
            yield self._judged("A2.forwarded", state, intent)
        else:
            why = "this machine forwards nothing: forwarding is off on every interface, IPv4 and IPv6"
            yield Judgement("A2.forwarded", self.name, Status.NOT_APPLICABLE, why)

    def _judged(self, control: str, state: Mapping[str, Json], intent: Intent) -> Judgement:
        evidence = _evidence(control, state, intent)
        hindered = _left_to_web_server(control, state, intent) or _hindrance(state, intent)
        if hindered:
            status, why, fix = hindered
            return Judgement(control, self.name, status, why, fix=fix, evidence=evidence)
        wanted = wanted_table(state, intent)
        loaded, lasting = state["table"] == wanted.text, _lasts(state, wanted)
        if loaded and lasting:
            return self._passed(control, state, evidence)
        why = "our table is as wanted, but a reboot would lose it" if loaded else _difference(state)
        fix = _by_hand(state, loaded)
        changes = () if fix else (self._change(control, state, wanted, loaded),)
        before, after = str(state["table"]), wanted.text
        return Judgement(control, self.name, Status.GAP, why, before, after, fix, evidence, changes)

    def _passed(self, control: str, state: Mapping[str, Json], evidence: Mapping[str, Json]) -> Judgement:
        around = _texts(state["around"])
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
            after=f"# at boot: {UNIT} loads {RULES_PATH}" if loaded else wanted.text,
            edits=() if loaded else (load,),
            checks=() if loaded else (RunEdit(("nft", "-c", "-f", "-"), wanted.replacement),),
            persist=(
                FileEdit(RULES_PATH, wanted.replacement, 0o600),
                FileEdit(UNIT_PATH, UNIT_TEXT),
                FileEdit(FOLLOW_PATH, FOLLOW_TEXT),
                RunEdit(("systemctl", "daemon-reload")),
                RunEdit(("systemctl", "enable", "--now", UNIT), undo=("systemctl", "disable", UNIT)),
            ),
            cuts_access=not loaded,
        )


# --- what is wanted -----------------------------------------------------------------------------------------


def wanted_table(state: Mapping[str, Json], intent: Intent) -> Table:
    """Our table for this machine: from outside, the flows it needs and the allowlist; nothing else."""
    flowing = cast("list[list[Json]]", state["flows"])
    kept = [Flow(str(match), str(why), bool(forward)) for match, why, forward in flowing]
    inside = braces(f'"{name}"' for name in _texts(state["inside"]))
    first = (f'iifname {inside} accept comment "inside: not limited here"', "ct state established,related accept")
    icmp = ('meta l4proto { 1, 58 } accept comment "ICMP and ICMPv6: path MTU, neighbours, routers"',)
    allowed = ("ip saddr @allow4 accept", "ip6 saddr @allow6 accept", "drop")
    return Table(
        sets=(
            AddressSet("allow4", "ipv4_addr", elements(intent.allow4)),
            AddressSet("allow6", "ipv6_addr", elements(intent.allow6)),
        ),
        chains=(
            Chain("input", _base("input"), (*first, *icmp, *map(_kept, kept), *allowed)),
            Chain("forward", _base("forward"), (*first, *(_kept(flow) for flow in kept if flow.forward), *allowed)),
        ),
    )


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
    others = [each for each in _texts(state["open"]) if each.split()[2] not in _WEB_SERVERS]
    if not others:
        return Status.NOT_APPLICABLE, "nothing but the web server listens, and it limits access itself (A2.web)", ""
    return Status.GAP, f"only the web server limits access (ip_allowlist_enforce_with), not {', '.join(others)}", fix


def _hindrance(state: Mapping[str, Json], intent: Intent) -> tuple[Status, str, str] | None:
    """Why this filter cannot be judged against the intent at all."""
    if not (intent.allow4 or intent.allow6):
        return Status.MANUAL, "nobody's address is declared, and an empty allowlist would lock everybody out", _DECLARE
    if not state["nft"]:
        why = "nftables is not installed, so this machine cannot limit access itself"
        return (
            Status.MANUAL,
            why,
            "Install the package nftables, or name the gateway that limits it in iot_site_enforced_by",
        )
    if not state["outside"]:
        why = "no interface carries a default route, so we cannot tell which side is outside"
        return Status.UNKNOWN, why, "Name the gateway that limits access to this machine in iot_site_enforced_by."
    return None


def _difference(state: Mapping[str, Json]) -> str:
    if not state["table"]:
        return f"nothing of ours limits who gets in from outside ({', '.join(_mapping(state['outside']))})"
    return "our table is there, but it is not as wanted"


def _lasts(state: Mapping[str, Json], wanted: Table) -> bool:
    return state["boot"] == {**_PERSISTENT, "rules": digest(wanted.replacement)}


def _by_hand(state: Mapping[str, Json], loaded: bool) -> str:
    """What a person must do first, where a change of ours would cut something or not last; "" when we can do it."""
    blocked, boot = _texts(state["blocked"]), _mapping(state["boot"])
    if blocked and not loaded:
        return f"Filter by hand, for we cannot tell from strangers: {'; '.join(blocked)}"
    if not boot["systemd"]:
        return f"No systemd here: write the wanted table to {RULES_PATH}, and run nft -f on it at boot"
    if boot["overridden"]:
        return f"{UNIT_PATH}.d changes how our unit runs; remove it, or load {RULES_PATH} at boot by hand."
    return ""


def _evidence(control: str, state: Mapping[str, Json], intent: Intent) -> dict[str, Json]:
    kept = cast("list[list[Json]]", state["flows"])
    seen: dict[str, Json] = {
        "allow": [*intent.allow4, *intent.allow6],
        "outside": state["outside"],
        "inside_not_limited": state["inside"],
        "kept": [f"{match} ({why})" for match, why, forward in kept if control == "A2.management" or forward],
    }
    if control == "A2.management":
        return seen | {"listening": state["open"]}
    return seen | {
        "forwarding": state["forwarding"],
        "covers": state.get("covers", []),
        "not_understood": state.get("not_understood", []),
        "around_the_filter": state["around"],
    }


def _texts(value: Json) -> list[str]:
    return [str(each) for each in cast("list[Json]", value)]


def _mapping(value: Json) -> dict[str, Json]:
    return cast("dict[str, Json]", value)


# --- what is there ------------------------------------------------------------------------------------------


def _is_missing(raw: Raw, name: str) -> bool:
    outputs = raw.all(name)
    return bool(outputs) and all(missing(output) for output in outputs.values())


def _table(raw: Raw, ruleset: list[Object]) -> dict[str, Json]:
    """Our table in canonical form, and in nft's own words for the way back."""
    table = own_table(ruleset)
    return {"table": table.text if table else "", "undo": raw.text(_OWN.name) if table else ""}


def published(raw: Raw) -> list[Service]:
    """Every service that this machine publishes for others; none where there is no packet filter to do so."""
    return led_on(raw)[0]


def led_on(raw: Raw) -> tuple[list[Service], list[str]]:
    """The same, and the rules that lead on in a way we do not follow."""
    if _is_missing(raw, _RULESET.name):
        return [], []
    return services(objects(raw.text(_RULESET.name)), _iptables(raw))


def forwarded(raw: Raw) -> list[str]:
    """The families that this machine forwards, on any interface."""
    return [family for family, read in _FORWARDING.items() if _forwards(raw.files(read.name))]


def _covered(ruleset: list[Object], iptables: Mapping[str, str]) -> dict[str, Json]:
    found, strange = services(ruleset, iptables)
    covers: list[Json] = [{"port": each.port, "protocol": each.protocol, "to": each.target} for each in found]
    return {"covers": covers, "not_understood": list[Json](strange)}


def _boot(raw: Raw) -> dict[str, Json]:
    rules, unit, follow, wants, overrides = (raw.files(read.name) for read in _BOOT)
    return {
        "rules": digest(rules.get(RULES_PATH, "")),
        "unit": digest(unit.get(UNIT_PATH, "")),
        "follow": digest(follow.get(FOLLOW_PATH, "")),
        "enabled": any("/sysinit.target.wants/" in path for path in wants),
        "overridden": bool(overrides),
        "systemd": "".join(raw.files(_INIT.name).values()).strip() == "systemd",
    }


def _iptables(raw: Raw) -> dict[str, str]:
    return {read.command[0]: raw.text(read.name) for read in _IPTABLES if not _is_missing(raw, read.name)}


def _forwards(switches: Mapping[str, str]) -> bool:
    """Any interface counts; ``default`` is only a template for new ones."""
    return any(value.strip() != "0" for path, value in switches.items() if "/default/" not in path)


def _ipsec_policies(raw: Raw) -> bool:
    outputs = raw.all(_POLICIES.name).values()
    if any(output.rc and _NO_KERNEL_XFRM.search(output.text) for output in outputs):
        return False
    return bool(re.search(r"^\s+dir (in|out|fwd)\b", raw.text(_POLICIES.name), re.MULTILINE))


def _wireguard_ports(raw: Raw) -> dict[str, int] | None:
    if _is_missing(raw, _WIREGUARD.name):
        return None
    try:
        pairs = (line.split("\t") for line in raw.text(_WIREGUARD.name).splitlines())
        return {name: int(port) for name, port in pairs}
    except ValueError as error:
        raise Unreadable("the answer of wg is not understood") from error


def _untracked(ruleset: list[Object], iptables: Mapping[str, str]) -> list[str]:
    by_nft = any("notrack" in statement for _rule, each in statements(ruleset) for statement in each)
    by_iptables = any(re.search(r" -j (NOTRACK|CT --notrack)", text) for text in iptables.values())
    why = "some traffic is exempt from connection tracking (notrack), so its replies cannot be told from strangers"
    return [why] if by_nft or by_iptables else []


def _redirected(ruleset: list[Object]) -> list[str]:
    found = {f"{rule.get('table')}" for rule, each in statements(ruleset) for statement in each if "fwd" in statement}
    return [f"nft table {table} forwards packets before routing (fwd)" for table in sorted(found)]


def _bridged(bridge: str, ports: list[str]) -> str:
    return f"{bridge} bridges {', '.join(ports)}"

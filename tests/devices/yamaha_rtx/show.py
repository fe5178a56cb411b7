# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the ``show`` commands print. Where each shape comes from stands in ../README.md."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable

from . import grammar, packet
from .errors import CommandError
from .router import Login, Router

Lines = list[str]


def environment(router: Router, _login: Login, japanese: bool) -> Lines:
    who = router.personality
    now = router.clock.seconds()
    up = int(now - router.booted_at)
    days, rest = divmod(up, 86400)
    return [
        *who.bootrom,
        router.version,
        f"  main:  {who.model} ver=00 serial={who.serial} {_macs(who.macs)}",
        "CPU:   1%(5sec)   2%(1min)   1%(5min)    " + ("メモリ: 24% used" if japanese else "Memory: 24% used"),
        "Packet-buffer:   0%(small)   0%(middle)   5%(large)   0%(huge) used",
        "Firmware: internal",
        "Config. file: config0  Default config. file: config0",
        f"Boot time: {router.clock.at(router.booted_at):%Y/%m/%d %H:%M:%S} +09:00",
        f"Current time: {router.clock.at(now):%Y/%m/%d %H:%M:%S} +09:00",
        f"Elapsed time from boot: {days}days {rest // 3600:02}:{rest // 60 % 60:02}:{rest % 60:02}",
        "Security Class: 1, FORGET: ON, TELNET: OFF",
    ]


def _macs(macs: tuple[str, ...]) -> str:
    return " ".join(f"MAC-Address={mac}" for mac in macs)


def config_header(router: Router) -> Lines:
    who, now = router.personality, router.clock.now()
    return [
        f"# {router.version}",
        f"# MAC Address : {', '.join(who.macs)}",
        f"# Memory {who.memory}",
        f"# main:  {who.model} ver=00 serial={who.serial} {_macs(who.macs)}",
        f"# Reporting Date: {now:%b} {now.day} {now:%H:%M:%S %Y}",
    ]


def running_config(router: Router, _login: Login, _japanese: bool) -> Lines:
    return config_header(router) + router.lines()


def section_config(router: Router, section: str) -> Lines:
    kind, _space, number = section.partition(" ")
    body = router.lines()
    start = f"{kind} select {number}"
    if start not in body:
        return [start]
    at = body.index(start)
    end = next((row for row in range(at + 1, len(body)) if not body[row].startswith(" ")), len(body))
    return body[at:end]


def config_list(router: Router, _login: Login, _japanese: bool) -> Lines:
    return [
        "No.    Date       Time     Size    Sects   Comment",
        f"* 0    {router.clock.now():%Y/%m/%d %H:%M:%S}    5120    118/118",
    ]


def status_user(router: Router, login: Login, japanese: bool) -> Lines:
    """Layout and both headings as in the command reference, 58.47."""
    head, rule = _USER_HEAD[japanese], "-" * 79
    rows = [_user_row(router, item, item is login) for item in router.logins.values()]
    if router.faults.other_administrator:
        when = router.clock.at(router.booted_at)
        name = router.faults.other_administrator
        rows.append(f" +  {name:<15} {'telnet1':<10} {when:%m/%d %H:%M}  0:00:10    192.168.100.250")
    return [*head, rule, *rows]


_USER_HEAD = (
    (
        "   (*: current user, +: administrator mode, @: authenticated via RADIUS)",
        "   username        connection login time   idle       IP address",
    ),
    (
        "   (*: 自分自身のユーザー情報, +: 管理者モード, @: RADIUSでの認証)",
        "   ユーザー名         接続種別    ログイン      アイドル    IPアドレス",
    ),
)


def _user_row(router: Router, item: Login, own: bool) -> str:
    marks = f"{'*' if own else ' '}{'+' if item.administrator else ' '} "
    idle = int(router.clock.seconds() - item.last_key)
    since = router.clock.at(item.since)
    clock = f"{idle // 3600}:{idle // 60 % 60:02}:{idle % 60:02}"
    return f"{marks}{item.user:<15} {item.connection:<10} {since:%m/%d %H:%M}  {clock:<10} {item.address}"


def ip_route(router: Router, _login: Login, _japanese: bool) -> Lines:
    """The columns of the captured table; static routes from the configuration, implicit ones from its addresses."""
    rows = ["Destination         Gateway          Interface       Kind  Additional Info."]
    for line in router.running.starting("ip route"):
        if line.tokens[2] == "change" or (line.tokens[2] == "default" and router.default_route_lost):
            continue
        rows.extend(_static_routes(router, line.tokens))
    for name, networks in sorted(packet.lan_networks(router.running).items()):
        for network in networks:
            if ":" not in network:
                own = packet.interface_address(router.running, name, 4)
                rows.append(_implicit(network, str(own), name))
    for line in router.running.all():
        if line.tokens[0] == "ip" and line.tokens[2:] == ("address", "dhcp"):
            rows.append(_leased(router, line.tokens[1]))
    return rows


def _leased(router: Router, name: str) -> str:
    own = router.assigned.get(name, packet.DYNAMIC[4])
    return _implicit(str(ipaddress.ip_network(f"{own}/24", strict=False)), own, name)


def _implicit(network: str, own: str, name: str) -> str:
    return f"{network:<19} {own:<18} {name.upper():>6}  implicit  "


def _static_routes(router: Router, tokens: tuple[str, ...]) -> Lines:
    found, words = [], list(tokens[3:])
    while words:
        if words.pop(0) != "gateway":
            continue
        if words[:1] in (["pp"], ["tunnel"]):
            via, name = "-", f"PP[{int(words[1]):02}]" if words[0] == "pp" else f"TUNNEL[{words[1]}]"
        elif words[:1] == ["dhcp"]:
            via, name = "-", words[1].upper()
        else:
            via, name = words[0], _interface_towards(router, words[0])
        found.append(f"{tokens[2]:<19} {via:<16} {name:>8}    static  ")
    return found


def _interface_towards(router: Router, gateway: str) -> str:
    for name, networks in packet.lan_networks(router.running).items():
        if any(ipaddress.ip_address(gateway) in ipaddress.ip_network(network) for network in networks):
            return name.upper()
    return "-"


def ipv6_route(router: Router, _login: Login, _japanese: bool) -> Lines:
    rows = ["Destination              Gateway                   Interface   Type"]
    for line in router.running.starting("ipv6 route"):
        for route in _static_routes(router, line.tokens):
            rows.append(route.rstrip())
    for name, networks in sorted(packet.lan_networks(router.running).items()):
        rows.extend(
            f"{net:<24} -                         {name.upper():<11} implicit" for net in networks if ":" in net
        )
    return rows


def ipsec_sa(router: Router, _login: Login, _japanese: bool) -> Lines:
    peers = []
    for section in router.running.sections():
        for line in router.running.section(section):
            if line.tokens[:3] == ("ipsec", "ike", "remote") and line.tokens[3:4] == ("address",):
                peers.append((section.partition(" ")[2], line.tokens[-1]))
    rows = [f"Total: isakmp:{len(peers)} send:{len(peers)} recv:{len(peers)}", ""]
    rows += ["sa    sgw isakmp connection    dir  life[s] remote-id", "-" * 76]
    for index, (tunnel, peer) in enumerate(peers):
        base = index * 3 + 1
        rows.append(f"{base:<5} {tunnel:<3} -      isakmp        -    28000   {peer}")
        for offset, way in ((1, "send"), (2, "recv")):
            name = f"tun[{int(tunnel):04}]esp"
            rows.append(f"{base + offset:<5} {tunnel:<3} {base:<6} {name:<13} {way:<4} 28000   {peer}")
    return rows


def log(router: Router, _login: Login, _japanese: bool) -> Lines:
    return list(router.log[-500:])


def nat_address(router: Router, _login: Login, japanese: bool) -> Lines:
    rows = ["NAT/IP masquerade 動作タイプ : 2" if japanese else "NAT/IP masquerade running type : 2"]
    names = ["lan1", "lan2", "lan3", *(section.replace(" ", "") for section in router.running.sections())]
    used = [(number, name) for name in names for number in packet.nat_descriptors(router.running, name)]
    for number, name in used:
        outer = packet.interface_address(router.running, name, 4)
        label = f"PP[{int(name[2:]):02}](1)" if name.startswith("pp") else name.upper()
        rows.append(f"Reference NAT descriptor : {number}, Applied interface : {label}")
        rows.append("Masquerade table")
        rows.append(f"    Outer address: ipcp/{outer}")
        for line in router.running.starting(f"nat descriptor masquerade static {number}"):
            inner, proto, port = (*line.value, "", "")[:3]
            rows.append(f"    static {line.tokens[-4] if len(line.tokens) > 7 else ''} {inner} {proto} {port}")
        rows.append("---------------------")
    return [*rows, f"{len(used)} valid NAT descriptor table(s)"]


def status_interface(router: Router, section: str, japanese: bool) -> Lines:
    kind, _space, number = section.partition(" ")
    if not router.running.section(section):
        raise CommandError("value")
    if router.running.get("pppoe use", section):
        return _status_pppoe(router, section, japanese)
    up = "接続されています" if japanese else "connected"
    label = f"PP[{int(number):02}]:" if kind == "pp" else f"TUNNEL[{number}]:"
    return [
        label,
        f"Current status : {up}",
        f"Local address: {packet.interface_address(router.running, section.replace(' ', ''), 4)}",
    ]


def _status_pppoe(router: Router, section: str, japanese: bool) -> Lines:
    """Both languages as captured. Of a session that is down, the last connection's addresses are shown too."""
    state = router.faults.pppoe_state
    if state not in _PPPOE:
        raise ValueError(f"no such state of a PPPoE session: {state}")
    number, seconds = int(section.partition(" ")[2]), int(router.clock.seconds() - router.booted_at)
    description = grammar.unquoted((router.running.get("description pp", section) or ("",))[-1])
    local = router.assigned.get(section) or packet.interface_address(router.running, section.replace(" ", ""), 4)
    told = (
        [
            f"説明: {description}",
            f"PPPoEセッションは{_PPPOE[state]}",
            "接続相手: BAS",
            f"通信時間: {seconds // 60}分{seconds % 60}秒",
            "受信: 395 パケット [47514 オクテット]  負荷: 0.0%",
            "送信: 397 パケット [44134 オクテット]  負荷: 0.0%",
            "PPPオプション",
        ]
        if japanese
        else [
            f"Description: {description}",
            f"Current PPPoE session status is {state}.",
            "Access Concentrator: BAS",
            f"{seconds // 60} minutes {seconds % 60} seconds  connection.",
            "Received: 395 packets [47514 octets]  Load: 0.0%",
            "Transmitted: 397 packets [44134 octets]  Load: 0.0%",
            "PPP Cofigure Options",
        ]
    )
    return [
        f"PP[{number:02}]:",
        *told,
        "    LCP Local: Magic-Number MRU, Remote: CHAP Magic-Number MRU",
        "    IPCP Local: IP-Address Primary-DNS(192.0.2.53) Secondary-DNS(192.0.2.54), Remote: IP-Address",
        f"    PP IP Address Local: {local}, Remote: 192.0.2.254",
        "    CCP: None",
    ]


_PPPOE = {
    "Connected": "接続されています",
    "Offline": "継っていません",
    "In connecting process": "接続処理中です",
    "disabled": "現在使用できません",
}


def ipv6_address(router: Router, _login: Login, _japanese: bool) -> Lines:
    """The form of the vendor's quick start guide (Rev.4): an interface, its counters, its addresses by scope."""
    found: dict[str, Lines] = {}
    for line in router.running.all():
        if line.tokens[0] == "ipv6" and line.tokens[2:3] == ("address",):
            name = line.key[0] or line.tokens[1]
            found.setdefault(name, []).append(_learned(line.tokens[3]))
    rows: Lines = []
    for scope, (name, addresses) in enumerate(sorted(found.items()), 1):
        kind, number = name.rstrip("0123456789").strip(), int(name[len(name.rstrip("0123456789")) :])
        rows += [f"{kind.upper()}[{number:02}] scopeId {scope}"]
        rows += [" Received:    476099 packets 473064981 octets", " Transmitted: 271021 packets 255039824 octets", ""]
        rows += [f" global       {address}" for address in addresses]
        rows += [" link-local   fe80::2a0:deff:fe00:3/64", " link-local   ff02::1/64", ""]
    return rows


def _learned(text: str) -> str:
    """What an address is once the provider has told its prefix (documentation addresses)."""
    network = ipaddress.ip_network(f"{packet.DYNAMIC[6]}/64", strict=False)
    if text in ("auto", "dhcp"):
        return f"{packet.DYNAMIC[6]}/64"
    if "-prefix@" not in text:
        return text
    own, _slash, length = text.partition("::")[2].partition("/")
    return f"{network[int(ipaddress.ip_address(f'::{own}'))]}/{length}"


SHOW: dict[str, Callable[[Router, Login, bool], Lines]] = {
    "environment": environment,
    "config": running_config,
    "config list": config_list,
    "status user": status_user,
    "ip route": ip_route,
    "ipv6 route": ipv6_route,
    "ipv6 address": ipv6_address,
    "ipsec sa": ipsec_sa,
    "log": log,
    "nat descriptor address": nat_address,
    "nat descriptor address all": nat_address,
}

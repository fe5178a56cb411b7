# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the ``show`` commands print. Where each shape comes from stands in ../README.md."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable

from . import packet
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
                rows.append(f"{network:<19} {own!s:<18} {name.upper():>6}  implicit  ")
    return rows


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
    up = "接続されています" if japanese else "connected"
    label = f"PP[{int(number):02}]:" if kind == "pp" else f"TUNNEL[{number}]:"
    return [
        label,
        f"Current status : {up}",
        f"Local address: {packet.interface_address(router.running, section.replace(' ', ''), 4)}",
    ]


SHOW: dict[str, Callable[[Router, Login, bool], Lines]] = {
    "environment": environment,
    "config": running_config,
    "config list": config_list,
    "status user": status_user,
    "ip route": ip_route,
    "ipv6 route": ipv6_route,
    "ipsec sa": ipsec_sa,
    "log": log,
    "nat descriptor address": nat_address,
    "nat descriptor address all": nat_address,
}

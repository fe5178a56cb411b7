# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Linux host or gateway, over plain SSH and Python: what it is composed of, and what a change must not lose."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from ..contract import Platform
from ..model import Change, State, Unreadable, Vitals
from ..raw import Raw, Read, missing
from ..surfaces.apache import Apache
from ..surfaces.applications import Applications, ports
from ..surfaces.avahi import Avahi
from ..surfaces.broker_users import BrokerUsers
from ..surfaces.certificates import Certificates
from ..surfaces.declared import Declared
from ..surfaces.dropbear import Dropbear
from ..surfaces.filter_facts import forwarded, published
from ..surfaces.firewalld import Firewalld
from ..surfaces.fronts import Fronts
from ..surfaces.identity import ROOT, Identity, root_filesystem
from ..surfaces.lighttpd import Lighttpd
from ..surfaces.links import Link, Network, network
from ..surfaces.listening import Listening
from ..surfaces.login_text import LoginText
from ..surfaces.mosquitto import Mosquitto
from ..surfaces.mqtt_accounts import MqttAccounts
from ..surfaces.nftables import Nftables
from ..surfaces.nginx import Nginx
from ..surfaces.panel_users import PanelUsers
from ..surfaces.reused import Reused
from ..surfaces.session import SESSION, account, session
from ..surfaces.snmp_accounts import SnmpAccounts
from ..surfaces.snmpd import Snmpd
from ..surfaces.software import Software
from ..surfaces.sources import Sources, come_in_today
from ..surfaces.sshd import Sshd
from ..surfaces.telnet import Telnet
from ..surfaces.ufw import Ufw
from ..surfaces.unix_accounts import UnixAccounts
from ..surfaces.unix_users import UnixUsers
from ..surfaces.vsftpd import Vsftpd
from ..surfaces.web_accounts import WebAccounts

_RESOLVER = Read(name="resolver", files="/etc/resolv.conf")
_SAS = Read(name="xfrm_state", command=("ip", "xfrm", "state", "list", "nokeys"))
_GUARD = Read(name="guard", files="/var/lib/iot_site_checklist/guard")

_FORGETFUL = frozenset({"overlay", "overlayfs", "aufs", "tmpfs", "ramfs", "rootfs", "squashfs", "erofs"})
_VPN_KINDS = frozenset({"wireguard", "tun", "ppp", "ipip", "ip6tnl", "sit", "gre", "ip6gre", "vti", "vti6", "xfrm"})


#: Each announces the programs it answers for; what is left is found by Listening.
_WEB_SERVERS, _BROKER = (Nginx(), Apache(), Lighttpd()), Mosquitto()
_SERVICES = (*_WEB_SERVERS, Sshd(), Dropbear(), Telnet(), Vsftpd(), Snmpd(), _BROKER)


class Linux(Platform):
    """Whatever has no ``ansible_network_os``."""

    name = "linux"
    title = "Linux host"
    network_os = ""
    transport = "host"
    surfaces = (
        Declared(),
        Nftables(),
        Ufw(),
        Firewalld(),
        *_SERVICES,
        Fronts(),  # after the web server: what it reloads serves before a port is closed
        Listening(_SERVICES),
        Applications(_SERVICES),
        Sources(),
        LoginText(),
        UnixUsers(),
        PanelUsers(_WEB_SERVERS),
        BrokerUsers(_BROKER),
        Reused(),
        Avahi(),
        Certificates(),
        Identity(),
        Software(),
    )
    accounts = (UnixAccounts(), WebAccounts(), MqttAccounts(), SnmpAccounts())
    reads = (SESSION, _RESOLVER, _SAS, _GUARD, ROOT)

    def order(self, changes: tuple[Change, ...]) -> tuple[Change, ...]:
        """One table answers several controls: its change is made once; the others only say that it is theirs too."""
        return tuple(
            replace(change, before="", after="", edits=(), checks=(), activate=(), persist=())
            if any(_same_work(change, earlier) for earlier in changes[:position])
            else change
            for position, change in enumerate(changes)
        )

    def panels(self, state: State) -> Sequence[int]:
        return ports(state.get(Applications.name))

    def vitals(self, raw: Raw) -> Vitals:
        try:
            net = network(raw)
            return Vitals(
                source=_source(session(raw)["ssh_connection"]),
                account=account(raw),
                unsafe="; ".join(_unsafe(raw)),
                canaries=_canaries(raw, net),
                addresses=net.outer_addresses,
                **come_in_today(raw),
            )
        except Unreadable as reason:
            return Vitals(unsafe=f"what a change must keep alive could not be read: {reason}")


PLATFORM = Linux()


def _same_work(change: Change, earlier: Change) -> bool:
    return (change.surface, change.edits, change.persist) == (earlier.surface, earlier.edits, earlier.persist)


def _source(connection: str) -> str:
    """The client's address, without the zone of a link-local one, and IPv4 as IPv4."""
    client = connection.partition(" ")[0].partition("%")[0]
    return re.sub(r"^::ffff:(?=[\d.]+$)", "", client)


# --- why nothing may be changed -----------------------------------------------------------------------------


def _unsafe(raw: Raw) -> Iterator[str]:
    root = root_filesystem(raw)
    if not root.get("fstype"):
        yield "it is not known what the root file system is"
    if root.get("container") is not True:  # a container's overlay is its own disk and lives as long as it does
        for place, kind in (("/", root.get("fstype")), ("/etc", root.get("etc_fstype"))):
            if kind in _FORGETFUL:
                yield f"{place} is on {kind}: changes are lost at the next start, and the way to save them is unknown"
    if "ro" in str(root.get("options", "")).split(","):
        yield "the root file system is mounted read-only"
    if any(not missing(output) for output in raw.all(_GUARD.name).values()):
        yield "the guard of another run is still there; it restores this host by itself, so run again after that"


# --- what must still work afterwards ------------------------------------------------------------------------


def _canaries(raw: Raw, net: Network) -> dict[str, str]:
    ways = {f"default route on {name}": "; ".join(routes) for name, routes in net.defaults.items()}
    vpns = {f"VPN interface {link.name}": "up" for link in net.links if _is_vpn_up(link)}
    names = re.findall(r"^\s*nameserver\s+(\S+)", "\n".join(raw.files(_RESOLVER.name).values()), re.MULTILINE)
    resolver = {"DNS servers": " ".join(names)} if names else {}
    forwarding = dict.fromkeys((f"forwarding {family}" for family in forwarded(raw)), "on")
    services = {f"published {each.protocol} {each.port}": each.target for each in published(raw)}
    return {**ways, **resolver, **vpns, **_associations(raw), **forwarding, **services}


def _is_vpn_up(link: Link) -> bool:
    return link.up and (link.kind in _VPN_KINDS or link.dial_up)


def _associations(raw: Raw) -> dict[str, str]:
    """IPsec peers, not keys or SPIs: those change with every rekeying."""
    if not raw.has(_SAS.name):  # no IPsec in this kernel, or an ip(8) too old to leave the keys out
        return {}
    peers = re.findall(r"^src (\S+) dst (\S+)", raw.text(_SAS.name), re.MULTILINE)
    return {f"IPsec {source} to {target}": "established" for source, target in peers}

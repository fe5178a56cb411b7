# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real Debian hosts that each keep another packet filter in front of one panel, and who gets through to what.

``python -m tests.integration.firewall_world DIRECTORY`` records from them the fixtures that the unit tests of the
surfaces ``ufw`` and ``firewalld`` read.
"""

from __future__ import annotations

import base64
import json
import sys
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from ansible_collections.iot_site.checklist.plugins.plugin_utils.contract import Surface
from ansible_collections.iot_site.checklist.plugins.plugin_utils.model import Change, Intent, Judgement, Plan
from ansible_collections.iot_site.checklist.plugins.plugin_utils.platforms.linux import PLATFORM
from ansible_collections.iot_site.checklist.plugins.plugin_utils.raw import Output, Raw
from ansible_collections.iot_site.checklist.plugins.plugin_utils.transports import host

from tests.integration import lab_world
from tests.integration.lab_world import Host
from tests.integration.telemetry_world import _CHANGE, _READ, _TOOLS, _tools
from tests.lab.lab import Lab
from tests.unit.plugins.plugin_utils.captures import dump

#: The office and the controller may come; the stranger may not.
INTENT = Intent(
    site="k7",
    host="k7-gw",
    allow4=("192.168.141.1/32", "192.168.141.8-192.168.141.12"),
    allow6=("fd00:db8:141::1/128", "fd00:db8:141::10/128"),
)

#: What a visitor could reach of a machine: itself, and the panel through its published port and by route.
DOORS = {
    "itself over IPv4": ("{v4}", 22),
    "itself over IPv6": ("{v6}", 22),
    "published over IPv4": ("{v4}", 8080),
    "routed over IPv6": ("fd00:db8:142::20", 80),
}

#: The panel is published as docker and podman do: rewritten before routing, and let through before anybody's chains.
PUBLISH = """
iptables -t nat -A PREROUTING -i wan0 -p tcp -m tcp --dport 8080 -j DNAT --to-destination 192.168.142.20:80
iptables -t nat -A POSTROUTING -o lan0 -j MASQUERADE
iptables -I FORWARD 1 -j ACCEPT; ip6tables -I FORWARD 1 -j ACCEPT
"""

#: With address translation in before.rules, as ufw's own manual shows it.
UFW = """
ufw --force reset >/dev/null; ufw default deny incoming; ufw default allow routed
cat > /root/nat.rules <<'END'
*nat
:PREROUTING ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
-F
-A PREROUTING -i wan0 -p tcp -m tcp --dport 8080 -j DNAT --to-destination 192.168.142.20:80
-A POSTROUTING -o lan0 -j MASQUERADE
COMMIT
END
cat /root/nat.rules /etc/ufw/before.rules > /root/before.rules; cat /root/before.rules > /etc/ufw/before.rules
ufw allow 22/tcp; ufw allow 80/tcp; ufw --force enable; systemctl enable -q ufw
"""

#: The outside interface stays in the zone public, as installed; the inside one has a zone of its own.
FIREWALLD = """
systemctl enable -q --now firewalld
firewall-cmd -q --permanent --zone=public --add-interface=wan0
firewall-cmd -q --permanent --zone=internal --add-interface=lan0
firewall-cmd -q --permanent --zone=internal --add-masquerade
firewall-cmd -q --permanent --zone=public --add-service=http
firewall-cmd -q --permanent --zone=public --add-forward-port=port=8080:proto=tcp:toport=80:toaddr=192.168.142.20
firewall-cmd -q --permanent --new-policy=through
firewall-cmd -q --permanent --policy=through --add-ingress-zone=public
firewall-cmd -q --permanent --policy=through --add-egress-zone=internal
firewall-cmd -q --permanent --policy=through --set-target=ACCEPT
firewall-cmd -q --reload
"""


class Device(Host):
    """One of the hosts, read and changed by the modules that run on devices."""

    def __init__(self, lab: Lab, name: str) -> None:
        super().__init__(lab, name)
        self.v4, self.v6 = lab.layout.host(name).addresses["wan"]
        script = f"import tarfile, sys; tarfile.open(fileobj=sys.stdin.buffer, mode='r|').extractall({_TOOLS!r})"
        self._python(script, _tools())

    def read(self) -> Raw:
        """What the host transport would bring."""
        asked = [
            {
                "name": one.name, "files": one.files, "command": list(one.command), "limit": one.limit,
                "follow": {"of": one.follow.of, "pattern": one.follow.pattern} if one.follow else None,
            }
            for one in _reads()
        ]  # fmt: skip
        found = json.loads(self._python(_READ, json.dumps(asked).encode()))
        return Raw({name: {key: _output(one) for key, one in each.items()} for name, each in found.items()})

    def judged(self, intent: Intent = INTENT) -> dict[tuple[str, str], Judgement]:
        """``{(control, surface): judgement}`` of the packet filter, without the surfaces that have nothing to say."""
        raw = self.read()
        found = PLATFORM.judge(PLATFORM.parse(raw), intent, "A2")
        return {
            (one.control, one.surface): one
            for one in found
            if one.control in ("A2.management", "A2.forwarded") and one.status.value != "not_applicable"
        }

    def planned(self, intent: Intent = INTENT) -> tuple[Change, ...]:
        return PLATFORM.order(tuple(change for one in self.judged(intent).values() for change in one.changes))

    def apply(self, changes: Sequence[Change], seconds: int = 600) -> None:
        """Under guard, and not confirmed yet."""
        work = host._work(Plan("k7-gw", "", tuple(changes)))
        done = self.operate("apply", **work, seconds=seconds, deadline=20)
        assert done["outcome"] == "applied", done

    def confirm(self, changes: Sequence[Change]) -> None:
        """Confirmed, and made to last."""
        assert self.operate("confirm")["outcome"] == "confirmed"
        work = host._files_and_runs([edit for change in changes for edit in change.persist])
        if work["files"] or work["runs"]:
            done = self.operate("persist", **work, deadline=20)
            assert done["outcome"] == "persisted", done

    def operate(self, operation: str, **more: object) -> dict[str, object]:
        asked = {"operation": operation, "token": "20261128T000000Z-aaaaaa", **more}
        found: dict[str, object] = json.loads(self._python(_CHANGE, json.dumps(asked).encode()))
        return found

    def _python(self, script: str, stdin: bytes) -> bytes:
        return self.python(script, stdin=stdin, path=_TOOLS)


class Site:
    """The hosts of the lab's site ``firewalls``."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self.office, self.stranger, self.panel = (Host(lab, name) for name in ("office", "stranger", "panel"))
        self.panel.sh("systemctl start nginx; ip -6 route replace fd00:db8:141::/64 via fd00:db8:142::11")

    def device(self, name: str) -> Device:
        made = Device(self.lab, name)
        inside = self.lab.layout.host(name).addresses["lan"][1]
        self.panel.sh(f"ip -6 route replace fd00:db8:141::/64 via {inside}")
        for visitor in (self.office, self.stranger):
            visitor.sh(f"ip -6 route replace fd00:db8:142::/64 via {made.v6}")
        return made

    def open_to(self, visitor: Host, device: Device) -> set[str]:
        """The doors at which a new connection of ``visitor`` is answered."""
        return {
            door for door, (address, port) in DOORS.items() if _opens(visitor, address.format(**vars(device)), port)
        }


def _opens(visitor: Host, address: str, port: int) -> bool:
    attempt = f"import socket; socket.create_connection(({address!r}, {port}), 1).close()"
    return visitor.says(f'python3 -c "{attempt}"')


def _reads() -> list:
    surfaces: list[Surface] = [one for one in PLATFORM.surfaces if set(one.controls) & {"A2.management"}]
    named = {read.name: read for read in (*(read for one in surfaces for read in one.reads), *PLATFORM.reads)}
    return list(named.values())


def _output(one: dict[str, object]) -> Output:
    data = zlib.decompress(base64.b64decode(str(one["data"])))
    return Output(data, int(str(one["rc"])), bool(one["truncated"]), str(one["error"]))


@contextmanager
def site() -> Iterator[Site]:
    with lab_world.lab("firewalls") as lab:
        yield Site(lab)


# --- recording ------------------------------------------------------------------------------------------------


def record(directory: Path) -> None:
    """Each manager before our change, and after it."""
    with site() as made:
        for name, script in (("ufw", UFW), ("firewalld", FIREWALLD)):
            device = made.device(name)
            device.sh(script)
            dump(device.read(), directory / name / "exposed.json")
            changes = device.planned()
            device.apply(changes)
            device.confirm(changes)
            dump(device.read(), directory / name / "compliant.json")


if __name__ == "__main__":
    record(Path(sys.argv[1]))

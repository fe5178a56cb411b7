# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A real Debian host with the agent that pollers ask and the broker that sensors use, and what a stranger gets of them.

``python -m tests.integration.telemetry_world DIRECTORY`` records from it the fixtures that the unit tests of its
surfaces read.
"""

from __future__ import annotations

import base64
import json
import shlex
import sys
import tarfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

import ansible
from ansible_collections.iot_site.checklist.plugins.plugin_utils import run as this_collection
from ansible_collections.iot_site.checklist.plugins.plugin_utils.contract import Surface
from ansible_collections.iot_site.checklist.plugins.plugin_utils.model import Change, Consent, Intent, Judgement, Plan
from ansible_collections.iot_site.checklist.plugins.plugin_utils.raw import Output, Raw
from ansible_collections.iot_site.checklist.plugins.plugin_utils.surfaces.mosquitto import Mosquitto
from ansible_collections.iot_site.checklist.plugins.plugin_utils.surfaces.snmpd import Snmpd
from ansible_collections.iot_site.checklist.plugins.plugin_utils.transports import host

from tests.integration import lab_world
from tests.integration.lab_world import Host
from tests.integration.router_world import until
from tests.lab.lab import Lab
from tests.unit.plugins.plugin_utils.captures import dump

DEVICE, STRANGER = "192.168.114.11", "192.168.114.66"

INTENT = Intent(
    site="k7",
    host="k7-panel",
    label="K-7Q2MXA",
    words=("弘前", "第一浄水場", "hirosaki"),
    consent=frozenset({Consent.ANONYMOUS_CLIENTS}),
)

_TOOLS = "/opt/iot_site_test"
_READ = """
import json, sys
from ansible_collections.iot_site.checklist.plugins.modules.host_read import Reader, packed, shown
found = Reader(json.load(sys.stdin), 60).all()
print(json.dumps({n: {shown(k): packed(o) for k, o in each.items()} for n, each in found.items()}))
"""
_CHANGE = """
import json, sys
from ansible_collections.iot_site.checklist.plugins.module_utils.guard import Places
from ansible_collections.iot_site.checklist.plugins.modules.host_apply import OPERATIONS
asked = json.load(sys.stdin)
print(json.dumps(OPERATIONS[asked["operation"]](asked, Places())))
"""


class Device(Host):
    """The host, read and changed by the modules that run on devices, without a playbook around them."""

    def __init__(self, lab: Lab) -> None:
        super().__init__(lab, "device")
        self.stranger = Host(lab, "stranger")
        self._python(
            f"import tarfile, sys; tarfile.open(fileobj=sys.stdin.buffer, mode='r|').extractall({_TOOLS!r})", _tools()
        )

    def read(self, *surfaces: Surface) -> Raw:
        """What the host transport would bring."""
        reads = {read.name: read for surface in surfaces for read in surface.reads}.values()
        asked = [
            {
                "name": one.name, "files": one.files, "command": list(one.command), "limit": one.limit,
                "follow": {"of": one.follow.of, "pattern": one.follow.pattern} if one.follow else None,
            }
            for one in reads
        ]  # fmt: skip
        found = json.loads(self._python(_READ, json.dumps(asked).encode()))
        return Raw({name: {key: _output(one) for key, one in each.items()} for name, each in found.items()})

    def judged(self, surface: Surface, intent: Intent = INTENT) -> list[Judgement]:
        return list(surface.judge(surface.parse(self.read(surface)), intent))

    def apply(self, changes: Iterable[Change]) -> None:
        """Under guard, and confirmed."""
        done = self._change("apply", **host._work(Plan("k7-panel", "", tuple(changes))), seconds=600, deadline=20)
        assert done["outcome"] == "applied", done
        assert self._change("confirm")["outcome"] == "confirmed"

    def refused(self, changes: Iterable[Change]) -> str:
        """Why the device changes nothing."""
        done = self._change("apply", **host._work(Plan("k7-panel", "", tuple(changes))), seconds=600, deadline=20)
        assert done["outcome"] == "refused", done
        return str(done["why"])

    def from_outside(self, *command: str) -> str:
        """What a command prints on the stranger's machine, with its complaints."""
        return self.stranger.sh(f"timeout 10 {shlex.join(command)} 2>&1 || true")

    def _change(self, operation: str, **more: object) -> dict[str, object]:
        asked = {"operation": operation, "token": "20261120T000000Z-aaaaaa", **more}
        found: dict[str, object] = json.loads(self._python(_CHANGE, json.dumps(asked).encode()))
        return found

    def _python(self, script: str, stdin: bytes) -> bytes:
        return self.python(script, stdin=stdin, path=_TOOLS)


def _tools() -> bytes:
    """What the modules need on a device, as a tar: they themselves, and Ansible's module_utils."""
    packed = BytesIO()
    collection = Path(this_collection.__file__).absolute().parents[2]
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for name in ("modules", "module_utils"):
            inside = f"ansible_collections/iot_site/checklist/plugins/{name}"
            archive.add((collection / "plugins" / name).resolve(), inside, filter=_source)
        for name in ("__init__.py", "_vendor", "release.py", "module_utils"):
            archive.add(Path(ansible.__file__).parent / name, f"ansible/{name}", filter=_source)
    return packed.getvalue()


def _source(member: tarfile.TarInfo) -> tarfile.TarInfo | None:
    return None if member.name.endswith(("__pycache__", ".ps1", ".psm1", ".cs")) else member


def _output(one: dict[str, object]) -> Output:
    data = zlib.decompress(base64.b64decode(str(one["data"])))
    return Output(data, int(str(one["rc"])), bool(one["truncated"]), str(one["error"]))


@contextmanager
def device() -> Iterator[Device]:
    with lab_world.lab("telemetry") as lab:
        yield Device(lab)


def changes_of(judgements: Iterable[Judgement]) -> list[Change]:
    return [change for one in judgements for change in one.changes]


# --- net-snmp's agent ---------------------------------------------------------------------------------------

FOLDER = "/etc/snmp/snmpd.conf.d"

EXPOSED = "agentaddress udp:161,udp6:[::]:161\n"

#: Names and communities as one finds them, beside Debian's own configuration with ``public``.
SITE = """\
sysLocation 弘前市 第一浄水場
sysContact 水道課 0172-00-0000
rocommunity planted-secret-a 192.168.114.0/28
rwcommunity planted-secret-b
rouser monitor noauth
"""

AGENTS: dict[str, dict[str, str]] = {
    "stock": {},
    "exposed": {"10-listen.conf": EXPOSED, "50-site.conf": SITE},
    "broken": {"10-listen.conf": EXPOSED, "50-site.conf": "rocommunity\nrouser monitor sometimes\n"},
    "deeper": {
        "10-listen.conf": EXPOSED,
        "50-site.conf": "sysDescr K-7Q2MXA\nincludeFile /etc/snmp/snmpd.conf.d/deep.inc\n",
        "deep.inc": "sysName hirosaki-panel\ncom2sec readers default planted-secret-c\ngroup readers v2c readers\n"
        'view all included .1\naccess readers "" any noauth exact all none none\n',
    },
    "ipv6": {"10-listen.conf": "agentaddress udp6:[fd00:db8:114::11]:161\n"},
    "port": {"10-listen.conf": "agentaddress udp:1161\n"},
}


def start_agent(made: Device, files: Mapping[str, str]) -> None:
    """Debian's configuration and files of the site beside it, whose addresses count and not Debian's loopback."""
    made.sh(
        "systemctl stop snmpd; rm -rf /etc/snmp/snmpd.conf.d/* /var/lib/snmp/*;"
        " test -e /root/snmpd.conf || cp -p /etc/snmp/snmpd.conf /root; cp -p /root/snmpd.conf /etc/snmp/snmpd.conf"
    )
    if files:
        made.sh("sed -i 's/^agentaddress/#agentaddress/' /etc/snmp/snmpd.conf")
    for name, text in files.items():
        made.write(f"{FOLDER}/{name}", text)
    made.sh("systemctl start snmpd")


# --- mosquitto ----------------------------------------------------------------------------------------------

BROKER_FOLDER = "/etc/mosquitto/conf.d"
ACCOUNT, PASSWORD = "sensor", "planted-secret-d"

ACCOUNTS = "password_file /etc/mosquitto/passwd\n"
OPEN = f"listener 1883\nallow_anonymous true\n{ACCOUNTS}"

#: A broker to which this one passes on what it hears; nobody answers there.
BRIDGE = """\
connection hirosaki
address 192.0.2.7:1883
topic # out 0
remote_username panel
remote_password planted-secret-e
"""

BROKERS: dict[str, dict[str, str]] = {
    "stock": {},
    "exposed": {"10-listen.conf": OPEN, "50-bridge.conf": BRIDGE},
    "broken": {"10-listen.conf": OPEN},
    "deeper": {
        "10-listen.conf": f"listener 1883\nallow_anonymous false\n{ACCOUNTS}",
        "Z-last.conf": "allow_anonymous true\n",
        "b-first.conf": "allow_anonymous false\n",
        ".hidden.conf": "sys_interval 30\n",
    },
    "ipv6": {"10-listen.conf": OPEN.replace("1883", "1883 fd00:db8:114::11")},
    "port": {"10-listen.conf": OPEN.replace("1883", "11883")},
    "listeners": {
        "10-listen.conf": "per_listener_settings true\nlistener 1883\nallow_anonymous false\n"
        f"{ACCOUNTS}listener 1884\nallow_anonymous true\nacl_file /etc/mosquitto/acl\n"
        f"listener 1885\nallow_anonymous true\n{ACCOUNTS}listener 1886 127.0.0.1\nallow_anonymous true\n",
    },
}


def start_broker(made: Device, files: Mapping[str, str]) -> None:
    """Debian's configuration, files of the site beside it, one account, and a list of what others may read."""
    made.sh(
        "systemctl stop mosquitto; systemctl reset-failed mosquitto; rm -rf /etc/mosquitto/conf.d /var/lib/mosquitto/*;"
        " mkdir /etc/mosquitto/conf.d; rm -f /etc/mosquitto/passwd;"
        f" mosquitto_passwd -c -b /etc/mosquitto/passwd {ACCOUNT} {PASSWORD} 2>&1;"
        " chown mosquitto /etc/mosquitto/passwd"
    )
    made.write("/etc/mosquitto/acl", "topic read weather/#\nuser sensor\ntopic readwrite #\n")
    for name, text in files.items():
        made.write(f"{BROKER_FOLDER}/{name}", text)
    made.sh("systemctl start mosquitto")


def listening(topic: str, *more: str, port: int = 1883) -> tuple[str, ...]:
    return ("mosquitto_sub", "-h", DEVICE, "-p", str(port), "-t", topic, "-v", "-W", "2", *more)


def record(folder: Path) -> None:
    with device() as made:
        for name, files in AGENTS.items():
            start_agent(made, files)
            dump(made.read(Snmpd()), folder / "snmpd" / name / "capture.json")
        start_agent(made, AGENTS["exposed"])
        made.apply(changes_of(made.judged(Snmpd())))
        until(lambda: "public" not in made.from_outside(*asking("public")), "the agent has taken it over")
        dump(made.read(Snmpd()), folder / "snmpd" / "compliant" / "capture.json")
        made.sh("systemctl stop snmpd")
        for name, files in BROKERS.items():
            start_broker(made, files)
            if name == "broken":
                made.write(f"{BROKER_FOLDER}/60-broken.conf", "allow_anonymous maybe\n")
            dump(made.read(Mosquitto()), folder / "mosquitto" / name / "capture.json")
        start_broker(made, BROKERS["exposed"])
        made.apply(changes_of(made.judged(Mosquitto())))
        dump(made.read(Mosquitto()), folder / "mosquitto" / "compliant" / "capture.json")


def asking(community: str, what: str = ".1.3.6.1.2.1.1") -> tuple[str, ...]:
    return ("snmpwalk", "-On", "-t1", "-r1", "-v2c", "-c", community, DEVICE, what)


if __name__ == "__main__":
    record(Path(sys.argv[1]))

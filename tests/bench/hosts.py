# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An audit of ten Linux hosts against gathering their facts: with every server that a surface judges, and with few."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from tests.lab.lab import Lab

from .judged import JUDGED, require
from .timing import SCRATCH, TUNED, Ratio, Unmeasured, ansible, interleaved

SITE = Path(__file__).parent / "hosts.yml"
GOAL = 1.5

#: Every server that a surface judges, all on one host: what they need to leave each other's ports alone.
_SERVERS = r"""
set -e
printf 'Listen 8080\n' > /etc/apache2/ports.conf
sed -i 's/:80>/:8080>/' /etc/apache2/sites-available/000-default.conf
sed -i -E 's/^(server.port *= *)80/\18081/; /use-ipv6/d' /etc/lighttpd/lighttpd.conf
printf 'DROPBEAR_PORT=2222\n' >> /etc/default/dropbear
printf 'listener 1883\nallow_anonymous true\n' > /etc/mosquitto/conf.d/site.conf
printf 'telnet stream tcp nowait root /usr/sbin/tcpd /usr/sbin/telnetd\n' > /etc/inetd.conf
sed -i 's/^agentaddress.*/agentaddress udp:161/' /etc/snmp/snmpd.conf
systemctl start nginx apache2 lighttpd dropbear vsftpd snmpd mosquitto inetutils-inetd avahi-daemon
"""
#: What most sites have is left: nftables, nginx and sshd.
_FEW = """
export DEBIAN_FRONTEND=noninteractive
systemctl stop apache2 lighttpd dropbear vsftpd snmpd mosquitto inetutils-inetd avahi-daemon
apt-get -qy purge 'apache2*' 'lighttpd*' 'dropbear*' vsftpd snmpd mosquitto inetutils-inetd avahi-daemon ufw firewalld
"""
#: What must have its socket before anything is timed, by the name of its process.
_RUNNING = (
    "nginx",
    "apache2",
    "lighttpd",
    "sshd",
    "dropbear",
    "vsftpd",
    "snmpd",
    "mosquitto",
    "inetutils-inetd",
    "avahi-daemon",
)


def measure() -> list[Ratio]:
    """The lab's ten hosts, first with every server that has a surface, then with few; started and removed here."""
    lab = Lab("ten_hosts")
    lab.down()
    try:
        lab.up()
        _everywhere(lab, _SERVERS + _awaited(*_RUNNING))
        every = _compare(str(lab.inventory), "ten Linux hosts with ten servers each")
        _everywhere(lab, _FEW + _awaited("nginx", "sshd"))
        return _compare(str(lab.inventory), "ten Linux hosts with nftables, nginx and sshd") + every
    finally:
        lab.down()


def _awaited(*names: str) -> str:
    return "".join(f"pgrep -f {name} > /dev/null || {{ echo {name} does not run >&2; exit 1; }}\n" for name in names)


def _everywhere(lab: Lab, script: str) -> None:
    for host in lab.layout.hosts:
        done = lab.run(host.name, "sh", "-c", script)
        if done.returncode:
            raise Unmeasured(f"{host.name} could not be prepared: {done.stderr.decode(errors='replace')[-500:]}")


def _compare(inventory: str, hosts: str) -> list[Ratio]:
    evidence = SCRATCH / "hosts"
    audit = partial(
        ansible,
        "ansible-playbook",
        *("-i", inventory, "-i", str(SITE), "iot_site.checklist.audit", "-e", f"report_directory={evidence}"),
        expect=(2,),  # these hosts have gaps
    )
    facts = partial(ansible, "ansible", "-i", inventory, "all", "-m", "ansible.builtin.setup")
    audit()
    require(evidence / "bench" / "latest" / "findings.json", hosts=10, items=JUDGED)
    times = interleaved({
        "audit": audit, "facts": facts,
        "audit, tuned": partial(audit, **TUNED), "facts, tuned": partial(facts, **TUNED),
    })  # fmt: skip
    tuned = ", ".join(f"{name}={value}" for name, value in TUNED.items())
    return [
        Ratio(f"audit, {hosts}", "ansible -m setup", times["audit"], times["facts"], GOAL),
        Ratio(f"audit, {hosts}", f"the same with {tuned}", times["audit, tuned"], times["facts, tuned"], 0),
    ]

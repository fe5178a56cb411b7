# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A real Debian host that tells its network names: by avahi, and in the certificates of its servers.

``python -m tests.integration.names_world DIRECTORY [SURFACE]`` records from it the fixtures that the unit tests of its
surfaces read.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from ansible_collections.iot_site.checklist.plugins.module_utils import dns_packet, own_mdns
from ansible_collections.iot_site.checklist.plugins.plugin_utils.contract import Surface
from ansible_collections.iot_site.checklist.plugins.plugin_utils.model import Consent, Intent
from ansible_collections.iot_site.checklist.plugins.plugin_utils.surfaces.avahi import Avahi
from ansible_collections.iot_site.checklist.plugins.plugin_utils.surfaces.avahi_config import CONF
from ansible_collections.iot_site.checklist.plugins.plugin_utils.surfaces.certificates import Certificates

from tests.integration import lab_world, telemetry_world
from tests.integration.router_world import until
from tests.unit.plugins.plugin_utils.captures import dump

DEVICE, DEVICE6 = "192.168.144.11", "fd00:db8:144::11"

INTENT = replace(telemetry_world.INTENT, consent=frozenset({Consent.CERTIFICATES}))


class Device(telemetry_world.Device):
    """The host, read and changed by the modules that run on devices."""

    def close(self, surface: Surface, intent: Intent = INTENT) -> None:
        self.apply([change for one in self.judged(surface, intent) for change in one.changes])

    def listens(self, port: int) -> bool:
        return self.says(f"ss -Hltn 'sport = :{port}' | grep -q .")

    def announces(self) -> str:
        """What the stranger hears, asked with the very questions of ours, sent over the network."""
        script = Path(own_mdns.__file__).read_text(encoding="utf-8")
        for silent in ("IP_MULTICAST_TTL, 0", "IPV6_MULTICAST_HOPS, 0"):
            assert silent in script
            script = script.replace(silent, silent.replace(", 0", ", 255"))
        shared = "ansible_collections/iot_site/checklist/plugins/module_utils"  # where it finds what it imports
        self.stranger.sh(f"mkdir -p /tmp/{shared}")
        self.stranger.write(f"/tmp/{shared}/dns_packet.py", Path(dns_packet.__file__).read_text(encoding="utf-8"))
        self.stranger.write("/tmp/asks.py", f"{script}\nprint(ask())\n")
        return self.stranger.sh("python3 /tmp/asks.py")

    def greets_with(self, port: int, *more: str) -> str:
        """The names of the certificate that the stranger sees."""
        asks = f"openssl s_client -connect {DEVICE}:{port} {' '.join(more)} </dev/null 2>/dev/null"
        script = f"{asks} | openssl x509 -noout -text"
        return self.stranger.sh(
            f"timeout 10 sh -c '{script}' | grep -E 'Issuer:|Subject:|DNS:|IP Address:|CA:' || true"
        )


@contextmanager
def device() -> Iterator[Device]:
    with lab_world.lab("names") as lab:
        yield Device(lab)


# --- avahi ----------------------------------------------------------------------------------------------------

SERVICE = "/etc/avahi/services/panel.service"

_SERVICE = """\
<?xml version="1.0" standalone='no'?>
<!DOCTYPE service-group SYSTEM "avahi-service.dtd">
<!-- <name>a comment</name> -->
<service-group>
  <name replace-wildcards="yes">{name}</name>
  <service>
    <type>_http._tcp</type>
    <port>8080</port>
    <txt-record>path=/</txt-record>{text}
  </service>
</service-group>
"""

_LABELLED = "s/^#host-name=.*/host-name=K-7Q2MXA/"

#: {case: (commands for sed on Debian's configuration, the service file)}
AVAHI: dict[str, tuple[str, str]] = {
    "stock": ("", ""),
    "exposed": (
        "s/^#host-name=.*/host-name=hirosaki-pump/; s/^publish-hinfo=no/publish-hinfo=yes/;"
        " s/^publish-workstation=no/publish-workstation=yes/",
        _SERVICE.format(name="弘前市 &amp; 第一浄水場 %h", text=""),
    ),
    "texts": (_LABELLED, _SERVICE.format(name="K-7Q2MXA", text="<txt-record>note=弘前</txt-record>")),
    "short": ("/host-name/d; /publish-hinfo/d; s/^publish-workstation=no/publish-workstation=yes/", ""),
    "ipv6": ("s/^#host-name=.*/host-name=hirosaki-pump/; s/^use-ipv4=yes/use-ipv4=no/", ""),
    "broken": (_LABELLED, "<service-group><name>第一浄水場</name>\n"),
    "loopback": ("s/^#allow-interfaces=.*/allow-interfaces=lo/", ""),
    "silent": (f"{_LABELLED}; s/^#disable-publishing=no/disable-publishing=yes/", ""),
    "compliant": ("", ""),
}  # fmt: skip


def start_avahi(made: Device, name: str) -> None:
    """Debian's configuration, edited as an owner would."""
    if name == "compliant":
        start_avahi(made, "exposed")
        made.close(Avahi())
        return
    script, service = AVAHI[name]
    made.sh(f"test -e /root/avahi.conf || cp -p {CONF} /root/avahi.conf; rm -f /etc/avahi/services/*")
    made.sh(f"sed '{script}' /root/avahi.conf > {CONF}")
    if service:
        made.write(SERVICE, service)
    made.sh("systemctl reset-failed avahi-daemon; systemctl restart avahi-daemon")


# --- certificates ---------------------------------------------------------------------------------------------

TLS = "/etc/site-tls"
PORTS = {"nginx": 443, "apache2": 8443, "mosquitto": 8883, "vsftpd": 21}

_NAMES = "/C=JP/ST=Aomori/O=弘前市/CN=hirosaki-pump.example"
_SIGN = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -utf8 -days 900"

CERTIFICATES: dict[str, str] = {
    "stock": f"{_SIGN} -subj /CN=localhost -keyout key.pem -out certificate.pem",
    "exposed": f'{_SIGN} -subj "{_NAMES}" -addext "subjectAltName=DNS:hirosaki-pump.example,IP:{DEVICE}"'
    " -keyout key.pem -out certificate.pem",
    "signed": f'{_SIGN} -subj "/CN=弘前市 CA" -keyout ca.key -out ca.pem;'
    ' openssl req -newkey rsa:2048 -nodes -utf8 -subj "/CN=hirosaki-pump" -keyout key.pem -out request.pem;'
    " openssl x509 -req -in request.pem -CA ca.pem -CAkey ca.key -days 90 -out certificate.pem",
    "chain": f'{_SIGN} -subj "{_NAMES}" -keyout key.pem -out one.pem; cat one.pem one.pem > certificate.pem',
    "compliant": "",
    "broken": "",
}

SITES = {
    "/etc/nginx/conf.d/names.conf": f"""\
server {{
    listen 443 ssl;
    listen [::]:443 ssl;
    ssl_certificate {TLS}/certificate.pem;
    ssl_certificate_key {TLS}/key.pem;
    location / {{ return 403; }}
}}
server {{
    listen 443 ssl;
    server_name other.example;
    ssl_certificate {TLS}/both.pem;
    ssl_certificate_key {TLS}/both.pem;
    location / {{ return 403; }}
}}
""",
    "/etc/apache2/sites-enabled/names.conf": f"""\
Listen 8443
<VirtualHost *:8443>
    SSLEngine on
    SSLCertificateFile {TLS}/certificate.pem
    SSLCertificateKeyFile {TLS}/key.pem
</VirtualHost>
""",
    "/etc/mosquitto/conf.d/names.conf": f"listener 8883\ncertfile {TLS}/certificate.pem\nkeyfile {TLS}/key.pem\n",
    "/etc/vsftpd.conf": f"""\
listen=NO
listen_ipv6=YES
ssl_enable=YES
rsa_cert_file={TLS}/certificate.pem
rsa_private_key_file={TLS}/key.pem
""",
}


def start_tls(made: Device, name: str) -> None:
    """Four servers that share one certificate, and a second one of nginx for another name, in one file with its key."""
    if name == "compliant":
        start_tls(made, "exposed")
        made.close(Certificates())
        return
    if name == "broken":
        start_tls(made, "exposed")
        made.sh(f"echo 'ssl_certificate nowhere' >> /etc/nginx/conf.d/names.conf; echo no > {TLS}/certificate.pem")
        return
    made.sh(f"systemctl stop {' '.join(PORTS)}; rm -rf {TLS}; mkdir -p {TLS}; cd {TLS}; ({CERTIFICATES[name]}) 2>&1")
    made.sh(f"cd {TLS}; cat key.pem certificate.pem > both.pem; chmod 640 *; chgrp mosquitto key.pem certificate.pem")
    made.sh(
        "rm -f /etc/nginx/sites-enabled/* /etc/apache2/sites-enabled/*; echo > /etc/apache2/ports.conf; a2enmod -q ssl"
    )
    for path, text in SITES.items():
        made.write(path, text)
    made.sh(f"systemctl reset-failed {' '.join(PORTS)}; systemctl start {' '.join(PORTS)}")
    for port in PORTS.values():
        until(lambda port=port: made.listens(port), f"port {port} listens")


# --- recording ------------------------------------------------------------------------------------------------

#: The surface, how to bring the host into each case, and the cases.
RECORDED: dict[str, tuple[Surface, Callable[[Device, str], None], tuple[str, ...]]] = {
    "avahi": (Avahi(), start_avahi, tuple(AVAHI)),
    "certificates": (Certificates(), start_tls, tuple(CERTIFICATES)),
}


def record(folder: Path, *wanted: str) -> None:
    with device() as made:
        for name in wanted or RECORDED:
            surface, start, cases = RECORDED[name]
            for case in cases:
                start(made, case)
                dump(made.read(surface), folder / name / case / "capture.json")


if __name__ == "__main__":
    record(Path(sys.argv[1]), *sys.argv[2:])

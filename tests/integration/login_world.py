# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A real Debian host with the services people log in to, and what somebody without a login gets of them.

``python -m tests.integration.login_world DIRECTORY [SURFACE]`` records from it the fixtures that the unit tests of its
surfaces read.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from ansible_collections.iot_site.checklist.plugins.plugin_utils.contract import Surface
from ansible_collections.iot_site.checklist.plugins.plugin_utils.model import Change
from ansible_collections.iot_site.checklist.plugins.plugin_utils.surfaces.dropbear import Dropbear
from ansible_collections.iot_site.checklist.plugins.plugin_utils.surfaces.sshd import Sshd
from ansible_collections.iot_site.checklist.plugins.plugin_utils.surfaces.telnet import Telnet
from ansible_collections.iot_site.checklist.plugins.plugin_utils.surfaces.vsftpd import Vsftpd
from ansible_collections.iot_site.checklist.plugins.plugin_utils.transports import host

from tests.integration import lab_world, telemetry_world
from tests.integration.router_world import until
from tests.unit.plugins.plugin_utils.captures import dump

DEVICE, DEVICE6 = "192.168.127.11", "fd00:db8:127::11"


class Device(telemetry_world.Device):
    """The host, read and changed by the modules that run on devices."""

    def apply(self, changes: Iterable[Change]) -> None:
        """Under guard, confirmed, and made to last."""
        planned = tuple(changes)
        super().apply(planned)
        lasting = [edit for change in planned for edit in change.persist]
        if lasting:
            done = self._change("persist", **host._files_and_runs(host._last_of_each(lasting)), deadline=20)
            assert done["outcome"] == "persisted", done

    def close(self, surface: Surface, *controls: str) -> None:
        """One run after the other, as the roles do."""
        for control in controls:
            judged = self.judged(surface)
            self.apply([change for one in judged if one.control == control for change in one.changes])

    def listens(self, port: int) -> bool:
        return self.says(f"ss -Hltn 'sport = :{port}' | grep -q .")


@contextmanager
def device() -> Iterator[Device]:
    with lab_world.lab("logins") as lab:
        yield Device(lab)


# --- OpenSSH's server -----------------------------------------------------------------------------------------

SSHD = "/etc/ssh/sshd_config.d"

SSHDS: dict[str, dict[str, str]] = {
    "stock": {},
    "exposed": {"50-site.conf": "PermitRootLogin yes\nPermitEmptyPasswords yes\n"},
    "overridden": {
        "50-site.conf": "PermitRootLogin no\n\nMatch Address 192.168.127.0/24\n    PermitRootLogin yes\n"
        "    PermitEmptyPasswords yes\nMatch User guest\n    AuthenticationMethods none\n"
    },
    "ipv6": {"50-site.conf": "ListenAddress [::]:22\nAllowUsers ops@fd00:db8:127::/64 root\n"},
    "port": {"50-site.conf": "Port 22\nPort 2222\nPermitRootLogin no\n"},
    "compliant": {},
    "broken": {"50-site.conf": "PermitRootLogin sometimes\n"},
}


def start_sshd(made: Device, name: str) -> None:
    """Debian's configuration and a file of the site beside it; a broken one is not loaded by the sshd that runs."""
    if name == "compliant":
        start_sshd(made, "exposed")
        made.close(Sshd(), "A1.ssh", "B1.ssh_version")
        return
    made.sh(f"rm -f {SSHD}/*")
    for file, text in SSHDS[name].items():
        made.write(f"{SSHD}/{file}", text)
    if name != "broken":
        made.sh("systemctl reset-failed ssh; systemctl restart ssh")
        until(lambda: made.listens(22), "sshd listens")


# --- dropbear -------------------------------------------------------------------------------------------------

#: It listens where sshd leaves room.
DROPBEAR_PORT = 2222

_PORT = f"DROPBEAR_PORT={DROPBEAR_PORT}\n"
_OVERRIDE = "/etc/systemd/system/dropbear.service.d/override.conf"

#: (/etc/default/dropbear, the unit's ExecStart where it is not Debian's).
DROPBEARS: dict[str, tuple[str, str]] = {
    "stock": (_PORT, ""),
    "exposed": (f'{_PORT}DROPBEAR_EXTRA_ARGS="-B -b /etc/dropbear/banner"\n', ""),
    "overridden": (
        f'{_PORT}DROPBEAR_EXTRA_ARGS="-g"\n', f"/usr/sbin/dropbear -EFB -p {DROPBEAR_PORT} -b /etc/dropbear/banner",
    ),
    "ipv6": (f'DROPBEAR_PORT=[{DEVICE6}]:{DROPBEAR_PORT}\nDROPBEAR_EXTRA_ARGS="-w"\n', ""),
    "port": (f'{_PORT}DROPBEAR_EXTRA_ARGS="-s -p 2223"\n', ""),
    "loopback": (f'DROPBEAR_PORT=127.0.0.1:{DROPBEAR_PORT}\nDROPBEAR_EXTRA_ARGS="-B"\n', ""),
    "compliant": ("", ""),
    "broken": (f'{_PORT}DROPBEAR_EXTRA_ARGS="-B -Y"\n', ""),
}  # fmt: skip


def start_dropbear(made: Device, name: str) -> None:
    """Debian's unit and a file of the site's; a broken one is not taken over by the dropbear that runs."""
    if name == "compliant":
        start_dropbear(made, "exposed")
        made.close(Dropbear(), "A1.ssh", "B1.ssh_banner")
        return
    default, command = DROPBEARS[name]
    made.sh(f"rm -rf {_OVERRIDE}; systemctl daemon-reload")
    made.write("/etc/dropbear/banner", "弘前市 第一浄水場\n")
    made.write("/etc/default/dropbear", default)
    if command:
        made.write(_OVERRIDE, f"[Service]\nExecStart=\nExecStart={command}\n")
    if name != "broken":
        made.sh("systemctl daemon-reload; systemctl reset-failed dropbear; systemctl restart dropbear")
        until(lambda: made.listens(DROPBEAR_PORT), "dropbear listens")


# --- logins in plain text -------------------------------------------------------------------------------------

TELNETD = "nowait root /usr/sbin/tcpd /usr/sbin/telnetd"
_SOCKET = "[Socket]\nListenStream=23\nAccept=yes\n[Install]\nWantedBy=sockets.target\n"
_TELNET_UNITS = "/etc/systemd/system/telnet"

#: {case: {file beside Debian's own: text}}.
TELNETS: dict[str, dict[str, str]] = {
    "stock": {},
    "exposed": {
        "/etc/inetd.d/site": f"telnet stream tcp {TELNETD}\nshell stream tcp nowait root /usr/sbin/tcpd in.rshd\n"
    },
    "overridden": {"/etc/inetd.d/zz": f'telnet stream tcp {TELNETD} -E "/bin/sh"\n'},
    "ipv6": {"/etc/inetd.d/site": f"telnet stream tcp6 {TELNETD} -h\n"},
    "port": {"/etc/inetd.d/site": f"2323 stream tcp {TELNETD} -h -E /bin/sh\n"},
    "loopback": {"/etc/inetd.d/site": f"127.0.0.1:telnet stream tcp {TELNETD}\n"},
    "socket": {
        f"{_TELNET_UNITS}.socket": _SOCKET,
        f"{_TELNET_UNITS}@.service": "[Service]\nExecStart=-/usr/sbin/telnetd\nStandardInput=socket\n",
    },
    "compliant": {},
    "broken": {"/etc/inetd.d/site": "telnet stream tcp\n"},
}

_TELNET_PORTS = {"port": 2323, "stock": 0, "broken": 0, "compliant": 0}


def start_telnet(made: Device, name: str) -> None:
    """Debian's inetd with files of the site's, or a socket of systemd's."""
    if name == "compliant":
        start_telnet(made, "exposed")
        made.close(Telnet(), "A1.telnet")
        return
    made.sh(
        "systemctl disable --now telnet.socket 2>/dev/null; systemctl stop inetutils-inetd;"
        f" rm -f /etc/inetd.d/* {_TELNET_UNITS}*; systemctl daemon-reload"
    )
    for file, text in TELNETS[name].items():
        made.write(file, text)
    made.sh(
        "systemctl daemon-reload; systemctl "
        + ("enable --now telnet.socket" if name == "socket" else "start inetutils-inetd")
    )
    port = _TELNET_PORTS.get(name, 23)
    if port:
        until(lambda: made.listens(port), "telnet is served")


# --- vsftpd ---------------------------------------------------------------------------------------------------

OPEN_FTP = "listen=NO\nlisten_ipv6=YES\nanonymous_enable=YES\nlocal_enable=YES\nanon_root=/srv/ftp\n"

FTP: dict[str, str | None] = {
    "stock": None,
    "exposed": OPEN_FTP,
    "silent": OPEN_FTP.replace("anonymous_enable=YES\n", ""),
    "overridden": f"anonymous_enable=NO\nftpd_banner=K-7Q2MXA\n{OPEN_FTP}ftpd_banner=hirosaki panel\n",
    "ipv6": f"{OPEN_FTP}listen_address6={DEVICE6}\nbanner_file=/etc/ftp-greeting\n",
    "port": f"{OPEN_FTP}listen_port=2121\nno_anon_password=YES\n",
    "loopback": OPEN_FTP.replace("listen_ipv6=YES", "listen_ipv6=YES\nlisten_address6=::1"),
    "compliant": None,
    "broken": f"{OPEN_FTP}anonymous_enable=MAYBE\n",
}


def start_ftp(made: Device, name: str) -> None:
    """Debian's configuration, or one of the site in its place; a broken one is not loaded by the vsftpd that runs."""
    made.sh("test -e /root/vsftpd.conf || cp -p /etc/vsftpd.conf /root; mkdir -p /srv/ftp; echo public > /srv/ftp/list")
    made.write("/etc/ftp-greeting", "弘前市 第一浄水場\n")
    if name == "compliant":
        start_ftp(made, "exposed")
        made.close(Vsftpd(), "A1.ftp", "B1.ftp_banner")
        return
    text = FTP[name]
    if text is None:
        made.sh("cp -p /root/vsftpd.conf /etc/vsftpd.conf")
    else:
        made.write("/etc/vsftpd.conf", text)
    if name != "broken":
        made.sh("systemctl reset-failed vsftpd; systemctl restart vsftpd")
        until(lambda: made.listens(2121 if name == "port" else 21), "vsftpd listens")


# --- recording ------------------------------------------------------------------------------------------------

#: The surface, how to bring the host into each case, and the cases.
RECORDED: dict[str, tuple[Surface, Callable[[Device, str], None], tuple[str, ...]]] = {
    "sshd": (Sshd(), start_sshd, tuple(SSHDS)),
    "telnet": (Telnet(), start_telnet, tuple(TELNETS)),
    "dropbear": (Dropbear(), start_dropbear, tuple(DROPBEARS)),
    "vsftpd": (Vsftpd(), start_ftp, tuple(FTP)),
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

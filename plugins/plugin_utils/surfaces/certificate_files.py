# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which certificate files the servers that we know show to visitors, and with which keys, from their configuration."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from ..model import Unreadable
from ..raw import Raw, missing
from . import apache_config, lighttpd_config, mosquitto_config, nginx_config
from .apache import Apache
from .lighttpd import Lighttpd
from .mosquitto import Mosquitto
from .nginx import Nginx
from .vsftpd import Vsftpd


@dataclass(frozen=True, slots=True, order=True)
class Pair:
    """A certificate's file and its key's; "" where the key is not known."""

    certificate: str
    key: str


@dataclass(frozen=True, slots=True)
class Server:
    """A server of which we know where it says that."""

    programs: frozenset[str]
    pairs: Callable[[Raw], Iterable[Pair]]
    follow: tuple[tuple[str, str], ...]  # (name of a read, the pattern of certificate files in it)
    check: tuple[str, ...] = ()  # refuses a configuration that it would not start with
    restart: bool = False  # a reload does not take a certificate over
    started: str = ""  # the read that tells when it began: of one whose greeting is not TLS, so that it is not seen


def _nginx(raw: Raw) -> Iterator[Pair]:
    if _is_there(raw, "nginx.config"):
        yield from _nginx_blocks(nginx_config.parse(raw.text("nginx.config")))


def _nginx_blocks(found: Iterable[nginx_config.Directive]) -> Iterator[Pair]:
    said = [(one.name, one.args[0]) for one in found if one.args]
    yield from _paired(said, "ssl_certificate", "ssl_certificate_key")
    for one in found:
        yield from _nginx_blocks(one.inner)


def _apache(raw: Raw) -> Iterator[Pair]:
    if raw.files("apache2.main"):
        yield from _apache_blocks(apache_config.parse_dump(raw.text("apache2.config")).tree)


def _apache_blocks(found: Iterable[apache_config.Directive]) -> Iterator[Pair]:
    said = [(one.name, one.args[0]) for one in found if one.args]
    yield from _paired(said, "sslcertificatefile", "sslcertificatekeyfile", together=True)
    for one in found:
        yield from _apache_blocks(one.inner)


def _lighttpd(raw: Raw) -> Iterator[Pair]:
    if _is_there(raw, "lighttpd.config"):
        for block in lighttpd_config.parse(raw.text("lighttpd.config")):
            said = [(name, value) for name, value in block["keys"].items() if isinstance(value, str)]
            yield from _paired(said, "ssl.pemfile", "ssl.privkey", together=True)


def _mosquitto(raw: Raw) -> Iterator[Pair]:
    for main in raw.files("mosquitto.given"):
        others = {
            path: text
            for name in ("given", "folder", "hidden")
            for path, text in raw.files(f"mosquitto.{name}").items()
        }
        listeners: list[list[tuple[str, str]]] = [[]]
        for line in mosquitto_config.lines(others, main):
            if line.word == "listener":
                listeners.append([])
            listeners[-1].append((line.word, line.value))
        for said in listeners:
            yield from _paired(said, "certfile", "keyfile")


def _vsftpd(raw: Raw) -> Iterator[Pair]:
    for text in {**raw.files("vsftpd.config"), **raw.files("vsftpd.folder")}.values():
        said = re.findall(r"^([a-z_]+)=(.*?)\r?$", text, re.MULTILINE)
        if dict(said).get("ssl_enable", "").lower() in ("yes", "true", "1"):
            given = [("rsa_cert_file", "/usr/share/ssl/certs/vsftpd.pem"), *said]
            last = [
                (name, dict(given)[name]) for name in ("rsa_cert_file", "rsa_private_key_file") if name in dict(given)
            ]
            yield from _paired(last, "rsa_cert_file", "rsa_private_key_file", together=True)


def _paired(said: Iterable[tuple[str, str]], certificate: str, key: str, together: bool = False) -> Iterator[Pair]:
    """The first key belongs to the first certificate, and so on; ``together``: without one it is in the same file."""
    told = list(said)
    certificates = [value for name, value in told if name == certificate]
    keys = [value for name, value in told if name == key]
    if together and not keys:
        keys = certificates
    for number, each in enumerate(certificates):
        yield Pair(each, keys[number] if len(keys) == len(certificates) else "")


def _is_there(raw: Raw, name: str) -> bool:
    return any(not missing(out) for out in raw.all(name).values())


_VSFTPD = r"^rsa_cert_file=(/.+)$"
_MOSQUITTO = r"^ *certfile +(/\S+) *$"

SERVERS: Mapping[str, Server] = {
    "nginx": Server(
        Nginx.programs, _nginx, (("nginx.config", r'^[^#\n]*\bssl_certificate\s+"?(/[^\s;"$]+)'),), ("nginx", "-t")
    ),
    "apache2": Server(
        Apache.programs, _apache, (("apache2.config", r'(?i)^\s*SSLCertificateFile\s+"?(/[^\s"]+)'),),
        ("apache2ctl", "-t"),
    ),
    "lighttpd": Server(
        Lighttpd.programs, _lighttpd, (("lighttpd.config", r'\bssl\.pemfile\s*= "(/[^"\n\\]+)"'),),
        ("lighttpd", "-tt", "-f", "/etc/lighttpd/lighttpd.conf"),
    ),
    "mosquitto": Server(
        Mosquitto.programs, _mosquitto,
        (("mosquitto.given", _MOSQUITTO), ("mosquitto.folder", _MOSQUITTO), ("mosquitto.hidden", _MOSQUITTO)),
    ),
    "vsftpd": Server(
        Vsftpd.programs, _vsftpd, (("vsftpd.config", _VSFTPD), ("vsftpd.folder", _VSFTPD)),
        restart=True, started="vsftpd.started",
    ),
}  # fmt: skip

_NEEDED = frozenset({
    "nginx.config", "apache2.main", "apache2.config", "lighttpd.config", "mosquitto.config", "mosquitto.process",
    "mosquitto.arguments", "mosquitto.given", "mosquitto.folder", "mosquitto.hidden", "vsftpd.config", "vsftpd.folder",
    "vsftpd.process", "vsftpd.started",
})  # fmt: skip

#: What those surfaces read anyway.
READS = tuple(
    read for surface in (Nginx, Apache, Lighttpd, Mosquitto, Vsftpd) for read in surface.reads if read.name in _NEEDED
)


def files(name: str, raw: Raw) -> tuple[list[Pair], str]:
    """``(what a server shows, why that is not known)``"""
    try:
        return sorted(set(SERVERS[name].pairs(raw))), ""
    except Unreadable as reason:
        return [], str(reason)

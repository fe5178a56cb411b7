# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where apache2 asks for the accounts of which password file, so that a new password can be tried there.

Left out is whatever may be answered for by another server, file or application than the one that was read: with a wrong
door, a good password would look refused. Which virtual host answers: httpd.apache.org/docs/2.4/vhosts/details.html.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from ipaddress import ip_address

from ..ip import IPNetwork
from ..model import Door, Unreadable
from ..raw import Raw
from . import apache_htaccess, doors
from .apache import PLACE
from .apache_config import Directive, Dump, parse_dump
from .apache_login import NEAR
from .apache_modules import not_understood
from .apache_scopes import Root, address_of, built, holds, listens
from .apache_visits import Visit, visits

_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?")  # of a host; no pattern
_SCHEME_AND_PORT = re.compile(r"^[a-z]+://|:[0-9]+$")  # of a ServerName; an alias with a port fits nothing
_ADDRESS = re.compile(r"/[A-Za-z0-9/._-]*")  # that can be asked for as it is written


@dataclass(frozen=True, slots=True)
class _Site:
    """One server: what it is called, and everything that a visitor may meet there."""

    names: tuple[str, ...]  # patterns too
    nameless: bool  # it goes by the machine's own name, which is not known here
    tls: bool
    met: tuple[tuple[Root, tuple[Visit, ...]], ...]
    files: frozenset[str]  # all that Basic may ask for; "" is something that is not known
    application: bool  # one of its own may ask for something, too

    def takes(self, name: str, file: str) -> bool:
        """Whether it may be what answers to this name; one without a name matters where it asks for something else."""
        named = any(fnmatchcase(name.lower(), one.lower()) for one in self.names)
        return named or (self.nameless and (self.application or not self.files <= {file}))


def of(raw: Raw) -> dict[str, list[Door]]:
    """By password file; nothing where its configuration was not read or is not understood."""
    found: dict[str, list[Door]] = {}
    try:
        for path, door in _doors(raw, parse_dump(raw.text("apache2.config"))):
            found.setdefault(path, []).append(door)
    except Unreadable:
        return {}
    return found


def _doors(raw: Raw, dump: Dump) -> Iterator[tuple[str, Door]]:
    hosts = [one for one in dump.tree if one.name == "virtualhost"]
    if any(one.name == "chrootdir" for one in dump.tree):  # its files are others than the ones that were read
        return
    for bound, port in sorted(listens(dump)):
        address = doors.within(bound)
        here = [_site(raw, dump, host) for host in _answering(hosts, address, port)]
        for site in here:
            rivals = [one for one in here if one is not site]
            for file, place, name in _of(site, rivals, address):
                yield file, Door("http", address, port, site.tls, place, name)


def _of(site: _Site, rivals: Sequence[_Site], address: str) -> Iterator[tuple[str, str, str]]:
    """``(password file, place, name)`` of one of the servers among which a name decides."""
    if len(site.files) != 1 or "" in site.files:  # who is led from place to place may be asked for another password
        return
    (file,) = site.files
    own = [name for name in site.names if _NAME.fullmatch(name)]
    names = [name for name in own if not any(rival.takes(name, file) for rival in rivals)]
    if names or not rivals:
        for place in _places(site, address):
            yield file, place, (*names, "")[0]


# --- which server answers -------------------------------------------------------------------------------------


def _answering(hosts: list[Directive], address: str, port: int) -> list[Directive | None]:
    """Those among which only a name decides there; None is the main server, and nobody where that is not certain."""
    ways = {number: _ways(host, address, port) for number, host in enumerate(hosts)}
    reached = {number: found for number, found in ways.items() if found}
    if not reached:
        return [None]
    first = next(iter(reached.values()))
    alike = len(first) == 1 and all(found == first for found in reached.values())
    return [hosts[number] for number in reached] if alike and first[0][0] in ("*", address) else []


def _ways(host: Directive, address: str, port: int) -> list[tuple[str, str]]:
    """By which of its addresses it may answer there; one that is a name may be any."""
    found = {(_canonical(where), wanted) for where, wanted in map(address_of, host.args)}
    return sorted(
        (where, wanted)
        for where, wanted in found
        if wanted in ("*", str(port)) and (where in ("*", address) or not _is_address(where))
    )


def _canonical(where: str) -> str:
    return str(ip_address(where)) if _is_address(where) else where


def _is_address(where: str) -> bool:
    try:
        ip_address(where)
    except ValueError:
        return False
    return True


# --- what it asks ---------------------------------------------------------------------------------------------


def _site(raw: Raw, dump: Dump, host: Directive | None) -> _Site:
    main = [one for one in dump.tree if one.name != "virtualhost"]
    own = list(host.inner) if host else main
    (server,) = apache_htaccess.added(raw, dump, built(dump, PLACE, [host]))
    met = tuple((root, tuple(visits({**server, "roots": [root]}))) for root in server["roots"])
    everything = [visit for _root, found in met for visit in found]
    names = [_SCHEME_AND_PORT.sub("", word) for word in _said(own, "servername")]
    anywhere = any(not root["path"] and not root["proxy"] for root in server["roots"]) or not_understood(dump, [server])
    return _Site(
        names=(*names, *_said(own, "serveralias")),
        nameless=not names,
        tls=[word.lower() for word in _said([*main, *own], "sslengine")][-1:] == ["on"],
        met=met,
        files=frozenset({*(_file(visit) for visit in everything if _asks(visit)), *([""] if anywhere else [])}),
        application=any(visit.application and visit.open for visit in everything),
    )


def _said(inside: Iterable[Directive], name: str) -> list[str]:
    return [word for one in inside if one.name == name for word in one.args]


def _asks(visit: Visit) -> bool:
    """Whether it may ask as we answer: by Basic, where a login makes a difference."""
    lets = visit.lets
    matters = visit.any_will_do or bool(lets.unclear or lets.known - lets.anonymous)
    return visit.word("type").lower() == "basic" and matters


def _file(visit: Visit) -> str:
    """The password file; "" where something else is asked for the accounts."""
    named = visit.word("user_file") if visit.word("provider").lower() in ("", "file") else ""
    return posixpath.join(NEAR, named) if named else ""


def _places(site: _Site, address: str) -> list[str]:
    """The addresses at which whoever has an account comes in, from here, and nobody else does, the shortest first."""
    told = {_address(root, visit) for root, found in site.met for visit in found if _asks(visit)}
    asking = [place for place in told if _ADDRESS.fullmatch(place) and _is_sure(_there(site, place), address)]
    return sorted(asking, key=lambda place: (len(place), place))


def _address(root: Root, visit: Visit) -> str:
    """Below an Alias, which may be meant with the stroke at its end only."""
    return f"{visit.url.rstrip('/')}/" if visit.url == root["url"] else visit.url


def _there(site: _Site, place: str) -> list[Visit]:
    """Whatever a request for this address may be; an Alias goes before DocumentRoot."""
    roots = [root for root, _found in site.met if not root["proxy"] and root["url"] != "/"]
    aliased = any(place.startswith(f"{root['url']}/") for root in roots)
    return [
        visit
        for root, found in site.met
        if root["proxy"] or root["url"] != "/" or not aliased
        for visit in _nearest(found, place)
    ]


def _nearest(found: Iterable[Visit], place: str) -> list[Visit]:
    """Those that know most of this address: the others are requests for what lies beside it."""
    holding = [visit for visit in found if holds(visit.url, place)]
    longest = max((len(visit.url) for visit in holding), default=0)
    return [visit for visit in holding if len(visit.url) == longest]


def _is_sure(there: Iterable[Visit], address: str) -> bool:
    """Whoever is let in has logged in, and whoever has an account is let in. Who lets in nobody asks for nothing."""
    coming = [visit for visit in there if visit.lets.known]
    return bool(coming) and all(
        _asks(one) and not one.lets.anonymous and IPNetwork(address) in one.lets.known_sure for one in coming
    )

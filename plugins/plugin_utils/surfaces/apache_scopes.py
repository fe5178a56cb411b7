# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""apache2's servers: where each takes its content from, and the sections that may apply, in Apache's own order.

Only directives that are judged are kept, so no secret of another directive reaches the state.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypedDict, cast

from ..model import Json, Unreadable
from .apache_config import Directive, Dump
from .apache_requires import Rule, rules


class Entry(TypedDict):
    """One directive where it stands."""

    name: str
    args: list[str]
    at: str


class Section(TypedDict):
    """One section, or one .htaccess file. ``path`` is "" where a pattern or a condition decides what it is about."""

    kind: str  # directory, proxy, files, location, if
    name: str
    at: str
    path: str
    excluded: list[str]  # it applies to every address that does not begin with one of these
    order: list[int]  # where Apache merges it
    merging: str  # AuthMerging: "", off, and, or
    rules: list[Rule]
    says: dict[str, list[Entry]]


class Root(TypedDict):
    """One place that content comes from: a directory of files, or an application behind a proxy."""

    url: str  # what its addresses begin with
    path: str  # "" where it cannot be told which files these are
    proxy: bool
    application: bool  # what it shows is not ours to read
    at: str


class Server(TypedDict):
    """The main server, or a virtual host."""

    name: str
    at: str
    sections: list[Section]
    roots: list[Root]
    says: dict[str, list[Entry]]


#: What is kept, by the group that a deeper section replaces as a whole.
_REPLACED = {
    "authtype": "type", "authname": "realm", "authuserfile": "user_file", "authbasicprovider": "provider",
    "authdigestprovider": "provider", "satisfy": "satisfy", "sethandler": "handler", "serversignature": "signature",
    "options": "options",
}  # fmt: skip

#: And what adds up.
_ADDED = {
    "header": "header", "errordocument": "error", "allowoverride": "override", "allowoverridelist": "override",
    "order": "old_list", "allow": "old_list", "deny": "old_list", "serveradmin": "admin", "servertokens": "tokens",
    "accessfilename": "htaccess_name",
    **dict.fromkeys(("remoteipheader", "remoteipproxyprotocol"), "remote_ip"),
    **dict.fromkeys(("luahookaccesschecker", "luahookauthchecker", "luahookcheckuserid", "perlaccesshandler",
                     "perlauthenhandler", "perlauthzhandler", "anonymous", "wsgiaccessscript", "wsgiauthuserscript",
                     "wsgiauthgroupscript"), "program"),
}  # fmt: skip

GROUPS = {**_REPLACED, **_ADDED}

_KINDS = {
    "directory": "directory", "directorymatch": "directory", "proxy": "proxy", "proxymatch": "proxy",
    "files": "files", "filesmatch": "files", "location": "location", "locationmatch": "location",
    "if": "if", "elseif": "if", "else": "if",
}  # fmt: skip

#: In this order Apache merges them; ``proxy`` takes the place of ``directory`` where a proxy answers.
_PHASES = {"directory": 0, "proxy": 0, "files": 1, "location": 2, "if": 3}
_PATTERNS = 999  # a section with a pattern comes after those that name one directory

EARLY, OURS, LATE, VIRTUAL, HTACCESS = range(5)  # who comes first at the same level

_TRANSPARENT = frozenset({"limit", "limitexcept", "requireall", "requireany", "requirenone"})


def servers(dump: Dump, place: str) -> list[Server]:
    """Every server that others can reach. ``place`` is the folder in which our own files lie."""
    hosts = [one for one in dump.tree if one.name == "virtualhost"]
    listens = [one.args[0] for one in dump.tree if one.name == "listen" and one.args]
    reached: list[Directive | None] = [
        host for host in hosts if any(_reaches(listen, address) for listen in listens for address in host.args)
    ]
    if any(not _covered(listen, hosts) for listen in listens if not is_local(listen)):
        reached.insert(0, None)
    return built(dump, place, reached)


def built(dump: Dump, place: str, hosts: Iterable[Directive | None]) -> list[Server]:
    """The servers of these virtual hosts; None is the main one."""
    main = [one for one in dump.tree if one.name != "virtualhost"]
    shared = list(_main_sections(main, place))
    default = dump.settings.get("Main DocumentRoot", "")
    return [
        _server(host, [*main, *host.inner], [*shared, *sections(host.inner, VIRTUAL)], default)
        if host
        else _server(None, main, shared, default)
        for host in hosts
    ]


def holds(prefix: str, path: str) -> bool:
    """Whether everything that begins with ``path`` also begins with ``prefix``, part by part."""
    return path == prefix or path.startswith(prefix if prefix.endswith("/") else f"{prefix}/")


def ordered(found: Iterable[Section]) -> list[Section]:
    return sorted(found, key=lambda section: section["order"])


# --- sections -----------------------------------------------------------------------------------------------


def sections(inside: Iterable[Directive], rank: int) -> Iterator[Section]:
    """The sections among these directives, and those inside of them."""
    for one in inside:
        if one.section and one.name in _KINDS:
            yield section_of(one, rank)
            yield from sections(one.inner, rank)
        elif one.name not in _TRANSPARENT and any(inner.name in GROUPS or inner.section for inner in one.inner):
            raise Unreadable(f"{one.at}: <{one.name}> is not understood")


def _main_sections(main: list[Directive], place: str) -> Iterator[Section]:
    """Those that are read before the folder of our files, or with it, come before ours."""
    last = max((number for number, one in enumerate(main) if one.file.startswith(f"{place}/")), default=-1)
    if last < 0:
        sites = (number for number, one in enumerate(main) if "/sites-enabled/" in one.file)
        last = next(sites, len(main)) - 1
    for number, one in enumerate(main):
        yield from sections([one], EARLY if number <= last else LATE)


def section_of(one: Directive, rank: int) -> Section:
    kind, args = _KINDS[one.name], list(one.args)
    plain = not one.name.endswith("match") and args[:1] != ["~"] and kind not in ("files", "if")
    path = args[0] if plain and len(args) == 1 and not re.search(r"[*?\[\\]|^[^/]", args[0]) else ""
    if kind == "directory":
        path = path.rstrip("/") or path
    if kind == "proxy" and args == ["*"]:
        path = "*"
    if one.name == "if" and args == ["true"]:
        path = "/"
    depth = (len([part for part in path.split("/") if part]) if path else _PATTERNS) if kind == "directory" else 0
    merging = [inner.args[0].lower() for inner in one.inner if inner.name == "authmerging" and inner.args]
    return {
        "kind": kind,
        "name": f"<{' '.join((one.name, *args))}>",
        "at": one.at,
        "path": path,
        "excluded": _excluded(one),
        "order": [_PHASES[kind], depth, rank],
        "merging": merging[-1] if merging else "",
        "rules": rules(one.inner),
        "says": said(one.inner),
    }


def said(inside: Iterable[Directive], above: Mapping[str, list[Entry]] | None = None) -> dict[str, list[Entry]]:
    """What these directives say themselves, after what was said above."""
    found: dict[str, list[Entry]] = {group: list(entries) for group, entries in (above or {}).items()}
    for one in _flat(inside):
        entry: Entry = {"name": one.name, "args": list(one.args), "at": one.at}
        if one.name in _REPLACED:
            found[_REPLACED[one.name]] = [entry]
        elif one.name in _ADDED:
            found.setdefault(_ADDED[one.name], []).append(entry)
    return found


def _flat(inside: Iterable[Directive]) -> Iterator[Directive]:
    for one in inside:
        if one.section and one.name in _TRANSPARENT:
            yield from _flat(one.inner)
        elif not one.section:
            yield one


# --- everything but some addresses --------------------------------------------------------------------------

_BUT = re.compile(r"\^\(\?!\(\?:(.*)\)\(\?:/\|\$\)\)")


def everything_but(paths: Iterable[str]) -> str:
    """A pattern for LocationMatch: every address but these and what lies below them."""
    return rf"^(?!(?:{'|'.join(re.escape(path.rstrip('/')) for path in paths)})(?:/|$))"


def _excluded(one: Directive) -> list[str]:
    """The paths of such a pattern; nothing when it is another one."""
    found = _BUT.fullmatch(one.args[0]) if one.name == "locationmatch" and len(one.args) == 1 else None
    paths = [re.sub(r"\\(.)", r"\1", path) for path in found[1].split("|")] if found else []
    return paths if found and everything_but(paths) == one.args[0] and all(re.match("/.", one) for one in paths) else []


# --- who listens --------------------------------------------------------------------------------------------


def is_local(listen: str) -> bool:
    host, _port = address_of(listen)
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def listens(dump: Dump) -> frozenset[tuple[str, int]]:
    """Every ``(address, TCP port)`` on which this configuration listens; "*" where it may be any."""
    found = [address_of(one.args[0]) for one in dump.tree if one.name == "listen" and one.args]
    return frozenset((_bound(host), int(port)) for host, port in found if re.fullmatch("[0-9]{1,5}", port))


def _bound(host: str) -> str:
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        return "*"


def address_of(text: str) -> tuple[str, str]:
    """``(host, port)``; a Listen may be a port alone, and a virtual host an address alone."""
    if text.isdigit():
        return "*", text
    found = re.fullmatch(r"(?:\[([^\]]*)\]|([^:]*))(?::(\*|[0-9]+))?", text)
    if not found:
        raise Unreadable(f"the address {text!r} is not understood")
    host = found[1] or found[2] or "*"
    return ("*" if host in ("_default_", "0.0.0.0", "::") else host.lower()), found[3] or "*"


def _reaches(listen: str, host: str) -> bool:
    """Whether somebody from outside who comes to this Listen may be answered by this virtual host."""
    (_host, port), (address, wanted) = address_of(listen), address_of(host)
    if is_local(listen) or (address != "*" and is_local(host)):
        return False
    return "*" in (port, wanted) or port == wanted


def _covered(listen: str, hosts: Iterable[Directive]) -> bool:
    """Whether a virtual host answers whoever comes to this Listen, so that the main server never does."""
    here, port = address_of(listen)
    return any(
        wanted in ("*", port) and address in ("*", here)
        for host in hosts
        for address, wanted in map(address_of, host.args)
    )


# --- one server ---------------------------------------------------------------------------------------------


def _server(host: Directive | None, inside: list[Directive], found: list[Section], default: str) -> Server:
    own = host.inner if host else inside
    names = [name for one in own if one.name in ("servername", "serveralias") for name in one.args]
    return {
        "name": " ".join(names[:4]) or (f"virtual host {' '.join(host.args)}" if host else "the main server"),
        "at": host.at if host else next((one.at for one in inside), ""),
        "sections": ordered(found),
        "roots": _roots(own, inside, default),
        "says": said(inside),
    }


_ALIASES = frozenset({"alias", "scriptalias", "wsgiscriptalias"})

#: What takes files from where only the request tells.
_ANYWHERE = frozenset({
    "aliasmatch", "scriptaliasmatch", "wsgiscriptaliasmatch", "virtualdocumentroot", "virtualdocumentrootip",
    "virtualscriptalias", "virtualscriptaliasip",
})  # fmt: skip

_PROXIES = frozenset({"proxypass", "proxypassmatch"})


def _roots(own: Iterable[Directive], inside: list[Directive], default: str) -> list[Root]:
    """Where content comes from. ``own`` is what this server says itself, ``inside`` also what holds for all."""
    found = [root for one, url in _everywhere(inside) for root in _of(one, url)]
    redirects = any(one.name in ("redirect", "redirectpermanent", "redirecttemp") and _all_of_it(one) for one in own)
    if redirects and not any(root["proxy"] for root in found) and not _rewrites(inside):
        return []
    if any(one.name == "proxypass" and one.args[:1] == ("/",) for one in inside) and not _spared(inside):
        return [root for root in found if root["proxy"]]
    documents = [one for one in own if one.name == "documentroot"] or [
        one for one in inside if one.name == "documentroot"
    ]
    path, at = (documents[-1].args[0], documents[-1].at) if documents else (default, "the default DocumentRoot")
    root: Root = {"url": "/", "path": path.rstrip("/") or path, "proxy": False, "application": False, "at": at}
    anywhere: Root = {**root, "path": ""}
    return [root, *found, *([anywhere] if _rewrites(inside) else [])]


def _everywhere(inside: Iterable[Directive], url: str = "") -> Iterator[tuple[Directive, str]]:
    """Every directive, with the address of the Location it stands in."""
    for one in inside:
        if one.section and one.name in _KINDS:
            made = section_of(one, 0)
            yield from _everywhere(one.inner, (made["path"] or "/") if made["kind"] == "location" else url)
        elif not one.section:
            yield one, url


def _of(one: Directive, url: str) -> Iterator[Root]:
    short = url and (len(one.args) == 1 or not one.args[0].startswith("/"))  # the Location says the address
    args = [*([url] if short else []), *one.args, "", ""][:2]
    if one.name in _ALIASES:
        path = args[1].rstrip("/") if args[1].startswith("/") else ""
        yield {"url": args[0].rstrip("/") or "/", "path": path, "proxy": False, "application": one.name != "alias",
               "at": one.at}  # fmt: skip
    elif one.name in _ANYWHERE or (one.name == "userdir" and "disabled" not in one.args[:1]):
        yield {"url": "/", "path": "", "proxy": False, "application": False, "at": one.at}
    elif one.name in _PROXIES and args[1] != "!":
        address = args[0] if one.name == "proxypass" and args[0].startswith("/") else "/"
        yield {"url": address.rstrip("/") or "/", "path": "", "proxy": True, "application": True, "at": one.at}
    elif one.name == "rewriterule" and re.search(r"[\[,]P[\],]", "".join(one.args[2:3])):
        yield {"url": "/", "path": "", "proxy": True, "application": True, "at": one.at}
    elif one.name == "proxyrequests" and one.args[0].lower() != "off":
        raise Unreadable(f"{one.at}: an open proxy (ProxyRequests) is not judged")


def _all_of_it(one: Directive) -> bool:
    """``Redirect [status] / target`` answers every request, before anything else is asked."""
    words = [word for word in one.args if word.startswith("/")]
    return bool(words) and words[0] == "/"


def _spared(inside: Iterable[Directive]) -> bool:
    return any(one.name in _PROXIES and "!" in one.args for one, _url in _everywhere(inside))


def _rewrites(inside: Iterable[Directive]) -> bool:
    """Whether RewriteRule at a server's own level may lead to any file."""
    return any(one.name == "rewriterule" and not re.match(r"-$|[a-z]+://", (*one.args, "", "")[1]) for one in inside)


def as_state(found: list[Server]) -> Json:
    """The same, as the JSON it is."""
    return cast(Json, found)


def from_state(state: Mapping[str, Any]) -> list[Server]:
    return cast(list[Server], state["servers"])

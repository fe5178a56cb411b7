# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever an nginx is told: where we say pass, an evaluator written from nginx's documentation lets no stranger in.

The evaluator knows nothing of ours. It walks the configuration as it was drawn, for one request after the other.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field

import pytest
from ansible_collections.iot_site.checklist.plugins.plugin_utils.model import Status
from ansible_collections.iot_site.checklist.plugins.plugin_utils.surfaces.nginx import Nginx
from hypothesis import event, given, settings
from hypothesis import strategies as st

from .test_nginx import INTENT
from .test_nginx_login import FILE, raw

pytestmark = pytest.mark.once

NGINX = Nginx()
SOURCES = ("203.0.113.8", "203.0.113.12", "198.51.100.7", "2001:db8:1::10", "2001:db8:2::1")
PEOPLE = ("203.0.113.8", "203.0.113.12", "2001:db8:1::10")
ALLOWED = ("203.0.113.8/30", "203.0.113.12", "2001:db8:1::10")
PATHS = ("/", "/a", "/ab", "/a/", "/a/x", "/b", "/b/c")
FULL = (*(("allow", one) for one in ALLOWED), ("deny", "all"))
NOTHING = st.just(())


@dataclass(frozen=True)
class Level:
    """http, a server or a location: what it says itself, and the locations inside."""

    name: str = ""
    rules: tuple[tuple[str, str], ...] = ()
    satisfy: str = ""
    realm: str = ""
    user_file: bool = False
    answer: str = ""
    inside: tuple[Level, ...] = field(default=())

    def says(self):
        yield from (f"{verb} {what};" for verb, what in self.rules)
        yield f"satisfy {self.satisfy};" if self.satisfy else ""
        yield f"auth_basic {self.realm};" if self.realm else ""
        yield f"auth_basic_user_file {FILE};" if self.user_file else ""
        yield f"return {self.answer};" if self.answer else ""
        yield from (f"location {one.name} {{ {' '.join(one.says())} }}" for one in self.inside)


RULES = st.one_of(
    st.just(()),
    st.just(FULL),
    st.lists(st.sampled_from([*FULL, ("allow", "all"), ("allow", "198.51.100.0/24")]), max_size=4).map(tuple),
)


def levels(names, inside=NOTHING):
    return st.builds(
        Level, names, RULES, st.sampled_from(["", "", "", "all", "any"]),
        st.sampled_from(["", "login", "login", "off"]), st.booleans(),
        st.sampled_from(["", "", "", "", "403", "301 /", '200 "hi"']), inside,
    )  # fmt: skip


def several(level):
    return st.lists(level, max_size=3, unique_by=lambda one: one.name).map(tuple)


#: A prefix, or one exact address; a location inside another lies below it.
OUTER = st.sampled_from(["/", "/a", "/b", "= /a", "^~ /a/"])
INNER = {"/": "/x", "/a": "/ax", "/b": "/bx", "^~ /a/": "/a/x"}
LOCATIONS = several(
    OUTER.flatmap(
        lambda name: levels(st.just(name), several(levels(st.just(INNER[name]))) if name in INNER else NOTHING)
    )
)
SERVERS = st.lists(levels(st.just(""), LOCATIONS), min_size=1, max_size=2)
HTTP = levels(st.just("")).map(lambda one: Level(rules=one.rules, satisfy=one.satisfy, realm=one.realm, user_file=True))


# --- nginx's documentation, request by request --------------------------------------------------------------


def chosen(level, path):
    """ngx_http_core_module, location: an exact one, else the longest prefix, and again inside of it."""
    exact = [one for one in level.inside if one.name == f"= {path}"]
    prefixes = [one for one in level.inside if "=" not in one.name and path.startswith(one.name.split()[-1])]
    if exact:
        return exact[:1]
    best = max(prefixes, key=lambda one: len(one.name.split()[-1]), default=None)
    return [best, *chosen(best, path)] if best else []


def shows(http, server, source, password, path):
    """Whether this request is answered with content."""
    way = [http, server, *chosen(server, path)]
    for ends in (server, way[-1]):  # ngx_http_rewrite_module: return ends the request before access is asked for
        if ends.answer and ends is not http:
            return ends.answer.startswith("200")
    rules = next((one.rules for one in reversed(way) if one.rules), ())
    realm = next((one.realm for one in reversed(way) if one.realm), "off")
    with_file = any(one.user_file for one in way)
    satisfy = next((one.satisfy for one in reversed(way) if one.satisfy), "all")
    by_address = next((verb == "allow" for verb, what in rules if holds(what, source)), None)  # the first match
    by_password = None if realm == "off" or not with_file else password
    asked = [one for one in (by_address, by_password) if one is not None]
    return (any(asked) if satisfy == "any" else all(asked)) if asked else True


def holds(what, source):
    return what == "all" or ipaddress.ip_address(source) in ipaddress.ip_network(what)


# --- and ours -----------------------------------------------------------------------------------------------


@settings(max_examples=300, deadline=None)
@given(http=HTTP, servers=SERVERS)
def test_where_we_say_pass_no_stranger_is_shown_anything(http, servers):
    sites = [f"server {{ listen {8000 + number}; {' '.join(one.says())} }}" for number, one in enumerate(servers)]
    state = NGINX.parse(raw(*sites, http=" ".join(http.says())))
    verdicts: dict[str, set[Status]] = {}
    for one in NGINX.judge(state, INTENT):
        verdicts.setdefault(one.control, set()).add(one.status)
    requests = [(server, ip, path) for server in servers for ip in SOURCES for path in PATHS]
    if verdicts["A1.web"] == {Status.PASS}:
        event("A1.web passes")
        assert not [one for one in requests if shows(http, one[0], one[1], False, one[2])]
    if verdicts["A2.web"] == {Status.PASS}:
        event("A2.web passes")
        strangers = [one for one in requests if one[1] not in PEOPLE]
        assert not [one for one in strangers if shows(http, one[0], one[1], True, one[2])]


def test_the_evaluator_tells_open_from_closed():
    server = Level(rules=FULL, realm="login", user_file=True, inside=(Level("/a", realm="off"),))
    assert shows(Level(), server, PEOPLE[0], True, "/") and shows(Level(), server, PEOPLE[0], False, "/ab")
    assert not shows(Level(), server, PEOPLE[0], False, "/") and not shows(Level(), server, SOURCES[2], True, "/a")


@settings(max_examples=60, deadline=None)
@given(server=levels(st.just(""), LOCATIONS))
def test_what_is_closed_by_construction_passes(server):
    """Not everything is a gap: a server that says it all itself, and nothing below that says otherwise, passes."""
    inside = tuple(Level(one.name) for one in server.inside)
    closed = Level(rules=FULL, realm="login", user_file=True, inside=inside)
    given_ = raw(f"server {{ {' '.join(closed.says())} }}")
    statuses = {one.status for one in NGINX.judge(NGINX.parse(given_), INTENT) if one.control in ("A1.web", "A2.web")}
    assert statuses == {Status.PASS}

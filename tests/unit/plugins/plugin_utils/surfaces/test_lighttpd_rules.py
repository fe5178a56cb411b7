# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever lighttpd is told: where we say pass, an evaluator written from its documentation lets no stranger in.

The evaluator knows nothing of ours. It takes one request after the other through the blocks in their order, each of
which counts where its condition and those around it hold, and overrides what came before.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, field

import pytest
from ansible_collections.iot_site.checklist.plugins.plugin_utils.model import Status
from ansible_collections.iot_site.checklist.plugins.plugin_utils.surfaces.lighttpd import Lighttpd
from hypothesis import event, given, settings
from hypothesis import strategies as st

from .test_lighttpd import ACCOUNTS, INTENT, printed

pytestmark = pytest.mark.once

LIGHTTPD = Lighttpd()
PEOPLE = ("203.0.113.8", "203.0.113.11", "2001:db8:1::10")
STRANGERS = ("203.0.113.7", "198.51.100.7", "2001:db8:2::1")
NETWORKS = ("203.0.113.8/30", "203.0.113.0/24", "198.51.100.0/24", "2001:db8:1::10", "2001:db8::/32", "0.0.0.0/0")
PATHS = ("/", "/a", "/a/", "/a/x", "/b", "/b/c", "/x.jpg")
HOSTS = ("panel.example", "other.example")
SOCKETS = ("0.0.0.0:80", "[::]:80")
LOGIN = '"{}" => ("method" => "basic", "realm" => "K", "require" => "valid-user")'


@dataclass(frozen=True)
class Block:
    """Settings under a condition, with blocks inside, and what counts where the condition does not hold."""

    condition: tuple[str, str, str] | None = None
    deny: tuple[str, ...] | None = None
    require: tuple[str, ...] | None = None
    inside: tuple[Block, ...] = field(default=())
    otherwise: Block | None = None

    def says(self):
        yield f"url.access-deny = ({_quoted(self.deny)})" if self.deny is not None else ""
        yield (
            f"auth.require = ({', '.join(LOGIN.format(one) for one in self.require)})"
            if self.require is not None
            else ""
        )
        for one in self.inside:
            yield from one.whole()

    def whole(self):
        name, operator, value = self.condition
        yield f'${name} {operator} "{value}" {{\n' + "\n".join(self.says()) + "\n}"
        if self.otherwise:
            yield "else {\n" + "\n".join(self.otherwise.says()) + "\n}"


def _quoted(words):
    return ", ".join(f'"{one}"' for one in words)


@dataclass(frozen=True)
class Request:
    source: str
    path: str
    host: str
    socket: str

    def meets(self, condition):
        name, operator, value = condition
        if name == 'HTTP["remoteip"]':
            held = ipaddress.ip_address(self.source) in ipaddress.ip_network(value)
            return held if operator == "==" else not held
        asked = {'HTTP["url"]': self.path, 'HTTP["host"]': self.host, 'SERVER["socket"]': self.socket}[name]
        return {
            "==": asked == value, "!=": asked != value, "=^": asked.startswith(value), "=$": asked.endswith(value),
            "=~": bool(re.search(value, asked)), "!~": not re.search(value, asked),
        }[operator]  # fmt: skip


def settings_of(block, request):
    """What applies to a request: later blocks override earlier ones."""
    found = {key: value for key, value in (("deny", block.deny), ("require", block.require)) if value is not None}
    for one in block.inside:
        if request.meets(one.condition):
            found |= settings_of(one, request)
        elif one.otherwise:
            found |= settings_of(one.otherwise, request)
    return found


def refused(found, request):
    return any(request.path.endswith(end) for end in found.get("deny", ()))


def asked_for_a_login(found, request):
    return any(request.path.startswith(begin) for begin in found.get("require", ()))


def requests(sources):
    for source in sources:
        family = SOCKETS[":" in source]
        yield from (Request(source, path, host, family) for path in PATHS for host in HOSTS)


CONDITIONS = st.one_of(
    st.tuples(st.just('HTTP["remoteip"]'), st.sampled_from(["==", "!="]), st.sampled_from(NETWORKS)),
    st.tuples(st.just('HTTP["url"]'), st.sampled_from(["==", "!="]), st.sampled_from(["/", "/a", "/b/c"])),
    st.tuples(st.just('HTTP["url"]'), st.just("=^"), st.sampled_from(["/", "/a/", "/b"])),
    st.tuples(st.just('HTTP["url"]'), st.sampled_from(["=~", "!~"]), st.sampled_from(["^/a", "[.]jpg$"])),
    st.tuples(st.just('HTTP["host"]'), st.sampled_from(["==", "!="]), st.just("panel.example")),
    st.tuples(st.just('SERVER["socket"]'), st.just("=="), st.just("[::]:80")),
)
DENY = st.sampled_from([None, None, (), ("",), ("",), ("~", ".jpg")])
REQUIRE = st.sampled_from([None, None, (), ("/",), ("",), ("/a",), ("/b/", "/a")])
PLAIN = st.builds(Block, st.none(), DENY, REQUIRE)
BLOCKS = st.recursive(
    st.builds(Block, CONDITIONS, DENY, REQUIRE, st.just(()), st.none() | PLAIN),
    lambda deeper: st.builds(
        Block, CONDITIONS, DENY, REQUIRE, st.lists(deeper, max_size=2).map(tuple), st.none() | PLAIN
    ),
    max_leaves=3,
)
CONFIGS = st.builds(Block, st.none(), DENY, REQUIRE, st.lists(BLOCKS, max_size=3).map(tuple))


def judged(config, control):
    head = 'server.modules = ("mod_access", "mod_auth", "mod_authn_file")\nauth.backend = "htpasswd"\n' \
           'auth.backend.htpasswd.userfile = "/etc/lighttpd/accounts"\n'  # fmt: skip
    socket = '$SERVER["socket"] == "[::]:80" { }\n'
    raw = printed(head + "\n".join(_first(config)) + "\n" + socket + "\n".join(_rest(config)), **ACCOUNTS)
    return {one.status for one in LIGHTTPD.judge(LIGHTTPD.parse(raw), INTENT) if one.control == control}


def _first(config):
    return Block(None, config.deny, config.require).says()


def _rest(config):
    return Block(None, None, None, config.inside).says()


@settings(max_examples=150, deadline=None)
@given(CONFIGS)
def test_where_we_say_pass_no_stranger_is_served_and_nobody_without_a_login(config):
    if judged(config, "A2.web") == {Status.PASS}:
        event("A2 pass")
        for request in requests(STRANGERS):
            assert refused(settings_of(config, request), request), request
    if judged(config, "A1.web") == {Status.PASS}:
        event("A1 pass")
        for request in requests((*PEOPLE, *STRANGERS)):
            found = settings_of(config, request)
            assert refused(found, request) or asked_for_a_login(found, request), request


@settings(max_examples=80, deadline=None)
@given(st.lists(BLOCKS, max_size=2).map(tuple))
def test_a_pass_is_possible_and_still_true_with_more_blocks_around_a_list(more):
    closed = Block(('HTTP["remoteip"]', "!=", "203.0.113.8/30"), ("",), None, (
        Block(('HTTP["remoteip"]', "==", "2001:db8:1::10"), ()),
    ))  # fmt: skip
    config = Block(None, None, ("/",), (*more, closed))
    event(f"A2 {judged(config, 'A2.web')}")
    if judged(config, "A2.web") == {Status.PASS}:
        for request in requests(STRANGERS):
            assert refused(settings_of(config, request), request), request


def test_the_evaluator_and_we_agree_on_the_plainest_pass():
    closed = Block(('HTTP["remoteip"]', "!=", "203.0.113.8/30"), ("",), None, (
        Block(('HTTP["remoteip"]', "==", "2001:db8:1::10"), ()),
    ))  # fmt: skip
    config = Block(None, None, ("/",), (closed,))
    assert judged(config, "A2.web") == judged(config, "A1.web") == {Status.PASS}

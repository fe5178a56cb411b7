# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where lighttpd asks for the accounts of a password file, and where nobody can be sure of it."""

from __future__ import annotations

import pytest
from ansible_collections.iot_site.checklist.plugins.plugin_utils.model import Door
from ansible_collections.iot_site.checklist.plugins.plugin_utils.raw import Output, Raw
from ansible_collections.iot_site.checklist.plugins.plugin_utils.surfaces import lighttpd_doors

from .test_lighttpd import capture

USERS = "/etc/lighttpd/accounts"
LOADED = 'server.modules = ("mod_access", "mod_auth", "mod_authn_file")'
KNOWN = f'auth.backend = "htpasswd"\nauth.backend.htpasswd.userfile = "{USERS}"'


def rule(begins="/", method="basic", require="valid-user"):
    return f'"{begins}" => ("method" => "{method}", "realm" => "K-7Q2MXA", "require" => "{require}")'


def asked(*rules):
    return f"auth.require = ({', '.join(rules or (rule(),))})"


def at(port=80, path="/", address="127.0.0.1", tls=False):
    return Door("http", address, port, tls, path)


def found(*says, always=f"{LOADED}\n{KNOWN}"):
    text = "config {{\n{}\n}}".format("\n".join((always, *says)))
    return lighttpd_doors.of(Raw({"lighttpd.config": {"lighttpd -p": Output(text.encode())}}))


@pytest.mark.parametrize(
    ("says", "there"),
    [
        ([asked()], [at()]),
        ([asked(rule(""))], [at()]),
        ([asked(rule("/pumps/"))], [at(path="/pumps/")]),
        ([asked(rule("/b"), rule("/a/"))], [at(path="/b"), at(path="/a/")]),
        (["server.port = 8080", asked()], [at(8080)]),
        (['server.bind = "192.0.2.7"', asked()], [at(address="192.0.2.7")]),
        (['server.bind = "localhost"', asked()], [at()]),
        ([asked(), '$SERVER["socket"] == "[::]:80" { }'], [at(), at(address="::1")]),
        ([asked(), '$SERVER["socket"] == "0.0.0.0:443" { ssl.engine = "enable" }'], [at(), at(443, tls=True)]),
        ([f'$SERVER["socket"] == "0.0.0.0:81" {{ {asked()} }}'], [at(81)]),
        ([asked(), '$HTTP["url"] =^ "/open/" { auth.require = ( ) }'], [at()]),
        ([f'$HTTP["url"] =^ "/pumps/" {{ {asked()} }}'], []),  # its rule is about /, where it does not count
        ([f'$HTTP["url"] =^ "/pumps/" {{ {asked(rule("/pumps/"))} }}'], [at(path="/pumps/")]),
        ([f'$HTTP["url"] =^ "/open/" {{ }} else {{ {asked()} }}'], [at()]),
        ([asked(), '$HTTP["host"] == "panel.example" { server.document-root = "/srv" }'], [at()]),
        ([asked(), f'$HTTP["host"] == "panel.example" {{ {asked()} }}'], [at()]),
        ([asked(), '$HTTP["remoteip"] == "203.0.113.8/30" { } else { url.access-deny = ( "" ) }'], [at()]),
        ([asked(), '$HTTP["scheme"] == "http" { url.redirect = ("" => "https://k7.example") }',
          '$SERVER["socket"] == "0.0.0.0:443" { ssl.engine = "enable" }'], [at(443, tls=True)]),
        ([asked(), 'proxy.server = ("" => (("host" => "127.0.0.1")))'], [at()]),
    ],
)  # fmt: skip
def test_a_place_that_asks_for_one_file_is_a_door(says, there):
    assert found(*says) == ({USERS: there} if there else {})


@pytest.mark.parametrize(
    "says",
    [
        [""],
        [asked(rule(method="digest"))],
        [asked(rule(require="user=boss"))],
        [asked(rule(), rule("/pumps/", require="user=boss"))],
        [asked(), 'auth.backend = "plain"'],
        [asked(), 'auth.backend = "ldap"'],
        [asked(), 'auth.cache = ("max-age" => "600")'],
        [asked(), 'auth.extern-authn = "enable"'],
        [asked(), 'magnet.attract-raw-url-to = ("/x.lua")'],
        [asked(), 'url.rewrite-once = ("^/(.*)" => "/pumps/$1")'],
        [asked(), 'url.redirect = ("" => "https://k7.example")'],
        [asked(), '$HTTP["host"] == "x" { url.rewrite = ("^/(.*)" => "/pumps/$1") }'],
        [asked(), 'server.bind = "panel.example"'],
        [asked(), 'server.bind = "/run/lighttpd.sock"'],
        [asked(), 'server.chroot = "/srv"'],
        [asked(), '$SERVER["socket"] == ":80" { }'],
        [f'$HTTP["host"] == "panel.example" {{ {asked()} }}'],
        [asked(), '$HTTP["host"] == "panel.example" { auth.require = ( ) }'],
        [asked(), '$HTTP["host"] == "x" { auth.backend.htpasswd.userfile = "/etc/lighttpd/others" }'],
        [asked(), '$HTTP["remoteip"] == "127.0.0.0/8" { auth.require = ( ) }'],
        [asked(), '$HTTP["url"] =~ "^/" { auth.backend = "plain" }'],
        [asked(), '$HTTP["url"] == "/" { auth.require = ( ) }'],
        [asked(rule("/a b"))],
    ],
)
def test_where_something_else_may_be_asked_there_is_no_door(says):
    assert found(*says) == {}


def test_without_the_modules_that_ask_nobody_is_asked():
    assert found(asked(), always=KNOWN) == {}
    assert found(asked(), always=f'server.modules = ("mod_auth")\n{KNOWN}') == {}


def test_a_configuration_that_is_not_understood_has_no_doors():
    assert found('$HTTP["host"]') == {} and lighttpd_doors.of(Raw()) == {}
    assert lighttpd_doors.of(capture("broken")) == {}


@pytest.mark.parametrize(
    ("case", "there"),
    {
        "stock": {}, "overridden": {USERS: [at(), at(address="::1")]}, "compliant": {USERS: [at(), at(address="::1")]},
        "ipv6": {}, "port": {},
    }.items(),
)  # fmt: skip
def test_the_doors_of_recorded_machines(case, there):
    assert lighttpd_doors.of(capture(case)) == there

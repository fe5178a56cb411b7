# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where apache2 asks for the accounts of a password file, and where nobody can be sure of it."""

from __future__ import annotations

import pytest
from ansible_collections.iot_site.checklist.plugins.plugin_utils.model import Door
from ansible_collections.iot_site.checklist.plugins.plugin_utils.raw import Raw
from ansible_collections.iot_site.checklist.plugins.plugin_utils.surfaces import apache_doors

from .test_apache import DENIED, FILE, MODULES, OPEN, capture, host, raw

OTHERS = "/etc/apache2/others"
BASIC = f"AuthType Basic\nAuthName login\nAuthUserFile {FILE}\nRequire valid-user"
AND, OR = (f"AuthMerging {how}\nRequire " for how in ("And", "Or"))
ELSE = BASIC.replace(FILE, OTHERS)
OPENED = f"<Location /open>\n{BASIC.partition('Require')[0]}Require all granted\n</Location>"


def asks(where="/", what=BASIC):
    return f"<Location {where}>\n{what}\n</Location>\n"


def named(*names):
    first, *others = names
    return "\n".join([f"ServerName {first}", *(f"ServerAlias {name}" for name in others)])


def at(port=80, path="/", site="", address="127.0.0.1", tls=False):
    return Door("http", address, port, tls, path, site)


def found(*sites, main=DENIED, **more):
    return apache_doors.of(raw("\n".join(sites), main, **more))


@pytest.mark.parametrize(
    ("sites", "main", "there"),
    [
        ([host(asks())], DENIED, [at()]),
        ([host(f"<Directory /srv/panel>\n{BASIC}\n</Directory>")], DENIED, [at()]),
        ([host(f"{OPEN}\n{asks('/pumps')}")], DENIED, [at(path="/pumps")]),
        ([host(f"{OPEN}\nAlias /pumps /srv/pumps\n<Directory /srv/pumps>\n{BASIC}\n</Directory>")], DENIED,
         [at(path="/pumps/")]),
        ([host(f"{OPEN}\n<Directory /srv/panel/a>\n{BASIC}\n</Directory>")], DENIED, [at(path="/a")]),
        ([host(asks() + OPENED)], DENIED, [at()]),
        ([host(asks(what=BASIC.replace("/etc/apache2/", "")))], DENIED, [at()]),
        ([host(asks(what=f"{BASIC}\nAuthBasicProvider file"))], DENIED, [at()]),
        ([host(f"{OPEN}\n{asks()}{asks(what=f'{AND}ip 127.0.0.0/8 203.0.113.8')}")], DENIED, [at()]),
        ([host(f"{asks()}\n<FilesMatch ^\\.ht>\nRequire all denied\n</FilesMatch>")], DENIED, [at()]),
        ([host(f"ProxyPass / http://127.0.0.1:9/\n{asks()}")], DENIED, [at()]),
        ([host(f"{named('panel.example.org')}\n{asks()}")], DENIED, [at(site="panel.example.org")]),
        ([host(f"{named('https://panel.example.org:8443')}\n{asks()}")], DENIED, [at(site="panel.example.org")]),
        ([host(f"SSLEngine on\n{asks()}", "*:443")], f"Listen 443\n{DENIED}", [at(443, tls=True)]),
        ([host(asks(), "192.0.2.7:81")], f"Listen 192.0.2.7:81\n{DENIED}", [at(81, address="192.0.2.7")]),
        ([host(asks(), "[2001:db8:0::1]:81")], f"Listen [2001:db8::1]:81\n{DENIED}", [at(81, address="2001:db8::1")]),
        ([host(asks(), "127.0.0.1:81")], f"Listen 127.0.0.1:81\n{DENIED}", [at(81)]),
        ([], f"{DENIED}\n{asks()}", [at()]),
        ([host(OPEN, "*:81")], f"Listen 81\n{DENIED}\n{asks()}", [at(), at(81)]),  # it holds for all
        ([host(f"{named('a.example.org', 'c.example.org')}\n{asks()}"), host(named("A.example.org"))], DENIED,
         [at(site="c.example.org")]),
        ([host(""), host(f"{named('a.example.org')}\n{asks()}")], DENIED, [at(site="a.example.org")]),
        ([host(asks(what=ELSE), "192.0.2.7:80"), host(asks())], DENIED, [at()]),
    ],
)  # fmt: skip
def test_a_place_that_asks_for_one_file_is_a_door(sites, main, there):
    assert found(*sites, main=main)[FILE] == there


@pytest.mark.parametrize(
    "sites",
    [
        [host(OPEN)],
        [host(asks(what=f"{BASIC}\nSatisfy Any"))],
        [host(asks(what=f"{BASIC}\nRequire ip 192.0.2.1"))],
        [host(asks(what=f"{BASIC}\nRequire local"))],
        [host(asks(what=f"{BASIC}\nRequire env HERE"))],
        [host(asks(what=BASIC.replace("valid-user", "user boss")))],
        [host(asks(what=BASIC.replace("valid-user", "group boss")))],
        [host(asks(what=BASIC.replace("Basic", "Digest")))],
        [host(asks(what=f"{BASIC}\nAuthBasicProvider socache file"))],
        [host(asks(what=f"{BASIC}\nAuthBasicProvider ldap"))],
        [host(asks(what=BASIC.replace(f"AuthUserFile {FILE}\n", "")))],
        [host(f"{OPEN}\n{asks()}{asks(what=f'{AND}ip 203.0.113.8')}")],
        [host(f"{OPEN}\n{asks()}{asks(what=f'{OR}ip 203.0.113.8')}")],
        [host(asks() + asks("/pumps", ELSE))],
        [host(asks(what=f"<Limit POST>\n{BASIC}\n</Limit>"))],
        [host(f'{asks()}\n<If "%{{REQUEST_URI}} =~ /x/">\nRequire all granted\n</If>')],
        [host(f'{OPEN}\n<If "%{{HTTP_HOST}} == x">\n{BASIC}\n</If>')],
        [host(f'{OPEN}\n<LocationMatch "^/pumps">\n{BASIC}\n</LocationMatch>')],
        [host(f"{asks()}\nRewriteRule ^/(.*)$ /pumps/$1")],
        [host(f"{asks()}\nAliasMatch ^/(.*) /srv/$1")],
        [host(f"{asks()}\nVirtualDocumentRoot /srv/%0")],
        [host(f"Redirect permanent / https://panel.example.org/\n{asks()}")],
        [host(asks('"/p mps"'))],
        [host(asks(), "panel.example.org:80")],
        [host(asks(), "*:80"), host("", "127.0.0.1:80")],
        [host(asks(), "*:80"), host("", "panel.example.org:80")],
        [host(asks(), "*:80"), host("", "*")],
        [host(asks()), host(named("b.example.org"))],
        [host(f"{named('a.example.org')}\n{asks()}"), host(named("A.example.org"))],
        [host(f"{named('a.example.org')}\n{asks()}"), host(named("b.example.org", "*.example.org"))],
        [host(f"{named('a.example.org')}\n{asks()}"), host(asks(what=ELSE))],
        [host(f"{named('a.example.org', 'b.example.org:80')}\n{asks()}"), host(named("a.example.org"))],
        [host(f"{named('a.example.org')}\n{asks()}"), host(f"{OPEN}\nProxyPass / http://127.0.0.1:9/")],
    ],
)
def test_where_another_place_may_answer_or_something_else_is_asked_there_is_no_door(sites):
    assert FILE not in found(*sites)


def test_an_application_that_asks_by_itself_is_not_asked():
    made = found(host(f"ProxyPass /app http://127.0.0.1:9/\n<Directory /srv/panel>\n{BASIC}\n</Directory>"))
    assert made == {FILE: [at()]}


def test_what_a_folder_says_itself_counts():
    allowed = host("<Directory /srv/panel>\nAllowOverride All\nRequire all granted\n</Directory>")
    assert found(allowed, htaccess={"/srv/panel/.htaccess": BASIC}) == {FILE: [at()]}
    below = {"/srv/panel/.htaccess": BASIC, "/srv/panel/a/.htaccess": ELSE}
    assert found(allowed, htaccess=below) == {}
    assert found(host(asks()), htaccess={"/srv/panel/.htaccess": ELSE}) == {FILE: [at()]}


def test_with_a_module_that_is_not_understood_nothing_is_certain():
    assert found(host(asks()), modules=(*MODULES, "security2")) == {}
    assert found(host(asks()), main=f"ChrootDir /srv\n{DENIED}") == {}


def test_a_configuration_that_is_not_understood_has_no_doors():
    assert found(f"{host(asks())}\nProxyRequests On") == {} and apache_doors.of(Raw()) == {}
    assert apache_doors.of(capture("broken")) == {}
    assert found(host(asks()), main=f"Listen {'1' * 5000}\n{DENIED}") == {FILE: [at()]}


@pytest.mark.parametrize(
    ("case", "there"),
    {
        "stock": {}, "exposed": {FILE: [at(path="/admin")]}, "overridden": {},
        "compliant": {FILE: [at(), at(path="/icons/"), at(path="/server-status")]},
        "satisfy_any": {}, "htaccess": {FILE: [at()]}, "ipv6": {}, "other_port": {}, "loopback": {},
    }.items(),
)  # fmt: skip
def test_the_doors_of_recorded_machines(case, there):
    assert apache_doors.of(capture(case)) == there

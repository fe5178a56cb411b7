# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where nginx asks for the accounts of a password file, and where nobody can be sure of it."""

from __future__ import annotations

import pytest
from ansible_collections.iot_site.checklist.plugins.plugin_utils.model import Door
from ansible_collections.iot_site.checklist.plugins.plugin_utils.raw import Output, Raw
from ansible_collections.iot_site.checklist.plugins.plugin_utils.surfaces import doors, nginx_doors

USERS, OTHERS = "/etc/nginx/users", "/etc/nginx/others"
BASIC, ELSE = f"auth_basic login; auth_basic_user_file {USERS};", f"auth_basic login; auth_basic_user_file {OTHERS};"


def found(*sites, http=""):
    text = f"# configuration file /etc/nginx/nginx.conf:\nhttp {{ {http} {' '.join(sites)} }}\n"
    return nginx_doors.of(Raw({"nginx.config": {"nginx -T": Output(text.encode())}}))


def at(port=80, path="/", site="", address="127.0.0.1", tls=False):
    return Door("http", address, port, tls, path, site)


@pytest.mark.parametrize(
    ("sites", "there"),
    [
        ([f"server {{ {BASIC} }}"], [at()]),
        ([f"server {{ listen 8080; server_name panel.example.org; {BASIC} }}"], [at(8080, site="panel.example.org")]),
        ([f"server {{ listen 192.0.2.7:81; {BASIC} }}"], [at(81, address="192.0.2.7")]),
        ([f"server {{ listen [::]:443 ssl; {BASIC} }}"], [at(443, address="::1", tls=True)]),
        ([f"server {{ listen 127.0.0.1:8080; {BASIC} }}"], [at(8080)]),
        ([f"server {{ location / {{ }} location /pumps/ {{ {BASIC} }} }}"], [at(path="/pumps/")]),
        ([f"server {{ location = /now {{ {BASIC} proxy_pass http://127.0.0.1:9; }} }}"], [at(path="/now")]),
        ([f"server {{ {BASIC} location /open/ {{ auth_basic off; }} }}"], [at()]),
        ([f"server {{ {BASIC.replace('/etc/nginx/', '')} }}"], [at()]),
        ([f"server {{ server_name a.example.org c.example.org; {BASIC} }}", "server { server_name a.example.org; }"],
         [at(site="c.example.org")]),
        ([f"server {{ listen 80; listen 192.0.2.7:80; {BASIC} }}"], [at(), at(address="192.0.2.7")]),
        ([f"server {{ server_name a.example.org; {BASIC} }}", "server { server_name b.example.org; }"],
         [at(site="a.example.org")]),
    ],
)  # fmt: skip
def test_a_place_that_asks_for_one_file_is_a_door(sites, there):
    assert found(*sites) == {USERS: there}


@pytest.mark.parametrize(
    "sites",
    [
        ["server { }"],
        [f"server {{ {BASIC} return 301 https://panel.example.org; }}"],
        [f"server {{ {BASIC} satisfy any; }}"],
        [f"server {{ {BASIC} auth_request /ask; }}"],
        [f"server {{ location / {{ {BASIC} }} location ~ ^/ {{ {ELSE} }} }}"],
        [f"server {{ auth_basic $who; auth_basic_user_file {USERS}; }}"],
        ["server { auth_basic login; auth_basic_user_file /etc/nginx/$host; }"],
        [f"server {{ location ~ ^/pumps {{ {BASIC} }} }}"],
        [f"server {{ listen unix:/run/panel.sock; {BASIC} }}"],
        [f"server {{ listen panel.example.org:80; {BASIC} }}"],
        [f"server {{ listen 80 proxy_protocol; {BASIC} }}"],
        [f"server {{ {BASIC} }}", "server { server_name b.example.org; }"],
        [f"server {{ server_name a.example.org; {BASIC} }}", "server { server_name A.example.org; }"],
        [f"server {{ server_name *.example.org; {BASIC} }}", "server { server_name b.example.org; }"],
        [f"server {{ server_name a.example.org; {BASIC} }}", "server { listen 127.0.0.1:80; }"],
    ],
)
def test_where_another_place_may_answer_there_is_no_door(sites):
    assert found(*sites) == {}


def test_a_configuration_that_is_not_understood_has_no_doors():
    assert found("server { listen") == {} and nginx_doors.of(Raw()) == {}


def test_a_state_carries_the_doors_of_a_file_and_a_plan_takes_the_first_of_them():
    state = {"doors": doors.as_state({USERS: [at(80), at(80), at(81), at(82)], OTHERS: [at(83)]})}
    assert doors.of_files(state, [USERS]) == (at(80), at(81))
    assert doors.of_files(state, ["/gone", OTHERS, OTHERS]) == (at(83),)

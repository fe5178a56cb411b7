# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A server that runs with another file, or in a jail, is never judged by the file of its package.

The lines are what Debian's servers show in the lab; molecule/web_panels shows the same live.
"""

from __future__ import annotations

import json

import pytest
from ansible_collections.iot_site.checklist.plugins.plugin_utils.model import Status, Unreadable
from ansible_collections.iot_site.checklist.plugins.plugin_utils.raw import Output
from ansible_collections.iot_site.checklist.plugins.plugin_utils.surfaces import lighttpd as lighttpd_surface
from ansible_collections.iot_site.checklist.plugins.plugin_utils.surfaces import nginx as nginx_surface
from ansible_collections.iot_site.checklist.plugins.plugin_utils.surfaces import own_process

from tests.unit.plugins.plugin_utils.captures import changed
from tests.unit.plugins.plugin_utils.surfaces import test_nginx as nginx

HERE, JAIL = True, False  # in our root directory, or in another or unknown one
NGINX = "nginx: master process /usr/sbin/nginx -g daemon on; master_process on;"
WORKER = "nginx: worker process"
LIGHTTPD = "/usr/sbin/lighttpd -D -f /etc/lighttpd/lighttpd.conf"

FINE = {
    "nothing runs": ("nginx", []),
    "Debian's nginx": ("nginx", [(HERE, NGINX), (HERE, WORKER)]),
    "started by hand": ("nginx", [(HERE, "nginx: master process nginx")]),
    "beside one in a jail": ("nginx", [(JAIL, NGINX), (HERE, NGINX)]),
    "Debian's lighttpd": ("lighttpd", [(HERE, LIGHTTPD)]),
    "lighttpd by hand": ("lighttpd", [(HERE, "lighttpd -D -f /etc/lighttpd/lighttpd.conf")]),
}
STRANGE = {
    "another file": ("nginx", [(HERE, "nginx: master process /usr/sbin/nginx -c /opt/panel.conf"), (HERE, WORKER)]),
    "another prefix": ("nginx", [(HERE, "nginx: master process nginx -p /opt/panel")]),
    "a chroot": ("nginx", [(JAIL, NGINX), (JAIL, WORKER)]),
    "lighttpd with another file": ("lighttpd", [(HERE, "lighttpd -f /opt/panel/lighttpd.conf")]),
    "lighttpd in a chroot": ("lighttpd", [(JAIL, LIGHTTPD)]),
}
STARTED = {"nginx": nginx_surface._STARTED, "lighttpd": lighttpd_surface._STARTED}


def told(processes):
    return json.dumps([{"pid": 7, "at_home": here, "words": [line]} for here, line in processes])


def check(program, text):
    given = changed(nginx.raw("server { listen 80; }"), running={"sh": text})
    own_process.check(given, "running", STARTED[program], "its file")


@pytest.mark.parametrize(("program", "processes"), FINE.values(), ids=FINE)
def test_what_the_package_starts_is_judged_by_its_file(program, processes):
    check(program, told(processes))


@pytest.mark.parametrize(("program", "processes"), STRANGE.values(), ids=STRANGE)
def test_what_runs_otherwise_is_not(program, processes):
    with pytest.raises(Unreadable, match=r"may read another configuration than its file"):
        check(program, told(processes))


NO_ANSWERS = (Output(), Output(b"x", rc=1), Output(error="missing"), Output(b"\n"), Output(b"a\n"))


@pytest.mark.parametrize("output", NO_ANSWERS)
def test_where_nobody_could_look_nothing_is_judged(output):
    with pytest.raises(Unreadable):
        check("nginx", output)


def test_an_instance_on_the_same_port_of_another_address_is_unknown():
    """Its port alone used to count as told by the first one's file."""
    sockets = nginx.listening(("192.0.2.1", 8080, "nginx"), ("192.0.2.2", 8080, "nginx"))
    given = changed(nginx.raw(f"server {{ listen 192.0.2.1:8080; {nginx.ALLOW} deny all; {nginx.LOGIN} }}"), **sockets)
    for control in ("A1.web", "A2.web"):
        unknown = [one.why for one in nginx.verdicts(given, control) if one.status is Status.UNKNOWN]
        assert any("192.0.2.2 port 8080" in why and "192.0.2.1" not in why for why in unknown)


@pytest.mark.parametrize(
    ("listen", "bound"),
    [
        ("80", "0.0.0.0"), ("*:80", "0.0.0.0"), ("[::]:80 ipv6only=off", "::"), ("[2001:DB8:0::1]:80", "2001:db8::1"),
        ("192.0.2.1", "192.0.2.1"), ("[2001:db8::1]", "2001:db8::1"), ("panel.example:80", "192.0.2.7"),
    ],
)  # fmt: skip
def test_what_the_file_says_is_known_as_the_kernel_writes_it(listen, bound):
    given = changed(nginx.raw(f"server {{ listen {listen}; }}"), **nginx.listening((bound, 80, "nginx")))
    assert nginx.NGINX.parse(given)["others"] == []


def test_a_loopback_server_does_not_answer_for_another_instance_on_its_port():
    given = changed(nginx.raw("server { listen 127.0.0.1:80; }"), **nginx.listening(("0.0.0.0", 80, "nginx")))
    assert {one.status for one in nginx.verdicts(given, "A1.web")} == {Status.UNKNOWN, Status.NOT_APPLICABLE}

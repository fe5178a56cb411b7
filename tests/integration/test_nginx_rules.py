# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever an nginx is told: where we say pass, the real one shows no stranger anything.

Each example is one configuration with many servers on ports of their own, so that one start of nginx answers for all
of them. Then our own files are added as they were planned, and everything is asked again.
"""

from __future__ import annotations

import json
import sys
from dataclasses import replace

import pytest
from ansible_collections.iot_site.checklist.plugins.plugin_utils.model import FileEdit, Status
from ansible_collections.iot_site.checklist.plugins.plugin_utils.surfaces.nginx import Nginx
from hypothesis import event, given
from hypothesis import strategies as st

from tests.integration import panel_world
from tests.integration.panel_world import PANEL, panel
from tests.integration.properties import examples

pytestmark = pytest.mark.skipif(bool(panel_world.unavailable()), reason=panel_world.unavailable())

NGINX = Nginx()
SERVERS = 12
USER_FILE = "/etc/nginx/htpasswd"
INTENT = replace(panel_world.INTENT, user_file=USER_FILE)
PANEL6 = "2001:db8::1"
STRANGERS = ("203.0.113.66", "2001:db8:2::1")
SOURCES = ("203.0.113.10", "2001:db8:1::10", *STRANGERS)
PASSWORDS = ("", "operator:planted-secret")
PLANTED = "planted-page"
FILES = ("index.html", "a/index.html", "a/x/index.html", "a/y.txt", "b/index.html", "b.txt", "e.html", "c/only.txt")
PATHS = (
    "/", "/a", "/a/", "/a/x", "/a/x/", "/a/y.txt", "/b/", "/b.txt", "/e.html", "/c/", "/c/only.txt", "/al/",
    "/al/b.txt",
    "//a/", "/b/../a/y.txt", "/a/%79.txt", "/index.html", "/nothing",
)  # fmt: skip

# --- a grammar of what an owner may write -------------------------------------------------------------------

ALLOW = "allow 127.0.0.0/8; allow ::1; allow 203.0.113.8/30; allow 203.0.113.12; allow 2001:db8:1::10;"
BASIC = f"auth_basic login; auth_basic_user_file {USER_FILE};"
ACCESS = st.sampled_from(
    [*[""] * 4, *[f"{ALLOW} deny all;"] * 3, f"{ALLOW}", "deny all;", "allow all;", f"deny 203.0.113.66; {ALLOW}",
     f"{ALLOW} allow 203.0.113.64/29; deny all;", f"{ALLOW} deny 203.0.113.0/24; deny all;"]
)  # fmt: skip
LOGIN = st.sampled_from([*[""] * 4, BASIC, BASIC, BASIC, "auth_basic off;", "auth_basic login;", 'auth_basic "";'])
SATISFY = st.sampled_from([*[""] * 8, "satisfy any;", "satisfy all;"])
ERRORS = st.sampled_from([
    *[""] * 8, "error_page 404 /b.txt;", "error_page 403 401 /e.html;", "error_page 404 403 401 = @named;",
    "error_page 403 401 =200 /e.html;", "error_page 404 /al/b.txt;", "recursive_error_pages on;",
])  # fmt: skip
SHOWN = st.sampled_from([*[""] * 6, "autoindex on;", "root /srv/other;", "try_files $uri $uri/ /b.txt;",
                         "try_files $uri @named;", "try_files /b.txt =404;", "expires 1h;"])  # fmt: skip
REAL = st.sampled_from([*[""] * 14, "set_real_ip_from 203.0.113.0/24;", "set_real_ip_from 2001:db8::/32;"])
ENDS = st.sampled_from([
    *[""] * 10, "return 404;", "return 403;", "return 301 /;", f'return 200 "{PLANTED}";',
    "rewrite ^/a(.*)$ /b$1 last;", "rewrite ^/b /b.txt break;", "rewrite ^ /e.html break; return 404;", "break;",
    "rewrite ^/a / permanent;", "return 403 closed;", "return 401;", "return 444;",
])  # fmt: skip
ASIDE = st.sampled_from(["$http_x_ask", '$request_uri ~ "^/a"', "-f $request_filename", '$http_x_ask = ""'])
IN_IF = st.sampled_from(["return 404;", "break;", "rewrite ^ /b.txt break;", f'return 200 "{PLANTED}";',
                         "return 301 /b/;", "rewrite ^ /e.html last;"])  # fmt: skip
IF = st.one_of(st.just(""), st.just(""), st.builds(lambda what, then: f"if ({what}) {{ {then} }}", ASIDE, IN_IF))
EXCEPT = st.one_of(
    st.just(""),
    st.just(""),
    st.just(""),
    st.builds(
        lambda method, access, login: f"limit_except {method} {{ {access} {login} }}",
        st.sampled_from(["GET", "POST"]), ACCESS, LOGIN,
    ),
)  # fmt: skip
SERVES = st.sampled_from([*[""] * 10, "proxy_pass http://127.0.0.1:8998;", "stub_status;", "internal;"])


def joined(*parts):
    return st.tuples(*parts).map(" ".join)


SAYS = joined(ACCESS, LOGIN, SATISFY, ERRORS, SHOWN)
INSIDE = {
    "/": ("/c/", "= /e.html", "~ ^/b", "/al", "~* \\.TXT$"), "/a": ("/a/x", "= /a/y.txt", "^~ /a/x/", "~ y"),
    "/b": ("= /b.txt", "/b/", "~ txt$"), "^~ /a/": ("/a/x/", "~ \\.txt$"), "~ ^/a": ("~ x",), "~* html$": ("~ index",),
}  # fmt: skip
NAMES = ("/", "/", "/a", "/b", "= /", "= /b.txt", "^~ /a/", "~ ^/a", "~* html$", "~ \\.txt$", "/e.html", "/c")


def location(name, inner):
    parts = joined(ENDS, SAYS, IF, EXCEPT, SERVES, inner)
    return parts.map(lambda says: f"location {name} {{ {says} }}")


def locations(names):
    return st.lists(st.sampled_from(names), max_size=4, unique=True).flatmap(
        lambda chosen: joined(
            *(
                location(name, locations(INSIDE[name]) if name in INSIDE and name in NAMES else st.just(""))
                for name in chosen
            )
        )
    )


ALIASED = SAYS.map(lambda says: f"location /al/ {{ alias /srv/other/; {says.replace('root /srv/other;', '')} }}")
NAMED = st.builds(
    lambda says, ends: f"location @named {{ {says} {ends} }}", joined(ACCESS, LOGIN, SATISFY),
    st.sampled_from(["try_files /e.html =404;", "root /srv/other;", f'return 200 "{PLANTED}";']),
)  # fmt: skip
INCLUDED = st.sampled_from([*[""] * 5, "include /etc/nginx/site.d/*.inc;"])
SERVER = joined(ENDS, SAYS, REAL, IF, INCLUDED, locations(NAMES), st.one_of(st.just(""), ALIASED), NAMED)
LISTEN = st.sampled_from(["{0}", "{0} default_server", "0.0.0.0:{0}", f"{PANEL}:{{0}}"])
HTTP = joined(ACCESS, LOGIN, SATISFY)
SITES = st.lists(st.tuples(SERVER, LISTEN, st.booleans()), min_size=SERVERS, max_size=SERVERS)


# --- one configuration, and what it answers -----------------------------------------------------------------

_ASK = """
import base64, http.client, json, sys
asked = json.load(sys.stdin)
found = []
for port in asked["ports"]:
    for source in asked["sources"]:
        server = asked["six" if ":" in source else "four"]
        peer = http.client.HTTPConnection(server, port, 5, source_address=(source, 0))
        for path in asked["paths"]:
            for password in asked["passwords"]:
                for more in ({}, {"X-Ask": "1", "X-Real-IP": "203.0.113.10"}):
                    login = "Basic " + base64.b64encode(password.encode()).decode()
                    try:
                        peer.request("GET", path, headers={**more, **({"Authorization": login} if password else {})})
                        answer = peer.getresponse()
                        text = answer.read().decode("utf-8", "replace")
                    except ConnectionRefusedError:
                        break  # it does not listen there
                    except (http.client.HTTPException, OSError):
                        peer.close()
                        continue  # return 444
                    if asked["planted"] in text or "Index of" in text or "Active connections" in text:
                        found.append([port, source, path, password, answer.status, bool(more)])
        peer.close()
print(json.dumps(found))
"""


def shown(made, ports):
    """``{port: [(source, path, password, ...)]}`` of what is answered with content."""
    asked = {"ports": ports, "sources": SOURCES, "paths": PATHS, "passwords": PASSWORDS, "planted": PLANTED,
             "four": PANEL, "six": PANEL6}  # fmt: skip
    found = {port: [] for port in ports}
    for port, *one in json.loads(made.run(sys.executable, "-c", _ASK, stdin=json.dumps(asked))):
        found[port].append(tuple(one))
    return found


def written(http, sites):
    for number, (says, listen, six) in enumerate(sites):
        port = 9000 + number
        more = f"listen [::]:{port};" if six else ""
        yield f"server {{ server_name k{number}; listen {listen.format(port)}; {more} {says} }}\n"
    yield f"root /srv/panel; {http}\n"


def configured(made, http, sites, ours):
    made.run("sh", "-c", "rm -f /etc/nginx/conf.d/*; test ! -e /run/nginx.pid || nginx -s stop;"
             "while test -e /run/nginx.pid; do sleep 0.01; done")  # fmt: skip
    made.write("/etc/nginx/sites-enabled/panel", "".join(written(http, sites)))
    for path, text in ours.items():
        made.write(path, text)
    made.run("nginx")
    return [9000 + number for number, _site in enumerate(sites)]


def verdicts(state, number):
    """The verdicts on one of the servers alone."""
    found = {}
    alone = [one for one in state["servers"] if one["name"] == f"k{number}"]
    assert len(alone) == 1
    for one in NGINX.judge({**state, "servers": alone}, INTENT):
        found.setdefault(one.control, set()).add(one.status)
    return found


def held(state, answers, http, sites):
    for number, seen in enumerate(answers.values()):
        said = verdicts(state, number)
        context = (http, sites[number])
        if said["A1.web"] <= {Status.PASS, Status.NOT_APPLICABLE}:
            event("A1 passes")
            assert not [one for one in seen if not one[2]], (context, [one for one in seen if not one[2]])
        if said["A2.web"] <= {Status.PASS, Status.NOT_APPLICABLE}:
            event("A2 passes")
            strangers = [one for one in seen if one[0] in STRANGERS]
            assert not strangers, (context, strangers)


def planned(state):
    """Our own files as they would be written, whether or not everything else lets them be."""
    return {
        edit.path: edit.content
        for one in NGINX.judge(state, INTENT)
        for change in one.changes
        for edit in change.edits
        if isinstance(edit, FileEdit) and one.control in ("A1.web", "A2.web")
    }


@pytest.fixture(scope="module")
def made():
    files = {f"srv/{root}/{name}": PLANTED for root in ("panel", "other") for name in FILES}
    application = f'server {{ listen 127.0.0.1:8998; server_name application; return 200 "{PLANTED}"; }}\n'
    with panel({
        **files, "etc/nginx/sites-enabled/zz-application": application,
        "etc/nginx/site.d/one.inc": "location /inc { auth_basic off; }\n",
    }) as one:  # fmt: skip
        for address in (PANEL6, "2001:db8:1::10", "2001:db8:2::1"):
            one.run("ip", "addr", "add", f"{address}/128", "dev", "lo", "nodad")
        yield one


#: What an error of the whole server leads to: a named location is entered without asking the server's return again.
@pytest.mark.parametrize("inside", ["return 404; error_page 404 =200 @named;", "return 403; error_page 403 @named;"])
def test_an_error_that_leads_to_a_named_location_shows_what_is_there(made, inside):
    site = (f"{inside} location @named {{ root /srv/panel; try_files /e.html =404; }}", "{0}", False)
    ports = configured(made, "", [site], {})
    assert shown(made, ports)[9000], "nginx shows it to everybody"
    assert Status.PASS not in verdicts(NGINX.parse(made.read(NGINX)), 0)["A1.web"]


@examples(5)
@given(http=HTTP, sites=SITES)
def test_where_we_say_pass_no_stranger_is_shown_anything(made, http, sites):
    ports = configured(made, http, sites, {})
    state = NGINX.parse(made.read(NGINX))
    held(state, shown(made, ports), http, sites)

    ours = planned(state)
    ports = configured(made, http, sites, ours)
    state = NGINX.parse(made.read(NGINX))
    held(state, shown(made, ports), http, sites)
    assert not set(planned(state)) & set(ours), "what was planned is done with"

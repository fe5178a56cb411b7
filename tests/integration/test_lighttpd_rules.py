# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever a lighttpd is told: where we say pass, the real one shows no stranger anything.

And where a new password would be tried, a good one is never refused.
Each example is one configuration with many ports, each with a block of its own, so that one start of lighttpd answers
for all of them. Then our own files are added as they were planned, and everything is asked again.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections import Counter

import pytest
from ansible_collections.iot_site.checklist.plugins.plugin_utils.model import FileEdit, Status
from ansible_collections.iot_site.checklist.plugins.plugin_utils.surfaces import lighttpd_doors
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.integration import panel_world
from tests.integration.lighttpd_world import FOLDER, INTENT, LIGHTTPD, read
from tests.integration.panel_world import ALLOWED, PANEL, STRANGER, panel
from tests.integration.properties import examples

_WHY = panel_world.unavailable() or ("" if shutil.which("lighttpd", path="/usr/sbin") else "lighttpd is not installed")
pytestmark = pytest.mark.skipif(bool(_WHY), reason=_WHY)

SITES = 6
PANEL6, ALLOWED6, STRANGER6 = "2001:db8::1", "2001:db8:1::10", "2001:db8:2::1"
SOURCES, STRANGERS = (ALLOWED, ALLOWED6, STRANGER, STRANGER6), (STRANGER, STRANGER6)
PASSWORDS = ("", "operator:planted-secret")
ACCOUNTS = "operator:{SHA}5RHHxMx7cSmCcm8WcohomRVxHgE=\n"
PLANTED = "planted-page"
FILES = ("index.html", "a/index.html", "a/x/index.html", "a/y.txt", "b/index.html", "b.txt", "c/only.txt")
PATHS = ("/", "/a", "/a/", "/a/x/", "/a/y.txt", "/b/", "/b.txt", "/c/", "/al/", "/al/b.txt", "/status", "//a/",
         "/b/../a/y.txt", "/a/%79.txt", "/A/", "/b.txt/more", "/b.txt?/a")  # fmt: skip
#: What else a visitor may say of himself.
HEADERS = (
    {}, {"Host": "panel.example"}, {"X-Ask": "1", "X-Forwarded-For": ALLOWED, "Forwarded": f"for={ALLOWED}"},
)  # fmt: skip

# --- a grammar of what an owner may write -------------------------------------------------------------------

MODULES = ("mod_access", "mod_auth", "mod_authn_file", "mod_alias", "mod_redirect", "mod_rewrite", "mod_status",
           "mod_extforward", "mod_setenv", "mod_dirlisting")  # fmt: skip
LOGIN = '"{}" => ( "method" => "{}", "realm" => "K", "require" => "valid-user" )'


def setting(key, *values, often):
    """One setting or none: ``often`` of ten times. A value may bring its own sign."""
    chosen = st.sampled_from(values).map(lambda value: f"{key} {'' if value.startswith('+=') else ':= '}{value}\n")
    return st.integers(0, 9).flatmap(lambda number: chosen if number >= 10 - often else st.just(""))


def word(key, *values, often):
    return setting(key, *(f'"{one}"' for one in values), often=often)


def logins(*beginnings, method="basic"):
    return f"( {', '.join(LOGIN.format(one, method) for one in beginnings)} )"


DENY = setting("url.access-deny", '( "" )', '( "" )', '( "~", ".txt" )', "( )", '( "/" )', '( "disable" )',
               '+= ( "" )', '+= ( "~" )', often=2)  # fmt: skip
REQUIRE = setting("auth.require", *[logins("/")] * 4, logins(""), logins("/a"), logins("/b/", "/a"), "( )",
                  logins("/", method="digest"), logins("/A"), f'+= {logins("/c")}',
                  often=4)  # fmt: skip
SAYS = st.tuples(
    DENY, REQUIRE,
    setting("url.access-allow", '( ".html" )', '( "" )', "( )", often=1),
    setting("alias.url", '( "/al/" => "/srv/other/" )', '( "/al" => "/srv/other" )', often=1),
    word("dir-listing.activate", "enable", "disable", often=1),
    word("server.document-root", "/srv/other", often=1),
    setting("url.redirect", '( "" => "http://k7.example/" )', '( "^/a" => "/b/" )', '( "^/(.*)" => "/b.txt" )',
            '( "" => "" )', '( "^/(?!b)" => "/b/" )', often=1),
    setting("url.rewrite-once", '( "^/a(.*)$" => "/b$1" )', '( "^/c" => "/b.txt" )', '( "" => "/b.txt" )', often=1),
    st.integers(0, 2).flatmap(lambda number: word("status.status-url", "/status", often=1) if number else st.just("")),
    st.integers(0, 3).flatmap(
        lambda number: st.just("") if number else
        setting("extforward.forwarder", f'( "{STRANGER}" => "trust" )', '( "all" => "trust" )', often=2)
    ),
    word("server.error-handler-404", "/b.txt", often=1),
    word("server.error-handler", "/b.txt", "/al/b.txt", often=1),
).map("".join)  # fmt: skip

#: Few, for every combination of them is looked at.
CONDITIONS = st.sampled_from([
    '$HTTP["remote-ip"] == "203.0.113.8/30"', '$HTTP["remote-ip"] != "203.0.113.8/30"',
    '$HTTP["remoteip"] == "203.0.113.0/24"', '$HTTP["remote-ip"] == "2001:db8:1::10"',
    '$HTTP["remote-ip"] != "2001:db8:1::10"',
    '$HTTP["url"] == "/"', '$HTTP["url"] != "/"', '$HTTP["url"] =^ "/a/"', '$HTTP["url"] =^ "/"',
    '$HTTP["url"] =~ "^/a"', '$HTTP["url"] !~ "^/a"', '$HTTP["url"] =$ ".txt"', '$HTTP["url"] == "/b.txt"',
    '$HTTP["host"] == "panel.example"', '$HTTP["host"] != "panel.example"',
    '$REQUEST_HEADER["x-ask"] == "1"', '$HTTP["scheme"] == "http"',
])  # fmt: skip


def nested(inner):
    """A condition, and what counts where it does not hold."""
    block = st.builds(lambda what, says, more: f"{what} {{\n{says}{''.join(more)}}}\n",
                      CONDITIONS, SAYS, st.lists(inner, max_size=2))  # fmt: skip
    other = st.one_of(st.just(""), st.just(""), SAYS.map(lambda says: f"else {{\n{says}}}\n"),
                      block.map(lambda one: f"else {one}"))  # fmt: skip
    return st.tuples(block, other).map("".join)


BLOCKS = st.lists(st.recursive(nested(st.just("")), nested, max_leaves=2), max_size=2).map("".join)
#: How an owner keeps strangers out, in two manners.
CLOSED = st.sampled_from([
    '$HTTP["remote-ip"] == "203.0.113.8/30" { }\nelse $HTTP["remote-ip"] == "2001:db8:1::10" { }\n'
    'else {\nurl.access-deny := ( "" )\n}\n',
    '$HTTP["remote-ip"] != "203.0.113.8/30" {\n$HTTP["remote-ip"] != "2001:db8:1::10" {\n'
    'url.access-deny := ( "" )\n}\n}\n',
])  # fmt: skip
SITE = st.tuples(SAYS, BLOCKS, st.one_of(st.just(""), CLOSED)).map("".join)
LISTEN = st.sampled_from(["0.0.0.0:{}", f"{PANEL}:{{}}", "[::]:{}", f"[{PANEL6}]:{{}}"])
BACKEND = st.sampled_from([
    "", 'auth.backend = "htpasswd"\nauth.backend.htpasswd.userfile = "/etc/lighttpd/accounts"\n',
])  # fmt: skip
GLOBAL = st.tuples(SAYS, st.one_of(st.just(""), BLOCKS)).map("".join)
MAIN = st.tuples(
    st.permutations(MODULES), st.sets(st.sampled_from(MODULES), max_size=2), BACKEND, GLOBAL,
    st.one_of(st.just(""), CLOSED),
)  # fmt: skip


# --- one configuration, and what it answers -----------------------------------------------------------------

_ASK = """
import base64, http.client, itertools, json, sys
from concurrent.futures import ThreadPoolExecutor
asked = json.load(sys.stdin)

def shown(port, source):
    server = asked["six" if ":" in source else "four"]
    peer = http.client.HTTPConnection(server, port, timeout=9, source_address=(source, 0))
    try:
        peer.connect()
    except ConnectionRefusedError:
        return  # it does not listen there
    for path, password, more in itertools.product(asked["paths"], asked["passwords"], asked["headers"]):
        login = "Basic " + base64.b64encode(password.encode()).decode()
        peer.request("GET", path, headers={**more, **({"Authorization": login} if password else {})})
        answer = peer.getresponse()
        text = answer.read().decode("utf-8", "replace")
        if answer.status < 300 or asked["planted"] in text:
            yield port, source, path, password, answer.status, more
    peer.close()

visitors = list(itertools.product(asked["ports"], asked["sources"]))
with ThreadPoolExecutor(len(visitors)) as pool:  # lighttpd lets everybody wait who logs in wrongly
    print(json.dumps(sum(pool.map(lambda one: list(shown(*one)), visitors), [])))
"""

#: Ends the lighttpd that runs, and awaits that.
_END = """
if test -e /run/lighttpd.pid; then
    pid=$(cat /run/lighttpd.pid)
    kill $pid
    while grep -qs ') [^Z] ' /proc/$pid/stat; do sleep 0.01; done
fi
rm -f /run/lighttpd.pid /etc/lighttpd/conf-enabled/*
"""


def shown(made, ports):
    """``{port: [(source, path, password, ...)]}`` of what is answered with content."""
    asked = {"ports": ports, "sources": SOURCES, "paths": PATHS, "passwords": PASSWORDS, "planted": PLANTED,
             "headers": HEADERS, "four": PANEL, "six": PANEL6}  # fmt: skip
    found = {port: [] for port in ports}
    for port, *one in json.loads(made.run(sys.executable, "-c", _ASK, stdin=json.dumps(asked))):
        found[port].append(tuple(one))
    return found


def written(main, sites):
    """The owner's file: the main port is for the machine itself."""
    modules, left_out, backend, says, closed = main
    loaded = ", ".join(f'"{name}"' for name in modules if name not in left_out)
    yield f"server.modules = ( {loaded} )\n{backend}{says}"
    for number, (listen, site) in enumerate(sites):
        yield f'$SERVER["socket"] == "{listen.format(9000 + number)}" {{\n{site}}}\n'
    yield closed


_MAIN = f"""\
server.document-root = "/srv/panel"
server.bind = "127.0.0.1"
server.port = 8998
server.pid-file = "/run/lighttpd.pid"
server.errorlog = "/run/said"
index-file.names = ( "index.html" )
server.max-keep-alive-requests = 10000
include "{FOLDER}/*.conf"
"""


def configured(made, main, sites, ours):
    made.run("sh", "-c", _END)
    made.write("/etc/lighttpd/lighttpd.conf", _MAIN)
    made.write(f"{FOLDER}/50-owner.conf", "".join(written(main, sites)))
    for path, text in ours.items():
        made.write(path, text)
    said = made.run("sh", "-c", "lighttpd -f /etc/lighttpd/lighttpd.conf 2>&1", check=False)
    assume("parser failed" not in said)  # such as a key given twice
    assert made.run("find", "/run", "-name", "lighttpd.pid"), said
    return [9000 + number for number, _site in enumerate(sites)]


def alone(state, port):
    """The state of a lighttpd that has this one of the ports and no other."""
    blocks = []
    for block in state["blocks"]:
        elsewhere = [one for one in block["conditions"]
                     if one["field"] == "SERVER socket" and not one["value"].endswith(f":{port}")]  # fmt: skip
        if not any(one["holds"] for one in elsewhere):
            kept = [one for one in block["conditions"] if one not in elsewhere]
            blocks.append({**block, "conditions": kept})
    return {**state, "blocks": blocks}


def judged(made, ports, passes):
    """``{port: the judgements on it alone}``: all of them together meet in very many kinds of requests."""
    raw = read(made)
    tried(made, raw, passes)
    state = LIGHTTPD.parse(raw)
    return {port: list(LIGHTTPD.judge(alone(state, port), INTENT)) for port in ports}


def tried(made, raw, passes):
    """Where a login is tried, a good password is never refused as a wrong one is."""
    doors = lighttpd_doors.of(raw).get("/etc/lighttpd/accounts", [])
    for door, (without, within) in zip(doors, made.tried(doors, PASSWORDS[1]), strict=True):
        assert (without, within) != (401, 401), (door, made.text(f"{FOLDER}/50-owner.conf"))
        passes["proved"] += without == 401 and within < 400


def passed(judgements, control):
    said = {one.status for one in judgements if one.control == control}
    return said <= {Status.PASS, Status.NOT_APPLICABLE}


def held(judgements, answers, main, sites, passes):
    for (port, seen), (listen, site) in zip(answers.items(), sites, strict=True):
        context = (main, listen, site)
        if passed(judgements[port], "A1.web"):
            passes["A1.web"] += 1
            assert not [one for one in seen if not one[2]], (context, [one for one in seen if not one[2]])
        if passed(judgements[port], "A2.web"):
            passes["A2.web"] += 1
            strangers = [one for one in seen if one[0] in STRANGERS]
            assert not strangers, (context, strangers)


def planned(judgements):
    """Our own files as they would be written, whether or not everything else lets them be."""
    return {
        edit.path: edit.content
        for each in judgements.values()
        for one in each
        for change in one.changes
        for edit in change.edits
        if isinstance(edit, FileEdit) and one.control in ("A1.web", "A2.web")
    }


@pytest.fixture(scope="module")
def made():
    files = {f"srv/{root}/{name}": PLANTED for root in ("panel", "other") for name in FILES}
    with panel({**files, "etc/lighttpd/accounts": ACCOUNTS, f"{FOLDER[1:]}/50-owner.conf": ""}) as one:
        for address in (PANEL6, ALLOWED6, STRANGER6):
            one.run("ip", "addr", "add", f"{address}/128", "dev", "lo", "nodad")
        yield one


@pytest.fixture(scope="module")
def passes():
    """How often what passed, over the whole run."""
    return Counter()


@examples(5)
@given(main=MAIN, sites=st.lists(st.tuples(LISTEN, SITE), min_size=SITES, max_size=SITES))
def test_where_we_say_pass_no_stranger_is_shown_anything(made, passes, main, sites):
    ports = configured(made, main, sites, {})
    found = judged(made, ports, passes)
    held(found, shown(made, ports), main, sites, passes)

    ours = planned(found)
    ports = configured(made, main, sites, ours)
    found = judged(made, ports, passes)
    held(found, shown(made, ports), main, sites, passes)
    assert not set(planned(found)) & set(ours), "what was planned is done with"


def test_some_passed_at_all(passes):
    assert passes["A1.web"] and passes["A2.web"] and passes["proved"], passes

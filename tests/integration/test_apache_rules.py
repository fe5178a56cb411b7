# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever an apache2 is told: where we say pass, the real one lets no stranger in.

And where a new password would be tried, a good one is never refused.
Each example is one configuration with many virtual hosts, each on a port of its own, so that one start of the server
answers for all of them. Then our own files are added as they were planned, and everything is asked again.
"""

from __future__ import annotations

import itertools
import json
import sys

import pytest
from ansible_collections.iot_site.checklist.plugins.plugin_utils.model import FileEdit, Status
from ansible_collections.iot_site.checklist.plugins.plugin_utils.surfaces import apache_doors
from hypothesis import event, given
from hypothesis import strategies as st

from tests.integration import apache_world
from tests.integration.apache_world import APACHE, INTENT, SITE, USER_FILE, apache, generation, taken_over
from tests.integration.panel_world import ALLOWED, PANEL, STRANGER
from tests.integration.properties import examples

pytestmark = pytest.mark.skipif(bool(apache_world.unavailable()), reason=apache_world.unavailable())

HOSTS = 12
PATHS = ("/", "/a/", "/a/x/", "/b/", "/b.txt", "/al/", "/al/a/")
PASSWORDS = ("", "operator:planted-secret")
LOGIN = f"AuthType Basic\nAuthName login\nAuthUserFile {USER_FILE}"

# --- a grammar of what an owner may write -------------------------------------------------------------------

REQUIRE = st.sampled_from([
    "all granted", "all granted", "all denied", "local", "valid-user", "valid-user", "user operator", "user nobody",
    "ip 203.0.113.8/30 203.0.113.12 127.0.0.1", "ip 203.0.113", "ip 198.51.100.7", "method GET", "env HERE",
]).map(lambda what: f"Require {what}")  # fmt: skip
NOT = st.sampled_from(["ip 203.0.113.66", "ip 203.0.113", "valid-user", "all denied"]).map(
    lambda what: f"Require not {what}"
)
NONE = st.lists(REQUIRE, min_size=1, max_size=2).map(lambda some: block("RequireNone", "", some))


def block(name, what, inside):
    return "\n".join([f"<{f'{name} {what}'.strip()}>", *inside, f"</{name}>"])


def container(inner):
    some = st.lists(inner, min_size=1, max_size=3)
    return st.one_of(
        some.map(lambda one: block("RequireAny", "", one)),
        st.builds(
            lambda one, no: block("RequireAll", "", [*one, *no]), some, st.lists(st.one_of(NOT, NONE), max_size=1)
        ),
    )


RULES = st.lists(st.recursive(REQUIRE, container, max_leaves=4), max_size=2)
SAYS = st.builds(
    lambda *parts: [line for part in parts for line in part if line],
    st.sampled_from([[], [LOGIN], [LOGIN], [LOGIN], ["AuthType None"]]),
    st.sampled_from([[], [], [], ["AuthMerging And"], ["AuthMerging Or"], ["AuthMerging Off"]]),
    st.sampled_from([*[[]] * 12, ["Satisfy Any"], ["Satisfy All"], ["Order deny,allow\nDeny from all"]]),
    st.one_of(RULES, RULES, RULES, RULES.map(lambda some: [block("Limit", "POST", some)] if some else [])),
)
FILES = st.builds(
    lambda which, inside: block(*which, inside),
    st.sampled_from([("Files", "index.html"), ("FilesMatch", '"txt$"'), ("Files", '~ "^i"')]),
    SAYS,
)
CONDITIONS = ('"true"', '"%{REQUEST_URI} =~ m#^/a#"', '"-n %{HTTP:Authorization}"')
SECTION = st.one_of(
    st.builds(
        lambda which, allow, says, inner: block(*which, [*allow, *says, *inner]),
        st.sampled_from([("Directory", path) for path in ("/srv", "/srv/panel", "/srv/panel", "/srv/panel/a",
                                                          "/srv/panel/a/x/", "/srv/other", "/srv/other/a")]),
        st.sampled_from([[], [], ["AllowOverride None"], ["AllowOverride All"], ["AllowOverride AuthConfig"],
                         ["AllowOverride FileInfo"], ["AllowOverride Nonfatal=All"]]),
        SAYS,
        st.lists(FILES, max_size=1),
    ),
    st.builds(
        lambda which, says: block(*which, says),
        st.sampled_from([("Location", "/"), ("Location", "/"), ("Location", "/a"), ("Location", "/a/"),
                         ("Location", "/al"), ("Location", '"/*/x"'), ("LocationMatch", '"^/[ab]"'),
                         ("LocationMatch", '"^(?!(?:/a)(?:/|$))"'), ("Directory", '"/srv/*/a"'),
                         ("DirectoryMatch", '"/x"')]),
        SAYS,
    ),
    FILES,
    st.builds(lambda which, says: block("If", which, says), st.sampled_from(CONDITIONS), SAYS),
)  # fmt: skip
PARTS = st.lists(SECTION, max_size=4)
#: Some ask for one login at the end, as most owners do.
CLOSED = block("Location", "/", [LOGIN, "Require valid-user"])
HOST = st.tuples(PARTS, st.sampled_from([[], [], [CLOSED]])).map(lambda parts: [*parts[0], *parts[1]])
ENDS = st.sampled_from(
    [*[[]] * 6, ["Redirect permanent / http://k7.example/"], ["Redirect permanent /a http://k7.example/"]]
)
HTACCESS = st.dictionaries(
    st.sampled_from(["/srv/panel/.htaccess", "/srv/panel/a/.htaccess", "/srv/other/a/.htaccess"]), SAYS, max_size=2
)


# --- one configuration, and what it answers -----------------------------------------------------------------

_ASK = """
import base64, http.client, json, sys
found = []
for source, host, port, path, password in json.load(sys.stdin):
    peer = http.client.HTTPConnection(host, port, timeout=5, source_address=(source, 0))
    login = {"Authorization": "Basic " + base64.b64encode(password.encode()).decode()} if password else {}
    peer.request("GET", path, headers=login)
    found.append(peer.getresponse().status)
    peer.close()
print(json.dumps(found))
"""


def shown(made, ports):
    """``{port: {(source, path, password)}}`` of what is answered with content."""
    requests = [
        (source, PANEL, port, path, password)
        for port, source, path, password in itertools.product(ports, (ALLOWED, STRANGER), PATHS, PASSWORDS)
    ]
    answers = json.loads(made.run(sys.executable, "-c", _ASK, stdin=json.dumps(requests)))
    found = {port: set() for port in ports}
    for (source, _host, port, path, password), status in zip(requests, answers, strict=True):
        if status == 200:
            found[port].add((source, path, password))
    return found


def configured(made, main, hosts, htaccess, ours):
    """Writes everything, and awaits that apache2 serves it."""
    ports = [9000 + number for number, _host in enumerate(hosts)]
    sites = [
        block("VirtualHost", f"*:{port}", ["DocumentRoot /srv/panel", "Alias /al /srv/other", *ends, *parts])
        for port, (parts, ends) in zip(ports, hosts, strict=True)
    ]
    made.run("sh", "-c", "rm -f /etc/apache2/conf-enabled/zz-* /etc/apache2/mods-enabled/alias.conf; "
             "find /srv -name .htaccess -delete")  # fmt: skip
    made.write("/etc/apache2/ports.conf", "".join(f"Listen {port}\n" for port in ports))
    made.write("/etc/apache2/conf-enabled/yy-main.conf", "\n".join(main) + "\n")
    made.write(SITE, "\n".join(sites) + "\n")
    for path, text in (*((path, "\n".join(says)) for path, says in htaccess.items()), *ours.items()):
        made.write(path, text + "\n")
    before = generation(made)
    made.run("apache2ctl", "graceful")
    taken_over(made, before)
    return ports


def verdicts(state, number):
    """The verdicts on one of the virtual hosts alone."""
    found = {}
    alone = [one for one in state["servers"] if one["name"] == f"virtual host *:{9000 + number}"]
    for one in APACHE.judge({**state, "servers": alone}, INTENT):
        found.setdefault(one.control, set()).add(one.status)
    return found


def held(state, answers, htaccess, hosts, main):
    for number, (port, seen) in enumerate(answers.items()):
        said = verdicts(state, number)
        context = (main, hosts[number], htaccess, sorted(seen))
        if said["A1.web"] <= {Status.PASS, Status.NOT_APPLICABLE}:
            event("A1 passes")
            assert not [one for one in seen if not one[2]], (port, context)
        if said["A2.web"] <= {Status.PASS, Status.NOT_APPLICABLE}:
            event("A2 passes")
            assert not [one for one in seen if one[0] == STRANGER], (port, context)


def tried(made, raw):
    """Where a login is tried, a good password is never refused as a wrong one is."""
    doors = apache_doors.of(raw).get(USER_FILE, [])
    for door, (without, within) in zip(doors, made.tried(doors, PASSWORDS[1]), strict=True):
        assert (without, within) != (401, 401), (door, made.text(SITE))
        event(f"a door answers {without}, then {within}")


def planned(state):
    """Our own files as they would be written, whether or not everything else lets them be."""
    return {
        edit.path: edit.content
        for one in APACHE.judge(state, INTENT)
        for change in one.changes
        for edit in change.edits
        if isinstance(edit, FileEdit) and one.control in ("A1.web", "A2.web")
    }


@pytest.fixture(scope="module")
def made():
    page = "<title>page</title>"
    folders = ("panel", "panel/a", "panel/a/x", "panel/b", "other", "other/a")
    files = {f"/srv/{folder}/index.html": page for folder in folders}
    with apache({**files, "/srv/panel/b.txt": page}) as one:
        yield one


@examples(3)
@given(
    main=PARTS,
    hosts=st.lists(st.tuples(HOST, ENDS), min_size=HOSTS, max_size=HOSTS),
    htaccess=HTACCESS,
)
def test_where_we_say_pass_no_stranger_is_shown_anything(made, main, hosts, htaccess):
    ports = configured(made, main, hosts, htaccess, {})
    raw = made.read(APACHE)
    tried(made, raw)
    state = APACHE.parse(raw)
    held(state, shown(made, ports), htaccess, hosts, main)

    ours = planned(state)
    ports = configured(made, main, hosts, htaccess, ours)
    raw = made.read(APACHE)
    tried(made, raw)
    state = APACHE.parse(raw)
    held(state, shown(made, ports), htaccess, hosts, main)
    assert not set(planned(state)) & set(ours), "what was planned is done with"

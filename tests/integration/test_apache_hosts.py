# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever virtual hosts an apache2 has at its ports: where a new password would be tried, a good one is never refused.

Each example is one configuration with several hosts at every port, which ask for the accounts of two files with
different passwords, so that whoever is led to another host than the one that was meant is refused.
"""

from __future__ import annotations

from collections import Counter

import pytest
from ansible_collections.iot_site.checklist.plugins.plugin_utils.surfaces import apache_doors
from hypothesis import given
from hypothesis import strategies as st

from tests.integration import apache_world
from tests.integration.apache_world import APACHE, SITE, apache, generation, taken_over
from tests.integration.properties import examples

pytestmark = pytest.mark.skipif(bool(apache_world.unavailable()), reason=apache_world.unavailable())

PORTS = range(9000, 9008)
LISTENS = {9006: "127.0.0.1:9006", 9007: "203.0.113.1:9007"}
#: File: the password of "operator" in it, and what htpasswd -s makes of that.
FILES = {
    "/etc/apache2/pumps": ("one", "{SHA}/gW83NxJKAEngaXxoqd8u1OY4QY="),
    "/etc/apache2/valves": ("two", "{SHA}rXguzax3D8brmmLkT5CHP7l/sms="),
}
FOLDERS = ("panel", "panel/a", "panel/b", "other", "other/x")

# --- a grammar of what an owner may write -------------------------------------------------------------------

#: Of the machine itself too, which a host without a name goes by.
NAMES = ("a.example", "A.example", "b.example", "c.example:80", "hirosaki-josuijo", "localhost", "127.0.0.1")
ADDRESSES = (*["*"] * 5, "_default_", "127.0.0.1", "203.0.113.1", "203.0.113.10", "localhost", "[::1]")
LOGIN = st.builds(
    lambda where, file: (
        f"<Location {where}>\nAuthType Basic\nAuthName login\nAuthUserFile {file}\nRequire valid-user\n</Location>"
    ),
    st.sampled_from(["/", "/", "/", "/a", "/b", "/al/x"]),
    st.sampled_from(list(FILES)),
)
ASKED = st.one_of(LOGIN.map(lambda one: [one]), LOGIN.map(lambda one: [one]), st.lists(LOGIN, max_size=2))
NAMED = st.builds(
    lambda own, others: [*(f"ServerName {one}" for one in own), *(f"ServerAlias {one}" for one in others)],
    st.one_of(*[st.sampled_from(NAMES).map(lambda one: [one])] * 3, st.just([])),
    st.lists(st.sampled_from((*NAMES, "*.example", "a.*")), max_size=2),
)
LEADING = st.sampled_from([
    *[[]] * 6, ["Alias /al /srv/other"], ["RewriteEngine On\nRewriteRule ^/a(.*)$ /b$1"],
    ["DirectoryIndex /b/index.html"], ["Redirect /b http://k7.example/"],
    ["ErrorDocument 401 /b/index.html\nErrorDocument 404 /a/index.html"],
])  # fmt: skip
GRANTED = "DocumentRoot /srv/panel\n<Directory /srv>\nRequire all granted\n</Directory>"
HOST = st.tuples(
    st.sampled_from(ADDRESSES),
    st.sampled_from([False] * 6 + [True]),
    st.tuples(NAMED, ASKED, LEADING).map(
        lambda parts: "\n".join([GRANTED, *(line for part in parts for line in part)])
    ),
)
MAIN = st.tuples(
    st.sampled_from([[], ["ServerName a.example"]]), st.one_of(*[st.just([])] * 3, LOGIN.map(lambda one: [one]))
)


def written(hosts):
    for port, several in zip(PORTS, hosts, strict=True):
        for address, every, inside in several:
            yield f"<VirtualHost {address}:{'*' if every else port}>\n{inside}\n</VirtualHost>\n"


# --- one configuration, and what it answers -----------------------------------------------------------------


@pytest.fixture(scope="module")
def made():
    accounts = {path: f"operator:{kept}\n" for path, (_password, kept) in FILES.items()}
    with apache({**accounts, **{f"/srv/{folder}/index.html": "<title>page</title>" for folder in FOLDERS}}) as one:
        one.write("/etc/apache2/ports.conf", "".join(f"Listen {LISTENS.get(port, port)}\n" for port in PORTS))
        one.run("a2enmod", "-q", "rewrite")
        yield one


@pytest.fixture(scope="module")
def proved():
    """How often a login proved a password, over the whole run."""
    return Counter()


@examples(6)
@given(main=MAIN, hosts=st.lists(st.lists(HOST, min_size=1, max_size=3), min_size=len(PORTS), max_size=len(PORTS)))
def test_where_a_login_is_tried_a_good_password_is_never_refused(made, proved, main, hosts):
    made.write("/etc/apache2/conf-enabled/yy-main.conf", "\n".join([*main[0], *main[1], ""]))
    made.write(SITE, "".join(written(hosts)))
    before = generation(made)
    made.run("apache2ctl", "graceful")
    taken_over(made, before)
    found = apache_doors.of(made.read(APACHE))
    for path, (password, _kept) in FILES.items():
        doors = found.get(path, [])
        for door, (without, within) in zip(doors, made.tried(doors, f"operator:{password}"), strict=True):
            assert (without, within) != (401, 401), (door, made.text(SITE))
            proved["named" if door.site else "alone"] += without == 401 and within < 400


def test_some_were_proved_at_all(proved):
    assert proved["named"] and proved["alone"], proved

# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The real apache2: what a visitor gets before and after, and that no verdict is better than what visitors get."""

from __future__ import annotations

import pytest
from ansible_collections.iot_site.checklist.plugins.plugin_utils.model import Status, Unreadable

from tests.integration import apache_world
from tests.integration.apache_world import (
    APACHE,
    CASES,
    INTENT,
    ITEMS,
    LOGIN,
    SITE,
    apache,
    ask,
    changes,
    judged,
    loaded,
    site,
    statuses,
)
from tests.integration.panel_world import ALLOWED, PAGE, STRANGER

pytestmark = pytest.mark.skipif(bool(apache_world.unavailable()), reason=apache_world.unavailable())

PASSWORD = "operator:planted-secret"


def closed(made, *items):
    """Every item in turn, as a full run does it: planned, applied and read again."""
    for item in items or ITEMS:
        loaded(made, changes(made, item))
        assert changes(made, item) == [], f"{item}: a second run changes nothing"


def test_a_visitor_sees_names_before_and_the_label_and_a_login_after():
    with apache(CASES["exposed"]) as made:
        assert [ask(made, who)[0] for who in (ALLOWED, STRANGER)] == [200, 200]
        status, headers, page = ask(made, STRANGER, "/missing")
        assert "Debian" in headers["Server"] and "Debian" in page and status == 404

        loaded(made, changes(made, "A2"))
        assert [ask(made, who, "/admin", PASSWORD)[0] for who in (ALLOWED, STRANGER)] == [404, 403]
        assert [ask(made, who)[0] for who in (ALLOWED, STRANGER)] == [200, 403]
        loaded(made, changes(made, "A1"))
        assert [ask(made, who)[0] for who in (ALLOWED, STRANGER)] == [401, 403]
        assert [ask(made, who, "/", PASSWORD)[0] for who in (ALLOWED, STRANGER)] == [200, 403]
        loaded(made, changes(made, "B1"))

        status, headers, page = ask(made, ALLOWED)
        assert (status, headers["Server"]) == (401, "Apache") and "Debian" not in page
        assert headers["WWW-Authenticate"] == f'Basic realm="{INTENT.label}"'
        assert ask(made, ALLOWED, "/admin")[1]["WWW-Authenticate"] == f'Basic realm="{INTENT.label}"'
        assert set().union(*statuses(made).values()) == {Status.PASS}


@pytest.mark.parametrize("case", ["stock", "overridden", "htaccess", "other_port", "satisfy_any"])
def test_what_is_left_after_the_fix_is_only_what_a_person_must_do(case):
    with apache(CASES[case]) as made:
        before = statuses(made)
        closed(made)
        after = statuses(made)
        assert Status.GAP in before["A1.web"] and Status.GAP in before["A2.web"]
        by_hand = {"overridden": {"A1.web"}, "satisfy_any": {"A1.web", "A2.web", "B1.http_title"}}.get(case, set())
        assert {control for control, said in after.items() if Status.GAP in said} == by_hand
        assert ask(made, STRANGER)[0] in ((200, 401) if case == "satisfy_any" else (403,))


def test_what_is_left_names_the_owners_section_and_never_a_file_of_ours():
    """Our allowlist is merged last, and was named as the place where the owner should write."""
    with apache({SITE: site("<Location /open>\n AuthMerging Off\n Require all granted\n</Location>")}) as made:
        closed(made)
        (left,) = [one for one in judged(made) if one.status is Status.GAP]
        assert left.control == "A1.web" and f"<location /open> {SITE}:" in left.fix
        assert "zz-iot-site-checklist" not in left.why + left.fix


def test_a_configuration_that_was_broken_before_is_unknown_and_stays_untouched():
    with apache(CASES["broken"], start=False) as made, pytest.raises(Unreadable, match="NoSuchDirective"):
        APACHE.parse(made.read(APACHE))


def test_pages_in_a_chroot_are_not_looked_for_outside_of_it():
    with (
        apache({SITE: site(outside="ChrootDir /srv/panel")}, start=False) as made,
        pytest.raises(Unreadable, match="ChrootDir"),
    ):
        APACHE.parse(made.read(APACHE))


def test_a_file_that_was_edited_and_not_loaded_is_unknown_until_it_is():
    with apache(CASES["compliant"]) as made:
        assert statuses(made)["A1.web"] == {Status.PASS}
        made.run("sh", "-c", f"touch -d '-1 minute' /run/apache2/apache2.pid && touch {SITE}")
        made.run("sh", "-c", f"sleep 3; touch {SITE}")
        assert Status.UNKNOWN in statuses(made)["A1.web"]


#: What one virtual host says, and an address that a stranger without a password asks for: is it shown?
HOLES = {
    "a location": ("<Location /open>\n Require all granted\n</Location>", True),
    "a regular expression": ('<LocationMatch "^/op">\n Require all granted\n</LocationMatch>', True),
    "off without a Require": ("<Location /open>\n AuthType None\n AuthMerging Off\n</Location>", True),
    "or": ("<Location /open>\n AuthMerging Or\n Require all granted\n</Location>", True),
    "satisfy any": ("<Location /open>\n Satisfy Any\n</Location>", True),
    "a condition": ('<If "%{REQUEST_URI} =~ m#open#">\n Require all granted\n</If>', True),
    "a limit": ("<Location /open>\n <Limit POST>\n  Require valid-user\n </Limit>\n</Location>", True),
    "and": ("<Location /open>\n AuthMerging And\n Require all granted\n</Location>", False),
    "deeper": ("<Directory /srv/panel/open>\n Require all granted\n</Directory>", False),
    "files": ('<FilesMatch "html$">\n Require all granted\n</FilesMatch>', False),
    "another address": ("<Location /other>\n Require all denied\n</Location>", False),
    "a directory that says off": ("<Directory /srv/panel>\n AuthMerging Off\n</Directory>", False),
}


@pytest.mark.parametrize(("inside", "open_"), HOLES.values(), ids=HOLES)
def test_a_hole_in_the_login_is_no_pass_and_a_stranger_comes_through_it(inside, open_):
    login = f"<Location />\n {LOGIN}\n</Location>\n"
    with apache({SITE: site(login + inside), "/srv/panel/open/index.html": PAGE}) as made:
        shown = ask(made, STRANGER, "/open/")[0] == 200
        assert shown == open_, "no hole, so this proves nothing"
        assert (statuses(made)["A1.web"] == {Status.PASS}) == (not open_)

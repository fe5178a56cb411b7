# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files against the moment in which a service read them. Outputs: GNU stat and find 9.1/4.9, C locale, as nobody."""

from __future__ import annotations

import pytest
from ansible_collections.iot_site.checklist.plugins.plugin_utils.raw import Output
from ansible_collections.iot_site.checklist.plugins.plugin_utils.surfaces.taken_over import younger

START = 1_800_000_000.0


@pytest.mark.parametrize(
    ("said", "paths"),
    [
        ("1799999999 /etc/a.conf\n1800000002 /etc/b.conf\n", []),
        ("1800000003 /etc/a.conf\n1800000009.5 /etc/b b.conf\n", ["/etc/a.conf", "/etc/b b.conf"]),
        ("1799999999 /etc/a.conf\nstat: /etc/gone: No such file or directory\n", []),
        ("1799999999 /etc/a.conf\nstat: /etc/x/y: Permission denied\n", ["/etc/x/y"]),
        ("1799999999 /etc/a.conf\nstat: /etc/x: Permission denied (as nobody)\n", ["/etc/x"]),
        ("1799999999 /etc/a.conf\nfind: \u2018/etc/x\u2019: Permission denied\n", ["/etc/x"]),
        ("find: '/etc/x: y': Input/output error\n", ["/etc/x: y"]),
    ],
)
def test_what_was_changed_since_or_could_not_be_looked_at_counts(said, paths):
    assert younger({"any": Output(said.encode(), rc=1)}, START) == paths


def test_without_a_known_start_only_what_could_not_be_looked_at_counts():
    said = b"1800000009 /etc/a.conf\nstat: /etc/x: Permission denied\n"
    assert younger({"any": Output(said, rc=1)}, 0.0) == ["/etc/x"]


@pytest.mark.parametrize(
    ("out", "counts"),
    [
        (Output(error="no end after 20 seconds"), True),
        (Output(b"1799999999 /etc/a.conf\n", truncated=True), True),
        (Output(error="missing"), False),
    ],
)
def test_an_answer_that_did_not_come_whole_counts_too(out, counts):
    assert younger({"find -L /etc/apache2": out}, START) == (["find -L /etc/apache2"] if counts else [])

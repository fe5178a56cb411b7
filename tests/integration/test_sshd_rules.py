# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever a sshd is told: where we say pass, the real one lets nobody in for nothing, and no stranger at all.

The judge is sshd itself: it tells for each visitor what applies to him (``sshd -T -C``), and some visitors really try.
Then what was planned is applied, and everything is asked again.
"""

from __future__ import annotations

import fnmatch
import ipaddress
import itertools
import json
import shutil
import sys
from collections import Counter
from dataclasses import replace

import pytest
from ansible_collections.iot_site.checklist.plugins.plugin_utils.model import Status, Unreadable
from ansible_collections.iot_site.checklist.plugins.plugin_utils.surfaces.sshd import Sshd
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.integration import panel_world
from tests.integration.panel_world import ALLOWED, PANEL, STRANGER, panel
from tests.integration.properties import examples

_WHY = panel_world.unavailable() or ("" if shutil.which("sshpass") else "sshpass is not installed")
pytestmark = pytest.mark.skipif(bool(_WHY), reason=_WHY)

SSHD = Sshd()
INTENT = replace(panel_world.INTENT, allow4=("203.0.113.8/30",))
MAIN, FOLDER = "/etc/ssh/sshd_config", "/etc/ssh/sshd_config.d"
SECRET = "planted-secret"
USERS, PORTS = ("root", "ops", "guest", "nobody"), (22, 2222)
STRANGERS = (STRANGER, "198.51.100.7", "2001:db8:2::1")
SOURCES = (ALLOWED, "2001:db8:1::10", *STRANGERS)
#: Who really tries, and with which password; guest has none.
TRIES = (("root", SECRET), ("ops", SECRET), ("ops", ""), ("guest", ""))

# --- a grammar of what an owner may write -------------------------------------------------------------------

#: How a line can be written, as sshd understands it.
FORMS = st.sampled_from([
    *["{0} {1}"] * 6,
    "\t{0}={1}", "  {0} = {1}", '{0} "{1}"', '"{0}" {1}', '"{0}"{1}', "{0}\t{1}  # {0} no", '{0}="{1}"',
])  # fmt: skip


def whole(parts):
    return [one for part in parts for one in part]


def line(key, *values):
    cases = st.sampled_from([key, key, key, key.lower(), key.upper()])
    return st.builds(lambda form, word, value: form.format(word, value), FORMS, cases, st.sampled_from(values))


GOOD = st.one_of(
    line("PermitRootLogin", "no", "no", "prohibit-password", "without-password"),
    line("PermitEmptyPasswords", "no"), line("PasswordAuthentication", "no", "yes"),
    line("AuthenticationMethods", "any", "publickey"), line("X11Forwarding", "no"), line("MaxAuthTries", "4"),
    line("PubkeyAuthentication", "yes"),
)  # fmt: skip
ANY = st.one_of(
    GOOD, GOOD,
    line("PermitRootLogin", "yes", "forced-commands-only", "YES"), line("PermitEmptyPasswords", "yes"),
    line("PasswordAuthentication", "no", "yes"), line("KbdInteractiveAuthentication", "yes", "no"),
    line("ChallengeResponseAuthentication", "yes"),
    line("HostbasedAuthentication", "yes", "no"),
    st.sampled_from(["none", "any", "password", "publickey,password publickey", "publickey password", "publickey",
                     "keyboard-interactive:pam", "publickey,keyboard-interactive"]).map(
        lambda value: f"AuthenticationMethods {value}"
    ),
)  # fmt: skip
SOME = st.one_of(st.lists(GOOD, max_size=3), st.lists(GOOD, max_size=4), st.lists(ANY, max_size=3))

LIST = st.lists(st.sampled_from([
    "ops@203.0.113.8/30", "root@203.0.113.10", "ops@2001:db8:1::10", "*@203.0.113.9", "guest@203.0.113.8/31",
    "o?s@203.0.113.8/30", "*@127.0.0.0/8", "nobody@::1",
]), min_size=1, max_size=3, unique=True)  # fmt: skip
WIDER = st.lists(st.sampled_from([
    "ops", "*", "ops@*", "ops@203.0.113.*", "ops@203.0.113.0/24", "guest@!203.0.113.10,*", "root@0.0.0.0/0",
    "ops@203.0.113.66", "ops@203.0.113.10,203.0.113.66", "ops@panel.example", "ops@::/0", "!root",
]), max_size=2)  # fmt: skip
WHO = st.tuples(LIST, st.one_of(st.just([]), st.just([]), st.just([]), WIDER)).map(lambda both: " ".join(whole(both)))
ALLOW = st.one_of(
    WHO.map(lambda who: [f"AllowUsers {who}"]),
    WHO.map(lambda who: [f"AllowUsers {who}"]),
    st.just([]),
    st.tuples(WHO, WHO).map(lambda both: [f"AllowUsers {who}" for who in both]),
    st.just(["DenyUsers *@203.0.113.66"]),
    st.just(["AllowGroups root people"]),
)

HEADS = st.sampled_from([
    "Match Address 203.0.113.0/24", "Match Address 203.0.113.66", "Match User guest", "Match User ops,root",
    "Match Group people", "Match LocalPort 2222", "Match User root Address 203.0.113.0/24", "match user=guest",
    "Match Address !203.0.113.66,*", "Match User *", 'Match User "ops"', "Match all", "Match LocalAddress 203.0.113.1",
    "Match Host 203.0.113.66", "MATCH All", "Match all # everybody", '"Match" User guest', "Match=User guest",
])  # fmt: skip
BLOCK = st.builds(
    lambda head, says, allow: [head, *says, *allow], HEADS, st.one_of(SOME, st.lists(ANY, min_size=1, max_size=2)),
    st.one_of(*[st.just([])] * 4, ALLOW, st.just(['"AllowUsers" ops guest'])),
)  # fmt: skip
BLOCKS = st.lists(BLOCK, max_size=2).map(whole)
DROP_IN = st.tuples(SOME, st.one_of(st.just([]), ALLOW), st.one_of(st.just([]), BLOCKS)).map(whole)
INCLUDES = st.sampled_from([
    *[["Include /etc/ssh/sshd_config.d/*.conf"]] * 4, [], ["Include sshd_config.d/*.conf"],
    ['Include "/etc/ssh/sshd_config.d/*.conf"'], ["Include /etc/ssh/sshd_config.d/60-b.conf"],
    ["include=sshd_config.d/5*.conf"],
    ["Include /etc/ssh/sshd_config.d/60-b.conf /etc/ssh/sshd_config.d/50-a.conf"], ['"Include" sshd_config.d/*.conf'],
    ["Include /etc/ssh/more.conf"],
])  # fmt: skip
#: The last has a line that includes from within a Match block.
WHERE = st.sampled_from(["first", "first", "middle", "matched"])
LISTENS = st.sampled_from([
    *[["Port 22", "Port 2222"]] * 4, [f"ListenAddress {PANEL}:22", f"ListenAddress {PANEL}:2222"],
    ["Port 22", "Port 2222", "ListenAddress 0.0.0.0", "ListenAddress ::"], ["ListenAddress 127.0.0.1"],
])  # fmt: skip


@st.composite
def configurations(draw):
    """``{path: text}`` of a main file and what it includes."""
    include, where = draw(INCLUDES), draw(WHERE)
    parts = {
        "first": [include, draw(LISTENS), draw(SOME), draw(ALLOW), draw(BLOCKS)],
        "middle": [draw(LISTENS), draw(SOME), include, draw(ALLOW), draw(BLOCKS)],
        "matched": [draw(LISTENS), draw(SOME), draw(ALLOW), [draw(HEADS)], include, draw(BLOCKS)],
    }[where]
    files = {MAIN: parts, f"{FOLDER}/50-a.conf": [draw(DROP_IN)], f"{FOLDER}/60-b.conf": [draw(DROP_IN)],
             "/etc/ssh/more.conf": [draw(DROP_IN)]}  # fmt: skip
    return {path: "".join(f"{one}\n" for part in each for one in part) for path, each in files.items()}


# --- what sshd says, and whom it lets in --------------------------------------------------------------------

_APPLIES = """
import json, subprocess, sys
from concurrent.futures import ThreadPoolExecutor
asked = json.load(sys.stdin)

def applies(visitor):
    user, source, port = visitor
    who = f"user={user},host={source},addr={source},laddr={asked['panel']},lport={port}"
    done = subprocess.run(["/usr/sbin/sshd", "-T", "-C", who], capture_output=True, text=True)
    return [visitor, done.stdout if not done.returncode else ""]

def comes_in(attempt):
    source, (user, password) = attempt
    options = ["-F", "/dev/null", "-o", "UserKnownHostsFile=/dev/null", "-o", "StrictHostKeyChecking=no", "-o",
               "PubkeyAuthentication=no", "-o", "NumberOfPasswordPrompts=1", "-o",
               "PreferredAuthentications=none,password,keyboard-interactive", "-o", "LogLevel=ERROR"]
    done = subprocess.run(["sshpass", "-p", password, "ssh", *options, "-b", source, f"{user}@{asked['panel']}",
                           "echo let-in"], capture_output=True, text=True, stdin=subprocess.DEVNULL)
    return [source, user, password, "let-in" in done.stdout]

with ThreadPoolExecutor(4) as pool:
    print(json.dumps([list(pool.map(applies, asked["visitors"])), list(pool.map(comes_in, asked["attempts"]))]))
"""

_END = """
if test -e /run/sshd.pid; then
    pid=$(cat /run/sshd.pid)
    kill $pid
    while grep -qs ') [^Z] ' /proc/$pid/stat; do sleep 0.01; done
fi
rm -f /run/sshd.pid /etc/ssh/sshd_config.d/*
"""


def configured(made, files):
    """Whether sshd runs with these files, which it may refuse."""
    made.run("sh", "-c", _END)
    for path, text in files.items():
        made.write(path, text)
    if made.run("sh", "-c", "sshd -t >/run/said 2>&1 || cat /run/said"):
        return False
    made.run("sh", "-c", "/usr/sbin/sshd; until test -s /run/sshd.pid; do sleep 0.01; done")
    return True


def asked(made):
    """What applies to every visitor, and who of those who try comes in."""
    visitors = list(itertools.product(USERS, SOURCES, PORTS))
    attempts = list(itertools.product((ALLOWED, STRANGER), TRIES))
    question = {"panel": PANEL, "visitors": visitors, "attempts": attempts}
    told, tried = json.loads(made.run(sys.executable, "-c", _APPLIES, stdin=json.dumps(question)))
    # where two Match blocks contradict each other, sshd says nothing and turns the visitor away
    return [(tuple(visitor), settings_of(text)) for visitor, text in told if text], [one[:3] for one in tried if one[3]]


def settings_of(text):
    found = {}
    for each in text.splitlines():
        key, _space, value = each.partition(" ")
        found.setdefault(key, []).append(value)
    return found


def for_nothing(visitor, applies):
    """Why this visitor may come in without a proof of his own; "" if he may not."""
    methods = " ".join(applies.get("authenticationmethods", ["any"])).split()
    by_password = any(
        one == "any" or all(each.partition(":")[0] in ("password", "keyboard-interactive") for each in one.split(","))
        for one in methods
    )
    asks = "yes" in (*applies["passwordauthentication"], *applies["kbdinteractiveauthentication"])
    if applies["permitemptypasswords"] == ["yes"]:
        return "an empty password"
    if "none" in methods:
        return "no method"
    if applies["hostbasedauthentication"] == ["yes"]:
        return "a machine's word"
    return "root" if visitor[0] == "root" and applies["permitrootlogin"] == ["yes"] and by_password and asks else ""


def allowed(visitor, applies):
    """sshd_config(5) on AllowUsers."""
    user, source, _port = visitor
    entries = [one.rpartition("@") for value in applies.get("allowusers", []) for one in value.split()]
    return not entries or any(
        fnmatch.fnmatchcase(user, name if sign else where) and (not sign or comes_from(source, where))
        for name, sign, where in entries
    )


def comes_from(source, patterns):
    found = False
    for one in patterns.split(","):
        if fits(source, one.removeprefix("!")):
            if one.startswith("!"):
                return False
            found = True
    return found


def fits(source, pattern):
    try:
        return ipaddress.ip_address(source) in ipaddress.ip_network(pattern)
    except ValueError:
        return fnmatch.fnmatchcase(source, pattern)


# --- the rule -----------------------------------------------------------------------------------------------


def held(made, files, passes):
    """No verdict is better than what sshd does. Returns what is planned."""
    try:
        judgements = list(SSHD.judge(SSHD.parse(made.read(SSHD)), INTENT))
    except Unreadable:  # sshd -T tells nothing where a Match block asks for the local port
        return []
    told, came_in = asked(made)
    for control in ("A1.ssh", "A2.service"):
        said = {one.status for one in judgements if one.control == control}
        passes[control] += said == {Status.PASS}
        if said == {Status.PASS}:
            strangers = [one for one in told if one[0][1] in STRANGERS]
            wrong = {
                "A1.ssh": [(visitor, why) for visitor, applies in told if (why := for_nothing(visitor, applies))],
                "A2.service": [visitor for visitor, applies in strangers if allowed(visitor, applies)],
            }[control]
            assert not wrong, (control, wrong, files)
        if said <= {Status.PASS, Status.NOT_APPLICABLE}:
            wrong = [
                one
                for one in came_in
                if (one[0] == STRANGER if control == "A2.service" else one[1:] != ["ops", SECRET])
            ]
            assert not wrong, (control, wrong, files)
    passes["somebody came in"] += bool(came_in)
    return [change for one in judgements if one.control == "A1.ssh" for change in one.changes]


@pytest.fixture(scope="module")
def made():
    encrypted = "$6$doc$GBqDS2EhhEaILjV4zr130X1Sd4FeA9j0pUiqGnwiKZ0E64Ap6gmJQweRW4e/YeR.OXzOFHBUd7axF6HgflemW1"
    people = {"root": encrypted, "ops": encrypted, "guest": "", "nobody": "*", "sshd": "*"}
    numbers = {name: number for number, name in enumerate(people)}
    files = {
        "etc/passwd": "".join(f"{name}:x:{number}:{number}::/:/bin/sh\n" for name, number in numbers.items()),
        "etc/shadow": "".join(f"{name}:{word}:20000:0:99999:7:::\n" for name, word in people.items()),
        "etc/group": "".join(f"{name}:x:{number}:\n" for name, number in numbers.items()) + "people:x:99:ops,guest\n",
        "etc/pam.d/sshd": "auth required pam_unix.so nullok nodelay\naccount required pam_permit.so\n"
                          "session required pam_permit.so\n",
        "etc/ssh/banner": "",
    }  # fmt: skip
    with panel(files) as one:
        one.run("chmod", "600", "/etc/shadow")
        yield one


@pytest.fixture(scope="module")
def passes():
    """How often what passed, over the whole run."""
    return Counter()


def site(*lines, folder=(), more=()):
    text = {MAIN: ("Port 22", "PermitRootLogin no", "AllowUsers ops@203.0.113.10", *lines),
            f"{FOLDER}/50-a.conf": folder, "/etc/ssh/more.conf": more}  # fmt: skip
    return {path: "".join(f"{one}\n" for one in each) for path, each in text.items()}


EMPTY = "PermitEmptyPasswords yes"

#: Each was a pass once, while sshd let guest in with no password.
HIDDEN = {
    "a keyword in quotes": site("Match User guest", '"PermitEmptyPasswords" yes', '"AllowUsers" guest'),
    "quotes without a space": site("Match User guest", '"PermitEmptyPasswords"yes', '"AllowUsers"guest'),
    "quotes within": site("Match User guest", 'Permit"EmptyPasswords" yes', 'Allow"Users" guest'),
    "a Match in quotes": site('"Match" User guest', EMPTY, "AllowUsers guest"),
    "an Include in quotes": site("Match User guest", '"Include" /etc/ssh/more.conf', more=(EMPTY, "AllowUsers guest")),
    "Match all within a Match": site("Match User guest", f"Include {FOLDER}/*.conf",
                                     folder=("Match all", EMPTY, "AllowUsers guest")),
}  # fmt: skip


@pytest.mark.parametrize("files", HIDDEN.values(), ids=HIDDEN)
def test_no_manner_of_writing_hides_what_a_match_block_opens(made, files):
    assert configured(made, files)
    _told, came_in = asked(made)
    assert [STRANGER, "guest", ""] in came_in
    judgements = list(SSHD.judge(SSHD.parse(made.read(SSHD)), INTENT))
    for control in ("A1.ssh", "A2.service"):
        assert {one.status for one in judgements if one.control == control} != {Status.PASS}, control


@examples(6)
@given(files=configurations())
def test_where_we_say_pass_nobody_comes_in_for_nothing_and_no_stranger_at_all(made, passes, files):
    assume(configured(made, files))
    planned = held(made, files, passes)
    if planned:
        made.apply(planned)
        assert not held(made, files, passes), "what was planned is done with"


def test_some_passed_at_all_and_somebody_came_in(passes):
    assert passes["A1.ssh"] and passes["A2.service"] and passes["somebody came in"], passes

# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever an snmpd is told: where we say pass, the real one answers nobody who proves nothing.

Each example is one configuration with many communities and accounts, so that one start of the agent answers for all of
them. Then it is changed as planned, by the module that runs on devices, and everything is asked again. The agent is
silent when it refuses: a request that it surely answers comes last, and what was not answered before that is refused.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections import Counter
from dataclasses import replace

import pytest
from ansible_collections.iot_site.checklist.plugins.plugin_utils.model import Absent, Consent, Status, Unreadable
from ansible_collections.iot_site.checklist.plugins.plugin_utils.surfaces.snmpd import Snmpd
from hypothesis import given
from hypothesis import strategies as st

from tests.integration import panel_world
from tests.integration.panel_world import ALLOWED, PANEL, STRANGER, panel
from tests.integration.properties import examples

LACKING = "" if shutil.which("snmpd", path="/usr/sbin") else "not installed: snmpd (apt-get install snmpd)"
UNAVAILABLE = panel_world.unavailable() or LACKING
pytestmark = pytest.mark.skipif(bool(UNAVAILABLE), reason=UNAVAILABLE)

SNMPD = Snmpd()
INTENT = replace(panel_world.INTENT, consent=frozenset({Consent.ANONYMOUS_CLIENTS}))
WAYS = 10  # to come in, in each configuration
MAIN, FOLDER = "/etc/snmp/snmpd.conf", "/etc/snmp/snmpd.conf.d"
PANEL6, ALLOWED6, STRANGER6 = "2001:db8::1", "2001:db8:1::10", "2001:db8:2::1"
FAR, FAR6 = "198.51.100.7", "3fff::1"  # in no source but in everywhere
STRANGERS = {STRANGER, STRANGER6, FAR, FAR6}
KNOWN = ("public", "private", "Public", "PRIVATE")
WORDS = ("hirosaki", "弘前")

# --- a grammar of what an owner may write -------------------------------------------------------------------
# {0} stands for the number of the way: its community is c{0}, its account u{0}.

NAME = st.sampled_from([*["c{0}"] * 7, "public", "public", "private", "Public", '"public"', "'c{0}'", '"c{0}"'])
SOURCE = st.sampled_from([
    *["203.0.113.8/30", "203.0.113.12", "203.0.113.10", "127.0.0.1", "localhost", "127.0.0.0/8"] * 2, "default",
    "0.0.0.0/0", "0/0", "128.0.0.0/1", "0.0.0.0/1", "203.0.113.0/24", "203.0.113.66",
    "poller", "198.51.100", "203.0.113.8/255.255.255.252", "203.0.113.0/255.255.255.0", "!203.0.113.66", "poller/32",
    "10.0.0.0/8", "203.0.113.64/26", "3405803842", "0313.0.0161.0102", "203.0.113.8/29", "0.0.0.0", "0.0.0.0/255.0.0.0",
    "0.0.0.0/0.0.0.0", "128.0.0.0/128.0.0.0", "localhost/8",
])  # fmt: skip
SOURCE6 = st.sampled_from([
    *["2001:db8:1::10", "2001:db8:1::10/128", "::1"] * 2, "default", "::/0", "2001:db8::/32", "2001:db8:2::1", "::",
    "8000::/1", "0::/1", "2001:db8:1::10/127", "2001:db8:1::/64", "localhost",
])  # fmt: skip
WHAT = st.sampled_from([
    *[""] * 6, ".1", ".1.3.6.1.2.1.1", ".1.3.6.1.2.1.1.5.0", "-V systemonly", "-V systemonly", "-V nosystem",
    "-V place", "-V nothing", "-V unknown", "-V all", ".1.3.6.1.2.1.25.1", "-V hashed", "-V exclude",
])  # fmt: skip
VIEWS = """\
view systemonly included .1.3.6.1.2.1.1
view systemonly included .1.3.6.1.2.1.25.1
view all included .1
view nosystem included .1
view nosystem excluded .1.3.6.1.2.1.1
view place included .1.3.6.1.2.1.1.6
view nothing excluded .1
view hashed included .1.3.6.1.2.1.1 fe
view exclude excluded .1.3.6.1.2.1.1
view exclude included .1.3.6.1.2.1.1.5
"""
WORD = st.sampled_from(
    [*["rocommunity"] * 4, "rwcommunity", "ROCommunity", "authcommunity read", "authcommunity read,write"]
)
PREFIX = st.sampled_from([*[""] * 8, "[snmpd] ", "  ", "\t"])


def built(form, **parts):
    return st.builds(lambda **each: [form.format(**each).rstrip()], **parts)


COMMUNITY = st.one_of(
    *[built("{prefix}{word} {name} {source} {what}", prefix=PREFIX, word=WORD, name=NAME, source=SOURCE, what=WHAT)]
    * 4,
    built("{word} {name}", word=WORD, name=NAME),
    built("{word}6 {name}", word=st.sampled_from(["rocommunity", "rwcommunity"]), name=NAME),
    *[built("rocommunity6 {name} {source} {what}", name=NAME, source=SOURCE6, what=WHAT)] * 2,
)
MODEL = st.sampled_from(["v1", "v2c", "v2c", "usm"])
VIEW = st.sampled_from(["all", "all", "systemonly", "none", "place", "nothing"])
GROUP = st.builds(
    lambda com2sec, source, name, model, asked, level, match, view: [
        f"{com2sec} s{{0}} {source} {name}", f"group g{{0}} {model} s{{0}}",
        f'access g{{0}} "" {asked} {level} {match} {view} none none',
    ],
    st.sampled_from(["com2sec", "com2sec", "com2sec -Cn more"]), SOURCE, NAME, MODEL,
    st.sampled_from(["any", "any", "v1", "v2c", "usm"]), st.sampled_from(["noauth", "noauth", "auth", "priv"]),
    st.sampled_from(["exact", "prefix"]), VIEW,
)  # fmt: skip
GROUP6 = GROUP.flatmap(
    lambda lines: SOURCE6.map(
        lambda source: [f"com2sec6 s{{0}} {source} {lines[0].split()[-1]}", *lines[1:]],
    )
)
CREATED = st.sampled_from(["createUser u{0}", "createUser u{0} MD5 planted-secret",
                           "createUser u{0} SHA planted-secret AES planted-secret"])  # fmt: skip
LEVEL = st.sampled_from(["noauth", "noauth", "noAuthNoPriv", "auth", "auth", "priv", "authPriv", ""])
USER = st.builds(
    lambda created, word, level, what: [created, f"{word} u{{0}} {level} {what if level else ''}".rstrip()],
    CREATED,
    st.sampled_from([*["rouser"] * 4, "rwuser", "rouser -s usm", "authuser read", "authuser read,write -s usm"]),
    LEVEL,
    WHAT,
)
MEMBER = st.builds(
    lambda created, model, asked, level, view: [
        created, f"group g{{0}} {model} u{{0}}", f'access g{{0}} "" {asked} {level} exact {view} none none',
    ],
    CREATED, st.sampled_from(["usm", "v2c"]), st.sampled_from(["any", "usm"]),
    st.sampled_from(["noauth", "auth", "auth", "priv"]), VIEW,
)  # fmt: skip
WAY = st.one_of(*[COMMUNITY] * 6, GROUP, GROUP, GROUP6, USER, USER, MEMBER, st.just([]))
PLACES = ("before", "10-site.conf", "a.conf", "after")
NAMES = st.lists(
    st.sampled_from([
        "sysName hirosaki-panel", "sysName K-7Q2MXA", "sysLocation 弘前市", "sysLocation K-7Q2MXA", "sysLocation -",
        "sysContact hirosaki", "sysContact K-7Q2MXA", "sysDescr K-7Q2MXA", "sysDescr K-7Q2MXA", "SysDescr hirosaki",
        "extend hirosaki /bin/true", "extend check /bin/true", "proc hirosakid", "proc cron",
        "[snmpd] syslocation hirosaki", "syslocation \"hirosaki\"", "extend -cacheTime 60 hirosaki /bin/true",
        "extend .1.3.6.1.4.1.8072.9999.1 hirosaki /bin/true", "psyslocation hirosaki", "sysName hirosaki # K-7Q2MXA",
    ]),
    max_size=5,
)  # fmt: skip
KEPT = st.sampled_from([*[""] * 5, "psyslocation hirosaki\n", "psysname hirosaki\n"])
LISTENS = st.sampled_from([
    *["udp:161,udp6:161"] * 6, "161", "udp:161,udp6:[::]:161", f"udp:{PANEL}:161", f"{PANEL},udp6:[{PANEL6}]:161",
    "udp6:161", "127.0.0.1", "127.0.0.1,[::1]", "udp:1161,udp6:161", f"127.0.0.1:161,{PANEL}:1161", "",
])  # fmt: skip
PLACED = st.lists(st.tuples(st.sampled_from(PLACES), WAY), min_size=WAYS, max_size=WAYS)
#: So that not everything is known in every example.
SECRET = st.sampled_from([True, True, False])


def written(listens, ways, names, secret):
    """``({path: text}, {line: its way})``; a line is ``path:number``."""
    said = {place: [] for place in PLACES}
    owner = {place: [] for place in PLACES}
    for number, (place, lines) in enumerate(ways):
        for line in lines:
            line = line.format(number)
            for known in KNOWN if secret else ():
                line = line.replace(known, f"c{number}")
            said[place].append(line)
            owner[place].append(number)
    said["a.conf"] += names
    before = [f"agentaddress {listens}"] if listens else []
    head = [*before, *VIEWS.splitlines(), *said.pop("before"), f"includeDir {FOLDER}"]
    main = [*head, *said.pop("after"), "rocommunity inside 127.0.0.1", "rocommunity6 inside ::1"]
    files = {MAIN: main, **{f"{FOLDER}/{name}": lines for name, lines in said.items()}}
    first = {"before": len(before) + len(VIEWS.splitlines()), "after": len(head)}
    whose = {
        f"{MAIN if place in first else f'{FOLDER}/{place}'}:{first.get(place, 0) + at}": number
        for place, numbers in owner.items()
        for at, number in enumerate(numbers, 1)
    }
    return {path: "".join(f"{line}\n" for line in lines) for path, lines in files.items()}, whose


# --- one configuration, and what it answers -----------------------------------------------------------------

_ASK = """
import json, socket, sys

SYSTEM, FIRST = (1, 3, 6, 1, 2, 1, 1), (1, 3)
MORE = (1, 3, 6, 1, 4, 1, 2021, 2), (1, 3, 6, 1, 4, 1, 8072)
NEXT, BULK, SEQUENCE, TEXT = 0xa1, 0xa5, 0x30, 4

def tlv(tag, *parts):
    body = b"".join(parts)
    size = len(body).to_bytes((len(body).bit_length() + 7) // 8 or 1, "big")
    return bytes([tag]) + (size if len(body) < 128 else bytes([128 | len(size)]) + size) + body

def number(value):
    return tlv(2, value.to_bytes(value.bit_length() // 8 + 1, "big"))

def oid(parts):
    def digits(one):
        return (digits(one >> 7)[:-1] + bytes([one >> 7 & 127 | 128]) if one > 127 else b"") + bytes([one & 127])
    return tlv(6, bytes([parts[0] * 40 + parts[1]]), *map(digits, parts[2:]))

def pdu(tag, asked, base):
    many = number(0) + number(20 if tag == BULK else 0)
    return tlv(tag, number(asked), many, tlv(SEQUENCE, tlv(SEQUENCE, oid(base), tlv(5))))

def of_community(version, community, *what):
    return tlv(SEQUENCE, number(version), tlv(TEXT, community.encode()), pdu(*what))

def of_account(engine, user, tag, asked, base):
    header = tlv(SEQUENCE, number(asked), number(65507), tlv(TEXT, bytes([4])), number(3))
    security = tlv(SEQUENCE, tlv(TEXT, engine), number(0), number(0), tlv(TEXT, user.encode()), tlv(TEXT), tlv(TEXT))
    scoped = tlv(SEQUENCE, tlv(TEXT, engine), tlv(TEXT), pdu(tag, asked, base))
    return tlv(SEQUENCE, number(3), header, tlv(TEXT, security), scoped)

def parts(data):
    while data:
        size, at = data[1], 2
        if size > 127:
            at += size & 127
            size = int.from_bytes(data[2:at], "big")
        yield data[0], data[at:at + size]
        data = data[at + size:]

def answer(data):
    # (request, what is told: texts and names of rows); an error, a report and what is not there tell nothing
    message = [*parts(next(parts(data))[1])]
    kind, told = message[2] if message[0][1] < b"\3" else [*parts(message[3][1])][2]
    asked, failed, _at, values = [body for _tag, body in parts(told)]
    said = [] if kind != 0xa2 or any(failed) else [[*parts(one)] for _tag, one in parts(values)]
    return int.from_bytes(asked, "big"), [
        text.decode("utf-8", "replace") for (_oid, name), (tag, value) in said if tag < 0x80 for text in (name, value)
    ]

class Peer:
    # not connected: over IPv6 the agent answers from whatever address of its own
    def __init__(self, server, port, source):
        self.line = socket.socket(socket.AF_INET6 if ":" in server else socket.AF_INET, socket.SOCK_DGRAM)
        self.line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        self.line.bind((source, 0))
        self.line.settimeout(30)
        self.agent = (server, port)

    def send(self, message):
        self.line.sendto(message, self.agent)

    def receive(self):
        return self.line.recv(65536)

def listens(server, port):
    loopback = ("0100007F", "0" * 24 + "01000000")
    with open("/proc/net/udp6" if ":" in server else "/proc/net/udp") as table:
        sockets = [line.split()[1].split(":") for line in table.readlines()[1:]]
    return any(int(at, 16) == port and address not in loopback for address, at in sockets)

def requests(source, what, engine):
    asked = 1000
    for who, kinds in what.items():
        for name in kinds:
            some = [(0, NEXT, FIRST), (1, NEXT, FIRST), (1, BULK, SYSTEM), *((1, BULK, base) for base in MORE)]
            for version, tag, base in some if who == "communities" else [one for one in some if one[0]]:
                asked += 1
                message = of_community(version, name, tag, asked, base) if who == "communities" else (
                    of_account(engine, name, tag, asked, base))
                yield asked, name, message

def heard(server, port, sources, inside, what):
    if not listens(server, port):
        return
    last = Peer(server, port, inside)
    last.send(of_account(b"", "", NEXT, 1, FIRST))
    report = [body for _tag, body in parts(next(parts(last.receive()))[1])]
    engine = next(parts(next(parts(report[2]))[1]))[1]
    for source in sources:
        peer, whose = Peer(server, port, source), {}
        for asked, name, message in requests(source, what, engine):
            whose[asked] = name
            peer.send(message)
            if not asked % 20:
                settled(last)
        settled(last)
        peer.line.setblocking(False)
        yield from gathered(peer, source, port, whose)

def settled(last):
    last.send(of_community(1, "inside", NEXT, 2, FIRST))
    while answer(last.receive())[0] != 2:
        pass

def gathered(peer, source, port, whose):
    while True:
        try:
            asked, texts = answer(peer.receive())
        except BlockingIOError:
            return
        if texts:
            yield port, source, whose.get(asked), texts

what = json.load(sys.stdin)
print(json.dumps([
    one for port in what.pop("ports") for server, inside, sources in what["ways"]
    for one in heard(server, port, sources, inside, what["names"])
]))
"""

#: As a device without systemd starts it again; it serves when its log says so, and a lack of that is an error.
_SERVICE = """#!/bin/sh
pkill -f '^snmpd -Lf'; while pgrep -f '^snmpd -Lf' >/dev/null; do sleep 0.01; done
test "$1" = stop && exit
rm -f /run/snmpd.log
snmpd -Lf /run/snmpd.log -I -smux,mteTrigger,mteTriggerConf || exit
until grep -q '^NET-SNMP version' /run/snmpd.log; do pgrep -f '^snmpd -Lf' >/dev/null || exit; sleep 0.01; done
"""


def answered(made):
    """``{(source, community or account): texts}``"""
    ways = [(PANEL, "127.0.0.1", (ALLOWED, STRANGER, FAR)), (PANEL6, "::1", (ALLOWED6, STRANGER6, FAR6))]
    communities = [*KNOWN, *(f"c{number}" for number in range(WAYS))]
    names = {"communities": communities, "accounts": [f"u{number}" for number in range(WAYS)]}
    found = {}
    asked = json.dumps({"ports": (161, 1161), "ways": ways, "names": names})
    for _port, source, name, texts in json.loads(made.run(sys.executable, "-c", _ASK, stdin=asked)):
        found.setdefault((source, name), []).extend(texts)
    return found


def configured(made, files, kept):
    made.run("sh", "-c", f"/etc/init.d/snmpd stop; rm -rf {FOLDER} /var/lib/snmp/*; mkdir {FOLDER}")
    made.run("sh", "-c", "cat >/var/lib/snmp/snmpd.conf", stdin=kept)
    for path, text in files.items():
        made.write(path, text)
    made.run("/etc/init.d/snmpd", "start", check=False)


def judged(state, grants=None):
    found = {}
    for one in SNMPD.judge(state if grants is None else {**state, "grants": grants}, INTENT):
        found.setdefault(one.control, set()).add(one.status)
    return found


def held(state, answers, whose, context, seen_so_far):
    """Way by way; what everybody knows, together."""
    known = {who for who in KNOWN if any(name == who for _source, name in answers)}
    groups = [(f"c{number}", f"u{number}") for number in range(WAYS)]
    for number, names in enumerate(groups):
        grants = [one for one in state["grants"] if whose.get(f"{one['file']}:{one['number']}") == number]
        told(state, grants, {at: said for at, said in answers.items() if at[1] in names}, context, seen_so_far)
    grants = [one for one in state["grants"] if one["known"]]
    told(state, grants, {at: said for at, said in answers.items() if at[1] in known}, context, seen_so_far)

    read = [text for (_source, name), texts in answers.items() if name[0] != "c" for text in texts]
    said = judged(state)
    if any(word in text for text in read for word in WORDS):
        seen_so_far["words"] += 1
        assert Status.GAP in said["B1.snmp_names"], (context, read)
    elif Status.GAP not in said["B1.snmp_names"]:
        seen_so_far["no words"] += 1
    if said["B1.snmp_names"] == {Status.PASS}:
        seen_so_far["B1 passes"] += 1
        assert not read, (context, read)


def told(state, grants, answers, context, seen_so_far):
    about = (grants, sorted(answers), context)
    said = judged(state, grants)
    seen_so_far["answered" if answers else "silent"] += 1
    if said["A1.snmp"] == {Status.PASS}:
        seen_so_far["A1 passes"] += bool(grants)
        open_to = [(source, name) for source, name in answers if source in (FAR, FAR6) or name[0] != "c"]
        assert not open_to, about
    if said["A2.service"] == {Status.PASS}:
        seen_so_far["A2 passes"] += bool(grants)
        assert not [source for source, _name in answers if source in STRANGERS], about


@pytest.fixture(scope="module")
def made():
    with panel({"etc/init.d/snmpd": _SERVICE, "etc/hosts": f"127.0.0.1 localhost\n::1 localhost\n{ALLOWED} poller\n",
                "etc/snmp/snmp.conf": "mibs :\n"}) as one:  # fmt: skip
        (one.root / "etc/init.d/snmpd").chmod(0o755)
        one.run("mount", "-t", "tmpfs", "none", "/var/lib/snmp")
        for address in (FAR, PANEL6, ALLOWED6, STRANGER6, FAR6):
            more = ["nodad"] if ":" in address else []
            one.run("ip", "addr", "add", f"{address}/{128 if more else 32}", "dev", "lo", *more)
        yield one


@pytest.fixture(scope="module")
def seen_so_far():
    """How often what was asserted; where nothing passes, nothing was tested."""
    counted = Counter()
    yield counted
    if counted:
        for what in ("answered", "silent", "A1 passes", "A2 passes", "B1 passes", "words", "no words", "planned"):
            assert counted[what], (what, counted)


@examples(8)
@given(listens=LISTENS, ways=PLACED, names=NAMES, kept=KEPT, secret=SECRET)
def test_where_we_say_pass_nobody_is_answered_who_proves_nothing(made, seen_so_far, listens, ways, names, kept, secret):
    files, whose = written(listens, ways, names, secret)
    context = "\n".join(f"{path}\n{text}" for path, text in files.items())
    configured(made, files, kept)
    answers = answered(made)
    try:
        state = SNMPD.parse(made.read(SNMPD))
    except Absent:
        assert not answers, context
        seen_so_far["nobody reaches it"] += 1
        return
    except Unreadable:
        seen_so_far["unreadable"] += 1
        return
    held(state, answers, whose, context, seen_so_far)

    changes = {change for one in SNMPD.judge(state, INTENT) for change in one.changes}
    if not changes:
        return
    seen_so_far["planned"] += 1
    made.apply(changes)
    state = SNMPD.parse(made.read(SNMPD))
    assert not [one for one in SNMPD.judge(state, INTENT) if one.changes], "what was planned is done with"
    held(state, answered(made), whose, context, seen_so_far)

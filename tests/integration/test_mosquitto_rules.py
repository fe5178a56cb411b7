# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever a mosquitto is told: where we say pass, the real one serves nobody who proves nothing.

Each example is one configuration with many listeners on ports of their own, so that one start of the broker answers for
all of them. Then it is changed as planned, by the module that runs on devices, and everything is asked again.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections import Counter
from dataclasses import replace

import pytest
from ansible_collections.iot_site.checklist.plugins.plugin_utils.model import Absent, Consent, Status, Unreadable
from ansible_collections.iot_site.checklist.plugins.plugin_utils.surfaces.mosquitto import Mosquitto
from hypothesis import given
from hypothesis import strategies as st

from tests.integration import panel_world
from tests.integration.panel_world import ALLOWED, PANEL, STRANGER, panel
from tests.integration.properties import examples

LACKING = "" if shutil.which("mosquitto", path="/usr/sbin") else "not installed: mosquitto (apt-get install mosquitto)"
UNAVAILABLE = panel_world.unavailable() or LACKING
pytestmark = pytest.mark.skipif(bool(UNAVAILABLE), reason=UNAVAILABLE)

MOSQUITTO = Mosquitto()
INTENT = replace(panel_world.INTENT, consent=frozenset({Consent.ANONYMOUS_CLIENTS}))
FIRST, SERVED = 9000, 10
INSIDE = 19999  # where the operator plants what a stranger may not read
PANEL6, ALLOWED6, STRANGER6 = "2001:db8::1", "2001:db8:1::10", "2001:db8:2::1"
MAIN, FOLDER = "/etc/mosquitto/mosquitto.conf", "/etc/mosquitto/conf.d"
VISITORS = (("", ""), ("guest", ""), ("sensor", ""), ("sensor", "wrong"))
PLANTED = ("weather/x", "plant/x", "clients/stranger/x", "sensor/x", "guest/x", "$plant/x")
WORD = "hirosaki"

# --- a grammar of what an owner may write -------------------------------------------------------------------

ACL = st.lists(
    st.sampled_from([
        "topic read weather/#", "topic weather/#", "topic readwrite #", "topic deny plant/#", "topic read $SYS/#",
        "topic read +/x", "topic write plant/in", "topic read +/broker/#", "pattern read clients/%c/#",
        "pattern readwrite %u/#", "pattern deny #", "# topic read #", "", " topic read plant/#",
        "topic  read  plant/#", "topic read weather with spaces/#", *["user sensor"] * 5, *["user guest"] * 3,
        " user sensor",
    ]),
    max_size=4,
)  # fmt: skip
ACLS = st.lists(ACL, min_size=4, max_size=4)
BIND = st.sampled_from([*[""] * 5, PANEL, "0.0.0.0", "127.0.0.1", "localhost", PANEL6, "::"])
ALLOW = st.sampled_from([
    *[[]] * 3, *[["allow_anonymous true"]] * 9, *[["allow_anonymous false"]] * 2, [" allow_anonymous  true"],
    ["allow_anonymous true", "allow_anonymous false"], ["allow_anonymous false", "allow_anonymous true"],
    ["allow_anonymous 1"], ["allow_anonymous 0"], ["#allow_anonymous false", "allow_anonymous true"],
])  # fmt: skip
ACCOUNTS = st.sampled_from([
    *[[]] * 3, *[["password_file /etc/mosquitto/passwd"]] * 4, ["password_file /etc/mosquitto/nobody"],
])  # fmt: skip
ACCESS = st.sampled_from([*[[]] * 3, *[[f"acl_file /etc/mosquitto/acl{number}"] for number in range(4)]])
PAIR = ["certfile /etc/mosquitto/pair.pem", "keyfile /etc/mosquitto/pair.pem"]
CERTIFICATE = [*PAIR, "cafile /etc/mosquitto/pair.pem"]
KEY = ["psk_hint K-7Q2MXA", "psk_file /etc/mosquitto/keys"]
TLS = st.sampled_from([
    *[[]] * 8, CERTIFICATE, [*CERTIFICATE, "require_certificate true"], ["require_certificate true"],
    [*CERTIFICATE, "require_certificate true", "use_identity_as_username true"], ["psk_file /etc/mosquitto/keys"],
    [*CERTIFICATE, "require_certificate false"], KEY, KEY[:1],
    ["cafile /etc/mosquitto/pair.pem", "require_certificate true"], [*PAIR, "require_certificate true"],
    [*CERTIFICATE, "use_subject_as_username true"],
])  # fmt: skip


def shuffled(*parts):
    return st.tuples(*parts).map(lambda each: [line for part in each for line in part]).flatmap(st.permutations)


LISTENER = st.tuples(BIND, shuffled(ALLOW, ACCOUNTS, ACCESS, TLS))
OLD = st.sampled_from([*[[]] * 5, ["port 8999"], ["port 8999", f"bind_address {PANEL}"], ["bind_address 127.0.0.1"]])
HEAD = st.tuples(
    st.sampled_from([*["per_listener_settings true"] * 5, "per_listener_settings false", ""]),
    OLD,
    shuffled(ALLOW, ACCOUNTS, ACCESS),
)
BRIDGE = st.sampled_from([
    *[[]] * 3, [f"connection {WORD}"], [f"connection {WORD}", "notifications false"],
    [f"connection {WORD}", "remote_clientid K-7Q2MXA"], ["connection one", f"remote_clientid {WORD}-1"],
    ["connection one", f"notification_topic $SYS/broker/{WORD}"],
]).map(lambda said: [*said, "address 192.0.2.7:1883", "topic # out 0"] if said else [])  # fmt: skip
REST = st.tuples(
    BRIDGE,
    st.sampled_from([[], [], ["sys_interval 0"], ["sys_interval 10"], ["sys_interval 10", "sys_interval 0"]]),
    st.sampled_from([*[[]] * 5, ["allow_anonymous true"], ["allow_anonymous false"]]),
)
#: In the order in which it reads them; what has no name here stands in the main file, before the folder or after it.
PLACES = ("before", ".hidden.conf", "10-site.conf", "a.conf", "B.conf", "b.conf", "z-last.conf", "after")
LISTENERS = st.lists(st.tuples(st.sampled_from(PLACES), LISTENER), min_size=SERVED, max_size=SERVED)


def written(head, listeners, rest, acls):
    """``{path: text}``"""
    each, old, shared = head
    bridge, interval, last = rest
    said = {place: [] for place in PLACES}
    said["before"] += [each, *old, *shared]
    for number, (place, (bind, lines)) in enumerate(listeners):
        said[place] += [f"listener {FIRST + number} {bind}".rstrip(), *lines]
    said["z-last.conf"] += [*interval, *last]
    if not each.endswith("true"):
        said = _once(said)
    inside = [f"listener {INSIDE} 127.0.0.1"]
    if each.endswith("true"):
        inside += ["allow_anonymous false", "password_file /etc/mosquitto/passwd", "acl_file /etc/mosquitto/all"]
    main = ["user root", "log_dest file /run/mosquitto.log", "log_type all", *said.pop("before"),
            f"include_dir {FOLDER}", *said.pop("after"), *inside, *bridge]  # fmt: skip
    operator = ["user operator", "topic readwrite #", "topic readwrite $plant/#"]
    lists = {f"/etc/mosquitto/acl{number}": [*lines, *operator] for number, lines in enumerate(acls)}
    files = {MAIN: main, **{f"{FOLDER}/{name}": lines for name, lines in said.items() if lines}, **lists}
    return {path: "".join(f"{line}\n" for line in lines) for path, lines in files.items()}


def _once(said):
    """One file of each kind: of two for all listeners together it takes none, and does not start."""
    seen = set()

    def is_first(line):
        word = line.partition(" ")[0]
        again = word in seen and word in ("password_file", "acl_file", "psk_file")
        seen.add(word)
        return not again

    return {place: [line for line in lines if is_first(line)] for place, lines in said.items()}


# --- one configuration, and what it answers -----------------------------------------------------------------

_ASK = """
import json, socket, ssl, sys

def text(said):
    said = said.encode()
    return len(said).to_bytes(2, "big") + said

def packet(kind, body):
    size, left = b"", len(body)
    while not size or left:
        left, digit = divmod(left, 128)
        size += bytes([digit | (128 if left else 0)])
    return bytes([kind]) + size + body

def receive(peer):
    kind, size, shift = peer.read(1)[0], 0, 0
    while True:
        digit = peer.read(1)[0]
        size |= (digit & 127) << shift
        shift += 7
        if digit < 128:
            return kind, peer.read(size)

def told(peer, visitor, retained):
    # MQTT 5: it says for each message that it may not be published
    user, password = visitor
    flags = 2 | (128 if user else 0) | (64 if password else 0)
    login = (text(user) if user else b"") + (text(password) if password else b"")
    peer.write(packet(16, text("MQTT") + bytes([5, flags, 0, 60, 0]) + text("stranger") + login))
    peer.flush()
    kind, body = receive(peer)
    if kind != 32 or body[1]:
        return
    yield "in"
    if not retained:
        peer.write(packet(130, b"\\0\\1\\0" + b"".join(text(one) + b"\\0" for one in ("#", "$SYS/#", "$plant/#"))))
    for number, topic in enumerate(retained or ("weather/in", "plant/in", "sensor/in"), 2):
        peer.write(packet(51 if retained else 50, text(topic) + bytes([0, number, 0]) + b"planted"))
    peer.write(packet(192, b""))
    peer.flush()
    while True:
        kind, body = receive(peer)
        if kind == 208:
            return
        if kind >> 4 == 3:
            yield "reads " + body[2:2 + int.from_bytes(body[:2], "big")].decode()
        if kind == 64 and body[2:3] < b"\\x80":
            yield "writes"

def connected(server, port, source, tls):
    plain = socket.create_connection((server, port), 10, (source, 0))
    if not tls:
        return plain
    trusting = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
    return trusting.wrap_socket(plain)

def asked(server, port, source, visitor, retained=()):
    found = []
    for tls in (False, True):
        try:
            with connected(server, port, source, tls) as line:
                found += ["reached"]
                found += told(line.makefile("rwb"), visitor, retained)
        except ConnectionRefusedError:
            return found  # it does not listen there
        except (OSError, IndexError):
            pass  # hung up
    return found

what = json.load(sys.stdin)
asked("127.0.0.1", what["inside"], "127.0.0.1", ("operator", "planted-secret"), what["planted"])
print(json.dumps([
    [port, source, visitor, asked(server, port, source, visitor)]
    for port in what["ports"] for server, source in what["ways"] for visitor in what["visitors"]
]))
"""

#: As a device without systemd starts it again; it serves when its log says so, and a lack of that is an error.
_SERVICE = f"""#!/bin/sh
pkill -f '^mosquitto -d'; while pgrep -f '^mosquitto -d' >/dev/null; do sleep 0.01; done
rm -f /run/mosquitto.log; touch /run/mosquitto.log
test "$1" = stop && exit
mosquitto -d -c {MAIN} >/run/mosquitto.said 2>&1 || exit
until grep -q ' running$' /run/mosquitto.log; do pgrep -f '^mosquitto -d' >/dev/null || exit; sleep 0.01; done
"""


def reached(made):
    """``{port: {(source, visitor, what)}}``"""
    ways = [(PANEL, ALLOWED), (PANEL, STRANGER), (PANEL6, ALLOWED6), (PANEL6, STRANGER6)]
    ports = [1883, 8999, *range(FIRST, FIRST + SERVED)]
    what = {"ports": ports, "ways": ways, "visitors": VISITORS, "inside": INSIDE, "planted": PLANTED}
    found = {port: set() for port in ports}
    for port, source, (user, _password), seen in json.loads(
        made.run(sys.executable, "-c", _ASK, stdin=json.dumps(what))
    ):
        found[port] |= {(source, user, one) for one in seen}
    return {port: seen for port, seen in found.items() if seen}


def configured(made, files):
    """Whether it starts with these files."""
    made.run("sh", "-c", f"/etc/init.d/mosquitto stop; rm -rf {FOLDER}; mkdir {FOLDER}")
    for path, text in files.items():
        made.write(path, text)
    made.run("/etc/init.d/mosquitto", "start", check=False)
    return bool(made.run("pgrep", "-f", "^mosquitto -d", check=False))


def judged(state, door=None):
    """``{control: statuses}`` of all listeners, or of one alone."""
    found = {}
    for one in MOSQUITTO.judge({**state, "doors": [door]} if door else state, INTENT):
        found.setdefault(one.control, set()).add(one.status)
    return found


def held(state, answers, context, seen_so_far):
    doors = {int(where.rpartition(" ")[2]): door for door in state["doors"] for where in door["listens"]}
    assert set(answers) <= set(doors), ("it is reached where we see no listener", context)
    for port, door in doors.items():
        said, seen = judged(state, door), answers.get(port, set())
        about = (port, door, sorted(seen), context)
        got = {what for _source, _user, what in seen if what.startswith(("reads", "writes"))}
        seen_so_far["got" if got else "kept out"] += 1
        if said["A1.mqtt"] == {Status.PASS}:
            seen_so_far["A1 passes"] += 1
            assert not got, about
        assert said["A2.service"] == {Status.MANUAL}, about
        if "reads $SYS/broker/version" in got:
            seen_so_far["version"] += 1
            assert Status.GAP in said["B1.mqtt_names"], about
        elif said["B1.mqtt_names"] == {Status.PASS}:
            seen_so_far["B1 passes"] += 1
            assert not got, about
        if any(WORD in one for one in got):
            seen_so_far["bridge"] += 1
            assert Status.GAP in said["B1.mqtt_names"], about


@pytest.fixture(scope="module")
def made():
    with panel({"etc/mosquitto/all": "user operator\ntopic readwrite #\ntopic readwrite $plant/#\n",
                "etc/mosquitto/nobody": "", "etc/mosquitto/keys": "meter:0123456789abcdef\n",
                "etc/init.d/mosquitto": _SERVICE}) as one:  # fmt: skip
        (one.root / "etc/init.d/mosquitto").chmod(0o755)
        for address in (PANEL6, ALLOWED6, STRANGER6):
            one.run("ip", "addr", "add", f"{address}/128", "dev", "lo", "nodad")
        for account in ("operator", "sensor"):
            create = [] if account == "sensor" else ["-c"]
            one.run("mosquitto_passwd", *create, "-b", "/etc/mosquitto/passwd", account, "planted-secret")
        one.run("chmod", "644", "/etc/mosquitto/passwd")
        _pair(one)
        yield one


def _pair(made):
    pair = subprocess.run(
        ("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=K-7Q2MXA", "-keyout", "-"),
        capture_output=True, check=True,
    )  # fmt: skip
    made.write("/etc/mosquitto/pair.pem", pair.stdout)


@pytest.fixture(scope="module")
def seen_so_far():
    """How often what was asserted; where nothing passes, nothing was tested."""
    counted = Counter()
    yield counted
    if counted:
        for what in ("got", "kept out", "A1 passes", "B1 passes", "version", "planned"):
            assert counted[what], (what, counted)


@examples(5)
@given(head=HEAD, listeners=LISTENERS, rest=REST, acls=ACLS)
def test_where_we_say_pass_nobody_is_served_who_proves_nothing(made, seen_so_far, head, listeners, rest, acls):
    files = written(head, listeners, rest, acls)
    context = "\n".join(f"{path}\n{text}" for path, text in files.items())
    runs = configured(made, files)
    answers = reached(made)
    try:
        state = MOSQUITTO.parse(made.read(MOSQUITTO))
    except Absent:
        assert not answers, context
        seen_so_far["nobody reaches it"] += 1
        return
    except Unreadable:
        seen_so_far["unreadable"] += 1
        return
    assert runs, context
    held(state, answers, context, seen_so_far)

    changes = {change for one in MOSQUITTO.judge(state, INTENT) for change in one.changes}
    if not changes:
        return
    seen_so_far["planned"] += 1
    made.apply(changes)
    state = MOSQUITTO.parse(made.read(MOSQUITTO))
    assert not [one for one in MOSQUITTO.judge(state, INTENT) if one.changes], "what was planned is done with"
    held(state, reached(made), context, seen_so_far)

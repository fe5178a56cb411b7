# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the kernel itself knows of a host: this session, the open sockets, whose programs run, what the root file
system is.

No program has to be installed for it. Runs on the device: Python 3.8, standard library only.
"""

from __future__ import annotations

import contextlib
import ipaddress
import os
import pwd
import re
import struct
import time

PROC = "/proc"

LISTEN, UNCONNECTED, ESTABLISHED = "0A", "07", "01"
SOCKET = re.compile(r"socket:\[(\d+)\]")
SESSIONS = 4000  # open connections that are listed one by one
LET_IN = (b"sshd", b"sshd-session", b"dropbear", b"login")
CONTAINER_MARKS = ("/run/.containerenv", "/.dockerenv", "/run/systemd/container")


_look = {"tables": None}  # of /proc/net, while one_look lasts


@contextlib.contextmanager
def one_look():
    """Inside, the tables of open sockets are read once: answers agree with each other, and walking them takes long."""
    _look["tables"] = {}
    try:
        yield
    finally:
        _look["tables"] = None


def _table(name):
    tables = _look["tables"]
    if tables is None:
        return _read("net", name)
    if name not in tables:
        tables[name] = _read("net", name)
    return tables[name]


def _read(*parts):
    with open(os.path.join(PROC, *parts), "rb") as file:
        return file.read()


# --- this session -------------------------------------------------------------------------------------------


def session():
    """The addresses and the account the device sees for the connection that runs us; "" where it cannot be told.

    sudo and su clear SSH_CONNECTION from our own environment, but not from that of the processes above us.
    """
    user = account()
    login = os.environ.get("SUDO_USER") or os.environ.get("DOAS_USER") or ""
    above = list(_ancestors(os.getpid()))
    connection = ""
    for pid in above:
        connection = _environment(pid).get("SSH_CONNECTION", "")
        if connection:
            owner = account(_uid(pid))
            login = login or (owner if owner != user else "")
            break
    connection = connection or _connection_of_daemon([pid for pid in above if _is_daemon(pid)])
    return {"ssh_connection": connection, "user": user, "uid": os.geteuid(), "sudo_user": login}


def _ancestors(pid):
    """Our own process, its parent, and so on up to (not including) process 1."""
    while pid > 1:
        yield pid
        try:
            # The program's name may hold blanks and brackets; the fields that count follow the last bracket.
            pid = int(_read(str(pid), "stat").rpartition(b")")[2].split()[1])
        except (OSError, IndexError, ValueError):
            return


def _environment(pid):
    try:
        pairs = _read(str(pid), "environ").split(b"\0")
    except OSError:  # another account's process, and we are not root
        return {}
    return dict(os.fsdecode(pair).partition("=")[::2] for pair in pairs if pair)


def _is_daemon(pid):
    try:
        return _read(str(pid), "comm").strip() in (b"sshd", b"sshd-session", b"dropbear")
    except OSError:
        return False


def _connection_of_daemon(daemons):
    """The open connection of the SSH daemons above us, in the words of SSH_CONNECTION; "" when it is not certain.

    Where even root may not look into the process that serves us (containers), every connection to the daemon's
    port is a candidate; as long as they come from one address, that is ours.
    """
    held = {inode for pid in daemons for inode in _sockets_of(pid)}
    sockets = list(_sockets("tcp", LISTEN, ESTABLISHED))
    ports = {entry["local"][1] for entry in sockets if entry["state"] == LISTEN and entry["inode"] in held}
    opened = [entry for entry in sockets if entry["state"] == ESTABLISHED]
    ours = [entry for entry in opened if entry["inode"] in held]
    candidates = ours or [entry for entry in opened if entry["local"][1] in ports]
    if len({entry["peer"][0] for entry in candidates}) != 1:
        return ""
    return " ".join(map(str, candidates[0]["peer"] + candidates[0]["local"]))


def _uid(pid):
    try:
        return os.stat(os.path.join(PROC, str(pid))).st_uid
    except OSError:
        return os.geteuid()


def account(uid=None):
    """The name of an account; without an id, of the one we run as."""
    uid = os.geteuid() if uid is None else uid
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


# --- open sockets -------------------------------------------------------------------------------------------


def listeners():
    """Every TCP socket that listens and every UDP socket that takes datagrams from anybody, sorted."""
    programs = _programs()
    found = {
        (protocol, *entry["local"], programs.get(entry["inode"], ""))
        for protocol, state in (("tcp", LISTEN), ("udp", UNCONNECTED))
        for entry in _sockets(protocol, state)
    }
    return [
        {"protocol": protocol, "address": address, "port": port, "program": program}
        for protocol, address, port, program in sorted(found)
    ]


def tcp_listeners():
    """The TCP sockets that listen, without their programs: what takes time is looking for those."""
    ends = {entry["local"] for entry in _sockets("tcp", LISTEN)}
    return [{"address": address, "port": port} for address, port in sorted(ends)]


def sessions():
    """Who is connected to the listening ports now, and the host's own day, by which its logs are to be read."""
    sockets = list(_sockets("tcp", LISTEN, ESTABLISHED))
    ports = {entry["local"][1] for entry in sockets if entry["state"] == LISTEN}
    found = sorted(
        {
            (entry["peer"][0], entry["local"][1])
            for entry in sockets
            if entry["state"] == ESTABLISHED and entry["local"][1] in ports
        }
    )
    return {
        "day": time.strftime("%Y-%m-%d", time.gmtime()),
        "sessions": [{"peer": peer, "port": port} for peer, port in found[:SESSIONS]],
        "left_out": max(0, len(found) - SESSIONS),
    }


def _sockets(protocol, *states):
    for name in (protocol, protocol + "6"):
        try:
            lines = _table(name).decode("ascii", "replace").splitlines()[1:]
        except OSError:  # a kernel without this family
            continue
        for line in lines:
            words = line.split()
            if words[3] not in states:
                continue
            yield {"local": _end(words[1]), "peer": _end(words[2]), "state": words[3], "inode": words[9]}


def _end(text):
    """``(address, port)`` of the kernel's hexadecimal notation: 32-bit words in the machine's own byte order."""
    digits, port = text.split(":")
    words = [int(digits[start : start + 8], 16) for start in range(0, len(digits), 8)]
    address = ipaddress.ip_address(struct.pack(f"={len(words)}I", *words))
    return str(getattr(address, "ipv4_mapped", None) or address), int(port, 16)


def _sockets_of(pid):
    """The inodes of the sockets a process holds; nothing when it is not ours to look into."""
    folder = os.path.join(PROC, str(pid), "fd")
    try:
        descriptors = os.listdir(folder)
    except OSError:
        return
    for descriptor in descriptors:
        try:
            match = SOCKET.match(os.readlink(os.path.join(folder, descriptor)))
        except OSError:
            continue
        if match:
            yield match.group(1)


def _programs():
    """``{socket inode: program}``. systemd also holds the sockets it hands to others; the other one is named."""
    found = {}
    for pid in sorted((int(name) for name in os.listdir(PROC) if name.isdigit()), reverse=True):
        for inode in _sockets_of(pid):
            if pid != 1 or inode not in found:
                found[inode] = _program(pid)
    return found


def processes(*names):
    """The ids of the processes whose program has one of these names, as the kernel keeps it: its first 15 bytes."""
    wanted = {name.encode()[:15] for name in names}
    return [pid for pid in sorted(int(one) for one in os.listdir(PROC) if one.isdigit()) if _comm(pid) in wanted]


def holders(*names):
    """Those of them that hold a TCP socket that listens: daemons, and not the children that serve their visitors."""
    listening = {entry["inode"] for entry in _sockets("tcp", LISTEN)}
    return [pid for pid in processes(*names) if not listening.isdisjoint(_sockets_of(pid))]


def started(name):
    """How the processes of this name were started, and whether each lives in our own root directory."""
    home = _root_of("self")
    return [
        {"pid": pid, "at_home": bool(home) and _root_of(pid) == home, "words": words}
        for pid in processes(name)
        for words in [_words(pid)]
        if words
    ]


def _root_of(pid):
    """Device and inode; None where we may not look, or the process has just ended."""
    try:
        seen = os.stat(os.path.join(PROC, str(pid), "root"))
    except OSError:
        return None
    return (seen.st_dev, seen.st_ino)


def _words(pid):
    try:
        command = _read(str(pid), "cmdline")
    except OSError:
        return []
    return command.decode("utf-8", "backslashreplace").rstrip("\0").split("\0") if command else []


def _comm(pid):
    try:
        return _read(str(pid), "comm").rstrip(b"\n")
    except OSError:  # it has just ended
        return b""


def _program(pid):
    try:
        return os.path.basename(os.readlink(os.path.join(PROC, str(pid), "exe"))).replace(" (deleted)", "")
    except OSError:
        return _comm(pid).decode("utf-8", "backslashreplace").strip()


# --- whose programs run -------------------------------------------------------------------------------------


def owners():
    """The ids of the accounts whose programs run in our root directory: in no login, and in one (or of one)."""
    home, found = _root_of("self"), {"work": set(), "logins": set()}
    for pid in (int(name) for name in os.listdir(PROC) if name.isdigit()):
        uid, place = _real_uid(pid), _root_of(pid)
        if uid is not None and (place is None or place == home):
            found["logins" if _in_login(pid) else "work"].add(uid)
    return {kind: sorted(uids) for kind, uids in found.items()}


def _real_uid(pid):
    """Not the owner of the folder: that is root of a program that must not be looked into."""
    try:
        match = re.search(rb"^Uid:\s+(\d+)", _read(str(pid), "status"), re.MULTILINE)
    except OSError:
        return None
    return int(match.group(1)) if match else None


def _in_login(pid):
    """By its control group, which outlives the login, or by what let its user in."""
    try:
        groups = _read(str(pid), "cgroup")
    except OSError:
        groups = b""
    return b"/user.slice/" in groups or any(_comm(above) in LET_IN for above in _ancestors(pid))


# --- the root file system -----------------------------------------------------------------------------------


def root():
    """What / and /etc live on (an overlay or tmpfs forgets changes), and whether this is a container."""
    mounts = _mounts()
    found = {"fstype": "", "options": "", "etc_fstype": "", "container": _in_container()}
    for place in ("/", "/etc"):
        if place in mounts:
            found["etc_fstype"] = mounts[place][0]
    if "/" in mounts:
        found["fstype"], found["options"] = mounts["/"]
    return found


def _mounts():
    """``{mount point: (type, options)}``; where several lie over each other the last one counts."""
    found = {}
    for line in _read("self", "mountinfo").decode("utf-8", "backslashreplace").splitlines():
        place, _dash, kind = line.partition(" - ")
        words, kinds = place.split(" "), kind.split(" ")
        found[words[4]] = (kinds[0], ",".join([words[5], *kinds[2:3]]))
    return found


def _in_container():
    return any(os.path.exists(mark) for mark in CONTAINER_MARKS) or "container" in _environment(1)


PSEUDO = {
    "@session": session,
    "@sessions": sessions,
    "@listeners": listeners,
    "@processes": processes,
    "@holders": holders,
    "@started": started,
    "@owners": owners,
    "@root": root,
}

# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An SSH session up to where people log in (RFC 4253): packets, the key exchange, and what comes after it.

The server's host key is not verified, for nothing is ever told to it. Offered is what nearly every server has; one that
wants something else ends in NothingInCommon, with the names of what it wants.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import struct

from ansible_collections.iot_site.checklist.plugins.module_utils.probe import ssh_arithmetic
from ansible_collections.iot_site.checklist.plugins.module_utils.probe.ssh_arithmetic import Counter, prime, x25519

OWN_VERSION = b"SSH-2.0-iot_site_checklist"
KEXINIT, NEWKEYS, EXCHANGE, REPLY = 20, 21, 30, 31
DISCONNECT, IGNORE, UNIMPLEMENTED, DEBUG, EXT_INFO = 1, 2, 3, 4, 7
LONGEST = 35000  # bytes of a packet (RFC 4253, 6.1)

#: {name: (hash, bits and addend of its group; None for curve 25519)}, best first (RFC 8731, 8268, 4253).
EXCHANGES = {
    "curve25519-sha256": ("sha256", None),
    "curve25519-sha256@libssh.org": ("sha256", None),
    "diffie-hellman-group14-sha256": ("sha256", (2048, 124476)),
    "diffie-hellman-group14-sha1": ("sha1", (2048, 124476)),
    "diffie-hellman-group1-sha1": ("sha1", (1024, 129093)),
}
HOST_KEYS = (
    "ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521", "rsa-sha2-512", "rsa-sha2-256",
    "ssh-rsa", "ssh-dss",
)  # fmt: skip
CIPHERS = {"aes128-ctr": 16, "aes192-ctr": 24, "aes256-ctr": 32}  # bytes of the key
#: {name: (hash, whether it is taken of what was encrypted)}
MACS = {
    "hmac-sha2-256": ("sha256", False),
    "hmac-sha2-512": ("sha512", False),
    "hmac-sha2-256-etm@openssh.com": ("sha256", True),
    "hmac-sha2-512-etm@openssh.com": ("sha512", True),
    "hmac-sha1": ("sha1", False),
    "hmac-sha1-etm@openssh.com": ("sha1", True),
}
#: What must be agreed on, in the order of KEXINIT; what we offer goes both ways.
OFFERS = (EXCHANGES, HOST_KEYS, CIPHERS, CIPHERS, MACS, MACS, ("none",), ("none",), (), ())
NAMES = ("key exchange", "host key", "cipher", "cipher", "MAC", "MAC", "compression", "compression")


class NothingInCommon(Exception):
    """What both must know is known to one alone; the message says of what and what it offers."""


class Broken(Exception):
    """What came is no SSH, or does not fit."""


# --- forms (RFC 4251, section 5) ------------------------------------------------------------------------------


def string(data):
    return struct.pack(">I", len(data)) + data


def mpint(number):
    return string(number.to_bytes(number.bit_length() // 8 + 1, "big") if number else b"")


def taken(data):
    """``(a string, what follows it)``."""
    if len(data) < 4 or len(data) < 4 + int.from_bytes(data[:4], "big"):
        raise Broken("a string without its end")
    end = 4 + int.from_bytes(data[:4], "big")
    return data[4:end], data[end:]


def offer(cookie):
    lists = b"".join(string(",".join(names).encode("ascii")) for names in OFFERS)
    return bytes((KEXINIT,)) + cookie + lists + bytes(5)


def agreed(theirs):
    """``(the names both have, whether a guess of theirs must be thrown away)`` (RFC 4253, 7.1)."""
    if theirs[:1] != bytes((KEXINIT,)) or len(theirs) < 17:
        raise Broken("no offer of algorithms")
    rest, lists = theirs[17:], []
    for _name in OFFERS:
        names, rest = taken(rest)
        lists.append(names.decode("ascii", "replace").split(","))
    chosen = []
    for what, ours, offered in zip(NAMES, OFFERS, lists):
        common = next((name for name in ours if name in offered), None)
        if common is None:
            raise NothingInCommon(f"{what}: {', '.join(offered)[:300]}")
        chosen.append(common)
    guessed = rest[:1] == b"\1" and [names[0] for names in lists[:2]] != chosen[:2]
    return chosen, guessed


# --- packets --------------------------------------------------------------------------------------------------


class _Way:
    """One direction: its numbers, and from the key exchange on its cipher and its MAC."""

    def __init__(self):
        self.number, self.cipher, self.key, self.hash, self.after = 0, None, b"", "", False

    def secure(self, cipher, key, name):
        self.hash, self.after = MACS[name]
        self.cipher, self.key = cipher, key

    def mac(self, data):
        return hmac.new(self.key, struct.pack(">I", self.number) + data, self.hash).digest()


class Session:
    """Packets over a connection. Raises Broken and NothingInCommon, and whatever the connection raises."""

    def __init__(self, line, their_version):
        self._line, self._their_version = line, their_version
        self._out, self._in = _Way(), _Way()

    async def exchange(self):
        """The key exchange; after it both ways are encrypted."""
        own = offer(os.urandom(16))
        self.send(own)
        theirs = await self.receive(KEXINIT)
        names, guessed = agreed(theirs)
        if guessed:
            await self._packet()
        name, group = EXCHANGES[names[0]]
        before = string(OWN_VERSION) + string(self._their_version) + string(own) + string(theirs)
        secret, digest = await self._secret(name, group, before)
        self.send(bytes((NEWKEYS,)))
        await self.receive(NEWKEYS)
        self._secure(names, name, mpint(secret), digest)

    async def _secret(self, name, group, before):
        """``(what both know, the exchange hash)`` (RFC 4253, section 8; RFC 8731, section 3)."""
        if group:
            modulus, exponent = prime(*group), int.from_bytes(os.urandom(32), "big") | 1
            ours = mpint(pow(2, exponent, modulus))
        else:
            scalar = os.urandom(32)
            ours = string(x25519(scalar, ssh_arithmetic.BASE))
        self.send(bytes((EXCHANGE,)) + ours)
        host_key, rest = taken((await self.receive(REPLY))[1:])
        public, _signature = taken(rest)
        if group:
            secret = pow(int.from_bytes(public, "big"), exponent, modulus)
        elif len(public) == 32:
            secret = int.from_bytes(x25519(scalar, public), "big")
        else:
            raise Broken("a key of another length")
        hashed = before + string(host_key) + ours + string(public) + mpint(secret)
        return secret, hashlib.new(name, hashed).digest()

    def _secure(self, names, name, secret, digest):
        """RFC 4253, 7.2; this is the first exchange, so its hash is the session's id."""

        def key(letter, size):
            made = hashlib.new(name, secret + digest + letter + digest).digest()
            while len(made) < size:
                made += hashlib.new(name, secret + digest + made).digest()
            return made[:size]

        ways = ((self._out, names[2], names[4], b"ACE"), (self._in, names[3], names[5], b"BDF"))
        for way, cipher, mac, letters in ways:
            first, encrypting, signing = (letters[at : at + 1] for at in range(3))
            stream = Counter(key(encrypting, CIPHERS[cipher]), key(first, 16))
            way.secure(stream, key(signing, hashlib.new(MACS[mac][0]).digest_size), mac)

    def send(self, payload):
        way = self._out
        block, clear = (16, 4 if way.after else 0) if way.cipher else (8, 0)
        padding = block - (5 - clear + len(payload)) % block
        padding += block if padding < 4 else 0
        packet = struct.pack(">IB", len(payload) + padding + 1, padding) + payload + os.urandom(padding)
        if not way.cipher:
            sent = packet
        elif way.after:
            sent = packet[:4] + way.cipher.crypt(packet[4:])
            sent += way.mac(sent)
        else:
            sent = way.cipher.crypt(packet) + way.mac(packet)
        way.number += 1
        self._line.send(sent)

    async def receive(self, *kinds):
        """The payload of the next packet, which is of one of these kinds; what may come at any time is left out."""
        while True:
            payload = await self._packet()
            if payload[0] in kinds:
                return payload
            if payload[0] not in (IGNORE, DEBUG, EXT_INFO, UNIMPLEMENTED):
                raise Broken(f"message {payload[0]} where {kinds[0]} was due")

    async def _packet(self):
        way = self._in
        if way.cipher and way.after:
            head = await self._line.exactly(4)
            body = await self._line.exactly(_length(head))
            await self._verify(head + body)
            packet = head + way.cipher.crypt(body)
        else:
            size = 16 if way.cipher else 8
            packet = await self._line.exactly(size)
            packet = way.cipher.crypt(packet) if way.cipher else packet
            rest = await self._line.exactly(max(0, _length(packet[:4]) + 4 - size))
            packet += way.cipher.crypt(rest) if way.cipher else rest
            if way.cipher:
                await self._verify(packet)
        way.number += 1
        payload = packet[5 : len(packet) - packet[4]]
        if not payload:
            raise Broken("an empty packet")
        return payload

    async def _verify(self, data):
        signed = self._in.mac(data)
        if await self._line.exactly(len(signed)) != signed:
            raise Broken("a MAC that is wrong")


def _length(head):
    length = int.from_bytes(head, "big")
    if not 5 <= length <= LONGEST:
        raise Broken("a packet of no length that SSH has")
    return length

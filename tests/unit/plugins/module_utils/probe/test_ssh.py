# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SSH's banner and ways to log in, asked of asyncssh, which nobody here wrote; arithmetic by the standards' vectors."""

from __future__ import annotations

import asyncio

import asyncssh
import pytest
from ansible_collections.iot_site.checklist.plugins.module_utils.probe import ssh_arithmetic, ssh_session
from ansible_collections.iot_site.checklist.plugins.module_utils.probe.ssh_arithmetic import Counter, prime, x25519
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.plugins.module_utils.probe.peers import probed, says, tcp, texts

KEY = asyncssh.generate_private_key("ssh-ed25519")


class Doorkeeper(asyncssh.SSHServer):
    """Shows a text, and wants what it is told to want."""

    def __init__(self, wants, banner=""):
        self._wants, self._banner = wants, banner

    def connection_made(self, conn):
        self._conn = conn

    def begin_auth(self, username):
        self.asked = username
        if self._banner:
            self._conn.send_auth_banner(self._banner)
        return bool(self._wants)

    def password_auth_supported(self):
        return "password" in self._wants

    def kbdint_auth_supported(self):
        return False

    def public_key_auth_supported(self):
        return "publickey" in self._wants


def asked(wants, banner="", **options):
    async def scenario():
        server = await asyncssh.listen("127.0.0.1", 0, server_host_keys=[KEY],
                                       server_factory=lambda: Doorkeeper(wants, banner), **options)  # fmt: skip
        async with server:
            (row,) = await probed("tcp", server.get_port())
        return row

    return asyncio.run(scenario())


def test_the_banner_the_text_and_the_ways_to_log_in():
    row = asked({"password", "publickey"}, "弘前市 第一浄水場\r\n", server_version="PumpOS_3.1")
    assert (row["kind"], row["state"]) == ("ssh", "login_required")
    assert texts(row, "ssh_banner") == ["SSH-2.0-PumpOS_3.1"] and texts(row, "ssh_text") == ["弘前市 第一浄水場\r\n"]
    assert set(row["facts"]["auth_methods"]) == {"password", "publickey"}


def test_one_that_lets_anybody_in_is_open():
    row = asked(set())
    assert (row["state"], row["facts"]["auth_methods"]) == ("open_without_login", ["none"])


@pytest.mark.parametrize("exchange", ssh_session.EXCHANGES)
def test_every_key_exchange_that_we_offer_works(exchange):
    assert asked({"password"}, kex_algs=[exchange])["facts"]["auth_methods"] == ["password"]


@pytest.mark.parametrize("cipher", ssh_session.CIPHERS)
def test_every_cipher_that_we_offer_works(cipher):
    assert asked({"password"}, encryption_algs=[cipher])["facts"]["auth_methods"] == ["password"]


@pytest.mark.parametrize("mac", ssh_session.MACS)
def test_every_mac_that_we_offer_works(mac):
    assert asked({"password"}, "x" * 3000, mac_algs=[mac])["facts"]["auth_methods"] == ["password"]


def test_one_that_speaks_what_we_do_not_is_told_and_is_no_login():
    row = asked({"password"}, encryption_algs=["aes256-gcm@openssh.com"])
    assert row["state"] == "open" and "aes256-gcm@openssh.com" in row["why"] and row["facts"]["auth_methods"] is None
    assert texts(row, "ssh_banner")


def test_lines_before_the_version_are_text():
    (row,) = tcp(says("弘前\r\nWelcome\r\nSSH-1.5-Old\r\n".encode()), "ssh")
    assert (row["state"], texts(row, "ssh_banner")) == ("open", ["SSH-1.5-Old"])
    assert texts(row, "ssh_text") == ["弘前\r\nWelcome\r\n"]


def test_an_exchange_that_breaks_off_leaves_the_banner():
    async def leaves(reader, writer):
        writer.write(b"SSH-2.0-Pump\r\n")
        await reader.readuntil(b"\n")

    (row,) = tcp(leaves, "ssh")
    assert (row["kind"], row["state"], texts(row, "ssh_banner")) == ("ssh", "open", ["SSH-2.0-Pump"])


@given(st.binary(max_size=120))
def test_no_offer_of_algorithms_is_too_strange(data):
    with pytest.raises((ssh_session.Broken, ssh_session.NothingInCommon)):
        ssh_session.agreed(bytes((ssh_session.KEXINIT,)) + bytes(16) + data)


# --- arithmetic -----------------------------------------------------------------------------------------------


@given(st.sampled_from([16, 24, 32]).flatmap(lambda size: st.binary(min_size=size, max_size=size)),
       st.binary(min_size=16, max_size=16), st.lists(st.binary(max_size=40), max_size=4))  # fmt: skip
def test_the_key_stream_is_that_of_another_aes(key, first, parts):
    other = Cipher(algorithms.AES(key), modes.CTR(first)).encryptor()
    own = Counter(key, first)
    assert [own.crypt(part) for part in parts] == [other.update(part) for part in parts]


def test_x25519_has_the_results_of_rfc_7748():
    """Section 5.2, the first vector and the first two rounds of the iterated one."""
    scalar = bytes.fromhex("a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4")
    point = bytes.fromhex("e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c")
    assert x25519(scalar, point).hex() == "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552"
    once = x25519(ssh_arithmetic.BASE, ssh_arithmetic.BASE)
    assert once.hex() == "422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079"


@pytest.mark.parametrize(("bits", "addend"), [(1024, 129093), (2048, 124476)])
def test_the_groups_have_the_form_that_their_rfcs_give(bits, addend):
    number = prime(bits, addend)
    assert number.bit_length() == bits and f"{number:x}"[16:48] == "c90fdaa22168c234c4c6628b80dc1cd1"
    assert f"{number:x}".endswith("f" * 16)
    assert all(pow(base, number - 1, number) == 1 for base in (2, 3, 5)), "it is prime"
    assert all(pow(base, number // 2 - 1, number // 2) == 1 for base in (2, 3, 5)), "and safe"

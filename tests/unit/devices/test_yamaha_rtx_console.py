# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The router's console: prompts, levels, errors, wrapping, the pager, encodings, and what ``show`` prints."""

from __future__ import annotations

import re

from tests.devices.yamaha_rtx import Options, Router, Server
from tests.unit.devices.console_client import terminal, with_router


def test_prompt_follows_level_and_selection() -> None:
    async def work(router: Router, server: Server) -> None:
        async with terminal(server) as console:
            assert console.greeting.endswith(b"\r\ndaiichi-josuijo> ")
            assert b"RTX830 Rev.15.02.30" in console.greeting
            assert (await console.raw("administrator")).endswith(b"Password: ")
            assert (await console.raw("rtx830-admin")).endswith(b"daiichi-josuijo# ")
            assert (await console.raw("pp select 1")).endswith(b"daiichi-josuijopp1# ")
            assert (await console.raw("tunnel select 3")).endswith(b"daiichi-josuijotunnel3# ")
            assert (await console.raw("no tunnel select")).endswith(b"daiichi-josuijo# ")

    with_router(work)


def test_password_is_not_echoed_and_a_wrong_one_gives_no_level() -> None:
    async def work(router: Router, server: Server) -> None:
        async with terminal(server) as console:
            await console.plain()
            await console.raw("administrator")
            answer = await console.raw("not-the-password")
            assert b"not-the-password" not in answer
            assert b"Error: " in answer
            assert answer.endswith(b"> ")
            assert "not-the-password" not in str(router.journal)

    with_router(work)


def test_captured_error_texts() -> None:
    async def work(router: Router, server: Server) -> None:
        async with terminal(server) as console:
            await console.plain()
            assert await console.type("ip filter 1 pass * *") == "Error: Administrator use only"
            assert await console.type("frobnicate") == "Error: Invalid command name"
            await console.administrator()
            assert await console.type("administrator password Secret1$") == "Error: Insufficient or too many parameters"
            assert await console.type("ip filter 1") == "Error: Insufficient or too many parameters"
            assert (await console.type("ip filter 1 permit * *")).startswith("Error: ")
            assert (await console.type("ip pp secure filter in 1")).startswith("Error: ")
            assert router.running == router.saved or "console" in str(router.lines())
            assert not [line for line in router.lines() if line.startswith("ip filter 1 ")]

    with_router(work)


def test_messages_are_japanese_in_shift_jis_until_told_otherwise() -> None:
    async def work(router: Router, server: Server) -> None:
        async with terminal(server) as console:
            assert "エラー: コマンド名を確認してください".encode("cp932") in await console.raw("login")
            await console.raw("console character ja.utf8")
            assert "エラー: コマンド名を確認してください".encode() in await console.raw("login")
            await console.raw("console character en.ascii")
            assert b"Error: Invalid command name" in await console.raw("login")

    with_router(work)


def test_output_and_echo_break_in_mid_word_at_the_terminal_width() -> None:
    """79 characters, then CRLF: as in the captured ``MAC-Addr/ess`` and in a transcript of typed commands."""

    async def work(router: Router, server: Server) -> None:
        async with terminal(server) as console:
            await console.raw("console character en.ascii")
            shown = await console.type("show environment")
            assert "MAC-Addre\nss=00:a0:de:00:00:02" in shown
            line = "ip pp secure filter in " + " ".join(str(number) for number in range(200001, 200020))
            echoed = (await console.raw(line)).split(b"\r\n")
            assert len(echoed[0]) == 79 - len("daiichi-josuijo> ")
            assert len(echoed[1]) == 79
            assert b"".join(echoed).startswith(line.encode())
            await console.raw("console columns 200")
            assert "MAC-Address=00:a0:de:00:00:02" in await console.type("show environment")

    with_router(work)


def test_pager_stops_goes_on_and_quits() -> None:
    async def work(router: Router, server: Server) -> None:
        async with terminal(server) as console:
            await console.raw("console character en.ascii")
            first = await console.raw("show config")
            assert first.endswith(b"---More---")
            assert first.count(b"\r\n") == 25
            assert (await console.key("\r")).count(b"\r\n") == 1
            assert (await console.key(" ")).count(b"\r\n") >= 24
            assert (await console.key("q")).endswith(b"> ")
            await console.raw("console lines infinity")
            assert b"---More---" not in await console.raw("show config")

    with_router(work)


def test_show_config_hides_logins_only_and_stands_in_the_routers_order() -> None:
    async def work(router: Router, server: Server) -> None:
        async with terminal(server) as console:
            await console.plain()
            shown = await console.type("show config")
        for secret in ("noc-a-pass", "rtx830-admin", "rtx830-login"):
            assert secret not in shown
        assert "login user noc-a *" in shown
        assert "\n pp auth myname site-k7@isp.example pppoe-secret-k7\n" in shown
        lines = shown.split("\n")
        assert lines[0].startswith("# RTX830 Rev.15.02.30 (")
        assert lines[1].startswith("# MAC Address : ")
        assert lines[4].startswith("# Reporting Date: ")
        at = lines.index("pp select 1")
        assert lines[at + 1].startswith(" ")
        assert lines.index("ip lan1 address 192.168.100.1/24") < at < lines.index("sshd host any")

    with_router(work)


def test_show_config_tells_what_is_kept_encrypted() -> None:
    async def work(router: Router, server: Server) -> None:
        async with terminal(server) as console:
            await console.plain()
            await console.administrator()
            for text in ("login password encrypted", "rtx830-login", "a-new-one"):
                await console.raw(text)
            assert b"Strong" in await console.raw("a-new-one")
            await console.type("login user sealed encrypted 0f1e2d3c")
            await console.type("user attribute connection=serial administrator=off")
            shown = (await console.type("show config")).split("\n")
        assert {"login password encrypted *", "administrator password *", "login user sealed *"} <= set(shown)
        assert "user attribute connection=serial administrator=off" in shown
        assert "user attribute noc-a connection=ssh,sftp,http administrator=on" in shown

    with_router(work)


def test_grep_and_sections() -> None:
    async def work(router: Router, server: Server) -> None:
        async with terminal(server) as console:
            await console.plain()
            assert (await console.type("show config | grep ^snmp.sys")).split("\n") == [
                "Searching ...",
                'snmp syscontact "Suido-ka"',
                'snmp syslocation "Daiichi Josuijo 1F"',
                "snmp sysname daiichi-josuijo-rtx",
            ]
            section = (await console.type("show config pp 1")).split("\n")
            assert section[0] == "pp select 1"
            assert section[-1] == " pp enable 1"

    with_router(work)


def test_status_user_shows_the_address_the_router_sees() -> None:
    async def work(router: Router, server: Server) -> None:
        router.faults.other_administrator = "vendor"
        async with terminal(server) as console, terminal(server, "127.0.0.50", "vendor", "vendor-pass"):
            await console.plain()
            await console.administrator()
            rows = (await console.type("show status user")).split("\n")
        assert rows[1].split() == ["username", "connection", "login", "time", "idle", "IP", "address"]
        assert re.fullmatch(r"\*\+ noc-a +ssh1 +\d\d/\d\d \d\d:\d\d +\d:\d\d:\d\d +203\.0\.113\.10", rows[3])
        assert rows[4].endswith("192.168.100.50")
        assert "+" in rows[5] and "telnet1" in rows[5]

    with_router(work)


def test_line_editing() -> None:
    async def work(router: Router, server: Server) -> None:
        async with terminal(server) as console:
            await console.plain()
            assert b"Rev.15.02.30" in await console.raw("shaw\x7f\x7fow environment")
            assert b"Error" not in await console.key("nonsense\x03")
            assert b"Error" not in await console.raw("nonsense\x15help")

    with_router(work)


def test_slow_console_takes_its_time() -> None:
    async def work(router: Router, server: Server) -> None:
        async with terminal(server) as console:
            await console.plain()
            before = router.clock.seconds()
            answer = await console.raw("show environment")
            assert router.clock.seconds() - before > len(answer) / 16000

    with_router(work, options=Options(bytes_per_second=8000.0))


def test_static_route_table_follows_the_configuration() -> None:
    async def work(router: Router, server: Server) -> None:
        async with terminal(server) as console:
            await console.plain()
            table = await console.type("show ip route")
            assert re.search(r"^default +- +PP\[01\] +static", table, re.MULTILINE)
            assert re.search(r"^192\.168\.100\.0/24 +192\.168\.100\.1 +LAN1 +implicit", table, re.MULTILINE)
            router.faults.drop_default_route_when = "^sshd host 192"
            router.configure("", "sshd host 192.168.100.50")
            assert "default" not in await console.type("show ip route")
            router.configure("", "sshd host any")
            assert "default" in await console.type("show ip route")

    with_router(work)


def test_status_pp_shows_the_session_and_its_last_addresses_as_captured() -> None:
    async def work(router: Router, server: Server) -> None:
        async with terminal(server) as console:
            await console.plain()
            shown = (await console.type("show status pp 1")).split("\n")
            assert shown[:3] == [
                "PP[01]:",
                "Description: FLET'S Daiichi Josuijo",
                "Current PPPoE session status is Connected.",
            ]
            assert "    PP IP Address Local: 203.0.113.1, Remote: 192.0.2.254" in shown
            router.assigned["pp 1"] = "198.51.100.44"
            router.faults.pppoe_state = "Offline"
            await console.type("console character ja.utf8")
            shown = (await console.type("show status pp 1")).split("\n")
            assert shown[2] == "PPPoEセッションは継っていません"
            assert "    PP IP Address Local: 198.51.100.44, Remote: 192.0.2.254" in shown

    with_router(work)


def test_ipv6_addresses_are_shown_by_interface_and_scope() -> None:
    async def work(router: Router, server: Server) -> None:
        async with terminal(server) as console:
            await console.plain()
            shown = (await console.type("show ipv6 address")).split("\n")
            assert shown[0] == "LAN[01] scopeId 1" and " global       2001:db8:20:1::1/64" in shown
            router.configure("", "ipv6 lan2 address ra-prefix@lan2::1:2/64")
            assert " global       2001:db8:ffff::1:2/64" in (await console.type("show ipv6 address")).split("\n")

    with_router(work, "rtx1210_mape")


def test_tunnels_show_their_security_associations() -> None:
    async def work(router: Router, server: Server) -> None:
        async with terminal(server) as console:
            await console.plain()
            shown = await console.type("show ipsec sa")
            assert shown.startswith("Total: isakmp:1 send:1 recv:1")
            assert "203.0.113.77" in shown

    with_router(work, "rtx1210_mape")

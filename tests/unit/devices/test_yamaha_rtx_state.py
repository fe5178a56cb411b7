# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the router keeps and loses: unsaved against saved, restart, the schedule, the rollback timer, who may log in."""

from __future__ import annotations

import asyncio
import datetime

import asyncssh
import pytest

from tests.devices.yamaha_rtx import Clock, Config, Faults, Options, Personality, Router, Server
from tests.devices.yamaha_rtx.errors import CommandError
from tests.unit.devices.console_client import reachable, terminal, with_router

_QUICK = Options(boot_seconds=0.05)


def _router(**options: object) -> Router:
    return Router(Personality.load("rtx830_pppoe"), Options(**options))  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["rtx830_pppoe", "rtx1210_mape", "nvr510_vpn"])
def test_configuration_survives_its_own_text(name: str) -> None:
    config = Config(Personality.load(name).config)
    assert Config("\n".join(config.lines())) == config
    assert len(config.lines()) > 40


def test_a_setting_replaces_its_own_kind_only() -> None:
    router = _router()
    router.configure("", "ip filter 200037 pass 203.0.113.10 192.168.100.20 tcp * 443")
    filters = [line for line in router.lines() if line.startswith("ip filter 20003")]
    assert filters == [
        "ip filter 200030 pass * 192.168.100.0/24 icmp * *",
        "ip filter 200036 pass * 192.168.100.1 tcp * 22,80",
        "ip filter 200037 pass 203.0.113.10 192.168.100.20 tcp * 443",
    ]
    router.configure("", "no ip filter 200037 pass")
    router.configure("pp 1", "no ip pp secure filter in")
    assert not [line for line in router.lines() if "200037" in line]
    assert [line for line in router.lines() if "secure filter" in line] == [
        " ip pp secure filter out 200099 dynamic 200080 200082 200098"
    ]


def test_leaving_asks_to_save_and_no_keeps_it_unsaved() -> None:
    async def work(router: Router, server: Server) -> None:
        before = router.saved.lines()
        async with terminal(server) as console:
            await console.plain()
            await console.administrator()
            await console.type("snmp sysname k7")
            assert (await console.raw("quit")).endswith(b"Save new configuration ? (Y/N)")
            assert (await console.key("N")).endswith(b"> ")
            assert router.saved.lines() == before
            assert "snmp sysname k7" in router.lines()
            await console.administrator()
            await console.raw("exit")
            assert b"Saving ... CONFIG0 Done" in await console.key("y")
            assert "snmp sysname k7" in router.saved.lines()
            console.process.stdin.write(b"quit\r")
            assert await console.gone()

    with_router(work)


def test_difference_between_running_and_saved() -> None:
    async def work(router: Router, server: Server) -> None:
        async with terminal(server) as console:
            await console.plain()
            await console.administrator()
            await console.type("save")
            await console.type("login user noc-a another-secret")
            await console.lines("pp select 1", "ip pp mtu 1400", "pp select none")
            assert (await console.raw("show config difference 0")).endswith(b"Login Password: ")
            assert (await console.raw("rtx830-login")).endswith(b"Administrator Password: ")
            shown = (await console.raw("rtx830-admin")).decode().replace("\r\n", "\n")
        assert "no login user noc-a *" in shown
        assert "secret" not in shown
        assert "pp select 1\n no ip pp mtu 1400\n" in shown
        assert " ip pp mtu 1454" in shown

    with_router(work)


def test_restart_loses_what_is_not_saved_and_everybody_in_it() -> None:
    async def work(router: Router, server: Server) -> None:
        async with terminal(server) as console:
            await console.administrator()
            await console.raw("snmp sysname gone-after-restart")
            changed = router.state_hash()
            console.process.stdin.write(b"restart\r")
            assert await console.gone()
        while not router.up:
            await asyncio.sleep(0.01)
        assert "gone-after-restart" not in str(router.lines())
        assert router.state_hash() != changed
        assert router.boots == 2
        assert await reachable(server)

    with_router(work, options=_QUICK)


def test_a_restarting_router_answers_nobody() -> None:
    async def work(router: Router, server: Server) -> None:
        router.restart()
        assert not await reachable(server)
        router.clock.advance(41)
        router.tick()
        assert await reachable(server)

    with_router(work)


# --- schedule


def test_timer_fires_once_on_the_routers_clock_without_anybody_logged_in() -> None:
    async def work(router: Router, server: Server) -> None:
        async with terminal(server) as console:
            await console.administrator()
            await console.raw("schedule at 9 +600 * no ip filter 200037")
        router.clock.advance(599)
        await asyncio.sleep(0.02)
        assert "ip filter 200037 " in str(router.lines())
        router.clock.advance(1.5)
        await asyncio.sleep(0.02)
        assert "ip filter 200037 " not in str(router.lines())
        assert router.journal[-1]["user"] == "schedule"
        router.configure("", "ip filter 200037 pass * 192.168.100.20 tcp * 443")
        router.clock.advance(3600)
        await asyncio.sleep(0.02)
        assert "ip filter 200037 " in str(router.lines())

    with_router(work)


def test_removing_the_entry_disarms_the_timer() -> None:
    router = _router()
    router.configure("", "schedule at 9 +60 * restart")
    router.configure("", "no schedule at 9")
    router.clock.advance(61)
    router.tick()
    assert router.up
    assert router.boots == 1


def test_scheduled_restart_returns_to_the_saved_configuration() -> None:
    router = _router(boot_seconds=40.0)
    saved = router.state_hash()
    router.configure("", "schedule at 9 +60 * restart")
    router.configure("", "sshd host none")
    router.clock.advance(61)
    router.tick()
    assert not router.up
    router.clock.advance(41)
    router.tick()
    assert router.up
    assert router.state_hash() == saved


def test_a_saved_restart_timer_restarts_for_ever() -> None:
    """Why a guard's line must never reach the saved configuration."""
    router = _router(boot_seconds=1.0)
    router.configure("", "schedule at 9 +60 * restart")
    router.save()
    for _boot in range(3):
        router.clock.advance(61)
        router.tick()
        router.clock.advance(2)
        router.tick()
    assert router.boots == 4


def test_scheduled_command_runs_in_its_section_and_its_errors_show_late() -> None:
    router = _router()
    router.configure("", "schedule at 1 +5 pp 1 ip pp mtu 1400")
    router.configure("", "schedule at 2 +5 * ip filter 7 nonsense")
    router.clock.advance(6)
    router.tick()
    assert router.running.get("ip pp mtu", "pp 1") == ("1400",)
    assert router.journal[-1]["error"].startswith("Error: ")


def test_time_of_day_entries_fire_in_their_second_and_number_order() -> None:
    start = datetime.datetime(2026, 11, 20, 2, 59, 50, tzinfo=datetime.timezone(datetime.timedelta(hours=9)))
    router = Router(Personality.load("nvr510_vpn"), clock=Clock(start=start))
    router.configure("", "schedule at 5 */fri 03:00 * snmp sysname second")
    router.configure("", "schedule at 4 3:00:00 * snmp sysname first")
    router.configure("", "schedule at 6 */sat 03:00 * snmp sysname wrong-day")
    router.configure("", "schedule at 7 12/* 03:00 * snmp sysname wrong-month")
    router.clock.advance(15)
    router.tick()
    ran = [entry["line"] for entry in router.journal]
    assert ran == ["snmp sysname first", "snmp sysname second"]
    router.clock.advance(86400)
    router.tick()
    assert [entry["line"] for entry in router.journal][2:] == ["snmp sysname first", "snmp sysname wrong-day"]


def test_startup_entries_run_at_boot() -> None:
    router = _router(boot_seconds=1.0)
    router.configure("", "schedule at 3 startup * snmp sysname booted")
    router.save()
    router.restart()
    router.clock.advance(2)
    router.tick()
    assert router.running.get("snmp sysname") == ("booted",)


@pytest.mark.parametrize(
    "line",
    [
        "schedule at 1 +0 * restart",
        "schedule at 1 +3601 * restart",
        "schedule at 1 24:00 * restart",
        "schedule at 1 13/1 3:00 * restart",
        "schedule at 1 3:00:* * restart",
        "schedule at 1 3:00 * save",
        "schedule at 1 3:00 * no schedule at 1",
        "schedule at 1 3:00 * show config",
        "schedule at 1 +60 restart",
        "schedule at x +60 * restart",
    ],
)
def test_what_cannot_be_scheduled_is_refused(line: str) -> None:
    router = _router()
    with pytest.raises(CommandError):
        router.configure("", line)
    assert router.running == router.saved


def test_revisions_without_timers_refuse_them() -> None:
    router = Router(Personality.load("nvr510_vpn"))
    with pytest.raises(CommandError):
        router.configure("", "schedule at 1 +60 * restart")
    router.configure("", "schedule at 1 23:59 * restart")


# --- rollback timer


def test_rollback_timer_restores_unless_confirmed() -> None:
    async def work(router: Router, server: Server) -> None:
        async with terminal(server) as console:
            await console.administrator()
            await console.raw("rollback timer 120")
            before = router.lines()
            await console.raw("sshd host none")
        router.clock.advance(121)
        await asyncio.sleep(0.02)
        assert router.lines() == before
        async with terminal(server) as console:
            await console.administrator()
            await console.raw("rollback timer 120")
            await console.raw("snmp sysname k7")
            await console.raw("confirm")
            router.clock.advance(121)
            await asyncio.sleep(0.02)
            assert "snmp sysname k7" in router.lines()

    with_router(work)


# --- people


def test_second_session_of_a_single_session_user_is_refused() -> None:
    async def work(router: Router, server: Server) -> None:
        async with terminal(server):
            assert not await reachable(server)
            router.configure("", "user attribute noc-a connection=ssh administrator=on multi-session=on")
            assert await reachable(server)

    with_router(work, "nvr510_vpn")


def test_attributes_decide_who_may_log_in_and_rise() -> None:
    async def work(router: Router, server: Server) -> None:
        assert await reachable(server)
        router.configure("", "user attribute noc-a connection=http")
        assert not await reachable(server)
        router.configure("", "user attribute noc-a host=203.0.113.20-203.0.113.30")
        assert not await reachable(server)
        assert await reachable(server, "127.0.0.2")
        router.configure("", "user attribute noc-a administrator=off")
        async with terminal(server) as console:
            assert (await console.raw("administrator")).endswith(b"> ")
        assert len(router.auth_attempts) == 5

    with_router(work)


def test_changed_passwords_hold_from_the_next_login() -> None:
    async def work(router: Router, server: Server) -> None:
        async with terminal(server) as console:
            await console.plain()
            await console.administrator()
            await console.type("login user noc-a new-Secret-7")
            for text in ("administrator password", "rtx830-admin", "adm-Secret-8"):
                await console.raw(text)
            assert b"Password Strength : Strong" in await console.raw("adm-Secret-8")
        assert not await reachable(server)
        async with terminal(server, password="new-Secret-7") as console:
            await console.administrator("adm-Secret-8")
            assert b"Error" not in await console.raw("snmp sysname ok")
        assert "Secret" not in str(router.journal)

    with_router(work)


def test_a_second_shell_on_one_connection_is_no_new_connection() -> None:
    """A client that re-uses its SSH connection gets in whatever the rules say: the counter gives it away."""

    async def work(router: Router, server: Server) -> None:
        async with terminal(server) as console:
            router.configure("", "sshd host none")
            assert not await reachable(server)
            second = await console.connection.create_process(term_type="vt100", encoding=None)
            assert b"RTX830" in await second.stdout.read(4096)
            assert len(router.logins) == 2
            assert router.connections == 1
            second.stdin.write(b"quit\r")
            await second.wait_closed()
            assert (await console.raw("help")).endswith(b"> ")

    with_router(work)


# --- faults


def test_faults_of_commands_and_of_save() -> None:
    async def work(router: Router, server: Server) -> None:
        router.faults.update({"reject_when": "^ip filter 7 ", "fail_save": True, "ignore_when": "^snmp"})
        saved = router.saved.lines()
        async with terminal(server) as console:
            await console.plain()
            await console.administrator()
            assert await console.type("ip filter 7 pass * *") == "Error: Invalid parameter"
            assert await console.type("snmp sysname x") == ""
            assert "sysname x" not in str(router.lines())
            assert (await console.type("save")).startswith("Error: ")
            router.faults.clear()
            router.faults.lie_on_save = True
            assert await console.type("save") == "Saving ... CONFIG0 Done"
        assert router.saved.lines() == saved

    with_router(work)


def test_session_killed_before_and_after_a_command() -> None:
    async def work(router: Router, server: Server) -> None:
        for name, applied in (("kill_before", False), ("kill_after", True)):
            router.faults.clear()
            router.faults.update({name: "^ip filter 8 "})
            async with terminal(server) as console:
                await console.administrator()
                console.process.stdin.write(b"ip filter 8 pass * *\r")
                assert await console.gone()
            assert ("ip filter 8 pass * *" in router.lines()) is applied

    with_router(work)


def test_session_frozen_after_a_command_until_its_client_leaves() -> None:
    async def work(router: Router, server: Server) -> None:
        router.faults.update({"freeze_after": "^ip filter 8 "})
        async with terminal(server) as console:
            await console.administrator()
            console.process.stdin.write(b"ip filter 8 pass * *\rip filter 9 pass * *\r")
            while "ip filter 8 pass * *" not in router.lines():
                await asyncio.sleep(0)
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(console.process.stdout.readuntil(b"# "), 0.2)
        while router.logins:
            await asyncio.sleep(0.01)
        assert "ip filter 9 pass * *" not in router.lines()

    with_router(work)


def test_new_sessions_refused_or_unanswered_while_the_old_one_lives() -> None:
    async def work(router: Router, server: Server) -> None:
        async with terminal(server) as console:
            router.faults.refuse_new = True
            assert not await reachable(server)
            router.faults.clear()
            router.faults.mute = True
            with pytest.raises((TimeoutError, asyncssh.Error)):
                await asyncio.wait_for(asyncssh.connect("127.0.0.1", server.port, known_hosts=None, config=None), 0.3)
            assert (await console.raw("help")).endswith(b"> ")

    with_router(work)


def test_host_key_change_is_seen_by_a_client_that_pinned_the_old_one() -> None:
    async def work(router: Router, server: Server) -> None:
        pinned = server.host_key.export_public_key()
        server.rotate_host_key()
        known = asyncssh.import_known_hosts("* " + pinned.decode())
        with pytest.raises(asyncssh.HostKeyNotVerifiable):
            await asyncssh.connect("127.0.0.1", server.port, known_hosts=known, config=None, client_keys=None)

    with_router(work)


def test_hostile_output() -> None:
    async def work(router: Router, server: Server) -> None:
        router.faults.update({"garble_when": "environment", "flood_when": "status user", "flood_bytes": 100_000})
        async with terminal(server) as console:
            await console.plain()
            assert b"\xff\x1b[2J\x00\r\nRTX830 BootROM" in await console.raw("show environment")
            assert len(await console.raw("show status user")) > 100_000

    with_router(work)


@pytest.mark.parametrize("change", [{"no_such": True}, {"mute": "yes"}, {"reject_when": "("}])
def test_a_fault_that_could_never_happen_is_an_error(change: dict[str, object]) -> None:
    with pytest.raises((ValueError, __import__("re").error)):
        Faults().update(change)

# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The demo from beginning to end, and what must have come true in it."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from . import outside, playbook
from .site import Site

_OPEN = 2  # exit code of a playbook that leaves something open
_LINES, _LINE, _REASON = 4, 100, 150  # shown of either side of a change, and of a reason


@dataclass(slots=True)
class Story:
    """Tells, and remembers what was not as it should be."""

    site: Site
    here: str  # the demo's directory as the reader sees it
    wrong: list[str] = field(default_factory=list)

    async def tell(self) -> list[str]:
        """All of it; returns what went otherwise than expected."""
        begun = time.monotonic()
        self._introduce()
        untouched = self.site.fingerprint("m3-rtx")

        self._title("監査 An audit reads and judges; it changes nothing")
        before = {host: self.site.fingerprint(host) for host in self.site.servers}
        first = await self._play("audit", _OPEN)
        self._expect(before == {host: self.site.fingerprint(host) for host in before}, "an audit changed a router")
        self._expect(_count(first, "gap") > 0, "the audit found no gap")

        self._title("外から From outside, before")
        await self._look(stranger_enters=True)

        self._title("対策 Remediation, one device at a time, each change under a guard")
        fixed = await self._play("remediate", _OPEN, "-e", "report_table=false")
        print("\n".join(["", *_done(fixed, first), *_left(fixed)]))
        self._expect(_count(fixed, "fixed") > 0, "nothing was fixed")
        self._expect(_count(fixed, "failed") == 0, "a change failed")
        self._expect(self.site.fingerprint("m3-rtx") == untouched, "the router with unsaved work was changed")

        self._title("外から From outside, after")
        await self._look(stranger_enters=False)

        self._title("再監査 The audit again")
        last = await self._play("audit", _OPEN, "--limit", "site_k7")
        self._expect(_count(last, "gap", "k7") == 0, "a gap is left on site k7")
        self._conclude(first, time.monotonic() - begun)
        return self.wrong

    # --- scenes ---------------------------------------------------------------------------------------------

    def _introduce(self) -> None:
        print(f"Two customers' sites, emulated on loopback. Nothing outside {self.here}/ is written.")
        print("  k7  浄水場      k7-rtx   RTX830 on PPPoE, publishes the panel's pages")
        print("                  k7-panel a web panel that nobody can log in to; k7-rtx limits access for it")
        print("  m3  ポンプ場    m3-rtx   RTX1210 on MAP-E and IPv6, with somebody's unsaved work")
        print(f"The inventory is {self.here}/hosts.yml")

    async def _play(self, name: str, expected: int, *options: str) -> dict[str, Any]:
        """Run a playbook as anybody would; its findings by site."""
        print(" ".join(["$ ansible-playbook -i hosts.yml", f"iot_site.checklist.{name}", *options]), flush=True)
        code = await playbook.run(self.site.directory, name, *options)
        self._expect(code == expected, f"{name} ended with exit code {code} instead of {expected}")
        print(f"exit code {code}: what CI would see, as long as anything is open")
        evidence = self.site.directory / "iot_site_evidence"
        return {site: _findings(evidence / site / "latest") for site in ("k7", "m3")}

    async def _look(self, *, stranger_enters: bool) -> None:
        panel, ssh = self.site.port("k7-rtx", "panel"), self.site.port("k7-rtx", "ssh")
        for source, word, enters in (
            (outside.STRANGER, "a stranger  ", stranger_enters),
            (outside.PERSON, "user-b      ", True),
        ):
            title, hello = await outside.page_title(source, panel), await outside.greeting(source, ssh)
            print(f"  {word} {outside.SEEN_AS[source]:15} panel: {_answer(title)}   SSH: {_answer(hello)}")
            self._expect(bool(title) is enters, f"{word.strip()} {'cannot' if enters else 'can'} open the panel")
            self._expect(bool(hello) is enters, f"{word.strip()} {'cannot' if enters else 'can'} reach SSH")

    def _conclude(self, first: dict[str, Any], seconds: float) -> None:
        self._title("報告書 The reports, one per site and run, in Japanese and English")
        for site, report in first.items():
            where = f"{self.here}/iot_site_evidence/{site}"
            print(f"  {site} before  {where}/{report['run']}/report.html")
            print(f"     after   {where}/latest/report.html")
        print()
        if self.wrong:
            print("The demo did not go as expected:", *self.wrong, sep="\n  ")
        else:
            print(f"The demo went as expected, in {seconds:.0f} s. Nothing is left running.")

    def _title(self, text: str) -> None:
        print(f"\n--- {text} ---", flush=True)

    def _expect(self, true: bool, otherwise: str) -> None:
        if not true:
            self.wrong.append(otherwise)


# --- the evidence -------------------------------------------------------------------------------------------


def _findings(folder: Path) -> dict[str, Any]:
    try:
        report: dict[str, Any] = json.loads((folder / "findings.json").read_text(encoding="utf-8"))
    except OSError as error:
        raise SystemExit(f"the run left no evidence: {error}") from None
    return report


def _count(reports: dict[str, Any], status: str, *sites: str) -> int:
    return sum(int(report["counts"][status]) for site, report in reports.items() if not sites or site in sites)


def _done(reports: dict[str, Any], planned: dict[str, Any]) -> Iterator[str]:
    """Before -> after of everything that was changed, device by device."""
    wanted = {_place(finding): finding["after"] for finding in _with(planned, "gap")}
    for finding in _with(reports, "fixed"):
        yield f"  {finding['host']} {finding['control']}  修正済 fixed: {finding['why']}"
        yield from _side("-", finding["before"])
        yield from _side("+", wanted.get(_place(finding), ""))


def _place(finding: dict[str, Any]) -> tuple[str, str, str]:
    return finding["host"], finding["control"], finding["surface"]


def _left(reports: dict[str, Any]) -> Iterator[str]:
    for finding in _with(reports, "failed", "gap"):
        reason = (finding["fix"] or finding["why"]).splitlines()[0]
        yield f"  {finding['host']} {finding['control']}  未変更 not changed"
        yield f"        {reason[:_REASON]}"


def _with(reports: dict[str, Any], *statuses: str) -> Iterator[dict[str, Any]]:
    return (finding for report in reports.values() for finding in report["findings"] if finding["status"] in statuses)


def _side(sign: str, text: str) -> Iterator[str]:
    lines = text.splitlines()
    for line in lines[:_LINES]:
        yield f"      {sign} {line[:_LINE]}"
    if len(lines) > _LINES:
        yield f"      {sign} … ({len(lines) - _LINES} more)"


def _answer(text: str) -> str:
    return f"「{text}」" if text else "refused 拒否"

# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The outside view of 500 devices of eight kinds on loopback, beside nmap's of the same; and of ten times as many."""

from __future__ import annotations

import html
import json
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .timing import SCRATCH, Ratio, Unmeasured

ENDPOINTS, ADDRESSES = 500, 10
TIMES_FASTER = 20
LINEAR = 12  # times the cost of a tenth of the endpoints, where 10 is exactly linear and what starts up is shared
NMAP_SECONDS = 1800
SCRIPTS = "banner,http-title,ssl-cert,snmp-sysdescr"

#: A run in a process of its own, whose memory is that of a vantage.
_RUN = """
import json, resource, sys, time
from ansible_collections.iot_site.checklist.plugins.module_utils.probe import site_run
targets = json.load(sys.stdin)
began = time.monotonic()
rows, _controls, complete = site_run.run(targets, [], site_run.Limits(rate=5000, total=600))
print(json.dumps([rows, complete, time.monotonic() - began, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss]))
"""

Device = dict[str, Any]


def measure() -> list[Ratio]:
    if not shutil.which("nmap"):
        raise Unmeasured("nmap is not installed: apt-get install nmap")
    with _devices() as devices:
        texts, seconds, kilobytes = _ours(devices, 1)
        _texts_many, many_seconds, many_kilobytes = _ours(devices, ADDRESSES)
        few, many = len(devices), len(devices) * ADDRESSES
        grown = (many_kilobytes - kilobytes) / (many - few)
        print(f"bench: {few} endpoints: {seconds:.1f} s, {kilobytes / 1024:.0f} MB; {many}: {many_seconds:.1f} s, "
              f"{many_kilobytes / 1024:.0f} MB; {grown:.1f} kB for each more", flush=True)  # fmt: skip
        nmap_text, nmap_seconds = _nmap(devices)
    _print_found(devices, texts, nmap_text)
    return [
        Ratio("exposure_probe, 500 endpoints", "nmap -sV", (seconds,), (nmap_seconds,), 1 / TIMES_FASTER),
        Ratio("exposure_probe, 5,000 endpoints", "500", (many_seconds,), (seconds,), LINEAR),
    ]


@contextmanager
def _devices() -> Iterator[list[Device]]:
    argv = [sys.executable, "-m", "tests.bench.outside_peers", str(ENDPOINTS), str(ADDRESSES)]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin and process.stdout
        told = process.stdout.readline()
        if not told:
            raise Unmeasured("the devices could not be started; what they said stands above")
        yield json.loads(told)
        process.stdin.close()


def _ours(devices: list[Device], addresses: int) -> tuple[list[str], float, int]:
    """``(the texts of each device, seconds, kilobytes)``."""
    targets = [
        {
            "host": "bench", "address": f"127.0.0.{last}", "port": one["port"], "transport": one["transport"],
            "kinds": ["snmp"] if one["transport"] == "udp" else [],
        }
        for last in range(1, addresses + 1) for one in devices
    ]  # fmt: skip
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", _RUN], input=json.dumps(targets), capture_output=True, text=True, check=False
    )
    seconds = time.monotonic() - began
    if done.returncode:
        raise Unmeasured(f"the probe ended with {done.returncode}: {done.stderr[-2000:]}")
    rows, complete, _inside, kilobytes = json.loads(done.stdout)
    kinds = Counter(row["kind"] for row in rows)
    wanted = Counter({kind: count * addresses for kind, count in Counter(one["kind"] for one in devices).items()})
    if not complete or kinds != wanted:
        raise Unmeasured(f"not every endpoint was recognised: {dict(kinds)}, not {dict(wanted)}")
    return [" ".join(text["text"] for text in row["texts"]) for row in rows], seconds, kilobytes


def _nmap(devices: list[Device]) -> tuple[str, float]:
    """``(all that it found, seconds)``. One for each kind, all at once, to its advantage: one alone did not end within
    half an hour.
    """
    ports: dict[str, list[str]] = {}
    for one in devices:
        ports.setdefault(one["kind"], []).append(f"{'U' if one['transport'] == 'udp' else 'T'}:{one['port']}")
    began = time.monotonic()
    running = {kind: _nmap_of(kind, wanted) for kind, wanted in ports.items()}
    try:
        for kind, process in running.items():
            process.wait(timeout=max(1.0, began + NMAP_SECONDS - time.monotonic()))
            if process.returncode:
                raise Unmeasured(f"nmap ended with {process.returncode}: {kind}")
    except subprocess.TimeoutExpired:
        raise Unmeasured(f"nmap has not ended within {NMAP_SECONDS} seconds: {kind}") from None
    finally:
        for process in running.values():
            process.kill()
    seconds = time.monotonic() - began
    found = "".join(_report(kind).read_text("utf-8", "replace") for kind in running)
    return html.unescape(found).replace("\\x20", " ").replace("_", " "), seconds


def _nmap_of(kind: str, ports: list[str]) -> subprocess.Popen[bytes]:
    scan = "-sU" if ports[0].startswith("U") else "-sT"
    argv = ["nmap", "-n", "-Pn", scan, "-sV", f"--script={SCRIPTS}", "-p", ",".join(ports), "-oX", str(_report(kind))]
    return subprocess.Popen([*argv, "127.0.0.1"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _report(kind: str) -> Path:
    return SCRATCH / f"nmap-{kind}.xml"


def _print_found(devices: list[Device], texts: list[str], nmap_text: str) -> None:
    """Who found the planted text of how many devices of each kind. Ours must find no fewer."""
    every, ours, theirs = Counter(), Counter(), Counter()
    for one, text in zip(devices, texts, strict=True):
        every[one["kind"]] += 1
        ours[one["kind"]] += one["text"] in text.replace("_", " ")
        theirs[one["kind"]] += one["text"] in nmap_text
    print("bench: planted texts found, of all / by exposure_probe / by nmap")
    for kind, count in every.items():
        print(f"  {kind:<8}{count:>5}{ours[kind]:>5}{theirs[kind]:>5}")
    fewer = [kind for kind in every if ours[kind] < theirs[kind]]
    if fewer:
        raise Unmeasured(f"nmap found more texts of {', '.join(fewer)}")

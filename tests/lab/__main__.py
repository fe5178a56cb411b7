# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``python3 -m tests.lab``: start and stop the lab's sites. README.md says how a test uses them."""

from __future__ import annotations

import argparse
import os
import sys

from . import image, layout
from .lab import Lab
from .layout import LabError
from .programs import require


def main() -> None:
    parser = argparse.ArgumentParser(prog="python3 -m tests.lab", description="Real Debian hosts on real networks.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("build", help="make the image, unless it is there")
    commands.add_parser("list", help="name the sites")
    for name, what in (
        ("up", "start a site; what already runs stays"),
        ("down", "remove a site and everything it left"),
        ("inventory", "print where the site's inventory is"),
        ("exec", "run a program on a host, beside the network"),
        ("reboot", "restart a host"),
    ):
        command = commands.add_parser(name, help=what)
        command.add_argument("site")
        if name in ("exec", "reboot"):
            command.add_argument("host")
        if name == "exec":
            command.add_argument("argv", nargs=argparse.REMAINDER)
    arguments = parser.parse_args()
    try:
        _do(arguments)
    except LabError as error:
        sys.exit(f"lab: {error}")


def _do(arguments: argparse.Namespace) -> None:
    if arguments.command == "list":
        print("\n".join(layout.sites()))
        return
    if arguments.command == "build":
        require()
        print(image.build())
        return
    lab = Lab(arguments.site)
    if arguments.command == "exec":
        inside = lab.inside(arguments.host)
        os.execvp(inside[0], [*inside, *arguments.argv])
    elif arguments.command == "inventory":
        print(lab.inventory)
    elif arguments.command == "reboot":
        lab.reboot(arguments.host)
    else:
        {"up": lab.up, "down": lab.down}[arguments.command]()


if __name__ == "__main__":
    main()

# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How lighttpd is asked for its effective configuration: without the types of files, about which nothing is judged.

Debian's configuration calls a script that lists 1,500 of them. That takes more time than any other program of a read,
and all that it prints travels and is parsed. Where the script is one that is known to print nothing else, lighttpd is
given its main file without that line. Whatever is unusual, or fails, is asked the long way.
"""

from __future__ import annotations

MAIN = "/etc/lighttpd/lighttpd.conf"

_TYPES = "/usr/share/lighttpd/create-mime.conf.pl"
#: SHA-256 of the script: lighttpd 1.4.69 of Debian 12.
KNOWN = ("ba3f9196bfa879592e1d20d61e34dba74ea4e7c3b07ac679e3e8b426817a77ba",)

#: Of the lines that include something, those that certainly bring in nothing from another folder, where var.CWD might
#: stand: the file's name is written out, and Debian's own scripts do without.
_NEAR = (
    r'^[[:space:]]*include[[:space:]]+"(/etc/lighttpd/)?[A-Za-z0-9_-][A-Za-z0-9_*.-]*(/[A-Za-z0-9_*-][A-Za-z0-9_*.-]*)*"'
    r'[[:space:]]*$|^[[:space:]]*#|^[[:space:]]*include_shell[[:space:]]+"/usr/share/lighttpd/[A-Za-z0-9_.-]+ *"'
)

#: From standard input, what a relative include means is told by the folder, which is then that of var.CWD, too. The
#: script cannot do without mime.types, and a configuration that would not load must be found out.
COMMAND = (
    "@having", "lighttpd", "sh", "-c",
    f"""\
{{
  cd /etc/lighttpd && test -r /etc/mime.types && ! grep -Rqsw CWD . &&
    ! grep -Rhs include . | grep -Eqv '{_NEAR}' &&
    case $(sha256sum {_TYPES}) in {" | ".join(f"'{known} '*" for known in KNOWN)}) ;; *) false ;; esac &&
    text=$(sed 's|^include_shell "{_TYPES}"$||' {MAIN}) && printf '%s\\n' "$text" | lighttpd -p -f -
}} 2>/dev/null && exit
cd / && exec lighttpd -p -f {MAIN}""",
)  # fmt: skip

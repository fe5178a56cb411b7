# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Why a host could not be reached or could not answer, in words that say what to do next."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ..display import show

#: What ssh says, and what it means. The first match counts.
UNREACHED = (
    (r"HOST IDENTIFICATION HAS CHANGED",
     "its SSH host key is not the one we know: the device was replaced or reset, or somebody stands in between. "
     "Check the key on the device itself; only then remove the old one with ssh-keygen -R"),
    (r"Host key verification failed|authenticity of host",
     "its SSH host key is not known yet: check it on the device, then add it to known_hosts"),
    (r"Permission denied|Invalid/incorrect (username/)?password|Too many authentication failures",
     "the login was refused. It was tried once only, because devices lock accounts: check user, key or password"),
    (r"Could not resolve hostname", "its name does not resolve: check ansible_host"),
    (r"Connection refused", "nothing listens on its SSH port: check ansible_port and whether sshd runs"),
    (r"timed out|timeout", "it does not answer: it is off, its address is wrong, or a filter drops us"),
    (r"No route to host|Network is unreachable", "there is no route to it from here"),
    (r"no matching (host key|key exchange|cipher|MAC)|Unable to negotiate",
     "its SSH is too old for this controller's settings: allow what it offers for this host only, in "
     "ansible_ssh_common_args"),
    (r"Connection (closed|reset)|kex_exchange_identification|Broken pipe", "it closed the connection"),
    (r"must install the sshpass program", "the controller needs sshpass for password logins: apt-get install sshpass"),
)  # fmt: skip

#: What a module's failure looks like when the module itself never ran.
UNABLE = (
    (r"module interpreter .* was not found|python[0-9.]*: (No such file|not found|command not found)",
     "No Python found on the host. Install python3 there, or set ansible_python_interpreter"),
    (r"requires a minimum of Python version (?P<wanted>[\d.]+)\. Current version: (?P<found>[\d.]+)",
     "The host's Python {found} is too old: this controller's Ansible needs {wanted} there. Set "
     "ansible_python_interpreter to a newer one, or use an older ansible-core on the controller"),
    (r"add this host's fingerprint to your known_hosts",
     "Its SSH host key is not known yet: check it on the device, then add it to known_hosts"),
    (r"Unable to execute ssh command line",
     "The controller has no ssh client: apt-get install openssh-client"),
    (r"(sudo|su|doas): (command )?not found|(sudo|su|doas): No such file",
     "The host has no such program for becoming root. Log in as root, or install it (ansible_become_method)"),
    (r"Missing sudo password|a password is required|a terminal is required",
     "sudo asks for a password: give --ask-become-pass or ansible_become_password, or allow this account NOPASSWD"),
    (r"Incorrect sudo password|Sorry, try again", "The sudo password is wrong"),
    (r"not in the sudoers file|is not allowed to (execute|run)|may not run sudo", "sudo does not allow this account"),
    (r"No space left on device", "The host's disk is full"),
    (r"Read-only file system", "The host's file system is read-only"),
    (r"Failed to create temporary directory",
     "The host gives this account no place for temporary files: check its home directory or set ansible_remote_tmp"),
)  # fmt: skip

#: sudo with requiretty refuses pipelined modules; they then travel as a file.
NEEDS_TTY = re.compile(r"you must have a tty to run sudo")


def unreached(text: str) -> str:
    """Why there is no connection, with ssh's own last words."""
    if "censored due to no log" in text:
        return "the connection failed; ssh's reason is hidden because this execution carries secrets"
    said = _last_words(text)
    for pattern, meaning in UNREACHED:
        if re.search(pattern, text, re.IGNORECASE):
            return f"{meaning} (ssh says: {said})"
    return said or "the connection failed and ssh gives no reason"


def unable(result: Mapping[str, Any]) -> str:
    """Why a connected host gave no answer, from the module result Ansible made of it."""
    if result.get("skipped"):
        return "Ansible skipped the module (check mode?)"
    text = said(result)
    for pattern, meaning in UNABLE:
        if match := re.search(pattern, text):
            return f"{meaning.format(**match.groupdict())} (it says: {_last_words(text)})"
    return f"The host ran our module but gave no answer we understand: {_last_words(text) or 'nothing at all'}"


def said(result: Mapping[str, Any]) -> str:
    return "\n".join(str(result.get(key) or "") for key in ("msg", "module_stdout", "module_stderr"))


def _last_words(text: str) -> str:
    """The last line that is not ssh's decoration, safe to print."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    telling = [line for line in lines if not DECORATION.search(line)]
    return show((telling or lines or [""])[-1], 300)


DECORATION = re.compile(r"^(@+|@.*@)$|^Shared connection to .* closed|^Connection to .* closed\.$|^[*]+|^\[\w+\]:")

#!/usr/bin/python
# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a visitor without a login gets from the endpoints of a site, seen from the host that runs this."""

from __future__ import annotations

DOCUMENTATION = r"""
module: exposure_probe
short_description: What a visitor without a login sees of a site's endpoints
version_added: 0.1.0
description:
  - Visits the given endpoints, all in one execution and many at a time, and returns of each whether it is closed,
    silent, open, open without a login or asks for one, and every text that it shows before a login.
  - It changes nothing, on the host that runs it as on what it visits. It sends requests that only read, no password, no
    form, no exploit. Of SSH the ways to log in are asked for with the method V(none), for a name that is no account. A
    broker of MQTT is asked whether it takes a client without a name, and only its C($SYS) topics are read.
  - Only addresses are visited that are given one by one, at a limited pace and for a limited time. A redirect is
    followed on the same address only. The names that DNS has for them are asked of this host's own resolvers.
  - Probe only what you are allowed to. The playbooks of this collection visit nothing outside C(iot_site_authorised).
  - Whether a text discloses something, and what an endpoint's state means, is judged on the controller.
author:
  - iot_site.checklist contributors (@iot-site)
options:
  targets:
    description: The endpoints to visit.
    type: list
    elements: dict
    required: true
    suboptions:
      host:
        description: The inventory host that the endpoint belongs to. It is returned as it is.
        type: str
        required: true
      address:
        description: An IPv4 or IPv6 address. There are no ranges and no names.
        type: str
        required: true
      port:
        description: The port.
        type: int
        required: true
      transport:
        description: The transport.
        type: str
        choices: [tcp, udp]
        default: tcp
      kinds:
        description:
          - The protocols to try. Without it, what is usual at that port, and else what the endpoint begins to speak.
          - Over UDP, only V(bacnet), V(onvif) (WS-Discovery), V(snmp) and V(upnp) are spoken, over TCP all but
            V(bacnet) and V(snmp).
        type: list
        elements: str
        choices: [bacnet, ftp, http, https, modbus, mqtt, onvif, rtsp, snmp, ssh, telnet, tls, upnp, vnc]
        default: []
      name:
        description: The DNS name by which visitors call it, for TLS (SNI) and C(Host). It is not looked up.
        type: str
        default: ""
  controls:
    description:
      - TCP endpoints that must be reachable from here, on other people's networks. Where none is, a filter before this
        host makes everything look closed.
    type: list
    elements: dict
    default: []
    suboptions:
      address:
        description: An IPv4 or IPv6 address.
        type: str
        required: true
      port:
        description: The port.
        type: int
        required: true
  timeout:
    description: Seconds that a connection may take, from its first packet to its last byte.
    type: float
    default: 5
  total_seconds:
    description: Seconds that the whole run may take. Endpoints that are not finished by then are V(unknown).
    type: float
    default: 120
  rate:
    description: New connections a second, of all endpoints together.
    type: float
    default: 50
  tries:
    description: How often an endpoint is visited that does not answer at all.
    type: int
    default: 2
  max_bytes:
    description: Bytes that are read of one endpoint, over all its connections.
    type: int
    default: 65536
attributes:
  check_mode:
    description: Visits the same in check mode.
    support: full
  diff_mode:
    description: Changes nothing, so there is no difference to show.
    support: none
notes:
  - It needs Python 3.8 and nothing else on the host that runs it.
  - Texts come from strangers' programs. They are decoded and bounded, and hold control characters as they were sent.
"""

EXAMPLES = r"""
- name: Look at a panel from outside
  iot_site.checklist.exposure_probe:
    targets:
      - host: k7-panel
        address: 192.0.2.20
        port: 8443
        kinds: [https]
      - host: k7-panel
        address: 192.0.2.20
        port: 161
        transport: udp
    controls:
      - address: 198.51.100.1
        port: 443
  delegate_to: vantage
"""

RETURN = r"""
complete:
  description: Whether every endpoint was finished within O(total_seconds).
  returned: success
  type: bool
  sample: true
controls:
  description: The control endpoints, in the order given.
  returned: success
  type: list
  elements: dict
  contains:
    address:
      description: The address.
      type: str
    port:
      description: The port.
      type: int
    reached:
      description: Whether a connection was made.
      type: bool
    source:
      description: The address of this host that the connection came from.
      type: str
endpoints:
  description:
    - The endpoints in the order given. One that speaks two kinds, such as web pages and ONVIF, has a row for each.
  returned: success
  type: list
  elements: dict
  contains:
    host:
      description: The inventory host, as given.
      type: str
      sample: k7-panel
    address:
      description: The address.
      type: str
      sample: 192.0.2.20
    port:
      description: The port.
      type: int
      sample: 8443
    transport:
      description: The transport.
      type: str
      sample: tcp
    state:
      description:
        - V(closed) (refused), V(filtered) (silence in all tries), V(open) (it speaks or takes connections, and whether
          it wants a login cannot be told), V(login_required), V(open_without_login), or V(unknown).
      type: str
      sample: login_required
    kind:
      description: What it speaks; V(tcp) or V(udp) where nothing was recognised.
      type: str
      sample: https
    source:
      description: The address of this host that the endpoint saw.
      type: str
      sample: 203.0.113.66
    tries:
      description: How often it was visited.
      type: int
      sample: 1
    why:
      description: The reason for the state, for a person. It may quote the endpoint.
      type: str
      sample: shows a login form
    texts:
      description: What it shows before a login.
      type: list
      elements: dict
      contains:
        surface:
          description: Where the text was, such as V(html_title), V(ssh_banner), V(snmp_syslocation).
          type: str
          sample: html_title
        text:
          description: The text. It may hold control characters and anything that somebody likes to put there.
          type: str
          sample: K-7Q2MXA
        cut:
          description: Whether there was more of it, or were more of its surface, than is returned.
          type: bool
          sample: false
    facts:
      description: More about it, by kind, such as C(status) and C(form) of a page or C(auth_methods) of SSH.
      type: dict
      sample: {"status": 200, "form": true}
"""

import ipaddress

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.iot_site.checklist.plugins.module_utils.probe import site_run
from ansible_collections.iot_site.checklist.plugins.module_utils.probe.kinds import KINDS, READERS

CONTROL = {"address": {"type": "str", "required": True}, "port": {"type": "int", "required": True}}
TARGET = {
    "host": {"type": "str", "required": True},
    "address": {"type": "str", "required": True},
    "port": {"type": "int", "required": True},
    "transport": {"type": "str", "choices": ["tcp", "udp"], "default": "tcp"},
    "kinds": {"type": "list", "elements": "str", "choices": KINDS, "default": []},
    "name": {"type": "str", "default": ""},
}
LIMITS = {
    "timeout": {"type": "float", "default": 5},
    "total_seconds": {"type": "float", "default": 120},
    "rate": {"type": "float", "default": 50},
    "tries": {"type": "int", "default": 2},
    "max_bytes": {"type": "int", "default": 65536},
}


def problems(parameters):
    """Everything that is wrong with what is asked, in words. Nothing is visited then."""
    found = [f"{name} must be more than 0, and is {parameters[name]}" for name in LIMITS if parameters[name] <= 0]
    for place in ("targets", "controls"):
        for number, one in enumerate(parameters[place]):
            found += (f"{place}[{number}]: {problem}" for problem in _problems(one))
    return found


def _problems(one):
    try:
        ipaddress.ip_address(one["address"])
    except ValueError:
        yield f"{one['address']!r} is no IPv4 or IPv6 address; give one address, no name and no range"
    if not 0 < one["port"] < 65536:
        yield f"there is no port {one['port']}; give one from 1 to 65535"
    spoken = READERS[one.get("transport", "tcp")]
    for kind in one.get("kinds", ()):
        if kind not in spoken:
            yield f"{kind} is not spoken over {one['transport']}; there are {', '.join(sorted(spoken))}"


def main():
    module = AnsibleModule(
        argument_spec={
            "targets": {"type": "list", "elements": "dict", "required": True, "options": TARGET},
            "controls": {"type": "list", "elements": "dict", "default": [], "options": CONTROL},
            **LIMITS,
        },
        supports_check_mode=True,
    )
    asked = module.params
    wrong = problems(asked)
    if wrong:
        module.fail_json(msg="nothing was visited: " + "; ".join(wrong))
    limits = site_run.Limits(
        asked["timeout"], asked["total_seconds"], asked["rate"], asked["tries"], asked["max_bytes"]
    )
    endpoints, controls, complete = site_run.run(asked["targets"], asked["controls"], limits)
    module.exit_json(changed=False, endpoints=endpoints, controls=controls, complete=complete)


if __name__ == "__main__":
    main()

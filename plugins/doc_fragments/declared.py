# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation shared by preflight and the control modules: the intent of a host, and what every control does."""

from __future__ import annotations


class ModuleDocFragment:
    """``declared``: the one dictionary of intent. ``declared.control``: what holds for every control module."""

    # The suboptions are raw on purpose: intent.py names every wrong variable, by the name the inventory gives it;
    # an argument specification would stop at the first, coerce "any" to a list, and know no variable names.
    DOCUMENTATION = r"""
options:
  declared:
    description:
      - What the inventory wants of this host. Without it, the C(iot_site_*) variables of the host say so, whose
        defaults the role P(iot_site.checklist.iot_site#role) holds; each suboption stands for the variable it names.
    type: dict
    suboptions:
      site:
        description: C(iot_site_id), the id of the site this host belongs to.
        type: raw
      people:
        description:
          - A dictionary of every variable whose name begins with C(iot_site_people), with its list of people.
          - Each person has C(name), C(sources) (addresses, networks, ranges) or C(via) (the name of a VPN),
            and may have C(shared) and C(access).
        type: raw
      vpns:
        description: C(iot_site_vpns), a dictionary of VPN names and the networks of their pools.
        type: raw
      management_sources:
        description: C(iot_site_management_sources), the addresses the controller itself comes from.
        type: raw
      source_max_addresses:
        description: C(iot_site_source_max_addresses), from which size on strangers share an IPv4 source.
        type: raw
      published:
        description: C(iot_site_published), a list of services with C(via), C(port), C(to) and C(protocol).
        type: raw
      enforced_by:
        description: C(iot_site_enforced_by), the host that limits access for this one.
        type: raw
      gateway_sites:
        description: C(iot_site_id) of the inventory hosts that O(declared.enforced_by) and O(declared.published) name.
        type: raw
      gateway_enforcers:
        description: The C(iot_site_enforced_by) of the same hosts.
        type: raw
      authorised:
        description: C(iot_site_authorised), a dictionary of C(by), C(on), C(until) and C(scope).
        type: raw
      exposure:
        description: C(iot_site_exposure), a dictionary of C(level), C(reason), C(by), C(on), C(until) and C(paths).
        type: raw
      waivers:
        description:
          - C(iot_site_waivers), a list of dictionaries of C(hosts), C(control), C(surface), C(decision), C(owner),
            C(reason) and C(until).
        type: raw
      unsaved:
        description: C(iot_site_unsaved), V(refuse) or V(adopt).
        type: raw
      guard_seconds:
        description: C(iot_site_guard_seconds), after which a device returns by itself.
        type: raw
      words:
        description: C(iot_site_words), the owner's own words that nobody may read before login.
        type: raw
      label:
        description: C(iot_site_label), the symbol that stands for this host.
        type: raw
      label_problem:
        description: Why no label can be derived from C(iot_site_secret). The secret itself is never an argument.
        type: raw
      vantages:
        description: C(iot_site_vantages), a list of dictionaries of C(host), C(sources), C(expects) and C(controls).
        type: raw
      vantage_hosts:
        description: The hosts of the inventory group C(iot_site_vantage_hosts), where vantages are.
        type: raw
      outside_addresses:
        description: C(iot_site_outside_addresses), a list of addresses, or V(reported).
        type: raw
      outside_names:
        description: C(iot_site_outside_names), a list of names in DNS.
        type: raw
      ipv6_attested:
        description: C(iot_site_ipv6_attested), who has looked at the IPv6 filter of a home gateway.
        type: raw
      stakeholders:
        description: C(iot_site_stakeholders), a dictionary of C(owner), C(builder), C(operator) and C(user).
        type: raw
"""

    CREDENTIALS = r"""
options:
  accounts_for:
    description:
      - Where the people of which access get an account, a dictionary of V(accounts) (of the machine itself),
        V(web_users) and V(logins) (of a router), each with a list of some of V(admin), V(operator) and V(viewer).
      - Where nothing is told, the machine has accounts for V(admin) only, and everything else for everybody.
    type: raw
  service_accounts:
    description:
      - Accounts that belong to no person and stay, such as those of programs, and the one that opens a machine in need.
      - Their generated passwords are stored under the account's own name.
      - A user of SNMPv3 is changed once it is named here, a community of snmpd once V(snmp_read) (C(rocommunity)) or
        V(snmp_write) (C(rwcommunity)) is. Whatever asks with the old one gets no answer until it has the new one.
    type: raw
    default: [root]
  form:
    description:
      - Of generated passwords. All have 100 bits or more.
      - V(random) are letters and digits. V(unambiguous) are letters and digits that nobody takes for others, for who
        reads them from paper. V(passphrase) are made-up words. A router, which takes 32 characters, gets
        V(unambiguous) then.
    type: raw
    default: random
  rotate:
    description:
      - The people and service accounts whose passwords are made anew, a name or a list of names.
      - A router's own are V(login password) and V(administrator password).
    type: raw
  rotate_own:
    description:
      - Whether the password with which this very session logs in may be changed. Set it once C(ansible_password) is
        read with P(iot_site.checklist.credential#lookup), or the next task does not get in.
      - On a router it is also about C(ansible_become_password) and C(iot_site_console_password).
    type: raw
    default: false
"""

    CONTROL = r"""
description:
  - Nothing is done without C(iot_site_authorised) that holds today and includes C(change); reading needs none.
  - A task of this module never fails because of a device. An error is a finding, V(unknown) or V(unreachable), and
    the play goes on. Only arguments that mean nothing make it fail.
  - It judges its own host. C(run_once), C(delegate_to) and loops are refused.
attributes:
  check_mode:
    description: Reads and judges the same, says what it would change, and changes nothing.
    support: full
  diff_mode:
    description: Shows every change in the language of the device, without secrets.
    support: full
author:
  - iot_site.checklist contributors (@iot-site)
"""

# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which secrets are found in the files of Debian, of web servers, of mosquitto and of snmpd. The hashes are made up."""

from __future__ import annotations

import pytest
from ansible_collections.iot_site.checklist.plugins.plugin_utils.model import Absent, Door, Intent, Unreadable
from ansible_collections.iot_site.checklist.plugins.plugin_utils.platforms.linux import Linux
from ansible_collections.iot_site.checklist.plugins.plugin_utils.raw import Output, Raw
from ansible_collections.iot_site.checklist.plugins.plugin_utils.surfaces.mqtt_accounts import MqttAccounts
from ansible_collections.iot_site.checklist.plugins.plugin_utils.surfaces.snmp_accounts import SnmpAccounts
from ansible_collections.iot_site.checklist.plugins.plugin_utils.surfaces.unix_accounts import UnixAccounts
from ansible_collections.iot_site.checklist.plugins.plugin_utils.surfaces.web_accounts import WebAccounts
from ansible_collections.iot_site.checklist.plugins.plugin_utils.surfaces.web_doors import web_doors

from . import test_apache, test_nginx

PASSWD = "root:x:0:0:root:/root:/bin/bash\ndaemon:x:1:1::/:/usr/sbin/nologin\npi:x:1000:1000:,,,:/home/pi:/bin/bash\n"
SHADOW = "root:$y$j9T$salt$hash:19700:0:99999:7:::\ndaemon:*:19700:0:99999:7:::\npi::19700:0:99999:7:::\n"


def raw(**files):
    """``read_name={path: text}``, with dots for double underscores; an Output stands for itself."""
    return Raw(
        {
            name.replace("__", "."): {
                path: text if isinstance(text, Output) else Output(text.encode()) for path, text in each.items()
            }
            for name, each in files.items()
        }
    )


def unix(passwd=PASSWD, shadow=SHADOW):
    return raw(accounts__passwd={"/etc/passwd": passwd}, accounts__shadow={"/etc/shadow": shadow})


def texts(kept):
    return {(one.account, one.part or one.at): (one.store, one.text) for one in kept.secrets}


# --- the machine itself -------------------------------------------------------------------------------------


def test_every_account_of_the_machine_has_what_shadow_says_of_it():
    kept = UnixAccounts().kept(unix(), ())
    assert [(one.account, one.text) for one in kept.secrets] == [
        ("root", "$y$j9T$salt$hash"),
        ("daemon", "*"),
        ("pi", ""),
    ]
    assert not kept.unread


def test_a_password_that_passwd_still_holds_itself_is_read():
    kept = UnixAccounts().kept(
        unix("root:$1$ab$c:0:0::/:/bin/sh\nguest::1000:1000::/:/bin/sh\n", Output(error="missing")), ()
    )
    assert [(one.account, one.text) for one in kept.secrets] == [("root", "$1$ab$c"), ("guest", "")]


def test_who_has_no_line_in_shadow_cannot_log_in():
    kept = UnixAccounts().kept(unix(shadow="root:!:1::::::\n"), ())
    assert {one.text for one in kept.secrets} == {"!"}


@pytest.mark.parametrize(
    ("passwd", "shadow"),
    [
        (PASSWD, Output(error="permission denied")),
        (PASSWD, Output(error="missing")),
        (PASSWD, Output(SHADOW.encode(), truncated=True)),
        (PASSWD, ""),
        (PASSWD, "no colons here\n"),
        ("", SHADOW),
        ("root:x:0\n", SHADOW),
        (Output(error="missing"), SHADOW),
        ("".join(f"u{number}:x:1:1::/:/bin/sh\n" for number in range(2500)), SHADOW),
    ],
)
def test_what_is_not_understood_is_unreadable(passwd, shadow):
    with pytest.raises(Unreadable):
        UnixAccounts().kept(unix(passwd, shadow), ())


def test_accounts_from_elsewhere_are_said_to_be_unread():
    kept = UnixAccounts().kept(unix(PASSWD + "+::::::\n"), ())
    assert len(kept.secrets) == 3 and kept.unread == (
        "/etc/passwd:4 takes accounts from elsewhere (NIS), which we do not read",
    )


@pytest.mark.parametrize(
    ("defs", "takes"),
    [
        ("ENCRYPT_METHOD SHA512\n", ["sha512-crypt"]),
        ("ENCRYPT_METHOD YESCRYPT\n", ["yescrypt", "sha512-crypt"]),
        (Output(error="permission denied"), []),
    ],
)
def test_the_scheme_of_a_new_password_is_the_machine_s_own_whatever_old_hashes_are_there(defs, takes):
    """The $y$ of SHADOW may come from another machine, whose libc knew it."""
    more = raw(users__login_defs={"/etc/login.defs": defs}, users__programs={"@stat": "/usr/sbin/chpasswd\n"})
    kept = UnixAccounts().kept(Raw({**unix().outputs, **more.outputs}), ())
    assert kept.about == {"takes": takes, "chpasswd": bool(takes)} and len(kept.secrets) == 3


def test_where_nobody_knows_which_programs_are_there_passwords_are_judged_and_none_is_set():
    kept = UnixAccounts().kept(unix(), ())
    assert len(kept.secrets) == 3 and not kept.about["chpasswd"]
    assert UnixAccounts().setting(kept.about, [{"account": "pi"}], Intent(site="k7", host="h")) is None


@pytest.mark.parametrize(
    ("line", "others"),
    [
        ("passwd: files systemd", []),
        ("passwd:\tcompat # ldap", []),
        ("passwd: files sss", ["sss"]),
        ("passwd: files [NOTFOUND=return] ldap\nshadow: files winbind", ["ldap", "winbind"]),
        ("group: files ldap", []),
    ],
)
def test_accounts_of_a_directory_are_said_to_be_unread(line, others):
    made = Raw({**unix().outputs, **raw(users__nsswitch={"/etc/nsswitch.conf": f"# x\n{line}\n"}).outputs})
    unread = UnixAccounts().kept(made, ()).unread
    assert [one.split()[3] for one in unread] == others


# --- web servers --------------------------------------------------------------------------------------------

SERVERS = ("nginx", "apache2", "lighttpd")


def web(**files):
    empty = {read.name.replace(".", "__"): {} for read in WebAccounts.reads}
    return raw(**{**empty, **files})


def test_each_server_reads_a_file_in_its_own_way():
    lines = "# panel\nviewer:$apr1$ab$c:a comment\nplain:{PLAIN}himitsu\n\n"
    kept = WebAccounts().kept(
        web(
            nginx__user_file_accounts={"/etc/nginx/users": lines},
            apache2__user_file_accounts={"/etc/apache2/users": "boss:K-7:0123456789abcdef0123456789abcdef\n"},
            lighttpd__plain_accounts={"/etc/lighttpd/users": "hoshu:pass:word\r\n"},
        ),
        SERVERS,
    )
    assert texts(kept) == {
        ("viewer", "/etc/nginx/users:2"): ("nginx", "$apr1$ab$c"),
        ("plain", "/etc/nginx/users:3"): ("nginx", "{PLAIN}himitsu"),
        ("boss", "/etc/apache2/users:1"): ("htdigest", "boss:K-7:0123456789abcdef0123456789abcdef"),
        ("hoshu", "/etc/lighttpd/users:1"): ("plain", "pass:word"),
    }


ASKED = (
    '"/" => ("method" => "basic", "realm" => "K-7", "require" => "valid-user")',
    "AuthType Basic\nAuthName K-7\nAuthUserFile /etc/apache2/users\nRequire valid-user",
)
HELD = (("0.0.0.0", 8080, "nginx"), ("::", 80, "apache2"), ("0.0.0.0", 81, "lighttpd"))
FILES = web(
    nginx__user_file_accounts={"/etc/nginx/users": "viewer:$apr1$ab$c\n"},
    apache2__user_file_accounts={"/etc/apache2/users": "boss:$apr1$ab$c\n"},
    lighttpd__htpasswd_accounts={"/etc/lighttpd/users": "hoshu:$apr1$ab$c\n"},
)


def panels(*listeners):
    """Three servers that each ask for the accounts of a file, and who listens."""
    nginx = "http { server { listen 8080; auth_basic login; auth_basic_user_file /etc/nginx/users; } }"
    lighttpd = f"""server.modules = ("mod_auth", "mod_authn_file") server.port = 81 auth.backend = "htpasswd"
    auth.backend.htpasswd.userfile = "/etc/lighttpd/users" auth.require = ({ASKED[0]})"""
    apache = test_apache.host(f"<Location />\n{ASKED[1]}\n</Location>")
    return raw(
        nginx__config={"nginx -T": f"# configuration file /etc/nginx/nginx.conf:\n{nginx}\n"},
        apache2__config=test_apache.raw(apache).all("apache2.config"),
        lighttpd__config={"lighttpd -p": f"config {{ {lighttpd} }}"},
        **test_nginx.listening(*listeners),
    )


def doors_of(read, present=SERVERS):
    """Of each account. On its way to the task that sets it, a reading has lost every configuration: what is sealed are
    the secrets alone.
    """
    state = {**{server: {} for server in present}, "panel_users": {"doors": web_doors(read, present)}}
    absent = {server: {"absent": "not installed"} for server in set(SERVERS) - set(present)}
    kept = Linux().kept(FILES, {**state, **absent})[0]["web_users"]
    at = [{"account": one.account, "store": one.store, "at": one.at} for one in kept.secrets]
    intent = Intent("k7", "k7-gw", service_accounts=frozenset({"viewer", "boss", "hoshu"}))
    work = WebAccounts().setting(kept.about, at, intent)
    return {line.account: [str(door) for door in line.given.doors] for line in work.edits}


def test_a_generated_password_knows_where_its_server_asks_for_it():
    asked = {"viewer": ["http port 8080 /"], "boss": ["http port 80 /"], "hoshu": ["http port 81 /"]}
    assert doors_of(panels(*HELD)) == asked
    assert doors_of(panels(*HELD), ["apache2"]) == {"boss": ["http port 80 /"]}


def test_a_door_behind_which_another_program_may_listen_is_none():
    for other in (("0.0.0.0", 80, "caddy"), ("::", 80, "docker-proxy"), ("127.0.0.1", 80, "nginx"), ("::", 80, "")):
        doors = doors_of(panels(*HELD, other))
        assert doors == {"viewer": ["http port 8080 /"], "boss": [], "hoshu": ["http port 81 /"]}, other
    for elsewhere in (("192.0.2.7", 80, "caddy"), ("::1", 80, "caddy"), ("0.0.0.0", 8000, "caddy")):
        assert doors_of(panels(*HELD, elsewhere))["boss"], elsewhere
    unread = {**panels().outputs, "listeners": {"@listeners": Output(error="denied")}}
    assert not any(doors_of(Raw(unread)).values())


def test_a_server_that_the_device_does_not_have_is_left_aside():
    broken = {"apache2 -t": Output(error="cannot be followed: it ended with status 1")}
    made = web(apache2__user_file_accounts=broken, nginx__user_file_accounts={"/u": "a:b\n"})
    assert not WebAccounts().kept(made, ["nginx"]).unread
    assert WebAccounts().kept(made, SERVERS).unread == ("apache2 -t: cannot be followed: it ended with status 1",)


def test_without_a_password_file_there_are_no_accounts():
    with pytest.raises(Absent, match="names a password file"):
        WebAccounts().kept(web(nginx__user_file_accounts={"/gone": Output(error="missing")}), SERVERS)
    with pytest.raises(Unreadable):
        WebAccounts().kept(Raw(), SERVERS)


def test_a_file_that_was_not_read_whole_says_so():
    long = "".join(f"u{number}:x\n" for number in range(600))
    kept = WebAccounts().kept(
        web(nginx__user_file_accounts={"/long": long, "/denied": Output(error="permission denied")}), SERVERS
    )
    assert kept.secrets == () and kept.unread == ("/long: cut off", "/denied: permission denied")


# --- mosquitto, snmpd ---------------------------------------------------------------------------------------


def test_mosquitto_keeps_users_and_gives_passwords_to_other_brokers():
    main = "/etc/mosquitto/mosquitto.conf"
    bridge = "connection up\naddress 192.0.2.1\nremote_username k7\nremote_password himitsu\n"
    kept = MqttAccounts().kept(
        raw(
            mosquitto__given={main: f"listener 1883\npassword_file /etc/mosquitto/users\n{bridge}"},
            mosquitto__password_g_accounts={"/etc/mosquitto/users": "sensor:$7$101$a$b\n"},
        ),
        ["mosquitto"],
    )
    assert [(one.account, one.store, one.text) for one in kept.secrets] == [
        ("sensor", "mosquitto", "$7$101$a$b"),
        ("k7", "plain", "himitsu"),
    ]


USERS = "password_file /etc/mosquitto/users\n"


@pytest.mark.parametrize(
    ("config", "found"),
    [
        (f"listener 1883\n{USERS}", [Door("mqtt", "127.0.0.1", 1883)]),
        (USERS, [Door("mqtt", "127.0.0.1", 1883)]),
        (f"listener 8883 0.0.0.0\ncertfile /c\nkeyfile /k\n{USERS}", [Door("mqtt", "127.0.0.1", 8883, tls=True)]),
        (f"listener 1884 192.0.2.7\nlistener 1885 ::\n{USERS}",
         [Door("mqtt", "192.0.2.7", 1884), Door("mqtt", "::1", 1885)]),
        (f"listener 9001\nprotocol websockets\n{USERS}", []),
        (f"listener 8883\ncertfile /c\nrequire_certificate true\n{USERS}", []),
        (f"listener 0 /run/mqtt.sock\n{USERS}", []),
        (f"listener 1883 broker.example.org\n{USERS}", []),
        (f"listener 1883\nplugin /x\n{USERS}", []),
        (f"per_listener_settings true\nlistener 1883\nallow_anonymous true\nlistener 1884\n{USERS}",
         [Door("mqtt", "127.0.0.1", 1884)]),
    ],
)  # fmt: skip
def test_the_doors_of_a_broker_are_its_listeners_that_ask_for_nothing_but_a_password(config, found):
    kept = MqttAccounts().kept(
        raw(
            mosquitto__given={"/etc/mosquitto/mosquitto.conf": config},
            mosquitto__password_g_accounts={"/etc/mosquitto/users": "sensor:$7$101$a$b\n"},
        ),
        ["mosquitto"],
    )
    at = [{"account": "sensor", "store": "mosquitto", "at": "/etc/mosquitto/users"}]
    work = MqttAccounts().setting(kept.about, at, Intent("k7", "k7-gw", service_accounts=frozenset({"sensor"})))
    (line,) = work.edits
    assert line.given.doors == tuple(found)


@pytest.mark.parametrize("word", ["plugin", "global_plugin", "auth_plugin", "psk_file"])
def test_accounts_that_a_plugin_keeps_are_said_to_be_unread(word):
    main = "/etc/mosquitto/mosquitto.conf"
    kept = MqttAccounts().kept(raw(mosquitto__given={main: f"listener 1883\n{word} /x\n"}), ["mosquitto"])
    assert kept.unread == (f"{main}:2: {word} keeps accounts that we do not read",)


def test_a_broker_without_accounts_has_none():
    with pytest.raises(Absent):
        MqttAccounts().kept(raw(mosquitto__given={"/etc/mosquitto/mosquitto.conf": "listener 1883\n"}), ["mosquitto"])


def snmp(config, keys=""):
    return raw(
        snmpd__config={"/etc/snmp/snmpd.conf": config},
        snmpd__arguments={"/proc/1/cmdline": "/usr/sbin/snmpd\0-f\0"},
        snmp_users__keys={"/var/lib/snmp/snmpd.conf": keys},
    )


@pytest.mark.parametrize(
    ("line", "name", "community"),
    [
        ("rocommunity public", "snmp_read", "public"),
        ("rwcommunity  s3cret 192.0.2.0/24", "snmp_write", "s3cret"),
        ('rocommunity6 "two words" default', "snmp_read", "two words"),
        ("com2sec local 127.0.0.1 public", "", "public"),
        ("com2sec -Cn context local default s3cret", "", "s3cret"),
        ("rocommunity s3cret default -V systemonly", "snmp_read", "s3cret"),
    ],
)
def test_a_community_is_a_password_in_the_clear(line, name, community):
    (one,) = SnmpAccounts().kept(snmp(f"# agent\n{line}\n"), ["snmpd"]).secrets
    assert (one.account, one.store, one.text) == (name, "plain", community)
    assert one.part + one.at == "the community of /etc/snmp/snmpd.conf:2"


def test_a_community_that_somebody_set_over_snmp_counts_too():
    (one,) = SnmpAccounts().kept(snmp("", "rwcommunity public\n"), ["snmpd"]).secrets
    assert (one.text, one.part) == ("public", "the community of /var/lib/snmp/snmpd.conf:1")


def test_what_an_agent_keeps_elsewhere_is_not_said_to_be_good():
    elsewhere = snmp("[snmp] persistentDir /srv/snmp\n")
    moved = Raw({**snmp("").outputs, **raw(snmpd__unit={"@units": "Environment=SNMP_PERSISTENT_DIR=/srv\n"}).outputs})
    gone = Raw(
        {**snmp("").outputs, **raw(snmp_users__keys={"/var/lib/snmp/snmpd.conf": Output(error="missing")}).outputs}
    )
    for made in (elsewhere, moved, gone):
        with pytest.raises(Unreadable):
            SnmpAccounts().kept(made, ["snmpd"])


def test_a_user_that_is_still_to_be_made_has_its_passwords_in_the_clear():
    kept = SnmpAccounts().kept(snmp("createUser poller SHA-256 authpass AES privpass\n"), ["snmpd"])
    assert [(one.account, one.text) for one in kept.secrets] == [("poller", "authpass"), ("poller", "privpass")]


def test_the_keys_of_users_are_read_from_what_the_agent_keeps():
    key = "0x" + "ab" * 20
    oid = ".1.3.6.1.6.3.10.1"
    line = f'usmUser 1 3 0x80001f88800102030405 "poller" "poller" NULL {oid}.1.3 {key} {oid}.2.4 {key} 0x\n'
    kept = SnmpAccounts().kept(snmp("", line), ["snmpd"])
    assert [(one.account, one.store, one.part) for one in kept.secrets] == [
        ("poller", "usm", "authentication"),
        ("poller", "usm", "privacy"),
    ]

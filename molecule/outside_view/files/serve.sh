#!/bin/sh
# serve.sh HOST: what no file can say, then its services, with the files that lie there, at every boot, and now.
set -eu
case $1 in
internet) set -- ssh ;;
gateway)
    dpkg --purge nginx-light libnginx-mod-http-echo nginx nginx-common >/dev/null # it has no web server
    set -- ssh nftables ;;
camera) set -- ssh camera stream ;;
panel)
    # Debian's lighttpd opens the port of its main file on IPv6, and telnet's login shows issue.net where PAM is told to.
    sed -i 's/^server.port .*/server.port = 8080/' /etc/lighttpd/lighttpd.conf
    sed -i '1i auth optional pam_issue.so issue=/etc/issue.net' /etc/pam.d/login
    sed -i 's/^hosts:.*/hosts: files/' /etc/nsswitch.conf # telnetd asks for its visitors' names, and here is no DNS
    iconv --from-code UTF-8 --to-code SHIFT_JIS /srv/panel/index.html > /srv/panel/old.html # as old panels have it
    mv /srv/panel/old.html /srv/panel/index.html
    mosquitto_passwd -c -b /etc/mosquitto/passwd sensor planted-secret-m
    chown mosquitto /etc/mosquitto/passwd
    printf 'createUser poller SHA planted-secret-a AES planted-secret-x\n' > /var/lib/snmp/snmpd.conf
    chmod 0600 /etc/snmp/snmpd.conf
    set -- ssh apache2 lighttpd snmpd mosquitto vsftpd inetutils-inetd ;;
esac
systemctl daemon-reload
systemctl enable --quiet "$@"
systemctl restart "$@"

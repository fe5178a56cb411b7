#!/bin/sh
# Rules of iptables that somebody once wrote, loaded at boot by a unit of his own.
set -eu
cat > /etc/site.rules <<'END'
*nat
-A PREROUTING -i wan0 -p tcp -m tcp --dport 8080 -j DNAT --to-destination 192.168.142.20:80
-A POSTROUTING -o lan0 -j MASQUERADE
COMMIT
*filter
-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT
-A FORWARD -j ACCEPT
COMMIT
END
cat > /etc/systemd/system/site-rules.service <<'END'
[Unit]
Description=The site's packet filter
[Service]
Type=oneshot
ExecStart=/usr/sbin/iptables-restore /etc/site.rules
[Install]
WantedBy=multi-user.target
END
systemctl enable --now site-rules.service

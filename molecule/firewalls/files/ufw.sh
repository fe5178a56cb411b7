#!/bin/sh
# ufw as many owners have it: SSH allowed from everywhere, a panel published in before.rules as ufw's manual shows it.
set -eu
ufw default allow routed
sed -i '1i *nat\n:PREROUTING ACCEPT [0:0]\n:POSTROUTING ACCEPT [0:0]\n-F\n-A PREROUTING -i wan0 -p tcp -m tcp --dport 8080 -j DNAT --to-destination 192.168.142.20:80\n-A POSTROUTING -o lan0 -j MASQUERADE\nCOMMIT' /etc/ufw/before.rules
ufw allow 22/tcp
ufw --force enable
systemctl enable ufw.service

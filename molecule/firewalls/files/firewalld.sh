#!/bin/sh
# firewalld with a zone for each side: SSH open in public, where outside is, and a panel published by a forward port.
set -eu
systemctl enable --now firewalld.service
firewall-cmd --permanent --zone=public --add-interface=wan0
firewall-cmd --permanent --zone=internal --add-interface=lan0
firewall-cmd --permanent --zone=internal --add-masquerade
firewall-cmd --permanent --zone=public --add-forward-port=port=8080:proto=tcp:toport=80:toaddr=192.168.142.20
firewall-cmd --reload

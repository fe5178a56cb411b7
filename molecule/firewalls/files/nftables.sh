#!/bin/sh
# nftables' own service, which only publishes the panel.
set -eu
cat > /etc/nftables.conf <<'END'
#!/usr/sbin/nft -f
flush ruleset
table ip nat {
    chain prerouting {
        type nat hook prerouting priority dstnat
        iifname "wan0" tcp dport 8080 dnat to 192.168.142.20:80
    }
    chain postrouting {
        type nat hook postrouting priority srcnat
        oifname "lan0" masquerade
    }
}
END
systemctl enable --now nftables.service

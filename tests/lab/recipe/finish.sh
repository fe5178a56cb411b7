#!/bin/sh
# Runs once inside the new root file system: what every host of the lab has in common.
set -eu

# The account that manages the site's machines, as at a customer's: a key, no password, sudo.
useradd --create-home --shell /bin/bash ops
echo 'ops ALL=(ALL) NOPASSWD: ALL' > /etc/sudoers.d/ops
install -d -m 0700 -o ops -g ops /home/ops/.ssh

# Every host makes its own host key at its first boot; a shared one would hide mix-ups.
rm -f /etc/ssh/ssh_host_*
cat > /etc/systemd/system/lab-host-key.service <<'UNIT'
[Unit]
Description=Make this host's SSH key
Before=ssh.service
ConditionPathExists=!/etc/ssh/ssh_host_ed25519_key
[Service]
Type=oneshot
ExecStart=/usr/bin/ssh-keygen -q -t ed25519 -N "" -f /etc/ssh/ssh_host_ed25519_key
[Install]
WantedBy=multi-user.target
UNIT

# The host's own routes, put back at every boot: the container engine only knows its bridges.
cat > /etc/systemd/system/lab-routes.service <<'UNIT'
[Unit]
Description=This host's routes in the lab
Before=network.target ssh.service
ConditionPathExists=/etc/lab/routes
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/sh /etc/lab/routes
[Install]
WantedBy=multi-user.target
UNIT

systemctl enable lab-host-key.service lab-routes.service ssh.service
# A host serves what its test asks for, and nothing else.
systemctl disable apache2.service avahi-daemon.service avahi-daemon.socket dropbear.service firewalld.service \
    inetutils-inetd.service lighttpd.service mosquitto.service nftables.service nginx.service snmpd.service ufw.service vsftpd.service
# It comes with inetd, and would take what every daemon says away from the journal.
systemctl mask inetutils-syslogd.service
systemctl mask apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer fstrim.timer \
    getty.target console-getty.service systemd-udevd.service systemd-logind.service motd-news.timer

# Each would run at every boot and every daemon-reload, and find nothing to do: a container has no disks of its own.
mkdir -p /etc/systemd/system-generators
for generator in cryptsetup debug fstab getty gpt-auto hibernate-resume integritysetup run system-update veritysetup; do
    ln -s /dev/null "/etc/systemd/system-generators/systemd-$generator-generator"
done

apt-get clean
rm -rf /var/lib/apt/lists/* /var/log/*.log /var/cache/debconf/*-old
: > /etc/machine-id

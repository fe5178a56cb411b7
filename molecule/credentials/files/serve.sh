#!/bin/sh
# The panel, a broker that knows the sensor by $1, an agent with the community $2 and a poller whose password is $3.
set -eu
cat > /etc/nginx/sites-enabled/default <<'END'
server {
  listen 80;
  listen [::]:80;
  auth_basic "K7-01";
  auth_basic_user_file /etc/nginx/panel.users;
  root /var/www/html;
}
END
mosquitto_passwd -c -b /etc/mosquitto/users sensor "$1"
chown mosquitto /etc/mosquitto/users
printf 'listener 1883\npassword_file /etc/mosquitto/users\n' > /etc/mosquitto/conf.d/site.conf
printf 'agentaddress udp:161\nrocommunity %s\nrouser poller authpriv\n' "$2" > /etc/snmp/snmpd.conf
printf 'createUser poller SHA %s AES %s\n' "$3" "$3" >> /var/lib/snmp/snmpd.conf
systemctl enable -q nginx mosquitto snmpd
systemctl restart nginx mosquitto snmpd
until grep -q '^usmUser' /var/lib/snmp/snmpd.conf; do sleep 0.1; done # it has made keys of the password

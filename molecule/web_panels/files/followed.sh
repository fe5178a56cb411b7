#!/bin/sh
# What the owner of odd was told to do, line by line.
set -eu
sed -i -e 4d -e 7d -e 10d /etc/nginx/parts/places.conf
sed -i 1d /srv/panel/open/.htaccess
sed -i 's/AuthMerging Off/AuthMerging And/' /etc/apache2/sites-available/000-default.conf
sed -i -e 6d -e 's/"mod_status", "mod_auth", "mod_authn_file"/"mod_auth", "mod_authn_file", "mod_status"/' \
    /etc/lighttpd/conf-enabled/50-panel.conf
systemctl disable --quiet --now nginx-spare.service
systemctl reload nginx apache2 lighttpd

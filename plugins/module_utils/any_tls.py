# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""TLS with whoever is there: an old device's greeting is read too, and no certificate is believed, for we tell nothing.

Python 3.8, standard library only.
"""

from __future__ import annotations


def context():
    """A client's context that takes whatever this Python still speaks."""
    import ssl  # only where something is asked: loading it takes longer than most greetings

    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.check_hostname = False
    made.verify_mode = ssl.CERT_NONE
    try:
        made.minimum_version = ssl.TLSVersion.TLSv1
        made.set_ciphers("ALL:@SECLEVEL=0")
    except (ValueError, ssl.SSLError):
        pass
    return made


NO_TLS = "no TLS"
_OTHER_PROTOCOL = ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "RECORD_LAYER_FAILURE", "PACKET_LENGTH")


def reason(error):
    """An alert or a refusal means that TLS is spoken, and that we have not seen its certificate; an end, nothing."""
    said = error.reason or type(error).__name__
    if any(word in said for word in _OTHER_PROTOCOL):
        return NO_TLS
    if "EOF" in str(error):
        return f"no greeting ({said})"
    return f"TLS is spoken there, and refused ({said})"

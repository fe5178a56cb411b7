# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Web pages: what is read of them, and whether they are content or a door."""

from __future__ import annotations

import ssl
import subprocess

import pytest
from ansible_collections.iot_site.checklist.plugins.module_utils.html_page import Page
from ansible_collections.iot_site.checklist.plugins.module_utils.probe import http_message
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.plugins.module_utils.probe.peers import tcp, texts, web

HTML = "200 OK\r\nContent-Type: text/html\r\n"
LONG = b"<p>" + "水位 1.20 m 流量 3.4 m3/h ".encode() * 40


def page(body, head=HTML):
    (row,) = tcp(web({"/": (head, body if isinstance(body, bytes) else body.encode())}), "http")
    return row


CHOSEN = "<input type=password autocomplete='section-a New-Password'>"  # as ipycam 1.3.0 has them in its settings

STATES = {
    "content": (HTML, "<title>監視</title><p>水位 1.20 m", "open_without_login"),
    "basic": ('401 Unauthorized\r\nWWW-Authenticate: Basic realm="K"\r\n', "", "login_required"),
    "form": (HTML, "<form><input name=u><input TYPE=' Password ' name=p></form>", "login_required"),
    "form beside content": (HTML, "<input type=password>" + LONG.decode(), "open"),
    "a password to choose": (HTML, CHOSEN * 2 + LONG.decode(), "open_without_login"),
    "a login that wants no browser to fill it in": (HTML, CHOSEN, "login_required"),
    "a login, and a password to choose": (HTML, CHOSEN * 2 + "<input type=password>", "login_required"),
    "scripts": (HTML, "<title>K-7</title><div id=app></div><script src=app.js></script>", "open"),
    "a login that only a script shows": (HTML, "<title>ログイン</title><script></script>", "open"),
    "content and scripts": (HTML, LONG.decode() + "<script></script>", "open_without_login"),
    "nothing": (HTML, "", "open"),
    "refused": ("403 Forbidden\r\n", "no", "open"),
    "absent": ("404 Not Found\r\n", "no", "open"),
    "broken": ("500 Internal Server Error\r\n", "trace", "open"),
    "picture": ("200 OK\r\nContent-Type: image/jpeg\r\n", "\xff\xd8", "open_without_login"),
    "stream": ("200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=x\r\n", "--x", "open_without_login"),
    "values": ("200 OK\r\nContent-Type: application/json\r\n", '{"level": 1.2}', "open_without_login"),
    "no type": ("200 OK\r\n", "<h1>K</h1>", "open_without_login"),
}


@pytest.mark.parametrize("case", STATES)
def test_the_state_of_a_page(case):
    head, body, state = STATES[case]
    row = page(body, head)
    assert (row["kind"], row["state"]) == ("http", state), row["why"]


def test_a_page_that_lets_visitors_choose_a_password_says_so():
    assert page(CHOSEN * 2)["facts"]["sets_password"] is True
    assert page(CHOSEN)["facts"]["sets_password"] is False


def test_every_text_of_a_page_is_kept_by_where_it_was():
    head = (
        "200 OK\r\nContent-Type: text/html; charset=Shift_JIS\r\nServer: PumpOS/3.1\r\nX-Device: RTX830\r\n"
        "Set-Cookie: HirosakiSession=s3cret\r\nCache-Control: no-cache\r\n"
    )
    body = (
        "<title>弘前市&nbsp;第一\n浄水場&#65;</title><meta name=description content='八戸'><style>青森</style>"
        "<script>var a='秋田'</script><img src='/i/hirosaki%20jousui.png?x=1' alt='盛岡'>"
        "<link rel='shortcut icon' href=k.ico><img src='data:image/png;base64,AAAA'><p>第二配水池</p>"
        "<input type=submit value='仙台'><input type=hidden value='福島'>"
    )
    row = page(body.encode("cp932"), head)
    assert texts(row, "html_title") == ["弘前市 第一 浄水場A"]
    assert texts(row, "html_text") == ["八戸 盛岡 第二配水池 仙台"]
    assert texts(row, "http_server") == ["PumpOS/3.1"]
    assert texts(row, "http_header") == ["x-device: RTX830", "set-cookie: HirosakiSession"]
    assert texts(row, "image_name") == ["hirosaki jousui.png", "k.ico"]
    assert row["facts"]["images"] == ["hirosaki jousui.png", "k.ico", "(in the page itself)"]
    assert "s3cret" not in str(row)


PICTURES = {
    "<img src='data:image/png;base64,AAAA'>": "(in the page itself)",
    "<svg><path d='M0 0'/></svg>": "(in the page itself)",
    "<canvas></canvas>": "(in the page itself)",
    "<video></video>": "(in the page itself)",
    "<video poster=/i/hirosaki.jpg></video>": "hirosaki.jpg",
    "<img srcset='/i/hirosaki.png 1x, /i/b.png 2x'>": "hirosaki.png",
    "<picture><source srcset=/i/hirosaki.webp></picture>": "hirosaki.webp",
    "<input type=IMAGE src=/i/hirosaki.gif>": "hirosaki.gif",
    "<svg><image href=/i/hirosaki.svg></svg>": "hirosaki.svg",
    "<body background=/i/hirosaki.bmp>": "hirosaki.bmp",
    "<div style=\"background: url('/i/hirosaki.png')\">": "hirosaki.png",
    "<style>h1 { background: URL( /i/hirosaki.png ) }</style>": "hirosaki.png",
    "<link rel=apple-touch-icon href=/i/hirosaki.png>": "hirosaki.png",
}


@pytest.mark.parametrize("html", PICTURES)
def test_every_picture_of_a_page_is_told_however_it_comes_into_it(html):
    row = page(f"<title>K-7</title>{html}<p>Login<input type=password>")
    assert PICTURES[html] in row["facts"]["images"], row
    assert texts(row, "image_name")[:1] == ([] if "itself" in PICTURES[html] else [PICTURES[html]])


ICON = ("200 OK\r\nContent-Type: image/x-icon\r\n", b"\0\0\1\0")


@pytest.mark.parametrize(
    ("pages", "images"),
    [
        ({"/": b"<p>Login", "/favicon.ico": ICON}, ["favicon.ico"]),
        ({"/": b"<p>Login", "/favicon.ico": ("200 OK\r\n", b"\0\0\1\0")}, ["favicon.ico"]),
        ({"/": b"<p>Login<link rel=icon href=/i/k.png>", "/favicon.ico": ICON}, ["k.png"]),
        ({"/": b"<p>Login"}, []),
        ({"/": b"<p>Login", "/favicon.ico": b"<h1>Not found</h1>"}, []),
        ({"/": b"<p>Login", "/favicon.ico": ("200 OK\r\nContent-Type: image/x-icon\r\n", b"")}, []),
        ({"/": ("401 Unauthorized\r\n", b""), "/favicon.ico": ICON}, []),
    ],
)
def test_the_icon_that_a_browser_looks_for_by_itself_is_a_picture_of_the_page(pages, images):
    (row,) = tcp(web(pages), "http")
    assert row["facts"]["images"] == images == texts(row, "image_name")


@pytest.mark.parametrize("html", ["<script src=a.js></script>", "<object data=a.swf></object>", "<embed src=a.swf>",
                                  "<applet code=a></applet>"])  # fmt: skip
def test_a_page_whose_programs_may_show_more_says_so(html):
    assert page(f"<input type=password>{html}")["facts"]["scripts"] is True
    assert page("<input type=password>")["facts"]["scripts"] is False
    assert page(html)["state"] == "open", "what it shows, and whether it asks for a login, is not known"


@pytest.mark.parametrize("codec", ["utf-8", "cp932", "euc_jp"])
def test_realms_are_read_in_whatever_charset(codec):
    challenges = 'WWW-Authenticate: Digest realm="第一 \\"浄水場\\"", nonce="x"\r\nWWW-Authenticate: Basic realm=弘前'
    async_head = b"401 Unauthorized\r\n" + challenges.encode(codec) + b"\r\n"

    async def meet(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 " + async_head + b"\r\n")

    (row,) = tcp(meet, "http")
    assert texts(row, "http_realm") == ['第一 "浄水場"', "弘前"]


def test_redirects_and_frames_on_the_same_host_are_followed():
    asked = []
    pages = {
        "/": ("302 Found\r\nLocation: /a?x=1\r\n", b""),
        "/a?x=1": b"<meta http-equiv=Refresh content='3; URL=\"/b\"'>",
        "/b": "<frameset><frame src=top><frame src=/menu></frameset>".encode("utf-16"),
        "/top": "<title>第一浄水場</title><p>水位".encode(),
        "/menu": "<p>ポンプ".encode(),
    }
    (row,) = tcp(web(pages, asked), "http")
    assert [one.split(" ")[1] for one in asked] == ["/", "/a?x=1", "/b", "/top", "/menu", "/favicon.ico"]
    assert texts(row, "html_title") == ["第一浄水場"] and row["state"] == "open_without_login"
    assert [one.rpartition("/")[2] for one in row["facts"]["redirects"]] == ["a?x=1", "b"]


def test_a_form_in_one_frame_guards_no_other():
    frames = b"<frameset><frame src=a><frame src=b></frameset>"
    (row,) = tcp(web({"/": frames, "/a": b"<input type=password>", "/b": LONG}), "http")
    assert row["state"] == "open"
    (row,) = tcp(web({"/": frames, "/a": b"<input type=password>", "/b": ("401 No\r\n", b"")}), "http")
    assert row["state"] == "login_required"


def test_forms_in_the_frames_that_were_followed_guard_none_of_the_others():
    pages = {f"/{number}": b"<input type=password>" for number in range(20)}
    frames = "".join(f"<frame src=/{number}>" for number in range(20))
    (row,) = tcp(web({"/": f"<frameset>{frames}</frameset>".encode(), **pages}), "http")
    assert row["state"] == "open" and "more frames" in row["why"]


def test_nothing_is_ever_sent_but_questions_for_pages():
    asked = []
    tcp(web({"/": b"<form method=post action=/in><input type=password value=x></form>"}, asked), "http")
    assert all(one.startswith("GET ") for one in asked)
    assert not any(word in one.lower() for one in asked for word in ("authorization", "cookie"))


DOOR = ("401 Unauthorized\r\nWWW-Authenticate: Basic realm=x\r\n", b"")


def test_a_picture_beside_the_door_is_seen():
    pages = {"/": DOOR, "/axis-cgi/jpg/image.cgi": ("200 OK\r\nContent-Type: image/jpeg\r\n", b"\xff\xd8")}
    (row,) = tcp(web(pages), "http")
    assert (row["state"], row["facts"]["paths"], row["facts"]["status"]) == (
        "open_without_login", ["/axis-cgi/jpg/image.cgi"], 401,
    )  # fmt: skip
    assert "/axis-cgi/jpg/image.cgi" in row["why"]


@pytest.mark.parametrize("media", ["application/octet-stream", "text/html"])
def test_what_is_served_beside_the_door_and_cannot_be_told_is_no_login(media):
    """From outside a camera whose start page asks for a login would pass, though its picture is everybody's."""
    pages = {"/": DOOR, "/cgi-bin/snapshot.cgi": (f"200 OK\r\nContent-Type: {media}\r\n", b"\xff\xd8")}
    (row,) = tcp(web(pages), "http")
    assert row["state"] != "login_required" and row["facts"]["paths"] == ["/cgi-bin/snapshot.cgi"]
    assert "/cgi-bin/snapshot.cgi" in row["why"]


def test_a_login_form_beside_the_door_is_a_login():
    pages = {"/": DOOR, "/cgi-bin/snapshot.cgi": (HTML, b"<input type=password>")}
    (row,) = tcp(web(pages), "http")
    assert (row["state"], row["facts"]["paths"]) == ("login_required", [])


def test_a_server_that_has_every_page_shows_nothing_by_it():
    asked = []

    async def everything(reader, writer):
        asked.append(await reader.readuntil(b"\r\n\r\n"))
        head = "401 Unauthorized\r\n" if asked[-1].startswith(b"GET / ") else HTML
        writer.write(f"HTTP/1.1 {head}\r\n<p>anything".encode())

    (row,) = tcp(everything, "http")
    assert (row["state"], row["facts"]["paths"]) == ("open", []) and len(asked) == 2, "nor is it shown to be closed"


def test_https_is_read_with_its_certificate_and_told_the_name(tmp_path):
    made = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "9"]
    named = ["-utf8", "-subj", "/O=弘前市/CN=pump", "-addext", "subjectAltName=DNS:jousui.example.org,IP:192.0.2.7"]
    both = tmp_path / "both.pem"
    subprocess.run([*made, *named, "-keyout", both, "-out", tmp_path / "crt"], check=True, capture_output=True)
    both.write_bytes(both.read_bytes() + (tmp_path / "crt").read_bytes())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(both)
    called = []
    context.sni_callback = lambda _socket, name, _context: called.append(name)
    asked = []
    (row,) = tcp(web({"/": b"<title>K-7</title>x"}, asked), "https", tls=context, name="jousui.example.org")
    assert (row["kind"], row["state"], row["facts"]["self_signed"], row["facts"]["expired"]) == (
        "https", "open_without_login", True, False,
    )  # fmt: skip
    assert texts(row, "certificate_subject") == ["O=弘前市, CN=pump"]
    assert texts(row, "certificate_san") == ["jousui.example.org", "192.0.2.7"]
    assert called[0] == "jousui.example.org" and "Host: jousui.example.org:" in asked[0]
    (row,) = tcp(web({"/": b"<title>K-7</title>x"}), tls=context)
    assert row["kind"] == "https", "what waits for us to speak is asked for both"
    (row,) = tcp(web({}), "tls", tls=context)
    assert (row["kind"], row["state"]) == ("tls", "open") and texts(row, "certificate_subject")


def test_a_server_that_wants_tls_and_says_so_in_plain_text_is_not_taken_for_a_page():
    said = b"<center>The plain HTTP request was sent to HTTPS port</center>"
    (row,) = tcp(web({"/": ("400 Bad Request\r\n", said)}), "http", timeout=1.0)
    assert row["kind"] == "tcp" and row["state"] == "open"


@given(st.text(st.sampled_from("<>!-[]/='\"& abtile"), max_size=60))
def test_no_page_is_too_strange(html):
    page = Page()
    page.feed(html + "<title>K-7</title>")
    assert all(isinstance(one, str) for one in (*page.title, *page.text, *page.images))


@pytest.mark.parametrize("odd", ["<![", "<![x", "<![ if]>", "<![CDATA[x]]>", "<!x>", "<?php ?>", "</>", "<>"])
def test_an_odd_piece_hides_nothing_after_it(odd):
    assert texts(page(f"{odd}><title>第一浄水場</title>"), "html_title") == ["第一浄水場"]


# --- messages -------------------------------------------------------------------------------------------------


def test_a_body_in_chunks_is_put_together():
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    message = http_message.parse(head + b"4;x=y\r\nWiki\r\n6\r\npedia \r\nE\r\nin \r\n\r\nchunks.\r\n0\r\n\r\n")
    assert (message.body, message.cut) == (b"Wikipedia in \r\n\r\nchunks.", False)
    assert http_message.parse(head + b"4\r\nWi").body == b"Wi"
    assert http_message.parse(head + b"4\r\nWi").cut


def test_lines_that_end_with_a_bare_line_feed_are_read():
    message = http_message.parse(b"HTTP/1.0 200 OK\nServer: x\n\nbody")
    assert (message.status, message.header("server"), message.body) == (200, "x", b"body")


@given(st.binary(max_size=400), st.sampled_from(["", "Transfer-Encoding: chunked", "Content-Encoding: gzip"]))
def test_no_body_is_too_strange(body, header):
    message = http_message.parse(f"HTTP/1.1 200 OK\r\n{header}\r\n\r\n".encode() + body)
    assert isinstance(message.text, str)


@given(st.binary(max_size=400))
def test_no_head_is_too_strange(data):
    try:
        message = http_message.parse(b"HTTP/1.1 200 " + data)
    except ValueError:
        return
    assert message.status == 200 and all(isinstance(one, str) for one in message.realms)

# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""nginx's own tokenizer and includes, from text."""

from __future__ import annotations

from itertools import pairwise

import pytest
from ansible_collections.iot_site.checklist.plugins.plugin_utils.model import Unreadable
from ansible_collections.iot_site.checklist.plugins.plugin_utils.surfaces.nginx_config import (
    matches,
    parse,
    quoted,
    tokens,
)
from hypothesis import given
from hypothesis import strategies as st

MAIN = "/etc/nginx/nginx.conf"


def dump(main, **files):
    """``nginx -T`` of a main file and others, as nginx prints them."""
    named = {MAIN: main, **{f"/etc/nginx/conf.d/{name}.conf": text for name, text in files.items()}}
    return "".join(f"# configuration file {path}:\n{text}\n" for path, text in named.items())


def flat(tree):
    return [(one.name, *one.args, *([flat(one.inner)] if one.block is not None else [])) for one in tree]


def test_directives_blocks_comments_and_quotes():
    text = """
    user www; # a comment; {
    http { server { listen 80; add_header X "}; #{ \\" end"; root '/a b'; set $x a${b}c#d; } }
    """
    server = [("listen", "80"), ("add_header", "X", '}; #{ " end'), ("root", "/a b"), ("set", "$x", "a${b}c#d")]
    assert flat(parse(dump(text))) == [("user", "www"), ("http", [("server", server)])]


def test_a_variable_brace_and_a_regular_expression_in_a_word():
    assert flat(parse(dump(r"location ~ ^/(a|b)\.php$ { return 404; }"))) == [
        ("location", "~", r"^/(a|b)\.php$", [("return", "404")])
    ]


def test_a_directive_knows_its_file_line_and_whether_it_has_the_line_for_itself():
    tree = parse(dump("include conf.d/*.conf;\n", a='\n  auth_basic "x";\nroot /a; root /b;\nroot /c; # secret\n'))
    found = [(one.at, one.source) for one in tree if one.name != "include"]
    assert found[0] == ("/etc/nginx/conf.d/a.conf:2", '  auth_basic "x";')
    assert {source for _at, source in found[1:]} == {""}, "what else is on a line could be a secret"


def test_includes_are_expanded_in_their_place_and_in_order():
    tree = parse(dump("http { include conf.d/*.conf; gzip on; }", b="server_name b;", a="server_name a;"))
    assert flat(tree[0].inner) == [
        ("include", "conf.d/*.conf"),
        ("server_name", "a"),
        ("server_name", "b"),
        ("gzip", "on"),
    ]


@pytest.mark.parametrize(
    ("main", "files", "why"),
    [
        ("http {", {}, "not closed"),
        ("}", {}, "closing brace too many"),
        ("user www", {}, "without an end"),
        ("user 'www", {}, "not understood"),
        ('user "a"b;', {}, "not understood"),
        ("{ }", {}, "without an end"),
        ("include conf.d/x.conf;", {}, "does not show the included"),
        ("user www;", {"a": "root /;"}, "no include was found"),
        ("include conf.d/a.conf;", {"a": "include conf.d/a.conf;"}, "circle"),
        ("location / { content_by_lua_block { ngx.say('}') } }", {}, "Lua"),
        ("a {" * 60 + "}" * 60, {}, "too deeply"),
    ],
)
def test_what_is_not_understood_is_unreadable(main, files, why):
    with pytest.raises(Unreadable, match=why):
        parse(dump(main, **files))


@pytest.mark.parametrize("text", ["", "nginx: command not found", "user www;"])
def test_no_output_of_nginx_is_unreadable(text):
    with pytest.raises(Unreadable):
        parse(text)


def test_a_comment_that_looks_like_the_next_file_cannot_hide_the_rest():
    spoof = "# configuration file /etc/nginx/other.conf:\nserver { }\n"
    with pytest.raises(Unreadable, match="no include was found"):
        parse(dump("http { }\n" + spoof))


def test_a_sign_of_a_glob_stands_for_no_slash_and_no_leading_dot():
    assert matches("/a/b.conf", "/a/*.conf") and not matches("/a/c/b.conf", "/a/*.conf")
    assert not matches("/a/.b.conf", "/a/*.conf") and matches("/a/.b.conf", "/a/.*")


WORDS = st.text(st.characters(exclude_characters="$", exclude_categories=["Cs", "Cc"]), min_size=1)


@given(words=st.lists(WORDS, min_size=1, max_size=5))
def test_what_is_quoted_is_read_back_as_it_was(words):
    text = " ".join(map(quoted, words)) + ";"
    assert [token.text for token in tokens(text)] == [*words, ";"]


@given(text=st.text(max_size=80))
def test_any_text_is_read_whole_or_unreadable(text):
    try:
        found = list(tokens(text))
    except Unreadable:
        return
    assert all(before.end <= after.start for before, after in pairwise(found))
    between = [text[a.end : b.start] for a, b in pairwise(found)]
    assert all(not gap.strip() or "#" in gap for gap in between), "nothing but spaces and comments is left out"

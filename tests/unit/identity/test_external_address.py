"""Addresses of other sites, and what is not one."""

from __future__ import annotations

import pytest

from sidecar.errors import InvalidInput
from sidecar.identity.external import address
from sidecar.identity.external.address import Remote
from sidecar.identity.external.values import Connection


@pytest.mark.parametrize(
    ("text", "scheme", "site"),
    [
        ("foo.example", "https", "foo.example"),
        (" https://Foo.Example/ ", "https", "foo.example"),
        ("HTTP://foo.example", "http", "foo.example"),
        ("https://foo.example:443/blog//", "https", "foo.example/blog"),
        ("https://foo.example:80", "https", "foo.example:80"),
        ("http://foo.example:80", "http", "foo.example"),
        ("foo.example:8443/a/b", "https", "foo.example:8443/a/b"),
        ("localhost:8080", "http", "localhost:8080"),
        ("127.0.0.1", "http", "127.0.0.1"),
        ("wp.localhost", "http", "wp.localhost"),
        ("https://localhost", "https", "localhost"),
        ("[::1]:8080", "http", "[::1]:8080"),
        ("http://[0:0:0:0:0:0:0:1]", "http", "[::1]"),
        ("my_host", "https", "my_host"),
    ],
)
def test_a_site(text: str, scheme: str, site: str) -> None:
    assert address.parse(text) == Remote(site, scheme)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "foo bar.example",
        "ftp://foo.example",
        "https://user@foo.example",
        "https://user:pass@foo.example",
        "https://foo.example?x=1",
        "https://foo.example/?",
        "https://foo.example#x",
        "https://foo.example\\@evil.example",
        "https://foo.example/../x",
        "https://foo.example/./x",
        "foo.example:port",
        "foo.example:99999",
        "-foo.example",
        "foo..example",
        "https://",
        "foo.example\nHost: evil.example",
        "https://[::g]",
        "f\u00f6\u00f6.example",
        "a" * 3000,
    ],
)
def test_no_site(text: str) -> None:
    with pytest.raises(InvalidInput, match="is not the address of a site"):
        address.parse(text)


@pytest.mark.parametrize(
    ("path", "url"),
    [
        ("/wp-json/x", "https://foo.example/blog/wp-json/x"),
        ("wp-json/x?a=1&b[]=2", "https://foo.example/blog/wp-json/x?a=1&b[]=2"),
        ("//evil.example/x", "https://foo.example/blog/evil.example/x"),
        ("@evil.example/x", "https://foo.example/blog/@evil.example/x"),
        ("https://foo.example/x", "https://foo.example/x"),
        ("https://FOO.example:443/x?y#z", "https://foo.example/x?y"),
    ],
)
def test_a_path_there(path: str, url: str) -> None:
    assert Remote("foo.example/blog").address(path) == url


@pytest.mark.parametrize(
    "path",
    [
        "",
        "https://evil.example/x",
        "https://foo.example.evil.example/x",
        "http://foo.example/x",
        "https://foo.example:8443/x",
        "https://foo.example@evil.example/x",
        "https://evil.example\\@foo.example/x",
        "https:///x",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "/x y",
        "/x\r\nX-Evil: 1",
        "/" + "x" * 3000,
    ],
)
def test_no_path_there(path: str) -> None:
    with pytest.raises(InvalidInput):
        Remote("foo.example").address(path)


def test_a_site_on_http_may_send_to_https_but_not_back() -> None:
    assert Remote("foo.example", "http").owns("https://foo.example/x")
    assert not Remote("foo.example", "https").owns("http://foo.example/x")
    assert not Remote("foo.example:8080", "http").owns("https://foo.example/x")


@pytest.mark.parametrize(
    ("site", "stored", "scheme"),
    [
        ("foo.example", "", "https"),
        ("foo.example", "http", "http"),
        ("127.0.0.1:8080/x", "", "http"),
        ("localhost", "", "http"),
        ("localhost", "https", "https"),
        ("[::1]:80", "", "http"),
    ],
)
def test_how_a_stored_site_is_reached(site: str, stored: str, scheme: str) -> None:
    kept = Connection(f"{site}/bot", site, "bot", 1, "", True, stored)
    assert kept.remote == Remote(site, scheme)  # type: ignore[arg-type]


def test_slugs() -> None:
    assert address.check_slug(" chubes-bot_2 ") == "chubes-bot_2"
    for wrong in ("", "a/b", "a b", "x" * 201):
        with pytest.raises(InvalidInput):
            address.check_slug(wrong)

"""Reading feeds."""

from __future__ import annotations

import http.server
import threading
from datetime import UTC, datetime

import pytest

from sidecar.automation.handlers import base, rss

FEED = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"
     xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel><title>Feed</title>
 <item>
  <title>Élan &amp; 1.0 &lt;b&gt;x&lt;/b&gt;</title><link>http://example.org/a/1?x=1&amp;y=2</link>
  <guid>g-1</guid><pubDate>Mon, 20 Apr 2026 10:00:00 +0200</pubDate><dc:creator>Zoé</dc:creator>
  <category>Cat A</category><category>Cat/B</category>
  <description>&lt;p&gt;Hello &lt;em&gt;wörld&lt;/em&gt; a/b&lt;/p&gt;</description>
  <content:encoded>longer than the description</content:encoded>
  <enclosure url="http://example.org/default.png" type="image/png" length="1"/>
 </item>
 <item><link>http://example.org/2</link><enclosure url="http://example.org/a.mp3" type="audio/mpeg"/></item>
 <item><title>Nameless</title></item>
</channel></rss>"""

ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><entry>
 <id>urn:1</id><title>One</title><link href="http://example.org/1"/><updated>2026-04-20T08:00:00Z</updated>
 <author><name>Ann</name></author><category term="news"/><summary>Short</summary><content>Long</content>
</entry></feed>"""


class Context:
    """Collects what a handler logs."""

    def __init__(self):
        self.lines = []

    def log(self, level, message, extra):
        self.lines.append((level, message, extra))


class Clock:
    def now(self):
        return datetime(2026, 4, 22, tzinfo=UTC)

    def monotonic(self):
        return 0.0


@pytest.fixture
def served():
    """A feed on a loopback port; ``served.body`` and ``served.status`` may be changed."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(server.status)
            self.end_headers()
            self.wfile.write(server.body.encode())

        def log_message(self, *_args):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.body, server.status = FEED, 200
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def fetch(served, **config):
    context = Context()
    url = f"http://127.0.0.1:{served.server_address[1]}/"
    items = rss.Rss(Clock()).fetch({"feed_url": url, **config}, context)
    return items, context


def test_an_item_as_data_machine_reads_it(served):
    items, context = fetch(served)
    assert [item.title for item in items] == ["Élan & 1.0 <b>x</b>", "Untitled"]
    first = items[0]
    assert first.content == "Hello wörld a/b"
    assert first.metadata == {
        "source_type": "rss",
        "item_identifier": "g-1",
        "original_id": "g-1",
        "original_title": "Élan & 1.0 <b>x</b>",
        "original_date_gmt": "2026-04-20T08:00:00Z",
        "author": "Zoé",
        "categories": ["Cat A", "Cat/B"],
        "guid": "g-1",
        "source_url": "http://example.org/a/1?x=1&y=2",
    }
    assert first.file_info == {
        "type": "image/png",
        "mime_type": "image/png",
        "url": "http://example.org/default.png",
    }
    second = items[1]
    assert second.identifier == "http://example.org/2"
    assert second.file_info == {"type": "audio/mpeg", "mime_type": "audio/mpeg"}
    assert second.metadata["original_date_gmt"] is None
    assert [line[0] for line in context.lines] == ["warning"]


def test_atom(served):
    served.body = ATOM
    (item,), _ = fetch(served)
    assert (item.identifier, item.title, item.content) == ("urn:1", "One", "Short")
    assert item.metadata["author"] == "Ann"
    assert item.metadata["categories"] == ["news"]
    assert item.metadata["source_url"] == "http://example.org/1"


@pytest.mark.parametrize(
    ("config", "kept"),
    [
        ({"timeframe_limit": "24_hours"}, 1),
        ({"timeframe_limit": "72_hours"}, 2),
        ({"timeframe_limit": "bogus"}, 2),
        ({"search": "HELLO, nothing"}, 1),
        ({"search": "nothing"}, 0),
        ({"exclude_keywords": "hello"}, 1),
    ],
)
def test_filters(served, config, kept):
    assert len(fetch(served, **config)[0]) == kept


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("not xml", 200),
        (FEED, 404),
        ('<!DOCTYPE x [<!ENTITY a "b">]><rss><channel/></rss>', 200),
    ],
)
def test_a_feed_that_cannot_be_read_gives_nothing_and_one_line(served, body, status):
    served.body, served.status = body, status
    items, context = fetch(served)
    assert items == []
    assert [line[:2] for line in context.lines] == [("error", "Rss: Failed to fetch RSS feed.")]


def test_only_http():
    context = Context()
    assert rss.Rss(Clock()).fetch({"feed_url": "file:///etc/passwd"}, context) == []
    assert context.lines[0][2]["error"] == "A valid URL was not provided."


@pytest.mark.parametrize(
    ("config", "items"), [({}, 1), ({"max_items": 0}, 0), ({"max_items": "3"}, 3), ({"max_items": "x"}, 1)]
)
def test_a_run_takes_one_item_unless_told(config, items):
    assert base.max_items(config) == items


def test_case_is_ignored_for_ascii_only():
    assert base.matches_search("ÉLAN Vital", "vital")
    assert not base.matches_search("ÉLAN", "élan")

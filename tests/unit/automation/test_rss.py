"""Reading feeds."""

from __future__ import annotations

import http.server
import threading
from datetime import UTC, datetime

import pytest

from sidecar.automation.handlers import base, rss, wordpress_api

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


@pytest.mark.parametrize(
    "text", ["0001-01-01T00:00:00+01:00", "9999-12-31T23:59:59-05:00", "Fri, 31 Dec 9999 23:59:59 -0500"]
)
def test_a_moment_beyond_the_calendar_is_none(text):
    assert rss.moment(text) is None


@pytest.mark.parametrize("address", ["http://[", "http://[localhost]/a.png"])
def test_an_address_that_is_none_spoils_no_item(address):
    enclosure = f'<enclosure url="{address}" type="image/png"/>'
    feed = rss.parse(f"<rss><channel><item><guid>1</guid>{enclosure}</item></channel></rss>".encode())
    assert [rss.read_entry(one).identifier for one in rss.entries(feed)] == ["1"]
    item, _when = wordpress_api.read_entry({"id": 1, "link": address}, "http://example.org/")
    assert item.metadata["site_name"] == ""


@pytest.mark.parametrize(
    ("named", "codec", "title"),
    [
        ("Shift_JIS", "shift_jis", "日本語"),
        ("x-sjis", "cp932", "①日本語"),
        ("EUC-JP", "euc_jp", "日本語"),
        ("iso-2022-jp", "iso2022_jp", "日本語"),
        ("gb2312", "gbk", "簡体字 简体字"),
        ("Big5", "big5", "繁體字"),
        ("euc-kr", "euc_kr", "한국어"),
        ("windows-1251", "cp1251", "Привет"),
    ],
)
def test_feeds_name_their_encoding(named, codec, title):
    item = f"<item><guid>1</guid><title>{title}</title></item>"
    text = f'\n<?xml version="1.0" encoding="{named}"?>\n<rss><channel>{item}</channel></rss>'
    found = rss.entries(rss.parse(text.encode(codec)))
    assert [rss.read_entry(one).title for one in found] == [title]


def test_entities_are_seen_in_every_encoding():
    # Changes of the character set, which are nothing once the text is read.
    hidden = '<!\x1b$B\x1b(BENTITY b "c">'
    text = f'<?xml version="1.0" encoding="iso-2022-jp"?><!DOCTYPE a [{hidden}]><a>&b;</a>'
    with pytest.raises(rss.FeedError, match="entities"):
        rss.parse(text.encode("ascii"))

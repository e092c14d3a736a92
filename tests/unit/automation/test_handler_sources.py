"""What handlers make of what they find, and where they look."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest

from sidecar.automation.engine.context import ExecutionContext
from sidecar.automation.engine.engine_data import EngineData
from sidecar.automation.files.flow_folders import FlowFolders
from sidecar.automation.handlers import wordpress_api
from sidecar.automation.handlers.base import Item, Page, collect
from sidecar.automation.handlers.connections import public
from sidecar.automation.handlers.files import Files
from sidecar.automation.handlers.images import Images, kind
from sidecar.automation.handlers.outgoing import INVALID, Fetched, FetchError, Outgoing, place, shown
from sidecar.automation.steps.base import StepRun
from sidecar.automation.steps.upsert import UpsertStep
from sidecar.clock import SYSTEM


class Clock:
    def now(self) -> datetime:
        return datetime(2026, 4, 22, tzinfo=UTC)

    def monotonic(self) -> float:
        return 0.0


class Ledger:
    """Knows some items; remembers what was asked and claimed."""

    def __init__(self, *known: str) -> None:
        self.known = set(known)
        #: Claimed by another worker after they were looked up.
        self.taken = {"taken"}
        self.asked: list[str] = []
        self.claimed: list[str] = []

    def state(self, _step: str, _source: str, identifiers: Sequence[str]) -> dict[str, Any]:
        from sidecar.automation.repositories.processed_items import Item as Known

        self.asked += identifiers
        return {one: Known(processed=one in self.known, claimed_by=0) for one in identifiers}

    def claim(self, _step: str, _source: str, identifier: str, _job: int) -> bool:
        self.claimed.append(identifier)
        return identifier not in self.taken

    def drop_expired_claims(self) -> None:
        return


def context(ledger: Any, flow: int | str = 5) -> ExecutionContext:
    return ExecutionContext(ledger, 4 if flow != "direct" else "direct", flow, "s_5", 9, "pages")


class Pages:
    """Twenty items a page; every third is excluded when it is read."""

    slug = source_type = "pages"

    def __init__(self) -> None:
        self.read: list[str] = []
        self.prepared: list[str] = []

    def fetch(self, config: Mapping[str, Any], context: ExecutionContext) -> Sequence[Item]:
        raise AssertionError("pages are asked for")

    def pages(self, config: Mapping[str, Any], context: ExecutionContext) -> Iterator[Page]:
        for start in (0, 20, 40):
            yield Page([str(n) for n in range(start, start + 20)], self._load)

    def prepare(self, item: Item, config: Mapping[str, Any], context: ExecutionContext) -> None:
        self.prepared.append(item.identifier)

    def _load(self, wanted: Sequence[str]) -> Sequence[Item]:
        self.read += wanted
        return [Item(f"T{one}", "", {"item_identifier": one}) for one in wanted if int(one) % 3]


def test_no_more_pages_are_turned_than_it_takes() -> None:
    ledger, handler = Ledger(*(str(n) for n in range(20))), Pages()
    packets = collect(handler, {"max_items": 2}, context(ledger), SYSTEM)
    assert [packet["metadata"]["item_identifier"] for packet in packets] == ["22", "20"]
    assert ledger.claimed == handler.prepared == ["20", "22"]
    assert handler.read == [str(n) for n in range(20, 30)]
    assert "40" not in ledger.asked


def test_what_another_worker_claims_meanwhile_is_replaced_by_the_next() -> None:
    ledger = Ledger()
    ledger.taken = {"1", "4"}
    packets = collect(Pages(), {"max_items": 2}, context(ledger), SYSTEM)
    assert [packet["metadata"]["item_identifier"] for packet in packets] == ["5", "2"]


def test_without_a_limit_all_pages_are_turned() -> None:
    ledger, handler = Ledger(), Pages()
    assert len(collect(handler, {"max_items": 0}, context(ledger), SYSTEM)) == 40


def test_a_run_without_a_flow_knows_and_claims_nothing() -> None:
    ledger = Ledger("1", "2", "3")
    assert len(collect(Pages(), {"max_items": 3}, context(ledger, "direct"), SYSTEM)) == 3
    assert (ledger.asked, ledger.claimed) == ([], [])


@pytest.mark.parametrize(
    ("address", "open_to_all"),
    [
        ("93.184.216.34", True),
        ("2606:2800:220:1::1", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("::1", False),
        ("::ffff:127.0.0.1", False),
        ("::ffff:93.184.216.34", True),
        ("64:ff9b::7f00:1", False),
        ("2002:7f00:1::", False),
        ("fe80::1%eth0", False),
        ("fc00::1", False),
        ("nonsense", False),
    ],
)
def test_which_addresses_are_the_internet(address: str, open_to_all: bool) -> None:
    assert public(address) is open_to_all


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:9/",
        "http://localhost:9/",
        "http://2130706433:9/",
        "http://[::1]:9/",
        "http://[::ffff:127.0.0.1]:9/",
        "file:///etc/passwd",
        "http://",
        "http://x:99999/",
        "",
    ],
)
def test_private_addresses_are_closed(url: str) -> None:
    with pytest.raises(FetchError) as refused:
        Outgoing(SYSTEM).get(url)
    assert str(refused.value) == INVALID


def test_what_is_allowed_is_tried() -> None:
    with pytest.raises(FetchError, match="refused"):
        Outgoing(SYSTEM).get("http://127.0.0.1:9/", private=True)
    with pytest.raises(FetchError, match="refused"):
        Outgoing(SYSTEM, lambda: "127.0.0.1:9").get("http://127.0.0.1:9/feed")
    with pytest.raises(FetchError) as told:
        Outgoing(SYSTEM).get("http://me:password@nobody.invalid/feed?key=secret")
    assert "nobody.invalid" in str(told.value)
    assert "password" not in str(told.value)
    assert "secret" not in str(told.value)
    assert shown("http://me:password@x.org:8/feed?key=secret#a") == "http://x.org:8/feed?..."
    assert shown("http://[") == ""
    assert place("HTTPS://Example.org/x") == "example.org:443"
    assert place("nonsense") == ""


@pytest.mark.parametrize(
    ("answer", "titles"),
    [
        ([{"id": 1, "title": {"rendered": "<i>A</i>"}}, "no", {"id": 2, "name": "B"}], ["A", "B"]),
        ({"items": [{"slug": "x", "headline": "C"}]}, ["C"]),
        ({"id": 5, "content": {"raw": "alone"}}, ["Untitled"]),
        ([{"title": "nobody can tell it from others"}], []),
        ("text", []),
    ],
)
def test_lists_of_other_sites(answer: Any, titles: list[str]) -> None:
    found = [wordpress_api.read_entry(one, "http://x/posts")[0] for one in wordpress_api.entries(answer)]
    assert [item.title for item in found if item] == titles


def test_an_entry_of_another_site() -> None:
    entry = {
        "id": 7,
        "title": {"rendered": "T"},
        "content": {"rendered": "<p>C</p>"},
        "link": "https://other.example/7",
        "date": "2026-04-20T08:00:00+02:00",
        "_embedded": {"wp:featuredmedia": [{"source_url": "https://other.example/7.png"}]},
    }
    item, when = wordpress_api.read_entry(entry, "https://other.example/wp-json/wp/v2/posts")
    assert item is not None
    assert when == datetime(2026, 4, 20, 6, tzinfo=UTC)
    identifier = item.metadata.pop("item_identifier")
    assert len(identifier) == 32
    assert item.metadata == {
        "source_type": "rest_api",
        "original_id": "7",
        "original_title": "T",
        "original_date_gmt": "2026-04-20T06:00:00Z",
        "site_name": "other.example",
        "source_url": "https://other.example/7",
        "image_url": "https://other.example/7.png",
    }
    elsewhere, _ = wordpress_api.read_entry(entry, "https://third.example/posts")
    assert elsewhere is not None
    assert elsewhere.identifier != identifier


@pytest.fixture
def uploads(tmp_path: Path) -> tuple[FlowFolders, Files, Path]:
    folders = FlowFolders(lambda: tmp_path)
    for day, (name, body) in enumerate(
        [("a.txt", b"T\xc3\xa9xt"), ("b.png", b"\x89PNG"), ("rss_image_1_x.png", b"\x89PNG")]
    ):
        folders.write(4, 5, name, body)
        second = datetime(2026, 4, 1 + day, tzinfo=UTC).timestamp()
        os.utime(tmp_path / "pipeline-4" / "flow-5" / "flow-5-files" / name, (second, second))
    (tmp_path / "secret.txt").write_text("secret")
    return folders, Files(folders, lambda: tmp_path, Clock()), tmp_path


def test_uploaded_files_are_items(uploads: tuple[FlowFolders, Files, Path]) -> None:
    _, handler, root = uploads
    packets = collect(handler, {"max_items": 0}, context(Ledger()), SYSTEM)
    assert [packet["data"]["title"] for packet in packets] == ["b.png", "a.txt"]
    picture, text = packets
    assert text["data"]["body"] == "Téxt"
    path = str(root / "pipeline-4" / "flow-5" / "flow-5-files" / "b.png")
    assert picture["data"]["file_info"]["file_path"] == path
    assert picture["metadata"]["_engine_data"]["image_file_path"] == path
    assert text["metadata"]["original_date_gmt"] == "2026-04-01T00:00:00Z"


@pytest.mark.parametrize(
    "named",
    [
        ["../../../secret.txt"],
        [{"persistent_path": "/etc/passwd"}],
        [{"persistent_path": "..\\..\\secret.txt"}],
        [{"original_name": ".."}],
    ],
)
def test_no_other_file_is_read(uploads: tuple[FlowFolders, Files, Path], named: list[Any]) -> None:
    _, handler, _ = uploads
    assert list(handler.fetch({"uploaded_files": named}, context(Ledger()))) == []


def test_only_processed_files_are_cleared_away(uploads: tuple[FlowFolders, Files, Path]) -> None:
    folders, handler, _ = uploads
    config = {"auto_cleanup_enabled": True}
    left = handler.fetch(config, context(Ledger("a.txt")))
    assert [item.title for item in left] == ["b.png"]
    assert [file.filename for file in folders.all(4, 5)] == ["b.png", "rss_image_1_x.png"]


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (b"\xff\xd8\xff\xe0", ("image/jpeg", "jpg")),
        (b"RIFF....WEBPVP8", ("image/webp", "webp")),
        (b"<svg onload=alert(1)>", None),
        (b"<?php", None),
        (b"", None),
    ],
)
def test_a_picture_is_what_it_begins_with(body: bytes, found: tuple[str, str] | None) -> None:
    assert kind(body) == found


def upsert(*before: str, packets: list[dict[str, Any]]) -> list[dict[str, Any]]:
    steps = {
        f"s{n}": {"flow_step_id": f"s{n}", "step_type": kind, "execution_order": n}
        for n, kind in enumerate((*before, "upsert"))
    }
    own = {**steps[f"s{len(before)}"], "handler_slugs": ["wordpress_update"]}
    run = StepRun(1, own["flow_step_id"], own, packets, EngineData({"flow_config": steps}, 1))
    return UpsertStep(SYSTEM).execute(run)


def test_an_upsert_step_reports_what_the_model_did() -> None:
    used = {
        "type": "ai_handler_complete",
        "data": {},
        "metadata": {
            "tool_name": "wordpress_update",
            "handler_tool": "wordpress_update",
            "tool_result": {"success": True, "data": {"updated_id": 5}},
        },
    }
    packet, old = upsert("fetch", "ai", packets=[used])
    assert (packet["type"], packet["data"]["title"]) == ("upsert", "Upsert Complete (via AI Conversation)")
    assert packet["metadata"]["upsert_success"] is True
    assert old == used


def test_a_step_nobody_works_for_says_so() -> None:
    (packet,) = upsert("fetch", packets=[])
    assert packet["metadata"]["failure_reason"] == "no_ai_step_before_upsert"
    assert upsert("fetch", "ai", packets=[]) == []
    # Somebody else's step may do what an AI step does.
    assert upsert("fetch", "of_a_plugin", packets=[]) == []


def test_pictures_of_one_second_and_name_are_kept_apart(tmp_path: Path) -> None:
    class Site:
        def get(self, url: str, *, what: str) -> Fetched:
            return Fetched(b"\x89PNG\r\n\x1a\n" + url.split("/")[3].encode(), "image/png", url)

    folders = FlowFolders(lambda: tmp_path)
    images = Images(cast(Outgoing, Site()), folders, lambda: tmp_path, Clock())
    at = context(Ledger())
    found = [images.download(f"http://x/{each}/featured.jpg", "rss_image", at) for each in ("a", "b", "a")]
    paths = [Path(one.path) for one in found if one is not None]
    assert [path.read_bytes()[-1:] for path in paths] == [b"a", b"b", b"a"]
    assert paths[0] == paths[2]
    assert re.fullmatch(r"rss_image_\d+_featured\.png", paths[0].name)
    assert re.fullmatch(r"rss_image_\d+_featured-[0-9a-f]{8}\.png", paths[1].name)

"""Where the packets of a fan-out wait."""

from __future__ import annotations

from pathlib import Path

import pytest

from sidecar.automation.engine.batch_items import BatchItems, ItemsGone
from sidecar.automation.files.job_files import JobFiles

PLACE = (1, 2, 3)


def packets(count: int) -> list[dict[str, object]]:
    return [{"type": "fetch", "data": {"title": f"é/{number}\n", "n": 1.0}} for number in range(count)]


def all_of(items: BatchItems, state: dict[str, object], size: int) -> list[list[dict[str, object]]]:
    portions = []
    while True:
        found = items.portion(PLACE, state, size)
        portions.append(found.packets)
        state = found.after
        if not found.more:
            return portions


@pytest.mark.parametrize("small", [0, 10**6])
def test_packets_come_back_in_portions(tmp_path: Path, small: int) -> None:
    items = BatchItems(JobFiles(tmp_path / "files"))
    items.small = small
    state = items.keep(PLACE, packets(5))
    assert all_of(items, state, 2) == [packets(5)[:2], packets(5)[2:4], packets(5)[4:]]
    assert items.portion(PLACE, {**state, "offset": 0}, 2).packets == packets(2), "as often as one likes"
    (last,) = (each.after for each in [items.portion(PLACE, state, 9)])
    assert (last["offset"], items.portion(PLACE, last, 9).packets) == (5, [])


def test_a_few_stand_where_php_looks_for_them(tmp_path: Path) -> None:
    state = BatchItems(JobFiles(tmp_path / "files")).keep(PLACE, packets(2))
    assert state == {"offset": 0, "total": 2, "items": packets(2)}
    assert not (tmp_path / "files").exists()


def test_many_stand_beside_the_document_and_go_with_the_folder(tmp_path: Path) -> None:
    files = JobFiles(tmp_path / "files")
    items = BatchItems(files)
    state = items.keep(PLACE, packets(20_000))
    assert (state["total"], state["items"]) == (20_000, [])
    other = items.keep(PLACE, packets(20_000)[::-1])
    assert items.portion(PLACE, state, 1).packets == packets(1), "another worker's are another file"
    assert items.portion(PLACE, other, 1).packets == packets(20_000)[-1:]
    files.remove(*PLACE)
    with pytest.raises(ItemsGone):
        items.portion(PLACE, state, 1)


def test_a_file_that_was_spoilt_is_noticed(tmp_path: Path) -> None:
    items = BatchItems(JobFiles(tmp_path / "files"))
    items.small = 0
    state = items.keep(PLACE, packets(3))
    (path,) = (tmp_path / "files").rglob("batch-*.jsonl")
    text = path.read_text()
    for spoilt in (text[:-30], text[: text.index("\n") + 1], "[1]\n" * 3):
        path.write_text(spoilt)
        with pytest.raises(ItemsGone):
            items.portion(PLACE, state, 3)

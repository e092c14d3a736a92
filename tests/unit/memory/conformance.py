"""What every memory store does, wherever it keeps things. Subclass it and offer a fixture ``store``."""

from __future__ import annotations

import threading
from hashlib import sha1

import pytest

from sidecar.memory import Scope, Store, WriteResult
from sidecar.memory.values import MAX_BYTES


def hash_of(content: bytes) -> str:
    return sha1(content).hexdigest()


class StoreConformance:
    """The contract's rules, each on its own file."""

    #: User and agent of the scopes.
    user_id = 7
    agent_id = 42

    def scope(self, filename: str, layer: str = "agent") -> Scope:
        return Scope(layer, self.user_id, self.agent_id, filename)

    def test_a_missing_file_reads_as_not_found(self, store: Store) -> None:
        found = store.read(self.scope("MISSING.md"))
        assert (found.exists, found.content, found.hash, found.size, found.updated_at) == (
            False,
            b"",
            "",
            0,
            None,
        )
        assert store.exists(self.scope("MISSING.md")) is False

    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"plain\n",
            "Grüße 🌍\n".encode(),
            b"back\\slash 'quotes' \"double\"\n",
            b"\xff\xfe not utf-8 \x00",
        ],
    )
    def test_what_is_written_is_read(self, store: Store, content: bytes) -> None:
        scope = self.scope("ROUND.md")
        written = store.write(scope, content)
        assert (written.success, written.hash, written.size, written.error) == (
            True,
            hash_of(content),
            len(content),
            None,
        )
        found = store.read(scope)
        assert (found.exists, found.content, found.hash, found.size) == (
            True,
            content,
            hash_of(content),
            len(content),
        )
        assert found.updated_at is None or found.updated_at > 1_600_000_000
        assert store.exists(scope) is True

    def test_five_megabytes(self, store: Store) -> None:
        scope = self.scope("BIG.md")
        content = ("0123456789 ünd so weiter\\\n" * 200_000).encode()
        assert len(content) > 5_000_000
        written = store.write(scope, content)
        assert (written.success, written.hash, written.size) == (True, hash_of(content), len(content))
        found = store.read(scope)
        assert (found.hash, found.size, hash_of(found.content)) == (written.hash, len(content), written.hash)
        assert {entry.filename: entry.size for entry in store.list_layer(scope)}["BIG.md"] == len(content)
        assert store.delete(scope).success

    def test_a_write_replaces_the_whole_file(self, store: Store) -> None:
        scope = self.scope("WHOLE.md")
        store.write(scope, b"a long beginning\n")
        store.write(scope, b"short")
        assert store.read(scope).content == b"short"

    def test_compare_and_swap(self, store: Store) -> None:
        scope = self.scope("SWAP.md")
        first = store.write(scope, b"one")
        refused = store.write(scope, b"two", hash_of(b"something else"))
        assert (refused.success, refused.error) == (False, "conflict")
        assert store.read(scope).content == b"one"
        assert store.write(scope, b"two", first.hash).success
        assert store.write(scope, b"three", first.hash).error == "conflict"
        assert store.read(scope).content == b"two"

    def test_a_hash_of_something_is_no_hash_of_nothing(self, store: Store) -> None:
        scope = self.scope("NOTHING.md")
        assert store.write(scope, b"x", hash_of(b"gone")).error == "conflict"
        assert not store.exists(scope)
        if store.absent is not None:
            assert store.write(scope, b"first", store.absent).success
            assert store.write(scope, b"second", store.absent).error == "conflict"
            assert store.read(scope).content == b"first"

    def test_the_same_content_again_is_a_write_like_any_other(self, store: Store) -> None:
        scope = self.scope("SAME.md")
        first = store.write(scope, b"same")
        again = store.write(scope, b"same", first.hash)
        assert (again.success, again.hash, again.size) == (True, first.hash, 4)

    def test_an_empty_file_is_a_file(self, store: Store) -> None:
        scope = self.scope("EMPTY.md")
        written = store.write(scope, b"")
        assert (written.success, written.hash, written.size) == (True, hash_of(b""), 0)
        assert store.exists(scope)
        assert store.write(scope, b"now", hash_of(b"")).success
        assert {entry.filename: entry.size for entry in store.list_layer(scope)}["EMPTY.md"] == 3

    def test_of_two_who_read_the_same_one_writes(self, store: Store) -> None:
        scope = self.scope("RACE.md")
        store.write(scope, b"0")
        for number in range(1, 6):
            one, other = store.read(scope), store.read(scope)
            assert store.write(scope, b"%d" % number, one.hash).success
            assert store.write(scope, b"lost", other.hash).error == "conflict"
        assert store.read(scope).content == b"5"

    def test_delete_succeeds_twice(self, store: Store) -> None:
        scope = self.scope("GONE.md")
        store.write(scope, b"x")
        for _ in range(2):
            deleted = store.delete(scope)
            assert deleted == WriteResult(True, "", 0, None)
        assert not store.exists(scope)

    def test_layers_do_not_mix(self, store: Store) -> None:
        store.write(self.scope("LAYER.md", "agent"), b"agent")
        store.write(self.scope("LAYER.md", "shared"), b"shared")
        assert store.read(self.scope("LAYER.md", "agent")).content == b"agent"
        assert "LAYER.md" in {entry.filename for entry in store.list_layer(self.scope("ignored", "shared"))}
        assert "LAYER.md" not in {entry.filename for entry in store.list_layer(self.scope("ignored", "user"))}

    def test_listings_name_files_relative_to_the_layer(self, store: Store) -> None:
        for name in ("TOP.md", "daily/2026/04/17.md", "daily/2026/04/02.md", "dailyish/no.md"):
            assert store.write(self.scope(name), name.encode()).success
        top = {entry.filename: entry for entry in store.list_layer(self.scope(""))}
        assert top["TOP.md"].size == 6
        assert top["TOP.md"].layer == "agent"
        assert not any("/" in name for name in top)
        below = store.list_subtree(self.scope(""), "daily")
        assert [entry.filename for entry in below] == ["daily/2026/04/02.md", "daily/2026/04/17.md"]
        deeper = store.list_subtree(self.scope(""), "daily/2026/04")
        assert [(entry.filename, entry.size, entry.layer) for entry in deeper] == [
            (entry.filename, 19, "agent") for entry in below
        ]
        store.delete(self.scope("daily/2026/04/02.md"))
        left = store.list_subtree(self.scope(""), "daily")
        assert [entry.filename for entry in left] == ["daily/2026/04/17.md"]
        assert store.list_subtree(self.scope(""), "") == []
        assert store.list_subtree(self.scope(""), "nothing") == []


class LimitedStore(StoreConformance):
    """A store that itself knows the largest file; a third party's need not."""

    def test_more_than_the_largest_file_is_refused_before_it_is_written(self, store: Store) -> None:
        scope = self.scope("HUGE.md")
        assert store.write(scope, b"kept").success
        refused = store.write(scope, b"x" * (MAX_BYTES + 1))
        assert (refused.success, refused.error) == (False, "too_large")
        assert store.read(scope).content == b"kept"


class SharedStore(StoreConformance):
    """A store whose object several threads may use at once."""

    def test_concurrent_writers_lose_nothing(self, store: Store) -> None:
        scope, failures = self.scope("CROWD.md"), []
        store.write(scope, b"")

        def add(worker: int) -> None:
            try:
                for number in range(10):
                    while True:
                        found = store.read(scope)
                        if store.write(
                            scope, found.content + b"%d.%d\n" % (worker, number), found.hash
                        ).success:
                            break
            except BaseException as error:  # noqa: BLE001  a thread's failure is the test's
                failures.append(error)

        crowd = [threading.Thread(target=add, args=(worker,)) for worker in range(8)]
        for thread in crowd:
            thread.start()
        for thread in crowd:
            thread.join()
        assert not failures
        lines = store.read(scope).content.split()
        assert sorted(lines) == sorted(
            b"%d.%d" % (worker, number) for worker in range(8) for number in range(10)
        )
        for worker in range(8):
            own = [line for line in lines if line.startswith(b"%d." % worker)]
            assert own == [b"%d.%d" % (worker, number) for number in range(10)]

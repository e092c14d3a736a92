"""What every memory store does, wherever it keeps things. Subclass it and offer a fixture ``store``."""

from __future__ import annotations

from hashlib import sha1

import pytest

from sidecar.memory import Scope, Store, WriteResult


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

    def test_a_file_larger_than_a_frame(self, store: Store) -> None:
        scope = self.scope("BIG.md")
        content = "0123456789 ünd so weiter\n".encode() * 100_000
        assert store.write(scope, content).success
        assert store.read(scope).hash == hash_of(content)
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
        assert store.list_subtree(self.scope(""), "") == []
        assert store.list_subtree(self.scope(""), "nothing") == []

"""When a prompt or a title has been there before, and what a prompt is stored as."""

from __future__ import annotations

import random

import pytest

from sidecar.automation.queues import similarity
from sidecar.automation.queues.duplicates import Queued
from sidecar.automation.queues.similarity import Title
from sidecar.automation.queues.text import prompt_text


def alike(one, other):
    return Queued([{"prompt": one}]).like(other) is not None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The Harbour in Winter", "the harbour   in winter!"),
        ("Bread &amp; Butter", "Bread & Butter"),
        ("Ten reasons to visit Lisbon in spring", "Ten reasons to visit Lisbon in the spring"),
        ("Gardening for beginners: a guide", "Gardening for beginner: a guide"),
    ],
)
def test_the_same_title(one, other):
    assert Title(one).same(Title(other))
    assert Title(other).same(Title(one))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Harbour", "Harbours"),
        ("The harbour in winter", "The harbour in summer"),
        ("A course in weaving, part 1", "A course in weaving, part 2"),
        ("", ""),
        ("!!!", "???"),
        ("The harbour", "The harbour in winter and everything that lives there"),
    ],
)
def test_another_title(one, other):
    assert not Title(one).same(Title(other))
    assert not Title(other).same(Title(one))


def test_prompts_are_alike_by_their_words():
    assert alike("Write about the history of jazz", "write about jazz history")
    assert not alike("Write about the history of jazz", "Write about the history of chess clubs")
    assert not alike("Write part 1 of the history", "Write part 2 of the history")
    assert alike("what is it", "What is it?")
    assert not alike("what is it", "who are they")


def test_the_first_prompt_alike_is_the_match():
    waiting = [{"prompt": "Write about chess"}, {"patch": {}}, {"prompt": "Write about jazz history"}]
    found = Queued(waiting).like("Write about the history of jazz")
    assert found is not None
    assert (found.source, found.match) == ("queue", {"index": 2, "prompt": "Write about jazz history"})
    assert Queued(waiting).like("Something else") is None
    assert Queued(waiting).like("") is None
    # Equal before alike, and the first of several.
    texts = ["Bake rye bread today", "what is it", "bake bread, rye!", "What is it?"]
    queued = Queued([{"prompt": text} for text in texts])
    assert [queued.like(text).match["index"] for text in ("rye bread: bake", "what IS it")] == [0, 1]


def test_a_long_queue_is_searched_by_the_words_it_shares():
    chance = random.Random(3)
    vocabulary = [f"word{number:04}x" for number in range(2000)]
    waiting = [" ".join(chance.choices(vocabulary, k=8)) for _ in range(2_000)]
    queued = Queued([{"prompt": text} for text in waiting])
    assert [queued.like(text).match["index"] for text in waiting[:50]] == list(range(50))


def test_the_distance_is_the_edit_distance_up_to_a_bound():
    def plain(one, other):
        row = list(range(len(other) + 1))
        for at, letter in enumerate(one, start=1):
            new = [at]
            for column, there in enumerate(other, start=1):
                new.append(min(row[column] + 1, new[-1] + 1, row[column - 1] + (letter != there)))
            row = new
        return row[-1]

    chance = random.Random(7)
    for _ in range(2000):
        one, other = ("".join(chance.choices("abc", k=chance.randint(0, 12))) for _ in range(2))
        most = chance.randint(0, 6)
        assert similarity._distance(one, other, most) == min(plain(one, other), most + 1), (one, other, most)


@pytest.mark.parametrize(
    ("given", "stored"),
    [
        ("  two\r\nlines \n", "two\nlines"),
        ("<b>Bold</b> <script>alert(1)</script>text", "Bold text"),
        ("a < b and b > c", "a < b and b > c"),
        ("keep https://x.org/a%20b", "keep https://x.org/a%20b"),
        ("no\x00thing\x1f", "nothing"),
        ("<!-- gone -->", ""),
        ("3 <4", "3 <4"),
    ],
)
def test_a_prompt_is_text_without_markup(given, stored):
    assert prompt_text(given) == stored


@pytest.mark.parametrize(
    ("given", "stored"),
    [
        ("a <SCRIPT src=x>b</Script > c</script> d", "a  d"),
        ("a <script>b", "a b"),
        ("a <script b", "a <script b"),
        ("<style>a</script>b</style>c", "c"),
    ],
)
def test_code_is_no_text(given, stored):
    assert prompt_text(given) == stored


@pytest.mark.parametrize("piece", ["<script>", "<script", "<a", "<!--", "<!-- x>", "<style><script>", "</"])
def test_markup_that_never_closes_is_read_once(piece):
    # A pattern would take the square of it: hours.
    assert len(prompt_text(piece * 500_000)) <= len(piece) * 500_000

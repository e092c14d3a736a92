"""When two titles mean the same."""

from __future__ import annotations

import html
import re
import unicodedata
from collections import Counter, defaultdict

#: Of two sets of words, how much they must share to be alike.
ALIKE = 0.65
#: How many characters of a title may differ, as a part of the longer one; short titles must be equal.
TOLERANCE = 0.15
SHORTEST = 15
#: Characters that are compared; what follows never makes two titles one.
COMPARED = 300

_WORD = re.compile(r"\w+")
_STOP_WORDS = (
    "the a an and or but in on at to for of with by from is it are was were be been being have has had do"
    " does did will would could should may might shall can not no if when what why how who where which"
    " this that these those you your we our they their i my he she his her its as so than then about into"
)
STOP_WORDS = frozenset(_STOP_WORDS.split())


def normalized(title: str) -> str:
    """A title without case, accents of typography, punctuation and doubled spaces."""
    text = unicodedata.normalize("NFKC", html.unescape(title)).casefold()
    return " ".join(_WORD.findall(text))


def words(text: str) -> frozenset[str]:
    """The words that carry a meaning; all of them, where none does."""
    found = frozenset(normalized(text).split())
    return (found - STOP_WORDS) or found


class Title:
    """A title, ready to be compared with many."""

    __slots__ = ("_numbers", "_text")

    def __init__(self, title: str) -> None:
        self._text = normalized(title)[:COMPARED]
        self._numbers = _numbers(self._text)

    def same(self, other: Title) -> bool:
        """Whether they are equal, or, when they are long, nearly."""
        first, second = self._text, other._text
        if not first or not second:
            return False
        if first == second:
            return True
        # Numbers tell things apart that are otherwise written alike: part 1 and part 2.
        if min(len(first), len(second)) < SHORTEST or self._numbers != other._numbers:
            return False
        most = int(max(len(first), len(second)) * TOLERANCE)
        return _distance(first, second, most) <= most


class Prompts:
    """Texts that wait, and which of them is the first that is like another.

    Two are alike when they share most of their words and all of their numbers.
    """

    def __init__(self) -> None:
        self._count = 0
        self._whole: dict[str, int] = {}
        self._words: list[frozenset[str]] = []
        #: By word, the texts that have it.
        self._having: defaultdict[str, list[int]] = defaultdict(list)

    def add(self, text: str) -> None:
        """Put one at the end."""
        self._whole.setdefault(normalized(text), self._count)
        held = words(text)
        self._words.append(held)
        for word in held:
            self._having[word].append(self._count)
        self._count += 1

    def like(self, text: str) -> int | None:
        """The position of the first that is like ``text``."""
        whole = normalized(text)
        if not whole:
            return None
        asked = words(text)
        shared = Counter(at for word in asked for at in self._having.get(word, ()))
        found = [
            at
            for at, count in shared.items()
            if count >= ALIKE * (len(asked) + len(self._words[at]) - count)
            and _same_numbers(asked, self._words[at])
        ]
        if whole in self._whole:
            found.append(self._whole[whole])
        return min(found, default=None)


def _same_numbers(one: frozenset[str], other: frozenset[str]) -> bool:
    return _numbers(" ".join(one)) == _numbers(" ".join(other))


def _numbers(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\d+", text))


def _distance(one: str, other: str, most: int) -> int:
    """Characters to insert, delete or replace; ``most + 1`` as soon as it is more."""
    if abs(len(one) - len(other)) > most:
        return most + 1
    row = list(range(len(other) + 1))
    for at, letter in enumerate(one, start=1):
        above, row[0] = row[0], at
        # Cells further from the diagonal are above ``most`` anyway.
        start, end = max(1, at - most), min(len(other), at + most)
        if start > 1:
            above, row[start - 1] = row[start - 1], most + 1
        least = row[start - 1]
        for column in range(start, end + 1):
            here = min(
                row[column] + 1 if column < at + most else most + 1,
                row[column - 1] + 1,
                above + (letter != other[column - 1]),
            )
            above, row[column] = row[column], here
            least = min(least, here)
        if least > most:
            return most + 1
    return min(row[len(other)], most + 1)

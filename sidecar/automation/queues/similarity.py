"""When two titles mean the same."""

from __future__ import annotations

import html
import re
import unicodedata

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


def same_title(one: str, other: str) -> bool:
    """Whether two titles are equal, or, when they are long, nearly."""
    first, second = normalized(one)[:COMPARED], normalized(other)[:COMPARED]
    if not first or not second:
        return False
    if first == second:
        return True
    # Numbers tell things apart that are otherwise written alike: part 1 and part 2.
    if min(len(first), len(second)) < SHORTEST or _numbers(first) != _numbers(second):
        return False
    most = int(max(len(first), len(second)) * TOLERANCE)
    return _distance(first, second, most) <= most


def alike(one: str, other: str) -> bool:
    """Whether two texts share most of their words, and all of their numbers."""
    if normalized(one) == normalized(other):
        return bool(normalized(one))
    first, second = words(one), words(other)
    if not first or not second or _numbers(" ".join(first)) != _numbers(" ".join(second)):
        return False
    return len(first & second) / len(first | second) >= ALIKE


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

"""Tries the cells of a matrix at one door and says which came out otherwise."""

from __future__ import annotations

import fnmatch
from collections.abc import Callable, Iterator
from typing import Any

from tests.matrix import data
from tests.matrix.doors import Answer, Columns, Door
from tests.matrix.world import AGENT_FILES, Difference, Resource, World

#: Files an agent begins with.
NEW_FILES = 2
#: What a call may leave behind that is nobody's.
ASIDE = {"datamachine_bridge_limits", "datamachine_bridge_effects", "datamachine_bridge_events"}
#: A call, who asks, whose it is, and the word for what comes of it.
Cell = tuple[data.Call, str, str, str]


class Trial:
    """All cells at one door after another."""

    def __init__(self, world: World, matrix: data.Matrix, columns: Columns) -> None:
        self._world = world
        self._matrix = matrix
        self._columns = columns
        #: Answers to calls that only read: a list is asked once, and searched for each resource.
        self._answers: dict[tuple[str, str, str], Answer] = {}

    def run(self, door: Door, report: Callable[[str], None], part: tuple[int, int] = (0, 1)) -> None:
        """Every cell, or those of each n-th call; all that differ are told at once."""
        self._answers.clear()
        wrong: list[str] = []
        tried = 0
        for call, column, name, word in self._cells(door, part):
            tried += 1
            wrong += [
                f"{call}  as {column} on {name}: {what}"
                for what in self._problems(door, call, column, name, word)
            ]
        report(f"{door.name}: {tried} cells")
        assert wrong == [], f"{len(wrong)} of {tried} cells:\n" + "\n".join(wrong)
        assert tried > 50

    def of(self, door: Door, words: str, column: str) -> list[str]:
        """What is wrong with the cells of one call in one column."""
        found = [
            (call, column, name, word)
            for rule in self._matrix.rules
            for call in rule.calls
            if (call.door, call.words) == (door.kind, words)
            for (at, name), word in rule.cells.items()
            if at == column and word != data.ABSENT
        ]
        assert found, words
        return [
            f"{call}  at {door.name} as {column} on {name}: {what}"
            for call, _, name, word in found
            for what in self._problems(door, call, column, name, word)
        ]

    def _cells(self, door: Door, part: tuple[int, int]) -> Iterator[Cell]:
        number, parts = part
        mine = {id(call) for call in list(self._matrix.calls(door.kind))[number::parts]}
        columns = self._matrix.doors[door.name]
        for rule in self._matrix.rules:
            for call in rule.calls:
                if id(call) in mine:
                    for (column, name), word in rule.hand(call, columns).items():
                        yield call, column, name, word

    def _problems(self, door: Door, call: data.Call, column: str, name: str, word: str) -> Iterator[str]:
        """What is not as the file says."""
        resource = self._resource(column, name)
        asked = call.filled(self._values(resource))
        wanted = self._matrix.expected(door.name, asked, word)
        key = door.name, column, str(asked)
        known = self._answers.get(key) if not call.effect else None
        answer = known or door.ask(column, asked)
        self._answers[key] = answer
        if answer.result != wanted and not ("*" in wanted and fnmatch.fnmatchcase(answer.result, wanted)):
            yield f"{answer.result}, not {wanted} ({word}): {answer.text[:200]}"
        different = {} if known else self._world.difference()
        try:
            if word in data.DONE and call.effect:
                mine = self._columns.agent(column) if word == "self" else resource.agent_id
                yield from self._effect(column, asked, mine or 0, different)
                return
            yield from (f"changed {place}{what}: {what.names()}" for place, what in different.items())
            if word == "yes" and asked.shows not in answer.text:
                yield f"does not show {asked.shows}: {answer.text[:300]}"
            elif word != "yes" and (name != "own" or word == "no") and resource.secret in answer.text:
                yield f"tells {resource.secret}: {answer.text[:300]}"
        finally:
            self._world.restore(different)

    def _resource(self, column: str, name: str) -> Resource:
        """Which one is meant; ``own`` of somebody who owns nothing is any (what is made is new)."""
        if name == "own":
            account = self._columns.account(column).name
            name = account if account in self._world.resources else "unscoped"
        return self._world.resources[name]

    def _values(self, resource: Resource) -> dict[str, Any]:
        people = {name: self._world.accounts[name].user_id for name in ("lord", "guest", "fresh")}
        return {
            **people,
            "agent": resource.agent_id,
            "slug": resource.slug or "nobody",
            "pipeline": resource.pipeline_id,
            "flow": resource.flow_id,
            "job": resource.job_id,
            "failed": resource.failed_id,
            "pending": resource.pending_id,
            "step": resource.step,
            "writer": resource.writer,
            "pipeline_step": resource.step.rpartition("_")[0],
            "pipeline_writer": resource.writer.rpartition("_")[0],
            "secret": resource.secret,
            "grants": resource.grants,
            "tokens": resource.tokens,
            "token": resource.token_id,
            "new": NEW_FILES,
            # One of them is named after the secret.
            "files": len(AGENT_FILES) + 1,
        }

    def _effect(
        self, column: str, call: data.Call, agent_id: int, different: dict[str, Difference]
    ) -> Iterator[str]:
        """Exactly what was announced has changed, and only what belongs to the agent."""
        found = {place: str(what) for place, what in different.items() if place not in ASIDE}
        if found not in data.effects(call.effect):
            yield f"changed {found}, not {call.effect}"
        made = different.get("datamachine_agents", Difference()).added
        if made:
            owner = self._columns.account(column).user_id
            yield from (f"made for {row['owner_id']}" for row in made.values() if row["owner_id"] != owner)
            return
        for place, what in different.items():
            if place.startswith("datamachine_") and place not in ASIDE:
                yield from (
                    f"changed {place} of agent {row['agent_id']}"
                    for row in what.rows()
                    if "agent_id" in row and (row["agent_id"] or 0) != agent_id
                )

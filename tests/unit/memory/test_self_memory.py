"""What an agent may write about itself, and what waits for somebody's approval."""

from __future__ import annotations

import re
from typing import Any

import pytest

from sidecar import hooks
from sidecar.conversation.pending_actions import PendingActions
from sidecar.errors import Forbidden
from sidecar.identity import Principal
from sidecar.memory import self_memory
from sidecar.memory.abilities import MemoryAbilities
from sidecar.memory.abilities_daily import DailyAbilities
from sidecar.memory.self_memory import SelfMemory
from sidecar.memory.tools import DAILY, MEMORY, MemoryTools
from tests.unit.memory.desk import AGENT, OWNER, Desk

NAME = "datamachine/write-self-memory"


class Bench:
    def __init__(self) -> None:
        self.desk = Desk()
        fake: Any = self.desk
        hosts: Any = None
        self.pending = PendingActions(hosts, lambda: self, fake)  # type: ignore[arg-type,return-value]
        self.self_memory = SelfMemory(self.desk.reach, fake, lambda: self.pending)
        self.pending.handle(self_memory.KIND, self.self_memory.accept, self.self_memory.may_resolve)
        self.abilities = MemoryAbilities(self.desk.reach, self.self_memory)
        self.tools = MemoryTools(self.abilities, DailyAbilities(self.desk.daily))

    def write(self, principal: Principal = AGENT, **given: Any) -> dict[str, Any]:
        given = {"section": "Lessons", "content": "look twice", **given}
        with self.desk.reach.wordpress():
            return self.abilities.callbacks()[NAME](principal, given)

    def resolve(self, principal: Principal, action_id: str, decision: str) -> dict[str, Any]:
        with self.desk.reach.wordpress():
            return self.pending.resolve(principal, action_id, decision)

    # Permissions, for kinds that have no opinion

    def can_access(self, principal: Principal, agent: int, role: str) -> bool:
        return principal.user_id == 7

    def administers(self, principal: Principal) -> bool:
        return False


@pytest.fixture
def bench(alone: None) -> Bench:
    return Bench()


def test_an_agent_writes_its_own_notes(bench: Bench) -> None:
    answer = bench.write()
    assert answer == {
        "success": True,
        "message": 'Content appended to section "Lessons".',
        "file_size": len(bench.desk.text("MEMORY.md") or ""),
        "agent_id": 42,
        "file": "MEMORY.md",
        "section": "Lessons",
        "section_type": "operating_note",
        "owner": "runtime",
    }
    assert bench.desk.text("MEMORY.md") == "# MEMORY.md\n\n## Lessons\nlook twice\n"
    bench.write(mode="set", content="once")
    assert bench.desk.text("MEMORY.md") == "# MEMORY.md\n\n## Lessons\nonce\n"


def test_the_rules_in_their_order(bench: Bench) -> None:
    def code(principal: Principal = AGENT, **given: Any) -> str:
        answer = bench.write(principal, **given)
        assert answer["success"] is False
        assert answer["error"]
        return str(answer["error_code"])

    everything_wrong = {"agent_id": 43, "section_type": "fact", "section": " "}
    assert code(OWNER, **everything_wrong) == "missing_agent_context"
    assert code(**everything_wrong) == "cross_agent_denied"
    for kind in ("fact", "domain_fact", "wiki_fact", "knowledge"):
        assert code(section_type=kind, section=" ") == "durable_fact_denied"
    assert code(section_type="poem", section=" ") == "section_type_denied"
    assert code(section=" ") == "missing_required_input"
    assert code(content="\n") == "missing_required_input"
    assert code(file="SITE.md") == "memory_file_read_only"
    assert bench.desk.text("MEMORY.md") is None
    assert bench.write(agent_id=42)["success"] is True


def test_plugins_move_the_rules(bench: Bench) -> None:
    asked: list[tuple[Any, ...]] = []

    def allow(*args: Any) -> Any:
        asked.append(args)
        return args[1] == 42 and args[2] == 43

    hooks.add_filter(self_memory.CROSS_AGENT, allow, 10, 4)
    hooks.add_filter(self_memory.ALLOWED_TYPES, lambda types: [*types, "poem"])
    # The filter lifts the rule that it is one's own memory; the role on that agent is asked all the same.
    with pytest.raises(Forbidden):
        bench.write(agent_id=43)
    assert asked[0][:3] == (False, 42, 43)
    bench.desk.agents_allowed.add(43)
    assert bench.write(agent_id=43)["agent_id"] == 43
    assert bench.desk.text("MEMORY.md", agent_id=43) is not None
    assert bench.write(section_type="poem")["success"] is True


@pytest.mark.parametrize(
    ("artifact", "source"),
    [
        ({"owner": "bundle", "bundle_slug": "b"}, "bundle_upgrade"),
        ({"bundle_slug": "says not whose"}, "bundle_upgrade"),
        ({"owner": "user"}, None),
        (None, None),
    ],
)
def test_a_bundles_section_waits_for_approval(bench: Bench, artifact: Any, source: str | None) -> None:
    hooks.add_filter(self_memory.ARTIFACT, lambda *_: artifact, 10, 2)
    answer = bench.write()
    assert (answer.get("staged"), answer.get("preview", {}).get("source")) == (
        (True, source) if source else (None, None)
    )
    assert (bench.desk.text("MEMORY.md") is None) is bool(source)


def staged(bench: Bench) -> dict[str, Any]:
    bench.desk.put("MEMORY.md", "# M\n\n## Lessons\nold\n")
    events: list[Any] = []
    hooks.add_action("datamachine_pending_action_staged", lambda *args: events.append(args), 10, 2)
    answer = bench.write(
        content="api_key: sk-123\nAuthorization: Bearer abc.def\nfine",
        reason="token=t0p and more",
        requires_approval=True,
    )
    assert events[0][0] == answer["action_id"]
    assert events[0][1].keys() == {
        "kind",
        "summary",
        "apply_input",
        "preview_data",
        "agent_id",
        "created_by",
        "context",
    }
    return answer


def test_what_is_staged_shows_what_would_change_without_secrets(bench: Bench) -> None:
    answer = staged(bench)
    assert re.fullmatch(r"act_[0-9a-f-]{36}", answer["action_id"])
    assert (answer["kind"], answer["resolve_with"]) == ("memory_section_update", "resolve_pending_action")
    preview = answer["preview"]
    assert preview["target_agent"] == "librarian"
    assert preview["current_content"] == "old"
    assert preview["reason"] == "token: [redacted] and more"
    assert "sk-123" not in str(preview)
    assert "abc.def" not in str(preview)
    assert preview["diff"].startswith("- old\n+ old\n+ api_key: [redacted]\n")
    assert bench.desk.text("MEMORY.md") == "# M\n\n## Lessons\nold\n"
    stored = bench.desk.wordpress.transients[f"dm_pa_{answer['action_id']}"]
    assert stored["apply_input"]["content"].startswith("api_key: sk-123\n")


def test_accepting_applies_what_was_asked_for_once(bench: Bench) -> None:
    answer = staged(bench)
    heard: list[Any] = []
    hooks.add_action("datamachine_pending_action_resolved", lambda *args: heard.append(args), 10, 5)
    done = bench.resolve(OWNER, answer["action_id"], "accepted")
    assert (done["success"], done["decision"], done["kind"]) == (True, "accepted", "memory_section_update")
    assert done["result"]["success"] is True
    assert "api_key: sk-123\n" in (bench.desk.text("MEMORY.md") or "")
    assert heard[0][:3] == ("accepted", answer["action_id"], "memory_section_update")
    again = bench.resolve(OWNER, answer["action_id"], "accepted")
    assert again == {"success": False, "error": "Pending action not found or expired."}


def test_rejecting_leaves_memory_as_it_is(bench: Bench) -> None:
    answer = staged(bench)
    done = bench.resolve(OWNER, answer["action_id"], "rejected")
    assert done == {
        "success": True,
        "decision": "rejected",
        "action_id": answer["action_id"],
        "kind": "memory_section_update",
    }
    assert bench.desk.text("MEMORY.md") == "# M\n\n## Lessons\nold\n"
    assert bench.desk.wordpress.transients == {}


def test_an_agent_cannot_approve_and_a_stranger_cannot_decide(bench: Bench) -> None:
    answer = staged(bench)
    action_id = answer["action_id"]
    refused = bench.resolve(AGENT, action_id, "accepted")
    assert refused["error"] == "You do not have permission to resolve this pending action."
    bench.desk.locked = {"agent"}
    assert bench.resolve(Principal.user(8), action_id, "rejected")["success"] is False
    bench.desk.locked = set()
    assert bench.resolve(AGENT, action_id, "rejected")["success"] is True


def test_what_cannot_be_resolved(bench: Bench) -> None:
    known = "act_00000000-0000-4000-8000-000000000000"
    assert bench.resolve(OWNER, known, "maybe")["error"] == 'decision must be "accepted" or "rejected".'
    for action_id in ("x", known, "act_../../x"):
        assert bench.resolve(OWNER, action_id, "accepted")["error"] == "Pending action not found or expired."
    for arguments, code in (
        ({"kind": " ", "summary": "", "apply_input": {"a": 1}}, "invalid_kind"),
        ({"kind": "k", "summary": "", "apply_input": {}}, "missing_apply_input"),
    ):
        assert bench.pending.stage(**arguments)["error_code"] == code  # type: ignore[arg-type]


def test_kinds_of_php_plugins(bench: Bench) -> None:
    wordpress = bench.desk.wordpress

    def stage(kind: str) -> str:
        with bench.desk.reach.wordpress():
            answer = bench.pending.stage(kind, "s", {"a": 1}, agent_id=42, user_id=7)
        return str(answer["action_id"])

    unknown = stage("gone")
    refused = bench.resolve(OWNER, unknown, "accepted")
    assert refused["error"] == 'No handler registered for pending action kind "gone".'
    assert bench.resolve(OWNER, unknown, "rejected")["success"] is True

    wordpress.kinds["post"] = {"apply": lambda given: {"post_id": given["a"]}}
    asked = stage("post")
    assert bench.resolve(Principal.user(8), asked, "accepted")["success"] is False
    assert bench.resolve(AGENT, asked, "accepted")["success"] is False
    assert bench.resolve(OWNER, asked, "accepted")["result"] == {"post_id": 1}

    wordpress.kinds["post"] = {"apply": lambda given: {"success": False, "error": "broken"}, "answer": True}
    failed = bench.resolve(Principal.user(8), stage("post"), "accepted")
    assert (failed["success"], failed["error"], failed["decision"]) == (False, "broken", "accepted")
    # Not even where its kind would let anybody.
    assert bench.resolve(AGENT, stage("post"), "accepted")["error"].startswith("You do not have permission")
    wordpress.kinds["post"]["answer"] = False
    assert bench.resolve(OWNER, stage("post"), "accepted")["success"] is False


def test_the_tools_use_the_memory_of_the_agent_that_acts(bench: Bench) -> None:
    run = bench.tools.run
    done = run(MEMORY, AGENT, {"action": "update", "section": "S", "content": "x"})
    assert (done["success"], done["tool_name"], done["data"]["success"]) == (True, "agent_memory", True)
    assert bench.desk.text("MEMORY.md", agent_id=42) == "# MEMORY.md\n\n## S\nx\n"
    assert run(MEMORY, AGENT, {"action": "list_sections"})["data"]["sections"] == ["S"]
    missing = run(MEMORY, AGENT, {"action": "get", "section": "T"})
    assert (missing["error"], missing["error_type"]) == ('Section "T" not found.', "not_found")
    assert missing["available_sections"] == ["S"]
    assert run(MEMORY, AGENT, {"action": "update", "section": "S"})["error_type"] == "validation"
    assert run(MEMORY, AGENT, {"action": "fly"})["error_type"] == "validation"
    assert run(MEMORY, AGENT, {"action": "get", "agent_id": 43})["error_type"] == "permission"

    run(DAILY, AGENT, {"action": "write", "content": "A needle", "date": "2026-02-01"})
    found = run(DAILY, AGENT, {"action": "search", "query": "needle"})
    assert found["data"]["match_count"] == 1
    assert run(DAILY, AGENT, {"action": "list"})["data"]["months"] == {"2026/02": ["01"]}
    assert run(DAILY, AGENT, {"action": "read", "date": "2026-02-30"})["error_type"] == "validation"
    bench.desk.daily_enabled = False
    assert run(DAILY, AGENT, {"action": "write", "content": "x"})["error_type"] == "permission"

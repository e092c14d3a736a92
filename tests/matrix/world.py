"""The site the matrix is tried on: accounts, agents and what belongs to them, put back after changes."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import re
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dev.instance import Instance
from sidecar.db import Session, php_json
from sidecar.runtime import Runtime
from tests import calm
from tests.matrix import steps as steps_of
from tests.matrix.files import Files

HERE = Path(__file__).parent
#: What a call may change: tables with the names their rows have as keys.
TABLES = {
    "datamachine_agents": "agent_id",
    "datamachine_agent_access": "id",
    "datamachine_agent_tokens": "token_id",
    "datamachine_pipelines": "pipeline_id",
    "datamachine_flows": "flow_id",
    "datamachine_jobs": "job_id",
    "datamachine_processed_items": "id",
    "actionscheduler_actions": "action_id",
    "datamachine_bridge_limits": "job_id",
    "datamachine_bridge_effects": "effect_id",
    "datamachine_bridge_events": "event_id",
}
REMOVED = "datamachine_removed_agents"
CREATED = "2026-11-23 00:00:00"
#: Names of the places where nothing may change unnoticed, beside tables.
FILES, OPTION = "files", "removed"
#: Files of an agent beside the one that is named after its secret.
AGENT_FILES = ("SOUL.md", "MEMORY.md", "Notes.md", "daily/2026/11/23.md")

State = dict[str, dict[str, dict[str, Any]]]


@dataclass(frozen=True)
class Account:
    """A WordPress user, signed in."""

    name: str
    user_id: int = 0
    cookie: str = ""
    nonce: str = ""

    @property
    def headers(self) -> dict[str, str]:
        """What a browser sends along; nothing for a visitor."""
        return {"Cookie": self.cookie, "X-WP-Nonce": self.nonce} if self.user_id else {}


@dataclass(frozen=True)
class Resource:
    """An agent with a pipeline, a flow and a job; or those without an agent (``agent_id`` 0)."""

    name: str
    agent_id: int
    slug: str
    pipeline_id: int
    flow_id: int
    job_id: int
    #: The first step of the flow, which fetches; that of its pipeline is before the last ``_``.
    step: str
    grants: int
    tokens: int
    #: The first of its tokens, which nobody knows.
    token_id: int
    #: Stands in the agent's name and files, in its owner's, in the names of pipeline and flow and in the job;
    #: names a file of the agent and one of the flow, and what pipeline and flow are given to read.
    secret: str
    #: The second step of the flow, which writes.
    writer: str = ""
    #: A job of the flow that has failed.
    failed_id: int = 0
    #: A job of the flow that has not begun.
    pending_id: int = 0


@dataclass(frozen=True)
class Token:
    """A key of a runtime: ``raw`` is what it sends."""

    token_id: int
    raw: str
    capabilities: tuple[str, ...] | None

    @property
    def headers(self) -> dict[str, str]:
        """What a runtime sends along."""
        return {"Authorization": f"Bearer {self.raw}"}


@dataclass
class Difference:
    """What changed in one table or place."""

    added: dict[str, dict[str, Any]] = field(default_factory=dict)
    removed: dict[str, dict[str, Any]] = field(default_factory=dict)
    changed: dict[str, dict[str, Any]] = field(default_factory=dict)

    def __str__(self) -> str:
        signs = (("+", self.added), ("-", self.removed), ("~", self.changed))
        return "".join(f"{sign}{len(rows)}" for sign, rows in signs if rows)

    def names(self) -> str:
        """The keys of the rows concerned, or the files."""
        return ", ".join((*self.added, *self.removed, *self.changed))

    def rows(self) -> Iterator[dict[str, Any]]:
        """Every row concerned."""
        for group in (self.added, self.removed, self.changed):
            yield from group.values()


class World:
    """Accounts and resources by name, and the state they had at first."""

    def __init__(self, instance: Instance, runtime: Runtime) -> None:
        self.instance = instance
        self.runtime = runtime
        self.accounts: dict[str, Account] = {"": Account("")}
        self.resources: dict[str, Resource] = {}
        self.tokens: dict[str, Token] = {}
        self._first: State = {}
        self._first_glance: list[Any] = []
        self._files = Files(self.base, self.composed, instance.folder / "matrix-files")

    # Making

    def sign_in(self, described: Mapping[str, Mapping[str, Any]]) -> None:
        """Accounts by name, each with ``role`` and ``capabilities``; existing ones are signed in again."""
        wanted = {
            name: {"role": each["role"], "capabilities": list(each.get("capabilities", ()))}
            for name, each in described.items()
        }
        printed = self.instance.wp("eval-file", str(HERE / "accounts.php"), stdin=json.dumps(wanted)).stdout
        for name, made in json.loads(printed).items():
            self.accounts[name] = Account(name, int(made["id"]), made["cookie"], made["nonce"])

    def add_agent(
        self, name: str, owner: str, grants: Mapping[str, str] | None = None, *, site_scope: int | None = None
    ) -> Resource:
        """An agent of an account with everything it may own, and grants (role by account)."""
        secret = _secret(name)
        slug = f"agent-{name}-{secrets.token_hex(4)}"
        owner_id = self.accounts[owner].user_id
        tables = self.runtime.db.tables()
        with self.runtime.db.session() as session:
            agent_id = session.insert(
                tables.agents,
                {
                    "agent_slug": slug,
                    "agent_name": f"Agent {secret}",
                    "owner_id": owner_id,
                    "site_scope": site_scope,
                    "agent_config": php_json.dumps({"description": secret}),
                },
            )
            roles = {owner: "admin", **(grants or {})}
            for account, role in roles.items():
                user_id = self.accounts[account].user_id
                values = {"agent_id": agent_id, "user_id": user_id, "role": role}
                session.insert(tables.agent_access, values)
            token = {
                "agent_id": agent_id,
                "token_hash": secrets.token_hex(32),
                "token_prefix": "datamachine_",
            }
            token_id = session.insert(tables.agent_tokens, {**token, "label": secret, "created_at": CREATED})
        for file in (*AGENT_FILES, f"{secret}.md"):
            _write(self.files / slug / file, f"# {file}\n\n## Notes\n{secret}\n")
        _write(self.base / "users" / str(owner_id) / "USER.md", f"\n## Of {slug}\n{secret}\n")
        made = self._add_work(name, agent_id, slug, secret, user_id=0)
        self.resources[name] = dataclasses.replace(made, grants=len(roles), tokens=1, token_id=token_id)
        return self.resources[name]

    def add_token(
        self,
        name: str,
        agent: str,
        capabilities: Sequence[str] | None = None,
        expires_at: str | None = None,
        scope: Mapping[str, Any] | None = None,
    ) -> Token:
        """A token of a resource's agent, as a row; ``scope`` is what later versions write there."""
        resource = self.resources[agent]
        raw = f"datamachine_{resource.slug}_{secrets.token_hex(32)}"
        names = None if capabilities is None else tuple(capabilities)
        limit: Any = scope if scope is not None else None if names is None else list(names)
        with self.runtime.db.session() as session:
            token_id = session.insert(
                self.runtime.db.tables().agent_tokens,
                {
                    "agent_id": resource.agent_id,
                    "token_hash": hashlib.sha256(raw.encode()).hexdigest(),
                    "token_prefix": raw[:12],
                    "label": f"token {name}",
                    "capabilities": None if limit is None else php_json.dumps(limit),
                    "expires_at": expires_at,
                    # Just used, as far as anybody can tell: no request notes that it was.
                    "last_used_at": "2099-01-01 00:00:00",
                    "created_at": CREATED,
                },
            )
        self.resources[agent] = dataclasses.replace(resource, tokens=resource.tokens + 1)
        self.tokens[name] = Token(token_id, raw, names)
        return self.tokens[name]

    def forget_failures(self) -> None:
        """No token has failed yet, wherever from."""
        with self.runtime.db.session() as session:
            session.execute(f"DELETE FROM {self.runtime.db.tables().bridge_attempts}")

    def add_unscoped(self, name: str, user_id: int) -> Resource:
        """A pipeline, a flow and a job that no agent owns, made by a user (0: nobody's)."""
        return self._add_work(name, 0, "", _secret(name), user_id=user_id)

    def _add_work(self, name: str, agent_id: int, slug: str, secret: str, *, user_id: int) -> Resource:
        tables = self.runtime.db.tables()
        whose = {"agent_id": agent_id or None, "user_id": user_id}
        calm.skip_hasty_ids(self.runtime.db)
        with self.runtime.db.session() as session:
            pipeline = session.insert(
                tables.pipelines, {**whose, "pipeline_name": f"Pipeline {secret}", "pipeline_config": "{}"}
            )
            document = steps_of.pipeline(pipeline)
            reads = {"memory_files": [f"{secret}.md"]}
            session.update(
                tables.pipelines,
                {"pipeline_config": php_json.dumps(document | reads)},
                {"pipeline_id": pipeline},
            )
            flow = session.insert(
                tables.flows,
                {
                    **whose,
                    "pipeline_id": pipeline,
                    "flow_name": f"Flow {secret}",
                    "flow_config": "{}",
                    "scheduling_config": php_json.dumps({"interval": "manual"}),
                },
            )
            steps = steps_of.flow(document, flow, secret)
            session.update(tables.flows, {"flow_config": php_json.dumps(steps | reads)}, {"flow_id": flow})
            fetch, writer = steps
            jobs = []
            for status in ("processing", "failed - for a test", "pending"):
                data = {"note": secret, "flow_config": steps, "pipeline_config": document}
                job = {
                    **whose,
                    "pipeline_id": str(pipeline),
                    "flow_id": str(flow),
                    "label": f"Job {secret}",
                    "status": status,
                    "engine_data": php_json.dumps(data | {"error_step_id": fetch}),
                }
                jobs.append(session.insert(tables.jobs, job))
            item = {"flow_step_id": fetch, "source_type": "rss", "item_identifier": secret, "job_id": 0}
            session.insert(tables.name("datamachine_processed_items"), item)
        place = self.base / f"pipeline-{pipeline}" / f"flow-{flow}" / f"flow-{flow}-files"
        _write(place / f"{secret}.txt", secret)
        made = Resource(
            name, agent_id, slug, pipeline, flow, jobs[0], fetch, 0, 0, 0, secret, writer, *jobs[1:]
        )
        self.resources[name] = made
        return made

    # Watching

    @property
    def base(self) -> Path:
        """Where all files are."""
        return self.instance.path / "wp-content" / "uploads" / "datamachine-files"

    @property
    def files(self) -> Path:
        """Where agents have their directories."""
        return self.base / "agents"

    @property
    def composed(self) -> Path:
        """The file that stands beside ``wp-config.php``."""
        return self.instance.path / "AGENTS.md"

    def state(self) -> State:
        """Every row and file that a call could have changed."""
        found: State = {}
        with self.runtime.db.session() as session:
            for table, key in TABLES.items():
                rows = session.all(f"SELECT * FROM {self.runtime.db.tables().name(table)}")
                found[table] = {str(row[key]): row for row in rows}
            _without_composing(found)
            option = self._removed(session)
        found[OPTION] = {} if option is None else {REMOVED: {"value": option}}
        found[FILES] = self._files.hashes()
        return found

    def remember(self) -> None:
        """What is there now is what :meth:`restore` goes back to."""
        self._files.remember()
        self._first = self.state()
        self._first_glance = self._glance()

    def _glance(self) -> list[Any]:
        """As :meth:`state`, in one query and without reading a file: equal when nothing changed."""
        names = ", ".join(self.runtime.db.tables().name(table) for table in TABLES)
        with self.runtime.db.session() as session:
            sums = session.all(f"CHECKSUM TABLE {names}")
            option = self._removed(session)
        return [*((each["Table"], each["Checksum"]) for each in sums), option, *self._files.glance()]

    def _removed(self, session: Session) -> str | None:
        found = session.scalar(
            f"SELECT option_value FROM {self.runtime.db.tables().name('options')} WHERE option_name = :name",
            {"name": REMOVED},
        )
        return None if found in (None, "a:0:{}") else str(found)

    def difference(self) -> dict[str, Difference]:
        """What is not as it was at first, by table or place."""
        if self._glance() == self._first_glance:
            return {}
        now, different = self.state(), {}
        for place, before in self._first.items():
            after = now[place]
            found = Difference(
                {key: row for key, row in after.items() if key not in before},
                {key: row for key, row in before.items() if key not in after},
                {key: row for key, row in after.items() if key in before and before[key] != row},
            )
            if str(found):
                different[place] = found
        return different

    def restore(self, different: Mapping[str, Difference]) -> None:
        """Put back what a call has changed."""
        with self.runtime.db.session() as session:
            for place, found in different.items():
                if place == OPTION:
                    session.delete(self.runtime.db.tables().name("options"), {"option_name": REMOVED})
                    continue
                if place == FILES:
                    self._files.restore(found.added, (*found.removed, *found.changed))
                    continue
                table, key = self.runtime.db.tables().name(place), TABLES[place]
                for each in (*found.added, *found.changed):
                    session.delete(table, {key: each})
                for each in (*found.removed, *found.changed):
                    session.insert(table, self._first[place][each])


def _secret(name: str) -> str:
    """Also a file name that WordPress leaves as it is."""
    return f"secret-of-{name.rstrip('-')}{'x' * name.endswith('-')}-{secrets.token_hex(4)}"


def _write(file: Path, text: str) -> None:
    """Add to a file below the folder of all files."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a") as stream:
        stream.write(text)


def _without_composing(found: dict[str, dict[str, dict[str, Any]]]) -> None:
    """Leave out that composed files are due: WordPress notes that for itself, whoever called."""
    events = found["datamachine_bridge_events"]
    due = {name for name, row in events.items() if row["hook"] == "datamachine_bridge_memory_due"}
    actions = found["actionscheduler_actions"]
    rung = {
        name
        for name, row in actions.items()
        if row["hook"] == "datamachine_bridge_deliver" and set(re.findall(r"\d+", row["args"])) & due
    }
    for names, rows in ((due, events), (rung, actions)):
        for name in names:
            del rows[name]

"""The main job on real input: an agent, its memory, two flows, and a report read back from the database.

Everything here is done with the commands a site owner has; nothing reaches behind them but the report's SQL.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from dev import paths
from dev.instance import DATABASE, Instance

AGENT = "greeter"
SECONDS_FOR_A_JOB = 60
STEPS = [
    {"step_type": "fetch", "label": "Fetch"},
    {"step_type": "ai", "label": "Writer"},
    {"step_type": "publish", "label": "Publish"},
]
POSTS = [
    (
        "The harbour at six in the morning",
        "The first boats leave before the light. Gulls follow them out to the mole and no further. "
        "By eight the fish is on the quay, and by nine it is gone.",
    ),
    (
        "How we moved the archive",
        "It took three weekends and eleven volunteers. Every box was weighed twice, because the floor "
        "of the new room carries less. Nothing was lost, and two things were found.",
    ),
]


class Demo:
    """One run of the demonstration against one instance."""

    def __init__(self, instance: Instance) -> None:
        self.site = instance
        self.console = Console(highlight=False, width=None if sys.stdout.isatty() else 150)

    def say(self, text: str) -> None:
        self.console.print(f"[bold]»[/bold] {text}")

    def wp(self, *arguments: str, stdin: str | None = None) -> str:
        """Run a command as a site owner would, and show it."""
        shown = " ".join(part if len(part) < 60 and " " not in part else "'…'" for part in arguments)
        self.console.print(f"  [cyan]$ wp {shown}[/cyan]", soft_wrap=True)
        output = self.site.wp(*arguments, stdin=stdin).stdout.strip("\n")
        for line in output.splitlines():
            self.console.print(f"    {line}", markup=False, soft_wrap=True)
        return output

    def rows(self, sql: str) -> list[list[str]]:
        return [line.split("\t") for line in self.site.db.sql(sql, database=DATABASE).splitlines()]

    # The stages

    def set_up(self) -> None:
        self.say("A site, the plugin, the two examples")
        self.site.db.start()
        self.site.install_wordpress()
        self.site.install_product()
        link = self.site.path / "wp-content" / "plugins" / "greeter-agent"
        if not link.exists():
            link.symlink_to(paths.ROOT / "examples" / "php" / "greeter-agent")
        shutil.copy(
            paths.ROOT / "examples" / "python" / "greeter.py", self.site.python_plugins / "greeter.py"
        )
        self.site.start_web()
        if not self.site.sidecar_running():
            self.site.start_sidecar()
        if self.site.wp("plugin", "is-active", "greeter-agent", check=False).returncode != 0:
            self.wp("plugin", "activate", "greeter-agent")
        for title, text in POSTS:
            if not self.site.wp("post", "list", f"--title={title}", "--format=ids").stdout.strip():
                paragraph = f"<!-- wp:paragraph -->\n<p>{text}</p>\n<!-- /wp:paragraph -->"
                self.site.wp(
                    "post", "create", "--post_status=publish", f"--post_title={title}", "-", stdin=paragraph
                )

    def memory(self) -> None:
        self.say(
            "The agent is registered by a PHP plugin and kept by the sidecar; its memory is written and read"
        )
        self.wp("datamachine", "agents", "show", AGENT)
        now = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime())
        note = f"Digests are two sentences long. Checked {now} UTC."
        self.wp("datamachine", "memory", "write", "House style", note, f"--agent={AGENT}", "--mode=set")
        self.wp("datamachine", "memory", "read", "House style", f"--agent={AGENT}")
        self.say("A coding tool beside WordPress is told who it works for and where the memory is")
        self.wp("datamachine", "memory", "compose", "AGENTS.md")
        self.wp("datamachine", "memory", "inject", f"--agent={AGENT}", "--mode=chat", "--format=table")

    def flow(self, name: str, handler: str, settings: dict[str, Any]) -> int:
        """A pipeline and a flow of three steps, made with the product's own commands; the flow's id."""
        answer = self.wp(
            "datamachine",
            "pipelines",
            "create",
            f"--name={name}",
            f"--steps={json.dumps(STEPS)}",
            f"--agent={AGENT}",
        )
        pipeline = _number(r"ID:? (\d+)", answer)
        steps = {
            "fetch": {"handler_slug": handler, "handler_config": {"max_items": 1, **settings}},
            "ai": {"user_message": "Write a digest."},
            "publish": {
                "handler_slug": "wordpress_publish",
                "handler_config": {"post_type": "post", "post_status": "draft", "dedup_enabled": False},
            },
        }
        answer = self.wp(
            "datamachine",
            "flows",
            "create",
            f"--pipeline_id={pipeline}",
            f"--name={name}",
            f"--step_configs={json.dumps(steps)}",
            f"--agent={AGENT}",
        )
        return _number(r"ID:? (\d+)", answer)

    def run_flow(self, flow: int) -> int:
        """Run it and wait for the worker; returns the job's id."""
        job = _number(r"Job ID: (\d+)", self.wp("datamachine", "flows", "run", str(flow)))
        deadline = time.monotonic() + SECONDS_FOR_A_JOB
        while time.monotonic() < deadline:
            status = self.rows(f"SELECT status, completed_at FROM wp_datamachine_jobs WHERE job_id = {job}")[
                0
            ]
            if status[1] != "NULL":
                break
            time.sleep(0.2)
        else:
            raise SystemExit(f"Job {job} did not finish in {SECONDS_FOR_A_JOB} s; see {self.site.logs}")
        self.console.print(f"    Job {job}: {status[0]}")
        if not status[0].startswith("completed"):
            raise SystemExit(f"Job {job} ended as {status[0]!r}; see `wp datamachine jobs show {job}`")
        return job

    def several(self) -> list[int]:
        """A run of three items is a parent job and three children; gives the children."""
        self.say("Three posts in one run, with prompts that wait in a queue: a child job for each post")
        flow = self.flow("Three at once", "wordpress_posts", {"post_type": "post", "max_items": 3})
        step = self.ai_step(flow)
        for number in range(3):
            self.wp("datamachine", "flows", "queue", "add", str(flow), f"Tone {number}.", f"--step={step}")
        self.wp("datamachine", "flows", "queue", "mode", str(flow), "loop", f"--step={step}")
        started = self.wp("datamachine", "flows", "run", str(flow), "--no-drain")
        parent = _number(r"Job ID: (\d+)", started)
        self.wp("datamachine", "jobs", "watch", str(parent), f"--timeout={SECONDS_FOR_A_JOB}")
        self.wp("datamachine", "batch", "status", str(parent))
        self.wp("datamachine", "worker", "status")
        self.wp("datamachine", "flows", "update", str(flow), "--scheduling=daily")
        self.wp("datamachine", "flows", "pause", str(flow))
        children = self.rows(f"SELECT job_id FROM wp_datamachine_jobs WHERE parent_job_id = {parent}")
        if len(children) != 3:
            raise SystemExit(f"Job {parent} has {len(children)} children instead of 3.")
        return [int(row[0]) for row in children]

    def ai_step(self, flow: int) -> str:
        """The id of a flow's AI step."""
        config = json.loads(
            self.rows(f"SELECT flow_config FROM wp_datamachine_flows WHERE flow_id = {flow}")[0][0]
        )
        return next(step for step, entry in config.items() if entry.get("step_type") == "ai")

    def runtime(self) -> None:
        self.say("A program outside WordPress acts as the agent, with a token that may do little")
        issued = self.site.wp(
            "datamachine", "agents", "token", "create", AGENT, "--label=demo", "--expires-in=3600",
            "--capabilities=" + json.dumps(["datamachine_manage_flows"]), "--porcelain",
        ).stdout.strip()  # fmt: skip
        self.console.print(f"  [cyan]$ wp datamachine agents token create {AGENT} ... --porcelain[/cyan]")
        self.console.print(f"    {issued[: len('datamachine_') + len(AGENT)]}_… (shown once)", markup=False)
        bearer = {"Authorization": f"Bearer {issued}", "Content-Type": "application/json"}
        api = "/wp-json/datamachine/v1"
        for method, path, wanted in (
            ("GET", f"{api}/agents/me", 200),
            ("GET", f"{api}/jobs?per_page=1", 200),
            ("POST", "/wp-json/wp/v2/posts", 403),
            ("POST", "/wp-json/wp/v2/users/me/application-passwords", 403),
        ):
            body = json.dumps({"title": "Mine", "name": "mine"}).encode() if method == "POST" else None
            answer = self.site.request(method, path, body=body, headers=bearer)
            about = answer.json()
            shown = about.get("code") or ""
            if path.endswith("/me"):
                shown = f"as {about['data']['agent_slug']}, may {', '.join(about['data']['may'])}"
            self.console.print(f"    {method} {path}: {answer.status} {shown}", markup=False, soft_wrap=True)
            if answer.status != wanted:
                raise SystemExit(f"{method} {path} answered {answer.status} instead of {wanted}.")
        self.edit_together(f"{api}/memory/files/MEMORY.md", bearer)

    def edit_together(self, path: str, bearer: dict[str, str]) -> None:
        """The runtime has read its memory; somebody edits the file on disk; the runtime writes."""
        self.say("It keeps notes in its memory, while an editor changes the same file on disk")
        before, etag = self.memory_file(path, bearer)
        paths = json.loads(self.site.wp("datamachine", "memory", "paths", f"--agent={AGENT}").stdout)
        file = Path(paths["files"]["MEMORY.md"]["path"])
        file.write_text(before.rstrip() + "\n\nAn editor was here.\n")
        self.put(path, bearer, before + "A runtime was here.\n", etag, over="what it had read", wanted=409)
        now, etag = self.memory_file(path, bearer)
        self.put(path, bearer, now + "A runtime was here too.\n", etag, over="what is there now", wanted=200)
        if "An editor was here.\nA runtime was here too.\n" not in file.read_text():
            raise SystemExit("One of the two changes was lost.")

    def memory_file(self, path: str, bearer: dict[str, str]) -> tuple[str, str]:
        """A memory file's text and its ETag."""
        answer = self.site.request("GET", path, headers=bearer)
        etag = {name.lower(): value for name, value in answer.headers.items()}["etag"]
        return answer.json()["data"]["content"], etag

    def put(
        self, path: str, bearer: dict[str, str], content: str, etag: str, *, over: str, wanted: int
    ) -> None:
        body = json.dumps({"content": content}).encode()
        answer = self.site.request("PUT", path, body=body, headers=bearer | {"If-Match": etag})
        said = answer.json().get("code") or ""
        self.console.print(f"    PUT over {over}: {answer.status} {said}", markup=False)
        if answer.status != wanted:
            raise SystemExit(f"PUT {path} answered {answer.status} instead of {wanted}.")

    # The report

    def report(self, jobs: Sequence[int]) -> None:
        listed = ",".join(map(str, jobs))
        self.console.rule("What happened, read back from the database")
        self.table(
            "Agent",
            ("id", "slug", "name", "owner", "role of the owner"),
            self.rows(
                "SELECT a.agent_id, a.agent_slug, a.agent_name, u.user_login, g.role "
                "FROM wp_datamachine_agents a JOIN wp_users u ON u.ID = a.owner_id "
                "LEFT JOIN wp_datamachine_agent_access g "
                "ON g.agent_id = a.agent_id AND g.user_id = a.owner_id ORDER BY a.agent_id"
            ),
        )
        self.table(
            "Hooks that crossed, as the listeners noted them",
            ("time (UTC)", "what was heard", "with"),
            self.rows(
                "SELECT TIME(created_at), message, context FROM wp_datamachine_logs "
                "WHERE message LIKE 'PHP heard %' OR message LIKE 'Python took %' ORDER BY id DESC LIMIT 12"
            ),
        )
        self.table(
            "Durable events",
            ("event", "hook", "status", "attempts", "written", "delivered"),
            self.rows(
                "SELECT event_id, hook, status, attempts, TIME(created_at), TIME(finished_at) "
                "FROM wp_datamachine_bridge_events ORDER BY event_id DESC LIMIT 6"
            ),
        )
        self.table(
            "Job steps",
            ("action", "job", "status", "attempts", "log"),
            self.rows(
                "SELECT a.action_id, JSON_VALUE(a.args, '$.job_id'), a.status, a.attempts, "
                "GROUP_CONCAT(l.message ORDER BY l.log_id SEPARATOR ', ') "
                "FROM wp_actionscheduler_actions a "
                "LEFT JOIN wp_actionscheduler_logs l ON l.action_id = a.action_id "
                "WHERE a.hook = 'datamachine_execute_step' "
                f"AND JSON_VALUE(a.args, '$.job_id') IN ({listed}) GROUP BY a.action_id ORDER BY a.action_id"
            ),
        )
        self.table(
            "Jobs",
            ("job", "flow", "agent", "status", "created", "completed"),
            self.rows(
                "SELECT job_id, label, agent_id, status, created_at, completed_at FROM wp_datamachine_jobs "
                f"WHERE job_id IN ({listed}) OR job_id IN "
                f"(SELECT parent_job_id FROM wp_datamachine_jobs WHERE job_id IN ({listed})) ORDER BY job_id"
            ),
        )
        drafts = self.rows(
            "SELECT p.ID, p.post_status, p.post_title FROM wp_posts p JOIN wp_datamachine_jobs j "
            f"ON JSON_VALUE(j.engine_data, '$.post_id') = p.ID WHERE j.job_id IN ({listed}) ORDER BY p.ID"
        )
        self.table("Drafts the agent made", ("post", "status", "title"), drafts)
        line = "This line was added by Python." in self.site.get("/").text
        self.console.print(
            f"The front page {'carries' if line else 'does NOT carry'} the Python example's line."
        )
        if not line or len(drafts) < len(jobs):
            raise SystemExit("The demonstration is incomplete.")
        self.console.print("\nLook for yourself:")
        self.console.print(f"  Front page  {self.site.url}/")
        for post, _, title in drafts:
            self.console.print(
                f"  Draft       {self.site.url}/wp-admin/post.php?post={post}&action=edit  ({title})"
            )
        self.console.print(
            f"  Admin       {self.site.url}/wp-admin/  user admin, password {self.site.password}"
        )
        self.console.print(f"  Logs        {self.site.logs}")

    def table(self, title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        table = Table(*columns, title=title, title_justify="left", title_style="bold")
        for row in rows:
            table.add_row(*(cell if len(cell) <= 90 else cell[:89] + "…" for cell in row))
        self.console.print(table)


def _number(pattern: str, text: str) -> int:
    match = re.search(pattern, text)
    if match is None:
        raise SystemExit(f"Expected {pattern!r} in:\n{text}")
    return int(match[1])


def run(instance: Instance) -> int:
    """The whole demonstration; ``DEMO_EXIT=1`` stops the servers at the end."""
    demo = Demo(instance)
    leave = os.environ.get("DEMO_EXIT", "") not in {"", "0"}
    try:
        demo.set_up()
        demo.memory()
        demo.say("A flow over the site's own posts")
        jobs = [demo.run_flow(demo.flow("Posts to drafts", "wordpress_posts", {"post_type": "post"}))]
        demo.say("A flow over the site's own RSS feed")
        jobs.append(
            demo.run_flow(
                demo.flow("Feed to drafts", "rss", {"feed_url": f"{instance.url}/feed/", "search": "harbour"})
            )
        )
        jobs += demo.several()
        demo.runtime()
        time.sleep(
            1.5
        )  # The last durable event is delivered after its page; give the report a fuller picture.
        demo.report(jobs)
    finally:
        if leave:
            instance.stop()
    if not leave:
        demo.console.print("\nThe site keeps running; `make down` stops it.")
    return 0

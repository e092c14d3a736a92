"""A network of sites: agents are shared, everything else is each site's own."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dev import paths
from dev.instance import DATABASE, Instance

STEPS = json.dumps([{"step_type": "fetch"}, {"step_type": "ai"}, {"step_type": "publish"}])
CONFIGS = json.dumps(
    {
        "fetch": {"handler_slug": "wordpress_posts", "handler_config": {"post_type": "post", "max_items": 1}},
        "ai": {"user_message": "Write a digest."},
        "publish": {
            "handler_slug": "wordpress_publish",
            "handler_config": {"post_type": "post", "post_status": "draft"},
        },
    }
)
GREETING = "This line was added by Python."
#: In the names of their tables.
BLOGS = ("", "2_", "3_")


@pytest.fixture(scope="module")
def network(instances: Path) -> Iterator[Instance]:
    """Two sites, the plugin active for the network, the sidecar running; a third site made afterwards."""
    instance = Instance(instances / "network", multisite=True)
    try:
        instance.install_wordpress()
        instance.wp("site", "create", "--slug=two")
        examples = paths.ROOT / "examples"
        plugins = instance.path / "wp-content" / "plugins"
        (plugins / "greeter-agent").symlink_to(examples / "php" / "greeter-agent")
        instance.python_plugins.mkdir(mode=0o755, parents=True)
        shutil.copy(examples / "python" / "greeter.py", instance.python_plugins)
        instance.install_product()
        instance.wp("plugin", "activate", "greeter-agent", "--network")
        instance.start_web()
        instance.start_sidecar()
        instance.wp("site", "create", "--slug=three")
        yield instance
    finally:
        instance.destroy()


def rows(network: Instance, sql: str) -> list[list[str]]:
    return [line.split("\t") for line in network.db.sql(sql, database=DATABASE).splitlines()]


def tables(network: Instance, like: str) -> set[str]:
    return {name for [name] in rows(network, f"SHOW TABLES LIKE '{like}'")}


def on(network: Instance, slug: str) -> str:
    return f"--url={network.url}/{slug}/" if slug else f"--url={network.url}/"


def first_json(text: str) -> list[dict[str, Any]]:
    """A list says behind its data how many there are; of an empty one it says only that."""
    return json.JSONDecoder().raw_decode(text)[0] if text.startswith("[") else []


def pipeline_names(network: Instance, slug: str) -> list[str]:
    listed = network.wp("datamachine", "pipelines", "list", "--format=json", on(network, slug)).stdout
    return [row["name"] for row in first_json(listed)]


def test_agents_have_one_table_and_jobs_one_for_each_site(network: Instance) -> None:
    shared = {"wp_datamachine_agents", "wp_datamachine_agent_access", "wp_datamachine_agent_tokens"}
    assert shared == tables(network, "%datamachine\\_agent%")
    assert {"wp_datamachine_jobs", "wp_2_datamachine_jobs", "wp_3_datamachine_jobs"} == tables(
        network, "%datamachine\\_jobs"
    )
    assert {f"wp_{blog}actionscheduler_actions" for blog in ("", "2_", "3_")} == tables(
        network, "%actionscheduler\\_actions"
    )


def test_each_site_has_its_identity_and_is_the_product_there(network: Instance) -> None:
    found = [
        rows(network, f"SELECT site_uuid, home_url, mode FROM wp_{blog}datamachine_bridge_sites")[0]
        for blog in ("", "2_", "3_")
    ]
    assert len({uuid for uuid, _, _ in found}) == 3
    homes = [f"{network.url}{path}" for path in ("", "/two", "/three")]
    assert [(home.rstrip("/"), mode) for _, home, mode in found] == [(home, "standalone") for home in homes]


@pytest.mark.parametrize("slug", ["", "two", "three"])
def test_python_answers_the_hooks_of_every_site(network: Instance, slug: str) -> None:
    assert GREETING in network.get(f"/{slug}/" if slug else "/").text


def test_every_site_sees_the_networks_agents(network: Instance) -> None:
    for slug in ("", "two", "three"):
        listed = network.wp("datamachine", "agents", "list", "--format=json", on(network, slug)).stdout
        assert {row["agent_slug"] for row in first_json(listed)} == {"admin", "greeter"}
    assert rows(network, "SELECT COUNT(*) FROM wp_datamachine_agents") == [["2"]]


def test_a_job_of_another_site_stays_there(network: Instance) -> None:
    for slug in ("", "two"):
        create = ("datamachine", "pipelines", "create", f"--name=Of /{slug}", f"--steps={STEPS}")
        network.wp(*create, "--agent=greeter", on(network, slug))
    assert pipeline_names(network, "") == ["Of /"]
    assert pipeline_names(network, "two") == ["Of /two"]
    assert pipeline_names(network, "three") == []

    create = ("datamachine", "flows", "create", "--pipeline_id=1", "--name=Digest", "--agent=greeter")
    network.wp(*create, f"--step_configs={CONFIGS}", on(network, "two"))
    # No worker is there for this site: the command does the steps itself.
    network.wp("datamachine", "flows", "run", "1", on(network, "two"))

    assert rows(network, "SELECT status FROM wp_2_datamachine_jobs") == [["completed"]]
    assert rows(network, "SELECT COUNT(*) FROM wp_datamachine_jobs") == [["0"]]
    drafts = "SELECT post_title FROM wp_{}posts WHERE post_status = 'draft' AND post_type = 'post'"
    assert rows(network, drafts.format("2_")) == [["Digest: Hello world!"]]
    assert rows(network, drafts.format("")) == []
    assert (network.path / "wp-content/uploads/sites/2/datamachine-files").is_dir()
    assert not (network.path / "wp-content/uploads/datamachine-files/pipeline-1").exists()


def test_the_native_command_names_the_site_by_its_id(network: Instance) -> None:
    def native(*blog: str) -> list[str]:
        listed = network.datamachine(*blog, "pipelines", "list", "--format=json").stdout
        return [row["name"] for row in first_json(listed)]

    assert native() == ["Of /"]
    assert native("--blog=2") == ["Of /two"]
    assert native("--blog=3") == []


def test_an_agent_is_made_listed_and_renamed_from_the_blog_one_is_on(network: Instance) -> None:
    """Its row is the network's; its folder is the blog's, at both doors."""
    said = network.wp("datamachine", "agents", "create", "roamer", "--owner=1", on(network, "two")).stdout
    two = network.path / "wp-content/uploads/sites/2/datamachine-files/agents"
    assert said.splitlines()[-1] == f"Directory: {two}/roamer"
    shown = network.datamachine("--blog=3", "agents", "show", "roamer").stdout
    assert f"Directory:   {network.path}/wp-content/uploads/sites/3/datamachine-files/agents/roamer" in shown
    assert "Has files:   No" in shown
    said = network.datamachine("--blog=2", "agents", "rename", "roamer", "rover").stdout
    assert said.splitlines()[1:] == [
        f"Directory:   {two}/roamer → {two}/rover",
        'Success: Agent renamed from "roamer" to "rover". Directory moved.',
    ]
    assert (two / "rover" / "SOUL.md").is_file()


def test_the_site_of_an_agent_says_where_it_is_listed(network: Instance) -> None:
    def seen(slug: str, blog: str) -> bool:
        theirs = network.wp("datamachine", "agents", "list", "--format=json", on(network, slug)).stdout
        assert network.datamachine(f"--blog={blog}", "agents", "list", "--format=json").stdout == theirs
        return "rover" in {row["agent_slug"] for row in first_json(theirs)}

    assert seen("", "1")
    network.wp("datamachine", "agents", "config", "rover", "--set=site_scope=2", on(network, "two"))
    assert (seen("", "1"), seen("two", "2")) == (False, True)
    unknown = network.datamachine("agents", "config", "rover", "--set=site_scope=99", check=False)
    assert unknown.returncode == 1
    network.datamachine("agents", "config", "rover", "--set=site_scope=null")
    assert seen("three", "3")
    question = network.wp("datamachine", "agents", "delete", "rover", on(network, "two"), stdin="n\n").stdout
    assert "/sites/2/datamachine-files/agents/rover stay. [y/n] " in question
    gone = network.datamachine("--blog=2", "agents", "delete", "rover", "--yes", "--delete-files").stdout
    assert gone.endswith(" deleted. Files removed.\n")
    assert not (network.path / "wp-content/uploads/sites/2/datamachine-files/agents/rover").exists()


def test_up_has_a_worker_for_each_site_it_is_told(network: Instance) -> None:
    network.wp("datamachine", "flows", "run", "1", "--no-drain", on(network, "two"))
    assert rows(network, "SELECT status FROM wp_2_datamachine_jobs ORDER BY job_id DESC LIMIT 1") != [
        ["completed_no_items"]
    ]
    # The worker that ran inside the command of an earlier test is long gone, as far as the row can tell.
    rows(
        network, "UPDATE wp_2_datamachine_bridge_sites SET worker_seen_at = worker_seen_at - INTERVAL 1 HOUR"
    )
    report = json.loads(network.datamachine("doctor", "--format=json", check=False).stdout)
    [waiting] = [finding for finding in report["findings"] if finding["check"] == "queue of blog 2"]
    assert waiting["status"] == "failure"
    assert "work_blogs" in waiting["advice"]
    config = json.loads(network.config.read_text())
    config["sites"]["default"]["work_blogs"] = [2]
    network.config.write_text(json.dumps(config))
    network.servers["sidecar"].stop()
    network.start_sidecar()
    network.wp("datamachine", "flows", "run", "1", on(network, "two"))
    assert rows(network, "SELECT status FROM wp_2_datamachine_jobs ORDER BY job_id") == [
        ["completed"],
        ["completed_no_items"],
        ["completed_no_items"],
    ]


def test_what_the_network_activates_is_active_on_every_site(network: Instance) -> None:
    """While Data Machine is, its jobs and tables are none of ours, on no site."""

    def modes() -> list[list[str]]:
        return [rows(network, f"SELECT mode FROM wp_{blog}datamachine_bridge_sites")[0] for blog in BLOGS]

    folder = network.path / "wp-content" / "plugins" / "data-machine"
    folder.mkdir()
    (folder / "data-machine.php").write_text("<?php\n/* Plugin Name: Data Machine */\n")
    try:
        network.wp("plugin", "activate", "data-machine", "--network")
        assert modes() == [["companion"]] * 3
        network.wp("plugin", "deactivate", "data-machine", "--network")
        assert modes() == [["standalone"]] * 3
    finally:
        shutil.rmtree(folder)


def test_php_has_nothing_to_say(network: Instance) -> None:
    said = network.debug_log.read_text() if network.debug_log.exists() else ""
    assert said == "", said

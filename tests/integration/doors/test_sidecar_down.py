"""Without a sidecar the doors say so, and WordPress goes on."""

from __future__ import annotations

import os
import signal
from subprocess import CompletedProcess

from dev import processes
from dev.instance import Instance

BASE = "/wp-json/datamachine/v1"


def assert_wordpress_works(site: Instance) -> None:
    assert site.wp("post", "list", "--format=count").stdout == "1"
    assert site.wp("option", "get", "blogname").stdout == "Data Machine\n"


def test_commands_exist_and_explain_themselves_before_the_sidecar_ever_ran(fresh_site: Instance) -> None:
    usage = fresh_site.wp("datamachine").stdout
    for noun in ("agent", "agents", "flow", "flows", "jobs", "memory", "pipelines", "plugins", "system"):
        assert f"wp datamachine {noun}" in usage
    assert "wp datamachine jobs list [--status=<status>]" in fresh_site.wp("datamachine", "jobs").stdout
    help_text = fresh_site.wp("help", "datamachine", "memory", "write").stdout
    assert "Write a section of a memory file, or add to it." in help_text
    wrong = fresh_site.wp("datamachine", "jobs", "list", "--format=bogus", check=False)
    assert wrong.returncode == 1
    assert (
        wrong.stderr == "Error: Parameter errors:\n Invalid value specified for 'format' (Output format.)\n"
    )


def test_a_stopped_sidecar_is_an_error_of_this_command_only(fresh_site: Instance) -> None:
    agents = [
        ["list"],
        ["show", "admin"],
        ["create", "x", "--owner=1"],
        ["rename", "admin", "x"],
        ["delete", "admin"],
        ["access", "list", "admin"],
        ["config", "admin", "--set=a=1"],
        ["cleanup-legacy-context-files"],
        ["restore", "admin"],
    ]
    others = [["memory", "write", "A", "b"], ["flows"], ["flows", "run", "1"]]
    for line in [*(["agents", *words] for words in agents), *others]:
        answer = fresh_site.wp("datamachine", *line, check=False)
        assert (answer.returncode, answer.stdout) == (1, "")
        assert answer.stderr.startswith("Error: The Data Machine sidecar does not answer: ")
        assert "datamachine doctor" in answer.stderr
    assert_wordpress_works(fresh_site)
    fresh_site.start_web()
    admin = fresh_site.wp(
        "eval", "wp_set_current_user( 1 ); echo rest_do_request( '/datamachine/v1/agents' )->get_status();"
    )
    assert admin.stdout == "503"
    code = (
        "wp_set_current_user( 1 );"
        "echo rest_do_request( '/datamachine/v1/jobs' )->as_error()->get_error_code();"
    )
    assert fresh_site.wp("eval", code).stdout == "datamachine_sidecar_unavailable"
    assert fresh_site.get(f"{BASE}/agents").status == 401
    assert fresh_site.get("/").status == 200
    assert not fresh_site.debug_log.exists(), fresh_site.debug_log.read_text()


def test_a_site_that_was_never_joined_says_how_to_join(fresh_site: Instance) -> None:
    fresh_site.wp("option", "delete", "datamachine_bridge")
    answer = fresh_site.wp("datamachine", "agents", "list", check=False)
    assert answer.returncode == 1
    assert answer.stderr.startswith("Error: This site is not connected to a Data Machine sidecar.")
    assert f"datamachine init --wp-path={fresh_site.path}" in answer.stderr
    assert_wordpress_works(fresh_site)


def test_a_killed_sidecar_is_reported(fresh_site: Instance) -> None:
    server = fresh_site.start_sidecar()
    fresh_site.wp("datamachine", "plugins", "list")
    os.killpg(server.pid, signal.SIGKILL)
    processes.wait_until(lambda: not server.alive(), what="The end of the sidecar")

    def answer() -> CompletedProcess[str]:
        return fresh_site.wp("datamachine", "plugins", "list", check=False)

    # The supervisor's death tells its children to drain; until they have, one may still answer.
    processes.wait_until(lambda: answer().returncode == 1, what="The end of the bridge")
    assert answer().stderr.startswith("Error: ")
    assert_wordpress_works(fresh_site)


def test_the_native_command_line_needs_no_running_process(fresh_site: Instance) -> None:
    fresh_site.datamachine("pipelines", "create", "--name=Empty", '--steps=[{"step_type":"fetch"}]')
    config = (
        '{"fetch":{"handler_slug":"wordpress_posts","handler_config":{"search":"nothing has this word"}}}'
    )
    fresh_site.datamachine("flows", "create", "--pipeline_id=1", "--name=Empty", f"--step_configs={config}")
    said = fresh_site.datamachine("flows", "run", "1").stdout.splitlines()
    assert said == [
        "Success: Flow 1 execution started.",
        "Job ID: 1",
        "Drained due Data Machine step actions.",
    ]
    jobs = fresh_site.datamachine("jobs", "list", "--fields=id,status", "--format=json").stdout
    assert jobs == '[{"id":"1","status":"completed_no_items"}]'
    assert "registered" in fresh_site.datamachine("system", "health").stdout


def test_a_bad_declaration_never_costs_other_commands(fresh_site: Instance) -> None:
    commands = (
        "array( 'path' => 'datamachine agents', 'target' => 'x' ),"
        "array( 'path' => 'datamachine agents list extra', 'target' => 'x' ),"
        "array( 'path' => 'post', 'target' => 'x' ),"
        "array()"
    )
    (fresh_site.path / "wp-content" / "mu-plugins" / "bad.php").write_text(
        "<?php add_action( 'plugins_loaded', function () {"
        " if ( ! defined( 'WP_CLI' ) ) { return; }"
        " $r = new DataMachine\\Bridge\\Cli\\Registrar( new DataMachine\\Bridge\\Cli\\Proxy() );"
        f" $r->add( array( 'namespaces' => array(), 'commands' => array( {commands} ) ) );"
        "} );"
    )
    assert_wordpress_works(fresh_site)
    assert "wp datamachine agents list" in fresh_site.wp("datamachine", "agents").stdout

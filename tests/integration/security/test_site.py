"""A running site, as strangers and as users with few rights see it."""

from __future__ import annotations

import base64
import json
import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from dev import paths
from dev.instance import Instance
from sidecar import settings
from sidecar.host import HostPool

PLUGIN = paths.ROOT / "wp-plugin"
#: What may be read by anybody: the text every plugin of WordPress has.
PUBLIC = {"readme.txt"}
RUN_FLOW = "/wp-json/wp-abilities/v1/abilities/datamachine/run-flow/run"
NO_BYPASS = (
    "--exec=WP_CLI::add_wp_hook( 'init', function () {"
    " add_filter( 'datamachine_cli_bypass_permissions', '__return_false' ); } );"
)


@pytest.fixture(scope="module")
def pool(site: Instance) -> Iterator[HostPool]:
    found = HostPool(settings.load(site.config).site())
    yield found
    found.close()


@pytest.fixture(scope="module")
def as_user(site: Instance) -> Callable[[str], dict[str, str]]:
    """Headers that sign a request in as a user with that role."""

    def headers(role: str) -> dict[str, str]:
        login = "admin" if role == "administrator" else f"security-{role}"
        if (
            role != "administrator"
            and login not in site.wp("user", "list", "--field=user_login").stdout.split()
        ):
            site.wp("user", "create", login, f"{login}@example.org", f"--role={role}")
        password = site.wp("user", "application-password", "create", login, "security", "--porcelain")
        pair = base64.b64encode(f"{login}:{password.stdout.strip()}".encode()).decode()
        return {"Authorization": f"Basic {pair}"}

    return headers


def test_no_file_of_the_plugin_says_anything(site: Instance) -> None:
    files = [file.relative_to(PLUGIN) for file in sorted(PLUGIN.rglob("*")) if file.is_file()]
    assert len(files) > 100
    told = {}
    for file in files:
        answer = site.get(f"/wp-content/plugins/datamachine-bridge/{file}")
        if str(file) not in PUBLIC and (answer.status not in (200, 404) or answer.body):
            told[str(file)] = (answer.status, answer.body[:80])
    assert told == {}


def test_what_holds_secrets_is_its_owners(site: Instance) -> None:
    configured = settings.load(site.config).site()
    modes = {
        path: stat.S_IMODE(os.stat(path).st_mode)
        for path in (str(site.config), configured.secret_file, configured.run_dir, configured.host_socket)
    }
    assert modes[str(site.config)] == 0o600
    assert modes[configured.secret_file] == 0o640
    assert modes[configured.run_dir] & 0o027 == 0
    assert modes[configured.host_socket] == 0o600
    sockets = list(Path(configured.run_dir).glob("*.sock"))
    assert len(sockets) > 2
    assert [path.name for path in sockets if path.stat().st_mode & 0o007] == []


def test_no_command_line_and_no_log_holds_a_secret(site: Instance) -> None:
    configured = settings.load(site.config).site()
    secrets = [configured.secret(), configured.database.password.encode()]
    assert all(len(secret) > 8 for secret in secrets)
    seen = b""
    for process in Path("/proc").iterdir():
        if process.name.isdigit() and int(process.name) != os.getpid():
            try:
                seen += (process / "cmdline").read_bytes()
            except OSError:
                continue  # it has ended
    seen += b"".join(file.read_bytes() for file in site.logs.iterdir())
    doctor = site.datamachine("doctor", check=False)
    seen += (doctor.stdout + doctor.stderr).encode()
    assert [secret for secret in secrets if secret in seen] == []


@pytest.mark.parametrize("role", ["", "subscriber", "author", "editor"])
def test_an_ability_asks_for_its_capability(
    site: Instance, as_user: Callable[[str], dict[str, str]], role: str
) -> None:
    headers = {"Content-Type": "application/json", **(as_user(role) if role else {})}
    body = json.dumps({"input": {"flow_id": 1}}).encode()
    answer = site.request("POST", RUN_FLOW, body=body, headers=headers)
    assert answer.status in (401, 403)


def test_a_stranger_does_not_choose_how_deep_the_chain_is(
    site: Instance, as_user: Callable[[str], dict[str, str]]
) -> None:
    """A request that is believed to be the fourth of a chain gets no answer from the sidecar."""
    headers = as_user("administrator") | {"X-Datamachine-Chain-Depth": "9.4000000000." + "0" * 64}
    assert site.get("/wp-json/datamachine/v1/agents", headers=headers).status == 200


def test_a_cookie_without_a_nonce_is_nobody(site: Instance) -> None:
    cookie = site.wp(
        "eval",
        "echo LOGGED_IN_COOKIE . '=' . wp_generate_auth_cookie( 1, time() + 3600, 'logged_in' );",
    ).stdout.strip()
    answer = site.get("/wp-json/datamachine/v1/agents", headers={"Cookie": cookie})
    assert (answer.status, answer.json()["code"]) == (401, "rest_not_logged_in")


@pytest.mark.parametrize("command", [("agents", "list"), ("memory", "read"), ("jobs", "list")])
def test_a_site_may_end_the_command_lines_privilege(site: Instance, command: tuple[str, ...]) -> None:
    run = site.wp(NO_BYPASS, "datamachine", *command, check=False)
    assert run.returncode == 1
    assert "not allowed" in run.stderr
    admin = site.wp(NO_BYPASS, "--user=1", "datamachine", "agents", "list", check=False)
    assert admin.returncode == 0


def test_what_acts_for_nobody_on_such_a_command_line_is_nobody(site: Instance) -> None:
    code = "echo json_encode( array( \\DataMachine\\Bridge\\Host\\Acting::is_system(),"
    code += " \\DataMachine\\Abilities\\PermissionHelper::can( 'manage_flows' ) ) );"
    assert json.loads(site.wp("eval", code).stdout) == [True, True]
    assert json.loads(site.wp(NO_BYPASS, "eval", code).stdout) == [False, False]


def test_posts_made_for_the_site_hold_no_scripts(site: Instance, pool: HostPool) -> None:
    """What a feed or a model wrote is filtered like the text of a user without unfiltered_html."""
    with pool.unit() as unit:
        post = unit.insert_post(
            {"post_title": "t", "post_content": "a<script>alert(1)</script><img src=x onerror=y>"}
        )
    stored = site.wp("post", "get", str(post), "--field=post_content").stdout
    assert "<img" in stored
    assert "<script" not in stored
    assert "onerror" not in stored


def test_nor_do_posts_of_strangers_texts_that_an_administrator_lets_run(
    site: Instance, pool: HostPool
) -> None:
    text = "a<script>alert(1)</script><img src=x onerror=y>"
    with pool.unit("rest", user_id=1) as unit:
        assert unit.user_can(1, "unfiltered_html")
        filtered = unit.call(
            "post.insert", {"post": {"post_title": "t", "post_content": text}, "untrusted": True}
        )
        own = unit.call("post.insert", {"post": {"post_title": "t", "post_content": text}})
    stored = site.wp("post", "get", str(filtered), "--field=post_content").stdout
    assert "<img" in stored
    assert "<script" not in stored
    assert "onerror" not in stored
    assert text in site.wp("post", "get", str(own), "--field=post_content").stdout


@pytest.mark.parametrize(
    ("operation", "params"),
    [
        ("option.update", {"name": "siteurl", "value": "http://evil.example"}),
        ("option.delete", {"name": "siteurl"}),
        ("transient.set", {"name": "update_plugins", "value": 1}),
        ("user.get", {"user_id": 1}),
        ("post.insert", {"post": {"post_title": "x", "post_status": "publish"}}),
        ("post.query", {"query": {"post_status": "private"}}),
        ("automation.posts", {"query": {"post_status": "draft"}}),
        ("automation.post_meta", {"post_id": 1, "meta": {"a": 1}}),
        ("manifest.publish", {"manifest": {"format": 1, "generation": 2**40}}),
        ("fence.adopt", {"as": "copy"}),
    ],
)
def test_a_unit_for_a_subscriber_may_what_a_subscriber_may(
    site: Instance, pool: HostPool, as_user: Callable[[str], Any], operation: str, params: dict[str, Any]
) -> None:
    as_user("subscriber")
    user = int(site.wp("user", "get", "security-subscriber", "--field=ID").stdout)
    with pool.unit("rest", user_id=user) as unit, pytest.raises(Exception, match="lacks the capability"):
        unit.call(operation, params)


def test_an_unknown_operation_is_refused(pool: HostPool) -> None:
    with pool.unit() as unit:
        for name in ("system", "eval", "wp_insert_user", "hook.fire.", "Hook.Fire", "../hook.fire"):
            with pytest.raises(Exception, match="no operation"):
                unit.call(name, {})

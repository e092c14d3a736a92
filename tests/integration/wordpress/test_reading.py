"""What Python reads of WordPress is what WordPress says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from dev.instance import Instance
from sidecar.db import Database, wpconfig
from sidecar.errors import NotFound
from sidecar.wordpress import Network, OptionNotListed, Options, Uploads, UsersRepository


@pytest.fixture(scope="module")
def network_site(instances: Path) -> Iterator[Instance]:
    instance = Instance(instances / "reading", multisite=True)
    try:
        instance.install_wordpress()
        instance.wp("site", "create", "--slug=second")
        yield instance
    finally:
        instance.destroy()


@pytest.fixture
def database(network_site: Instance) -> Iterator[Database]:
    database = Database(wpconfig.read(network_site.path).database)
    yield database
    database.close()


def _php(site: Instance, expression: str) -> object:
    return json.loads(site.wp("eval", f"echo wp_json_encode( {expression} );").stdout)


def test_users_and_their_roles_on_each_site(network_site: Instance, database: Database) -> None:
    second = f"{network_site.url}/second"
    made = int(
        network_site.wp(
            "user",
            "create",
            "annie",
            "annie@example.org",
            "--display_name=Ann É",
            "--porcelain",
            "--role=author",
        ).stdout
    )
    network_site.wp("user", "set-role", "annie", "editor", f"--url={second}")
    network_site.wp("user", "add-cap", "annie", "datamachine_chat", f"--url={second}")
    users = UsersRepository(database)
    ann = users.get(made)
    assert ann is not None
    assert (ann.id, ann.login, ann.email, ann.display_name) == (made, "annie", "annie@example.org", "Ann É")
    assert ann.roles == ("author",)
    there = users.get(made, blog_id=2)
    assert there is not None
    assert "editor" in there.roles
    assert [user.login for user in users.with_role("author")] == ["annie"]
    assert [user.login for user in users.with_role("editor", blog_id=2)] == ["annie"]
    assert users.with_role("editor") == []
    assert users.get(99999) is None


def test_a_user_is_found_as_wp_cli_finds_one(database: Database) -> None:
    users = UsersRepository(database)
    admin = users.find("admin")
    assert admin is not None
    assert users.find(str(admin.id)) == users.find(admin.id) == users.find(admin.email) == admin
    assert users.find("nobody") is None
    assert users.find("no@body.example") is None
    assert users.find("²") is None


def test_options_are_read_by_exact_name_when_listed(network_site: Instance, database: Database) -> None:
    options = Options(database)
    assert options.home_url() == _php(network_site, "get_option( 'home' )")
    assert options.home_url(blog_id=2) == f"{network_site.url}/second"
    network_site.wp("option", "update", "datamachine_settings", '{"a":{"b":["é",1,true]}}', "--format=json")
    assert options.get("datamachine_settings") == {"a": {"b": ["é", 1, True]}}
    assert options.get("active_plugins") == _php(network_site, "get_option( 'active_plugins' )")
    assert options.get("datamachine_handler_defaults", "none") == "none"
    assert set(options.get_many(["home", "gmt_offset", "datamachine_db_version"])) == {"home", "gmt_offset"}
    with pytest.raises(OptionNotListed):
        options.get("_transient_x")
    assert options.network("active_sitewide_plugins", {}) in ({}, [])
    with pytest.raises(OptionNotListed):
        options.network("secret")


def test_blogs_and_prefixes(network_site: Instance, database: Database) -> None:
    network = Network(database)
    assert network.multisite
    assert [(blog.blog_id, blog.path, blog.prefix) for blog in network.blogs()] == [
        (1, "/", "wp_"),
        (2, "/second/", "wp_2_"),
    ]
    assert network.get(2).prefix == _php(network_site, "$GLOBALS['wpdb']->get_blog_prefix( 2 )")
    with pytest.raises(NotFound):
        network.get(77)


def test_upload_folders(network_site: Instance, database: Database) -> None:
    uploads = Uploads(wpconfig.read(network_site.path), Options(database))
    for blog in (1, 2):
        said = network_site.wp(
            "eval", f"switch_to_blog( {blog} ); echo wp_upload_dir( null, false )['basedir'];"
        ).stdout
        assert uploads.base_dir(blog) == said
    network_site.wp("option", "update", "upload_path", "files/here")
    try:
        said = network_site.wp("eval", "echo wp_upload_dir( null, false )['basedir'];").stdout
        assert uploads.base_dir() == said
    finally:
        network_site.wp("option", "update", "upload_path", "")


def test_a_single_site_is_blog_1(wordpress_site: Instance) -> None:
    database = Database(wpconfig.read(wordpress_site.path).database)
    network = Network(database)
    assert not network.multisite
    assert [(blog.blog_id, blog.prefix) for blog in network.blogs()] == [(1, "wp_")]
    database.close()

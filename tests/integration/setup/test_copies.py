"""Sites of tests are copies of one that was installed: each is a site of its own, and as if installed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from dev import template
from dev.instance import DATABASE, Instance


@pytest.fixture(scope="module", params=[False, True], ids=["site", "network"])
def copy(instances: Path, request: pytest.FixtureRequest) -> Iterator[Instance]:
    instance = Instance(instances / "copy", multisite=request.param)
    try:
        instance.install()
        yield instance
    finally:
        instance.destroy()


def test_nothing_of_the_template_is_left(copy: Instance) -> None:
    assert copy.templates is not None
    known = template.of(copy.templates, Instance, template.Kind(copy.multisite, product=True))
    files = [copy.path / "wp-config.php", copy.config, copy.config.with_name("default.secret")]
    there = (known.folder / "sidecar" / "default.secret").read_text().strip()
    own = [*known.own.values(), there]
    assert len(own) == 6, "address, two folders, a password, an identity, a secret"
    # Also as JSON writes it.
    words = [*own, *(word.replace("/", "\\\\/") for word in own)]
    assert list(template.cells(copy, words)) == []
    for file in files:
        text = file.read_text()
        assert not [word for word in words if word in text], file
    assert oct(copy.config.stat().st_mode)[-3:] == "600"
    assert oct(files[-1].stat().st_mode)[-3:] == "640"


def test_what_installs_finds_nothing_left_to_do(copy: Instance) -> None:
    def written() -> tuple[str, str, str]:
        options = copy.db.sql(
            "SELECT * FROM wp_options WHERE option_name LIKE 'datamachine\\_bridge%' ORDER BY 1",
            database=DATABASE,
        )
        return copy.config.read_text(), copy.config.with_name("default.secret").read_text(), options

    before = written()
    assert copy.url in before[0]
    assert copy.url in before[2]
    copy.datamachine("init", f"--wp-path={copy.path}")
    assert written() == before
    assert "nothing to do" in copy.datamachine("migrate").stdout


def test_what_is_due_is_due_since_the_copy_is_there(copy: Instance) -> None:
    found = copy.db.sql(
        "SELECT hook, scheduled_date_gmt < UTC_TIMESTAMP() - INTERVAL 1 HOUR, schedule LIKE CONCAT('%', "
        "TIMESTAMPDIFF(SECOND, '1970-01-01', scheduled_date_gmt), '%') FROM wp_actionscheduler_actions; "
        "SELECT hook, created_at < UTC_TIMESTAMP() - INTERVAL 1 HOUR, 1 FROM wp_datamachine_bridge_events",
        database=DATABASE,
    )
    assert found.splitlines() == [
        "datamachine_bridge_deliver\t0\t1",
        "datamachine_bridge_memory_due\t0\t1",
    ]


def test_it_is_where_it_says(copy: Instance) -> None:
    told = "get_option( 'home' ), home_url(), DataMachine\\Bridge\\Hooks\\Fence::is_copy()"
    found = copy.wp("eval", f"echo wp_json_encode( array( {told} ) );", f"--url={copy.url}").stdout
    assert found.replace("\\/", "/") == f'["{copy.url}","{copy.url}",false]'
    identity = copy.db.sql("SELECT site_uuid FROM wp_datamachine_bridge_sites", database=DATABASE).strip()
    assert identity in copy.wp("option", "get", "datamachine_bridge_fence").stdout
    if copy.multisite:
        copy.wp("site", "create", "--slug=more")
        assert copy.wp("site", "list", "--field=url").stdout.split() == [f"{copy.url}/", f"{copy.url}/more/"]
        assert copy.wp("option", "get", "datamachine_bridge", f"--url={copy.url}/more/").stdout
    assert not copy.debug_log.exists(), copy.debug_log.read_text()

"""A post and the note that it was inserted are one: neither exists without the other."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest

from sidecar.bridge import RemoteError
from sidecar.host import HostPool, UnknownOutcome
from tests.integration.host.conftest import HostLab, php

TABLE = "wp_datamachine_bridge_effects"
_jobs = itertools.count(7000)


@pytest.fixture
def job(lab: HostLab) -> Iterator[int]:
    """A job with one begun effect, held with token 5."""
    number = next(_jobs)
    lab.mysql(
        f"INSERT INTO {TABLE} (job_id, step, call_key, token, created_at) "
        f"VALUES ({number}, 's', 'k', 5, NOW(6))"
    )
    yield number
    lab.mysql(f"DELETE FROM {TABLE} WHERE job_id = {number}")


def noted(lab: HostLab, job: int) -> str:
    return lab.mysql(f"SELECT COALESCE(post_id, 'none') FROM {TABLE} WHERE job_id = {job}")


def posts(lab: HostLab, title: str) -> list[str]:
    return lab.mysql(
        f"SELECT ID FROM wp_posts WHERE post_title = '{title}' AND post_type = 'post' ORDER BY ID"
    ).split()


def effect(job: int, token: int | None = 5) -> dict[str, object]:
    return {"job_id": job, "step": "s", "call_key": "k", **({} if token is None else {"token": token})}


def test_the_effect_learns_the_post(lab: HostLab, pool: HostPool, job: int) -> None:
    with pool.unit() as unit:
        post = unit.insert_post({"post_title": f"Job {job}"}, {"_a": "b"}, effect=effect(job))
        assert php(unit, f"return get_post_meta( {post}, '_a', true );") == "b"
    assert posts(lab, f"Job {job}") == [str(post)]
    assert noted(lab, job) == str(post)


def test_an_effect_nobody_began_is_written_anew(lab: HostLab, pool: HostPool) -> None:
    number = next(_jobs)
    with pool.unit() as unit:
        post = unit.insert_post({"post_title": f"Job {number}"}, effect=effect(number, None))
    assert noted(lab, number) == str(post)


def test_a_worker_that_lost_its_step_inserts_nothing(lab: HostLab, pool: HostPool, job: int) -> None:
    with pool.unit() as unit, pytest.raises(RemoteError) as lost:
        unit.insert_post({"post_title": f"Job {job}"}, effect=effect(job, token=4))
    assert lost.value.code == "lease_lost"
    assert posts(lab, f"Job {job}") == []
    assert noted(lab, job) == "none"


KILL = "posix_kill( getmypid(), SIGKILL )"


@pytest.mark.parametrize(
    ("hook", "both"),
    [
        # Between the post's row and the note: the row must vanish with the process.
        (
            "add_filter( 'query', static function ( $query ) { global $wpdb; "
            f"if ( str_starts_with( (string) $wpdb->last_query, 'INSERT INTO `wp_posts`' ) ) {{ {KILL}; }} "
            "return $query; }, PHP_INT_MIN + 0 );",
            None,
        ),
        (f"add_action( 'pre_post_insert', static fn() => {KILL} );", False),
        (f"add_action( 'wp_insert_post', static fn() => {KILL} );", True),
        (f"add_action( 'added_post_meta', static fn() => {KILL} );", True),
    ],
    ids=["first statement after", "before", "after", "meta"],
)
def test_a_process_killed_at_any_point_leaves_both_or_neither(
    lab: HostLab, pool: HostPool, job: int, hook: str, both: bool | None
) -> None:
    with pool.unit() as unit:
        php(unit, f"{hook} return null;")
        with pytest.raises(UnknownOutcome):
            unit.insert_post({"post_title": f"Job {job}"}, {"_a": "b"}, effect=effect(job))
    found = posts(lab, f"Job {job}")
    assert noted(lab, job) == (found[0] if found else "none")
    if both is not None:
        assert bool(found) is both


def test_a_refused_insertion_leaves_no_transaction_open(lab: HostLab, pool: HostPool, job: int) -> None:
    with pool.unit() as unit:
        with pytest.raises(RemoteError):
            unit.insert_post({"post_title": "", "post_content": ""}, effect=effect(job))
        state = "SELECT COUNT(*) FROM information_schema.INNODB_TRX WHERE trx_mysql_thread_id = "
        assert lab.mysql(f"{state}{unit.connection_id}") == "0"
        assert unit.insert_post({"post_title": f"Job {job}"}, effect=effect(job)) > 0

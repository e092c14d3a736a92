"""Memory in posts: byte-exact for users WordPress filters, with revisions, for several writers at once."""

from __future__ import annotations

import json
import subprocess
from hashlib import sha1

import pytest

from dev import wordpress
from tests.integration.memory.seam.conftest import HERE, Seam

HTML = "<script>alert('x\\\\y')</script> & <b onclick=\"z\">🌍</b>\n"

WRITER = """
$store = new DataMachine\\Core\\FilesRepository\\GuidelineAgentMemoryStore();
$scope = new AgentsAPI\\Core\\FilesRepository\\AgentMemoryScope( 'agent', 1, 0, 'CROWD.md' );
for ( $n = 0; $n < 10; $n++ ) {
	do {
		$found = $store->read( $scope );
		$done  = $store->write( $scope, $found->content . "WORKER.$n\\n", $found->hash );
	} while ( 'conflict' === $done->error );
	if ( ! $done->success ) { fwrite( STDERR, $done->error ); exit( 1 ); }
}
"""


@pytest.fixture(scope="module")
def seen(seam: Seam) -> dict:
    return json.loads(seam.site.wp("eval-file", str(HERE / "guideline.php")).stdout)


def test_content_is_kept_byte_for_byte_whoever_is_signed_in(seen: dict) -> None:
    assert seen["filtered"] is True
    assert seen["exact"] == [True, True, True]
    assert seen["revisions"]
    assert all(seen["revisions"])


def test_a_row_is_what_data_machine_makes_of_it(seen: dict) -> None:
    row = seen["row"]
    own = {name: value for name, value in row["meta"].items() if name.startswith("_datamachine_memory_")}
    content = (HTML * 2).encode()
    assert own == {
        "_datamachine_memory_layer": "agent",
        "_datamachine_memory_user_id": "1",
        "_datamachine_memory_agent_id": "0",
        "_datamachine_memory_filename": "posts/KSES.md",
        "_datamachine_memory_hash": sha1(content).hexdigest(),
        "_datamachine_memory_bytes": str(len(content)),
    }
    assert (row["type"], row["status"], row["title"], row["name"], row["author"], row["exact"]) == (
        "wp_guideline",
        "publish",
        "posts/KSES.md",
        47,
        1,
        True,
    )
    assert row["terms"] == ["memory"]


def test_the_event_follows_each_write_and_nothing_else(seen: dict) -> None:
    own = [event for event in seen["events"] if event[0] == seen["row"]["id"]]
    assert own == [[seen["row"]["id"], "memory"]] * 5
    assert len(seen["events"]) == 8


def test_hashes_are_those_of_the_row(seen: dict) -> None:
    assert seen["edited"] == [True, "conflict"]
    assert seen["restored"] is True


def test_bytes_that_are_no_text_are_kept(seen: dict) -> None:
    assert seen["bytes"] == [True, True, True]
    assert seen["trick"] == [True, True]
    assert seen["sizes"] == [["posts/KSES.md", len("<!-- datamachine-memory:base64 -->\nYQ==")]]


def test_rows_of_later_versions_are_adopted(seen: dict) -> None:
    assert seen["later"] == ["older", True, 5, True, True]


def test_a_users_first_agent_and_nobody_have_the_same_files(seen: dict) -> None:
    assert seen["both"] == [True, "one", "conflict", True, "two", False]


def test_deleting_and_a_site_without_guidelines(seen: dict) -> None:
    assert seen["deleted"] == [True, False, None]
    assert seen["away"] == [False, "capability", False, True]


def test_of_several_writers_none_loses_anything(seam: Seam) -> None:
    seam.turn("disk")
    site = seam.site
    start = [*site.php(), str(wordpress.wp_cli()), f"--path={site.path}", "--allow-root", "eval"]
    crowd = [
        subprocess.Popen(
            [*start, WRITER.replace("WORKER", str(worker))],
            env=site.environment(),
            stderr=subprocess.PIPE,
            text=True,
        )
        for worker in range(4)
    ]
    for process in crowd:
        _, errors = process.communicate(timeout=120)
        assert process.returncode == 0, errors
    text = site.wp("eval", f"echo {READ};").stdout
    assert sorted(text.split()) == sorted(f"{worker}.{number}" for worker in range(4) for number in range(10))


READ = (
    "( new DataMachine\\Core\\FilesRepository\\GuidelineAgentMemoryStore() )->read( "
    "new AgentsAPI\\Core\\FilesRepository\\AgentMemoryScope( 'agent', 1, 0, 'CROWD.md' ) )->content"
)

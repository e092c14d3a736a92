"""The product's own handlers in a real WordPress: what they offer, what they bring, what they make."""

from __future__ import annotations

import base64
import http.server
import json
import struct
import threading
import uuid
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from dev.instance import Instance
from sidecar import runtime as runtimes
from sidecar import settings as configuration
from sidecar.abilities import Registry
from sidecar.automation.engine.context import ExecutionContext
from sidecar.automation.errors import HandlerNotFound
from sidecar.automation.handlers.base import collect
from sidecar.automation.handlers.fields import InvalidSetting
from sidecar.automation.handlers.service import HandlersService
from sidecar.automation.handlers.settings import HandlerSettings, UnknownFields
from sidecar.automation.handlers.wordpress_media import WordPressMedia
from sidecar.automation.handlers.wordpress_posts import WordPressPosts
from sidecar.automation.handlers.wordpress_publish import definition as publish_tool
from sidecar.automation.handlers.wordpress_update import definition as update_tool
from sidecar.automation.parts import Parts
from sidecar.automation.queues import duplicates
from sidecar.clock import SYSTEM
from sidecar.conversation import ToolExecutor
from sidecar.errors import Forbidden
from sidecar.identity import Principal
from sidecar.runtime import Runtime

CLI = Principal.command_line()
WORD = f"hndl{uuid.uuid4().hex[:6]}"


@pytest.fixture(scope="module")
def built(site: Instance) -> Iterator[Runtime]:
    made = runtimes.build(configuration.load(str(site.config)).site(None), "cli")
    yield made
    made.close()


@pytest.fixture(scope="module")
def stock(site: Instance) -> Iterator[dict[str, Any]]:
    """Thirty posts of one and the same second, two categories, an author; gone afterwards."""
    text = site.wp(
        "eval",
        f"""
        $cat = wp_insert_term( '{WORD} News', 'category' )['term_id'];
        $old = wp_insert_term( '{WORD} Old', 'category' )['term_id'];
        $author = wp_insert_user( array( 'user_login' => '{WORD}', 'user_pass' => wp_generate_password(),
            'user_email' => '{WORD}@example.org', 'display_name' => 'Hand Ler', 'role' => 'author' ) );
        $ids = array();
        foreach ( range( 1, 30 ) as $n ) {{
            $ids[] = wp_insert_post( array( 'post_title' => "{WORD} $n", 'post_content' => "Body $n",
                'post_status' => 'publish', 'post_category' => array( $cat ),
                'post_date_gmt' => '2026-01-02 03:04:05', 'post_date' => '2026-01-02 03:04:05' ) );
        }}
        global $wpdb;
        $wpdb->query( "UPDATE $wpdb->posts SET post_modified = post_date, post_modified_gmt = post_date_gmt"
            . " WHERE ID IN (" . implode( ',', $ids ) . ")" );
        echo wp_json_encode( compact( 'cat', 'old', 'author', 'ids' ) );
        """,
    ).stdout
    found = json.loads(text)
    yield found
    site.wp(
        "eval",
        f"""
        $all = get_posts( array( 'post_type' => array( 'post', 'attachment' ), 'post_status' => 'any',
            's' => '{WORD}', 'numberposts' => -1, 'fields' => 'ids' ) );
        array_map( static fn ( $id ) => wp_delete_post( $id, true ), $all );
        foreach ( get_terms( array( 'taxonomy' => array( 'category', 'post_tag' ), 'hide_empty' => false,
            'search' => '{WORD}' ) ) as $term ) {{ wp_delete_term( $term->term_id, $term->taxonomy ); }}
        require_once ABSPATH . 'wp-admin/includes/user.php';
        wp_delete_user( {found["author"]} );
        """,
    )


def context(built: Runtime, handler: str, step: str, job_id: int = 1) -> ExecutionContext:
    items = built.get(Parts).items
    return ExecutionContext(items, 1, 1, step, job_id, handler)


def test_posts_are_found_behind_the_first_ten(built: Runtime, stock: Mapping[str, Any]) -> None:
    """Data Machine stops after the ten that were changed last."""
    step, handler = f"{WORD}_1", WordPressPosts(SYSTEM)
    config = {"search": WORD, "max_items": 12, "taxonomy_category_filter": str(stock["cat"])}
    seen: list[str] = []
    with built.hosts.unit(context="cron"):
        for job, expected in ((1, 12), (2, 12), (3, 6), (4, 0)):
            where = context(built, "wordpress_local", step, job)
            packets = collect(handler, config, where, SYSTEM)
            assert len(packets) == expected
            seen += [packet["metadata"]["item_identifier"] for packet in packets]
    assert sorted(map(int, seen)) == sorted(stock["ids"])
    with built.db.transaction() as session:
        session.execute(
            "DELETE FROM wp_datamachine_processed_items WHERE flow_step_id = :step", {"step": step}
        )


def test_posts_at_random_come_once_each(built: Runtime, stock: Mapping[str, Any]) -> None:
    handler = WordPressPosts(SYSTEM)
    config = {"search": WORD, "max_items": 0, "randomize_selection": True, "exclude_keywords": f"{WORD} 30,"}
    with built.hosts.unit(context="cron"):
        where = ExecutionContext(built.get(Parts).items, "direct", "direct", "", 7, "wordpress_local")
        packets = collect(handler, config, where, SYSTEM)
    found = [int(packet["metadata"]["item_identifier"]) for packet in packets]
    assert sorted(found) == sorted(stock["ids"][:29])
    assert found != sorted(found)


def test_settings_offer_what_the_site_has(built: Runtime, stock: Mapping[str, Any]) -> None:
    service, settings = built.get(HandlersService), built.get(HandlerSettings)
    posts = service.fields(CLI, "wordpress_posts")
    assert list(posts)[:7] == [
        "timeframe_limit",
        "search",
        "exclude_keywords",
        "max_items",
        "source_url",
        "post_type",
        "post_status",
    ]
    assert posts["taxonomy_category_filter"].options[str(stock["cat"])] == f"{WORD} News"
    assert posts["post_type"].options["page"] == "Page"
    publish = service.fields(CLI, "wordpress_publish")
    assert publish["post_author"].options[str(stock["author"])] == "Hand Ler"
    assert publish["taxonomy_post_tag_selection"].options == {
        "skip": "Skip",
        "ai_decides": "AI Decides",
        **{k: v for k, v in publish["taxonomy_post_tag_selection"].options.items() if k.isdigit()},
    }
    stored = settings.sanitize(
        "wordpress_publish",
        {"post_status": "publish", "dedup_enabled": False, "taxonomy_category_selection": str(stock["cat"])},
    )
    assert (stored["post_status"], stored["dedup_enabled"], stored["post_type"]) == ("publish", False, "post")
    # What a change does not name stays; Data Machine puts the default in its place.
    changed = settings.sanitize("wordpress_publish", {"include_images": True}, stored)
    assert changed == {**stored, "include_images": True}
    assert settings.summary("wordpress_publish", {"taxonomy_category_selection": str(stock["cat"])}) == (
        f"Categories: {WORD} News"
    )
    with pytest.raises(UnknownFields) as refused:
        settings.sanitize("wordpress_publish", {"bogus": 1})
    assert refused.value.data["unknown_fields"] == ["bogus"]
    assert "post_type" in refused.value.data["field_specs"]
    with pytest.raises(InvalidSetting, match="feed_url is required"):
        settings.sanitize("rss", {"search": "x"})
    with pytest.raises(HandlerNotFound):
        service.fields(CLI, "nope")


def run_tool(built: Runtime, definition: dict[str, Any], job_id: int, **given: Any) -> dict[str, Any]:
    name = str(definition["handler"])
    executor = built.get(ToolExecutor)
    return executor.execute(name, given, {name: definition}, {"job_id": job_id}, mode="pipeline")


@pytest.fixture
def job(built: Runtime) -> Iterator[int]:
    with built.db.transaction() as session:
        job_id = session.insert(
            built.db.tables().jobs,
            {"pipeline_id": "direct", "flow_id": "direct", "source": WORD, "status": "processing"},
        )
    yield job_id
    with built.db.transaction() as session:
        session.execute("DELETE FROM wp_datamachine_jobs WHERE job_id = :job", {"job": job_id})


def test_markdown_with_terms_and_a_picture_is_published_once(
    site: Instance, built: Runtime, stock: Mapping[str, Any], job: int
) -> None:
    store = built.get(Parts).store
    folder = site.path / "wp-content" / "uploads" / WORD
    folder.mkdir(parents=True)
    (folder / "picture.png").write_bytes(PNG)
    with built.hosts.unit(context="cron"):
        store.merge(
            job,
            {"source_url": "http://example.org/a?b=1&c", "image_file_path": str(folder / "picture.png")},
        )
        definition = publish_tool(
            {
                "post_status": "publish",
                "post_author": stock["author"],
                "include_images": True,
                "dedup_enabled": True,
                "link_handling": "append",
                "taxonomy_category_selection": str(stock["cat"]),
                "taxonomy_post_tag_selection": "ai_decides",
            }
        )
        assert definition["parameters"]["tags"]["type"] == "array"
        done = run_tool(
            built,
            definition,
            job,
            title=f"{WORD} made",
            content="# Big\n\nOne *two*\n\n- a\n- b",
            content_format="markdown",
            tags=[f"{WORD} fresh", f"{WORD} fresh", "  "],
        )
        again = run_tool(built, definition, job, title=f"{WORD} made", content="Other")
    data = done["data"]
    assert done["success"], done
    assert again["data"] == {
        "post_id": data["post_id"],
        "post_title": f"{WORD} made",
        "post_url": data["post_url"],
        "action": "duplicate_skipped",
    }
    assert data["taxonomy_results"]["post_tag"]["terms"] == [f"{WORD} fresh"]
    assert data["featured_image_result"]["success"], data["featured_image_result"]
    post = json.loads(
        site.wp(
            "eval",
            f"$p = get_post( {data['post_id']} ); echo wp_json_encode( array( $p->post_content,"
            f" $p->post_author, wp_get_post_categories( $p->ID ),"
            " get_post_mime_type( get_post_thumbnail_id( $p ) ) ) );",
        ).stdout
    )
    assert post[0].startswith('<!-- wp:heading {"level":1} -->\n<h1 class="wp-block-heading">Big</h1>')
    assert "<li>b</li>" in post[0]
    assert post[0].endswith(
        '<p><strong>Source:</strong> <a href="http://example.org/a?b=1&amp;c">'
        "http://example.org/a?b=1&amp;c</a></p>\n<!-- /wp:paragraph -->"
    )
    assert (int(post[1]), post[2], post[3]) == (stock["author"], [stock["cat"]], "image/png")
    assert store.load(job).get("post_id") == data["post_id"]


def test_what_is_like_something_that_is_there_is_not_published(
    built: Runtime, job: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[dict[str, Any]] = []

    def strategy(given: dict[str, Any]) -> dict[str, Any] | None:
        asked.append(given)
        found = {"title": "The tree", "post_id": 0, "url": "http://example.org/tree"}
        return {"verdict": "duplicate", "match": found} if "orchard" in given["title"] else None

    monkeypatch.setattr(duplicates, "_strategies", lambda _type: [("citrus", strategy)])
    definition = publish_tool({"post_status": "draft", "dedup_enabled": True, "dedup_lookback_days": 30})
    text = "<!-- wp:paragraph --><p>Once.</p><!-- /wp:paragraph -->"
    with built.hosts.unit(context="cron"):

        def publish(title: str, **settings: Any) -> dict[str, Any]:
            changed = {**definition, "handler_config": {**definition["handler_config"], **settings}}
            data = run_tool(built, changed, job, title=title, content=text, content_format="blocks")["data"]
            return dict(data)

        first = publish(f"{WORD}: harbour lights in winter 1999")
        # A draft does not show its title to whoever knows one like it.
        again = publish(f"{WORD}: Harbour Lights, in winters 1999!")
        assert again["post_title"] == f"{WORD}: Harbour Lights, in winters 1999!"
        assert (again["post_id"], again["action"]) == (first["post_id"], "duplicate_skipped")
        assert "action" not in publish(f"{WORD}: harbour lights in winter 2000")
        assert "action" not in publish(f"{WORD}: harbour lights in winter 1999", dedup_enabled=False)
        assert publish(f"{WORD}: an orchard") == {
            "post_id": 0,
            "post_title": "The tree",
            "post_url": "http://example.org/tree",
            "action": "duplicate_skipped",
        }
    assert [each["lookback_days"] for each in asked] == [30] * 4


def test_no_file_outside_the_uploads_is_published(
    site: Instance, built: Runtime, stock: Mapping[str, Any], job: int, tmp_path: Path
) -> None:
    secret = tmp_path / "picture.png"
    secret.write_bytes(PNG)
    link = site.path / "wp-content" / "uploads" / f"{WORD}.png"
    link.symlink_to(secret)
    for path in (str(secret), str(link), str(link.parent / ".." / ".." / "wp-config.php")):
        with built.hosts.unit(context="cron"):
            built.get(Parts).store.merge(job, {"image_file_path": path})
            done = run_tool(
                built,
                publish_tool({"include_images": True, "dedup_enabled": False}),
                job,
                title=f"{WORD} secret",
                content="x",
            )
        assert done["success"], done
        assert done["data"]["featured_image_result"]["success"] is False, path
    link.unlink()


def test_an_item_of_this_site_is_updated_and_can_be_undone(
    site: Instance, built: Runtime, stock: Mapping[str, Any], job: int
) -> None:
    post_id = stock["ids"][0]
    with built.hosts.unit(context="cron"):
        store = built.get(Parts).store
        store.merge(job, {"item_identifier": str(post_id), "source_type": "wordpress_local"})
        definition = update_tool({"allow_title_updates": False, "taxonomy_category_selection": stock["old"]})
        assert "title" not in definition["parameters"]
        done = run_tool(built, definition, job, title="ignored", content="<p>New</p><script>x</script>")
        effects = store.load(job).get("effects")
    assert done["success"], done
    assert done["data"]["modifications"] == ["content"]
    shown = site.wp("post", "get", str(post_id), "--field=post_content").stdout
    assert shown.strip() == "<!-- wp:paragraph -->\n<p>New</p>\n<!-- /wp:paragraph -->"
    assert site.wp("post", "get", str(post_id), "--field=post_title").stdout.strip() == f"{WORD} 1"
    assert [effect["type"] for effect in effects] == ["post_content_modified"]
    old = site.wp("post", "get", str(effects[0]["revision_id"]), "--field=post_content").stdout
    assert old.strip() == "Body 1"


def test_posts_are_the_callers_by_ability(built: Runtime, stock: Mapping[str, Any]) -> None:
    """An author may publish; others' posts stay theirs."""
    run = built.get(Registry).execute
    site_manager = Principal.user(1)
    made = run(
        site_manager,
        "datamachine/publish-wordpress",
        {
            "title": f"{WORD} ability",
            "content": "<h3>Hi</h3>",
            "post_type": "post",
            "taxonomies": {"category": f"{WORD} Old"},
        },
    )
    assert made["success"], made
    assert made["taxonomy_results"]["category"]["term_count"] == 1
    changed = run(
        site_manager,
        "datamachine/update-wordpress",
        {"post_id": made["post_id"], "title": f"{WORD} renamed"},
    )
    assert (changed["success"], changed["modifications"]) == (True, ["title"])
    missing = run(site_manager, "datamachine/update-wordpress", {"post_id": 99_999_999, "title": "x"})
    assert missing == {"success": False, "error": "Post 99999999 not found."}
    with pytest.raises(Forbidden):
        run(Principal.user(stock["author"]), "datamachine/publish-wordpress", {"title": "x", "content": "x"})


class _Other(http.server.BaseHTTPRequestHandler):
    """Another site: its API and its pictures."""

    def do_GET(self) -> None:
        if self.path.endswith(".png"):
            kind, body = "image/png", PNG
        elif self.path.startswith("/feed"):
            kind = "application/rss+xml"
            body = b"<rss><channel><item><title>F</title><guid>f-1</guid></item></channel></rss>"
        else:
            kind = "application/json"
            place = f"http://127.0.0.1:{self.server.server_address[1]}"  # type: ignore[attr-defined]
            body = json.dumps(
                [
                    {
                        "id": 3,
                        "title": {"rendered": "<b>Third</b>"},
                        "content": {"rendered": "<p>Text</p>"},
                        "link": f"{place}/third",
                        "date_gmt": "2026-04-20T08:00:00",
                        "featured_image_url": f"{place}/third.png",
                    },
                    {"id": 2, "title": {"rendered": "Second"}, "content": {"rendered": "x"}},
                ]
            ).encode()
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: object) -> None:
        return


@pytest.fixture(scope="module")
def other() -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Other)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def test_a_handler_is_tried_without_a_trace(
    site: Instance, built: Runtime, stock: Mapping[str, Any], other: str
) -> None:
    """Neither claims nor marks; private addresses only for those who run the site."""
    count = "SELECT COUNT(*) FROM wp_datamachine_processed_items"
    service = built.get(HandlersService)
    with built.db.session() as session:
        before = session.scalar(count)
    report = service.test(CLI, "wordpress_api", {"endpoint_url": f"{other}/wp-json/wp/v2/posts"}, limit=5)
    assert [packet["data"]["title"] for packet in report.packets] == ["Second", "Third"]
    third = report.packets[1]
    assert third["metadata"]["source_url"] == f"{other}/third"
    assert third["metadata"]["original_date_gmt"] == "2026-04-20T08:00:00Z"
    # The picture's address is private: nobody has it fetched.
    assert "file_info" not in third["data"]
    assert (report.handler_label, report.packet_count) == ("WordPress REST API", 2)
    assert service.test(CLI, "rss", {"feed_url": f"{other}/feed"}).packet_count == 1
    # A person with rights on flows, who is no administrator.
    site.wp("user", "add-cap", WORD, "datamachine_manage_flows")
    guest = Principal.user(stock["author"])
    assert service.test(guest, "rss", {"feed_url": f"{other}/feed"}).packet_count == 0
    own = service.test(guest, "wordpress_posts", {"search": WORD, "post_status": "publish"}, limit=3)
    assert own.packet_count == 3
    with built.db.session() as session:
        assert session.scalar(count) == before


def test_the_media_library(site: Instance, built: Runtime, stock: Mapping[str, Any]) -> None:
    media = site.wp(
        "eval",
        f"""
        $upload = wp_upload_bits( '{WORD}.png', null, base64_decode( '{PNG_TEXT}' ) );
        $id = wp_insert_attachment( array( 'post_title' => '{WORD} picture', 'post_mime_type' => 'image/png',
            'post_excerpt' => 'Caption' ), $upload['file'], {stock["ids"][1]} );
        update_post_meta( $id, '_wp_attachment_image_alt', 'Alt' );
        echo $id;
        """,
    ).stdout
    with built.hosts.unit(context="cron"):
        where = ExecutionContext(built.get(Parts).items, "direct", "direct", "", 1, "wordpress_media")
        config = {"search": WORD, "include_parent_content": True}
        (packet,) = collect(WordPressMedia(SYSTEM), config, where, SYSTEM)
    about = packet["metadata"]
    assert (about["item_identifier"], about["parent_post_id"]) == (media.strip(), stock["ids"][1])
    assert packet["data"]["body"] == f"Caption\n\nAlt text: Alt\n\n{WORD} 2\n\nBody 2"
    assert packet["data"]["file_info"]["file_size"] == len(PNG)
    assert about["_engine_data"]["image_file_path"].endswith(f"{WORD}.png")


def test_php_reads_our_settings_as_its_own(site: Instance) -> None:
    """The objects of the filter that third parties ask, backed by the sidecar."""
    text = site.wp(
        "eval",
        """
        $all  = apply_filters( 'datamachine_handler_settings', array(), 'rss' );
        $mine = ( new DataMachine\\Abilities\\HandlerAbilities() )->getConfigFields( 'wordpress_publish' );
        $step = apply_filters( 'datamachine_step_settings', array() );
        echo wp_json_encode( array( array_keys( $all['rss']->get_fields() ), $mine['post_status']['default'],
            $all['rss']->sanitize( array( 'feed_url' => 'http://x/', 'max_items' => '-5', 'search' => ' a ',
                'timeframe_limit' => 'bogus' ) ), $step['ai']['config_type'] ) );
        """,
    ).stdout
    fields, status, clean, kind = json.loads(text)
    assert fields == ["feed_url", "timeframe_limit", "search", "exclude_keywords", "max_items"]
    assert (status, kind) == ("draft", "ai_configuration")
    assert (clean["max_items"], clean["search"], clean["feed_url"]) == (5, "a", "http://x/")


def test_commands(site: Instance, built: Runtime, stock: Mapping[str, Any]) -> None:
    """Natively and in WP-CLI."""
    for run in (site.datamachine, lambda *words, **more: site.wp("datamachine", *words, **more)):
        listed = json.loads(run("handlers", "list", "--step-type=fetch", "--format=json").stdout)
        assert {"slug": "rss", "label": "RSS Feed", "step_type": "fetch"} in listed
        missing = run("handlers", "validate", "nope", check=False)
        assert (missing.returncode, missing.stderr.startswith("Error: Handler 'nope' not found.")) == (
            1,
            True,
        )
        types = json.loads(run("step-types", "list", "--format=json").stdout)
        assert types[0] == {"slug": "fetch", "label": "Fetch", "uses_handler": "yes", "multi_handler": "no"}
        config = json.dumps({"search": WORD})
        tried = run("fetch", "test", "wordpress_posts", f"--config={config}", "--limit=2", "--format=json")
        assert json.loads(tried.stdout)["packet_count"] == 2


def _png() -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 2, 2, 8, 2, 0, 0, 0)
    rows = zlib.compress(b"".join(b"\0" + b"\xff\0\0" * 2 for _ in range(2)))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


PNG = _png()
PNG_TEXT = base64.b64encode(PNG).decode()

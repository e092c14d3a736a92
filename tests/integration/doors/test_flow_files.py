"""Files of flows: through both doors, the abilities and the PHP classes, and what is refused."""

from __future__ import annotations

import base64
import json
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from dev.instance import Instance
from sidecar.automation import FlowsService, PipelinesService
from sidecar.automation.files.job_files import JobFiles
from sidecar.automation.values import NewPipelineStep
from sidecar.identity import Principal
from tests.integration.doors.agents import Doors, Reply

OPERATOR = Principal.command_line()
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNkYAAAAAYAAjCB0C8AAAAASUVORK5CYII="
)
PACKET = {"type": "fetch", "timestamp": 1, "data": {"title": "é"}, "metadata": {}}
BOUNDARY = "xX-boundary-Xx"


@dataclass
class Flow:
    """A flow of an agent of ``owner``, and where its files are."""

    pipeline_id: int
    flow_id: int
    step: str
    folder: Path


@pytest.fixture(scope="module")
def flow(doors: Doors) -> Flow:
    return _flow(doors, "Files")


@pytest.fixture(scope="module")
def other(doors: Doors) -> Flow:
    """Another one of the same agent."""
    return _flow(doors, "Other files")


@pytest.fixture(autouse=True)
def emptied(flow: Flow, other: Flow) -> Iterator[None]:
    yield
    for each in (flow, other):
        for path in each.folder.glob("*"):
            path.unlink()


def _flow(doors: Doors, name: str) -> Flow:
    agent_id = doors.agent("filekeeper", "owner")
    pipelines, flows = doors.runtime.get(PipelinesService), doors.runtime.get(FlowsService)
    pipeline = pipelines.create(OPERATOR, name, [NewPipelineStep("ai")], agent_id=agent_id)
    made = flows.create(OPERATOR, pipeline.pipeline_id, name, agent_id=agent_id)
    base = doors.site.path / "wp-content/uploads/datamachine-files"
    folder = base / f"pipeline-{pipeline.pipeline_id}/flow-{made.flow_id}/flow-{made.flow_id}-files"
    return Flow(pipeline.pipeline_id, made.flow_id, next(iter(made.flow_config)), folder)


def _form(filename: str | None, content: bytes, **fields: str) -> dict[str, Any]:
    """What :meth:`Doors.ask` sends as a form with a file."""
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    if filename is not None:
        head = f'Content-Disposition: form-data; name="file"; filename="{filename}"\r\n'
        parts.append(f"--{BOUNDARY}\r\n{head}Content-Type: text/plain\r\n\r\n".encode() + content + b"\r\n")
    raw = b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()
    return {"raw": raw, "kind": f"multipart/form-data; boundary={BOUNDARY}"}


def _both(doors: Doors, method: str, path: str, who: str | None, **sent: Any) -> tuple[Reply, Reply]:
    return (
        doors.ask("wordpress", method, path, who, **sent),
        doors.ask("sidecar", method, path, who, **sent),
    )


def test_what_is_uploaded_is_listed_and_deleted(doors: Doors, flow: Flow) -> None:
    listed = f"/files?flow_step_id={flow.step}"
    assert doors.same("GET", listed, "owner").json == {"success": True, "data": []}
    # The last is more than one frame holds.
    for name, content in (
        ("pixel.png", PNG),
        ("table.csv", b"a,b\n1,2\n"),
        ("note.txt", "é\n".encode()),
        ("large.txt", "é and a line\n".encode() * 100_000),
    ):
        for reply in _both(doors, "POST", "/files", "owner", **_form(name, content, flow_step_id=flow.step)):
            assert reply.status == 200, reply.body
            entry = next(each for each in reply.json["data"]["files"] if each["filename"] == name)
            assert (sorted(entry), entry["size"]) == (["filename", "modified", "size"], len(content))
        assert (flow.folder / name).read_bytes() == content
        assert (flow.folder / name).stat().st_mode & 0o777 == 0o644
    found = doors.same("GET", listed, "owner")
    assert [each["filename"] for each in found.json["data"]] == [
        "large.txt",
        "note.txt",
        "pixel.png",
        "table.csv",
    ]
    assert str(doors.site.path) not in found.body.decode()
    # Publishing needs the address; the folder itself is not listed.
    address = str(flow.folder.relative_to(doors.site.path))
    assert doors.site.get(f"/{address}/pixel.png").body == PNG
    assert (flow.folder / "index.php").is_file()

    gone = doors.ask("wordpress", "DELETE", f"/files/pixel.png?flow_step_id={flow.step}", "owner")
    assert gone.json == {"success": True, "data": {"message": "File pixel.png deleted"}}
    assert not (flow.folder / "pixel.png").exists()
    again = doors.same("DELETE", f"/files/pixel.png?flow_step_id={flow.step}", "owner")
    assert again.refusal[:2] == (404, "delete_file_error")
    assert again.json["data"]["ability_error_code"] == "flow_file_not_found"


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("shell.php", b"<?php echo 1;", "File type not allowed."),
        ("shell.php.png", PNG, "Invalid file name detected."),
        (".htaccess", b"Require all granted", "File type not allowed."),
        ("a b.png", PNG, "Invalid file name detected."),
        ("image.png", b"<?php echo 1;", "File content does not match file type."),
        ("words.txt", b"<?php echo 1;", "File content does not match file type."),
        ("noextension", b"text", "File type not allowed."),
    ],
)
def test_what_wordpress_would_not_take_is_refused(
    doors: Doors, flow: Flow, name: str, content: bytes, why: str
) -> None:
    for reply in _both(doors, "POST", "/files", "owner", **_form(name, content, flow_step_id=flow.step)):
        assert reply.refusal == (400, "upload_file_error", why)
    assert [path.name for path in flow.folder.glob("*") if path.name != "index.php"] == []


def test_names_of_paths_lead_nowhere(doors: Doors, flow: Flow) -> None:
    victim = flow.folder.parent.parent / "victim.png"
    victim.write_bytes(PNG)
    try:
        for name in ("..%2F..%2Fvictim.png", "%2e%2e%2fvictim.png", "..%5Cvictim.png", "%00"):
            for reply in _both(doors, "DELETE", f"/files/{name}?flow_step_id={flow.step}", "admin"):
                assert reply.status in (400, 404), (name, reply.body)
        # A path in the form's file name is its last segment at most.
        for reply in _both(
            doors, "POST", "/files", "owner", **_form("../../victim.png", b"no", flow_step_id=flow.step)
        ):
            assert reply.status == 400
        assert victim.read_bytes() == PNG
    finally:
        victim.unlink()


def test_steps_that_are_not_there(doors: Doors, flow: Flow) -> None:
    uuid = flow.step.rpartition("_")[0]
    for step, status in (
        ("", 400),
        ("nonsense", 400),
        ("x_99999999", 404),
        (f"{uuid}x_{flow.flow_id}", 404),
        ("9" * 300, 400),
        ("a_" + "9" * 20, 404),
        ("a_" + "9" * 30, 400),
    ):
        assert doors.same("GET", f"/files?flow_step_id={step}", "admin").refusal[:2] == (
            status, "list_files_error"
        )  # fmt: skip
        form = _form("n.txt", b"n", flow_step_id=step)
        for reply in _both(doors, "POST", "/files", "admin", **form):
            assert reply.refusal[:2] == (status, "upload_file_error")
    for reply in _both(doors, "POST", "/files", "admin", **_form(None, b"", flow_step_id=flow.step)):
        assert reply.refusal[:2] == (400, "missing_file")


def test_whose_files_they_are(doors: Doors, flow: Flow) -> None:
    (flow.folder).mkdir(parents=True, exist_ok=True)
    (flow.folder / "kept.txt").write_text("kept")
    listed, one = f"/files?flow_step_id={flow.step}", f"/files/kept.txt?flow_step_id={flow.step}"
    form = _form("his.txt", b"his", flow_step_id=flow.step)
    for who, status in ((None, 401), ("reader", 403), ("runner", 403)):
        for reply in (
            *_both(doors, "GET", listed, who),
            *_both(doors, "DELETE", one, who),
            *_both(doors, "POST", "/files", who, **form),
        ):
            assert reply.refusal[:2] == (status, "rest_forbidden")
            assert b"kept" not in reply.body
    assert (flow.folder / "kept.txt").read_text() == "kept"
    assert not (flow.folder / "his.txt").exists()


def test_an_upload_above_the_limit_is_too_large(doors: Doors, site: Instance, flow: Flow) -> None:
    plugin = site.path / "wp-content/mu-plugins/g-limit.php"
    plugin.write_text(
        "<?php if ( isset( $_SERVER['HTTP_X_LIMIT'] ) || 'cli' === PHP_SAPI )"
        " add_filter( 'upload_size_limit', fn() => 1000 );"
    )
    try:
        form = _form("big.txt", b"x" * 2000, flow_step_id=flow.step)
        body, kind = form["raw"], form["kind"]
        person = doors.people["owner"]
        pair = base64.b64encode(f"{person.login}:{person.password}".encode()).decode()
        reply = site.request(
            "POST",
            "/wp-json/datamachine/v1/files",
            body=body,
            headers={"Content-Type": kind, "Authorization": f"Basic {pair}", "X-Limit": "1"},
        )
        error = reply.json()
        assert (reply.status, error["code"], error["data"]["limit"]) == (413, "upload_file_error", 1000)
        assert not (flow.folder / "big.txt").exists()
    finally:
        plugin.unlink()


def test_abilities(doors: Doors, site: Instance, flow: Flow, other: Flow) -> None:
    flow.folder.mkdir(parents=True, exist_ok=True)
    other.folder.mkdir(parents=True, exist_ok=True)
    (flow.folder / "one.txt").write_text("1")
    (other.folder / "two.txt").write_text("2")
    past = time.time() - 60
    for path in (flow.folder / "one.txt", other.folder / "two.txt"):
        os.utime(path, (past, past))
    step = {"flow_step_id": flow.step}
    listed = _ability(site, "list-flow-files", step)
    assert [each["filename"] for each in listed["files"]] == ["one.txt"]
    assert "path" not in listed["files"][0]
    assert _ability(site, "get-flow-file", {**step, "filename": "one.txt"})["file"]["size"] == 1
    missing = _ability(site, "get-flow-file", {**step, "filename": "two.txt"})
    assert missing == {"success": False, "error": "File two.txt not found."}
    # No file of the server is copied for a caller who names it.
    secret = {"name": "c.txt", "tmp_name": str(site.path / "wp-config.php"), "error": 0, "size": 9}
    refused = _ability(site, "upload-flow-file", {**step, "file_data": secret})
    assert refused["success"] is False
    assert not (flow.folder / "c.txt").exists()
    assert _ability(site, "cleanup-flow-files", {})["success"] is False

    # Only this flow's files go, and no job's that is still at work.
    files, db = doors.runtime.get(JobFiles), doors.runtime.db
    jobs = []
    for completed in (None, "2026-11-23 01:02:03"):
        row = {
            "pipeline_id": str(flow.pipeline_id),
            "flow_id": str(flow.flow_id),
            "source": "pipeline",
            "status": "processing" if completed is None else "completed",
            "completed_at": completed,
        }
        with db.transaction() as session:
            job_id = session.insert(db.tables().jobs, row)
        files.add(flow.pipeline_id, flow.flow_id, job_id, [PACKET])
        folder = flow.folder.parent / f"jobs/job-{job_id}"
        os.utime(folder / "data.json", (past, past))
        jobs.append((job_id, folder))
    cleaned = _ability(site, "cleanup-flow-files", {"flow_id": flow.flow_id})
    assert cleaned == {
        "success": True, "deleted_count": 2, "message": "Cleanup completed. 2 items removed."
    }  # fmt: skip
    assert [folder.exists() for _, folder in jobs] == [True, False]
    assert not (flow.folder / "one.txt").exists()
    assert (other.folder / "two.txt").exists()
    one = _ability(site, "cleanup-flow-files", {"flow_id": flow.flow_id, "job_id": jobs[0][0]})
    assert one["deleted_count"] == 1
    stranger = _ability(site, "cleanup-flow-files", {"flow_id": other.flow_id, "job_id": jobs[0][0]})
    assert stranger["success"] is False
    deleted = _ability(site, "delete-flow-file", {"flow_step_id": other.step, "filename": "two.txt"})
    assert deleted == {"success": True, "message": "File two.txt deleted"}


def test_the_upload_of_a_plugin_s_own_form(doors: Doors, site: Instance, flow: Flow) -> None:
    """A plugin hands its entry of $_FILES to the ability, in the request that brought the file."""
    plugin = site.path / "wp-content/mu-plugins/g-upload.php"
    plugin.write_text(
        "<?php add_action( 'rest_api_init', fn() => register_rest_route( 'g/v1', '/up', array("
        " 'methods' => 'POST', 'permission_callback' => 'is_user_logged_in', 'callback' => fn( $request ) =>"
        " wp_get_ability( 'datamachine/upload-flow-file' )->execute( array("
        " 'file_data' => $_FILES['file'], 'flow_step_id' => $request['flow_step_id'] ) ) ) ) );"
    )
    try:
        content = "é\n".encode() * 200_000
        sent = _form("large.txt", content, flow_step_id=flow.step)
        person = doors.people["owner"]
        pair = base64.b64encode(f"{person.login}:{person.password}".encode()).decode()
        headers = {"Content-Type": sent["kind"], "Authorization": f"Basic {pair}"}
        reply = site.request("POST", "/wp-json/g/v1/up", body=sent["raw"], headers=headers)
        assert (reply.status, reply.json()["success"]) == (200, True), reply.body
        assert (flow.folder / "large.txt").read_bytes() == content
    finally:
        plugin.unlink()


def test_php_classes(site: Instance, flow: Flow, tmp_path: Path) -> None:
    """What extensions call in process."""
    source = tmp_path / "source.txt"
    source.write_text("from php")
    context = {"pipeline_id": flow.pipeline_id, "flow_id": flow.flow_id}
    program = Path(__file__).with_name("flow_files.php")
    said = json.loads(site.wp("eval-file", str(program), json.dumps(context), str(source)).stdout)
    mode = source.stat().st_mode & 0o777
    assert said["path"] == str(flow.folder / "From-PHP.txt")
    assert said["php"] is False
    assert [(each["filename"], each["size"]) for each in said["files"]] == [("From-PHP.txt", 8)]
    assert said["url"] == f"{site.url}/{(flow.folder / 'From-PHP.txt').relative_to(site.path)}"
    assert (said["outside"], said["foreign"], said["none"], said["gone"]) == ("", None, [], [])
    reference = said["reference"]
    assert (reference["is_data_reference"], reference["job_id"]) == (True, 77123)
    assert reference["file_path"] == str(flow.folder.parent / "jobs/job-77123/data.json")
    assert [each["type"] for each in said["packets"]] == ["b", "a"]
    assert (said["same"], said["cleaned"], said["deleted"]) == (True, [1, 0], [True, False, False])
    assert (said["old"], said["mode"], said["fs"], said["loop"], mode) == (True, True, True, None, 0o664)
    assert (flow.folder.parent / "jobs/.htaccess").is_file()


def _ability(site: Instance, name: str, given: dict[str, Any]) -> Any:
    code = (
        "wp_set_current_user( 1 ); $input = json_decode( '" + json.dumps(given) + "', true );"
        f"$result = wp_get_ability( 'datamachine/{name}' )->execute( $input );"
        "echo wp_json_encode( is_wp_error( $result ) ? $result->get_error_code() : $result );"
    )
    return json.loads(site.wp("eval", code).stdout)

"""Attempts to leave programs on the server, or to fetch its files, by uploading for a flow or an agent."""

from __future__ import annotations

import pytest

from dev.instance import Response
from tests.integration.security import names
from tests.integration.security.lab import Lab, ability
from tests.matrix import doors
from tests.matrix.files import GUARDS

pytestmark = pytest.mark.usefixtures("unharmed", "no_failures")

BOUNDARY = "x-x-x-x"
#: Name, content and type of a form's file.
Forged = tuple[str, bytes, str]
HARMLESS: Forged = ("new.txt", b"x", "text/plain")


def upload(lab: Lab, who: str, step: str, file: Forged) -> Response:
    """A form with a file, as a browser sends it."""
    name, content, kind = file
    head = f'Content-Disposition: form-data; name="file"; filename="{name}"\r\nContent-Type: {kind}\r\n\r\n'
    body = f"--{BOUNDARY}\r\n{head}".encode() + content + f"\r\n--{BOUNDARY}--\r\n".encode()
    headers = dict(lab.columns.headers(who)) | {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
    path = f"/?rest_route=/datamachine/v1/files&flow_step_id={step}"
    return lab.instance.request("POST", path, headers=headers, body=body)


PHP = b"<?php echo 'run'; unlink( __FILE__ );"
FORGED: tuple[Forged, ...] = (
    ("x.php", PHP, "text/plain"),
    ("x.PHP", PHP, "text/plain"),
    ("x.php.txt", PHP, "text/plain"),
    ("x.phtml", PHP, "text/plain"),
    ("x.jpg", PHP, "image/jpeg"),
    ("x.php.jpg", b"\xff\xd8\xff\xe0" + PHP, "image/jpeg"),
    ("x.svg", b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "image/svg+xml"),
    ("x.html", b"<script>alert(1)</script>", "text/html"),
    (".htaccess", b"AddHandler php .txt", "text/plain"),
    (".user.ini", b"auto_prepend_file=x.txt", "text/plain"),
    ("web.config", b"<configuration/>", "text/plain"),
    ("../../../../x.txt", b"x", "text/plain"),
    ("..\\..\\x.txt", b"x", "text/plain"),
    ("x.txt\0.php", PHP, "text/plain"),
    ("x.txt%00.php", PHP, "text/plain"),
    ("a" * 400 + ".txt", b"x", "text/plain"),
    ("", b"x", "text/plain"),
    (".txt", b"x", "text/plain"),
    ("x.exe", b"MZ", "application/octet-stream"),
)


def test_only_documents_are_uploaded(lab: Lab) -> None:
    mine = lab.mine
    place = lab.base / f"pipeline-{mine.pipeline_id}" / f"flow-{mine.flow_id}" / f"flow-{mine.flow_id}-files"
    before = names.tree(lab.instance.path, place)
    kept = set(place.iterdir())
    for file in FORGED:
        answer = upload(lab, "mallory", mine.step, file)
        assert answer.status < 500, (file[0], answer.text)
        assert str(lab.instance.path) not in answer.text.replace("\\/", "/")
    assert names.tree(lab.instance.path, place) == before
    new = [each for each in set(place.iterdir()) - kept if each.name not in GUARDS]
    made = {each.name: each.read_bytes() for each in new}
    assert all(name.endswith((".txt", ".jpg")) and ".php" not in name for name in made), made
    assert PHP not in made.values()
    for each in new:
        each.unlink()


def test_files_of_others_flows_are_not_touched(lab: Lab) -> None:
    mine, their = lab.mine, lab.theirs
    mixed = f"{mine.step.rpartition('_')[0]}_{their.flow_id}"
    for step in (their.step, mixed, f"{their.step}_{mine.flow_id}", "direct", "..", "1_2_3", "x" * 5000, ""):
        answer = upload(lab, "mallory", step, HARMLESS)
        assert 400 <= answer.status < 500, (step, answer.text)
        for method, path in (("GET", "/files?"), ("DELETE", f"/files/{their.secret}.txt?")):
            for door, said in lab.rest("mallory", method, f"{path}flow_step_id={step}"):
                assert said.result[0] == "4", (door, method, step, said.text)
                assert their.secret not in said.text.replace(step, "")
    assert upload(lab, "nobody", their.step, HARMLESS).status == 403
    assert upload(lab, "visitor", their.step, HARMLESS).status == 401
    assert upload(lab, "reader", their.step, HARMLESS).status == 403


def test_an_upload_is_a_file_of_the_same_request(lab: Lab, php: doors.AbilitiesPhp) -> None:
    """No path of the server, whoever names it: not over REST, not in another plugin's PHP."""
    secret = lab.instance.path / "wp-config.php"
    wrapped = (
        f"php://filter/resource={secret}",
        f"file://{secret}",
        "data:text/plain,x",
        "/dev/zero",
        "/proc/self/environ",
    )
    for path in (
        "/etc/passwd",
        "/etc/shadow",
        str(secret),
        f"/proc/self/root{secret}",
        str(lab.instance.config),
        *wrapped,
    ):
        data = {"name": "x.txt", "type": "text/plain", "tmp_name": path, "error": 0, "size": 10}
        for name, given in (
            ("upload-agent-file", {"file_data": data, "agent_id": lab.mine.agent_id}),
            ("upload-flow-file", {"file_data": data, "flow_step_id": lab.mine.step}),
        ):
            said = ability(php, "mallory", name, **given)
            assert said.result != "200", (name, path)
            run = f"/wp-json/wp-abilities/v1/abilities/datamachine/{name}/run"
            answer = lab.answer("mallory", "POST", run, {"input": given})
            assert "DB_PASSWORD" not in said.text + answer.text
            assert answer.status >= 400 or answer.json()["success"] is False, (name, path, answer.text)
    assert not (lab.files / lab.mine.slug / "x.txt").exists()

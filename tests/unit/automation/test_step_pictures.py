"""Which files a model is shown."""

from __future__ import annotations

import os

import pytest

from sidecar.automation.engine.engine_data import EngineData
from sidecar.automation.steps.base import StepRun
from sidecar.automation.steps.pictures import Pictures

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 30


def shown(roots, path):
    engine = EngineData({"image_file_path": path}, 1)
    return Pictures(lambda: roots).message(StepRun(1, "s", {"step_type": "ai"}, [], engine))


def test_a_picture_below_the_uploads_is_shown(tmp_path):
    picture = tmp_path / "2026" / "a.png"
    picture.parent.mkdir()
    picture.write_bytes(PNG)
    message = shown([tmp_path / "elsewhere", tmp_path], str(picture))
    assert message == {
        "role": "user",
        "content": [{"type": "file", "file_path": str(picture), "mime_type": "image/png"}],
    }


@pytest.mark.parametrize("path", ["", None, 7, "/etc/passwd", "/etc/hostname\0.png", "/nowhere/a.png"])
def test_what_is_no_picture_of_the_site_is_not(tmp_path, path):
    assert shown([tmp_path], path) is None


def test_neither_text_nor_a_way_out_of_the_folder_nor_a_pipe(tmp_path):
    root, outside = tmp_path / "uploads", tmp_path / "secret.png"
    root.mkdir()
    outside.write_bytes(PNG)
    (root / "wp-config.png").write_text("<?php define( 'DB_PASSWORD', 'x' );")
    (root / "link.png").symlink_to(outside)
    os.mkfifo(root / "pipe.png")
    (root / "folder.png").mkdir()
    for path in ("wp-config.png", "link.png", "../secret.png", "pipe.png", "folder.png"):
        assert shown([root], f"{root}/{path}") is None
    assert shown([tmp_path], str(outside)) is not None

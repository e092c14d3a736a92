"""Folders of memory from before us get the files that deny fetching; nothing else changes."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import cast

from sidecar.memory import files
from sidecar.memory.layout import Places
from sidecar.memory.protection import Protection
from sidecar.settings import Site


def test_only_folders_that_exist_are_denied(tmp_path: Path) -> None:
    base, network = tmp_path / "own", tmp_path / "network-wide"
    for folder in (base / "agents/admin", base / "pipeline-1", network / "users/1"):
        folder.mkdir(parents=True)
    soul = base / "agents/admin/SOUL.md"
    soul.write_text("# Soul\n")
    theirs = base / "agents/.htaccess"
    theirs.write_text("# written by the site's owner\n")
    (base / "shared").symlink_to(network)
    before = soul.stat().st_mtime_ns
    site = cast(Site, SimpleNamespace(site_uid=0, site_gid=0, wp_path=str(tmp_path)))
    where = Places(str(tmp_path), str(tmp_path), str(tmp_path), 1, str(base), str(network))
    done = Protection(site, None).protect(where)
    assert done == [f"{base}/agents", f"{network}/users"]
    assert theirs.read_text() == "# written by the site's owner\n"
    assert (base / "agents/web.config").is_file()
    assert "Require all denied" in (network / "users/.htaccess").read_text()
    assert not (network / ".htaccess").exists()
    assert sorted(path.name for path in (base / "pipeline-1").iterdir()) == []
    assert (soul.read_text(), soul.stat().st_mtime_ns) == ("# Soul\n", before)


def test_rules_are_no_files_of_an_agent(tmp_path: Path) -> None:
    with files.folder(str(tmp_path), ["agents"], create=True, deny_at=1) as folder:
        files.replace(folder, "NOTE.md", b"x")
        assert [name for name, _ in files.walk(folder, deep=True)] == ["NOTE.md"]
    assert sorted(path.name for path in (tmp_path / "agents").iterdir()) == [
        ".htaccess",
        "NOTE.md",
        "index.php",
        "web.config",
    ]

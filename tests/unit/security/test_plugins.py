"""A Python plugin runs with the sidecar's rights: nobody else may have had a hand in its files."""

from __future__ import annotations

import importlib.util
import os
import py_compile
from collections.abc import Iterator
from pathlib import Path

import pytest

from sidecar import hooks
from sidecar.hooks import Bus, plugins
from sidecar.settings import DatabaseSettings, Site


@pytest.fixture
def bus() -> Iterator[Bus]:
    before = hooks.bus()
    fresh = Bus()
    hooks.install(fresh)
    yield fresh
    hooks.install(before)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "safe" / "plugins"
    made.mkdir(parents=True)
    made.chmod(0o755)
    return made


def load(bus: Bus, folder: Path, tmp_path: Path, *, site_uid: int = 0) -> list[plugins.PluginInfo]:
    web = tmp_path / "web"
    web.mkdir(exist_ok=True)
    site = Site(
        wp_path=str(web),
        run_dir=str(tmp_path / "run"),
        secret_file=str(tmp_path / "secret"),
        database=DatabaseSettings(user="u", name="d"),
        plugins_dir=str(folder),
        site_uid=site_uid,
    )
    return plugins.load(bus, site).found


def write(path: Path, text: str = "ran = True\n") -> Path:
    path.write_text(text)
    path.chmod(0o644)
    return path


def test_bytecode_beside_a_plugin_is_not_run(tmp_path: Path, folder: Path, bus: Bus) -> None:
    file = write(folder / "plugin.py", "raise SystemExit('the source ran')\n")
    other = write(tmp_path / "other.py", "# the bytecode\n")
    code = importlib.util.cache_from_source(str(file))
    py_compile.compile(
        str(other), cfile=code, invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH
    )
    (found,) = load(bus, folder, tmp_path)
    assert "the source ran" in found.error


def test_bytecode_of_a_package_passes_the_check_the_next_time(tmp_path: Path, folder: Path, bus: Bus) -> None:
    package = folder / "package"
    package.mkdir()
    package.chmod(0o755)
    write(package / "__init__.py", "from datamachine_plugin_package import part\n")
    write(package / "part.py")
    before = os.umask(0o002)
    try:
        assert [found.error for found in load(bus, folder, tmp_path)] == [""]
        hooks.install(Bus())
        assert [found.error for found in load(hooks.bus(), folder, tmp_path)] == [""]
    finally:
        os.umask(before)


def test_a_link_to_a_folder_inside_a_package_is_refused(tmp_path: Path, folder: Path, bus: Bus) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    write(elsewhere / "part.py").chmod(0o666)
    package = folder / "package"
    package.mkdir()
    package.chmod(0o755)
    write(package / "__init__.py", "from datamachine_plugin_package.linked import part\n")
    (package / "linked").symlink_to(elsewhere)
    (found,) = load(bus, folder, tmp_path)
    assert "PluginRefused" in found.error


def test_a_link_to_a_file_others_may_write_is_refused(tmp_path: Path, folder: Path, bus: Bus) -> None:
    write(tmp_path / "elsewhere.py").chmod(0o666)
    (folder / "plugin.py").symlink_to(tmp_path / "elsewhere.py")
    (found,) = load(bus, folder, tmp_path)
    assert "PluginRefused" in found.error


@pytest.mark.parametrize("mode", [0o777, 0o757])
def test_a_folder_that_everybody_could_replace_is_not_used(
    tmp_path: Path, folder: Path, bus: Bus, mode: int
) -> None:
    write(folder / "plugin.py")
    folder.parent.chmod(mode)
    (found,) = load(bus, folder, tmp_path)
    assert "everybody may write" in found.error
    folder.parent.chmod(0o1777)
    assert [one.error for one in load(hooks.bus(), folder, tmp_path)] == [""]


def test_a_folder_that_php_could_replace_is_not_used(
    tmp_path: Path, folder: Path, bus: Bus, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(folder / "plugin.py")
    theirs = folder.parent
    found_of = Path.stat
    uid = os.geteuid() + 4711

    def of_php(path: Path, **options: bool) -> os.stat_result:
        status = found_of(path, **options)
        return os.stat_result((*status[:4], uid, *status[5:10])) if path == theirs else status

    monkeypatch.setattr(Path, "stat", of_php)
    (found,) = load(bus, folder, tmp_path, site_uid=uid)
    assert "belongs to PHP's user" in found.error


def test_a_way_around_the_web_root_is_seen(tmp_path: Path, bus: Bus) -> None:
    inside = tmp_path / "web" / "plugins"
    inside.mkdir(parents=True)
    write(inside / "plugin.py")
    (found,) = load(bus, tmp_path / "web" / ".." / "web" / "plugins", tmp_path)
    assert "web root" in found.error
    (tmp_path / "link").symlink_to(inside)
    hooks.install(Bus())
    (found,) = load(hooks.bus(), tmp_path / "link", tmp_path)
    assert "web root" in found.error

"""The product as a user installs it: from a wheel, into an environment of its own, far from the checkout."""

from __future__ import annotations

import email
import json
import os
import re
import subprocess
import sys
import sysconfig
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

import sidecar

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Installed:
    """An environment that holds the wheel, and the dependencies of the tests' own environment."""

    wheel: Path
    folder: Path

    def run(self, *command: str) -> str:
        environment = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
        result = subprocess.run(
            [str(self.folder / "bin" / command[0]), *command[1:]],
            cwd=self.folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert result.returncode == 0, result.stderr
        return result.stdout

    def python(self, code: str) -> str:
        return self.run("python", "-c", code)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    built, folder = tmp_path_factory.mktemp("wheel"), tmp_path_factory.mktemp("venv")
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    subprocess.run(
        [*pip, "wheel", "--no-deps", "--no-index", "--no-build-isolation", "--wheel-dir", built, ROOT],
        check=True,
    )
    [wheel] = built.glob("*.whl")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    subprocess.run(
        [*pip, "--python", folder / "bin" / "python", "install", "--no-deps", "--no-index", wheel],
        check=True,
    )
    # A path of a .pth file brings packages, but not the .pth file of the checkout's editable install.
    site = Path(sysconfig.get_path("purelib", vars={"base": str(folder)}))
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return Installed(wheel, folder)


def files(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def test_the_command_is_the_wheels(installed: Installed) -> None:
    assert installed.run("datamachine", "--version").strip() == f"datamachine, version {sidecar.__version__}"
    where = installed.python("import sidecar; print(sidecar.__file__)")
    assert Path(where.strip()).is_relative_to(installed.folder)


def test_schema_and_hooks_are_the_wheels(installed: Installed) -> None:
    answer = json.loads(
        installed.python(
            "import json\n"
            "from sidecar.db import schema\n"
            "from sidecar.hooks.catalogue import catalogue, folder\n"
            "print(json.dumps([str(schema.folder()), str(folder()), len(schema.tables()),"
            " len(schema.indexes()), len(catalogue().hooks)]))"
        )
    )
    from sidecar.db import schema
    from sidecar.hooks.catalogue import catalogue

    for path in answer[:2]:
        assert Path(path).is_relative_to(installed.folder)
    assert answer[2:] == [len(schema.tables()), len(schema.indexes()), len(catalogue().hooks)]
    assert min(answer[2:]) > 0


def test_the_wordpress_plugin_comes_along(installed: Installed) -> None:
    packed = Path(installed.run("datamachine", "plugin-path").strip())
    assert packed.is_relative_to(installed.folder)
    assert files(packed) == files(ROOT / "wp-plugin")


def test_every_module_can_be_imported(installed: Installed) -> None:
    code = (
        "import importlib, pkgutil, sidecar\n"
        "names = [m.name for m in pkgutil.walk_packages(sidecar.__path__, 'sidecar.')]\n"
        "[importlib.import_module(name) for name in names]\n"
        "print(len(names))"
    )
    assert int(installed.python(code)) > 100


def test_files_that_are_not_python_are_packed(installed: Installed) -> None:
    names = set(zipfile.ZipFile(installed.wheel).namelist())
    package = {
        str(path.relative_to(ROOT))
        for path in (ROOT / "sidecar").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert "sidecar/py.typed" in package
    assert package <= names
    assert any(name.endswith("licenses/LICENSE") for name in names)
    strays = {name for name in names if name.split("/")[0] not in ("sidecar",)}
    assert all(".dist-info/" in name for name in strays)


def test_one_version_everywhere(installed: Installed) -> None:
    archive = zipfile.ZipFile(installed.wheel)
    [metadata] = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
    headers = email.message_from_bytes(archive.read(metadata))
    main = (ROOT / "wp-plugin" / "datamachine-bridge.php").read_text()
    readme = (ROOT / "wp-plugin" / "readme.txt").read_text()
    versions = {
        "wheel": headers["Version"],
        "header": header("Version", main),
        "constant": re.findall(r"'DATAMACHINE_BRIDGE_VERSION', '([^']+)'", main)[0],
        "stable tag": header("Stable tag", readme),
    }
    assert versions == dict.fromkeys(versions, sidecar.__version__)
    assert headers["License-Expression"] == header("License", main) == header("License", readme)


@pytest.mark.parametrize(
    ("name", "constant"), [("Requires at least", "REQUIRES_WP"), ("Requires PHP", "REQUIRES_PHP")]
)
def test_header_readme_and_check_ask_for_the_same(name: str, constant: str) -> None:
    main = (ROOT / "wp-plugin" / "datamachine-bridge.php").read_text()
    readme = (ROOT / "wp-plugin" / "readme.txt").read_text()
    checked = re.findall(rf"'DATAMACHINE_BRIDGE_{constant}', '([^']+)'", main)[0]
    assert header(name, main) == header(name, readme) == checked


def header(name: str, text: str) -> str:
    [value] = re.findall(rf"^[ *]*{name}:\s*(.+)$", text, re.MULTILINE)
    return value.strip()

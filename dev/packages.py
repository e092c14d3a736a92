"""Install the distribution's packages that development needs; says plainly what is missing when it cannot.

Runs on the system's Python, before any virtual environment exists: standard library only.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence

MINIMUM_PHP = (8, 1)
PHP_EXTENSIONS = {
    "mysqli": "php-mysql",
    "curl": "php-curl",
    "mbstring": "php-mbstring",
    "dom": "php-xml",
    "zip": "php-zip",
    "gd": "php-gd",
    "intl": "php-intl",
    "pcntl": "php-cli",
}


def _output(command: Sequence[str]) -> str:
    try:
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60).stdout
    except (OSError, subprocess.TimeoutExpired):
        return ""


def find_program(name: str) -> str | None:
    """A program on the PATH or where the distribution puts servers."""
    return shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")


def _php_version() -> tuple[int, ...]:
    match = re.match(r"(\d+)\.(\d+)", _output(["php", "-r", "echo PHP_VERSION;"]))
    return (int(match[1]), int(match[2])) if match else (0, 0)


def _has_venv() -> bool:
    return (
        subprocess.run(
            [sys.executable, "-c", "import ensurepip, venv"], check=False, capture_output=True
        ).returncode
        == 0
    )


def find_browser() -> str | None:
    """The distribution's Chromium; the tests of pages bring no browser of their own."""
    return shutil.which("chromium") or shutil.which("chromium-browser")


def _php_fpm() -> str | None:
    for candidate in ("php-fpm", *(f"php-fpm8.{minor}" for minor in range(1, 10))):
        found = find_program(candidate)
        if found:
            return found
    return None


def missing() -> dict[str, str]:
    """What is not there: a description by the package that brings it."""
    wanted: dict[str, str] = {}
    if not shutil.which("php"):
        wanted["php-cli"] = "PHP 8.1 or later on the command line"
        modules: set[str] = set()
    else:
        modules = {line.strip().lower() for line in _output(["php", "-m"]).splitlines()}
    for extension, package in PHP_EXTENSIONS.items():
        if extension not in modules:
            wanted.setdefault(package, f"PHP extension {extension}")
    checks: list[tuple[str, str, Callable[[], object]]] = [
        ("phpunit", "PHPUnit", lambda: shutil.which("phpunit")),
        ("php-fpm", "PHP-FPM, for the tests of the FastCGI fallback", _php_fpm),
        ("chromium", "the Chromium browser, for the tests of pages", find_browser),
        ("mariadb-server-core", "the MariaDB server", lambda: find_program("mariadbd")),
        ("mariadb-client-core", "the MariaDB client", lambda: shutil.which("mariadb")),
        ("npm", "npm, to fetch the pinned WordPress", lambda: shutil.which("npm") or _tarball_given()),
        ("python3-venv", "Python's venv", _has_venv),
    ]
    for package, description, present in checks:
        if not present():
            wanted[package] = description
    return wanted


def _tarball_given() -> bool:
    return bool(os.environ.get("WP_STUDIO_TARBALL"))


def _install(packages: Sequence[str]) -> None:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "update", "-q"], check=False, env=environment, stdout=subprocess.DEVNULL)
    subprocess.run(
        ["apt-get", "install", "-y", "-q", "--no-install-recommends", *packages],
        check=True,
        env=environment,
        stdout=subprocess.DEVNULL,
    )


def main() -> int:
    wanted = missing()
    if wanted and os.geteuid() == 0 and shutil.which("apt-get"):
        print("Installing packages:", " ".join(sorted(wanted)), flush=True)
        # The distribution starts services at installation; policy-rc.d keeps them off.
        policy = "/usr/sbin/policy-rc.d"
        ours = not os.path.exists(policy)
        if ours:
            with open(policy, "w", encoding="ascii") as handle:
                handle.write("#!/bin/sh\nexit 101\n")
            os.chmod(policy, 0o755)
        try:
            _install(sorted(wanted))
        except subprocess.CalledProcessError as error:
            print(f"Error: apt-get failed with exit code {error.returncode}.", file=sys.stderr)
        finally:
            if ours:
                os.unlink(policy)
        wanted = missing()
    if wanted:
        print("Error: these are missing and could not be installed:", file=sys.stderr)
        for package, description in sorted(wanted.items()):
            print(f"  {description} (package {package})", file=sys.stderr)
        print("Install them, for example: sudo apt-get install " + " ".join(sorted(wanted)), file=sys.stderr)
        return 1
    version = _php_version()
    if version < MINIMUM_PHP:
        print(
            f"Error: PHP {'.'.join(map(str, version))} is too old; 8.1 or later is needed.", file=sys.stderr
        )
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

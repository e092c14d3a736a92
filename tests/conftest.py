"""Fixtures: real sites, made once a session or once a test, always stopped by process group at the end."""

from __future__ import annotations

import functools
import gc
import shutil
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from xdist.scheduler import LoadFileScheduling

from dev import paths
from dev.instance import Instance
from dev.mariadb import MariaDB
from dev.native import Native
from sidecar import importing
from sidecar.abilities import Registry
from tests import answers, schemas

REPORT = "report"
#: Installing WordPress is what most tests are not about.
Instance.templates = paths.ROOT / ".dev" / "templates"
#: So is starting Python. Tests of the console script itself, and those of signals, start it.
Instance.native = Native()
#: No test outlives the machine.
MariaDB.flush = 2
#: Files that take long, longest first: all others would wait for a worker that begins one at the end.
LONG = (
    "integration/engine_faults/test_a_thousand_jobs.py",
    "matrix/test_matrix.py",
    "integration/faults/test_pages.py",
    "integration/engine_faults/test_random_programs.py",
    "integration/doors/test_parity.py",
    "integration/schema/test_large.py",
    "integration/automation/test_crashes.py",
    "integration/doors/test_agents_cli.py",
    "integration/doors/test_sidecar_down.py",
    "integration/engine_faults/",
    "integration/automation/",
    "integration/identity/",
    "integration/authorize/",
    "integration/external/",
    "integration/doors/",
    "browser/",
    "integration/test_multisite.py",
    "integration/queue/",
    "integration/schema/",
    "integration/setup/",
    "integration/",
)


#: Folders whose files share a site of their own, one a generation of tables: one worker builds it, once.
TOGETHER = (
    "browser/",
    "integration/authorize/",
    "integration/bearer/",
    "integration/external/",
    "integration/host/",
    "integration/identity/",
    "integration/memory/seam/",
)


@pytest.fixture(scope="session")
def instances() -> Iterator[Path]:
    """A private folder for the session's instances, inside the checkout."""
    folder = paths.numbered(paths.scratch_folder())
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def _make(folder: Path, **options: Any) -> Instance:
    instance = Instance(folder, **options)
    try:
        instance.install()
    except BaseException:
        instance.destroy()
        raise
    return instance


@pytest.fixture(scope="session")
def wordpress_site(instances: Path) -> Iterator[Instance]:
    """A plain WordPress with our plugin linked but not active: no sidecar."""
    instance = Instance(instances / "plain")
    try:
        instance.install_wordpress()
        yield instance
    finally:
        instance.destroy()


@pytest.fixture(scope="session")
def site(instances: Path) -> Iterator[Instance]:
    """The session's site: plugin active, initialised, migrated, web server and sidecar running.

    Tests share it: they make their own agents, flows and posts, and leave the servers running.
    """
    instance = _make(instances / "site")
    try:
        instance.start_web()
        instance.start_sidecar()
        yield instance
    finally:
        instance.destroy()


@pytest.fixture
def fresh_site(instances: Path, request: pytest.FixtureRequest) -> Iterator[Instance]:
    """A site of this test's own, joined with the sidecar, with nothing running but the database."""
    instance = _make(paths.numbered(instances))
    try:
        yield instance
    finally:
        instance.destroy()


@pytest.fixture(scope="session", autouse=True)
def abilities_answer_as_declared() -> Iterator[None]:
    """In whatever test an ability is run in this process."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Registry, "execute", answers.judged(Registry.execute))
        yield


@pytest.fixture
def report(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Text to print at the end of the run, from whichever process the test runs in."""

    def note(text: str) -> None:
        request.node.user_properties.append((REPORT, text))

    return note


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long files first, and the tests of one file together and in their order."""
    root = Path(__file__).parent

    @functools.cache
    def place(file: Path) -> int:
        name = file.relative_to(root).as_posix()
        return next((number for number, start in enumerate(LONG) if name.startswith(start)), len(LONG))

    items.sort(key=lambda item: place(item.path))


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """What is collected is never garbage: looking for some takes half of the time, and some ever after."""
    with importing.uncollected():
        outcome = yield
    gc.freeze()
    return outcome


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadFileScheduling:
    """Whole files to a worker, and whole folders where files share a site."""
    return _Together(config, log)


class _Together(LoadFileScheduling):
    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        folder = next((each for each in TOGETHER if file.startswith(f"tests/{each}")), None)
        if folder is None:
            return file
        generation = next((each for each in schemas.ADOPTED if f"[{each}" in nodeid), "")
        return f"{folder} {generation}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """What a test printed or logged goes to another process as UTF-8; some tests log what is not."""
    outcome = yield
    outcome.sections = [
        (name, text.encode("utf-8", "backslashreplace").decode()) for name, text in outcome.sections
    ]
    return outcome


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for reports in terminalreporter.stats.values():
        for outcome in reports:
            for name, text in getattr(outcome, "user_properties", ()):
                if name == REPORT and getattr(outcome, "when", "") == "call":
                    terminalreporter.section(outcome.nodeid)
                    terminalreporter.write_line(text)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """A skipped test proves nothing: it fails the run."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None and reporter.stats.get("skipped") and exitstatus == 0:
        reporter.write_line("ERROR: skipped tests fail the run", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED

"""A process of the sidecar with a WordPress host of its own, and a clock that only tests move."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import flask
import msgspec
import pytest

from dev.instance import Instance
from sidecar import runtime as runtimes
from sidecar import settings
from sidecar.api.access import Visit
from sidecar.app import create_app
from sidecar.host import HostPool
from sidecar.identity import Answers, Principal, WordPressAnswers
from sidecar.identity.answers import UnitAnswers
from sidecar.runtime import Runtime


class Stopped:
    """A clock that stands still: what changes here changes for another reason than time."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return self.seconds


class Keys:
    """Lets in whoever says who it is."""

    def visit(self, request: flask.Request) -> Visit:
        return Visit(Principal.user(int(request.headers.get("X-User", "0")), blog_id=1))


class Lab:
    """The answers of one process about one site."""

    def __init__(self, instance: Instance, run_dir: str) -> None:
        self.instance = instance
        self.clock = Stopped()
        self.site = msgspec.structs.replace(settings.load(str(instance.config)).site(None), run_dir=run_dir)
        self.runtime: Runtime = runtimes.build(self.site, "http", clock=self.clock)
        self.answers: UnitAnswers = self.runtime.get(WordPressAnswers)  # type: ignore[type-abstract,assignment]
        self.client = create_app(self.runtime, Keys()).test_client()
        self.mu_plugins = instance.path / "wp-content" / "mu-plugins"
        self.units = 0
        opener = self.runtime.hosts.unit

        @contextmanager
        def counted(*args: Any, **more: Any) -> Iterator[Any]:
            self.units += 1
            with opener(*args, **more) as unit:
                yield unit

        self.runtime.hosts.unit = counted  # type: ignore[method-assign]

    def of(self, user_id: int, blog_id: int = 1) -> Answers:
        return self.answers.of(user_id, blog_id)

    def wp(self, *words: str) -> str:
        return self.instance.wp(*words).stdout.strip()

    def person(self, login: str, role: str) -> int:
        """A new user's id."""
        return int(self.wp("user", "create", login, f"{login}@example.org", f"--role={role}", "--porcelain"))

    def get(self, path: str, user_id: int) -> tuple[int, str]:
        """Status and error code (empty without one) at the sidecar's own door."""
        reply = self.client.get(f"/datamachine/v1{path}", headers={"X-User": str(user_id)})
        said = reply.get_json()
        return reply.status_code, said.get("code", "")

    def restart_host(self) -> None:
        """Another WordPress process, as after a change of code."""
        self.runtime.hosts.close()

    def without_wordpress(self) -> HostPool:
        """A pool in which no PHP starts."""
        return HostPool(msgspec.structs.replace(self.site, php="/nonexistent/php"))

    def close(self) -> None:
        self.runtime.close()


@contextmanager
def laboratory(instance: Instance) -> Iterator[Lab]:
    """A lab; its host ends with the block."""
    run_dir = Path(tempfile.mkdtemp(prefix="dm-"))
    run_dir.chmod(0o711)
    lab = Lab(instance, str(run_dir))
    try:
        yield lab
    finally:
        lab.close()
        shutil.rmtree(run_dir, ignore_errors=True)


@pytest.fixture(scope="package")
def lab(site: Instance) -> Iterator[Lab]:
    """On the session's site."""
    with laboratory(site) as built:
        yield built

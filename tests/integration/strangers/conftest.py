"""A site with three plugins that were written for Data Machine and know nothing of us."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from dev import paths
from dev.instance import ADMIN, Instance
from sidecar import runtime, settings
from sidecar.automation import JobsService
from sidecar.automation.repositories.logs import LogsRepository
from sidecar.identity import Principal
from sidecar.queue.worker import Worker
from sidecar.runtime import Runtime
from tests.integration.authorize.browsing import Browser

HERE = Path(__file__).parent
PLUGINS = ("tide-events", "chirp-social", "readability")
CLI = Principal.command_line()


class Strangers:
    """The site as its administrator sees it, and its worker."""

    def __init__(self, instance: Instance, built: Runtime) -> None:
        self.instance = instance
        self.built = built
        self.browser = Browser(instance).log_in(ADMIN, instance.password)
        nonce = instance.wp("eval", "echo esc_url_raw( rest_url() );").stdout
        self.root = nonce.rstrip("/")
        script = self.browser.session.get(
            instance.url + "/wp-admin/admin-ajax.php?action=rest-nonce", timeout=30
        )
        self.nonce = script.text

    def page(self, address: str, **options: Any) -> requests.Response:
        """A page, as the administrator's browser gets it."""
        return self.browser.session.get(address, timeout=30, **options)

    def rest(self, method: str, path: str, body: Any = None) -> requests.Response:
        """A call of the admin pages' scripts: with a cookie and a nonce."""
        return self.browser.session.request(
            method,
            f"{self.instance.url}/?rest_route=/datamachine/v1{path}",
            json=body,
            headers={"X-WP-Nonce": self.nonce},
            timeout=60,
        )

    def ok(self, method: str, path: str, body: Any = None) -> Any:
        """Its answer, which is none of an error."""
        reply = self.rest(method, path, body)
        assert reply.status_code == 200, (path, reply.text)
        return reply.json()

    def php(self, code: str) -> Any:
        """What ``$answer`` is after some PHP."""
        return json.loads(
            self.instance.wp("eval", f"{code}; echo wp_json_encode( $answer );", "--user=1").stdout
        )

    def logged(self) -> list[str]:
        """The newest messages of the log."""
        return [line.message for line in self.built.get(LogsRepository).newest(100)]

    def work(self) -> None:
        Worker(self.built, once=True).work()

    def job(self, job_id: int) -> Any:
        return self.built.get(JobsService).get(CLI, job_id)


@pytest.fixture(scope="module")
def strangers(instances: Path) -> Iterator[Strangers]:
    instance = Instance(paths.numbered(instances))
    built = None
    try:
        instance.install()
        content = instance.path / "wp-content"
        shutil.copy(HERE / "services.php", content / "mu-plugins" / "services.php")
        for name in PLUGINS:
            shutil.copytree(HERE / "plugins" / name, content / "plugins" / name)
        instance.wp("plugin", "activate", *PLUGINS)
        choice = json.dumps({"default_provider": "strangers", "default_model": "all"})
        instance.wp("option", "update", "datamachine_settings", choice, "--format=json")
        instance.start_web()
        instance.start_sidecar("bridge")
        built = runtime.build(settings.load(instance.config).site(), "work")
        Worker(built, once=True).work()
        yield Strangers(instance, built)
        assert not instance.debug_log.exists(), instance.debug_log.read_text()
    finally:
        if built is not None:
            built.close()
        instance.destroy()

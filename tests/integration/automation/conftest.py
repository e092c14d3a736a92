"""A site of its own for recordings: they read and write settings, posts and every row of the queue."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from dev import paths
from dev.instance import Instance
from sidecar.queue.worker import Worker
from tests.trace.record import Recording


@pytest.fixture(scope="module")
def site_for_traces(instances):
    """The recording and a worker's runtime."""
    instance = Instance(paths.numbered(instances))
    built = None
    try:
        instance.install()
        recording = Recording(instance)
        recording.home = instance.url
        recording.prepare()
        shutil.copy(Path(__file__).with_name("crasher.py"), instance.python_plugins / "crasher.py")
        # A first page makes the default agent.
        instance.start_sidecar("bridge")
        instance.wp("eval", "do_action( 'wp_loaded' );")
        instance.servers.pop("bridge" if "bridge" in instance.servers else "sidecar").stop()
        built = recording.runtime()
        recording.use(built)
        # What the site's beginning left to do is not the job's.
        Worker(built, once=True).work()
        yield recording, built
    finally:
        if built is not None:
            built.close()
        instance.destroy()

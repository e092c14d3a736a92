"""Python plugin of the tests of jobs: a source of one item, and a step that does as it is told by files.

``mood`` in the folder ``DATAMACHINE_MOODY`` says how: ``ok``, ``fail``, ``fail:n`` (the first n times) or
``hang`` (until the file says something else). ``work`` has a line for every time the step ran, ``ends`` one
for every end of a job that was told.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

from sidecar import hooks, runtime
from sidecar.automation.engine import packets
from sidecar.automation.handlers.base import Item

FOLDER = Path(os.environ.get("DATAMACHINE_MOODY", "/nonexistent"))


def note(file, *words):
    with (FOLDER / file).open("a") as stream:
        stream.write(" ".join(map(str, words)) + "\n")


class Source:
    """``{item}``: one item of that name. A file ``stumble`` makes it fail once."""

    slug = source_type = "moody_source"

    def fetch(self, config, context):
        if (FOLDER / "stumble").exists():
            (FOLDER / "stumble").unlink()
            raise ValueError(f"stumbled over {config['item']}")
        return [Item(f"Title of {config['item']}", "Body", {"item_identifier": config["item"]})]


class Moody:
    """Works, fails or hangs."""

    def execute(self, run):
        note("work", run.job_id, len(run.packets), run.packets[0]["data"]["title"])
        while (mood := (FOLDER / "mood").read_text().strip()) == "hang":
            time.sleep(0.02)
        word, _, left = mood.partition(":")
        if word == "fail":
            if left:
                (FOLDER / "mood").write_text(f"fail:{int(left) - 1}" if int(left) > 1 else "ok")
            raise ValueError("not in the mood")
        made = packets.packet("moody", {"title": "Done", "body": mood}, {}, runtime.current().clock)
        return [made, *run.packets]


plugin = hooks.bus().registrations
plugin.register_handler("moody_source", Source(), type="fetch", label="Source")
plugin.register_step_type("moody", Moody(), label="Moody", uses_handler=False)
hooks.add_action("datamachine_job_complete", lambda job, status: note("ends", job, status), 30, 2)

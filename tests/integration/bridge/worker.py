"""A bridge with handlers that misbehave on request: ``python -m tests.integration.bridge.worker RUN_DIR``."""

from __future__ import annotations

import logging
import os
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from sidecar import bridge
from sidecar.bridge import Call
from sidecar.errors import SidecarError

SECRET = b"0123456789abcdef0123456789abcdef"


def site(run_dir: Path, **changes: Any) -> Any:
    """What the bridge needs to know of a site."""
    values: dict[str, Any] = {
        "name": "default",
        "run_dir": str(run_dir),
        "socket": str(run_dir / "bridge.sock"),
        "site_uid": os.geteuid(),
        "site_gid": os.getegid(),
        "secret": lambda: SECRET,
        "secret_file": str(run_dir / "secret"),
        "bridge_processes": 2,
    }
    return SimpleNamespace(**{**values, **changes})


def effects(run_dir: Path) -> Any:
    """A handler that leaves a line behind for everything it does."""

    def record(call: Call) -> Any:
        with (run_dir / "effects").open("a") as file:
            file.write(f"{call.params['name']}\n")
        return True

    return record


def slow(call: Call) -> Any:
    """Waits as a callback does that never looks at its token."""
    call.note = "plugin slowpoke"
    time.sleep(call.params["seconds"])
    return "late"


def patient(call: Call) -> Any:
    """Waits as a callback does that looks at its token; says in a file how it ended."""
    until = time.monotonic() + call.params["seconds"]
    ended = "ran to its end"
    while time.monotonic() < until:
        if call.cancel.cancelled:
            ended = "cancelled"
            break
        time.sleep(0.005)
    Path(call.params["file"]).write_text(ended)
    return ended


def finish(call: Call) -> Any:
    """Says that it has begun, then works on."""
    call.channel.call("begun", {})
    return patient(call)


def outer_goes_on(call: Call) -> Any:
    """An inner call times out; then tries to go on as if nothing had happened."""
    ended = []
    for operation in ("slow_operation", "effect_operation"):
        try:
            call.channel.call(operation, {}, timeout=0.1)
            ended.append("done")
        except SidecarError as error:
            ended.append(type(error).__name__)
    Path(call.params["file"]).write_text(" ".join(ended))
    return "answer"


def fail(call: Call) -> Any:
    raise ValueError("broken")


def main(run_dir: Path) -> int:
    logging.basicConfig(level="INFO", stream=sys.stderr, format="%(process)d %(levelname)s %(message)s")
    handlers = {
        "echo": lambda call: call.params["args"][0],
        "append": lambda call: [*call.params["args"][0], 1],
        "pid": lambda call: os.getpid(),
        "context": vars_of,
        "large": lambda call: call.params["unit"] * call.params["count"],
        "items": lambda call: list(range(call.params["count"])),
        "unserialisable": lambda call: object(),
        "fail": fail,
        "slow": slow,
        "patient": patient,
        "finish": finish,
        "record": effects(run_dir),
        "outer_goes_on": outer_goes_on,
        "nest": lambda call: call.channel.call("nested", {"level": call.params["level"]}),
        "operation": lambda call: call.channel.call(call.params["name"], call.params["params"]),
        "use": lambda call: call.params["callback"](20) + call.params["object"].method("add", 1),
        "tool": lambda call: lambda value: [value, "from Python"],
        "retitle": retitle,
        "exit": lambda call: os._exit(9),
    }
    runtime = SimpleNamespace(handlers=handlers, close=lambda: None)
    return bridge.serve(site(run_dir), cast("Any", runtime))


def retitle(call: Call) -> Any:
    post = call.params["args"][0]
    post.post_title = "changed"
    return post


def vars_of(call: Call) -> dict[str, Any]:
    """The context as a map."""
    context = call.context
    return {name: getattr(context, name) for name in context.__struct_fields__}


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))

"""What runs each type of step."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING

from sidecar import blog, queue
from sidecar.automation import wordpress
from sidecar.automation.steps import tool_sources
from sidecar.automation.steps.ai import AIStep
from sidecar.automation.steps.models import AgentModels
from sidecar.automation.steps.pictures import Pictures
from sidecar.automation.steps.publish import PublishStep
from sidecar.automation.steps.upsert import UpsertStep
from sidecar.conversation import ToolExecutor
from sidecar.conversation.sources import ToolSources
from sidecar.conversation.tools import Once
from sidecar.db import wpconfig
from sidecar.wordpress.options import Options
from sidecar.wordpress.uploads import Uploads, UploadsUnknown

if TYPE_CHECKING:
    from sidecar.automation.parts import Parts
    from sidecar.runtime import Runtime


def wire(runtime: Runtime, parts: Parts) -> None:
    """The AI, publish and upsert steps, and where an AI step's tools come from."""
    executor, sources = runtime.get(ToolExecutor), runtime.get(ToolSources)
    models = AgentModels(parts.agents, parts.settings)
    pictures = Pictures(functools.partial(_folders, runtime, parts))
    parts.steps["ai"] = AIStep(
        models, parts.queues, parts.store, executor, sources, once, parts.failing, pictures, runtime.clock
    )
    parts.steps["publish"] = PublishStep(runtime.clock)
    parts.steps["upsert"] = UpsertStep(runtime.clock)
    sources.add("static_registry", tool_sources.static_registry)
    sources.add("adjacent_handlers", tool_sources.adjacent_handlers)
    sources.present_as(wordpress.facade)


def _folders(runtime: Runtime, parts: Parts) -> list[Path]:
    """Where pictures of the current blog may be: its uploads, and the files of its flows."""
    site = runtime.site
    uploads = Uploads(wpconfig.read(site.wp_path, php=site.php), Options(runtime.db))
    try:
        return [parts.files.root, Path(uploads.base_dir(blog.current()))]
    except UploadsUnknown:
        return [parts.files.root]


def once() -> Once | None:
    """Calls of tools happen once a step, over all its attempts."""
    run = queue.current_run()
    return None if run is None else run.effects.once

"""The groups of this package's abilities."""

from __future__ import annotations

from sidecar.abilities import Category

JOBS = Category("datamachine-jobs", "Jobs", "Running flows and their steps.")
PIPELINE = Category("datamachine-pipeline", "Pipelines", "Pipelines and the steps they are made of.")
FLOW = Category("datamachine-flow", "Flows", "Flows, their steps, queues and schedules.")
CONTENT = Category("datamachine-content", "Content", "Posts, and what may become one.")

"""What the site of these tests has."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Stock:
    """Ids of one pipeline, its flow and the flow's jobs (oldest first), and the default agent's slug."""

    pipeline_id: int
    flow_id: int
    job_ids: list[int]
    agent: str

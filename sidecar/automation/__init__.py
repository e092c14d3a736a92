"""Pipelines, flows and jobs: the automation engine.

A pipeline is a template of steps, a flow one configuration of it, a job one run of a flow. Steps hand data
packets to each other; each step runs in a queue worker, rung by a doorbell.
"""

from __future__ import annotations

from sidecar.automation.flows.service import FlowsService
from sidecar.automation.jobs.service import JobsService
from sidecar.automation.pipelines.service import PipelinesService

__all__ = ["FlowsService", "JobsService", "PipelinesService"]

"""Which model an agent uses, and what else the settings say about conversations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from sidecar.automation.settings import Settings
from sidecar.automation.values import Document, document
from sidecar.identity.agents import AgentsRepository


class ModelChoice(msgspec.Struct, frozen=True):
    """For one conversation; ``provider`` is '' when nobody configured one."""

    provider: str
    model: str
    agent_id: int = 0
    owner_id: int = 0
    tool_policy: Document = msgspec.field(default_factory=dict)
    max_turns: int = 25


class AgentModels:
    """Resolves provider and model: the agent's own when both are set, else the site's."""

    def __init__(self, agents: AgentsRepository, settings: Settings) -> None:
        self._agents = agents
        self._settings = settings

    def choose(self, agent_id: int, mode: str) -> ModelChoice:
        """The model of an agent (0 for none) in a mode."""
        agent = self._agents.get(agent_id) if agent_id else None
        config = agent.agent_config if agent is not None else {}
        provider, model = _pair(config, mode)
        if not (provider and model):
            provider, model = _pair(self._settings.all(), mode)
        return ModelChoice(
            provider,
            model,
            agent_id=agent_id,
            owner_id=agent.owner_id if agent is not None else 0,
            tool_policy=document(config.get("tool_policy")),
            max_turns=self._settings.number("max_turns", 25, 1, 50),
        )

    def persist_transcripts(self, flow_config: Mapping[str, Any], pipeline_config: Mapping[str, Any]) -> bool:
        """The flow's word, else the pipeline's, else the site's."""
        for config in (flow_config, pipeline_config):
            wish = config.get("persist_transcripts")
            if isinstance(wish, bool):
                return wish
        return self._settings.option("datamachine_persist_pipeline_transcripts") in (True, "1", 1)


def _pair(config: Mapping[str, Any], mode: str) -> tuple[str, str]:
    modes = document(config.get("mode_models"))
    own = document(modes.get(mode))
    provider = own.get("provider") or config.get("default_provider") or ""
    model = own.get("model") or config.get("default_model") or ""
    return str(provider), str(model)

"""The AI step: gives the packets to a conversation and makes packets of what its tools did."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sidecar import hooks
from sidecar.automation import log, registry, wordpress
from sidecar.automation.engine import relay
from sidecar.automation.engine.engine_data import EngineStore
from sidecar.automation.engine.failing import Failing
from sidecar.automation.flows import step_config
from sidecar.automation.jobs import status as statuses
from sidecar.automation.queues import entries
from sidecar.automation.queues.backups import PROMPT_BACKUP
from sidecar.automation.queues.prompt_queues import PROMPTS, PromptQueues, Taken
from sidecar.automation.steps import ai_packets
from sidecar.automation.steps.base import StepRun
from sidecar.automation.steps.models import AgentModels, ModelChoice
from sidecar.automation.steps.pictures import Pictures
from sidecar.automation.values import Document, Packet
from sidecar.clock import Clock
from sidecar.conversation import ToolExecutor, runner, sources
from sidecar.conversation.request import ConversationRequest
from sidecar.conversation.tools import Once

MODE = "pipeline"


class AIStep:
    """Runs one conversation a step, as the agent's owner."""

    def __init__(  # noqa: PLR0917  composed in one place
        self,
        models: AgentModels,
        queues: PromptQueues,
        store: EngineStore,
        executor: ToolExecutor,
        tool_sources: sources.ToolSources,
        once: Callable[[], Once | None],
        failing: Failing,
        pictures: Pictures,
        clock: Clock,
    ) -> None:
        self._models = models
        self._queues = queues
        self._store = store
        self._executor = executor
        self._sources = tool_sources
        self._once = once
        self._failing = failing
        self._pictures = pictures
        self._clock = clock

    def execute(self, run: StepRun) -> list[Packet]:
        pipeline_step_id = str(run.config.get("pipeline_step_id") or "")
        if not pipeline_step_id:
            log.error("ai: Step has no pipeline_step_id", run.about())
            return run.packets
        choice = self._models.choose(run.engine.agent_id, MODE)
        if not choice.provider:
            return self._no_provider(run, pipeline_step_id)
        if self._skipped(run):
            return run.packets
        taken = self._queues.take(
            run.flow_id,
            run.config,
            PROMPTS,
            lambda session, entry: self._store.merge_in(session, run.job_id, _backup(run, entry)),
        )
        prompt = self._prompt(run, taken)
        if taken.exhausted:
            self._store.merge(run.job_id, {"job_status": statuses.COMPLETED_NO_ITEMS})
            return run.packets
        before, after = step_config.neighbours(run.engine.flow_config, run.config)
        required = registry.required_for_ai([before, after])
        tools = self._tools(run, choice, pipeline_step_id, before, after)
        offered = [one.get("handler") for one in tools.values() if isinstance(one, Mapping)]
        missing = [slug for slug in required if slug not in offered]
        if missing:
            return self._tool_missing(run, pipeline_step_id, required, missing, offered)
        messages = ai_packets.messages(run, prompt, self._pictures.message(run))
        return self._converse(run, choice, tools, required, messages)

    def _converse(
        self,
        run: StepRun,
        choice: ModelChoice,
        tools: Document,
        required: list[str],
        messages: list[Document],
    ) -> list[Packet]:
        payload = self._payload(run, choice, required)
        request = ConversationRequest(
            self._executor, tools, payload, MODE, agent_id=choice.agent_id, once=self._once()
        )
        owner = choice.owner_id or int(run.engine.job.get("user_id") or 0)
        with wordpress.acting_as(choice.agent_id, owner):
            result = runner.run(
                request, messages, provider=choice.provider, model=choice.model, max_turns=choice.max_turns
            )
        if result.get("error"):
            return self._failed(run, choice, result)
        usage = result.get("usage")
        learnt: Document = {}
        if isinstance(usage, Mapping) and int(usage.get("total_tokens") or 0) > 0:
            learnt["token_usage"] = {
                key: int(usage.get(key) or 0)
                for key in ("prompt_tokens", "completion_tokens", "total_tokens")
            }
        if result.get("transcript_session_id"):
            learnt["transcript_session_id"] = result["transcript_session_id"]
        if learnt:
            self._store.merge(run.job_id, learnt)
        return ai_packets.results(run, result, tools, self._clock)

    def _payload(self, run: StepRun, choice: ModelChoice, required: list[str]) -> Document:
        payload: Document = {
            "job_id": run.job_id,
            "flow_step_id": run.flow_step_id,
            "step_id": run.config["pipeline_step_id"],
            "data": run.packets,
            "engine": wordpress.engine_object(run.job_id, run.engine.all()),
            "user_id": int(run.engine.job.get("user_id") or 0),
            "agent_id": choice.agent_id,
            "pipeline_id": run.pipeline_id or None,
            "flow_id": run.flow_id or None,
            "persist_transcript": self._models.persist_transcripts(
                run.engine.flow_config, run.engine.pipeline_config
            ),
        }
        if required:
            payload["configured_handler_slugs"] = required
        return payload

    def _tools(
        self,
        run: StepRun,
        choice: ModelChoice,
        pipeline_step_id: str,
        before: Document | None,
        after: Document | None,
    ) -> Document:
        pipeline_step = run.engine.pipeline_step(pipeline_step_id)
        arguments: Document = {
            "mode": MODE,
            "agent_id": choice.agent_id,
            "previous_step_config": before,
            "next_step_config": after,
            "pipeline_step_id": pipeline_step_id,
            "engine_data": run.engine.all(),
            "categories": step_config.names(pipeline_step.get("tool_categories")),
        }
        disabled = [*_list(pipeline_step.get("disabled_tools")), *_list(run.config.get("disabled_tools"))]
        return sources.resolve(
            self._sources,
            MODE,
            arguments,
            policy=choice.tool_policy,
            allow_only=step_config.names(run.config.get("enabled_tools")),
            deny=step_config.names(disabled),
        )

    def _prompt(self, run: StepRun, taken: Taken) -> str:
        prompt = str((taken.entry or {}).get("prompt") or "")
        if taken.entry is None:
            return ""
        if taken.mode != "static":
            # Written down with the taking, unless the entry is a workflow's own; said here.
            self._store.merge(run.job_id, _backup(run, taken.entry))
        log.info(
            "Using prompt from queue",
            {
                "flow_id": run.flow_id,
                "step_type": run.step_type,
                "queue_mode": taken.mode,
                "added_at": taken.entry.get("added_at", ""),
            },
        )
        return prompt

    def _skipped(self, run: StepRun) -> bool:
        """Whether somebody decided that this run needs no model."""
        answer = hooks.apply_filters(
            "datamachine_pre_ai_step_check",
            None,
            wordpress.engine_object(run.job_id, run.engine.all()),
            run.config,
            run.job_id,
        )
        if not isinstance(answer, Mapping) or not answer.get("skip"):
            return False
        status = str(answer.get("status") or statuses.COMPLETED_NO_ITEMS)
        self._store.merge(run.job_id, {"job_status": status})
        log.info("AI step skipped", run.about(status=status, reason=str(answer.get("reason") or "")))
        return True

    def _no_provider(self, run: StepRun, pipeline_step_id: str) -> list[Packet]:
        relay.fire(
            "datamachine_fail_job",
            run.job_id,
            "ai_provider_missing",
            {
                "flow_step_id": run.flow_step_id,
                "pipeline_step_id": pipeline_step_id,
                "error_message": "No AI provider is configured for pipelines.",
                "solution": "Set default_provider and default_model in the settings, or on the agent.",
            },
        )
        return run.packets

    def _tool_missing(
        self, run: StepRun, pipeline_step_id: str, required: list[str], missing: list[str], offered: list[Any]
    ) -> list[Packet]:
        relay.fire(
            "datamachine_fail_job",
            run.job_id,
            "required_handler_tool_unavailable",
            {
                "flow_step_id": run.flow_step_id,
                "pipeline_step_id": pipeline_step_id,
                "required_handler_slugs": required,
                "missing_required_handler_slugs": missing,
                "available_handler_tool_slugs": step_config.names(offered),
                "error_message": f"No tool is available for: {', '.join(missing)}.",
            },
        )
        return []

    def _failed(self, run: StepRun, choice: ModelChoice, result: Mapping[str, Any]) -> list[Packet]:
        if result.get("transcript_session_id"):
            self._store.merge(run.job_id, {"transcript_session_id": result["transcript_session_id"]})
        self._failing.fail(
            run,
            "ai_processing_failed",
            {
                "flow_step_id": run.flow_step_id,
                "ai_error": str(result["error"]),
                "ai_provider": choice.provider,
            },
        )
        return []


def _backup(run: StepRun, entry: Document) -> Document:
    """What was taken, so that a job that fails can put it back."""
    backup = {
        "slot": PROMPTS,
        "mode": entries.mode(run.config),
        "prompt": str(entry.get("prompt") or ""),
        "flow_id": run.flow_id,
        "flow_step_id": run.flow_step_id,
        "added_at": entry.get("added_at", ""),
    }
    return {PROMPT_BACKUP: backup}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []

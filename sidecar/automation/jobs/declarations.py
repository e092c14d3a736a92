"""The abilities on jobs, as WordPress is told about them."""

from __future__ import annotations

from sidecar.abilities import Declaration, Permission, object_schema
from sidecar.automation.categories import FLOW, JOBS

GET_JOBS = "datamachine/get-jobs"
GET_SUMMARY = "datamachine/get-jobs-summary"
DELETE_JOBS = "datamachine/delete-jobs"
FAIL_JOB = "datamachine/fail-job"
RETRY_JOB = "datamachine/retry-job"
CANCEL_JOB = "datamachine/cancel-job"
UNDO_JOB = "datamachine/undo-job"
RECOVER_STUCK = "datamachine/recover-stuck-jobs"
REPORT_STUCK = "datamachine/report-stuck-jobs"
GET_FLOW_HEALTH = "datamachine/get-flow-health"
GET_PROBLEM_FLOWS = "datamachine/get-problem-flows"

_TEXT, _FLAG, _OBJECT = ({"type": kind} for kind in ("string", "boolean", "object"))
#: Ids come as numbers or as the texts that the database gives.
_ID = {"type": ["integer", "string", "null"]}
_NUMBER = {"type": "integer"}
_LIST = {"type": "array", "items": _OBJECT}
_MANAGERS = Permission(manage=True)
_JOB = {"job_id": _NUMBER | {"description": "The job."}}
_OUTCOME = {"success": _FLAG, "error": _TEXT, "error_code": _TEXT, "message": _TEXT}

DECLARATIONS: tuple[Declaration, ...] = (
    Declaration(
        GET_JOBS,
        JOBS,
        "List jobs",
        "A page of jobs that match what is given, or one job.",
        _MANAGERS,
        object_schema(
            {
                "job_id": _ID,
                "user_id": _ID,
                "agent_id": _ID,
                "flow_id": _ID,
                "pipeline_id": _ID,
                "parent_job_id": _ID,
                "hide_children": _FLAG,
                "status": {"type": ["string", "null"], "description": "The beginning of the status."},
                "source": {"type": ["string", "null"]},
                "since": {"type": ["string", "null"], "description": "Created at or after this moment, UTC."},
                "per_page": _NUMBER | {"default": 50, "minimum": 1, "maximum": 100},
                "offset": _NUMBER | {"default": 0, "minimum": 0},
                "orderby": _TEXT | {"default": "job_id"},
                "order": _TEXT | {"default": "DESC", "enum": ["ASC", "DESC"]},
            },
            optional=True,
        ),
        object_schema(
            {
                **_OUTCOME,
                "jobs": _LIST,
                "total": _NUMBER,
                "per_page": _NUMBER,
                "offset": _NUMBER,
                "filters_applied": {"type": ["object", "array"]},
            }
        ),
    ),
    Declaration(
        GET_SUMMARY,
        JOBS,
        "Count jobs by status",
        "How many jobs there are with each status, reasons left out.",
        _MANAGERS,
        object_schema({"agent_id": _ID}, optional=True),
        object_schema({**_OUTCOME, "summary": {"type": ["object", "array"]}, "total": _NUMBER}),
    ),
    Declaration(
        DELETE_JOBS,
        JOBS,
        "Delete jobs",
        "Deletes all jobs or the failed ones for good; unfinished ones are cancelled first.",
        _MANAGERS,
        object_schema(
            {
                "type": _TEXT | {"enum": ["all", "failed"]},
                "cleanup_processed": _FLAG
                | {"default": False, "description": "Also forget what these jobs processed."},
            },
            required=("type",),
        ),
        object_schema({**_OUTCOME, "deleted_count": _NUMBER, "processed_items_cleaned": _NUMBER}),
    ),
    Declaration(
        FAIL_JOB,
        JOBS,
        "Fail a job",
        "Ends a job that is processing as failed.",
        _MANAGERS,
        object_schema({**_JOB, "reason": _TEXT | {"default": "manual"}}, required=("job_id",)),
        object_schema({**_OUTCOME, "job_id": _NUMBER, "status": _TEXT}),
    ),
    Declaration(
        RETRY_JOB,
        JOBS,
        "Retry a job",
        "Starts a new job at the step where this one stopped, with the packets it had.",
        _MANAGERS,
        object_schema(
            {
                **_JOB,
                "force": _FLAG
                | {
                    "default": False,
                    "description": "Also a job that ended well, runs, or was retried already.",
                },
            },
            required=("job_id",),
        ),
        object_schema(
            {
                **_OUTCOME,
                "job_id": _NUMBER,
                "new_job_id": _NUMBER,
                "new_job_ids": {"type": "array", "items": _NUMBER},
                "previous_status": _TEXT,
                "prompt_requeued": _FLAG,
                "flow_step_id": _TEXT | {"description": "The step it begins at."},
            }
        ),
    ),
    Declaration(
        CANCEL_JOB,
        JOBS,
        "Cancel a job",
        "Ends an unfinished job and its children; nothing more of it runs.",
        _MANAGERS,
        object_schema({**_JOB, "reason": _TEXT}, required=("job_id",)),
        object_schema({**_OUTCOME, "job_id": _NUMBER, "status": _TEXT, "children_cancelled": _NUMBER}),
    ),
    Declaration(
        UNDO_JOB,
        JOBS,
        "Undo a job",
        "Takes back what a job changed in WordPress, as far as it wrote it down.",
        _MANAGERS,
        object_schema(
            {
                "job_id": _ID,
                "task_type": {"type": ["string", "null"], "description": "All jobs of this task instead."},
                "dry_run": _FLAG | {"default": False},
                "force": _FLAG | {"default": False, "description": "Also what was undone already."},
            },
            optional=True,
        ),
        object_schema(
            {
                **_OUTCOME,
                "reverted": _NUMBER,
                "skipped": _NUMBER,
                "failed": _NUMBER,
                "effects": _LIST,
                "dry_run": _FLAG,
            }
        ),
    ),
    Declaration(
        RECOVER_STUCK,
        JOBS,
        "Recover stuck jobs",
        "Ends jobs that are processing although nothing will ever go on with them.",
        _MANAGERS,
        object_schema(
            {
                "dry_run": _FLAG | {"default": False},
                "flow_id": _ID,
                "timeout_hours": {"type": ["integer", "number"], "default": 2, "minimum": 1},
            },
            optional=True,
        ),
        object_schema(
            {
                **_OUTCOME,
                "recovered": _NUMBER,
                "skipped": _NUMBER,
                "timed_out": _NUMBER,
                "requeued": _NUMBER,
                "dry_run": _FLAG,
                "jobs": _LIST,
            }
        ),
    ),
    Declaration(
        REPORT_STUCK,
        JOBS,
        "Report stuck jobs",
        "Unfinished jobs that have not moved for a while, and why.",
        _MANAGERS,
        object_schema(
            {
                "minutes": _NUMBER
                | {"default": 5, "minimum": 0, "description": "How long they have not moved."},
                "flow_id": _ID,
                "agent_id": _ID,
                "all": _FLAG | {"default": False, "description": "Also those that run or wait for a moment."},
                "per_page": _NUMBER | {"default": 50, "minimum": 1, "maximum": 100},
                "offset": _NUMBER | {"default": 0, "minimum": 0},
            },
            optional=True,
        ),
        object_schema(
            {
                **_OUTCOME,
                "jobs": _LIST,
                "total": _NUMBER,
                "per_page": _NUMBER,
                "offset": _NUMBER,
                "queue": _OBJECT,
            }
        ),
    ),
    Declaration(
        GET_FLOW_HEALTH,
        FLOW,
        "Show a flow's health",
        "How often in a row the newest jobs of a flow failed or found nothing.",
        _MANAGERS,
        object_schema({"flow_id": _ID}, required=("flow_id",)),
        object_schema(
            {
                **_OUTCOME,
                "flow_id": _NUMBER,
                "consecutive_failures": _NUMBER,
                "consecutive_no_items": _NUMBER,
                "latest_job": {"type": ["object", "null"]},
            }
        ),
    ),
    Declaration(
        GET_PROBLEM_FLOWS,
        FLOW,
        "List problem flows",
        "Flows whose newest jobs failed or found nothing several times in a row.",
        _MANAGERS,
        object_schema(
            {"threshold": {"type": ["integer", "null"], "default": 1, "minimum": 1}, "agent_id": _ID},
            optional=True,
        ),
        object_schema({**_OUTCOME, "failing": _LIST, "idle": _LIST, "count": _NUMBER, "threshold": _NUMBER}),
    ),
)

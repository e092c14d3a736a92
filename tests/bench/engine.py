"""A whole flow, fetch -> ai -> publish: jobs a second, and what one costs WordPress and the database.

The model is a Python plugin that answers at once: what is measured is everything around it.
"""

from __future__ import annotations

import json

from dev.instance import DATABASE, Instance
from sidecar.identity import AgentsRepository
from tests.bench import flows
from tests.bench.flows import Figure
from tests.trace import record

JOBS, STEPS, SOURCES = 10, 3, 150
PYTHON = """
import json
from sidecar import hooks
from sidecar.conversation import execute_tool

@hooks.filter("agents_api_conversation_runner", accepted_args=9)
def run(result, messages, tools, *more):
    title = json.loads(messages[0]["content"])["data_packets"][0]["data"]["title"]
    parameters = {
        "title": f"AI: {title}",
        "content": f"<!-- wp:paragraph --><p>Rewritten {title}</p><!-- /wp:paragraph -->",
        "content_format": "blocks",
    }
    answer = execute_tool("wordpress_publish", parameters)
    done = {
        "tool_name": "wordpress_publish",
        "result": answer,
        "parameters": parameters,
        "is_handler_tool": True,
        "turn_count": 1,
    }
    return {
        "messages": [*messages, {"role": "assistant", "content": "Done."}],
        "final_content": "Done.",
        "turn_count": 1,
        "completed": True,
        "usage": {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15},
        "tool_execution_results": [done],
    }
"""


def run() -> list[Figure]:
    """Jobs and steps a second by 1, 2 and 4 workers, and the milliseconds of one job."""
    name = "fetch, ai, publish"
    with flows.site(PYTHON, prepare=_prepare) as site:
        built = site.built
        agent = built.get(AgentsRepository).insert("bench", "Bench", 1, {})
        flow = record.success_flow(built, agent)
        flows.spent(built, flow, jobs=2)
        found = flows.rates(name, site, flow, jobs=JOBS, steps=STEPS)
        watch, seconds = flows.spent(built, flow, jobs=JOBS)
    return found + flows.shares(f"a job of {name}", watch, seconds, JOBS)


def _prepare(instance: Instance) -> None:
    """Posts to fetch, and a model to ask."""
    instance.db.sql(
        "INSERT INTO wp_posts (post_author, post_date, post_date_gmt, post_content, post_title, post_excerpt,"
        " post_status, post_name, to_ping, pinged, post_modified, post_modified_gmt, post_content_filtered)"
        " SELECT 1, stamp, stamp, CONCAT('<p>Body of ', seq, '</p>'), CONCAT('Source ', seq), '', 'publish',"
        " CONCAT('source-', seq), '', '', stamp, stamp, ''"
        " FROM (SELECT seq, UTC_TIMESTAMP() - INTERVAL seq MINUTE AS stamp"
        f" FROM seq_1_to_{SOURCES}) made",
        database=DATABASE,
    )
    choice = json.dumps({"default_provider": "mock", "default_model": "mock-1"})
    instance.wp("option", "update", "datamachine_settings", choice, "--format=json")


if __name__ == "__main__":
    for each in run():
        print(each)

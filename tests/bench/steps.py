"""How many steps of a flow the workers do a second, and where the time of one goes.

The step itself does nothing: what is measured is the engine, the queue and every hook around it. A plugin
brought it, in Python; nobody in PHP listens, then somebody does.
"""

from __future__ import annotations

from sidecar.automation.setup import Part
from sidecar.automation.values import NewPipelineStep
from tests.bench import flows
from tests.bench.flows import Figure

STEPS, JOBS = 10, 20
PYTHON = """
from sidecar import hooks, runtime
from sidecar.automation.engine import packets

class Nothing:
    def execute(self, run):
        return [packets.packet("nothing", {"title": "", "body": ""}, {}, runtime.current().clock)]

hooks.bus().registrations.register_step_type("nothing", Nothing(), label="Nothing", uses_handler=False)
"""
#: Hears every step, as a plugin that watches the engine does.
LISTENER = "add_action( 'datamachine_schedule_next_step', static fn() => null, 20 );"


def run() -> list[Figure]:
    """Steps a second by 1, 2 and 4 workers, and the milliseconds of one step by what they are spent on."""
    return [*_figures("a step that does nothing"), *_figures("the same with a PHP listener", LISTENER)]


def _figures(name: str, php: str = "") -> list[Figure]:
    with flows.site(PYTHON, php) as site:
        built = site.built
        flow = flows.flow(built, name, [Part(NewPipelineStep("nothing")) for _ in range(STEPS)])
        # Not measured: everything is loaded for the first time.
        flows.spent(built, flow, jobs=2)
        found = flows.rates(name, site, flow, jobs=JOBS, steps=STEPS)
        watch, seconds = flows.spent(built, flow, jobs=JOBS)
    return found + flows.shares(name, watch, seconds, JOBS * STEPS)


if __name__ == "__main__":
    for each in run():
        print(each)

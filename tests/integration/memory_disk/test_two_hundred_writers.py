"""Two hundred writers of one file, half of them PHP requests, half Python: nothing is lost, nothing torn."""

from __future__ import annotations

import random
import shutil
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha1
from pathlib import Path
from typing import Any

import pytest

from dev.instance import Instance
from dev.processes import wait_until
from sidecar import runtime as runtime_module
from sidecar import settings
from sidecar.memory import MemoryService
from sidecar.memory.failures import MemoryConflict
from sidecar.memory.service import MemoryFile
from sidecar.runtime import Runtime

HERE = Path(__file__).parent
EACH = 100
#: PHP's web server has four workers.
AT_ONCE = 4


@pytest.fixture
def runtime(site: Instance) -> Iterator[Runtime]:
    built = runtime_module.build(settings.load(site.config).site(), "work")
    yield built
    built.close()


@pytest.fixture
def writers(site: Instance) -> Iterator[None]:
    """PHP's half, as a plugin of the site."""
    target = site.path / "wp-content/mu-plugins/writing.php"
    shutil.copy(HERE / "writing.php", target)
    yield
    target.unlink()


def sealed(lines: str) -> str:
    """Lines below their own hash: a torn read would not match."""
    return f"{sha1(lines.encode()).hexdigest()}\n{lines}"


def add(file: MemoryFile, name: str) -> dict[str, Any]:
    """One writer in Python: what it replaced and what it wrote."""
    torn, refused, end = 0, 0, time.monotonic() + 60
    while time.monotonic() < end:
        found = file.read()
        check, _, lines = found.content.decode().partition("\n")
        torn += sha1(lines.encode()).hexdigest() != check
        try:
            content = sealed(f"{lines}{name}\n")
            file.replace_all(content, if_match=found.hash)
        except MemoryConflict:
            refused += 1
            time.sleep(random.uniform(0.001, 0.02))
            continue
        accepted = sha1(content.encode()).hexdigest()
        return {"name": name, "replaced": found.hash, "accepted": accepted, "torn": torn, "refused": refused}
    raise AssertionError(f"{name} was never accepted")


def test_every_accepted_write_is_in_the_history(site: Instance, runtime: Runtime, writers: None) -> None:
    service = runtime.get(MemoryService)
    with service.open(user_id=1, filename="CROWD.md") as file:
        file.replace_all(sealed(""))
    beginning = sha1(sealed("").encode()).hexdigest()

    def php(number: int) -> dict[str, Any]:
        return site.get(f"/?memory_writer=php-{number}").json()

    done: list[dict[str, Any]] = []

    def plugin_answers() -> bool:
        found = site.get("/?memory_writer=php-0")
        if found.text.startswith("{"):
            done.append(found.json())
        return bool(done)

    wait_until(plugin_answers, what="The plugin of writers")
    start = threading.Barrier(2 * AT_ONCE)

    def php_worker(numbers: list[int]) -> list[dict[str, Any]]:
        start.wait()
        return [php(number) for number in numbers]

    def python_worker(numbers: list[int]) -> list[dict[str, Any]]:
        start.wait()
        found = []
        for number in numbers:
            with service.open(user_id=1, filename="CROWD.md") as file:
                found.append(add(file, f"python-{number}"))
        return found

    with ThreadPoolExecutor(2 * AT_ONCE) as pool:
        work = [pool.submit(php_worker, list(range(1 + n, EACH, AT_ONCE))) for n in range(AT_ONCE)]
        work += [pool.submit(python_worker, list(range(n, EACH, AT_ONCE))) for n in range(AT_ONCE)]
        for each in work:
            done += each.result(timeout=240)

    assert len(done) == 2 * EACH
    assert all("accepted" in each for each in done), [each for each in done if "accepted" not in each]
    assert sum(each["torn"] for each in done) == 0
    assert {each.get("store") for each in done} == {None, "DataMachine\\Bridge\\Memory\\StoreProxy"}

    with service.open(user_id=1, filename="CROWD.md") as file:
        found = file.read()
        file.delete()
    check, _, lines = found.content.decode().partition("\n")
    assert sha1(lines.encode()).hexdigest() == check
    wanted = {f"{kind}-{number}" for kind in ("php", "python") for number in range(EACH)}
    assert Counter(lines.split()) == Counter(wanted), "each writer is there, once"

    # The accepted writes are one chain from the first content to the last: nobody's was overwritten.
    following = {each["replaced"]: each for each in done if "replaced" in each}
    history, at = [], beginning
    so_far = ""
    for name in lines.split():
        so_far += f"{name}\n"
        step = following.get(at)
        at = sha1(sealed(so_far).encode()).hexdigest()
        if step is not None:
            assert (step["name"], step["accepted"]) == (name, at)
            history.append(name)
    assert at == found.hash
    unsure = [each["name"] for each in done if each.get("unsure")]
    assert sorted(history + unsure) == sorted(wanted)

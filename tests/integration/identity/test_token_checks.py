"""Who presents a token on a real site: what opens the door, what does not, and how failures are limited."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from sidecar.errors import NotFound, Unauthorized
from sidecar.identity import (
    Agent,
    AgentsService,
    Attempts,
    Minted,
    Principal,
    Tokens,
    TokensRepository,
    TokensService,
    TooManyAttempts,
    attempts,
)
from tests.integration.identity.conftest import OPERATOR, Site, administrator
from tests.integration.identity.tokens import Bench, bench_of

GUESS = "datamachine_tc-bot_" + "0" * 64
THREADS = 8


@pytest.fixture(scope="module")
def built(shared_site: Site) -> Iterator[Bench]:
    found = bench_of(shared_site)
    yield found
    found.runtime.close()


@pytest.fixture
def bench(built: Bench) -> Iterator[Bench]:
    """Each test begins at noon, without tokens, failures and lines of either."""
    built.clock.reset()
    yield built
    for table in ("agent_tokens", "bridge_attempts", "logs"):
        built.site.sql(f"DELETE FROM wp_datamachine_{table}")
    built.site.sql("DELETE FROM wp_datamachine_agents WHERE agent_slug LIKE 'tc-%'")


def minted(bench: Bench, slug: str = "tc-bot", owner_id: int = 1, **more: object) -> tuple[Agent, Minted]:
    agent = bench.agent(slug, owner_id)
    return agent, bench.runtime.get(TokensService).create(OPERATOR, agent.agent_id, **more)  # type: ignore[arg-type]


def code(bench: Bench, raw: str, *, blog_id: int | None = None, multisite: bool = False) -> str | None:
    """Why a token is refused, None when it is not."""
    tokens = bench.runtime.get(Tokens)
    if multisite:
        tokens = Tokens(bench.runtime.get(TokensRepository), lambda: True, bench.clock)
    try:
        tokens.authenticate(raw, blog_id=blog_id)
    except Unauthorized as error:
        return error.code
    return None


# Authentication


def test_a_good_token_is_its_agent_below_its_limit(bench: Bench) -> None:
    agent, made = minted(bench, capabilities=["read"])
    bench.site.option("datamachine_bridge_access_epoch", "e1")
    found = bench.runtime.get(Tokens).authenticate(made.raw)
    assert found.principal == Principal("agent", 1, agent.agent_id, frozenset({"read"}), made.token.token_id)
    assert (found.agent, found.token.token_id, found.epoch) == (agent, made.token.token_id, "e1")
    bench.site.without("datamachine_bridge_access_epoch")
    assert bench.runtime.get(Tokens).authenticate(made.raw, blog_id=4).principal.blog_id == 4
    assert bench.runtime.get(Tokens).authenticate(made.raw).epoch == ""


def test_what_opens_nothing(bench: Bench) -> None:
    _, made = minted(bench, expires_in=60)
    invalid = "datamachine_invalid_token"
    assert code(bench, made.raw) is None
    for wrong in (GUESS, made.raw[:-1], made.raw + "0", made.raw.upper(), f" {made.raw}", "datamachine_'"):
        assert code(bench, wrong) == invalid, wrong
    bench.clock.move(59)
    assert code(bench, made.raw) is None
    bench.clock.move(1)
    assert code(bench, made.raw) == invalid, "at its end, not a second later"


def test_the_hash_is_compared_letter_by_letter(bench: Bench) -> None:
    """The table's collation finds a hash in capitals; it is another text all the same."""
    agent, made = minted(bench)
    bench.site.sql(
        f"UPDATE wp_datamachine_agent_tokens SET token_hash = UPPER(token_hash) "
        f"WHERE token_id = {made.token.token_id}"
    )
    assert code(bench, made.raw) == "datamachine_invalid_token"
    assert agent.agent_id


def test_revoked_deleted_and_orphaned(bench: Bench) -> None:
    service, users = bench.runtime.get(TokensService), bench.runtime.get(AgentsService)
    agent, made = minted(bench)
    assert code(bench, made.raw) is None
    service.revoke(OPERATOR, agent.agent_id, made.token.token_id)
    assert code(bench, made.raw) == "datamachine_invalid_token"
    again = service.create(OPERATOR, agent.agent_id)
    users.delete(administrator(), agent.agent_id)
    assert code(bench, again.raw) == "datamachine_invalid_token"
    lost, orphan = minted(bench, "tc-lost")
    bench.site.sql(f"DELETE FROM wp_datamachine_agents WHERE agent_id = {lost.agent_id}")
    assert code(bench, orphan.raw) == "datamachine_agent_not_found"
    _, abandoned = minted(bench, "tc-abandoned", owner_id=987_654)
    assert code(bench, abandoned.raw) == "datamachine_owner_not_found"


def test_a_rename_leaves_tokens_alone(bench: Bench) -> None:
    agent, made = minted(bench)
    bench.runtime.get(AgentsService).rename(administrator(), "tc-bot", "tc-renamed")
    found = bench.runtime.get(Tokens).authenticate(made.raw)
    assert (found.agent.agent_id, found.agent.agent_slug) == (agent.agent_id, "tc-renamed")


def test_on_a_network_an_agent_of_one_site_is_nobody_on_the_others(bench: Bench) -> None:
    agent, made = minted(bench)
    bench.site.sql(f"UPDATE wp_datamachine_agents SET site_scope = 2 WHERE agent_id = {agent.agent_id}")
    gone = "datamachine_agent_not_found"
    assert code(bench, made.raw, blog_id=1, multisite=True) == gone
    assert code(bench, made.raw, blog_id=2, multisite=True) is None
    assert code(bench, made.raw, multisite=True) == gone, "the blog worked for"
    assert code(bench, made.raw, blog_id=1) is None, "a single site has no others"


def test_use_is_noted_at_most_once_a_minute(bench: Bench) -> None:
    agent, made = minted(bench)

    def used() -> str:
        return bench.rows(agent, "last_used_at")[0][0]

    assert used() == "NULL"
    assert code(bench, made.raw) is None
    assert used() == "2026-11-23 12:00:00"
    bench.clock.move(60)
    assert code(bench, made.raw) is None
    assert used() == "2026-11-23 12:00:00", "a minute old is new enough"
    bench.clock.move(1)
    assert code(bench, made.raw) is None
    assert used() == "2026-11-23 12:01:01"
    assert code(bench, GUESS) is not None
    bench.clock.move(3600)
    bench.site.sql("UPDATE wp_datamachine_agent_tokens SET expires_at = '2026-11-23 12:30:00'")
    assert code(bench, made.raw) is not None
    assert used() == "2026-11-23 12:01:01", "a token that is refused was not used"


# Failed attempts


def failures(bench: Bench, times: int, address: str, token: str = GUESS) -> list[int]:
    """Seconds to wait each time a failure was over the limit, 0 when it was counted."""
    found = []
    for _ in range(times):
        try:
            bench.runtime.get(Attempts).failed(address, token)
        except TooManyAttempts as error:
            found.append(error.data["retry_after"])
        else:
            found.append(0)
    return found


def counted(bench: Bench) -> dict[str, str]:
    return dict(bench.site.sql("SELECT subject, failures FROM wp_datamachine_bridge_attempts"))  # type: ignore[arg-type]


def test_an_address_has_thirty(bench: Bench) -> None:
    assert failures(bench, 20, "203.0.113.9") == [0] * 20
    bench.clock.move(100)
    assert failures(bench, 12, "203.0.113.9", "datamachine_tc-other_1") == [0] * 10 + [500] * 2
    assert failures(bench, 1, "203.0.113.10") == [0], "another address is not its neighbour"
    rows = counted(bench)
    assert rows[attempts.subject("address", "203.0.113.9")] == "30", "nothing is written over the limit"
    assert all(len(subject) == 64 for subject in rows), "no address and no name is stored"
    lines = bench.log()
    assert len(lines) == 31, "one line each, none over the limit"
    assert lines[0] == (
        "warning",
        "Agent auth: invalid or expired token presented",
        {"token_prefix": "datamachine_tc-bot..."},
    )
    bench.clock.move(500)
    assert failures(bench, 1, "203.0.113.9") == [0], "the window is over"
    assert counted(bench)[attempts.subject("address", "203.0.113.9")] == "1"


def test_the_answer_over_the_limit(bench: Bench) -> None:
    failures(bench, 30, "203.0.113.9")
    with pytest.raises(TooManyAttempts) as refused:
        bench.runtime.get(Attempts).failed("203.0.113.9", GUESS)
    assert refused.value.envelope() == {
        "code": "datamachine_too_many_attempts",
        "message": "Too many failed attempts.",
        "data": {"status": 429, "retry_after": 600},
    }


def test_a_name_has_sixty_from_anywhere(bench: Bench) -> None:
    for number in range(3):
        assert failures(bench, 20, f"198.51.100.{number}") == [0] * 20
    assert failures(bench, 1, "198.51.100.77") == [600]
    assert failures(bench, 1, "198.51.100.77", "datamachine_tc-other_1") == [0]
    assert failures(bench, 1, "198.51.100.77", "") == [0], "a malformed header has no name"


def test_a_valid_token_is_never_refused(bench: Bench) -> None:
    _, made = minted(bench)
    failures(bench, 40, "203.0.113.9", made.raw[:-1] + "x")
    assert failures(bench, 1, "203.0.113.9") != [0]
    assert code(bench, made.raw) is None


def test_failures_at_once_are_all_counted(bench: Bench) -> None:
    together = Barrier(THREADS)

    def fail(_: int) -> list[int]:
        together.wait()
        return failures(bench, 3, "203.0.113.9")

    with ThreadPoolExecutor(THREADS) as pool:
        found = [each for part in pool.map(fail, range(THREADS)) for each in part]
    assert found == [0] * 24
    assert set(counted(bench).values()) == {"24"}


def test_windows_that_are_over_go_away(bench: Bench) -> None:
    failures(bench, 1, "203.0.113.9")
    bench.clock.move(599)
    failures(bench, 1, "203.0.113.10", "datamachine_tc-other_1")
    assert bench.runtime.get(Attempts).clean() == 0
    bench.clock.move(1)
    assert bench.runtime.get(Attempts).clean() == 2
    assert len(counted(bench)) == 2


# Races


def test_no_token_outlives_an_agent_that_is_deleted_meanwhile(bench: Bench) -> None:
    service, agents = bench.runtime.get(TokensService), bench.runtime.get(AgentsService)
    for number in range(5):
        agent = bench.agent(f"tc-race-{number}")
        together = Barrier(5)

        def mint(agent: Agent = agent, together: Barrier = together) -> bool:
            together.wait()
            try:
                service.create(OPERATOR, agent.agent_id)
            except NotFound:
                return False
            return True

        with ThreadPoolExecutor(5) as pool:
            minting = [pool.submit(mint) for _ in range(4)]
            together.wait()
            agents.delete(administrator(), agent.agent_id)
            for each in minting:
                each.result()
        assert bench.rows(agent) == []


def test_no_token_is_made_by_one_that_is_revoked_meanwhile(bench: Bench) -> None:
    """Whoever is told that a token was revoked knows all that it has made."""
    service = bench.runtime.get(TokensService)
    agent = bench.agent("tc-chain")
    for _ in range(5):
        own = service.create(OPERATOR, agent.agent_id).token
        who = Principal("agent", 1, agent.agent_id, None, own.token_id)
        together = Barrier(5)

        def mint(who: Principal = who, together: Barrier = together) -> int | None:
            together.wait()
            try:
                return service.create(who, agent.agent_id).token.token_id
            except Unauthorized:
                return None

        with ThreadPoolExecutor(5) as pool:
            minting = [pool.submit(mint) for _ in range(4)]
            together.wait()
            service.revoke(OPERATOR, agent.agent_id, own.token_id)
            known = {each.token_id for each in service.list(OPERATOR, agent.agent_id)}
            made = {each.result() for each in minting} - {None}
        assert made <= known

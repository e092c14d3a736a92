"""What another site says about itself when its agent calls ours, and what we say when ours calls on.

Nothing in it is verified. It serves the log, and ends chains of agents that call each other for ever.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping

import msgspec

from sidecar.errors import SidecarError

SITE = "X-Datamachine-Caller-Site"
AGENT = "X-Datamachine-Caller-Agent"
CHAIN = "X-Datamachine-Chain-Id"
DEPTH = "X-Datamachine-Chain-Depth"
#: The words of later versions of the product: a chain through both kinds of site is one chain.
LATER_AGENT = "X-Agents-Api-Caller-Agent"
LATER_HOST = "X-Agents-Api-Caller-Host"
LATER_CHAIN = "X-Agents-Api-Chain-Root"
LATER_DEPTH = "X-Agents-Api-Chain-Depth"

#: Hops a chain may have where the setting ``max_chain_depth`` says nothing; it is kept between 1 and 10.
DEFAULT_CEILING = 3
MOST = 10
#: Seconds after which a chain that was refused may try again.
RETRY_AFTER = 60
#: Characters of a header that are believed.
LONGEST = 200

_NUMBER = re.compile(r"\s*[+-]?\d{1,9}", re.ASCII)
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f<>]")


class ChainTooDeep(SidecarError):
    """An agent was called by an agent that was called by an agent, too often."""

    code = "datamachine_chain_depth_exceeded"
    status = 429


class Caller(msgspec.Struct, frozen=True):
    """Who called. Without headers: depth 0, no site, a chain of its own."""

    site: str = ""
    agent: str = ""
    chain_id: str = ""
    depth: int = 0

    @property
    def cross_site(self) -> bool:
        """Whether an agent of another site is calling."""
        return self.depth >= 1 and self.site != ""

    def check(self, ceiling: int) -> None:
        """ChainTooDeep at ``ceiling`` hops or more."""
        if self.depth >= ceiling:
            raise ChainTooDeep(
                f"A2A chain depth ({self.depth}) exceeded. Refusing to extend the chain further.",
                data={
                    "retry_after": RETRY_AFTER,
                    "chain_id": self.chain_id,
                    "chain_depth": self.depth,
                    "ceiling": ceiling,
                },
            )

    def headers(self, site: str, agent: str) -> dict[str, str]:
        """What a call of ours says: one hop further in this chain.

        ``site`` is our host, ``agent`` a slug or ''.
        """
        depth, chain = str(self.depth + 1), self.chain_id or str(uuid.uuid4())
        said = {SITE: site, AGENT: agent, CHAIN: chain, DEPTH: depth}
        if site and agent:
            # A later version refuses a depth without all the rest.
            said |= {
                LATER_AGENT: agent,
                LATER_HOST: f"https://{site}",
                LATER_CHAIN: chain,
                LATER_DEPTH: depth,
            }
        return {name: value for name, value in said.items() if value != ""}


def read(headers: Mapping[str, str]) -> Caller:
    """From a request's headers, by name in any spelling of case."""
    given = {name.lower(): value for name, value in headers.items()}

    def text(*names: str) -> str:
        for name in names:
            value = _UNPRINTABLE.sub("", given.get(name.lower(), "")).strip()[:LONGEST]
            if value:
                return value
        return ""

    return Caller(
        site=text(SITE, LATER_HOST),
        agent=text(AGENT, LATER_AGENT),
        chain_id=text(CHAIN, LATER_CHAIN) or str(uuid.uuid4()),
        depth=max(_number(given.get(DEPTH.lower(), "")), _number(given.get(LATER_DEPTH.lower(), ""))),
    )


def ceiling(setting: object) -> int:
    """The setting ``max_chain_depth`` as it counts."""
    if isinstance(setting, str):
        setting = int(setting) if re.fullmatch(r"\d{1,9}", setting, re.ASCII) else None
    if isinstance(setting, bool) or not isinstance(setting, int):
        return DEFAULT_CEILING
    return max(1, min(MOST, setting))


def _number(text: str) -> int:
    """As PHP's ``(int)``, never below 0; a number of more digits is as good as endless."""
    found = _NUMBER.match(text)
    return max(0, int(found[0])) if found else 0

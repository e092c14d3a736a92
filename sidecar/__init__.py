"""The Python side of a WordPress site's agents: hooks, memory, pipelines and jobs."""

from __future__ import annotations

__version__ = "0.1.0"
#: Version of the protocol spoken on the bridge channel; both sides refuse another one.
PROTOCOL_VERSION = 1

"""Steps written in Python: each takes the packets so far and returns those that go on."""

from __future__ import annotations

"""SQL of the automation tables, one module a table."""

from __future__ import annotations

"""The product's REST routes: one service code behind ``/wp-json/datamachine/v1`` and its own door."""

from __future__ import annotations

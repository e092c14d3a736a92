"""Handlers written in Python: where a fetch step takes items from, and where a publish step's tool puts
them.
"""

from __future__ import annotations

"""Making and changing posts of this site for a caller, outside any flow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sidecar.identity import Principal


class PostsService:
    """What the abilities ``publish-wordpress`` and ``update-wordpress`` do."""

    def publish(self, principal: Principal, given: Mapping[str, Any]) -> dict[str, Any]:
        """``{post_id, post_title, post_url, taxonomy_results, featured_image_result}``."""
        raise NotImplementedError

    def update(self, principal: Principal, given: Mapping[str, Any]) -> dict[str, Any]:
        """``{post_id, post_title, post_url, updated}``."""
        raise NotImplementedError

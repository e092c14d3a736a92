"""Sees to it that the folders of memory that were there before us are not fetched either."""

from __future__ import annotations

import logging
from typing import Any

from sidecar.bridge import Call
from sidecar.memory import files, places
from sidecar.memory.layout import Places
from sidecar.settings import Site

logger = logging.getLogger("datamachine.memory")

#: Top folders of the blog's layers, and of those the network shares; ``agent`` is from before they had names.
OWN, NETWORKS = ("agents", "agent", "shared"), ("users", "network")


class Protection:
    """Puts the files that deny fetching into every layer's folder that exists; others get them when made."""

    def __init__(self, site: Site, owner: files.Owner | None) -> None:
        self._site = site
        self._owner = owner

    def protect(self, where: Places) -> list[str]:
        """Deny what is below the layers' folders; their paths. One that is not ours to write is left out.

        Files of memory are neither read nor changed, and no folder is made.
        """
        done = []
        below = [(where.base, name) for name in OWN] + [(where.network_base, name) for name in NETWORKS]
        for base, name in below:
            try:
                with files.folder(base, [name], trusted_by=self._owner) as directory:
                    files.deny(directory, self._owner)
            except FileNotFoundError:
                continue
            except OSError as error:
                logger.warning("Could not protect %s/%s: %s", base, name, error)
                continue
            done.append(f"{base}/{name}")
        return done

    def handle(self, call: Call) -> list[str]:
        """Bridge method ``memory.protect {site}``."""
        site: Any = call.params.get("site")
        return self.protect(places.facts(site, self._site).places)

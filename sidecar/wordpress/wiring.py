"""Offers the readers of WordPress to the other packages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sidecar.wordpress.network import Network
from sidecar.wordpress.options import Options
from sidecar.wordpress.users import UsersRepository

if TYPE_CHECKING:
    from sidecar.runtime import Runtime


def wire(runtime: Runtime) -> None:
    """Provide users, options and blogs."""
    runtime.provide(UsersRepository, UsersRepository(runtime.db))
    runtime.provide(Options, Options(runtime.db))
    runtime.provide(Network, Network(runtime.db))

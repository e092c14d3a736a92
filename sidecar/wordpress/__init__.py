"""What Python reads of WordPress by itself: users, options, networks, folders."""

from __future__ import annotations

from sidecar.wordpress.addresses import rest_url
from sidecar.wordpress.network import Blog, Network
from sidecar.wordpress.options import OptionNotListed, Options
from sidecar.wordpress.uploads import Uploads
from sidecar.wordpress.users import User, UsersRepository

__all__ = ["Blog", "Network", "OptionNotListed", "Options", "Uploads", "User", "UsersRepository", "rest_url"]

"""Users named on a command line: by id, login or email address."""

from __future__ import annotations

from sidecar.errors import NotFound
from sidecar.runtime import Runtime
from sidecar.wordpress import User, UsersRepository


def find_user(runtime: Runtime, named: str) -> User:
    """The user: digits are an id, a word with an @ an address, any other a login.

    NotFound ``user_not_found``.
    """
    users = runtime.get(UsersRepository)
    text = named.strip()
    if text.isascii() and text.isdigit():
        found, what = users.get(int(text)), f"User ID {int(text)} not found."
    elif "@" in text:
        found, what = users.by_email(text), f'User with email "{text}" not found.'
        # A login may be an address that belongs to nobody any more.
        found = found or users.by_login(text)
    else:
        found, what = users.by_login(text), f'User with login "{text}" not found.'
    if found is None:
        raise NotFound(what, code="user_not_found")
    return found

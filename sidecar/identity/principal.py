"""Who acts: a WordPress user, an agent, the system, or the operator at a command line."""

from __future__ import annotations

from typing import Literal

import msgspec

from sidecar.identity.caller import Caller

#: ``user`` with id 0 is a visitor. ``agent`` acts with its owner's rights, at most. ``system`` is
#: the site itself (work of nobody's agent), ``cli`` an operator whom nothing has narrowed.
Kind = Literal["user", "agent", "system", "cli"]


class Answers(msgspec.Struct, frozen=True):
    """What WordPress says about one user on one blog, every filter of the site included."""

    #: Action keys the user passes (``manage_flows``); ``manage_options`` stands for all of them.
    actions: frozenset[str] = frozenset()
    #: Whether the user administers this blog (``manage_options``).
    administrator: bool = False
    #: Whether the user administers the whole network; on a single site as ``administrator``.
    network: bool = False
    #: Whether the user exists and is not suspended, as far as WordPress was asked about that.
    known: bool = False


class Principal(msgspec.Struct, frozen=True):
    """Who acts in one call. It is made at a door, once, and handed to every service."""

    kind: Kind
    #: The WordPress user whose rights count: an agent's owner for an agent, 0 for nobody.
    user_id: int = 0
    #: The agent that acts, also the default scope of what it asks for.
    agent_id: int | None = None
    #: Capabilities (``datamachine_manage_flows``) a token is limited to; None for no limit of its own.
    ceiling: frozenset[str] | None = None
    token_id: int | None = None
    #: The blog the call is about.
    blog_id: int = 1
    #: What WordPress said along with the call; None when it must be asked.
    answers: Answers | None = None
    #: What an agent of another site says about itself; None where nobody was asked.
    caller: Caller | None = None

    @classmethod
    def user(cls, user_id: int, *, blog_id: int = 1, answers: Answers | None = None) -> Principal:
        """A signed-in user, or a visitor (0)."""
        return cls("user", user_id=max(0, user_id), blog_id=blog_id, answers=answers)

    @classmethod
    def system(cls, *, blog_id: int = 1) -> Principal:
        """The site itself."""
        return cls("system", blog_id=blog_id)

    @classmethod
    def command_line(cls, user_id: int = 0, *, blog_id: int = 1) -> Principal:
        """The operator at a terminal; ``user_id`` is the user named with ``--user``, for what is created."""
        return cls("cli", user_id=user_id, blog_id=blog_id)

    @property
    def unlimited(self) -> bool:
        """Whether nothing is asked of WordPress: the site itself, or its operator."""
        return self.kind in {"system", "cli"}

    @property
    def anonymous(self) -> bool:
        """Whether nobody is signed in."""
        return not self.unlimited and self.user_id <= 0

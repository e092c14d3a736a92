"""Who acts at the native command line: an agent by its token, else the operator."""

from __future__ import annotations

import logging
import os
import socket

from sidecar import blog, hooks
from sidecar.errors import Forbidden, SidecarError, Unauthorized
from sidecar.identity import Principal
from sidecar.identity.authentication import Tokens
from sidecar.runtime import Runtime

log = logging.getLogger(__name__)

BYPASS = "datamachine_cli_bypass_permissions"
#: The token of the agent that acts; a process list never shows it.
TOKEN = "DATAMACHINE_TOKEN"  # noqa: S105  a variable's name
#: The agent that commands mean when ``--agent`` names none.
AGENT = "DATAMACHINE_AGENT_SLUG"
#: Seconds a busy host may keep an operator waiting.
PATIENCE = 10.0


def principal(runtime: Runtime, user_id: int) -> Principal:
    """Who acts; ``user_id`` is the user of ``--user``, 0 for none.

    With a token in ``DATAMACHINE_TOKEN`` its agent, within its limits: Unauthorized when the token is not
    good, Forbidden ``token_user_mismatch`` when ``--user`` names somebody else than the agent's owner.

    Otherwise the operator, who may do everything, as in WP-CLI. A site's filter
    ``datamachine_cli_bypass_permissions`` takes that away: then the named user's rights count, and Forbidden
    ``cli_user_required`` when none is named. The running host is asked; where none runs or WordPress does not
    load, the operator is believed: these commands are how a broken site is mended, and whoever may run them
    holds the database's password.
    """
    token = os.environ.get(TOKEN, "").strip()
    if token:
        return _agent(runtime, token, user_id)
    if _bypasses(runtime):
        return Principal.command_line(user_id, blog_id=blog.current())
    if user_id <= 0:
        raise Forbidden(
            "You are not allowed to run this command. Name a user who may manage Data Machine with --user.",
            code="cli_user_required",
        )
    return Principal.user(user_id, blog_id=blog.current())


def default_agent() -> str:
    """The slug or id in ``DATAMACHINE_AGENT_SLUG``; empty when there is none."""
    return os.environ.get(AGENT, "").strip()


def _agent(runtime: Runtime, token: str, user_id: int) -> Principal:
    try:
        acting = runtime.get(Tokens).authenticate(token, blog_id=blog.current()).principal
    except Unauthorized as error:
        # Nobody sees a variable on the command line that it spoils.
        raise Unauthorized(f"{TOKEN}: {error.message}", code=error.code) from None
    if user_id not in {0, acting.user_id}:
        raise Forbidden(
            "DATAMACHINE_TOKEN acts as an agent of another user than --user names. Leave one of them away.",
            code="token_user_mismatch",
        )
    return acting


def _bypasses(runtime: Runtime) -> bool:
    if not _answers(runtime.site.host_socket):
        return True
    try:
        with runtime.hosts.unit("cron", wait=PATIENCE):
            return bool(hooks.apply_filters(BYPASS, True))
    except SidecarError as error:
        log.warning("WordPress was not asked who may use the command line: %s", error.message)
        return True


def _answers(path: str) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        return probe.connect_ex(path) == 0

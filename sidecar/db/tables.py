"""Table names of one blog: which prefix each table has."""

from __future__ import annotations

import re

from sidecar.errors import InvalidInput

_PREFIX = re.compile(r"[A-Za-z0-9_]+\Z")
#: Shared by all sites of a network.
NETWORK_TABLES = frozenset(
    {
        "datamachine_agents",
        "datamachine_agent_access",
        "datamachine_agent_principal_access",
        "datamachine_agent_tokens",
        "datamachine_bridge_attempts",
        "datamachine_bridge_codes",
        "datamachine_bridge_renames",
        "users",
        "usermeta",
        "blogs",
        "blogmeta",
        "site",
        "sitemeta",
        "signups",
        "registration_log",
    }
)
MAIN_BLOG = 1


class _Table:
    """The full name of a table, with the prefix its kind has."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __get__(self, tables: Tables, _owner: type[Tables] | None = None) -> str:
        return tables.name(self._name)


class Tables:
    """Full table names for one blog. Blog 1 has the bare prefix, blog N ``{prefix}N_``."""

    __slots__ = ("base_prefix", "blog_id", "prefix")

    def __init__(self, base_prefix: str, blog_id: int = MAIN_BLOG) -> None:
        if not _PREFIX.match(base_prefix):
            raise InvalidInput("A table prefix holds letters, digits and '_' only.", code="invalid_prefix")
        if blog_id < 1:
            raise InvalidInput("A blog id is a positive number.", code="invalid_blog")
        self.base_prefix = base_prefix
        self.blog_id = blog_id
        self.prefix = base_prefix if blog_id == MAIN_BLOG else f"{base_prefix}{blog_id}_"

    def name(self, table: str) -> str:
        """The full name of any table by its name without prefix."""
        return (self.base_prefix if table in NETWORK_TABLES else self.prefix) + table

    # Network-wide, on the base prefix
    agents = _Table("datamachine_agents")
    agent_access = _Table("datamachine_agent_access")
    agent_tokens = _Table("datamachine_agent_tokens")
    #: Only where a later version of Data Machine made it.
    agent_principal_access = _Table("datamachine_agent_principal_access")
    bridge_attempts = _Table("datamachine_bridge_attempts")
    bridge_codes = _Table("datamachine_bridge_codes")
    bridge_renames = _Table("datamachine_bridge_renames")

    # A site's own
    bundle_artifacts = _Table("datamachine_bundle_artifacts")
    chat_sessions = _Table("datamachine_chat_sessions")
    flows = _Table("datamachine_flows")
    jobs = _Table("datamachine_jobs")
    logs = _Table("datamachine_logs")
    pipelines = _Table("datamachine_pipelines")
    post_identity = _Table("datamachine_post_identity")
    processed_items = _Table("datamachine_processed_items")

    # Ours
    bridge_sites = _Table("datamachine_bridge_sites")
    bridge_events = _Table("datamachine_bridge_events")
    bridge_leases = _Table("datamachine_bridge_leases")
    bridge_limits = _Table("datamachine_bridge_limits")
    bridge_effects = _Table("datamachine_bridge_effects")
    bridge_migrations = _Table("datamachine_bridge_migrations")

    # Action Scheduler's
    actionscheduler_actions = _Table("actionscheduler_actions")
    actionscheduler_claims = _Table("actionscheduler_claims")
    actionscheduler_groups = _Table("actionscheduler_groups")
    actionscheduler_logs = _Table("actionscheduler_logs")

    # WordPress's
    posts = _Table("posts")
    postmeta = _Table("postmeta")
    comments = _Table("comments")
    commentmeta = _Table("commentmeta")
    terms = _Table("terms")
    termmeta = _Table("termmeta")
    term_taxonomy = _Table("term_taxonomy")
    term_relationships = _Table("term_relationships")
    options = _Table("options")
    users = _Table("users")
    usermeta = _Table("usermeta")
    blogs = _Table("blogs")
    site = _Table("site")
    sitemeta = _Table("sitemeta")

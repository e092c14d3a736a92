"""Options read straight from the database: a listed set, because most options mean more than their row."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sidecar.db import Database, php_serialize
from sidecar.errors import Internal

#: Options whose row is their value. Others have defaults, filters or caches that only PHP applies (transients
#: above all): ask a host for those.
LISTED = frozenset(
    {
        "active_plugins",
        "admin_email",
        "blog_charset",
        "blogname",
        "date_format",
        "datamachine_bridge",
        "datamachine_bridge_agents",
        "datamachine_bridge_default_agent",
        "datamachine_bridge_manifest",
        "datamachine_db_version",
        "datamachine_default_owner_id",
        "datamachine_handler_defaults",
        "datamachine_log_level",
        "datamachine_persist_pipeline_transcripts",
        "datamachine_removed_agents",
        "datamachine_settings",
        "default_category",
        "gmt_offset",
        "home",
        "permalink_structure",
        "siteurl",
        "stylesheet",
        "template",
        "time_format",
        "timezone_string",
        "upload_path",
        "WPLANG",
    }
)
#: The same for a network's own options.
LISTED_NETWORK = frozenset(
    {
        "active_sitewide_plugins",
        "datamachine_agents_network_migrated",
        "main_site",
        "ms_files_rewriting",
        "siteurl",
    }
)


class OptionNotListed(Internal):
    """The option's row is not its value; it is read through WordPress."""

    code = "option_not_listed"


class Options:
    """Reads listed options of any blog; values are unserialized, text stays text (``"1"``, not 1)."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def get(self, name: str, default: Any = None, *, blog_id: int | None = None) -> Any:
        """One option of the blog named, or of the one worked for; ``default`` when it has no row."""
        return self.get_many([name], blog_id=blog_id).get(name, default)

    def get_many(self, names: Iterable[str], *, blog_id: int | None = None) -> dict[str, Any]:
        """Several options with one query; those without a row are absent."""
        wanted = list(dict.fromkeys(names))
        for name in wanted:
            if name not in LISTED:
                raise OptionNotListed(f"The option {name} is not one that may be read from its row.")
        with self._db.session() as session:
            rows = session.all(
                "SELECT option_name AS name, option_value AS value "
                f"FROM {self._db.tables(blog_id).options} WHERE option_name IN :names",
                {"names": wanted},
            )
        # The collation compares without case: only the exact names count.
        found = {str(row["name"]): php_serialize.maybe_loads(row["value"]) for row in rows}
        return {name: found[name] for name in wanted if name in found}

    def network(self, name: str, default: Any = None, *, network_id: int = 1) -> Any:
        """One option of the network; ``default`` when it has no row, or there is no network."""
        if name not in LISTED_NETWORK:
            raise OptionNotListed(f"The network option {name} is not one that may be read from its row.")
        with self._db.session() as session:
            row = session.one(
                f"SELECT meta_value AS value FROM {self._db.tables().sitemeta} "
                "WHERE site_id = :network AND meta_key = :name ORDER BY meta_id LIMIT 1",
                {"network": network_id, "name": name},
            )
        return default if row is None else php_serialize.maybe_loads(row["value"])

    def home_url(self, *, blog_id: int | None = None) -> str:
        """The option ``home`` without a slash at its end; constants like WP_HOME may override it in PHP."""
        return str(self.get("home", "", blog_id=blog_id)).rstrip("/")

"""Which prefix a table has, and that the names are those of the schema's files."""

from __future__ import annotations

import pytest

from sidecar.db import Tables, schema
from sidecar.db.tables import _Table
from sidecar.errors import InvalidInput


def test_network_tables_stay_on_the_base_prefix() -> None:
    main, other = Tables("wp_"), Tables("wp_", 7)
    assert (main.jobs, other.jobs) == ("wp_datamachine_jobs", "wp_7_datamachine_jobs")
    assert main.agents == other.agents == "wp_datamachine_agents"
    assert other.agent_access == "wp_datamachine_agent_access"
    assert other.agent_tokens == "wp_datamachine_agent_tokens"
    assert (other.posts, other.users, other.sitemeta) == ("wp_7_posts", "wp_users", "wp_sitemeta")
    assert other.actionscheduler_actions == "wp_7_actionscheduler_actions"


def test_every_file_of_the_schema_has_a_name_here() -> None:
    tables = Tables("p_")
    names = {
        getattr(tables, attribute) for attribute, value in vars(Tables).items() if isinstance(value, _Table)
    }
    for table in schema.tables():
        assert f"p_{table.name}" in names


def test_the_files_agree_with_the_rule_about_prefixes() -> None:
    for table in schema.tables():
        placeholder = "{base_prefix}" if table.network else "{prefix}"
        assert table.sql.startswith(f"CREATE TABLE {placeholder}{table.name} (\n"), table.name
        assert table.sql.endswith("\n) ENGINE=InnoDB {charset}"), table.name
        assert ";" not in table.sql
        assert "IF NOT EXISTS" not in table.sql
        assert "PRIMARY KEY  (" in table.sql, "dbDelta wants two spaces"
        assert table.columns


def test_the_claim_index_is_the_same_in_both_places() -> None:
    [index] = schema.indexes()
    columns = index.sql[index.sql.index("(") :]
    actions = next(table for table in schema.tables() if table.name == index.table)
    assert f"  KEY {index.name} {columns}\n" in actions.sql


@pytest.mark.parametrize("prefix", ["", "wp-", "wp`; DROP", "wp ", "wp_\n"])
def test_a_prefix_that_is_not_a_name_is_refused(prefix: str) -> None:
    with pytest.raises(InvalidInput):
        Tables(prefix)


def test_the_generated_php_is_up_to_date() -> None:
    from tools.generate_schema import generate

    for path, text in generate().items():
        assert (schema.folder().parent / path).read_text(encoding="utf-8") == text, "run tools/generate.py"

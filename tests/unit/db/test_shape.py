"""What an adopted table lacks, read from the schema's own files."""

from __future__ import annotations

from sidecar.db import schema, shape
from sidecar.db.schema import TableFile
from sidecar.db.shape import Shape

TABLE = TableFile(
    "datamachine_things",
    """CREATE TABLE {prefix}datamachine_things (
  thing_id bigint(20) unsigned NOT NULL AUTO_INCREMENT,
  user_id bigint(20) unsigned NOT NULL DEFAULT '0',
  agent_id bigint(20) unsigned DEFAULT NULL,
  slug varchar(191) DEFAULT NULL,
  name varchar(255) NOT NULL,
  PRIMARY KEY  (thing_id),
  UNIQUE KEY agent_slug (agent_id, slug),
  UNIQUE KEY name (name(100)),
  KEY user_name (user_id, name(50))
) ENGINE=InnoDB {charset}""",
)


def found(*columns: str, **indexes: tuple[str, ...]) -> Shape:
    return Shape(dict.fromkeys(columns, ""), {"PRIMARY": ("thing_id",), **indexes})


def test_a_statement_is_read_completely() -> None:
    assert TABLE.columns == ("thing_id", "user_id", "agent_id", "slug", "name")
    assert TABLE.definitions["user_id"] == "bigint(20) unsigned NOT NULL DEFAULT '0'"
    assert [(key.name, key.columns, key.unique) for key in TABLE.keys] == [
        ("agent_slug", ("agent_id", "slug"), True),
        ("name", ("name",), True),
        ("user_name", ("user_id", "name"), False),
    ]
    assert TABLE.keys[2].parts == ("user_id", "name(50)")


def test_every_line_of_every_file_is_a_column_or_a_key() -> None:
    for table in schema.tables():
        lines = table.sql.count("\n") - 1
        assert len(table.definitions) + len(table.keys) + 1 == lines, table.name


def test_what_is_absent_is_added_in_one_statement() -> None:
    lacking = shape.additions(TABLE, found("thing_id", "user_id", "name"))
    assert lacking.statement("wp_things", online=True) == (
        "ALTER TABLE wp_things ADD COLUMN agent_id bigint(20) unsigned DEFAULT NULL, "
        "ADD COLUMN slug varchar(191) DEFAULT NULL, ADD UNIQUE KEY agent_slug (agent_id, slug), "
        "ADD KEY user_name (user_id, name(50)), ALGORITHM=INPLACE, LOCK=NONE"
    )


def test_a_unique_key_over_columns_that_were_there_is_not_added() -> None:
    lacking = shape.additions(TABLE, found("thing_id", "user_id", "agent_id", "slug", "name"))
    assert [key.name for key in lacking.keys] == ["user_name"]
    assert not lacking.columns


def test_a_key_of_another_name_over_the_same_columns_is_enough() -> None:
    everything = ("thing_id", "user_id", "agent_id", "slug", "name", "of_somebody_else")
    assert not shape.additions(TABLE, found(*everything, theirs=("user_id", "name")))


def test_columns_that_change_by_themselves_are_known() -> None:
    touched = Shape({"a": "", "updated_at": "on update current_timestamp()"}, {}).touched
    assert touched == ("updated_at",)

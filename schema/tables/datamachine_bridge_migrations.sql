CREATE TABLE {prefix}datamachine_bridge_migrations (
  step varchar(64) NOT NULL,
  state longtext DEFAULT NULL,
  started_at datetime(6) NOT NULL,
  finished_at datetime(6) DEFAULT NULL,
  PRIMARY KEY  (step)
) ENGINE=InnoDB {charset}

CREATE TABLE {prefix}datamachine_bridge_sites (
  id tinyint(3) unsigned NOT NULL DEFAULT '1',
  site_uuid char(36) NOT NULL,
  home_url varchar(255) NOT NULL,
  database_name varchar(64) NOT NULL,
  mode varchar(20) NOT NULL DEFAULT 'inactive',
  epoch bigint(20) unsigned NOT NULL DEFAULT '0',
  schema_version int(10) unsigned NOT NULL DEFAULT '0',
  worker_seen_at datetime(6) DEFAULT NULL,
  updated_at datetime(6) NOT NULL,
  PRIMARY KEY  (id)
) ENGINE=InnoDB {charset}

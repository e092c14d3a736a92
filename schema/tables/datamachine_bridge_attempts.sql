CREATE TABLE {base_prefix}datamachine_bridge_attempts (
  subject char(64) NOT NULL,
  failures int(10) unsigned NOT NULL DEFAULT '0',
  window_ends_at datetime NOT NULL,
  PRIMARY KEY  (subject),
  KEY window_ends_at (window_ends_at)
) ENGINE=InnoDB {charset}

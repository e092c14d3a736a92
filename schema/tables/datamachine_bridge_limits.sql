CREATE TABLE {prefix}datamachine_bridge_limits (
  job_id bigint(20) unsigned NOT NULL,
  capabilities text NOT NULL,
  created_at datetime NOT NULL,
  PRIMARY KEY  (job_id)
) ENGINE=InnoDB {charset}

CREATE TABLE {prefix}datamachine_bridge_effects (
  effect_id bigint(20) unsigned NOT NULL AUTO_INCREMENT,
  job_id bigint(20) unsigned NOT NULL DEFAULT '0',
  step varchar(191) NOT NULL DEFAULT '',
  call_key varchar(191) NOT NULL,
  status varchar(20) NOT NULL DEFAULT 'begun',
  token bigint(20) unsigned NOT NULL DEFAULT '0',
  attempt int(10) unsigned NOT NULL DEFAULT '0',
  post_id bigint(20) unsigned DEFAULT NULL,
  result longtext DEFAULT NULL,
  created_at datetime(6) NOT NULL,
  finished_at datetime(6) DEFAULT NULL,
  PRIMARY KEY  (effect_id),
  UNIQUE KEY once (job_id, step, call_key),
  KEY post_id (post_id),
  KEY status_created (status, created_at)
) ENGINE=InnoDB {charset}

CREATE TABLE {prefix}datamachine_flows (
  flow_id bigint(20) unsigned NOT NULL AUTO_INCREMENT,
  pipeline_id bigint(20) unsigned NOT NULL,
  user_id bigint(20) unsigned NOT NULL DEFAULT '0',
  agent_id bigint(20) unsigned DEFAULT NULL,
  flow_name varchar(255) NOT NULL,
  portable_slug varchar(191) DEFAULT NULL,
  flow_config longtext NOT NULL,
  scheduling_config longtext NOT NULL,
  PRIMARY KEY  (flow_id),
  UNIQUE KEY pipeline_portable_slug (pipeline_id, portable_slug),
  KEY pipeline_id (pipeline_id),
  KEY user_id (user_id),
  KEY agent_id (agent_id)
) ENGINE=InnoDB {charset}

CREATE TABLE {prefix}datamachine_pipelines (
  pipeline_id bigint(20) unsigned NOT NULL AUTO_INCREMENT,
  user_id bigint(20) unsigned NOT NULL DEFAULT '0',
  agent_id bigint(20) unsigned DEFAULT NULL,
  pipeline_name varchar(255) NOT NULL,
  portable_slug varchar(191) DEFAULT NULL,
  pipeline_config longtext DEFAULT NULL,
  created_at datetime NOT NULL DEFAULT CURRENT_TIMESTAMP,
  updated_at datetime NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
  PRIMARY KEY  (pipeline_id),
  UNIQUE KEY agent_portable_slug (agent_id, portable_slug),
  KEY user_id (user_id),
  KEY agent_id (agent_id),
  KEY pipeline_name (pipeline_name),
  KEY created_at (created_at),
  KEY updated_at (updated_at)
) ENGINE=InnoDB {charset}

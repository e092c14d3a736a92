CREATE TABLE {prefix}datamachine_logs (
  id bigint(20) unsigned NOT NULL AUTO_INCREMENT,
  agent_id bigint(20) unsigned DEFAULT NULL,
  user_id bigint(20) unsigned DEFAULT NULL,
  level varchar(20) NOT NULL DEFAULT 'info',
  message text NOT NULL,
  context longtext DEFAULT NULL,
  created_at datetime NOT NULL DEFAULT CURRENT_TIMESTAMP,
  PRIMARY KEY  (id),
  KEY idx_agent_time (agent_id, created_at),
  KEY idx_level_time (level, created_at),
  KEY idx_created_at (created_at)
) ENGINE=InnoDB {charset}

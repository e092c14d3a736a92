CREATE TABLE {base_prefix}datamachine_agents (
  agent_id bigint(20) unsigned NOT NULL AUTO_INCREMENT,
  agent_slug varchar(200) NOT NULL,
  agent_name varchar(200) NOT NULL,
  owner_id bigint(20) unsigned NOT NULL,
  site_scope bigint(20) unsigned DEFAULT NULL,
  agent_config longtext DEFAULT NULL,
  created_at datetime NOT NULL DEFAULT CURRENT_TIMESTAMP,
  updated_at datetime NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
  PRIMARY KEY  (agent_id),
  UNIQUE KEY agent_slug (agent_slug),
  KEY owner_id (owner_id),
  KEY site_scope (site_scope)
) ENGINE=InnoDB {charset}

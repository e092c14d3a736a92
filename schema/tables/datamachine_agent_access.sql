CREATE TABLE {base_prefix}datamachine_agent_access (
  id bigint(20) unsigned NOT NULL AUTO_INCREMENT,
  agent_id bigint(20) unsigned NOT NULL,
  user_id bigint(20) unsigned NOT NULL,
  role varchar(20) NOT NULL DEFAULT 'viewer',
  granted_at datetime NOT NULL DEFAULT CURRENT_TIMESTAMP,
  PRIMARY KEY  (id),
  UNIQUE KEY agent_user (agent_id, user_id),
  KEY agent_id (agent_id),
  KEY user_id (user_id),
  KEY role (role)
) ENGINE=InnoDB {charset}

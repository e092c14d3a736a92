CREATE TABLE {base_prefix}datamachine_agent_tokens (
  token_id bigint(20) unsigned NOT NULL AUTO_INCREMENT,
  agent_id bigint(20) unsigned NOT NULL,
  token_hash varchar(64) NOT NULL,
  token_prefix varchar(12) NOT NULL,
  label varchar(200) NOT NULL DEFAULT '',
  capabilities text DEFAULT NULL,
  last_used_at datetime DEFAULT NULL,
  expires_at datetime DEFAULT NULL,
  created_at datetime NOT NULL DEFAULT CURRENT_TIMESTAMP,
  PRIMARY KEY  (token_id),
  UNIQUE KEY token_hash (token_hash),
  KEY agent_id (agent_id)
) ENGINE=InnoDB {charset}

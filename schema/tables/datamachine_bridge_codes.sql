CREATE TABLE {base_prefix}datamachine_bridge_codes (
  code_hash char(64) NOT NULL,
  agent_id bigint(20) unsigned NOT NULL,
  user_id bigint(20) unsigned NOT NULL,
  redirect_uri varchar(2000) NOT NULL,
  code_challenge varchar(128) NOT NULL,
  label varchar(200) NOT NULL DEFAULT '',
  capabilities text DEFAULT NULL,
  created_at datetime NOT NULL,
  expires_at datetime NOT NULL,
  PRIMARY KEY  (code_hash),
  KEY agent_id (agent_id),
  KEY expires_at (expires_at)
) ENGINE=InnoDB {charset}

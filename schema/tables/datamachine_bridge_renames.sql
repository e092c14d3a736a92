CREATE TABLE {base_prefix}datamachine_bridge_renames (
  rename_id bigint(20) unsigned NOT NULL AUTO_INCREMENT,
  agent_id bigint(20) unsigned NOT NULL,
  old_slug varchar(200) NOT NULL,
  new_slug varchar(200) NOT NULL,
  created_at datetime NOT NULL,
  PRIMARY KEY  (rename_id),
  UNIQUE KEY agent_id (agent_id)
) ENGINE=InnoDB {charset}

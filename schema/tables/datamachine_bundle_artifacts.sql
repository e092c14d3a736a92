CREATE TABLE {prefix}datamachine_bundle_artifacts (
  artifact_record_id bigint(20) unsigned NOT NULL AUTO_INCREMENT,
  agent_id bigint(20) unsigned NOT NULL DEFAULT '0',
  bundle_slug varchar(200) NOT NULL,
  bundle_version varchar(100) NOT NULL,
  artifact_type varchar(50) NOT NULL,
  artifact_id varchar(255) NOT NULL,
  source_path varchar(500) NOT NULL,
  installed_hash char(64) DEFAULT NULL,
  current_hash char(64) DEFAULT NULL,
  local_status varchar(20) NOT NULL DEFAULT 'clean',
  installed_at datetime NOT NULL,
  updated_at datetime NOT NULL,
  PRIMARY KEY  (artifact_record_id),
  UNIQUE KEY artifact_identity (agent_id, bundle_slug, artifact_type, artifact_id),
  KEY bundle_slug (bundle_slug),
  KEY artifact_type (artifact_type),
  KEY local_status (local_status)
) ENGINE=InnoDB {charset}

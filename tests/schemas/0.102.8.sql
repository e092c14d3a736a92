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
) ENGINE=InnoDB {charset};

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
) ENGINE=InnoDB {charset};

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
) ENGINE=InnoDB {charset};

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
) ENGINE=InnoDB {charset};

CREATE TABLE {prefix}datamachine_chat_sessions (
  session_id varchar(50) NOT NULL,
  user_id bigint(20) unsigned NOT NULL,
  agent_id bigint(20) unsigned DEFAULT NULL,
  title varchar(100) DEFAULT NULL,
  messages longtext NOT NULL,
  metadata longtext DEFAULT NULL,
  provider varchar(50) DEFAULT NULL,
  model varchar(100) DEFAULT NULL,
  mode varchar(20) NOT NULL DEFAULT 'chat',
  created_at datetime NOT NULL DEFAULT CURRENT_TIMESTAMP,
  updated_at datetime NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
  last_read_at datetime DEFAULT NULL,
  expires_at datetime DEFAULT NULL,
  PRIMARY KEY  (session_id),
  KEY user_id (user_id),
  KEY agent_id (agent_id),
  KEY mode (mode),
  KEY user_mode (user_id, mode),
  KEY created_at (created_at),
  KEY updated_at (updated_at),
  KEY expires_at (expires_at)
) ENGINE=InnoDB {charset};

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
) ENGINE=InnoDB {charset};

CREATE TABLE {prefix}datamachine_jobs (
  job_id bigint(20) unsigned NOT NULL AUTO_INCREMENT,
  user_id bigint(20) unsigned NOT NULL DEFAULT '0',
  pipeline_id varchar(20) DEFAULT NULL,
  flow_id varchar(20) DEFAULT NULL,
  source varchar(50) NOT NULL DEFAULT 'pipeline',
  label varchar(255) DEFAULT NULL,
  parent_job_id bigint(20) unsigned DEFAULT NULL,
  status varchar(255) NOT NULL,
  engine_data longtext DEFAULT NULL,
  created_at datetime NOT NULL DEFAULT CURRENT_TIMESTAMP,
  completed_at datetime DEFAULT NULL,
  agent_id bigint(20) unsigned DEFAULT NULL,
  task_type varchar(100) DEFAULT NULL,
  PRIMARY KEY  (job_id),
  KEY status (status),
  KEY pipeline_id (pipeline_id),
  KEY flow_id (flow_id),
  KEY source (source),
  KEY parent_job_id (parent_job_id),
  KEY user_id (user_id),
  KEY idx_created_at (created_at),
  KEY idx_flow_created (flow_id, created_at),
  KEY idx_status_created (status(50), created_at),
  KEY idx_source_created (source, created_at),
  KEY agent_id (agent_id),
  KEY idx_task_type (task_type, source)
) ENGINE=InnoDB {charset};

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
) ENGINE=InnoDB {charset};

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
) ENGINE=InnoDB {charset};

CREATE TABLE {prefix}datamachine_post_identity (
  post_id bigint(20) unsigned NOT NULL,
  post_type varchar(20) NOT NULL DEFAULT '',
  event_date date DEFAULT NULL,
  venue_term_id bigint(20) unsigned DEFAULT NULL,
  ticket_url varchar(512) DEFAULT NULL,
  title_hash varchar(32) NOT NULL DEFAULT '',
  source_url varchar(512) DEFAULT NULL,
  created_at datetime NOT NULL DEFAULT CURRENT_TIMESTAMP,
  updated_at datetime NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
  PRIMARY KEY  (post_id),
  KEY idx_date_venue (event_date, venue_term_id),
  KEY idx_date_title (event_date, title_hash),
  KEY idx_ticket_date (ticket_url(191), event_date),
  KEY idx_source_url (source_url(191)),
  KEY idx_post_type (post_type)
) ENGINE=InnoDB {charset};

CREATE TABLE {prefix}datamachine_processed_items (
  id bigint(20) unsigned NOT NULL AUTO_INCREMENT,
  flow_step_id varchar(255) NOT NULL,
  source_type varchar(50) NOT NULL,
  item_identifier varchar(255) NOT NULL,
  job_id bigint(20) unsigned NOT NULL,
  status varchar(20) NOT NULL DEFAULT 'processed',
  claim_expires_at datetime DEFAULT NULL,
  processed_timestamp datetime NOT NULL DEFAULT CURRENT_TIMESTAMP,
  PRIMARY KEY  (id),
  UNIQUE KEY flow_source_item (flow_step_id, source_type, item_identifier(191)),
  KEY flow_step_id (flow_step_id),
  KEY source_type (source_type),
  KEY job_id (job_id),
  KEY status_claim_expires (status, claim_expires_at),
  KEY flow_source_ts (flow_step_id, source_type, processed_timestamp)
) ENGINE=InnoDB {charset};

CREATE TABLE {prefix}datamachine_chat_sessions (
  session_id varchar(50) NOT NULL,
  user_id bigint(20) unsigned NOT NULL,
  title varchar(100) DEFAULT NULL,
  messages longtext NOT NULL,
  metadata longtext DEFAULT NULL,
  provider varchar(50) DEFAULT NULL,
  model varchar(100) DEFAULT NULL,
  created_at datetime NOT NULL DEFAULT CURRENT_TIMESTAMP,
  updated_at datetime NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
  expires_at datetime DEFAULT NULL,
  PRIMARY KEY  (session_id),
  KEY user_id (user_id),
  KEY created_at (created_at),
  KEY updated_at (updated_at),
  KEY expires_at (expires_at)
) ENGINE=InnoDB {charset};

CREATE TABLE {prefix}datamachine_flows (
  flow_id bigint(20) unsigned NOT NULL AUTO_INCREMENT,
  pipeline_id bigint(20) unsigned NOT NULL,
  user_id bigint(20) unsigned NOT NULL DEFAULT '0',
  flow_name varchar(255) NOT NULL,
  flow_config longtext NOT NULL,
  scheduling_config longtext NOT NULL,
  PRIMARY KEY  (flow_id),
  KEY pipeline_id (pipeline_id),
  KEY user_id (user_id)
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
  PRIMARY KEY  (job_id),
  KEY status (status),
  KEY pipeline_id (pipeline_id),
  KEY flow_id (flow_id),
  KEY source (source),
  KEY parent_job_id (parent_job_id),
  KEY user_id (user_id)
) ENGINE=InnoDB {charset};

CREATE TABLE {prefix}datamachine_logs (
  id bigint(20) unsigned NOT NULL AUTO_INCREMENT,
  user_id bigint(20) unsigned DEFAULT NULL,
  level varchar(20) NOT NULL DEFAULT 'info',
  message text NOT NULL,
  context longtext DEFAULT NULL,
  created_at datetime NOT NULL DEFAULT CURRENT_TIMESTAMP,
  PRIMARY KEY  (id),
  KEY idx_level_time (level, created_at),
  KEY idx_created_at (created_at)
) ENGINE=InnoDB {charset};

CREATE TABLE {prefix}datamachine_pipelines (
  pipeline_id bigint(20) unsigned NOT NULL AUTO_INCREMENT,
  user_id bigint(20) unsigned NOT NULL DEFAULT '0',
  pipeline_name varchar(255) NOT NULL,
  pipeline_config longtext DEFAULT NULL,
  created_at datetime NOT NULL DEFAULT CURRENT_TIMESTAMP,
  updated_at datetime NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
  PRIMARY KEY  (pipeline_id),
  KEY user_id (user_id),
  KEY pipeline_name (pipeline_name),
  KEY created_at (created_at),
  KEY updated_at (updated_at)
) ENGINE=InnoDB {charset};

CREATE TABLE {prefix}datamachine_processed_items (
  id bigint(20) unsigned NOT NULL AUTO_INCREMENT,
  flow_step_id varchar(255) NOT NULL,
  source_type varchar(50) NOT NULL,
  item_identifier varchar(255) NOT NULL,
  job_id bigint(20) unsigned NOT NULL,
  processed_timestamp datetime NOT NULL DEFAULT CURRENT_TIMESTAMP,
  PRIMARY KEY  (id),
  UNIQUE KEY flow_source_item (flow_step_id, source_type, item_identifier(191)),
  KEY flow_step_id (flow_step_id),
  KEY source_type (source_type),
  KEY job_id (job_id)
) ENGINE=InnoDB {charset};

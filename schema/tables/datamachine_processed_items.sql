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
) ENGINE=InnoDB {charset}

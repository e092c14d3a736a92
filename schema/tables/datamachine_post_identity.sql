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
) ENGINE=InnoDB {charset}

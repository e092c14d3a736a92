CREATE TABLE {prefix}actionscheduler_claims (
  claim_id bigint(20) unsigned NOT NULL AUTO_INCREMENT,
  date_created_gmt datetime DEFAULT '0000-00-00 00:00:00',
  PRIMARY KEY  (claim_id),
  KEY date_created_gmt (date_created_gmt)
) ENGINE=InnoDB {charset}

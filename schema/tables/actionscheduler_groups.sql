CREATE TABLE {prefix}actionscheduler_groups (
  group_id bigint(20) unsigned NOT NULL AUTO_INCREMENT,
  slug varchar(255) NOT NULL,
  PRIMARY KEY  (group_id),
  KEY slug (slug(191))
) ENGINE=InnoDB {charset}

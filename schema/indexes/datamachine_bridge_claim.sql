CREATE INDEX datamachine_bridge_claim ON {prefix}actionscheduler_actions (group_id, status, claim_id, priority, attempts, scheduled_date_gmt)

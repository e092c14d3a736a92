"""Files of jobs, flows and pipelines."""

"""Performance figures: ratios measured in one run, never assertions in the test run."""

"""Jobs: what ran, and how it went."""

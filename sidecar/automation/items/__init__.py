"""What flows have already taken in: processed items."""

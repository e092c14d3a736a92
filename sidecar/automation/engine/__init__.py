"""Running jobs: hops, steps, packets, ends."""

"""The permission matrix: who may do what through which door, as data, and the harness that tries it."""

"""Flows and their steps."""

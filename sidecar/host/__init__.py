"""Calling WordPress from Python."""

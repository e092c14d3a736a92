"""The queues of flow steps."""

"""Playbooks and feedback packs as people write them: read, checked, shown."""

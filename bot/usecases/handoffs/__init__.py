"""A handoff from its start to its end: the checklist, the gate, acceptance, support, and what is edited on the way."""

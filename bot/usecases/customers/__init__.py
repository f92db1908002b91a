"""The customer’s side of a handoff: warned in time, introduced, asked how it feels."""

"""Deals in flight, and what two reps agree and are paid for them."""

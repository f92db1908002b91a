"""Reps who might leave, and those who have left."""

"""Asking credit, warranty, marketing and others, and taking their answers."""

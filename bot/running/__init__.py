"""Baton as a process: what Slack sends comes in, what is due goes out, and an operator sees how it is."""

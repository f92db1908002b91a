"""Slack in: parse, acknowledge, call one use case. Filed by feature."""

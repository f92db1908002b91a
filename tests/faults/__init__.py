"""Faults: the bot is killed, Slack has bad days; afterwards everything that was promised is there."""

"""The workspace: its people, its setup, its playbooks, their data, and messages that Slack will not take."""

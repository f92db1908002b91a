"""What must reach Slack, and the courier that delivers it."""

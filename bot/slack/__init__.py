"""The only code that calls the Slack Web API; templates to blocks; limits; escaping."""

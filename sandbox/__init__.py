"""A local Slack workspace: Web API, Events and a page in the browser. Knows nothing of the bot."""

"""The Web API: importing this package fills the table of methods."""

from sandbox.webapi import basics, chat, conversations, files, functions, views
from sandbox.webapi.registry import METHODS, ApiError

__all__ = ["METHODS", "ApiError", "basics", "chat", "conversations", "files", "functions", "views"]

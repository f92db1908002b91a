"""Keeps tokens, secrets and one-time addresses out of every log line, whoever wrote it."""

import logging
import re
from collections.abc import Iterable

HIDDEN = "[hidden]"
SHORTEST_SECRET = 4
"""Anything shorter is a word that also occurs elsewhere; hiding it would only make the log unreadable."""

_TRACES = logging.Formatter()
_PATTERNS = (
    (re.compile(r"\bxox[a-z](?:\.xox[a-z])?-[A-Za-z0-9-]+"), HIDDEN),
    (re.compile(r"\bx(?:app|wfp)-[A-Za-z0-9-]+"), HIDDEN),
    (re.compile(r"\bv0=[0-9a-f]{64}\b"), f"v0={HIDDEN}"),
    # a response_url lets whoever holds it write into the conversation for half an hour
    (re.compile(r"https://hooks\.slack\.com/\S+"), f"https://hooks.slack.com/{HIDDEN}"),
    (re.compile(r"(?<=://)([^\s:/@]*):[^\s@/]+@"), rf"\1:{HIDDEN}@"),
)


class Redacting(logging.Filter):
    """Rewrites each record, its traceback included, so that no secret is left in it. Lets every record pass."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        super().__init__()
        self._secrets = tuple(sorted((s for s in secrets if len(s) >= SHORTEST_SECRET), key=len, reverse=True))

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = self.redacted(record.getMessage()), ()
        if record.exc_info and not record.exc_text:
            record.exc_text = _TRACES.formatException(record.exc_info)
        if record.exc_text:
            record.exc_text = self.redacted(record.exc_text)
        if record.stack_info:
            record.stack_info = self.redacted(record.stack_info)
        return True

    def redacted(self, text: str) -> str:
        """The text without any of the known secrets, and without what looks like one."""
        for secret in self._secrets:
            text = text.replace(secret, HIDDEN)
        for pattern, instead in _PATTERNS:
            text = pattern.sub(instead, text)
        return text

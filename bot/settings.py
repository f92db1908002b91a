"""What the environment tells Baton. Every problem is found before anything starts, and all are told at once.

No value of a secret is ever part of a message: only the variable's name, what is wrong with it, and what to do.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit

from bot.database_url import MalformedUrl, secrets_in, sqlalchemy_url
from bot.hooks.far_ends import FarEnd, Forbidden
from bot.hooks.signing import SHORTEST_SECRET

SLACK_API = "https://slack.com/api/"
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")

_BOT_TOKEN = "Copy the Bot User OAuth Token (xoxb-…) from your Slack app's page, under Install App."
_SIGNING_SECRET = "Copy the Signing Secret from your Slack app's page, under Basic Information."
_APP_TOKEN = "It begins with xapp-; make one on your Slack app's page, under Basic Information, App-Level Tokens."
_SHARED = "Make one with `openssl rand -hex 32`, and give it to the other system: docs/crm.md."
_FAR_END = "Write https:// and the address that is to be told of handoffs; several with blanks between them."
_DATABASE = "Write sqlite:///baton.db or postgresql://user:password@host/name."


class Role(StrEnum):
    """What a process does. RUN does everything, the migration included: it is all that a small team needs."""

    RUN = "run"
    WEB = "web"
    WORKER = "worker"


class SettingsError(Exception):
    """The environment cannot be used. `problems` holds one sentence each; the text of the error is all of them."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        self.problems = problems
        count = "one setting needs" if len(problems) == 1 else f"{len(problems)} settings need"
        super().__init__("\n".join([f"Baton cannot start: {count} attention.", *(f"  {line}" for line in problems)]))


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The settings of one process. Secrets and the database's address stay out of its repr."""

    bot_token: str = field(repr=False)
    signing_secret: str = field(repr=False)
    app_token: str | None = field(default=None, repr=False)
    api_url: str = SLACK_API
    database_url: str = field(default="sqlite:///baton.db", repr=False)
    host: str = "127.0.0.1"
    port: int = 3000
    templates: Path | None = None
    clock_url: str | None = None
    demo: bool = False
    log_level: str = "INFO"
    metrics_token: str | None = field(default=None, repr=False)
    public_url: str | None = None
    """Where people's browsers and phones reach Baton; without it there are no links to files."""
    crm_secret: str | None = field(default=None, repr=False)
    """With what the CRM signs; without it, nothing is heard from one."""
    crm_manager: str | None = None
    """Slack id of who gets the handoffs that the CRM asks for, where it names nobody."""
    crm_channel: str | None = None
    """Slack id of the channel in which they stand; without it, the CRM can ask for none."""
    hook_urls: tuple[str, ...] = field(default=(), repr=False)
    """Who is told of handoffs; a path may be as good as a key."""
    hook_secret: str = field(default="", repr=False)
    hook_private: bool = False
    """Whether these may be in private networks, and on this machine without encryption."""

    @classmethod
    def from_env(cls, environ: Mapping[str, str], *, talks_to_slack: bool = True) -> "Settings":
        """Read the environment. `talks_to_slack=False` (most commands) does without tokens. Raises SettingsError."""
        read = _Reader(environ)
        private = read.hook_private()
        settings = cls(
            bot_token=read.bot_token(required=talks_to_slack),
            signing_secret=read.signing_secret(required=talks_to_slack),
            app_token=read.app_token(),
            api_url=(read.url("SLACK_API_URL") or SLACK_API).rstrip("/") + "/",
            database_url=read.database_url(),
            host=read.text("HOST") or "127.0.0.1",
            port=read.port(),
            templates=read.folder("BATON_TEMPLATES"),
            clock_url=read.url("BATON_CLOCK_URL"),
            demo=read.switch("BATON_DEMO"),
            log_level=read.log_level(),
            metrics_token=read.metrics_token(),
            public_url=read.url("BATON_PUBLIC_URL"),
            crm_secret=read.shared_secret("BATON_CRM_SECRET"),
            crm_manager=read.slack_id("BATON_CRM_MANAGER", "UW", "a person"),
            crm_channel=read.slack_id("BATON_CRM_CHANNEL", "CG", "a channel"),
            hook_urls=read.hook_urls(private=private),
            hook_secret=read.shared_secret("BATON_HOOK_SECRET", needed=bool(read.text("BATON_HOOK_URL"))) or "",
            hook_private=private,
        )
        if read.problems:
            raise SettingsError(tuple(read.problems))
        return settings

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must never be seen in a log."""
        held = (self.bot_token, self.signing_secret, self.app_token, self.metrics_token)
        shared = (self.crm_secret, self.hook_secret, *self.hook_urls)
        return tuple(value for value in (*held, *shared, *secrets_in(self.database_url)) if value)


class _Reader:
    """Reads one variable after the other and keeps the problems, so that all of them can be told together."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self.problems: list[str] = []

    def text(self, name: str) -> str:
        """The value without blanks around it: a secret read from a file often ends in a newline."""
        return self._environ.get(name, "").strip()

    def _wrong(self, name: str, what: str, remedy: str) -> None:
        self.problems.append(f"{name} {what}. {remedy}")

    def _secret(self, name: str, remedy: str, *, required: bool) -> str:
        value = self.text(name)
        if not value and required:
            self._wrong(name, "is not set", remedy)
        elif not value.isprintable() or not value.isascii() or " " in value:
            self._wrong(name, "contains blanks or characters that no key has", remedy)
        return value

    def bot_token(self, *, required: bool) -> str:
        value = self._secret("SLACK_BOT_TOKEN", _BOT_TOKEN, required=required)
        if value and not value.startswith(("xoxb-", "xoxe.xoxb-")):
            what = "holds the app token (xapp-)" if value.startswith("xapp-") else "is not a bot token"
            self._wrong("SLACK_BOT_TOKEN", what, _BOT_TOKEN)
        return value

    def signing_secret(self, *, required: bool) -> str:
        value = self._secret("SLACK_SIGNING_SECRET", _SIGNING_SECRET, required=required)
        if value.startswith(("xox", "xapp-")):
            self._wrong("SLACK_SIGNING_SECRET", "holds a token, not the signing secret", _SIGNING_SECRET)
        return value

    def app_token(self) -> str | None:
        value = self._secret("SLACK_APP_TOKEN", _APP_TOKEN, required=False)
        if value and not value.startswith("xapp-"):
            self._wrong("SLACK_APP_TOKEN", "is not an app token", _APP_TOKEN)
        return value or None

    def metrics_token(self) -> str | None:
        return self._secret("METRICS_TOKEN", "Choose any word of letters and digits.", required=False) or None

    def shared_secret(self, name: str, *, needed: bool = False) -> str | None:
        """One that signs, agreed with another system."""
        value = self._secret(name, _SHARED, required=needed)
        if value and len(value) < SHORTEST_SECRET:
            self._wrong(name, f"is shorter than {SHORTEST_SECRET} characters", _SHARED)
        return value or None

    def slack_id(self, name: str, letters: str, what: str) -> str | None:
        value = self.text(name)
        if value and not re.fullmatch(rf"[{letters}][A-Z0-9]{{2,30}}", value):
            remedy = f"Copy it in Slack from the details of {what}, under Copy link or Copy member ID: {letters[0]}0…"
            self._wrong(name, f"is not the id of {what}", remedy)
            return None
        return value or None

    def hook_private(self) -> bool:
        """In the demo too: there, whoever listens is on the same machine."""
        return self.switch("BATON_HOOK_PRIVATE") or self.text("BATON_DEMO").lower() in ("1", "true")

    def hook_urls(self, *, private: bool) -> tuple[str, ...]:
        """Several stand with blanks between them."""
        found = tuple(dict.fromkeys(self.text("BATON_HOOK_URL").split()))
        for url in found:
            try:
                FarEnd.read(url, private=private)
            except Forbidden as problem:
                self._wrong("BATON_HOOK_URL", str(problem), _FAR_END)
        return found

    def database_url(self) -> str:
        value = self.text("DATABASE_URL") or "sqlite:///baton.db"
        try:
            return sqlalchemy_url(value)
        except MalformedUrl as problem:
            self._wrong("DATABASE_URL", str(problem), _DATABASE)
            return ""

    def url(self, name: str) -> str | None:
        value = self.text(name)
        if not value:
            return None
        try:
            parts = urlsplit(value)
            usable = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
        except ValueError:
            usable = False
        if not usable or not value.isprintable() or " " in value:
            self._wrong(name, "is not a web address", "Begin with http:// or https://, or leave it out.")
        return value

    def port(self) -> int:
        value = self.text("PORT") or "3000"
        if value.isascii() and value.isdigit() and 0 < int(value[:6]) < 65536:
            return int(value[:6])
        self._wrong("PORT", "is not a port number", "Choose one from 1 to 65535, such as 3000.")
        return 0

    def folder(self, name: str) -> Path | None:
        value = self.text(name)
        if not value:
            return None
        if not Path(value).is_dir():
            self._wrong(name, f"names no folder that exists ({value})", "Make the folder, or leave the variable out.")
        return Path(value)

    def switch(self, name: str) -> bool:
        value = self.text(name).lower()
        if value not in ("", "0", "1", "false", "true"):
            self._wrong(name, "is neither 1 nor 0", "Write 1 for yes, or leave it out.")
        return value in ("1", "true")

    def log_level(self) -> str:
        value = self.text("BATON_LOG_LEVEL").upper() or "INFO"
        if value not in LOG_LEVELS:
            self._wrong("BATON_LOG_LEVEL", "is not a level", f"Choose one of {', '.join(LOG_LEVELS)}.")
        return value

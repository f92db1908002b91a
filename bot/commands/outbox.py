"""`baton outbox`: what waits for Slack and what was given up, with the reason; and how to have it sent again."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from rich.console import Console
from rich.table import Table

from bot.clock import Clock
from bot.commands.database import opened
from bot.store.queues import LetterState
from bot.usecases.workspace import undelivered
from bot.usecases.workspace.undelivered import Undelivered, Why

WAITING = (LetterState.QUEUED, LetterState.SENDING)
PIPED_WIDTH = 240
LINES = 200

KINDS = {
    "card": "card",
    "stage": "checklist",
    "thread": "note in the thread",
    "answered": "answer in the thread",
    "moved": "says where the handoff is now",
    "request": "question",
    "acceptance": "asks to accept",
    "terms": "asks to agree to a commission",
    "nudge": "reminder",
    "digest": "reminders of a day",
    "alarms": "what cannot wait",
    "dm": "direct message",
    "leave": "tells of an absence",
    "owner_change": "asks about a new owner",
    "passed_item": "passes a step on",
    "passed_answer": "passes a question on",
    "home": "Home tab",
    "person": "looks somebody up",
    "group": "looks a user group up",
}
REASONS = {
    Why.PERSON: "this person cannot be written to",
    Why.PLACE: "the channel is archived, restricted, or Baton is not in it",
    Why.FORBIDDEN: "a permission is missing, or the workspace forbids it",
    Why.TOKEN: "Slack does not take the token any more: install the app again and set SLACK_BOT_TOKEN",
    Why.UNCONFIRMED: "Slack never confirmed it; it may have arrived",
    Why.AWAY: "Slack does not answer",
    Why.THREAD: "the card it belongs under could not be posted",
    Why.OURS: "Slack does not take it as Baton made it; the log says more",
}


def states(*, failed: bool, everything: bool) -> Collection[LetterState]:
    """Which letters to show."""
    return tuple(LetterState) if everything else (LetterState.FAILED,) if failed else (*WAITING, LetterState.FAILED)


def console() -> Console:
    """Where the lines go: as wide as the terminal, and in one line each when another program reads them."""
    own = Console(highlight=False, markup=False)
    return own if own.is_terminal else Console(highlight=False, markup=False, width=PIPED_WIDTH)


def show(url: str, clock: Clock, wanted: Collection[LetterState], console: Console) -> None:
    """Print the letters in these states, newest last. Raises Trouble."""
    with opened(url) as db, db.read() as session:
        letters = undelivered.listing(session, wanted, LINES)
        counted = undelivered.counts(session, clock.now())
    if not letters:
        console.print("Everything was delivered." if LetterState.QUEUED in wanted else "Nothing was given up.")
        return
    console.print(table(letters, clock.now()))
    given_up = counted[LetterState.FAILED]
    if len(letters) == LINES:
        waiting = sum(counted[state] for state in WAITING)
        console.print(f"These are the latest {LINES}. In all, {waiting} wait and {given_up} were given up.")
    if given_up:
        console.print("`baton outbox retry NUMBER` sends one again that was given up, `baton outbox retry --all` all.")


def retry(url: str, clock: Clock, numbers: Collection[int] | None) -> int:
    """Have these letters sent again, or all that were given up. Returns how many go. Raises Trouble."""
    with opened(url) as db, db.write() as session:
        return undelivered.again(session, clock.now(), numbers)


def table(letters: Sequence[Undelivered], now: datetime) -> Table:
    """The letters, a line each."""
    found = Table("No.", "State", "What", "Account", "For", "Since", "Tries", "Next", box=None, pad_edge=False)
    found.add_column("Why", overflow="fold", min_width=24)  # an error that is cut off helps nobody
    for one in letters:
        found.add_row(
            str(one.number),
            one.state.value,
            KINDS.get(one.kind, one.kind),
            one.account,
            one.person,
            ago(now - one.since),
            str(one.attempts),
            _next(one, now),
            f"{REASONS[one.why]} ({one.error})" if one.why else "",
        )
    return found


def _next(letter: Undelivered, now: datetime) -> str:
    if letter.state is not LetterState.QUEUED:
        return ""
    return "now" if letter.next_at <= now else f"in {_span(letter.next_at - now)}"


def ago(span: timedelta) -> str:
    """How long ago something was, in a word or two."""
    return "just now" if span < timedelta(seconds=10) else f"{_span(span)} ago"


def _span(span: timedelta) -> str:
    seconds = int(span.total_seconds())
    for size, word in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size} {word}"
    return f"{seconds} s"

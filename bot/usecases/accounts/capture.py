"""Capture in one line or one tap: what was said with the customer goes into the account's history (PRODUCT section 6).

Whoever may know of an account may write something down about it. What comes up while a handoff is under way belongs to
that, and shares its quietness.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bot.domain.accounts import Account
from bot.domain.capturing import Guess, guess
from bot.domain.dossier import Entry, EntryKind
from bot.domain.people import Person
from bot.domain.refusals import Refusal, TooLong
from bot.domain.typed import trimmed
from bot.errors import BotError, FieldErrors
from bot.slack.text import length, short
from bot.store import entries as store
from bot.store import loading, naming
from bot.usecases.accounts import keeping
from bot.usecases.accounts.keeping import Captured, NotYet
from bot.usecases.coverage.tending import known_account
from bot.usecases.desk import Actor, Desk
from bot.usecases.fields import Missing, one_of, tried
from bot.usecases.handoffs.checklist import TEXT_LIMIT, rewritten, written

Words = Mapping[EntryKind, Collection[str]]
"""The words from which a kind is guessed, in the writer's language."""


class SavedAlready(Refusal):
    sentence = "%(person)s has saved that message already, for %(account)s."


@dataclass(frozen=True)
class Choose:
    """Several accounts may be meant, or (`nearest`) none is known by that name. `text`: what is to be written."""

    accounts: tuple[Account, ...]
    text: str
    nearest: bool = False


@dataclass(frozen=True)
class Said:
    """A message in Slack: `text` as plain words; `key` names it; `thread`: channel and ts of its thread's first one."""

    text: str = ""
    key: str = ""
    link: str = ""
    thread: tuple[str, str] | None = None


@dataclass(frozen=True)
class CaptureForm:
    """`account`: suggested, or (`fixed`) chosen before. `entry`: the one to change. `said`: the message to save.

    `talked`: somebody had to do with the customer today, and says only how and what came of it.
    """

    account: Account | None
    kind: EntryKind
    text: str
    day: date
    fixed: bool = False
    said: Said | None = None
    entry: Entry | None = None
    talked: bool = False

    @property
    def cut(self) -> bool:
        """Whether the message is longer than the field that begins with it."""
        return self.said is not None and length(self.said.text) > TEXT_LIMIT


@dataclass(frozen=True)
class Sent:
    """What was written into the form."""

    account_id: int | None
    kind: str | None
    day: date | None
    text: str
    key: str = ""
    link: str = ""


@dataclass(frozen=True)
class Capture:
    desk: Desk

    def note(self, actor: Actor, text: str, words: Words) -> Captured | Choose:
        """`/handoff note Acme called …`: written down at once when it is plain which account is meant.

        Raises TooLong, also where the form that would ask for the account could not hold the whole text.
        """
        with self.desk.db.write() as session:
            by = self.desk.actor(session, actor)
            found, rest = naming.at_the_front(session, by, text)
            if not found:
                found, rest = naming.anywhere(session, by, text), text
            if not found:
                return Choose(tuple(naming.nearest(session, by, text)), _whole(text), nearest=True)
            if len(found) > 1 or not trimmed(rest):
                return Choose(tuple(found), _whole(trimmed(rest)))
            return self._noted(session, by, found[0], rest, guess(rest, words))

    def note_of(self, actor: Actor, account_id: int, text: str, words: Words) -> Captured:
        """The same once the account was chosen. Raises NoSuchThing, Empty, TooLong."""
        with self.desk.db.write() as session:
            by = self.desk.actor(session, actor)
            return self._noted(session, by, known_account(session, by, account_id), text, guess(text, words))

    def form(self, actor: Actor, words: Words, said: Said, account_id: int | None = None) -> CaptureForm:
        """To write something down (of an account), or to save a message. Raises SavedAlready, NoSuchThing."""
        with self.desk.db.read() as session:
            reader = self.desk.viewer(session, actor)
            if said.key:
                self._first_one(session, reader, said.key)
            account = known_account(session, reader, account_id) if account_id is not None else None
            suggested = account or self._meant(session, reader, said)
            kind = guess(said.text, words).kind if said.text else EntryKind.CALL
            text, today = short(said.text, TEXT_LIMIT) if said.text else "", self.desk.today(reader)
            return CaptureForm(suggested, kind, text, today, fixed=account is not None, said=said)

    def names(self, actor: Actor, slack_ids: Collection[str]) -> Mapping[str, str]:
        """What the people with these Slack ids are called; empty for strangers."""
        with self.desk.db.read() as session:
            workspace_id = self.desk.viewer(session, actor).workspace_id
            return {one: self.desk.known(session, workspace_id, one).name for one in slack_ids}

    def save(self, actor: Actor, sent: Sent) -> Captured:
        """Write down what stands in the form. Raises FieldErrors, SavedAlready, NoSuchThing."""
        try:
            with self.desk.db.write() as session:
                return self._saved(session, self.desk.actor(session, actor), sent)
        except IntegrityError:
            with self.desk.db.read() as session:  # somebody saved the same message in the same moment
                self._first_one(session, self.desk.viewer(session, actor), sent.key)
            raise

    def _saved(self, session: Session, by: Person, sent: Sent) -> Captured:
        errors: dict[str, BotError] = {}
        kind, day, text = checked(self.desk, by, sent, errors)
        if sent.account_id is None:
            errors["account"] = Missing()
        if errors or sent.account_id is None:
            raise FieldErrors(errors)
        account = known_account(session, by, sent.account_id)
        if sent.key:
            self._first_one(session, by, sent.key)
        new = Entry(by.workspace_id, account.id, kind, day, text, self.desk.now(), by.id, sent.link)
        new.source_key = sent.key or None
        return keeping.keep(self.desk, session, by, account, new)

    def _noted(self, session: Session, by: Person, account: Account, text: str, guessed: Guess) -> Captured:
        today, now = self.desk.today(by), self.desk.now()
        new = Entry(by.workspace_id, account.id, guessed.kind, today, written(text, TEXT_LIMIT), now, by.id)
        return replace(keeping.keep(self.desk, session, by, account, new), because=guessed.because)

    def _first_one(self, session: Session, reader: Person, key: str) -> None:
        """Raise SavedAlready, naming who was first, if anybody was of whom they may know."""
        found = store.by_source(session, reader, key)
        if found is not None:
            account = loading.account(session, reader.workspace_id, found.account_id)
            raise SavedAlready(person=found.by.slack_id if found.by is not None else "", account=account.name)

    def _meant(self, session: Session, reader: Person, said: Said) -> Account | None:
        """The account of the handoff in whose thread it was said, else the one that the text names."""
        if said.thread is not None:
            number = store.handoff_in_thread(session, reader.workspace_id, *said.thread)
            if number is not None:
                handoff = loading.handoff(session, reader.workspace_id, number)
                self.desk.sight(reader, handoff)
                return known_account(session, reader, handoff.account_id)
        found, _ = naming.at_the_front(session, reader, said.text)
        if len(found) != 1:
            found = naming.anywhere(session, reader, said.text)
        return found[0] if len(found) == 1 else None


def _whole(text: str) -> str:
    """Text that a form or a button is to carry on. Raises TooLong where a field would show only its beginning."""
    if length(text) > TEXT_LIMIT:
        raise TooLong(limit=TEXT_LIMIT)
    return text


def checked(
    desk: Desk, by: Person, sent: Sent, errors: dict[str, BotError], stored: str = ""
) -> tuple[EntryKind, date, str]:
    """Kind, day and text of a form that began with the `stored` text; what is wrong with them goes into `errors`."""
    kind = one_of(EntryKind, sent.kind, "kind", errors)
    text = tried(errors, "text", lambda: rewritten(sent.text, stored, TEXT_LIMIT))
    day = sent.day or desk.today(by)
    if day > desk.today(by):
        errors["day"] = NotYet()
    return kind, day, text

"""Changing a running handoff: its people, its dates, what is known of the account."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bot.domain.edits import CHOOSING, NameTaken, apply, facts, merged, mistakes, seen
from bot.domain.handoff import Acceptance, Handoff
from bot.domain.people import Person
from bot.domain.permissions import Action
from bot.domain.vocabulary import Role
from bot.errors import BotError, FieldErrors
from bot.slack.text import short
from bot.store import journal, loading
from bot.usecases.accounts.accounts import give_account
from bot.usecases.changes import relocated
from bot.usecases.coverage.covering import follow_last_day
from bot.usecases.desk import Actor, Desk
from bot.usecases.fields import unfit
from bot.usecases.handoffs.checklist import TEXT_LIMIT
from bot.usecases.handoffs.handoffs import Handoffs
from bot.usecases.handoffs.rematch import declined_before, naming
from bot.usecases.handoffs.support import follow_support_end
from bot.usecases.handoffs.trial_runs import follow_test_run
from bot.usecases.leaving.leaving import gone_already

ROLES = {role.value: role for role in Role}


@dataclass(frozen=True)
class Edit:
    """What a form says, by field: people as Slack ids, the rest as `facts` has it; only the fields that it has.

    `seen`: what the form was opened with (`Editing.look`); without it, everything in it is meant.
    """

    wanted: Mapping[str, Any]
    seen: Mapping[str, Any] = field(default_factory=dict)
    anyway: bool = False
    """Name the incoming rep although the customer has declined them before."""


@dataclass(frozen=True)
class EditView:
    """A handoff to fill a form with; `seen` goes back with the form."""

    handoff: Handoff
    seen: Mapping[str, Any]
    declined: bool = False
    """Whether the customer has declined somebody before."""


@dataclass(frozen=True)
class Editing:
    """`check_channel` answers with the error to show under the channel field, or None (it asks Slack)."""

    desk: Desk
    handoffs: Handoffs
    check_channel: Callable[[str], BotError | None]

    def look(self, actor: Actor, handoff_id: int) -> EditView:
        """What a form begins with. Raises NotAllowed, HandoffClosed, NoSuchThing."""
        with self.desk.db.read() as session:
            by = self.desk.viewer(session, actor)
            handoff = loading.whole_handoff(session, by.workspace_id, handoff_id)
            self.desk.require(session, Action.EDIT, by, handoff)
            handoff.require_open()
            known = facts(handoff)
            declined = declined_before(session, by, handoff.account_id, handoff_id)
            return EditView(handoff, seen(known, known), bool(declined))

    def __call__(self, actor: Actor, handoff_id: int, edit: Edit) -> frozenset[str]:
        """Change what the form changes, and nothing else. Returns the fields that were changed.

        Raises FieldErrors (ChangedMeanwhile under what somebody else has changed since), NotAllowed, HandoffClosed.
        """
        problem = self._about_channel(edit)
        try:
            with self.desk.db.write() as session:
                return self._edit(session, actor, handoff_id, edit, problem)
        except IntegrityError as clash:
            if "account" not in edit.wanted:
                raise
            raise FieldErrors({"account": NameTaken()}) from clash

    def _about_channel(self, edit: Edit) -> BotError | None:
        """What Slack says of another channel than the form was opened with; asked before anything is locked."""
        channel = edit.wanted.get("channel")
        return self.check_channel(channel) if channel and channel != edit.seen.get("channel") else None

    def _edit(
        self, session: Session, actor: Actor, handoff_id: int, edit: Edit, channel_problem: BotError | None
    ) -> frozenset[str]:
        by, handoff = self.handoffs.locked(session, actor, handoff_id, Action.EDIT)
        handoff.require_open()
        before, people = facts(handoff), self._people(session, by, edit)
        changes, clashes = merged(_plain(edit.wanted, people, handoff), edit.seen, before)
        errors: dict[str, BotError] = {**_about_people(people, changes), **clashes}
        if channel_problem is not None and "channel" in changes:
            errors["channel"] = channel_problem
        errors = {**mistakes(handoff, changes, self.desk.today(by)), **errors}
        if "account" in changes and loading.account_by_name(session, by.workspace_id, changes["account"]):
            same = loading.account_by_name(session, by.workspace_id, changes["account"])
            errors.update({"account": NameTaken()} if same is not None and same.id != handoff.account_id else {})
        named = people["incoming"] if "incoming" in changes else None
        welcome = naming(session, by, handoff.account_id, named, handoff_id, anyway=edit.anyway)
        if welcome.problem is not None:
            errors = {"incoming": welcome.problem, **errors}
        if errors:
            raise FieldErrors(errors)
        welcome.note(self.desk, session, by, handoff.account_id, handoff.id, "incoming")
        if changes:
            self._change(session, by, handoff, changes, before, people)
        return frozenset(changes)

    def _people(self, session: Session, by: Person, edit: Edit) -> dict[str, Person | None]:
        chosen = {name: slack_id for name, slack_id in edit.wanted.items() if name in ROLES}
        return {name: self.desk.person(session, by.workspace_id, s) if s else None for name, s in chosen.items()}

    def _change(
        self,
        session: Session,
        by: Person,
        handoff: Handoff,
        changes: Mapping[str, Any],
        before: Mapping[str, Any],
        people: Mapping[str, Person | None],
    ) -> None:
        now = self.desk.now()
        stays_until, was_test = handoff.last_day, handoff.test_run
        apply(handoff, changes)
        session.flush()
        today = self.desk.today(handoff.manager or by)
        follow_last_day(session, handoff, stays_until, today)
        if "support_until" in changes:
            follow_support_end(handoff)
        follow_test_run(session, handoff, was_test, by, today)
        if "channel" in changes:
            relocated(session, now, handoff, by, before["channel"])
        leaver = people.get("outgoing")
        if "outgoing" in changes and (leaver is None or not leaver.reachable):
            handoff.outgoing = leaver
            gone_already(self.desk, session, handoff, by)
        was = {name: before[name] for name in changes}
        journal.record(session, by, now, "handoff.edited", handoff.id, handoff.id, was, changes)
        new_owner = people.get("incoming") if "incoming" in changes else None
        if new_owner is not None and handoff.acceptance is Acceptance.ACCEPTED and not handoff.test_run:
            account = loading.account(session, by.workspace_id, handoff.account_id)
            give_account(session, account, new_owner, self.desk.today(by), handoff.id)
        self.handoffs.moved(session, by, handoff)


def chooses(changed: frozenset[str]) -> bool:
    """Whether other steps may fit after these fields were changed."""
    return bool(changed & CHOOSING)


def _plain(wanted: Mapping[str, Any], people: Mapping[str, Person | None], handoff: Handoff) -> dict[str, Any]:
    """The form's values as facts. A text that came back as the form had shortened it is the one that is kept."""
    found = {**wanted, **{name: person.id if person else None for name, person in people.items()}}
    for name in ("benefit", "account", "outgoing_name"):
        if name in found:
            text = str(found[name] or "").strip() if name == "benefit" else " ".join(str(found[name] or "").split())
            found[name] = text
    if found.get("benefit") == short(handoff.benefit, TEXT_LIMIT):
        found["benefit"] = handoff.benefit
    return found


def _about_people(people: Mapping[str, Person | None], changes: Mapping[str, Any]) -> dict[str, BotError]:
    """Bots, and those who have left, also between the opening of the form and now; who held it already may stay."""
    errors: dict[str, BotError] = {}
    for name, person in people.items():
        chosen = person if name in changes else None
        problem = unfit(chosen, may_have_left=name == "outgoing") if chosen is not None else None
        if problem is not None:
            errors[name] = problem
    return errors

"""A step of Workflow Builder starts a handoff: once, however often Slack asks, and Slack hears how it ended.

What came of a step and the letter that tells Slack are written in the transaction of the handoff, so a kill leaves
either nothing, and Slack asks again, or both.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bot.domain.people import Person
from bot.domain.refusals import Refusal
from bot.domain.vocabulary import Reason, SalesChannel, Tier
from bot.errors import BotError, FieldErrors
from bot.store import executions, known, loading
from bot.store.letters import Letter, Priority, post_once
from bot.usecases.desk import Actor, Desk
from bot.usecases.fields import unfit
from bot.usecases.handoffs.start import AccountChoice, Start, StartForm

KIND = "step"


class NobodyRanIt(Refusal):
    sentence = "Nobody ran this workflow, so the step has to name the manager for whom it acts."


@dataclass(frozen=True)
class Step:
    """What Slack calls this run of the step, and the token that ends with it."""

    execution_id: str
    token: str | None


@dataclass(frozen=True)
class Wish:
    """What the workflow filled in; people and channel are Slack ids. None: left empty.

    `runner`: whoever ran the workflow, by Slack's own word; None for one that a schedule or another app runs.
    """

    account: str
    reason: Reason
    outgoing: str
    benefit: str
    channel: str
    incoming: str | None = None
    last_day: date | None = None
    sales_channel: SalesChannel | None = None
    tier: Tier | None = None
    manager: str | None = None
    runner: str | None = None


@dataclass(frozen=True)
class WorkflowSteps:
    desk: Desk
    start: Start

    def worked_off(self, team_id: str, step: Step) -> bool:
        """Whether Slack asks again for what is done. Raises NotInstalled, Elsewhere."""
        with self.desk.db.read() as session:
            return executions.known(session, self.desk.workspace_id(session, team_id), step.execution_id)

    def begin(self, team_id: str, step: Step, wish: Wish) -> None:
        """Start the handoff, and let Slack know. Nothing happens to a step that is worked off.

        As whoever ran the workflow, else as the manager it names: they need the permission, as for any start.
        Raises FieldErrors by input, NotAllowed, NotInstalled.
        """
        acts = wish.runner or wish.manager
        if acts is None:
            raise FieldErrors({"manager": NobodyRanIt()})
        problem = self.start.check_channel(wish.channel)
        try:
            self._begun(Actor(team_id, acts), step, wish, problem)
        except IntegrityError:  # another process was quicker: with this step, or with a handoff of the account
            if not self.worked_off(team_id, step):
                self._begun(Actor(team_id, acts), step, wish, problem)

    def refuse(self, team_id: str, step: Step, problems: Sequence[tuple[str, str]], locale: str) -> None:
        """Let Slack know why no handoff was started: pairs of an input (or "") and a sentence, in that language."""
        detail = {"problems": [list(one) for one in problems], "locale": locale}
        try:
            with self.desk.db.write() as session:
                workspace_id = self.desk.workspace_id(session, team_id)
                if not executions.known(session, workspace_id, step.execution_id):
                    now = self.desk.now()
                    number = executions.keep(session, workspace_id, step.execution_id, step.token, now, detail=detail)
                    self._tell(session, workspace_id, number, None)
        except IntegrityError:
            return  # another process has worked it off

    def _begun(self, actor: Actor, step: Step, wish: Wish, problem: BotError | None) -> None:
        with self.desk.db.write() as session:
            workspace_id = self.desk.workspace_id(session, actor.team_id)
            if executions.known(session, workspace_id, step.execution_id):
                return
            by = self.desk.actor(session, actor)
            gone = unfit(by)
            if gone is not None:
                raise FieldErrors({"manager": gone})
            started = self.start.within(session, by, self._form(session, by, wish), channel_problem=problem)
            number = executions.keep(
                session, workspace_id, step.execution_id, step.token, self.desk.now(), handoff_id=started.handoff_id
            )
            self._tell(session, workspace_id, number, started.handoff_id)

    def _form(self, session: Session, by: Person, wish: Wish) -> StartForm:
        """The start form as it would stand; of an account that is known, channel and tier as they are."""
        form = StartForm(
            account=AccountChoice(new_name=wish.account),
            reason=wish.reason,
            outgoing=wish.outgoing,
            outgoing_name="",
            incoming=wish.incoming,
            last_day=wish.last_day,
            benefit=wish.benefit,
            sales_channel=wish.sales_channel or SalesChannel.DIRECT,
            tier=wish.tier or Tier.STANDARD,
            channel=wish.channel,
            manager=wish.manager,
        )
        account = loading.account_by_name(session, by.workspace_id, wish.account)
        if account is None or not known.is_known(session, by, account):
            return form
        return replace(
            form,
            sales_channel=wish.sales_channel or account.sales_channel,
            tier=wish.tier or account.tier,
            overseas=account.overseas,
        )

    def _tell(self, session: Session, workspace_id: int, number: int, handoff_id: int | None) -> None:
        letter = Letter(f"{KIND}:{number}", KIND, number, handoff_id, Priority.ANSWER)
        post_once(session, workspace_id, self.desk.now(), [letter])

"""What two reps agree about a deal: proposed by the manager, signed by both, changed, ended; and the work log."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from sqlalchemy.orm import Session

from bot.domain.checklist import ChecklistItem
from bot.domain.commission import Commission, NotAParty, NotHundred, PassTheGateFirst, Settled, Terms, TermsState
from bot.domain.deals import Deal
from bot.domain.handoff import Handoff
from bot.domain.money import WHOLE_BP, percent_of
from bot.domain.people import Person
from bot.domain.permissions import Action
from bot.domain.refusals import NameTheIncoming, NoDay, NoSuchThing, Refusal, RefuseDate, SameRep, Unreachable
from bot.domain.rules import PayMode
from bot.domain.vocabulary import StepForm
from bot.errors import BotError, FieldErrors
from bot.store import dealing, journal, loading
from bot.store.letters import Letter, Priority, freshen_kind, post_once
from bot.usecases import changes
from bot.usecases.deals.deals import ChangedMeanwhile, locked
from bot.usecases.deals.duties import agreement_of, keep_duties
from bot.usecases.desk import Actor, Desk
from bot.usecases.fields import tried
from bot.usecases.handoffs.checklist import Checklist
from bot.usecases.workspace.playbooks import playbook_of

FURTHEST = timedelta(days=5 * 366)


class StillUnsigned(Refusal):
    sentence = "These still wait for a signature: %(deals)s. Ask for it, or change the terms."


class NobodyToShareWith(Refusal):
    sentence = "%(account)s has no outgoing rep in Slack who could agree, so there is nothing to share."


class TellThemFirst(Refusal):
    sentence = "The handoff of %(account)s is quiet. Open it before commissions are agreed: both reps have to sign."


class TooFar(Refusal):
    sentence = "That is more than five years away. Choose an earlier day."


@dataclass(frozen=True)
class TermsForm:
    """As typed. The shares are left out of account for double pay; no `until_on`: for the sales cycle."""

    mode: PayMode
    rate: str
    outgoing: str
    incoming: str
    until_on: date | None


@dataclass(frozen=True)
class TermsDraft:
    """What the form begins with: the terms that stand, or the playbook's; `version` None while nothing is agreed."""

    handoff: Handoff
    deal: Deal
    terms: Terms | None
    mode: PayMode
    outgoing_bp: int
    incoming_bp: int
    rate_bp: int | None
    until_on: date | None
    version: int | None
    commission_id: int | None = None
    item_id: int | None = None


@dataclass(frozen=True)
class Commissions:
    desk: Desk
    checklist: Checklist

    def draft(self, actor: Actor, handoff_id: int, deal_id: int) -> TermsDraft:
        """To fill the form with. Raises NotAllowed, Settled, NameTheIncoming and the like."""
        with self.desk.db.read() as session:
            reader = self.desk.viewer(session, actor)
            handoff = loading.whole_handoff(session, reader.workspace_id, handoff_id)
            deal, agreed = self._to_change(session, reader, handoff, deal_id)
            rule = playbook_of(session, handoff).rules.commission
            if agreed is not None:
                terms = agreed.terms
                return TermsDraft(
                    handoff, deal, terms, terms.mode, terms.outgoing_bp, terms.incoming_bp, terms.rate_bp,
                    terms.until_on, agreed.version, agreed.id,
                )  # fmt: skip
            others = dealing.agreed_in(session, handoff.id)
            rate = others[-1][0].rate_bp if others else None
            until = None if rule.days is None else self.desk.today(reader) + timedelta(days=rule.days)
            return TermsDraft(handoff, deal, None, rule.mode, rule.outgoing_bp, rule.incoming_bp, rate, until, None)

    def propose(self, actor: Actor, handoff_id: int, deal_id: int, form: TermsForm, version: int | None) -> None:
        """Set or change the terms; both reps are asked to sign. Raises FieldErrors, ChangedMeanwhile, NotAllowed."""
        with self.desk.db.write() as session:
            by, handoff = locked(self.desk, session, actor, handoff_id, action=Action.TERMS)
            deal, agreed = self._to_change(session, by, handoff, deal_id)
            terms = _terms(form, self.desk.today(by))
            if version != (agreed.version if agreed is not None else None):
                raise ChangedMeanwhile(deal=deal.name)
            self._agree(session, by, handoff, deal, agreed, terms)

    def sign(self, actor: Actor, commission_id: int, version: int) -> None:
        """One of the two agrees. Raises TermsChanged, SignedAlready, NotAParty, Settled, NoSuchThing."""
        with self.desk.db.write() as session:
            by = self.desk.actor(session, actor)
            found = dealing.commission(session, by.workspace_id, commission_id)
            handoff = loading.whole_handoff(session, by.workspace_id, found.handoff_id, lock=True)
            handoff.require_open()
            session.refresh(found)  # whoever waited for the lock sees what the other made of it
            deal = dealing.deal(session, by.workspace_id, handoff.account_id, found.deal_id)
            role = found.role_of(by.id)
            if role is None:
                parties = loading.people_by_id(session, [found.outgoing_id, found.incoming_id])
                raise NotAParty(people=[parties[n].slack_id for n in (found.outgoing_id, found.incoming_id)])
            before = found.state.value
            found.sign(role, version, deal.name, self.desk.now())
            session.flush()
            after = {"state": found.state.value, "role": role.value, "version": version}
            now = self.desk.now()
            journal.record(session, by, now, "commission.signed", found.id, handoff.id, {"state": before}, after)
            freshen_kind(session, by.workspace_id, now, "terms", found.id)
            if found.signed:
                keep_duties(self.desk, session, by, handoff.id)

    def handoff_of(self, actor: Actor, commission_id: int) -> int:
        """In which handoff it was agreed; whether the person may see it is asked there. Raises NoSuchThing."""
        with self.desk.db.read() as session:
            workspace_id = self.desk.workspace_id(session, actor.team_id)
            return dealing.commission(session, workspace_id, commission_id).handoff_id

    def finish(self, actor: Actor, item_id: int) -> None:
        """Every deal that is shared is signed: the step is done. Raises StillUnsigned, and as `write_down` does."""
        with self.desk.db.write() as session:
            by = self.desk.actor(session, actor)
            item = loading.item(session, by.workspace_id, item_id)
            handoff = loading.handoff(session, by.workspace_id, item.handoff_id)
            agreed = [pair for pair in dealing.agreed_in(session, handoff.id) if pair[1].open]
            waiting = [deal.name for found, deal in agreed if not found.signed]
            if waiting:
                raise StillUnsigned(deals=", ".join(waiting))
            body = {"agreed": [{"deal": deal.name, **facts(found)} for found, deal in agreed]}
            self.checklist.written_down(session, actor, item_id, StepForm.TERMS, body)

    def ending(self, actor: Actor, item_id: int) -> TermsDraft | None:
        """What ends, for the form of the notice; None for a step that is about all deals. Raises NotAllowed."""
        with self.desk.db.read() as session:
            workspace_id = self.desk.workspace_id(session, actor.team_id)
            item = loading.item(session, workspace_id, item_id)
            number = agreement_of(item)
            if number is None:
                return None
            found = dealing.commission(session, workspace_id, number)
            handoff = loading.whole_handoff(session, workspace_id, found.handoff_id)
            self.desk.require(session, Action.TICK, self.desk.viewer(session, actor), handoff, item)
            deal = dealing.deal(session, workspace_id, handoff.account_id, found.deal_id)
            terms = found.terms
            return TermsDraft(
                handoff, deal, terms, terms.mode, terms.outgoing_bp, terms.incoming_bp, terms.rate_bp,
                terms.until_on, found.version, found.id, item.id,
            )  # fmt: skip

    def end(self, actor: Actor, item_id: int, until_on: date | None, version: int, *, keep: bool) -> None:
        """The manager's answer to the notice: keep it as agreed, or another last day, which both sign anew.

        Raises FieldErrors, ChangedMeanwhile, and as `write_down` does.
        """
        with self.desk.db.write() as session:
            by = self.desk.actor(session, actor)
            item = loading.item(session, by.workspace_id, item_id)
            number = agreement_of(item)
            if number is None:
                raise NoSuchThing()

            def follow(session: Session, handoff: Handoff, _item: ChecklistItem, by: Person) -> None:
                if keep:
                    return
                whole = loading.whole_handoff(session, by.workspace_id, handoff.id)
                found = dealing.commission(session, by.workspace_id, number)
                deal, agreed = self._to_change(session, by, whole, found.deal_id)
                if agreed is None or agreed.version != version:
                    raise ChangedMeanwhile(deal=deal.name)
                problem = NoDay() if until_on is None else _too_early_or_late(until_on, self.desk.today(by))
                if problem is not None:
                    raise FieldErrors({"until": problem})
                terms = Terms(agreed.mode, agreed.rate_bp, agreed.outgoing_bp, agreed.incoming_bp, until_on)
                self._agree(session, by, whole, deal, agreed, terms)

            day = until_on.isoformat() if until_on is not None and not keep else None
            self.checklist.written_down(session, actor, item_id, StepForm.TERMS, {"keep": keep, "until": day}, follow)

    def _to_change(
        self, session: Session, by: Person, handoff: Handoff, deal_id: int
    ) -> tuple[Deal, Commission | None]:
        """The deal whose terms somebody wants to set, and what stands. Raises what keeps them from it."""
        self.desk.require(session, Action.TERMS, by, handoff)
        handoff.require_open()
        name = handoff.account.name
        if handoff.quiet:
            raise TellThemFirst(account=name)
        if handoff.incoming is None:
            raise NameTheIncoming(account=name)
        if handoff.receiver_waits:
            raise PassTheGateFirst(account=name, person=handoff.incoming.slack_id)
        if handoff.outgoing is None:
            raise NobodyToShareWith(account=name)
        for person in (handoff.outgoing, handoff.incoming):
            if not person.reachable:
                raise Unreachable(person=person.slack_id)
        if handoff.outgoing_id == handoff.incoming_id:
            raise SameRep()
        deal = dealing.deal(session, handoff.workspace_id, handoff.account_id, deal_id)
        agreed = dealing.commissions_of(session, [deal.id]).get(deal.id)
        if not deal.open or (agreed is not None and agreed.settled):
            raise Settled(deal=deal.name)
        return deal, agreed if agreed is not None and agreed.handoff_id == handoff.id else None

    def _agree(
        self, session: Session, by: Person, handoff: Handoff, deal: Deal, agreed: Commission | None, terms: Terms
    ) -> None:
        """The terms stand, and wait for two signatures."""
        assert handoff.outgoing_id is not None, "_to_change has looked"
        assert handoff.incoming_id is not None, "_to_change has looked"
        now, before = self.desk.now(), facts(agreed) if agreed is not None else None
        if agreed is None:
            agreed = Commission(
                handoff.workspace_id, handoff.id, deal.id, handoff.outgoing_id, handoff.incoming_id,
                terms.mode, terms.rate_bp, terms.outgoing_bp, terms.incoming_bp, terms.until_on,
            )  # fmt: skip
            session.add(agreed)
        else:
            agreed.change(terms, handoff.outgoing_id, handoff.incoming_id)
        session.flush()
        verb = "commission.proposed" if before is None else "commission.changed"
        journal.record(session, by, now, verb, agreed.id, handoff.id, before, facts(agreed))
        freshen_kind(session, by.workspace_id, now, "terms", agreed.id)
        letters = [_letter(agreed, number) for number in (agreed.outgoing_id, agreed.incoming_id)]
        post_once(session, handoff.workspace_id, now, letters)
        changes.touched(session, now, handoff)
        keep_duties(self.desk, session, by, handoff.id)


def _letter(agreed: Commission, person_id: int) -> Letter:
    """The message that asks for a signature: one for each version, so that it rings."""
    detail = {"person_id": person_id, "version": agreed.version}
    key = f"terms:{agreed.id}:{agreed.version}:{person_id}"
    return Letter(key, "terms", agreed.id, agreed.handoff_id, Priority.MESSAGE, detail, person_id)


def _terms(form: TermsForm, today: date) -> Terms:
    """What was typed. Raises FieldErrors."""
    errors: dict[str, BotError] = {}
    shared = form.mode is PayMode.SHARED
    typed = {"rate": form.rate, **({"outgoing": form.outgoing, "incoming": form.incoming} if shared else {})}
    found = {name: tried(errors, name, partial(percent_of, text)) for name, text in typed.items()}
    if not errors and shared and found["outgoing"] + found["incoming"] != WHOLE_BP:
        errors["incoming"] = NotHundred(sum=f"{Decimal(found['outgoing'] + found['incoming']) / 100}")
    if form.until_on is not None:
        problem_of_day = _too_early_or_late(form.until_on, today)
        if problem_of_day is not None:
            errors["until"] = problem_of_day
    if errors:
        raise FieldErrors(errors)
    if not shared:
        return Terms.double(found["rate"], form.until_on)
    return Terms(PayMode.SHARED, found["rate"], found["outgoing"], found["incoming"], form.until_on)


def _too_early_or_late(day: date, today: date) -> BotError | None:
    if day < today:
        return RefuseDate()
    return TooFar() if day > today + FURTHEST else None


def facts(agreed: Commission) -> dict[str, Any]:
    """What the audit trail says of an agreement."""
    return {
        "mode": PayMode(agreed.mode).value,
        "rate_bp": agreed.rate_bp,
        "outgoing_bp": agreed.outgoing_bp,
        "incoming_bp": agreed.incoming_bp,
        "until_on": agreed.until_on.isoformat() if agreed.until_on else None,
        "outgoing_id": agreed.outgoing_id,
        "incoming_id": agreed.incoming_id,
        "state": TermsState(agreed.state).value,
        "version": agreed.version,
    }

"""The customer asks for another rep: nobody is forced on them, and nothing that was gathered is lost (B21).

The handoff goes back to where it names its incoming rep. What was done stays done; only what has to happen anew with
another person is open again.
"""

from __future__ import annotations

from bot.domain.checklist import GOES_ALONG, ChecklistItem, ItemState
from bot.domain.handoff import Acceptance, Handoff
from bot.domain.refusals import Refusal
from bot.domain.vocabulary import Role, StepForm

OF_THE_ACCOUNT = frozenset(
    {
        StepForm.WARNING,
        StepForm.DEALS,
        StepForm.TERMS,
        StepForm.WORK_LOG,
        StepForm.COVER,
        StepForm.COVER_END,
        StepForm.SPECIAL,
    }
)
"""Steps with such a form are about the account and stay done; the others are about the person, and come anew."""


class NobodyToDecline(Refusal):
    sentence = "Nobody is named to take over %(account)s, so there is nobody whom the customer could decline."


class SomebodyElseByNow(Refusal):
    sentence = "%(account)s has another incoming rep by now: %(person)s. Open the card again."


def rematch(handoff: Handoff, expected_id: int) -> list[ChecklistItem]:
    """Take the incoming rep out. Returns the items that are open again or wait for another person now.

    `expected_id` is whom the form named. Raises HandoffClosed, NobodyToDecline, SomebodyElseByNow.
    """
    handoff.require_open()
    if handoff.incoming_id is None:
        raise NobodyToDecline(account=handoff.account.name)
    if handoff.incoming_id != expected_id:
        person = handoff.incoming.slack_id if handoff.incoming else ""
        raise SomebodyElseByNow(account=handoff.account.name, person=person)
    handing = next(stage for stage in handoff.stages if stage.hands_over)
    touched = [item for item in handoff.items if _concerns(handoff, item, expected_id)]
    for item in touched:
        if not item.open:
            item.reopen()
        if item.owner_id == expected_id:
            item.owner_id = None if item.owner_role is not None else handoff.manager_id
    handoff.incoming_id = None
    handoff.acceptance, handoff.acceptance_asked_at = Acceptance.NOT_ASKED, None
    handoff.acceptance_due_on = handoff.accepted_at = handoff.transfer_on = handoff.support_until = None
    if handoff.stage_position >= handing.position:
        handoff.stage_position = handing.position
        handing.left_at, handing.left_by_id, handing.override_reason = None, None, ""
    return touched


def _concerns(handoff: Handoff, item: ChecklistItem, person_id: int) -> bool:
    """Whether an item has to be done anew, or is owed by them."""
    if item.open:
        owed_by_agreement = (item.key or "").startswith(GOES_ALONG)  # not by the role: it ends with whoever signed
        return item.owner_id == person_id and not owed_by_agreement
    later = next((stage.position for stage in handoff.stages if stage.id == item.stage_id), 0)
    handing = next(stage.position for stage in handoff.stages if stage.hands_over)
    with_them = item.form is not None and item.form not in OF_THE_ACCOUNT
    return item.state is ItemState.DONE and later > handing and (with_them or item.owner_role is Role.INCOMING)

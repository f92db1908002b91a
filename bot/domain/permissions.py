"""Who may do what: PRODUCT section 8 as one table.

A permission names relations; a person who stands in any of them to the thing at hand may act. While setup names no
managers, everybody is a STARTER (and the menu says so); ticking other people's items is never open to everybody.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.domain.checklist import ChecklistItem
from bot.domain.feedback import FeedbackRequest
from bot.domain.handoff import Handoff
from bot.domain.people import Person
from bot.domain.quiet import knows
from bot.domain.refusals import NotAllowed
from bot.domain.vocabulary import Role


class Relation(StrEnum):
    STARTER = "starter"
    WORKSPACE_MANAGER = "workspace_manager"
    ADMIN = "admin"
    HANDOFF_MANAGER = "handoff_manager"
    ITEM_OWNER = "item_owner"
    COVER = "cover"
    OUTGOING = "outgoing"
    INCOMING = "incoming"
    ASKED = "asked"
    PARTICIPANT = "participant"
    """Holds any role in the handoff."""
    ACCOUNT_OWNER = "account_owner"
    """Owner of record of the account at hand."""
    ACCOUNT_COVER = "account_cover"
    """Covers it today."""
    STAND_IN = "stand_in"
    """Stands in today for whoever owes the thing at hand, who is away (`bot/domain/routing.py`)."""


class Action(StrEnum):
    START = "start"
    EDIT = "edit"
    OVERRIDE = "override"
    CANCEL = "cancel"
    OPEN_QUIET = "open_quiet"
    """Tell everybody of a handoff that was prepared quietly."""
    PASS_GATE = "pass_gate"
    ADD_ITEM = "add_item"
    TICK = "tick"
    ACCEPT = "accept"
    DECLINE_REP = "decline_rep"
    """Say that the customer asks for another rep."""
    ANSWER = "answer"
    REDIRECT = "redirect"
    ASK_AFTER = "ask_after"
    SETUP = "setup"
    SET_AWAY = "set_away"
    """Of somebody else; one's own is everybody's to say."""
    DEALS = "deals"
    """See the deals of the account, add and close them."""
    COMMISSION = "commission"
    """See who is paid what."""
    WORK_LOG = "work_log"
    """Write into it; of a commission between others than the two reps of the handoff, only those two may."""
    TERMS = "terms"
    """Say how a commission is shared, which the two reps sign; decide about work that was not recorded."""
    PAY_FILE = "pay_file"
    """Take what is paid out as a file, for finance."""
    COVER = "cover"
    """Say who looks after an account, confirm who offers to."""
    BENCH = "bench"
    """See and keep the list of who could come in."""
    WATCH = "watch"
    """See and keep the list of who might leave (never an entry about oneself: `bot/domain/watching.py`)."""
    DOSSIER = "dossier"
    """Change what is known about an account; reading it is everybody's who may know of the account."""
    DOSSIER_DEALS = "dossier_deals"
    """See the deals in the view of the account, and change them there."""
    TROUBLE_MAKERS = "trouble_makers"
    """See, and say, who at the customer makes trouble."""
    ATTEST = "attest"
    """Say that what is known about the account is right."""
    RESEND = "resend"
    """A message that could not be delivered."""
    IMPORT = "import"
    """Bring accounts, contacts and deals from a file, and take them as one."""

    BRIEF = "brief"
    """Take the brief as a page or a file, and say that one has read it; in Slack everybody may look at it."""
    KEEP_BRIEF = "keep_brief"
    """Keep a version of it, and see who has read it."""
    ERASE = "erase"
    """See and take out of everything what is stored about somebody else."""


_R = Relation
_RUNNERS = frozenset({_R.STARTER, _R.WORKSPACE_MANAGER, _R.HANDOFF_MANAGER})
_AT_WORK = frozenset({_R.WORKSPACE_MANAGER, _R.HANDOFF_MANAGER, _R.OUTGOING, _R.INCOMING, _R.COVER, _R.ITEM_OWNER})

_NEAR_IT = frozenset(
    {_R.WORKSPACE_MANAGER, _R.HANDOFF_MANAGER, _R.OUTGOING, _R.INCOMING, _R.COVER, _R.ACCOUNT_OWNER, _R.ACCOUNT_COVER}
)

TABLE: dict[Action, frozenset[Relation]] = {
    Action.START: frozenset({_R.STARTER, _R.WORKSPACE_MANAGER}),
    Action.EDIT: _RUNNERS,
    Action.OVERRIDE: _RUNNERS,
    Action.CANCEL: _RUNNERS,
    Action.OPEN_QUIET: _RUNNERS,
    Action.PASS_GATE: _AT_WORK,
    Action.ADD_ITEM: _AT_WORK,
    Action.TICK: frozenset({_R.ITEM_OWNER, _R.HANDOFF_MANAGER, _R.COVER, _R.STAND_IN}),
    Action.ACCEPT: frozenset({_R.INCOMING}),
    Action.DECLINE_REP: frozenset({_R.WORKSPACE_MANAGER, _R.HANDOFF_MANAGER, _R.OUTGOING, _R.INCOMING}),
    Action.ANSWER: frozenset({_R.ASKED, _R.STAND_IN}),
    Action.REDIRECT: frozenset({_R.ASKED, _R.HANDOFF_MANAGER, _R.STAND_IN}),
    Action.ASK_AFTER: frozenset({_R.PARTICIPANT, _R.WORKSPACE_MANAGER, _R.HANDOFF_MANAGER}),
    Action.SETUP: frozenset({_R.ADMIN, _R.STARTER, _R.WORKSPACE_MANAGER}),
    Action.SET_AWAY: frozenset({_R.ADMIN, _R.WORKSPACE_MANAGER}),
    Action.DEALS: frozenset({_R.HANDOFF_MANAGER, _R.OUTGOING, _R.INCOMING, _R.COVER, _R.ITEM_OWNER, _R.STAND_IN}),
    Action.COMMISSION: frozenset({_R.HANDOFF_MANAGER, _R.OUTGOING, _R.INCOMING}),
    Action.WORK_LOG: frozenset({_R.OUTGOING, _R.INCOMING}),
    Action.TERMS: frozenset({_R.HANDOFF_MANAGER}),
    Action.PAY_FILE: frozenset({_R.ADMIN, _R.WORKSPACE_MANAGER}),
    Action.COVER: _RUNNERS,
    Action.BENCH: frozenset({_R.WORKSPACE_MANAGER}),
    Action.WATCH: frozenset({_R.WORKSPACE_MANAGER}),
    Action.DOSSIER: _NEAR_IT | {_R.STARTER, _R.PARTICIPANT},
    Action.DOSSIER_DEALS: _NEAR_IT,
    Action.TROUBLE_MAKERS: _NEAR_IT,
    Action.ATTEST: _RUNNERS,
    Action.RESEND: frozenset({_R.ADMIN, _R.WORKSPACE_MANAGER, _R.HANDOFF_MANAGER}),
    Action.BRIEF: _NEAR_IT | {_R.PARTICIPANT, _R.ADMIN},
    Action.KEEP_BRIEF: _RUNNERS,
    Action.ERASE: frozenset({_R.ADMIN}),
    Action.IMPORT: frozenset({_R.ADMIN, _R.STARTER, _R.WORKSPACE_MANAGER}),
}
OF_THE_STAGE = frozenset({Action.PASS_GATE, Action.ADD_ITEM})
"""What is about no step in particular: there, whoever has one of the stage at hand is an ITEM_OWNER."""


@dataclass(frozen=True)
class Standing:
    """What the workspace says of a person: `open_house` while setup names no managers."""

    manager: bool
    open_house: bool
    managers: tuple[str, ...] = ()

    @property
    def starts(self) -> bool:
        """Whether they may start handoffs and change the setup."""
        return self.manager or self.open_house


def relations(
    person: Person,
    standing: Standing,
    handoff: Handoff | None = None,
    item: ChecklistItem | None = None,
    request: FeedbackRequest | None = None,
    in_group: bool = False,
) -> frozenset[Relation]:
    """Every relation in which the person stands to the thing at hand."""
    held = {
        _R.STARTER: standing.starts,
        _R.WORKSPACE_MANAGER: standing.manager,
        _R.ADMIN: person.is_admin,
        _R.HANDOFF_MANAGER: handoff is not None and _is(person, handoff.manager_id),
        _R.COVER: handoff is not None and _is(person, handoff.cover_id),
        _R.OUTGOING: handoff is not None and _is(person, handoff.outgoing_id),
        _R.INCOMING: handoff is not None and _is(person, handoff.incoming_id),
        _R.ITEM_OWNER: _owns(person, handoff, item),
        _R.PARTICIPANT: handoff is not None and any(_is(person, handoff.holder_id(role)) for role in Role),
        _R.ASKED: request is not None and (_is(person, request.asked_id) or in_group),
    }
    return frozenset(relation for relation, holds in held.items() if holds)


def sees(person: Person, handoff: Handoff) -> bool:
    """Whether the person may know of the handoff at all; comes before every other question about it.

    Of a quiet one only its manager and those named in it may (`bot/domain/quiet.py`), whatever else they are.
    """
    return knows(handoff, person.id)


def own_step(person: Person, handoff: Handoff) -> ChecklistItem | None:
    """A step of the stage at hand that is this person's, if they have one."""
    return next((one for one in handoff.items_of(handoff.stage) if _owns(person, handoff, one)), None)


def allowed(action: Action, held: frozenset[Relation]) -> bool:
    return bool(TABLE[action] & held)


def refuse(people: list[str]) -> NotAllowed:
    """The sentence that says who can; `people` are Slack ids, or words such as "a manager" when nobody is named."""
    return NotAllowed(people=list(dict.fromkeys(p for p in people if p)) or ["a manager"])


def _owns(person: Person, handoff: Handoff | None, item: ChecklistItem | None) -> bool:
    if handoff is None or item is None:
        return False
    return _is(person, handoff.named_for(item))


def _is(person: Person, number: int | None) -> bool:
    """Whether it is this person's number. Somebody whom Baton does not know yet has none, and holds no empty role."""
    return number is not None and number == person.id

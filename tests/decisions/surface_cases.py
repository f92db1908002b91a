"""Every template with everything it may have to show, for any text that people may type."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime

from bot.domain.checklist import ItemState
from bot.domain.dossier import Fact
from bot.domain.facts import NOTHING_MISSING, Completeness
from bot.domain.gate import missing as keeps_shut
from bot.domain.handoff import Handoff, HandoffState, Passed
from bot.domain.refusals import AlreadyDone, NotAllowed
from bot.domain.rules import CustomerRule
from bot.domain.vocabulary import Role
from bot.slack.limits import Surface
from bot.slack.wording import worded
from bot.store.glance import Stage
from bot.store.queues import LetterState
from bot.usecases.accounts.accounts import OwnerAnswer
from bot.usecases.brief.brief import AcceptanceView
from bot.usecases.handoffs.handoffs import GateAnswer
from bot.usecases.handoffs.start import Started
from bot.usecases.views import reading
from bot.usecases.views.home import HomeView, MyQuestion, Waiting
from bot.usecases.views.lists import MyItem, Row
from bot.usecases.views.overview import ListView, MenuView, ShowView
from bot.usecases.views.reading import CardView
from bot.usecases.workspace.setup import ANSWER_DAYS, CAPS, SetupView, Stakeholder
from bot.usecases.workspace.undelivered import Undelivered, Why
from handlers.start_form import ANOTHER, Draft, account_option
from tests.decisions import samples as s
from tests.decisions.account_cases import of_accounts
from tests.decisions.away_cases import of_being_away
from tests.decisions.brief_cases import brief_of, of_the_brief
from tests.decisions.capture_cases import of_account_dates, of_capture
from tests.decisions.commission_cases import of_commission
from tests.decisions.coverage_cases import of_alarms, of_covers, of_the_bench
from tests.decisions.crm_cases import of_the_crm
from tests.decisions.customer_cases import of_the_customer, view_of
from tests.decisions.editing_cases import of_editing
from tests.decisions.form_cases import of_forms
from tests.decisions.import_cases import of_importing
from tests.decisions.phase_cases import of_phases
from tests.decisions.privacy_cases import of_privacy
from tests.decisions.reminder_cases import of_reminders
from tests.decisions.shown import Case, message, view
from tests.decisions.special_cases import of_special
from tests.decisions.support_cases import of_support
from tests.decisions.territory_cases import of_territories
from tests.decisions.watch_cases import of_the_watch_list
from tests.decisions.workflow_cases import of_workflow_steps

PARTS = {
    "commands",
    "account", "alarms", "brief", "brief/words", "capture", "commission", "covers", "customer",
    "help", "history", "imports", "leaves", "messages/greeting",
    "parts", "reminders", "special", "support", "territory", "watch", "words",
}  # fmt: skip
"""Files that others take parts from."""

LINK = "https://x.example/c"
FACTS = (Fact.CONTACT, Fact.NEEDS)
NICE = tuple(fact for fact in Fact if fact not in FACTS)
TEXTS = {
    "plain": "",
    "rings everybody": "<!channel> <!here> @channel <!everyone>" * 20,
    "a link in disguise": "<https://evil.example|https://bank.example> " * 30,
    "marks": "*_~`>& <b>" * 60,
    "emoji": "🧑‍🚀" * 3000,
    "right to left": "\u202eشركة الشمال للتوريد\u202c " * 200,
    "very long": "word " * 2400,
    "one endless word": "x" * 12_000,
    "lines": "one\n\n> two\n```three```\n" * 40,
    "quotes and backslashes": "\"\\'{{ }} {% %} </script> %s %(name)s %" * 60,
}


def card_of(handoff: Handoff) -> CardView:
    missing = tuple(keeps_shut(handoff, FACTS)) if handoff.state is HandoffState.OPEN else ()
    items = handoff.items_of(handoff.stage)
    overrides = tuple(stage for stage in handoff.stages if stage.override_reason)
    days = (handoff.last_day - s.TODAY).days if handoff.last_day else None
    following = next(iter(missing), None)
    return CardView(
        handoff, s.TODAY, handoff.phase(s.TODAY), days, 2, len(items), s.TODAY, missing, following, overrides, 1, 2,
        nice=NICE if missing else (),
    )  # fmt: skip


def gates_of(handoff: Handoff, may: bool) -> Iterator[GateAnswer]:
    """With nothing said about the account, and with all of it; nothing missing any more."""
    yield GateAnswer(handoff, None, tuple(keeps_shut(handoff, tuple(Fact))), may)
    yield GateAnswer(handoff, None, tuple(keeps_shut(handoff, FACTS)), may, NICE)
    yield GateAnswer(handoff, None, (), False, NICE)


def stage_of(handoff: Handoff) -> reading.StageView:
    return reading.stage(handoff, handoff.stage, s.TODAY)


def variants(words: str, items: int = 6) -> Iterator[Handoff]:
    """A handoff in each of its situations."""
    yield s.handoff(words, items)
    yield s.handoff(words, items, incoming=None, incoming_id=None, last_day=s.TODAY)
    yield s.handoff(words, 0, outgoing=None, outgoing_id=None, outgoing_name=words[:150], last_day=None, overseas=True)
    yield s.asked(s.handoff(words, items))
    yield s.accepted(s.handoff(words, items))
    yield s.closed(s.handoff(words, items), HandoffState.CANCELLED, words or "No")
    yield s.closed(s.accepted(s.handoff(words, items)), HandoffState.COMPLETED)


def _of_a_handoff(words: str) -> Iterator[Case]:
    trial = s.handoff(words, test_run=True)
    yield message("card", card=card_of(trial))
    yield from (view("gate", result=one, today=s.TODAY) for one in gates_of(trial, may=True))
    for handoff in variants(words):
        yield message("card", card=card_of(handoff))
        yield message("stage", stage=stage_of(handoff))
        yield message(
            "private/show",
            view=ShowView(card_of(handoff), "https://x.example/c", (handoff.account,)),
            card=card_of(handoff),
        )
        yield from (_prompt(handoff, copy_for) for copy_for in (s.CARL.id, s.INES.id))
        yield message("card", card=replace(card_of(handoff), customer=view_of(words)))
        brief = brief_of(handoff, customer=view_of(words))
        yield view("brief", brief=brief)
        for place in ("open", "accepted", "returned", "off"):
            yield message("acceptance", acceptance=AcceptanceView(brief, place))
        yield view("checklist", stage=stage_of(handoff))
        for may in (True, False):
            yield from (view("gate", result=one, today=s.TODAY) for one in gates_of(handoff, may))
        yield view("cancel", handoff=handoff)
        for facts in (Completeness(50, FACTS, NICE), NOTHING_MISSING):
            yield view("return", handoff=handoff, steps=handoff.items_of(handoff.stage), facts=facts)
        yield view("item/add", handoff=handoff, me=s.MIA.slack_id)


def _prompt(handoff: Handoff, copy_for: int) -> Case:
    return message("prompt", prompt=reading.prompt(handoff, handoff.requests[0], copy_for, s.TODAY))


def _of_answers(words: str) -> Iterator[Case]:
    handoff = s.handoff(words)
    first, second = handoff.requests
    yield message("prompt", prompt=reading.prompt(handoff, s.request(asked=None, asked_id=None), s.MIA.id, s.TODAY))
    s.answered(first, words or "30 days")
    yield _prompt(handoff, s.CARL.id)
    yield message("answered", answered=reading.answered(handoff, first))
    second.nothing(s.CARL, s.NOW)
    second.closed_by = s.CARL
    yield message("answered", answered=reading.answered(handoff, second))
    yield view("brief", brief=brief_of(handoff, insider=False))
    for request in (first, second):
        pack = reading.prompt(handoff, request, None, s.TODAY).pack
        yield view("note", request=request, pack=pack)
        yield view("redirect", request=request, pack=pack)


def _of_items(words: str) -> Iterator[Case]:
    for size in (25, 60):
        handoff = s.handoff(words, size)
        for one in handoff.items[::3]:
            s.done(one, ItemState.SKIPPED if one.id % 2 else ItemState.DONE, words or "Not needed")
        yield message("stage", stage=stage_of(handoff))
        yield view("checklist", stage=stage_of(handoff))
        yield message("acceptance", acceptance=AcceptanceView(brief_of(handoff, insider=False), "open"))
        yield view("brief", brief=brief_of(handoff, insider=False))
        yield message("card", card=card_of(handoff))
    for name in ("skip", "assign", "due", "evidence"):
        yield view(f"item/{name}", item=handoff.items[1], below={"handoff": 1, "stage": 2})


def _of_threads(words: str) -> Iterator[Case]:
    handoff, text = s.accepted(s.handoff(words)), words or "Nobody answers"
    mia = s.MIA.slack_id
    for to in Passed:
        said = {"person": mia, "stage": text, "to": to.value, "reason": text, "next": text}
        yield message("thread/gate", handoff=handoff, **said)
        yield message("thread/gate", handoff=handoff, **said, facts=[one.value for one in FACTS])
    yield message("thread/accepted", handoff=handoff, person=mia, day="2026-12-03")
    yield message("thread/returned", handoff=handoff, person=mia, gaps=[text[:150]] * 31)
    yield message("thread/cancelled", handoff=handoff, person=mia, reason=text)
    yield message("thread/redirected", handoff=handoff, function=text[:100], by=mia, to=s.INES.slack_id)
    yield message("thread/unreached", handoff=handoff, person=mia)
    for error in ("is_archived", "not_in_channel", "restricted_action_read_only_channel"):
        yield message("dm/trouble", handoff=handoff, person=s.MIA, error=error, channel="C0ACCOUNTS0")
    held = {"roles": list(Role), "items": [text[:150]] * 30, "functions": [text[:100]] * 4}
    named = {"account": handoff.account.name, "link": LINK, **held}
    for left, count in itertools.product((True, False), (1, 20)):
        yield message("dm/unreachable", handoff=handoff, who=mia, left=left, held=[named] * count, more=count - 1)
    moved = {**named, "to": mia, "skipped": [text[:150]], "brief": text[:110]}
    yield message("dm/unreachable", handoff=handoff, who=mia, left=True, held=[moved] * 20, more=3)
    for quiet in (True, False):
        inherited = {**moved, "ended": [text[:150]], "inherits": True, "quiet": quiet}
        yield message("dm/unreachable", handoff=handoff, who=mia, left=True, held=[inherited] * 20, more=3)


def _of_looking_around(words: str) -> Iterator[Case]:
    rows = tuple(Row(one, Stage(one.stage.id, one.stage.title, True), 2, 6, 2, LINK) for one in variants(words)) * 8
    for scope in ("mine", "team", "overdue"):
        yield message("private/list", view=ListView(scope, rows, 3, s.TODAY))
        yield message("private/list", view=ListView(scope, (), 0, s.TODAY))
    for handoff in variants(words):
        for owner, vacant in itertools.product((s.OLAF, None), (s.TODAY, None)):
            who, others = (handoff.account, owner, s.TODAY, owner, s.TODAY, handoff), (handoff.account,) * 5
            found = OwnerAnswer(*who, others, vacant, owner)
            yield message("private/owner", found=found)
    for runs in (True, False):
        yield message("private/menu", menu=MenuView(s.MIA, runs, not runs, 3, s.TODAY))
    yield message("private/help")
    yield view("help")
    refusal = AlreadyDone(title=words or "Warn the customer", person=s.OLAF.slack_id)
    for sentence in (worded(refusal, str), worded(NotAllowed(people=["UMIA000000", "!S0SALES", "a manager"]), str)):
        yield message("private/sentence", sentence=sentence)
        yield view("problem", sentence=sentence)
    for later, line in ((True, ""), (False, words or "list"), (False, "")):
        yield message("private/unknown", said=words or "lits", later=later, line=line)
    yield from _homes(words, rows)


def _homes(words: str, rows: tuple[Row, ...]) -> Iterator[Case]:
    handoff = s.handoff(words, 60)
    lines = tuple(MyItem(handoff, one) for one in stage_of(handoff).lines)
    questions = tuple(MyQuestion(handoff, one, words or "Credit") for one in handoff.requests)
    waiting = tuple(Waiting(handoff, one, one.owner or s.MIA) for one in keeps_shut(handoff, FACTS))
    moment, error = datetime(2026, 11, 23, 9, tzinfo=UTC), "invalid_blocks"
    letters = tuple(
        Undelivered(n, "request", LetterState.FAILED, words, "U0CARL0000", moment, moment, 3, error, why)
        for n, why in enumerate(Why)
    )
    full = HomeView(
        s.MIA, lines, questions, (handoff,), waiting, rows, True, True, s.TODAY, undelivered=letters, given_up=120,
        to_say=tuple(one for one in waiting if one.missing.kind == "fact"),
    )  # fmt: skip
    empty = HomeView(s.MIA, (), (), (), (), (), False, False, s.TODAY)
    for home in (full, empty):
        yield Case("views/home", Surface.HOME, {"home": home})


def _of_starting(words: str) -> Iterator[Case]:
    account = s.handoff(words).account
    picked = account_option(account)
    yield view("loading")
    yield view("running", account=account.name, link=LINK)
    yield view("started", started=Started(1, account.name, "C0ACCOUNTS0"))
    some = Draft(picked, outgoing_name=words, benefit=words, options=("overseas",), origin="C1", round=2)
    for draft in (Draft(), some, Draft(several=(picked, account_option(s.handoff(words).account)), account=picked)):
        for choice in (None, *(s.LIBRARY.playbooks[:2])):
            chosen = s.choice(choice, ("reason",)) if choice else None
            yield view(
                "start",
                draft=draft,
                choice=chosen,
                link="https://x.example/c" if draft.account else None,
                another=ANOTHER,
                moves=3 if draft.account else 0,
                declined=bool(draft.account),
                rule=CustomerRule(),
            )
    who = {
        "credit": Stakeholder("U0CARL0000", days=3),
        "warranty": Stakeholder(group="S0GROUP"),
        "marketing": Stakeholder(),
    }
    for group, handles in ((None, {}), ("S0GROUP", {"S0GROUP": words or "@sales"})):
        country, chief = (words or "Norway", "U0MIA00000") if group else ("", None)
        said = SetupView(who, ("U0MIA00000",), group, "NO" if country else "", 5, chief)
        yield view("setup", setup=said, handles=handles, country=country, caps=CAPS, days=ANSWER_DAYS)


MAKERS: tuple[Callable[[str], Iterator[Case]], ...] = (
    _of_a_handoff, _of_answers, _of_items, of_reminders, _of_threads, _of_looking_around, _of_starting,
    of_being_away, of_forms, of_commission, of_the_customer, of_alarms, of_covers, of_the_bench, of_editing,
    of_the_crm, of_accounts, of_phases, of_support, of_special, of_the_watch_list, of_the_brief, of_privacy,
    of_territories, of_capture, of_account_dates, of_importing, of_workflow_steps,
)  # fmt: skip

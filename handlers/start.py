"""Starting a handoff: the modal opens at once, shows which playbook the answers choose, and becomes a card."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from slack_bolt import Ack, Respond

from bot.domain.rules import CustomerRule
from bot.usecases.handoffs.start import Started
from handlers.answering import Answer, answering
from handlers.payloads import Body, Form, actor_of, channel_of, clicked, number
from handlers.routes import Routes
from handlers.start_form import ANOTHER, Draft, account_option

if TYPE_CHECKING:
    from bot.app import Bot

SEVERAL = 6
"""How many accounts are shown to choose from when what was typed may mean several."""


def register(routes: Routes, bot: Bot) -> None:
    def start(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body) as answer:
            begin(answer, str(clicked(body).get("account") or ""))

    @routes.action("handoff.open")
    def open_it(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body) as answer:
            opened = bot.opening(answer.actor, number(clicked(body), "handoff"))
            if answer.body.get("response_url"):
                answer.say("messages/private/opened", opened=opened)

    routes.shortcut("handoff.start")(start)
    routes.action("handoff.start")(start)

    @routes.action("account")
    def account(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body) as answer:
            _account_chosen(answer, Draft.of(Form.of(body)))

    def chosen(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body) as answer:
            _draw(answer, Draft.of(Form.of(body)))

    for name in ("reason", "sales_channel", "tier"):
        routes.action(name)(chosen)

    @routes.options("account")
    def accounts(ack: Ack, body: Body) -> None:
        ack(options=_complete(bot, body))

    @routes.view("handoff.start")
    def send(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body) as answer:
            draft = Draft.of(Form.of(body))
            _tell(answer, draft, bot.start(answer.actor, draft.form()))


def begin(answer: Answer, typed: str) -> None:
    """Open the form: a waiting view first, because the trigger lives for three seconds only."""
    origin = channel_of(answer.body)
    answer.open("views/loading")
    answer.then(lambda: _begun(answer, _meant(answer, Draft(channel=_postable(origin), origin=origin), typed)))


def begin_with(answer: Answer, draft: Draft) -> None:
    """Open the form with what is known already: the account, and perhaps both reps."""
    answer.open("views/loading")
    answer.then(lambda: _begun(answer, draft))


def _begun(answer: Answer, draft: Draft) -> None:
    """The form with what is known of the account; of one that changes hands already, the way to its card."""
    look = answer.bot.start.look(answer.actor, draft.chosen)
    if look.link is not None and look.account is not None:
        answer.fill("views/running", account=look.account.name, link=look.link)
        return
    owner = None if draft.outgoing_name else look.owner
    _draw(answer, draft.prefilled(look.account, owner) if look.account else draft)


def _meant(answer: Answer, draft: Draft, typed: str) -> Draft:
    """The account that was typed: the one it names, several to choose from, or a new one."""
    if not typed:
        return draft
    found = answer.bot.accounts.complete(answer.actor, typed, SEVERAL)
    exact = [one for one in found.found if not found.new and one.name.casefold() == " ".join(typed.split()).casefold()]
    if exact or len(found.found) == 1:
        return replace(draft, account=account_option((exact or found.found)[0]))
    new = answer.bot.screen.new_account(found.new, answer.locale) if found.new else None
    if not found.found:
        return replace(draft, account=new)
    return replace(draft, several=tuple(account_option(one) for one in found.found) + ((new,) if new else ()))


def _account_chosen(answer: Answer, draft: Draft) -> None:
    if draft.wants_another:
        _draw(answer, replace(draft, account=None, several=(), round=draft.round + 1))
        return
    look = answer.bot.start.look(answer.actor, draft.chosen)
    _draw(answer, draft.prefilled(look.account, look.owner) if look.account else draft, link=look.link)


def _draw(answer: Answer, draft: Draft, link: str | None = None) -> None:
    """The form as it stands, with the playbook that its answers choose and why."""
    choice = None
    if draft.reason and draft.sales_channel and draft.tier:
        choice = answer.bot.start.choice(draft.reason, draft.sales_channel, draft.tier)
    rule = choice.playbook.rules.customer if choice else CustomerRule()
    moves = answer.bot.start.moves(answer.actor, draft.chosen, rule)
    declined = answer.bot.start.declined(answer.actor, draft.chosen)
    shown = {"draft": draft, "choice": choice, "link": link, "another": ANOTHER, "declined": declined}
    answer.fill("views/start", **shown, moves=moves, rule=rule)


def _tell(answer: Answer, draft: Draft, started: Started) -> None:
    """Where the card appears before the person's eyes the form just closes; elsewhere it says where the card is."""
    if started.quiet or started.channel_id != draft.origin:
        answer.fill("views/started", started=started)


def _complete(bot: Bot, body: Body) -> list[dict[str, Any]]:
    """The accounts that fit what was typed so far, and the name itself when it is new."""
    actor, typed = actor_of(body), str(body.get("value") or "")
    found = bot.accounts.complete(actor, typed)
    new = [bot.screen.new_account(found.new, bot.people.locale(actor))] if found.new else []
    return bot.screen.options([*map(account_option, found.found), *new])


def _postable(channel: str | None) -> str | None:
    """A channel to suggest; direct messages are none."""
    return channel if channel and channel[0] in "CG" else None

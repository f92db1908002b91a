"""What each action is in the use cases: all that ask for it, tried by somebody."""

from __future__ import annotations

from dataclasses import replace

from relations import World

from bot.domain.commission import Decision
from bot.domain.customer import ContactRole
from bot.domain.imports.report import ImportKind
from bot.domain.permissions import Action
from bot.domain.refusals import NotAllowed
from bot.files.signed_links import Ticket
from bot.usecases.accounts.dossier_details import Part
from bot.usecases.accounts.dossier_forms import ThingSent
from bot.usecases.brief.brief import BRIEF, NotTheirs
from bot.usecases.coverage.bench import EntryForm
from bot.usecases.coverage.coverage import CoverForm, Wish
from bot.usecases.coverage.special import Sent
from bot.usecases.deals.deals import DealForm
from bot.usecases.desk import Actor
from bot.usecases.handoffs.adopting import NothingNewer
from bot.usecases.handoffs.editing import Edit
from bot.usecases.imports.importing import Request
from bot.usecases.leaving.watching import WatchForm
from bot.usecases.workspace.setup import SetupView

NEEDS_NO_MORE = (NothingNewer,)
"""Refusals that say that the person may, and that there is nothing to do."""


def _special(w: World, by: Actor) -> None:
    sent = Sent("licensee", "A licence", "", w.slack_id("olaf"), None, None)
    w.bot.specials.save(by, w.account(w.acme), sent)


def free_account(w: World, by: Actor) -> None:
    """One without a handoff under way: there, whoever may start one may do it too."""
    w.bot.handoffs.cancel(w.actor("ida"), w.beta, "Not now.")
    w.bot.specials.form(by, w.account(w.beta))


def _pay(w: World, by: Actor) -> None:
    """The list of deals says who is paid what to those who may know it."""
    shown = w.bot.deal_desk.deals.view(by, w.acme, item_id=w.step)
    if not (shown.sees_pay and any(line.agreement for line in shown.lines)):
        assert not any(line.agreement or line.log for line in shown.lines)
        raise NotAllowed(people=[])


def _reads(w: World, by: Actor) -> None:
    w.bot.briefs.read(by, w.acme, "move", w.bot.briefs.look(by, w.acme).sections[0].digest)


def _opens_the_page(w: World, by: Actor) -> None:
    """With a link that is theirs: what it shows is decided when it is opened."""
    [who] = w.town.rows("SELECT id, workspace_id FROM people WHERE slack_id = :s", s=by.user_id)
    try:
        w.bot.briefs.open(Ticket(BRIEF, (who.workspace_id, who.id, w.acme)))
    except NotTheirs:
        raise NotAllowed(people=[]) from None


def _said(world: World, **texts: str) -> ThingSent:
    return ThingSent(texts, {"day": world.in_days(30)}, {"ahead_days": "7"})


def _trouble(world: World, by: Actor) -> None:
    """The role is on offer to those only who may know who has it."""
    if ContactRole.TROUBLE_MAKER not in world.bot.dossier.things.form(by, world.account(world.acme), "contact").roles:
        raise NotAllowed(people=[])


TRIALS = {
    Action.START: [
        lambda w, by: w.bot.start(by, w.town.form("Gamma")),
        free_account,
    ],
    Action.EDIT: [
        lambda w, by: w.bot.editing.look(by, w.acme),
        lambda w, by: w.bot.editing(by, w.acme, Edit({"benefit": "Another benefit."})),
        lambda w, by: w.bot.adopting.look(by, w.acme),
        lambda w, by: w.bot.adopting(by, w.acme, [], w.bot.adopting.look(w.actor("ida"), w.acme).mark),
        lambda w, by: w.bot.specials.form(by, w.account(w.acme)),
        _special,
    ],
    Action.OVERRIDE: [lambda w, by: w.bot.handoffs.override(by, w.acme, "The customer waits.")],
    Action.CANCEL: [lambda w, by: w.bot.handoffs.cancel(by, w.acme, "The customer left.")],
    Action.OPEN_QUIET: [lambda w, by: w.bot.opening(by, w.zenith)],
    Action.PASS_GATE: [lambda w, by: w.bot.handoffs.gate(by, w.acme)],
    Action.ADD_ITEM: [lambda w, by: w.bot.checklist.add(by, w.acme, "More", w.slack_id("olaf"), None, True)],
    Action.TICK: [
        lambda w, by: w.bot.checklist.complete(by, w.step),
        lambda w, by: w.bot.checklist.skip(by, w.step, "Not here."),
        lambda w, by: w.bot.checklist.attach(by, w.step, "https://crm.example.com/1"),
        lambda w, by: w.bot.checklist.assign(by, w.step, w.slack_id("olaf")),
        lambda w, by: w.bot.checklist.reschedule(by, w.step, w.in_days(3)),
        lambda w, by: w.bot.overview.require(by, Action.TICK, w.acme, w.step),
    ],
    Action.ACCEPT: [
        lambda w, by: w.bot.handoffs.accept(by, w.beta),
        lambda w, by: w.bot.handoffs.send_back(by, w.beta, [], "The contract"),
    ],
    Action.DECLINE_REP: [
        lambda w, by: w.bot.rematch.form(by, w.acme),
        lambda w, by: w.bot.rematch.declines(by, w.acme, w.one("SELECT incoming_id FROM handoffs"), "Too far away."),
    ],
    Action.ANSWER: [
        lambda w, by: w.bot.feedback.request(by, w.question),
        lambda w, by: w.bot.feedback.answer(by, w.question, "payment", "late"),
        lambda w, by: w.bot.feedback.note(by, w.question, {}, "Pays by cheque."),
        lambda w, by: w.bot.feedback.nothing_to_report(by, w.question),
    ],
    Action.REDIRECT: [
        lambda w, by: w.bot.feedback.redirect(by, w.question, w.slack_id("otto")),
        lambda w, by: w.bot.feedback.request(by, w.question, Action.REDIRECT),
    ],
    Action.ASK_AFTER: [lambda w, by: w.bot.ask_after.everybody(by, w.acme)],
    Action.SETUP: [lambda w, by: w.bot.setup.view(by), lambda w, by: w.bot.setup.save(by, SetupView({}, (), None))],
    Action.SET_AWAY: [
        lambda w, by: w.bot.away.view(by, "UANYBODY1"),
        lambda w, by: w.bot.away.add(by, w.in_days(2), w.in_days(4), None, "UANYBODY1"),
        lambda w, by: w.bot.away.remove(by, w.in_days(2), w.in_days(4), "UANYBODY1"),
    ],
    Action.DEALS: [
        lambda w, by: w.bot.deal_desk.deals.view(by, w.acme, item_id=w.step),
        lambda w, by: w.bot.deal_desk.deals.one(by, w.acme, w.deal, w.step),
        lambda w, by: w.bot.deal_desk.deals.save(
            by, w.acme, DealForm("Third", "1", "EUR", w.in_days(9)), None, None, w.step
        ),
    ],
    Action.COMMISSION: [_pay],
    Action.WORK_LOG: [
        lambda w, by: w.bot.deal_desk.log.draft(by, w.acme),
        lambda w, by: w.bot.deal_desk.log.write(by, w.acme, [w.deal], w.town.clock.now().date(), "Met them."),
    ],
    Action.TERMS: [
        lambda w, by: w.bot.deal_desk.terms.draft(by, w.acme, w.deal),
        lambda w, by: w.bot.deal_desk.terms.propose(by, w.acme, w.deal, replace(w.terms(), rate="6"), w.version),
        lambda w, by: w.bot.deal_desk.settling.decide(by, w.acme, w.other, Decision.AS_AGREED, "They worked."),
    ],
    Action.PAY_FILE: [lambda w, by: w.bot.deal_desk.pay.view(by)],
    Action.COVER: [
        lambda w, by: w.bot.coverage.views.form(by, w.account(w.acme)),
        lambda w, by: w.bot.coverage.changes.change(
            by, w.account(w.acme), CoverForm(Wish.COVER, w.slack_id("marek"), w.in_days(30), w.in_days(40))
        ),
    ],
    Action.BENCH: [
        lambda w, by: w.bot.coverage.bench.list(by),
        lambda w, by: w.bot.coverage.bench.save(by, EntryForm(None, "Ada Lind", "", "", "", "", "")),
        lambda w, by: w.bot.coverage.bench.remove(by, 1),
    ],
    Action.WATCH: [
        lambda w, by: w.bot.watching.list(by),
        lambda w, by: w.bot.watching.may_add(by),
        lambda w, by: w.bot.watching.save(by, WatchForm(w.slack_id("otto"), [], [], w.in_days(7), "")),
        lambda w, by: w.bot.watching.close(by, 1),
    ],
    Action.BRIEF: [_reads, _opens_the_page],
    Action.KEEP_BRIEF: [lambda w, by: w.bot.briefs.keep(by, w.acme)],
    Action.DOSSIER: [
        lambda w, by: w.bot.dossier.things.form(by, w.account(w.acme), "contact"),
        lambda w, by: w.bot.dossier.things.save(by, w.account(w.acme), "key_date", _said(w, title="Their fair")),
        lambda w, by: w.bot.dossier.details.save(by, w.account(w.acme), Part.NEEDS, _said(w, needs="Parts")),
    ],
    Action.DOSSIER_DEALS: [
        lambda w, by: w.bot.dossier.deals.form(by, w.account(w.acme)),
    ],
    Action.TROUBLE_MAKERS: [_trouble],
    Action.ATTEST: [lambda w, by: w.bot.dossier.details.attest(by, w.account(w.acme))],
    Action.IMPORT: [
        lambda w, by: w.bot.imports.importing.prepare(by, Request(ImportKind.ACCOUNTS, "a.csv", b"Account\nGamma\n")),
        lambda w, by: w.bot.imports.importing.apply(by, Request(ImportKind.ACCOUNTS, "a.csv", b"Account\nGamma\n")),
    ],
    Action.ERASE: [
        lambda w, by: w.bot.privacy.about(
            by, w.slack_id("stand-in") if by != w.actor("stand-in") else w.slack_id("helper")
        ),
        lambda w, by: w.bot.privacy.erase(by, w.slack_id("otto")),
    ],
    Action.RESEND: [lambda w, by: w.bot.resend(by, w.letter)],
}
"""What each action is in the use cases: all that ask for it, by the one who acts."""

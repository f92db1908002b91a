"""PRODUCT section 8 through the use cases: every action is tried by somebody in every relation, and by nobody's friend.

The table is read, not repeated: a new action without a trial fails here, and so does one that its use case forgets to
ask about. Each person stands in one relation to the handoff, but that all who hold a role are participants as well.
"""

from __future__ import annotations

import itertools
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url

from bot.domain.commission import Decision
from bot.domain.customer import ContactRole
from bot.domain.imports.report import ImportKind
from bot.domain.permissions import TABLE, Action, Relation
from bot.domain.refusals import NoSuchThing, NotAllowed
from bot.domain.rules import PayMode
from bot.files.signed_links import Ticket
from bot.usecases.accounts.dossier_details import Part
from bot.usecases.accounts.dossier_forms import ThingSent
from bot.usecases.brief.brief import BRIEF, NotTheirs
from bot.usecases.coverage.bench import EntryForm
from bot.usecases.coverage.coverage import CoverForm, Wish
from bot.usecases.coverage.special import Sent
from bot.usecases.deals.commission import TermsForm
from bot.usecases.deals.deals import DealForm
from bot.usecases.deals.settling import CloseForm
from bot.usecases.desk import Actor
from bot.usecases.handoffs.adopting import NothingNewer
from bot.usecases.handoffs.editing import Edit
from bot.usecases.imports.importing import Request
from bot.usecases.leaving.watching import NobodyManages, WatchForm
from bot.usecases.workspace.setup import SetupView, Stakeholder
from tests.town import Town

R = Relation
PEOPLE = {
    "cora": {R.STARTER, R.WORKSPACE_MANAGER},
    "mia": {R.ADMIN},
    "ida": {R.HANDOFF_MANAGER, R.PARTICIPANT, R.STAND_IN},
    "wanda": {R.ITEM_OWNER},
    "marek": {R.COVER, R.PARTICIPANT, R.ACCOUNT_COVER},
    "olaf": {R.OUTGOING, R.PARTICIPANT, R.ACCOUNT_OWNER},
    "ines": {R.INCOMING, R.PARTICIPANT},
    "carl": {R.ASKED},
    "helper": {R.PARTICIPANT},
    "stand-in": {R.STAND_IN},
    "otto": set(),
}
"""In which relations each of them stands to the handoff, its item and its question."""
NEWCOMERS = {"helper": "UHELPER01", "stand-in": "USTANDIN1"}
"""People whom the town does not have: nothing is delivered to them."""
NEEDS_NO_MORE = (NothingNewer,)
"""Refusals that say that the person may, and that there is nothing to do."""


class World:
    """A town in which everything is at hand that an action needs; `again` puts it back as it was."""

    def __init__(self, town: Town) -> None:
        self.town, self.bot = town, town.bot
        self.file = make_url(town.settings.database_url).database
        self.begin()
        with closing(sqlite3.connect(self.file)) as live:
            self._kept = sqlite3.connect(":memory:", check_same_thread=False)
            live.backup(self._kept)

    def again(self) -> None:
        with closing(sqlite3.connect(self.file)) as live:
            self._kept.backup(live)

    def actor(self, who: str) -> Actor:
        return Actor("T0SANDBOX01", NEWCOMERS[who]) if who in NEWCOMERS else self.town.actor(who)

    def slack_id(self, who: str) -> str:
        return self.actor(who).user_id

    def one(self, sql: str, **values: object) -> int:
        return int(self.town.rows(sql, **values)[0][0])

    def writes(self, sql: str, **values: object) -> None:
        with self.bot.db.write() as session:
            session.execute(text(sql), values)

    def counts(self) -> object:
        tables = ("audit", "outbox", "records", "checklist_items", "nudges")
        return self.town.rows("SELECT " + ", ".join(f"(SELECT count(*) FROM {name})" for name in tables))

    @property
    def in_days(self) -> object:
        return lambda days: (self.town.clock.now() + timedelta(days=days)).date()

    # -- what there is ---------------------------------------------------------------------------------------------

    def begin(self) -> None:
        cora = self.actor("cora")
        self.town.mia.opens_home()
        self.town.otto.opens_home()
        credit = {"credit": Stakeholder(self.slack_id("carl"))}
        self.bot.setup.save(cora, SetupView(credit, (cora.user_id,), None))
        self.acme = self._started("Acme")
        self.beta = self._started("Beta")
        self.zenith = self._started("Zenith", quiet=True)
        self.town.settle()
        self._shares()
        self._waits_for_acceptance()
        self.step = self._given("Send the org chart", self.acme)
        self.question = self.one("SELECT id FROM feedback_requests WHERE handoff_id = :n LIMIT 1", n=self.acme)
        for who in ("wanda", "carl"):
            day = self.town.clock.now().date()
            self.bot.away.add(self.actor(who), day, day + timedelta(days=5), self.slack_id("stand-in"), None)
        self.letter = self.one("SELECT max(id) FROM outbox WHERE handoff_id = :n AND kind = 'card'", n=self.acme)
        self.writes("UPDATE outbox SET state = 'failed' WHERE id = :n", n=self.letter)

    def _started(self, account: str, quiet: bool = False) -> int:
        self.bot.start(self.actor("cora"), replace(self.town.form(account), quiet=quiet))
        number = self.one("SELECT max(id) FROM handoffs")
        account, today = self.account(number), self.town.clock.now().date()
        cover = CoverForm(Wish.COVER, self.slack_id("marek"), today, today + timedelta(days=20))
        if not quiet:
            self.bot.coverage.changes.change(self.actor("cora"), account, cover)
        roles = {"helper": "helper", "manager": "ida"}
        self.bot.editing(self.actor("cora"), number, Edit({role: self.slack_id(who) for role, who in roles.items()}))
        return number

    def _given(self, title: str, number: int) -> int:
        step = self.one("SELECT id FROM checklist_items WHERE handoff_id = :n AND title = :t", n=number, t=title)
        self.bot.checklist.assign(self.actor("ida"), step, self.slack_id("wanda"))
        return step

    def _waits_for_acceptance(self) -> None:
        while self.town.rows("SELECT acceptance FROM handoffs WHERE id = :n", n=self.beta)[0][0] != "asked":
            self.bot.handoffs.override(self.actor("ida"), self.beta, "For the trial.")

    def _shares(self) -> None:
        """Two deals of Acme: an open one with terms, and one that is closed and whose shares are held."""
        ida, desk = self.actor("ida"), self.bot.deal_desk
        form = DealForm("Packing line", "1000", "EUR", self.in_days(60))
        self.deal, self.other = (
            desk.deals.save(ida, self.acme, replace(form, name=name)) for name in ("Packing line", "Spare parts")
        )
        for deal in (self.deal, self.other):
            desk.terms.propose(ida, self.acme, deal, self.terms(), None)
        [agreed] = self.town.rows("SELECT id, version FROM commissions WHERE deal_id = :n", n=self.other)
        [open_one] = self.town.rows("SELECT id, version FROM commissions WHERE deal_id = :n", n=self.deal)
        for who, one in itertools.product(("olaf", "ines"), (agreed, open_one)):
            desk.terms.sign(self.actor(who), one.id, one.version)
        sold = CloseForm(won=True, amount="1000", on=self.town.clock.now().date())
        version = self.one("SELECT version FROM deals WHERE id = :n", n=self.other)
        desk.settling.close(ida, self.acme, self.other, sold, version)
        self.version = self.one("SELECT version FROM commissions WHERE deal_id = :n", n=self.deal)

    def terms(self) -> TermsForm:
        return TermsForm(PayMode.SHARED, "5", "40", "60", None)

    def account(self, handoff: int) -> int:
        return self.one("SELECT account_id FROM handoffs WHERE id = :n", n=handoff)


def _special(w: World, by: Actor) -> None:
    sent = Sent("licensee", "A licence", "", w.slack_id("olaf"), None, None)
    w.bot.specials.save(by, w.account(w.acme), sent)


def _free_account(w: World, by: Actor) -> None:
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
        _free_account,
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


@pytest.fixture(scope="module")
def world(tmp_path_factory, migrated_sqlite):
    file = tmp_path_factory.mktemp("world") / "baton.db"
    file.write_bytes(migrated_sqlite.read_bytes())
    town = Town(f"sqlite:///{file}")
    yield World(town)
    town.close()


@pytest.fixture(autouse=True)
def as_it_was(world):
    world.again()


def _tries(world, action, who):
    """Whether they may, of each way to do it; what was refused has changed nothing."""
    for number, trial in enumerate(TRIALS[action]):
        before = world.counts()
        try:
            trial(world, world.actor(who))
        except (NotAllowed, NobodyManages, NoSuchThing):
            yield number, False
            assert trial is _free_account or world.counts() == before, f"{who} left something behind"
            if trial is _free_account:
                world.again()
        except NEEDS_NO_MORE:
            yield number, True
        else:
            yield number, True
            world.again()


def test_every_action_is_tried():
    assert set(TRIALS) == set(Action)
    assert set(itertools.chain.from_iterable(PEOPLE.values())) == set(Relation)


@pytest.mark.parametrize("action", Action)
def test_everybody_may_exactly_what_the_table_says(world, action):
    for who, held in PEOPLE.items():
        expected = bool(TABLE[action] & held)
        if action is Action.OPEN_QUIET and not held & {R.HANDOFF_MANAGER, R.INCOMING, R.COVER, R.PARTICIPANT}:
            expected = False  # for them there is no such handoff
        for number, allowed in _tries(world, action, who):
            assert allowed == expected, f"{who} and trial {number} of {action}"


@pytest.mark.parametrize("action", Action)
def test_while_no_managers_are_set_everybody_starts_and_nothing_else_is_everybodys(world, action):
    world.writes("DELETE FROM managers")
    if action is Action.OPEN_QUIET:
        world.writes("UPDATE handoffs SET helper_id = (SELECT id FROM people WHERE slack_id = :o) WHERE id = :n",
                     o=world.slack_id("otto"), n=world.zenith)  # fmt: skip
    for trial in TRIALS[action]:
        try:
            trial(world, world.actor("otto"))
            allowed = True
        except (NotAllowed, NobodyManages):
            allowed = False
        except NEEDS_NO_MORE:
            allowed = True
        assert allowed == (R.STARTER in TABLE[action]), action

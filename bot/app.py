"""The composition root: the only place that knows every part. Nothing happens at import."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable
from dataclasses import dataclass

from slack_bolt import App

from bot.clock import Clock
from bot.crm.parts import CrmLink, crm_link
from bot.customer_side import customer_side
from bot.files.brief_page import brief_pages
from bot.files.downloads import Downloads
from bot.imports import Imports, imports, small_files
from bot.migrations import upgrade
from bot.outbox.compose import Composer
from bot.outbox.courier import Courier
from bot.outbox.quiet import Quiet
from bot.own_templates import folders_of
from bot.playbooks.files import load_library
from bot.running.bolt import bolt_app
from bot.running.exposition import Exposition
from bot.running.listeners import Afterwards
from bot.running.metrics import Ledger, Tally
from bot.running.scheduler import Workers
from bot.settings import Role, Settings
from bot.slack.answers import Identity, UserInfo
from bot.slack.failures import SlackFailure
from bot.slack.gateway import ACK_SECONDS, Gateway
from bot.slack.places import Places
from bot.slack.render import Renderer
from bot.slack.screen import Screen
from bot.store.database import Database
from bot.usecases.accounts import account_dates
from bot.usecases.accounts.accounts import Accounts
from bot.usecases.accounts.capture_desk import CaptureDesk, capture_desk
from bot.usecases.accounts.dossier import DossierDesk, dossier_desk
from bot.usecases.brief.brief import Briefs
from bot.usecases.coverage import cover_alarms, special
from bot.usecases.coverage.coverage_desk import CoverageDesk, coverage_desk
from bot.usecases.coverage.special import Specials
from bot.usecases.customers.customers import Customers
from bot.usecases.customers.meetings import Meetings
from bot.usecases.deals.deal_desk import DealDesk, deal_desk
from bot.usecases.deals.duties import after_an_item
from bot.usecases.deals.pay_file import PAY
from bot.usecases.desk import Desk
from bot.usecases.feedback.feedback import Feedback
from bot.usecases.handoffs.adopting import Adopting
from bot.usecases.handoffs.checklist import Checklist
from bot.usecases.handoffs.daybreak import Daybreak
from bot.usecases.handoffs.editing import Editing
from bot.usecases.handoffs.handoffs import Handoffs
from bot.usecases.handoffs.opening import Opening
from bot.usecases.handoffs.phases import PhaseLedger
from bot.usecases.handoffs.rematch import Rematch
from bot.usecases.handoffs.start import Start
from bot.usecases.handoffs.support import Support
from bot.usecases.handoffs.workflow_step import WorkflowSteps
from bot.usecases.leaving.quietly import Quietly
from bot.usecases.leaving.succession import Succession
from bot.usecases.leaving.watching import Watching
from bot.usecases.nudges.alarms import Alarms
from bot.usecases.nudges.asking_after import AskAfter
from bot.usecases.nudges.away import Away
from bot.usecases.nudges.due import DueNudges
from bot.usecases.nudges.explain import Explain
from bot.usecases.nudges.forecast import Forecasts
from bot.usecases.nudges.hours import WorkingHours
from bot.usecases.nudges.nudges import Snooze
from bot.usecases.nudges.passing import Passing
from bot.usecases.territory import view as territory_view
from bot.usecases.territory.file import TerritoryDesk, territory_desk
from bot.usecases.views.history_file import HistoryDesk, history_desk
from bot.usecases.views.overview import Overview
from bot.usecases.workspace.people import People
from bot.usecases.workspace.privacy import Privacy, privacy
from bot.usecases.workspace.setup import Setup
from bot.usecases.workspace.trouble import Trouble
from bot.usecases.workspace.undelivered import Resend

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Bot:
    """Every part of one process, put together."""

    settings: Settings
    clock: Clock
    db: Database
    desk: Desk
    gateway: Gateway
    renderer: Renderer
    screen: Screen
    start: Start
    workflow: WorkflowSteps
    handoffs: Handoffs
    opening: Opening
    editing: Editing
    adopting: Adopting
    history: HistoryDesk
    checklist: Checklist
    customers: Customers
    support: Support
    specials: Specials
    deal_desk: DealDesk
    dossier: DossierDesk
    capture: CaptureDesk
    crm: CrmLink
    imports: Imports
    meetings: Meetings
    rematch: Rematch
    watching: Watching
    quietly: Quietly
    downloads: Downloads
    feedback: Feedback
    snooze: Snooze
    passing: Passing
    explain: Explain
    ask_after: AskAfter
    forecasts: Forecasts
    away: Away
    hours: WorkingHours
    accounts: Accounts
    coverage: CoverageDesk
    overview: Overview
    briefs: Briefs
    setup: Setup
    territory: TerritoryDesk
    privacy: Privacy
    people: People
    trouble: Trouble
    resend: Resend
    due: DueNudges
    alarms: Alarms
    daybreak: Daybreak
    courier: Courier
    quiet: Quiet
    workers: Workers
    ledger: Ledger
    metrics: Exposition
    afterwards: Afterwards
    bolt: App

    def migrate(self) -> None:
        """Bring the database to this version."""
        upgrade(self.db.engine)

    def ready(self) -> tuple[bool, str]:
        """Whether people can be served: the database answers, and the workspace is known."""
        self.db.answers()
        if self.setup.installed():
            return True, ""
        return (True, "") if self._identity() else (False, "Slack does not say whose token this is; see the log")

    def count_as(self, role: Role) -> None:
        """Begin to write down what this process counts."""
        self.ledger.start(role)

    def start_workers(self) -> None:
        """Begin to deliver and to nudge."""
        identity = self._identity()
        if identity is not None and self.settings.demo:
            from bot.demo import seed

            seed(self, identity.team_id)
        self.workers.start()
        self.crm.hooks.start()
        self.imports.worker.start()

    def stop(self, timeout: float) -> None:
        """Stop within `timeout` seconds; what is in hand is finished or goes back to the queue."""
        until = time.monotonic() + timeout
        self.afterwards.wait_idle(timeout / 2)
        self.crm.hooks.stop(timeout / 8)
        self.imports.worker.stop(timeout / 8)
        self.workers.stop(until - time.monotonic())
        self.ledger.stop()
        self.afterwards.shutdown(wait=False, cancel_futures=True)
        self.db.close()

    def _identity(self) -> Identity | None:
        """Ask Slack whose token this is, and note the workspace. None without an answer."""
        try:
            identity = self.gateway.auth_test()
        except SlackFailure as failure:
            log.warning("Slack does not say whose token this is: %s", failure)
            return None
        self.setup.install(identity.team_id, identity.team, identity.bot_user_id)
        self.quiet.grant(identity.scopes)
        return identity


def build(settings: Settings, clock: Clock, chance: Callable[[], float] = random.random) -> Bot:
    """Put a bot together. Touches neither Slack nor the database. Raises PlaybookError for unusable files.

    `chance` answers a number from 0 up to 1, for the jitter of pauses.
    """
    import handlers

    folders = folders_of(settings.templates)
    db = Database(settings.database_url)
    desk = Desk(db, clock, load_library(folders))
    gateway = Gateway(settings.bot_token, settings.api_url)
    quick = gateway.within(ACK_SECONDS)
    tally = Tally()
    ledger = Ledger(db, tally, clock)
    renderer = Renderer(folders)
    watching, start = Watching(desk), Start(desk, Places(quick).problem_with)
    sources = (cover_alarms.source, special.source, watching.source, account_dates.source, territory_view.source)
    alarms = Alarms(desk, sources)
    trouble = Trouble(desk)
    checklist, feedback, handoffs = Checklist(desk, after_an_item(desk)), Feedback(desk), Handoffs(desk)
    coverage = coverage_desk(desk, checklist, handoffs)
    people = People(desk, quick.usergroups, UserInfo.read, coverage.left)
    mornings = (Succession(desk, handoffs).look, coverage.days.look, PhaseLedger(desk).follow_days, alarms.raise_due)
    due, daybreak = DueNudges(desk), Daybreak(desk, mornings)
    quiet = Quiet(desk, quick.do_not_disturb)
    files = imports(desk, gateway, settings)
    composer = Composer(desk, renderer, alarms=alarms, imported=files.desk.shown)
    courier = Courier(desk, composer, gateway, people, trouble, tally, chance, quiet=quiet)
    customer = customer_side(desk, checklist, settings, folders)
    deals = deal_desk(desk, checklist, customer.links)
    customer.downloads.offer(PAY, deals.pay.file)
    files.offer(customer.downloads)
    editing = Editing(desk, handoffs, start.check_channel)
    small = small_files(quick, settings)
    territory = territory_desk(desk, start, handoffs, editing, small, customer.links, customer.downloads)
    bot = Bot(
        settings=settings,
        clock=clock,
        db=db,
        desk=desk,
        gateway=gateway,
        renderer=renderer,
        screen=Screen(renderer, quick),
        start=start,
        workflow=WorkflowSteps(desk, start),
        handoffs=handoffs,
        opening=Opening(desk),
        editing=editing,
        adopting=Adopting(desk, handoffs),
        history=history_desk(desk, customer.links, customer.downloads),
        checklist=checklist,
        customers=customer.customers,
        support=Support(desk, checklist),
        specials=Specials(desk, checklist),
        deal_desk=deals,
        dossier=dossier_desk(desk, deals.deals),
        capture=capture_desk(desk),
        crm=crm_link(desk, settings, deals.settling, start, customer.downloads, chance),
        imports=files,
        meetings=customer.meetings,
        rematch=Rematch(desk, handoffs),
        watching=watching,
        quietly=Quietly(desk, watching, start),
        downloads=customer.downloads,
        feedback=feedback,
        snooze=Snooze(desk),
        passing=Passing(desk, checklist, feedback),
        explain=Explain(desk),
        ask_after=AskAfter(desk),
        forecasts=Forecasts(desk),
        away=Away(desk),
        hours=WorkingHours(desk),
        accounts=Accounts(desk),
        coverage=coverage,
        overview=Overview(desk),
        briefs=brief_pages(desk, customer, folders),
        setup=Setup(desk),
        territory=territory,
        privacy=privacy(desk, customer.links, customer.downloads),
        people=people,
        trouble=trouble,
        resend=Resend(desk, trouble),
        due=due,
        alarms=alarms,
        courier=courier,
        quiet=quiet,
        daybreak=daybreak,
        workers=Workers(db, clock, due, daybreak, courier, territory.runs),
        ledger=ledger,
        metrics=Exposition(db, clock, ledger, settings.metrics_token),
        afterwards=Afterwards(),
        bolt=bolt_app(settings),
    )
    handlers.register(bot.bolt, bot)
    return bot

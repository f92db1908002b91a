"""Starting a handoff by the use case behind the form: the form itself needs a Slack that works."""

from __future__ import annotations

from datetime import timedelta

from bot.domain.vocabulary import Reason, SalesChannel, Tier
from bot.usecases.start import AccountChoice, StartForm
from tests.town import Town


def start(town: Town, account: str, channel: str = "C0ACCOUNTS0") -> None:
    """Mia hands an account from Olaf to Ines; nothing is delivered yet."""
    town.bot.start(
        town.actor("mia"),
        StartForm(
            account=AccountChoice(new_name=account),
            reason=Reason.RETIREMENT,
            outgoing=town.olaf.id,
            outgoing_name="",
            incoming=town.ines.id,
            last_day=(town.clock.now() + timedelta(days=25)).date(),
            benefit="A rep who lives nearby.",
            sales_channel=SalesChannel.DIRECT,
            tier=Tier.STANDARD,
            channel=channel,
        ),
    )

"""An account is found by a part of its name, whatever letters and signs are in it, on both databases."""

from __future__ import annotations

import pytest

from bot.domain.accounts import Account

NAMES = ("Mühlen am Fluss", "100% Mühlen", "Under_score", "Underscore", "Straße & Söhne", "北風 Trading")


@pytest.fixture
def found(town):
    town.set_up()
    with town.bot.db.write() as session:
        session.add_all(Account(1, name) for name in NAMES)

    def names(typed):
        return [account.name for account in town.bot.accounts.complete(town.actor("mia"), typed).found]

    return names


def test_beginnings_come_first_then_what_holds_it(found):
    assert found("mühlen") == ["Mühlen am Fluss", "100% Mühlen"]
    assert found("ÜHLEN") == ["100% Mühlen", "Mühlen am Fluss"]
    assert found("% m") == ["100% Mühlen"]
    assert found("r_s") == ["Under_score"]
    assert found("strasse") == found("STRASSE") == ["Straße & Söhne"]
    assert found("風") == ["北風 Trading"]
    assert found("nobody of that name") == []

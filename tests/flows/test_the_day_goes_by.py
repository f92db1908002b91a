"""Cards count days: a new day is seen on them without anybody clicking."""


def test_the_card_counts_the_days_by_itself(town):
    town.set_up()
    card = town.handoff("Acme")
    assert "in 25 days" in card.text
    town.passes(days=1)
    assert "in 24 days" in town.card("Acme").text
    assert town.card("Acme").ts == card.ts


def test_what_was_due_yesterday_is_called_late(lite_town):
    town = lite_town
    town.set_up()
    town.handoff("Acme")
    assert "late" not in town.card("Acme").text
    town.passes(days=1)
    assert "late" in town.card("Acme").text

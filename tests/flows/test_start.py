"""Starting a handoff: the form opens at once, shows the playbook it chooses, and tells mistakes under their fields."""

from datetime import timedelta


def _form(town, line="/handoff start", who="mia", in_="#accounts"):
    person = town.sandbox.person(who)
    outcome = person.types(line, in_=in_)
    assert outcome.ok, outcome
    form = person.modal
    assert form is not None
    return form


def test_started_the_card_stands_in_the_channel_with_its_checklist_in_the_thread(town):
    town.set_up()
    card = town.handoff("Acme")
    assert town.mia.modal is None
    for words in ("Acme", "A rep who lives nearby", "@olaf", "@ines", "Stage 1 of 3, Prepare", "Missing:", "Next:"):
        assert words in card.text
    assert card.buttons == ["A contact", "What they need", "Hand over", "Brief", "Account"]
    assert "Warn the customer" in town.checklist().text
    assert "Acme" in card.raw["text"]


def test_every_mistake_stands_under_its_own_field(lite_town):
    form = _form(lite_town, "/handoff start Acme")
    yesterday = (lite_town.clock.now() - timedelta(days=1)).date().isoformat()
    wrong = {"Outgoing rep": "@olaf", "Incoming rep": "@olaf", "Last day": yesterday, "Channel": "#leadership"}
    lite_town.fill(form, "Acme", "Retirement", {**wrong, "Benefit to the customer": " "})
    assert "Benefit to the customer" in form.submit().errors
    form.fill("Benefit to the customer", "A rep nearby.")
    errors = form.submit().errors
    assert "somebody other than the outgoing rep" in errors["Incoming rep"]
    assert "That day has passed" in errors["Last day"]
    assert "/invite" in errors["Channel"]
    form.choose("Incoming rep", "@ines")
    form.choose("Last day", (lite_town.clock.now() + timedelta(days=9)).date().isoformat())
    form.choose("Channel", "#accounts")
    assert form.submit().ok
    assert "A rep nearby." in lite_town.card("Acme").text


def test_somebody_must_be_outgoing_by_choice_or_by_name(lite_town):
    form = _form(lite_town)
    lite_town.fill(form, "Acme", "Retirement", {"Outgoing rep": None})
    assert "write their name below" in form.submit().errors["Outgoing rep"]
    form.fill("Already gone", "Ana <!channel>")
    assert form.submit().ok
    assert "Ana <!channel>" in lite_town.card("Acme").text
    assert "<!channel>" not in str(lite_town.card("Acme").raw["blocks"][1])


def test_the_form_says_which_playbook_and_why(lite_town):
    form = _form(lite_town, "/handoff start Acme")
    assert "choose the playbook" in form.text
    form.choose("Reason", "Termination")
    form.choose("Sales channel", "Partner")
    form.fill("Benefit to the customer", "Typed before the form was drawn again")
    form.choose("Tier", "Key")
    assert "because of the reason" in form.text
    assert "Prepare" in form.text
    assert form.value("Benefit to the customer") == "Typed before the form was drawn again"
    form.choose("Reason", "Retirement")
    assert "Retirement or promotion" in form.text


def test_account_names_complete_as_one_types_and_a_new_one_is_offered(lite_town):
    lite_town.set_up()
    lite_town.handoff("Acme Corp")
    form = _form(lite_town)
    assert form.options("Account", typed="ac") == ["Acme Corp", "New account: ac"]
    assert form.options("Account", typed="Acme corp") == ["Acme Corp"]
    assert form.options("Account") == ["Acme Corp"]
    long = form.options("Account", typed="x" * 200)
    assert len(long) == 1


def test_a_known_account_brings_its_sales_channel_and_tier(lite_town):
    lite_town.set_up()
    lite_town.handoff("Acme Corp", **{"Sales channel": "Private label", "Tier": "Strategic"})
    _cancel(lite_town)
    form = _form(lite_town)
    form.choose("Tier", "Standard")
    form.choose("Account", "Acme Corp")
    assert form.value("Sales channel") == "Private label"
    assert form.value("Tier") == "Strategic"


def test_a_second_open_handoff_of_an_account_is_refused_with_a_link_to_the_first(lite_town):
    town = lite_town
    town.set_up()
    card = town.handoff("Acme Corp")
    form = _form(town, "/handoff start acme corp")
    assert "already has an open handoff" in form.text
    link = next(b["accessory"]["url"] for b in form.blocks if "accessory" in b)
    assert card.ts.replace(".", "") in link
    assert form.click("Open the card").ok
    form.close()
    form = _form(town)
    form.choose("Account", "Acme Corp")
    assert "already has an open handoff" in form.text
    town.fill(form, "Acme Corp", "Retirement")
    assert "already has an open handoff" in form.submit().errors["Account"]


def test_a_name_that_fits_several_accounts_shows_the_choice(lite_town):
    town = lite_town
    town.set_up()
    for name in ("Acme Corp", "Acme Tools"):
        town.handoff(name)
        _cancel(town, name)
    form = _form(town, "/handoff start acme")
    assert form.options("Account") == ["Acme Corp", "Acme Tools", "New account: acme", "Another account…"]
    form.choose("Account", "Another account")
    form.choose("Account", "Acme Tools")
    town.fill(form, "Acme Tools", "Promotion")
    assert form.submit().ok
    assert "Promotion" in town.card("Acme Tools").text


def test_the_shortcut_starts_too_and_says_where_the_card_is(lite_town):
    town = lite_town
    assert town.mia.shortcut("Start a handoff").ok
    form = town.mia.modal
    town.fill(form, "Acme", "Voluntary")
    assert form.submit().ok
    assert town.mia.modal.title == "Started"
    assert "#accounts" in town.mia.modal.text


def test_only_managers_start_once_there_are_some_and_others_read_who(lite_town):
    lite_town.set_up()
    form = _form(lite_town, who="olaf")
    assert "Only @mia can do that here" in form.text


def test_a_bot_cannot_look_after_an_account(lite_town):
    form = _form(lite_town)
    lite_town.fill(form, "Acme", "Retirement", {"Incoming rep": "@baton"})
    lite_town.settle()
    errors = form.submit().errors
    assert "Choose a person" in errors.get("Incoming rep", "Choose a person")


def test_hostile_words_stand_on_the_card_as_they_were_typed(lite_town):
    benefit = "<!channel> <https://evil.example|https://bank.example> " + "🧑‍🚀" * 300
    form = _form(lite_town)
    lite_town.fill(form, "<!here> & Söhne", "Retirement", {"Benefit to the customer": benefit})
    assert form.submit().ok
    card = lite_town.mia.messages("#accounts")[-1]
    assert "<!here> & Söhne" in card.text.replace("\u2060", "")
    assert "<!channel> <https://evil.example|https://bank.example>" in card.text.replace("\u2060", "")
    assert "<!here>" not in card.raw["text"]


def _cancel(town, account="Acme Corp"):
    town.card(account).menu("Cancel")
    form = town.mia.modal
    form.fill("Reason", "Tried it out")
    assert form.submit().ok


def test_a_name_and_a_benefit_that_nobody_can_see_are_no_answers(lite_town):
    town = lite_town
    town.mia.types("/handoff start Acme", in_="#accounts")
    form = town.mia.modal
    town.fill(form, "Acme", "Retirement", {"Benefit to the customer": "\u200b\u2060"})
    outcome = form.submit()
    assert "what the customer gains" in " ".join(outcome.errors.values())

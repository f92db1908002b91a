"""Who makes trouble at a customer: whoever may not know of it neither learns of it nor changes it."""

from bot.domain.dossier import Fact
from bot.usecases.accounts.view import Where
from bot.usecases.handoffs.editing import Edit
from tests.account_steps import opens_account, saves, thing_sent


def test_of_two_contacts_one_who_makes_trouble_looks_to_others_like_the_one_of_whom_nothing_is_known(begun):
    """Bo makes trouble, of Cy nothing is said: whoever may not know reads and may do the same with both."""
    bo = saves(begun, "olaf", "contact", thing_sent(name="Bo Ek", role="trouble_maker", note="Shouts"))
    cy = saves(begun, "olaf", "contact", thing_sent(name="Cy Dahl"))
    begun.bot.editing(begun.actor("mia"), 1, Edit({"inside": begun.ida.id}))

    def role_and_note(number: int) -> tuple:
        return tuple(begun.rows("SELECT role, note FROM contacts WHERE id = :id", id=number)[0])

    seen = []
    for called, number in (("Bo Ek", bo), ("Cy Dahl", cy)):
        before, told = role_and_note(number), []
        # a form of before, in which a role could be chosen, and one of now
        saves(begun, "ida", "contact", thing_sent(name=called, role="decision_maker", note="Decides"), number, 0)
        opens_account(begun, "ida").click("Open", near="Contacts")
        begun.ida.modal.menu("Change", near=called)
        form = begun.ida.modal
        told += [form.text, form.labels]
        form.fill("Phone", "123")
        form.fill("Name", f"{called} jr.")
        assert form.submit().ok
        told += [one for one in begun.ida.modal.text.splitlines() if called in one]
        assert begun.ida.modal.menu("Remove", near=called).ok
        told += [one for one in begun.ida.modal.text.splitlines() if called in one]
        assert "confidential" in begun.ida.modal.text
        assert role_and_note(number) == before
        assert begun.rows("SELECT name, phone, removed_at FROM contacts WHERE id = :id", id=number) == [
            (f"{called} jr.", "123", None)
        ]
        lines = begun.bot.history(begun.actor("ida"), "acme").lines
        mine = [one for one in lines if one.verb.startswith("contact.") and one.by and one.by.slack_id == begun.ida.id]
        told.append([(one.verb, str(one.fields)) for one in mine[:2]])
        told.append(begun.bot.dossier.views.where(begun.actor("ida"), 1, Fact.DECISION_MAKER).number)
        seen.append(str(told).replace(called, "Somebody"))
        begun.ida.modal.close()
        begun.ida.modal.close()
    assert seen[0] == seen[1]
    assert "Role in decisions" not in seen[0]
    # whoever may know changes both as before, and of what is said openly everybody who may change the account
    saves(begun, "olaf", "contact", thing_sent(name="Cy Dahl", role="user"), cy, 2)
    saves(begun, "ida", "contact", thing_sent(name="Cy Dahl", role="influencer", note="Likes tea"), cy, 3)
    assert role_and_note(cy) == ("influencer", "Likes tea")
    saves(begun, "olaf", "contact", thing_sent(name="Bo Ek", role="user"), bo, 2)
    assert role_and_note(bo) == ("user", "")


def test_whoever_had_the_form_open_while_somebody_said_who_makes_trouble_is_told_of_a_change_and_takes_nothing_away(
    begun,
):
    number = saves(begun, "olaf", "contact", thing_sent(name="Bo Ek", role="user"))
    begun.bot.editing(begun.actor("mia"), 1, Edit({"inside": begun.ida.id}))
    opens_account(begun, "ida").click("Open", near="Contacts")
    begun.ida.modal.menu("Change", near="Bo Ek")
    form = begun.ida.modal
    saves(begun, "olaf", "contact", thing_sent(name="Bo Ek", role="trouble_maker"), number, 0)
    form.fill("Phone", "123")
    assert "has changed meanwhile" in form.submit().errors["Name"]
    assert begun.rows("SELECT role, phone FROM contacts") == [("trouble_maker", "")]


def test_where_the_only_contact_is_not_theirs_to_describe_who_decides_is_somebody_new(begun):
    number = saves(begun, "olaf", "contact", thing_sent(name="Bo Ek", role="trouble_maker"))
    begun.bot.editing(begun.actor("mia"), 1, Edit({"inside": begun.ida.id}))
    where = begun.bot.dossier.views.where
    assert where(begun.actor("ida"), 1, Fact.DECISION_MAKER) == Where("contact", None, "decision_maker")
    assert where(begun.actor("olaf"), 1, Fact.DECISION_MAKER).number == number

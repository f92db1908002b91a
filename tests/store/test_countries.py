"""People entered by an older version, of whom no country was known, get theirs at the next start."""

from sqlalchemy import update

from bot.store.schema import people


def test_the_next_start_finds_the_country_of_everybody(office):
    office.set_up()
    office.started()
    with office.db.write() as session:
        session.execute(update(people).values(country="", tz="Africa/Cairo"))
        session.execute(update(people).where(people.c.slack_id == "UINES").values(tz="UTC", locale="xx"))
        session.execute(update(people).where(people.c.slack_id == "UCARL").values(country="JP", country_own=True))
    office.setup.install("T1", "Town", "UBOT")
    found = {row.slack_id: row.country for row in office.rows("SELECT slack_id, country FROM people")}
    assert found["UOLAF"] == "EG"
    assert found["UINES"] == ""
    assert found["UCARL"] == "JP"

"""Every error that Slack may answer (SLACK.md 4.1 and 4.2), and what becomes of the letter and of those it concerns."""

import shutil
from datetime import timedelta

import pytest

from bot.slack.failures import SlackFailure, kind_of
from bot.store.database import Database
from tests.store.conftest import Office, StillClock
from tests.store.post_office import PostOffice

AGAIN = "goes again by itself"
ASKED_FIRST = "goes again once Slack answers, as a possible repeat"
AFTER = "keeps its place, and nobody calls before the time that Slack named"
MENDED = "the manager is told, and it is tried until somebody has mended it"
PAUSED = "the workspace is paused, and nothing is lost"
GIVEN_UP = "is given up, with the reason, and the manager is told"
SAID_IN_THE_THREAD = "is given up, and the thread mentions the person"
ANEW = "is posted anew"

OF_A_CARD = {  # the first post of a handoff's card
    AGAIN: ["service_unavailable", "request_timeout"],
    ASKED_FIRST: ["fatal_error", "internal_error"],
    AFTER: ["ratelimited", "rate_limited"],
    MENDED: [
        *("missing_scope", "no_permission", "access_denied", "not_allowed_token_type", "restricted_action"),
        *("two_factor_setup_required", "accesslimited", "enterprise_is_restricted"),
        *("channel_not_found", "not_in_channel", "is_archived", "message_limit_exceeded", "app_access_restricted"),
        *("restricted_action_read_only_channel", "restricted_action_thread_only_channel"),
        *("restricted_action_non_threadable_channel", "restricted_action_thread_locked", "cannot_reply_to_message"),
        "slack_connect_file_link_sharing_blocked",
    ],
    PAUSED: [
        *("invalid_auth", "not_authed", "token_revoked", "account_inactive", "token_expired"),
        *("team_access_not_granted", "org_login_required", "team_added_to_org", "ekm_access_denied"),
    ],
    GIVEN_UP: [
        *("invalid_arguments", "no_text", "invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long"),
        *("metadata_too_large", "team_not_found", "an_error_that_nobody_knows"),
    ],
}
OF_AN_EDIT = {  # of a card that is there
    AGAIN: ["service_unavailable", "internal_error", "fatal_error", "request_timeout", "update_failed"],
    AFTER: ["ratelimited"],
    MENDED: ["is_inactive", "external_channel_migrating", "edit_window_closed", "missing_scope"],
    ANEW: ["message_not_found", "cant_update_message"],
    PAUSED: ["token_revoked"],
    GIVEN_UP: ["msg_too_long", "block_mismatch", "invalid_blocks"],
}
OF_A_HOME = {
    AGAIN: ["service_unavailable", "internal_error", "fatal_error", "hash_conflict"],
    AFTER: ["ratelimited"],
    MENDED: ["not_enabled", "missing_scope"],
    PAUSED: ["account_inactive"],
    GIVEN_UP: ["view_too_large", "invalid_arguments"],
}
OF_A_DIRECT_MESSAGE = {
    AGAIN: ["service_unavailable"],
    ASKED_FIRST: ["fatal_error"],
    MENDED: ["missing_scope"],
    PAUSED: ["token_revoked"],
    SAID_IN_THE_THREAD: [
        *("messages_tab_disabled", "user_disabled", "user_not_found", "user_not_visible", "cannot_dm_bot"),
        *("channel_not_found", "is_archived", "restricted_action"),
    ],
}


@pytest.fixture
def post(sqlite_url):
    db = Database(sqlite_url)
    yield PostOffice(Office(db))
    db.close()


@pytest.fixture(scope="module")
def first(migrated_sqlite, tmp_path_factory):
    """A handoff whose messages are all there, and a manager who looks at Home; and the file that holds it."""
    file = tmp_path_factory.mktemp("first") / "baton.db"
    shutil.copy(migrated_sqlite, file)
    db = Database(f"sqlite:///{file}")
    post = PostOffice(Office(db))
    post.started = post.office.started("Acme")
    post.office.overview.opened_home(post.office.who("mia"))
    post.settle()
    post.clock.passes(minutes=1)
    db.close()
    return post, file


@pytest.fixture
def begun(first, tmp_path):
    """A copy of the `first`, in which things go on."""
    before, file = first
    shutil.copy(file, tmp_path / "begun.db")
    db = Database(f"sqlite:///{tmp_path / 'begun.db'}")
    post = before.goes_on(Office(db, StillClock(before.clock.moment)))
    post.started = before.started
    yield post
    db.close()


def _rows(table):
    return [(becomes, error) for becomes, errors in table.items() for error in errors]


@pytest.mark.parametrize(("becomes", "error"), _rows(OF_A_CARD))
def test_the_first_post_of_a_card(post, becomes, error):
    post.office.started("Acme")
    _meets(post, "card:1", "chat.postMessage", "C1", becomes, error)


@pytest.mark.parametrize(("becomes", "error"), _rows(OF_AN_EDIT))
def test_an_edit_of_a_card(begun, becomes, error):
    begun.office.checklist.complete(begun.office.who("olaf"), begun.office.items(begun.started.handoff_id)[0].id)
    _meets(begun, "card:1", "chat.update", "C1", becomes, error)


@pytest.mark.parametrize(("becomes", "error"), _rows(OF_A_HOME))
def test_a_home(begun, becomes, error):
    begun.office.overview.opened_home(begun.office.who("mia"))
    _meets(begun, "home:1", "views.publish", "UMIA", becomes, error, told=False)


@pytest.mark.parametrize(("becomes", "error"), _rows(OF_A_DIRECT_MESSAGE))
def test_a_direct_message(post, becomes, error):
    post.office.started("Acme")
    key = post.office.rows("SELECT key FROM outbox WHERE kind = 'request' ORDER BY id")[0].key
    # the word to the manager is about the handoff's channel; a direct message's trouble shows in `baton outbox`
    _meets(post, key, "chat.postMessage", "UCARL", becomes, error, told=False)


def _meets(post, key, method, target, becomes, error, told=True):
    """The letter meets the error once; look at what became of it, and whether it arrives in the end."""
    once = iter([SlackFailure(kind_of(error, method, target), error, method=method, retry_after=30.0)])
    met = []

    def weather(call):
        if (call.method, call.to) == (method, target) and not met:
            met.append(call)
            return next(once)
        return None

    post.slack.weather = weather
    while not met:
        assert post.courier.deliver_next(), "the letter never went"
        wake = post.courier.next_wake()
        post.clock.moment = max(post.clock.moment, wake) if wake and not met else post.clock.moment
    _became(post, key, method, target, becomes, error, met[0].at, told)


def _became(post, key, method, target, becomes, error, at, told):
    row = post.office.rows("SELECT id, state, error, maybe_repeat, attempts FROM outbox WHERE key = :k", k=key)[0]
    active = bool(post.office.rows("SELECT active FROM workspaces")[0].active)
    warned = bool(post.office.rows("SELECT 1 FROM outbox WHERE key LIKE 'dm:%trouble:%'"))
    given_up = becomes in (GIVEN_UP, SAID_IN_THE_THREAD)
    assert row.state == ("failed" if given_up else "queued")
    assert active is (becomes is not PAUSED)
    assert warned is (told and becomes in (MENDED, GIVEN_UP))
    assert bool(row.maybe_repeat) is (becomes is ASKED_FIRST)
    assert bool(post.office.rows("SELECT 1 FROM outbox WHERE key LIKE 'thread:%unreached:%'")) is (
        becomes is SAID_IN_THE_THREAD
    )
    assert error in row.error or becomes is ANEW
    assert (row.attempts == 0) is (becomes in (AFTER, PAUSED))
    if not given_up and active:
        _arrives(post, key, method, target, becomes, at)


def _arrives(post, key, method, target, becomes, at):
    post.settle(minutes=15)
    assert post.office.rows("SELECT state FROM outbox WHERE key = :k", k=key)[0].state == "sent"
    calls = [call for call in post.slack.asked if call.at > at or call.method == "probe"]
    if becomes is ASKED_FIRST:
        assert "probe" in [call.method for call in calls]
    if becomes is AFTER:
        assert min(call.at for call in calls if call.method == method) >= at + timedelta(seconds=30)
    if becomes is ANEW:
        assert [call for call in calls if call.method == "chat.postMessage" and call.to == "C1" and not call.thread]

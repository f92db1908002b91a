"""api.test, auth.test, team.info, users.*, usergroups.*."""

from __future__ import annotations

from sandbox import shapes
from sandbox.model import ChannelKind, Json, User
from sandbox.webapi.registry import READ_SCOPES, ApiError, Call, method


@method("api.test", tier="4", token="none")
def api_test(call: Call) -> Json:
    if call.optional("error"):
        raise ApiError(call.text("error"), args=call.args)
    return {"args": {k: v for k, v in call.args.items() if k != "token"}}


@method("auth.test", tier="special")
def auth_test(call: Call) -> Json:
    return {
        "url": f"{call.workspace.base_url}/",
        "team": call.workspace.team_name,
        "user": call.app.bot_name,
        "team_id": call.workspace.team_id,
        "user_id": call.app.bot_user_id,
        "bot_id": call.app.bot_id,
        "is_enterprise_install": False,
    }


@method("apps.connections.open", tier="3", token="app")
def connections_open(call: Call) -> Json:
    address = call.workspace.base_url.replace("http", "ws", 1)
    return {"url": f"{address}/link/?ticket={call.workspace.tickets.socket()}&app_id={call.app.app_id}"}


@method("team.info", "team:read", tier="3")
def team_info(call: Call) -> Json:
    w = call.workspace
    return {
        "team": {
            "id": w.team_id,
            "name": w.team_name,
            "domain": w.domain,
            "email_domain": "",
            "icon": {"image_default": True},
        }
    }


@method("users.info", "users:read", tier="4")
def users_info(call: Call) -> Json:
    return {"user": _shown(call, call.user())}


@method("users.lookupByEmail", "users:read.email", "users:read", tier="3")
def users_lookup_by_email(call: Call) -> Json:
    """Not of bots, nor of people who have left, nor of strangers: of them Slack tells nobody's address."""
    wanted = call.text("email").casefold()
    for user in call.workspace.users.values():
        if user.mail and user.mail.casefold() == wanted and not user.deleted and not user.home_team:
            return {"user": _shown(call, user)}
    raise ApiError("users_not_found")


def _shown(call: Call, user: User) -> Json:
    """A user, with the address where the app may see it."""
    shape = shapes.user(call.workspace, user, call.flag("include_locale"))
    if "users:read.email" in call.app.scopes and user.mail and not user.home_team:
        shape["profile"]["email"] = user.mail
    return shape


@method("users.list", "users:read", tier="2")
def users_list(call: Call) -> Json:
    page, cursor = call.page(list(call.workspace.users.values()), 200)
    members = [_shown(call, u) for u in page]
    return {"members": members, "cache_ts": call.workspace.seconds(), "response_metadata": {"next_cursor": cursor}}


@method("users.conversations", tier="3")
def users_conversations(call: Call) -> Json:
    kinds = wanted_kinds(call)
    me = call.app.bot_user_id
    user_id = call.user().id if call.optional("user") else me
    found = [
        c
        for c in call.workspace.channels.values()
        if c.kind in kinds
        and user_id in c.members
        and call.workspace.visible(c, me)
        and not (c.archived and call.flag("exclude_archived"))
    ]
    page, cursor = call.page(found)
    return {"channels": [shapes.channel(call.workspace, c) for c in page], "response_metadata": {"next_cursor": cursor}}


def wanted_kinds(call: Call) -> set[ChannelKind]:
    """The `types` argument. Raises invalid_types, or missing_scope for a type the app may not read."""
    names = {
        "public_channel": ChannelKind.PUBLIC,
        "private_channel": ChannelKind.PRIVATE,
        "im": ChannelKind.IM,
        "mpim": ChannelKind.MPIM,
    }
    wanted = call.words("types") or ["public_channel"]
    if any(name not in names for name in wanted):
        raise ApiError("invalid_types")
    for name in wanted:
        call.need_any(READ_SCOPES[names[name]])
    return {names[name] for name in wanted}


@method("dnd.info", "dnd:read", tier="3")
def dnd_info(call: Call) -> Json:
    """Of others Slack shows no `snooze_…`: a pause of theirs reads as the next time not to disturb."""
    own = call.app.bot_user_id
    user = call.user() if call.optional("user") else call.workspace.users[own]
    begins, ends = user.dnd if user.dnd is not None and user.dnd[1] > call.workspace.seconds() else (1, 1)
    answer = {"dnd_enabled": ends > 1, "next_dnd_start_ts": begins, "next_dnd_end_ts": ends}
    return answer | ({"snooze_enabled": False} if user.id == own else {})


@method("usergroups.list", "usergroups:read", tier="2")
def usergroups_list(call: Call) -> Json:
    users = call.flag("include_users")
    return {"usergroups": [shapes.usergroup(g, users) for g in call.workspace.usergroups.values()]}


@method("usergroups.users.list", "usergroups:read", tier="2")
def usergroups_users_list(call: Call) -> Json:
    group = call.workspace.usergroups.get(call.text("usergroup"))
    if group is None:
        raise ApiError("no_such_subteam")
    active = [m for m in group.members if not call.workspace.users[m].deleted]
    return {"users": active}

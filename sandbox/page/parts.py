"""The parts of the page for one visit, each an element that the script can swap on its own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from sandbox.model import Channel, ChannelKind, Message, Shortcut, View
from sandbox.page import dates, scene
from sandbox.page.blocks import render_blocks
from sandbox.page.scene import Author
from sandbox.page.unread import ReadMarks
from sandbox.page.visit import ABOUT, HOME, Visit, people_of

MOVES = (
    ("hour", "1 hour", "Move the clock on by 1 hour"),
    ("next_morning", "Next morning", "Move the clock on to the next morning of work, 9 o'clock"),
    ("day", "1 day", "Move the clock on by 1 day"),
    ("week", "1 week", "Move the clock on by 1 week"),
)
BUILT_IN = (
    ("/invite", "@name", "Add somebody or the app to this channel"),
    ("/leave", "", "Leave this channel"),
)


@cache
def environment() -> Environment:
    """The page's templates; every value is escaped, a missing one is an error."""
    return Environment(
        loader=PackageLoader("sandbox.page"),
        autoescape=select_autoescape(default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def render(template: str, **values: Any) -> Markup:
    """One template filled in."""
    return Markup(environment().get_template(template).render(**values))


@dataclass(frozen=True)
class Row:
    """A line of the sidebar."""

    at: str
    name: str
    unread: int = 0
    here: bool = False
    sign: str = ""
    note: str = ""
    author: Author | None = None


@dataclass(frozen=True)
class OpenView:
    """A modal of the stack, drawn."""

    id: str
    title: str
    close: str
    submit: str
    body: Markup
    errors: int


class Parts:
    """Draws a visit. Use it only while holding the workspace's lock."""

    def __init__(self, visit: Visit, marks: ReadMarks) -> None:
        self.visit, self.marks = visit, marks
        self.workspace = visit.workspace

    def all(self) -> dict[str, Markup]:
        """Every part by the id of its element."""
        sidebar = self._sidebar_rows()
        return {
            "top": self.top(sum(row.unread for rows in sidebar.values() for row in rows)),
            "sidebar": render("sidebar.html", visit=self.visit, me=self._author(self.visit.user.id), **sidebar),
            "conversation": self.conversation(),
            "thread": self.thread(),
            "modal": self.modal(),
        }

    def words(self) -> dict[str, list[dict[str, str]]]:
        """What the composer completes: slash commands, people and groups, channels."""
        visit, app = self.visit, self.workspace.app
        commands = [{"word": one.command, "hint": one.usage_hint, "about": one.description} for one in app.commands]
        commands += [{"word": word, "hint": hint, "about": about} for word, hint, about in BUILT_IN]
        people = [{"word": "@" + one.name, "about": one.real_name} for one in people_of(self.workspace)]
        people.append({"word": "@" + app.bot_name, "about": app.name})
        groups = [{"word": "@" + one.handle, "about": one.name} for one in self.workspace.usergroups.values()]
        channels = [{"word": "#" + one.name, "about": one.topic} for one in [*visit.joined(), *visit.joinable()]]
        return {"/": commands, "@": people + groups, "#": channels}

    def title(self) -> str:
        """The words of the browser's tab."""
        return f"{self._heading()} · {self.visit.user.real_name} · {self.workspace.team_name}"

    def top(self, unread: int) -> Markup:
        """The bar with the clock."""
        here, now = self.visit.reader.here, self.workspace.now()
        same = here.utcoffset() == now.astimezone(UTC).utcoffset()
        return render(
            "top.html",
            team=self.workspace.team_name,
            unread=unread,
            now=now.isoformat(),
            local_time=dates.clock_time(here),
            local_day=f"{dates.short_day(here)} {here.year}",
            zone=self.visit.reader.zone.key.replace("_", " "),
            utc_time=None if same else dates.clock_time(now),
            moves=MOVES,
        )

    def _sidebar_rows(self) -> dict[str, list[Row]]:
        visit, app = self.visit, self.workspace.app
        bot = self._author(app.bot_user_id)
        dm = visit.dm_with(app.bot_user_id)
        at_app = visit.at in (HOME, ABOUT) or (dm is not None and visit.at == dm.id)
        people = [*(self._person_row(user.id) for user in visit.others()), *map(self._channel_row, visit.groups())]
        return {
            "apps": [Row(self._app_entry(dm), app.name, self._unread(dm), at_app, author=bot)],
            "channels": [self._channel_row(one) for one in visit.joined()],
            "joinable": [self._channel_row(one, unread=False) for one in visit.joinable()],
            "direct": people,
        }

    def _app_entry(self, dm: Channel | None) -> str:
        return dm.id if dm and (self._unread(dm) or not self.workspace.app.home_tab) else HOME

    def _channel_row(self, channel: Channel, unread: bool = True) -> Row:
        signs = {ChannelKind.PUBLIC: ("#", ""), ChannelKind.PRIVATE: ("◆", "private"), ChannelKind.MPIM: ("&", "")}
        sign, note = signs.get(channel.kind, ("", ""))
        note = "archived" if channel.archived else note
        name = self.visit.title_of(channel).removeprefix("#")
        count = self._unread(channel) if unread else 0
        return Row(channel.id, name, count, channel.id == self.visit.at, sign, note)

    def _person_row(self, user_id: str) -> Row:
        dm = self.visit.dm_with(user_id)
        author = self._author(user_id)
        at = dm.id if dm else f"@{user_id}"
        return Row(at, author.name, self._unread(dm), bool(dm and dm.id == self.visit.at), author=author)

    def _unread(self, channel: Channel | None) -> int:
        if channel is None:
            return 0
        me = self.visit.user.id
        whispers = [one for one in self.workspace.ephemerals_for(me, channel.id) if not one.thread_ts]
        return self.marks.count(me, channel.roots()) + sum(
            self.marks.is_new(me, channel.id, one.id) for one in whispers
        )

    def _author(self, user_id: str) -> Author:
        return scene.author_of(self.workspace, user_id)

    def _heading(self) -> str:
        if self.visit.at in (HOME, ABOUT):
            return self.workspace.app.name
        return self.visit.title_of(self.visit.channel) if self.visit.channel else "Nowhere"

    def conversation(self) -> Markup:
        """The middle: a channel, or the app's Home or About."""
        visit, app = self.visit, self.workspace.app
        channel = visit.channel
        mode = visit.at if visit.at in (HOME, ABOUT) else "messages" if channel else "nowhere"
        home = self.workspace.homes.get(visit.user.id) if mode == HOME else None
        messages, earlier = scene.conversation(visit, self.marks, channel) if channel else ([], 0)
        return render(
            "conversation.html",
            visit=visit,
            app=app,
            channel=channel,
            mode=mode,
            heading=self._heading(),
            tabs=self._tabs(),
            messages=messages,
            earlier=earlier,
            home=self._view_body(home) if home else None,
            home_id=home.id if home else "",
            global_shortcuts=self._shortcuts("global"),
            message_shortcuts=self._shortcuts("message"),
        )

    def _shortcuts(self, kind: str) -> list[Shortcut]:
        return [one for one in self.workspace.app.shortcuts if one.kind == kind]

    def _tabs(self) -> list[tuple[str, str, bool]]:
        app, visit = self.workspace.app, self.visit
        dm = visit.dm_with(app.bot_user_id)
        messages = dm.id if dm else f"@{app.bot_user_id}"
        if visit.at not in (HOME, ABOUT, messages):
            return []
        tabs = [(HOME, "Home", app.home_tab), (messages, "Messages", True), (ABOUT, "About", True)]
        return [(at, name, visit.at == at) for at, name, there in tabs if there]

    def thread(self) -> Markup:
        """The side pane with a thread; hidden when none is open."""
        channel, root = self.visit.channel, self.root()
        messages = scene.thread(self.visit, self.marks, channel, root) if channel and root else []
        return render(
            "thread.html",
            visit=self.visit,
            channel=channel,
            root=root,
            messages=messages,
            heading=self._heading(),
            message_shortcuts=self._shortcuts("message"),
        )

    def root(self) -> Message | None:
        """The root message of the open thread."""
        channel = self.visit.channel
        return channel.message(self.visit.thread) if channel and self.visit.thread else None

    def modal(self) -> Markup:
        """The stack of modals; only the topmost is to be seen, the others keep what was typed."""
        stack = self.workspace.modals.get(self.visit.user.id, [])
        return render("modal.html", views=[self._open_view(view, at) for at, view in enumerate(stack)])

    def _open_view(self, view: View, depth: int) -> OpenView:
        return OpenView(
            id=view.id,
            title=view.plain("title"),
            close=view.plain("close") or ("Back" if depth else "Cancel"),
            submit=view.plain("submit") or ("Submit" if _has_input(view) else ""),
            body=self._view_body(view),
            errors=len(view.errors),
        )

    def _view_body(self, view: View) -> Markup:
        return render_blocks(view.blocks, self.visit.surface(f"view:{view.id}", view.choices, view.errors))


def _has_input(view: View) -> bool:
    return any(block.get("type") == "input" for block in view.blocks)


def page(visit: Visit, marks: ReadMarks) -> str:
    """The whole page."""
    parts = Parts(visit, marks)
    return render("page.html", visit=visit, title=parts.title(), parts=parts.all())

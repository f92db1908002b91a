"""The scopes that Baton asks for, each with the reason that reviewers and admins read; manifest.yaml has the same."""

from types import MappingProxyType

SCOPES = MappingProxyType(
    {
        "commands": "the /handoff command and the shortcuts",
        "chat:write": "cards, checklists and answers in the channels Baton is invited to, and direct messages",
        "im:write": "opening the direct message in which prompts and the morning digest arrive",
        "users:read": "names, time zones and languages, and noticing that a person has left",
        "users:read.email": "finding people whom an imported file names by mail address (may be left out)",
        "channels:read": "whether Baton and the people concerned are in a public channel, and whether it is archived",
        "groups:read": "the same for private channels that Baton was invited to",
        "dnd:read": "holding a reminder while somebody does not want to be disturbed (may be left out)",
        "usergroups:read": "letting a user group be the managers, or answer for a function",
        "files:read": "reading the account list (CSV) that a manager hands over",
    }
)

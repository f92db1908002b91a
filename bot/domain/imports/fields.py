"""What a row can say, and by which names the exports of others call it.

The names are those of Salesforce's field reference (labels as reports show them, and API names as Data Loader writes
them), of HubSpot's record exports, and Baton's own; docs/import.md says where they are from.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from bot.domain.imports.report import ImportKind

SALESFORCE, HUBSPOT, BATON = "salesforce", "hubspot", "baton"


class Kind(StrEnum):
    """How a cell is read."""

    TEXT = "text"
    ID = "id"
    LINK = "link"
    MAIL = "mail"
    PERSON = "person"
    CHANNEL = "channel"
    ACCOUNT_TYPE = "account_type"
    """A CRM's word for the kind of customer; what says nothing about the sales channel is left alone."""
    TIER = "tier"
    SWITCH = "switch"
    NUMBER = "number"
    DATE = "date"
    AMOUNT = "amount"
    CURRENCY = "currency"
    ROLE = "role"
    DEAL_STATE = "deal_state"


@dataclass(frozen=True)
class Field:
    """`names`: how the column may be called, best first, by whose name it is."""

    name: str
    kind: Kind
    longest: int = 120
    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def called(self) -> tuple[str, ...]:
        """All its names, folded, best first; its own is the first."""
        return (folded(self.name), *(folded(name) for names in self.names.values() for name in names))


def _named(salesforce: str = "", hubspot: str = "", plain: str = "") -> dict[str, tuple[str, ...]]:
    written = {SALESFORCE: salesforce, HUBSPOT: hubspot, "": plain}
    return {whose: tuple(names.split(", ")) for whose, names in written.items() if names}


_ACCOUNT = Field(
    "account",
    Kind.TEXT,
    names=_named(
        "Account Name, Account.Name, Account: Account Name",
        "Associated Company (Primary), Associated Company, Primary Associated Company, Company name",
        "Company, Customer",
    ),
)
_ACCOUNT_ID = Field(
    "account_crm_id",
    Kind.ID,
    128,
    _named(
        "Account ID, AccountId, Account: Account ID",
        "Associated Company IDs (Primary), Associated Company IDs, Associated Company ID",
    ),
)

FIELDS: Mapping[ImportKind, tuple[Field, ...]] = {
    ImportKind.ACCOUNTS: (
        Field(
            "name",
            Kind.TEXT,
            names=_named("Account Name, Name", "Company name", "Account, Company, Customer, Customer name"),
        ),
        Field("crm_id", Kind.ID, 128, _named("Account ID, Id, 18 Digit Account ID", "Record ID, Company ID", "CRM ID")),
        Field("crm_link", Kind.LINK, 500, _named(plain="CRM link")),
        Field(
            "owner",
            Kind.PERSON,
            names=_named("Account Owner, Owner.Name, Owner Name", "Company owner", "Owner, Rep, Sales rep"),
        ),
        Field("sales_channel", Kind.CHANNEL, names=_named(plain="Sales channel")),
        Field("account_type", Kind.ACCOUNT_TYPE, names=_named("Type, Account Type", "Type")),
        Field("tier", Kind.TIER, names=_named(plain="Tier, Account tier")),
        Field("territory", Kind.TEXT, names=_named("Territory, Sales Territory", "", "Territory")),
        Field(
            "region",
            Kind.TEXT,
            64,
            _named("Billing Country, BillingCountry, Billing Country (text only)", "Country/Region", "Region"),
        ),
        Field("overseas", Kind.SWITCH, names=_named(plain="Overseas")),
        Field("next_order_on", Kind.DATE, names=_named(plain="Next order, Next order on")),
        Field("order_every_days", Kind.NUMBER, names=_named(plain="Order every days")),
    ),
    ImportKind.CONTACTS: (
        _ACCOUNT,
        _ACCOUNT_ID,
        Field("crm_id", Kind.ID, 128, _named("Contact ID, Id", "Record ID, Contact ID", "CRM ID")),
        Field("name", Kind.TEXT, names=_named("Name, Full Name", "Full name", "Name, Contact, Contact name")),
        Field("first_name", Kind.TEXT, names=_named("First Name, FirstName", "First Name", "First name")),
        Field("last_name", Kind.TEXT, names=_named("Last Name, LastName", "Last Name", "Last name, Surname")),
        Field("role", Kind.ROLE, names=_named("", "Buying Role", "Role")),
        Field("title", Kind.TEXT, names=_named("Title", "Job Title", "Position")),
        Field("mail", Kind.MAIL, 254, _named("Email", "Email", "Mail, E-mail, Email address")),
        Field(
            "phone", Kind.TEXT, 60, _named("Phone, Business Phone, Mobile, Mobile Phone, MobilePhone", "Phone Number")
        ),
        Field("note", Kind.TEXT, 1000, _named(plain="Note, Notes")),
    ),
    ImportKind.DEALS: (
        _ACCOUNT,
        _ACCOUNT_ID,
        Field("crm_id", Kind.ID, 128, _named("Opportunity ID, Id", "Record ID, Deal ID", "CRM ID")),
        Field(
            "name", Kind.TEXT, 100, _named("Opportunity Name, Name", "Deal Name", "Deal, Opportunity, Opportunity name")
        ),
        Field("stage", Kind.TEXT, 60, _named("Stage, StageName", "Deal Stage", "Stage")),
        Field("state", Kind.DEAL_STATE, names=_named(plain="State, Status")),
        Field("amount", Kind.AMOUNT, names=_named("Amount", "Amount", "Amount, Value")),
        Field(
            "currency",
            Kind.CURRENCY,
            names=_named("Amount Currency, Opportunity Currency, CurrencyIsoCode", "Currency", "Currency"),
        ),
        Field(
            "expected_close",
            Kind.DATE,
            names=_named("Close Date, CloseDate", "Close Date", "Expected close, Expected close date"),
        ),
        Field("closed_on", Kind.DATE, names=_named(plain="Closed on")),
        Field("closed_amount", Kind.AMOUNT, names=_named(plain="Closed amount")),
        Field(
            "source",
            Kind.TEXT,
            120,
            _named("Lead Source, LeadSource", "Original Source, Original Traffic Source", "Source"),
        ),
    ),
}
NECESSARY: Mapping[ImportKind, tuple[tuple[str, ...], ...]] = {
    ImportKind.ACCOUNTS: (("name",),),
    ImportKind.CONTACTS: (("name", "last_name", "first_name"), ("account", "account_crm_id")),
    ImportKind.DEALS: (("name",), ("account", "account_crm_id")),
}
"""Of each of these groups at least one field has to have a column."""

IDS: Mapping[str, Mapping[ImportKind, tuple[str, ...]]] = {
    SALESFORCE: {
        ImportKind.ACCOUNTS: ("account id", "18 digit account id", "id"),
        ImportKind.CONTACTS: ("contact id", "id"),
        ImportKind.DEALS: ("opportunity id", "id"),
    },
    HUBSPOT: dict.fromkeys(ImportKind, ("record id",)),
}
"""The column that only a CRM's own export has: with it, and a second name of theirs, the file is taken for one."""
_ONLY_SALESFORCE = {
    *("account owner", "account name", "billing country", "billing city", "billing state/province", "rating"),
    *("opportunity name", "opportunity owner", "contact owner", "ownerid", "billingcountry", "accountid", "stagename"),
    *("closedate", "firstname", "lastname", "lead source", "last activity", "created date", "systemmodstamp"),
    *("account id", "mailing city", "mailing country", "reports to", "forecast category", "probability (%)"),
}
_ONLY_HUBSPOT = {
    *("company name", "company owner", "company domain name", "deal name", "deal stage", "deal owner", "pipeline"),
    *("contact owner", "lifecycle stage", "lead status", "associated company", "associated company ids", "email"),
    *("associated company (primary)", "associated company ids (primary)", "create date", "last activity date"),
}


_SHORT_ID = re.compile(r"(?=.*[A-Za-z])00[A-Za-z0-9]{13}", re.ASCII)
"""Of a standard object; no other system has ids that look like this."""


def folded(name: str) -> str:
    """A column's name as it is compared: no case, single blanks."""
    return " ".join(name.casefold().replace("_", " ").split())


def exported(kind: ImportKind) -> tuple[str, ...]:
    """The columns of Baton's own export, in their order."""
    return tuple(one.name for one in FIELDS[kind] if one.name not in ("account_type", "first_name", "last_name"))


def field_named(kind: ImportKind, name: str) -> Field | None:
    """The field with that name of ours."""
    return next((one for one in FIELDS[kind] if one.name == name), None)


def system_of(kind: ImportKind, header: Sequence[str]) -> str:
    """Whose export it is, by its header; empty when it could be anybody's."""
    names = [folded(name) for name in header]
    own = [folded(name) for name in exported(kind)]
    if [name for name in names if name in own] == own:
        return BATON
    for system, marks in ((HUBSPOT, _ONLY_HUBSPOT), (SALESFORCE, _ONLY_SALESFORCE)):
        own_id = set(IDS[system][kind]) & set(names)
        if own_id and (marks - own_id) & set(names):
            return system
    return ""


def recognised(kind: ImportKind, names: Sequence[str], repeated: Sequence[str]) -> dict[str, str]:
    """Column -> field by name; each field once, the best name first. What stands in the header twice is left out."""
    by_name = {folded(name): name for name in reversed(names) if name not in repeated}
    found: dict[str, str] = {}
    for one in FIELDS[kind]:
        column = next((by_name[name] for name in one.called() if by_name.get(name, "") not in {"", *found}), None)
        if column is not None:
            found[column] = one.name
    return found


def known_names(header: Sequence[str]) -> int:
    """How many of these names mean something in any kind of file."""
    return sum(folded(name) in _ALL for name in header)


def header_key(kind: ImportKind, header: Sequence[str]) -> str:
    """What files with the same header share."""
    return hashlib.sha256("\x1f".join((kind.value, *(folded(name) for name in header))).encode()).hexdigest()


def case_safe(crm_id: str) -> str:
    """A Salesforce id with its 18 characters, from the 15 that reports show; anything else as it is. What comes from
    Salesforce another way has 18 already.

    The last three say which of the others are capitals, five by five.
    """
    if not _SHORT_ID.fullmatch(crm_id):
        return crm_id
    signs = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
    chunks = (crm_id[at : at + 5] for at in (0, 5, 10))
    return crm_id + "".join(signs[sum(1 << n for n, sign in enumerate(chunk) if sign.isupper())] for chunk in chunks)


_ALL = {name for fields in FIELDS.values() for one in fields for name in one.called()}

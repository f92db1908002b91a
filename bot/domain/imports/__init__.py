"""Files that people bring: accounts, contacts, deals as CSV. Pure: bytes go in; rows, and what is wrong, come out."""

"""The link to a CRM and other systems: what may come in, and how it is checked."""

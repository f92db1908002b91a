"""What a CRM sends, and what follows from it."""

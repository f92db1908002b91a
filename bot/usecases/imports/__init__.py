"""Accounts, contacts and deals in from CSV files, and out again."""

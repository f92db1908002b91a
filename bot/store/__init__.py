"""SQLAlchemy mapping, session factory, queries."""

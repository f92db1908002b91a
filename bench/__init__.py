"""How fast Baton is on this machine, beside what it is built on. docs/performance.md says what the figures mean."""

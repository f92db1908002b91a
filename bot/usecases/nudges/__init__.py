"""Who is reminded of what and when: planned, decided again when it falls due, put off, given away, foretold."""

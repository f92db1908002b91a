"""Files and pages that people fetch with a signed link."""

"""The brief of an account: made, read section by section, kept as versions."""

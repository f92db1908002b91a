"""What is known about an account (the dossier), and how it gets there."""

"""Who looks after an account from when until when, who could, and what is done when nobody does."""

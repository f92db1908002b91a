"""Baton: carries a sales account from one rep to another without the customer feeling a drop."""

"""What an account is shown: candidates from bounded reads, ranked and kept; or the newest of whom it follows.

cursors <- newest, kept; candidates -> ranking -> kept; pages: what of all that is really shown (docs/decisions/0027).
"""

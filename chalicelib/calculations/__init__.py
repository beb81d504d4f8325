"""The contract's arithmetic on a case anyone can write down: what ``explain.py`` answers."""

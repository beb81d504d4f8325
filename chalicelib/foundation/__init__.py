"""What every domain stands on: money, civil time, clock, ids, errors, settings, tables, queues.

Nothing here knows the contract; the articles are carried out by the domains.
"""

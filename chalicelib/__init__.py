"""Omny Console: cloud desktops under the provider's terms, from sign-up to the paid invoice."""

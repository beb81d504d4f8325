"""The local desk: mails sent, the clock, addresses and sign-ins."""

"""What the local stack has in place of the outside: AWS, mails, VIES."""

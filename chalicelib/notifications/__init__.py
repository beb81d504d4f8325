"""What is sent to whom: mails through SES (CGV art. 6, 8, 17)."""

"""What a desktop is: its states, options, measures, history, mails and storage."""

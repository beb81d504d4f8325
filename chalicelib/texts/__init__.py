"""Texts: languages, how amounts and dates are written, sentences, the mails there are."""

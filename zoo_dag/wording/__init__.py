"""How texts and numbers are written for people."""

"""The command line: `zoo-dag` and what each command prints."""

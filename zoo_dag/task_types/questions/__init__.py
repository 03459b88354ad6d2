"""Questions: single, multiple and shortcut."""

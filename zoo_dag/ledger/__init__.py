"""Row accounting: where each row and each element of an export went."""

"""Where exports arrive: a folder, and a prefix of an object store."""

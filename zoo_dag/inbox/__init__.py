"""Where exports arrive by themselves: a folder, and a prefix of an object store."""

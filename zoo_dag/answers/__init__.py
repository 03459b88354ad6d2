"""What teams ask of their project, answered from the stored tables."""

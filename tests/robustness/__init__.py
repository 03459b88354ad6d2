"""What zoo_dag promises about damaged exports, killed processes and full disks, tried at random."""

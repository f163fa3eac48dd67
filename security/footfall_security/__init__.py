"""What secure connections need: certificates, passwords, users and their rights."""

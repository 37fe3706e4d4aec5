"""What is remembered of every change to the accounts and the configuration: who changed what, from what, to what."""

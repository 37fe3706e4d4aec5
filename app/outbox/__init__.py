"""What is announced to subscribers, written with the change and delivered after it."""

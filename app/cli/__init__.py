"""The `refgate` command: an administrator's way in, thin as a door."""

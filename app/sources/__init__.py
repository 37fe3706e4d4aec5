"""What an administrator configures: sources with their state rules, statuses, workspaces, custom fields."""

"""The commands: each reads options, makes one call, prints, and chooses an exit code."""

"""Foreign payloads, each translated into submissions."""

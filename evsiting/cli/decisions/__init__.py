"""The commands that ask about an answer: as they are typed, and what they do."""

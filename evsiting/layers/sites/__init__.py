"""Sites: candidates, exclusions, screening and what is known of each."""

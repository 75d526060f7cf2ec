"""Reading Plex: the client, its rate limit, and what a row of each endpoint holds."""

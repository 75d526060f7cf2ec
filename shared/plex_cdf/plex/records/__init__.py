"""What a row of each Plex endpoint holds, one model per kind of row, one file per domain."""

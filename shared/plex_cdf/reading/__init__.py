"""How rows come out of Plex: lists, children by their parent, histories in windows."""

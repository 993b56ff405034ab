"""An invented party: people with habits, who use the real actions while the clock runs fast.

- `people`: who comes, what they like, and what they do when they look at their phone
- `phone`: the actions of a room as one of them reaches them
- `library`: invented tracks, with files that are there but silent
- `night`: the order in which all of it happens
- `figures`: who waited how long, and whose music the room heard
- `tables`: the figures as markdown
- `apart`: a process and a database of its own for all this, so that no real room is touched
"""

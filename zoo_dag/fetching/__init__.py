"""The exports of a project, downloaded from the Zooniverse API.

Nothing here imports Dagster. `exports` does the whole work: it asks for the exports, waits for them and puts them
in place. `api` speaks to the server through the official client, `awaited` decides what to ask for and when an
export is there, `download` brings a file to disk, `contents` checks it, `patience` says what is tried again,
`secrecy` keeps logins where they belong.
"""

"""The exports of a project, downloaded from the Zooniverse API.

Nothing here imports Dagster. `exports` does the complete job: it requests the exports, waits for them and moves
them in place. `api` calls the server through the official client, `pending_export` decides whether to request an
export and polls it, `download` writes a file to disk, `verification` checks it, `retries` repeats what may succeed
later, and `secrecy` keeps logins out of other requests and of logs.
"""

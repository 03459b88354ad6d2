"""The exports of a project, or of its workflows and subject sets, downloaded from the Zooniverse API.

Nothing here imports Dagster. `exports` does the complete job: it requests the exports, waits for them and moves
them in place. `resources` says what has exports, `api` calls the server through the official client,
`pending_export` decides whether to request an export and polls it, `download` writes a file to disk and
`partial_file` keeps what is there of it for a later call, `verification` checks it, `retries` repeats what may
succeed later, and `secrecy` keeps logins out of other requests and of logs.
"""

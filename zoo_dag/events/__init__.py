"""Events of cameras: which pictures belong together, what was there, and how often.

From the metadata of subjects to pictures with a deployment and a time (`pictures`), from these to events
(`assigning`), and with the pooled consensus of the subjects to `event_consensus` and `deployment_rates`.
"""

"""How workers of Celery execute runs. `dagster_celery.app` reads this file where its folder is in PYTHONPATH."""

import os

broker_url = result_backend = os.environ["ZOO_DAG_BROKER"]
result_expires = 604800
# A worker executes one run at a time, and takes no other one before it has ended.
worker_concurrency = 1
worker_prefetch_multiplier = 1
# A run whose worker is lost before it starts is given to another worker after so many seconds. A run that is being
# executed is offered again then, too, which its second worker refuses.
task_acks_late = True
task_reject_on_worker_lost = True
broker_transport_options = {"visibility_timeout": 600}
# A worker goes on after a restart of Redis.
broker_connection_retry_on_startup = True

/** Limits and sizes of the deployment. */

/** Longest life of one invocation of a worker, if the inputs say nothing else; runs go on in the next one. */
export const WORKER_MINUTES = 5;
export const WORKER_MINUTES_MIN = 2;
/** As Lambda allows. */
export const WORKER_MINUTES_MAX = 15;
/** What an invocation keeps back from its end to stop between two effects and say what it did. */
export const WORKER_RESERVE_S = 45;
/** The gateway gives up after 30 s; a function that is still at work then has nobody to answer. */
export const API_TIMEOUT_S = 29;
export const INTAKE_TIMEOUT_S = 60;
export const SCHEDULE_TIMEOUT_S = 120;
export const DEAD_LETTER_TIMEOUT_S = 60;
/** SQS hides a message this many times as long as its function may take, as Lambda asks for. */
export const VISIBILITY_TIMEOUTS = 6;
/** Deliveries of one message before it counts as dead. */
export const RECEIVES_MAX = 5;
/** Messages that a batch waits for: one, because a batch of work would hold up what comes after it. */
export const BATCH_MESSAGES = 1;
/** Functions of one queue at work at once; runs of one cluster never are. */
export const WORKERS_MAX = 20;
export const QUEUE_RETENTION_DAYS = 4;
export const DEAD_LETTER_RETENTION_DAYS = 14;

export const API_MEMORY_MB = 1024;
/** Lance and Arrow, beside the rows of an upload. */
export const GRAPH_MEMORY_MB = 3008;
export const SMALL_MEMORY_MB = 512;

export const API_REQUESTS_A_SECOND = 50;
export const API_BURST_REQUESTS = 100;

/** Longer than anybody may ask for an export (EXPORT_KEPT_MS of lib/worker). */
export const EXPORT_DAYS = 1;
export const INBOX_DAYS = 30;
export const ACCESS_LOG_DAYS = 90;
export const MULTIPART_DAYS = 2;
/** How long answers to requests with an idempotency key are kept. */
export const REQUEST_DAYS = 7;
/** How long what was replaced or deleted can still be read: rows and records alike, because neither is of use alone. */
export const VERSION_DAYS = 30;
export const VERSION_DAYS_MAX = 3_650;
export const GRACE_DAYS = 7;
export const GRACE_DAYS_MAX = 365;
/** Clusters that are named each add a policy to the stack, which holds 500 resources. */
export const CLUSTERS_MAX = 200;
export const IDENTITIES_MAX = 10_000;
/** How long npm may take to say whether it has a package. */
export const NPM_VIEW_MS = 60_000;

/** A message that nobody has looked at for so long is a symptom. */
export const MESSAGE_AGE_ALARM_MINUTES = 60;
/** A dead letter is handled within seconds, or again after it was hidden for six minutes. */
export const DEAD_LETTER_ALARM_MINUTES = 15;
export const ALARM_PERIOD_MINUTES = 5;
/** No pause between two ticks is worth an alarm before. */
export const SILENCE_MINUTES_MIN = 120;
/** As CloudWatch allows. */
export const SILENCE_MINUTES_MAX = 24 * 60;

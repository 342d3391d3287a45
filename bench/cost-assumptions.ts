/**
 * What the bench of costs assumes because it cannot count or measure it. Units last; each with where it comes from.
 * What is counted or measured is not here: requests, bytes, lines of the log, processor time, the stack.
 */

/** Until S3, DynamoDB, SQS or SNS has answered one request. A guess: small requests take 10 to 50 ms in a region. */
export const ANSWER_MS = 25;
/** From the sending of a message to the start of its function, beside cold starts. A guess. */
export const QUEUE_MS = 100;
/** Memory at which a function has one processor (Lambda, "Configure function memory"). With less it has a share. */
export const PROCESSOR_MB = 1_769;
/** Start of Node and of its runtime client, before our code is read, in processor time. A guess. */
export const RUNTIME_START_CPU_MS = 150;
/** Bringing the bytes of Lance (200 MB) from the layer, beside the measured time of loading them. A guess. */
export const LANCE_BYTES_MS = 1_000;
/** Runs are rare: each finds its worker cold, and the first of its API requests too. The dearest case. */
export const COLD_STARTS_A_RUN = 1;
/** Share of the schedule's invocations that find no warm environment. A guess: AWS says nothing of how long one lives. */
export const SCHEDULED_COLD_SHARE = 0.1;

/** Requests that wait at a queue at any time (Lambda, "SQS scaling"); with a maximum concurrency they never get fewer. */
export const POLLERS = 5;
/** How long one of them waits: the longest that SQS allows. Lambda does not promise it. */
export const POLL_S = 20;
/** Requests for one message beside its sending: it is received and deleted. */
export const MESSAGE_REQUESTS = 2;

export const MONTH_HOURS = 730;
/** What Powertools and CloudWatch add to a line of ours: level, time, names and ids of function and request. A guess. */
export const LOG_LINE_BYTES = 600;
/** Lines of Lambda itself of one invocation, as JSON: start and report. A guess. */
export const INVOCATION_LOG_BYTES = 1_200;
/** A line of the access log of the gateway. A guess from its format. */
export const GATEWAY_LOG_BYTES = 600;
/** A line of the access log of the bucket. A guess from its format. */
export const BUCKET_LOG_BYTES = 600;
/** Compressed share of a log that is kept (CloudWatch pricing: 0.15 in its examples). */
export const LOG_KEPT_SHARE = 0.15;
/** Every invocation is traced. The dearest case: Lambda takes one a second and 5 % of the rest. */
export const TRACED_SHARE = 1;
/** What is written is paid for so long: replaced versions as long as the lifecycle rule lets them be, others go on. */
export const KEPT_MONTHS = 1;
/** Name and framing of the attributes of a lease, beside its record. */
export const LEASE_ITEM_BYTES = 200;
/** Requests to KMS for one notice: a data key for an encrypted topic. */
export const NOTICE_KEY_REQUESTS = 1;
/** Addresses that get each notice by mail. */
export const NOTICE_EMAILS = 1;

/** Types of a graph that have rows: all of the schema that the bench makes. Each has a dataset. */
export const DATASETS_A_GRAPH = 12;

/**
 * The workers of a server on this machine: one takes prompts for runs that need the lease, one those for plans and
 * loads; each works on several clusters at once and on one message of a group at a time, as the functions on AWS do.
 *
 * A message is kept invisible while it is worked on, and acknowledged once it was handled. One whose handling met a
 * defect comes again; after several times it is a dead letter, which blocks what it was for until a person has looked.
 */
import type { Access } from "../../lib/access/access.ts";
import type { QueuedMessage, WorkQueue } from "../../lib/ports/work-queue.ts";
import { handleDeadLetter } from "../../lib/worker/dead-letter.ts";
import type { Deployment } from "../../lib/worker/deployment.ts";
import { handleBody } from "../../lib/worker/handle-message.ts";

const RECEIVE_WAIT_MS = 1_000;
/** Messages that one lane works on at the same time. */
const AT_ONCE_MAX = 8;
/** How often a message is handled before it is a dead letter. */
const DELIVERIES_MAX = 5;
const EXTEND_EVERY_MS = 20_000;
export const MESSAGE_VISIBILITY_MS = 60_000;
/** Before a queue that did not answer is asked again. */
const OUTAGE_WAIT_MS = 2_000;

export interface WorkerParts {
  readonly deployment: Deployment;
  readonly access: Access;
}

export interface Worker {
  /** Resolves when nothing is under way; what is under way stops between two steps. */
  readonly stop: () => Promise<void>;
}

export function startWorker(parts: WorkerParts): Worker {
  const stopping = new AbortController();
  const lanes = [parts.deployment.applies, parts.deployment.tasks].map((queue) =>
    workLane(parts, queue, stopping.signal),
  );
  return {
    stop: async () => {
      stopping.abort();
      await Promise.all(lanes);
    },
  };
}

async function workLane(parts: WorkerParts, queue: WorkQueue, stopping: AbortSignal): Promise<void> {
  const { clock, log } = parts.deployment;
  const atWork = new Set<Promise<void>>();
  while (!stopping.aborted) {
    if (atWork.size >= AT_ONCE_MAX) {
      await Promise.race(atWork);
      continue;
    }
    const received = await queue.receive(RECEIVE_WAIT_MS);
    if (received.tag === "unavailable") {
      log.warn({ event: "worker.queue_unavailable", reason: received.reason });
      await clock.sleep(OUTAGE_WAIT_MS, stopping);
      continue;
    }
    for (const message of received.messages) {
      const work = workOn(parts, queue, message, stopping).finally(() => atWork.delete(work));
      atWork.add(work);
    }
  }
  await Promise.all(atWork);
}

async function workOn(
  parts: WorkerParts,
  queue: WorkQueue,
  message: QueuedMessage,
  stopping: AbortSignal,
): Promise<void> {
  // Taken at the moment of the end: the next start gets it at once.
  if (stopping.aborted) return void (await queue.extend(message.receipt, 0));
  const done = new AbortController();
  const kept = keepInvisible(parts.deployment, queue, message, done.signal);
  const handled = await handle(parts, message, stopping);
  done.abort();
  await kept;
  if (handled) await queue.acknowledge(message.receipt);
}

async function keepInvisible(
  { clock }: Deployment,
  queue: WorkQueue,
  { receipt }: QueuedMessage,
  done: AbortSignal,
): Promise<void> {
  for (;;) {
    await clock.sleep(EXTEND_EVERY_MS, done);
    if (done.aborted) return;
    await queue.extend(receipt, MESSAGE_VISIBILITY_MS);
  }
}

/** True if the message is over. */
async function handle(
  { deployment, access }: WorkerParts,
  { body, deliveries }: QueuedMessage,
  stopping: AbortSignal,
): Promise<boolean> {
  const { log, settings } = deployment;
  if (deliveries > DELIVERIES_MAX) return (await handleDeadLetter(deployment, body)).tag !== "again";
  try {
    const context = { access, remaining_ms: settings.invocation_ms, interrupted: () => stopping.aborted };
    await handleBody(deployment, body, context);
    return true;
  } catch (error) {
    const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
    log.warn({ event: "worker.defect", deliveries, reason });
    return false;
  }
}

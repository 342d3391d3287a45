/** Dead letters: messages that no worker could finish. */
import { handleDeadLetter } from "../lib/worker/dead-letter.ts";
import { answerBatch } from "./batch.ts";
import { chainsOnly } from "./open-engine.ts";
import { openRuntime } from "./runtime.ts";
import type { Worker } from "./worker.ts";

const { deployment, log } = await openRuntime(chainsOnly);

export const handler: Worker = async (event, context) => {
  log.begin(context);
  return answerBatch(event.Records, log, async ({ body }) => {
    const handled = await handleDeadLetter(deployment, body);
    if (handled.tag !== "again") return "done";
    const codes = handled.diagnostics.map((each) => each.code).join(" ");
    log.warn({ event: "dead_letter.undone", codes });
    return "again";
  });
};

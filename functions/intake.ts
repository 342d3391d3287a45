/** Intake: takes what was uploaded, and orders what its sender wants. Events only say where to look. */
import { createAccess } from "../lib/access/cedar-access.ts";
import { decodeUploadEvents } from "../lib/intake/upload-event.ts";
import { takeUpload } from "../lib/worker/take-upload.ts";
import { answerBatch } from "./batch.ts";
import { chainsOnly } from "./open-engine.ts";
import { openRuntime } from "./runtime.ts";
import type { Worker } from "./worker.ts";

const { deployment, environment, log } = await openRuntime(chainsOnly);
const access = createAccess(deployment.settings, deployment.records);

export const handler: Worker = async (event, context) => {
  log.begin(context);
  return answerBatch(event.Records, log, async ({ body }) => {
    const decoded = decodeUploadEvents(body, environment.GRAPHFORM_BUCKET);
    if (decoded.tag === "invalid") {
      log.warn({ event: "upload.event_ignored", reason: decoded.detail });
      return "done";
    }
    for (const each of decoded.events) {
      const taken = await takeUpload(deployment, each, { access });
      if (taken.tag === "again") return "again";
      log.info({ event: "upload.taken", key: each.key, came_to: taken.tag });
    }
    return "done";
  });
};

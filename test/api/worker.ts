/** A worker in the test's own process: handles what lies in the queues until they are empty. */
import type { Access } from "../../lib/access/access.ts";
import { createAccess } from "../../lib/access/cedar-access.ts";
import { handleBody } from "../../lib/worker/handle-message.ts";
import type { TestDeployment } from "./deployment.ts";

const MESSAGES_MAX = 50;

export async function work({ deployment }: TestDeployment): Promise<void> {
  const access: Access = createAccess(deployment.settings, deployment.records);
  for (let handled = 0; handled < MESSAGES_MAX; ) {
    const before = handled;
    for (const queue of [deployment.tasks, deployment.applies]) {
      const received = await queue.receive(0);
      if (received.tag !== "received") throw new Error(received.reason);
      for (const { body, receipt } of received.messages) {
        await handleBody(deployment, body, { access, remaining_ms: 600_000 });
        await queue.acknowledge(receipt);
        handled += 1;
      }
    }
    if (handled === before) return;
  }
  throw new Error("the queues never empty");
}

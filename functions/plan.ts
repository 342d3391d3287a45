/** Tasks: makes plans and loads rows, which need no lease. */
import { lanceEngine } from "./lance-engine.ts";
import { openRuntime } from "./runtime.ts";
import { createWorker } from "./worker.ts";

const runtime = await openRuntime(lanceEngine);

export const handler = createWorker(runtime, runtime.deployment.tasks);

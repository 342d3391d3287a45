/** Applies: looks at the runs of a cluster that need its lease. */
import { lanceEngine } from "./lance-engine.ts";
import { openRuntime } from "./runtime.ts";
import { createWorker } from "./worker.ts";

const runtime = await openRuntime(lanceEngine);

export const handler = createWorker(runtime, runtime.deployment.applies);

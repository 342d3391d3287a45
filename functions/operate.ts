/** The routes of the HTTP API that take the lease or touch rows (infra/http-api.ts lists them). */
import { createHttpHandler } from "./http-handler.ts";
import { lanceEngine } from "./lance-engine.ts";
import { openRuntime } from "./runtime.ts";

export const handler = createHttpHandler(await openRuntime(lanceEngine));

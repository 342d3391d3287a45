/** The HTTP API, but for the routes of operate.ts. */
import { createHttpHandler } from "./http-handler.ts";
import { chainsOnly } from "./open-engine.ts";
import { openRuntime } from "./runtime.ts";

export const handler = createHttpHandler(await openRuntime(chainsOnly));

/**
 * The native module of Lance. Loading it costs about 0.3 s and 80 MB, so whoever touches no graph must not load this
 * file: lance-tables imports everything that needs it at first use.
 *
 * Lance logs to stderr through a logger that reads its level from the environment once, when it is loaded. Its
 * warnings (one for each dataset that is created) tell our users nothing, so they are off unless somebody asked for
 * them. Beside `lib/aws/clients.ts`, which silences a warning too, this is the only place of `lib/` that touches the
 * environment.
 */
import { createRequire } from "node:module";
import type * as Lance from "@lancedb/lancedb";

process.env["RUST_LOG"] ??= "off";
process.env["LANCEDB_LOG"] ??= "off";

const require = createRequire(import.meta.url);

/** The Lance package; importing this file loads it. */
export const lance: typeof Lance = require("@lancedb/lancedb");

/**
 * Arrow, the one copy of it that Lance accepts. The Lance package loads Arrow as CommonJS and checks values with
 * `instanceof`; an ES import would be a second copy whose schemas and batches fail those checks. So Arrow is loaded
 * here and nowhere else, the same way that Lance loads it.
 */
import { createRequire } from "node:module";
import type * as Arrow from "apache-arrow";

const require = createRequire(import.meta.url);

/** The Arrow that Lance itself uses. */
export const arrow: typeof Arrow = require("apache-arrow");

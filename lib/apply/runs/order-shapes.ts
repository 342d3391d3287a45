/** The parts of an order as they are read from the record of its run, and from the ticket of an upload: strict, so that nothing is guessed. Pure. */
import { z } from "zod";
import { type GraphId, parseGraphId } from "../../digest/ids.ts";
import { LOAD_MODES } from "../../engine/engine.ts";

export const instant = z.iso.datetime();

export const graphId = z
  .string()
  .refine((text) => parseGraphId(text) !== null, "is not a graph id")
  .transform((text) => text as GraphId);

export const load = z.strictObject({
  graph: graphId,
  mode: z.enum(LOAD_MODES),
  upload_key: z.string(),
  since_version: z.int().nonnegative().nullable(),
});

export const exported = z.strictObject({
  graph: graphId,
  version: z.int().positive().nullable(),
  edge_ids: z.boolean(),
});

export const upload = z.strictObject({ key: z.string(), uploaded_at: instant.nullable() });

export const caller = z.strictObject({
  actor: z.string(),
  source: z.enum(["iam", "jwt", "local"]),
  canonical: z.string(),
  session: z.string().nullable(),
  amr: z.array(z.string()),
  claim_groups: z.array(z.string()),
});

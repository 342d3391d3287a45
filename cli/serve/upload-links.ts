/** Links for one upload to a server on this machine. */
import { z } from "zod";
import type { LinkKind } from "./signed-link.ts";

/** How long a link holds: a quarter of an hour. */
export const UPLOAD_LINK_MS = 15 * 60 * 1000;

const shape = z.strictObject({
  key: z.string(),
  bytes_max: z.int().positive(),
  metadata: z.record(z.string(), z.string()),
  expires_at_ms: z.int().positive(),
});

export type UploadGrant = z.output<typeof shape>;

export const UPLOAD_LINKS = {
  path: "/v1/local-uploads",
  shape,
} as const satisfies LinkKind<UploadGrant>;

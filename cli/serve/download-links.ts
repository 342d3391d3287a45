/** Links that read one export of a server on this machine. */
import { z } from "zod";
import type { LinkKind } from "./signed-link.ts";

/** How long a link holds: five minutes. */
export const DOWNLOAD_LINK_MS = 5 * 60 * 1000;

const shape = z.strictObject({ key: z.string(), expires_at_ms: z.int().positive() });

export type DownloadGrant = z.output<typeof shape>;

export const DOWNLOAD_LINKS = {
  path: "/v1/local-downloads",
  shape,
} as const satisfies LinkKind<DownloadGrant>;

/**
 * Brings the config folder to the deployment: what cluster.yaml names and itself, as one archive. One that is too long
 * for a request goes through a link and is kept by the same name, so that nothing after it can tell the difference.
 */
import { BUNDLE_BODY_BYTES_MAX } from "../../lib/api/limits.ts";
import type { ApiClient } from "../../lib/client/api-client.ts";
import type { Called } from "../../lib/client/call.ts";
import { bundleDigest, CLUSTER_FILE } from "../../lib/config/bundle.ts";
import { bundleFiles } from "../../lib/config/sources.ts";
import { loadDesired } from "../../lib/desired/desired.ts";
import { type Diagnostic, diagnostic } from "../../lib/diagnostic/diagnostic.ts";
import { readBundle } from "../../lib/file/bundle-reader.ts";
import { ARCHIVE_PACKED_BYTES_MAX } from "../../lib/intake/limits.ts";
import { packFiles } from "../../lib/intake/pack.ts";
import { transferProgress } from "../verbs/transfer-progress.ts";
import type { ApiContext } from "./api-cluster.ts";
import { type Answered, answered, unanswered } from "./cluster.ts";

export interface BroughtBundle {
  readonly bundle_digest: string;
  readonly diagnostics: readonly Diagnostic[];
}

export async function bundleOf(asked: ApiContext, client: ApiClient): Promise<Answered<BroughtBundle>> {
  const bundle = await readBundle(asked.context.config_dir);
  // A folder without cluster.yaml is no config, and the loader says so best.
  if (bundle.read(CLUSTER_FILE).tag !== "file") return unanswered(loadDesired(bundle).diagnostics);
  const files = bundleFiles(bundle);
  const zip = await packFiles(files);
  if (zip.byteLength > ARCHIVE_PACKED_BYTES_MAX) return unanswered([tooLarge(asked, zip.byteLength)]);
  const kept = await (zip.byteLength > BUNDLE_BODY_BYTES_MAX
    ? keptByLink(asked, client, zip)
    : client.postBundle(zip));
  if (kept.tag === "failed") return unanswered(kept.diagnostics);
  const bundle_digest = String(kept.value["bundle_digest"]);
  if (bundle_digest !== bundleDigest(files)) return unanswered([otherFiles(asked, bundle_digest)]);
  return answered({
    bundle_digest,
    diagnostics: (kept.value["diagnostics"] ?? []) as readonly Diagnostic[],
  });
}

async function keptByLink(
  { context }: ApiContext,
  client: ApiClient,
  zip: Uint8Array,
): Promise<Called<Readonly<Record<string, unknown>>>> {
  const ticket = await client.ticket({ purpose: "kept_bundle" });
  if (ticket.tag === "failed") return ticket;
  const bytes = zip.byteLength;
  const progress = transferProgress(context, bytes);
  const put = await client.put(ticket.value, { bytes, open: () => progress.shown(piecesOf(zip)) });
  progress.stop();
  return put.tag === "failed" ? put : client.postObject(`uploads/${ticket.value.upload_id}/bundle`, {});
}

/** Bytes that are sent at once. */
const PIECE_BYTES = 256 * 1024;

async function* piecesOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.byteLength; at += PIECE_BYTES) {
    yield await Promise.resolve(bytes.subarray(at, at + PIECE_BYTES));
  }
}

/** Whoever has the link of an upload can put something else in its place before it is kept. */
function otherFiles({ context }: ApiContext, digest: string): Diagnostic {
  const message = `The deployment has kept other files than were sent: ${digest}.`;
  return diagnostic("deployment_answer_invalid", { path: context.config_dir, message });
}

function tooLarge({ context }: ApiContext, bytes: number): Diagnostic {
  const message = `The config folder has ${bytes} bytes packed; at most ${ARCHIVE_PACKED_BYTES_MAX} are taken.`;
  return diagnostic("archive_too_large", { path: context.config_dir, message });
}

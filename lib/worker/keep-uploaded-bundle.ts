/**
 * Keeps a config folder that came by a link, because it is too long for a request. It is the same config as one that
 * came in a request: kept under the digest of its files, brought by whom the link was given to (design 9).
 *
 * Guarantees: a link is good for whom it was given to, and its upload counts only with the secret that was signed into
 * it. Keeping it twice keeps it once.
 */
import type { Caller } from "../access/caller.ts";
import { type Diagnostic, diagnostic } from "../diagnostic/diagnostic.ts";
import { assertNever } from "../digest/assert.ts";
import type { ClusterName } from "../digest/ids.ts";
import { type KeptBundle, keepBundle } from "../intake/keep-bundle.ts";
import { ARCHIVE_PACKED_BYTES_MAX } from "../intake/limits.ts";
import { TICKET_METADATA } from "../intake/upload-metadata.ts";
import type { Deployment } from "./deployment.ts";
import { carriesTicket } from "./upload-sender.ts";
import { readUploadTicket, type UploadTicket } from "./upload-ticket.ts";

export async function keepUploadedBundle(
  deployment: Deployment,
  cluster: ClusterName,
  { canonical }: Caller,
  uploadId: string,
): Promise<KeptBundle> {
  const read = await readUploadTicket(deployment, cluster, uploadId);
  switch (read.tag) {
    case "unavailable":
      return unread(uploadId, read.reason);
    case "absent":
      return notFound(uploadId);
    case "found": {
      const { purpose, caller } = read.ticket;
      const isOwn = purpose === "kept_bundle" && caller.canonical === canonical;
      return isOwn ? keepUpload(deployment, cluster, read.ticket) : notFound(uploadId);
    }
    default:
      return assertNever(read);
  }
}

async function keepUpload(
  deployment: Deployment,
  cluster: ClusterName,
  ticket: UploadTicket,
): Promise<KeptBundle> {
  const { key, upload_id, caller } = ticket;
  const read = await deployment.inbox.read(key, ARCHIVE_PACKED_BYTES_MAX);
  switch (read.tag) {
    case "absent":
      return notFound(upload_id);
    case "unavailable":
      return unread(upload_id, read.reason);
    case "too_large": {
      const message = `The upload has ${read.bytes} bytes; at most ${ARCHIVE_PACKED_BYTES_MAX} are taken.`;
      return refused(diagnostic("archive_too_large", { path: upload_id, message }));
    }
    case "found": {
      const { bytes, metadata } = read.file;
      if (carriesTicket(ticket, key, metadata[TICKET_METADATA] ?? null)) {
        return keepBundle(deployment.open(cluster), bytes, caller.actor);
      }
      const message = `The upload ${upload_id} was not made with the link that was given out for it.`;
      return refused(diagnostic("upload_not_taken", { path: upload_id, message }));
    }
    default:
      return assertNever(read);
  }
}

function refused(problem: Diagnostic): KeptBundle {
  return { tag: "refused", diagnostics: [problem] };
}

/** The same for one that is not there, one of somebody else, and one for something else. */
function notFound(path: string): KeptBundle {
  const message = `There is no config folder of yours under the upload "${path}".`;
  return refused(diagnostic("upload_not_found", { path, message }));
}

function unread(path: string, reason: string): KeptBundle {
  const message = `The upload ${path} could not be read: ${reason}.`;
  return { tag: "unavailable", diagnostics: [diagnostic("upload_read_error", { path, message })] };
}

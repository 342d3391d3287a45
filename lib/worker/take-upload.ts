/**
 * Takes an uploaded config folder (design 7, 9): reads what is there now, keeps it, and orders what its sender wants.
 *
 * Guarantees: events may come twice, late, in any order or from anybody: one version of an upload is one run, named by
 * the object that is there and never by the event. Without a ticket only the event of the version that is there takes
 * it, so that a late event of an earlier one does not make it that of nobody known. When it was uploaded is what the store
 * says of the version that is there. An upload that is not taken leaves a run that says why, where its sender will look.
 * An upload of nobody known is planned and never applied.
 */
import type { Access } from "../access/access.ts";
import type { Caller } from "../access/caller.ts";
import type { ClusterPorts } from "../apply/cluster-ports.ts";
import { queuedRun, type RunMode, type RunRecord, type RunUpload } from "../apply/runs/run-record.ts";
import { readRun } from "../apply/runs/run-store.ts";
import { type Diagnostic, diagnostic } from "../diagnostic/diagnostic.ts";
import { assertNever } from "../digest/assert.ts";
import { type Digest, sha256 } from "../digest/digest.ts";
import type { RunId } from "../digest/ids.ts";
import { keepBundle } from "../intake/keep-bundle.ts";
import { ARCHIVE_PACKED_BYTES_MAX } from "../intake/limits.ts";
import { isVersionOf, type UploadEvent } from "../intake/upload-event.ts";
import { bundleUpload, type UploadPlace } from "../intake/upload-key.ts";
import { decodeUploadMetadata } from "../intake/upload-metadata.ts";
import { retryRead } from "../ledger/retry.ts";
import { timestamp } from "../ports/clock.ts";
import type { Deployment, UploadedFile } from "./deployment.ts";
import { endRun } from "./end-run.ts";
import { type OrderedRun, orderRun, storeKeyed } from "./order-run.ts";
import type { RunOrigin } from "./run-ordering.ts";
import { refusedAnswer } from "./run-output.ts";
import { carriesTicket, senderOf } from "./upload-sender.ts";
import { readUploadTicket } from "./upload-ticket.ts";

/** Said instead of the key, which anybody may have made up. */
const NO_UPLOAD =
  "it is no upload of a config folder: that is inbox/<cluster>/NAME.zip, NAME of letters, digits, dots, _ and -";

export type TakenUpload =
  /** A run has been ordered, by this event or by an earlier one. */
  | { readonly tag: "ordered"; readonly record: RunRecord; readonly repeated: boolean }
  /** A run that has ended says why. */
  | { readonly tag: "refused"; readonly run_id: RunId; readonly diagnostics: readonly Diagnostic[] }
  /** It is nothing of this deployment. */
  | { readonly tag: "ignored"; readonly reason: string }
  /** The world did not answer; the event must come again. */
  | { readonly tag: "again"; readonly diagnostics: readonly Diagnostic[] };

export async function takeUpload(
  deployment: Deployment,
  event: UploadEvent,
  { access }: { readonly access: Access },
): Promise<TakenUpload> {
  const place = bundleUpload(event.key);
  if (place === null) return ignored(deployment, NO_UPLOAD);
  const { cluster } = place;
  if (deployment.settings.clusters?.includes(cluster) === false) {
    return ignored(deployment, `the deployment has no cluster ${cluster}`);
  }
  const read = await retryRead(deployment.clock, () =>
    deployment.inbox.read(event.key, ARCHIVE_PACKED_BYTES_MAX),
  );
  switch (read.tag) {
    case "absent":
      return ignored(deployment, "the upload is not there any more");
    case "unavailable":
      return again(event.key, read.reason);
    case "too_large": {
      const message = `The upload has ${read.bytes} bytes; at most ${ARCHIVE_PACKED_BYTES_MAX} are taken.`;
      const origin = originOf(null, null, `upload ${event.key} of ${read.bytes} bytes`);
      const problem = diagnostic("archive_too_large", { path: event.key, message });
      return refuse(deployment, place, { origin, mode: "plan" }, [problem]);
    }
    case "found":
      return take(deployment, place, event, read.file, access);
    default:
      return assertNever(read);
  }
}

function ignored({ log }: Deployment, reason: string): TakenUpload {
  log.warn({ event: "upload.ignored", reason });
  return { tag: "ignored", reason };
}

function again(path: string, reason: string): TakenUpload {
  const message = `The upload ${path} could not be read: ${reason}.`;
  return { tag: "again", diagnostics: [diagnostic("upload_read_error", { path, message })] };
}

/** Who wants what done with the upload. */
interface Wish {
  readonly origin: RunOrigin;
  readonly mode: RunMode;
}

function originOf(caller: Caller | null, git: RunOrigin["git"], identity: string): RunOrigin {
  const idempotency_key = sha256(identity);
  return { actor: caller?.actor ?? null, trigger: "upload", git, idempotency_key, caller };
}

async function take(
  deployment: Deployment,
  place: UploadPlace,
  event: UploadEvent,
  file: UploadedFile,
  access: Access,
): Promise<TakenUpload> {
  const { key } = event;
  const decoded = decodeUploadMetadata(file.metadata);
  if (decoded.tag === "invalid") {
    const origin = originOf(null, null, JSON.stringify(["upload", key, file.version, file.metadata]));
    return refuse(deployment, place, { origin, mode: "plan" }, decoded.diagnostics);
  }
  const said = decoded.metadata;
  const ticket = await readUploadTicket(deployment, place.cluster, place.name);
  if (ticket.tag === "unavailable") return again(key, ticket.reason);
  const promised =
    ticket.tag === "found" && carriesTicket(ticket.ticket, key, said.ticket) ? ticket.ticket : null;
  if (promised === null && !isVersionOf(event, file.version)) {
    return ignored(deployment, "another version is there now, whose own event says who sent it");
  }
  const caller = promised?.caller ?? senderOf(deployment.settings, event, file);
  const { mode, git } = promised ?? said;
  const identity = JSON.stringify(["upload", key, file.version, mode, git, said.request]);
  const wish: Wish = { origin: originOf(caller, git, identity), mode };
  const ports = deployment.open(place.cluster);
  const denied = caller === null ? null : await deniedPlan(ports, caller, access);
  if (denied?.code === "run_access_undecided") return { tag: "again", diagnostics: [denied] };
  if (denied !== null) return refuse(deployment, place, wish, [denied]);
  const kept = await keepBundle(ports, file.bytes, caller?.actor ?? null);
  switch (kept.tag) {
    case "kept":
      return order(deployment, place, wish, {
        bundle_digest: kept.bundle_digest,
        upload: { key, uploaded_at: file.uploaded_at },
      });
    case "refused":
      return refuse(deployment, place, wish, kept.diagnostics);
    case "unavailable":
      return { tag: "again", diagnostics: kept.diagnostics };
    default:
      return assertNever(kept);
  }
}

async function deniedPlan(ports: ClusterPorts, caller: Caller, access: Access): Promise<Diagnostic | null> {
  const decision = await access.decide(ports, caller, { kind: "control", action: "cluster_plan" });
  const path = "upload";
  switch (decision.tag) {
    case "allowed":
      return null;
    case "denied": {
      const message = `${caller.actor} may not plan for this cluster: ${decision.message}`;
      return diagnostic("run_denied", { path, message });
    }
    case "failed": {
      const message = `It could not be decided whether ${caller.actor} may plan: ${decision.reason}.`;
      return diagnostic("run_access_undecided", { path, message });
    }
    default:
      return assertNever(decision);
  }
}

interface Arrived {
  readonly bundle_digest: Digest;
  readonly upload: RunUpload;
}

/** What nobody known has sent is planned, whatever it asks for. */
async function order(
  deployment: Deployment,
  { cluster }: UploadPlace,
  { origin, mode }: Wish,
  { bundle_digest, upload }: Arrived,
): Promise<TakenUpload> {
  const config = { bundle_digest, targets: null, upload } as const;
  const ordered =
    mode === "auto" && origin.actor !== null
      ? await orderRun(deployment, cluster, { ...origin, kind: "apply", ...config, allow_mass_delete: false })
      : await orderRun(deployment, cluster, { ...origin, kind: "plan", ...config, purge: null });
  return taken(deployment, ordered);
}

function taken(deployment: Deployment, ordered: OrderedRun): TakenUpload {
  switch (ordered.tag) {
    case "ordered":
      return ordered;
    case "unknown":
      return { tag: "again", diagnostics: ordered.diagnostics };
    case "refused":
      // Its key was used by an earlier look at the same upload, which has left its run.
      return ignored(deployment, ordered.diagnostics.map((each) => each.message).join(" "));
    default:
      return assertNever(ordered);
  }
}

/** Leaves a run that has ended and says why. */
async function refuse(
  deployment: Deployment,
  { cluster }: UploadPlace,
  { origin, mode }: Wish,
  diagnostics: readonly Diagnostic[],
): Promise<TakenUpload> {
  const ports = deployment.open(cluster);
  const { actor, trigger, git, idempotency_key, caller = null } = origin;
  const run_id = ports.ids.next() as RunId;
  const who = { run_id, idempotency_key, actor, trigger, git, caller, created_at: timestamp(ports.clock) };
  const nothing = { bundle_digest: null, targets: null, allow_mass_delete: false } as const;
  const record = queuedRun({ ...who, operation: "apply", mode, ...nothing }, ports.ids.next());
  const digest = sha256(JSON.stringify(["refused", idempotency_key]));
  const stored = await storeKeyed(ports, origin, digest, () => Promise.resolve({ tag: "made", record }));
  if (stored.tag !== "ordered") return taken(deployment, stored);
  const found = await readRun(ports, stored.record.run_id);
  if (found.tag !== "found") return again(run_id, "its record cannot be read");
  const present = found.stored.record;
  if (present.state === "ended") return { tag: "refused", run_id: present.run_id, diagnostics };
  const end = { record: present, outcome: "refused", answer: refusedAnswer(diagnostics) } as const;
  const ended = await endRun(deployment, cluster, ports, found.stored, end);
  if (ended === "unknown") return again(run_id, "it is not known whether its record says so");
  return { tag: "refused", run_id: present.run_id, diagnostics };
}

/**
 * UploadOrder: an upload never brings an older config back by itself. Its event may come late or after that of a newer
 * one, so an apply that an upload asks for runs only if nothing that was asked for later has been begun with for this
 * cluster: a newer upload, or an apply that somebody has ordered. Else its plan is kept for people, and nothing runs.
 *
 * Guarantees: decided under the lease, on the plan that is about to run. Times are those of the store that took the
 * upload, and of the order, in whole seconds; of two in one second the one that is worked on first came first. What
 * somebody has ordered is not held back by anything, and holds back what was uploaded before it.
 */
import type { Authorisation, AuthorisationFacts } from "../apply/accept-plan.ts";
import type { ClusterPorts } from "../apply/cluster-ports.ts";
import type { RunRecord } from "../apply/runs/run-record.ts";
import { type Diagnostic, diagnostic } from "../diagnostic/diagnostic.ts";
import { assertNever } from "../digest/assert.ts";
import type { Authorise } from "./authorise-run.ts";
import { authorsRecorded } from "./authors-recorded.ts";
import {
  isNewerThan,
  NEWEST_ORDER_KEY,
  type NewestOrder,
  type NewestOrderRead,
  noteOrder,
  readNewestOrder,
} from "./newest-order.ts";

/** `authorise`, asked only for a run that nothing newer has overtaken; what it permits is noted before it runs. */
export function inUploadOrder(ports: ClusterPorts, record: RunRecord, authorise: Authorise): Authorise {
  return async (facts) => {
    const newest = await readNewestOrder(ports);
    if (newest.tag === "unavailable") return refused(unknown(newest.reason));
    const by = overtaking(ports, record, newest);
    if (by !== null && facts.plan.changes.length > 0) {
      const isRecorded = await hasAuthors(ports, record, facts);
      return refused(isRecorded ? superseded(record, facts, by) : unrecorded(record));
    }
    const authorised = await authorise(facts);
    if (authorised.tag === "refused") return authorised;
    const doubt = await noteOrder(ports, record, newest);
    return doubt === null ? authorised : refused(unknown(doubt));
  };
}

function refused(problem: Diagnostic): Authorisation {
  return { tag: "refused", diagnostics: [problem] };
}

/** The plan is left for somebody to approve and apply, and nobody may who brought what it changes. */
async function hasAuthors(
  ports: ClusterPorts,
  { bundle_digest }: RunRecord,
  { plan }: AuthorisationFacts,
): Promise<boolean> {
  return bundle_digest !== null && authorsRecorded(ports, plan, bundle_digest);
}

function unrecorded({ run_id: path }: RunRecord): Diagnostic {
  const message = "The plan of the upload cannot be left to people: its authors could not be recorded.";
  return diagnostic("run_access_undecided", { path, message });
}

function unknown(reason: string): Diagnostic {
  const message = `It is not known which order of the cluster is the newest: ${reason}.`;
  return diagnostic("upload_order_unknown", { path: NEWEST_ORDER_KEY, message });
}

/** What has overtaken the run, in words; null: nothing has, or people ordered it. */
function overtaking(
  { clock }: ClusterPorts,
  record: RunRecord,
  newest: Exclude<NewestOrderRead, { tag: "unavailable" }>,
): string | null {
  if (record.trigger !== "upload") return null;
  switch (newest.tag) {
    case "absent":
      return null;
    case "found":
      return isNewerThan(newest.order, record, clock) ? `is older than ${nameOf(newest.order)}` : null;
    case "invalid":
      return `may be older than what was applied last, which cannot be read (${NEWEST_ORDER_KEY}: ${newest.detail})`;
    default:
      return assertNever(newest);
  }
}

function nameOf({ run_id, asked_at, upload_key }: NewestOrder): string {
  return upload_key === null
    ? `the apply that was ordered at ${asked_at}, the run ${run_id}`
    : `the upload ${upload_key} of ${asked_at}, the run ${run_id}`;
}

function superseded(
  { run_id, upload, created_at, plan_id }: RunRecord,
  { plan }: AuthorisationFacts,
  by: string,
): Diagnostic {
  const what = upload === null ? `upload of the run ${run_id}` : `upload ${upload.key}`;
  const message = `The ${what} of ${upload?.uploaded_at ?? created_at} ${by}, so it is not applied by itself.`;
  const again = "upload it again under another name";
  // A run that was begun has used its plan up.
  const fix =
    plan_id === null
      ? `If it is to be applied all the same, run \`graphform apply --plan ${plan.plan_id}\`, or ${again}.`
      : `If the rest of it is to be applied all the same, ${again}.`;
  return diagnostic("upload_superseded", { path: upload?.key ?? run_id, message, fix });
}

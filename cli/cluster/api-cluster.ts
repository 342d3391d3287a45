/**
 * A cluster of a deployment, through its HTTP API: the same questions, answered with the same documents. What takes
 * time is a run of the deployment; this command waits for it, and whoever leaves may come back with `runs watch`.
 */
import type { RunRecord } from "../../lib/apply/runs/run-record.ts";
import type { ApiClient, OrderedRun } from "../../lib/client/api-client.ts";
import type { Called } from "../../lib/client/call.ts";
import type { ValidateOutput } from "../../lib/desired/validate-output.ts";
import { type Diagnostic, diagnostic } from "../../lib/diagnostic/diagnostic.ts";
import type { RunId } from "../../lib/digest/ids.ts";
import type { FsckOutput } from "../../lib/observe/fsck-cluster.ts";
import type { RefreshOutput, StatusOutput } from "../../lib/observe/observe-output.ts";
import type { UnblockOutput } from "../../lib/operate/end-block.ts";
import type { OperateOutput } from "../../lib/operate/operate-output.ts";
import type { Recovered } from "../../lib/operate/recover-cluster.ts";
import { openApi } from "../api/open-api.ts";
import type { ApiTarget } from "../api/target.ts";
import type { CommandContext } from "../command-context.ts";
import { nothingObserved } from "../verbs/verb-failure.ts";
import { absentCluster, surelyAbsentCluster, tellsOfNoCluster } from "./absent-cluster.ts";
import { applyApi, goOnApi, planApi } from "./api-apply.ts";
import { approvalApi, approvalsApi, approveApi, revokeApi } from "./api-approvals.ts";
import { bundleOf } from "./api-bundle.ts";
import { historyApi, ledgerApi, revisionApi } from "./api-history.ts";
import { exportApi, loadApi } from "./api-rows.ts";
import { endOf, runEnd, TO_THE_END } from "./api-runs.ts";
import {
  type Answered,
  answered,
  type Cluster,
  type Operation,
  type RunList,
  unanswered,
} from "./cluster.ts";
import { localized } from "./localized.ts";
import type { UnlockOutput } from "./unlock-output.ts";

/** What the questions below share. */
export interface ApiContext {
  readonly context: CommandContext;
  readonly api: ApiTarget;
}

export function apiCluster(context: CommandContext, api: ApiTarget): Cluster {
  const asked: ApiContext = { context, api };
  return {
    validate: () => validateApi(asked),
    plan: (request) => planApi(asked, request),
    apply: (request) => applyApi(asked, request),
    goOn: (id, stopAfterMs) => goOnApi(asked, id, stopAfterMs),
    observe: (operation) => observeApi(asked, operation),
    status: () => statusApi(asked),
    fsck: (repair) => fsckApi(asked, repair),
    forceUnlock: (lockId, reason) => unlockApi(asked, lockId, reason),
    history: (receiptsMax) => historyApi(asked, receiptsMax),
    revision: (revision) => revisionApi(asked, revision),
    ledger: () => ledgerApi(asked),
    unblock: (reason) =>
      withClient(asked, (client) => local(asked, client.post<UnblockOutput>("unblock", { reason }))),
    approve: (request) => approveApi(asked, request),
    approvals: (all) => approvalsApi(asked, all),
    approval: (id) => approvalApi(asked, id),
    revoke: (id, reason) => revokeApi(asked, id, reason),
    runs: (openOnly) => runsApi(asked, openOnly),
    run: (id) => withClient(asked, async (client) => shown(await client.run(id, 0))),
    cancel: (id) => withClient(asked, async (client) => shown(await client.order(`runs/${id}/cancel`, {}))),
    watch: (id) => watchApi(asked, id),
    recover: () => recoverApi(asked),
    discard: async (operationId, reason) =>
      reason === null
        ? withoutReason("discard an operation")
        : operateApi(asked, `recoveries/${operationId}/discard`, { reason }),
    restore: (graph, incarnation) => operateApi(asked, `graphs/${graph}/restore`, given({ incarnation })),
    reclaim: (graph) => operateApi(asked, "reclaim", given({ graph })),
    protect: (verb, graph, reason) =>
      operateApi(asked, `graphs/${graph.replace(/^graph\./, "")}/${verb}`, given({ reason })),
    load: (request) => loadApi(asked, request),
    exportRows: (request) => exportApi(asked, request),
  };
}

/** The members that have a value: an API tells what is left out from what is null. */
export function given(members: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(members).filter(([, value]) => value !== null && value !== undefined),
  );
}

export async function withClient<Output>(
  { context, api }: ApiContext,
  ask: (client: ApiClient) => Promise<Answered<Output>>,
): Promise<Answered<Output>> {
  const opened = await openApi(context, api);
  if (opened.tag === "refused") return unanswered(opened.diagnostics);
  const { client } = opened;
  const answer = await ask(client);
  // A program that reads JSON gets what the deployment said, which is the same for everybody who may not know more.
  if (answer.tag !== "failed" || context.json || !tellsOfNoCluster(answer.diagnostics, client)) return answer;
  return unanswered([...answer.diagnostics, ...(await absentCluster(client))]);
}

/** The same answer, with which cluster may have been meant where it tells of none. */
export async function hinted<Output extends { readonly diagnostics: readonly Diagnostic[] }>(
  client: ApiClient,
  answer: Answered<Output>,
): Promise<Answered<Output>> {
  if (answer.tag !== "answered" || !tellsOfNoCluster(answer.output.diagnostics, client)) return answer;
  const diagnostics = [...answer.output.diagnostics, ...(await surelyAbsentCluster(client))];
  return answered({ ...answer.output, diagnostics });
}

/** The document of a call, with the folder of this machine where the server names its own copy. */
export async function local<Output>(
  { context }: ApiContext,
  call: Promise<Called<Output>>,
): Promise<Answered<Output>> {
  const called = await call;
  return called.tag === "failed"
    ? unanswered(called.diagnostics)
    : answered(localized(called.value, context.config_dir));
}

async function statusApi(asked: ApiContext): Promise<Answered<StatusOutput>> {
  return withClient(asked, async (client) =>
    hinted(client, await local(asked, client.get<StatusOutput>("status"))),
  );
}

async function validateApi(asked: ApiContext): Promise<Answered<ValidateOutput>> {
  return withClient(asked, async (client) => {
    const bundle = await bundleOf(asked, client);
    if (bundle.tag !== "answered") return bundle;
    const { bundle_digest } = bundle.output;
    return local(asked, client.post<ValidateOutput>("validate", { bundle_digest }));
  });
}

/** What a deployment looks at is what it has applied, so no config goes along. */
async function observeApi(
  asked: ApiContext,
  operation: "refresh" | "import",
): Promise<Answered<RefreshOutput>> {
  return withClient(asked, async (client) =>
    endOf<RefreshOutput>(asked, client, await client.order(operation, {}), TO_THE_END),
  );
}

async function fsckApi(asked: ApiContext, repair: boolean): Promise<Answered<FsckOutput>> {
  const checked = await withClient(asked, (client) => local(asked, client.get<FsckOutput>("fsck")));
  if (checked.tag !== "answered" || repair) return checked;
  return answered({ ...checked.output, repair: null });
}

function shown(called: Called<OrderedRun>): Answered<OrderedRun> {
  return called.tag === "failed" ? unanswered(called.diagnostics) : answered(called.value);
}

async function watchApi(asked: ApiContext, id: RunId): Promise<Answered<OrderedRun>> {
  return withClient(asked, async (client) =>
    runEnd(asked, client, await client.run(id, 0), { ...TO_THE_END, through_approval: true }),
  );
}

async function runsApi(asked: ApiContext, openOnly: boolean): Promise<Answered<RunList>> {
  return withClient(asked, async (client) => {
    const listed = await client.list<RunRecord>(
      "runs",
      {},
      openOnly ? OPEN_RUNS_SOUGHT_MAX : RUNS_LISTED_MAX,
    );
    if (listed.tag === "failed") return unanswered(listed.diagnostics);
    const found = openOnly ? listed.value.filter(({ state }) => state !== "ended") : listed.value;
    return answered({ runs: [...found].sort((a, b) => (a.run_id < b.run_id ? -1 : 1)), diagnostics: [] });
  });
}

/** Runs that are listed; a deployment keeps all that ever were. */
const RUNS_LISTED_MAX = 20;
/** Runs among which those are sought that have not ended. */
const OPEN_RUNS_SOUGHT_MAX = 1_000;

async function recoverApi(asked: ApiContext): Operation<Recovered> {
  return withClient(asked, async (client) =>
    endOf<OperateOutput<Recovered>>(asked, client, await client.order("recover", {}), TO_THE_END),
  );
}

/** `what` completes "To". */
function withoutReason(what: string): Answered<never> {
  const message = `To ${what} of a deployment somebody must say why.`;
  return unanswered([diagnostic("deployment_reason_missing", { path: "--reason", message })]);
}

async function operateApi<Facts>(
  asked: ApiContext,
  path: string,
  body: Readonly<Record<string, unknown>>,
): Operation<Facts> {
  return withClient(asked, (client) => local(asked, client.post<OperateOutput<Facts>>(path, body)));
}

/** The server says what it removed; ledger and lock as they are afterwards are a question of their own. */
async function unlockApi(
  asked: ApiContext,
  lock_id: string,
  reason: string | null,
): Promise<Answered<UnlockOutput>> {
  if (reason === null) return withoutReason("end a lock");
  return withClient(asked, async (client) => {
    const ended = await client.postObject("force-unlock", { lock_id, reason });
    if (ended.tag === "failed") return unanswered(ended.diagnostics);
    const { ok, lock_removed, lease_broken, diagnostics } = ended.value;
    const status = await client.get<StatusOutput>("status");
    const { config_dir } = asked.context;
    return answered({
      ok: ok === true,
      format_version: 1,
      config_dir,
      state_observations:
        status.tag === "called" ? status.value.state_observations : nothingObserved(asked.context),
      lock_removed: lock_removed === true || lease_broken === true,
      diagnostics: (diagnostics ?? []) as readonly Diagnostic[],
    });
  });
}

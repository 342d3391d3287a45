/**
 * Plan and apply on a deployment. The config folder goes along, the plan is made there, and on a terminal it is shown
 * and asked for before anything runs: what runs then is exactly that plan.
 */
import { APPLY_OUTPUT_FORMAT_VERSION, type ApplyOutput } from "../../lib/apply/apply-output.ts";
import type { PlannedCluster } from "../../lib/apply/planning/plan-cluster.ts";
import type { ApiClient, OrderedRun } from "../../lib/client/api-client.ts";
import type { Called } from "../../lib/client/call.ts";
import { diagnostic } from "../../lib/diagnostic/diagnostic.ts";
import type { Digest } from "../../lib/digest/digest.ts";
import type { PlanId, RunId } from "../../lib/digest/ids.ts";
import type { PlanDocument } from "../../lib/plan/plan-document.ts";
import type { PlanOutput } from "../../lib/plan/plan-output.ts";
import { reviewedDigest } from "../../lib/plan/reviewed-digest.ts";
import { commandLine } from "../render/command-line.ts";
import { bundleOf } from "./api-bundle.ts";
import { type ApiContext, given, hinted, withClient } from "./api-cluster.ts";
import { answerOf, endOf, runEnd, TO_THE_END } from "./api-runs.ts";
import {
  type Answered,
  type ApplyRequest,
  answered,
  type Consent,
  type PlanRequest,
  type ReviewedPlan,
  unanswered,
} from "./cluster.ts";

export async function planApi(asked: ApiContext, request: PlanRequest): Promise<Answered<PlannedCluster>> {
  return withClient(asked, async (client) => {
    const bundle = await bundleOf(asked, client);
    if (bundle.tag !== "answered") return bundle;
    return planWith(asked, client, bundle.output.bundle_digest, request);
  });
}

async function planWith(
  asked: ApiContext,
  client: ApiClient,
  bundle_digest: string,
  { targets, purge, git }: Pick<PlanRequest, "targets" | "purge" | "git">,
): Promise<Answered<PlannedCluster>> {
  const ordered = await client.order("plans", { bundle_digest, ...given({ targets, purge, git }) });
  const planned = await endOf<PlanOutput>(asked, client, ordered, TO_THE_END);
  if (planned.tag !== "answered") return planned;
  const { plan_id } = planned.output;
  if (plan_id === null) return answered({ output: planned.output, plan: null });
  const plan = await client.plan(plan_id);
  if (plan.tag === "failed") return unanswered(plan.diagnostics);
  return answered({ output: planned.output, plan: plan.value });
}

export async function applyApi(asked: ApiContext, request: ApplyRequest): Promise<Answered<ApplyOutput>> {
  return withClient(asked, async (client) => {
    if (request.reviewed !== null) return applyReviewed(asked, client, request.reviewed, request);
    const bundle = await bundleOf(asked, client);
    if (bundle.tag !== "answered") return bundle;
    const { bundle_digest } = bundle.output;
    const { targets, consent, git } = request;
    if (consent !== null) return applyAsked(asked, client, bundle_digest, { ...request, consent });
    const mass = request.allow_mass_delete ? { allow_mass_delete: true } : {};
    const ordered = await client.order("applies", { bundle_digest, ...given({ targets, git }), ...mass });
    return applied(asked, client, ordered, request.stop_after_ms);
  });
}

/**
 * The deployment keeps every plan that it makes, so a plan in a file is run by its id. The digest of the file goes along,
 * and the deployment refuses it where the two are not one.
 */
async function applyReviewed(
  asked: ApiContext,
  client: ApiClient,
  reviewed: ReviewedPlan,
  request: ApplyRequest,
): Promise<Answered<ApplyOutput>> {
  return reviewed.tag === "named"
    ? applyPlan(asked, client, { plan_id: reviewed.id, plan_digest: null }, request)
    : applyPlan(asked, client, seen(reviewed.plan), request);
}

/** A plan that somebody has read, by what they have read. */
interface SeenPlan {
  readonly plan_id: PlanId;
  /** Null: it was named and not read here. */
  readonly plan_digest: Digest | null;
}

function seen(plan: PlanDocument): SeenPlan {
  return { plan_id: plan.plan_id, plan_digest: reviewedDigest(plan) };
}

async function applyPlan(
  asked: ApiContext,
  client: ApiClient,
  { plan_id, plan_digest }: SeenPlan,
  { allow_mass_delete, stop_after_ms }: Pick<ApplyRequest, "allow_mass_delete" | "stop_after_ms">,
): Promise<Answered<ApplyOutput>> {
  const body = { ...given({ plan_digest }), ...(allow_mass_delete ? { allow_mass_delete } : {}) };
  const ordered = await client.order(`plans/${plan_id}/apply`, body);
  return applied(asked, client, ordered, stop_after_ms);
}

async function applyAsked(
  asked: ApiContext,
  client: ApiClient,
  bundleDigest: string,
  request: ApplyRequest & { readonly consent: Consent },
): Promise<Answered<ApplyOutput>> {
  const { targets, git } = request;
  const planned = await planWith(asked, client, bundleDigest, { targets, purge: null, git });
  if (planned.tag !== "answered") return planned;
  const { plan, output } = planned.output;
  if (plan === null) return unanswered(output.diagnostics);
  const agreed = plan.changes.length === 0 || (await request.consent(plan, output.diagnostics));
  return agreed ? applyPlan(asked, client, seen(plan), request) : answered(declined(asked, output, plan));
}

/** What an apply answers that nobody consented to: the same as on a folder, where the question is asked in the run. */
function declined(
  { context }: ApiContext,
  output: PlanOutput,
  { run_id, plan_id }: PlanDocument,
): ApplyOutput {
  const message = "The plan was not accepted, so nothing was changed.";
  return {
    ok: false,
    format_version: APPLY_OUTPUT_FORMAT_VERSION,
    config_dir: context.config_dir,
    desired_revision: output.desired_revision,
    state_observations: output.state_observations,
    changes: [],
    applied_count: 0,
    deferred_count: 0,
    converged: false,
    state_written: false,
    resource_statuses: {},
    diagnostics: [...output.diagnostics, diagnostic("apply_declined", { path: "changes", message })],
    outcome: "refused",
    run_id,
    plan_id,
  };
}

/** What an apply answered. One that waits for an approval goes on by itself, and the person should know. */
async function applied(
  asked: ApiContext,
  client: ApiClient,
  ordered: Called<OrderedRun>,
  stopAfterMs: number | null,
): Promise<Answered<ApplyOutput>> {
  const ended = await runEnd(asked, client, ordered, { ...TO_THE_END, leave_after_ms: stopAfterMs });
  if (ended.tag !== "answered") return ended;
  const answer = await hinted(client, answerOf<ApplyOutput>(asked, ended.output));
  const { state, run_id } = ended.output.run;
  if (answer.tag !== "answered" || state !== "waiting_approval") return answer;
  const message = `The run ${run_id} waits for an approval.`;
  const fix = `Once it is approved the run goes on by itself: \`${commandLine(asked.context, "runs watch", run_id)}\`.`;
  const waits = diagnostic("run_waits_for_approval", { path: run_id, message, fix });
  return answered({ ...answer.output, diagnostics: [...answer.output.diagnostics, waits] });
}

export async function goOnApi(
  asked: ApiContext,
  id: RunId,
  stopAfterMs: number | null,
): Promise<Answered<ApplyOutput>> {
  return withClient(asked, async (client) => applied(asked, client, await client.run(id, 0), stopAfterMs));
}

/**
 * The apply that is disturbed in every way: a graph is created, one is migrated, one is deleted with an approval, a query
 * is added. It is ordered once, and every case begins in the world in which it was.
 */
import { FIND_PERSON, NOTES, PERSON, PERSON_WITH_NOTE } from "../apply/cluster-files.ts";
import { type Outcome, outcomeOf, problemsAtRest } from "./cluster-at-rest.ts";
import { type Lambda, messageProblems } from "./lambda.ts";
import { call, configOf, createCluster, handIn, promptDrain } from "./lambda-cluster.ts";
import type { SentRequest } from "./sandbox.ts";
import { putBack, readStored, type StoredCluster } from "./stored-cluster.ts";

export const CLUSTER = "demo";
const BEFORE = configOf({
  people: { schema: PERSON, queries: { find_person: FIND_PERSON } },
  old: { schema: PERSON },
});
const AFTER = configOf({
  people: { schema: PERSON_WITH_NOTE, queries: { find_person: FIND_PERSON, notes: NOTES } },
  shop: { schema: PERSON },
});

export interface ApprovedApply {
  readonly run_id: string;
  /** The cluster with the run that nobody has begun; its message is not in the queue. */
  readonly ordered: StoredCluster;
  /** What it comes to when nothing disturbs it. */
  readonly expected: Outcome;
  /** What its function sends then. */
  readonly requests: readonly SentRequest[];
}

export async function orderApprovedApply(lambda: Lambda): Promise<ApprovedApply> {
  const run_id = await order(lambda);
  const ordered = await readStored(lambda.aws, CLUSTER);
  const sandbox = await lambda.coldStart("apply");
  await lambda.deliver("applies", sandbox);
  const requests = [...sandbox.sent];
  await lambda.pump();
  const stored = await readStored(lambda.aws, CLUSTER, ordered);
  const expected = outcomeOf(stored, run_id);
  if (expected.run.outcome !== "applied") throw new Error(JSON.stringify(expected));
  return { run_id, ordered, expected, requests };
}

async function order(lambda: Lambda): Promise<string> {
  await createCluster(lambda, CLUSTER, BEFORE);
  const { plan_id } = await handIn(lambda, CLUSTER, AFTER, "plan");
  const approval = { address: "graph.old", plan_id, reason: "nobody uses it" };
  const path = `${CLUSTER}/approvals`;
  const approved = await call(lambda, { method: "POST", path, body: approval, by: "ana" });
  if (approved.status !== 201) throw new Error(JSON.stringify(approved));
  await lambda.pump();
  const apply = await call(lambda, { method: "POST", path: `${CLUSTER}/plans/${plan_id}/apply`, body: {} });
  return apply.body.run.run_id;
}

/** The world as it was when the run was ordered, with its message. */
export async function beginAgain(lambda: Lambda, { ordered }: ApprovedApply): Promise<void> {
  await putBack(lambda.aws, ordered);
  await promptDrain(lambda, CLUSTER);
}

/** What is wrong when the run should have come to its end, as it does undisturbed. */
export async function problemsOfEnd(lambda: Lambda, apply: ApprovedApply): Promise<readonly string[]> {
  const stored = await readStored(lambda.aws, CLUSTER, apply.ordered);
  const outcome = JSON.stringify(outcomeOf(stored, apply.run_id));
  const other = outcome === JSON.stringify(apply.expected) ? [] : [`it came to ${outcome}`];
  return [...problemsAtRest(stored), ...other, ...(await messageProblems(lambda))];
}

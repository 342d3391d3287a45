/**
 * A cluster with a past, to be checked: a graph deleted with an approval, a schema change that a sweep recorded, a
 * protected graph, an approval that is open and one that was taken back. And the words to check and to mend it.
 */
import { expect } from "vitest";
import { decodeEvidence } from "../../lib/approval/evidence.ts";
import { type FsckOutput, fsckCluster } from "../../lib/observe/fsck-cluster.ts";
import { discardIntent } from "../../lib/operate/discard-intent.ts";
import { protectGraph } from "../../lib/operate/protect-graph.ts";
import { recoverCluster } from "../../lib/operate/recover-cluster.ts";
import { revokeApproval } from "../../lib/operate/revoke-approval.ts";
import {
  appliedWorld,
  apply,
  type Client,
  codesOf,
  desiredFrom,
  importCluster,
  keysBelow,
  loadPeople,
  openClient,
  putText,
  refresh,
  textOf,
  type World,
} from "../apply/cluster.ts";
import { type ClusterFiles, FIND_PERSON, PERSON, PERSON_WITH_NOTE } from "../apply/cluster-files.ts";
import { interfering } from "../apply/faults.ts";
import { approved } from "../operate/approvals.ts";

export const STATE = "__cluster/state.json";
export const EVIDENCE = "__graphform/approvals/";
export const ARTIFACTS = "__cluster/approvals/";
export const RECEIPTS = "__graphform/receipts/";
export const HEADS = "__graphform/heads/";

const QUERIES = { find_person: FIND_PERSON };
const EXTRA = { schema: PERSON };
const ALL: ClusterFiles = {
  graphs: { people: { schema: PERSON, queries: QUERIES }, shop: EXTRA, extra: EXTRA },
  policies: { staff: { applies_to: ["people"] } },
};
const WITHOUT_SHOP: ClusterFiles = {
  ...ALL,
  graphs: { people: { schema: PERSON, queries: QUERIES }, extra: EXTRA },
};
/** What the cluster has converged to. */
export const CONFIG: ClusterFiles = {
  ...ALL,
  graphs: { people: { schema: PERSON_WITH_NOTE, queries: QUERIES }, extra: EXTRA },
};
export const WITHOUT_EXTRA: ClusterFiles = {
  ...ALL,
  graphs: { people: { schema: PERSON_WITH_NOTE, queries: QUERIES } },
};

export interface CheckedCluster {
  readonly client: Client;
  /** Ids of the approvals by what became of them. */
  readonly used: string;
  readonly open: string;
  readonly revoked: string;
}

export async function checkedCluster(): Promise<CheckedCluster> {
  const client = await appliedWorld(ALL);
  const used = (await approved(client, WITHOUT_SHOP)).approval_id;
  expect((await apply(client, WITHOUT_SHOP)).converged).toBe(true);
  await losesItsEnd(client);
  expect(codesOf(await refresh(client, CONFIG), "error")).toEqual([]);
  expect((await apply(client, CONFIG)).converged).toBe(true);
  await loadPeople(client, "people", "ada");
  await refresh(client, CONFIG);
  await protect(client, "people");
  const extra = { resource: "graph.extra" };
  const revoked = (await approved(client, WITHOUT_EXTRA, extra)).approval_id;
  await revoke(client, revoked);
  const open = (await approved(client, WITHOUT_EXTRA, extra)).approval_id;
  return { client, used, open, revoked };
}

/** The schema change lands, and the run dies before it records that. */
async function losesItsEnd({ world }: Client): Promise<void> {
  let commits = 0;
  const failing = interfering((call) => {
    if (call.key !== STATE || !call.writes) return "act";
    commits += 1;
    return commits === 1 ? "act" : "fail";
  });
  expect(codesOf(await apply(openClient(world, failing), CONFIG), "error")).not.toEqual([]);
}

export async function protect(client: Client, graph: string): Promise<void> {
  const command = {
    verb: "protect",
    graph,
    desired: desiredFrom(CONFIG),
    actor: "ana",
    trigger: "test",
  } as const;
  expect((await protectGraph(client.ports, { ...command, reason: "dear" })).ok).toBe(true);
}

async function revoke(client: Client, approval_id: string): Promise<void> {
  const command = { config_dir: "demo", approval_id, actor: "ana", reason: null };
  expect(codesOf(await revokeApproval(client.ports, command))).toEqual([]);
}

export function check(client: Client): Promise<FsckOutput> {
  return fsckCluster(client.ports, { config_dir: "demo", repair: true });
}

/** `verdict area subject` of everything that is not as it should be. */
export function flawsIn({ facts }: FsckOutput): readonly string[] {
  return facts
    .filter(({ verdict }) => verdict === "unknown" || verdict === "contradicted")
    .map(({ verdict, area, subject }) => `${verdict} ${area} ${subject}`);
}

export function commandsIn({ repair }: FsckOutput): readonly string[] {
  return (repair ?? []).map(({ command }) => command.join(" "));
}

/** Does what a check proposes, in its order. */
export async function mend(client: Client, output: FsckOutput, config: ClusterFiles): Promise<void> {
  const desired = desiredFrom(config);
  const command = { desired, actor: "ana", trigger: "test" };
  for (const { command: words } of output.repair ?? []) {
    const [verb, second, id = ""] = words;
    if (verb === "refresh") expect(codesOf(await refresh(client, config), "error")).toEqual([]);
    else if (verb === "apply") expect((await apply(client, config)).converged).toBe(true);
    else if (verb === "import") expect(codesOf(await importCluster(client, config), "error")).toEqual([]);
    else if (verb === "approvals") await revoke(client, id);
    else if (second === "discard") {
      const discarded = await discardIntent(client.ports, { ...command, operation_id: id, reason: null });
      expect(discarded).toMatchObject({ ok: true });
    } else expect(await recoverCluster(client.ports, command)).toMatchObject({ ok: true });
  }
}

/** Changes a stored JSON document, past everything that guards it. */
export function edit(world: World, key: string, change: (document: Record<string, unknown>) => object): void {
  const document = JSON.parse(textOf(world, key)) as Record<string, unknown>;
  putText(world, key, `${JSON.stringify(change(document), null, 2)}\n`);
}

export function remove(world: World, ...keys: readonly (string | undefined)[]): void {
  for (const key of keys) world.objects.objects.delete(key ?? "");
}

/** A key below the prefix, counted from the end. */
export function lastKey(world: World, prefix: string, back = 1): string {
  return keysBelow(world, prefix).at(-back) ?? "";
}

/** The evidence of an approval as it would have been in another state. */
export function evidenceIn(world: World, id: string, state: object): void {
  edit(world, `${EVIDENCE}${id}.json`, (document) => ({ ...document, state }));
  const decoded = decodeEvidence(world.objects.objects.get(`${EVIDENCE}${id}.json`) ?? new Uint8Array());
  expect(decoded.tag).toBe("decoded");
}

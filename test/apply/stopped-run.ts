/** Three graphs that one run changes, and a run that stopped after the first of them: for tests of going on. */
import type { ApplyOutput } from "../../lib/apply/apply-output.ts";
import type { ApplyCommand } from "../../lib/apply/run-apply.ts";
import { applyUntil, continueApply } from "../../lib/apply/runs/recorded-apply.ts";
import { decodeRunRecord, type RunRecord } from "../../lib/apply/runs/run-record.ts";
import type { RunId } from "../../lib/digest/ids.ts";
import {
  appliedWorld,
  applyCommand,
  type Client,
  type Config,
  desiredFrom,
  loadPeople,
  refresh,
  type World,
} from "./cluster.ts";
import {
  ALL_PEOPLE,
  type ClusterFiles,
  FIND_PERSON,
  NOTES,
  PERSON,
  PERSON_WITH_NOTE,
} from "./cluster-files.ts";

export const BEFORE: ClusterFiles = {
  graphs: {
    people: { schema: PERSON, queries: { find_person: FIND_PERSON } },
    staff: { schema: PERSON, queries: { find_person: FIND_PERSON } },
  },
  policies: { members: { applies_to: ["people"] } },
};

/** A graph is created, then two are migrated. */
export const AFTER_FILES: ClusterFiles = {
  graphs: {
    people: { schema: PERSON_WITH_NOTE, queries: { notes: NOTES } },
    shop: { schema: PERSON, queries: { all_people: ALL_PEOPLE } },
    staff: { schema: PERSON_WITH_NOTE, queries: { find_person: FIND_PERSON, notes: NOTES } },
  },
  policies: { members: { applies_to: ["people", "shop"] } },
};
export const AFTER = desiredFrom(AFTER_FILES);
export const GRAPHS = ["people", "shop", "staff"];

/** Longer than any of these tests, whose clocks run fast. */
export const LONG_MS = 10 ** 12;

/** Two loaded graphs, refreshed. */
export async function loadedWorld(): Promise<Client> {
  const client = await appliedWorld(BEFORE);
  await loadPeople(client, "people", "ada", "bob");
  await loadPeople(client, "staff", "eve");
  await refresh(client, BEFORE);
  return client;
}

/** Told to stop when `effects` have ended. */
export function stopAfter(effects: number): Pick<ApplyCommand, "interrupted" | "progress"> {
  let ended = 0;
  return {
    interrupted: () => ended >= effects,
    progress: (step) => {
      if (step.tag === "effect_ended") ended += 1;
    },
  };
}

/** A recorded run that stops after the first of its three effects. */
export function stoppedRun(client: Client, overrides: Partial<ApplyCommand> = {}): Promise<ApplyOutput> {
  return applyUntil(client.ports, applyCommand(AFTER, { ...stopAfter(1), ...overrides }), LONG_MS);
}

/** Goes on with a run, by somebody else. */
export function goOn(
  client: Client,
  id: RunId,
  config: Config = AFTER,
  overrides: Partial<ApplyCommand> = {},
): Promise<ApplyOutput> {
  return continueApply(client.ports, { ...applyCommand(config, { actor: "eve", ...overrides }) }, id, null);
}

export function recordOf(world: World, id: RunId): RunRecord {
  const decoded = decodeRunRecord(
    world.objects.objects.get(`__graphform/runs/${id}.json`) ?? new Uint8Array(),
  );
  if (decoded.tag === "invalid") throw new Error(`record of ${id}: ${decoded.detail}`);
  return decoded.record;
}

/** A cluster in memory that was applied and has rows, and its first backup. */
import { expect } from "vitest";
import {
  apply,
  type Client,
  codesOf,
  importCluster,
  loadPeople,
  newWorld,
  type World,
} from "../apply/cluster.ts";
import { type ClusterFiles, FIND_PERSON, PERSON, PERSON_WITH_NOTE } from "../apply/cluster-files.ts";
import { type Backing, backUp, newBacking, openFiled } from "./backed-up.ts";

export const CONFIG: ClusterFiles = {
  graphs: { people: { schema: PERSON, queries: { find_person: FIND_PERSON } } },
  policies: { readers: { applies_to: ["people"] } },
};
export const CHANGED: ClusterFiles = {
  graphs: { people: { schema: PERSON_WITH_NOTE, queries: { find_person: FIND_PERSON } } },
};
export const CLAIM = "__graphform/restores/00000000000000000001.json";

export async function deployed(): Promise<Client> {
  const client = openFiled(newWorld());
  expect(codesOf(await importCluster(client, CONFIG), "error")).toEqual([]);
  expect((await apply(client, CONFIG)).converged).toBe(true);
  await loadPeople(client, "people", "Ada", "Bo");
  return client;
}

export async function backedUp(): Promise<{ readonly client: Client; readonly backing: Backing }> {
  const client = await deployed();
  const backing = newBacking(client.world);
  expect(codesOf(await backUp(backing))).toEqual([]);
  return { client, backing };
}

export function structuredCloneOf({ objects }: World): World["objects"] {
  return { objects: new Map(objects.objects), lease: objects.lease };
}

/**
 * The configs that operators want: a few small clusters over the graphs a, b and c that differ in every way that
 * matters: graphs come and go, schemas grow, queries, a policy and a provider change. Each is loaded once.
 */
import type { Desired } from "../../lib/desired/desired.ts";
import {
  ALL_PEOPLE,
  type ClusterFiles,
  desiredCluster,
  FIND_PERSON,
  NOTES,
  PERSON,
  PERSON_WITH_NOTE,
} from "../apply/cluster-files.ts";

const PERSON_WITH_NICK =
  "node Person {\n  name: String @key\n  age: I32?\n  note: String?\n  nick: String?\n}\n";

export const CONFIG_NAMES = ["A", "B", "C", "D", "E", "F"] as const;
export type ConfigName = (typeof CONFIG_NAMES)[number];

const FILES: Readonly<Record<ConfigName, ClusterFiles>> = {
  A: { graphs: { a: { schema: PERSON, queries: { find_person: FIND_PERSON } }, b: { schema: PERSON } } },
  B: { graphs: { a: { schema: PERSON_WITH_NOTE, queries: { notes: NOTES } }, c: { schema: PERSON } } },
  C: {
    graphs: {
      a: { schema: PERSON_WITH_NICK, queries: { all_people: ALL_PEOPLE } },
      b: { schema: PERSON_WITH_NOTE },
      c: { schema: PERSON, provider: "small" },
    },
    providers: { small: "one" },
  },
  D: { graphs: { b: { schema: PERSON, queries: { all_people: ALL_PEOPLE } } } },
  E: {
    graphs: { a: { schema: PERSON, queries: { find_person: FIND_PERSON } }, b: { schema: PERSON } },
    policies: { staff: { applies_to: ["a"] } },
  },
  F: {
    graphs: { a: { schema: PERSON_WITH_NOTE }, b: { schema: PERSON, queries: { find_person: FIND_PERSON } } },
  },
};

const loaded = new Map<ConfigName, Desired>();

export function desiredOfConfig(name: ConfigName): Desired {
  const known = loaded.get(name) ?? desiredCluster(FILES[name]);
  loaded.set(name, known);
  return known;
}

/** Every graph that any config declares. */
export const GRAPHS = ["a", "b", "c"] as const;
export type GraphName = (typeof GRAPHS)[number];

/** Random configs of a small cluster: three graph ids, two providers, two policies, in every combination. */
import fc from "fast-check";
import {
  ALL_PEOPLE,
  type ClusterFiles,
  desiredCluster,
  FIND_PERSON,
  type GraphFiles,
  PERSON,
  PERSON_WITH_NOTE,
} from "../apply/cluster-files.ts";

const PROVIDERS = ["small", "big"] as const;
const GRAPHS = ["a", "b", "c"] as const;

const graph = fc.record(
  {
    schema: fc.constantFrom(PERSON, PERSON_WITH_NOTE),
    queries: fc.constantFrom(
      {},
      { find_person: FIND_PERSON },
      { all_people: ALL_PEOPLE },
      { find_person: FIND_PERSON, all_people: ALL_PEOPLE },
    ),
    provider: fc.constantFrom(...PROVIDERS),
    blobs: fc.constantFrom("s3://assets/a/", "s3://assets/b/"),
  },
  { requiredKeys: ["schema", "queries"] },
);

type Graphs = Readonly<Partial<Record<(typeof GRAPHS)[number], GraphFiles>>>;

const graphs: fc.Arbitrary<Graphs> = fc.record({ a: graph, b: graph, c: graph }, { requiredKeys: [] });

/** Every provider that a graph is bound to is declared, and policies are bound to declared graphs. */
export const anyClusterFiles: fc.Arbitrary<ClusterFiles> = fc
  .record({
    graphs,
    models: fc.record({ small: fc.constantFrom("1", "2"), big: fc.constantFrom("1", "2") }),
    spare: fc.boolean(),
    staff: fc.option(fc.subarray([...GRAPHS], { minLength: 1 }), { nil: null }),
    readers: fc.constantFrom(["ana"], ["ana", "ben"]),
  })
  .map(({ graphs, models, spare, staff, readers }) => {
    const used = PROVIDERS.filter(
      (name) => spare || Object.values(graphs).some((each) => each?.provider === name),
    );
    const bound = (staff ?? []).filter((id) => graphs[id] !== undefined);
    return {
      graphs: withoutGaps(graphs),
      providers: Object.fromEntries(used.map((name) => [name, models[name]])),
      ...(bound.length === 0 ? {} : { policies: { staff: { applies_to: bound, readers } } }),
    };
  });

function withoutGaps(graphs: Graphs): Readonly<Record<string, GraphFiles>> {
  const entries = Object.entries(graphs).flatMap(([id, each]) =>
    each === undefined ? [] : [[id, each] as const],
  );
  return Object.fromEntries(entries);
}

export const anyDesired = anyClusterFiles.map(desiredCluster);

/** How many graphs one run may delete without being told so. */
import { describe, expect, it } from "vitest";
import type { Address } from "../../lib/desired/address.ts";
import type { Change, Disposition } from "../../lib/plan/change.ts";
import { massDelete } from "../../lib/plan/mass-delete.ts";
import { desiredFrom } from "../apply/cluster.ts";
import { PERSON } from "../apply/cluster-files.ts";

const SOME = desiredFrom({ graphs: { kept: { schema: PERSON } } });
const NONE = desiredFrom({});

function deletes(count: number, disposition: Disposition = "applied"): readonly Change[] {
  return Array.from({ length: count }, (_, index) => graphDelete(index, disposition));
}

function graphDelete(index: number, disposition: Disposition): Change {
  return { resource: `graph.g${index}` as Address, operation: "delete", disposition };
}

const messages = (changes: readonly Change[], desired = SOME, max = 3) =>
  massDelete(changes, desired, max).map((each) => each.message);

describe("a mass delete", () => {
  it("begins with one delete more than the deployment allows, on both sides of the limit", () => {
    expect(messages(deletes(3))).toEqual([]);
    expect(messages(deletes(4))).toEqual([
      "The run would delete 4 graphs, and this deployment deletes at most 3 in one run: graph.g0, graph.g1, graph.g2, graph.g3.",
    ]);
    expect(messages(deletes(1), SOME, 0)).toHaveLength(1);
    expect(messages(deletes(7))[0]).toContain("graph.g4 and 2 more");
  });

  it("counts deletes that wait for an approval, and not those that --target leaves out", () => {
    expect(messages([...deletes(3), graphDelete(3, "blocked")])).toHaveLength(1);
    expect(messages([...deletes(3), graphDelete(3, "deferred")])).toEqual([]);
  });

  it("counts graphs only, because their schemas and queries go with them", () => {
    const children = ["schema.g0", "query.g0.a", "query.g0.b", "policy.p", "provider.embedding.e"].map(
      (resource) => ({ ...graphDelete(0, "applied"), resource: resource as Address }),
    );
    expect(messages([...deletes(3), ...children])).toEqual([]);
  });

  it("is also the delete of everything by a config without a graph, unless each delete is approved", () => {
    expect(messages(deletes(2, "blocked"), NONE)).toEqual([
      "The config declares no graph, so the run would delete all: graph.g0, graph.g1; not every delete is approved.",
    ]);
    expect(messages([...deletes(1), graphDelete(1, "blocked")], NONE)).toHaveLength(1);
    expect(messages(deletes(2), NONE)).toEqual([]);
    expect(messages(deletes(2, "deferred"), NONE)).toEqual([]);
    expect(messages([], NONE)).toEqual([]);
  });
});

/** Keys and names of a graph's parts (design 6). */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compareBytes } from "../../lib/digest/digest.ts";
import type { GraphId, IncarnationId, OperationId } from "../../lib/digest/ids.ts";
import {
  branchBase,
  branchName,
  datasetName,
  graphOfKey,
  manifestKey,
  manifestVersion,
  markerKey,
  parseDatasetName,
} from "../../lib/engine/paths.ts";

const GRAPH = "company" as GraphId;
const LIFE = "01ARZ3NDEKTSV4RRFFQ69G5FAV" as IncarnationId;
const version = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });

describe("paths", () => {
  it("sorts the newest manifest first, so that one listed key is the head", () => {
    fc.assert(
      fc.property(version, version, (a, b) => {
        fc.pre(a > b);
        expect(compareBytes(manifestKey(GRAPH, a), manifestKey(GRAPH, b))).toBeLessThan(0);
      }),
    );
  });

  it("finds the version of every manifest key again, and none in any other key", () => {
    fc.assert(
      fc.property(version, (each) => {
        expect(manifestVersion(GRAPH, manifestKey(GRAPH, each))).toBe(each);
      }),
    );
    const key = manifestKey(GRAPH, 7);
    for (const other of [`${key}x`, key.slice(0, -6), key.replace("company", "other"), markerKey(GRAPH)]) {
      expect(manifestVersion(GRAPH, other)).toBeNull();
    }
  });

  it("writes manifest 1 as the design does", () => {
    expect(manifestKey(GRAPH, 1)).toBe("graphs/company.omni/__manifest/99999999999999999998.json");
  });

  it("finds life, type and first version of a dataset name again, and refuses names that leave the folder", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 2 ** 31 }),
        fc.integer({ min: 1, max: 2 ** 45 }),
        (type, first) => {
          const parsed = parseDatasetName(datasetName(LIFE, type, first));
          expect(parsed).toEqual({ incarnation: LIFE, type_id: type, first });
        },
      ),
    );
    for (const name of [
      `../${LIFE}/5-1.lance`,
      `${LIFE}/0-1.lance`,
      `${LIFE}/5-1.lance/x`,
      "5-1.lance",
      "",
    ]) {
      expect(parseDatasetName(name)).toBeNull();
    }
  });

  it("finds the base version of a branch name again", () => {
    expect(branchBase(branchName(12, "01H5ZK3Q8YV6T2N4M7R9S1B3C5" as OperationId))).toBe(12);
    for (const other of ["main", "-1-x", "x-1", "12", ""]) expect(branchBase(other)).toBeNull();
  });

  it("knows the graph of a key below a root, and of no other", () => {
    expect(graphOfKey("graphs/company.omni/graphform.json")).toBe(GRAPH);
    for (const other of ["graphs/company/x", "graphs/1x.omni/x", "graph/company.omni/x"]) {
      expect(graphOfKey(other)).toBeNull();
    }
  });
});

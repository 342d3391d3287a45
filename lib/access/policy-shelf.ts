/**
 * PolicyShelf: the policy engines of a process, compiled once for each scope and digest. What is under a digest never
 * changes, so nothing on the shelf can be stale; which digest counts is read from the ledger each time.
 */
import type { ClusterPorts } from "../apply/cluster-ports.ts";
import { graphAddress } from "../desired/address.ts";
import type { GraphId } from "../digest/ids.ts";
import type { PolicyBundle } from "../policy/bundle.ts";
import { type ControlEngine, createControlEngine } from "../policy/control.ts";
import { createPolicyEngine, type PolicyEngine } from "../policy/decide.ts";
import {
  type AppliedRevision,
  type BoundPolicy,
  type BundleCache,
  boundPolicy,
  remember,
} from "./applied-policy.ts";
import type { CatalogCache } from "./query-catalog.ts";

export type ShelvedEngine<Engine> =
  | {
      readonly tag: "engine";
      readonly digest: string;
      readonly engine: Engine;
      readonly bundle: PolicyBundle;
    }
  | Exclude<BoundPolicy, { tag: "bound" }>;

export interface PolicyShelf {
  /** The engine of the bundle that is bound to the cluster. */
  control(ports: ClusterPorts, applied: AppliedRevision): Promise<ShelvedEngine<ControlEngine>>;
  /** The engine of the bundle that is bound to `graph`. */
  graph(ports: ClusterPorts, applied: AppliedRevision, graph: GraphId): Promise<ShelvedEngine<PolicyEngine>>;
  readonly catalogs: CatalogCache;
}

export function createPolicyShelf(): PolicyShelf {
  const bundles: BundleCache = new Map();
  const controls = new Map<string, ControlEngine>();
  const graphs = new Map<string, PolicyEngine>();
  return {
    catalogs: new Map(),
    async control(ports, applied) {
      const bound = await boundPolicy(ports, applied, "cluster", bundles);
      if (bound.tag !== "bound") return bound;
      const selfApproval = ports.rules.self_approval === "allowed";
      const key = JSON.stringify([ports.root, bound.digest, selfApproval]);
      const known = controls.get(key);
      const engine = known ?? createControlEngine(bound.bundle, ports.root, { selfApproval });
      if (known === undefined) remember(controls, key, engine);
      return { ...bound, tag: "engine", engine };
    },
    async graph(ports, applied, graph) {
      const bound = await boundPolicy(ports, applied, graphAddress(graph), bundles);
      if (bound.tag !== "bound") return bound;
      const key = JSON.stringify([graph, bound.digest]);
      const known = graphs.get(key);
      const engine = known ?? createPolicyEngine(bound.bundle, { kind: "graph", graph });
      if (known === undefined) remember(graphs, key, engine);
      return { ...bound, tag: "engine", engine };
    },
  };
}

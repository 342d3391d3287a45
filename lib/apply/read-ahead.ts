/**
 * ReadAhead: what a run has to know before it takes the lease, asked for while its config is being loaded, so that it is
 * no link of its own in the chain of calls (design 12).
 *
 * Neither answer may decide anything by its freshness. Nobody changes the record of the deployment once it is there, and
 * whoever finds none claims it on the condition that there is none. The token floor matters only where the lease table
 * was lost; the ledger that is read under the lease is compared with the token again, so that a floor that has become
 * too low is found out before anything is written (K1, K4).
 */
import { checkDeployment, type DeploymentCheck } from "../ledger/deployment.ts";
import { readTokenFloor, type TokenFloor } from "../ledger/lease.ts";
import type { ClusterPorts } from "./cluster-ports.ts";

export interface ReadAhead {
  readonly deployment: DeploymentCheck;
  readonly token_floor: TokenFloor;
}

export async function readAhead(ports: ClusterPorts): Promise<ReadAhead> {
  const [deployment, token_floor] = await Promise.all([
    checkDeployment(ports, ports.lease_table),
    readTokenFloor(ports),
  ]);
  return { deployment, token_floor };
}

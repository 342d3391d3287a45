/** Who holds a lease, in words that a person can act on: host name and process id. */
import { hostname } from "node:os";

export interface ProcessIdentity {
  readonly owner: string;
  readonly pid: number;
}

/** This process. */
export function processIdentity(): ProcessIdentity {
  return { owner: `${hostname()}:${process.pid}`, pid: process.pid };
}

/** Api: what the routes need from outside, and what is known of one request. */
import type { ApprovalAccess } from "../access/access.ts";
import type { Caller, Identified } from "../access/caller.ts";
import type { ClusterPorts } from "../apply/cluster-ports.ts";
import type { ClusterName } from "../digest/ids.ts";
import type { Deployment } from "../worker/deployment.ts";
import type { PageTokens } from "./page-tokens.ts";

/** Where an identity may come from; nothing else of a request has a say in it. */
export interface RequestOrigin {
  /** The request context of the gateway; null if there is no gateway in front. */
  readonly context: unknown;
  /** The `Authorization` header: a token that the gateway has verified, or that the server verifies itself. */
  readonly authorization: string | null;
}

/** Who makes the request; null: nobody who is known, which is 401 whatever was asked for. */
export type Identify = (origin: RequestOrigin) => Promise<Identified>;

/** What the app is made from. */
export interface ApiParts {
  readonly deployment: Deployment;
  readonly access: ApprovalAccess;
  readonly identify: Identify;
}

export interface Api extends ApiParts {
  readonly pages: PageTokens;
}

/** One request, of whoever it may be. */
export interface Exchange {
  readonly api: Api;
  readonly request: Request;
  readonly params: Readonly<Record<string, string>>;
  readonly origin: RequestOrigin;
  readonly request_id: string;
}

/** One request of a caller. */
export interface CallerExchange extends Exchange {
  readonly caller: Caller;
}

/** One request of a caller about one cluster, which may not exist. */
export interface ClusterExchange extends CallerExchange {
  readonly cluster: ClusterName;
  readonly ports: ClusterPorts;
}

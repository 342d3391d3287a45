/** Where a deployment's API is, which of its clusters a command is about, and how the caller proves who they are. */
export type ApiAuth =
  /** A bearer token from an environment variable, so that it is in no process list and no history. */
  | { readonly tag: "token"; readonly env: string }
  /** Requests signed with the AWS credentials of this machine; region null: the one of the URL or the environment. */
  | { readonly tag: "iam"; readonly region: string | null };

export interface ApiTarget {
  /** Without a slash at its end. */
  readonly url: string;
  /** Null: the one that cluster.yaml names. */
  readonly cluster: string | null;
  readonly auth: ApiAuth;
  /** The words of a command line that choose it again; none for the default. */
  readonly words: readonly string[];
}

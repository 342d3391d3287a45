/** Authorize: what proves who sends a request. Asked anew for each sending, because signatures hold minutes. */
import type { Diagnostic } from "../diagnostic/diagnostic.ts";
import type { HttpRequest } from "./transport.ts";

export type Authorized =
  | { readonly tag: "headers"; readonly headers: Readonly<Record<string, string>> }
  /** There is no token, or there are no credentials. */
  | { readonly tag: "failed"; readonly diagnostics: readonly Diagnostic[] };

export type Authorize = (request: HttpRequest & { readonly body: Uint8Array | null }) => Promise<Authorized>;

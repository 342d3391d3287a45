/**
 * HTTP transport: one request, one answer. Handed in, so that the client knows no network and tests need none.
 *
 * Guarantees: nothing is sent twice and nothing throws; redirects are not followed, because a signed or authorised
 * request belongs to one host. `unreachable` says nothing about whether the server has done what was asked.
 */
export interface ByteSource {
  readonly bytes: number;
  /** The same bytes each time. */
  readonly open: () => AsyncIterable<Uint8Array>;
}

export interface HttpRequest {
  readonly method: "GET" | "POST" | "PUT";
  readonly url: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | ByteSource | null;
  readonly timeout_ms: number;
  /** Ends the request early; the outcome is `unreachable` then. */
  readonly abort?: AbortSignal | undefined;
}

export interface HttpAnswer<Body> {
  readonly tag: "answered";
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Body;
}

export interface Unreachable {
  readonly tag: "unreachable";
  /** Continues "because": a refused connection, a name that is not known, a timeout. */
  readonly reason: string;
}

export interface HttpTransport {
  /** The whole answer, at most `bytesMax` bytes of it; a longer one is `unreachable`. */
  send(request: HttpRequest, bytesMax: number): Promise<HttpAnswer<Uint8Array> | Unreachable>;
  /** The answer as it comes; its iteration throws if the connection ends before it does. */
  stream(request: HttpRequest): Promise<HttpAnswer<AsyncIterable<Uint8Array>> | Unreachable>;
}

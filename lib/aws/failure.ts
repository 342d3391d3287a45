/**
 * Failure: what an error of the AWS SDK says about the request behind it. The one place that knows error shapes.
 *
 * Guarantees: total, and exactly one answer for every shape. Only answers that prove that nothing happened count as
 * such: a condition that did not hold, a conflict (409), a missing key, a throttle, another refusal (4xx), and
 * failures before anything was sent. Everything else, unknown shapes included, is `unknown`: a write may have landed
 * (reliability 3.1, 3.2).
 */
export type Failure =
  /** S3's 412 or DynamoDB's failed condition. */
  | { readonly kind: "condition" }
  /** S3's 409: nothing was decided. */
  | { readonly kind: "conflict" }
  /** A definite 404 on the key. */
  | { readonly kind: "absent" }
  | { readonly kind: "not_accepted"; readonly reason: string }
  | { readonly kind: "unknown"; readonly reason: string };

/** Refused before the service looked at the request. */
const THROTTLES: ReadonlySet<string> = new Set([
  "SlowDown",
  "Throttling",
  "ThrottlingException",
  "ThrottledException",
  "RequestThrottled",
  "RequestThrottledException",
  "RequestLimitExceeded",
  "ProvisionedThroughputExceededException",
  "TooManyRequestsException",
  "BandwidthLimitExceeded",
]);

/** Errors of the machine before a byte of the request was on its way. */
const NEVER_SENT: ReadonlySet<string> = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "CredentialsProviderError",
  "TokenProviderError",
]);

/** A server that does not know what it was asked has not done it. */
const NOT_IMPLEMENTED = 501;

const ABSENT: ReadonlySet<string> = new Set(["NoSuchKey", "NotFound"]);

/** Refusals that speak of the connection, not of the request. */
const TIMEOUTS: ReadonlySet<string> = new Set(["RequestTimeout", "RequestTimeoutException"]);

const CONDITIONS: ReadonlySet<string> = new Set(["PreconditionFailed", "ConditionalCheckFailedException"]);
const CONFLICTS: ReadonlySet<string> = new Set([
  "ConditionalRequestConflict",
  "TransactionConflictException",
]);

/** What `error`, thrown by a call of an SDK client, says. */
export function failureOf(error: unknown): Failure {
  const name = textOf(error, "name") ?? "";
  const code = textOf(error, "code") ?? name;
  const status = statusOf(error);
  const reason = reasonOf(error, name, status);
  if (CONDITIONS.has(name) || status === 412) return { kind: "condition" };
  if (CONFLICTS.has(name) || status === 409) return { kind: "conflict" };
  if (THROTTLES.has(name) || status === 429) return { kind: "not_accepted", reason };
  if (status === null) {
    return { kind: NEVER_SENT.has(code) || NEVER_SENT.has(name) ? "not_accepted" : "unknown", reason };
  }
  if (status === 404 && ABSENT.has(name)) return { kind: "absent" };
  if (status === 408 || TIMEOUTS.has(name)) return { kind: "unknown", reason };
  const refused = (status >= 300 && status < 500) || status === NOT_IMPLEMENTED;
  return { kind: refused ? "not_accepted" : "unknown", reason };
}

/** The service's own name of the error, for the few that only one adapter knows. */
export function errorName(error: unknown): string {
  return textOf(error, "name") ?? "";
}

/** A header of the answer that an error was made of. */
export function answerHeader(error: unknown, name: string): string | undefined {
  return textOf(propertyOf(propertyOf(error, "$response"), "headers"), name) ?? undefined;
}

/** The outcome of a conditional call that failed and whose condition is not in question. */
export function withoutCondition(
  failure: Failure,
):
  | { readonly tag: "conflict" }
  | { readonly tag: "ambiguous"; readonly reason: string }
  | { readonly tag: "unavailable"; readonly reason: string } {
  switch (failure.kind) {
    case "conflict":
      return { tag: "conflict" };
    case "unknown":
      return { tag: "ambiguous", reason: failure.reason };
    case "not_accepted":
      return { tag: "unavailable", reason: failure.reason };
    case "condition":
      return { tag: "unavailable", reason: "a condition was refused that was not sent" };
    case "absent":
      return { tag: "unavailable", reason: "what was addressed does not exist" };
  }
}

/** Why a read failed, in words. */
export function readFailure(failure: Failure): { readonly tag: "unavailable"; readonly reason: string } {
  const reason = "reason" in failure ? failure.reason : `the store answered ${failure.kind}`;
  return { tag: "unavailable", reason };
}

export type Answer<Value> =
  | { readonly tag: "ok"; readonly value: Value }
  | { readonly tag: "failed"; readonly failure: Failure; readonly error: unknown };

/** Runs one call of an SDK client and turns what it throws into a value. The only `catch` around them. */
export async function attempt<Value>(call: () => Promise<Value>): Promise<Answer<Value>> {
  try {
    return { tag: "ok", value: await call() };
  } catch (error) {
    return { tag: "failed", failure: failureOf(error), error };
  }
}

function propertyOf(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined;
}

function textOf(error: unknown, key: string): string | null {
  const value = propertyOf(error, key);
  return typeof value === "string" ? value : null;
}

function statusOf(error: unknown): number | null {
  const status = propertyOf(propertyOf(error, "$metadata"), "httpStatusCode");
  return typeof status === "number" ? status : null;
}

function reasonOf(error: unknown, name: string, status: number | null): string {
  const message = typeof error === "string" ? error : (textOf(error, "message") ?? "");
  const said = [name, message].filter((part, at) => part !== "" && (at === 0 || part !== name)).join(": ");
  if (said === "") return status === null ? "the call failed without saying why" : `HTTP ${status}`;
  return status === null ? said : `${said} (HTTP ${status})`;
}

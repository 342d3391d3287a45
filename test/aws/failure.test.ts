/** Every shape of an error is one answer; of a write, what is not proven to have done nothing may have landed. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { attempt, type Failure, failureOf, withoutCondition } from "../../lib/aws/failure.ts";

function sdkError(name: string, status: number | null, extra: object = {}): Error {
  const metadata = status === null ? {} : { $metadata: { httpStatusCode: status, attempts: 1 } };
  return Object.assign(new Error("by the test"), { name, ...metadata, ...extra });
}

const ROWS: readonly (readonly [string, Error, Failure["kind"]])[] = [
  ["S3's 412", sdkError("PreconditionFailed", 412), "condition"],
  ["a 412 of another name", sdkError("UnknownError", 412), "condition"],
  ["DynamoDB's failed condition", sdkError("ConditionalCheckFailedException", 400), "condition"],
  ["S3's 409", sdkError("ConditionalRequestConflict", 409), "conflict"],
  ["another 409", sdkError("OperationAborted", 409), "conflict"],
  ["DynamoDB's transaction conflict", sdkError("TransactionConflictException", 400), "conflict"],
  ["a missing key", sdkError("NoSuchKey", 404), "absent"],
  ["a missing key of a HEAD", sdkError("NotFound", 404), "absent"],
  ["a missing bucket", sdkError("NoSuchBucket", 404), "not_accepted"],
  ["a missing table", sdkError("ResourceNotFoundException", 400), "not_accepted"],
  ["a forbidden call", sdkError("AccessDenied", 403), "not_accepted"],
  ["a bucket of another region", sdkError("PermanentRedirect", 301), "not_accepted"],
  ["S3's throttle", sdkError("SlowDown", 503), "not_accepted"],
  ["DynamoDB's throttle", sdkError("ProvisionedThroughputExceededException", 400), "not_accepted"],
  ["an API's throttle", sdkError("ThrottlingException", 400), "not_accepted"],
  ["a 429", sdkError("Whatever", 429), "not_accepted"],
  ["what a server does not know", sdkError("NotImplemented", 501), "not_accepted"],
  ["a 503 that is no throttle", sdkError("ServiceUnavailable", 503), "unknown"],
  ["a 500", sdkError("InternalError", 500), "unknown"],
  ["a gateway's 502", sdkError("UnknownError", 502), "unknown"],
  ["a gateway's 504", sdkError("UnknownError", 504), "unknown"],
  ["S3's own timeout", sdkError("RequestTimeout", 400), "unknown"],
  ["our timeout", sdkError("TimeoutError", null), "unknown"],
  ["a reset connection", sdkError("Error", null, { code: "ECONNRESET" }), "unknown"],
  ["a broken pipe", sdkError("Error", null, { code: "EPIPE" }), "unknown"],
  ["nobody listening", sdkError("Error", null, { code: "ECONNREFUSED" }), "not_accepted"],
  ["an unknown host", sdkError("Error", null, { code: "ENOTFOUND" }), "not_accepted"],
  ["no credentials", sdkError("CredentialsProviderError", null), "not_accepted"],
  ["an answer that cannot be parsed", sdkError("SyntaxError", 200), "unknown"],
];

describe("the meaning of an error", () => {
  it.each(ROWS)("of %s is known", (_title, error, kind) => {
    expect(failureOf(error).kind).toBe(kind);
  });

  it("is exactly one for anything that can be thrown, and says something", () => {
    fc.assert(
      fc.property(fc.anything(), (thrown) => {
        const failure = failureOf(thrown);
        const outcome = withoutCondition(failure);
        expect(["conflict", "ambiguous", "unavailable"]).toContain(outcome.tag);
        if (outcome.tag !== "conflict") expect(outcome.reason).not.toBe("");
      }),
    );
  });

  it("of an unknown name and status is that the write may have landed, unless the status refuses it", () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 200, max: 599 }), (name, status) => {
        const { kind } = failureOf(sdkError(`Unheard${name}`, status));
        const refuses = (status >= 300 && status < 500 && status !== 408) || status === 501;
        if (!refuses) expect(kind).toBe("unknown");
        else expect(kind).not.toBe("unknown");
      }),
    );
  });

  it("is a value, so that a call that throws does not", async () => {
    expect(await attempt(() => Promise.reject(new Error("boom")))).toMatchObject({
      tag: "failed",
      failure: { kind: "unknown", reason: "Error: boom" },
    });
    expect(await attempt(async () => 1)).toEqual({ tag: "ok", value: 1 });
  });
});

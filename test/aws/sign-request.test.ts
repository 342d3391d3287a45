/** Requests to an API behind API Gateway, signed as AWS documents it. */
import { afterEach, describe, expect, it, vi } from "vitest";
import { createSigner } from "../../lib/aws/sign-request.ts";

/** The credentials and the time of the examples in AWS's documentation of Signature Version 4. */
const signer = createSigner({
  region: "us-east-1",
  service: "service",
  credentials: {
    accessKeyId: "AKIDEXAMPLE",
    secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
  },
  profile: null,
});
const AT_MS = Date.UTC(2015, 7, 30, 12, 36, 0);

async function signed(url: string, method = "GET", body: Uint8Array | null = null, headers = {}) {
  const answer = await signer({ method, url: new URL(url), headers, body }, AT_MS);
  if (answer.tag !== "signed") throw new Error(answer.reason);
  return answer.headers;
}

function signature(headers: Readonly<Record<string, string>>): string {
  return /Signature=([0-9a-f]{64})$/.exec(headers["authorization"] ?? "")?.[1] ?? "";
}

afterEach(() => vi.unstubAllEnvs());

describe("a signed request", () => {
  it("names credential, scope, signed headers and time", async () => {
    const headers = await signed("https://example.amazonaws.com/clusters?limit=2");
    expect(headers["authorization"]).toMatch(
      /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/20150830\/us-east-1\/service\/aws4_request, SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature=/,
    );
    expect(headers["x-amz-date"]).toBe("20150830T123600Z");
    expect(headers["host"]).toBe("example.amazonaws.com");
  });

  it("has a signature that depends on method, path, query, signed headers, body and time", async () => {
    const base = "https://example.amazonaws.com/clusters/a?limit=2";
    const bytes = new TextEncoder().encode("{}");
    const all = await Promise.all([
      signed(base),
      signed(base, "POST"),
      signed(base, "POST", bytes),
      signed(base, "POST", new TextEncoder().encode("{ }")),
      signed("https://example.amazonaws.com/clusters/b?limit=2"),
      signed("https://example.amazonaws.com/clusters/a?limit=3"),
      signed(base, "GET", null, { "idempotency-key": "one" }),
    ]);
    const signatures = all.map(signature);
    expect(new Set(signatures).size).toBe(signatures.length);
    expect(signature(await signed(base))).toBe(signatures[0]);
  });

  it("is the same whatever the order of the query, as the canonical form demands", async () => {
    const one = await signed("https://example.amazonaws.com/?Param2=value2&Param1=value1");
    const two = await signed("https://example.amazonaws.com/?Param1=value1&Param2=value2");
    expect(signature(one)).toBe(signature(two));
  });

  it("is unavailable, in words, without credentials", async () => {
    vi.stubEnv("AWS_EC2_METADATA_DISABLED", "true");
    for (const name of ["ACCESS_KEY_ID", "WEB_IDENTITY_TOKEN_FILE", "CONTAINER_CREDENTIALS_RELATIVE_URI"]) {
      vi.stubEnv(`AWS_${name}`, undefined);
    }
    const nobody = createSigner({
      region: "us-east-1",
      service: "execute-api",
      credentials: null,
      profile: "a-profile-that-nobody-has",
    });
    const url = new URL("https://example.amazonaws.com/");
    const answer = await nobody({ method: "GET", url, headers: {}, body: null }, AT_MS);
    expect(answer).toMatchObject({
      tag: "unavailable",
      reason: expect.stringContaining("credentials"),
    });
  });
});

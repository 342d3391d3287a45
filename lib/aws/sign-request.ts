/**
 * SignRequest: AWS Signature Version 4 for requests to an API behind API Gateway, with the credentials that the SDK
 * would take: environment, profile, single sign-on, web identity, instance or task role.
 */
import { Sha256 } from "@aws-crypto/sha256-js";
import { fromNodeProviderChain } from "@aws-sdk/credential-providers";
import { SignatureV4 } from "@smithy/signature-v4";
import type { AwsCredentials } from "./clients.ts";
import { attempt, readFailure } from "./failure.ts";

export interface UnsignedRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | null;
}

export interface SigningOptions {
  readonly region: string;
  /** `execute-api` for API Gateway. */
  readonly service: string;
  /** Null: the SDK's own chain of providers. */
  readonly credentials: AwsCredentials | null;
  /** Null: the profile that the environment names. */
  readonly profile: string | null;
}

export type SignedRequest =
  | { readonly tag: "signed"; readonly headers: Readonly<Record<string, string>> }
  | { readonly tag: "unavailable"; readonly reason: string };

export type SignRequest = (request: UnsignedRequest, nowMs: number) => Promise<SignedRequest>;

/** A signer; it answers the headers to send, those of the request among them. */
export function createSigner(options: SigningOptions): SignRequest {
  const profile = options.profile === null ? {} : { profile: options.profile };
  const signer = new SignatureV4({
    region: options.region,
    service: options.service,
    credentials: options.credentials ?? fromNodeProviderChain(profile),
    sha256: Sha256,
  });
  return async ({ method, url, headers, body }, nowMs) => {
    const request = {
      method,
      protocol: url.protocol,
      hostname: url.hostname,
      ...(url.port === "" ? {} : { port: Number(url.port) }),
      path: url.pathname,
      query: queryOf(url),
      headers: { ...headers, host: url.host },
      ...(body === null ? {} : { body }),
    };
    const answer = await attempt(() => signer.sign(request, { signingDate: new Date(nowMs) }));
    if (answer.tag === "failed") return readFailure(answer.failure);
    return { tag: "signed", headers: answer.value.headers };
  };
}

function queryOf(url: URL): Record<string, string | string[]> {
  const query: Record<string, string | string[]> = {};
  for (const name of new Set(url.searchParams.keys())) {
    const values = url.searchParams.getAll(name);
    query[name] = values.length === 1 ? (values[0] ?? "") : values;
  }
  return query;
}

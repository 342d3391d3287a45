/**
 * Identity: the caller of a request, from the request context that API Gateway has verified (spec/policy 5.8). Pure.
 *
 * Guarantees: nothing but the context is looked at, and it must be that of an API and stage of this deployment's own. There
 * is exactly one identity or none, and it is of the kind that this API verifies: an account root, an unknown issuer, the
 * other kind, both kinds at once, or anything that is not understood is null, which is 401.
 *
 * API Gateway flattens claims that are lists into text, `[a b]` or `a,b`, and nothing in it tells whether a blank was
 * there before: a group `ops admins` would be two. So the values are taken from the token that the gateway has verified,
 * if they are what the gateway made the text from. Without it only a plain text counts, as the one value that it is: one in
 * brackets may be any list. If one value is not plain, the whole claim is left out.
 */

import { bearerClaims } from "./bearer-claims.ts";
import type { Caller, Identified } from "./caller.ts";
import { CLAIM_VALUES_MAX, IDENTITY_CHARACTERS_MAX } from "./limits.ts";
import { isPlainObject } from "./plain-object.ts";

/** The part of the deployment's settings that identities depend on. */
export interface IdentitySettings {
  /** JWT issuer to its alias; an issuer that is not here is no identity. */
  readonly issuers: Readonly<Record<string, string>>;
  /** Claims that hold groups, by issuer alias. */
  readonly group_claims: Readonly<Record<string, string>>;
  /** Canonical identity to actor id, many to one. */
  readonly identity_map: Readonly<Record<string, string>>;
  /** ARNs of roles whose trust policy pins the session name. */
  readonly pinned_session_roles: readonly string[];
}

/** An API whose contexts are believed, and what it verifies its callers by: never the one for the other. */
export interface GatewayIdentity {
  readonly api_id: string;
  readonly stage: string;
  readonly kind: "iam" | "jwt";
}

type Verified = Omit<Caller, "actor">;

/** What a request says of its caller. */
export interface GatewayOrigin {
  /** The request context of the gateway. */
  readonly context: unknown;
  /** The `Authorization` header, whose token the gateway has verified; it decides nothing alone. */
  readonly authorization: string | null;
}

/** The caller in the request context, or null. */
export function identifyGateway(
  { context, authorization }: GatewayOrigin,
  gateways: readonly GatewayIdentity[],
  settings: IdentitySettings,
): Identified {
  if (!isPlainObject(context)) return null;
  const gateway = gateways.find(
    ({ api_id, stage }) => context["apiId"] === api_id && context["stage"] === stage,
  );
  if (gateway === undefined) return null;
  const authorizer = objectIn(context, "authorizer");
  const arns = [
    textIn(objectIn(authorizer, "iam"), "userArn"),
    textIn(objectIn(context, "identity"), "userArn"),
  ];
  const claims = [objectIn(objectIn(authorizer, "jwt"), "claims"), objectIn(authorizer, "claims")];
  const found = [
    ...arns.flatMap((arn) => (arn === null ? [] : [callerOfArn(arn, settings)])),
    ...claims.flatMap((each) =>
      each === null ? [] : [callerOfClaims({ verified: each, token: bearerClaims(authorization) }, settings)],
    ),
  ];
  const [only, ...others] = found;
  if (only === undefined || only === null || others.length > 0) return null;
  return only.source === gateway.kind ? withActor(only, settings) : null;
}

function withActor(verified: Verified, { identity_map }: IdentitySettings): Caller {
  const { canonical } = verified;
  const mapped = Object.hasOwn(identity_map, canonical) ? identity_map[canonical] : undefined;
  return { actor: mapped ?? canonical, ...verified };
}

function objectIn(
  from: Readonly<Record<string, unknown>> | null,
  name: string,
): Readonly<Record<string, unknown>> | null {
  if (from === null || !Object.hasOwn(from, name)) return null;
  const value = from[name];
  return isPlainObject(value) ? value : null;
}

function textIn(from: Readonly<Record<string, unknown>> | null, name: string): string | null {
  if (from === null || !Object.hasOwn(from, name)) return null;
  const value = from[name];
  return typeof value === "string" && value !== "" ? value : null;
}

const ASSUMED_ROLE = /^arn:(aws[a-z-]*):sts::([0-9]{12}):assumed-role\/([\w+=,.@-]+)\/([\w+=,.@-]+)$/;
const USER = /^arn:aws[a-z-]*:iam::[0-9]{12}:user\/[\w+=,.@/-]+$/;

/** A role or a user; the root of an account and federated users are nobody. */
function callerOfArn(arn: string, { pinned_session_roles }: IdentitySettings): Verified | null {
  if (arn.length > IDENTITY_CHARACTERS_MAX) return null;
  const proofs = { source: "iam", amr: [], claim_groups: [] } as const;
  if (USER.test(arn)) return { ...proofs, canonical: `iam-user:${arn}`, session: null };
  const role = ASSUMED_ROLE.exec(arn);
  if (role === null) return null;
  const [, partition, account, name, session = null] = role;
  const role_arn = `arn:${partition}:iam::${account}:role/${name}`;
  const pinned = pinned_session_roles.includes(role_arn);
  return { ...proofs, canonical: `iam-role:${role_arn}${pinned ? `#${session}` : ""}`, session };
}

const SUBJECT = /^[\p{L}\p{N}\p{P}\p{S}]+$/u;

/** Claims as the gateway hands them over, and the token that they are from, if it can be read. */
interface Claims {
  readonly verified: Readonly<Record<string, unknown>>;
  readonly token: Readonly<Record<string, unknown>> | null;
}

function callerOfClaims(claims: Claims, { issuers, group_claims }: IdentitySettings): Verified | null {
  const issuer = textIn(claims.verified, "iss");
  const subject = textIn(claims.verified, "sub");
  const alias = issuer !== null && Object.hasOwn(issuers, issuer) ? (issuers[issuer] ?? null) : null;
  if (alias === null || subject === null) return null;
  if (subject.length > IDENTITY_CHARACTERS_MAX || !SUBJECT.test(subject)) return null;
  const claim = Object.hasOwn(group_claims, alias) ? group_claims[alias] : undefined;
  const groups = claim === undefined ? [] : claimValues(claims, claim);
  return {
    source: "jwt",
    canonical: `jwt:${alias}:${subject}`,
    session: null,
    amr: claimValues(claims, "amr"),
    claim_groups: groups.map((group) => `jwt-group:${alias}/${group}`),
  };
}

/** What a value of a list may be made of, so that no separator of any flattening is among it. */
const PLAIN_VALUE = /^[A-Za-z0-9_.:/@+=-]{1,256}$/;

/** The values of a claim; none at all if one of them is not plain, or if it is not certain what they are. */
function claimValues(claims: Claims, name: string): readonly string[] {
  const listed = listedValues(claims, name);
  const values = listed.filter((each): each is string => typeof each === "string" && PLAIN_VALUE.test(each));
  if (values.length !== listed.length || values.length > CLAIM_VALUES_MAX) return [];
  return [...new Set(values)];
}

function listedValues({ verified, token }: Claims, name: string): readonly unknown[] {
  const value = Object.hasOwn(verified, name) ? verified[name] : undefined;
  if (Array.isArray(value)) return value;
  if (typeof value !== "string") return [];
  const isSame = token !== null && token["iss"] === verified["iss"] && token["sub"] === verified["sub"];
  if (!isSame) return value === "" ? [] : [value];
  const own = Object.hasOwn(token, name) ? token[name] : [];
  const values: readonly unknown[] = Array.isArray(own) ? own : [own];
  return withoutSeparators(values.join("")) === withoutSeparators(value) ? values : [];
}

/** A text without everything that any flattening puts between and around values. */
function withoutSeparators(text: string): string {
  return text.replace(/[\s,"[\]]/g, "");
}

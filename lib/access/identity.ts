/**
 * Identity: the caller of a request, from the request context that API Gateway has verified (spec/policy 5.8). Pure.
 *
 * Guarantees: nothing but the context is looked at, and it must be that of this deployment's own API and stage. There
 * is exactly one identity or none: an account root, an unknown issuer, both kinds at once, or anything that is not
 * understood is null, which is 401.
 *
 * API Gateway flattens claims that are lists into text, `[a b]` or `a,b`, and nothing tells whether a blank was there
 * before. So a claim counts only if all of its values are plain; else the whole claim is left out.
 */

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

/** The API whose contexts are believed. */
export interface GatewayIdentity {
  readonly api_id: string;
  readonly stage: string;
}

type Verified = Omit<Caller, "actor">;

/** The caller in `context`, or null. */
export function identifyGateway(
  context: unknown,
  gateway: GatewayIdentity,
  settings: IdentitySettings,
): Identified {
  if (!isPlainObject(context)) return null;
  if (context["apiId"] !== gateway.api_id || context["stage"] !== gateway.stage) return null;
  const authorizer = objectIn(context, "authorizer");
  const arns = [
    textIn(objectIn(authorizer, "iam"), "userArn"),
    textIn(objectIn(context, "identity"), "userArn"),
  ];
  const claims = [objectIn(objectIn(authorizer, "jwt"), "claims"), objectIn(authorizer, "claims")];
  const found = [
    ...arns.flatMap((arn) => (arn === null ? [] : [callerOfArn(arn, settings)])),
    ...claims.flatMap((each) => (each === null ? [] : [callerOfClaims(each, settings)])),
  ];
  const [only, ...others] = found;
  return only === undefined || only === null || others.length > 0 ? null : withActor(only, settings);
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

function callerOfClaims(
  claims: Readonly<Record<string, unknown>>,
  { issuers, group_claims }: IdentitySettings,
): Verified | null {
  const issuer = textIn(claims, "iss");
  const subject = textIn(claims, "sub");
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

/** The values of a claim; none at all if one of them is not plain. */
function claimValues(claims: Readonly<Record<string, unknown>>, name: string): readonly string[] {
  const value = Object.hasOwn(claims, name) ? claims[name] : undefined;
  const listed = Array.isArray(value) ? value : typeof value === "string" ? unflattened(value) : [];
  const values = listed.filter((each): each is string => typeof each === "string" && PLAIN_VALUE.test(each));
  if (values.length !== listed.length || values.length > CLAIM_VALUES_MAX) return [];
  return [...new Set(values)];
}

function unflattened(text: string): readonly string[] {
  const bracketed = /^\[(.*)\]$/s.exec(text)?.[1];
  if (bracketed !== undefined) return bracketed === "" ? [] : bracketed.split(" ");
  return text.split(",");
}

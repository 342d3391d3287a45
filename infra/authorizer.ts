/**
 * Authorizer: what the callers of a deployment are verified by: roles and users of IAM, tokens of one issuer, or both. A
 * route of a gateway has one authorizer, so for both there are two gateways in front of the same functions.
 */
import { z } from "zod";
import { assertNever } from "../lib/digest/assert.ts";

const alias = z.string().regex(/^[a-z0-9-]{1,32}$/, "must be lower-case letters, digits and hyphens");

const tokens = {
  issuer: z.url({ protocol: /^https$/ }),
  audience: z.array(z.string().min(1)).min(1),
  /** The name of the issuer in policies and records. */
  alias,
  /** The claim that lists the groups of a caller. */
  group_claim: z.string().min(1).nullable().default(null),
};

export const authorizer = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("iam") }),
  z.strictObject({ kind: z.literal("jwt"), ...tokens }),
  z.strictObject({
    kind: z.literal("both"),
    ...tokens,
    /** Whose API is that of a deployment that had only one authorizer: its address stays. */
    first: z.enum(["iam", "jwt"]).default("iam"),
  }),
]);

export type Authorizer = z.output<typeof authorizer>;

/** Of one gateway. */
export type ApiAuthorizer = Exclude<Authorizer, { readonly kind: "both" }>;
export type TokenAuthorizer = Extract<ApiAuthorizer, { readonly kind: "jwt" }>;

/** One for each gateway, the first one first. */
export function authorizersOf(authorizer: Authorizer): readonly [ApiAuthorizer, ...ApiAuthorizer[]] {
  switch (authorizer.kind) {
    case "iam":
    case "jwt":
      return [authorizer];
    case "both": {
      const { first, ...said } = authorizer;
      const [iam, jwt] = [{ kind: "iam" }, { ...said, kind: "jwt" }] as const;
      return first === "iam" ? [iam, jwt] : [jwt, iam];
    }
    default:
      return assertNever(authorizer);
  }
}

/** Null: the deployment takes no tokens. */
export function tokensOf(authorizer: Authorizer): TokenAuthorizer | null {
  return authorizersOf(authorizer).find((each) => each.kind === "jwt") ?? null;
}

/**
 * The claims inside the token of an `Authorization` header, read and not verified. The gateway has verified the token of
 * this very header and hands its claims over as flat text; the token itself tells apart what the text does not
 * (spec/policy 5.8). Whoever reads them holds them against the verified claims before one counts. Pure.
 */
import { isPlainObject } from "./plain-object.ts";

/** One token in compact form, which gateways take without its scheme too; several in one header, or anything else, are none. */
const COMPACT = /^(?:Bearer )?([\w-]+)\.([\w-]+)\.([\w-]+)$/i;

export function bearerClaims(authorization: string | null): Readonly<Record<string, unknown>> | null {
  const payload = COMPACT.exec(authorization ?? "")?.[2];
  if (payload === undefined) return null;
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, "base64url").toString("utf8"));
    return isPlainObject(claims) ? claims : null;
  } catch {
    return null;
  }
}

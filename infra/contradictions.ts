/** Contradictions: what each part of the inputs allows and the whole does not. Pure. */
import { decodeSettings, encodeSettings } from "../lib/worker/settings.ts";
import { authorizersOf, tokensOf } from "./authorizer.ts";
import type { Inputs } from "./inputs.ts";
import { IDENTITIES_MAX } from "./limits.ts";
import { settingsOf } from "./settings.ts";

export function contradictions(inputs: Inputs): readonly string[] {
  return [
    ...bootstrapProblems(inputs),
    ...aliasProblems(inputs),
    ...identityProblems(inputs),
    ...settingsProblems(inputs),
  ];
}

function bootstrapProblems({ authorizer, bootstrap_principal }: Inputs): readonly string[] {
  const wanted = authorizersOf(authorizer).map((each) =>
    each.kind === "iam" ? "iam-" : `jwt:${each.alias}:`,
  );
  if (wanted.some((beginning) => bootstrap_principal.startsWith(beginning))) return [];
  const said = wanted.map((each) => `"${each}"`).join(" or ");
  return [
    `bootstrap_principal: it must begin with ${said}, or the authorizer would never let it in and nobody could begin`,
  ];
}

/** Whoever is mapped under another alias is two actors, and could approve what they have planned. */
function aliasProblems({ authorizer, identity }: Inputs): readonly string[] {
  const tokens = tokensOf(authorizer);
  if (tokens === null) return [];
  const own = `jwt:${tokens.alias}:`;
  return Object.keys(identity.map).flatMap((each) =>
    each.startsWith("jwt:") && !each.startsWith(own)
      ? [`identity.map: nobody is "${each}", because whoever has a token begins with "${own}"`]
      : [],
  );
}

function identityProblems({ bootstrap_principal, identity }: Inputs): readonly string[] {
  const uploaders = Object.values(identity.uploaders);
  const keys = Object.keys(identity.map);
  const many =
    keys.length > IDENTITIES_MAX ? [`identity.map: it holds more than ${IDENTITIES_MAX} identities`] : [];
  const pinned = new Set(identity.pinned_session_roles);
  return [
    ...many,
    ...sessionProblems("bootstrap_principal", bootstrap_principal, pinned),
    // What is said of an uploader holds for all sessions of its role.
    ...keys.flatMap((each) =>
      uploaders.includes(each) ? [] : sessionProblems("identity.map", each, pinned),
    ),
    ...uploaders.flatMap((each) => unpinnedProblems("identity.uploaders", each, pinned)),
  ];
}

/** Of a role that is pinned each session is somebody, and the role itself nobody; of any other it is the other way round. */
function sessionProblems(place: string, identity: string, pinned: ReadonlySet<string>): readonly string[] {
  const role = roleOf(identity);
  if (role === null || role.has_session || !pinned.has(role.arn)) {
    return unpinnedProblems(place, identity, pinned);
  }
  return [
    `${place}: nobody is "${identity}", because identity.pinned_session_roles holds its role: say whose session, as in "${identity}#ana@corp.example"`,
  ];
}

function unpinnedProblems(place: string, identity: string, pinned: ReadonlySet<string>): readonly string[] {
  const role = roleOf(identity);
  if (role === null || !role.has_session || pinned.has(role.arn)) return [];
  return [
    `${place}: nobody is "${identity}", because identity.pinned_session_roles does not hold "${role.arn}"`,
  ];
}

function roleOf(identity: string): { readonly arn: string; readonly has_session: boolean } | null {
  const [, arn, session] = /^iam-role:([^#]+)(#.+)?$/.exec(identity) ?? [];
  return arn === undefined ? null : { arn, has_session: session !== undefined };
}

/** The functions read them as strictly, and do not start with what they cannot read. */
function settingsProblems(inputs: Inputs): readonly string[] {
  const read = decodeSettings(encodeSettings(settingsOf(inputs)));
  if (read.tag === "decoded") return [];
  return read.diagnostics.map(
    ({ path, message }) => `${path}: ${message} The functions would not start with what these inputs say.`,
  );
}

/**
 * Who sent an upload (design 9): the caller of its ticket if it carries the ticket's secret; else the principal of the
 * event, if the deployment maps it and the event is about exactly what is there now; else nobody knows. Pure.
 */
import type { Caller } from "../access/caller.ts";
import { equalSecrets } from "../digest/authentication-code.ts";
import { sha256 } from "../digest/digest.ts";
import { isVersionOf, type UploadEvent } from "../intake/upload-event.ts";
import type { DeploymentSettings, UploadedFile } from "./deployment.ts";
import type { UploadTicket } from "./upload-ticket.ts";

/** True if the upload was made with the link of the ticket. */
export function carriesTicket(ticket: UploadTicket, key: string, secret: string | null): boolean {
  return ticket.key === key && secret !== null && equalSecrets(sha256(secret), ticket.secret_digest);
}

/** Null: authorship is unknown. */
export function senderOf(
  settings: Pick<DeploymentSettings, "uploaders" | "identity_map">,
  event: UploadEvent,
  file: Pick<UploadedFile, "version">,
): Caller | null {
  if (event.principal === null || !isVersionOf(event, file.version)) return null;
  const canonical = mapped(settings.uploaders, event.principal);
  if (canonical === null) return null;
  const actor = Object.hasOwn(settings.identity_map, canonical)
    ? settings.identity_map[canonical]!
    : canonical;
  const session = sessionOf(event.principal);
  return { actor, source: "iam", canonical, session, amr: [], claim_groups: [] };
}

/** `AWS:<id>:<session>`: the session is chosen by whoever assumes the role, so it maps to nobody. */
function mapped(uploaders: Readonly<Record<string, string>>, principal: string): string | null {
  const name = principal.split(":").slice(0, 2).join(":");
  return Object.hasOwn(uploaders, name) ? uploaders[name]! : null;
}

function sessionOf(principal: string): string | null {
  const session = principal.split(":").slice(2).join(":");
  return session === "" ? null : session;
}

/**
 * Puts a server on this machine together: folder, tokens, settings, API. Nothing listens and nothing works yet, so that
 * whatever is wrong is said before anybody can ask.
 */
import { join, resolve } from "node:path";
import type { Access } from "../../lib/access/access.ts";
import { createAccess } from "../../lib/access/cedar-access.ts";
import { identifyToken } from "../../lib/access/local-tokens.ts";
import { createApi } from "../../lib/api/create-api.ts";
import { type Diagnostic, diagnostic } from "../../lib/diagnostic/diagnostic.ts";
import { SYSTEM_CLOCK } from "../../lib/file/clock.ts";
import type { Log } from "../../lib/ports/log.ts";
import type { Deployment } from "../../lib/worker/deployment.ts";
import { isLoopback } from "../api/url.ts";
import { exportFolder } from "./export-folder.ts";
import { folderDeployment } from "./folder-deployment.ts";
import type { HttpServerOptions } from "./http-server.ts";
import { type InboxFolder, inboxFolder } from "./inbox-folder.ts";
import { localSettings } from "./local-settings.ts";
import { keptSecret, unkeptSecret } from "./secret-file.ts";
import { ownToken, type TokensFound, tokensOf } from "./tokens.ts";

export interface ServeOptions {
  readonly root: string;
  readonly port: number;
  readonly host: string;
  /** Null: one token is made and kept in the folder. */
  readonly tokens: string | null;
  /** Null: what suits one machine. */
  readonly settings: string | null;
  readonly schedule_ms: number;
}

export type ServeOpened =
  | {
      readonly tag: "opened";
      readonly deployment: Deployment;
      readonly access: Access;
      readonly inbox: InboxFolder;
      /** The folder of the server, absolute. */
      readonly root: string;
      readonly http: HttpServerOptions;
      readonly made: Extract<TokensFound, { readonly tag: "tokens" }>["made"];
      /** Tells links where the server listens, once it does. */
      readonly listensAt: (origin: string) => void;
    }
  | { readonly tag: "refused"; readonly diagnostics: readonly Diagnostic[] };

/** `actor`: whom the token stands for that is made where no file of tokens is given. */
export function openServe(options: ServeOptions, actor: string, log: Log): ServeOpened {
  const root = resolve(options.root);
  if (options.tokens === null && !isLoopback(options.host)) {
    const message = `${options.host} can be reached from other machines.`;
    return refused(diagnostic("serve_host_open", { path: "--host", message }));
  }
  const found = options.tokens === null ? ownToken(root, actor) : tokensOf(options.tokens);
  if (found.tag === "refused") return found;
  const read = localSettings(options.settings, found.tokens);
  if (read.tag === "refused") return read;
  const { settings } = read;
  const clock = SYSTEM_CLOCK;
  const keyFile = join(root, "upload-key");
  const key = keptSecret(keyFile);
  if (key.tag === "failed") return refused(unkeptSecret(keyFile, key.reason));
  const secret = Buffer.from(key.text, "utf8");
  let origin = "";
  const inbox = inboxFolder({ root, secret, clock, origin: () => origin });
  const exports = exportFolder({ root, secret, clock, origin: () => origin });
  const deployment = folderDeployment({ root, settings, inbox, exports, log });
  const access = createAccess(settings, deployment.records);
  const api = createApi({
    deployment,
    access,
    identify: ({ authorization }) => Promise.resolve(identifyToken(authorization, found.tokens)),
  });
  return {
    tag: "opened",
    deployment,
    access,
    inbox,
    root,
    http: { api, inbox, exports, secret, clock, log },
    made: found.made,
    listensAt: (at) => {
      origin = at;
    },
  };
}

function refused(problem: Diagnostic): ServeOpened {
  return { tag: "refused", diagnostics: [problem] };
}

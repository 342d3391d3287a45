/**
 * The HTTP server of a deployment on this machine: the API's app, the links for uploads and exports, and one line of log a request.
 * It stops by taking no new requests and letting those end that are on their way.
 */
import { createServer, type Server } from "node:http";
import { getRequestListener } from "@hono/node-server";
import type { Clock } from "../../lib/ports/clock.ts";
import type { Log } from "../../lib/ports/log.ts";
import { DOWNLOAD_LINKS } from "./download-links.ts";
import type { ExportFolder } from "./export-folder.ts";
import type { InboxFolder } from "./inbox-folder.ts";
import { grantIn } from "./signed-link.ts";
import { UPLOAD_LINKS } from "./upload-links.ts";

/** How long requests may go on after the server was told to stop. */
const CLOSING_MS = 10_000;

export interface ServedApi {
  readonly fetch: (request: Request) => Response | Promise<Response>;
}

export interface HttpServerOptions {
  readonly api: ServedApi;
  readonly inbox: InboxFolder;
  readonly exports: ExportFolder;
  readonly secret: Uint8Array;
  readonly clock: Clock;
  readonly log: Log;
}

export interface RunningServer {
  readonly port: number;
  readonly close: () => Promise<void>;
}

export type Listening =
  | { readonly tag: "listening"; readonly server: RunningServer }
  | { readonly tag: "failed"; readonly reason: string };

export function listen(options: HttpServerOptions, host: string, port: number): Promise<Listening> {
  const listener = getRequestListener((request) => logged(options, request));
  const server = createServer((incoming, outgoing) => void listener(incoming, outgoing));
  return new Promise((resolve) => {
    server.once("error", (error) => resolve({ tag: "failed", reason: error.message }));
    server.listen(port, host, () => {
      const address = server.address();
      const bound = typeof address === "object" && address !== null ? address.port : port;
      resolve({ tag: "listening", server: { port: bound, close: () => close(server) } });
    });
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const late = setTimeout(() => server.closeAllConnections(), CLOSING_MS);
    server.close(() => {
      clearTimeout(late);
      resolve();
    });
    server.closeIdleConnections();
  });
}

async function logged(options: HttpServerOptions, request: Request): Promise<Response> {
  const { clock, log } = options;
  const beganMs = clock.nowMs();
  const { pathname } = new URL(request.url);
  const link = LINK_PATHS.find((path) => pathname.startsWith(`${path}/`));
  const response = await answerOf(options, request, link);
  log.info({
    event: "request",
    method: request.method,
    // A link is a permission, which no log may hold.
    path: link ?? pathname,
    status: response.status,
    ms: clock.nowMs() - beganMs,
    request_id: response.headers.get("x-request-id"),
  });
  return response;
}

const LINK_PATHS = [UPLOAD_LINKS.path, DOWNLOAD_LINKS.path] as const;

async function answerOf(
  options: HttpServerOptions,
  request: Request,
  link: (typeof LINK_PATHS)[number] | undefined,
): Promise<Response> {
  switch (link) {
    case UPLOAD_LINKS.path:
      return receive(options, request);
    case DOWNLOAD_LINKS.path:
      return handOut(options, request);
    case undefined:
      return options.api.fetch(request);
  }
}

async function handOut({ exports, secret, clock }: HttpServerOptions, request: Request): Promise<Response> {
  const grant = grantIn(DOWNLOAD_LINKS, new URL(request.url).pathname, secret, clock.nowMs());
  if (request.method !== "GET" || grant === null) return plain(403, "This link holds no more.");
  const found = await exports.open(grant.key);
  if (found === null) return plain(404, "These rows are not kept any more.");
  const headers = {
    "content-type": "application/x-ndjson",
    "content-length": String(found.bytes),
    "cache-control": "no-store",
  };
  return new Response(ReadableStream.from(found.chunks), { headers });
}

async function receive({ inbox, secret, clock }: HttpServerOptions, request: Request): Promise<Response> {
  const grant = grantIn(UPLOAD_LINKS, new URL(request.url).pathname, secret, clock.nowMs());
  if (request.method !== "PUT" || grant === null) return plain(403, "This link holds no more.");
  if (Number(request.headers.get("content-length") ?? 0) > grant.bytes_max)
    return plain(413, `At most ${grant.bytes_max} bytes.`);
  const received = await inbox.receive(grant, request.body ?? NOTHING);
  switch (received.tag) {
    case "received":
      return plain(200, "Received.");
    case "too_large":
      return plain(413, `At most ${grant.bytes_max} bytes.`);
    case "taken":
      return plain(409, "This link has taken its upload.");
    case "failed":
      return plain(500, received.reason);
  }
}

const NOTHING: AsyncIterable<Uint8Array> = (async function* () {})();

function plain(status: number, text: string): Response {
  return new Response(`${text}\n`, { status, headers: { "content-type": "text/plain; charset=utf-8" } });
}

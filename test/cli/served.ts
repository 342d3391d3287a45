/** A deployment on this machine for tests: a server in this process on a free port, asked by commands as people ask it. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { listen } from "../../cli/serve/http-server.ts";
import { openServe, type ServeOpened, type ServeOptions } from "../../cli/serve/open-serve.ts";
import { startServe } from "../../cli/serve/run-serve.ts";
import { startWorker } from "../../cli/serve/worker.ts";
import { problemResponse, refusal } from "../../lib/api/problem.ts";
import { SILENT_LOG } from "../../lib/ports/log.ts";
import { type JsonRan, newFolder, type Ran, type Running, start } from "./command.ts";

const HOST = "127.0.0.1";

/** Who may ask: ana begins; ana and ben run the example, ben and chloe approve; nobody knows mallory. */
export const TOKENS = {
  ana: "ana-token-0123456789abcdef",
  ben: "ben-token-0123456789abcdef",
  chloe: "chloe-token-0123456789abcdef",
  mallory: "mallory-token-0123456789abcdef",
} as const;
export type Person = keyof typeof TOKENS;

export interface Served {
  readonly origin: string;
  readonly stop: () => Promise<void>;
}

export function newDeployment(): string {
  const root = newFolder();
  const tokens = Object.entries(TOKENS).map(([name, token]) => ({ name, token, actor: name }));
  writeFileSync(join(root, "tokens.json"), JSON.stringify({ format_version: 1, tokens }));
  return root;
}

export function opened(
  root: string,
  more: Partial<ServeOptions> = {},
): Extract<ServeOpened, { readonly tag: "opened" }> {
  const found = openServe(optionsOf(root, more), "tester", SILENT_LOG);
  if (found.tag === "refused") throw new Error(found.diagnostics.map(({ message }) => message).join(" "));
  return found;
}

export function optionsOf(root: string, more: Partial<ServeOptions> = {}): ServeOptions {
  const tokens = join(root, "tokens.json");
  return { root, port: 0, host: HOST, tokens, settings: null, schedule_ms: 3_600_000, ...more };
}

/** The whole server. */
export async function serving(root: string): Promise<Served> {
  const started = await startServe(opened(root), { host: HOST, port: 0, schedule_ms: 3_600_000 });
  if (started.tag === "refused") throw new Error("the server listens");
  return started;
}

/** A server that answers, and works only once it is told to. */
export async function idleServer(root: string): Promise<Served & { readonly work: () => void }> {
  const parts = opened(root);
  const listening = await listen(parts.http, HOST, 0);
  if (listening.tag === "failed") throw new Error(listening.reason);
  const origin = `http://${HOST}:${listening.server.port}`;
  parts.listensAt(origin);
  const workers: ReturnType<typeof startWorker>[] = [];
  return {
    origin,
    work: () => void workers.push(startWorker(parts)),
    stop: async () => {
      await Promise.all([listening.server.close(), ...workers.map((each) => each.stop())]);
    },
  };
}

/** A server whose answers of rows are as short as those of a gateway: longer ones are refused as it refuses them. */
export async function gatewayLike(root: string, bytesMax: number): Promise<Served> {
  const parts = opened(root);
  const fetch = async (request: Request): Promise<Response> => {
    const answer = await parts.http.api.fetch(request);
    if (!new URL(request.url).pathname.endsWith("/export") || answer.status !== 200) return answer;
    const text = await answer.text();
    const problem = refusal(422, "api_answer_too_large", "", `The answer is longer than ${bytesMax} bytes.`);
    return text.length > bytesMax ? problemResponse(problem, "request-1") : new Response(text, answer);
  };
  const http = { ...parts.http, api: { fetch } };
  const started = await startServe({ ...parts, http }, { host: HOST, port: 0, schedule_ms: 3_600_000 });
  if (started.tag === "refused") throw new Error("the server listens");
  return started;
}

export interface Asking {
  readonly folder: string;
  readonly origin: string;
  readonly as?: Person;
}

export function ask({ folder, origin, as = "ana" }: Asking, ...args: readonly string[]): Running {
  const env = { GRAPHFORM_TOKEN: TOKENS[as], HOME: folder };
  return start(folder, [...args, "--api", origin], env);
}

export function asked(asking: Asking, ...args: readonly string[]): Promise<Ran> {
  return ask(asking, ...args).ended;
}

export async function askedJson(asking: Asking, ...args: readonly string[]): Promise<JsonRan> {
  const { code, out } = await asked(asking, ...args, "--json");
  const document = JSON.parse(out) as Readonly<Record<string, unknown>>;
  const diagnostics = (document["diagnostics"] ?? []) as readonly { readonly code: string }[];
  return { code, document, keys: Object.keys(document), codes: diagnostics.map((each) => each.code) };
}

/** Replaces a text in a file of the config; fails if it is not there. */
export function edit(folder: string, file: string, from: string | RegExp, to: string): void {
  const path = join(folder, file);
  const before = readFileSync(path, "utf8");
  const after = before.replace(from, to);
  if (after === before) throw new Error(`${file} has nothing to replace`);
  writeFileSync(path, after);
}

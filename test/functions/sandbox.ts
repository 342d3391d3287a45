/**
 * Sandbox: one execution environment of Lambda. The handler runs, bundled as it is deployed, in a process of its own
 * that can be killed or frozen in the middle of an invocation, and every request of it passes proxies that nobody else
 * uses, so that the moment can be chosen by its requests.
 */
import { type ChildProcess, fork } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { HandlerName } from "../../infra/handler-name.ts";
import {
  type FaultProxy,
  type Listener,
  type Meanwhile,
  type SeenRequest,
  startFaultProxy,
} from "../wire/emulators/fault-proxy.ts";

const HOST = fileURLToPath(new URL("sandbox-host.mjs", import.meta.url));
const ENDPOINT = "AWS_ENDPOINT_URL_";

/** What an invocation came to. `dead`: its process ended before it had answered. */
export type Invoked =
  | { readonly tag: "answered"; readonly value: unknown; readonly left_ms: number }
  | { readonly tag: "failed"; readonly reason: string }
  | { readonly tag: "dead" };

/** At which request of an invocation something happens: before its server has it, or before its answer is back. */
export interface Moment {
  readonly where: "before" | "after";
  /** Counts from 1, over all services. */
  readonly request: number;
}

/** `beside`: another was on its way at the same time, so either may come first. */
export interface SentRequest extends SeenRequest {
  readonly beside: boolean;
}

export interface Sandbox {
  /** `ahead_ms`: how far its clock is ahead of this machine's. */
  invoke(event: unknown, remainingMs: number, aheadMs: number): Promise<Invoked>;
  /** Everything that the invocation has sent until now, oldest first. */
  readonly sent: readonly SentRequest[];
  /** Something happens at one moment of the next invocation; resolved when it has come. */
  at(moment: Moment, meanwhile: Meanwhile): Promise<void>;
  /** The same at the first request that matches. */
  atRequest(
    matches: (request: SeenRequest) => boolean,
    where: Moment["where"],
    meanwhile: Meanwhile,
  ): Promise<void>;
  setClock(aheadMs: number): Promise<void>;
  kill(): void;
  freeze(): void;
  thaw(): void;
  /** Ends it and what stands before it. */
  stop(): Promise<void>;
}

const alive = new Set<ChildProcess>();
// A frozen process would outlive a test that is ended from outside.
process.once("exit", () => {
  for (const each of alive) each.kill("SIGKILL");
});

/** Starts it; resolved when the handler is loaded. `code`: the folder of bundled handlers. */
export async function startSandbox(
  code: string,
  name: HandlerName,
  environment: Readonly<Record<string, string>>,
): Promise<Sandbox> {
  const sent: SentRequest[] = [];
  const proxies = await proxiesFor(environment, listenTo(sent));
  const endpoints = proxies.map(({ variable, proxy }) => [variable, proxy.url] as const);
  const child = fork(HOST, [join(code, name, "index.mjs")], {
    env: { ...environment, ...Object.fromEntries(endpoints) },
    execArgv: [],
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  alive.add(child);
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  void ended.then(() => alive.delete(child));
  const { ask, started } = conversation(child, ended);
  await started;
  const atFirst = (
    matches: (request: SeenRequest) => boolean,
    where: Moment["where"],
    meanwhile: Meanwhile,
  ): Promise<void> =>
    new Promise((resolve) => {
      let come = false;
      const isFirst = (request: SeenRequest) => {
        const first = !come && matches(request);
        come ||= first;
        return first;
      };
      const until: Meanwhile = () => {
        resolve();
        return meanwhile();
      };
      for (const { proxy } of proxies) proxy.inject({ tag: "wait", where, until }, isFirst);
    });
  return {
    sent,
    invoke: (event, remaining_ms, ahead_ms) => {
      sent.length = 0;
      return ask({ tag: "invoke", event, remaining_ms, ahead_ms });
    },
    at: ({ where, request }, meanwhile) => atFirst(() => sent.length === request, where, meanwhile),
    atRequest: atFirst,
    async setClock(ahead_ms) {
      await ask({ tag: "clock", ahead_ms });
    },
    kill: () => void child.kill("SIGKILL"),
    freeze: () => void child.kill("SIGSTOP"),
    thaw: () => void child.kill("SIGCONT"),
    async stop() {
      child.kill("SIGKILL");
      await ended;
      for (const { proxy } of proxies) await proxy.stop();
    },
  };
}

function listenTo(sent: SentRequest[]): Listener {
  const underway = new Set<{ beside: boolean }>();
  return (request) => {
    const one = { ...request, beside: underway.size > 0 };
    for (const other of underway) other.beside = true;
    sent.push(one);
    underway.add(one);
    return () => underway.delete(one);
  };
}

async function proxiesFor(environment: Readonly<Record<string, string>>, listener: Listener) {
  const endpoints = Object.entries(environment).filter(([variable]) => variable.startsWith(ENDPOINT));
  return Promise.all(
    endpoints.map(async ([variable, url]): Promise<{ variable: string; proxy: FaultProxy }> => {
      return { variable, proxy: await startFaultProxy(url, listener) };
    }),
  );
}

/** Questions to the process by number; whatever is not answered when it ends is answered with its death. */
function conversation(child: ChildProcess, ended: Promise<void>) {
  const waiting = new Map<unknown, (result: Invoked) => void>();
  let asked = 0;
  child.on("message", ({ id, result }: { readonly id: unknown; readonly result: Invoked }) => {
    waiting.get(id)?.(result);
    waiting.delete(id);
  });
  void ended.then(() => {
    for (const resolve of waiting.values()) resolve({ tag: "dead" });
  });
  const answerTo = (id: unknown) => new Promise<Invoked>((resolve) => waiting.set(id, resolve));
  const started = answerTo("started").then((result) => {
    if (result?.tag === "dead") throw new Error("the handler could not be loaded");
  });
  const ask = (message: Readonly<Record<string, unknown>>): Promise<Invoked> => {
    asked += 1;
    const answer = answerTo(asked);
    child.send({ id: asked, ...message });
    return answer;
  };
  return { ask, started };
}

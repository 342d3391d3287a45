/**
 * FaultProxy: stands between a client and a server, counts requests, and does to chosen ones what networks and
 * services do. Requests pass unchanged, so signatures of real servers stay good.
 */
import { request as httpRequest, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import { request as httpsRequest } from "node:https";
import { bodyOf, type Listening, listen, type Reply, send } from "./listen.ts";

/**
 * - `drop_answer`: the server does it, the client never hears of it.
 * - `reset`: the connection ends before the server saw anything.
 * - `answer`: the client gets this; the server saw nothing.
 * - `answer_after`: the server does it, the client gets this.
 * - `stall`: the server does it, the client gets the answer without its last byte, and the connection stays.
 * - `delay`: the server gets it later.
 * - `wait`: it waits, or its answer does, until the test lets it go on or lose its connection.
 */
export type Fault =
  | { readonly tag: "drop_answer" }
  | { readonly tag: "reset" }
  | { readonly tag: "answer"; readonly reply: Reply }
  | { readonly tag: "answer_after"; readonly reply: Reply }
  | { readonly tag: "stall" }
  | { readonly tag: "delay"; readonly ms: number }
  | { readonly tag: "wait"; readonly where: "before" | "after"; readonly until: Meanwhile };

export type Meanwhile = () => Promise<"goes_on" | "lost">;

export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  /** The operation of a JSON protocol, such as `PutItem`, or an empty text. */
  readonly operation: string;
  readonly headers: IncomingHttpHeaders;
}

export interface FaultProxy extends Listening {
  /** Everything that came, oldest first. */
  readonly seen: readonly SeenRequest[];
  /** The next `times` requests that match meet the fault. Answers how many have met it so far. */
  inject(fault: Fault, matches: (request: SeenRequest) => boolean, times?: number): () => number;
  /** Forgets what came and the faults that nothing met. */
  clear(): void;
}

interface Planned {
  readonly fault: Fault;
  readonly matches: (request: SeenRequest) => boolean;
  left: number;
}

function forward(target: string, seen: SeenRequest, body: Buffer): Promise<Reply> {
  const url = new URL(seen.path, target);
  const request = url.protocol === "https:" ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { method: seen.method, headers: seen.headers }, (incoming) => {
      bodyOf(incoming).then((bytes) => {
        const { "transfer-encoding": _, ...headers } = incoming.headers;
        const status = incoming.statusCode ?? 502;
        resolve({ status, headers: headers as Record<string, string>, body: bytes });
      }, reject);
    });
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}

/** Hears of every request before a fault is chosen for it, and then when it has been answered, or was lost. */
export type Listener = (request: SeenRequest) => () => void;

/** Starts a proxy before `target`. */
export async function startFaultProxy(
  target: string,
  listener: Listener = () => () => undefined,
): Promise<FaultProxy> {
  const seen: SeenRequest[] = [];
  const planned: Planned[] = [];
  const take = (request: SeenRequest): Fault | null => {
    const plan = planned.find((each) => each.left > 0 && each.matches(request));
    if (plan === undefined) return null;
    plan.left -= 1;
    return plan.fault;
  };
  const listening = await listen(async (incoming, response) => {
    const target_ = String(incoming.headers["x-amz-target"] ?? "");
    const request: SeenRequest = {
      method: incoming.method ?? "GET",
      path: incoming.url ?? "/",
      operation: target_.slice(target_.lastIndexOf(".") + 1),
      headers: incoming.headers,
    };
    seen.push(request);
    response.once("close", listener(request));
    const fault = take(request);
    if (fault?.tag === "reset") return incoming.socket.destroy();
    const body = await bodyOf(incoming);
    if (fault?.tag === "answer") return send(response, fault.reply);
    if (fault?.tag === "delay") await new Promise((resolve) => setTimeout(resolve, fault.ms));
    if (await isLost(fault, "before")) return incoming.socket.destroy();
    const reply = await forward(target, request, body).catch(() => null);
    if (await isLost(fault, "after")) return incoming.socket.destroy();
    if (reply === null || fault?.tag === "drop_answer") return incoming.socket.destroy();
    if (fault?.tag === "stall") return stall(response, reply);
    send(response, fault?.tag === "answer_after" ? fault.reply : reply);
  });
  return {
    ...listening,
    seen,
    inject(fault, matches, times = 1) {
      const plan = { fault, matches, left: times };
      planned.push(plan);
      return () => times - plan.left;
    },
    clear() {
      seen.length = 0;
      planned.length = 0;
    },
  };
}

/** One byte more is promised than ever comes. */
function stall(response: ServerResponse, { status, headers, body }: Reply): void {
  response.writeHead(status, { ...headers, "content-length": String(Buffer.byteLength(body) + 1) });
  response.flushHeaders();
  response.write(body);
}

async function isLost(fault: Fault | null, where: "before" | "after"): Promise<boolean> {
  return fault?.tag === "wait" && fault.where === where && (await fault.until()) === "lost";
}

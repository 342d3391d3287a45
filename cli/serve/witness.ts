/**
 * Witness: a port of this machine that answers as long as a process lives, with an id that only it knows. The operating
 * system closes it with the process, however that ends, so nothing that was left behind can be taken for a process, nor
 * can another process that got the same number or the same port.
 */
import { connect, createServer } from "node:net";

/** How long a process that is busy or stopped may take to answer, in milliseconds. */
const ANSWER_MS_MAX = 2_000;
/** Longest answer that is read, in bytes. */
const ANSWER_BYTES_MAX = 1_024;
const LOOPBACK = "127.0.0.1";

export interface Witness {
  readonly port: number;
  readonly close: () => Promise<void>;
}

export type WitnessStarted =
  | { readonly tag: "started"; readonly witness: Witness }
  | { readonly tag: "failed"; readonly reason: string };

/** `says`: what it adds to the id when it is asked. */
export function startWitness(id: string, says: () => string): Promise<WitnessStarted> {
  const server = createServer((socket) => {
    // Whoever asks may be gone already.
    socket.on("error", () => undefined);
    socket.end(`${id}\n${says()}\n`);
  });
  server.unref();
  const close = () => new Promise<void>((resolve) => server.close(() => resolve()));
  return new Promise((resolve) => {
    server.once("error", (error) => resolve({ tag: "failed", reason: error.message }));
    server.listen(0, LOOPBACK, () => {
      const address = server.address();
      const port = typeof address === "object" && address !== null ? address.port : 0;
      resolve({ tag: "started", witness: { port, close } });
    });
  });
}

export type Testimony =
  /** The process lives, and this is what it says. */
  | { readonly tag: "lives"; readonly says: string }
  /** Something listens there and does not answer in time. */
  | { readonly tag: "silent" }
  /** Nobody listens there, or another process does. */
  | { readonly tag: "gone" };

export function askWitness(port: number, id: string): Promise<Testimony> {
  return new Promise((resolve) => {
    let answer = "";
    const socket = connect({ port, host: LOOPBACK });
    const settle = (testimony: Testimony) => {
      socket.destroy();
      resolve(testimony);
    };
    socket.setEncoding("utf8").setTimeout(ANSWER_MS_MAX, () => settle({ tag: "silent" }));
    socket.on("data", (text: string) => {
      answer += text;
      if (answer.length > ANSWER_BYTES_MAX) settle({ tag: "gone" });
    });
    socket.once("error", () => settle({ tag: "gone" }));
    socket.once("close", () => {
      const [named, says = ""] = answer.split("\n");
      settle(named === id ? { tag: "lives", says } : { tag: "gone" });
    });
  });
}

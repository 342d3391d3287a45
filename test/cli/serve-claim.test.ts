/** One server on a folder: who has it is found out from the process itself, never from what it has left behind. */
import { spawn } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { hostname } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { type ClaimRecord, decodeClaim, encodeClaim } from "../../cli/serve/claim-record.ts";
import { openServe } from "../../cli/serve/open-serve.ts";
import { claimRoot, type RootClaim } from "../../cli/serve/root-claim.ts";
import { keptSecret } from "../../cli/serve/secret-file.ts";
import { generationName } from "../../lib/file/generation-chain.ts";
import { createManualClock } from "../../lib/memory/clock.ts";
import { createCountingIds } from "../../lib/memory/ids.ts";
import { SILENT_LOG } from "../../lib/ports/log.ts";
import { forgetFolders, newFolder, type Running, start, until } from "./command.ts";
import { newDeployment, optionsOf } from "./served.ts";

const TIMEOUT_MS = 60_000;
const START_MS = Date.UTC(2026, 0, 1);
const GOLDEN = new URL("../golden/cli/server-claim-1.json", import.meta.url);

const held: RootClaim[] = [];
const running: Running[] = [];
afterEach(async () => {
  for (const each of running.splice(0)) each.process.kill("SIGKILL");
  for (const each of held.splice(0)) await each.release();
});
afterAll(forgetFolders);

let opened = 0;
/** A start of its own; what it was told, or null if it has the folder now. */
async function claim(root: string, host?: string): Promise<string | null> {
  opened += 1;
  const parts = { root, clock: createManualClock(START_MS), ids: createCountingIds(opened) };
  const claimed = await claimRoot(host === undefined ? parts : { ...parts, host });
  if (claimed.tag === "refused") {
    const { code, message, fix } = claimed.diagnostics[0]!;
    return `${code}: ${message} ${fix}`;
  }
  held.push(claimed.claim);
  return null;
}

function newest(root: string): string {
  const names = readdirSync(join(root, "servers")).sort();
  return join(root, "servers", names.at(-1) ?? "");
}

/** What a server has left behind that did not end well. */
function leave(root: string, more: Partial<ClaimRecord> = {}): string {
  const record: ClaimRecord = {
    format_version: 1,
    claim_id: "01ARZ3NDEKTSV4RRFFQ69G5FAV",
    host: hostname(),
    pid: process.pid,
    witness_port: 1,
    since: "2026-01-01T00:00:00Z",
    ended_at: null,
    ...more,
  };
  const file = join(root, "servers", generationName(1));
  mkdirSync(join(root, "servers"), { recursive: true });
  writeFileSync(file, encodeClaim(record));
  return file;
}

/** A port that answers with `text`; null: it never does. */
async function listening(text: string | null): Promise<{ readonly port: number; close: () => void }> {
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    if (text !== null) socket.end(text);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : 0,
    close: () => void server.close(),
  };
}

async function serve(root: string): Promise<{ readonly server: Running; readonly origin: string }> {
  const server = start(newFolder(), ["serve", "--root", root, "--port", "0", "--as", "ana"]);
  running.push(server);
  let out = "";
  server.process.stdout?.on("data", (text: string) => (out += text));
  await until(() => out.includes("Next: "));
  return { server, origin: /http:\S+:\d+/.exec(out)?.[0] ?? "" };
}

describe("A second server on a folder", () => {
  it(
    "is refused and told which process has it and where, until that one has ended or was killed",
    async () => {
      const root = join(newFolder(), "deployment");
      const first = await serve(root);
      const second = start(newFolder(), ["serve", "--root", root, "--port", "0", "--as", "ben"]);
      const refused = await second.ended;
      expect({ code: refused.code, err: refused.err }).toEqual({ code: 1, err: "" });
      expect(refused.out).toContain(`ERROR serve_root_taken ${root}: A server works on ${root} already`);
      expect(refused.out).toContain(`the process ${first.server.process.pid} on ${hostname()}, since 2`);
      expect(refused.out).toContain(`It listens at ${first.origin}.`);
      first.server.process.kill("SIGKILL");
      await first.server.ended;
      const third = await serve(root);
      third.server.process.kill("SIGTERM");
      expect((await third.server.ended).code).toBe(0);
      const ended = decodeClaim(readFileSync(newest(root)));
      expect(ended).toMatchObject({ pid: third.server.process.pid, ended_at: expect.any(String) });
      expect(statSync(root).mode & 0o077).toBe(0);
    },
    TIMEOUT_MS,
  );

  it(
    "is refused also while the first is stopped and answers nothing, and gets the folder once it is dead",
    async () => {
      const root = newFolder();
      const stopped = spawn(process.execPath, ["-e", "setTimeout(() => {}, 60000)"]);
      const silent = await listening(null);
      leave(root, { pid: stopped.pid ?? 0, witness_port: silent.port });
      expect(await claim(root)).toContain("serve_root_taken");
      const ended = new Promise((resolve) => stopped.once("close", resolve));
      stopped.kill("SIGKILL");
      await ended;
      expect(await claim(root)).toBeNull();
      silent.close();
    },
    TIMEOUT_MS,
  );

  it("is not kept out by a process that got the number of the first, nor by one that got its port", async () => {
    const other = await listening("01BX5ZZKBKACTAV9WEVGEMMVRZ\nhttp://127.0.0.1:1\n");
    for (const more of [{}, { witness_port: other.port }]) {
      const root = newFolder();
      leave(root, more);
      expect(await claim(root)).toBeNull();
      expect(await claim(root)).toContain(`the process ${process.pid} on ${hostname()}`);
    }
    other.close();
  });

  it("on another machine waits for the first to say that it has ended, or for a person to make sure", async () => {
    const root = newFolder();
    const file = leave(root, { host: "elsewhere", pid: 7 });
    const told = await claim(root);
    expect(told).toContain(
      "the process 7 on elsewhere, since 2026-01-01T00:00:00Z. This machine cannot ask it.",
    );
    expect(told).toContain(`remove ${file} and start again`);
    const ended = newFolder();
    leave(ended, { host: "elsewhere", ended_at: "2026-01-01T00:01:00Z" });
    expect(await claim(ended)).toBeNull();
  });

  it("gets the folder when the first gives it back, whatever machine it is on", async () => {
    const root = newFolder();
    expect(await claim(root, "here")).toBeNull();
    expect(await claim(root, "there")).toContain("serve_root_taken");
    await held.pop()?.release();
    expect(await claim(root, "there")).toBeNull();
  });

  it("is one of many that start at once over what a dead one left: one of them has the folder", async () => {
    const root = newFolder();
    leave(root);
    const answers = await Promise.all(Array.from({ length: 8 }, () => claim(root)));
    expect(answers.filter((each) => each === null)).toHaveLength(1);
    for (const told of answers) if (told !== null) expect(told).toContain("serve_root_taken");
  });

  it("does not take what it cannot read for a folder that is free", async () => {
    const root = newFolder();
    const file = leave(root);
    writeFileSync(file, "{}");
    expect(await claim(root)).toMatch(/^serve_root_unusable: .* does not say which server works there/);
  });
});

describe("The file that says who has a folder", () => {
  it("keeps its form for ever", () => {
    const golden = readFileSync(GOLDEN);
    const record = decodeClaim(golden);
    if (record === null) throw new Error("it cannot be read");
    expect(Buffer.from(encodeClaim(record)).toString("utf8")).toBe(golden.toString("utf8"));
    expect(decodeClaim(Buffer.from(JSON.stringify({ ...record, format_version: 2 })))).toBeNull();
    expect(decodeClaim(Buffer.from(JSON.stringify({ ...record, more: 1 })))).toBeNull();
  });
});

describe("The secrets of a server", () => {
  const open = (root: string) => openServe(optionsOf(root, { tokens: null }), "tester", SILENT_LOG);

  it("are made anew where a full disk left an empty file, and kept from then on", () => {
    for (const left of ["", "\n"]) {
      const root = newFolder();
      for (const name of ["token", "upload-key"]) writeFileSync(join(root, name), left);
      const first = open(root);
      expect(first).toMatchObject({ tag: "opened", made: { file: join(root, "token") } });
      expect(readFileSync(join(root, "token"), "utf8").trim().length).toBeGreaterThan(40);
      expect(statSync(join(root, "token")).mode & 0o077).toBe(0);
      expect(open(root)).toMatchObject({ tag: "opened", made: null });
      expect(readdirSync(root).sort()).toEqual(["token", "upload-key"]);
    }
  });

  it("are those of whoever was faster, when two make them at once", () => {
    const file = join(newFolder(), "secret");
    const texts = [keptSecret(file), keptSecret(file)].map((kept) => (kept.tag === "kept" ? kept.text : ""));
    expect(new Set(texts)).toEqual(new Set([readFileSync(file, "utf8").trim()]));
  });

  it("that cannot be made are named with the reason, and so is a folder that cannot be", async () => {
    const folder = newFolder();
    const file = join(folder, "file");
    writeFileSync(file, "x");
    for (const root of [file, join(file, "below")]) {
      expect(open(root)).toMatchObject({ tag: "refused", diagnostics: [{ code: "serve_root_unusable" }] });
      expect(await claim(root)).toContain(`serve_root_unusable: The folder ${root} cannot be used`);
    }
    const root = newDeployment();
    mkdirSync(join(root, "upload-key"));
    expect(openServe(optionsOf(root), "tester", SILENT_LOG)).toMatchObject({
      tag: "refused",
      diagnostics: [
        { message: `The secret ${join(root, "upload-key")} can be neither read nor made: it is a folder.` },
      ],
    });
    const { code, out, err } = await start(folder, ["serve", "--root", join(file, "below")]).ended;
    expect({ code, err }).toEqual({ code: 1, err: "" });
    expect(out).toContain("ERROR serve_root_unusable");
  });
});

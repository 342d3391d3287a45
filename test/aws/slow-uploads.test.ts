/** Uploads over a slow line: as long as bytes go through they are not given up, and one that stops moving is. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { bucketPlace } from "../../lib/aws/bucket-place.ts";
import { createS3Client, uploadOptions } from "../../lib/aws/clients.ts";
import { REQUEST_MS_MAX } from "../../lib/aws/limits.ts";
import { createS3ObjectStore } from "../../lib/aws/object-store.ts";
import { storeKey } from "../../lib/ports/object-store.ts";

const MIB = 1024 * 1024;
/** More than what the kernel takes off a sender's hands for a reader that does not read. */
const BODY = new Uint8Array(64 * MIB);
const SHORT = { connect_ms: 500, request_ms: 400 };
const PAUSE_MS = 20;
const key = storeKey("graphs/g.omni/rows");

let server: Server | null = null;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

/** An S3 that takes about a MiB, then nothing for a while; `stalls`: it never goes on. */
async function slowStore(stalls: boolean) {
  let longest = 0;
  server = createServer((incoming, response) => {
    const began = Date.now();
    let taken = 0;
    incoming.on("data", (chunk: Buffer) => {
      taken += chunk.length;
      if (taken < MIB) return;
      taken = 0;
      incoming.pause();
      if (!stalls) setTimeout(() => incoming.resume(), PAUSE_MS);
    });
    incoming.on("end", () => {
      longest = Date.now() - began;
      response.writeHead(200, { etag: '"1"' }).end();
    });
  });
  await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const s3 = `http://127.0.0.1:${port}`;
  const client = createS3Client(
    {
      region: "us-east-1",
      endpoints: { s3, dynamodb: null, sqs: null, sns: null },
      credentials: { accessKeyId: "a", secretAccessKey: "b" },
    },
    SHORT,
  );
  const store = createS3ObjectStore(client, bucketPlace("bucket", ""));
  return { store, longestMs: () => longest, close: () => client.destroy() };
}

describe("an upload", () => {
  it("goes on for longer than any other request may take, as long as its bytes go through", async () => {
    const { store, longestMs, close } = await slowStore(false);
    expect(await store.putIfAbsent(key, BODY)).toEqual({ tag: "done", value: '"1"' });
    expect(longestMs()).toBeGreaterThan(2 * SHORT.request_ms);
    close();
  }, 30_000);

  it("is given up when its bytes stop going through, and whether it landed is not known", async () => {
    const { store, close } = await slowStore(true);
    const began = Date.now();
    expect((await store.putIfAbsent(key, BODY)).tag).toBe("ambiguous");
    expect(Date.now() - began).toBeLessThan(REQUEST_MS_MAX / 2);
    close();
  }, 30_000);

  it("has the time of every request and a second for each 256 KiB; a small one has the first alone", () => {
    expect(uploadOptions(new Uint8Array(256 * 1024))).toEqual({});
    expect(uploadOptions(new Uint8Array(MIB))).toEqual({ requestTimeout: REQUEST_MS_MAX + 4_000 });
  });
});

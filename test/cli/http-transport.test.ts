/** The transport of the API client against a server that behaves and one that does not. */

import { randomBytes } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { afterEach, describe, expect, it } from "vitest";
import { HTTP_TRANSPORT } from "../../cli/api/http-transport.ts";
import type { HttpRequest } from "../../lib/client/transport.ts";

const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function serving(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<string> {
  const server = createServer(answer);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/x`;
}

function asking(url: string, more: Partial<HttpRequest> = {}): HttpRequest {
  return { method: "GET", url, headers: {}, body: null, timeout_ms: 5_000, ...more };
}

async function read(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString();
}

describe("The HTTP transport", () => {
  it("sends a source with its length, as the links of S3 ask for", async () => {
    let length: string | undefined;
    let coding: string | undefined;
    const url = await serving(async (request, response) => {
      length = request.headers["content-length"];
      coding = request.headers["transfer-encoding"];
      response.end(await read(request));
    });
    const body = {
      bytes: 6,
      open: async function* () {
        yield Buffer.from("abc");
        yield Buffer.from("def");
      },
    };
    const answer = await HTTP_TRANSPORT.send(asking(url, { method: "PUT", body }), 100);
    expect(answer).toMatchObject({ status: 200, body: Buffer.from("abcdef") });
    expect({ length, coding }).toEqual({ length: "6", coding: undefined });
  });

  it("follows no redirect, so that no identity goes to another host", async () => {
    const url = await serving((_request, response) => {
      response.writeHead(307, { location: "http://127.0.0.1:9/" }).end();
    });
    expect(await HTTP_TRANSPORT.send(asking(url), 100)).toMatchObject({ tag: "answered", status: 307 });
  });

  it("reads no more of an answer than it is asked to", async () => {
    const url = await serving((_request, response) => response.end("x".repeat(200)));
    expect(await HTTP_TRANSPORT.send(asking(url), 100)).toMatchObject({
      tag: "unreachable",
      reason: expect.stringContaining("100"),
    });
  });

  it("unpacks what is packed, within the limit of what is in it, and passes it on as if it had never been", async () => {
    let accepted: string | undefined;
    const url = await serving((request, response) => {
      accepted = request.headers["accept-encoding"];
      response.writeHead(200, { "content-encoding": "gzip", "x-other": "1" }).end(gzipSync("x".repeat(200)));
    });
    const whole = await HTTP_TRANSPORT.send(asking(url), 200);
    expect(whole).toMatchObject({
      tag: "answered",
      body: Buffer.from("x".repeat(200)),
      headers: { "x-other": "1" },
    });
    expect(whole.tag === "answered" && Object.keys(whole.headers)).not.toContain("content-encoding");
    expect(accepted).toBe("gzip");
    expect(await HTTP_TRANSPORT.send(asking(url), 199)).toMatchObject({ tag: "unreachable" });
    const stream = await HTTP_TRANSPORT.stream(asking(url));
    if (stream.tag === "unreachable") throw new Error("the answer begins");
    const parts: Uint8Array[] = [];
    for await (const part of stream.body) parts.push(part);
    expect(Buffer.concat(parts).toString()).toBe("x".repeat(200));
  });

  it.each(["send", "stream"] as const)(
    "does not take half of a packed answer for all of it: %s",
    async (how) => {
      const packed = gzipSync(randomBytes(100_000));
      const url = await serving((_request, response) => {
        response.writeHead(200, { "content-encoding": "gzip" });
        response.write(packed.subarray(0, 50_000));
        setTimeout(() => response.destroy(), 20);
      });
      if (how === "send") {
        expect(await HTTP_TRANSPORT.send(asking(url), 1_000_000)).toMatchObject({ tag: "unreachable" });
        return;
      }
      const answer = await HTTP_TRANSPORT.stream(asking(url));
      if (answer.tag === "unreachable") throw new Error("the answer begins");
      const reading = (async () => {
        for await (const part of answer.body) expect(part.length).toBeGreaterThan(0);
      })();
      await expect(reading).rejects.toThrow();
    },
  );

  it("ends a request that gets no answer in time, and says how long it waited", async () => {
    const url = await serving(() => undefined);
    const answer = await HTTP_TRANSPORT.send(asking(url, { timeout_ms: 1_000 }), 100);
    expect(answer).toEqual({ tag: "unreachable", reason: "it did not answer within 1 seconds" });
  });

  it("ends an answer that stops half way in time", async () => {
    const url = await serving((_request, response) => response.write("half"));
    const answer = await HTTP_TRANSPORT.send(asking(url, { timeout_ms: 500 }), 100);
    expect(answer.tag).toBe("unreachable");
  });

  it("ends as soon as somebody gives up", async () => {
    const giveUp = new AbortController();
    const url = await serving(() => giveUp.abort());
    const answer = await HTTP_TRANSPORT.send(asking(url, { abort: giveUp.signal }), 100);
    expect(answer).toEqual({ tag: "unreachable", reason: "it was given up" });
    expect(await HTTP_TRANSPORT.send(asking(url, { abort: giveUp.signal }), 100)).toEqual(answer);
  });

  it("says that nothing listens there", async () => {
    expect(await HTTP_TRANSPORT.send(asking("http://127.0.0.1:9/"), 100)).toEqual({
      tag: "unreachable",
      reason: "nothing listens there",
    });
  });

  it("throws while a stream is read whose connection breaks, so that half of it is not taken for all", async () => {
    const url = await serving((_request, response) => {
      response.write("half");
      setTimeout(() => response.destroy(), 20);
    });
    const answer = await HTTP_TRANSPORT.stream(asking(url));
    if (answer.tag === "unreachable") throw new Error("the answer begins");
    const reading = (async () => {
      for await (const chunk of answer.body) expect(Buffer.from(chunk).toString()).toBe("half");
    })();
    await expect(reading).rejects.toThrow();
  });
});

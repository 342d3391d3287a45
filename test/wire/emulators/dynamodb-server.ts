/**
 * DynamoDB over HTTP: dynalite, and what it lacks. `ReturnValuesOnConditionCheckFailure` is answered by reading the
 * item after a refusal; requests pass one at a time, so it is the item that refused.
 */

import type { Server } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { bodyOf, type Listening, listen, type Reply, send } from "./listen.ts";

type Dynalite = (options: { readonly createTableMs: number }) => Server;
const dynalite: Dynalite = createRequire(import.meta.url)("dynalite");

type Json = Readonly<Record<string, unknown>>;

/** Starts a DynamoDB without tables. */
export async function startDynamo(): Promise<Listening> {
  const inner = dynalite({ createTableMs: 0 });
  await new Promise<void>((resolve) => inner.listen(0, "127.0.0.1", resolve));
  inner.unref();
  const { port } = inner.address() as AddressInfo;
  const keys = new Map<string, readonly string[]>();
  const call = async (headers: Readonly<Record<string, string>>, body: string): Promise<Reply> => {
    const answer = await fetch(`http://127.0.0.1:${port}/`, { method: "POST", headers, body });
    const text = await answer.text();
    return { status: answer.status, headers: { "content-type": "application/x-amz-json-1.0" }, body: text };
  };
  let turn: Promise<unknown> = Promise.resolve();
  const front = await listen(async (incoming, response) => {
    const document: Json = JSON.parse((await bodyOf(incoming)).toString("utf8"));
    const target = String(incoming.headers["x-amz-target"]);
    const headers = {
      "x-amz-target": target,
      "content-type": "application/x-amz-json-1.0",
      authorization: String(incoming.headers.authorization ?? ""),
      "x-amz-date": String(incoming.headers["x-amz-date"] ?? ""),
    };
    if (target.endsWith(".CreateTable")) keys.set(String(document["TableName"]), keyNames(document));
    const mine = turn.then(() => answerOne(call, headers, document, keys));
    turn = mine;
    send(response, await mine);
  });
  const stop = async (): Promise<void> => {
    await front.stop();
    inner.closeAllConnections();
    await new Promise<void>((resolve) => inner.close(() => resolve()));
  };
  return { url: front.url, stop };
}

function keyNames(createTable: Json): readonly string[] {
  const schema = createTable["KeySchema"] as readonly { readonly AttributeName: string }[];
  return schema.map((each) => each.AttributeName);
}

async function answerOne(
  call: (headers: Readonly<Record<string, string>>, body: string) => Promise<Reply>,
  headers: Readonly<Record<string, string>>,
  document: Json,
  keys: ReadonlyMap<string, readonly string[]>,
): Promise<Reply> {
  const { ReturnValuesOnConditionCheckFailure: wanted, ...known } = document;
  const reply = await call(headers, JSON.stringify(known));
  if (wanted !== "ALL_OLD" || !String(reply.body).includes("ConditionalCheckFailedException")) return reply;
  const item = (document["Item"] ?? document["Key"]) as Json;
  const names = keys.get(String(document["TableName"])) ?? [];
  const get = {
    TableName: document["TableName"],
    Key: Object.fromEntries(names.map((name) => [name, item[name]])),
    ConsistentRead: true,
  };
  const prefix = headers["x-amz-target"]?.split(".")[0];
  const found = await call({ ...headers, "x-amz-target": `${prefix}.GetItem` }, JSON.stringify(get));
  const { Item }: { readonly Item?: Json } = JSON.parse(String(found.body));
  const error: Json = JSON.parse(String(reply.body));
  return { ...reply, body: JSON.stringify(Item === undefined ? error : { ...error, Item }) };
}

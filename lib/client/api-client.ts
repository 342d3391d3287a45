/**
 * ApiClient: the routes of one cluster of a deployment (lib/api/README.md) as functions. Each answers with the document
 * that the server sent, checked for its version, or with the diagnostics of why there is none.
 */
import type { RunRecord } from "../apply/runs/run-record.ts";
import { RUN_STATES } from "../apply/runs/run-record.ts";
import type { Diagnostic } from "../diagnostic/diagnostic.ts";
import { diagnostic } from "../diagnostic/diagnostic.ts";
import type { ClusterName, PlanId, RunId } from "../digest/ids.ts";
import { decodePlan } from "../plan/plan-codec.ts";
import type { PlanDocument } from "../plan/plan-document.ts";
import {
  type ApiCall,
  type Called,
  type CallPorts,
  callJson,
  callStream,
  callText,
  type Failed,
  invalidAnswer,
} from "./call.ts";
import { CALL_MS_MAX, PAGES_MAX, UPLOAD_MS_MAX } from "./limits.ts";
import type { ByteSource, HttpAnswer } from "./transport.ts";

export const ANSWER_FORMAT_VERSION = 1;

/** A run of the deployment, and what it answered once it has ended. */
export interface OrderedRun {
  readonly run: RunRecord;
  readonly output: unknown;
}

/** A link for one upload. */
export interface UploadTicket {
  readonly upload_id: string;
  readonly link: { readonly url: string; readonly headers: Readonly<Record<string, string>> };
}

/** A link that reads one file for a short time. */
export interface DownloadLink {
  readonly url: string;
}

export type Query = Readonly<Record<string, string | number | boolean | null | undefined>>;

export interface ApiClient {
  /** The cluster that everything below is about, and where. */
  readonly cluster: ClusterName;
  readonly url: string;
  /** The names of the clusters that the caller may read, at most `itemsMax`. */
  clusters(itemsMax: number): Promise<Called<readonly string[]>>;
  /** A document with a `format_version`. */
  get<Document>(path: string, query?: Query): Promise<Called<Document>>;
  post<Document>(path: string, body: unknown): Promise<Called<Document>>;
  /** A document without a version: one that only this version of the API has. */
  postObject(path: string, body: unknown): Promise<Called<Readonly<Record<string, unknown>>>>;
  getObject(path: string, query?: Query): Promise<Called<Readonly<Record<string, unknown>>>>;
  /** A document as the server wrote it, for those who know its format. */
  text(path: string, query?: Query): Promise<Called<string>>;
  /** The items of a list, page by page, at most `itemsMax`. */
  list<Item>(path: string, query: Query, itemsMax: number): Promise<Called<readonly Item[]>>;
  order(path: string, body: unknown): Promise<Called<OrderedRun>>;
  run(id: RunId, waitSeconds: number, abort?: AbortSignal): Promise<Called<OrderedRun>>;
  /** The same run as the path of its load shows it: to who may change the graph, whether or not they may see runs. */
  loadOf(graph: string, id: RunId, waitSeconds: number, abort?: AbortSignal): Promise<Called<OrderedRun>>;
  /** The same run as the path of its export shows it: to who may export, whether or not they may see runs. */
  exportOf(graph: string, id: RunId, waitSeconds: number, abort?: AbortSignal): Promise<Called<OrderedRun>>;
  /** A link to the rows of an export that has ended. */
  exportLink(graph: string, id: RunId): Promise<Called<DownloadLink>>;
  download(link: DownloadLink): Promise<Called<HttpAnswer<AsyncIterable<Uint8Array>>>>;
  plan(id: PlanId): Promise<Called<PlanDocument>>;
  postBundle(zip: Uint8Array): Promise<Called<Readonly<Record<string, unknown>>>>;
  ticket(body: unknown): Promise<Called<UploadTicket>>;
  put(ticket: UploadTicket, source: ByteSource, abort?: AbortSignal): Promise<Called<null>>;
  stream(
    path: string,
    query: Query,
    contentType: string,
  ): Promise<Called<HttpAnswer<AsyncIterable<Uint8Array>>>>;
}

/** `url`: of the deployment, without a slash at its end. */
export function createApiClient(ports: CallPorts, url: string, cluster: ClusterName): ApiClient {
  const at = (path: string, query: Query = {}) => `${url}/v1/clusters/${cluster}/${path}${searchOf(query)}`;
  const get = (path: string, query: Query = {}): ApiCall => ({ method: "GET", url: at(path, query) });
  const post = (path: string, body: unknown): ApiCall => ({
    method: "POST",
    url: at(path),
    headers: { "content-type": "application/json" },
    body: new TextEncoder().encode(JSON.stringify(body)),
  });
  return {
    cluster,
    url,
    clusters: (itemsMax) => clusterNames(ports, `${url}/v1/clusters`, itemsMax),
    get: async <Document>(path: string, query?: Query) => documentIn<Document>(ports, get(path, query)),
    post: async <Document>(path: string, body: unknown) => documentIn<Document>(ports, post(path, body)),
    postObject: (path, body) => objectIn(ports, post(path, body)),
    getObject: (path, query) => objectIn(ports, get(path, query)),
    text: (path, query) => callText(ports, get(path, query)),
    list: <Item>(path: string, query: Query, itemsMax: number) =>
      listItems<Item>(ports, itemsMax, (page) => get(path, { ...query, page })),
    order: (path, body) => runIn(ports, post(path, body)),
    run: (id, wait, abort) => runIn(ports, waiting(get(`runs/${id}`, { wait }), wait, abort)),
    loadOf: (graph, id, wait, abort) =>
      runIn(ports, waiting(get(`graphs/${graph}/loads/${id}`, { wait }), wait, abort)),
    exportOf: (graph, id, wait, abort) =>
      runIn(ports, waiting(get(`graphs/${graph}/exports/${id}`, { wait }), wait, abort)),
    exportLink: (graph, id) => linkIn(ports, get(`graphs/${graph}/exports/${id}`)),
    download: (link) => download(ports, link),
    plan: (id) => planIn(ports, get(`plans/${id}`)),
    postBundle: (zip) => {
      const headers = { "content-type": "application/zip" };
      return objectIn(ports, { method: "POST", url: at("bundles"), headers, body: zip });
    },
    ticket: (body) => ticketIn(ports, post("uploads", body)),
    put: (ticket, source, abort) => putUpload(ports, ticket, source, abort),
    stream: (path, query, contentType) => callStream(ports, get(path, query), contentType),
  };
}

function waiting(call: ApiCall, waitSeconds: number, abort: AbortSignal | undefined): ApiCall {
  return { ...call, abort, timeout_ms: CALL_MS_MAX + waitSeconds * 1000 };
}

function searchOf(query: Query): string {
  const given = Object.entries(query).filter(([, value]) => value !== null && value !== undefined);
  const search = new URLSearchParams(given.map(([name, value]): [string, string] => [name, String(value)]));
  return given.length === 0 ? "" : `?${search.toString()}`;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

async function objectIn(ports: CallPorts, call: ApiCall): Promise<Called<Readonly<Record<string, unknown>>>> {
  const called = await callJson(ports, call);
  if (called.tag === "failed") return called;
  if (!isObject(called.value)) return invalidAnswer(call, "it is not a JSON object");
  return { tag: "called", value: called.value };
}

/** What the server sends is what the library of its version makes; the version says whether that is ours. */
async function documentIn<Document>(ports: CallPorts, call: ApiCall): Promise<Called<Document>> {
  const called = await objectIn(ports, call);
  if (called.tag === "failed") return called;
  const version = called.value["format_version"];
  if (version !== ANSWER_FORMAT_VERSION) {
    return invalidAnswer(
      call,
      `its format_version is ${JSON.stringify(version)}, not ${ANSWER_FORMAT_VERSION}`,
    );
  }
  return { tag: "called", value: called.value as Document };
}

async function listItems<Item>(
  ports: CallPorts,
  itemsMax: number,
  callOf: (page: string | null) => ApiCall,
): Promise<Called<readonly Item[]>> {
  const items: Item[] = [];
  let page: string | null = null;
  for (let pages = 0; pages < PAGES_MAX && items.length < itemsMax; pages += 1) {
    const call = callOf(page);
    const called = await objectIn(ports, call);
    if (called.tag === "failed") return called;
    const { items: more, next } = called.value;
    if (!Array.isArray(more)) return invalidAnswer(call, "it holds no list");
    items.push(...(more as readonly Item[]));
    if (typeof next !== "string") break;
    page = next;
  }
  return { tag: "called", value: items.slice(0, itemsMax) };
}

async function clusterNames(
  ports: CallPorts,
  url: string,
  itemsMax: number,
): Promise<Called<readonly string[]>> {
  const listed = await listItems<unknown>(ports, itemsMax, (page) => ({
    method: "GET",
    url: `${url}${searchOf({ page })}`,
  }));
  if (listed.tag === "failed") return listed;
  const names = listed.value.flatMap((each) => (isObject(each) ? [String(each["cluster"])] : []));
  return { tag: "called", value: names };
}

/** An answer may come with what kind of answer it is. */
async function runIn(ports: CallPorts, call: ApiCall): Promise<Called<OrderedRun>> {
  const called = await objectIn(ports, call);
  if (called.tag === "failed") return called;
  const { run, output } = called.value;
  if (!isObject(run) || !(RUN_STATES as readonly unknown[]).includes(run["state"])) {
    return invalidAnswer(call, "it holds no run in a state that this program knows");
  }
  const answer = isObject(output) && isObject(output["output"]) ? output["output"] : output;
  return { tag: "called", value: { run: run as RunRecord & typeof run, output: answer ?? null } };
}

async function planIn(ports: CallPorts, call: ApiCall): Promise<Called<PlanDocument>> {
  const called = await callText(ports, call);
  if (called.tag === "failed") return called;
  const decoded = decodePlan(called.value, new URL(call.url).pathname);
  if (decoded.tag === "decoded") return { tag: "called", value: decoded.plan };
  return { tag: "failed", status: null, lost: false, diagnostics: decoded.diagnostics };
}

async function ticketIn(ports: CallPorts, call: ApiCall): Promise<Called<UploadTicket>> {
  const called = await objectIn(ports, call);
  if (called.tag === "failed") return called;
  const { upload_id, url, headers } = called.value;
  if (typeof upload_id !== "string" || typeof url !== "string" || !URL.canParse(url, call.url)) {
    return invalidAnswer(call, "it holds no link for an upload");
  }
  const sent = Object.entries(isObject(headers) ? headers : {}).map(
    ([name, value]) => [name.toLowerCase(), String(value)] as const,
  );
  const link = { url: new URL(url, call.url).href, headers: Object.fromEntries(sent) };
  return { tag: "called", value: { upload_id, link } };
}

async function linkIn(ports: CallPorts, call: ApiCall): Promise<Called<DownloadLink>> {
  const called = await objectIn(ports, call);
  if (called.tag === "failed") return called;
  const { link } = called.value;
  const url = isObject(link) ? link["url"] : null;
  const target = typeof url === "string" && URL.canParse(url, call.url) ? new URL(url, call.url) : null;
  if (target === null || !isAsSafeAs(target, new URL(call.url))) {
    return invalidAnswer(call, "it holds no link to the rows");
  }
  return { tag: "called", value: { url: target.href } };
}

/** Rows that were asked for over TLS do not come without it, nor from anything but a server. */
function isAsSafeAs(link: URL, api: URL): boolean {
  return link.protocol === "https:" || (link.protocol === "http:" && api.protocol === "http:");
}

/** The link is the permission here as well. */
async function download(
  { transport }: CallPorts,
  { url }: DownloadLink,
): Promise<Called<HttpAnswer<AsyncIterable<Uint8Array>>>> {
  const request = { method: "GET", url, headers: {}, body: null, timeout_ms: CALL_MS_MAX } as const;
  const answer = await transport.stream(request);
  if (answer.tag === "answered" && answer.status === 200) return { tag: "called", value: answer };
  const what =
    answer.tag === "unreachable" ? answer.reason : `the store answered with status ${answer.status}`;
  const message = `The rows of the export could not be read: ${what}.`;
  const diagnostics = [diagnostic("export_not_received", { path: new URL(url).origin, message })];
  return { tag: "failed", status: null, lost: false, diagnostics };
}

/** The link is the permission, so nothing else that proves who asks is sent along. */
async function putUpload(
  { transport }: CallPorts,
  { link }: UploadTicket,
  source: ByteSource,
  abort: AbortSignal | undefined,
): Promise<Called<null>> {
  const { url, headers } = link;
  const request = { method: "PUT", url, headers, body: source, timeout_ms: UPLOAD_MS_MAX, abort } as const;
  const answer = await transport.send(request, CALL_MS_MAX);
  if (answer.tag === "unreachable") return uploadFailed(url, `it could not be sent: ${answer.reason}`);
  if (answer.status >= 200 && answer.status < 300) return { tag: "called", value: null };
  return uploadFailed(url, `the store answered with status ${answer.status}`);
}

function uploadFailed(url: string, what: string): Failed {
  const { origin } = new URL(url);
  const diagnostics: readonly Diagnostic[] = [
    diagnostic("upload_not_received", { path: origin, message: `The upload did not arrive: ${what}.` }),
  ];
  return { tag: "failed", status: null, lost: false, diagnostics };
}

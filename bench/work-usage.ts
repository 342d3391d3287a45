/** What counted work takes of AWS: one invocation of a function, with the requests that it was seen to make. Pure. */
import { ACCESS_LOG_DAYS } from "../infra/limits.ts";
import {
  ANSWER_MS,
  BUCKET_LOG_BYTES,
  GATEWAY_LOG_BYTES,
  INVOCATION_LOG_BYTES,
  KEPT_MONTHS,
  LEASE_ITEM_BYTES,
  LOG_KEPT_SHARE,
  LOG_LINE_BYTES,
  MESSAGE_REQUESTS,
  MONTH_HOURS,
  NOTICE_EMAILS,
  NOTICE_KEY_REQUESTS,
  PROCESSOR_MB,
  TRACED_SHARE,
} from "./cost-assumptions.ts";
import { sumOf, type Usage } from "./usage.ts";

const GB = 1e9;
const KIB = 1_024;
const MONTH_DAYS = MONTH_HOURS / 24;

/** What one piece of work was seen to do. */
export interface CountedWork {
  /** Calls by port and method, `store.get` for example. */
  readonly calls: ReadonlyMap<string, number>;
  /** The longest chain of calls in which each waits for the one before. */
  readonly chain: number;
  /** Processor time on the machine of the bench. */
  readonly cpu_ms: number;
  readonly bytes_written: number;
  readonly log_lines: number;
  readonly log_bytes: number;
  /** The record in the lease table, as JSON. */
  readonly lease_bytes: number;
}

/** How long a function of that memory works on it: its chain, each link an assumed answer, and its processor time. */
export function workMs({ chain, cpu_ms }: Pick<CountedWork, "chain" | "cpu_ms">, memoryMb: number): number {
  return chain * ANSWER_MS + processorMs(cpu_ms, memoryMb);
}

/** Processor time where a function has only a share of a processor. More than one is of no use to us. */
export function processorMs(cpuMs: number, memoryMb: number): number {
  return cpuMs * Math.max(1, PROCESSOR_MB / memoryMb);
}

export function gbSeconds(ms: number, memoryMb: number): number {
  return (ms / 1_000) * (memoryMb / 1_024);
}

/** One invocation that does the work: its time, its requests, its lines in the log, what it leaves behind. */
export function invocationUsage(work: CountedWork, memoryMb: number): Usage {
  const logged = INVOCATION_LOG_BYTES + work.log_bytes + work.log_lines * LOG_LINE_BYTES;
  return sumOf(requestUsage(work), logUsage(logged), {
    lambda_requests: 1,
    lambda_gb_s: gbSeconds(workMs(work, memoryMb), memoryMb),
    traces: TRACED_SHARE,
    s3_gb_months: (work.bytes_written / GB) * KEPT_MONTHS,
  });
}

/** The requests alone. A change of the lease reads and writes its item. */
export function requestUsage({ calls, lease_bytes }: Pick<CountedWork, "calls" | "lease_bytes">): Usage {
  return sumOf(...[...calls].map(([name, count]) => callUsage(name, count, lease_bytes)));
}

function callUsage(name: string, count: number, leaseBytes: number): Usage {
  const [port = "", method = ""] = name.split(".");
  switch (port) {
    case "store":
    case "records":
    case "clusters":
      return s3Usage(method, count);
    case "lease":
      return leaseUsage(method, count, leaseBytes + LEASE_ITEM_BYTES);
    case "applies":
    case "tasks":
      return { sqs_fifo_requests: count };
    case "notices":
      return {
        sns_requests: count,
        sns_emails: count * NOTICE_EMAILS,
        key_requests: count * NOTICE_KEY_REQUESTS,
      };
    default:
      throw new Error(`nothing is known of the price of ${name}`);
  }
}

/** Every request is a line in the bucket's access log, which is kept for a time. Removals are free. */
export function s3Usage(method: string, count: number): Usage {
  const logs = { s3_gb_months: ((count * BUCKET_LOG_BYTES) / GB) * (ACCESS_LOG_DAYS / MONTH_DAYS) };
  switch (method) {
    case "get":
    case "head":
      return { s3_reads: count, ...logs };
    case "list":
    case "putIfAbsent":
    case "replace":
      return { s3_writes: count, ...logs };
    case "remove":
      return logs;
    default:
      throw new Error(`nothing is known of the price of ${method}`);
  }
}

function leaseUsage(method: string, count: number, itemBytes: number): Usage {
  const reads = { dynamodb_reads: count * Math.ceil(itemBytes / (4 * KIB)) };
  if (method === "read" || method === "knows") return reads;
  return { ...reads, dynamodb_writes: count * Math.ceil(itemBytes / KIB) };
}

/** What one request to the gateway costs beside the function behind it. */
export function gatewayUsage(answerBytes: number): Usage {
  return sumOf({ gateway_requests: 1, gateway_gb_out: answerBytes / GB }, logUsage(GATEWAY_LOG_BYTES));
}

/** Receiving and deleting a message; who sends it pays for the sending. */
export function messageUsage(): Usage {
  return { sqs_fifo_requests: MESSAGE_REQUESTS };
}

/** Bytes that go into a log group, and a month of keeping them. */
export function logUsage(bytes: number): Usage {
  return { log_gb: bytes / GB, log_gb_months: (bytes / GB) * LOG_KEPT_SHARE };
}

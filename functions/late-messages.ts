/**
 * LateMessages: queues and notices whose clients are loaded with the first message, because most requests only read and
 * no function should read two more SDK clients to start.
 */
import type { WorkQueue } from "../lib/ports/work-queue.ts";
import type { MessageParts, Messages } from "./messages.ts";

export function lateMessages(parts: MessageParts): Messages {
  let opening: Promise<Messages> | null = null;
  const open = () => {
    opening ??= import("./messages.ts").then(({ openMessages }) => openMessages(parts));
    return opening;
  };
  return {
    applies: lateQueue(async () => (await open()).applies),
    tasks: lateQueue(async () => (await open()).tasks),
    notices: { publish: async (notice) => (await open()).notices.publish(notice) },
  };
}

function lateQueue(open: () => Promise<WorkQueue>): WorkQueue {
  return {
    send: async (request) => (await open()).send(request),
    receive: async (waitMs) => (await open()).receive(waitMs),
    acknowledge: async (receipt) => (await open()).acknowledge(receipt),
    extend: async (receipt, visibilityMs) => (await open()).extend(receipt, visibilityMs),
  };
}

/**
 * MemoryBackend: everything that one cluster keeps, in the memory of one process, for tests and for trying things
 * out. Several clients may be opened on one backend; they see each other's writes at once.
 */
import { EMPTY_LEASE_RECORD, type LeaseRecord } from "../ports/lease-record.ts";

export interface MemoryBackend {
  readonly objects: Map<string, Uint8Array>;
  lease: LeaseRecord;
}

/** A backend that holds nothing yet. */
export function createMemoryBackend(): MemoryBackend {
  return { objects: new Map(), lease: EMPTY_LEASE_RECORD };
}

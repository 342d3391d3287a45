/** The lock file as a fresh machine sees it: `npm ci` refuses a lock file that lacks a package of another platform. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

interface LockedPackage {
  readonly resolved?: string;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const lock: { readonly packages: Readonly<Record<string, LockedPackage>> } = JSON.parse(
  readFileSync(new URL("../package-lock.json", import.meta.url), "utf8"),
);

/** As Node finds a package: beside the one that asks, then beside each folder above it. */
function isLocked(parent: string, name: string): boolean {
  if (`${parent}/node_modules/${name}` in lock.packages) return true;
  const above = parent.lastIndexOf("/node_modules/");
  if (above >= 0) return isLocked(parent.slice(0, above), name);
  return `node_modules/${name}` in lock.packages;
}

describe("the lock file", () => {
  it("names the packages of every platform, also of those that it was not written on", () => {
    const missing = Object.entries(lock.packages).flatMap(([parent, { optionalDependencies }]) =>
      Object.keys(optionalDependencies ?? {}).filter((name) => !isLocked(parent, name)),
    );

    expect(missing).toEqual([]);
  });

  it("names no place to download from, so that every machine uses its own registry", () => {
    const resolved = Object.entries(lock.packages).filter(([, { resolved }]) => resolved !== undefined);

    expect(resolved.map(([name]) => name)).toEqual([]);
  });
});

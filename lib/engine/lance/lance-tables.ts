/**
 * Lance tables: the tables port kept in Lance datasets, in a folder or on an object store.
 *
 * Guarantees: the native module (0.3 s, 80 MB) is loaded by the first call and never by making or importing this, so
 * whoever touches no graph does not pay for it. Where it cannot be loaded, every call is `unavailable` and says why.
 * No call throws for what the outside world does.
 */
import type { TableOutcome, Tables } from "../tables.ts";
import { reasonOf, unavailable } from "./failure.ts";
import type { GraphStorage } from "./graph-storage.ts";

export interface LanceTablesOptions {
  /** An absolute folder or an `s3://bucket/prefix` address. */
  readonly root: string;
  /** What Lance does not do itself, below the same root. */
  readonly storage: GraphStorage;
  /** For object stores: endpoint, region and the like, as Lance names them. */
  readonly storage_options?: Readonly<Record<string, string>> | undefined;
}

/** Tables below a root. Making them does nothing yet. */
export function createLanceTables(options: LanceTablesOptions): Tables {
  const call = lazily(options);
  return {
    read: (position) => call((tables) => tables.read(position)),
    create: (path, columns) => call((tables) => tables.create(path, columns)),
    branch: (from, branch) => call((tables) => tables.branch(from, branch)),
    branches: (path) => call((tables) => tables.branches(path)),
    dropBranch: (path, branch) => call((tables) => tables.dropBranch(path, branch)),
    datasets: (prefix) => call((tables) => tables.datasets(prefix)),
    erase: (prefix) => call((tables) => tables.erase(prefix)),
  };
}

type Call = <T>(use: (tables: Tables) => Promise<TableOutcome<T>>) => Promise<TableOutcome<T>>;

function lazily(options: LanceTablesOptions): Call {
  let loading: Promise<Tables> | null = null;
  return async (use) => {
    let tables: Tables;
    try {
      loading ??= load(options);
      tables = await loading;
    } catch (error) {
      return unavailable(`Lance cannot be loaded on this platform: ${reasonOf(error)}`);
    }
    return use(tables);
  };
}

async function load(options: LanceTablesOptions): Promise<Tables> {
  const { siteTables } = await import("./lance-site-tables.ts");
  const root = options.root.replace(/\/+$/, "");
  return siteTables({ root, storage: options.storage, storage_options: options.storage_options ?? {} });
}

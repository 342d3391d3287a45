/** OpenEngine: what a function sees of the graphs of a cluster. */
import type { AwsSettings } from "../lib/aws/clients.ts";
import { createChainReader } from "../lib/engine/create-chain-reader.ts";
import type { EngineParts } from "../lib/engine/create-engine.ts";
import type { Engine } from "../lib/engine/engine.ts";
import type { GraphStorage } from "../lib/engine/lance/graph-storage.ts";

export interface EnginePlace extends Omit<EngineParts, "tables"> {
  readonly root: string;
  readonly storage: GraphStorage;
  readonly aws: AwsSettings;
}

export type OpenEngine = (place: EnginePlace) => Engine;

/** For functions that only look at manifests: they carry neither Lance nor the compilers of schemas. */
export const chainsOnly: OpenEngine = (place) => createChainReader(place);

/** Diagnostic codes of cluster.yaml and the files it names (spec/cluster 2.1). */
import type { CatalogueEntry } from "../catalogue-entry.ts";

const error = (summary: string, why: string, fix: string): CatalogueEntry => ({
  severity: "error",
  summary,
  why,
  fix,
});

const warning = (summary: string, why: string, fix: string): CatalogueEntry => ({
  severity: "warning",
  summary,
  why,
  fix,
});

const DOCUMENT_CODES = {
  config_dir_not_found: error(
    "The config folder does not exist.",
    "Every declared file is read from the config folder, so nothing can be loaded without it.",
    "Pass the folder that holds cluster.yaml with --config.",
  ),
  cluster_config_read_error: error(
    "cluster.yaml cannot be read.",
    "cluster.yaml declares every resource of the cluster, so nothing can be loaded without it.",
    "Run the command in the config folder, or name the folder with --config; its cluster.yaml must be readable and saved as UTF-8. `graphform init` writes a starter folder.",
  ),
  duplicate_yaml_key: error(
    "A key appears twice in the same mapping.",
    "One of the two values would be lost without a word, and nobody could tell which one is meant.",
    "Remove or rename one of the two keys.",
  ),
  future_phase_field: error(
    "A top-level key is reserved for a later version.",
    "The key has no meaning in version 1, and ignoring it would hide what its author expects.",
    "Remove the key.",
  ),
  removed_streaming_declaration: error(
    "The key streaming is no longer supported.",
    "Graphs have no streaming mode any more, and ignoring the key would hide that.",
    "Remove the key from the graph.",
  ),
  invalid_cluster_yaml: error(
    "cluster.yaml is not a valid cluster document.",
    "A document that is only partly understood could change or delete what its author did not mean.",
    "Correct the document at the position given.",
  ),
  unsupported_cluster_config_version: error(
    "The version of cluster.yaml is not supported.",
    "Another version may give the same keys another meaning.",
    "Write version: 1.",
  ),
  empty_metadata_name: error(
    "The cluster's name is blank.",
    "A blank label looks like a mistake in every listing.",
    "Give metadata.name a text, or remove it.",
  ),
  unsupported_state_backend: error(
    "The state backend is not supported.",
    "The ledger always lies in the storage root of the cluster; another place would be a second source of truth.",
    "Write backend: cluster, or remove the key.",
  ),
  invalid_storage_root: error(
    "The storage root is not valid.",
    "Every stored byte of the cluster lies below the storage root, so a wrong one would start an empty cluster.",
    "Write s3://bucket/prefix, an absolute path, or a path relative to the config folder.",
  ),
  source_path_outside: error(
    "A declared path leaves the config folder.",
    "A config folder that reads files elsewhere cannot be packed, reviewed or reproduced on another machine.",
    "Move the file into the config folder and declare its path relative to cluster.yaml.",
  ),
} as const satisfies Record<string, CatalogueEntry>;

const RESOURCE_CODES = {
  invalid_resource_id: error(
    "A name is not a legal resource id.",
    "Names become part of addresses and of paths in storage.",
    "Begin with an ASCII letter or an underscore; continue with letters, digits, underscores and hyphens.",
  ),
  graph_id_not_servable: warning(
    "A graph id cannot be served.",
    "The server refuses this id in its URLs, so the graph can be applied but not queried over HTTP.",
    "Rename the graph before it holds data: at most 64 characters, no underscore, not a name the server uses.",
  ),
  invalid_embedding_provider: error(
    "The kind of an embedding provider is unknown.",
    "Queries could not be embedded when the cluster is served.",
    "Use openai-compatible, openai, gemini or mock.",
  ),
  embedding_api_key_inline: error(
    "An API key is written into the config.",
    "Secrets must not enter config, plans, the ledger or logs.",
    `Write a reference to an environment variable, such as \${OPENROUTER_API_KEY}, and revoke the key if it was shared.`,
  ),
  embedding_api_key_required: error(
    "An embedding provider has no API key.",
    "Providers other than mock refuse requests without a key.",
    `Add api_key with a reference to an environment variable, such as \${OPENROUTER_API_KEY}.`,
  ),
  dangling_embedding_provider_reference: error(
    "A graph refers to an embedding provider that is not declared.",
    "The graph could not embed anything when it is served.",
    "Declare the provider under providers.embedding, or correct the name.",
  ),
  wrong_kind_reference: error(
    "A reference names another kind of resource than is allowed here.",
    "Only one kind of resource makes sense in this place.",
    "Write the bare name, or the address with the kind that this key expects.",
  ),
  invalid_external_blob_base: error(
    "A base for external blobs is not valid.",
    "The base decides which foreign files a graph may point to; an unclear one could allow more than is meant.",
    "Write s3://bucket/prefix/ or file:///absolute/folder/ without user, port, query, fragment or dot segments.",
  ),
  invalid_external_blob_policy: error(
    "Two bases for external blobs overlap.",
    "A blob below both bases would have two scopes.",
    "Keep the wider base, or make the bases disjoint.",
  ),
  external_blob_ingress_default_deny: warning(
    "A graph accepts no external blobs.",
    "Without external_blobs.allow every reference to a blob outside the graph is refused.",
    "Nothing, if the graph needs no external blobs; otherwise list their bases under external_blobs.allow.",
  ),
} as const satisfies Record<string, CatalogueEntry>;

const SOURCE_CODES = {
  schema_file_missing: error(
    "A schema file cannot be read.",
    "A graph cannot exist without its schema.",
    "Create the file as UTF-8 text, or correct the path.",
  ),
  schema_parse_error: error(
    "A schema does not parse.",
    "A graph cannot exist without a valid schema.",
    "Correct the schema at the position given.",
  ),
  schema_catalog_error: error(
    "A schema is not consistent.",
    "A graph cannot exist without a valid schema.",
    "Correct the schema at the position given.",
  ),
  query_dir_unreadable: error(
    "A query folder cannot be listed.",
    "Queries that cannot be found would be taken for deleted.",
    "Check the folder's permissions and the number of its files.",
  ),
  query_dir_empty: warning(
    "A query folder holds no query files.",
    "Only direct children whose name ends in .gq count.",
    "Add .gq files, or remove the entry.",
  ),
  query_file_missing: error(
    "A query file cannot be read.",
    "A stored query that cannot be read would be taken for deleted.",
    "Create the file as UTF-8 text, or correct the path.",
  ),
  query_parse_error: error(
    "A query file does not parse.",
    "Stored queries must be valid before they are applied.",
    "Correct the query file at the position given.",
  ),
  duplicate_query_name: error(
    "Two query declarations of a graph have the same name.",
    "A stored query is called by its name, so one of the two could never be reached.",
    "Rename one of the queries, or list the file only once.",
  ),
  query_key_mismatch: error(
    "A query file holds no declaration of the declared name.",
    "A stored query is called by the name of its declaration.",
    "Correct the key in cluster.yaml, or the name after the word query in the file.",
  ),
  query_typecheck_error: error(
    "A query does not fit the schema of its graph.",
    "The query would fail whenever it is called.",
    "Correct the query at the position given, or change the schema.",
  ),
  query_typecheck_skipped: warning(
    "A query was not checked.",
    "Its graph has no valid schema to check against.",
    "Correct the schema; the query is then checked.",
  ),
  policy_missing_applies_to: error(
    "A policy applies to nothing.",
    "A policy without a binding protects nothing, although it looks as if it did.",
    "List cluster, or the graphs that it protects, under applies_to.",
  ),
  dangling_graph_reference: error(
    "A policy refers to a graph that is not declared.",
    "The policy would protect nothing.",
    "Declare the graph under graphs, or correct the name.",
  ),
  policy_mixed_binding_kinds: error(
    "A policy is bound to the cluster and to a graph.",
    "Actions belong either to the server or to a graph, so one bundle cannot serve both.",
    "Split the policy into one for cluster and one for the graphs.",
  ),
  duplicate_policy_binding: error(
    "Two policies are bound to the same scope.",
    "Exactly one bundle decides in each scope.",
    "Merge the two bundles, or remove the scope from one of them.",
  ),
  policy_file_missing: error(
    "A policy file cannot be read.",
    "A policy that cannot be read would be taken for deleted.",
    "Create the file as UTF-8 text, or correct the path.",
  ),
  policy_invalid: error(
    "A policy bundle is not valid.",
    "A bundle that is only partly understood could allow what its author did not mean.",
    "Correct the policy file at the position given.",
  ),
} as const satisfies Record<string, CatalogueEntry>;

export const CONFIG_CODES = {
  ...DOCUMENT_CODES,
  ...RESOURCE_CODES,
  ...SOURCE_CODES,
} as const satisfies Record<string, CatalogueEntry>;

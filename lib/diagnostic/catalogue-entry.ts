/**
 * One row of the catalogue of diagnostic codes.
 *
 * `summary` never contains user-chosen names, so that the same problem always reads the same; `why` and `fix` are
 * full sentences and serve as defaults for every diagnostic of the code.
 */
export interface CatalogueEntry {
  readonly severity: "error" | "warning";
  readonly summary: string;
  readonly why: string;
  readonly fix: string;
}

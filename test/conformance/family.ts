/** What a family of conformance cases must offer to the runner. */
export interface ConformanceCase {
  readonly id: string;
}

export type CaseResult =
  | { readonly tag: "passed" }
  /** `detail` says what was expected and what was seen. */
  | { readonly tag: "failed"; readonly detail: string };

/** Runs one case; never throws for anything the case holds. */
export type RunCase = (testCase: ConformanceCase) => Promise<CaseResult>;

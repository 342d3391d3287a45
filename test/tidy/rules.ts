/** Every tidy rule. A rule that is not in this list does not run; the test of the list notices a file that is missing. */
import { bannedCalls } from "./banned-calls.ts";
import { codesAreReported, codesAreTested } from "./catalogue-usage.ts";
import { switchesAreClosed } from "./closed-unions.ts";
import { headerComment, noCommentedOutCode } from "./comments.ts";
import { noThrow, noWideTry } from "./exceptions.ts";
import { importEdges } from "./import-edges.ts";
import { invariantsAreTested } from "./invariants.ts";
import { limitsHaveAHome } from "./limits.ts";
import { noArrowCharacters, noMachines, noUnfinishedMarks } from "./marks.ts";
import { namesAreNouns, noBarrels } from "./names.ts";
import { packageEdges } from "./package-edges.ts";
import { portsAreContracts, portsHaveSuites } from "./ports.ts";
import { pureFolders } from "./pure-folders.ts";
import type { TidyRule } from "./rule.ts";
import { fileLength, functionLength } from "./sizes.ts";
import { noSkippedTests, testTitles } from "./test-titles.ts";
import { noAny, noBlindCasts, noSilencedChecks } from "./types.ts";

export const TIDY_RULES: readonly TidyRule[] = [
  importEdges,
  packageEdges,
  bannedCalls,
  pureFolders,
  functionLength,
  fileLength,
  noAny,
  noBlindCasts,
  noSilencedChecks,
  noThrow,
  noWideTry,
  switchesAreClosed,
  limitsHaveAHome,
  portsAreContracts,
  portsHaveSuites,
  headerComment,
  noCommentedOutCode,
  noUnfinishedMarks,
  noMachines,
  noArrowCharacters,
  namesAreNouns,
  noBarrels,
  codesAreReported,
  codesAreTested,
  invariantsAreTested,
  testTitles,
  noSkippedTests,
];

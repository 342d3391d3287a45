/**
 * CompilerVersion: which judgement of schemas and queries a kept compilation is (design 3, 12).
 *
 * It rises with every change that lets another set of texts pass without a diagnostic, or that gives a passing query
 * other facts or another declaration digest; what earlier versions kept is then compiled again. A test compares the
 * output of the compiler over a fixed sample with the golden file of this version, so that a forgotten rise is noticed.
 */
export const COMPILER_VERSION = 1;

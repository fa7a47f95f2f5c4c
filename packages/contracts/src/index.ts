/**
 * What services say to each other: subjects, the shape of every message and record, and the errors that callers branch on.
 * It must never know how anything is carried, stored or decided.
 */
export * from "./demand.ts";
export * from "./errors.ts";

/** Records and messages as tests of answers, screens and services need them. */
export * from "./records.fixture.ts";

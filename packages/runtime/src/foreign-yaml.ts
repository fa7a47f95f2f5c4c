import { sentenceOf } from "@kubestack/contracts";
import { type Document, isScalar, visit } from "yaml";
import { readYamlText } from "./yaml-text.ts";

/** What a text of another program's says, or why it can't be read, as one sentence without a full stop. */
export type ForeignYaml = { readonly value: unknown } | { readonly fault: string };

/** A text of another program's may be at most this long, in characters. */
export const longestForeignText = 4 * 1024 * 1024;
/** With its aliases followed it may have so many values, in so many levels. */
const mostValues = 200_000;
const mostLevels = 64;

/**
 * Reads one YAML or JSON document that was written for a reader of YAML 1.1: `<<` takes in another map, and `0755` is octal.
 * What it gives is plain JSON: maps, lists, texts, finite numbers, truth values and null. Never raises.
 */
export function readForeignYaml(text: string): ForeignYaml {
  if (text.length > longestForeignText) return { fault: "is longer than 4 MiB; take the part that matters out of it" };
  const read = readYamlText(text, { mergesKeys: true });
  if ("faults" in read) {
    const [{ line, column, words }] = read.faults;
    return { fault: `is no YAML: line ${line}, column ${column}: ${words}` };
  }
  let value: unknown;
  try {
    readOctals(read.document);
    value = read.document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    return { fault: `has aliases that can't be followed (${sentenceOf(error)})` };
  }
  const counted = { left: mostValues };
  if (!isWithin(value, mostLevels, counted))
    return {
      fault: `has more than ${mostValues} values or ${mostLevels} levels, or one that is no JSON; take the part that matters out of it`,
    };
  return { value };
}

/** YAML 1.2 takes `0755` for seven hundred and fifty-five; whoever writes it means the mode of a file. */
function readOctals(document: Document.Parsed): void {
  visit(document, {
    Scalar(_, node) {
      if (isScalar(node) && typeof node.value === "number" && /^0[0-7]+$/.test(node.source ?? ""))
        node.value = Number.parseInt(node.source ?? "", 8);
    },
  });
}

function isWithin(value: unknown, levels: number, counted: { left: number }): boolean {
  counted.left -= 1;
  if (counted.left < 0 || levels < 0) return false;
  if (typeof value === "number") return Number.isFinite(value);
  if (typeof value !== "object") return typeof value === "string" || typeof value === "boolean";
  if (value === null) return true;
  if (Array.isArray(value)) return value.every((one) => isWithin(one, levels - 1, counted));
  if (Object.getPrototypeOf(value) !== Object.prototype) return false;
  return Object.values(value).every((one) => isWithin(one, levels - 1, counted));
}

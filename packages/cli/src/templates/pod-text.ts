import type { Json, JsonMap } from "@kubestack/templates";
import { stringify } from "yaml";
import { paint } from "../text/paint.ts";
import { widthOf } from "../text/width.ts";

/** Where a value is in a pod: names of fields and positions in lists. */
export type Place = readonly (string | number)[];

/** What is to be said of the value at a place; undefined: nothing. */
export type Remark = (at: Place) => string | undefined;

/** How wide the text may become for its remarks, and whether those are dimmed. */
export interface PodTextOptions {
  readonly remark?: Remark;
  readonly width: number | undefined;
  readonly colour: boolean;
}

interface Line {
  readonly text: string;
  readonly remark: string | undefined;
}

/** Where there is no terminal, remarks are put as for one of so many cells. */
const usualWidth = 100;
const gap = 3;

/**
 * A pod as YAML: fields in alphabetical order, as kubectl prints them, but `name` first. Remarks stand at the ends of the lines, below
 * each other as far as the width allows.
 */
export function podText(pod: JsonMap, { remark = () => undefined, width, colour }: PodTextOptions): string {
  const lines = mapLines(pod, { indent: "", at: [], remark });
  const longest = Math.max(0, ...lines.map((line) => widthOf(line.remark ?? "")));
  const most = (width ?? usualWidth) - longest - gap - "# ".length;
  const column = Math.max(
    0,
    ...lines.filter((line) => line.remark !== undefined && widthOf(line.text) <= most).map(({ text }) => widthOf(text)),
  );
  return lines
    .map((line) => {
      if (line.remark === undefined) return line.text;
      const blanks = " ".repeat(Math.max(0, column - widthOf(line.text)) + gap);
      return `${line.text}${blanks}${paint(`# ${line.remark}`, "dim", colour)}`;
    })
    .map((text) => `${text}\n`)
    .join("");
}

/** The same pod with its fields in the order in which they are printed. */
export function inPrintOrder(value: Json): Json {
  if (isList(value)) return value.map(inPrintOrder);
  if (!isMap(value)) return value;
  return Object.fromEntries(fieldsOf(value).map(([name, within]) => [name, inPrintOrder(within)]));
}

interface Spot {
  readonly indent: string;
  readonly at: Place;
  readonly remark: Remark;
}

function mapLines(map: JsonMap, spot: Spot): Line[] {
  return fieldsOf(map).flatMap(([name, value]) => {
    const at = [...spot.at, name];
    const within = partsOf(value, { ...spot, indent: `${spot.indent}  `, at });
    if (within === undefined) return scalarLines({ [name]: value }, { ...spot, at });
    return [{ text: `${spot.indent}${keyText(name)}`, remark: spot.remark(at) }, ...within];
  });
}

function listLines(list: readonly Json[], spot: Spot): Line[] {
  return list.flatMap((value, position) => {
    const at = [...spot.at, position];
    const [first, ...rest] = partsOf(value, { ...spot, indent: `${spot.indent}  `, at }) ?? [];
    if (first === undefined) return scalarLines([value], { ...spot, at });
    const text = `${spot.indent}- ${first.text.slice(spot.indent.length + 2)}`;
    return [{ text, remark: spot.remark(at) ?? first.remark }, ...rest];
  });
}

/** The lines of what has parts; undefined: it is one whole. */
function partsOf(value: Json, spot: Spot): Line[] | undefined {
  if (isMap(value) && Object.keys(value).length > 0) return mapLines(value, spot);
  return isList(value) && value.length > 0 ? listLines(value, spot) : undefined;
}

function scalarLines(value: JsonMap | readonly Json[], { indent, at, remark }: Spot): Line[] {
  const lines = stringify(value, { lineWidth: 0 }).replace(/\n$/, "").split("\n");
  return lines.map((line, number) => ({
    text: line === "" ? "" : `${indent}${line}`,
    // Within a text of several lines it would be part of the text.
    remark: number === 0 ? remark(at) : undefined,
  }));
}

function keyText(name: string): string {
  return stringify({ [name]: 0 }, { lineWidth: 0 }).replace(/ 0\n$/, "");
}

function fieldsOf(map: JsonMap): [name: string, value: Json][] {
  const rank = ([name]: [string, Json]): string => (name === "name" ? "" : name);
  return Object.entries(map).sort((a, b) => (rank(a) < rank(b) ? -1 : 1));
}

function isMap(value: Json): value is JsonMap {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

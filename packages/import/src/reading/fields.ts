import { isMap, type Json, type JsonMap } from "@kubestack/templates";
import type { Place } from "../report/report.ts";

/** Reads the value of a field, keeps what it says and tells what becomes of it. */
export type FieldReader = (value: Json, place: Place) => void;
/** Readers by the names of fields. */
export type Fields = Readonly<Record<string, FieldReader>>;

/** Reads a map by a table: each field is told, the unknown ones too. What is null says nothing. */
export function readFields(value: Json, place: Place, fields: Fields): void {
  if (!isMap(value)) {
    place.lost("must be a map with keys; it was not read");
    return;
  }
  if (Object.keys(value).length === 0) place.exact("says nothing");
  for (const [name, inner] of Object.entries(value)) {
    const at = place.inner(name);
    const reader = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (reader === undefined) at.lost("no key of the plugin's that is known here; it was not read");
    else if (inner === null || inner === "") at.exact("says nothing");
    else reader(inner, at);
  }
}

/** Reads a list; what is no list is told. A single map is taken for a list of one. */
export function readList(value: Json, place: Place, read: FieldReader): void {
  if (isMap(value)) read(value, place);
  else if (!Array.isArray(value)) place.lost("must be a list; it was not read");
  else if (value.length === 0) place.exact("is empty");
  else value.forEach((one: Json, at) => void read(one, place.inner(at)));
}

/** A text, or what YAML took for a number or a truth value. Jenkins' `^${` stands for `${`. */
export function textOf(value: Json): string | undefined {
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  return typeof value === "string" ? value.replaceAll("^${", "${") : undefined;
}

/** A whole number, also where it is written as a text. */
export function integerOf(value: Json): number | undefined {
  const number = typeof value === "string" && /^\s*[-+]?\d{1,15}\s*$/.test(value) ? Number(value) : value;
  return typeof number === "number" && Number.isSafeInteger(number) ? number : undefined;
}

const flags: Readonly<Record<string, boolean>> = {
  true: true,
  yes: true,
  on: true,
  false: false,
  no: false,
  off: false,
};

/** A truth value, also in the words of YAML 1.1. */
export function flagOf(value: Json): boolean | undefined {
  return typeof value === "boolean" ? value : flags[String(textOf(value)).toLowerCase()];
}

/** A variable that Jenkins fills in when it reads its configuration, or the plugin when it makes a pod. */
export function variableIn(text: string): string | undefined {
  return /\$\{(?!computer\.)[^}]*\}/.exec(text)?.[0];
}

/** A reader of a text: `keep` keeps it, and says what it is now. */
export function text(keep: (value: string, place: Place) => void): FieldReader {
  return (value, place) => {
    const read = textOf(value);
    if (read === undefined) place.lost("must be a text; it was not read");
    else keep(read, place);
    const variable = read === undefined ? undefined : variableIn(read);
    if (variable !== undefined)
      place.changed(`${variable} is Jenkins' to fill in, and stands as it is: write what it comes to`);
  };
}

/** A reader of a whole number. */
export function integer(keep: (value: number, place: Place) => void): FieldReader {
  return (value, place) => {
    const read = integerOf(value);
    if (read === undefined) place.lost("must be a whole number; it was not read");
    else keep(read, place);
  };
}

/** A reader of a truth value. */
export function flag(keep: (value: boolean, place: Place) => void): FieldReader {
  return (value, place) => {
    const read = flagOf(value);
    if (read === undefined) place.lost("must be true or false; it was not read");
    else keep(read, place);
  };
}

/** A reader of what needs nothing here, whatever it says. */
export function lost(why: string): FieldReader {
  return (_, place) => place.lost(why);
}

/** A reader of what the plugin itself does nothing with, or KubeStack does anyway. */
export function without(verdict: "exact" | "changed", why: string): FieldReader {
  return (_, place) => place.say(verdict, why);
}

/** The map without what is undefined. */
export function said(fields: Readonly<Record<string, Json | undefined>>): JsonMap {
  return Object.fromEntries(
    Object.entries(fields).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  );
}

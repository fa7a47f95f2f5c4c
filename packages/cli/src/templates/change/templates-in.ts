import { KubestackError, type WrittenTemplate } from "@kubestack/contracts";
import { readYamlValue } from "@kubestack/runtime";

/** NATS carries a message of at most 1 MiB. */
const mostCharacters = 900 * 1024;

/** The templates in a text: one, a list of them, or the key `templates` of a configuration. Raises `invalid-config`. */
export function templatesIn(text: string, file: string): WrittenTemplate[] {
  if (text.length > mostCharacters) throw wrong(`${file} is longer than 900 KiB; apply it in parts.`);
  const read = readYamlValue(text);
  if ("faults" in read) {
    const [fault] = read.faults;
    throw wrong(`${file}, line ${fault?.line}, column ${fault?.column}: ${fault?.words}; correct the YAML.`);
  }
  const templates = listIn(read.value);
  if (templates.length > 0 && templates.every(isMap)) return templates;
  throw wrong(
    `${file} must hold a template, a list of them, or a key templates with one; write each as an entry of templates:.`,
  );
}

function listIn(value: unknown): unknown[] {
  if (Array.isArray(value)) return value;
  if (!isMap(value)) return [];
  return Array.isArray(value.templates) ? value.templates : [value];
}

function isMap(value: unknown): value is WrittenTemplate {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function wrong(sentence: string): KubestackError {
  return new KubestackError("invalid-config", sentence, { retry: "never" });
}

import type { TemplateFault } from "@kubestack/contracts";
import { printPath, showValue } from "@kubestack/runtime";
import { type BookFault, originWord, toldOrigin } from "@kubestack/templates";

/** `ConfigMap team-a/ci, key maven.yaml, [2].memory = lots: is no quantity; …`. */
export function toldFault({ origin, place, template, path, message, value }: BookFault): TemplateFault {
  const stands = showValue(value, path);
  const shown = path.length === 0 || stands === undefined ? "" : ` = ${stands}`;
  const at = `${place}${place === "" || path.length === 0 ? "" : "."}${printPath(path)}`;
  const named = template === null ? "" : `template ${template} `;
  const sentence = `${named}(${toldOrigin(origin)}${at === "" ? "" : `, ${at}`}${shown}) ${message}`;
  // Whoever wrote it may have put anything there; people read it at a terminal.
  return { from: originWord(origin), template, sentence: sentence.replace(/\p{Cc}/gu, " ") };
}

import type { WantedLabel } from "@kubestack/contracts";
import { childOf, readXml, type XmlElement } from "./xml.ts";

/** What a job's config.xml says about the label it asks for; `inherits` names the job (Hudson's cascading) to look at instead. */
export type JobConfigLabel = WantedLabel | { readonly kind: "inherits"; readonly from: string };

const longestExpression = 4096;

/**
 * Reads `assignedNode` and `canRoam` as Jenkins and old masters write them, and Hudson 3's project property:
 *
 *     project-properties / entry / string = appointedNode
 *                                / base-property / originalValue / nodeName, canRoam
 *                                                / propertyOverridden
 *
 * (seen on Hudson 3.3.2: it writes this form at the first save; a job that was sent over HTTP keeps the old one till then.)
 */
export function labelOfConfig(xml: string): JobConfigLabel {
  const root = readXml(xml);
  if (root === null) return unknown("its config.xml cannot be read");
  if (root.name === "flow-definition") return unknown("a pipeline names its labels in its script");
  const properties = childOf(root, "project-properties");
  const appointed = properties?.children.find((entry) => textOf(entry, "string") === "appointedNode");
  if (appointed !== undefined) {
    const value = childOf(childOf(appointed, "base-property"), "originalValue");
    return labelFrom(value ?? appointed);
  }
  if (textOf(root, "assignedNode") !== "") return labelFrom(root);
  const parent = textOf(root, "cascadingProjectName");
  if (parent !== "") return { kind: "inherits", from: parent };
  // Hudson stores no entry for a job without a label, whatever stands in the old element beside it.
  if (properties !== undefined) return { kind: "any" };
  return labelFrom(root);
}

function labelFrom(holder: XmlElement): WantedLabel {
  if (textOf(holder, "canRoam") === "true") return { kind: "any" };
  const expression = textOf(holder, "assignedNode") || textOf(holder, "nodeName");
  if (expression === "") return unknown("it is tied to the master's own executors");
  if (expression.length > longestExpression) return unknown("its label expression is too long");
  return { kind: "expression", expression };
}

function unknown(because: string): WantedLabel {
  return { kind: "unknown", because };
}

function textOf(element: XmlElement, name: string): string {
  return childOf(element, name)?.text.trim() ?? "";
}
